"""Needed against enrolled: per shift, per team, per group of them, in all; and the gaps, ranked.

Keywords that all tables share: projects, functions, teams (ids or names, one or a list), published (True or False), start and end
(first and last local day, both included: of shifts those that begin in it), count ("confirmed" or "not_cancelled": which enrolments
are n; by default confirmed ones, or where the server does not heed the status those not cancelled).
Columns that all tables end with: collaborators_scanned (Int64), ids_complete (boolean, the user's claim), status_source (string, what
n counts), fetched_at (UTC). Unless ids_complete is true, people are a lower bound and gaps an upper bound, and the receipt says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.arrays import among
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import Chosen, Frames, chosen, counts, local, ratio
from crmkit.topics.coverage.shapes import COUNT, INSTANT, RATE, TEXT
from crmkit.topics.shapes import Names

NAMES = ["project_id", "project", "subproject_id", "subproject", "team_id", "team", "function_id", "function", "published"]
HOURS = ["needed_hours", "enrolled_hours", "gap_hours"]
ORDERS = {"hours": ("gap_hours", False), "people": ("gap", False), "soonest": ("start", True)}


@checked
def by_shift(
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
    """Needed against enrolled, a line per shift, by start.

    A team needs its number of people in each of its shifts, and whoever is enrolled works all of them: the system names no shifts in
    an enrolment, so partial work cannot be seen. Two shifts of a team at the same times are one; without readable times, or with an
    end not after the start, there is no line (see oddities()).

    Columns: ids and names of project, subproject, team and function (string), published (boolean); shift (Int64, place in the team),
    start, end (UTC), day (datetime64[us], local day of the start), weekday (string), hour (Int64, local); needed, n, n_confirmed,
    n_not_cancelled (distinct collaborators), n_unconflicted (those of n who are in no other team during this shift), gap =
    max(0, needed - n), surplus = max(0, n - needed) (Int64; gap and surplus missing where the need is); coverage = n / needed
    (float64, above 1 with a surplus, NaN where nobody is needed); gross_hours, break_hours, net_hours (of one person; a missing break
    is none); needed_hours = needed x net, enrolled_hours = n x net, gap_hours = gap x net (person-hours, float64).
    Time zone: hours are taken in UTC, so a night in which clocks change is as long as it is; day, weekday and hour are the tenant's.
    Shared keywords and last columns: see crmkit.coverage. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    shifts = some.begun.sort_values(["start", "end", "team_id"], kind="stable").reset_index(drop=True)
    at = shifts["at"].to_numpy()
    head = staff(some).iloc[at].reset_index(drop=True)
    double = _clashing(some)
    wall = local(shifts["start"], some.zone)
    table = pd.concat([some.teams[NAMES].iloc[at].reset_index(drop=True), shifts[["shift", "start", "end"]]], axis=1).assign(
        day=wall.dt.normalize(),
        weekday=wall.dt.day_name().astype(TEXT),
        hour=counts(wall.dt.hour),
        **_staffing(head, head["n"].to_numpy() - double[shifts["work"]]),
        gross_hours=shifts["gross_hours"],
        break_hours=shifts["break_hours"],
        net_hours=shifts["net_hours"],
    )
    return some.finished(table.assign(**_person_hours(table, shifts["net_hours"])), "by_shift")


