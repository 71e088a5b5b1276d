"""Which deals a table is about: filters, one currency, groups, a window of days, and the day it counts from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS
from crmkit.topics.arrays import among
from crmkit.topics.checked import checked
from crmkit.topics.lineage import carried
from crmkit.topics.pipelines.deals import DAY, DELIVERED, LOST, OTHER, PENDING, WON
from crmkit.topics.shapes import Names, as_day, known_words, named, one_of, wanted

PLACED = ("sales_pipeline_id", "sales_pipeline")
OWNED = ("owner_id", "owner")
SOURCED = ("source_id", "source")
GROUPS: dict[str, tuple[str, ...]] = {"pipeline": PLACED, "owner": OWNED, "source": SOURCED, "month": ("month",)}
VALUES = ("total_amount", "amount", "total_margin", "margin")
MONEY = (
    "amount",
    "total_amount",
    "cost",
    "total_cost",
    "margin",
    "total_margin",
    "weighted_amount",
    "weighted_total",
)
STATES = (PENDING, WON, LOST, DELIVERED, OTHER)
FILTERS = ("pipelines", "owners", "sources", "currency")
FILTERED = ("deal_id", *PLACED, "pipeline", *OWNED, *SOURCED, "currency")


@checked
def choose(
    deals: pd.DataFrame,
    *,
    pipelines: Names = None,
    owners: Names = None,
    sources: Names = None,
    states: Names = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """The deals that fit all filters; every table takes the result.

    Parameters
    deals: the frame of load(). pipelines: sales pipelines, owners, sources: each one or a list, by id or by name; None: all.
    states: pending, won, lost, in delivery, other. currency: deals of this currency only.

    Returns the same columns and dtypes, with the receipt. A name that no deal has gives no lines; what looks like a slip in one
    that there is raises ParameterError, and so does a state that is none. Source: OnePageCRM sheet,
    section 5 (sales pipelines, status).
    """
    for state in wanted(states):
        one_of(state, STATES, "states")
    kept = _fitting(deals, pipelines=pipelines, owners=owners, sources=sources, currency=currency)
    if states is not None:
        kept &= deals["state"].isin(wanted(states))
    return carried(deals[kept].reset_index(drop=True), [deals])


def _fitting(
    deals: pd.DataFrame, pipelines: Names = None, owners: Names = None, sources: Names = None, currency: str | None = None
) -> pd.Series[bool]:
    """Which deals the filters leave."""
    kept = pd.Series(True, index=deals.index)
    if pipelines is not None:
        kept &= named(deals, PLACED, pipelines, "pipeline", beside=deals.get("pipeline"))
    if owners is not None:
        kept &= named(deals, OWNED, owners, "owner", lists="deals['owner'].unique()")
    if sources is not None:
        kept &= named(deals, SOURCED, sources, "lead source")
    if currency is not None:
        known_words([currency], deals["currency"], (), "currency", like=0.6)
        kept &= deals["currency"] == currency
    return kept


def filtered(table: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """A table with the filters of choose() as further keywords, so that one call says all; those it has of its own stay its own.

    Of two fetches, deals are kept that fit in either, so that a deal that changed hands is not taken for a new one.
    """
    own = inspect.signature(table)
    more = [one for name, one in inspect.signature(choose).parameters.items() if name in FILTERS and name not in own.parameters]
    signature = own.replace(parameters=[*own.parameters.values(), *more])

    @functools.wraps(table)
    def narrowed(*given: Any, **keywords: Any) -> pd.DataFrame:
        arguments = signature.bind(*given, **keywords).arguments
        filters = {one.name: arguments.pop(one.name, None) for one in more}
        if any(names is not None for names in filters.values()):
            frames = {name: arguments[name] for name in ("deals", "before", "after") if name in arguments}
            both = pd.concat([frame.filter(items=FILTERED) for frame in frames.values()], ignore_index=True)
            fitting = both.loc[_fitting(both, **filters), "deal_id"]
            arguments |= {name: carried(frame[among(frame["deal_id"], fitting)], [frame]) for name, frame in frames.items()}
        return table(**arguments)

    narrowed.__dict__["__signature__"] = signature
    return checked(narrowed)


@checked
def convert(deals: pd.DataFrame, currency: str, rates: Mapping[str, float]) -> pd.DataFrame:
    """The deals with all money in one currency, which the tables can then add up.

    Parameters
    deals: the frame of load() or together(). currency: the one to convert into. rates: what one unit of each other currency is worth
    in it, such as {"USD": 0.92} for EUR.

    Returns the same columns and dtypes, with the receipt. Raises ParameterError for a currency without a rate, deals without a
    currency among them, and for a rate that is no number above 0, or of the currency itself not 1. The OnePageCRM sheet, section 5
    (currencies), forbids adding without rates; crmkit has none of its own.
    """
    worth = {currency: 1.0, **{name: float(rate) for name, rate in rates.items()}}
    found = deals["currency"].fillna("no currency")
    odd = sorted(name for name, rate in worth.items() if not 0 < rate < float("inf") or (name == currency and rate != 1))
    if odd:
        raise ParameterError(
            f"the rate of {', '.join(odd)} cannot be.", hint=f"a rate is what one unit is worth in {currency}: a number above 0."
        )
    lacking = sorted(set(found) - set(worth))
    if lacking:
        raise ParameterError(f"there is no rate for {', '.join(lacking)}.", hint="give rates={currency: worth of one unit}.")
    factor = found.map(worth).astype("float64")
    changed = {name: deals[name] * factor for name in MONEY}
    return carried(deals.assign(**changed, currency=pd.array([currency] * len(deals), dtype="string")), [deals])


def one_currency(deals: pd.DataFrame) -> str | None:
    """The currency of the deals, None where none is known. Raises ParameterError where there are several."""
    found = deals["currency"].unique().tolist()
    if len(found) > 1:
        names = ", ".join(sorted("no currency" if pd.isna(name) else str(name) for name in found))
        raise ParameterError(
            f"amounts in different currencies ({names}) cannot be added.",
            hint="choose(deals, currency=...) takes one of them; convert(deals, currency, rates) takes rates of yours.",
        )
    return None if not found or pd.isna(found[0]) else str(found[0])


def day_of(deals: pd.DataFrame, today: Any) -> pd.Timestamp:
    """The day a table counts from: the given one, else the one that load() wrote beside the receipt; never the clock's."""
    known = deals.attrs.get(ATTRS, {}).get("today") if today is None else today
    if known is None:
        raise ParameterError("the day to count from is not known.", hint="pass today=, such as today='2024-06-15'.")
    return as_day(known, "today")


def within(days: pd.Series[Any], start: Any, end: Any) -> pd.Series[bool]:
    """Which days lie from start to end, both included; without any bound all do, missing days among them."""
    kept = pd.Series(True, index=days.index)
    if start is not None:
        kept &= days >= as_day(start, "start")
    if end is not None:
        kept &= days <= as_day(end, "end")
    return kept


def value_of(value: str) -> str:
    """The column that a value is read from. Raises ParameterError for a name that is no value."""
    return one_of(value, VALUES, "value")


def month_of(days: pd.Series[Any]) -> pd.Series[Any]:
    """The first day of the calendar month of each day; missing where the day is."""
    return pd.Series(days.dt.to_period("M").dt.to_timestamp(), dtype=DAY)


def key_columns(by: Names) -> list[str]:
    """The columns that lines are grouped by: id and name of pipeline, owner or source, or the month."""
    names = wanted(by)
    for name in names:
        if name not in GROUPS:
            raise ParameterError(f"deals cannot be grouped by {name!r}.", hint=f"by is one of {', '.join(GROUPS)}, or a list.")
    return [column for name in names for column in GROUPS[name]]
