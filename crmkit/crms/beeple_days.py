"""Beeple's days and wall-clock times as moments: the daily intervals of an availability, check-ins, windows of days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from crmkit.client import Client
from crmkit.endpoint import Values
from crmkit.params import Param, existing_zone, timestamp

CLOCK = re.compile(r"^(\d{1,2}):(\d\d)(:\d\d(\.\d+)?)?$")
DAY = timedelta(days=1)
LONGEST = 3660
LAST_MINUTE = timedelta(hours=23, minutes=59)
ZONE = Param(
    "zone", "Time zone of the tenant, an IANA name; Europe/Brussels if not given.", default="Europe/Brussels", local=True
)
ENDS = ("inclusive", "exclusive")


def known_zone(values: Values) -> None:
    """The zone of a call must exist."""
    existing_zone(values["zone"])


def clock(text: Any) -> timedelta | None:
    """A time of day HH:MM as the time since midnight; 24:00 is the end of the day; None when it cannot be read."""
    match = CLOCK.match(text.strip()) if isinstance(text, str) else None
    since = timedelta(hours=int(match[1]), minutes=int(match[2])) if match else None
    return since if since is not None and since <= DAY else None


def covered_days(first: date, last: date | None, end: str) -> list[date]:
    """The days from first to last; the last one counts unless end is "exclusive". A last day before the first is the first."""
    last = max(first, last or first)
    if end == "exclusive" and last > first:
        last -= DAY
    return [first + DAY * number for number in range((last - first).days + 1)]


def span(day: date, start: timedelta, end: timedelta, zone: ZoneInfo) -> dict[str, str]:
    """What lies between two wall-clock times of a day (end may be on the next), as an interval in UTC."""
    midnight = datetime.combine(day, time())
    moments = [(midnight + since).replace(tzinfo=zone).astimezone(UTC) for since in (start, end)]
    return {"day": day.isoformat(), "start": moments[0].isoformat(), "end": moments[1].isoformat()}


def intervals(
    first: date,
    last: date | None,
    whole_day: bool,
    start: timedelta | None,
    end: timedelta | None,
    *,
    zone: ZoneInfo,
    whole_day_end: str = "inclusive",
    timed_end: str = "inclusive",
) -> list[dict[str, str]]:
    """The daily intervals of one availability, half open, in UTC: never one interval from its first to its last moment.

    Whole days run from midnight to midnight of the zone. Timed ones run from start to end on each day, into the next day where the
    end is not after the start. Without readable times, or over more than ten years, there are none. Source: Beeple contract sheet,
    section 6.2.
    """
    if last is not None and (last - first).days > LONGEST:
        return []
    if whole_day:
        return [span(day, timedelta(), DAY, zone) for day in covered_days(first, last, whole_day_end)]
    if start is None or end is None:
        return []
    until = end if end > start else end + DAY
    return [span(day, start, until, zone) for day in covered_days(first, last, timed_end)]


def with_intervals(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """Availabilities with their daily intervals, and with a sense where the call says what the types mean."""
    zone = ZoneInfo(values["zone"])
    ends = {"whole_day_end": values["whole_day_end"], "timed_end": values["timed_end"]}
    to_midnight = values.get("end_at_midnight", False)
    lists = []
    for first, last, whole, start, end in frame[["starts_at", "ends_at", "whole_day", "start_time", "end_time"]].itertuples(
        index=False
    ):
        until = clock(end)
        until = DAY if to_midnight and until == LAST_MINUTE else until
        known = None if pd.isna(last) else last.date()
        whole = not pd.isna(whole) and bool(whole)
        lists.append([] if pd.isna(first) else intervals(first.date(), known, whole, clock(start), until, zone=zone, **ends))
    types = {str(number): sense for number, sense in (values.get("types") or {}).items()}
    frame = frame.assign(
        intervals=pd.Series(lists, index=frame.index, dtype=object),
        sense=frame["availability_type_id"].map(types).astype("string"),
    )
    frame.attrs["problems"] = [*readings(frame, zone), *ends_in_doubt(frame)]
    return frame


def readings(frame: pd.DataFrame, zone: ZoneInfo) -> list[str]:
    """Which reading of start_datetime the data supports: wall clock called UTC, or UTC."""
    starts = frame["starts_at"] + pd.to_timedelta([clock(text) for text in frame["start_time"]])
    both = starts.notna() & frame["start_datetime"].notna()
    if not both.any():
        return []
    printed = frame["start_datetime"][both]
    as_wall = printed.dt.tz_localize(None) == starts[both]
    as_utc = printed.dt.tz_convert(zone).dt.tz_localize(None) == starts[both]
    return [
        f"start_datetime agrees with starts_at and start_time as wall clock in {as_wall.sum():,} and as UTC in {as_utc.sum():,} "
        f"of {both.sum():,} availabilities; the intervals are built from starts_at and start_time"
    ]


def ends_in_doubt(frame: pd.DataFrame) -> list[str]:
    """What the data leaves open about the last day, and what has no intervals."""
    days = (frame["ends_at"] - frame["starts_at"]).dt.days
    whole = frame["whole_day"].fillna(value=False)
    lines = []
    if (days[whole] == 0).any() and (days[whole] == 1).any():
        lines.append("whole days end on their first day in some availabilities and on the day after in others: see whole_day_end")
    if several := int((days[~whole] > 0).sum()):
        lines.append(f"{several:,} timed availabilities run over several days: timed_end says whether the last one counts")
    if empty := sum(not found for found in frame["intervals"]):
        lines.append(f"{empty:,} availabilities have no readable days or times, or run over ten years: they have no intervals")
    return lines


def with_check_ins(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """Enrolments with check-ins as moments; within the asked period, when there is one."""
    zone = values["zone"]
    moments = {}
    for name in ("blip.in_at", "blip.out_at"):
        # An offset that is there all the same was read when the column was typed.
        local = frame[name].dt.tz_localize(zone, ambiguous=np.ones(len(frame), bool), nonexistent="shift_forward")
        moments[f"{name}.utc"] = local.dt.tz_convert("UTC").fillna(frame[f"{name}.utc"].where(frame[name].isna()))
    frame = frame.assign(**moments)
    keep = [touches(shifts, *asked_days(values), ZoneInfo(zone)) for shifts in frame["team.shifts_attributes"]]
    return frame[pd.Series(keep, index=frame.index, dtype=bool)].reset_index(drop=True)


def asked_days(values: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """The first and the last day of the asked period; None where it is open."""
    ends = (values.get(name) for name in ("period_start_at", "period_end_at"))
    first, last = (None if day is None else timestamp(day, "period").date() for day in ends)
    return first, last


def touches(shifts: Any, first: date | None, last: date | None, zone: ZoneInfo) -> bool:
    """Whether a shift of an enrolment overlaps the days, in the zone; one without readable shifts cannot be judged and stays."""
    since = None if first is None else datetime.combine(first, time(), zone)
    until = None if last is None else datetime.combine(last + DAY, time(), zone)
    spans = [(moment(shift, "start_datetime"), moment(shift, "end_datetime")) for shift in shifts or ()]
    readable = [(start, end) for start, end in spans if start and end]
    return not readable or any((since is None or end > since) and (until is None or start < until) for start, end in readable)


def moment(shift: Any, name: str) -> datetime | None:
    """One end of a shift; None when it cannot be read."""
    try:
        found = datetime.fromisoformat(shift[name])
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def within_period(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """Subprojects that touch the asked days: the server was asked a day wider. One without days cannot be judged and stays."""
    first, last = asked_days(values)
    starts = frame["start_date"].fillna(frame["end_date"])
    ends = frame["end_date"].fillna(starts)
    keep = pd.Series(True, index=frame.index)
    if first is not None:
        keep &= ends.isna() | (ends >= pd.Timestamp(first))
    if last is not None:
        keep &= starts.isna() | (starts <= pd.Timestamp(last))
    return frame[keep].reset_index(drop=True)
