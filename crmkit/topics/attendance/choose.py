"""Which events a table is about, what is counted on their lists, and the rates of the counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.attendance.neutral import (
    ACCEPTED,
    ATTENDED,
    DECLINED,
    EVENT,
    INVITED,
    MOMENT,
    NO_SHOW,
    OTHER,
    check_kinds,
)
from crmkit.topics.checked import checked
from crmkit.topics.intervals import share, small, wilson
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import WEEKDAYS, Dtypes, Names, as_day, named, wanted

Frame: TypeAlias = pd.DataFrame
SEASON = 9  # The month in which a season begins.
WHEN: Dtypes = {
    "day": MOMENT,
    "weekday": "string",
    "hour": "Int64",
    "week": MOMENT,
    "month": MOMENT,
    "season": "Int64",
    "year": "Int64",
}
# The columns that lines can stand for, by the word asked for.
KEYS: dict[str, tuple[str, ...]] = {name: (name,) for name in ("crm", "kind", "name", "series_id", *WHEN)}
STATES = {"open": INVITED, "accepted": ACCEPTED, "declined": DECLINED, "attended": ATTENDED, "no_show": NO_SHOW, "other": OTHER}
COUNTS: Dtypes = dict.fromkeys(("people", "guests", "invited", "answered", "signed_up", *STATES, "recorded", "stale"), "Int64")
# rate -> (numerator, denominator)
RATES = {
    "response_rate": ("answered", "invited"),
    "yes_share_of_answers": ("signed_up", "answered"),
    "yes_share_of_invited": ("signed_up", "invited"),
    "turnout": ("judged_attended", "judged"),
    "no_show_rate": ("judged_no_show", "judged"),
}
OF_PRESENCE = ("turnout", "no_show_rate")
JUDGED = ["judged", "judged_attended", "judged_no_show"]  # recorded, attended, no_show, of events that have ended
WHOLE = "all"
PRESENCE_COUNTS = ["attended", "no_show", "recorded", "stale", "judged"]
RATED: Dtypes = {
    "judged": "Int64",
    **{name: "float64" for rate in RATES for name in (rate, f"{rate}_low", f"{rate}_high")},
    "small": "boolean",
    "small_turnout": "boolean",
}


@checked
def choose(
    events: Frame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
    cancelled: bool | None = False,
) -> Frame:
    """The events that fit all filters; every table takes the result, and takes the same keywords itself.

    Parameters
    events: the frame of load(). kinds: one or a list. names: events by name or event_id, one or a list. start, end: first and last
    local day on which they begin, both included. held: True for those that have ended by the moment of load(), False for the others,
    None for all. cancelled: False leaves cancelled ones out, True takes only them, None all.

    Returns the same columns and dtypes, with the receipt; a filter that nothing fits gives no lines. Raises ParameterError
    for a kind that there cannot be, naming those there are, and for a name that looks like a slip in one. Source: sheepCRM sheet,
    section 6, for what has ended and what was cancelled.
    """
    kept = pd.Series(True, index=events.index)
    if kinds is not None:
        check_kinds(wanted(kinds), events)
        kept &= events["kind"].isin(wanted(kinds))
    if names is not None:
        kept &= named(events, ("event_id", "name"), names, "event")
    if start is not None:
        kept &= events["start"] >= as_day(start, "start")
    if end is not None:
        kept &= events["start"] < as_day(end, "end") + pd.Timedelta(days=1)
    for name, value in (("ended", held), ("cancelled", cancelled)):
        if value is not None:
            kept &= events[name].fillna(False).astype(bool) == value
    return carried(pd.DataFrame(events[kept]).reset_index(drop=True), [events])


def keyed(events: Frame) -> Frame:
    """Events with what their local start says: day, weekday, hour, week (its Monday), month (its first day), season (the year in
    which it began, 1 September) and year.
    """
    start = events["start"]
    day = start.dt.normalize()
    columns = {
        "day": day,
        "weekday": start.dt.day_name(),
        "hour": start.dt.hour,
        "week": day - pd.to_timedelta(start.dt.day_of_week, unit="D"),
        "month": day - pd.to_timedelta(start.dt.day - 1, unit="D"),
        "season": start.dt.year - (start.dt.month < SEASON),
        "year": start.dt.year,
    }
    return beside(pd.DataFrame(events), {name: values.astype(WHEN[name]) for name, values in columns.items()})


def places(events: Frame, answers: Frame, columns: Iterable[str] = (), *, guests: bool = True) -> Frame:
    """A line per place on the lists of the events, with these columns of the event, and a 0 or 1 for each thing it counts as.

    guests: whether people whom somebody brought count.
    """
    told = pd.DataFrame(answers if guests else answers[~answers["guest"].fillna(False).astype(bool)])
    known = keyed(events)[list(dict.fromkeys(["event_id", "ended", "presence", *columns]))]
    both = told[["event_id", "person_id", "status", "guest"]].merge(known, on="event_id", validate="many_to_one")
    status, over = both["status"], flagged(both["ended"])
    flags = {name: flagged(status == word) for name, word in STATES.items()}
    recorded = flags["attended"] | flags["no_show"]
    signed_up = flags["accepted"] | recorded
    flags |= {
        "invited": np.ones(len(both), dtype=bool),
        "signed_up": signed_up,
        "answered": signed_up | flags["declined"],
        "recorded": recorded,
        "stale": flags["accepted"] & over & flagged(both["presence"]),
        "guests": flagged(both["guest"]),
        "judged": recorded & over,
        "judged_attended": flags["attended"] & over,
        "judged_no_show": flags["no_show"] & over,
    }
    return beside(both, {name: flag.astype("int8") for name, flag in flags.items()})


def beside(table: Frame, columns: Mapping[str, Any]) -> Frame:
    """The table with further columns, added at once: pandas makes a new index of names for each that assign() adds."""
    return pd.concat([table, pd.DataFrame(columns, index=table.index)], axis=1)


def summed(lines: Frame, keys: list[str]) -> Frame:
    """The counts of places per value of some columns, those without a value included, in order of the values.

    people are distinct persons who are nobody's guests; events are those with a list. Counts of presence are missing where no event
    of a line records it.
    """
    columns = keys or [WHOLE]
    whole = lines.assign(person=lines["person_id"].mask(lines["guests"] == 1))
    grouped = (whole if keys else whole.assign(**{WHOLE: 0})).groupby(columns, dropna=False, sort=True)
    table = grouped[[name for name in COUNTS if name != "people"] + JUDGED].sum()
    table["events"], table["people"] = grouped["event_id"].nunique(), grouped["person"].nunique()
    watched = grouped["presence"].max().fillna(False).astype(bool)
    return known_presence(table, watched).reset_index().drop(columns=WHOLE, errors="ignore")


def known_presence(table: Frame, watched: Any) -> Frame:
    """The table with counts of presence only where somebody could have been recorded: nobody seen is not nobody there."""
    return table.assign(**{name: table[name].astype("Int64").where(watched) for name in PRESENCE_COUNTS})


def with_rates(table: Frame, *, level: float, min_n: int) -> Frame:
    """The table with the rates of its counts, their intervals and the marks of small groups."""
    found: dict[str, Any] = {}
    for rate, (part, whole) in RATES.items():
        hits, tries = table[part], table[whole]
        found[rate] = share(hits, tries)
        found[f"{rate}_low"], found[f"{rate}_high"] = wilson(hits, tries, level)
    marks = {"small": small(table["answered"], min_n), "small_turnout": small(table["judged"], min_n)}
    return beside(table.drop(columns=JUDGED[1:]), {**found, **marks})


def key_columns(by: Names) -> list[str]:
    """The columns of events that lines stand for. Raises ParameterError for a word that is none."""
    found: list[str] = []
    for name in wanted(by):
        if name not in KEYS:
            raise ParameterError(f"lists cannot be summed by {name!r}.", hint=f"by is one of {', '.join(KEYS)}, or a list.")
        found += KEYS[name]
    return list(dict.fromkeys(found))


def key_dtypes(columns: Iterable[str]) -> Dtypes:
    """The dtypes of such columns."""
    return {name: WHEN.get(name) or EVENT[name] for name in columns}


def in_order(table: Frame, columns: list[str]) -> Frame:
    """Sorted by the columns; weekdays from Monday on, lines without a value last."""
    ranks = {name: table[name].map({day: place for place, day in enumerate(WEEKDAYS)}) for name in columns if name == "weekday"}
    ranked = pd.DataFrame({name: ranks[name].astype("float64") if name in ranks else table[name] for name in columns})
    return table.iloc[ranked.sort_values(columns, na_position="last", kind="stable").index] if columns and len(table) else table


def day_of(events: Frame, today: Any) -> pd.Timestamp:
    """The day a table counts from: the given one, else that of load(). Raises ParameterError where neither is known."""
    known = events.attrs.get("crmkit", {}).get("today") if today is None else today
    if known is None:
        raise ParameterError("the day to count from is not known.", hint="pass today=, such as '2024-06-15'.")
    return as_day(known)


def flagged(values: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """A boolean column as plain truth values; missing counts as no."""
    found: np.ndarray[Any, np.dtype[np.bool_]] = values.fillna(False).to_numpy(bool)
    return found
