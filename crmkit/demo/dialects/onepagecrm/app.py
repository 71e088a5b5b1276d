"""OnePageCRM's API v3 as an application: authorisation, envelope, status codes and errors as documented."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from threading import Lock

from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from crmkit.demo.clock import NOW
from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm import truth
from crmkit.demo.dialects.onepagecrm.query import DATING, Listing, apart, by_column, dated, ordered, page
from crmkit.demo.dialects.onepagecrm.reads import Ask, Read, Reads
from crmkit.demo.dialects.onepagecrm.writes import WRITE_ONLY
from crmkit.demo.dialects.onepagecrm.writing import Write, Writes
from crmkit.demo.wsgi import App, Asked, Refused, Reply

_ERRORS = {
    400: ("Bad request", "invalid_request"),
    401: ("Authorization data not found", "authorization_data_not_found"),
    403: ("Forbidden", "forbidden"),
    404: ("Resource not found", "resource_not_found"),
    405: ("Method not allowed", "method_not_allowed"),
    409: ("Conflict", "conflict"),
}


class OnePageCRM(App):
    """Answers from the club's sponsoring. accounts: what each of the four users gets in with."""

    crm = "onepagecrm"
    mount = base = "/onepagecrm/api/v3"
    headers = frozenset(("authorization",))
    vendor_limits = ((10, 2.0),)
    paths: Mapping[str, str] = {
        "first_name": "first_name",
        "last_name": "last_name",
        "birth_date": "custom_fields[].value",
        "birth_place": "custom_fields[].value",
        "email": "emails[].value",
        "phone": "phones[].value",
        "street": "address_list[].address",
        "postal_code": "address_list[].zip_code",
        "city": "address_list[].city",
    }

    def __init__(self, club: Club) -> None:
        self.reads = Reads(club)
        rules = [Rule(path, endpoint=read, methods=["GET"]) for path, read in self.reads.table().items()]
        self.writes = Writes(self.reads.account, self.reads.lists)
        rules += [Rule(path, endpoint=write, methods=["PUT"]) for path, write in self.writes.table().items()]
        super().__init__(rules + [Rule(path, endpoint=None) for path in WRITE_ONLY])
        rng = club.random("onepagecrm:key")
        # A key may hold all of + / =, which breaks whoever does not encode it.
        keys = [f"demo+/{base64.b64encode(rng.randbytes(24)).decode()}=" for _ in self.reads.account.register.seller]
        pairs = zip(self.reads.account.register.seller, keys, strict=True)
        self.accounts = [{"user_id": user_id, "api_key": key} for user_id, key in pairs]
        self._building = Lock()  # What is built at first use is built once, whoever asks first.
        self._caller: ContextVar[str] = ContextVar("caller")

    def credentials(self) -> dict[str, str]:
        """The id and key of the account's owner."""
        return dict(self.accounts[0])

    def authorise(self, request: Request) -> None:
        """HTTP Basic with a user's id and key."""
        word, _, given = request.headers.get("Authorization", "").partition(" ")
        try:
            user_id, _, key = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user_id = key = ""
        if word != "Basic" or {"user_id": user_id, "api_key": key} not in self.accounts:
            raise Refused(401, "Cannot find suitable authorization data or data provided is not complete.")
        self._caller.set(user_id)

    def parameters(self, endpoint: Read | Write) -> frozenset[str]:
        """Filters, sorting, dates and paging, each where the document has them."""
        return endpoint.parameters

    def refusal(self, refused: Refused) -> Reply:
        """The error object; status repeats the code, errors says which parameter was wrong."""
        message, name = _ERRORS.get(refused.status, ("Error", "error"))
        content = {
            "status": refused.status,
            "message": message,
            "error_name": name,
            "error_message": refused.detail,
            "errors": getattr(refused, "errors", {}),
        }
        return Reply.json(content, refused.status)

    def throttled(self, wait: float) -> Reply:
        """Forbidden, in plain text."""
        return Reply(403, b"Rate limit exceeded, please slow down.", "text/plain")

    def answer(self, asked: Asked) -> Reply:
        """Look up, narrow, sort and page, or write, and put it into the envelope."""
        for names in asked.endpoint.apart if isinstance(asked.endpoint, Read) else ():
            apart(asked.query, *names)
        try:
            with self._building:
                data, top = self._found(asked.endpoint, asked)
        except KeyError:
            raise Refused(404, f"Nothing is found at {asked.path}.") from None
        envelope = {"status": 0, "message": "OK", "timestamp": int(NOW.timestamp()), "data": data}
        return Reply.json({**envelope, **top})

    def _found(self, read: Read | Write, asked: Asked) -> tuple[object, Mapping[str, object]]:
        """The content of data, and what stands beside it."""
        if isinstance(read, Write):
            return read.call(Ask(self._caller.get(), asked.query), asked.body, read.kind, **asked.values), {}
        found = read.call(Ask(self._caller.get(), asked.query), **asked.values)
        if isinstance(found, Listing):
            return page(_arranged(read, found, asked.query), asked.query)
        return found if isinstance(found, tuple) else (found, {})

    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """OnePageCRM's rows of a truth."""
        return truth.rows(self.reads.account, name)


def _arranged(read: Read, listing: Listing, query: Mapping[str, str]) -> Listing:
    """In the window of time and the order asked for; contacts filtered by time come newest first."""
    if not (read.sorts or read.dates):
        return listing
    entries = dated(list(listing.entries), query, read.dates)
    if listing.plural == "contacts" and "sort_by" not in query and DATING & query.keys():
        column = query.get("date_filter", "modified_at")
        entries = by_column(entries, column, down=True)
    entries = ordered(entries, query, read.sorts)
    return replace(listing, entries=entries)
