"""Calls to the demo's MissionHub over real HTTP, without the client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import requests

from crmkit.demo import Demo

Ask = Callable[..., requests.Response]
Pairs = Iterable[tuple[str, str]]
FIXED = Path(__file__).parents[1]
EXAMPLES = json.loads((FIXED / "examples" / "missionhub.json").read_text())
OPERATIONS = (FIXED / "operations" / "missionhub.txt").read_text().split("# left out\n")
PARAMETERS = {
    path: names.split(",")
    for path, names in (line.split("\t") for line in (FIXED / "operations" / "missionhub_params.txt").read_text().splitlines())
}
ARCHIVED = ("filters[include_archived]", "true")
# Every path that brings something the filters ask about.
WHOLE = (
    "email_addresses,phone_numbers,addresses,organizational_permissions.organization,organizational_labels.label,"
    "group_memberships.group,interactions.initiators,answer_sheets.answers.question,answer_sheets.survey,"
    "contact_assignments,reverse_contact_assignments.organization,person_notes,user"
)


def caller(demo: Demo, session: requests.Session, token: str = "") -> Ask:
    """ask("/people", ("sort", "gender")): one call below the base URL, with a token that is never exchanged."""
    session.trust_env = False  # no look for proxies at every call
    session.headers["Authorization"] = f"Bearer {token or demo.credentials['missionhub']['token']}"

    def call(path: str, *pairs: tuple[str, str], method: str = "GET") -> requests.Response:
        return session.request(method, demo.urls["missionhub"] + path, params=list(pairs), timeout=30)

    return call


def walk(ask: Ask, *pairs: tuple[str, str], limit: int = 250) -> tuple[list[dict[str, Any]], dict[tuple[str, str], Any]]:
    """All people of an index, in order, and everything included by type and id."""
    people: list[dict[str, Any]] = []
    included: dict[tuple[str, str], Any] = {}
    while True:
        answer = ask("/people", *pairs, ("page[limit]", str(limit)), ("page[offset]", str(len(people))))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        if not page["data"]:
            assert len(people) == page["meta"]["total"]
            return people, included
        people += page["data"]
        included |= {(each["type"], each["id"]): each for each in page.get("included", ())}


def total(ask: Ask, *pairs: tuple[str, str]) -> int:
    """How many people a filter finds."""
    answer = ask("/people", *pairs, ("include", ""), ("page[limit]", "0"))
    assert answer.status_code == 200, answer.text
    content = answer.json()
    assert content["data"] == []
    found: int = content["meta"]["total"]
    return found


def related(record: dict[str, Any], name: str, included: dict[tuple[str, str], Any]) -> list[dict[str, Any]]:
    """The included records at the other end of a relationship."""
    data = record["relationships"][name]["data"]
    ends = data if isinstance(data, list) else [data] if data else []
    return [included[end["type"], end["id"]] for end in ends]