@checked
def by_team(
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
    """Needed against enrolled, a line per team, by first shift.

    Columns: names and numbers of people as in by_shift(), n_unconflicted being those who are in no other team during any shift of
    this one; shifts (Int64); start, end (UTC, of the first and the last shift), day (datetime64[us], local day of the first);
    net_hours (of one person over all shifts); needed_hours, enrolled_hours, gap_hours: person-hours, summed over the shifts
    (float64). A team without shifts has 0 of them and no hours. With start= or end= only shifts that begin in the period, and teams
    that have any.
    Shared keywords and last columns: see crmkit.coverage. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    return some.finished(team_lines(some), "by_team")


@checked
def gaps(
    frames: Frames,
    *,
    by: str = "hours",
    min_gap: int = 1,
    top: int | None = None,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Teams that lack people, the largest gap first.

    by: "hours" (person-hours open), "people" (people lacking) or "soonest" (first shift). min_gap: at least so many people lacking.
    top: only the first so many. Gaps are upper bounds unless ids_complete; start= keeps what is still to come.
    Columns: rank (Int64, from 1), of (Int64: how many teams lack so many people, those beyond top included), then those of by_team().
    Shared keywords and last columns: see crmkit.coverage.
    Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    return some.finished(ranked(some, by, min_gap, top), "gaps", by=by, min_gap=min_gap, top=top)


@checked
def summary(
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
    """All of it in one line.

    Columns: teams, shifts, places (needed people, once per team), filled, gap, surplus, people (distinct collaborators who count),
    double_booked (of them, those at work in two teams at once) (Int64); filled_share = filled / places; needed_hours, enrolled_hours,
    gap_hours; coverage = enrolled_hours / needed_hours (float64, NaN where nothing is needed).
    Shared keywords and last columns: see crmkit.coverage. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    table = team_lines(some)
    places, gap = int(table["needed"].sum()), int(table["gap"].sum())
    mine = some.counting[among(some.counting["team_id"], table["team_id"])]
    clashing = some.counting.iloc[pd.concat(some.clashes)["place"].unique()]
    double = clashing[among(clashing["team_id"], table["team_id"])]["collaborator_id"].nunique()
    sums = {name: float(table[name].sum()) for name in HOURS}
    line = {
        "teams": len(table),
        "shifts": int(table["shifts"].sum()),
        "places": places,
        "filled": places - gap,
        "gap": gap,
        "surplus": int(table["surplus"].sum()),
        "people": mine["collaborator_id"].nunique(),
        "double_booked": double,
    }
    counted = pd.DataFrame([line]).astype(COUNT)
    rates = {"filled_share": ratio([places - gap], [places]), **{name: [total] for name, total in sums.items()}}
    coverage = ratio([sums["enrolled_hours"]], [sums["needed_hours"]])
    return some.finished(counted.assign(**rates, coverage=coverage), "summary")


def team_lines(some: Chosen) -> pd.DataFrame:
    """The lines of by_team()."""
    head = staff(some)
    place = pd.Series(np.arange(len(head)), name="at")
    grouped = some.begun.groupby("at")
    spans = grouped.agg(start=("start", "min"), end=("end", "max")).reindex(place).reset_index(drop=True)
    net = grouped["net_hours"].sum().reindex(place).fillna(0.0).reset_index(drop=True)
    conflicted = pd.concat(some.clashes)["place"].unique()
    busy = some.heads(some.counting.iloc[conflicted])
    table = some.teams[NAMES].assign(
        **_staffing(head, head["n"].to_numpy() - busy),
        shifts=counts(grouped.size().reindex(place).fillna(0).astype("int64").to_numpy()),
        start=spans["start"].astype(INSTANT),
        end=spans["end"].astype(INSTANT),
        day=local(spans["start"].astype(INSTANT), some.zone).dt.normalize(),
        net_hours=net,
    )
    table = table.assign(**_person_hours(table, net))
    if some.since is not None or some.until is not None:
        table = table[table["shifts"] > 0]
    return pd.DataFrame(table).sort_values(["start", "team_id"], kind="stable")


def ranked(some: Chosen, by: str, min_gap: int = 1, top: int | None = None) -> pd.DataFrame:
    """The lines of gaps()."""
    if by not in ORDERS:
        raise ParameterError("by takes 'hours', 'people' or 'soonest'.")
    table = team_lines(some)
    column, rising = ORDERS[by]
    others = [name for name in ("gap_hours", "gap") if name != column]
    lacking = table[(table["gap"] >= min_gap).fillna(False)].sort_values(
        [column, *others, "start", "team_id"], ascending=[rising, *[False] * len(others), True, True], kind="stable"
    )
    first = pd.DataFrame(lacking if top is None else lacking.head(top)).reset_index(drop=True)
    first.insert(0, "rank", counts(np.arange(1, len(first) + 1)))
    first.insert(1, "of", counts([len(lacking)] * len(first)))
    return first


def staff(some: Chosen) -> pd.DataFrame:
    """needed, n, n_confirmed, n_not_cancelled of each chosen team (Int64)."""
    confirmed = some.heads(some.taken[some.taken["confirmed"]])
    columns = {"n": some.n, "n_confirmed": confirmed, "n_not_cancelled": some.heads(some.taken)}
    return pd.DataFrame({"needed": some.teams["needed"], **{name: counts(values) for name, values in columns.items()}})


def _clashing(some: Chosen) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each shift of work, how many who count are in another team during it."""
    both = pd.concat(some.clashes)[["place", "work"]].drop_duplicates()
    return np.bincount(both["work"].to_numpy(dtype=np.int64), minlength=len(some.work))


def _staffing(head: pd.DataFrame, unconflicted: Any) -> dict[str, Any]:
    """The columns on people that by_shift() and by_team() share."""
    short = head["needed"] - head["n"]
    return {
        **{str(name): head[name] for name in head},
        "n_unconflicted": counts(unconflicted),
        "gap": short.clip(lower=0),
        "surplus": (-short).clip(lower=0),
        "coverage": ratio(head["n"], head["needed"]),
    }


def _person_hours(table: pd.DataFrame, net: pd.Series[Any]) -> dict[str, Any]:
    return {
        f"{name}_hours": table[column].astype(RATE) * net
        for name, column in (("needed", "needed"), ("enrolled", "n"), ("gap", "gap"))
    }
