"""Attendance: who was invited, who answered and how, who came, and how full events were.

    data = crmkit.attendance.load(crmkit.Peepl.from_env())
    crmkit.attendance.by_weekday(data["events"], data["answers"], kinds=["internal"])

load() reads Peepl or sheepCRM into neutral frames; choose() makes a smaller frame of events. Peepl knows sign-up answers only: who
came is not in its API, so turnout and no-shows are missing there; sheepCRM knows both.

of lists     rates (by any of kind, weekday, hour, month, season ...), by_weekday, by_hour, by_weekday_and_hour, by_kind, over_time,
             by_event, cancelled
of groups    by_group (as_groups takes what crmkit.segments.load() gave), group_change from season to season
of persons   by_person (streaks, first and last, lapsed), habits
of places    capacity, sold, stock_use, payments

Each has a picture, plot_rates(table) and so on, which returns matplotlib Axes. Definitions: Peepl and sheepCRM sheets, section 6. The
tables are pure: nothing is fetched, and what has ended was decided by load(now=).
"""

from typing import TYPE_CHECKING

from crmkit.later import later
from crmkit.topics.attendance.choose import choose
from crmkit.topics.attendance.groups import as_groups, by_group, group_change
from crmkit.topics.attendance.load import load
from crmkit.topics.attendance.people import by_person, habits
from crmkit.topics.attendance.tables import (
    by_event,
    by_hour,
    by_kind,
    by_weekday,
    by_weekday_and_hour,
    cancelled,
    over_time,
    rates,
)
from crmkit.topics.attendance.tickets import capacity, payments, sold, stock_use

if TYPE_CHECKING:
    from crmkit.topics.attendance.plots import plot_answers, plot_events, plot_over_time, plot_rates, plot_weekday_and_hour
    from crmkit.topics.attendance.plots_more import (
        plot_capacity,
        plot_group_change,
        plot_habits,
        plot_payments,
        plot_people,
        plot_sold,
        plot_stock,
    )

# Imported when they are asked for: pictures need matplotlib, the panel ipywidgets too.
HOMES = {
    **dict.fromkeys(("plot_answers", "plot_events", "plot_over_time", "plot_rates", "plot_weekday_and_hour"), "plots"),
    **dict.fromkeys(
        ("plot_capacity", "plot_group_change", "plot_habits", "plot_payments", "plot_people", "plot_sold", "plot_stock"),
        "plots_more",
    ),
    "explore": "panel",
}

__all__ = [
    "as_groups",
    "by_event",
    "by_group",
    "by_hour",
    "by_kind",
    "by_person",
    "by_weekday",
    "by_weekday_and_hour",
    "cancelled",
    "capacity",
    "choose",
    "explore",
    "group_change",
    "habits",
    "load",
    "over_time",
    "payments",
    "plot_answers",
    "plot_capacity",
    "plot_events",
    "plot_group_change",
    "plot_habits",
    "plot_over_time",
    "plot_payments",
    "plot_people",
    "plot_rates",
    "plot_sold",
    "plot_stock",
    "plot_weekday_and_hour",
    "rates",
    "sold",
    "stock_use",
]
__getattr__, __dir__ = later(__name__, HOMES)
