"""What the cache holds of changed records goes, so that the next fetch sees the new values."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from crmkit.errors import ShapeError
from crmkit.private import CacheWarning
from crmkit.room import PAGES_OF, drop
from crmkit.store import unpacked

if TYPE_CHECKING:
    from crmkit.client import Client

NAMES = ("id", "uid", "uri", "ref")


def drop_stale(client: Client, nouns: Collection[str], ids: Collection[str]) -> int:
    """Drop every cached reading that lists records of these kinds, or names one of these ids; returns how many.

    A list may gain a record by its new value, so all lists of the kind go, not only the pages that hold it.
    """
    lists = {name for name, row in client.rows().items() if row.record in nouns or (row.part_of and row.part_of[0] in nouns)}

    def work(con: sqlite3.Connection) -> int:
        query = f"SELECT w.endpoint, w.walk, w.generation, r.value FROM walks w LEFT JOIN responses r ON {PAGES_OF}"
        gone = {
            (walk, generation)
            for endpoint, walk, generation, value in con.execute(query).fetchall()
            if endpoint in lists or (value is not None and _names(value, ids))
        }
        for walk, generation in gone:
            drop(con, walk, generation)
        return len(gone)

    try:
        return client._cache.run(work, write=True)
    except (sqlite3.Error, OSError) as error:
        warnings.warn(
            f"the cache may still hold changed records ({type(error).__name__}); fetch them with refresh=True.",
            CacheWarning,
            stacklevel=3,
        )
        return 0


def _names(value: bytes, ids: Collection[str]) -> bool:
    """Whether a page names a record; one that cannot be read counts as doing so, as does a file, which nobody looks into."""
    try:
        waiting: list[Any] = [unpacked(value)["body"]]
    except ShapeError:
        return True
    if isinstance(waiting[0], bytes):
        return True
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            for name, inner in one.items():
                if isinstance(inner, dict | list):
                    waiting.append(inner)
                elif name.rpartition("_")[2] in NAMES and not isinstance(inner, bool) and str(inner) in ids:
                    return True
    return False
