"""From the JSON values of one column to a typed array; what does not fit is handed back, never dropped.

Each cast first asks which Python types occur (one quick pass in C). If they are the expected ones the whole column is converted
at once; otherwise the values that do not fit are set aside first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from crmkit import isotimes
from crmkit.columns import DTYPES, Column

Rejected = dict[int, Any]
NONE = type(None)
LARGEST_INT = 2**63
LARGEST_EXACT = 2**53
DAY_US = 86_400_000_000
UNTYPED = ("text", "id", "json")  # their casts need not know which Python types occur
ZONELESS = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$")
MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d([T ]00:00(:00(\.0+)?)?)?$")
CLOCK = re.compile(r"^([+-]?)(\d{1,4}):([0-5]\d)(?::([0-5]\d))?$")
WHOLE = re.compile(r"^-?(0|[1-9]\d*)$")
NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


def cast(column: Column, values: list[Any]) -> tuple[Any, Rejected]:
    """The values as an array of the column's dtype, and what did not fit: position -> original value."""
    rejected: Rejected = {}
    types = set() if column.kind in UNTYPED else set(map(type, values))
    return CASTS[column.kind](values, rejected, types), rejected


def as_text(value: Any) -> str | None:
    """A value that did not fit, as text: text as it is, everything else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def as_texts(values: list[Any]) -> Any:
    """Values that may not fit, each as text, as a string array."""
    try:
        return _string_array(values)
    except (TypeError, ValueError):
        return pd.array([as_text(value) for value in values], dtype="string")


def _set_aside(values: list[Any], rejected: Rejected, accept: Callable[[Any], Any]) -> list[Any]:
    """Each value through accept, which raises ValueError for what does not fit."""
    fitting = []
    for position, value in enumerate(values):
        try:
            fitting.append(None if value is None else accept(value))
        except ValueError:
            rejected[position] = value
            fitting.append(None)
    return fitting


def _text(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    try:
        return _string_array(values)
    except TypeError:
        values = _set_aside(values, rejected, _accept_text)
    except ValueError:  # a lone surrogate, which no encoding can hold: kept as escaped text
        values = [value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value for value in values]
    return _text(values, rejected, types)


def _string_array(values: list[Any]) -> Any:
    """Texts and None as a string array; straight to pyarrow where pandas keeps strings there, which is five times faster.

    Raises TypeError for anything else, ValueError for a text that no encoding can hold.
    """
    dtype = pd.StringDtype()
    if dtype.storage == "python":
        if not set(map(type, values)) <= {str, NONE}:
            raise TypeError
        return pd.array(np.array(values, dtype=object), dtype=dtype)
    import pyarrow

    return pd.arrays.ArrowStringArray(pyarrow.array(values, pyarrow.large_string()))


def _accept_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        raise ValueError
    return json.dumps(value)


def _integer(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    if not types <= {int, NONE}:
        values = _set_aside(values, rejected, _accept_integer)
        types = {int, NONE}
    try:
        data = np.fromiter([value or 0 for value in values] if NONE in types else values, dtype=np.int64, count=len(values))
    except OverflowError:
        return _integer(_set_aside(values, rejected, _accept_integer), rejected, {int, NONE})
    return pd.arrays.IntegerArray(data, _missing(values, types))


def _missing(values: list[Any], types: set[type]) -> Any:
    if NONE not in types:
        return np.zeros(len(values), dtype=bool)
    return np.fromiter([value is None for value in values], dtype=bool, count=len(values))


def _accept_integer(value: Any) -> int:
    if (isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT) or (
        isinstance(value, str) and WHOLE.match(value.strip())
    ):
        value = int(value)
    elif isinstance(value, str) and not value.strip():
        return None  # type: ignore[return-value]
    if isinstance(value, bool) or not isinstance(value, int) or not -LARGEST_INT <= value < LARGEST_INT:
        raise ValueError
    return value


def _number(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    if not types <= {float, NONE} and not (types <= {float, int, NONE} and _all_exact(values)):
        values = _set_aside(values, rejected, _accept_number)
    return np.array(values, dtype=np.float64)


def _all_exact(values: list[Any]) -> bool:
    return all(value is None or -LARGEST_EXACT <= value <= LARGEST_EXACT for value in values)


def _accept_number(value: Any) -> float:
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_EXACT:
        return float(value)
    if isinstance(value, str) and NUMBER.match(value.strip()) and abs(float(value)) < float("inf"):
        return float(value)
    if isinstance(value, str) and not value.strip():
        return None  # type: ignore[return-value]
    raise ValueError


def _flag(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    if not types <= {bool, NONE}:
        values = _set_aside(values, rejected, _accept_flag)
        types = {bool, NONE}
    return pd.arrays.BooleanArray(np.fromiter(values, dtype=bool, count=len(values)), _missing(values, types))


def _accept_flag(value: Any) -> bool:
    known = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in known:
        return known[value.strip().lower()]
    if value == "":
        return None  # type: ignore[return-value]
    raise ValueError


def _times(
    values: list[Any], rejected: Rejected, types: set[type], forms: Sequence[str], read: Callable[[Any], Any], dtype: str
) -> Any:
    """Times of one usual form by arithmetic, others by pandas; whatever is empty there although a text was given did not fit."""
    if types <= {str, NONE} and (quick := _of_one_form(values, types, forms)) is not None:
        return pd.DatetimeIndex(quick, tz="UTC" if dtype == DTYPES["instant"] else None)
    if not types <= {str, NONE}:
        values = _set_aside(values, rejected, _accept_time_text)
    parsed = read(np.array(values, dtype=object)).astype(dtype)
    empty = np.flatnonzero(parsed.isna())
    for position in empty if len(empty) > values.count(None) else ():
        value = values[position]
        if value is not None and value.strip():
            rejected[int(position)] = value
    return parsed


def _of_one_form(values: list[Any], types: set[type], forms: Sequence[str]) -> Any:
    """The texts as moments, None as NaT; None where they are not all of the same one of the forms."""
    if NONE not in types:
        return isotimes.read(values, forms)
    moments = isotimes.read([value for value in values if value is not None], forms)
    if moments is None:
        return None
    spread = np.full(len(values), "NaT", dtype="datetime64[us]")
    spread[~_missing(values, types)] = moments
    return spread


def _accept_time_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _iso(texts: Any, **options: Any) -> Any:
    # Without cache=False pandas first looks for repeats, which takes longer than the reading itself.
    parsed = pd.to_datetime(texts, format="ISO8601", errors="coerce", cache=False, **options)
    # Finer than a microsecond is more than the dtype holds.
    return parsed.where(parsed.asi8 % 1000 == 0) if parsed.unit == "ns" else parsed


def _instant(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    def read(texts: Any) -> Any:
        parsed = _iso(texts, utc=True).astype(DTYPES["instant"])
        # pandas reads a bare year or month as its first midnight; a moment needs at least a day.
        midnights = np.flatnonzero(parsed.asi8 % DAY_US == 0)
        short = [position for position in midnights if len(texts[position]) < len("2018-05-16")]
        return parsed.where(~np.isin(np.arange(len(texts)), short)) if short else parsed

    return _times(values, rejected, types, isotimes.IN_UTC, read, DTYPES["instant"])


def _wall(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    return _times(values, rejected, types, isotimes.ZONELESS, lambda texts: _iso(_only(ZONELESS, texts)), DTYPES["wall"])


def _day(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    def read(texts: Any) -> Any:
        parsed = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce", cache=False)
        return _iso(_only(MIDNIGHT, texts)) if any(texts[parsed.isna()]) else parsed

    return _times(values, rejected, types, (isotimes.DAY,), read, DTYPES["day"])


def _day_dmy(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    def read(texts: Any) -> Any:
        return pd.to_datetime(texts, format="%d/%m/%Y", errors="coerce", cache=False)

    return _times(values, rejected, types, (), read, DTYPES["day"])


def _only(pattern: re.Pattern[str], texts: Any) -> Any:
    """The texts that look as they should, the others emptied."""
    return np.array([text if text is not None and pattern.match(text) else None for text in texts], dtype=object)


def _epoch(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    seconds = _integer(values, rejected, types)
    moments: Any = pd.to_datetime(pd.Series(seconds, dtype="Int64"), unit="s", utc=True, errors="coerce")
    array = pd.DatetimeIndex(moments).astype(DTYPES["epoch"])
    for position in np.flatnonzero(array.isna() & ~seconds.isna()):
        rejected[int(position)] = values[position]
    return array


def _duration(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    spans = _set_aside(values, rejected, _accept_clock)
    return pd.to_timedelta(pd.Index(spans, dtype="timedelta64[us]"))


def _accept_clock(value: Any) -> timedelta:
    if value == "":
        return None  # type: ignore[return-value]
    match = CLOCK.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError
    sign, hours, minutes, seconds = match.groups()
    span = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return -span if sign == "-" else span


def _list(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    if not types <= {list, NONE}:
        values = _set_aside(values, rejected, _accept_list)
    return _objects(values)


def _accept_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _json(values: list[Any], rejected: Rejected, types: set[type]) -> Any:
    return _objects(values)


def _objects(values: Sequence[Any]) -> Any:
    """An object array whose cells are the values, lists included."""
    return np.fromiter(values, dtype=object, count=len(values))


CASTS: dict[str, Callable[[list[Any], Rejected, set[type]], Any]] = {
    "text": _text,
    "id": _text,
    "integer": _integer,
    "number": _number,
    "money": _number,
    "flag": _flag,
    "instant": _instant,
    "epoch": _epoch,
    "day": _day,
    "day_dmy": _day_dmy,
    "wall": _wall,
    "duration": _duration,
    "items": _list,
    "children": _list,
    "json": _json,
}


def undeclared(values: list[Any]) -> Any:
    """A column that no row declares: typed by its JSON types alone, texts stay texts, a mixture stays as it came."""
    types = set(map(type, values))
    if types <= {str, NONE}:
        return _text(values, {}, types)
    if types <= {bool, NONE}:
        return _flag(values, {}, types)
    if types <= {int, NONE} and all(value is None or -LARGEST_INT <= value < LARGEST_INT for value in values):
        return _integer(values, {}, types)
    if types <= {int, float, NONE} and _all_exact([value for value in values if not isinstance(value, float)]):
        return _number(values, {}, types)
    return _objects(values)
