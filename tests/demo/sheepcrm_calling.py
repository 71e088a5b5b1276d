"""Calls to the demo's sheepCRM over real HTTP, without the client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from crmkit.demo import Demo

Ask = Callable[..., requests.Response]
FIXED = Path(__file__).parents[1]
_LISTED, _LEFT_OUT = (FIXED / "operations" / "sheepcrm.txt").read_text().split("# left out\n")
OPERATIONS = [line.split("\t")[1] for line in _LISTED.splitlines()]
LEFT_OUT = [line.split("\t")[1] for line in _LEFT_OUT.splitlines()]
PARAMETERS = {
    path: names.split(",")
    for path, names in (line.split("\t") for line in (FIXED / "operations" / "sheepcrm_params.txt").read_text().splitlines())
}
EXAMPLES = json.loads((FIXED / "examples" / "sheepcrm.json").read_text())
# What a call needs to be answered at all.
NEEDED = {
    "/api/v2/find/person/{bucket}": {"first_name": "Test", "last_name": "Test"},
    "/search/v2/{bucket}/person": {"first_name": "Test", "last_name": "Test"},
    "/search/v2/{bucket}": {"q": "test"},
    "/search/v2/{bucket}/help": {"q": "event"},
    "/search/v2/{bucket}/car": {"registration_number": "1-DVL-001"},
    "/segments/v2/{bucket}/find": {"name": "l"},
}
EVENTS = "/events/v2/example"


def caller(demo: Demo, session: requests.Session, key: str | None = None) -> Ask:
    """ask("/events/v2/example", page=2): one call below the base URL, with the key that may do everything or another."""
    session.trust_env = False  # no look for proxies at every call
    session.headers["Authorization"] = f"Bearer {key or demo.credentials['sheepcrm']['api_key']}"

    def call(path: str, method: str = "GET", **query: Any) -> requests.Response:
        return session.request(method, demo.urls["sheepcrm"] + path, params=query, timeout=30, allow_redirects=False)

    return call


def uid(uri: str) -> str:
    """The last part of a URI."""
    return uri.split("/")[3]


def everything(ask: Ask, path: str, key: str, size: int = 40, **query: Any) -> list[dict[str, Any]]:
    """All records of a paged list, read until a page is empty."""
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        records = ask(path, page=page, page_size=size, **query).json()[key]
        if not records:
            return found
        found += records
    raise AssertionError("the list does not end")


def events(ask: Ask, state: str = "all") -> list[dict[str, Any]]:
    """The events of a state as lists show them."""
    return everything(ask, f"{EVENTS}/bookings/{state}", "bookings")


def segments(ask: Ask) -> dict[str, dict[str, Any]]:
    """All segments by name."""
    return {each["name"]: each for each in everything(ask, "/segments/v2/example/all", "segments")}


def places(ask: Ask) -> dict[str, dict[str, str]]:
    """A value for every placeholder, by the family of the path; "" for all families."""
    event = next(each for each in events(ask) if each["title"] == "Vriendendiner" and each["status"] != "draft")
    buyer, _ = next(iter(ask(f"{EVENTS}/booking/{event['uid']}/orders").json()["buyers"].items()))
    ticket = ask(f"{EVENTS}/booking/{event['uid']}/tickets/all").json()["tickets"][0]
    held = segments(ask)
    record = ask(f"/segments/v2/example/segment/{held['Alle lidmaatschappen']['uid']}/all").json()["records"][0]
    task = ask("/notifications/v2/example/tasks").json()["tasks"]
    note = ask("/notifications/v2/example").json()["notification"]
    fieldset = ask("/segments/v2/example/fieldset").json()["fieldsets"][0]
    return {
        "": {"bucket": "example", "state": "all", "invoice_type": "order", "signature": "demo-secret-signature"},
        "/api/v2/{bucket}/member": {"uid": record["uid"]},
        "/api/v2": {"resource_type": "person", "uid": uid(record["member"]), "person_uri": record["member"]},
        "/internal": {"uid": uid(record["membership_type"])},
        "/events/v2/{bucket}/person": {"uid": uid(buyer)},
        "/events/v2/{bucket}/{resource_type}": {"resource_type": "person", "uid": uid(buyer), "euid": event["uid"]},
        "/events": {"uid": event["uid"]},
        "/segments/v2/{bucket}/fieldset": {"uid": fieldset["uid"]},
        "/segments": {"uid": held["Alle personen"]["uid"]},
        "/invoices": {"uid": ticket["uid"]},
        "/notifications/v2/{bucket}/task": {"uid": task["uid"]},
        "/notifications": {"resource_type": "journal", "uid": note["uid"]},
    }


def filled(template: str, known: dict[str, dict[str, str]]) -> str:
    """A documented path with values that exist."""
    family = next(name for name in known if name and template.startswith(name)) if "uid" in template or "uri" in template else ""
    values = known[""] | known[family]
    values.setdefault("contact_uri", values.get("person_uri", ""))
    return re.sub(r"{(\w+)}", lambda match: values[match[1]], template)
