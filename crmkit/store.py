"""One account's cache file: the pages of its walks, in requests-cache's SQLite storage with a serializer of our own.

A walk is one reading of one list (or one record). It has one age: its pages belong to a generation, begun at one moment, and a
frame never mixes two. A walk that was killed continues its generation; a refresh begins a new one and the old pages go when the
new ones are complete.

What is stored of an answer: status, content type, time and body, zlib-compressed JSON. No request, no header, no cookie, no pickle.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from requests.structures import CaseInsensitiveDict
from requests_cache.backends.base import BaseCache
from requests_cache.backends.sqlite import SQLiteDict
from requests_cache.models.response import CachedResponse
from requests_cache.serializers.pipeline import SerializerPipeline, Stage

BUSY_MS = 30_000
BODY = b',"body":'
CREATE_WALKS = """CREATE TABLE IF NOT EXISTS walks (
    walk TEXT, generation TEXT, endpoint TEXT, state TEXT, refreshed INTEGER, started REAL, updated REAL,
    PRIMARY KEY (walk, generation))"""
PAGES_OF = "r.key >= w.walk || '.' || w.generation || '.' AND r.key < w.walk || '.' || w.generation || '/'"


class CacheWarning(UserWarning):
    """The cache could not be used as it should; the data itself is whole."""


def packed(response: Any) -> bytes:
    """What is kept of an answer. A JSON body is put in as it came, so that one decoding reads all."""
    head = {
        "at": getattr(response, "crmkit_at", None) or time.time(),
        "status": response.status_code,
        "type": response.headers.get("Content-Type", ""),
    }
    content = response.content
    if getattr(response, "crmkit_json", False):
        text = content.decode("utf-8-sig").encode()
    else:
        head["encoding"] = "base64"
        text = b'"' + base64.b64encode(content) + b'"'
    return zlib.compress(json.dumps(head).encode()[:-1] + BODY + text + b"}")


def unpacked(value: bytes) -> dict[str, Any]:
    """The stored answer: at, status, type, body (decoded JSON, or bytes for files)."""
    page: dict[str, Any] = json.loads(zlib.decompress(value))
    if page.get("encoding") == "base64":
        page["body"] = base64.b64decode(page["body"])
    return page


def _revived(value: bytes) -> Any:
    """A stored answer as requests-cache hands it out."""
    raw = zlib.decompress(value)
    page = unpacked(value)
    content = page["body"] if isinstance(page["body"], bytes) else raw[raw.index(BODY) + len(BODY) : -1]
    headers = CaseInsensitiveDict({"Content-Type": page["type"]})
    response: Any = CachedResponse(status_code=page["status"], headers=headers)
    response._content = content
    response.crmkit_at = page["at"]
    return response


SERIALIZER = SerializerPipeline([Stage(dumps=packed, loads=_revived)], name="crmkit json", is_binary=True)


class _Pages(SQLiteDict):
    """requests-cache's table of answers; deleted bytes are overwritten, and a lock that cannot be had is an error, not a loop."""

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        new = self._connection is None
        with super().connection(commit) as con:
            if new:
                con.execute("PRAGMA secure_delete=ON")
            yield con

    @contextmanager
    def _acquire_sqlite_lock(self) -> Iterator[None]:
        with self._lock:
            con = self._connection
            assert con is not None
            con.execute("BEGIN IMMEDIATE")
            self._active_transaction = True
            try:
                yield
                con.commit()
            except BaseException:
                con.rollback()
                raise
            finally:
                self._active_transaction = False


@dataclass
class Generation:
    """One reading of one list in the cache: its age and the pages it has so far (page id -> packed answer)."""

    walk: str
    name: str
    started: float
    state: str
    pages: dict[str, bytes] = field(default_factory=dict)

    def key(self, page: str) -> str:
        """The storage key of one of its pages."""
        return f"{self.walk}.{self.name}.{page}"


class Partition(BaseCache):
    """The cache file of one account. Made by crmkit.cache.partition(); used by the transport."""

    def __init__(self, path: Path) -> None:
        super().__init__(cache_name=str(path))
        _touch_private(path)
        self.path = path
        self.responses: Any = _Pages(
            path, table_name="responses", serializer=SERIALIZER, wal=True, busy_timeout=BUSY_MS, timeout=BUSY_MS / 1000
        )
        with self.responses.connection(commit=True) as con:
            con.execute(CREATE_WALKS)

    def save_response(self, response: Any, cache_key: str | None = None, expires: Any = None) -> None:
        """Store an answer; a full or failing disk costs the cache entry, not the fetch."""
        try:
            self.responses[cache_key] = response
        except (sqlite3.Error, OSError) as error:
            warnings.warn(
                f"the cache could not be written ({type(error).__name__}); the data is whole.",
                CacheWarning,
                stacklevel=2,
            )

    def begin(self, walk: str, endpoint: str, *, refresh: bool, fresh_for: float | None, offline: bool) -> Generation | None:
        """The generation that a fetch reads and writes; None when offline and there is none.

        fresh_for: seconds after which a generation is too old (None: never).
        """
        now = time.time()
        since = 0.0 if fresh_for is None else now - fresh_for
        with self.responses.connection(commit=not offline) as con:
            found = con.execute(
                "SELECT generation, started, state, refreshed FROM walks WHERE walk=? AND state<>'bad' AND started>=?"
                " ORDER BY started DESC, generation DESC LIMIT 1",
                (walk, since),
            ).fetchone()
            wanted = found and (not refresh or offline or (found[2] == "open" and found[3]))
            if wanted:
                generation = Generation(walk, found[0], found[1], found[2])
            elif offline:
                return None
            else:
                generation = self._new(con, walk, endpoint, refresh, now)
            span = (generation.key(""), generation.key("")[:-1] + "/")
            rows = con.execute("SELECT key, value FROM responses WHERE key >= ? AND key < ?", span)
            start = len(span[0])
            generation.pages = {key[start:]: value for key, value in rows}
        return generation

    def _new(self, con: sqlite3.Connection, walk: str, endpoint: str, refresh: bool, now: float) -> Generation:
        name = f"{int(now * 1e6):x}"
        con.execute("INSERT OR REPLACE INTO walks VALUES (?,?,?,'open',?,?,?)", (walk, name, endpoint, int(refresh), now, now))
        return Generation(walk, name, now, "open")

    def end(self, generation: Generation, state: str) -> None:
        """Note how a reading ended: done, paused (a sample) or bad (not to be read again). Done removes older readings."""
        with self.responses.connection(commit=True) as con:
            con.execute(
                "UPDATE walks SET state=?, updated=? WHERE walk=? AND generation=?",
                (state, time.time(), generation.walk, generation.name),
            )
            if state == "done":
                old = con.execute(
                    "SELECT generation FROM walks WHERE walk=? AND started<?", (generation.walk, generation.started)
                ).fetchall()
                for (name,) in old:
                    drop(con, generation.walk, name)

    def vacuum(self) -> None:
        """Give the freed pages back and empty the write-ahead log, so that deleted bytes are gone from the disk."""
        self.responses.vacuum()
        with self.responses.connection() as con:
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def drop(con: sqlite3.Connection, walk: str, generation: str) -> None:
    """Delete one reading: its pages and its line."""
    prefix = f"{walk}.{generation}"
    con.execute("DELETE FROM responses WHERE key >= ? AND key < ?", (prefix + ".", prefix + "/"))
    con.execute("DELETE FROM walks WHERE walk=? AND generation=?", (walk, generation))


def _touch_private(path: Path) -> None:
    """An empty file for the owner only, before SQLite opens it; its journal files take over the mode."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
