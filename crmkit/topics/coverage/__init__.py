"""Shift coverage: who is needed where and when, who enrolled, what stays open, and who came.

    frames = crmkit.coverage.load(crmkit.Beeple.from_env(), collaborators=numbers, start="2024-06-01", end="2024-06-30")
    crmkit.coverage.gaps(frames, top=10)
    crmkit.coverage.by_window(frames, "week", functions=["Bar"])

load() reads Beeple into a dict of neutral frames; frames() makes the same of data of your own. Every table takes that dict:

in all            summary
people and hours  by_shift, by_team, gaps (ranked), by_group (per function, project, month, weekday, hour, with intervals)
over time         by_window (per hour, day, week, month, or windows of your own), week_pattern, steps, peaks
single people     double_bookings, orphan_enrolments, worked (against planned, by check-ins), presence
who could help    candidates (needs what availability types mean), availability_during
what to distrust  oddities, note

Keywords of all tables: projects, functions, teams (ids or names, one or a list), published (True or False), start and end (first and
last local day, both included), count ("confirmed" or "not_cancelled": which enrolments make up n; by default confirmed ones, or where
the server does not heed the status those not cancelled). They are plain values, so a call can be written down.

Columns that all tables end with: collaborators_scanned (Int64), ids_complete (boolean, your claim), status_source (string, what n
counts), fetched_at (UTC). Enrolments come person by person, so unless ids_complete is true people are a lower bound and gaps an upper
bound: note(table) says it in a sentence, the receipt and the pictures say it too.

Assumptions: a team's number of people is needed in each of its shifts, and whoever is enrolled works all of them. Intervals are half
open; windows begin at local midnight, lengths are taken in UTC. Pictures are plot_gaps(table) and so on and return matplotlib Axes.
Definitions: Beeple contract sheet, sections 6.1 and 6.2. The tables are pure: nothing is fetched, and no clock is read.
"""

from typing import TYPE_CHECKING

from crmkit.later import later
from crmkit.topics.coverage.filling import availability_during, candidates
from crmkit.topics.coverage.groups import by_group
from crmkit.topics.coverage.load import load
from crmkit.topics.coverage.oddities import oddities
from crmkit.topics.coverage.people import double_bookings, orphan_enrolments, presence, worked
from crmkit.topics.coverage.proof import note
from crmkit.topics.coverage.shapes import frames
from crmkit.topics.coverage.staffing import by_shift, by_team, gaps, summary
from crmkit.topics.coverage.windows import by_window, peaks, steps, week_pattern

if TYPE_CHECKING:
    from crmkit.topics.coverage.plots import plot_gaps, plot_groups, plot_presence, plot_worked
    from crmkit.topics.coverage.plots_time import plot_steps, plot_week, plot_windows

# Imported when they are asked for: pictures need matplotlib, the panel ipywidgets too.
HOMES = {
    **dict.fromkeys(("plot_gaps", "plot_groups", "plot_presence", "plot_worked"), "plots"),
    **dict.fromkeys(("plot_steps", "plot_week", "plot_windows"), "plots_time"),
    "explore": "panel",
}

__all__ = [
    "availability_during",
    "by_group",
    "by_shift",
    "by_team",
    "by_window",
    "candidates",
    "double_bookings",
    "explore",
    "frames",
    "gaps",
    "load",
    "note",
    "oddities",
    "orphan_enrolments",
    "peaks",
    "plot_gaps",
    "plot_groups",
    "plot_presence",
    "plot_steps",
    "plot_week",
    "plot_windows",
    "plot_worked",
    "presence",
    "steps",
    "summary",
    "week_pattern",
    "worked",
]
__getattr__, __dir__ = later(__name__, HOMES)
