"""Files and folders that only their owner can read, and what can be wrong with them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from crmkit.errors import ConfigError


class CacheWarning(UserWarning):
    """The cache could not be used as it should; the data itself is whole."""


def private_folder(place: Path) -> Path:
    """The folder, made for its owner only; one that others can read is tightened, and where it is not one's own refused."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and (found := place.stat()).st_mode & 0o077:
        if found.st_uid != os.getuid():
            raise ConfigError(
                "the cache folder can be read by others and is not yours to change.",
                hint="choose another one: cache_dir=... or CRMKIT_CACHE_DIR.",
            )
        place.chmod(0o700)
    return place


def private_file(path: Path) -> None:
    """An empty file for its owner only, unless it exists; made before a library opens it with a mode of its own."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


class OtherLayout(sqlite3.DatabaseError):
    """The file is a database, and not laid out as this version does it."""

    sqlite_errorcode = sqlite3.SQLITE_NOTADB


def laid_out(path: Path, layout: int, patience: float) -> None:
    """Mark an empty database with the number of its layout; raise OtherLayout where a file has another one."""
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as con:
        # An answer fills a chain of small pages; large ones would stay half empty.
        con.execute("PRAGMA page_size=1024")
        con.execute("PRAGMA auto_vacuum=INCREMENTAL")
        con.execute("BEGIN IMMEDIATE")
        (found,) = con.execute("PRAGMA user_version").fetchone()
        (tables,) = con.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if not found and not tables:
            con.execute(f"PRAGMA user_version={layout}")
        con.execute("COMMIT")
    if found != layout and (found or tables):
        raise OtherLayout


def is_broken(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is damaged or no database, as opposed to full, locked or read-only."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
