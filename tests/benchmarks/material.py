"""What is measured on: the demo's own answers of five systems, grown to any number of records with ids of their own."""

from __future__ import annotations

import copy
import json
import math
import os
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import msgspec
from measure import folder

import crmkit

FEW = 500  # people in the demo whose answers are grown


@dataclass(frozen=True)
class Source:
    """A main list of one system: its client and row, the page size, where its records are, and where a record has its id.

    slim: nested lists that are emptied, because they are far larger than their record.
    """

    crm: str
    row: str
    size: int
    path: tuple[str, ...]
    id: tuple[str, ...] = ("id",)
    slim: tuple[str, ...] = ()

    @property
    def client(self) -> type[Any]:
        return getattr(crmkit, self.crm)

    @property
    def endpoint(self) -> Any:
        return vars(self.client)[self.row]


PEEPL = Source("Peepl", "contacts", 10, ("results",))
COMPANIES = Source("OnePageCRM", "companies", 100, ("data", "companies"), ("company", "id"), slim=("contacts", "pending_deals"))
MAIN = (
    PEEPL,
    Source("Beeple", "collaborator_list", 500, ("collaborators",)),
    Source("SheepCRM", "events", 250, ("bookings",), ("uid",)),
    Source("MissionHub", "people", 100, ("data",)),
    Source("OnePageCRM", "contacts", 100, ("data", "contacts"), ("contact", "id")),
)


@cache
def answers(source: Source) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An answer of this list without its records, and the demo's records."""
    bodies: list[dict[str, Any]] = []
    with folder() as place, patch.dict(os.environ, CRMKIT_CACHE_DIR=place), crmkit.demo.start(people=FEW) as demo:
        client = getattr(demo, source.crm.lower())()
        getattr(client, source.row)()
        for system, endpoint, body in crmkit.cache.bodies():
            if (system, endpoint) == (source.crm.lower(), source.row):
                bodies.append(body)
        crmkit.cache.close()
    records = [record for body in bodies for record in inside(body, source.path)]
    frame = bodies[0]
    inside(frame, source.path[:-1])[source.path[-1]] = []
    return frame, records


def inside(body: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def grown(source: Source, count: int) -> list[dict[str, Any]]:
    """So many records: the demo's, again and again, each with an id of its own."""
    texts = [msgspec.json.encode(record) for record in answers(source)[1]]
    records = []
    for number in range(count):
        record = msgspec.json.decode(texts[number % len(texts)])
        holder = inside(record, source.id[:-1])
        holder.update({name: [] for name in source.slim})
        known = holder[source.id[-1]]
        holder[source.id[-1]] = number + 1 if isinstance(known, int) else f"{number + 1:0{len(known)}d}"
        records.append(record)
    return records


def pages(source: Source, count: int) -> list[bytes]:
    """The same as answers, page by page."""
    records = grown(source, count)
    return [
        body(source, records[start : start + source.size], start, count).encode() for start in range(0, len(records), source.size)
    ]


def body(source: Source, records: list[dict[str, Any]], start: int, count: int) -> str:
    """One answer with these records, which begin at a place of a list of so many."""
    answer = copy.deepcopy(answers(source)[0])
    inside(answer, source.path[:-1])[source.path[-1]] = records
    if source is PEEPL:
        answer["count"] = count
        more = start + len(records) < count
        answer["next"] = f"http://127.0.0.1/contacts/?limit={source.size}&offset={start + source.size}" if more else None
        answer["previous"] = None
    if source is COMPANIES:
        page = {"page": start // source.size + 1, "max_page": math.ceil(count / source.size), "per_page": source.size}
        answer["data"].update(page, total_count=count)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
