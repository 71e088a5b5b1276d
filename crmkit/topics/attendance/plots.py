"""Pictures of rates: what the invited answered, by weekday, hour, kind, group, event and month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import drawing
from crmkit.topics.attendance.choose import COUNTS, OF_PRESENCE, RATES
from crmkit.topics.attendance.tables import EVERY
from crmkit.topics.checked import checked
from crmkit.topics.shapes import WEEKDAYS, one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Rate -> what it is a share of, and what it says.
WORDS = {
    "response_rate": ("Answered yes or no", "share of the invited"),
    "yes_share_of_answers": ("Signed up", "share of those who answered"),
    "yes_share_of_invited": ("Signed up", "share of the invited"),
    "turnout": ("Came", "share of those recorded"),
    "no_show_rate": ("No-shows", "share of those recorded"),
}
LABELS = {"name": "event", "group": "group", "series_id": "series", "crm": "CRM"}
# What became of an invitation -> what it is called, and how its bars look: a yes calm, a no warm, no answer pale.
PARTS = {
    "attended": ("came", 0),
    "no_show": ("did not come", 1),
    "accepted": ("signed up", 4),
    "declined": ("said no", 2),
    "open": ("no answer", 3),
    "other": ("other", 5),
}
MOST = 20
WIDTH = 34
STEPS = {"month": "MS", "week": "W-MON"}


@checked
def plot_rates(table: pd.DataFrame, *, rate: str = "yes_share_of_invited", most: int = MOST, ax: Axes | None = None) -> Axes:
    """A rate per line of a table with its interval; hollow where the group is small.

    Parameters
    table: what rates(), by_weekday(), by_hour(), by_kind(), by_group() or by_event() returns. rate: response_rate,
    yes_share_of_answers, yes_share_of_invited, turnout or no_show_rate. most: show at most so many lines, the first ones. ax: where to
    draw; a new Figure if not given. Numbers at the right are the denominators. Lines without the rate are left out.
    """
    one_of(rate, RATES, "rate")
    ax = drawing.axes(ax)
    drawing.needs(table, [rate, RATES[rate][1], *COUNTS], "rates(), by_event() or by_group()")
    known = pd.DataFrame(table[table[rate].notna()])
    shown = known.head(most)
    cut = f"; first {len(shown)} of {len(known)}" if len(known) > len(shown) else ""
    return _dots(ax, table, shown, rate, f"{_title(rate)}, by {_noun(table)}", cut)


@checked
def plot_events(table: pd.DataFrame, *, rate: str = "yes_share_of_invited", most: int = 8, ax: Axes | None = None) -> Axes:
    """The events with the highest and the lowest rate, small ones left out.

    table: what by_event() returns. rate: as for plot_rates(). most: how many of each end.
    """
    one_of(rate, RATES, "rate")
    ax = drawing.axes(ax)
    drawing.needs(table, [rate, "event_id", "small"], "by_event()")
    solid = pd.DataFrame(table[table[rate].notna() & ~table[_mark(rate)].fillna(True).astype(bool)])
    ranked = solid.sort_values([rate, "start"], ascending=[False, True])
    if len(ranked) <= 2 * most:
        return _dots(ax, table, ranked, rate, f"{_title(rate)}, by event", f"; {len(ranked)} events")
    ends = pd.concat([ranked.head(most), ranked.tail(most)])
    ax.axhline(most - 0.5, color=drawing.FAINT, linewidth=0.8, linestyle=":")
    cut = f"; {most} highest, {most} lowest of {len(ranked)} events"
    return _dots(ax, table, ends, rate, f"{_title(rate)}, by event", cut)


def _dots(ax: Axes, table: pd.DataFrame, shown: pd.DataFrame, rate: str, title: str, cut: str) -> Axes:
    """A dot and its interval per line, the denominator at the right."""
    if shown.empty:
        return drawing.finish(drawing.empty(ax, f"no {rate.replace('_', ' ')} to show"), table, title=title)
    drawing.rows(ax, _names(shown), width=WIDTH)
    marks = shown[_mark(rate)].to_numpy(bool)
    for place, line in enumerate(shown.to_dict("records")):
        ax.plot([line[f"{rate}_low"], line[f"{rate}_high"]], [place, place], color=drawing.FAINT, linewidth=1.4, zorder=1)
        face = "white" if marks[place] else drawing.PALETTE[0]
        ax.plot(line[rate], place, "o", color=drawing.PALETTE[0], markerfacecolor=face, markersize=6, zorder=2)
    counts = shown[RATES[rate][1]]
    _beside(ax, counts)
    per_cent_axis(ax, float(shown[f"{rate}_high"].max()))
    hollow = "; hollow: small group" if marks.any() else ""
    note = f"per cent; line: interval{hollow}\nright: n, in all {int(counts.sum()):,}{cut}"
    return drawing.finish(ax, table, title=title, xlabel=note)


def _beside(ax: Axes, counts: pd.Series[int]) -> None:
    """Numbers along the right edge, inside the picture."""
    for place, count in enumerate(counts):
        ax.text(
            *(0.995, place, f"{int(count):,}"),
            transform=ax.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=8,
            color=drawing.FAINT,
        )


def _title(rate: str) -> str:
    """What a rate says and what it is a share of."""
    return ", ".join(WORDS[rate])


def _mark(rate: str) -> str:
    """The column that marks where a rate rests on few."""
    return "small_turnout" if rate in OF_PRESENCE else "small"


def _noun(table: pd.DataFrame) -> str:
    """What a line stands for, in words."""
    keys = _keys(table)
    return " and ".join(LABELS.get(name, name) for name in keys) if keys else "all events together"


def _keys(table: pd.DataFrame) -> list[str]:
    """The columns that name a line; of a group or an event its name, and not its number."""
    if "event_id" in table:
        return ["name"]
    return [str(name) for name in table.columns[: table.columns.get_loc("events")] if name != "group_id"]


def _names(table: pd.DataFrame) -> list[str]:
    """How each line is called."""
    if "event_id" in table:
        return event_names(table)
    parts = [[_word(name, value) for value in table[name]] for name in _keys(table)]
    return [", ".join(each) for each in zip(*parts, strict=True)] if parts else ["all"] * len(table)


def event_names(table: pd.DataFrame) -> list[str]:
    """Name and day of each event; the day also where the name is long."""
    both = zip(table["name"].fillna("unnamed"), table["start"], strict=True)
    return [drawing.short(name, WIDTH - 10) + ("" if pd.isna(start) else f" {start:%d-%m-%y}") for name, start in both]


def _word(column: str, value: Any) -> str:
    if pd.isna(value):
        return "unknown"
    if column == "hour":
        return f"{value:02d}:00"
    if column == "season":
        return f"{value}–{(value + 1) % 100:02d}"
    if column == "month":
        return f"{value:%b %Y}"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def per_cent_axis(ax: Axes, most: float, *, axis: str = "x") -> None:
    """A share from 0, as far as needed and with room for the numbers at the right, written in per cent."""
    from matplotlib.ticker import PercentFormatter

    one = ax.xaxis if axis == "x" else ax.yaxis
    one.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
    end = min(1.0, most) * 1.12 if axis == "x" else min(1.0, most * 1.08)
    (ax.set_xlim if axis == "x" else ax.set_ylim)(0, end)
    ax.grid(axis=axis, color=drawing.GRID, linewidth=0.8)  # type: ignore[arg-type]


@checked
def plot_answers(table: pd.DataFrame, *, most: int = MOST, ax: Axes | None = None) -> Axes:
    """What became of all invitations, as bars of 100 per cent, per line of a table.

    table: what rates(), by_weekday(), by_hour(), by_kind(), by_group() or by_event() returns. most: show at most so many lines, the
    first ones with an invitation. "Signed up" is a yes of which nobody recorded whether it was kept. Numbers at the right are n.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, COUNTS, "rates(), by_event() or by_group()")
    shown = pd.DataFrame(table[table["invited"] > 0]).head(most).reset_index(drop=True)
    title = f"What the invited answered, by {_noun(table)}"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "nobody was invited"), table, title=title)
    drawing.rows(ax, _names(shown), width=WIDTH)
    left = np.zeros(len(shown))
    whole = shown["invited"].to_numpy("float64")
    for name, (words, look) in PARTS.items():
        part = shown[name].fillna(0).to_numpy("float64") / whole
        if part.any():
            drawing.bars(ax, range(len(shown)), part, begin=left, width=0.7, label=words, across=True, **drawing.bar(look))
        left += part
    for place, count in enumerate(shown["invited"]):
        ax.text(1.01, place, f"{count:,}", va="center", fontsize=8, color=drawing.FAINT)
    per_cent_axis(ax, 1.0)
    ax.grid(visible=False)
    drawing.legend(ax, columns=6)
    n = drawing.counted(int(shown["invited"].sum()), "invitations")
    return drawing.finish(ax, table, title=title, xlabel=f"per cent of the invited; right: their number ({n})")


