"""Shifts: how many of the people needed are enrolled, and where they lack. Definitions are those of crmkit.coverage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull
from crmkit.topics import coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEFINITIONS = {
    "places": "The people that teams need, once per team.",
    "filled": "Places taken by confirmed enrolments; more people than a team needs do not fill another's places.",
    "filled share": "Filled / places; low and high are the ends of its 95 % interval.",
    "already held, still to come": "By the day of the shifts; today is still to come. Teams without shifts are in neither.",
    "needed hours": "People needed × length of the shifts without breaks, over all shifts of a team.",
    "gap hours": "Needed hours for which nobody enrolled.",
    "day": "Of the first shift, in Europe/Brussels.",
}
SUMMARY = ["teams", "shifts", "places", "filled", "filled_share", "people", "double_booked", "needed_hours", "gap_hours"]
GROUP = [
    *("function", "teams", "places", "filled", "filled_share", "filled_share_low", "filled_share_high"),
    *("needed_hours", "gap_hours", "small"),
]
GAP = ["rank", "day", "project", "team", "needed", "n", "gap", "needed_hours", "gap_hours"]
SHARES = ("filled_share", "filled_share_low", "filled_share_high")
MOST = 10


def chapter(pull: Pull) -> Chapter:
    """The coverage chapter, from Beeple: shifts already held by function, and what is open in those to come."""
    frames, yesterday = pull.others["beeple"].topic, pull.today - pd.Timedelta(days=1)
    held, ahead = coverage.summary(frames, end=yesterday), coverage.summary(frames, start=pull.today)
    functions = coverage.by_group(frames, by="function", end=yesterday)
    gaps = coverage.gaps(frames, start=pull.today)
    bound = coverage.note(held)
    both = pd.concat([held[SUMMARY], ahead[SUMMARY]], ignore_index=True)
    both.insert(0, "shifts_", pd.Series(["already held", "still to come"], dtype="string"))
    return Chapter(
        "Coverage",
        "How many of the people needed for shifts enrolled, and where they lack, from Beeple.",
        tuple(_findings(held, ahead, functions, gaps)),
        (
            Table("Needed and enrolled", both.rename(columns={"shifts_": "when"}), bound, SHARES),
            Table("By function, shifts already held", functions[GROUP], "", SHARES, few="places"),
            Table(
                "Largest gaps still to come", gaps[GAP].head(MOST), f"{len(gaps):,} teams lack people; at most {MOST} are shown."
            ),
        ),
        tuple(_pictures(functions, gaps)),
        DEFINITIONS,
    )


def _findings(held: pd.DataFrame, ahead: pd.DataFrame, functions: pd.DataFrame, gaps: pd.DataFrame) -> Iterator[str]:
    for words, line in (("Shifts already held", held), ("Shifts still to come", ahead)):
        for one in line.to_dict("records"):
            yield (
                f"{words}: {one['filled']:,} of {one['places']:,} places filled ({per_cent(one['filled_share'])}), "
                f"{one['gap_hours']:,.0f} of {one['needed_hours']:,.0f} person-hours open."
            )
    solid = functions[~functions["small"]].sort_values("filled_share").to_dict("records")
    for one in solid[:1]:
        yield f"{one['function']} is hardest to fill: {per_cent(one['filled_share'])} of {one['places']:,} places."
    for one in gaps.head(1).to_dict("records"):
        yield (
            f"The largest gap to come: {one['team']} ({one['project']}, {one['day']:%-d %B %Y}), {one['gap']:,} of {one['needed']:,} "
            f"people lacking, {one['gap_hours']:,.0f} person-hours."
        )


def _pictures(functions: pd.DataFrame, gaps: pd.DataFrame) -> Iterator[Picture]:
    def ranked(figure: Figure) -> None:
        coverage.plot_gaps(gaps, most=MOST, ax=figure.subplots())

    def grouped(figure: Figure) -> None:
        coverage.plot_groups(functions, ax=figure.subplots())

    listed = "; ".join(f"{one['team']} {one['gap_hours']:,.0f}" for one in gaps.head(MOST).to_dict("records"))
    yield Picture(
        "The teams still to come that lack most person-hours, filled and open.",
        f"Bars of person-hours, filled and open, of the teams with the largest gaps. Open person-hours: {listed or 'none'}.",
        ranked,
    )
    shares = "; ".join(f"{one['function']} {per_cent(one['filled_share'])}" for one in functions.to_dict("records"))
    yield Picture(
        "Which share of the places of each function was filled, with its interval.",
        f"Dots with intervals: share of places filled in shifts already held, by function: {shares or 'none'}.",
        grouped,
    )
