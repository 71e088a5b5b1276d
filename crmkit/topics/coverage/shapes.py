"""The neutral frames of shift coverage: their columns and dtypes, whatever CRM they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any, Final

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import unknown_name
from crmkit.topics import shapes

TEXT: Final = "string"
COUNT: Final = "Int64"
RATE: Final = "float64"
FLAG: Final = "boolean"
DAY: Final = "datetime64[us]"
INSTANT: Final = "datetime64[us, UTC]"
SPAN: Final = "timedelta64[us]"

Shape = Mapping[str, str]

PROJECT: Shape = {"project_id": TEXT, "project": TEXT, "first_day": DAY, "last_day": DAY, "published": FLAG, "split": FLAG}
TEAM: Shape = {
    "team_id": TEXT,
    "team": TEXT,
    "project_id": TEXT,
    "project": TEXT,
    "subproject_id": TEXT,
    "subproject": TEXT,
    "function_id": TEXT,
    "function": TEXT,
    "needed": COUNT,
    "published": FLAG,
    "by_application": FLAG,
    "listed": FLAG,
}
SHIFT: Shape = {"team_id": TEXT, "shift": COUNT, "start": INSTANT, "end": INSTANT, "break_duration": SPAN}
ENROLMENT: Shape = {
    "enrolment_id": TEXT,
    "collaborator_id": TEXT,
    "team_id": TEXT,
    "status": TEXT,
    "cancelled": FLAG,
    "checks_in": FLAG,
    "arrived": INSTANT,
    "left": INSTANT,
}
COLLABORATOR: Shape = {"collaborator_id": TEXT, "name": TEXT, "blocked": FLAG}
AVAILABILITY: Shape = {
    "collaborator_id": TEXT,
    "availability_id": TEXT,
    "type_id": TEXT,
    "day": DAY,
    "start": INSTANT,
    "end": INSTANT,
    "whole_day": FLAG,
    "approved": FLAG,
}
DIFFERENCE: Shape = {"team_id": TEXT, "what": TEXT, "listed": TEXT, "embedded": TEXT}
LIMITS: Shape = {"collaborators_scanned": COUNT, "ids_complete": FLAG, "status_source": TEXT, "fetched_at": INSTANT}
SCAN: Shape = {**LIMITS, "zone": TEXT, "all_projects": FLAG, "first_day": DAY, "last_day": DAY}
FRAMES: Mapping[str, Shape] = {
    "projects": PROJECT,
    "teams": TEAM,
    "shifts": SHIFT,
    "enrolments": ENROLMENT,
    "collaborators": COLLABORATOR,
    "availability": AVAILABILITY,
    "differences": DIFFERENCE,
    "scan": SCAN,
}


def typed(data: Mapping[str, Any] | Sequence[Mapping[str, Any]] | pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """Columns, or a list of lines, as a frame of that shape: every column there, in order, in its dtype; what is absent is missing."""
    found = pd.DataFrame(data)
    return shapes.typed({name: _series(found[name], kind) for name, kind in shape.items() if name in found}, shape, len(found))


def frames(**given: Any) -> dict[str, pd.DataFrame]:
    """The frames of load() from data of your own: projects, teams, shifts, enrolments, collaborators, availability, differences, scan.

    Each as a DataFrame, a dict of columns or a list of dicts with some of the columns; the others are missing, absent frames are
    empty. Teams count as listed unless they say otherwise. Times are taken as UTC where they name no zone, break_duration is a
    Timedelta or text such as "00:30:00". Receipts of DataFrames are kept. Raises ParameterError for a name that is none of these, for
    what cannot be read as such a frame, a number as a time among it, and for teams without a team_id of their own. Source: Beeple
    contract sheet, section 6.1 (inputs).
    """
    for name in given:
        if name not in FRAMES:
            raise unknown_name(name, FRAMES, "coverage.frames", "frame")
    made = {name: _own(name, given.get(name, {})) for name in FRAMES}
    ids = made["teams"]["team_id"]
    if ids.isna().any() or ids.duplicated().any():
        raise ParameterError("teams holds a team twice, or one without an id.", hint="give a line per team, with its team_id.")
    made["teams"]["listed"] = made["teams"]["listed"].fillna(True)
    for name, frame in made.items():
        frame.attrs = dict(getattr(given.get(name), "attrs", {}))
    return made


def _own(name: str, data: Any) -> pd.DataFrame:
    """One of the frames; what went wrong is not repeated, since it may quote what stands in a line."""
    lines = isinstance(data, list) and all(isinstance(line, Mapping) for line in data)
    try:
        if lines or isinstance(data, pd.DataFrame | Mapping):
            return typed(data, FRAMES[name])
    except (ValueError, TypeError):
        pass
    columns = ", ".join(f"{column} ({dtype})" for column, dtype in FRAMES[name].items())
    raise ParameterError(
        f"{name} is no table of shift coverage.", hint=f"give a DataFrame, a dict of columns or a list of dicts, with {columns}."
    )


def _series(values: pd.Series[Any], kind: Any) -> Any:
    if values.isna().all():
        return _missing(kind, values.index)
    if kind in (INSTANT, DAY, SPAN) and _has_numbers(values):
        raise TypeError("a number is no time: pandas would take it as nanoseconds")
    if kind == INSTANT:
        return pd.to_datetime(values, utc=True, format="ISO8601").astype(kind)
    if kind == DAY:
        return pd.to_datetime(values).astype(kind)
    if kind == SPAN:
        return pd.to_timedelta(values).astype(kind)
    if kind == TEXT and pd.api.types.is_float_dtype(values.dtype):
        values = values.astype(COUNT)
    return values.astype(kind)


def _has_numbers(values: pd.Series[Any]) -> bool:
    return values.dtype.kind not in "mM" and any(isinstance(value, Number) for value in values.dropna())


def _missing(kind: Any, index: pd.Index[Any]) -> Any:
    return pd.Series([None] * len(index), index=index, dtype=kind)
