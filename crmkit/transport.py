"""One call: authorisation, cache, pacing, retry, status to error. Knows HTTP and JSON, not records and not pandas.

A call passes, from the outside in:
1. Transport.send: asks again on throttling, 5xx and connection errors, for a while (tenacity).
2. requests-cache's session: stores the answer in the account's file under the key the walk gave it.
3. the response hook: status to error, body to JSON, secrets taken out; what does not pass is never stored.
4. PacedAdapter: waits for the account's rate budget. A cache hit never gets here.
5. the connection; redirects are not followed, so a credential never reaches another address.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter
from requests_cache.models.response import CachedResponse
from requests_cache.session import CacheMixin

from crmkit import errors
from crmkit.errors import ConfigError, RequestFailed
from crmkit.pacing import Pacer
from crmkit.params import Pairs
from crmkit.records import MISSING
from crmkit.store import Generation, Partition

CAP = 60.0
QUICK = (0.5, 1.0, 2.0, 4.0, 8.0)
REMOVED = "[removed by crmkit]"
USER_AGENT = f"crmkit/{version('crmkit')}"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Call:
    """One request to be made: method, path below the base URL, query pairs, JSON body, and its ids in the cache."""

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    body: Any = None
    name: str = ""
    secrets: tuple[str, ...] = ()
    file: bool = False
    accept: str = "application/json"
    others: tuple[str, ...] = ()
    hints: Mapping[int, str] = field(default_factory=dict)

    def elsewhere(self) -> Call | None:
        """The same call at the next path that may hold it."""
        return replace(self, path=self.others[0], others=self.others[1:]) if self.others else None


@dataclass(frozen=True)
class Answer:
    """What came back: the decoded JSON (or bytes of a file), when, and whether it was in the cache."""

    body: Any
    at: float
    cached: bool
    content_type: str = ""


@dataclass(frozen=True)
class Throttle:
    """A server's way of saying "too fast": is_throttled looks at an answer, waits are the pauses when it names none."""

    waits: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    is_throttled: Callable[[Any], bool] = lambda response: response.status_code == 429
    asked_to_wait: Callable[[Any], float | None] = lambda response: retry_after(response.headers.get("Retry-After"))


