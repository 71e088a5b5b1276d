"""Needed against enrolled over time: in windows of any length, per day, hour, week and month, as steps, and where the peaks are.

Windows are half open and cut at local midnight, hours from it; lengths are taken in UTC, so days have 23 or 25 hours when clocks
change. Shared keywords and last columns: see crmkit.coverage; with start= or end= what lies in the period counts, also of shifts that
began before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import listed
from crmkit.topics.arrays import Whole, distinct, each_of
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import HOUR, Chosen, Frames, chosen, counts, instant, instants, local, ratio
from crmkit.topics.coverage.everything import micros
from crmkit.topics.coverage.overlap import expanded
from crmkit.topics.coverage.shapes import COUNT, RATE, TEXT
from crmkit.topics.intervals import small
from crmkit.topics.shapes import WEEKDAYS, Names

EVERY = ("hour", "day", "week", "month")
MEASURES = ("needed", "enrolled", "gap", "surplus")


@checked
def by_window(
    frames: Frames,
    every: Any = "day",
    *,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Needed against enrolled in windows of time, a line per window from the first to the last, empty ones between included.

    every: "hour", "day", "week" (from Monday) or "month", or a list of moments that part one window from the next (local time where
    they name no zone).

    Columns: start, end (UTC, end not included), day (datetime64[us], local day of the start), hour (Int64, local; at an autumn change
    2 comes twice), length_hours (float64); shifts (Int64, that overlap the window), people (Int64, distinct collaborators who count
    and whose shift overlaps, not the sum of n); needed_hours, enrolled_hours, gap_hours, surplus_hours (person-hours, float64:
    overlap x net / gross x people, so a break, whose place is not known, is spread evenly over its shift); coverage = enrolled_hours
    / needed_hours, filled_share = 1 - gap_hours / needed_hours (NaN where nothing is needed; a surplus in one team hides no gap in
    another, so filled_share never passes 1); needed_peak, enrolled_peak, gap_peak (Int64, most heads at one time).
    Time zone: windows are local, hours are taken in UTC. What is missing: see crmkit.coverage. Source: Beeple contract sheet,
    section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    edges = _edges(some, every)
    lines = _lines(some, edges)
    size = max(len(edges) - 1, 0)
    sums = {f"{name}_hours": _sums(lines["window"], lines[name], size) for name in MEASURES}
    begin = instants(edges[:size])
    wall = local(begin, some.zone)
    table = pd.DataFrame(
        {"start": begin, "end": instants(edges[1:]), "day": wall.dt.normalize(), "hour": counts(wall.dt.hour)}
    ).assign(
        length_hours=np.diff(edges) / HOUR if size else pd.Series(dtype=RATE),
        shifts=counts(np.bincount(lines["window"], minlength=size)),
        people=counts(_people(some, lines, size)),
        **sums,
        coverage=ratio(sums["enrolled_hours"], sums["needed_hours"]),
        filled_share=ratio(sums["needed_hours"] - sums["gap_hours"], sums["needed_hours"]),
        **_peaks_in(some, edges),
    )
    return some.finished(table, "by_window", every=every)


@checked
def week_pattern(
    frames: Frames,
    *,
    min_n: int = 5,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """The usual week: person-hours by local weekday and hour of the day, 168 lines, Monday 0 o'clock first.

    Columns: weekday (string), hour (Int64), windows (Int64, clock hours in which somebody was needed), needed_hours, enrolled_hours,
    gap_hours, filled_share = 1 - gap_hours / needed_hours (float64, NaN where nobody is needed), small (boolean: fewer than min_n
    windows, too few to read much into). Sums are those of by_window(frames, "hour"); what is missing: see crmkit.coverage.
    Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    edges = _edges(some, "hour")
    lines = _lines(some, edges)
    size = max(len(edges) - 1, 0)
    wall = local(instants(edges[:size]), some.zone)
    slot = (wall.dt.day_of_week * 24 + wall.dt.hour).to_numpy(dtype=np.int64)
    sums = {f"{name}_hours": _sums(slot[lines["window"]], lines[name], 168) for name in MEASURES[:3]}
    wanted = np.bincount(lines["window"], lines["needed"], size) > 0
    windows = np.bincount(slot[wanted], minlength=168)
    table = pd.DataFrame({"weekday": pd.array([WEEKDAYS[place // 24] for place in range(168)], dtype=TEXT)}).assign(
        hour=counts(np.arange(168) % 24),
        windows=counts(windows),
        **sums,
        filled_share=ratio(sums["needed_hours"] - sums["gap_hours"], sums["needed_hours"]),
        small=small(windows, min_n),
    )
    return some.finished(table, "week_pattern", min_n=min_n)


@checked
def steps(
    frames: Frames,
    *,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Heads over time as a step function: a line from each moment at which anything changes to the next.

    +V at the start of a shift and -V at its end, ends before starts at equal times; the same with n, with the gaps and the surpluses
    of the single teams (so needed - gap + surplus = enrolled at every moment). Breaks are not taken out: these are heads, and their
    area is person-hours with breaks.
    Columns: start, end (UTC, end not included), needed, enrolled, gap, surplus (Int64). What is missing: see crmkit.coverage.
    Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    times, values = _steps(some)
    table = pd.DataFrame({"start": instants(times[:-1]), "end": instants(times[1:])})
    return some.finished(table.assign(**{name: counts(values[name]) for name in MEASURES}), "steps")


@checked
def peaks(
    frames: Frames,
    *,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """When most heads are needed, enrolled and lacking at one time.

    Columns: measure (string: needed, enrolled, gap, surplus), peak (Int64), start, end (UTC, of the first time that it is reached),
    times (Int64, how often), person_hours (float64, the area under the steps, breaks included). Nothing where there are no shifts.
    What is missing: see crmkit.coverage. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    times, values = _steps(some)
    begin, finish = instants(times[:-1]), instants(times[1:])
    lines = []
    for name in MEASURES if len(times) else ():
        heads = values[name]
        top = int(heads.max())
        reached = np.flatnonzero((heads == top) & np.append(True, heads[1:] != heads[:-1]))
        line = {"measure": name, "peak": top, "times": len(reached), "person_hours": float((heads * np.diff(times)).sum() / HOUR)}
        lines.append({**line, "start": begin[reached[0]], "end": finish[_last_of(heads, int(reached[0]))]})
    columns = {"measure": TEXT, "peak": COUNT, "start": begin.dtype, "end": begin.dtype, "times": COUNT, "person_hours": RATE}
    return some.finished(pd.DataFrame(lines, columns=list(columns)).astype(columns), "peaks")


def _last_of(heads: Any, place: int) -> int:
    """The last step of the run of equal heads that begins here."""
    other = np.flatnonzero(heads[place:] != heads[place])
    return place + int(other[0]) - 1 if len(other) else len(heads) - 1


def _inside(some: Chosen) -> tuple[pd.DataFrame, Whole, Whole]:
    """The chosen shifts that touch the period, and their ends cut to it."""
    starts, ends = micros(some.shifts["start"]), micros(some.shifts["end"])
    if some.since is not None:
        starts = np.maximum(starts, _micro(some.since))
    if some.until is not None:
        ends = np.minimum(ends, _micro(some.until))
    keep = starts < ends
    return some.shifts[keep].reset_index(drop=True), starts[keep], ends[keep]


def _micro(moment: pd.Timestamp) -> int:
    return int(micros(pd.Series([moment]))[0])


def _heads_of(some: Chosen, shifts: pd.DataFrame) -> dict[str, Whole]:
    """Heads needed, enrolled, lacking and too many in each shift; nobody is needed where the need is missing."""
    at = shifts["at"].to_numpy()
    needed = some.teams["needed"].fillna(0).to_numpy(dtype=np.int64)[at]
    n = some.n[at]
    gap = np.maximum(needed - n, 0)
    return {"needed": needed, "enrolled": n, "gap": gap, "surplus": n - needed + gap}


def _lines(some: Chosen, edges: Whole) -> dict[str, Any]:
    """Each shift in each window it touches: window, team's place, and its person-hours there."""
    shifts, starts, ends = _inside(some)
    which, window, shared = expanded(starts, ends, edges)
    rate = ratio(shifts["net_hours"], shifts["gross_hours"]) if len(shifts) else np.array([])
    worth = shared / HOUR * rate[which]
    people = {name: heads[which] * worth for name, heads in _heads_of(some, shifts).items()}
    return {"window": window, "at": shifts["at"].to_numpy(dtype=np.int64)[which], **people}


def _sums(places: Whole, worth: Any, size: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What falls to each place, as float64 also when that is nothing."""
    return np.bincount(places, worth, size).astype(np.float64)


def _people(some: Chosen, lines: dict[str, Any], size: int) -> Whole:
    """Distinct collaborators who count and are at work in each window."""
    width = len(some.teams) + 1
    pairs = distinct(lines["window"] * width + lines["at"])
    place, enrolled = each_of(pairs % width, some.at(some.counting))
    who = some.counting["person"].to_numpy()[enrolled]
    span = int(who.max(initial=0)) + 1
    return np.bincount(distinct(pairs[place] // width * span + who) // span, minlength=size)


def _steps(some: Chosen) -> tuple[Whole, dict[str, Whole]]:
    """The moments at which heads change, and the heads from each to the next."""
    shifts, starts, ends = _inside(some)
    times, place = np.unique(np.concatenate([starts, ends]), return_inverse=True)
    values = {}
    for name, heads in _heads_of(some, shifts).items():
        change = np.bincount(place, np.concatenate([heads, -heads]), len(times))
        values[name] = np.rint(np.cumsum(change)).astype(np.int64)[:-1]
    if not len(times):
        return times, values
    # Only moments at which something changes; a team may hand over to another of the same size.
    moved = np.any([np.diff(one, prepend=0) != 0 for one in values.values()], axis=0)
    moved[0] = True
    return np.append(times[:-1][moved], times[-1]), {name: one[moved] for name, one in values.items()}


def _peaks_in(some: Chosen, edges: Whole) -> dict[str, Any]:
    """The most heads at one time in each window."""
    times, values = _steps(some)
    size = max(len(edges) - 1, 0)
    which, window, _ = expanded(times[:-1], times[1:], edges)
    found = {}
    for name in MEASURES[:3]:
        top = np.zeros(size, dtype=np.int64)
        np.maximum.at(top, window, values[name][which])
        found[f"{name}_peak"] = counts(top)
    return found


def _edges(some: Chosen, every: Any) -> Whole:
    """What parts one window from the next, in microseconds since 1970."""
    if not isinstance(every, str):
        found = micros(pd.Series(pd.DatetimeIndex([instant(one, some.zone, "every").tz_convert("UTC") for one in listed(every)])))
        if len(found) < 2 or (np.diff(found) <= 0).any():
            raise ParameterError("every takes two moments or more, each later than the one before.")
        return found
    if every not in EVERY:
        raise ParameterError(f"every takes {', '.join(repr(one) for one in EVERY)} or a list of moments.")
    _, starts, ends = _inside(some)
    if not len(starts) and (some.since is None or some.until is None):
        return np.array([], dtype=np.int64)
    low = some.since if some.since is not None else instants([starts.min()])[0]
    high = some.until if some.until is not None else instants([ends.max()])[0]
    if low >= high:  # a period that ends before it begins has no windows
        return np.array([], dtype=np.int64)
    midnights = _midnights(low, high, every, some.zone)
    if every != "hour":
        return midnights
    # Hours are counted from local midnight, so that zones with odd offsets fit too.
    grid = midnights[:-1, None] + np.arange(26) * HOUR
    hourly = grid[grid < midnights[1:, None]]
    kept = np.append(hourly, midnights[-1])
    first, last = (np.searchsorted(kept, _micro(low), side="right") - 1, np.searchsorted(kept, _micro(high), side="left"))
    return kept[first : last + 1]


def _midnights(low: pd.Timestamp, high: pd.Timestamp, every: str, zone: str) -> Whole:
    """Local midnights from the one at or before low to the one at or after high, all or those that begin a week or a month."""
    first = low.tz_convert(zone).tz_localize(None).normalize()
    last = high.tz_convert(zone).tz_localize(None).normalize()
    if every == "week":
        first -= pd.Timedelta(days=first.day_of_week)
    if every == "month":
        first = first.replace(day=1)
    rule = {"week": "W-MON", "month": "MS"}.get(every, "D")
    days = pd.date_range(first, last + pd.Timedelta(days=32), freq=rule)
    moments = days.tz_localize(zone, ambiguous=np.ones(len(days), dtype=bool), nonexistent="shift_forward")
    found = micros(pd.Series(moments))
    return found[: int(np.searchsorted(found, _micro(high), side="left")) + 1]
