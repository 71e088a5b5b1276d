"""Rates of answers and of presence: per event, weekday, hour, kind and month. Pure functions of the frames of load()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

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
from crmkit.topics.attendance.neutral import EVENT
from crmkit.topics.checked import checked
from crmkit.topics.intervals import MIN_N, share
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, one_of, typed

LEVEL = 0.95
EVERY = ("day", "week", "month", "season", "year")
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


@checked
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
    declined + attended + no_show + other. attended, no_show, recorded, stale and judged are missing, not 0, where no event records
    presence. judged (Int64): recorded, of ended events only. response_rate = answered / invited; yes_share_of_answers = signed_up /
    answered; yes_share_of_invited = signed_up / invited; turnout = attended / judged and no_show_rate = no_show / judged, both of ended
    events only; float64, NaN where the divisor is 0. Each with its Wilson interval (<rate>_low, <rate>_high). small (boolean): fewer
    than min_n answered; small_turnout: fewer than min_n judged.

    Numerators and denominators are summed; rates are never averaged. Cancelled events are left out. Peepl's answers are sign-ups:
    nobody is recorded there, so turnout is NaN; who answers the one way is not who comes. That attended and no-show had
    answered yes before cannot be checked. Intervals take answers as independent; the same people answer often, so the truth is wider.
    Days and hours are local (see load()). Source: Peepl and sheepCRM sheets, section 6.
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    columns = key_columns(by)
    table = with_rates(summed(places(chosen, answers, columns, guests=guests), columns), level=level, min_n=min_n)
    return carried(typed(in_order(table, columns), {**key_dtypes(columns), **SUMS}), [events, answers])


@checked
def by_weekday(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per weekday of the local start, Monday first; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="weekday", **filters)


@checked
def by_hour(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per hour (0 to 23) of the local start; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="hour", **filters)


@checked
def by_weekday_and_hour(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per weekday and hour of the local start; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by=["weekday", "hour"], **filters)


@checked
def by_kind(events: pd.DataFrame, answers: pd.DataFrame, **filters: Any) -> pd.DataFrame:
    """rates() per kind of event; takes the same keywords but by.

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by="kind", **filters)


@checked
def over_time(events: pd.DataFrame, answers: pd.DataFrame, *, every: str = "month", **filters: Any) -> pd.DataFrame:
    """rates() per day, week, month, season (from 1 September) or year of the local start; every: which. Takes the keywords of rates().

    See rates() for definitions, denominators and what is missing. Source: Peepl and sheepCRM sheets, section 6.
    """
    return rates(events, answers, by=one_of(every, EVERY, "every"), **filters)


@checked
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
    one_of(sort, ("start", *COUNTS, *RATES), "sort")
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    table = _per_event(chosen, answers, guests, level, min_n)
    place = table.sort_values(["start", "event_id"], na_position="last", ignore_index=True)
    if sort != "start":
        place = place.sort_values(sort, ascending=False, na_position="last", kind="stable", ignore_index=True)
    return carried(place, [events, answers])


@checked
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
