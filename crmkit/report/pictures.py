"""Drawing of the report's pictures, in shades that also read in grey; and a figure as SVG for a page."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from crmkit.report.parts import Picture

INK, DARK, MID, LIGHT = "#1d2a35", "#1f5673", "#8fb3c7", "#e3eaee"
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 10,
    "svg.fonttype": "none",
    "svg.hashsalt": "crmkit",
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": "#9aa7b0",
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
}


def can_draw() -> bool:
    """Whether matplotlib is there (extra notebooks)."""
    return find_spec("matplotlib") is not None


def svg(picture: Picture, prefix: str) -> str:
    """The picture as an svg element for an HTML page; prefix keeps the ids of two pictures apart."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=picture.size, layout="constrained")
        picture.draw(figure)
        text = io.StringIO()
        silent = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=silent)
    inner = text.getvalue()
    # Inside a page an svg element needs no prologue, and no namespace that looks like an address to load.
    inner = re.sub(r' xmlns(:\w+)?="[^"]*"', "", inner[inner.index("<svg") :]).replace("xlink:href", "href")
    inner = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", inner)
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', '<svg aria-hidden="true" focusable="false"', inner, count=1)


def answers(figure: Figure, weekdays: pd.DataFrame, months: pd.DataFrame) -> None:
    """Left the three answers of all invited by weekday, right two rates by month."""
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.15])
    _stacked(left, weekdays)
    _lines(right, months)


def _stacked(ax: Axes, weekdays: pd.DataFrame) -> None:
    places = range(len(weekdays))
    start = [0.0] * len(weekdays)
    for answer, colour, ink in (("yes", DARK, "white"), ("no", MID, INK), ("no_answer", LIGHT, INK)):
        share = (100 * weekdays[answer].astype("float64") / weekdays["invited"].astype("float64")).tolist()
        ax.barh(places, share, left=start, color=colour, height=0.72, label=answer.replace("_", " "))
        for place, before, part in zip(places, start, share, strict=True):
            if part >= 8:
                ax.text(before + part / 2, place, f"{part:.0f}", ha="center", va="center", color=ink, fontsize=9)
        start = [before + part for before, part in zip(start, share, strict=True)]
    ax.set_yticks(list(places), weekdays["weekday"].tolist())
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel("per cent of the invited")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_title("Team activities by weekday", pad=26)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, frameon=False, fontsize=9, handlelength=1.1, borderpad=0.2)


def _lines(ax: Axes, months: pd.DataFrame) -> None:
    days = [stamp.to_pydatetime() for stamp in months["month"]]
    lines: tuple[tuple[str, str, str, Any], ...] = (
        ("response_rate", "response rate", MID, "--"),
        ("yes_share_of_answers", "yes share of answers", DARK, "-"),
    )
    for name, label, colour, dashes in lines:
        ax.plot(days, 100 * months[name], color=colour, linestyle=dashes, marker="o", markersize=4, linewidth=2, label=label)
    ax.set_ylim(0, 100)
    ax.set_ylabel("per cent")
    ax.grid(axis="y", color=LIGHT)
    ax.set_title("Team activities by month", pad=26)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=2, frameon=False, fontsize=9, borderpad=0.2)
    _month_ticks(ax)


def _month_ticks(ax: Axes) -> None:
    from matplotlib import dates

    look: Any = dates
    locator = look.MonthLocator(bymonth=(1, 4, 7, 10))
    formats = ["%Y", "%b", "%d", "%H", "%M", "%S"]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(look.ConciseDateFormatter(locator, formats=formats, show_offset=False))


def segments(figure: Figure, contacts: pd.DataFrame, shared: pd.DataFrame) -> None:
    """Left the sizes, right the share of each line's members that is also in the column's segment."""
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.25], sharey=True)
    places, members = range(len(contacts)), contacts["members"].astype("int64").tolist()
    left.barh(places, members, color=DARK, height=0.72)
    for place, count in zip(places, members, strict=True):
        left.annotate(f"{count:,}", (count, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
    left.set_yticks(list(places), contacts["segment"].tolist())
    left.invert_yaxis()
    left.set_xlim(0, max(members, default=1) * 1.15 or 1)
    left.set_xlabel("contacts")
    left.spines["left"].set_visible(False)
    left.tick_params(axis="y", length=0)
    left.set_title("Members")
    _matrix(right, shared)


def _matrix(ax: Axes, shared: pd.DataFrame) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    counts = shared.to_numpy(dtype="float64")
    sizes = counts.diagonal()
    share = 100 * counts / sizes.clip(min=1)[:, None]
    edges = [place - 0.5 for place in range(len(shared) + 1)]
    shades = LinearSegmentedColormap.from_list("ink", ["#ffffff", DARK])
    ax.pcolormesh(edges, edges, share, cmap=shades, vmin=0, vmax=100, edgecolors="white", linewidth=1)
    for line in range(len(shared)):
        for column in range(len(shared)):
            text = "–" if sizes[line] == 0 else f"{share[line, column]:.0f}"
            ax.text(column, line, text, ha="center", va="center", fontsize=9, color="white" if share[line, column] > 55 else INK)
    ax.set_xticks(range(len(shared)), [str(name) for name in shared], rotation=35, ha="right", rotation_mode="anchor")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title("Of the line's members, per cent also in …")
