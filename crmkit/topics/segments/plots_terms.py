"""Picture of which part of memberships was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.drawing import GRID

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
def plot_retention(retention: pd.DataFrame, *, top: int = 4, ax: Axes | None = None) -> Axes:
    """Which part of the memberships that ended was kept, over time, with its interval; a line per group where there are several.

    retention: what retention() returns. top: how many groups at most, those with most terms. Hollow marks rest on fewer than ten
    terms and no line leads to them; what is not over yet is not shown. Intervals are drawn where there is one group.
    """
    ax = drawing.axes(ax)
    drawing.needs(retention, ("ending", "terms", "rate", "rate_low", "rate_high", "over", "small"), "retention()")
    names = list(retention.columns[1 : retention.columns.get_loc("terms")])
    shown = retention[retention["over"].fillna(False)]
    title = "Memberships that were kept, by when they ended"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no membership has ended yet"), retention, title=title)
    group = shown[names].map(_word).agg(" · ".join, axis=1) if names else pd.Series("", index=shown.index)
    largest = shown.groupby(group)["terms"].sum().sort_values(ascending=False, kind="stable").index[:top]
    for place, name in enumerate(largest):
        own, look = shown[group == name], drawing.line(place)
        days, rate, small = own["ending"].to_numpy(), own["rate"].to_numpy(), own["small"].to_numpy(dtype=bool)
        if len(largest) == 1:
            ax.vlines(days, own["rate_low"], own["rate_high"], color=drawing.PALETTE[3], linewidth=2.4)
        ax.plot(days[~small], rate[~small], **look, label=drawing.short(name, 26))
        ax.plot(days[small], rate[small], look["marker"], color=look["color"], markerfacecolor="white", markersize=6)
    _per_cent(ax)
    drawing.month_ticks(ax)
    if len(largest) > 1:
        drawing.legend(ax, columns=2)
    several = group.nunique()
    words = [drawing.counted(int(shown["terms"].sum()), "memberships that ended")]
    words += ["bar: interval"] if len(largest) == 1 else []
    words += ["hollow: fewer than 10"] if shown["small"].any() else []
    words += [f"{len(largest)} of {several} groups"] if several > len(largest) else []
    return drawing.finish(ax, retention, title=title, xlabel="; ".join(words), ylabel="per cent kept")


def _word(value: Any) -> str:
    """What a group is called; of a URI the last part."""
    return "unknown" if pd.isna(value) else str(value).rstrip("/").rpartition("/")[2]


def _per_cent(ax: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
    ax.set_ylim(-0.03, 1.05)
    ax.grid(axis="y", color=GRID)
