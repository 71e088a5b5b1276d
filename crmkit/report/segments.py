"""Segments: how large they are, how they overlap, and what sets their members apart. Definitions are those of crmkit.segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull
from crmkit.topics import segments

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFINITIONS = {
    "segment": "A set of people that a system keeps: here the saved selections of Peepl, and the labels, statuses and survey answers of "
    "the largest organization in MissionHub. Membership is that of now.",
    "everybody": "All people of the system, those in no segment included.",
    "declared": "The size that the system itself names.",
    "expected": "How many would be in both if the two had nothing to do with each other: size × size / everybody.",
    "lift": "In both / expected; 1 is no relation.",
    "share, of all": "Of those whose value is known: members with it / members, and the same among everybody.",
    "differs": "Share less of all, in percentage points; low and high are the ends of its 95 % interval.",
}
SIZE = ["name", "members", "everybody", "share", "declared_size", "small"]
PAIR = ["name", "other", "both", "expected", "lift", "small"]
APART = [
    "segment",
    "attribute",
    "value",
    "known",
    "share",
    "base_share",
    "difference",
    "difference_low",
    "difference_high",
    "small",
]
OWN = ["name", "kind", "members", "everybody", "share", "small"]
SHORT = {
    "declared_size": "declared",
    "base_share": "of_all",
    "difference": "differs",
    "difference_low": "low",
    "difference_high": "high",
}
TOLD = ("age", "gender", "language", "city")
MOST = 12


def chapter(pull: Pull) -> Chapter:
    """The segments chapter."""
    frames, own = pull.systems["peepl"].topics["segments"], pull.systems["missionhub"].topics["segments"]
    sizes, exact = segments.sizes(frames), segments.intersections(frames)
    labels = segments.sizes(own)
    pairs = segments.pairs(frames).sort_values("lift", ignore_index=True)
    return Chapter(
        "Segments",
        "How large are the segments, how do they overlap, and what sets their members apart?",
        _finding(len(frames["people"]), sizes, exact),
        Picture(_alt(exact), lambda ax: _draw(exact, ax)),
        (
            Table("Sizes (Peepl)", sizes[SIZE].rename(columns=SHORT), shares=("share",), few="people"),
            Table("Who is in both, least and most beyond chance (Peepl)", _ends(pairs)[PAIR], few="people"),
            Table(
                "What sets the members of each segment apart (Peepl)",
                _apart(frames, sizes),
                f"Of {', '.join(TOLD)}: the value that differs most for certain.",
                ("share", "of_all"),
                ("differs", "low", "high"),
                few="people",
            ),
            Table(
                f"Labels, statuses and survey answers (MissionHub), {min(MOST, len(labels))} of {len(labels)}",
                labels[OWN].head(MOST),
                shares=("share",),
                few="people",
            ),
        ),
        DEFINITIONS,
    )


def _ends(pairs: pd.DataFrame, most: int = 3) -> pd.DataFrame:
    return pairs if len(pairs) <= 2 * most else pd.concat([pairs.head(most), pairs.tail(most)])


def _apart(frames: Mapping[str, pd.DataFrame], sizes: pd.DataFrame) -> pd.DataFrame:
    """Of each segment with members the value that stands out most; no line where chance may explain all."""
    told = [pd.DataFrame(columns=APART).astype({"small": "boolean"})]
    for segment in sizes.loc[sizes["members"] > 0, "segment_id"]:
        profiled = segments.profile(frames, segment, attributes=TOLD)
        told.append(segments.standing_out(profiled).query("at_least > 0").head(1))
    return pd.concat(told[1:] or told, ignore_index=True)[APART].rename(columns=SHORT)


def _draw(exact: pd.DataFrame, ax: Axes) -> None:
    segments.plot_intersections(exact, top=MOST, ax=ax)


def _finding(everybody: int, sizes: pd.DataFrame, exact: pd.DataFrame) -> str:
    if not everybody:
        return "There are no contacts (n = 0)."
    none = int(exact.loc[exact["degree"] == 0, "people"].sum())
    several = int(exact.loc[exact["degree"] > 1, "people"].sum())
    return (
        f"{everybody - none:,} of {everybody:,} contacts ({per_cent((everybody - none) / everybody)}) are in at least one of the "
        f"{len(sizes)} segments, {several:,} of them in two or more; {none:,} are in none."
    )


def _alt(exact: pd.DataFrame) -> str:
    listed = "; ".join(f"{line['label']} {line['people']:,}" for line in exact.head(MOST).to_dict("records"))
    return (
        "Bars over a matrix of dots: how many contacts are in just these segments and in no other, the largest sets first: "
        f"{listed or 'none'}."
    )
