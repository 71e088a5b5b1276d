"""Reading an answer: status to error, body to JSON, our own credential taken out. What passes may be stored."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus

from requests.structures import CaseInsensitiveDict

from crmkit import errors
from crmkit.calls import Call
from crmkit.errors import RequestFailed
from crmkit.records import decoded

REMOVED = b"[removed by crmkit]"
KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+){0,7}")
SPELT = re.compile(rb"\\u00[2-7]")  # a plain character by its number
KEPT = "every page read so far is in the cache."
ABSURD = 1e9  # seconds; no server means that
SHORTEST = 8  # no vendor's key is shorter, and taking out a short word would eat data


def retry_after(text: str | None) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from now; None when there is none or it makes no sense."""
    if not text:
        return None
    try:
        if text.strip().isdecimal():
            wait = float(text)
        else:
            wait = (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, wait) if wait < ABSURD else None


@dataclass(frozen=True)
class Throttle:
    """A server's way of saying "too fast": is_throttled looks at an answer, waits are the pauses when it names none."""

    waits: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
    is_throttled: Callable[[Any], bool] = lambda response: response.status_code == 429
    asked_to_wait: Callable[[Any], float | None] = lambda response: retry_after(response.headers.get("Retry-After"))


class Reader:
    """Turns a response into something that may be stored and read, or into an error that names the call and no data.

    credentials gives the keys in clear, which are taken out of bodies that echo them; adopt looks at an accepted response;
    error_key finds the system's own key of an error in its body.
    """

    def __init__(
        self,
        crm: str,
        throttle: Throttle,
        credentials: Callable[[], Sequence[bytes]],
        adopt: Callable[[Any], None] | None,
        error_key: Callable[[Any], Any] = lambda body: None,
    ) -> None:
        self._crm = crm
        self._throttle = throttle
        self._credentials = credentials
        self._adopt = adopt
        self._error_key = error_key

    def accept(self, response: Any, call: Call) -> None:
        """Check, clean and decode a response in place: crmkit_json and crmkit_body are set."""
        self._raise_for_status(response, call)
        response.crmkit_json = not call.file
        if self._adopt is not None:
            self._adopt(response)
        response._content = self._without_keys(response.content if call.file else plain(response.content))
        kind = self._without_keys(response.headers.get("Content-Type", "").encode()).decode("latin-1")
        # The other headers may name the credential too, and requests-cache writes some of them to its log.
        response.headers = CaseInsensitiveDict({"Content-Type": kind})
        self._refuse_web_page(response, call)
        response.crmkit_body = response.content if call.file else self._decoded(response, call)

    def _where(self, response: Any, call: Call) -> dict[str, Any]:
        return {"crm": self._crm, "endpoint": call.name, "status": response.status_code}

    def _raise_for_status(self, response: Any, call: Call) -> None:
        status = response.status_code
        where = self._where(response, call)
        if status == 206 and not call.writes:
            raise errors.ShapeError(
                "the server answered 206, so only a part of the answer came, and crmkit asked for all of it.",
                retryable=True,
                kept=KEPT,
                hint="run the same call again; if it stays, a proxy on the way cuts answers.",
                **where,
            )
        if 200 <= status < 300:
            return
        if self._throttle.is_throttled(response):
            wait = self._throttle.asked_to_wait(response)
            raise errors.RateLimited(
                "the server says there were too many calls" + (f" and asks to wait {wait:.0f} s." if wait else "."),
                retry_after=wait,
                kept=KEPT,
                hint="run the same call again later; it goes on from the kept pages.",
                **where,
            )
        kind, what, hint = meaning(status)
        more: dict[str, Any] = (
            {"kept": KEPT, "retry_after": retry_after(response.headers.get("Retry-After"))} if status >= 500 else {}
        )
        key = self._machine_key(response)
        raise kind(f"the server answered {status}{key}{what}.", hint=call.hints.get(status, hint), **more, **where)

    def _machine_key(self, response: Any) -> str:
        """The system's own name of the error, where it has one.

        Only a plain key gets from a body into an error's text, and never our credential.
        """
        try:
            key = self._error_key(json.loads(response.content))
        except (ValueError, RecursionError):
            return ""
        usable = isinstance(key, str) and KEY.fullmatch(key) and self._without_keys(key.encode()) == key.encode()
        return f" ({key})" if usable else ""

    def _without_keys(self, content: bytes) -> bytes:
        lowered = content.lower()
        for key in self._credentials():
            for form in spellings(key) if len(key) >= SHORTEST else ():
                if form.lower() in lowered:
                    content = cut_out(content, form)
                    lowered = content.lower()
        return content

    def _refuse_web_page(self, response: Any, call: Call) -> None:
        if "html" in response.headers["Content-Type"].lower():
            raise errors.ShapeError(
                "the server answered with a web page instead of data: often a login page.",
                hint="check the base URL and the key.",
                **self._where(response, call),
            )

    def _decoded(self, response: Any, call: Call) -> Any:
        if call.writes and not response.content.strip():
            return None  # for some writes no reply is documented
        readable = True
        try:
            found = decoded(response.content)
            secrets = frozenset(name for name in call.secrets if may_name(response.content, name))
            body = without(found, secrets) if secrets else found
            body = call.scrub(body, response.content) if call.scrub else body
            if body is not found:
                response._content = json.dumps(body).encode()
        except (ValueError, RecursionError):
            readable = False
        if readable:
            return body
        raise errors.ShapeError(
            "the answer is not JSON, or only half of it came.",
            retryable=True,
            hint="run the same call again.",
            **self._where(response, call),
        )


