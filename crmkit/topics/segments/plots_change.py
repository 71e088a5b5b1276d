"""Pictures of segments that change: members over time, who joined and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.drawing import FAINT, GRID, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
def plot_over_time(over_time: pd.DataFrame, *, top: int = 6, ax: Axes | None = None) -> Axes:
    """Members of segments over time, a line each, the name at its end. over_time: what over_time() returns. top: the largest at the end."""
    ax = drawing.axes(ax)
    drawing.needs(over_time, ("segment_id", "name", "day", "members"), "over_time()")
    if over_time.empty:
        return drawing.finish(drawing.empty(ax, "no day to show"), over_time, title="Members over time")
    last = over_time[over_time["day"] == over_time["day"].max()]
    largest = last.sort_values("members", ascending=False, kind="stable").head(top)
    ends = []
    for place, number in enumerate(largest["segment_id"]):
        own = over_time[over_time["segment_id"] == number]
        members = own["members"].to_numpy(dtype="float64")
        look = {**drawing.line(place), "markersize": 3.5, "markevery": max(1, len(own) // 8)}
        ax.plot(own["day"].to_numpy(), members, **look)
        ends.append((float(members[-1]), f"{drawing.short(own['name'].iloc[0], 22)} {members[-1]:,.0f}", look["color"]))
    ax.set_ylim(0, max(1.0, float(over_time[over_time["segment_id"].isin(largest["segment_id"])]["members"].max()) * 1.08))
    _names_at_ends(ax, ends)
    ax.grid(axis="y", color=GRID)
    drawing.month_ticks(ax)
    several = over_time["segment_id"].nunique()
    xlabel = drawing.counted(over_time["day"].nunique(), "days on which members were counted")
    which = f"the {len(largest)} largest of {several} segments" if several > len(largest) else "segments"
    return drawing.finish(ax, over_time, title=f"Members of {which} over time", xlabel=xlabel, ylabel="people")


def _names_at_ends(ax: Axes, ends: list[tuple[float, str, str]]) -> None:
    """Names to the right of where lines end, pushed apart where they would lie on each other, each tied to its line."""
    low, high = ax.get_ylim()
    last = ax.dataLim.x1
    places = apart([value for value, _, _ in ends], (high - low) * 0.052)
    for at, (value, words, colour) in zip(places, ends, strict=True):
        ax.annotate(
            words,
            (last, value),
            (1.03, at),
            textcoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color=INK,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 1, "shrinkA": 1, "shrinkB": 3, "relpos": (0, 0.5)},
        )
    ax.set_ylim(low, max(high, *places))


def apart(values: list[float], gap: float) -> list[float]:
    """Places as near to the values as possible, in their order, at least gap from each other and not below the lowest value."""
    order = sorted(range(len(values)), key=lambda one: values[one])
    blocks: list[list[int]] = []
    for one in order:
        block = [one]
        while blocks and _middle(blocks[-1], values) + gap * (len(blocks[-1]) + len(block)) / 2 > _middle(block, values):
            block = [*blocks.pop(), *block]
        blocks.append(block)
    found = [0.0] * len(values)
    for block in blocks:
        start = _middle(block, values) - gap * (len(block) - 1) / 2
        for place, one in enumerate(block):
            found[one] = max(start, 0.0) + gap * place
    return found


def _middle(block: list[int], values: list[float]) -> float:
    return sum(values[one] for one in block) / len(block)


@checked
def plot_moved(moved: pd.DataFrame, *, top: int = 15, ax: Axes | None = None) -> Axes:
    """Who joined (to the right) and left (to the left) each segment between two loads; in brackets the sizes before and after.

    moved: what moved() returns. top: how many segments at most, those with most movement.
    """
    from matplotlib.ticker import MaxNLocator

    ax = drawing.axes(ax)
    drawing.needs(moved, ("name", "joined", "left", "before", "after"), "moved()")
    shown = moved.assign(all=moved["joined"] + moved["left"]).sort_values("all", ascending=False, kind="stable").head(top)
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no segment in both"), moved, title="Who joined and left")
    places = np.arange(len(shown))
    drawing.bars(ax, places, shown["joined"].to_numpy(dtype="float64"), width=0.7, across=True, **drawing.bar(0))
    drawing.bars(ax, places, -shown["left"].to_numpy(dtype="float64"), width=0.7, across=True, **drawing.bar(1))
    ax.axvline(0, color=FAINT, linewidth=1)
    sizes = zip(shown["name"], shown["before"], shown["after"], strict=True)
    drawing.rows(ax, [f"{drawing.short(name, 22)} ({before} → {after})" for name, before, after in sizes], width=36)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    ax.grid(axis="x", color=GRID)
    into, out = int(moved["joined"].sum()), int(moved["left"].sum())
    which = f"{len(shown)} of {len(moved)} segments" if len(shown) < len(moved) else "segments"
    title = f"Joined and left: {which}, most moved first"
    xlabel = f"people: ← left ({out:,}) · joined ({into:,}) →; {drawing.counted(len(moved), 'segments')}"
    return drawing.finish(ax, moved, title=title, xlabel=xlabel)
