"""What the dialects share: one CRM as a WSGI application that answers, or says what is not documented."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from crmkit.demo.dials import Dials

UNDOCUMENTED = "crmkit.demo.undocumented"
# What every HTTP client may send; anything else a vendor's document would have to name.
ORDINARY_HEADERS = frozenset(
    (
        "host",
        "connection",
        "keep-alive",
        "accept",
        "accept-encoding",
        "accept-language",
        "user-agent",
        "content-type",
        "content-length",
        "cache-control",
        "pragma",
        "if-none-match",
        "if-modified-since",
    )
)
REASONS = {
    200: "OK",
    201: "Created",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


@dataclass(frozen=True)
class Reply:
    """An answer: status, body and the headers beside Content-Length."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """An answer in JSON."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return cls(status, text.encode(), headers=headers or {})

    def send(self, start_response: StartResponse) -> list[bytes]:
        """Start the response and give its body."""
        headers = [
            ("Content-Type", self.content_type),
            *self.headers.items(),
            ("Content-Length", str(len(self.body))),
        ]
        start_response(f"{self.status} {REASONS[self.status]}", headers)
        return [self.body]


class Refused(Exception):
    """A request that gets an error in the vendor's form."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Undocumented(Exception):
    """A request uses what no document names; each item says what."""

    def __init__(self, items: list[str]) -> None:
        super().__init__("; ".join(items))
        self.items = items


@dataclass(frozen=True)
class Asked:
    """A request that matched a documented path: the rule's endpoint, path below the base, values, query.

    query has the first value of each name, lists all of them.
    """

    endpoint: Any
    path: str
    values: Mapping[str, Any]
    query: Mapping[str, str]
    body: bytes
    lists: Mapping[str, list[str]] = field(default_factory=dict)


@lru_cache(maxsize=8)
def _routes(shape: tuple[tuple[str, frozenset[str] | None], ...], converters: tuple[tuple[str, Any], ...]) -> Map:
    """Paths and their methods, each with its place as endpoint; compiled once for all demos, as it is most of what a start costs."""
    rules = [Rule(path, endpoint=place, methods=methods) for place, (path, methods) in enumerate(shape)]
    return Map(rules, converters=dict(converters), merge_slashes=False)


class App(ABC):
    """One CRM. A dialect gives the class values and the abstract methods.

    mount: the path below which everything lies. base: what a base URL shows of it, which is nothing where the
    client adds it. headers: documented headers, in lower case. vendor_limits: calls in so many seconds.
    secret_parameters: query parameters kept out of the log. paths: where answers hold the fields of a card.
    page_cap, experimental: as the dials of these names say.
    """

    crm: str
    mount: str
    base: str
    headers: frozenset[str] = frozenset()
    vendor_limits: tuple[tuple[int, float], ...] = ()
    secret_parameters: frozenset[str] = frozenset()
    paths: Mapping[str, str] = {}
    page_cap: int | None = None
    experimental: bool = True

    def __init__(self, rules: Iterable[Rule], converters: Mapping[str, Any] | None = None) -> None:
        told = list(rules)
        self._endpoints = [rule.endpoint for rule in told]
        shape = tuple((rule.rule, rule.methods and frozenset(rule.methods)) for rule in told)
        self._map = _routes(shape, tuple((converters or {}).items()))

    @abstractmethod
    def credentials(self) -> dict[str, str]:
        """Keyword arguments by which a client gets in."""

    @abstractmethod
    def authorise(self, request: Request) -> None:
        """Raise Refused for a missing or wrong credential."""

    @abstractmethod
    def parameters(self, endpoint: Any) -> frozenset[str]:
        """Query parameters that the endpoint documents."""

    def repeatable(self, endpoint: Any) -> frozenset[str]:
        """Query parameters that may come more than once."""
        return frozenset()

    def takes_body(self, endpoint: Any, method: str) -> bool:
        """Whether a call of the endpoint documents a body."""
        return method != "GET"

    def turned(self, dials: Dials) -> None:
        """Take note of the dials that concern answers; a dialect says which it knows."""
        self.page_cap, self.experimental = dials.page_cap, dials.experimental

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """The answer to a request that is documented and authorised."""

    @abstractmethod
    def refusal(self, refused: Refused) -> Reply:
        """An error in the vendor's form."""

    @abstractmethod
    def truth(self, name: str) -> Iterable[Mapping[str, object]]:
        """This CRM's rows of the truth called groups, memberships, segments or attendance."""

    def throttled(self, wait: float) -> Reply:
        """What a caller over the rate limit gets; wait is in seconds."""
        return self.refusal(Refused(429, "Request was throttled."))

    def broken(self) -> Reply:
        """An internal error of the vendor."""
        return Reply(500, b"<h1>Server Error (500)</h1>", "text/html")

    def reply(self, environ: WSGIEnvironment) -> Reply:
        """Route, check and answer one request."""
        request = Request(environ)
        try:
            return self.answer(self._checked(request))
        except Refused as refused:
            return self.refusal(refused)
        except Undocumented as undocumented:
            environ[UNDOCUMENTED] = undocumented.items
            content = {"detail": f"undocumented: {undocumented}", "undocumented": undocumented.items}
            return Reply.json(content, 400)

    def _checked(self, request: Request) -> Asked:
        endpoint, values = self._match(request)
        self.authorise(request)
        if endpoint is None:
            raise Refused(405, f'Method "{request.method}" not allowed.')
        problems = [f"header {name}" for name, _ in request.headers if self._is_junk(name)]
        known = self.parameters(endpoint)
        problems += [f"query parameter {name}" for name in request.args if name not in known]
        once = {name for name, found in request.args.lists() if len(found) > 1} - self.repeatable(endpoint)
        problems += [f"query parameter {name} twice" for name in sorted(once)]
        body = request.get_data()
        if body and not self.takes_body(endpoint, request.method):
            problems.append(f"body of a {request.method}")
        if problems:
            raise Undocumented(problems)
        path = request.path.removeprefix(self.mount)
        return Asked(endpoint, path, values, request.args.to_dict(), body, dict(request.args.lists()))

    def _match(self, request: Request) -> tuple[Any, Mapping[str, Any]]:
        """Endpoint and path values; no endpoint where the path exists and the method does not."""
        inside = request.path.startswith(f"{self.mount}/") and "//" not in request.path
        adapter = self._map.bind("demo")
        try:
            if not inside:
                raise NotFound
            place, values = adapter.match(request.path.removeprefix(self.mount), method=request.method)
            endpoint = self._endpoints[place]
        except MethodNotAllowed:
            return None, {}
        except (NotFound, RequestRedirect):
            request.environ[UNDOCUMENTED] = [f"path {request.path}"]
            raise Refused(404, "Not found.") from None
        return (None if request.method == "HEAD" else endpoint), values

    def _is_junk(self, name: str) -> bool:
        return name.lower() not in ORDINARY_HEADERS | self.headers
