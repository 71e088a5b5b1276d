"""The panel on attendance: which questions it asks, with which controls."""

from __future__ import annotations

from typing import Any

from crmkit import attendance
from crmkit.topics.panel import Control, Panel, View
from crmkit.topics.panels import END, MIN_N, START, Source, tables_of, texts

PAIR = ("events", "answers")
FILTERS = ("kinds", "start", "end", "min_n")
SAYS = "Sums over the chosen events, never averages of rates; groups with few answers are marked as small."
COUNTS = ("invited", "answered", "signed_up", "attended", "no_show")
RATES = ("yes_share_of_answers", "yes_share_of_invited", "turnout", "small")
TABLE = ("weekday", "hour", "kind", "month", "week", "season", "events", *COUNTS, *RATES)
VIEWS = {
    "By weekday": View(attendance.by_weekday, PAIR, FILTERS, attendance.plot_rates, SAYS, TABLE, ("events", *COUNTS)),
    "By hour": View(attendance.by_hour, PAIR, FILTERS, attendance.plot_rates, SAYS, TABLE, ("events", *COUNTS)),
    "By weekday and hour": View(
        attendance.by_weekday_and_hour, PAIR, FILTERS, attendance.plot_weekday_and_hour, SAYS, TABLE, ("events", *COUNTS)
    ),
    "By kind of event": View(attendance.by_kind, PAIR, FILTERS, attendance.plot_rates, SAYS, TABLE, ("events", *COUNTS)),
    "Over time": View(
        attendance.over_time, PAIR, ("every", *FILTERS), attendance.plot_over_time, SAYS, TABLE, ("events", *COUNTS)
    ),
    "Per event": View(
        attendance.by_event,
        PAIR,
        FILTERS,
        attendance.plot_events,
        "One line per event; a capacity where the system knows one.",
        ("name", "kind", "start", *COUNTS, "capacity", *RATES),
        COUNTS,
    ),
    "Per person": View(
        attendance.by_person,
        PAIR,
        FILTERS,
        attendance.plot_people,
        "Invitations and answers of each person to events that are over; streaks and lapses.",
        ("person_id", *COUNTS, "last", "longest_streak", "missed", "lapsed", "yes_share_of_invited"),
        COUNTS,
    ),
}


def explore(source: Source, **what: Any) -> Panel:
    """A panel on attendance: rates by weekday, hour, kind and month, per event and per person.

    source: a client (Peepl, SheepCRM), or the tables of crmkit.attendance.load(). what: keywords of load(), such as start=, end=; for
    a client only.
    """
    data, recipe = tables_of("attendance", source, attendance.load, what)
    controls = {
        "every": Control("choice", "Per", ("month", "week", "season", "year"), "month"),
        "start": START,
        "end": END,
        "min_n": MIN_N,
        "kinds": Control("several", "Kinds of event (none: all)", texts(data["events"]["kind"])),
    }
    return Panel("attendance", "Attendance", data, recipe, VIEWS, controls)
