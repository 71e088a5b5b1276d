"""The four panels: which questions each topic asks, with which controls. crmkit.<topic>.explore() is made here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from crmkit import attendance, coverage, pipelines, segments
from crmkit.client import Client
from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS
from crmkit.topics.panel import Control, Panel, View

Source = Client | Mapping[str, pd.DataFrame]
CLASSES = {"Peepl": "Peepl", "Beeple": "Beeple", "sheepCRM": "SheepCRM", "MissionHub": "MissionHub", "OnePageCRM": "OnePageCRM"}
START, END = Control("day", "From day"), Control("day", "To day")


def loaded(topic: str, source: Source, load: Callable[..., Any], what: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The tables of a topic, and the Python that loads them again."""
    given = "".join(f", {name}={value!r}" for name, value in what.items())
    if isinstance(source, Client):
        return load(source, **what), f"client = {source.recipe}\ndata = crmkit.{topic}.load(client{given})"
    if not isinstance(source, Mapping) or not source:
        raise ParameterError(f"crmkit.{topic}.explore takes a client, or the tables that crmkit.{topic}.load() gave.")
    crms = [frame.attrs[ATTRS]["crm"] for frame in source.values() if ATTRS in getattr(frame, "attrs", {})]
    name = CLASSES.get(crms[0] if crms else "", "Peepl")
    return source, f"client = crmkit.{name}.from_env()\ndata = crmkit.{topic}.load(client)"


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    """The distinct texts of a column, in order."""
    return tuple(sorted({str(value) for value in values if not pd.isna(value)}))


