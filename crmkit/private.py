"""Files and folders that only their owner can read, and what can be wrong with them."""

from __future__ import annotations

import os
import sqlite3
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


def is_broken(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is damaged or no database, as opposed to full, locked or read-only."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
