"""Tables that put open and closed deals side by side: sales velocity, and everything per owner, source or pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.intervals import MIN_N
from crmkit.topics.lineage import carried
from crmkit.topics.pipelines.choose import day_of, filtered, one_currency, value_of
from crmkit.topics.pipelines.closed import (
    COUNTS,
    LAST,
    RATES,
    VALUE_RATES,
    WORTH,
    closed_deals,
    cycles,
    finished,
    ratio,
    sizes,
    wins,
    with_rates,
)
from crmkit.topics.pipelines.deals import DELIVERED, PENDING, WON
from crmkit.topics.pipelines.parts import Part, narrow, per_group
from crmkit.topics.shapes import Dtypes, Names

VELOCITY: Dtypes = {
    "pending": "Int64",
    "in_delivery": "Int64",
    "won": "Int64",
    "lost": "Int64",
    "rate": "float64",
    "average_won": "float64",
    "mean_days": "float64",
    "velocity": "float64",
    "reason": "string",
}


@filtered
def velocity(
    deals: pd.DataFrame,
    *,
    by: Names = None,
    today: Any = None,
    days: int = 365,
    value: str = "total_amount",
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """What the open deals bring a day, going by how deals of the last year went.

    Parameters
    deals: the frame of load(). by: pipeline, owner, source or a list of them. today: last day of the window; by default the day of
    load(). days: length of the window in days, today included. value: as for win_rate(). min_n: groups with fewer closed deals are
    marked small.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per group: pending (open deals as of the fetch), in_delivery (pending ones in delivery, left out), won, lost (closed
    in the window) as Int64; rate = won / (won + lost), average_won (mean value of won deals, zeros included), mean_days (mean cycle
    of won deals), velocity = pending × rate × average_won / mean_days (float64, currency a day); reason (string): why velocity is NaN,
    missing where it is not; small, currency. Raises ParameterError for several currencies.
    Source: OnePageCRM sheet, section 5 (sales velocity).
    """
    value, currency, last = value_of(value), one_currency(deals), day_of(deals, today)
    table = per_group(_side_by_side(deals, last, days), by, lambda part: _speed(part, value), VELOCITY | {"closed": "Int64"})
    return carried(finished(table, by, VELOCITY | LAST, min_n, currency, "closed"), [deals])


def _side_by_side(deals: pd.DataFrame, last: pd.Timestamp, days: int) -> pd.DataFrame:
    """Pending deals, and the closed ones of the window that ends on the last day."""
    closed = closed_deals(deals, last - pd.Timedelta(days=days - 1), last)
    held = narrow(deals[deals["state"].isin([PENDING, DELIVERED])]).assign(inside=False)
    return pd.concat([held, closed[closed["inside"]].drop(columns="month")])


def _speed(part: Part, value: str) -> dict[str, Any]:
    """The factors of the velocity and their product."""
    closed = part.where(part["inside"])
    win, size, cycle = wins(closed, value), sizes(closed, value), cycles(closed.where(closed["state"] == WON))
    rate = win["won"] / win["closed"] if win["closed"] else float("nan")
    reason = _hindrance(win, cycle)
    pending = int((part["state"] == PENDING).sum())
    return {
        "pending": pending,
        "in_delivery": int((part["state"] == DELIVERED).sum()),
        "won": win["won"],
        "lost": win["lost"],
        "closed": win["closed"],
        "rate": rate,
        "average_won": size["average"],
        "mean_days": cycle["mean_days"],
        "velocity": float("nan") if reason else pending * rate * size["average"] / cycle["mean_days"],
        "reason": reason,
    }


def _hindrance(win: dict[str, Any], cycle: dict[str, Any]) -> str | None:
    """Why there is no velocity, or None."""
    if not win["closed"]:
        return "no deal was won or lost in the window"
    if not win["won"]:
        return "no deal was won in the window"
    if not cycle["measured"]:
        return "no won deal of the window has a cycle length"
    return "won deals took 0 days on average" if cycle["mean_days"] == 0 else None


BREAKDOWN: Dtypes = {
    "pending": "Int64",
    "overdue": "Int64",
    "total_pending": "float64",
    "weighted_total": "float64",
    "share_pending": "float64",
    **COUNTS,
    **RATES,
    **WORTH,
    **VALUE_RATES,
    "share_won": "float64",
    "average_won": "float64",
    "mean_days": "float64",
    "median_days": "float64",
    **LAST,
}


@filtered
def breakdown(
    deals: pd.DataFrame,
    *,
    by: Names = "owner",
    start: Any = None,
    end: Any = None,
    value: str = "total_amount",
    today: Any = None,
    level: float = 0.95,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """Open and closed deals of each owner, source or pipeline beside each other.

    Parameters
    deals: the frame of load(). by: owner, source, pipeline or a list of them. start, end, value, level, min_n: as for win_rate();
    they are about closed deals. today: the day overdue is counted from; by default the day of load().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per group: pending, overdue (Int64, open deals outside delivery), total_pending (of value), weighted_total and
    share_pending (float64, of total_pending of all groups); won, lost, closed, undated, rate, value_won, value_lost, value_rate and
    their intervals as in win_rate(); share_won (of value_won of all groups); average_won, mean_days, median_days (of won deals);
    small (fewer than min_n closed deals), currency. Deals without an owner or a source are a line of their own, so parts sum to the
    whole. A source is that of the deal's primary contact as of the fetch. A difference between groups that lies inside the intervals
    is none. Raises ParameterError for several currencies. Source: OnePageCRM sheet, section 5 (people, win rate, amounts).
    """
    value, currency, day = value_of(value), one_currency(deals), day_of(deals, today)
    closed = closed_deals(deals, start, end)
    held = narrow(deals[deals["state"] == PENDING]).assign(inside=False)
    shape = {name: dtype for name, dtype in BREAKDOWN.items() if name not in LAST} | {"trials": "float64"}

    def measure(part: Part) -> dict[str, Any]:
        pending, done = part.where(part["state"] == PENDING), part.where(part["state"] != PENDING)
        size, cycle = sizes(done, value), cycles(done.where(done["inside"] & (done["state"] == WON)))
        blank = dict.fromkeys(shape)
        found = {
            "pending": len(pending),
            "overdue": int((pending["expected"] < day.to_datetime64()).sum()),
            "total_pending": pending.total(value),
            "weighted_total": pending.total("weighted_total"),
            "average_won": size["average"],
            "mean_days": cycle["mean_days"],
            "median_days": cycle["median_days"],
        }
        return blank | wins(done, value) | found

    table = with_rates(per_group(pd.concat([held, closed.drop(columns="month")]), by, measure, shape), level)
    for part, share in (("total_pending", "share_pending"), ("value_won", "share_won")):
        table[share] = ratio(table[part], pd.Series(np.full(len(table), table[part].sum()), table.index))
    return carried(finished(table, by, BREAKDOWN, min_n, currency, "closed"), [deals])
