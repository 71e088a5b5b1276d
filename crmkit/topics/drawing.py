"""How all pictures are drawn: colours and hatches that also read in grey, plain text, a mark on what is incomplete.

matplotlib is imported inside the functions, so that a topic can be imported without it. No global style is touched, no pyplot state
is left: without an Axes a figure of its own is made, which a notebook shows where the Axes, or its figure, ends a cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS, from_dict

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.text import Text

SIZE = (6.5, 4.0)
TITLE = 54  # characters of a title that fit beside long names at this size; longer ones wrap
LABEL = 52  # characters of a label that fit under the picture beside long names; a longer one ends at the right edge
MANY = 24  # bars that are drawn one by one
INK, FAINT, GRID, ALARM = "#1d2a35", "#6b7680", "#dfe5e9", "#b00020"

# How a number stands in a cell of a matrix; it takes no part in the layout, since it never reaches outside.
CELL: Mapping[str, Any] = {"ha": "center", "va": "center", "in_layout": False}

# Six hues that differ to colour-blind eyes; their lightness differs too (L* 22, 71, 45, 83, 59, 33), so they also differ in grey.
PALETTE = ("#12355b", "#e69f00", "#b5482a", "#b5d3e7", "#2a9d8f", "#5b3a86")
HATCHES = ("", "///", "...", "", "xx", "\\\\\\")
DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")


def axes(ax: Axes | None = None, *, size: tuple[float, float] = SIZE) -> Axes:
    """The Axes to draw on: the given one, or that of a new figure which a notebook shows. size: inches, of a new figure."""
    if ax is None:
        from crmkit.topics.canvas import new_axes

        ax = new_axes(size)
    # First of all, while there is one tick: those that follow are made so, and need not all be changed.
    ax.tick_params(labelsize=8.5, labelcolor=INK, color=FAINT)
    return ax


def bar(place: int) -> dict[str, Any]:
    """How the bars of the place-th series look: colour and hatch, for Axes.bar and Axes.barh."""
    return {
        "color": PALETTE[place % len(PALETTE)],
        "hatch": HATCHES[place % len(HATCHES)],
        "edgecolor": "white",
        "linewidth": 0.6,
    }


def bars(
    ax: Axes, places: Any, lengths: Any, *, width: Any, begin: Any = 0.0, label: str = "", across: bool = False, **look: Any
) -> None:
    """As Axes.bar with a bottom, or across as Axes.barh with a left; of numbers, whose room is looked for once instead of bar by bar.

    Many bars are one artist, made and drawn in less than half the time, and upright ones that follow in the same picture too.
    """
    places, lengths, begin, width = (np.asarray(each, dtype="float64") for each in (places, lengths, begin, width))
    low, long, first, wide = np.broadcast_arrays(places - width / 2, lengths, begin, width)
    x, y, size = (first, low, (long, wide)) if across else (low, first, (wide, long))
    if len(low) > MANY or (ax.collections and not across):
        drawn: Sequence[Artist] = [_as_one(ax, x, y, *size, label=label, **look)]
    else:
        drawn = _one_by_one(ax, x, y, *size, label=label, orientation="horizontal" if across else "vertical", **look)
    for place, one in enumerate(drawn):  # bars stand on the axis
        edges = one.sticky_edges.x if across else one.sticky_edges.y
        edges.extend(first[place : place + 1] if len(drawn) > 1 else np.unique(first))
    ax.autoscale_view()


def _as_one(ax: Axes, x: Any, y: Any, width: Any, height: Any, *, label: str, color: str, **look: Any) -> Artist:
    from matplotlib.collections import PolyCollection

    right, top = x + width, y + height
    corners = np.array([[x, y], [x, top], [right, top], [right, y]]).transpose(2, 0, 1)
    return ax.add_collection(PolyCollection(list(corners), label=label, facecolor=color, **look))


def _one_by_one(
    ax: Axes,
    x: Any,
    y: Any,
    width: Any,
    height: Any,
    *,
    label: str,
    orientation: Literal["vertical", "horizontal"],
    color: str,
    **look: Any,
) -> Sequence[Artist]:
    from matplotlib.container import BarContainer
    from matplotlib.patches import Rectangle

    drawn = [
        Rectangle((left, below), wide, high, label="_nolegend_", facecolor=color, **look)
        for left, below, wide, high in zip(x, y, width, height, strict=True)
    ]
    for one in drawn:
        ax.add_artist(one)
    ax.add_container(BarContainer(drawn, label=label, orientation=orientation))
    ax.update_datalim(np.concatenate([np.column_stack([x, y]), np.column_stack([x + width, y + height])]))
    return drawn


def beside(ax: Axes, words: str, at: tuple[Any, Any], away: tuple[float, float], **look: Any) -> Text:
    """Words some points away from a place in the data. Axes.annotate() would ask three times whether the place is to be seen."""
    from matplotlib.transforms import ScaledTranslation

    figure: Any = ax.figure
    shift = ScaledTranslation(away[0] / 72, away[1] / 72, figure.dpi_scale_trans)
    return ax.text(*at, words, transform=ax.transData + shift, **look)


def line(place: int) -> dict[str, Any]:
    """How the line of the place-th series looks: colour, dashes and marker, for Axes.plot."""
    return {
        "color": PALETTE[place % len(PALETTE)],
        "linestyle": DASHES[place % len(DASHES)],
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4,
        "linewidth": 1.8,
    }


def shades() -> Colormap:
    """From white for nothing to dark for most; for matrices, whose cells also hold their number."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("crmkit", ["#ffffff", PALETTE[0]])


