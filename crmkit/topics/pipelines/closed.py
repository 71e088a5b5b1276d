"""Tables of what was won and lost: win rate, deal size, cycle length and reasons.

Definitions: OnePageCRM sheet, section 5. Closed means won or lost; closed deals go by their close date, both ends of a window
included. A closed deal without a close date counts while no window is given and is left out of every window; it is always in
the count undated. All are pure: no I/O, no clock. Sums over nothing are 0.0, counts 0, rates and averages over nothing NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.intervals import MIN_N, share, small, wilson
from crmkit.topics.lineage import carried
from crmkit.topics.pipelines.choose import filtered, key_columns, month_of, one_currency, value_of, within
from crmkit.topics.pipelines.deals import LOST, WON
from crmkit.topics.pipelines.parts import Part, known, mean, median, narrow, per_group
from crmkit.topics.shapes import Dtypes, Names, typed

STARTS = {"date": "opened", "created_at": "created"}
OUTCOMES = {"won": (WON,), "lost": (LOST,), "both": (WON, LOST)}

COUNTS = dict.fromkeys(("won", "lost", "closed", "undated"), "Int64")
RATES = dict.fromkeys(("rate", "rate_low", "rate_high"), "float64")
WORTH = dict.fromkeys(("value_won", "value_lost"), "float64")
VALUE_RATES = dict.fromkeys(("value_rate", "value_rate_low", "value_rate_high"), "float64")
LAST = {"small": "boolean", "currency": "string"}
CYCLES: Dtypes = {
    "deals": "Int64",
    "measured": "Int64",
    "mean_days": "float64",
    "median_days": "float64",
    "negative_cycles": "Int64",
    "missing_cycles": "Int64",
}


def closed_deals(deals: pd.DataFrame, start: Any, end: Any) -> pd.DataFrame:
    """Won and lost deals of the window and all undated ones, with inside (whether it counts) and the month it closed in."""
    found = narrow(deals[deals["state"].isin([WON, LOST])])
    inside = within(found["closed"], start, end)
    return found.assign(inside=inside, month=month_of(found["closed"]))[inside | found["closed"].isna()]


def ratio(part: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[float]:
    """Part / whole as float64, negative values too; NaN where the whole is 0."""
    numbers = whole.astype("float64")
    return part.astype("float64") / numbers.where(numbers != 0)


def finished(table: pd.DataFrame, by: Names, shape: Dtypes, min_n: int, currency: str | None, counted: str) -> pd.DataFrame:
    """The table with its mark of small groups and its currency, in the declared order."""
    marked = table.assign(small=small(table[counted], min_n), currency=pd.array([currency] * len(table), dtype="string"))
    return marked[[*key_columns(by), *shape]].astype(shape)


@filtered
def win_rate(
    deals: pd.DataFrame,
    *,
    by: Names = None,
    start: Any = None,
    end: Any = None,
    value: str = "total_amount",
    level: float = 0.95,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """How many of the closed deals were won, by count and by value.

    Parameters
    deals: the frame of load(). by: pipeline (sales pipeline), owner, source, month (of the close date) or a list of them. start, end:
    first and last close date. value: total_amount, amount, total_margin or margin. level: of the intervals. min_n: groups with fewer
    closed deals are marked small.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per group, one in all without by: won, lost, closed, undated (Int64); rate = won / (won + lost), with rate_low and
    rate_high (Wilson interval); value_won, value_lost (in currency) and value_rate = value won / value won and lost, with
    value_rate_low and value_rate_high (float64); small (boolean), currency (string). The interval by value is Wilson's on as many
    deals as the values are worth, (sum of values)² / sum of their squares, because a few large deals tell less than many equal ones;
    it is an approximation, and missing where values are negative. Pending deals never enter. Without closed deals rates are NaN, by
    value also where all values are 0. Raises ParameterError for several currencies. Source: OnePageCRM sheet, section 5 (win rate).
    """
    value, currency = value_of(value), one_currency(deals)
    found = closed_deals(deals, start, end)
    table = per_group(found, by, lambda part: wins(part, value), COUNTS | WORTH | {"trials": "float64"})
    shape = COUNTS | RATES | WORTH | VALUE_RATES | LAST
    return carried(finished(with_rates(table, level), by, shape, min_n, currency, "closed"), [deals])


def wins(part: Part, value: str) -> dict[str, Any]:
    """Counts and values of closed deals; trials is how many equal deals the values are worth."""
    inside = part.where(part["inside"])
    won, values = inside["state"] == WON, inside[value]
    worth, squares = inside.total(value), float(np.nansum(values**2))
    fits = squares > 0 and not (values < 0).any()
    return {
        "won": int(won.sum()),
        "lost": int((~won).sum()),
        "closed": len(inside),
        "undated": int(np.isnat(part["closed"]).sum()),
        "value_won": inside.where(won).total(value),
        "value_lost": inside.where(~won).total(value),
        "trials": worth**2 / squares if fits else float("nan"),
    }


def with_rates(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Win rates by count and by value, with their intervals."""
    rate, value_rate = ratio(table["won"], table["closed"]), ratio(table["value_won"], table["value_won"] + table["value_lost"])
    low, high = wilson(table["won"], table["closed"], level)
    value_low, value_high = wilson(value_rate * table["trials"], table["trials"], level)
    return table.assign(
        rate=rate, rate_low=low, rate_high=high, value_rate=value_rate, value_rate_low=value_low, value_rate_high=value_high
    )


