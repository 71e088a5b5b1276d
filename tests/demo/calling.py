"""Calls to the demo's Peepl over real HTTP, without the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from crmkit.demo import Demo

Get = Callable[..., requests.Response]


def caller(demo: Demo, session: requests.Session) -> Get:
    """get("/contacts/", offset=10): one call below the base URL, with the token."""
    session.trust_env = False  # no look for proxies at every call
    session.headers["Authorization"] = f"Token {demo.credentials['peepl']['token']}"

    def call(path: str, method: str = "GET", json: Any = None, **query: Any) -> requests.Response:
        return session.request(method, demo.urls["peepl"] + path, params=query, json=json, timeout=10)

    return call


def walk(get: Get, path: str, **how: Any) -> list[Any]:
    """Every record of a paged list, and as many as it declares."""
    found: list[Any] = []
    while True:
        page = get(path, offset=len(found), **how).json()
        found += page["results"]
        if page["next"] is None:
            assert len(found) == page["count"]
            return found
