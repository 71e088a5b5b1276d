"""Pictures of what is open: funnel, delivery, forecast, overdue, multi-month deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.pipelines.wording import MOST, currency_of, money, named, thousands

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VALUES = {"weighted_total": "total_amount", "weighted_amount": "amount", "weighted_margin": "total_margin"}
WORDS = {"total_amount": "total amount", "amount": "amount a month", "total_margin": "total margin"}
PALE = drawing.PALETTE[3]
ROWS, LENGTHS = 26, 8


@checked
def plot_funnel(frame: pd.DataFrame, *, value: str = "weighted_total", ax: Axes | None = None) -> Axes:
    """Open deals by stage of each pipeline: what they are worth, and the part of it that the stage makes likely.

    frame: what funnel() returns. value: weighted_total (whole contracts) or weighted_amount (a month). Numbers beside the bars are
    deals.
    """
    drawing.needs(frame, ("stage", "declared", value, "deals"), "funnel()")
    ax = drawing.axes(ax)
    plain = _plain_of(value)
    frame, note = _fitting(frame)
    places = _stage_rows(ax, frame)
    drawing.bars(ax, places, frame[plain], width=0.7, color=PALE, edgecolor="white", label=WORDS[plain], across=True)
    drawing.bars(ax, places, frame[value], width=0.7, across=True, **drawing.bar(0), label="weighted by stage / 100")
    _counts(ax, places, frame[plain], frame["deals"])
    if len(frame):
        drawing.legend(ax)
    count = int(frame["deals"].sum())
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title=f"Open deals by stage: {drawing.counted(count)}, weighted {money(frame, frame[value].sum())}",
        xlabel=f"{WORDS[plain]}, {currency_of(frame)}; {drawing.counted(count, 'open deals')}{note}",
    )


@checked
def plot_delivery(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Deals in delivery by stage of each pipeline, as numbers of deals.

    frame: what delivery() returns. Dark are deals whose status is won, hatched those that say pending.
    """
    drawing.needs(frame, ("stage", "declared", "pending", "won"), "delivery()")
    ax = drawing.axes(ax)
    frame, note = _fitting(frame)
    places = _stage_rows(ax, frame)
    won, pending = frame["won"].astype("float64"), frame["pending"].astype("float64")
    drawing.bars(ax, places, won, width=0.7, across=True, **drawing.bar(0), label="status won")
    drawing.bars(ax, places, pending, begin=won, width=0.7, across=True, **drawing.bar(1), label="status pending")
    if len(frame):
        drawing.legend(ax)
        ax.margins(x=0.05)
    count = int(frame["deals"].sum())
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title="What is being delivered, by stage",
        xlabel=f"deals; {drawing.counted(count)}{note}",
    )


def _plain_of(value: str) -> str:
    if value not in VALUES:
        raise ParameterError(f"{value!r} is not drawn.", hint=f"value is one of {', '.join(VALUES)}.")
    return VALUES[value]


