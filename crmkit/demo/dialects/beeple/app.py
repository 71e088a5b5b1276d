"""Beeple's management API as an application: the Token header, errors, dials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from threading import Lock

from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from crmkit.demo.club import Club
from crmkit.demo.dialects.beeple import truth
from crmkit.demo.dialects.beeple.query import FUNCTIONS, STATUSES, Ask
from crmkit.demo.dialects.beeple.reads import WRITE_ONLY, Read, Reads
from crmkit.demo.wsgi import App, Asked, Refused, Reply


class Beeple(App):
    """Answers from the club's planning. It documents no limit of calls."""

    crm = "beeple"
    mount = "/api/v1/admin"
    base = ""
    headers = frozenset(("token",))
    paths: Mapping[str, str] = {
        "first_name": "other_names",
        "last_name": "family_name",
        "birth_date": "birth_date",
        "birth_place": "birth_place",
        "email": "email",
        "phone": "mobile",
        "street": "primary_address.street1",
        "postal_code": "primary_address.zip",
        "city": "primary_address.city",
    }

    def __init__(self, club: Club) -> None:
        self.reads = Reads(club)
        reads = self.reads.documented() | self.reads.experimental()
        rules = [Rule(path, endpoint=read, methods=["GET"]) for path, read in reads.items()]
        super().__init__(rules + [Rule(path, endpoint=None) for path in WRITE_ONLY])
        rng = club.random("beeple:token")
        self._token = "-".join(f"{rng.getrandbits(32):08X}" for _ in range(4))
        self._building = Lock()  # What is built at first use is built once, whoever asks first.

    def credentials(self) -> dict[str, str]:
        """The token."""
        return {"token": self._token}

    def authorise(self, request: Request) -> None:
        """The bare token in a header of that name."""
        if request.headers.get("Token") != self._token:
            raise Refused(401, "Invalid or missing token")

    def parameters(self, endpoint: Read) -> frozenset[str]:
        """What the document or client code shows."""
        return frozenset(endpoint.parameters)

    def repeatable(self, endpoint: Read) -> frozenset[str]:
        """Arrays come as a name with brackets, once for each value."""
        return frozenset((FUNCTIONS, STATUSES))

    def takes_body(self, endpoint: Read, method: str) -> bool:
        """One GET documents its filter in a body."""
        return endpoint.body

    def refusal(self, refused: Refused) -> Reply:
        """The reason as text under error; no document shows an error, client code reads this one."""
        return Reply.json({"error": refused.detail}, refused.status)

    def throttled(self, wait: float) -> Reply:
        """The usual status and header; the document has neither."""
        return Reply.json({"error": "Too many requests"}, 429, {"Retry-After": str(ceil(wait))})

    def answer(self, asked: Asked) -> Reply:
        """Look up; what is not there is not found."""
        read: Read = asked.endpoint
        if read.experimental and not self.experimental:
            raise Refused(404, "Not found")
        ask = Ask(asked.path, asked.lists, asked.body, self.page_cap)
        try:
            with self._building:
                return Reply.json(read.call(ask, **asked.values))
        except KeyError:
            raise Refused(404, "Not found") from None

    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """Beeple's rows of a truth."""
        return truth.rows(self.reads.register, name)
