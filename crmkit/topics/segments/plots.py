"""Pictures of the segment tables. Each takes the table it draws, and returns the Axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.drawing import FAINT, GRID, INK, PALETTE
from crmkit.topics.segments.profiles import ranked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL_NOTE = "* fewer than 10"


@checked
def plot_sizes(sizes: pd.DataFrame, *, top: int = 20, ax: Axes | None = None) -> Axes:
    """Members of each segment as bars, with number and share of everybody; the largest first as the table has them.

    sizes: what sizes() returns. top: how many segments at most; the title says how many there are.
    """
    ax = drawing.axes(ax)
    drawing.needs(sizes, ("name", "members", "share", "everybody"), "sizes()")
    shown = sizes.head(top)
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no segments"), sizes, title="Members per segment")
    counts = shown["members"].to_numpy(dtype="float64")
    places = np.arange(len(shown))
    drawing.bars(ax, places, counts, width=0.72, across=True, **drawing.bar(0))
    for place, count, share in zip(places, counts, shown["share"], strict=True):
        words = f"{count:,.0f}" if np.isnan(share) else f"{count:,.0f} · {share:.0%}"
        drawing.beside(ax, words, (count, place), (4, 0), va="center", fontsize=8, color=INK)
    drawing.rows(ax, _starred(shown["name"], shown["small"]))
    ax.set_xlim(0, max(counts.max() * 1.2, 1))
    ax.grid(axis="x", color=GRID)
    everybody = int(sizes["everybody"].iloc[0])
    left = f"{len(shown)} of {len(sizes)} segments" if len(shown) < len(sizes) else "Segments"
    title = f"{left} by members, and their share of everybody"
    return drawing.finish(ax, sizes, title=title, xlabel=_noted(f"people ({drawing.counted(everybody)})", shown["small"]))


OVERLAPS = {
    "count": "People in both segments; the size on the diagonal",
    "share": "Of the line's members, per cent also in the column's",
    "jaccard": "People in both, per cent of those in either",
    "lift": "Overlap as a multiple of chance",
}


@checked
def plot_overlap(overlap: pd.DataFrame, *, top: int = 12, ax: Axes | None = None) -> Axes:
    """The square table of overlap() as shaded cells with their numbers; darker is more.

    overlap: what overlap() returns, of any measure. top: how many segments at most, the first of the table.
    """
    kind = str(overlap.columns.name)
    if kind not in OVERLAPS:
        raise ParameterError("the frame lacks a measure; this picture draws what overlap() returns.")
    ax = drawing.axes(ax)
    shown = overlap.iloc[:top, :top]
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no segments"), overlap, title="Overlap of segments")
    values = shown.to_numpy(dtype="float64", copy=True)
    if kind == "lift":
        np.fill_diagonal(values, np.nan)
    off = values[~np.eye(len(values), dtype=bool)]
    most = 1.0 if kind in ("share", "jaccard") else float(np.nanmax(off, initial=1)) or 1.0
    edges = np.arange(len(shown) + 1) - 0.5
    mesh = ax.pcolormesh(edges, edges, np.clip(np.nan_to_num(values), 0, most), cmap=drawing.shades(), vmin=0, vmax=most)
    mesh.set(edgecolor="white", linewidth=1)
    size = 8.5 if len(shown) <= 9 else 7
    for line, column in np.ndindex(values.shape):
        dark = np.nan_to_num(values[line, column]) > 0.55 * most
        text = _cell(float(values[line, column]), kind)
        ax.text(column, line, text, fontsize=size, color="white" if dark else INK, **drawing.CELL)
    names = [drawing.short(name, 20) for name in shown.columns]
    drawing.rows(ax, shown.index, width=22)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.tick_params(axis="x", length=0)
    ax.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
    ax.spines["bottom"].set_visible(False)
    more = f" (first {len(shown)} of {len(overlap)})" if len(shown) < len(overlap) else ""
    people = overlap.attrs.get("everybody")
    return drawing.finish(
        ax, overlap, title=OVERLAPS[kind] + more, xlabel="" if people is None else drawing.counted(people, "people")
    )


@checked
def plot_intersections(intersections: pd.DataFrame, *, top: int = 15, ax: Axes | None = None) -> Axes:
    """Exact sets of segments as bars over a matrix of dots (as UpSet plots do): a bar is how many people are in just these segments.

    intersections: what intersections() returns. top: how many sets at most, the largest; the title says what is left out. Lines of the
    matrix are the segments that occur in the sets shown, those with most people first.
    """
    ax = drawing.axes(ax)
    drawing.needs(intersections, ("names", "people", "share"), "intersections()")
    shown = intersections.head(top).reset_index(drop=True)
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "nobody"), intersections, title="Which segments people are in")
    counts = shown["people"].to_numpy(dtype="float64")
    weight = shown.explode("names").groupby("names")["people"].sum().sort_values(ascending=False, kind="stable")
    names = [str(name) for name in weight.index]
    # The matrix has about as much room as the bars: one line is a fixed part of the highest bar.
    step = counts.max() * 1.1 / max(len(names), 5)
    height = {name: -(place + 1) * step for place, name in enumerate(names)}
    drawing.bars(ax, range(len(shown)), counts, width=0.66, **drawing.bar(0))
    for place, count in enumerate(counts):
        drawing.beside(ax, f"{count:,.0f}", (place, count), (0, 2), ha="center", fontsize=8, color=INK)
    for line, name in enumerate(names):
        if line % 2 == 0:
            ax.axhspan(height[name] - step / 2, height[name] + step / 2, color=GRID, alpha=0.5, linewidth=0, zorder=0)
    for place, inside in enumerate(shown["names"]):
        dots = [height[str(name)] for name in inside]
        ax.plot([place] * len(names), list(height.values()), "o", color=GRID, markersize=5, zorder=1)
        ax.plot([place] * len(dots), dots, "-o", color=PALETTE[0], markersize=5.5, linewidth=1.6, zorder=2)
        if not dots:
            look = {"rotation": 90, "backgroundcolor": "white", "color": INK, "fontsize": 8, **drawing.CELL}
            ax.text(place, -(len(names) + 1) * step / 2, "in none", **look)
    _upset_axis(ax, counts, names, height, step)
    ax.set_xlim(-0.6, len(shown) - 0.4)
    people, everybody = int(intersections["people"].sum()), _everybody(intersections)
    left = int(intersections["people"].iloc[len(shown) :].sum()) + max(everybody - people, 0)
    more = f"; {left:,} more are in sets not shown" if left else ""
    xlabel = f"each person is in one column; {drawing.counted(everybody, 'people')}{more}"
    drawing.finish(ax, intersections, title="How many people are in just these segments", xlabel=xlabel, ylabel="people")
    ax.yaxis.set_label_coords(-0.015, 0.985)  # above the bars' numbers, not beside the names
    ax.yaxis.label.set(rotation=0, horizontalalignment="right", verticalalignment="center")
    return ax


def _upset_axis(ax: Axes, counts: np.ndarray, names: Sequence[str], height: dict[str, float], step: float) -> None:
    """Numbers of people on the upper part of the y axis, names of segments on the lower."""
    from matplotlib.ticker import MaxNLocator

    most = float(counts.max())
    ticks = [tick for tick in MaxNLocator(4, integer=True).tick_values(0, most) if 0 <= tick <= most * 1.05]
    places = [*ticks, *(height[name] for name in names)]
    ax.tick_params(axis="y", length=0)
    ax.set_yticks(places, [*(f"{tick:,.0f}" for tick in ticks), *(drawing.short(name, 24) for name in names)])
    ax.set_xticks([])
    ax.set_ylim(-(len(names) + 0.6) * step, most * 1.14)
    ax.axhline(0, color=FAINT, linewidth=0.8)
    ax.hlines(ticks[1:], -0.6, len(counts) - 0.4, color=GRID, linewidth=0.8, zorder=0)
    ax.spines[["left", "bottom"]].set_visible(False)


@checked
def plot_profile(profile: pd.DataFrame, *, top: int = 12, min_n: int = 0, ax: Axes | None = None) -> Axes:
    """What stands out in a segment: difference of shares in percentage points, with its interval, against no difference.

    profile: what profile() or compare() returns. top: how many values, those whose interval stays farthest from no difference. min_n:
    only attributes known of so many members. Hollow marks: the interval includes no difference, or fewer than ten are known.
    """
    ax = drawing.axes(ax)
    drawing.needs(profile, ("attribute", "value", "difference", "difference_low", "at_least", "small"), "profile()")
    shown = _one_of_two(ranked(profile[profile["known"] >= min_n])).head(top)
    shown = shown.sort_values("difference", ascending=False, kind="stable")
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "nothing is known about these people"), profile, title="Profile")
    points, low, high = (100 * shown[name].to_numpy() for name in ("difference", "difference_low", "difference_high"))
    sure = ((shown["at_least"] > 0) & ~shown["small"]).to_numpy(dtype=bool)
    places = np.arange(len(shown))
    ax.hlines(places, low, high, color=PALETTE[0], linewidth=1.6)
    for some, face in ((sure, PALETTE[0]), (~sure, "white")):
        ax.plot(points[some], places[some], "o", color=PALETTE[0], markerfacecolor=face, markersize=6)
    ax.axvline(0, color=FAINT, linewidth=1)
    ax.grid(axis="x", color=GRID)
    names = [f"{attribute}: {value}" for attribute, value in zip(shown["attribute"], shown["value"], strict=True)]
    drawing.rows(ax, names, width=34)
    _shares_beside(ax, shown)
    segment, base = shown["segment"].iloc[0], shown["base"].iloc[0]
    title = f"{drawing.short(segment, 32)} against {drawing.short(base, 32)}"
    known = f"n = {int(shown['known'].max()):,} against {int(shown['base_known'].max()):,}"
    hollow = "" if sure.all() else "; hollow: perhaps none"
    return drawing.finish(ax, profile, title=title, xlabel=f"difference in percentage points ({known}){hollow}")


def _one_of_two(ranked: pd.DataFrame) -> pd.DataFrame:
    """Of an attribute with two values only the one that is more common than in the base: the other says the same."""
    both = ranked.groupby("attribute")["value"].transform("size") == 2
    whole = ranked.groupby("attribute")["share"].transform("sum") > 1 - 1e-9
    return ranked[~(both & whole) | (ranked["difference"] > 0)]


def _shares_beside(ax: Axes, shown: pd.DataFrame) -> None:
    """The two shares at the right edge of each line."""
    texts = [f"{share:.0%} : {base:.0%}" for share, base in zip(shown["share"], shown["base_share"], strict=True)]
    for place, words in enumerate(texts):
        ax.annotate(
            words,
            (1, place),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=FAINT,
        )


def _cell(value: float, kind: str) -> str:
    if np.isnan(value):
        return "–"
    if kind == "lift":
        return f"{value:.1f}"
    return f"{value:,.0f}" if kind == "count" else f"{100 * value:.0f}"


def _everybody(intersections: pd.DataFrame) -> int:
    """How many people there are, from any line's number and share."""
    line = intersections.iloc[0]
    return round(int(line["people"]) / float(line["share"])) if line["share"] else 0


def _starred(names: pd.Series, small: pd.Series) -> list[str]:
    return [f"{drawing.short(name, 26)} *" if few else str(name) for name, few in zip(names, small, strict=True)]


def _noted(label: str, small: pd.Series) -> str:
    return f"{label}; {SMALL_NOTE}" if small.any() else label
