"""Calls to the demo's Beeple over real HTTP, without the client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests

from crmkit.demo import Demo

Ask = Callable[..., requests.Response]
FIXED = Path(__file__).parents[1]
EXAMPLES = json.loads((FIXED / "examples" / "beeple.json").read_text())
OPERATIONS = [
    line.split("\t")[1] for line in (FIXED / "operations" / "beeple.txt").read_text().splitlines() if not line.startswith("#")
]
PARAMETERS = [
    (path, names.split(","))
    for path, names in (
        line.split("\t")
        for line in (FIXED / "operations" / "beeple_params.txt").read_text().splitlines()
        if not line.startswith("#")
    )
]
PERIOD = {"start": "2022-09-01", "end": "2024-08-31"}


def caller(demo: Demo, session: requests.Session) -> Ask:
    """ask("/projects", page=2): one call below the prefix, with the token."""
    session.trust_env = False  # no look for proxies at every call
    session.headers["Token"] = demo.credentials["beeple"]["token"]

    def call(path: str, method: str = "GET", json: Any = None, query: Any = None, **more: Any) -> requests.Response:
        url = f"{demo.urls['beeple']}/api/v1/admin{path}"
        return session.request(method, url, params={**(query or {}), **more}, json=json, timeout=30)

    return call


def people(ask: Ask) -> list[str]:
    """Ids of all collaborators."""
    return [each["id"] for each in ask("/collaborators", page_items=10000).json()["collaborators"]]


def enrolments(ask: Ask, number: str, **query: Any) -> list[dict[str, Any]]:
    """All enrolments of a collaborator, and as many as are counted."""
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        body = ask(f"/collaborators/{number}/enrolments", query=query, page=page).json()
        found += body["enrolments"]
        if body["next"] is None:
            break
    assert len(found) == body["count"]
    return found


def subprojects(ask: Ask, project: str) -> list[dict[str, Any]]:
    """All subprojects of a project."""
    found: list[dict[str, Any]] = []
    for page in range(1, 1000):
        body = ask(f"/projects/{project}/subprojects", page=page).json()
        found += body["subprojects"]
        if body["next"] is None:
            break
    return found


def teams(ask: Ask) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Project, subproject and record of every team that lists show."""
    for project in ask("/projects").json()["projects"]:
        for team in ask(f"/projects/{project['id']}/teams").json()["teams"]:
            yield project["id"], None, team
        for part in subprojects(ask, project["id"]):
            for page in range(1, 100):
                found = ask(f"/subprojects/{part['id']}/teams", page=page).json()["teams"]
                for team in found:
                    yield project["id"], part["id"], team
                if not found:
                    break


def ids(ask: Ask, demo: Demo) -> dict[str, str]:
    """A value for every placeholder: of a project with subprojects, of somebody with enrolments and availabilities."""
    said = set(demo.truth["availabilities"]["record_id"])
    enrolment = next(each for each in demo.truth["enrolments"].itertuples() if each.record_id in said and not each.orphan)
    part = ask("/projects/41/subprojects").json()["subprojects"][0]
    first = ask(f"/collaborators/{enrolment.record_id}/availabilities2", query=PERIOD).json()["availabilities"][0]
    return {
        "project_id": "41",
        "subproject_id": part["id"],
        "team_id": enrolment.team_id,
        "collaborator_id": enrolment.record_id,
        "enrolment_id": enrolment.enrolment_id,
        "availability_id": str(first["id"]),
    }


def filled(template: str, values: dict[str, str]) -> str:
    """A path with values that exist; what {id} is depends on the path."""
    path = template.replace("/availabilities2/{id}", "/availabilities2/{availability_id}")
    for noun in ("collaborator", "team", "project", "enrolment"):
        path = path.replace(f"/{noun}s/{{id}}", f"/{noun}s/{{{noun}_id}}")
    return path.format(**values)


def leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every path and value of an answer; places in lists are left out of the path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{at}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, at)
    else:
        yield at, value


def keys(value: Any, at: str = "") -> Iterator[str]:
    """Paths of all keys of an answer; of objects that stand for lists only the first place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            place = f"{at}.{'0' if key.isdecimal() else key}".lstrip(".")
            yield place
            yield from keys(inner, place)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, at)
