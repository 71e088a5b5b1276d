"""Corrections as data: what changed between two frames, a line per value, to be reviewed, filtered, kept and applied again.

Values are text, so that every format and every reviewer can hold them: days as YYYY-MM-DD, instants in ISO 8601, flags as true and
false, lists as JSON; missing is <NA>, which is not the same as an empty text.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd

from crmkit.clean.naming import Naming, naming
from crmkit.errors import ShapeError

COLUMNS = ("crm", "record", "id", "field", "old", "new", "reason", "source")
CLEAN, REASON = ".clean", ".reason"
MADE = (CLEAN, REASON, ".doubt", ".suggestion", ".ambiguous", ".raw")


class CorrectionWarning(UserWarning):
    """Some corrections could not be applied to a frame."""


def corrections(
    before: pd.DataFrame,
    after: pd.DataFrame | None = None,
    *,
    reason: str = "",
    source: str = "",
    crm: str | None = None,
    record: str | None = None,
    key: str | None = None,
) -> pd.DataFrame:
    """What was corrected, a line per value.

    Parameters
    before: a frame as it was fetched. after: the same records with corrected values, in any order; records that it leaves out
    count as not changed. Without it, before itself holds the corrections beside the old values, as normalise() leaves them
    (<field>.clean and <field>.reason). reason, source: for lines that have no reason of their own, and where they come from.
    crm, record, key: system, kind of record and key column, for frames whose receipt pandas has dropped.

    Returns a DataFrame, all columns string: crm, record, id (of the record that a write addresses), field (column; an entry of a
    list is named with its position or id, phones[0].value or address[12].city), old, new, reason, source. Raises ShapeError for
    records that repeat or that before does not hold, ParameterError where it is not known whose records these are.
    """
    after = before if after is None else after
    names = naming(before, crm=crm, record=record, key=key)
    old, new = names.indexed(before), names.indexed(after)
    strangers = new.index.difference(old.index)
    if len(strangers):
        raise ShapeError(f"{len(strangers):,} records of after are not in before.", hint="compare frames of the same records.")
    old = old.loc[new.index]
    parts = [_column(names, name, old[name], *_wanted(new, name), reason, source) for name in _fields(old, new, names)]
    return pd.concat([_none(), *parts], ignore_index=True).astype("string")[list(COLUMNS)]


def _none() -> pd.DataFrame:
    return pd.DataFrame({name: pd.array([], dtype="string") for name in COLUMNS})


def _fields(old: pd.DataFrame, new: pd.DataFrame, names: Naming) -> list[str]:
    """The columns that may hold corrections: in both frames, and neither keys nor made by normalise()."""
    shared = [str(name) for name in old.columns if name in new.columns or f"{name}{CLEAN}" in new.columns]
    return [name for name in shared if name not in names.own and not _is_made(name, old)]


def _is_made(name: str, frame: pd.DataFrame) -> bool:
    return any(name.endswith(ending) and name.removesuffix(ending) in frame.columns for ending in MADE)


def _wanted(new: pd.DataFrame, name: str) -> tuple[pd.Series[Any], pd.Series[Any] | None]:
    """The corrected values and their reasons."""
    reasons = new[f"{name}{REASON}"] if f"{name}{REASON}" in new.columns else None
    if f"{name}{CLEAN}" in new.columns:
        clean = new[f"{name}{CLEAN}"]
        kept = new[name] if name in new.columns else clean
        return clean.astype(object).where(clean.notna(), kept.astype(object)), reasons
    return new[name], reasons


def _column(
    names: Naming, name: str, old: pd.Series[Any], new: pd.Series[Any], reasons: pd.Series[Any] | None, reason: str, source: str
) -> pd.DataFrame:
    """The corrections of one column."""
    was, now = texts(old), texts(new)
    changed = ~((was == now).fillna(False) | (was.isna() & now.isna())).astype(bool)
    lines = changed.to_numpy().nonzero()[0].tolist()
    spots = [old.index[line] for line in lines]
    told = pd.Series([pd.NA] * len(was), dtype="string") if reasons is None else texts(reasons)
    return pd.DataFrame(
        {
            "crm": names.crm,
            "record": names.record,
            "id": [names.ids[spot] for spot in spots],
            "field": [names.field(spot, name) for spot in spots],
            "old": was.iloc[lines].array,
            "new": now.iloc[lines].array,
            "reason": told.iloc[lines].fillna(reason).array,
            "source": source,
        },
        columns=list(COLUMNS),
    ).astype("string")


def texts(values: pd.Series[Any]) -> pd.Series[Any]:
    """A column as the text that corrections hold, with a plain index."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.reset_index(drop=True).astype("string")
    return pd.Series([as_text(value) for value in values.tolist()], dtype="string")


