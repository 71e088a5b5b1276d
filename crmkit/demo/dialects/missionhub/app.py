"""MissionHub's API v4 as an application: rolling tokens, JSON:API bodies, errors and headers as far as known."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from werkzeug.routing import Rule
from werkzeug.wrappers import Request

from crmkit.demo.club import Club
from crmkit.demo.dialects.missionhub import truth
from crmkit.demo.dialects.missionhub.query import ANSWERS, FIELDS, LARGEST, OPTIONS, Invalid
from crmkit.demo.dialects.missionhub.reads import Ask, Caller, Read, Reads
from crmkit.demo.dialects.missionhub.register import FIRST_USER
from crmkit.demo.dialects.missionhub.tokens import Tokens
from crmkit.demo.dialects.missionhub.writes import WRITE_ONLY
from crmkit.demo.welcoming import ORGANIZATIONS, STUDENTS
from crmkit.demo.wsgi import App, Asked, Refused, Reply

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from crmkit.demo.dials import Dials

MEDIA = "application/vnd.api+json"
_EVERYWHERE = frozenset(("access_token",))
_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Vary": "Accept",
    "Access-Control-Expose-Headers": "X-MH-Session",
    "Cache-Control": "max-age=0, private, must-revalidate",
}


class MissionHub(App):
    """Answers from the welcome team's register. accounts: what the owner and a helper with the students start with."""

    crm = "missionhub"
    mount = base = "/missionhub/apis/v4"
    headers = frozenset(("authorization",))
    secret_parameters = _EVERYWHERE
    paths: Mapping[str, str] = {
        "first_name": "attributes.first_name",
        "last_name": "attributes.last_name",
        "birth_date": "attributes.birth_date",
        "email": "email_addresses[].attributes.email",
        "phone": "phone_numbers[].attributes.number",
        "street": "addresses[].attributes.address1",
        "postal_code": "addresses[].attributes.zip",
        "city": "addresses[].attributes.city",
    }

    def __init__(self, club: Club) -> None:
        self.reads = Reads(club)
        rules = [Rule(path, endpoint=read, methods=["GET"]) for path, read in self.reads.table().items()]
        super().__init__(rules + [Rule(path, endpoint=None) for path in WRITE_ONLY])
        self._seed = club.seed
        self._tokens = Tokens(f"{club.random('missionhub:secret').getrandbits(128):032x}")
        everywhere = frozenset(each.organization_id for each in ORGANIZATIONS)
        callers = (Caller(FIRST_USER, everywhere), Caller(FIRST_USER + 2, frozenset((STUDENTS.organization_id,))))
        self._callers = {each.user_id: each for each in callers}
        self.accounts = [{"token": self._tokens.first(each.user_id)} for each in callers]
        self._largest, self._numbers = LARGEST, count(1)
        self._caller: ContextVar[Caller | None] = ContextVar("caller", default=None)
        self._sent: ContextVar[frozenset[str]] = ContextVar("sent", default=frozenset())

    def credentials(self) -> dict[str, str]:
        """The first token of the owner."""
        return dict(self.accounts[0])

    def turned(self, dials: Dials) -> None:
        """Tokens that run out, and smaller pages; calls are counted anew."""
        self._tokens.turned(dials.token_calls)
        self._largest = min(LARGEST, dials.page_cap or LARGEST)
        self._numbers = count(1)

    def authorise(self, request: Request) -> None:
        """A bearer token in the header or, as documented, in the URL; the header wins."""
        self._sent.set(frozenset(request.args))
        given = request.headers.get("Authorization")
        if given is None:
            token = request.args.get("access_token", "")
        else:
            word, _, token = given.partition(" ")
            token = token if word == "Bearer" else ""
        if not token:
            raise Refused(401, "Missing access token" if given is None else "Invalid access token")
        self._caller.set(self._callers[self._tokens.accept(token)])

    def parameters(self, endpoint: Read) -> frozenset[str]:
        """Fixed names, and of those with a question's id or a type inside the ones that were sent."""
        inner = {name for name in self._sent.get() if endpoint.sheets and (ANSWERS.fullmatch(name) or OPTIONS.fullmatch(name))}
        inner |= {name for name in self._sent.get() if endpoint.fields and FIELDS.fullmatch(name)}
        return endpoint.parameters | inner | _EVERYWHERE

    def repeatable(self, endpoint: Read) -> frozenset[str]:
        """Names that end in brackets."""
        return frozenset(name for name in self._sent.get() if name.endswith("[]"))

    def reply(self, environ: WSGIEnvironment) -> Reply:
        """One answer with its headers; a new token goes to who got in."""
        self._caller.set(None)
        return self._dressed(super().reply(environ))

    def answer(self, asked: Asked) -> Reply:
        """Look up, and print as JSON:API."""
        caller = self._caller.get()
        assert caller is not None
        read: Read = asked.endpoint
        content = read.call(Ask(caller, asked.query, asked.lists, self._largest), **asked.values)
        return replace(Reply.json(content), content_type=MEDIA)

    def refusal(self, refused: Refused) -> Reply:
        """A list of one error, with the parameter at fault where it is one."""
        error: dict[str, object] = {"status": str(refused.status), "detail": refused.detail}
        if isinstance(refused, Invalid):
            error["source"] = {"parameter": refused.parameter}
        return replace(Reply.json({"errors": [error]}, refused.status), content_type=MEDIA)

    def throttled(self, wait: float) -> Reply:
        """An ordinary error."""
        self._caller.set(None)
        return self._dressed(super().throttled(wait))

    def broken(self) -> Reply:
        """A bare error, not in a list."""
        self._caller.set(None)
        return self._dressed(Reply.json({"status": 500, "error": "Internal Server Error"}, 500))

    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """MissionHub's rows of a truth."""
        return truth.rows(self.reads, name)

    def _dressed(self, reply: Reply) -> Reply:
        """With the request's id, a weak ETag, and a new token for a known caller."""
        digest = hashlib.md5(f"{self._seed}:missionhub:{next(self._numbers)}".encode(), usedforsecurity=False).digest()
        headers = dict(_HEADERS) | {"X-Request-Id": str(uuid.UUID(bytes=digest, version=4))}
        caller = self._caller.get()
        if caller:
            headers["X-MH-Session"] = self._tokens.next(caller.user_id)
        if reply.status == 200:
            headers["ETag"] = f'W/"{hashlib.md5(reply.body, usedforsecurity=False).hexdigest()}"'
        return replace(reply, headers={**headers, **reply.headers})
