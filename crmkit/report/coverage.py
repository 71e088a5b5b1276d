"""Shifts: how many of the people needed are enrolled, and where they lack (Beeple). Definitions are those of crmkit.coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, long_day, per_cent, rounded
from crmkit.report.pull import Pull
from crmkit.topics import coverage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFINITIONS = {
    "places": "The people that teams need, once per team.",
    "filled": "Places taken by confirmed enrolments; more people than a team needs do not fill another's places.",
    "filled share": "Filled / places; low and high are the ends of its 95 % interval.",
    "already held, still to come": "By the day of the shifts; today is still to come.",
    "needed hours": "People needed × length of the shifts without breaks, over all shifts of a team.",
    "open hours": "Needed hours for which nobody is confirmed.",
    "day": "Of the first shift, in Europe/Brussels.",
}
SUMMARY = ["when", "teams", "places", "filled", "filled_share", "people", "needed_hours", "gap_hours"]
GROUP = [
    *("function", "teams", "places", "filled", "filled_share", "filled_share_low", "filled_share_high"),
    *("needed_hours", "gap_hours", "small"),
]
GAP = ["day", "project", "team", "needed", "filled", "gap_hours"]
SHORT = {"filled_share_low": "low", "filled_share_high": "high", "gap_hours": "open_hours"}
SHARES = ("filled_share", "low", "high")
MOST = 10


def chapter(pull: Pull) -> Chapter:
    """The coverage chapter: shifts still to come, beside those already held."""
    frames, yesterday = pull.systems["beeple"].topics["coverage"], pull.today - pd.Timedelta(days=1)
    held, ahead = coverage.summary(frames, end=yesterday), coverage.summary(frames, start=pull.today)
    functions = coverage.by_group(frames, by="function", start=pull.today)
    gaps = coverage.gaps(frames, start=pull.today)
    both = pd.concat([held.assign(when="already held"), ahead.assign(when="still to come")], ignore_index=True)
    return Chapter(
        "Coverage",
        "How many of the people needed for shifts are confirmed, and where do they lack?",
        _finding(ahead, functions, pull.today),
        Picture(_alt(functions), lambda ax: _draw(functions, ax)),
        (
            Table("Needed and confirmed (Beeple)", both[SUMMARY].rename(columns=SHORT), coverage.note(ahead), SHARES),
            Table("By function, shifts still to come (Beeple)", functions[GROUP].rename(columns=SHORT), "", SHARES, few="places"),
            Table(
                f"Largest gaps still to come (Beeple), {min(MOST, len(gaps))} of {len(gaps)}",
                gaps.assign(filled=gaps["needed"] - gaps["gap"])[GAP].head(MOST).rename(columns=SHORT),
            ),
        ),
        DEFINITIONS,
    )


def _draw(functions: pd.DataFrame, ax: Axes) -> None:
    coverage.plot_groups(functions, ax=ax)


def _finding(ahead: pd.DataFrame, functions: pd.DataFrame, today: pd.Timestamp) -> str:
    for one in ahead.to_dict("records"):
        if not one["places"]:
            break
        most = "".join(
            f" {line['function']} lacks most hours: {rounded(line['gap_hours'])} of {rounded(line['needed_hours'])}."
            for line in functions.sort_values("gap_hours").tail(1).to_dict("records")
        )
        return (
            f"From {long_day(today)} on {one['filled']:,} of {one['places']:,} places in {one['teams']:,} teams are filled "
            f"({per_cent(one['filled_share'])}), and at most {rounded(one['gap_hours'])} of {rounded(one['needed_hours'])} person-hours are "
            f"open.{most}"
        )
    return f"No shift from {long_day(today)} on needs people (n = 0)."


def _alt(functions: pd.DataFrame) -> str:
    shares = "; ".join(f"{one['function']} {one['filled']:,} of {one['places']:,}" for one in functions.to_dict("records"))
    return f"Dots with intervals: share of places filled in shifts still to come, by function. Filled: {shares or 'none'}."
