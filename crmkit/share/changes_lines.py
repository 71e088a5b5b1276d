"""Comparing two frames by key: what was added, what is gone, which fields differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from crmkit.exports import as_json

Key = tuple[Any, ...]


class Line(NamedTuple):
    """One change."""

    what: str
    who: Any = None
    which: Any = None
    name: Any = None
    field: str | None = None
    old: str | None = None
    new: str | None = None


def added(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> list[Key]:
    """Keys that the new frame has and the old one has not, each once, in order."""
    known = set(_keys(old, key))
    return [one for one in dict.fromkeys(_keys(new, key)) if one not in known]


def removed(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> list[Key]:
    """Keys that the old frame has and the new one has not."""
    return added(new, old, key)


def changed(
    old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str], fields: Iterable[str]
) -> Iterator[tuple[Key, str, str | None, str | None]]:
    """Key, field, old and new text, for every field that differs in a record of both frames; of equal keys the last counts."""
    both = [pd.Series(range(len(one)), index=pd.Index(_keys(one, key), tupleize_cols=False)) for one in (old, new)]
    before, after = (one[~one.index.duplicated(keep="last")] for one in both)
    shared = after.index[after.index.isin(before.index)]
    at_old, at_new = before.loc[shared].to_numpy(), after.loc[shared].to_numpy()
    for field in fields:
        was = _texts(old[field].iloc[at_old])
        now = _texts(new[field].iloc[at_new])
        for one, first, second in zip(shared, was, now, strict=True):
            if first != second:
                yield one, field, first, second


def common(old: pd.DataFrame, new: pd.DataFrame, names: Iterable[str]) -> list[str]:
    """Those of the columns that both frames have."""
    return [name for name in names if name in old and name in new]


def as_text(value: Any) -> str | None:
    """A value as text: days as ISO 8601, lists and records as JSON, nothing as None."""
    if isinstance(value, pd.Timestamp):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, float):
        return None if pd.isna(value) else f"{value:.15g}"
    found = as_json(value)
    return None if found is None else str(found)


def _texts(values: pd.Series[Any]) -> list[str | None]:
    return [as_text(value) for value in values]


def _keys(frame: pd.DataFrame, key: Sequence[str]) -> list[Key]:
    return list(zip(*(frame[name].tolist() for name in key), strict=True))
