"""Tables of what is open: funnel, delivery, forecast, overdue; and two about all deals: multi-month deals and oddities.

Definitions: OnePageCRM sheet, section 5. Open means pending and not in a delivery pipeline; there a stage is no chance of winning.
All are pure: no I/O, no clock. Sums over nothing are 0.0, counts 0, shares of nothing NaN.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.lineage import carried
from crmkit.topics.pipelines.choose import day_of, filtered, month_of, one_currency, within
from crmkit.topics.pipelines.deals import DAY, DELIVERED, DELIVERY, ODDITIES, PENDING, WON
from crmkit.topics.pipelines.parts import Part, narrow, parted, per_group
from crmkit.topics.shapes import Dtypes, Names, named, typed, wanted

PLACE: Dtypes = {"pipeline_id": "string", "pipeline": "string", "stage": "Int64", "label": "string"}
DECLARED: Dtypes = PLACE | {"declared": "boolean"}
SUMS = ("amount", "total_amount", "weighted_amount", "weighted_total")


def _shape(counts: tuple[str, ...], sums: tuple[str, ...], rates: tuple[str, ...] = ()) -> Dtypes:
    """Counts as Int64, sums and rates as float64, then the currency."""
    return dict.fromkeys(counts, "Int64") | dict.fromkeys((*sums, *rates), "float64") | {"currency": "string"}


def _sums(part: Part, names: tuple[str, ...]) -> dict[str, float]:
    return {name: part.total(name) for name in names}


@filtered
def funnel(deals: pd.DataFrame, stages: pd.DataFrame, *, pipelines: Names = None) -> pd.DataFrame:
    """Open deals by stage, for each sales pipeline.

    Parameters
    deals, stages: frames of load(). pipelines: only these, by id or name.
    owners, sources, currency: only these deals, as for choose().

    Returns a line per stage, the first stage first, also of stages without deals; a stage that the pipeline no longer has stands in
    its place with declared False and without a label, a deal without a stage comes last. pipeline_id, pipeline, label (string; the
    label of a declared stage may be missing too), stage (Int64, percent), declared (boolean); deals, no_chance (Int64; the latter have no stage between 1 and 99 and are in no weighted sum); amount and weighted_amount (a
    month), total_amount and weighted_total (whole contract; float64, in currency); share (float64, of the deals of the pipeline; NaN
    where it has none). By the pipeline a deal is in now, because stages belong to that one. It is a picture of today: OnePageCRM
    keeps no stage history, so no conversion from stage to stage can be known; see moved().
    Raises ParameterError for several currencies. Source: OnePageCRM sheet, section 5 (stage, weighted value).
    """
    shape = _shape(("deals", "no_chance"), SUMS, ("share",))
    return _by_stage(deals[deals["state"] == PENDING], stages[stages["kind"] != DELIVERY], pipelines, _open, shape, deals)


def _open(part: Part) -> dict[str, Any]:
    return {"deals": len(part), "no_chance": int(np.isnan(part["chance"]).sum()), **_sums(part, SUMS)}


@filtered
def delivery(deals: pd.DataFrame, stages: pd.DataFrame, *, pipelines: Names = None) -> pd.DataFrame:
    """Deals in delivery by stage, for each delivery pipeline: progress of work that is sold.

    Parameters and order of lines as in funnel().
    owners, sources, currency: only these deals, as for choose().

    Returns pipeline_id, pipeline, label (string), stage (Int64, percent), declared (boolean); deals, and how many of them say pending and won (Int64);
    amount (a month), total_amount (float64, in currency), share (float64, of the deals of the pipeline). Nothing is weighted: the
    stage is no chance. Source: OnePageCRM sheet, section 5 (sales and delivery pipelines).
    """
    shape = _shape(("deals", "pending", "won"), SUMS[:2], ("share",))
    return _by_stage(deals[deals["kind"] == DELIVERY], stages[stages["kind"] == DELIVERY], pipelines, _delivered, shape, deals)


def _delivered(part: Part) -> dict[str, Any]:
    said = {word: int((part["state"] == state).sum()) for word, state in ((PENDING, DELIVERED), (WON, WON))}
    return {"deals": len(part), **said, **_sums(part, SUMS[:2])}


def _by_stage(
    deals: pd.DataFrame,
    stages: pd.DataFrame,
    pipelines: Names,
    measure: Callable[[Part], Mapping[str, Any]],
    shape: Dtypes,
    source: pd.DataFrame,
) -> pd.DataFrame:
    """A line for each stage that is declared or has deals; source lends its receipt, beside that of the stages."""
    currency = one_currency(deals)
    if pipelines is not None:
        there = pd.concat([source["pipeline"], stages["pipeline"]])
        which = ("pipeline_id", "pipeline")
        deals, stages = (one[named(one, which, pipelines, "pipeline", beside=there)] for one in (deals, stages))
    both = [pd.DataFrame(one[list(PLACE)]).assign(declared=known) for one, known in ((stages, True), (deals, False))]
    places = pd.concat(both).drop_duplicates(["pipeline_id", "stage"])
    order = {name: rank for rank, name in enumerate(places["pipeline_id"].unique())}
    places = places.assign(rank=places["pipeline_id"].map(order)).sort_values(["rank", "stage"], kind="stable")
    parts = {_place(key.values()): part for key, part in parted(deals, ["pipeline_id", "stage"])}
    nothing = Part.of(deals.iloc[:0])
    held = Counter({pipeline: 0 for pipeline, _ in parts})
    for (pipeline, _), part in parts.items():
        held[pipeline] += len(part)
    lines = []
    for place in places[list(DECLARED)].to_dict("records"):
        key = _place((place["pipeline_id"], place["stage"]))
        found, whole = measure(parts.get(key, nothing)), held[key[0]]
        lines.append(place | dict(found) | {"share": found["deals"] / whole if whole else None, "currency": currency})
    table = typed({name: [line[name] for line in lines] for name in (*DECLARED, *shape)}, DECLARED | shape)
    return carried(table, [source, stages])


def _place(key: Any) -> tuple[str, int]:
    """Pipeline and stage as something that equals itself where one is missing."""
    pipeline, stage = key
    return "" if pd.isna(pipeline) else str(pipeline), -1 if pd.isna(stage) else int(stage)


FORECAST = ("amount", "weighted_amount", "total_amount", "weighted_total", "total_margin", "weighted_margin")


@filtered
def forecast(deals: pd.DataFrame, *, by: Names = None, start: Any = None, end: Any = None, today: Any = None) -> pd.DataFrame:
    """What open deals may bring, by the month in which they are expected to close.

    Parameters
    deals: the frame of load(). by: also by pipeline, owner or source, or a list of them. start, end: only deals expected from and to
    these days (included); those without an expected day always stay. today: the day overdue is counted from; by default the day of
    load().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per month: month (datetime64[us], its first day; missing for deals without an expected day), the columns of by;
    deals, overdue (expected before today), no_chance (no stage between 1 and 99: in no weighted sum), in_delivery (pending in a
    delivery pipeline: in no sum at all) as Int64; weighted_total (value × stage / 100 of the whole contract, the default figure),
    weighted_amount (the same of the amount a month), weighted_margin (of total_margin), and the unweighted amount, total_amount and
    total_margin (float64, in currency). Months between the first and the last are all there, unless by is given. An expected day may
    be just the day on which somebody typed the deal in. Raises ParameterError for several currencies.
    Source: OnePageCRM sheet, section 5 (weighted value, dates).
    """
    day = day_of(deals, today)
    held = deals[deals["state"].isin([PENDING, DELIVERED])]
    currency, held = one_currency(held), narrow(held)
    held = held[within(held["expected"], start, end) | held["expected"].isna()]
    held = held.assign(month=month_of(held["expected"]), weighted_margin=held["total_margin"] * held["chance"])

    def measure(part: Part) -> dict[str, Any]:
        sold = part.where(part["state"] == PENDING)
        counts = {
            "deals": len(sold),
            "overdue": int((sold["expected"] < day.to_datetime64()).sum()),
            "no_chance": int(np.isnan(sold["chance"]).sum()),
            "in_delivery": len(part) - len(sold),
        }
        return counts | _sums(sold, FORECAST) | {"currency": currency}

    keys = ["month", *wanted(by)]
    shape = _shape(("deals", "overdue", "no_chance", "in_delivery"), FORECAST)
    table = per_group(held, keys, measure, shape)
    if by is None and table["month"].notna().any():
        table = _every_month(table, measure(Part.of(held.iloc[:0])))
    return carried(table, [deals])


def _every_month(table: pd.DataFrame, nothing: Mapping[str, Any]) -> pd.DataFrame:
    """The table with a line for each month between its first and last."""
    months = pd.date_range(table["month"].min(), table["month"].max(), freq="MS").as_unit("us")
    lacking = months.difference(pd.DatetimeIndex(table["month"].dropna()))
    lines: dict[str, Any] = {name: [value] * len(lacking) for name, value in nothing.items()}
    filled = typed(lines | {"month": lacking}, {str(name): str(dtype) for name, dtype in table.dtypes.items()})
    return pd.concat([table, filled]).sort_values("month", na_position="last", ignore_index=True) if len(filled) else table


OVERDUE = {
    "deal_id": "string", "name": "string", "company": "string", "owner": "string", "pipeline": "string", "stage": "Int64",
    "label": "string", "expected": DAY, "days_overdue": "Int64", "total_amount": "float64", "weighted_total": "float64",
    "currency": "string",
}  # fmt: skip


@filtered
def overdue(deals: pd.DataFrame, *, today: Any = None, in_delivery: bool = False) -> pd.DataFrame:
    """Open deals whose expected close date has passed, the longest overdue first.

    Parameters
    deals: the frame of load(). today: by default the day of load(). in_delivery: also pending deals in delivery pipelines.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per deal: deal_id, name, company, owner, pipeline, label, currency (string), stage and days_overdue (Int64, from 1:
    expected today is not overdue), expected (datetime64[us]), total_amount, weighted_total (float64). Deals without an expected day
    are not among them. Source: OnePageCRM sheet, section 5 (dates).
    """
    day = day_of(deals, today)
    states = [PENDING, DELIVERED] if in_delivery else [PENDING]
    late = deals[deals["state"].isin(states) & (deals["expected"] < day)]
    late = late.assign(days_overdue=(day - late["expected"]).dt.days)
    late = late.sort_values(["days_overdue", "deal_id"], ascending=[False, True])
    return carried(typed({name: late[name].array for name in OVERDUE}, OVERDUE), [deals])


@filtered
def multi_month(deals: pd.DataFrame) -> pd.DataFrame:
    """Deals by how many months they run, for each state: one-offs beside contracts of several months.

    Parameters
    deals: the frame of load().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per state and number of months that occurs: state (pending, won, lost, in delivery, other), months (Int64; missing
    or below 1 counts as 1), multi_month (boolean: 2 or more), deals (Int64), amount (a month), total_amount (amount × months),
    weighted_amount and weighted_total (0.0 for all but pending deals), share (float64, of the state's total_amount, NaN where that
    is 0), currency. Parts sum to the whole. Raises ParameterError for several currencies.
    Source: OnePageCRM sheet, section 5 (amounts).
    """
    currency = one_currency(deals)
    lines = []
    wholes = {key["state"]: part.total("total_amount") for key, part in parted(deals, ["state"])}
    known = deals[deals[["state", "months"]].notna().all(axis=1)].sort_values(["state", "months"], kind="stable")
    for key, part in parted(known, ["state", "months"]):
        sums, whole = _sums(part, SUMS), wholes[key["state"]]
        share = sums["total_amount"] / whole if whole else None
        lines.append({**key, "multi_month": key["months"] > 1, "deals": len(part), **sums, "share": share, "currency": currency})
    shape = {"state": "string", "months": "Int64", "multi_month": "boolean"} | _shape(("deals",), SUMS, ("share",))
    return carried(typed({name: [line[name] for line in lines] for name in shape}, shape), [deals])


@filtered
def oddities(deals: pd.DataFrame) -> pd.DataFrame:
    """What looks wrong in the deals, and how each thing is taken by the tables.

    Parameters
    deals: the frame of load().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per kind: oddity, meaning (string), deals (Int64, 0 where there are none), deal_ids (list of string).
    Source: OnePageCRM sheet, section 5 (stage, status, amounts, dates) and traps 24 and 25.
    """
    long = deals[["deal_id", "oddities"]].explode("oddities")
    ids = [long.loc[(long["oddities"] == name).fillna(False), "deal_id"].tolist() for name in ODDITIES]
    columns = {"oddity": list(ODDITIES), "meaning": list(ODDITIES.values()), "deals": list(map(len, ids)), "deal_ids": ids}
    shape = {"oddity": "string", "meaning": "string", "deals": "Int64", "deal_ids": "object"}
    return carried(typed(columns, shape), [deals])
