"""One call: authorisation, cache, pacing, retry. Knows HTTP, not records and not pandas.

A call passes, from the outside in:
1. Transport.send: asks again on throttling, 5xx and connection errors, for a while, one page at a time per process; refuses what
   is no read, unless the client was made to write. A write goes again only where the server said that it did not take it
   (throttling).
2. the account's cache file: stores the answer under the key the walk gave it.
3. the response hook (answers.Reader): status to error, body to JSON, secrets taken out; what does not pass is never stored.
4. PacedAdapter: waits until fewer calls are on their way than the client has workers, then for the account's rate budget. A cache
   hit never gets here.
5. the connection; redirects are not followed, so a credential never reaches another address.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlencode, urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from crmkit import errors, flights
from crmkit.answers import KEPT, Reader, Throttle
from crmkit.calls import Answer, Authorisation, Call, checked_base, is_loopback
from crmkit.pacing import Pacer, sleep
from crmkit.quiet import quiet
from crmkit.store import Generation, Partition

__all__ = ["Answer", "Call", "Throttle", "Transport", "checked_base"]

AGENT = f"crmkit/{version('crmkit')}"  # read once, at import: later the process may have lost the right to
CAP = 60.0
LARGEST = 10**9  # bytes of one answer, unpacked; a few packed ones can stand for more than the memory holds
CHUNK = 2**20  # bytes; requests reads 10 kB at a time, and each time waits for the other threads
QUICK = (0.5, 1.0, 2.0, 4.0, 8.0)
NETWORK = (
    (requests.exceptions.SSLError, "the certificate was not accepted"),
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.ReadTimeout, "no answer in time"),
    (requests.exceptions.ContentDecodingError, "the compressed answer could not be read"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
)


class PacedAdapter(HTTPAdapter):
    """Waits for a free place among the calls on their way and for the rate budget, then sends and reads the whole answer."""

    def __init__(self, pacer: Pacer, connections: int) -> None:
        super().__init__(pool_maxsize=connections, max_retries=0)
        self._pacer = pacer
        self._connections = connections
        self._places = threading.BoundedSemaphore(connections)
        self._process = os.getpid()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        return quiet(super().get_connection_with_tls_context(*args, **kwargs))

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self._process != os.getpid():  # forked: two processes on one connection would read each other's answers
            self.close()
            self._places = threading.BoundedSemaphore(self._connections)
            self._process = os.getpid()
        with self._places:
            request.crmkit_waiting(0.0)  # it may be that nobody wants the answer any more
            booking = self._pacer.wait(request.crmkit_waiting)
            try:
                response = super().send(request, *args, **kwargs)
                response._content = _whole(response, request.crmkit_call.name)
                return response
            finally:
                self._pacer.answered(booking)


def _whole(response: requests.Response, name: str) -> bytes:
    pieces, size = [], 0
    for piece in response.iter_content(CHUNK):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            response.close()
            raise errors.ShapeError(
                f"the answer is larger than {LARGEST / 1e6:,.0f} MB.",
                endpoint=name,
                status=response.status_code,
                hint="no such answer is documented: check the base URL.",
            )
    return b"".join(pieces)


class _Session(requests.Session):
    """A session of requests; cookies are neither kept nor sent."""

    def __init__(self, auth: Authorisation, adapter: PacedAdapter, hook: Callable[..., Any]) -> None:
        super().__init__()
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.auth = auth
        self.hooks["response"] = [hook]
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a connection is never pickled; build the client again where it is needed")


class Transport:
    """Calls to one system with one credential."""

    def __init__(
        self,
        *,
        crm: str,
        base_url: str,
        headers: Callable[[], Mapping[str, str]],
        credentials: Callable[[], Sequence[bytes]],
        cache: Partition,
        pacer: Pacer,
        throttle: Throttle,
        timeout: float,
        connections: int,
        adopt: Callable[[Any], None] | None = None,
        error_key: Callable[[Any], Any] = lambda body: None,
        reading_posts: frozenset[str] = frozenset(),
        writable: bool = False,
    ) -> None:
        self.crm = crm
        self.base_url = base_url
        self._reading_posts = reading_posts
        self._writable = writable
        self.cache = cache
        self.pacer = pacer
        self.waiting: Callable[[float], None] = lambda seconds: None
        self._throttle = throttle
        self._timeout = timeout
        self._reader = Reader(crm, throttle, credentials, adopt, error_key)
        adapter = PacedAdapter(pacer, connections)
        self._session = _Session(Authorisation(base_url, headers), adapter, self._accept)
        self._environment: Callable[[], dict[str, Any]] | None = None

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a connection is never pickled; build the client again where it is needed")

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    __copy__ = __deepcopy__

    def close(self) -> None:
        """Close connections and files, of which many accounts would hold too many; the next call opens them again."""
        for adapter in self._session.adapters.values():
            adapter.close()
        self.pacer.close()
        if not self.cache.in_memory:
            self.cache.responses.close()

    def send(
        self,
        call: Call,
        generation: Generation | None,
        page: str,
        offline: bool = False,
        waiting: Callable[[float], None] | None = None,
        came: Callable[[Answer], None] = lambda answer: None,
    ) -> Answer:
        """The answer to one call, from the cache or the server.

        generation and page say where it stands in the cache. waiting is told the seconds left of each pause, several times a
        second, and may raise to end it. came is given the server's answer before that is stored. Raises the errors of crmkit.errors;
        an error is never stored.
        """
        self._allow(call)
        if offline:
            raise errors.NotCached(
                "this answer is not in the cache.",
                crm=self.crm,
                endpoint=call.name,
                hint="fetch it once while online; crmkit.offline(stale=True) also accepts answers past their age.",
            )
        key = generation.key(page) if generation else ""  # a page of no reading is not kept
        patience = Patience(self._throttle.waits)
        waiting = waiting or self.waiting
        while True:
            try:
                with flights.alone((self.cache.path, key), waiting) if key else nullcontext():
                    return self._once(call, key, waiting, came)
            except errors.CrmkitError as error:
                pause = None if call.writes and not isinstance(error, errors.RateLimited) else patience.pause(error)
                if pause is None:
                    raise
            sleep(pause, waiting)

    def _allow(self, call: Call) -> None:
        """Only reads, and the writes of a client that was made for them, leave here."""
        reads = call.method == "GET" or (call.method == "POST" and call.path in self._reading_posts)
        if not (call.writes and self._writable) and (call.writes or not reads):
            raise errors.ConfigError(
                "this client only reads; nothing was sent.",
                crm=self.crm,
                endpoint=call.name,
                hint="make one with writable=True, where the system can be written to.",
            )

    def _once(self, call: Call, key: str, waiting: Callable[[float], None], came: Callable[[Answer], None]) -> Answer:
        """One attempt. What goes wrong, Ctrl-C too, leaves without the frames and causes below: they hold the headers as sent."""
        if key and (stored := self.cache.kept(key)):  # by another process a moment ago, or by another thread
            return Answer(stored["body"], stored["at"], True, stored["type"])
        failure: BaseException | None = None
        try:
            request = self._prepared(call, waiting)
            response: Any = self._session.send(request, timeout=self._timeout, allow_redirects=False, **self._settings())
            answer = Answer(response.crmkit_body, response.crmkit_at, False, response.headers["Content-Type"])
            came(answer)
            if key:
                self.cache.keep(key, response)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            failure = self._network_error(error, call)
        except BaseException as error:
            failure = error
        if failure is not None:
            failure.__cause__ = failure.__context__ = None
            raise failure.with_traceback(None)
        return answer

    def _prepared(self, call: Call, waiting: Callable[[float], None]) -> Any:
        query = urlencode(call.query, quote_via=quote, safe="")
        # Not by the session, which asks again for every call what it sends with all of them.
        prepared: Any = requests.PreparedRequest()
        prepared.prepare(
            call.method,
            f"{self.base_url}{call.path}" + (f"?{query}" if query else ""),
            headers={**self._session.headers, "Accept": call.accept, "User-Agent": AGENT},
            json=call.body,
            auth=self._session.auth,
            hooks=self._session.hooks,
        )
        prepared.crmkit_call, prepared.crmkit_waiting = call, waiting
        return prepared

    def _settings(self) -> dict[str, Any]:
        """Proxies and certificates from the environment; looked up once, which saves a third of a call's own cost.

        A loopback address is never asked through a proxy elsewhere: its plain http would carry the key over the network.
        """
        if self._environment is None:
            found: dict[str, Any] = dict(self._session.merge_environment_settings(self.base_url, {}, False, None, None))
            if self.base_url.startswith("http:"):
                found["proxies"] = {name: proxy for name, proxy in found["proxies"].items() if is_loopback(proxy)}
            # A closure, because a proxy's address may hold a password.
            self._environment = lambda: found
        return self._environment()

    def _network_error(self, error: Exception, call: Call) -> errors.NetworkError:
        what = next((text for kind, text in NETWORK if isinstance(error, kind)), "the connection failed")
        return errors.NetworkError(
            f"{what}.",
            crm=self.crm,
            endpoint=call.name,
            retryable=not isinstance(error, requests.exceptions.SSLError),
            kept=KEPT,
            hint="check the network and the base URL, then run the same call again.",
        )

    def _accept(self, response: Any, **_: Any) -> Any:
        """The response hook: an answer that leaves here is whole, decoded, free of secrets, and may be stored."""
        call: Call = response.request.crmkit_call
        if call.file and response.is_redirect:
            self._follow_to_file(response)
        self._reader.accept(response, call)
        response.crmkit_at = time.time()
        return response

    def _follow_to_file(self, response: Any) -> None:
        """A picture may stand on another host: it is fetched there without any credential, over https (or loopback) only."""
        address = urljoin(response.url, response.headers["Location"])
        checked_base(urlsplit(address)._replace(query="", fragment="").geturl(), self.crm)
        with requests.Session() as stranger:
            settings = stranger.merge_environment_settings(address, {}, True, None, None)
            stranger.trust_env = False  # a netrc file may hold a password for that host
            found = stranger.get(address, timeout=self._timeout, allow_redirects=False, **settings)
            response._content = _whole(found, response.request.crmkit_call.name)
        response.status_code = found.status_code
        response.headers["Content-Type"] = found.headers.get("Content-Type", "")


class Patience:
    """How long one call is tried again: by the server's own word, else by a row of pauses."""

    def __init__(self, throttled: tuple[float, ...]) -> None:
        self._left = {
            errors.RateLimited: list(throttled),
            errors.RequestFailed: list(QUICK),
            errors.ShapeError: list(QUICK[:2]),
        }

    def pause(self, error: errors.CrmkitError) -> float | None:
        """Seconds to wait before the next attempt; None when another one is not worth it."""
        left = next((pauses for kind, pauses in self._left.items() if isinstance(error, kind)), [])
        if not error.retryable or not left or (error.retry_after or 0.0) > CAP:
            return None
        planned = left.pop(0)
        return error.retry_after or planned
