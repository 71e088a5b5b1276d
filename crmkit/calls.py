"""What is asked and what comes back, and where a credential may go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from crmkit.errors import ConfigError
from crmkit.params import Pairs

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Call:
    """One request to be made: method, path below the base URL, query pairs, JSON body, and what is read of the answer.

    name: the fetcher. secrets: members that are removed from the answer, scrub: a further change of it, decoded and as it came, both
    before it is stored.
    file: the answer is bytes. others: paths to ask next on 404. hints: status -> what to do then. writes: it changes data at the
    server, so it is sent once and never by itself again.
    """

    method: str
    path: str
    query: Pairs = field(default_factory=list)
    body: Any = None
    name: str = ""
    secrets: tuple[str, ...] = ()
    scrub: Callable[[Any, bytes], Any] | None = None
    file: bool = False
    accept: str = "application/json"
    others: tuple[str, ...] = ()
    hints: Mapping[int, str] = field(default_factory=dict)
    writes: bool = False

    @property
    def walk_id(self) -> str:
        """What tells one walk from another in an account's cache: a short fingerprint, the same in every process."""
        parts = (self.name, self.method, self.path, sorted(self.query), self.body)
        return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=8).hexdigest()

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


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_loopback(address: str) -> bool:
    """Whether an address, with or without a scheme, is this machine."""
    return urlsplit(address if "://" in address else f"//{address}").hostname in LOOPBACK


def checked_base(url: str, crm: str) -> str:
    """A base URL that a credential may be sent to, without a trailing slash.

    https only, except to loopback; no user name or password in it.
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise ConfigError("the base URL names no host.", crm=crm, hint="it looks like https://host/path.")
    if "@" in parts.netloc:
        raise ConfigError("the base URL holds a user name or password.", crm=crm, hint="pass credentials by their own arguments.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise ConfigError(
            "a key is not sent over plain http.", crm=crm, hint="use an https:// address (http is for loopback only)."
        )
    if parts.query or parts.fragment:
        raise ConfigError("the base URL has a query or a fragment.", crm=crm, hint="it ends with its path.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class Authorisation(requests.auth.AuthBase):
    """Sets headers on a request, only when it goes to the configured origin."""

    def __init__(self, base_url: str, headers: Callable[[], Mapping[str, str]]) -> None:
        self._origin = origin(base_url)
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if origin(request.url or "") == self._origin:
            if not all(text.isascii() for text in self._headers().values()):
                raise ConfigError(
                    "the credential holds a character that no key has (a dash or quote from a text editor?).",
                    hint="copy it again from the system's own screen.",
                )
            request.headers.update(self._headers())
        return request
