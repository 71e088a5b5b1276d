"""Rates of answers and of presence: per event, weekday, hour, kind, month and group. Pure functions of the frames of load()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.arrays import among
from crmkit.topics.attendance.choose import (
    COUNTS,
    RATED,
    RATES,
    choose,
    flagged,
    in_order,
    key_columns,
    key_dtypes,
    keyed,
    known_presence,
    places,
    summed,
    with_rates,
)
from crmkit.topics.attendance.neutral import EVENT, GROUP, wanted
from crmkit.topics.intervals import MIN_N, share, small
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, one_of, typed

LEVEL = 0.95
SUMS: Dtypes = {"events": "Int64", **COUNTS, **RATED}
BY_EVENT: Dtypes = {
    **{name: EVENT[name] for name in ("event_id", "name", "kind", "start", "end")},
    "weekday": "string",
    "hour": "Int64",
    "ended": "boolean",
    **COUNTS,
    "capacity": "float64",
    "use_of_capacity": "float64",
    "taken": "string",
    **RATED,
}


def rates(
    events: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    by: Names = None,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = True,
    guests: bool = True,
    level: float = LEVEL,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """What became of invitations, summed over events.

    Parameters
    events, answers: frames of load(). by: what a line stands for: crm, kind, name, series_id, day, weekday, hour, week, month, season
    or year of the local start, or a list of them; None for one line in all. kinds, names, start, end, held: which events, as for
    choose(); by default those that have ended, since answers still come in for the others. guests: whether people whom somebody
    brought count. level: of the intervals. min_n: see small.

    Returns a line per value, in order (weekdays from Monday on)
    events (with a list), people (distinct, guests apart), guests; and of the places on the lists: invited (all), answered (said yes or
    no), signed_up (said yes: accepted, attended and no_show), open (no answer yet), accepted, declined, attended, no_show (by present
    status), other, recorded (attended + no_show), stale (still accepted after the end); all Int64. invited = open + accepted +
    declined + attended + no_show + other. attended, no_show, recorded and stale are missing, not 0, where no event records presence.
    response_rate = answered / invited; yes_share_of_answers = signed_up / answered; yes_share_of_invited = signed_up / invited;
    turnout = attended / recorded and no_show_rate = no_show / recorded, both of ended events only; float64, NaN where the divisor is 0.
    Each with its Wilson interval (<rate>_low, <rate>_high). small (boolean): fewer than min_n answered; small_turnout: fewer than min_n
    recorded.

    Numerators and denominators are summed; rates are never averaged. Cancelled events are left out. Peepl's answers are sign-ups:
    nobody is recorded there, so turnout is NaN; who answers the one way is not who comes. That attended and no-show had
    answered yes before cannot be checked. Intervals take answers as independent; the same people answer often, so the truth is wider.
    Days and hours are local (see load()). Source: Peepl and sheepCRM sheets, section 6.
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    columns = key_columns(by)
    table = with_rates(summed(places(chosen, answers, columns, guests=guests), columns), level=level, min_n=min_n)
    return carried(typed(in_order(table, columns), {**key_dtypes(columns), **SUMS}), [events, answers])


def by_weekday(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per weekday of the local start, Monday first; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="weekday", **filters)


def by_hour(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per hour (0 to 23) of the local start; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="hour", **filters)


def by_weekday_and_hour(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per weekday and hour of the local start; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by=["weekday", "hour"], **filters)


def by_kind(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per kind of event; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="kind", **filters)


def over_time(events: pd.DataFrame, answers: pd.DataFrame, *, every: str = "month", **filters: Any) -> pd.DataFrame:
    """rates() per day, week, month, season (from 1 September) or year of the local start; every: which. Takes the keywords of rates().

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by=every, **filters)


def by_event(
    events: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
    guests: bool = True,
    sort: str = "start",
    level: float = LEVEL,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """Every event with what became of its invitations.

    Parameters as for rates(), but events still to come are in. sort: start (default), or a rate or count, highest first and missing
    last.

    Returns a line per event that is not cancelled, those without a list too: event_id, name, kind, start, end (datetime64[us], local),
    weekday, hour, ended; the counts and rates of rates(); capacity (float64, places; missing or 0: none set); use_of_capacity =
    signed_up / capacity before the end, attended / capacity after it, NaN without a capacity; taken (string): full, part or none,
    whether the presence of those who had said yes was recorded; missing for events that have not ended, to which nobody said yes, and
    in a CRM that records none. Where taken is none, use_of_capacity is 0 because nobody looked. Peepl has no capacity.
    Source: Peepl and sheepCRM sheets, section 6.
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    table = _per_event(chosen, answers, guests, level, min_n)
    place = table.sort_values(["start", "event_id"], na_position="last", ignore_index=True)
    if sort != "start":
        place = place.sort_values(sort, ascending=False, na_position="last", kind="stable", ignore_index=True)
    return carried(place, [events, answers])