def labelled(ids: Iterable[Any], names: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of what is shown and what is meant; a name that occurs twice shows its id."""
    found = dict(zip(map(str, ids), names, strict=True))
    shown = pd.Series(found.values(), dtype="object").astype("string").fillna("")
    twice = set(shown[shown.duplicated(keep=False)]) | {""}
    return tuple((f"{name} [{one}]" if name in twice else str(name), one) for one, name in zip(found, shown, strict=True))


def explore_segments(source: Source, **what: Any) -> Panel:
    """A panel on segments: sizes, overlap, intersections, a segment's profile, two compared, contacts in none.

    source: a client (Peepl, SheepCRM, MissionHub, OnePageCRM), or the tables of crmkit.segments.load(). what: keywords of load(),
    such as segments={41: "Parents"} for Peepl, whose API lists no segments.
    """
    data, recipe = loaded("segments", source, segments.load, what)
    choices = labelled(data["segments"]["segment_id"], data["segments"]["name"])
    if not choices:
        raise ParameterError(
            "there are no segments in these tables.", hint="Peepl needs segments={number: name}, or groups=True."
        )
    several = Control("several", "Segments (none chosen: all)", choices)
    kinds = Control("several", "Kinds", texts(data["segments"]["kind"]))
    least = Control("whole", "At least so many people", least=0, most=10**6, value=0)
    views = {
        "How large is each?": View(
            segments.sizes, (), ("segments", "kinds", "min_n"), segments.plot_sizes, "People per segment, as it was read."
        ),
        "How do they overlap?": View(
            segments.overlap,
            (),
            ("segments", "kinds"),
            segments.plot_overlap,
            "People in both segments; the diagonal is the size.",
        ),
        "Which combinations occur?": View(
            segments.intersections,
            (),
            ("segments", "kinds"),
            segments.plot_intersections,
            "People in exactly these segments and in no other of those chosen.",
        ),
        "What sets one apart from everybody?": View(
            segments.profile,
            (),
            ("segment",),
            segments.plot_profile,
            "Shares inside a segment against everybody, with 95 % intervals.",
        ),
        "How do two compare?": View(
            segments.compare, (), ("segment", "other"), segments.plot_profile, "Shares inside one segment against another."
        ),
        "Who is in none?": View(segments.in_none, (), ("kinds",), None, "People who are in none of these segments."),
    }
    controls = {
        "segments": several,
        "kinds": kinds,
        "min_n": least,
        "segment": Control("choice", "Segment", choices, choices[0][1]),
        "other": Control("choice", "Compared with", choices, choices[-1][1]),
    }
    return Panel("segments", "Segments", data, recipe, views, controls)


def explore_attendance(source: Source, **what: Any) -> Panel:
    """A panel on attendance: rates by weekday, hour, kind and month, per event and per person.

    source: a client (Peepl, SheepCRM), or the tables of crmkit.attendance.load(). what: keywords of load(), such as start=, end=.
    """
    data, recipe = loaded("attendance", source, attendance.load, what)
    pair = ("events", "answers")
    filters = ("kinds", "start", "end", "min_n")
    says = "Sums over the chosen events, never averages of rates; groups below the least number are marked as small."
    views = {
        "By weekday": View(attendance.by_weekday, pair, filters, attendance.plot_rates, says),
        "By hour": View(attendance.by_hour, pair, filters, attendance.plot_rates, says),
        "By weekday and hour": View(attendance.by_weekday_and_hour, pair, filters, attendance.plot_weekday_and_hour, says),
        "By kind of event": View(attendance.by_kind, pair, filters, attendance.plot_rates, says),
        "Over time": View(attendance.over_time, pair, ("every", *filters), attendance.plot_over_time, says),
        "Per event": View(attendance.by_event, pair, filters, attendance.plot_events, "One line per event."),
        "Per person": View(
            attendance.by_person,
            pair,
            filters,
            attendance.plot_people,
            "Invitations and answers of each person; streaks and lapses.",
        ),
    }
    controls = {
        "every": Control("choice", "Per", ("month", "week", "quarter", "season"), "month"),
        "kinds": Control("several", "Kinds of event (none chosen: all)", texts(data["events"]["kind"])),
        "start": START,
        "end": END,
        "min_n": Control("whole", "Least number before a rate counts", least=1, most=10**6, value=10),
    }
    return Panel("attendance", "Attendance", data, recipe, views, controls)


def explore_pipelines(source: Source, **what: Any) -> Panel:
    """A panel on deal pipelines: funnel, forecast, win rate, cycle length, velocity, overdue, breakdowns.

    source: a crmkit.OnePageCRM, or the tables of crmkit.pipelines.load(). what: keywords of load(), such as today=.
    """
    data, recipe = loaded("pipelines", source, pipelines.load, what)
    choose, window = ("pipelines", "owners", "sources"), ("start", "end")
    deals, both = ("deals",), ("deals", "stages")
    views = {
        "What is open, stage by stage?": View(
            pipelines.funnel, both, choose, pipelines.plot_funnel, "Pending deals; a stage is the chance of winning in per cent."
        ),
        "What may come in, and when?": View(
            pipelines.forecast,
            deals,
            (*window, *choose),
            pipelines.plot_forecast,
            "Pending deals by expected month, times their chance.",
        ),
        "How often do we win?": View(
            pipelines.win_rate,
            deals,
            ("by", *window, "min_n", *choose),
            pipelines.plot_win_rate,
            "Won among closed deals, by count and value.",
        ),
        "How long does it take?": View(
            pipelines.cycle_length,
            deals,
            ("by", *window, "min_n", *choose),
            pipelines.plot_cycle_length,
            "Days from start to close, won deals.",
        ),
        "How fast does money come in?": View(
            pipelines.velocity,
            deals,
            ("by", "min_n", *choose),
            pipelines.plot_velocity,
            "Pending × win rate × value ÷ days, per day.",
        ),
        "Who and what brings it?": View(
            pipelines.breakdown, deals, ("by", *window, "min_n", *choose), pipelines.plot_breakdown, "The main figures per group."
        ),
        "Why are deals lost?": View(
            pipelines.reasons,
            deals,
            (*window, "min_n", *choose),
            pipelines.plot_reasons,
            "Lost deals per reason number; the API has no names.",
        ),
        "What is overdue?": View(
            pipelines.overdue, deals, choose, pipelines.plot_overdue, "Pending deals past their expected day."
        ),
        "Which run for months?": View(
            pipelines.multi_month,
            deals,
            choose,
            pipelines.plot_multi_month,
            "Deals of more than one month; an amount is per month.",
        ),
    }
    controls = {
        "by": Control("choice", "Per", (("owner", "owner"), ("source", "source"), ("pipeline", "pipeline")), "owner"),
        "start": START,
        "end": END,
        "min_n": Control("whole", "Least number before a rate counts", least=1, most=10**6, value=10),
        "pipelines": Control("several", "Pipelines (none chosen: all)", texts(data["pipelines"]["pipeline"])),
        "owners": Control("several", "Owners (none chosen: all)", texts(data["deals"]["owner"])),
        "sources": Control("several", "Sources (none chosen: all)", texts(data["deals"]["source"])),
    }
    return Panel("pipelines", "Deal pipelines", data, recipe, views, controls)


def explore_coverage(source: Source, **what: Any) -> Panel:
    """A panel on shift coverage: needed against enrolled, by day, hour, function and team; gaps and double bookings.

    source: a crmkit.Beeple, or the tables of crmkit.coverage.load(). what: keywords of load(), such as collaborators=[...].
    """
    data, recipe = loaded("coverage", source, coverage.load, what)
    filters = ("projects", "functions", "start", "end")
    says = "Needed against enrolled people. Without everybody's number the enrolled are a lower bound, the gaps an upper one."
    views = {
        "Which gaps are largest?": View(coverage.gaps, (), filters, coverage.plot_gaps, says),
        "How full is each day, week or hour?": View(coverage.by_window, (), ("every", *filters), coverage.plot_windows, says),
        "How full is each function?": View(coverage.by_group, (), ("by", *filters), coverage.plot_groups, says),
        "Which hours of the week are short?": View(coverage.week_pattern, (), filters, coverage.plot_week, says),
        "How many at each moment?": View(
            coverage.steps, (), filters, coverage.plot_steps, "Heads needed and enrolled as they change."
        ),
        "Team by team": View(coverage.by_team, (), filters, None, says),
        "Who is booked twice?": View(
            coverage.double_bookings, (), filters, None, "Enrolments of one person whose shifts overlap."
        ),
        "Was it worked as planned?": View(
            coverage.worked, (), filters, coverage.plot_worked, "Check-ins against planned shifts."
        ),
    }
    controls = {
        "every": Control("choice", "Per", ("day", "week", "hour"), "week"),
        "by": Control("choice", "Per", ("function", "project", "weekday"), "function"),
        "projects": Control("several", "Projects (none chosen: all)", texts(data["projects"]["project"])),
        "functions": Control("several", "Functions (none chosen: all)", texts(data["teams"]["function"])),
        "start": START,
        "end": END,
    }
    return Panel("coverage", "Shift coverage", data, recipe, views, controls)
