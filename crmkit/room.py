"""How large the cache may become: the least recently used readings go, whole, from all accounts' files of a folder.

A reading that is being made is left alone, so a folder may be over its size while one is under way.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from crmkit.errors import ConfigError

VARIABLE = "CRMKIT_CACHE_MAX_BYTES"
DEFAULT = 2 * 1024**3
SIZE = re.compile(r"(\d+)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
OURS = re.compile(r"[a-z]+-[0-9a-f]{16}")  # an account's label, so that other people's files in the folder are left alone
LEAVES = 0.9  # of the size allowed, so that not every walk has to make room
IN_USE = 2 * 3600.0  # seconds; the longest pause between two pages is an hour, of the longest budget
BUSY = 5.0
LAYOUT = 4  # of the file; one of another layout is set aside
PAGES_OF = "r.key >= w.walk || '.' || w.generation || '.' AND r.key < w.walk || '.' || w.generation || '/'"
TYPED_OF = "(SELECT COALESCE(SUM(LENGTH(t.value)), 0) FROM typed t WHERE t.walk=w.walk AND t.generation=w.generation)"
IDLE = f"""SELECT w.walk, w.generation, w.state='bad', w.used, COALESCE(SUM(LENGTH(r.value)), 0) + {TYPED_OF}
    FROM walks w LEFT JOIN responses r ON {PAGES_OF}
    WHERE w.state IN ('done', 'bad') OR w.used < ? GROUP BY w.walk, w.generation"""

Reading = tuple[Path, str, str]


def allowed() -> int | None:
    """The bytes a cache folder may hold: CRMKIT_CACHE_MAX_BYTES (500000000, 500M, 2G; 0: no limit), else 2 GiB."""
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return DEFAULT
    match = SIZE.fullmatch(text)
    if match is None:
        raise ConfigError(f"{VARIABLE} is not a size.", hint="write bytes, or a number with K, M or G; 0 means no limit.")
    return int(match[1]) * 1024 ** " kmgt".index(match[2].lower() or " ") or None


def files(folder: Path) -> list[Path]:
    """The accounts' files of a folder."""
    return [file for file in sorted(folder.glob("*.sqlite")) if OURS.fullmatch(file.stem)]


def size(folder: Path) -> int:
    """What the accounts' files take on the disk, journals included, in bytes."""
    parts = [file.with_name(file.name + ending) for file in files(folder) for ending in ("", "-wal")]
    return sum(part.stat().st_size for part in parts if part.exists())


def has_room(folder: Path, limit: int | None, more: int) -> bool:
    """Whether so many bytes more fit into the folder without any reading having to go."""
    return limit is None or size(folder) + more <= limit


def make_room(folder: Path, limit: int | None) -> set[Reading]:
    """Drop the readings that were used longest ago until the folder is below its size; says which ones went.

    Readings that ended badly go first. The size is looked at anew the next time, so an estimate will do here.
    """
    if limit is None or size(folder) <= limit:
        return set()
    for file in files(folder):
        _drop(file, [])  # journals and free pages may be all that is too much
    if (excess := size(folder) - limit) <= 0:
        return set()
    excess += round(limit * (1 - LEAVES))
    gone: set[Reading] = set()
    for reading, held in _idle(folder):
        if excess <= 0:
            break
        gone.add(reading)
        excess -= held
    for file in {file for file, _, _ in gone}:
        _drop(file, [(walk, generation) for place, walk, generation in gone if place == file])
    return gone


def _idle(folder: Path) -> list[tuple[Reading, int]]:
    """The readings that nobody is making, with their bytes: the one to go first, first."""
    found = []
    for file in files(folder):
        with closing(sqlite3.connect(file, timeout=BUSY)) as con:
            if con.execute("PRAGMA user_version").fetchone() != (LAYOUT,):
                continue  # of another version, which the next fetch of its account sets aside
            lines = con.execute(IDLE, (time.time() - IN_USE,)).fetchall()
        found += [((not bad, used), (file, walk, generation), held) for walk, generation, bad, used, held in lines]
    return [(reading, held) for _, reading, held in sorted(found)]


def _drop(file: Path, readings: list[tuple[str, str]]) -> None:
    """Delete the readings, and give back what the file does not need."""
    with closing(sqlite3.connect(file, timeout=BUSY, isolation_level=None)) as con:
        con.execute("PRAGMA secure_delete=ON")
        con.execute("BEGIN IMMEDIATE")
        for walk, generation in readings:
            drop(con, walk, generation)
        con.execute("COMMIT")
        con.executescript("PRAGMA incremental_vacuum")  # execute() would stop after one page
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def drop(con: sqlite3.Connection, walk: str, generation: str) -> None:
    """Delete one reading: its pages and its line."""
    prefix = f"{walk}.{generation}"
    con.execute("DELETE FROM responses WHERE key >= ? AND key < ?", (prefix + ".", prefix + "/"))
    con.execute("DELETE FROM walks WHERE walk=? AND generation=?", (walk, generation))