def cancelled(
    events: pd.DataFrame, answers: pd.DataFrame, *, kinds: Names = None, start: Any = None, end: Any = None
) -> pd.DataFrame:
    """Cancelled events, which are in no rate: event_id, name, kind, start (local), people, guests, invited, answered, signed_up (Int64).

    kinds, start, end: as for choose(). Peepl does not say what was cancelled. Source: sheepCRM sheet, section 6.
    """
    chosen = choose(events, kinds=kinds, start=start, end=end, cancelled=True)
    shape = ("event_id", "name", "kind", "start", "people", "guests", "invited", "answered", "signed_up")
    table = _per_event(chosen, answers, True, LEVEL, MIN_N)[list(shape)]
    return carried(table.sort_values(["start", "event_id"], ignore_index=True), [events, answers])


def _per_event(chosen: pd.DataFrame, answers: pd.DataFrame, guests: bool, level: float, min_n: int) -> pd.DataFrame:
    """A line per event, in the order of the events."""
    counted = summed(places(chosen, answers, guests=guests), ["event_id"]).drop(columns="events")
    whole = keyed(chosen).merge(counted, on="event_id", how="left")
    numbers = [str(name) for name in counted if name != "event_id"]
    whole[numbers] = whole[numbers].fillna(0)
    whole = known_presence(whole, flagged(whole["presence"]))
    over, size = flagged(whole["ended"]), whole["capacity"].where(whole["capacity"] > 0)
    used = whole["attended"].where(over, whole["signed_up"].astype("Int64"))
    table = with_rates(whole, level=level, min_n=min_n)
    return typed({**table, "use_of_capacity": share(used, size), "taken": _taken(whole, over)}, BY_EVENT)


def _taken(table: pd.DataFrame, over: Any) -> pd.Series[Any]:
    """Whether attendance was taken: of all who had said yes, of some, or of nobody."""
    recorded, stale = (table[name].fillna(0).to_numpy("int64") > 0 for name in ("recorded", "stale"))
    words = np.select([recorded & ~stale, recorded, stale], ["full", "part", "none"], default="")
    found = pd.Series(words, index=table.index, dtype="string")
    return found.where(over & (found != ""))


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
        told = told[told[["group_id", "group"]].isin(wanted(only)).any(axis=1)]
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


def group_change(
    grouped: pd.DataFrame, *, rate: str = "yes_share_of_invited", over: str = "season", min_n: int = MIN_N
) -> pd.DataFrame:
    """How a rate of each group changed from its first season (or year) to its last, the steepest fall first.

    Parameters
    grouped: what by_group(by="season") or by="year" returns. rate: one of the rates of rates(). over: season or year. min_n: see small.

    Returns a line per group with the rate in at least two seasons: group_id, group, first, last (Int64: which), first_n, last_n (Int64,
    the denominators), first_rate, last_rate, change (float64, last_rate - first_rate), change_low, change_high (Newcombe's interval of
    the difference, from the intervals of both rates; where it holds 0, there may be no change), small (a denominator below min_n).
    The last season may not be over. Source: Peepl sheet, section 6, for the rates.
    """
    one_of(rate, RATES, "rate")
    one_of(over, ("season", "year"), "over")
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
    told, now, past = frames["segments"][["segment_id", "name"]], frames["members"], frames["history"]
    unknown = now[~among(now["segment_id"], past["segment_id"])]
    both = pd.concat([pd.DataFrame(past), pd.DataFrame(unknown)], ignore_index=True).merge(told, on="segment_id")
    both = both.rename(columns={"segment_id": "group_id", "name": "group"})
    return carried(typed({name: both[name] for name in GROUP if name in both}, GROUP), [frames["segments"], now, past])
