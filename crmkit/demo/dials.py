"""What can be turned while a demo runs: latency, rate limits and faults; and the log of what was asked.

A Gate is WSGI middleware in front of one CRM. It counts calls, applies the dials and writes the log.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from io import BytesIO
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl

from crmkit.demo.wsgi import UNDOCUMENTED, App, Reply

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

FAULTS = ("500", "429", "drop", "truncated")
Limits = tuple[tuple[int, float], ...]

TRUNCATE = "crmkit.demo.truncate"


class Dropped(ConnectionError):
    """The connection is to be closed without an answer."""


@dataclass(frozen=True)
class Dials:
    """How the demo behaves.

    latency: seconds before every answer. rate_limit: None, "vendor" for the documented limits, or calls per
    60 s. faults: by kind (500, 429, drop, truncated) a probability, or the numbers of the calls that fail;
    the first call to a CRM after the dial was set is number 1. page_cap: None, or the most records of a page
    whatever size is asked for, without a word (Beeple's page_items, sheepCRM's page_size). experimental: whether
    what only public client code shows is there; it is not found otherwise (Beeple). token_calls: None, or the
    number of calls after which a rolling token has run out (MissionHub).

    Of sheepCRM alone: audit, whether the log of changes is below the older path "api", the newer one "audit" or
    "both"; notifications, whether they and the tasks are there, each as one "object", or "gone"; bad_key, the
    status that a wrong key gets: 401, 403 or 404.
    """

    latency: float = 0.0
    rate_limit: Literal["vendor"] | int | None = None
    faults: Mapping[str, float | Sequence[int]] = field(default_factory=dict)
    page_cap: int | None = None
    experimental: bool = True
    token_calls: int | None = None
    audit: Literal["api", "audit", "both"] = "both"
    notifications: Literal["object", "gone"] = "object"
    bad_key: Literal[401, 403, 404] = 401

    def __post_init__(self) -> None:
        unknown = set(self.faults) - set(FAULTS)
        if unknown:
            raise ValueError(f"unknown fault {sorted(unknown)}; there are {FAULTS}")
        if isinstance(self.rate_limit, str) and self.rate_limit != "vendor":
            raise ValueError('rate_limit is None, "vendor" or a number of calls per 60 seconds')
        if self.page_cap is not None and self.page_cap < 1:
            raise ValueError("page_cap is None or at least 1")
        if self.token_calls is not None and self.token_calls < 1:
            raise ValueError("token_calls is None or at least 1")
        if self.audit not in ("api", "audit", "both"):
            raise ValueError('audit is "api", "audit" or "both"')
        if self.notifications not in ("object", "gone"):
            raise ValueError('notifications is "object" or "gone"')
        if self.bad_key not in (401, 403, 404):
            raise ValueError("bad_key is 401, 403 or 404")

    def turned(self, **dials: object) -> Dials:
        """The same dials with some turned; an unknown one is a TypeError."""
        known = [each.name for each in fields(self)]
        unknown = sorted(set(dials) - set(known))
        if unknown:
            raise TypeError(f"no dial is called {', '.join(unknown)}; there are {', '.join(known)}")
        return replace(self, **dials)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the demo saw it; path is below the base URL, status None when no answer was given, body as it came."""

    crm: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int | None
    undocumented: tuple[str, ...] = ()
    fault: str | None = None
    body: bytes = b""


class Gate:
    """One CRM behind its dials. An application in the sense of WSGI."""

    def __init__(self, app: App, seed: int, dials: Dials, log: list[Call]) -> None:
        self.app, self._seed, self._log = app, seed, log
        self._lock = Lock()
        self.set(dials)

    def set(self, dials: Dials) -> None:
        """Turn the dials; calls are counted anew."""
        with self._lock:
            self._dials, self._number = dials, 0
            self.app.turned(dials)
            limits: Limits = ()
            if dials.rate_limit == "vendor":
                limits = self.app.vendor_limits
            elif dials.rate_limit is not None:
                limits = ((int(dials.rate_limit), 60.0),)
            self._windows = [Window(*limit) for limit in limits]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self._number += 1
            dials, number, windows = self._dials, self._number, self._windows
            wait = max((window.wait() for window in windows), default=0.0)
            if not wait:
                for window in windows:
                    window.take()
        if dials.latency:
            time.sleep(dials.latency)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        fault = self._fault(dials, number)
        if fault == "drop":
            self._note(environ, None, fault, body)
            raise Dropped("the demo's dial said so")
        reply = self._reply(environ, fault, wait)
        self._note(environ, reply.status, fault, body)
        if fault == "truncated":
            environ[TRUNCATE] = True
        return reply.send(start_response)

    def _reply(self, environ: WSGIEnvironment, fault: str | None, wait: float) -> Reply:
        if fault == "500":
            return self.app.broken()
        if fault == "429":
            return self.app.throttled(1.0)
        if wait:
            return self.app.throttled(wait)
        return self.app.reply(environ)

    def _fault(self, dials: Dials, number: int) -> str | None:
        for kind, when in dials.faults.items():
            if isinstance(when, int | float):
                hit = Random(f"{self._seed}:{self.app.crm}:{kind}:{number}").random() < when
            else:
                hit = number in when
            if hit:
                return kind
        return None

    def _note(self, environ: WSGIEnvironment, status: int | None, fault: str | None, body: bytes) -> None:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        hidden = [(name, "***" if name in self.app.secret_parameters else value) for name, value in query]
        undocumented = tuple(environ.get(UNDOCUMENTED, ()))
        call = Call(
            self.app.crm,
            environ["REQUEST_METHOD"],
            path.removeprefix(self.app.mount),
            tuple(hidden),
            status,
            undocumented,
            fault,
            body,
        )
        self._log.append(call)


class Window:
    """So many calls in any so many seconds."""

    def __init__(self, calls: int, seconds: float) -> None:
        self._calls, self._seconds = calls, seconds
        self._taken: deque[float] = deque()

    def wait(self) -> float:
        """Seconds until a call would be allowed, 0 if one is."""
        now = time.monotonic()
        while self._taken and now - self._taken[0] >= self._seconds:
            self._taken.popleft()
        if len(self._taken) < self._calls:
            return 0.0
        return self._taken[0] + self._seconds - now if self._taken else self._seconds

    def take(self) -> None:
        """Count a call."""
        self._taken.append(time.monotonic())
