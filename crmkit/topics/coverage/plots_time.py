"""Pictures of coverage over time: windows, heads at every moment, the usual week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import ZONE
from crmkit.topics.coverage.everything import micros
from crmkit.topics.coverage.plots import UPPER, bound, legend_below
from crmkit.topics.shapes import WEEKDAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS, MANY_STEPS = 100, 200
FINEST = 1500  # windows that can be told apart in a picture; of more, the highest of neighbours is drawn


@checked
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
        axis: Any = ax.xaxis
        axis.update_units(begin)
        middle = axis.convert_units(begin.to_numpy()) + days / 2
        parts = [("filled", needed - gap, 0), ("open", gap, 1), ("beyond the need", surplus, 3)]
        base = np.zeros(len(frame))
        for label, heights, look in parts:
            if not heights.any():
                continue
            if len(frame) <= MOST_BARS:
                drawing.bars(ax, middle, heights, begin=base, width=days, label=label, **drawing.bar(look))
            else:
                # Each from the axis up, the lowest in front: thin spikes keep the colours of all parts.
                first = np.arange(0, len(frame), 1 + len(frame) // FINEST)
                edges = np.append(begin.to_numpy()[first], (begin.iloc[-1:] + pd.Timedelta(days=days[-1])).to_numpy())
                upper = np.maximum.reduceat(base + heights, [*first, len(frame) - 1])
                ax.fill_between(
                    edges, upper, step="post", label=label, color=drawing.PALETTE[look], linewidth=0.5, zorder=2 - look / 9
                )
            base = base + heights
        ax.set_ylim(0, 1.05 * base.max())
        drawing.month_ticks(ax)
        legend_below(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    share = "" if not needed.sum() else f", {100 * (1 - gap.sum() / needed.sum()):.0f}% filled"
    return drawing.finish(
        ax,
        frame,
        title=f"Person-hours needed per {_every(frame)}: {needed.sum():,.0f}{share}",
        xlabel=f"start of the {_every(frame)}, local time; {drawing.counted(len(frame), f'{_every(frame)}s')}{bound(frame, UPPER)}",
        ylabel="person-hours",
    )


@checked
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
        times = np.append(micros(frame["start"]), micros(frame["end"].iloc[-1:])).astype("datetime64[us]")
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
        legend_below(ax)
        ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    top = int(frame["needed"].max()) if len(frame) else 0
    return drawing.finish(
        ax,
        frame,
        title=f"Heads over time: at most {top:,} needed at once",
        xlabel=f"local time ({zone}); {drawing.counted(len(frame), 'steps')}{bound(frame, UPPER)}",
        ylabel="heads",
    )


@checked
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
            ax.text(hour, day, f"{share[day, hour]:.0f}", fontsize=6.5, color=colour, **drawing.CELL)
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
        xlabel=f"hour of the day, local; pale: few hours; n = {total:,.0f} person-hours needed{bound(frame, UPPER)}",
    )


def _every(frame: pd.DataFrame) -> str:
    """The usual length of the windows, in words."""
    length = float(frame["length_hours"].median()) if len(frame) else 24.0
    return {1.0: "hour", 24.0: "day", 168.0: "week"}.get(length, "month" if 670 < length < 750 else "window")
