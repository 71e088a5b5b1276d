"""Rolling tokens: every answer brings a new one, and an older one runs out.

They look like JSON Web Tokens and are none: nothing outside the demo would take them. A token says that it lives
180 seconds; it is the calls that make the tokens' clock go, and without the dial token_calls no token runs out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from threading import Lock

from crmkit.demo.clock import NOW
from crmkit.demo.wsgi import Refused

LIFETIME = 180
_BEGIN = int(NOW.timestamp())


class Tokens:
    """Issues and checks tokens; secret signs them, calls is how many a token is good for, None for any number."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._lock = Lock()
        self.turned(None)

    def turned(self, calls: int | None) -> None:
        """Start the clock anew: the first token is good again."""
        with self._lock:
            self._calls, self._seen = calls, 0

    def first(self, user_id: int) -> str:
        """The token that a user starts with."""
        return self._token(user_id, _BEGIN)

    def accept(self, token: str) -> int:
        """The user of a token that is good for one more call."""
        parts = token.split(".")
        if len(parts) != 3 or parts[2] != self._signature(f"{parts[0]}.{parts[1]}"):
            raise Refused(401, "Invalid access token")
        try:
            content = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        except (binascii.Error, ValueError):
            raise Refused(401, "Invalid access token") from None
        with self._lock:
            if self._calls is not None and self._now() >= content["exp"]:
                raise Refused(401, "Expired access token")
            self._seen += 1
        return int(content["user_id"])

    def next(self, user_id: int) -> str:
        """A new token for the same user, issued now."""
        with self._lock:
            return self._token(user_id, self._now())

    def _now(self) -> int:
        """The tokens' clock in Unix seconds: as many calls as the dial says take a lifetime, else each one second."""
        return _BEGIN + (self._seen * LIFETIME // self._calls if self._calls else self._seen)

    def _token(self, user_id: int, issued: int) -> str:
        header = _encoded(json.dumps({"typ": "JWT", "alg": "HS256"}))
        body = _encoded(json.dumps({"user_id": user_id, "exp": issued + LIFETIME, "iat": issued}))
        return f"{header}.{body}.{self._signature(f'{header}.{body}')}"

    def _signature(self, signed: str) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(f"{self._secret}:{signed}".encode()).digest()).rstrip(b"=").decode()


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
