"""Peepl's admin API as an application: authorisation, paging, status codes and errors as documented."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

from werkzeug.routing import BaseConverter, Rule, ValidationError
from werkzeug.wrappers import Request

from crmkit.demo.club import Club
from crmkit.demo.dialects.peepl import truth
from crmkit.demo.dialects.peepl.reads import Listing, Reads
from crmkit.demo.dialects.peepl.writes import Write, Writes
from crmkit.demo.wsgi import App, Asked, Refused, Reply

_PRODUCTION = "http://api.peepl.io/v1/admin"
_PAGE_SIZE = 10
# Paths that the document names for writing only, and whose writes are not taken: here every method is refused.
_WRITE_ONLY = (
    "/contacts/<int:id>/<any(emailaddresses,educations,companypositions,customfieldvalues):part>/",
    "/contacts/<int:id>/<any(educations,companypositions):part>/<int:of>/",
    "/organisations/<int:id>/<any(emailaddresses,customfieldvalues):part>/",
    "/address_types/<int:id>/",
    "/activities/<any(internal,external,sale,announcement):kind>/",
    "/activities/<int:id>/",
    "/activities/<int:id>/attachments/upload/",
    "/activities/<int:id>/products/<int:product>/",
    "/activities/<int:id>/products/<int:product>/productprices/<int:price>/",
)


class _Day(BaseConverter):
    """yyyymmdd."""

    regex = r"[0-9]{8}"

    def to_python(self, value: str) -> date:
        try:
            return datetime.strptime(value.replace("-", ""), "%Y%m%d").date()
        except ValueError:
            raise ValidationError from None


class _AnyDay(_Day):
    """yyyymmdd, or with dashes, since the document gives activity dates no format."""

    regex = r"[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class _Read:
    """How a path is answered."""

    call: Callable[..., object]
    paged: bool = False
    status: int = 200
    takes_body: bool = False


class Peepl(App):
    """Answers from the club's register."""

    crm = "peepl"
    mount = base = "/peepl/v1/admin"
    headers = frozenset(("authorization",))
    vendor_limits = ((100, 60.0),)
    paths: Mapping[str, str] = {
        "first_name": "first_name",
        "last_name": "last_name",
        "birth_date": "birth_date",
        "birth_place": "birth_place",
        "email": "email",
        "phone": "custom_fields[].string_value",
        "street": "address[].street1",
        "postal_code": "address[].postal_code",
        "city": "address[].city",
    }

    def __init__(self, club: Club) -> None:
        self.reads = Reads(club)
        rules = [Rule(path, endpoint=_Read(call, paged=True), methods=["GET"]) for path, call in self.reads.paged().items()]
        rules += [Rule(path, endpoint=_Read(call), methods=["GET"]) for path, call in self.reads.whole().items()]
        rules += [Rule(path, endpoint=_Read(call, status=201), methods=["GET"]) for path, call in self.reads.created().items()]
        search = _Read(self.reads.searched, paged=True, status=201, takes_body=True)
        rules.append(Rule("/contacts/search/", endpoint=search, methods=["POST"]))
        self._writes, self._writing = Writes(self.reads.register), Lock()
        rules += [Rule(path, endpoint=write, methods=["PUT"]) for path, write in self._writes.table().items()]
        rules += [Rule(path, endpoint=None) for path in _WRITE_ONLY]
        super().__init__(rules, {"day": _Day, "anyday": _AnyDay})
        self._token = f"{club.random('peepl:token').getrandbits(160):040x}"

    def credentials(self) -> dict[str, str]:
        """The token."""
        return {"token": self._token}

    def authorise(self, request: Request) -> None:
        """Only the word Token and the token, in the Authorization header."""
        given = request.headers.get("Authorization")
        if given is None:
            raise Refused(401, "Authentication credentials were not provided.")
        if given != f"Token {self._token}":
            raise Refused(401, "Invalid token.")

    def parameters(self, endpoint: _Read | Write) -> frozenset[str]:
        """Paging for lists that are paged, nothing else: no read has a filter."""
        return frozenset(("limit", "offset")) if isinstance(endpoint, _Read) and endpoint.paged else frozenset()

    def refusal(self, refused: Refused) -> Reply:
        """An object with the reason under detail."""
        headers = {"WWW-Authenticate": "Token"} if refused.status == 401 else {}
        return Reply.json({"detail": refused.detail}, refused.status, headers)

    def answer(self, asked: Asked) -> Reply:
        """Look up, page where the list is paged, give the documented status."""
        if isinstance(asked.endpoint, Write):
            return self._written(asked, asked.endpoint)
        read: _Read = asked.endpoint
        try:
            found = read.call(asked.body) if read.takes_body else read.call(**asked.values)
        except KeyError:
            found = None
        if found is None:
            raise Refused(404, "Not found.")
        if isinstance(found, Listing):
            found = self._page(asked, found)
        return Reply.json(found, read.status)

    def _written(self, asked: Asked, write: Write) -> Reply:
        """One write at a time; what a search found before may not be true any more."""
        try:
            with self._writing:
                found = write.call(asked.body, **asked.values)
                self.reads.search.cache_clear()
        except KeyError:
            raise Refused(404, "Not found.") from None
        return Reply(200, b"") if found is None else Reply.json(found)

    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """Peepl's rows of a truth."""
        register, activities = self.reads.register, self.reads.activities
        match name:
            case "groups":
                return truth.groups(register)
            case "memberships":
                return truth.memberships(register)
            case "segments":
                return truth.segments(register)
            case "attendance":
                return truth.attendance(activities)
        return ()

    def _page(self, asked: Asked, listing: Listing) -> object:
        """One page of a list; a limit over ten acts as ten, as the document says."""
        limit = min(_number(asked, "limit", _PAGE_SIZE), _PAGE_SIZE)
        offset = _number(asked, "offset", 0)

        def link(start: int) -> str:
            return f"{_PRODUCTION}{asked.path}?limit={limit}" + (f"&offset={start}" if start > 0 else "")

        count = len(listing.entries)
        return {
            "count": count,
            "next": link(offset + limit) if offset + limit < count else None,
            "previous": link(offset - limit) if offset > 0 else None,
            "results": [listing.render(entry) for entry in listing.entries[offset : offset + limit]],
        }


def _number(asked: Asked, name: str, otherwise: int) -> int:
    """A paging parameter; what is no number, negative, or a limit of 0 is refused rather than guessed at."""
    text = asked.query.get(name)
    if text is None:
        return otherwise
    if not re.fullmatch("[0-9]{1,18}", text) or (name == "limit" and int(text) == 0):
        raise Refused(400, f"{name}={text} is not documented: {name} is a whole number.")
    return int(text)
