"""A client that believes everything: for looking at the fault server, and as the control that loses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from .dialects import Record
from .server import FaultServer

LISTS = {
    "peepl": "/contacts/",
    "beeple": "/api/v1/admin/collaborators/7/enrolments",
    "sheepcrm": "/segments/v2/example/all",
    "missionhub": "/people",
    "onepagecrm": "/contacts",
}


def login(server: FaultServer, token: str | None = None) -> dict[str, Any]:
    """The keyword arguments with which requests presents a credential to this system."""
    token = token or server.token
    match server.dialect.name:
        case "peepl":
            return {"headers": {"Authorization": f"Token {token}"}}
        case "beeple":
            return {"headers": {"Token": token}}
        case "onepagecrm":
            return {"auth": (server.user_id, token)}
        case _:
            return {"headers": {"Authorization": f"Bearer {token}"}}


def ask(
    server: FaultServer,
    path: str | None = None,
    query: Mapping[str, Any] | None = None,
    *,
    token: str | None = None,
    method: str = "GET",
    allow_redirects: bool = False,
) -> requests.Response:
    """One call to a path below the base URL, by default to the list, on a connection of its own."""
    url = server.url + (path or LISTS[server.dialect.name])
    return requests.request(method, url, params=query, timeout=10, allow_redirects=allow_redirects, **login(server, token))


def at(server: FaultServer, place: int, size: int) -> dict[str, int]:
    """The page parameters for the page of this place, counted from 0."""
    dialect = server.dialect
    return {dialect.position_name: dialect.position_of(place * size, size), dialect.size_name: size}


def page(server: FaultServer, place: int = 0, size: int = 10) -> list[Record]:
    """The records of one page."""
    # Python's own reader: another one, which requests may prefer, does not know NaN.
    return records_of(json.loads(ask(server, query=at(server, place, size)).content))


def records_of(payload: Any) -> list[Record]:
    """The first list in an answer, with the noun around each record taken off."""
    body = payload.get("data", payload) if isinstance(payload.get("data"), dict) else payload
    found: list[Record] = next(value for value in body.values() if isinstance(value, list))
    return [record["contact"] if list(record) == ["contact"] else record for record in found]


def walk(server: FaultServer, size: int = 10) -> list[Any]:
    """Ids of page after page until one is empty: no overlap, no totals, no guards."""
    ids: list[Any] = []
    for place in range(1_000):
        records = page(server, place, size)
        if not records:
            break
        ids += [server.dialect.id_of(record) for record in records]
    return ids