def meaning(status: int) -> tuple[type[RequestFailed], str, str]:
    """What a refusal means: the error, what it says after the status, and what to do."""
    if status == 401:
        return errors.AuthError, ": the key is missing, wrong or expired", "check the key, and that it belongs to this base URL."
    if status == 403:
        return errors.PermissionDenied, ": the key may not read this", "ask an administrator for the right."
    if status in (404, 410):
        return errors.NotFound, ": no such record or path", "check the id."
    if status >= 500:
        return errors.ServerError, ": the server failed", "run the same call again later."
    if 300 <= status < 400:
        what = ": it points elsewhere, and crmkit does not follow"
        return RequestFailed, what, "check the base URL: a key is never sent to another address."
    return RequestFailed, "", "check the parameters of the call."


def plain(content: bytes) -> bytes:
    """JSON in UTF-16, UTF-32 or behind a byte order mark as plain UTF-8; what cannot be read stays as it is."""
    encoding = json.detect_encoding(content)
    if encoding == "utf-8":
        return content
    try:
        return content.decode(encoding).encode()
    except ValueError:
        return content


def may_name(content: bytes, name: str) -> bool:
    """Whether JSON bytes may hold a member of this plain name: it stands there, or characters are given by number."""
    return name.encode() in content or SPELT.search(content) is not None


def without(value: Any, names: frozenset[str]) -> Any:
    """The JSON value without the members of these names, at any depth."""
    if isinstance(value, dict):
        return {key: without(inner, names) for key, inner in value.items() if key not in names}
    return [without(inner, names) for inner in value] if isinstance(value, list) else value


def spellings(key: bytes) -> Iterator[bytes]:
    """How a body may spell a key: as it is, in a URL, in JSON, in hex, and inside a base64 text at any place."""
    text = key.decode("utf-8", "replace")
    escaped = json.dumps(text)[1:-1]
    spelt = (key, quote(text, safe=""), quote_plus(text), escaped, escaped.replace("/", "\\/"), key.hex())
    yield from dict.fromkeys(one if isinstance(one, bytes) else one.encode() for one in spelt)
    for before in range(3):
        coded = base64.b64encode(bytes(before) + key)
        # The characters at either end also hold bits of the neighbours.
        inner = coded[-(-before * 8 // 6) : (before + len(key)) * 8 // 6]
        yield from {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}


def cut_out(content: bytes, form: bytes) -> bytes:
    """The content without a form of a key, whatever its case."""
    lowered, wanted = content.lower(), form.lower()
    pieces, start = [], 0
    while (place := lowered.find(wanted, start)) >= 0:
        pieces.append(content[start:place])
        start = place + len(wanted)
    return REMOVED.join([*pieces, content[start:]])