def short(text: object, width: int = 28) -> str:
    """A name in one line of at most width characters; a longer one ends in an ellipsis."""
    whole = " ".join(str(text).split())
    return whole if len(whole) <= width else whole[: width - 1].rstrip() + "…"


def counted(number: int, noun: str = "") -> str:
    """How many things a picture stands for: n = 1,234 contacts."""
    return f"n = {number:,} {noun}".rstrip()


def rows(ax: Axes, names: Iterable[object], *, width: int = 28) -> Axes:
    """Names on the y axis, the first one on top, for horizontal bars and dots at 0, 1, 2, ..."""
    shown = [short(name, width) for name in names]
    ax.tick_params(axis="y", length=0, left=False)
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    return ax


def month_ticks(ax: Axes) -> Axes:
    """A time axis with as many dates as fit, the year only where it changes."""
    from matplotlib import dates

    look: Any = dates
    locator = look.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(look.ConciseDateFormatter(locator, show_offset=False))
    return ax


def empty(ax: Axes, why: str = "nothing to show") -> Axes:
    """A sentence in place of a picture without data."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.text(0.5, 0.5, why, transform=ax.transAxes, ha="center", va="center", color=FAINT)
    return ax


def legend(ax: Axes, *, columns: int = 3) -> Axes:
    """The legend below the picture, where it hides no data."""
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=columns,
        frameon=False,
        fontsize=8.5,
        handlelength=2.4,
        columnspacing=1.4,
    )
    return ax


def finish(ax: Axes, frame: pd.DataFrame, *, title: str, xlabel: str = "", ylabel: str = "") -> Axes:
    """Title, labels and quiet edges; the mark of an incomplete frame; and every text as it is, a $ in a name included.

    frame: what was drawn; its receipt decides about the mark. Call it last: it looks at all texts that are there.
    """
    pad = 18 if standing(frame)[0] else 6
    # With y given, matplotlib does not measure all ticks again and again to keep clear of an axis at the top: there is none.
    words = fill(title, TITLE, break_long_words=False)
    top = ax.set_title(words, loc="left", y=1.0, pad=pad, fontsize=10.5, fontweight="bold", color=INK)
    ax.set_xlabel(xlabel, color=INK, fontsize=9)
    beside_names = not ax.spines["left"].get_visible()
    if beside_names and max(map(len, xlabel.split("\n"))) > LABEL:
        ax.xaxis.label.set(x=1.0, horizontalalignment="right")
    ax.set_ylabel(ylabel, color=INK, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.set_axisbelow(True)
    mark(ax, frame)
    for text in (top, *_texts(ax)):
        text.set_parse_math(False)
    return ax


def _texts(ax: Axes) -> Iterator[Text]:
    """All texts of a picture that may hold a name. Axes.findobj would find them too, after it has made every tick that may be needed."""
    yield from ax.texts
    below = ax.get_legend()
    yield from below.get_texts() if below else ()
    for axis in (ax.xaxis, ax.yaxis):
        yield axis.label
        for tick in axis.majorTicks:
            yield tick.label1


def mark(ax: Axes, frame: pd.DataFrame) -> Axes:
    """Writes above the picture, below its title, that the frame is incomplete, a sample, or cannot be checked.

    Nothing where it is complete; nothing either where it has no receipt, since nothing is known then.
    """
    words, colour = standing(frame)
    if words:
        ax.annotate(
            words,
            (0, 1),
            (0, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left",
            va="bottom",
            fontsize=8.5,
            color=colour,
            fontweight="bold" if colour == ALARM else "normal",
        )
    return ax


def standing(frame: pd.DataFrame) -> tuple[str, str]:
    """What the mark of a frame says, and its colour; an empty text for a complete frame and for one without a receipt."""
    plain = frame.attrs.get(ATTRS)
    if not isinstance(plain, Mapping) or not plain:
        return "", FAINT
    proof = from_dict(plain)
    if proof.limited:
        return "INCOMPLETE: a sample (limit=)", ALARM
    if proof.complete is False:
        return "INCOMPLETE: records are missing", ALARM
    return ("", FAINT) if proof.complete else ("completeness cannot be checked", FAINT)


def needs(frame: pd.DataFrame, columns: Iterable[str], made_by: str) -> None:
    """Raises ParameterError where a frame is not the table that a picture is drawn from."""
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ParameterError(f"the frame lacks {', '.join(missing)}; this picture draws what {made_by} returns.")