def retry_after(text: str | None) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from now; None when there is none or it makes no sense."""
    if not text:
        return None
    try:
        return max(0.0, float(urllib3.Retry().parse_retry_after(text.strip())))
    except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return None


class Authorisation(requests.auth.AuthBase):
    """Sets headers on a request, only when it goes to the configured origin."""

    def __init__(self, origin: str, headers: Callable[[], Mapping[str, str]]) -> None:
        self._origin = origin
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if origin(request.url or "") == self._origin:
            request.headers.update(self._headers())
        return request


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def checked_base(url: str, crm: str) -> str:
    """A base URL that a credential may be sent to, without a trailing slash.

    https only, except to loopback; no user name or password in it.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.username or parts.password:
        raise ConfigError("the base URL holds a user name or password.", crm=crm, hint="pass credentials by their own arguments.")
    if not parts.hostname:
        raise ConfigError("the base URL names no host.", crm=crm, hint="it looks like https://host/path.")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ConfigError(
            "a key is not sent over plain http.", crm=crm, hint="use an https:// address (http is for loopback only)."
        )
    if parts.query or parts.fragment:
        raise ConfigError("the base URL has a query or a fragment.", crm=crm, hint="it ends with its path.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class PacedAdapter(HTTPAdapter):
    """Waits for the rate budget, then sends."""

    def __init__(self, pacer: Pacer, waiting: Callable[[float], None], connections: int) -> None:
        super().__init__(pool_maxsize=max(connections, 1), max_retries=0)
        self._pacer = pacer
        self._waiting = waiting

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._pacer.wait(self._waiting)
        return super().send(*args, **kwargs)


class _Session(CacheMixin, requests.Session):
    """requests-cache's session with the walk's own key; cookies are neither kept nor sent."""


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
    ) -> None:
        self.crm = crm
        self.base_url = base_url
        self.cache = cache
        self.pacer = pacer
        self.waiting: Callable[[float], None] = lambda seconds: None
        self._throttle = throttle
        self._timeout = timeout
        self._adopt = adopt
        self._reveal = credentials
        self._session = _Session(
            backend=cache, expire_after=-1, key_fn=_key, allowable_methods=("GET", "POST"), ignored_parameters=()
        )
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = Authorisation(origin(base_url), headers)
        self._session.hooks["response"] = [self._accept]
        adapter = PacedAdapter(pacer, self._tell, connections)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)
        self._settings: dict[str, Any] | None = None

    def _tell(self, seconds: float) -> None:
        self.waiting(seconds)

    def send(self, call: Call, generation: Generation | None, page: str, offline: bool = False) -> Answer:
        """The answer to one call, from the cache or the server.

        generation and page say where it stands in the cache. Raises the errors of crmkit.errors; an error is never stored.
        """
        if offline:
            raise errors.NotCached(
                "this answer is not in the cache.",
                crm=self.crm,
                endpoint=call.name,
                hint="fetch it once while online; crmkit.offline(stale=True) also accepts answers past their age.",
            )
        key = generation.key(page) if generation else ""
        patience = _Patience(self._throttle.waits)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(patience.worth_a_retry),
            wait=patience.pause,
            stop=tenacity.stop_never,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._once, call, key)

    def _sleep(self, seconds: float) -> None:
        """Wait in short slices, so that Ctrl-C works and the progress bar can say why nothing moves."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.waiting(left)
            time.sleep(min(left, 0.25))

    def _once(self, call: Call, key: str) -> Answer:
        """One attempt. Errors are raised outside the except block, so that none carries the library's own as its context."""
        failure: Exception | None = None
        try:
            response = self._session.send(
                self._prepared(call, key), timeout=self._timeout, allow_redirects=False, **self._environment()
            )
        except errors.CrmkitError as error:
            failure = error
        except requests.exceptions.RequestException as error:
            failure = self._network_error(error, call)
        if failure is not None:
            failure.__context__ = None
            raise failure.with_traceback(None)
        return self._answer(response)

    def _answer(self, response: Any) -> Answer:
        if not hasattr(response, "crmkit_body"):  # stored by another process a moment ago
            response.crmkit_body = json.loads(response.content)
        cached = isinstance(response, CachedResponse)
        return Answer(response.crmkit_body, response.crmkit_at, cached, response.headers.get("Content-Type", ""))

    def _prepared(self, call: Call, key: str) -> requests.PreparedRequest:
        query = urlencode(call.query, quote_via=quote, safe="")
        request = requests.Request(
            call.method,
            f"{self.base_url}{call.path}" + (f"?{query}" if query else ""),
            headers={"Accept": call.accept, "User-Agent": USER_AGENT},
            json=call.body,
        )
        prepared = self._session.prepare_request(request)
        prepared.crmkit_key = key  # type: ignore[attr-defined]
        prepared.crmkit_call = call  # type: ignore[attr-defined]
        return prepared

    def _environment(self) -> dict[str, Any]:
        """Proxies and certificates from the environment; looked up once, which saves a third of a call's own cost."""
        if self._settings is None:
            self._settings = dict(self._session.merge_environment_settings(self.base_url, {}, False, None, None))
        return self._settings

    def _network_error(self, error: requests.exceptions.RequestException, call: Call) -> errors.NetworkError:
        kinds = {
            requests.exceptions.SSLError: "the certificate was not accepted",
            requests.exceptions.ConnectTimeout: "no connection in time",
            requests.exceptions.ReadTimeout: f"no answer within {self._timeout:g} s",
            requests.exceptions.ContentDecodingError: "the compressed answer could not be read",
            requests.exceptions.ChunkedEncodingError: "the answer broke off",
        }
        what = next((text for kind, text in kinds.items() if isinstance(error, kind)), "the connection failed")
        return errors.NetworkError(
            f"{what}.",
            crm=self.crm,
            endpoint=call.name,
            retryable=not isinstance(error, requests.exceptions.SSLError),
            kept="every page read so far is in the cache.",
            hint="check the network and the base URL, then run the same call again.",
        )

    def _accept(self, response: Any, **_: Any) -> Any:
        """The response hook: an answer that leaves here is whole, decoded, free of secrets, and may be stored."""
        if hasattr(response, "crmkit_at") or not hasattr(response.request, "crmkit_call"):
            return response
        call: Call = response.request.crmkit_call
        if call.file and response.is_redirect:
            self._follow_to_file(response, call)
        self._raise_for_status(response, call)
        response.crmkit_at = time.time()
        response.crmkit_json = not call.file
        self._scrub(response)
        response.crmkit_body = response.content if call.file else self._decoded(response, call)
        if self._adopt is not None:
            self._adopt(response)
        return response

    def _raise_for_status(self, response: Any, call: Call) -> None:
        status = response.status_code
        if 200 <= status < 300:
            return
        where: dict[str, Any] = {"crm": self.crm, "endpoint": call.name, "status": status}
        kept = "every page read so far is in the cache."
        if self._throttle.is_throttled(response):
            wait = self._throttle.asked_to_wait(response)
            raise errors.RateLimited(
                "the server says there were too many calls" + (f" and asks to wait {wait:.0f} s." if wait else "."),
                retry_after=wait,
                kept=kept,
                hint="run the same call again later; it goes on from the kept pages.",
                **where,
            )
        for kind, matches, what, hint in STATUS:
            if matches(status):
                hint = call.hints.get(status, hint)
                kept_then = kept if kind is errors.ServerError else None
                raise kind(f"the server answered {status}: {what}", kept=kept_then, hint=hint, **where)
        hint = call.hints.get(status, "check the parameters of the call.")
        raise RequestFailed(f"the server answered {status}.", hint=hint, **where)

    def _follow_to_file(self, response: Any, call: Call) -> None:
        """A picture may stand on another host: it is fetched there without any credential, over https (or loopback) only."""
        address = urljoin(response.url, response.headers["Location"])
        checked_base(urlsplit(address)._replace(query="", fragment="").geturl(), self.crm)
        with requests.Session() as stranger:
            stranger.trust_env = False
            found = stranger.get(address, timeout=self._timeout, allow_redirects=False)
        response.status_code, response._content = found.status_code, found.content
        response.headers["Content-Type"] = found.headers.get("Content-Type", "")

    def _scrub(self, response: Any) -> None:
        """Take our own credential out of a body that echoes it, before anything is stored."""
        content = response.content
        for value in self._reveal():
            if value and value in content:
                content = content.replace(value, REMOVED.encode())
        response._content = content

    def _decoded(self, response: Any, call: Call) -> Any:
        where: dict[str, Any] = {"crm": self.crm, "endpoint": call.name, "status": response.status_code}
        if "html" in response.headers.get("Content-Type", "").lower():
            raise errors.ShapeError(
                "the server answered with a web page instead of data: often a login page.",
                hint="check the base URL and the key.",
                **where,
            )
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):
            body = MISSING
        if body is MISSING:
            raise errors.ShapeError(
                "the answer is not JSON, or only half of it came.",
                retryable=True,
                hint="run the same call again.",
                **where,
            )
        if call.secrets:
            body = without(body, frozenset(call.secrets))
            response._content = json.dumps(body).encode()
        return body


