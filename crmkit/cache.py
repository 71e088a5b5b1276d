"""The cache on disk: where it is, what it holds, how to empty it, and what it knows about a person.

One file per account in one folder (CRMKIT_CACHE_DIR, else the user's cache folder), readable by its owner only. Module attribute
path is that folder.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from platformdirs import user_cache_path

from crmkit import journals
from crmkit.errors import ConfigError, ShapeError
from crmkit.mentions import mentions, spellings
from crmkit.private import CacheWarning, private_folder
from crmkit.room import PAGES_OF, TYPED_OF, allowed, drop, files
from crmkit.store import Partition, unpacked

INFO = ("account", "endpoint", "pages", "bytes", "oldest", "newest")
SYSTEMS = ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm")
ABOUT = ("account", "endpoint", "fetched", "bytes")

_opening = threading.Lock()
_seen: set[Path] = set()
_salts: dict[Path, bytes] = {}  # of folders that cannot be written
_open: dict[Path, Partition] = {}
_offline: ContextVar[str] = ContextVar("crmkit_offline", default="")


def __getattr__(name: str) -> Any:
    if name == "path":
        return folder()
    raise AttributeError(f"module crmkit.cache has no attribute {name!r}")


def folder(chosen: str | os.PathLike[str] | None = None) -> Path:
    """The cache folder: the chosen one, else CRMKIT_CACHE_DIR, else the user's cache folder."""
    return Path(chosen or os.environ.get("CRMKIT_CACHE_DIR") or user_cache_path("crmkit")).expanduser().absolute()


@contextmanager
def offline(*, stale: bool = False) -> Iterator[None]:
    """Inside this block nothing is asked from any server: the cache answers, or NotCached is raised.

    stale=True also accepts answers older than the client's expire_after; the receipt says how old they are. The environment
    variable CRMKIT_OFFLINE=1 (or CRMKIT_OFFLINE=stale) does the same for a whole process.
    """
    token = _offline.set("stale" if stale else "1")
    try:
        yield
    finally:
        _offline.reset(token)


def offline_mode() -> str:
    """Empty (online), "1" (cache only) or "stale" (cache only, any age)."""
    mode = _offline.get() or os.environ.get("CRMKIT_OFFLINE", "")
    return "" if mode.strip().lower() in ("", "0", "no", "off", "false") else mode


def salt(place: Path) -> bytes:
    """This machine's random salt for account labels; made once, kept beside the cache files."""
    if place in _salts:
        return _salts[place]
    file = place / "salt"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing_salt(file)
    made = secrets.token_bytes(32)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(made)
    except OSError:  # a full disk
        file.unlink(missing_ok=True)
        raise
    return made


def _existing_salt(file: Path) -> bytes:
    for _ in range(100):
        found = b"" if file.is_symlink() else file.read_bytes()  # a link leads to bytes that somebody else knows
        if len(found) == 32:
            return found
        time.sleep(0.01)  # another process is just writing it
    warnings.warn(
        "the cache folder's salt was damaged and is made anew; cached pages are not found again.", CacheWarning, stacklevel=5
    )
    file.unlink()
    return salt(file.parent)


def usable_folder(chosen: str | os.PathLike[str] | None) -> Path:
    """The cache folder, ready for use; where it cannot be written, with a warning that this session keeps its pages in memory."""
    allowed()
    place = folder(chosen)
    try:
        private_folder(place)
        salt(place)
    except OSError as error:
        _unwritable(error)
        _salts[place] = secrets.token_bytes(32)
    return place


def partition(place: Path, label: str) -> Partition:
    """The cache file of one account; where it cannot be used, one in memory, with a warning."""
    file = place / f"{label}.sqlite"
    with _opening:
        _seen.add(place)
        if file not in _open:
            try:
                _open[file] = Partition(file)
            except (sqlite3.Error, OSError) as error:
                _unwritable(error)
                _open[file] = Partition(file, in_memory=True)
        return _open[file]


def _unwritable(error: Exception) -> None:
    warnings.warn(
        f"the cache folder cannot be used ({type(error).__name__}); this session keeps its pages in memory.",
        CacheWarning,
        stacklevel=5,
    )


def close(place: Path | None = None) -> None:
    """Close the open cache files (of one folder); the next fetch opens them again."""
    for file in [file for file in _open if place is None or file.parent == place]:
        _open.pop(file).responses.close()
        _seen.discard(file.parent)
        _salts.pop(file.parent, None)


def _places() -> list[Path]:
    """The folders of this session."""
    return sorted(_seen | {folder()})


def _partitions() -> Iterator[tuple[str, Partition]]:
    for place in _places():
        found = set(files(place) if place.is_dir() else ()) | {file for file in _open if file.parent == place}
        for file in sorted(found):
            yield file.stem, partition(place, file.stem)


