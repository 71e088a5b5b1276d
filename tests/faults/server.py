"""The fault server: one of the five systems over real HTTP, honest until a dial says otherwise."""

from __future__ import annotations

import copy
import random
import re
import ssl
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from . import answers
from .answers import Answer
from .calls import Budget, Call, most_in_window
from .cascade import batch, cascade_payload
from .content import encode, spoilt
from .dialects import DIALECTS, USER_ID, OnePageCRM, Record
from .dials import NAMES, Dials
from .links import linked
from .listener import Listener
from .listing import Drift, apply, cut, told
from .people import BUCKET

MOVED = "/moved"  # where a redirect to the same host leads; it answers like the path behind it
CASCADE = re.compile(r"/contacts/cascade(?:/(?P<last>[^/]+))?")
STRANGER = 999_999  # the number of the one record that strayed calls get
NEWCOMERS = 1_000_000  # inserted records are numbered from here


@dataclass
class Sealed:
    """What goes out for one call, in bytes, with the dials drawn for it."""

    status: int
    headers: dict[str, str]
    body: bytes
    faults: Dials


class FaultServer(Dials):
    """A server for tests, used as a context manager; see Dials for the faults.

    dialect: "peepl", "beeple", "sheepcrm", "missionhub" or "onepagecrm".
    records: how many to make, or the records themselves, in the order of the list.
    path: the one path below url that serves the list; by default the dialect's usual ones.
    token: the accepted credential, or several.
    limit: (calls, seconds), a sliding window; a call too many is refused in the system's own way.
    drift: changes of the list still to come, each made just before its call is answered; see Drift.
    token_calls: a token expires after so many calls; MissionHub's rolling tokens live as long each.
    cap: how many records paging reaches, whatever the total says (OnePageCRM: 10,000).
    cascade_from: where OnePageCRM's cascade begins in the list sorted by name.
    tls: a server's context makes url https; plain http is answered on the same port.

    The dials, limit, drift, token_calls, cap, cascade_from and records are attributes that may be set while
    it runs; an unknown name is an error. calls holds the calls in order of arrival; strayed those that went
    to another host or scheme than url says, which only a client that follows foreign links makes.
    """

    __slots__ = (
        "_budget",
        "_chance",
        "_fixed",
        "_listener",
        "_lock",
        "_made",
        "_path",
        "_setup",
        "_source",
        "_stopping",
        "_tls",
        "_uses",
        "calls",
        "cap",
        "cascade_from",
        "dialect",
        "drift",
        "first_ids",
        "limit",
        "records",
        "strayed",
        "token_calls",
        "tokens",
    )

    user_id = USER_ID
    bucket = BUCKET

    calls: list[Call]
    cap: int | None
    cascade_from: int
    drift: list[Drift]
    limit: tuple[int, float] | None
    records: list[Record]
    strayed: list[Call]
    token_calls: int | None
    tokens: list[str]

    def __init__(
        self,
        dialect: str = "peepl",
        records: int | Sequence[Record] = 60,
        path: str | None = None,
        token: str | Sequence[str] = "secret-of-the-tests",
        *,
        limit: tuple[int, float] | None = None,
        drift: Iterable[Drift] = (),
        token_calls: int | None = None,
        cap: int | None = None,
        cascade_from: int = 0,
        tls: ssl.SSLContext | None = None,
        **dials: Any,
    ) -> None:
        if unknown := dials.keys() - NAMES:
            raise TypeError(f"no such dial: {', '.join(sorted(unknown))}")
        self.dialect = DIALECTS[dialect]
        self._path = path
        self._tls = tls
        self._fixed: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener: Listener | None = None
        self._source = records
        self._setup = {
            **dials,
            "tokens": [token] if isinstance(token, str) else list(token),
            "limit": limit,
            "drift": list(drift),
            "token_calls": token_calls,
            "cascade_from": cascade_from,
            "cap": self.dialect.cap if cap is None else cap,
        }
        self.reset()

    def reset(self) -> None:
        """Back to the state at construction, call numbers too; answers set with answer() stay."""
        with self._lock:
            super().__init__()
            for name, value in self._setup.items():
                setattr(self, name, copy.copy(value))
            self.records = self._first_records()
            self.first_ids = {self.dialect.id_of(record) for record in self.records}
            self.calls = []
            self.strayed = []
            self._made = NEWCOMERS
            self._uses: Counter[str] = Counter()
            self._budget = Budget()
            self._chance = random.Random(0)

    def _first_records(self) -> list[Record]:
        if isinstance(self._source, int):
            return [self.dialect.record(number, self._path) for number in range(1, self._source + 1)]
        return copy.deepcopy(list(self._source))

    def __enter__(self) -> Self:
        self._stopping.clear()
        self._listener = Listener(self, self._tls)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        listener = self._running
        self._stopping.set()
        listener.stop()
        crashes, self._listener = list(listener.crashes), None
        if crashes and error is None:
            raise crashes[0]

    @property
    def _running(self) -> Listener:
        if self._listener is None:
            raise RuntimeError("the fault server runs inside a with statement only")
        return self._listener

    @property
    def token(self) -> str:
        """The first accepted credential."""
        return self.tokens[0]

    @property
    def port(self) -> int:
        return self._running.server_port

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def foreign(self) -> str:
        """Another host's origin, which leads here too."""
        return self.origin.replace("127.0.0.1", "localhost")

    @property
    def url(self) -> str:
        """The base URL as the system's client wants it."""
        return self.origin + self.dialect.prefix

    def answer(self, path: str, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """From now on this path below url gets this answer: JSON to be, or text or bytes as they are."""
        self._fixed[unquote(path)] = Answer(status, body, dict(headers or {}))

    def max_in_window(self, seconds: float) -> int:
        """The most calls, refused ones included, that arrived in any window of so many seconds."""
        return most_in_window((call.at for call in list(self.calls)), seconds)

    def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end of the server."""
        if seconds > 0:
            self._stopping.wait(seconds)

    def respond(self, call: Call) -> Sealed:
        """The listener's question: what goes out for this call?"""
        if f"{call.scheme}://{call.host}" != self.origin:
            return self._welcome(call)
        with self._lock:
            self.calls.append(call)
            call.number = len(self.calls)
            faults = self.draw(call.number)
            self._change(call.number)
            answer = self._answer(call, faults)
            wait = faults.latency + faults.jitter * self._chance.random()
        call.status = answer.status
        sealed = self._seal(call, answer, faults)
        self.pause(wait)
        return sealed

    def _seal(self, call: Call, answer: Answer, faults: Dials) -> Sealed:
        headers = {"Content-Type": self.dialect.content_type, **answer.headers}
        credential = f"{call.headers.get('authorization', '')} {self.dialect.credential(call) or ''}"
        body = encode(answer.payload, faults, credential.strip())
        return Sealed(answer.status, headers, body, faults)

    def _welcome(self, call: Call) -> Sealed:
        """A plausible page for a call that should never have come: one record that nobody asked for."""
        with self._lock:
            self.strayed.append(call)
        record = self.dialect.record(STRANGER, self._path)
        page = cut([record], call.path, {}, self.dialect, Dials(), 1, None)
        return self._seal(call, Answer(200, self.dialect.envelope(page)), Dials())

    def _change(self, number: int) -> None:
        """Makes the changes of the list that are due."""
        due = [change for change in self.drift if change[0] <= number]
        self.drift = [change for change in self.drift if change[0] > number]
        for change in due:
            self._made += 1
            apply(Drift(*change), self.records, self.dialect.newcomer(self._made, self._path, number))

    def _answer(self, call: Call, faults: Dials) -> Answer:
        """Refusals first, in the order in which a system gets to them, then what was asked for."""
        wait = self._budget.wait(call.at, self.limit)
        if wait or faults.throttle:
            return answers.refusal(self.dialect, faults, wait)
        if fault := self._unknown(self.dialect.credential(call)):
            return answers.error(self.dialect, 401, fault)
        if faults.status:
            failure = answers.error(self.dialect, faults.status, "Something went wrong.")
            return answers.with_retry_after(failure, faults)
        if faults.redirect and not call.path.startswith(MOVED):
            return answers.redirect(self._location(call, faults.redirect))
        if faults.html_login:
            return answers.login_page()
        if faults.error_in_200:
            return Answer(200, self.dialect.error(500, "Something went wrong."))
        return self._rolled(call, self._route(call, faults))

    def _unknown(self, token: str | None) -> str:
        """What is wrong with the credential, if anything."""
        if token is None:
            return "Missing access token"
        if token not in self.tokens:
            return "Invalid access token"
        self._uses[token] += 1
        return "Expired access token" if self.token_calls and self._uses[token] > self.token_calls else ""

    def _rolled(self, call: Call, answer: Answer) -> Answer:
        """A new token beside every success, where the system rolls them."""
        if self.dialect.rolls and answer.status < 300:
            self.tokens.append(f"{self.token}.{call.number}")
            answer.headers["X-MH-Session"] = self.tokens[-1]
        return answer

    def _location(self, call: Call, where: str) -> str:
        plain = f"http://127.0.0.1:{self.port}" if self._tls else self.foreign
        hosts = {"same": self.origin + MOVED, "other": self.foreign, "http": plain, "loop": self.origin}
        return hosts[where] + call.target if where in hosts else where

    def _route(self, call: Call, faults: Dials) -> Answer:
        """The fixed answer, the cascade or the list at this path."""
        path = unquote(call.path).removeprefix(MOVED)
        below = path.removeprefix(self.dialect.prefix)
        if not path.startswith(self.dialect.prefix) or (self.dialect.slash and not below.endswith("/")):
            return answers.error(self.dialect, 404, "Not found.")
        if fixed := self._fixed.get(below):
            return replace(fixed, headers=dict(fixed.headers))
        if isinstance(self.dialect, OnePageCRM) and (cascade := CASCADE.fullmatch(below)):
            return self._cascade(self.dialect, cascade["last"], call, faults)
        if any(re.fullmatch(pattern, below) for pattern in self._patterns()):
            return self._list(call, below, faults)
        return answers.error(self.dialect, 404, "Not found.")

    def _patterns(self) -> tuple[str, ...]:
        return self.dialect.lists if self._path is None else (re.escape(self._path),)

    def _list(self, call: Call, path: str, faults: Dials) -> Answer:
        search = path.endswith("/search/")
        if call.method != ("POST" if search else "GET"):
            return answers.error(self.dialect, 405, "Method not allowed.")
        page = cut(self.records, path, dict(call.query), self.dialect, faults, call.number, self.cap)
        page = linked(page, call, self.dialect, faults, self.origin, self.foreign)
        page = replace(page, records=spoilt(page.records, self.dialect, faults))
        return Answer(201 if search else 200, self.dialect.envelope(page))

    def _cascade(self, dialect: OnePageCRM, last: str | None, call: Call, faults: Dials) -> Answer:
        found = batch(self.records, last, self.cascade_from, faults)
        if found is None:
            return answers.error(dialect, 404, "Not found.")
        left = told(found.left, faults.total, call.number)
        shown = spoilt(found.records, dialect, faults)
        return Answer(200, cascade_payload(dialect, found, shown, left, self.foreign))