def without(value: Any, names: frozenset[str]) -> Any:
    """The JSON value without the members of these names, at any depth."""
    if isinstance(value, dict):
        return {key: without(inner, names) for key, inner in value.items() if key not in names}
    return [without(inner, names) for inner in value] if isinstance(value, list) else value


def _key(request: Any, **_: Any) -> str:
    return str(getattr(request, "crmkit_key", ""))


class _Patience:
    """How long one call is tried again: by the server's own word, else by a row of pauses."""

    def __init__(self, throttled: tuple[float, ...]) -> None:
        self._left = {
            errors.RateLimited: list(throttled),
            errors.RequestFailed: list(QUICK),
            errors.ShapeError: list(QUICK[:2]),
        }

    def worth_a_retry(self, error: BaseException) -> bool:
        if not isinstance(error, errors.CrmkitError) or not error.retryable:
            return False
        return bool(self._pauses(error)) and (error.retry_after or 0.0) <= CAP

    def pause(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, errors.CrmkitError)
        planned = self._pauses(error).pop(0)
        return planned if error.retry_after is None else error.retry_after

    def _pauses(self, error: errors.CrmkitError) -> list[float]:
        return next(pauses for kind, pauses in self._left.items() if isinstance(error, kind))


AUTH_HINT = "check the key, and that it belongs to this base URL."
STATUS: tuple[tuple[type[RequestFailed], Callable[[int], bool], str, str], ...] = (
    (errors.AuthError, lambda status: status == 401, "the key is missing, wrong or expired.", AUTH_HINT),
    (
        errors.PermissionDenied,
        lambda status: status == 403,
        "the key may not read this.",
        "ask an administrator for the right.",
    ),
    (errors.NotFound, lambda status: status in (404, 410), "no such record or path.", "check the id."),
    (errors.ServerError, lambda status: status >= 500, "the server failed.", "run the same call again later."),
    (
        RequestFailed,
        lambda status: 300 <= status < 400,
        "it points elsewhere, and crmkit does not follow.",
        "check the base URL: a key is never sent to another address.",
    ),
)
