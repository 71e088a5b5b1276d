"""Calls to the demo's OnePageCRM over real HTTP, without the client."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from crmkit.demo import Demo

Ask = Callable[..., requests.Response]
FIXED = Path(__file__).parents[1]
OPERATIONS = [line.split("\t")[1] for line in (FIXED / "operations" / "onepagecrm.txt").read_text().splitlines()]
EXAMPLES = json.loads((FIXED / "examples" / "onepagecrm.json").read_text())
PARAMETERS = {
    path: names.split(",")
    for path, names in (
        line.split("\t")
        for line in (FIXED / "operations" / "onepagecrm_params.txt").read_text().splitlines()
        if not line.startswith("#")
    )
}
# The lists that give records whose id a path can be filled with, and where the records lie.
LISTS = {
    "contact_id": ("contacts", "contact"),
    "company_id": ("companies", "company"),
    "deal_id": ("deals", "deal"),
    "note_id": ("notes", "note"),
    "call_id": ("calls", "call"),
    "meeting_id": ("meetings", "meeting"),
    "action_id": ("actions", "action"),
    "filter_id": ("filters", "filter"),
    "custom_field_id": ("custom_fields", "custom_field"),
    "company_field_id": ("company_fields", "company_field"),
    "deal_field_id": ("deal_fields", "deal_field"),
    "predefined_action_id": ("predefined_actions", "predefined_action"),
    "predefined_action_group_id": ("predefined_action_groups", "predefined_action_group"),
    "predefined_item_id": ("predefined_items", "predefined_item"),
    "predefined_item_group_id": ("predefined_item_groups", "predefined_item_group"),
    "relationship_type_id": ("relationship_types", "relationship_type"),
    "notification_id": ("notifications", "notification"),
    "pipeline_id": ("pipelines", "pipeline"),
}


def caller(demo: Demo, session: requests.Session, **credentials: str) -> Ask:
    """ask("/contacts", page=2): one call below the base URL, as the account's owner or somebody else."""
    session.trust_env = False  # no look for proxies at every call
    mine = credentials or demo.credentials["onepagecrm"]
    session.auth = (mine["user_id"], mine["api_key"])

    def call(path: str, method: str = "GET", **query: Any) -> requests.Response:
        return session.request(method, demo.urls["onepagecrm"] + path, params=query, timeout=30)

    return call


def records(ask: Ask, path: str, name: str, wrapper: str | None = None, /, **query: Any) -> list[dict[str, Any]]:
    """All records of a paged list, and as many as it declares."""
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        data = ask(path, page=page, per_page=100, **query).json()["data"]
        found += data[name]
        if page >= data["max_page"]:
            break
    assert len(found) == data["total_count"]
    return [each[wrapper] for each in found] if wrapper else found


def related(ask: Ask) -> tuple[str, str]:
    """A contact with a relation, and the relation."""
    for contact in records(ask, "/contacts", "contacts", "contact", team="true"):
        found = ask(f"/contacts/{contact['id']}/relationships").json()["data"]["relationships"]
        if found:
            return contact["id"], found[0]["relationship"]["id"]
    raise AssertionError("nobody is related to anybody")


def ids(ask: Ask) -> dict[str, str]:
    """A value for every placeholder of a path."""
    found = {name: ask(f"/{key}").json()["data"][key][0][wrapper]["id"] for name, (key, wrapper) in LISTS.items()}
    found["user_id"] = ask("/users").json()["data"][0]["user"]["id"]
    found["status_id"] = ask("/statuses").json()["data"][0]["status"]["id"]
    found["lead_source_id"] = ask("/lead_sources").json()["data"][0]["id"]
    found["webhook_id"] = ask("/webhooks").json()["data"]["webhooks"][0]["id"]
    found["last_id"] = found["contact_id"]
    return found


def filled(template: str, values: dict[str, str], relation: tuple[str, str]) -> str:
    """A documented path with values that exist."""
    if "{relationship_id}" in template:
        return template.replace("{contact_id}", relation[0]).replace("{relationship_id}", relation[1])
    return re.sub(r"{(\w+)}", lambda match: values[match[1]], template)


def leaves(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value