@checked
def plot_over_time(table: pd.DataFrame, *, rate: str = "yes_share_of_invited", ax: Axes | None = None) -> Axes:
    """A rate over days, weeks, months, seasons or years as a line, with the band of its interval.

    table: what over_time() returns. rate: as for plot_rates(). Gaps are times without the rate; hollow marks rest on a small group.
    """
    one_of(rate, RATES, "rate")
    ax = drawing.axes(ax)
    drawing.needs(table, [rate, RATES[rate][1], *COUNTS], "over_time()")
    column = _one_line_each(table, table.columns[:1], EVERY, "over_time()")[0]
    known = pd.DataFrame(table[table[rate].notna() & table[column].notna()])
    title = f"{_title(rate)}, by {column}"
    if known.empty:
        return drawing.finish(drawing.empty(ax, f"no {rate.replace('_', ' ')} to show"), table, title=title)
    told = _with_gaps(known.set_index(column), column)
    numbers = {end: told[f"{rate}{end}"].to_numpy("float64") for end in ("", "_low", "_high")}
    at = told.index.to_numpy("int64" if column in ("season", "year") else None)
    look = drawing.line(0)
    ax.fill_between(at, numbers["_low"], numbers["_high"], color=drawing.PALETTE[3], alpha=0.55, linewidth=0)
    ax.plot(at, numbers[""], **look)
    marks = told[_mark(rate)].fillna(False).to_numpy(bool)
    ax.plot(at[marks], numbers[""][marks], "o", color=look["color"], markerfacecolor="white", markersize=6)
    per_cent_axis(ax, float(known[f"{rate}_high"].max()), axis="y")
    if column in ("season", "year"):
        ax.set_xticks(at, [_word(column, value) for value in at])
    else:
        drawing.month_ticks(ax)
    n = drawing.counted(int(known[RATES[rate][1]].sum()))
    hollow = "; hollow: small group" if marks.any() else ""
    return drawing.finish(
        ax, table, title=title, xlabel=f"{column} of the local start; band: interval{hollow}; {n}", ylabel="per cent"
    )


