"""Pictures of shift coverage: each draws a table of this topic, on an Axes of yours or on one of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.coverage.choose import ZONE
from crmkit.topics.coverage.groups import CALENDAR, GROUPS
from crmkit.topics.shapes import WEEKDAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 100
MOST_ROWS, MOST_DATES = 16, 24
SPREAD = 45
UPPER = ": gaps are upper bounds"
MANY_STEPS = 200


def plot_gaps(frame: pd.DataFrame, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """The largest gaps: person-hours of each team, filled and open.

    frame: what gaps() returns; its first lines are drawn, at most so many as most says; the title says of how many. Beside each name stands the local day of the
    first shift, behind each bar the people lacking and needed.
    """
    drawing.needs(frame, ("rank", "of", "team", "gap", "gap_hours", "needed_hours", "day"), "gaps()")
    ax = drawing.axes(ax)
    part = frame.head(most)
    if part.empty:
        drawing.empty(ax, "no team lacks people")
    else:
        days = part["day"].dt.strftime("%-d %b %Y").fillna("no shift")
        drawing.rows(ax, [f"{drawing.short(team, 24)}, {day}" for team, day in zip(part["team"], days, strict=True)], width=44)
        places = np.arange(len(part))
        filled = (part["needed_hours"] - part["gap_hours"]).to_numpy()
        ax.barh(places, filled, height=0.7, label="filled", **drawing.bar(0))
        ax.barh(places, part["gap_hours"], left=filled, height=0.7, label="open", **drawing.bar(1))
        for place, total, gap, needed in zip(places, part["needed_hours"], part["gap"], part["needed"], strict=True):
            ax.annotate(
                f"{gap:,} of {needed:,}", (total, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
            )
        ax.set_xlim(0, 1.14 * max(part["needed_hours"].max(), 1))
        _legend(ax)
    lacking = int(frame["of"].iloc[0]) if len(frame) else 0
    shown = f", the first {len(part):,}" if len(part) < lacking else ""
    drawing.finish(
        ax,
        frame,
        title=f"Teams that lack people: {lacking:,}{shown}",
        xlabel=f"person-hours; behind the bars: people lacking of people needed{_bound(frame, UPPER)}",
    )
    return _to_the_right(ax)


def plot_windows(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Person-hours needed over time: filled, open, and beyond the need.

    frame: what by_window() returns. Filled and open add up to what is needed; surpluses of single teams stand on top.
    """
    drawing.needs(frame, ("start", "end", "day", "needed_hours", "gap_hours", "surplus_hours"), "by_window()")
    ax = drawing.axes(ax)
    needed, gap, surplus = (frame[f"{name}_hours"].to_numpy() for name in ("needed", "gap", "surplus"))
    if not len(frame) or not needed.sum() + surplus.sum():
        drawing.empty(ax, "no shifts")
    else:
        begin = frame["day"] + pd.to_timedelta(frame["hour"].astype("int64"), unit="h")
        days = (frame["length_hours"] / 24).to_numpy()
        parts = [("filled", needed - gap, 0), ("open", gap, 1), ("beyond the need", surplus, 3)]
        base = np.zeros(len(frame))
        for label, heights, look in parts:
            if not heights.any():
                continue
            if len(frame) <= MOST_BARS:
                ax.bar(begin, heights, bottom=base, width=days, align="edge", label=label, **drawing.bar(look))
            else:
                edges = [*begin, begin.iloc[-1] + pd.Timedelta(days=days[-1])]
                lower, upper = np.append(base, base[-1]), np.append(base + heights, (base + heights)[-1])
                ax.fill_between(edges, lower, upper, step="post", label=label, color=drawing.PALETTE[look], linewidth=0)
            base = base + heights
        ax.set_ylim(0, 1.05 * base.max())
        drawing.month_ticks(ax)
        _legend(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    share = "" if not needed.sum() else f", {100 * (1 - gap.sum() / needed.sum()):.0f}% filled"
    return drawing.finish(
        ax,
        frame,
        title=f"Person-hours needed per {_every(frame)}: {needed.sum():,.0f}{share}",
        xlabel=f"start of the {_every(frame)}, local time; {drawing.counted(len(frame), f'{_every(frame)}s')}{_bound(frame, UPPER)}",
        ylabel="person-hours",
    )


def plot_steps(frame: pd.DataFrame, *, zone: str = ZONE, ax: Axes | None = None) -> Axes:
    """Heads needed and enrolled at every moment; what single teams lack is hatched.

    frame: what steps() returns, best of a few days (start=, end=). zone: of the time axis.
    """
    drawing.needs(frame, ("start", "end", "needed", "enrolled", "gap"), "steps()")
    ax = drawing.axes(ax)
    if frame.empty:
        drawing.empty(ax, "no shifts")
    else:
        from matplotlib import dates

        look: Any = dates
        times = [*frame["start"], frame["end"].iloc[-1]]
        heads = {name: np.append(frame[name].to_numpy(dtype="float64"), 0.0) for name in ("needed", "enrolled", "gap")}
        ax.fill_between(times, heads["enrolled"], step="post", color=drawing.PALETTE[3], linewidth=0, label="enrolled")
        ax.fill_between(
            *(times, heads["needed"], heads["needed"] - heads["gap"]),
            step="post",
            facecolor="none",
            edgecolor=drawing.PALETTE[1],
            hatch="////",
            linewidth=0,
            label="open in single teams",
        )
        ax.step(
            times,
            heads["needed"],
            where="post",
            color=drawing.PALETTE[0],
            linewidth=1.6 if len(frame) <= MANY_STEPS else 0.5,
            label="needed",
        )
        locator = look.AutoDateLocator(tz=ZoneInfo(zone), minticks=3, maxticks=8)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(look.ConciseDateFormatter(locator, tz=ZoneInfo(zone), show_offset=False))
        ax.set_ylim(0, 1.05 * max(heads["needed"].max(), heads["enrolled"].max(), 1))
        _legend(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    top = int(frame["needed"].max()) if len(frame) else 0
    return drawing.finish(
        ax,
        frame,
        title=f"Heads over time: at most {top:,} needed at once",
        xlabel=f"local time ({zone}); {drawing.counted(len(frame), 'steps')}{_bound(frame, UPPER)}",
        ylabel="heads",
    )


def plot_week(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """The usual week: which share of the needed person-hours is open, by weekday and hour.

    frame: what week_pattern() returns. Pale numbers rest on too few clock hours to read much into (small); hours of the day in which
    nobody is ever needed are left out at both ends.
    """
    drawing.needs(frame, ("weekday", "hour", "filled_share", "windows", "small"), "week_pattern()")
    ax = drawing.axes(ax)
    share = 100 * (1 - frame["filled_share"].to_numpy().reshape(-1, 24)) if len(frame) else np.full((7, 24), np.nan)
    used = np.flatnonzero(~np.isnan(share).all(axis=0))
    if not len(used):
        drawing.empty(ax, "no shifts")
    else:
        small = frame["small"].to_numpy(dtype=bool).reshape(-1, 24)
        low, high = int(used[0]), int(used[-1])
        edges = np.arange(low, high + 2) - 0.5
        sure = np.where(small, np.nan, share)[:, low : high + 1]
        look: dict[str, Any] = {"cmap": drawing.shades(), "vmin": 0, "vmax": 100, "edgecolors": "white", "linewidth": 0.5}
        ax.pcolormesh(edges, np.arange(8) - 0.5, sure, **look)
        for day, hour in np.argwhere(~np.isnan(share)):
            dark = share[day, hour] > 55 and not small[day, hour]
            colour = drawing.FAINT if small[day, hour] else "white" if dark else drawing.INK
            ax.text(hour, day, f"{share[day, hour]:.0f}", ha="center", va="center", fontsize=6.5, color=colour)
        drawing.rows(ax, [day[:3] for day in WEEKDAYS])
        ax.set_ylim(6.5, -0.5)
        ax.set_xticks(range(low, high + 1, 2))
    total, gap = frame["needed_hours"].sum(), frame["gap_hours"].sum()
    return drawing.finish(
        ax,
        frame,
        title=f"Open share of the needed person-hours, in %: {100 * gap / total:.0f} in all"
        if total
        else "Open share of person-hours",
        xlabel=f"hour of the day, local; pale: few hours; n = {total:,.0f} person-hours needed{_bound(frame, UPPER)}",
    )


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
        _legend(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    odd = int(frame["odd"].notna().sum())
    left_out = f", {odd:,} odd ones left out" if odd else ""
    return drawing.finish(
        ax,
        frame,
        title=f"Checked in against the plan: {int(frame['present'].sum()):,} of {len(frame):,} expected",
        xlabel=f"minutes; {drawing.counted(len(frame), 'enrolments')}{left_out}{_bound(frame)}",
        ylabel="enrolments",
    )


def _to_the_right(ax: Axes) -> Axes:
    """The text under the axis ends at its right end: beside long names it would run out of the picture."""
    ax.xaxis.label.set(x=1.0, horizontalalignment="right")
    return ax


def _legend(ax: Axes) -> None:
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
    return _to_the_right(drawing.finish(ax, frame, title=title, xlabel=f"{what}{star}{rest}{_bound(frame, meaning)}"))


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


def _every(frame: pd.DataFrame) -> str:
    """The usual length of the windows, in words."""
    length = float(frame["length_hours"].median()) if len(frame) else 24.0
    return {1.0: "hour", 24.0: "day", 168.0: "week"}.get(length, "month" if 670 < length < 750 else "window")


def _bound(frame: pd.DataFrame, meaning: str = "") -> str:
    """A second line under the axis: how many people were asked about, and what it means if these are not all."""
    if not len(frame):
        return ""
    told = frame.iloc[0]
    scanned = int(told["collaborators_scanned"])
    if bool(told["ids_complete"]):
        return f"\nall {scanned:,} collaborators asked about"
    return f"\n{scanned:,} collaborators asked about, perhaps not all{meaning}"
