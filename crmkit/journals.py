"""What the journals of writes in a cache folder say about a text, and how that goes from them.

crmkit.clean keeps a journal per plan: a line for each step of each write, with old and new values. When one line of a write holds
the text all its lines go, and one without values stays, so that undo() can say that it cannot undo it.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crmkit.mentions import readable
from crmkit.private import CacheWarning, private_file

FOLDER = "journals"
UNWRITTEN, UNDONE, FORGOTTEN = "unwritten", "undone", "forgotten"
NAMES_THE_WRITE = ("at", "key", "record", "id", "list", "entry", "account")

Event = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """One journalled write that holds the text."""

    account: str
    at: float
    bytes: int


def events(content: bytes) -> Iterator[Event]:
    """The whole lines of a journal, in order."""
    for line in content.split(b"\n"):
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event and "key" in event:
            yield event


def writes_with(place: Path, wanted: set[str]) -> list[Written]:
    """The journalled writes of a cache folder that hold one of the texts."""
    found = []
    for path in _journals(place):
        for lines in _held(list(events(path.read_bytes())), wanted).values():
            size = sum(len(json.dumps(line)) for line in lines)
            found.append(Written(path.stem.rpartition("-")[0], datetime.fromisoformat(lines[-1]["at"]).timestamp(), size))
    return found


def erase(place: Path, wanted: set[str]) -> int:
    """Take the writes that hold one of the texts out of the journals of a folder; says how many."""
    return sum(_erased(path, wanted) for path in _journals(place))


def _journals(place: Path) -> list[Path]:
    return sorted((place / FOLDER).glob("*.jsonl"))


def _held(lines: list[Event], wanted: set[str]) -> dict[str, list[Event]]:
    """All lines of each write of which one holds a text, by key."""
    said = [line for line in lines if line["event"] != FORGOTTEN]
    keys = {line["key"] for line in said if any(one in text for text in readable(_told(line)) or () for one in wanted)}
    return {key: [line for line in lines if line["key"] == key] for key in sorted(keys)}


def _told(line: Event) -> Event:
    """A line without the account's mark, which is random digits."""
    return {name: value for name, value in line.items() if name != "account"}


def _erased(path: Path, wanted: set[str]) -> int:
    from filelock import FileLock, Timeout  # only here, so that a session of reading starts without it

    try:
        with FileLock(f"{path}.lock", timeout=0, mode=0o600):
            content = path.read_bytes()
            lines = list(events(content))
            held = _held(lines, wanted)
            kept = [line for line in lines if line["key"] not in held] + [
                _nameless(of_key) for of_key in held.values() if of_key[-1]["event"] not in (UNWRITTEN, UNDONE)
            ]
            if held or len(lines) < sum(map(bool, content.split(b"\n"))):  # a torn line may hold anything
                _replaced(path, kept)
            return len(held)
    except Timeout:
        warnings.warn(
            "a plan is just being written: its journal was not looked into. Wait until it has ended and run it again.",
            CacheWarning,
            stacklevel=5,
        )
        return 0


def _nameless(lines: list[Event]) -> Event:
    """What stays of a write: which record it was about, and no value."""
    known = {name: value for line in lines for name, value in line.items() if name in NAMES_THE_WRITE}
    return {**known, "event": FORGOTTEN}


def _replaced(path: Path, lines: list[Event]) -> None:
    """The journal with these lines only; whole before the old one goes."""
    new = path.with_suffix(".new")
    private_file(new)
    with new.open("wb") as file:
        file.writelines(json.dumps(line).encode() + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