def _one_line_each(table: pd.DataFrame, keys: Iterable[str], known: Iterable[str], made_by: str) -> list[str]:
    """The keys, if they are known ones and each has one line; else the table is another than the one that is drawn."""
    found = list(map(str, keys))
    if not set(found) <= set(known) or table.duplicated(found).any():
        raise ParameterError(f"the table is not by {' or '.join(known)} alone; this picture draws what {made_by} returns.")
    return found


def _with_gaps(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """With an empty line for each month or week that has none, so that no line is drawn across it."""
    if column not in STEPS:
        return table
    return table.reindex(pd.date_range(table.index.min(), table.index.max(), freq=STEPS[column]))


@checked
def plot_weekday_and_hour(table: pd.DataFrame, *, rate: str = "yes_share_of_invited", ax: Axes | None = None) -> Axes:
    """A rate per weekday and hour of the local start as a matrix; each cell holds per cent and n, in brackets where it is small.

    table: what by_weekday_and_hour() returns. rate: as for plot_rates().
    """
    one_of(rate, RATES, "rate")
    ax = drawing.axes(ax)
    drawing.needs(table, ["weekday", "hour", rate, RATES[rate][1]], "by_weekday_and_hour()")
    _one_line_each(table, ["weekday", "hour"], ["weekday", "hour"], "by_weekday_and_hour()")
    known = pd.DataFrame(table[table[rate].notna() & table["weekday"].notna()])
    title = f"{_title(rate)}, by weekday and hour"
    if known.empty:
        return drawing.finish(drawing.empty(ax, f"no {rate.replace('_', ' ')} to show"), table, title=title)
    hours = sorted(known["hour"].unique())
    days = [day for day in WEEKDAYS if day in set(known["weekday"])]
    grid = known.pivot(index="weekday", columns="hour", values=rate).reindex(index=days, columns=hours).to_numpy("float64")
    top = float(np.nanmax(grid)) or 1.0
    ax.imshow(np.ma.masked_invalid(grid), cmap=drawing.shades(), vmin=0, vmax=top, aspect="auto")
    is_small = _mark(rate)
    for line in known.to_dict("records"):
        text = f"{line[rate]:.0%}".rstrip("%")
        count = f"n={int(line[RATES[rate][1]])}"
        ax.text(
            hours.index(line["hour"]),
            days.index(line["weekday"]),
            f"({text})\n{count}" if line[is_small] else f"{text}\n{count}",
            fontsize=7 if len(hours) < 15 else 5.5,
            color="white" if line[rate] > 0.55 * top else drawing.INK,
            **drawing.CELL,
        )
    ax.set_xticks(range(len(hours)), [f"{hour:02d}" for hour in hours])
    ax.set_yticks(range(len(days)), days)
    bracket = "; in brackets: small group" if known[is_small].any() else ""
    n = drawing.counted(int(known[RATES[rate][1]].sum()))
    return drawing.finish(ax, table, title=title, xlabel=f"hour of the local start; per cent{bracket}; {n}")
