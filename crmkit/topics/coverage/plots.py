"""Pictures of shift coverage: each draws a table of this topic, on an Axes of yours or on one of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.coverage.groups import CALENDAR, GROUPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS, MOST_DATES = 16, 24
SPREAD = 45
UPPER = ": gaps are upper bounds"


@checked
def plot_gaps(frame: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """The largest gaps: person-hours of each team, filled and open.

    frame: what gaps() returns; its first lines are drawn, at most so many as most says; the title says of how many. Beside each name
    stands the local day of the first shift, behind each bar the people lacking and needed.
    """
    drawing.needs(frame, ("rank", "of", "team", "gap", "gap_hours", "needed_hours", "day"), "gaps()")
    ax = drawing.axes(ax)
    part = frame.head(most)
    if part.empty:
        drawing.empty(ax, "no team lacks people")
    else:
        days = ["no shift" if pd.isna(day) else f"{day.day} {day:%b %Y}" for day in part["day"]]
        drawing.rows(ax, [f"{drawing.short(team, 24)}, {day}" for team, day in zip(part["team"], days, strict=True)], width=44)
        places = np.arange(len(part))
        filled = (part["needed_hours"] - part["gap_hours"]).to_numpy()
        drawing.bars(ax, places, filled, width=0.7, label="filled", across=True, **drawing.bar(0))
        drawing.bars(ax, places, part["gap_hours"], begin=filled, width=0.7, label="open", across=True, **drawing.bar(1))
        for place, total, gap, needed in zip(places, part["needed_hours"], part["gap"], part["needed"], strict=True):
            drawing.beside(ax, f"{gap:,} of {needed:,}", (total, place), (4, 0), va="center", fontsize=8)
        ax.set_xlim(0, 1.14 * max(part["needed_hours"].max(), 1))
        legend_below(ax)
    lacking = int(frame["of"].iloc[0]) if len(frame) else 0
    shown = f", the first {len(part):,}" if len(part) < lacking else ""
    return drawing.finish(
        ax,
        frame,
        title=f"Teams that lack people: {lacking:,}{shown}",
        xlabel=f"person-hours; behind the bars: people lacking of people needed{bound(frame, UPPER)}",
    )


@checked
def plot_groups(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Share of places filled in each group, with its interval.

    frame: what by_group() returns. Behind each name stand its places, and a star where they are few.
    """
    drawing.needs(frame, ("filled_share", "filled_share_low", "filled_share_high", "places", "small"), "by_group()")
    places, filled = int(frame["places"].sum()), int(frame["filled"].sum())
    return _shares(
        *(frame, "filled_share", "places", ax),
        title=f"Places filled{_by(frame)}: {filled:,} of {places:,}",
        what=f"share of places filled, with its interval; {drawing.counted(places, 'places')}",
        meaning=UPPER,
    )


