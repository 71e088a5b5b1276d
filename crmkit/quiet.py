"""Connections that tell nobody what went over them.

http.client prints every header, the credential among them, once anybody sets its debuglevel; urllib3 logs headers that it cannot
parse, and a server may echo the credential there.
"""

from __future__ import annotations

import http.client
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection


class _Answer(http.client.HTTPResponse):
    """An answer without the remains of headers that are none."""

    def begin(self) -> None:
        super().begin()
        if self.headers is not None:
            self.headers.defects = []
            self.headers.set_payload("")


class _Http(HTTPConnection):
    debuglevel = 0
    response_class = _Answer


class _Https(HTTPSConnection):
    debuglevel = 0
    response_class = _Answer


def quiet(pool: Any) -> Any:
    """A pool of urllib3 that makes quiet connections."""
    pool.ConnectionCls = _Https if pool.scheme == "https" else _Http
    return pool
