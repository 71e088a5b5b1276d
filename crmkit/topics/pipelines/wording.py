"""Words that the pictures share: names of groups, money with its currency, how many lines fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from crmkit.topics import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMES = {"sales_pipeline": "pipeline", "owner": "owner", "source": "source", "month": "month"}
MOST = 18


def named(key: Any, otherwise: str) -> str:
    """A name, or what stands for a missing one."""
    return otherwise if pd.isna(key) else str(key)


def groups(table: pd.DataFrame) -> list[str]:
    """What each line of a grouped table is about; a month as 2024-06, one line without groups as all deals."""
    columns = [name for name in NAMES if name in table]
    if not columns:
        return ["all deals"] * len(table)
    parts = [_texts(table[name], NAMES[name]) for name in columns]
    return [" · ".join(words) for words in zip(*parts, strict=True)]


def _texts(names: pd.Series[Any], noun: str) -> list[str]:
    if noun == "month":
        return [named(text, "no close date") for text in names.dt.strftime("%Y-%m")]
    return [named(name, f"no {noun}") for name in names]


def by(table: pd.DataFrame) -> str:
    """What a table is grouped by, for a title: " by owner", or nothing."""
    nouns = [noun for name, noun in NAMES.items() if name in table]
    return f" by {' and '.join(nouns)}" if nouns else ""


def most(table: pd.DataFrame, size: str) -> pd.DataFrame:
    """As many lines as a picture has room for: the newest months, else the largest groups, in their order."""
    if len(table) <= MOST:
        return table
    if "month" in table:
        return table.tail(MOST)
    return table.loc[sorted(table[size].astype("float64").nlargest(MOST).index)]


def mark_size(part: pd.DataFrame) -> float:
    """How large two marks of a line can be without touching those of the next."""
    return 6.5 if len(part) <= 10 else 4.5


def shown(part: pd.DataFrame, whole: pd.DataFrame, what: str) -> str:
    """A note for a label where not everything is drawn."""
    return "" if len(part) == len(whole) else f" ({len(part)} of {len(whole)} {what})"


def currency_of(table: pd.DataFrame) -> str:
    """The currency of a table, for a label."""
    found = table["currency"].dropna().unique().tolist()
    return str(found[0]) if found else "account currency"


def money(table: pd.DataFrame, worth: float) -> str:
    """An amount for a title, with its currency where that is known."""
    found = table["currency"].dropna().unique().tolist()
    return " ".join([f"{worth:,.0f}", *map(str, found[:1])])


def thousands(ax: Axes, axis: Literal["x", "y"]) -> Axes:
    """Whole numbers with commas on the x or y axis of a picture with bars or dots; an axis of zeros goes from 0 to 1."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    if not ax.has_data():
        return ax
    chosen, limits = (ax.xaxis, ax.get_xlim()) if axis == "x" else (ax.yaxis, ax.get_ylim())
    if max(map(abs, limits)) < 1:
        (ax.set_xlim if axis == "x" else ax.set_ylim)(0, 1)
    chosen.set_major_locator(MaxNLocator(nbins=6, integer=True))
    chosen.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.grid(axis=axis, color=drawing.GRID, linewidth=0.8)
    return ax


def share_axis(ax: Axes) -> Axes:
    """An x axis from 0 to 100 per cent, for rates between 0 and 1."""
    from matplotlib.ticker import PercentFormatter

    ax.set_xlim(-0.02, 1.02)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    return ax
