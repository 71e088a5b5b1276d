"""The cache on disk: where it is, what it holds, how to empty it, and what it knows about a person.

One file per account in one folder (CRMKIT_CACHE_DIR, else the user's cache folder), readable by its owner only. Module attribute
path is that folder.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pandas as pd
from platformdirs import user_cache_path

from crmkit.errors import ConfigError
from crmkit.store import PAGES_OF, CacheWarning, Partition, drop, unpacked

INFO = ("account", "endpoint", "pages", "bytes", "oldest", "newest")
ABOUT = ("account", "endpoint", "fetched", "bytes")

_seen: set[Path] = set()
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
    return "" if mode in ("", "0") else mode


def private_folder(place: Path) -> Path:
    """The folder, made for its owner only; a shared one is tightened, and where that is not possible refused."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and place.stat().st_mode & 0o077:
        try:
            place.chmod(0o700)
        except OSError:
            raise ConfigError(
                "the cache folder can be read by others and is not yours to change.",
                hint="choose another one: cache_dir=... or CRMKIT_CACHE_DIR.",
            ) from None
    return place


def salt(place: Path) -> bytes:
    """This machine's random salt for account labels; made once, kept beside the cache files."""
    file = place / "salt"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing_salt(file)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(secrets.token_bytes(32))
    return file.read_bytes()


def _existing_salt(file: Path) -> bytes:
    for _ in range(100):
        found = file.read_bytes()
        if len(found) == 32:
            return found
        time.sleep(0.01)  # another process is just writing it
    raise ConfigError("the cache folder's salt file is damaged.", hint="delete the file named salt in the cache folder.")


def usable_folder(chosen: str | os.PathLike[str] | None) -> Path:
    """The cache folder, ready for use; where it cannot be written, a temporary one, with a warning."""
    place = folder(chosen)
    try:
        private_folder(place)
        salt(place)
    except OSError as error:
        warnings.warn(
            f"the cache folder cannot be used ({type(error).__name__}); this session uses a temporary one.",
            CacheWarning,
            stacklevel=4,
        )
        place = private_folder(Path(tempfile.mkdtemp(prefix="crmkit-")))
    _seen.add(place)
    return place


def partition(place: Path, label: str) -> Partition:
    """The cache file of one account; a broken one is set aside with a warning and begun anew."""
    file = place / f"{label}.sqlite"
    if file not in _open:
        try:
            _open[file] = Partition(file)
        except sqlite3.DatabaseError:
            aside = file.with_suffix(f".broken-{int(time.time())}")
            file.rename(aside)
            warnings.warn(f"a cache file was broken and is set aside as {aside.name}.", CacheWarning, stacklevel=3)
            _open[file] = Partition(file)
    return _open[file]


def close(place: Path | None = None) -> None:
    """Close the open cache files (of one folder); the next fetch opens them again."""
    for file in [file for file in _open if place is None or file.parent == place]:
        _open.pop(file).responses.close()


def _partitions() -> Iterator[tuple[str, Partition]]:
    for place in sorted(_seen | {folder()}):
        for file in sorted(place.glob("*.sqlite")) if place.is_dir() else ():
            yield file.stem, partition(place, file.stem)


def info() -> pd.DataFrame:
    """What the cache holds, one line per account and endpoint.

    Returns a DataFrame: account (string), endpoint (string), pages (Int64), bytes (Int64, compressed), oldest and newest
    (datetime64[us, UTC], when the answers came).
    """
    query = (
        "SELECT w.endpoint, COUNT(r.key), SUM(LENGTH(r.value)), MIN(w.started), MAX(w.updated)"
        f" FROM walks w JOIN responses r ON {PAGES_OF} GROUP BY w.endpoint ORDER BY w.endpoint"
    )
    rows = []
    for label, file in _partitions():
        with file.responses.connection() as con:
            rows += [(label, *found) for found in con.execute(query)]
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
    """Delete cached pages: all, or those of one system ("peepl"). Returns how many pages went."""
    gone = 0
    for label, file in _partitions():
        if crm is not None and not label.startswith(f"{crm.lower()}-"):
            continue
        with file.responses.connection(commit=True) as con:
            gone += con.execute("SELECT COUNT(*) FROM responses").fetchone()[0]
            con.execute("DELETE FROM responses")
            con.execute("DELETE FROM walks")
        file.vacuum()
    return gone


def about(text: str) -> pd.DataFrame:
    """The cached pages that hold a text (a name, a mail address, a phone number), ignoring case.

    Returns a DataFrame, one line per page: account, endpoint (string), fetched (datetime64[us, UTC]), bytes (Int64).
    """
    rows = [(label, endpoint, at, size) for label, file in _partitions() for endpoint, _, at, size in _holding(file, text)]
    return _typed(pd.DataFrame(rows, columns=list(ABOUT)), ("fetched",), ("bytes",))


def forget(text: str) -> int:
    """Erase every cached page that holds a text, on disk too, and the lists those pages belong to.

    A list without one of its pages could only be completed with newer pages, so the whole reading goes and the next fetch asks
    again. Returns the number of pages that held the text.
    """
    held = 0
    for _, file in _partitions():
        found = list(_holding(file, text))
        with file.responses.connection(commit=True) as con:
            for walk, generation in {key for _, key, _, _ in found}:
                drop(con, walk, generation)
        if found:
            file.vacuum()
        held += len(found)
    return held


def _holding(file: Partition, text: str) -> Iterator[tuple[str, tuple[str, str], float, int]]:
    """Endpoint, (walk, generation), time and size of each page with the text in it."""
    if not text.strip():
        raise ConfigError("an empty text is in every page.", hint="give a name, a mail address or a phone number.")
    wanted = text.casefold()
    query = f"SELECT w.endpoint, w.walk, w.generation, r.value FROM walks w JOIN responses r ON {PAGES_OF}"
    with file.responses.connection() as con:
        rows = con.execute(query).fetchall()
    for endpoint, walk, generation, value in rows:
        page = unpacked(value)
        body = page["body"]
        shown = body.decode("utf-8", "replace") if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False)
        if wanted in shown.casefold():
            yield endpoint, (walk, generation), page["at"], len(value)