def _fitting(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The pipelines with most deals, as many as have room, and a note where that is not all."""
    sizes = (
        frame.groupby("pipeline_id", dropna=False, sort=False)["deals"].agg(["sum", "size"]).sort_values("sum", ascending=False)
    )
    room = sizes["size"].add(1).cumsum() <= ROWS
    room.iloc[:1] = True
    part = frame[frame["pipeline_id"].isin(sizes.index[room])]
    return part, "" if room.all() else f" ({room.sum()} of {len(sizes)} pipelines)"


def _stage_rows(ax: Axes, frame: pd.DataFrame) -> list[float]:
    """Where the bar of each line stands: pipelines below each other, each under its name; nothing to show where there is none."""
    if frame.empty:
        drawing.empty(ax, "no stages")
        return []
    places: list[float] = []
    ticks: dict[float, str] = {}
    row, last = -1.0, None
    for line in frame.to_dict("records"):
        key = named(line["pipeline_id"], "")
        if key != last:
            row += 0.0 if last is None else 0.4
            row, last = row + 1, key
            title = drawing.short(named(line["pipeline"], "unknown pipeline"))
            ax.text(0.0, row + 0.12, f" {title}", fontsize=8.5, fontweight="bold", color=drawing.INK, va="center")
        row += 1
        places.append(row)
        ticks[row] = _stage_name(line)
    drawing.rows(ax, ticks.values())
    ax.set_yticks(list(ticks), list(map(drawing.short, ticks.values())))
    ax.set_ylim(row + 0.6, -0.6)
    return places


def _stage_name(line: dict[Any, Any]) -> str:
    if pd.isna(line["stage"]):
        return "no stage"
    label = named(line["label"], "no label" if line["declared"] else "stage removed")
    return f"{drawing.short(label, 20)} {line['stage']} %"


def _counts(ax: Axes, places: list[float], ends: pd.Series[Any], counts: pd.Series[Any]) -> None:
    """The number of deals beside each bar that has any."""
    for place, end, count in zip(places, ends, counts, strict=True):
        if count:
            drawing.beside(ax, f"{count:,}", (end, place), (3, 0), va="center", fontsize=8, color=drawing.INK)


@checked
def plot_forecast(frame: pd.DataFrame, *, value: str = "weighted_total", ax: Axes | None = None) -> Axes:
    """What open deals may bring by month of their expected close date: weighted, before the unweighted value.

    frame: what forecast() returns without by. value: weighted_total (whole contracts), weighted_amount (a month) or weighted_margin.
    Hatched months hold overdue deals; deals without a date have a bar of their own at the right.
    """
    drawing.needs(frame, ("month", value, "overdue", "in_delivery"), "forecast()")
    ax, plain = drawing.axes(ax), _plain_of(value)
    if len(frame) != frame["month"].nunique(dropna=False):
        raise ParameterError("the forecast is grouped; its months would cover each other.", hint="draw forecast() without by=.")
    kept = int(frame["in_delivery"].sum())
    frame = frame[frame["month"].notna() | (frame["deals"] > 0)]
    sold, places = int(frame["deals"].sum()), range(len(frame))
    late = frame["overdue"].gt(0).tolist()
    look = [drawing.bar(1 if each else 0) for each in late]
    drawing.bars(ax, places, frame[plain], width=0.8, label=f"{WORDS[plain]}, unweighted", color=PALE, edgecolor="white")
    for name, wanted in (("weighted", False), ("weighted, month with overdue deals", True)):
        chosen = [place for place in places if late[place] == wanted]
        if chosen:
            drawing.bars(ax, chosen, frame[value].iloc[chosen], width=0.8, label=name, **look[chosen[0]])
    if not len(frame):
        drawing.empty(ax, "no open deals")
    else:
        _month_names(ax, frame["month"])
        drawing.legend(ax)
    return drawing.finish(
        thousands(ax, "y"),
        frame,
        title=f"Forecast by expected month: {money(frame, frame[value].sum())} weighted",
        xlabel=f"expected close; {drawing.counted(sold, 'open deals')}{f', {kept:,} in delivery left out' if kept else ''}",
        ylabel=f"{WORDS[plain]}, {currency_of(frame)}",
    )


def _month_names(ax: Axes, months: pd.Series[Any]) -> None:
    """As many months as fit, and the bar of deals without a date."""
    step = max(1, -(-len(months) // 9))
    names = {place: f"{month:%b %y}" for place, month in enumerate(months) if not pd.isna(month) and place % step == 0}
    if months.isna().any():
        names[len(months) - 1] = "no date"
        if step > 1:
            names.pop(len(months) - 2, None)
    ax.set_xticks(list(names), list(names.values()))


@checked
def plot_overdue(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """The longest overdue open deals, by days since they were expected to close; what each is worth beside its bar.

    frame: what overdue() returns; at most 18 deals are drawn.
    """
    drawing.needs(frame, ("days_overdue", "total_amount", "name"), "overdue()")
    ax = drawing.axes(ax)
    part = frame.head(MOST)
    if part.empty:
        drawing.empty(ax, "no deal is overdue")
    else:
        places = list(range(len(part)))
        drawing.rows(ax, [named(name, "no name") for name in part["name"]], width=34)
        drawing.bars(ax, places, part["days_overdue"].astype("float64"), width=0.7, across=True, **drawing.bar(0))
        for place, days, worth in zip(places, part["days_overdue"], part["total_amount"], strict=True):
            drawing.beside(ax, f"{worth:,.0f}", (days, place), (3, 0), va="center", fontsize=8)
        ax.margins(x=0.14)
    note = "" if len(part) == len(frame) else f", the {len(part)} longest drawn"
    return drawing.finish(
        thousands(ax, "x"),
        frame,
        title=f"Overdue open deals: {drawing.counted(len(frame))}, worth {money(frame, frame['total_amount'].sum())}",
        xlabel=f"days overdue, with the amount in {currency_of(frame)}; {drawing.counted(len(frame), 'deals')}{note}",
    )


@checked
def plot_multi_month(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """What deals of each length are worth in total: won, open and lost beside each other; numbers above the bars, if few, are deals.

    frame: what multi_month() returns.
    """
    drawing.needs(frame, ("state", "months", "total_amount"), "multi_month()")
    ax = drawing.axes(ax)
    lengths = sorted(frame["months"].dropna().unique().tolist())
    states = [state for state in ("won", "pending", "lost") if (frame["state"] == state).any()]
    width, crowded = 0.8 / max(len(states), 1), len(lengths) > LENGTHS
    for rank, state in enumerate(states):
        part = frame[frame["state"] == state]
        places = [lengths.index(months) + (rank - (len(states) - 1) / 2) * width for months in part["months"]]
        drawing.bars(ax, places, part["total_amount"], width=width, label=state, **drawing.bar(rank))
        for place, end, count in zip(places, part["total_amount"], part["deals"], strict=True) if not crowded else ():
            drawing.beside(ax, f"{count:,}", (place, end), (0, 2), ha="center", fontsize=7.5)
    if lengths:
        every = range(0, len(lengths), 1 + len(lengths) // (2 * LENGTHS))
        ax.set_xticks(every, [_length(lengths[place], crowded) for place in every])
        drawing.legend(ax)
    else:
        drawing.empty(ax, "no deals")
    drawn = frame[frame["state"].isin(states)]
    count, several = int(drawn["deals"].sum()), int(drawn.loc[drawn["multi_month"].astype(bool), "deals"].sum())
    return drawing.finish(
        thousands(ax, "y"),
        frame,
        title=f"Deals by length: {several:,} of {count:,} run for several months",
        xlabel="months" if crowded else "",
        ylabel=f"total amount, {currency_of(frame)}",
    )


def _length(months: int, crowded: bool) -> str:
    return str(months) if crowded else "one-off" if months == 1 else f"{months} months"
