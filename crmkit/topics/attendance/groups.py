"""Groups and segments: what their members answered, and how that changed. Pure functions of the frames of load()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.arrays import among
from crmkit.topics.attendance.choose import (
    RATES,
    choose,
    in_order,
    key_columns,
    key_dtypes,
    places,
    summed,
    with_rates,
)
from crmkit.topics.attendance.neutral import GROUP
from crmkit.topics.attendance.tables import LEVEL, SUMS
from crmkit.topics.checked import all_of_load, checked
from crmkit.topics.intervals import MIN_N, small
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, named, one_of, typed


@checked
def by_group(
    events: pd.DataFrame,
    answers: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    by: Names = None,
    only: Names = None,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = True,
    level: float = LEVEL,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """What members of each group or segment answered, and whether they came.

    Parameters
    events, answers, groups: frames of load(groups=...), or groups from as_groups(). by: a further word of rates(), such as season, for
    a line per group and season. only: groups by id or by name. The others as for rates().

    Returns group_id, group (string), then the columns of rates(), by group and then in order of by. Denominator of each group: those
    on a list who were in the group on the event's local day. Who is in two groups counts in both, who is in none is left out, and so
    are guests, whose groups nobody knows: lines do not sum to the whole. Whether the last day of a membership counts is not
    documented; here it does. A membership without days holds for every day. Who was not invited is in no line.
    Source: Peepl sheet, section 6 (by group); sheepCRM sheet, section 6 (segments).
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    told = pd.DataFrame(groups)
    if only is not None:
        told = told[named(told, ("group_id", "group"), only, "group")]
    columns = key_columns(by)
    lines = places(chosen, answers, ["day", *columns], guests=False)
    lines = lines.assign(place=np.arange(len(lines)))
    both = lines.merge(told.dropna(subset=["person_id"]), on="person_id")
    held_then = (both["start"].isna() | (both["start"] <= both["day"])) & (both["end"].isna() | (both["end"] >= both["day"]))
    inside = both[held_then].drop_duplicates(["place", "group_id"])
    keys = ["group_id", "group", *columns]
    table = with_rates(summed(inside, keys), level=level, min_n=min_n)
    table = in_order(table, ["group", "group_id", *columns])
    dtypes = {"group_id": GROUP["group_id"], "group": GROUP["group"], **key_dtypes(columns), **SUMS}
    return carried(typed(table, dtypes), [events, answers, groups])


CHANGE: Dtypes = {
    "group_id": "string",
    "group": "string",
    "first": "Int64",
    "last": "Int64",
    "first_n": "Int64",
    "last_n": "Int64",
    "first_rate": "float64",
    "last_rate": "float64",
    "change": "float64",
    "change_low": "float64",
    "change_high": "float64",
    "small": "boolean",
}


@checked
def group_change(
    grouped: pd.DataFrame, *, rate: str = "yes_share_of_invited", over: str = "season", min_n: int = MIN_N
) -> pd.DataFrame:
    """How a rate of each group changed from its first season (or year) to its last, the steepest fall first.

    Parameters
    grouped: what by_group(by="season") or by="year" returns. rate: one of the rates of rates(). over: season or year. min_n: see small.

    Returns a line per group with the rate in at least two seasons: group_id, group, first, last (Int64: which), first_n, last_n (Int64,
    the denominators), first_rate, last_rate, change (float64, last_rate - first_rate), change_low, change_high (Newcombe's interval of
    the difference, from the intervals of both rates; where it holds 0, there may be no change), small (a denominator below min_n).
    The last season may not be over. Raises ParameterError where a group has several lines of a season, as by_group(by=["season", "kind"])
    gives: choose one kind there instead. Source: Peepl sheet, section 6, for the rates.
    """
    one_of(rate, RATES, "rate")
    one_of(over, ("season", "year"), "over")
    if over not in grouped:
        raise ParameterError(f"grouped has no lines per {over}.", hint=f"give what by_group(by={over!r}) returns.")
    if grouped.duplicated(["group_id", over]).any():
        raise ParameterError(
            f"grouped has several lines of a group and {over}.", hint=f"give what by_group(by={over!r}) returns."
        )
    whole = RATES[rate][1]
    told = pd.DataFrame(grouped).dropna(subset=[over, rate]).sort_values(over)
    pair = [told.drop_duplicates("group_id", keep=end) for end in ("first", "last")]
    both = pair[0].merge(pair[1], on=["group_id", "group"], suffixes=("", "_then"))
    both = both[both[over] < both[f"{over}_then"]].reset_index(drop=True)
    was, low, high = (both[f"{rate}{end}"] for end in ("", "_low", "_high"))
    now, now_low, now_high = (both[f"{rate}{end}_then"] for end in ("", "_low", "_high"))
    difference = now - was
    columns = {
        **{name: both[name] for name in ("group_id", "group")},
        "first": both[over],
        "last": both[f"{over}_then"],
        "first_n": both[whole],
        "last_n": both[f"{whole}_then"],
        "first_rate": was,
        "last_rate": now,
        "change": difference,
        "change_low": difference - np.hypot(now - now_low, high - was),
        "change_high": difference + np.hypot(now_high - now, was - low),
        "small": small(both[[whole, f"{whole}_then"]].min(axis=1), min_n),
    }
    table = typed(columns, CHANGE).sort_values(["change", "group_id"], ignore_index=True)
    return carried(table, [grouped])


def as_groups(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The frames of crmkit.segments.load() as groups for by_group(): group_id, group, person_id, start, end.

    Where the history of a segment is known it is used; else the members of now, for every day. Person ids are the same in both
    topics. Tells nothing about segments whose records are no persons. Source: Peepl and sheepCRM sheets, section 6.
    """
    all_of_load("frames", frames, "segments")
    told, now, past = frames["segments"][["segment_id", "name"]], frames["members"], frames["history"]
    unknown = now[~among(now["segment_id"], past["segment_id"])]
    both = pd.concat([pd.DataFrame(past), pd.DataFrame(unknown)], ignore_index=True).merge(told, on="segment_id")
    both = both.rename(columns={"segment_id": "group_id", "name": "group"})
    return carried(typed({name: both[name] for name in GROUP if name in both}, GROUP), [frames["segments"], now, past])
