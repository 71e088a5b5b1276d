"""Shifts and check-ins in groups: by project, function, and by the local month, weekday and hour at which a shift begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import Chosen, Frames, chosen, counts, local, ratio
from crmkit.topics.coverage.shapes import COUNT, DAY, RATE, TEXT
from crmkit.topics.coverage.staffing import HOURS, staff
from crmkit.topics.intervals import small, wilson
from crmkit.topics.shapes import WEEKDAYS, Names, wanted

CALENDAR = ("month", "weekday", "hour")
GROUPS = ("project", "subproject", "function", "published", *CALENDAR)

Ordered = Callable[[pd.DataFrame, str], pd.DataFrame]


@checked
def by_group(
    frames: Frames,
    *,
    by: Names = "function",
    min_n: int = 10,
    level: float = 0.95,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """How well places are filled in each group of shifts.

    by: one or several of "project", "subproject", "function", "published", and of the shift's local start "month", "weekday", "hour".
    A place is one needed person of one team; within a group a team's places count once, however many of its shifts are in it. Filled
    are min(needed, n) of them, so the share never passes 1 and a surplus in one team hides no gap in another.

    Columns: the groups; teams, shifts, places, filled, people (distinct collaborators who count) (Int64); filled_share = filled /
    places, with its Wilson interval filled_share_low and filled_share_high at the given level, small (boolean: fewer than min_n
    places, too few to read much into); needed_hours, enrolled_hours, gap_hours (person-hours), coverage = enrolled_hours /
    needed_hours (float64, NaN where nothing is needed). Groups of the calendar come in its order, others the most open hours first.
    The interval takes places as independent, which those of one team are not quite: read it as the least doubt there is.
    Shared keywords and last columns: see crmkit.coverage. Source: Beeple contract sheet, section 6.1.
    """
    keys = group_names(by, GROUPS)
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    lines = _lines(some)
    code, groups, ordered = grouped(lines, keys, lines["start"], some.zone)
    sums = lines.groupby(code)[["shifts", *HOURS]].sum()
    once = lines.assign(code=code).drop_duplicates(["code", "team_id"])
    places = once.groupby("code")[["places", "filled"]].sum()
    low, high = wilson(places["filled"].to_numpy(dtype=RATE), places["places"].to_numpy(dtype=RATE), level)
    table = groups.assign(
        teams=counts(once.groupby("code").size()),
        shifts=counts(sums["shifts"]),
        places=counts(places["places"]),
        filled=counts(places["filled"]),
        people=counts(_people(some, once, len(groups))),
        filled_share=ratio(places["filled"], places["places"]),
        filled_share_low=low,
        filled_share_high=high,
        small=small(places["places"], min_n),
        **{name: sums[name].to_numpy(dtype=RATE) for name in HOURS},
        coverage=ratio(sums["enrolled_hours"], sums["needed_hours"]),
    )
    return some.finished(ordered(table, "gap_hours"), "by_group", by=keys, min_n=min_n, level=level)


def group_names(by: Names, allowed: tuple[str, ...]) -> list[str]:
    """The groups that are asked for; ParameterError for others."""
    keys = wanted(by)
    if not keys or set(keys) - set(allowed):
        raise ParameterError(f"by takes one or several of {', '.join(allowed)}.")
    return keys


def grouped(lines: pd.DataFrame, keys: list[str], starts: pd.Series[Any], zone: str) -> tuple[Any, pd.DataFrame, Ordered]:
    """The group of each line as a number from 0, the groups in that order, and how to order a table with a line for each.

    Groups of the calendar are made from the starts; the others are columns of lines.
    """
    wall = local(starts, zone)
    values = {
        "month": wall.dt.to_period("M").dt.to_timestamp().astype(DAY),
        "weekday": wall.dt.day_of_week.astype(COUNT),
        "hour": wall.dt.hour.astype(COUNT),
    }
    told = pd.DataFrame({key: values[key] if key in values else lines[key] for key in keys})
    code = told.groupby(keys, dropna=False, sort=True).ngroup().to_numpy()
    groups = told.assign(code=code).drop_duplicates("code").sort_values("code")[keys].reset_index(drop=True)

    def ordered(table: pd.DataFrame, most: str) -> pd.DataFrame:
        if not set(keys) <= set(CALENDAR):
            table = table.sort_values([most, *keys], ascending=[False] + [True] * len(keys), kind="stable")
        days = {"weekday": table["weekday"].map(dict(enumerate(WEEKDAYS))).astype(TEXT)} if "weekday" in keys else {}
        return table.assign(**days).reset_index(drop=True)

    return code, groups, ordered


def _lines(some: Chosen) -> pd.DataFrame:
    """A line per shift that begins in the period: its team, and what it adds."""
    shifts = some.begun
    at = shifts["at"].to_numpy()
    head = staff(some)
    needed = head["needed"].fillna(0).to_numpy(dtype=np.int64)[at]
    n = some.n[at]
    filled, net = np.minimum(needed, n), shifts["net_hours"].to_numpy()
    people = {"needed_hours": needed * net, "enrolled_hours": n * net, "gap_hours": (needed - filled) * net}
    names = some.teams.iloc[at].reset_index(drop=True)
    return names.assign(start=shifts["start"], shifts=1, places=needed, filled=filled, **people)


def _people(some: Chosen, once: pd.DataFrame, size: int) -> Any:
    """Distinct collaborators who count, for each group."""
    mine = some.counting[["team_id", "collaborator_id"]].merge(once[["team_id", "code"]], on="team_id")
    pairs = mine[["code", "collaborator_id"]].drop_duplicates()
    return np.bincount(pairs["code"].to_numpy(dtype=np.int64), minlength=size)
