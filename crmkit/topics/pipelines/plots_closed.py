"""Pictures of what was won and lost: win rate, cycle length, reasons, velocity, breakdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.pipelines.wording import by, currency_of, groups, mark_size, most, share_axis, shown, thousands

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
def plot_win_rate(frame: pd.DataFrame, *, value: bool = True, ax: Axes | None = None) -> Axes:
    """Win rate of each group with its interval: by count, and by value.

    frame: what win_rate() or breakdown() returns. value: also draw the rate by value. Behind each name stand its closed deals, and a
    star where they are few; a group without any has no dot.
    """
    drawing.needs(frame, ("rate", "rate_low", "rate_high", "closed", "small"), "win_rate()")
    ax = drawing.axes(ax)
    part = most(frame, "closed")
    if part.empty:
        drawing.empty(ax, "no closed deals")
    else:
        _rows(ax, part, "closed")
        shift = 0.2 if value else 0.0
        _dots(ax, part, "rate", -shift, 0, "by count (won / closed)")
        if value:
            _dots(ax, part, "value_rate", shift, 1, "by value")
        drawing.legend(ax)
        share_axis(ax)
    count = int(frame["closed"].sum())
    note = "; * small group" if part["small"].any() else ""
    return drawing.finish(
        ax,
        frame,
        title=f"Win rate{by(frame)}: {int(frame['won'].sum()):,} of {count:,} deals won",
        xlabel=f"share won, with its interval{note}; {drawing.counted(count, 'closed deals')}{shown(part, frame, 'groups')}",
    )


def _rows(ax: Axes, part: pd.DataFrame, counted: str) -> None:
    """A row per group: its name, a star where it is small, and how many deals were counted."""
    lines = zip(groups(part), part["small"], part[counted], strict=True)
    drawing.rows(ax, [f"{drawing.short(name, 24)}{' *' if small else ''} ({n:,})" for name, small, n in lines], width=40)


def _dots(ax: Axes, part: pd.DataFrame, name: str, shift: float, style: int, label: str) -> None:
    """A rate or a length of each line as a dot, on its interval if it has one; shift: how far below the middle of its row."""
    places = [place + shift for place in range(len(part))]
    colour, marker = drawing.PALETTE[style], drawing.MARKERS[style]
    if f"{name}_low" in part:
        ax.hlines(places, part[f"{name}_low"], part[f"{name}_high"], color=colour, linewidth=2, alpha=0.55)
    look: dict[str, Any] = {"marker": marker, "color": colour, "markersize": mark_size(part), "markeredgecolor": "white"}
    ax.plot(part[name], places, linestyle="", label=label, **look)


@checked
def plot_cycle_length(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Mean and median days from start to close of each group.

    frame: what cycle_length() returns. Groups in which nothing is measured have no mark.
    """
    drawing.needs(frame, ("mean_days", "median_days", "measured"), "cycle_length()")
    ax = drawing.axes(ax)
    part = most(frame, "measured")
    if part.empty:
        drawing.empty(ax, "no closed deals")
    else:
        _rows(ax, part, "measured")
        _dots(ax, part, "mean_days", -0.2, 0, "mean")
        _dots(ax, part, "median_days", 0.2, 1, "median")
        ax.set_xlim(left=0, right=1.08 * max(part[["mean_days", "median_days"]].fillna(0.0).max().max(), 1.0))
        drawing.legend(ax)
    count = int(frame["measured"].sum())
    left_out = int(frame["negative_cycles"].sum() + frame["missing_cycles"].sum())
    note = f", {left_out:,} without a length" if left_out else ""
    star = "; * small group" if part["small"].any() else ""
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title=f"Days from start to close{by(frame)}",
        xlabel=f"days{star}; {drawing.counted(count, 'deals')}{note}{shown(part, frame, 'groups')}",
    )


