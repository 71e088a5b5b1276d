"""The panel on shift coverage: which questions it asks, with which controls."""

from __future__ import annotations

from typing import Any

from crmkit import coverage
from crmkit.topics.panel import Control, Panel, View
from crmkit.topics.panels import END, START, Source, tables_of, texts

FILTERS = ("projects", "functions", "start", "end")
SAYS = "Needed against enrolled people. Without everybody's number the enrolled are a lower bound, the gaps an upper one."
HOURS = ("needed_hours", "enrolled_hours", "gap_hours")
TEAM = ("rank", "project", "team", "function", "day", "needed", "n", "gap", "coverage", "shifts", *HOURS)
VIEWS = {
    "Which gaps are largest?": View(
        coverage.gaps, (), FILTERS, coverage.plot_gaps, SAYS, TEAM, ("needed", "n", "gap", "gap_hours")
    ),
    "How full is each day, week or hour?": View(
        coverage.by_window,
        (),
        ("every", *FILTERS),
        coverage.plot_windows,
        f"Person-hours in each window of local time. {SAYS}",
        ("day", "hour", "shifts", "people", *HOURS, "filled_share", "gap_peak"),
        HOURS,
    ),
    "How full is each group?": View(
        coverage.by_group,
        (),
        ("by", *FILTERS),
        coverage.plot_groups,
        f"A place is one needed person of one team. {SAYS}",
        ("function", "project", "weekday", "teams", "shifts", "places", "filled", "people", "filled_share", "small", *HOURS),
        ("shifts", *HOURS),
    ),
    "Which hours of the week are short?": View(
        coverage.week_pattern,
        (),
        FILTERS,
        coverage.plot_week,
        f"Person-hours by local weekday and hour of the day. {SAYS}",
        ("weekday", "hour", "windows", *HOURS, "filled_share", "small"),
        HOURS,
    ),
    "How many at each moment?": View(
        coverage.steps,
        (),
        FILTERS,
        coverage.plot_steps,
        "Heads needed and enrolled, a line for each change.",
        ("start", "end", "needed", "enrolled", "gap", "surplus"),
    ),
    "Team by team": View(coverage.by_team, (), FILTERS, None, SAYS, TEAM, ("needed", "n", "gap", *HOURS)),
    "Who is booked twice?": View(
        coverage.double_bookings,
        (),
        FILTERS,
        None,
        "Enrolments of one person whose shifts overlap.",
        ("collaborator_id", "project", "team", "other_project", "other_team", "start", "end", "shared_hours"),
        ("shared_hours",),
    ),
    "Was it worked as planned?": View(
        coverage.worked,
        (),
        FILTERS,
        coverage.plot_worked,
        "Check-ins against the shifts that were planned.",
        ("team", "function", "start", "arrived", "left", "late_minutes", "early_minutes", "gross_hours", "worked_hours", "odd"),
        ("gross_hours", "worked_hours"),
    ),
}


def explore(source: Source, **what: Any) -> Panel:
    """A panel on shift coverage: needed against enrolled, by day, hour, function and team; gaps and double bookings.

    source: a crmkit.Beeple, or the tables of crmkit.coverage.load(). what: keywords of load(), such as collaborators=[...]; for a
    client only.
    """
    data, recipe = tables_of("coverage", source, coverage.load, what)
    controls = {
        "every": Control("choice", "Per", ("day", "week", "hour", "month"), "week"),
        "by": Control("choice", "Per", ("function", "project", "weekday"), "function"),
        "start": START,
        "end": END,
        "projects": Control("several", "Projects (none: all)", texts(data["projects"]["project"])),
        "functions": Control("several", "Functions (none: all)", texts(data["teams"]["function"])),
    }
    return Panel("coverage", "Shift coverage", data, recipe, VIEWS, controls)
