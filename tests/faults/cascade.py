"""OnePageCRM's own way past its cap: batches sorted by name, each named by the id before it."""

from __future__ import annotations

from typing import Any, NamedTuple

from .dialects import OnePageCRM, Record
from .dials import Dials

BATCH = 100


class Batch(NamedTuple):
    """Up to a hundred records, how many are left after them, and the id that names the next batch."""

    records: list[Record]
    left: int
    last_id: Any


def batch(records: list[Record], after: str | None, start: int, faults: Dials) -> Batch | None:
    """The batch after the record with this id, or the first one; None if nobody has that id."""
    people = sorted(records, key=by_name)
    if after is not None and not faults.ignore_page:
        places = [place for place, record in enumerate(people) if record["id"] == after]
        if not places:
            return None
        start = places[0] + 1
    found = people[start : start + (faults.page_size or BATCH)]
    return Batch(found, max(0, len(people) - start - len(found)), found[-1]["id"] if found else after)


def by_name(record: Record) -> tuple[str, str, str]:
    return str(record.get("last_name")), str(record.get("first_name")), str(record["id"])


def cascade_payload(dialect: OnePageCRM, found: Batch, spoilt: list[Record], left: Any, host: str) -> Any:
    """The answer; its link names another host than the base URL, as the vendor's does."""
    link = f"{host}{dialect.prefix}/contacts/cascade/{found.last_id}"
    return dialect.batch(spoilt, left, link)