@checked
def plot_reasons(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Why deals were lost: the share of each reason among lost deals, with its interval.

    frame: what reasons() returns. Without names= only the ids of reasons are known; their last six digits are shown.
    """
    drawing.needs(frame, ("reason_id", "reason", "share", "lost"), "reasons()")
    ax = drawing.axes(ax)
    part = frame.head(18)
    if part.empty:
        drawing.empty(ax, "no lost deals")
    else:
        names = [_reason(line) for line in part.to_dict("records")]
        drawing.rows(ax, names)
        places = list(range(len(part)))
        drawing.bars(ax, places, part["share"], width=0.7, across=True, **drawing.bar(0))
        ax.hlines(places, part["share_low"], part["share_high"], color=drawing.PALETTE[1], linewidth=2.5)
        for place, high, lost in zip(places, part["share_high"], part["lost"], strict=True):
            drawing.beside(ax, f"{lost:,}", (high, place), (4, 0), va="center", fontsize=8)
        share_axis(ax).set_xlim(0, min(1.0, 1.12 * part["share_high"].max()))
    count = int(frame["lost"].sum())
    return drawing.finish(
        ax,
        frame,
        title=f"Why deals were lost: {drawing.counted(count)}",
        xlabel=f"share of lost deals, with its interval; {drawing.counted(count, 'lost deals')}{shown(part, frame, 'reasons')}",
    )


def _reason(line: dict[Any, Any]) -> str:
    if not pd.isna(line["reason"]):
        return str(line["reason"])
    return "no reason given" if pd.isna(line["reason_id"]) else f"reason …{str(line['reason_id'])[-6:]}"


@checked
def plot_velocity(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Sales velocity of each group, in money a day; where there is none, the reason stands in place of the bar.

    frame: what velocity() returns.
    """
    drawing.needs(frame, ("velocity", "reason", "pending"), "velocity()")
    ax, unit = drawing.axes(ax), currency_of(frame)
    part = most(frame, "velocity")
    if part.empty:
        drawing.empty(ax, "no deals")
    else:
        names = [
            f"{drawing.short(name, 26)}{' *' if small else ''}" for name, small in zip(groups(part), part["small"], strict=True)
        ]
        places = list(range(len(part)))
        drawing.rows(ax, names, width=32)
        speeds = part["velocity"].fillna(0.0)
        drawing.bars(ax, places, speeds, width=0.7, across=True, **drawing.bar(0))
        for place, speed, why, pending in zip(places, part["velocity"], part["reason"], part["pending"], strict=True):
            words = f" {why}" if pd.isna(speed) else f" {speed:,.1f} ({pending:,} open)"
            drawing.beside(
                ax,
                words,
                (0.0 if pd.isna(speed) else max(speed, 0.0), place),
                (2, 0),
                va="center",
                fontsize=8,
            )
        low, high = 1.3 * min(speeds.min(), 0.0), 1.3 * max(speeds.max(), 0.0)
        ax.set_xlim(low, high or max(-low, 1.0))  # a bar of lost money goes to the left, its number stands at the right of 0
    star = "; * few" if part["small"].any() else ""
    open_deals = drawing.counted(int(frame["pending"].sum()), "open deals")
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title=f"Sales velocity{by(frame)}, {unit} a day",
        xlabel=f"open deals × win rate × average won / cycle length{star}; {open_deals}{shown(part, frame, 'groups')}",
    )


@checked
def plot_breakdown(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """What each group has won, and what it has open: unweighted and weighted by stage.

    frame: what breakdown() returns. Numbers beside the names: won of closed deals, and open deals.
    """
    drawing.needs(frame, ("value_won", "total_pending", "weighted_total", "won", "pending"), "breakdown()")
    ax, unit = drawing.axes(ax), currency_of(frame)
    part = most(frame, "closed")
    if part.empty:
        drawing.empty(ax, "no deals")
    else:
        names = [
            f"{drawing.short(name, 24)} ({won:,} of {closed:,}, {pending:,} open)"
            for name, won, closed, pending in zip(groups(part), part["won"], part["closed"], part["pending"], strict=True)
        ]
        drawing.rows(ax, names, width=46)
        places = pd.Series(range(len(part)), dtype="float64")
        drawing.bars(ax, places - 0.2, part["value_won"], width=0.38, across=True, **drawing.bar(0), label="won")
        drawing.bars(
            ax,
            places + 0.2,
            part["total_pending"],
            width=0.38,
            color=drawing.PALETTE[3],
            edgecolor="white",
            label="open",
            across=True,
        )
        drawing.bars(ax, places + 0.2, part["weighted_total"], width=0.38, across=True, **drawing.bar(1), label="open, weighted")
        drawing.legend(ax)
    won, pending = int(frame["won"].sum()), int(frame["pending"].sum())
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title=f"Won and open{by(frame)}: {won:,} won, {pending:,} open",
        xlabel=f"value, {unit}; {drawing.counted(won + pending, 'deals')}{shown(part, frame, 'groups')}",
    )
