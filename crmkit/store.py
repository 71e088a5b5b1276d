"""One account's cache file: the pages of its walks, in requests-cache's SQLite storage, packed by ourselves.

A walk is one reading of one list (or one record). It has one age: its pages belong to a generation, begun at one moment, and a
frame never mixes two. A walk that was killed continues its generation; a refresh begins a new one and the old pages go when the
new ones are complete.

What is stored of an answer: status, content type, time and body, zlib-compressed JSON. No request, no header, no cookie, no pickle.
Of a long finished list the typed columns are kept beside its pages (typed.py); a trigger deletes them with the first page that goes.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from crmkit.errors import ShapeError
from crmkit.private import CacheWarning, is_broken, laid_out, private_file
from crmkit.records import decoded
from crmkit.room import LAYOUT, allowed, drop, has_room, make_room
from crmkit.storage import Pages

T = TypeVar("T")

BUSY_MS = 30_000
BODY = b',"body":'
WALK = 16  # characters of a walk's fingerprint
CREATE_WALKS = """CREATE TABLE IF NOT EXISTS walks (
    walk TEXT, generation TEXT, endpoint TEXT, state TEXT, refreshed INTEGER, started REAL, updated REAL, used REAL,
    PRIMARY KEY (walk, generation))"""
# What is made of a reading's pages goes with the first of them that goes; a page's key begins with its walk.
CREATE_TYPED = """CREATE TABLE IF NOT EXISTS typed (
    walk TEXT, generation TEXT, place INTEGER, value BLOB, PRIMARY KEY (walk, generation, place))"""
TYPED_GO = f"""CREATE TRIGGER IF NOT EXISTS typed_go_with_a_page AFTER DELETE ON responses
    BEGIN DELETE FROM typed WHERE walk=substr(old.key, 1, {WALK}); END"""
# A page that is written over is not deleted, as SQLite sees it.
TYPED_GO_TOO = f"""CREATE TRIGGER IF NOT EXISTS typed_go_with_a_new_page AFTER INSERT ON responses
    BEGIN DELETE FROM typed WHERE walk=substr(new.key, 1, {WALK}); END"""
TYPED = "SELECT value FROM typed WHERE walk=? AND generation=? ORDER BY place"
OF_READING = "FROM responses WHERE key >= ? AND key < ?"
USED = "UPDATE walks SET used=? WHERE walk=? AND generation=?"
NEWEST = """SELECT generation, started, state, refreshed FROM walks WHERE walk=? AND state<>'bad' AND started>=?
    ORDER BY state=? DESC, state='paused', started DESC, generation DESC LIMIT 1"""


def packed(response: Any) -> bytes:
    """What is kept of an answer. A JSON body is put in as it came, so that one decoding reads all."""
    head = {
        "at": response.crmkit_at,
        "status": response.status_code,
        "type": response.headers.get("Content-Type", ""),
    }
    content = response.content
    if getattr(response, "crmkit_json", False):
        text = content
    else:
        head["encoding"] = "base64"
        text = b'"' + base64.b64encode(content) + b'"'
    return zlib.compress(json.dumps(head).encode()[:-1] + BODY + text + b"}")


def unpacked(value: bytes) -> dict[str, Any]:
    """The stored answer: at, status, type, body (decoded JSON, or bytes for files)."""
    try:
        page: dict[str, Any] = decoded(zlib.decompress(value))
        if page.get("encoding") == "base64":
            page["body"] = base64.b64decode(page["body"])
    except (zlib.error, ValueError, RecursionError):
        page = {}
    if not page:
        raise ShapeError(
            "a page in the cache is damaged.", retryable=True, hint="run the same call again: it then asks the server."
        )
    return page


@dataclass
class Generation:
    """One reading of one list in the cache: its age and the pages it has so far (page id -> packed answer).

    typed: what was kept of a finished one's frame; its pages are not read then, before they are asked for.
    """

    walk: str
    name: str
    started: float
    state: str
    pages: dict[str, bytes] = field(default_factory=dict)
    typed: list[bytes] = field(default_factory=list)

    def key(self, page: str) -> str:
        """The storage key of one of its pages."""
        return f"{self.walk}.{self.name}.{page}"

    @property
    def span(self) -> tuple[str, str]:
        """What the keys of its pages are not below, and are below."""
        return self.key(""), self.key("")[:-1] + "/"


def _load(con: sqlite3.Connection, generation: Generation) -> None:
    rows = con.execute(f"SELECT key, value {OF_READING}", generation.span)
    start = len(generation.key(""))
    generation.pages = {key[start:]: value for key, value in rows}


class Partition:
    """The cache file of one account. Made by crmkit.cache.partition(); used by the transport.

    Trouble with the file costs cached pages, never a fetch: a broken file is set aside, a full or locked disk is warned about.
    in_memory: keep the pages there, for as long as the process lives, and touch no file.
    """

    def __init__(self, path: Path, *, in_memory: bool = False) -> None:
        self.path = path
        self.in_memory = in_memory
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            if not is_broken(error):
                raise
            self._set_aside()

    def _open(self) -> None:
        if not self.in_memory:
            private_file(self.path)
            laid_out(self.path, LAYOUT, BUSY_MS / 1000)
        place = ":memory:" if self.in_memory else self.path
        self.responses: Any = Pages(
            place, table_name="responses", serializer=None, wal=True, busy_timeout=BUSY_MS, timeout=BUSY_MS / 1000
        )
        with self.responses.connection(commit=True) as con:
            for line in (CREATE_WALKS, CREATE_TYPED, TYPED_GO, TYPED_GO_TOO):
                con.execute(line)

    def _set_aside(self) -> None:
        """Begin a new file. The journal goes with the old one, or SQLite would play it into the new one."""
        aside = self.path.with_suffix(f".broken-{time.time_ns() // 1_000_000}")
        for ending in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + ending)
            if file.exists():
                file.rename(aside.with_name(aside.name + ending))
        self._open()
        warnings.warn(
            f"a cache file was broken or of another version, and is set aside as {aside.name}.", CacheWarning, stacklevel=4
        )

    def run(self, work: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        """Do something with the file; once more on a new one if this one turns out to be broken or gone."""
        try:
            with self.responses.connection(commit=write) as con:
                return work(con)
        except sqlite3.DatabaseError as error:
            if self.in_memory or (not is_broken(error) and self.path.exists()):
                raise
            self.responses.close()
            if self.path.exists():
                self._set_aside()
            else:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._open()
        with self.responses.connection(commit=write) as con:
            return work(con)

    def _tried(self, work: Callable[[sqlite3.Connection], T], otherwise: T, *, write: bool = True) -> T:
        try:
            return self.run(work, write=write)
        except (sqlite3.Error, OSError) as error:
            warnings.warn(f"the cache could not be used ({type(error).__name__}); the data is whole.", CacheWarning, stacklevel=4)
            return otherwise

    def kept(self, key: str) -> dict[str, Any] | None:
        """A stored answer; one that cannot be read counts as none."""
        try:
            found = self.run(lambda con: con.execute("SELECT value FROM responses WHERE key=?", (key,)).fetchone(), write=False)
            return unpacked(found[0]) if found else None
        except (sqlite3.Error, OSError, ShapeError):
            return None

    def keep(self, key: str, response: Any) -> None:
        """Store an answer, if its reading is still wanted: it may have been forgotten or replaced meanwhile."""
        walk, generation, _ = key.split(".")
        value = packed(response)

        def save(con: sqlite3.Connection) -> None:
            if con.execute(USED, (time.time(), walk, generation)).rowcount:
                con.execute("INSERT OR REPLACE INTO responses (key, value) VALUES (?,?)", (key, value))

        self._tried(save, None)

    def begin(
        self, walk: str, endpoint: str, *, refresh: bool, fresh_for: float | None, offline: bool, typed: bool = False
    ) -> Generation | None:
        """The generation that a fetch reads and writes; None when offline and there is none.

        fresh_for: seconds after which a generation is too old (None: never). A sample (paused) is continued only where there is
        nothing better; offline a whole reading comes before a newer one that was broken off. typed: what was kept of its frame will
        do in place of its pages.
        """
        now = time.time()
        since = 0.0 if fresh_for is None else now - fresh_for

        def find(con: sqlite3.Connection) -> Generation | None:
            found = con.execute(NEWEST, (walk, since, "done" if offline else "")).fetchone()
            if found and (not refresh or offline or (found[2] == "open" and found[3])):
                generation = Generation(walk, found[0], found[1], found[2])
                if not offline:
                    con.execute(USED, (now, walk, found[0]))
            elif offline:
                return None
            else:
                generation = self._new(con, walk, endpoint, refresh, now)
            if typed and generation.state == "done":
                generation.typed = [value for (value,) in con.execute(TYPED, (walk, generation.name))]
            if not generation.typed:
                _load(con, generation)
            return generation

        return self._tried(find, None if offline else Generation(walk, "", now, "unkept"), write=not offline)

    def load(self, generation: Generation) -> None:
        """Read the pages of a reading that was begun with what was kept of its frame."""
        self._tried(lambda con: _load(con, generation), None, write=False)

    def keep_typed(self, generation: Generation, pieces: list[bytes], pages: int) -> None:
        """Keep what was made of so many pages of a finished reading, if just these are there and it needs no other reading's room."""
        place, limit = (generation.walk, generation.name), allowed()

        def save(con: sqlite3.Connection) -> None:
            if not has_room(self.path.parent, limit, sum(map(len, pieces))):
                return
            con.execute("DELETE FROM typed WHERE walk=?", place[:1])
            if con.execute(f"SELECT COUNT(*) {OF_READING}", generation.span).fetchone() != (pages,):
                return
            if con.execute(f"{USED} AND state='done'", (time.time(), *place)).rowcount:
                con.executemany("INSERT INTO typed VALUES (?,?,?,?)", [(*place, at, piece) for at, piece in enumerate(pieces)])

        if not self.in_memory:
            self._tried(save, None)

    def _new(self, con: sqlite3.Connection, walk: str, endpoint: str, refresh: bool, now: float) -> Generation:
        # After those there are, also where the clock was set back: the newest one is read.
        (newest,) = con.execute("SELECT COALESCE(MAX(started), 0) FROM walks WHERE walk=?", (walk,)).fetchone()
        now = max(now, newest + 2e-6)
        name = f"{int(now * 1e6):x}"
        con.execute(
            "INSERT OR REPLACE INTO walks VALUES (?,?,?,'open',?,?,?,?)", (walk, name, endpoint, int(refresh), *[now] * 3)
        )
        return Generation(walk, name, now, "open")

    def end(self, generation: Generation, state: str) -> None:
        """Note how a reading ended: done, paused (a sample) or bad (not to be read again).

        Done removes older readings, paused older samples; a sample of a whole reading leaves that whole.
        """

        def note(con: sqlite3.Connection) -> None:
            con.execute(
                "UPDATE walks SET state=?, updated=? WHERE walk=? AND generation=? AND NOT (state='done' AND ?='paused')",
                (state, time.time(), generation.walk, generation.name, state),
            )
            if state in ("done", "paused"):
                older = "SELECT generation FROM walks WHERE walk=? AND started<? AND (?='done' OR state='paused')"
                for (name,) in con.execute(older, (generation.walk, generation.started, state)).fetchall():
                    drop(con, generation.walk, name)

        self._tried(note, None)
        self._keep_small(generation)

    def drop_page(self, generation: Generation, page: str) -> None:
        """Delete a page that turned out not to be one, so that it is asked for again."""

        def delete(con: sqlite3.Connection) -> None:
            con.execute("DELETE FROM responses WHERE key=?", (generation.key(page),))

        self._tried(delete, None)

    def _keep_small(self, generation: Generation) -> None:
        """Let the least recently used readings of all accounts go where the folder has become too large."""
        limit = None if self.in_memory else allowed()
        try:
            gone = make_room(self.path.parent, limit)
        except (sqlite3.Error, OSError):
            return  # somebody else is at the files; the next reading looks again
        if (self.path, generation.walk, generation.name) in gone:
            warnings.warn(
                f"a list is larger than the whole cache may be ({limit:,} bytes) and was not kept; the data is whole. "
                "CRMKIT_CACHE_MAX_BYTES sets the size.",
                CacheWarning,
                stacklevel=4,
            )

    def vacuum(self) -> bool:
        """Give the freed pages back and empty the write-ahead log, so that deleted bytes are gone from the disk.

        False where another process is reading from the file and keeps them there.
        """
        try:
            self.responses.vacuum()
            with self.responses.connection() as con:
                busy, *_ = con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # locked
            return False
        return not busy
