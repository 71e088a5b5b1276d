"""Attendance: who says yes to what (Peepl), and who comes (sheepCRM). Definitions are those of crmkit.attendance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull
from crmkit.topics import attendance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEAM = ["internal", "session"]
YES = "yes_share_of_invited"
DEFINITIONS = {
    "invited": "Places on the sign-up lists of activities that are over.",
    "answered": "Said yes or no.",
    "response rate": "Answered / invited.",
    "yes share of invited": "Said yes / invited; low and high are the ends of its 95 % interval.",
    "team activity": "Of type internal or session: for one team. Activities for the whole club get far fewer answers, so the two "
    "are not mixed.",
    "change": "Of the yes share of invited, in percentage points, from the first season (from 1 September) to the last. Who was in "
    "two groups on the day counts in both.",
    "recorded": "Came or did not come, where the whole list was taken.",
    "turnout": "Came / recorded.",
}
WEEKDAY = ["weekday", "events", "invited", "answered", "signed_up", "response_rate", YES, f"{YES}_low", f"{YES}_high", "small"]
CHANGE = ["group", "first_n", "first_rate", "last_n", "last_rate", "change", "change_low", "change_high", "small"]
KIND = ["kind", "events", "recorded", "attended", "no_show", "turnout", "turnout_low", "turnout_high", "small_turnout"]
SHORT = {f"{YES}_low": "low", f"{YES}_high": "high", "turnout_low": "low", "turnout_high": "high", "signed_up": "yes"}
MOST = 10


def chapter(pull: Pull) -> Chapter:
    """The attendance chapter."""
    answers, presence = pull.systems["peepl"].topics["attendance"], pull.systems["sheepcrm"].topics["attendance"]
    asked = (answers["events"], answers["answers"])
    whole, weekdays = attendance.rates(*asked, kinds=TEAM), attendance.by_weekday(*asked, kinds=TEAM)
    groups = attendance.by_group(*asked, answers["groups"], by="season", kinds=TEAM)
    change = attendance.group_change(groups)
    taken = _taken(presence)
    full = taken.loc[taken["taken"] == "full", "event_id"].tolist()
    kinds = attendance.by_kind(presence["events"], presence["answers"], names=full)
    return Chapter(
        "Attendance",
        "Who says yes to team activities, and who comes to events? Peepl knows the answers, sheepCRM who came.",
        _finding(whole, weekdays),
        Picture(_alt(weekdays), lambda ax: _draw(weekdays, ax)),
        (
            Table(
                "Answers to team activities, by weekday (Peepl)",
                _renamed(weekdays, WEEKDAY),
                shares=("response_rate", YES, "low", "high"),
            ),
            Table(
                f"Yes of groups from season to season, steepest falls first (Peepl), {min(MOST, len(change))} of {len(change)}",
                change[CHANGE].head(MOST),
                "Where low to high holds 0, there may be no change.",
                ("first_rate", "last_rate"),
                ("change", "change_low", "change_high"),
            ),
            Table(
                "Who came to events, by kind (sheepCRM)",
                _renamed(kinds, KIND),
                _left_out(taken["taken"].value_counts()),
                ("turnout", "low", "high"),
                few="records",
            ),
        ),
        DEFINITIONS,
    )


def _taken(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The events that are over, with whether presence was taken."""
    events = attendance.by_event(frames["events"], frames["answers"], held=True)
    return pd.DataFrame(events[["event_id", "taken"]])


def _left_out(lists: pd.Series[int]) -> str:
    """Which lists the table is about: whoever ticks only some people leaves a crooked sample."""
    full, part, none = (lists.get(word, 0) for word in ("full", "part", "none"))
    return (
        f"Only the {full:,} events where it is recorded of everybody who said yes whether they came. Left out are {part:,} where it is "
        f"recorded of some only, which would mislead, and {none:,} where it is recorded of nobody."
    )


def _renamed(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(table[columns]).rename(columns={**SHORT, "small_turnout": "small"})


def _draw(weekdays: pd.DataFrame, ax: Axes) -> None:
    attendance.plot_answers(weekdays, ax=ax)


def _finding(whole: pd.DataFrame, weekdays: pd.DataFrame) -> str:
    for all_ in whole.to_dict("records"):
        ranked = weekdays.sort_values(YES).to_dict("records")
        least, most = ranked[0], ranked[-1]
        return (
            f"{all_['signed_up']:,} of {all_['invited']:,} invitations to {all_['events']:,} team activities were answered yes "
            f"({per_cent(all_[YES])}), {all_['declined']:,} no and {all_['open']:,} not at all; by weekday the share of yes runs from "
            f"{per_cent(least[YES])} (n = {least['invited']:,}, {least['weekday']}) to {per_cent(most[YES])} "
            f"(n = {most['invited']:,}, {most['weekday']})."
        )
    return "Nobody was invited to a team activity (n = 0)."


def _alt(weekdays: pd.DataFrame) -> str:
    days = ", ".join(f"{day['weekday']} {per_cent(day[YES])} of {day['invited']:,}" for day in weekdays.to_dict("records"))
    return (
        f"Bars of 100 per cent by weekday: what the invited answered, yes, no or nothing. Yes, of the invited: {days or 'none'}."
    )