@filtered
def deal_size(
    deals: pd.DataFrame,
    *,
    by: Names = None,
    start: Any = None,
    end: Any = None,
    value: str = "total_amount",
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """How large a won deal is on average, with and without deals of 0.

    Parameters as for win_rate(); small marks groups with fewer than min_n won deals.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per group: won, zero_value (Int64: won deals worth 0, which is also what an unfilled amount looks like), undated
    (Int64, of won deals), total, average = total / won with zeros included, average_without_zeros, median, largest (float64, in
    currency); small, currency. Averages are NaN where nothing was won. Raises ParameterError for several currencies.
    Source: OnePageCRM sheet, section 5 (average deal size).
    """
    value, currency = value_of(value), one_currency(deals)
    found = closed_deals(deals, start, end)
    counts = dict.fromkeys(("won", "zero_value", "undated"), "Int64")
    sums = dict.fromkeys(("total", "average", "average_without_zeros", "median", "largest"), "float64")
    table = per_group(found[found["state"] == WON], by, lambda part: sizes(part, value), counts | sums)
    return carried(finished(table, by, counts | sums | LAST, min_n, currency, "won"), [deals])


def sizes(part: Part, value: str) -> dict[str, Any]:
    """Values of the won deals among closed ones."""
    won = part.where(part["state"] == WON)
    counted = won.where(won["inside"])
    values = counted[value]
    return {
        "won": len(values),
        "zero_value": int((values == 0).sum()),
        "undated": int(np.isnat(won["closed"]).sum()),
        "total": counted.total(value),
        "average": mean(values),
        "average_without_zeros": mean(values[values != 0]),
        "median": median(values),
        "largest": float(known(values).max(initial=-np.inf)) if len(known(values)) else float("nan"),
    }


@filtered
def cycle_length(
    deals: pd.DataFrame,
    *,
    by: Names = None,
    outcome: str = "won",
    since: str = "date",
    start: Any = None,
    end: Any = None,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """How many days deals took from their start to their close date.

    Parameters
    deals, by, start, end: as for win_rate(). outcome: won, lost or both. since: date (the editable first day of a deal, and the day of
    created_at where it has none) or created_at (the day it was typed in). min_n: groups with fewer measured deals are marked small.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per group: deals, measured (Int64); mean_days, median_days (float64; opened and closed on one day is 0); how many
    were left out of both because they closed before they began (negative_cycles) or lack a day (missing_cycles), Int64; small.
    deals = measured + negative_cycles + missing_cycles; deals without a close date are counted missing in every window. Days are
    calendar days in the account's zone. NaN where nothing is measured. Source: OnePageCRM sheet, section 5 (dates, cycle length).
    """
    states = OUTCOMES.get(outcome)
    if states is None or since not in STARTS:
        raise ParameterError(
            f"no cycle length for outcome={outcome!r}, since={since!r}.",
            hint=f"outcome is one of {', '.join(OUTCOMES)}; since is one of {', '.join(STARTS)}.",
        )
    found = closed_deals(deals, start, end)
    table = per_group(found[found["state"].isin(states)], by, lambda part: cycles(part, since), CYCLES)
    shape = CYCLES | {"small": "boolean"}
    return carried(finished(table, by, shape, min_n, None, "measured"), [deals])


def cycles(part: Part, since: str = "date") -> dict[str, Any]:
    """Days from start to close date of closed deals."""
    days = np.floor((part["closed"] - part[STARTS[since]]) / np.timedelta64(1, "D"))
    measured = days[days >= 0]
    return {
        "deals": len(part),
        "measured": len(measured),
        "mean_days": mean(measured),
        "median_days": median(measured),
        "negative_cycles": int((days < 0).sum()),
        "missing_cycles": int(np.isnan(days).sum()),
    }


REASONS: Dtypes = {
    "reason_id": "string",
    "reason": "string",
    "lost": "Int64",
    "share": "float64",
    "share_low": "float64",
    "share_high": "float64",
    "value_lost": "float64",
    **LAST,
}


@filtered
def reasons(
    deals: pd.DataFrame,
    *,
    start: Any = None,
    end: Any = None,
    value: str = "total_amount",
    names: Mapping[str, str] | None = None,
    level: float = 0.95,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """Why deals were lost, the most frequent reason first.

    Parameters
    deals, start, end, value, level: as for win_rate(). names: reason_id -> text, from the app; OnePageCRM has no call that lists
    reasons, so without it only ids are known. min_n: with fewer lost deals in all, every line is marked small.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per reason: reason_id, reason (string; both missing for deals lost without a reason), lost (Int64), share = lost /
    all lost deals of the window, with share_low and share_high (Wilson interval), value_lost (float64, in currency), small, currency.
    Source: OnePageCRM sheet, section 5 (reasons).
    """
    value, currency = value_of(value), one_currency(deals)
    found = closed_deals(deals, start, end)
    lost = found[found["inside"] & (found["state"] == LOST)]
    grouped = lost.groupby("reason_id", dropna=False)[value].agg(["size", "sum"]).reset_index()
    grouped = grouped.sort_values(["size", "sum", "reason_id"], ascending=[False, False, True], ignore_index=True)
    count, whole = grouped["size"].to_numpy("float64"), np.full(len(grouped), len(lost))
    low, high = wilson(count, whole, level)
    columns = {
        "reason_id": grouped["reason_id"],
        "reason": [(names or {}).get(key) if isinstance(key, str) else None for key in grouped["reason_id"]],
        "lost": grouped["size"],
        "share": share(count, whole),
        "share_low": low,
        "share_high": high,
        "value_lost": grouped["sum"],
        "small": small(whole, min_n),
        "currency": [currency] * len(count),
    }
    return carried(typed(columns, REASONS), [deals])
