"""A frame told by another one: which lines stay, in which order, and what is new, with of a changed line only what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmkit.errors import ShapeError

Places = np.ndarray[Any, Any]


class Run(NamedTuple):
    """Some lines in a row: new ones (start is -1), or lines of the old frame."""

    start: int
    length: int


def found(frame: pd.DataFrame, known: pd.DataFrame) -> Places:
    """Where each line stands in the known frame, or -1; of equal lines the first with the first, the second with the second."""
    if not len(frame.columns):
        return np.full(len(frame), -1)
    old = {mark: place for place, mark in enumerate(_hashed(known))}
    return np.array([old.get(mark, -1) for mark in _hashed(frame)], dtype="int64")


def _hashed(frame: pd.DataFrame) -> list[tuple[int, int]]:
    marks = pd.Series(pd.util.hash_pandas_object(frame, index=False).to_numpy(), dtype="uint64")
    return list(zip(marks.tolist(), marks.groupby(marks).cumcount().tolist(), strict=True))


def runs_of(where: Places) -> list[Run]:
    """Lines as runs."""
    runs: list[Run] = []
    for one in where.tolist():
        last = runs[-1] if runs else None
        if last and (one == -1 == last.start or (last.start >= 0 and one == last.start + last.length)):
            runs[-1] = Run(last.start, last.length + 1)
        else:
            runs.append(Run(one, 1))
    return runs


def short(runs: Sequence[Run]) -> list[int]:
    """Runs as few small numbers: 2n + 1 for n new lines; twice the length, and how far ahead of the last old line they start."""
    told, expected = [], 0
    for start, length in runs:
        if start < 0:
            told.append(2 * length + 1)
        else:
            told += [2 * length, start - expected]
            expected = start + length
    return told


def long(told: Sequence[int]) -> list[Run]:
    """The runs that short() told."""
    runs, expected, numbers = [], 0, iter(told)
    for one in numbers:
        if one % 2:
            runs.append(Run(-1, one // 2))
        else:
            runs.append(Run(expected + next(numbers), one // 2))
            expected = runs[-1].start + runs[-1].length
    return runs


def replaced(runs: Sequence[Run], known: int) -> Iterator[int | None]:
    """For each new line the old one in whose place it stands: between two runs as many lines left out as there are new ones."""
    expected = 0
    for place, (start, length) in enumerate(runs):
        if start >= 0:
            expected = start + length
            continue
        after = runs[place + 1].start if place + 1 < len(runs) else known
        yield from range(expected, after) if after - expected == length else [None] * length


def texts(frame: pd.DataFrame, known: pd.DataFrame, where: Places) -> list[str]:
    """The new lines as JSON: a list of all values, or an object of those that changed, by the column's place."""
    places = list(replaced(runs_of(where), len(known)))
    before = iter(_values(known.iloc[[place for place in places if place is not None]]))
    lines = []
    for line, place in zip(_values(frame[where < 0]), places, strict=True):
        told: Any = line
        if place is not None:
            told = {column: one for column, (one, was) in enumerate(zip(line, next(before), strict=True)) if one != was}
        lines.append(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    return lines


def put_together(known: pd.DataFrame, runs: Sequence[Run], lines: Sequence[str]) -> pd.DataFrame:
    """The frame that was told. Raises ShapeError where lines and runs do not fit."""
    places = list(replaced(runs, len(known)))
    if len(places) != len(lines):
        raise ShapeError("a snapshot is damaged.", hint="restore the folder from a copy.")
    old = _values(known.iloc[[place for place in places if place is not None]])
    before = iter(old)
    whole = [_line(json.loads(line), None if place is None else next(before)) for line, place in zip(lines, places, strict=True)]
    columns = list(zip(*whole, strict=True)) or [()] * len(known.columns)
    new = pd.DataFrame({name: _column(list(one), known[name].dtype) for name, one in zip(known, columns, strict=True)})
    picks, added = [np.empty(0, dtype="int64")], len(known)
    for start, length in runs:
        first = added if start < 0 else start
        added += length if start < 0 else 0
        picks.append(np.arange(first, first + length))
    both = pd.concat([known, new], ignore_index=True) if len(new) else known
    return pd.DataFrame(both.take(np.concatenate(picks)).reset_index(drop=True))


def _line(told: Any, old: list[Any] | None) -> list[Any]:
    if old is None:
        return list(told)
    return [told.get(str(column), one) for column, one in enumerate(old)]


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    """Lines as lists of plain values; instants as whole numbers of their unit."""
    columns = []
    for name in frame:
        values = frame[name]
        if values.dtype.kind == "M":
            values = values.astype("int64").astype("Int64").mask(values.isna())
        columns.append(values.astype(object).where(values.notna(), None).tolist())
    return [list(line) for line in zip(*columns, strict=True)]


def _column(values: list[Any], dtype: Any) -> Any:
    if dtype.kind != "M":
        return pd.Series(values, dtype=dtype)
    numbers = pd.Series(values, dtype="Int64")
    unit: Any = getattr(dtype, "unit", None) or np.datetime_data(dtype)[0]
    return pd.to_datetime(numbers, unit=unit, utc=getattr(dtype, "tz", None) is not None).astype(dtype)