def info() -> pd.DataFrame:
    """What the cache holds, one line per account and endpoint.

    Returns a DataFrame: account (string), endpoint (string), pages (Int64), bytes (Int64, compressed), oldest and newest
    (datetime64[us, UTC], when the answers came).
    """
    query = (
        "SELECT endpoint, SUM(pages), SUM(bytes), MIN(started), MAX(updated)"
        f" FROM (SELECT w.*, COUNT(r.key) AS pages, SUM(LENGTH(r.value)) + {TYPED_OF} AS bytes"
        f" FROM walks w JOIN responses r ON {PAGES_OF} GROUP BY w.walk, w.generation) GROUP BY endpoint ORDER BY endpoint"
    )
    rows = []
    for label, file in _partitions():
        rows += [(label, *found) for found in file.run(lambda con: con.execute(query).fetchall(), write=False)]
    frame = pd.DataFrame(rows, columns=list(INFO))
    return _typed(frame, ("oldest", "newest"), ("pages", "bytes"))


def _typed(frame: pd.DataFrame, times: tuple[str, ...], counts: tuple[str, ...]) -> pd.DataFrame:
    for name in times:
        seconds = pd.to_numeric(frame[name]).astype("float64")
        frame[name] = pd.to_datetime(seconds, unit="s", utc=True).astype("datetime64[us, UTC]")
    for name in counts:
        frame[name] = frame[name].astype("Int64")
    return frame.astype({"account": "string", "endpoint": "string"})


def clear(crm: str | None = None) -> int:
    """Delete cached pages: all, or those of one system ("peepl"). Returns how many pages went; broken files set aside go too.

    The journals of writes stay, since undoing needs them; forget() looks into them.
    """
    if crm is not None and crm.lower() not in SYSTEMS:
        near = get_close_matches(crm.lower(), SYSTEMS, n=1)
        raise ConfigError(
            "clear() takes the name of a system.", hint=f"did you mean {near[0]!r}?" if near else f"one of {', '.join(SYSTEMS)}."
        )
    gone = 0
    for label, file in _partitions():
        if crm is None or label.startswith(f"{crm.lower()}-"):
            gone += file.run(_emptied, write=True)
            _vacuumed(file)
            _drop_broken(file)
    return gone


def _emptied(con: sqlite3.Connection) -> int:
    con.execute("DELETE FROM walks")
    return con.execute("DELETE FROM responses").rowcount


def _drop_broken(file: Partition) -> None:
    for aside in file.path.parent.glob(f"{file.path.stem}.broken-*"):
        aside.unlink(missing_ok=True)


def about(text: str) -> pd.DataFrame:
    """The cached pages and journalled writes that hold a text (a name, a mail address, a phone number), ignoring case.

    Spreadsheets are looked into. A picture or a damaged page cannot be, and counts as holding it. A write that crmkit.clean journalled
    here is a line with the endpoint journal; a journal that was given a place of its own is not known.

    Returns a DataFrame, one line per page or write: account, endpoint (string), fetched (datetime64[us, UTC]), bytes (Int64).
    """
    wanted = spellings(text)
    rows = [
        (label, one.endpoint, one.at, one.bytes)
        for label, file in _partitions()
        for one in file.run(lambda con: mentions(con, wanted), write=False)
    ]
    for place in _places():
        rows += [(one.account, "journal", one.at, one.bytes) for one in journals.writes_with(place, wanted)]
    return _typed(pd.DataFrame(rows, columns=list(ABOUT)), ("fetched",), ("bytes",))


def forget(text: str) -> int:
    """Erase every cached page that holds a text, on disk too, and the lists those pages belong to.

    Spreadsheets are looked into; a picture or a damaged page cannot be, and goes as well. A list without one of its pages could only
    be completed with newer pages, so the whole reading goes and the next fetch asks again. Broken files that were set aside are
    deleted unread. From the journals of writes in the cache folder the writes whose lines hold the text go; undo() then skips them and
    says so. Journals that plan() was given a place for are not found: delete those yourself; crmkit.share.forget() erases from
    snapshots. Returns the number of pages and writes that held the text. Warns where another process keeps an erased page readable or is writing by a journal.
    """
    held, wanted = 0, spellings(text)
    for _, file in _partitions():
        found = file.run(lambda con: mentions(con, wanted), write=False)
        file.run(partial(_dropped, {(one.walk, one.generation) for one in found}), write=True)
        if found:
            _vacuumed(file)
        _drop_broken(file)
        held += len(found)
    return held + sum(journals.erase(place, wanted) for place in _places())


def _dropped(readings: set[tuple[str, str]], con: sqlite3.Connection) -> None:
    for walk, generation in readings:
        drop(con, walk, generation)


def _vacuumed(file: Partition) -> None:
    if not file.vacuum():
        warnings.warn(
            "another process is reading the cache: what was erased is out of every answer, but its bytes are still in the file. "
            "Close the other notebooks and run it again.",
            CacheWarning,
            stacklevel=3,
        )


def bodies() -> Iterator[tuple[str, str, Any]]:
    """Every cached page as system ("peepl"), endpoint and decoded body; damaged pages are left out. Nothing is asked from a server."""
    query = f"SELECT w.endpoint, r.value FROM walks w JOIN responses r ON {PAGES_OF}"
    for label, file in _partitions():
        for endpoint, value in file.run(lambda con: con.execute(query).fetchall(), write=False):
            with suppress(ShapeError):
                yield label.partition("-")[0], endpoint, unpacked(value)["body"]
