"""What a CRM said on a day, kept: dated, and stored once by content.

A folder holds parts/ (lines as Parquet), states/ (what a day consisted of) and days/ (which state was that of a day), the first two
named by the SHA-256 of their bytes. The first state holds its frames as they are, a part each. The next ones say which lines of the state
before stay, in order, and hold what is new or changed as one part; after a year of weeks all is written whole again. So a day on which
little changed costs little.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
from platformdirs import user_data_path

from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.params import timestamp
from crmkit.private import private_file, private_folder
from crmkit.share.archive import digest, parsed
from crmkit.share.lines import found, long, put_together, runs_of, short, texts
from crmkit.share.plain import decoded, dtypes_of, encoded, facts_of, flat, needs_pyarrow, proven, unfolded

Frames: TypeAlias = "Mapping[str, pd.DataFrame | Mapping[str, pd.DataFrame]]"
LONGEST_CHAIN = 60
BETWEEN = "/"


def snapshot(frames: Frames, day: Any, *, folder: str | Path | None = None, replace: bool = False) -> Path:
    """Keep frames as those of a day.

    frames: name -> DataFrame, or -> dict of DataFrames as the topics' load() gives; other content may come on other days. day: date,
    Timestamp or ISO text. folder: where (default: snapshots in crmkit's folder of the user's data). replace: also where the day is there already
    with other content. Receipts are kept; tables of crmkit.included() are not. Files hold real people: folders 0700, files 0600.

    Returns the file of the day. Raises ParameterError where the day is there with other content, ConfigError without pyarrow.
    """
    needs_pyarrow()
    place = opened(folder)
    when = timestamp(day, "day").date()
    named = _named(frames)
    before = _state_before(place, when)
    state = _state(place, named, before)
    told = _kept(place, "states", zlib.compress(json.dumps(state, separators=(",", ":")).encode(), 9))
    path = place / "days" / f"{when.isoformat()}.json"
    mark = json.dumps({"state": told}).encode()
    if path.exists() and not replace and path.read_bytes() != mark and not _same(place, path, named):
        raise ParameterError(
            f"there is another snapshot of {when} already.", hint="replace it with replace=True, or choose another day."
        )
    _write(path, mark)
    return path


def load(as_of: Any = None, *, folder: str | Path | None = None) -> dict[str, Any]:
    """The frames of a day: of the newest snapshot on or before as_of (default: of the newest), nested as they were given.

    Columns, dtypes, order and receipts are as they were; lists and records in cells are plain JSON values.
    Raises NotCached where there is no such snapshot, ShapeError where the folder was damaged.
    """
    needs_pyarrow()
    place = opened(folder)
    last = date.max if as_of is None else timestamp(as_of, "as_of").date()
    known = [one for one in _days(place) if one <= last]
    if not known:
        raise NotCached("there is no snapshot of that day or before.", hint="crmkit.share.days(folder=...) lists them.")
    loaded: dict[str, Any] = {}
    for name, one in _read(place, _mark(place, known[-1])).frames.items():
        outer, nested, inner = name.partition(BETWEEN)
        frame = proven(unfolded(one.lines, dict(one.columns)), one.facts)
        if nested:
            loaded.setdefault(outer, {})[inner] = frame
        else:
            loaded[outer] = frame
    return loaded


def days(*, folder: str | Path | None = None) -> list[pd.Timestamp]:
    """The days of which there is a snapshot, in order."""
    return [pd.Timestamp(one) for one in _days(opened(folder))]


def _named(frames: Frames) -> dict[str, pd.DataFrame]:
    named: dict[str, pd.DataFrame] = {}
    for name, given in frames.items():
        if BETWEEN in str(name):
            raise ParameterError(f"a frame's name takes no {BETWEEN}.")
        inside = (
            {str(name): given} if isinstance(given, pd.DataFrame) else {f"{name}{BETWEEN}{one}": it for one, it in given.items()}
        )
        named |= inside
    return named


def _state(place: Path, frames: Mapping[str, pd.DataFrame], before: str | None) -> dict[str, Any]:
    """What is written of a day: whole, or against the state before it."""
    old = _read(place, before) if before else Kept()
    if old.depth + 1 > LONGEST_CHAIN:
        old, before = Kept(), None
    told: dict[str, Any] = {}
    lines: list[str] = []
    for name, frame in frames.items():
        columns = [[column, kind] for column, kind in dtypes_of(frame).items()]
        facts = json.loads(json.dumps(facts_of(frame)))
        known = old.frames.get(name)
        whole = flat(frame)
        runs = None if known is None or known.columns != columns else _against(whole, known.lines, lines)
        if known is None or runs is None:
            told[name] = {"columns": columns, "facts": facts, "part": _kept(place, "parts", encoded(whole))}
        else:
            changed = {fact: one for fact, one in facts.items() if known.facts.get(fact) != one}
            told[name] = {"facts": changed, "gone": [fact for fact in known.facts if fact not in facts], "runs": runs}
    part = _kept(place, "parts", encoded(pd.DataFrame({"line": pd.array(lines, dtype="string")}))) if lines else None
    return {"depth": old.depth + 1, "before": before, "lines": part, "frames": told}


def _against(frame: pd.DataFrame, known: pd.DataFrame, lines: list[str]) -> list[int] | None:
    """The runs of a frame against the known one, its new lines added to the others; None where it would not come out the same."""
    where = found(frame, known)
    new, runs = texts(frame, known, where), runs_of(where)
    if not put_together(known, runs, new).equals(frame):
        return None
    lines += new
    return short(runs)


@dataclass
class One:
    """A frame of a state: its columns with dtypes, the facts of its receipt, and its flat lines."""

    columns: list[list[str]]
    facts: dict[str, Any]
    lines: pd.DataFrame


@dataclass
class Kept:
    """A state, put together from those before it."""

    depth: int = -1
    frames: dict[str, One] = field(default_factory=dict)


@lru_cache(maxsize=2)
def _read(place: Path, name: str) -> Kept:
    """A state by its hash. The newest two stay in memory: the next day leans on them."""
    state = _told(place, name)
    before = _read(place, state["before"]) if state["before"] else Kept()
    lines = decoded(_bytes(place, "parts", state["lines"]))["line"].tolist() if state["lines"] else []
    frames = {}
    for one, told in state["frames"].items():
        if "part" in told:
            frames[one] = One(told["columns"], told["facts"], decoded(_bytes(place, "parts", told["part"])))
            continue
        known, runs = before.frames[one], long(told["runs"])
        count = sum(run.length for run in runs if run.start < 0)
        facts = {fact: value for fact, value in known.facts.items() if fact not in told["gone"]} | told["facts"]
        frames[one] = One(known.columns, facts, put_together(known.lines, runs, lines[:count]))
        lines = lines[count:]
    return Kept(state["depth"], frames)


def clear_memory() -> None:
    """Let go of the states that are kept in memory."""
    _read.cache_clear()


def _told(place: Path, name: str) -> dict[str, Any]:
    try:
        told = parsed(zlib.decompress(_bytes(place, "states", name)))
    except zlib.error:
        told = None
    if not isinstance(told, dict):
        raise ShapeError("a snapshot is damaged.", hint="restore the folder from a copy.")
    return told


def _same(place: Path, path: Path, frames: Mapping[str, pd.DataFrame]) -> bool:
    """Whether a day holds these very frames, however it was put together."""
    kept = _read(place, _mark(place, date.fromisoformat(path.stem))).frames
    return set(kept) == set(frames) and all(
        kept[name].facts == json.loads(json.dumps(facts_of(frame))) and kept[name].lines.equals(flat(frame))
        for name, frame in frames.items()
    )


def _state_before(place: Path, when: date) -> str | None:
    earlier = [one for one in _days(place) if one < when]
    return _mark(place, earlier[-1]) if earlier else None


def _days(place: Path) -> list[date]:
    return sorted(date.fromisoformat(one.stem) for one in (place / "days").glob("????-??-??.json"))


def _mark(place: Path, day: date) -> str:
    found = parsed((place / "days" / f"{day.isoformat()}.json").read_bytes())
    if not isinstance(found, dict) or "state" not in found:
        raise ShapeError(f"the snapshot of {day} is damaged.", hint="take it again, or restore the folder from a copy.")
    return str(found["state"])


def opened(folder: str | Path | None) -> Path:
    """The folder of snapshots, made where it is not there."""
    place = user_data_path("crmkit") / "snapshots" if folder is None else Path(folder)
    if place.exists() and not place.is_dir():
        raise ConfigError(f"{place.name} is no folder.")
    for one in (place, place / "parts", place / "states", place / "days"):
        private_folder(one)
    return place


def _kept(place: Path, kind: str, data: bytes) -> str:
    """Bytes stored under their hash, once."""
    name = digest(data)
    path = place / kind / name
    if not path.exists():
        _write(path, data)
    return name


def _bytes(place: Path, kind: str, name: str) -> bytes:
    """The bytes of a hash. Raises ShapeError where they are gone or others."""
    path = place / kind / Path(name).name
    data = path.read_bytes() if path.exists() else b""
    if digest(data) != name:
        raise ShapeError("a file of the snapshots is gone or was changed.", hint="restore the folder from a copy.")
    return data


def _write(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    private_file(partial)
    partial.write_bytes(data)
    partial.replace(path)