def as_text(value: Any) -> str | None:
    """One value as text; None where there is none."""
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist") and not isinstance(value, pd.Timestamp | pd.Timedelta):
        value = value.tolist()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=as_text)
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, pd.Timestamp):
        return _moment(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _moment(value: pd.Timestamp) -> str:
    if value.tzinfo is None and value == value.normalize():
        return value.strftime("%Y-%m-%d")
    return value.isoformat().replace("+00:00", "Z")


def checked(found: pd.DataFrame) -> pd.DataFrame:
    """The corrections with plain text columns; ShapeError where the frame is none."""
    missing = [name for name in COLUMNS if name not in getattr(found, "columns", ())]
    if missing:
        raise ShapeError(f"these are no corrections: {', '.join(missing)} missing.", hint="make them with clean.corrections().")
    return found[list(COLUMNS)].astype("string").reset_index(drop=True)


def conflicts(frame: pd.DataFrame, found: pd.DataFrame, **names: Any) -> pd.DataFrame:
    """The corrections that do not fit a frame: somebody has changed the field meanwhile, or the record or column is not there.

    Parameters
    frame: a newer fetch. found: corrections. names: crm, record, key as for corrections().

    Returns the columns of corrections, now (string, what the frame holds) and conflict (string: changed, no such record, no such
    column). A field that already has its new value is no conflict. Corrections of other kinds of record are left out.
    """
    told = _judged(frame, checked(found), names)
    return told[told["conflict"].notna()].drop(columns=["line", "column"]).reset_index(drop=True)


def apply_corrections(frame: pd.DataFrame, found: pd.DataFrame, **names: Any) -> pd.DataFrame:
    """The frame with the corrections that fit it; the one that was given stays as it is.

    Parameters
    frame: a fetch, also a newer one than the corrections were made from. found: corrections; those of other kinds of record are
    left out. names: crm, record, key as for corrections().

    Returns a copy with the same columns, dtypes, order and receipt. A correction whose field has changed meanwhile, or whose record is
    not there, is not applied: a CorrectionWarning says how many, conflicts(frame, found) which. Raises ShapeError for a new value
    that does not fit its column.
    """
    told = _judged(frame, checked(found), names)
    bad = int(told["conflict"].notna().sum())
    if bad:
        warnings.warn(
            f"{bad:,} of {len(told):,} corrections do not fit this frame any more; clean.conflicts(frame, corrections) lists them.",
            CorrectionWarning,
            stacklevel=2,
        )
    result = frame.copy()
    fitting = told[told["conflict"].isna()]
    for column, lines in fitting.groupby("column", sort=False):
        places = lines["line"].astype(int).tolist()
        result[column] = _filled(frame[column], places, lines["new"].tolist(), str(column))
    return result


def _judged(frame: pd.DataFrame, found: pd.DataFrame, given: dict[str, Any]) -> pd.DataFrame:
    """Each correction of this kind of record with its line and column in the frame, what is there now, and what is wrong."""
    names = naming(frame, **given)
    lines = {spot: line for line, spot in enumerate(names.indexed(frame).index)}
    spots = {(names.ids[spot], names.prefix(spot)): line for spot, line in lines.items()}
    now = {str(name): texts(frame[name]) for name in frame.columns}
    mine = found[(found["crm"].str.lower() == names.crm.lower()) & (found["record"] == names.record)]
    told = [_one(names, spots, now, correction) for correction in mine.itertuples(index=False)]
    kept = [one for one in told if one is not None]
    return pd.DataFrame(kept, columns=[*COLUMNS, "now", "conflict", "line", "column"]).astype(
        {**dict.fromkeys((*COLUMNS, "now", "conflict"), "string")}
    )


def _one(names: Naming, spots: dict[tuple[str, str], int], now: dict[str, pd.Series[Any]], line: Any) -> tuple[Any, ...] | None:
    """One correction beside the frame; None where it belongs to another table of the record."""
    prefix, column = names.split(line.field)
    if prefix is None:
        return None
    place = spots.get((line.id, prefix))
    if place is None:
        return (*line, pd.NA, "no such record", None, column)
    if column not in now:
        return (*line, pd.NA, "no such column", place, column)
    value = now[column].iloc[place]
    fits = any(_same(value, wanted) for wanted in (line.old, line.new))
    return (*line, value, pd.NA if fits else "changed", place, column)


def _same(one: Any, other: Any) -> bool:
    return bool(pd.isna(other)) if pd.isna(one) else not pd.isna(other) and bool(one == other)


def _filled(column: pd.Series[Any], places: list[int], new: list[Any], name: str) -> pd.Series[Any]:
    """The column with the new values at these lines, in its own dtype."""
    read = _reader(column)
    values = column.array.copy()
    for place, text in zip(places, new, strict=True):
        try:
            values[place] = pd.NA if pd.isna(text) and column.dtype != object else None if pd.isna(text) else read(text)
        except (ValueError, TypeError, KeyError) as error:
            raise ShapeError(f"a new value of {name} does not fit its dtype {column.dtype}.") from error
    return pd.Series(values, index=column.index, name=column.name)


def _reader(column: pd.Series[Any]) -> Callable[[str], Any]:
    """From the text of a correction back to a value of a column."""
    kind = column.dtype
    plain: dict[str, Callable[[str], Any]] = {
        "object": json.loads,
        "boolean": {"true": True, "false": False}.__getitem__,
        "Int64": int,
        "float64": float,
    }
    if str(kind) in plain:
        return plain[str(kind)]
    if getattr(kind, "kind", "") == "M":
        return pd.Timestamp
    if getattr(kind, "kind", "") == "m":
        return pd.Timedelta
    return str
