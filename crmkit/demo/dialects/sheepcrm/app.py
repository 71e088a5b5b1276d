"""sheepCRM's API v2 as an application: bearer keys, rights, paging without totals, and errors as documented."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from threading import RLock

from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from crmkit.demo.club import Club
from crmkit.demo.dialects.sheepcrm import truth
from crmkit.demo.dialects.sheepcrm.asking import Query, Wrong
from crmkit.demo.dialects.sheepcrm.ids import BUCKET
from crmkit.demo.dialects.sheepcrm.reads import MEDIA, Listing, Read, Reads
from crmkit.demo.dialects.sheepcrm.writes import WRITE_ONLY
from crmkit.demo.dials import Dials
from crmkit.demo.wsgi import App, Asked, Refused, Reply

_ERRORS = {
    400: ("Bad request", "validation_error"),
    401: ("Unauthorised", "authentication_error"),
    403: ("Forbidden", "permission_error"),
    404: ("Not found", "not_found"),
    405: ("Method not allowed", "method_not_allowed"),
    429: ("Too many requests", "rate_limit"),
}
_LIMIT = "{left}, 400;window=60, 1000;window=3600"


class _NoKey(Refused):
    """No credential at all."""


class SheepCRM(App):
    """Answers from the club's office. accounts: a key with all rights, and one that lacks every right that has a name."""

    crm = "sheepcrm"
    mount = base = "/sheepcrm"
    headers = frozenset(("authorization", "application"))
    vendor_limits = ((400, 60.0), (1000, 3600.0))
    paths: Mapping[str, str] = {
        "first_name": "first_name",
        "last_name": "last_name",
        "birth_date": "date_of_birth",
        "birth_place": "place_of_birth",
        "email": "primary_email",
        "phone": "primary_telephone",
        "street": "street_address",
        "postal_code": "postal_code",
        "city": "locality",
    }

    def __init__(self, club: Club) -> None:
        self.reads = Reads(club, self.mount)
        rules = [Rule(path, endpoint=read, methods=["GET"]) for path, read in self.reads.table().items()]
        rules += [Rule(path, endpoint=write, methods=["PUT"]) for path, write in self.reads.writes().items()]
        super().__init__(rules + [Rule(path, endpoint=None) for path in WRITE_ONLY])
        rng = club.random("sheepcrm:key")
        self.accounts = [{"api_key": f"sheep-demo-{rng.getrandbits(160):040x}", "bucket": BUCKET} for _ in range(2)]
        self._building = RLock()  # What is built at first use is built once, whoever asks first.
        self._caller: ContextVar[str] = ContextVar("caller")
        self._dials = Dials()

    def turned(self, dials: Dials) -> None:
        """Note the cap on pages, which parts are there, and what a bad key gets."""
        self._dials = dials

    def credentials(self) -> dict[str, str]:
        """The key with all rights, and the bucket."""
        return dict(self.accounts[0])

    def authorise(self, request: Request) -> None:
        """A bearer key; pictures lie open, as in the vendor's store of files."""
        if request.path.startswith(f"{self.mount}{MEDIA}/"):
            return
        given = request.headers.get("Authorization")
        if given is None:
            raise _NoKey(401, "")
        word, _, key = given.partition(" ")
        if word != "Bearer" or key not in [account["api_key"] for account in self.accounts]:
            raise Refused(self._dials.bad_key, "The key is not valid.")
        self._caller.set(key)

    def parameters(self, endpoint: Read) -> frozenset[str]:
        """Those of the sheet's table."""
        return endpoint.parameters

    def repeatable(self, endpoint: Read) -> frozenset[str]:
        """Only the list of fieldsets."""
        return endpoint.parameters & {"fieldset"}

    def takes_body(self, endpoint: Read, method: str) -> bool:
        """Everything is in the path or the query, of writes too."""
        return False

    def refusal(self, refused: Refused) -> Reply:
        """Three texts; for a parameter or a key, error is an object; without any key there is no body."""
        error, kind = _ERRORS.get(refused.status, ("Error", "error"))
        content: dict[str, object] = {"description": refused.detail, "error": error, "type": kind}
        if isinstance(refused, _NoKey):
            return Reply(401, b"", "text/html", {"WWW-Authenticate": "Bearer"})
        if isinstance(refused, Wrong):
            content["error"] = {"param": refused.param, "message": refused.message}
        elif refused.status == 401:
            content = {"error": {"message": refused.detail}}
        return Reply.json(content, refused.status)

    def throttled(self, wait: float) -> Reply:
        """The limits, nothing left, and seconds until it starts anew."""
        headers = {
            "x-rate-limit-limit": _LIMIT.format(left=400),
            "x-rate-limit-remaining": _LIMIT.format(left=0),
            "x-rate-limit-reset": str(math.ceil(wait)),
        }
        refused = self.refusal(Refused(429, "Too many calls; wait until the limit resets."))
        return Reply(refused.status, refused.body, refused.content_type, headers)

    def answer(self, asked: Asked) -> Reply:
        """Check bucket and right, look up, and page where the list is paged."""
        read: Read = asked.endpoint
        values = dict(asked.values)
        if values.pop("bucket") != BUCKET:
            raise Refused(403, "The key has no rights in this bucket.")
        self._allow(read)
        query = Query(asked.query, asked.lists)
        try:
            with self._building:
                found = read.call(query, **values)
                if isinstance(found, Listing):
                    found = self._page(query, found)
        except KeyError:
            raise Refused(404, f"Nothing is found at {asked.path}.") from None
        return found if isinstance(found, Reply) else Reply.json(found)

    def _allow(self, read: Read) -> None:
        if read.permission and self._caller.get() != self.accounts[0]["api_key"]:
            raise Refused(403, f"This needs the permission {read.permission}.")
        gone = {
            "journal": self._dials.notifications == "gone",
            "audit in api": self._dials.audit == "audit",
            "audit in audit": self._dials.audit == "api",
        }
        if gone.get(read.part):
            raise Refused(404, "This call is not there any more.")

    def _page(self, query: Query, listing: Listing) -> dict[str, object]:
        """One page; nothing says how many there are, and a cap on its size goes without a word."""
        size = min(query.number("page_size", listing.size), self._dials.page_cap or math.inf)
        first = (query.number("page", 1) - 1) * int(size)
        entries = listing.entries[first : first + int(size)]
        return {**(listing.beside or {}), listing.key: [listing.show(entry) for entry in entries]}

    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """sheepCRM's rows of a truth."""
        with self._building:
            return list(truth.rows(self.reads, name))