@checked
def plot_presence(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Share of expected people who checked in, in each group, with its interval.

    frame: what presence() returns. Behind each name stand those expected, and a star where they are few.
    """
    drawing.needs(frame, ("present_share", "present_share_low", "present_share_high", "expected", "small"), "presence()")
    expected, present = int(frame["expected"].sum()), int(frame["present"].sum())
    return _shares(
        *(frame, "present_share", "expected", ax),
        title=f"Checked in{_by(frame)}: {present:,} of {expected:,} expected",
        what=f"share checked in, with its interval; {drawing.counted(expected, 'enrolments')}",
    )


@checked
def plot_worked(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How check-ins and check-outs lie around the planned times, in minutes.

    frame: what worked() returns. Odd ones (see there) are left out; what is more than 45 minutes away stands at the edge.
    """
    drawing.needs(frame, ("late_minutes", "early_minutes", "odd", "present"), "worked()")
    ax = drawing.axes(ax)
    good = frame[frame["odd"].isna()]
    series = {
        "check-in after the start": good["late_minutes"].dropna(),
        "check-out after the end": -good["early_minutes"].dropna(),
    }
    if not sum(map(len, series.values())):
        drawing.empty(ax, "no check-ins")
    else:
        bins = list(range(-SPREAD, SPREAD + 5, 5))
        for look, (label, minutes) in enumerate(series.items()):
            values = minutes.clip(-SPREAD, SPREAD - 0.01)
            middle = f" (median {minutes.median():+.0f})" if len(minutes) else ""
            colour, dash = drawing.PALETTE[look], drawing.DASHES[look]
            if not look:
                ax.hist(values, bins=bins, color=drawing.PALETTE[3], linewidth=0)
            ax.hist(values, bins=bins, histtype="step", color=colour, linestyle=dash, linewidth=1.8, label=f"{label}{middle}")
        ax.axvline(0, color=drawing.FAINT, linewidth=1)
        ax.set_xticks(range(-SPREAD, SPREAD + 1, 15))
        legend_below(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    odd = int(frame["odd"].notna().sum())
    left_out = f", {odd:,} odd ones left out" if odd else ""
    return drawing.finish(
        ax,
        frame,
        title=f"Checked in against the plan: {int(frame['present'].sum()):,} of {len(frame):,} expected",
        xlabel=f"minutes; {drawing.counted(len(frame), 'enrolments')}{left_out}{bound(frame)}",
        ylabel="enrolments",
    )


def legend_below(ax: Axes) -> None:
    """The legend below the two lines under the axis."""
    legend: Any = drawing.legend(ax).get_legend()
    legend.set_bbox_to_anchor((0.5, -0.21))


def _shares(frame: pd.DataFrame, name: str, total: str, ax: Axes | None, *, title: str, what: str, meaning: str = "") -> Axes:
    """A share of each group as a dot on its interval."""
    ax = drawing.axes(ax)
    part = frame.head(MOST_DATES if set(_keys(frame)) <= set(CALENDAR) else MOST_ROWS)
    if part.empty:
        drawing.empty(ax, "no shifts")
    else:
        labels = [
            f"{drawing.short(label, 33)}{' *' if few else ''} ({count:,})"
            for label, few, count in zip(_labels(part), part["small"], part[total], strict=True)
        ]
        drawing.rows(ax, labels, width=44)
        places = np.arange(len(part))
        ax.hlines(places, part[f"{name}_low"], part[f"{name}_high"], color=drawing.PALETTE[3], linewidth=4)
        few = part["small"].to_numpy(dtype=bool)
        for chosen, face in ((~few, drawing.PALETTE[0]), (few, "white")):
            ax.plot(
                part[name][chosen], places[chosen], "o", markersize=6, markerfacecolor=face, markeredgecolor=drawing.PALETTE[0]
            )
        ax.set_xlim(-0.02, 1.02)
        ax.set_xticks(np.arange(0, 1.01, 0.2), [f"{tick}%" for tick in range(0, 101, 20)])
        ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    star = "; * few" if part["small"].any() else ""
    rest = f"; {len(part):,} of {len(frame):,} groups" if len(part) < len(frame) else ""
    return drawing.finish(ax, frame, title=title, xlabel=f"{what}{star}{rest}{bound(frame, meaning)}")


def _keys(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns[: len(GROUPS)] if name in GROUPS]


def _by(frame: pd.DataFrame) -> str:
    return f" by {' and '.join(_keys(frame))}" if _keys(frame) else ""


def _labels(frame: pd.DataFrame) -> list[str]:
    """The name of each group."""
    columns = [_words(name, frame[name]) for name in _keys(frame)]
    return [", ".join(parts) for parts in zip(*columns, strict=True)]


def _words(name: str, values: pd.Series[Any]) -> list[str]:
    known: dict[str, Callable[[Any], str]] = {"hour": lambda value: f"{value}:00", "month": lambda value: f"{value:%b %Y}"}
    written = known.get(name, str)
    return ["not named" if pd.isna(value) else written(value) for value in values]


def bound(frame: pd.DataFrame, meaning: str = "") -> str:
    """A second line under the axis: how many people were asked about, and what it means if these are not all."""
    if not len(frame):
        return ""
    told = frame.iloc[0]
    scanned = int(told["collaborators_scanned"])
    if bool(told["ids_complete"]):
        return f"\nall {scanned:,} collaborators asked about"
    return f"\n{scanned:,} collaborators asked about, perhaps not all{meaning}"
