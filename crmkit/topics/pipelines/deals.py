"""Deals of OnePageCRM as CRM-neutral, typed deals: amounts, dates, pipelines and stages by the sheet's definitions.

Definitions: OnePageCRM sheet, section 5 (stage, status, amounts, weighted value, dates, sales and delivery pipelines). What looks
wrong in a deal is named in its list of oddities; nothing is dropped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.shapes import Dtypes, typed

DAY = "datetime64[us]"
PENDING, WON, LOST, DELIVERED, OTHER = "pending", "won", "lost", "in delivery", "other"
SALES, DELIVERY = "sales", "delivery"
CENT = 0.005

DEAL: Dtypes = {
    "deal_id": "string",
    "name": "string",
    "contact_id": "string",
    "company": "string",
    "owner_id": "string",
    "owner": "string",
    "source_id": "string",
    "source": "string",
    "pipeline_id": "string",
    "pipeline": "string",
    "kind": "string",
    "sales_pipeline_id": "string",
    "sales_pipeline": "string",
    "status": "string",
    "state": "string",
    "stage": "Int64",
    "label": "string",
    "sales_stage": "Int64",
    "opened": DAY,
    "created": DAY,
    "expected": DAY,
    "closed": DAY,
    "amount": "float64",
    "months": "Int64",
    "total_amount": "float64",
    "cost": "float64",
    "total_cost": "float64",
    "margin": "float64",
    "total_margin": "float64",
    "chance": "float64",
    "weighted_amount": "float64",
    "weighted_total": "float64",
    "reason_id": "string",
    "currency": "string",
    "oddities": "object",
}
PIPELINE: Dtypes = {"pipeline_id": "string", "pipeline": "string", "kind": "string", "default": "boolean"}
STAGE: Dtypes = {"pipeline_id": "string", "pipeline": "string", "kind": "string", "stage": "Int64", "label": "string"}
OWNER: Dtypes = {"owner_id": "string", "owner": "string"}
CONTACT: Dtypes = {"contact_id": "string", "source_id": "string", "source": "string"}
HISTORY: Dtypes = {"deal_id": "string", "pipeline_id": "string", "stage": "Int64"}
ITEM: Dtypes = {"deal_id": "string", "amount": "float64"}

ODDITIES: dict[str, str] = {
    "status_unknown": "neither pending, won nor lost: counted as other, in no measure",
    "stage_invalid": "pending without a stage between 1 and 99: no chance, in no weighted sum",
    "stage_removed": "pending in a stage that its pipeline does not have: it keeps its number, without a label",
    "no_pipeline": "no pipeline named: the default pipeline is used",
    "no_sales_pipeline": "in a delivery pipeline, no sales pipeline named: taken from its history, else sales figures list it under none",
    "no_months": "months missing or below 1: taken as 1",
    "total_differs": "total amount differs from amount times months: the given total is used",
    "items_differ": "amount differs from the sum of the deal's items: the given amount is used",
    "pending_with_close_date": "pending, yet with a close date: it is pending",
    "no_close_date": "won or lost without a close date: in no period, no cycle length",
    "closed_before_opened": "closed before it began: no cycle length",
    "no_expected_date": "pending without an expected close date: in no month of the forecast",
}


def empty(dtypes: Dtypes) -> pd.DataFrame:
    """No lines of these columns."""
    return typed({}, dtypes)


def neutral(
    deals: pd.DataFrame,
    *,
    pipelines: pd.DataFrame,
    stages: pd.DataFrame,
    owners: pd.DataFrame,
    contacts: pd.DataFrame,
    history: pd.DataFrame,
    items: pd.DataFrame,
    currency: str | None,
    time_zone: str,
) -> pd.DataFrame:
    """The deals of a fetch as neutral deals, one line each, in the given order.

    deals: columns of OnePageCRM's deals. pipelines, stages, owners, contacts: neutral frames of load(). history: the last stage that
    a deal had in a pipeline it has left (HISTORY). items: what is sold (ITEM). time_zone: for the day on which created_at falls.
    """
    frame = empty(DEAL).reindex(range(len(deals))).astype({n: d for n, d in DEAL.items() if d != "object"})
    given = deals.reset_index(drop=True)
    for name, source in _SAME.items():
        frame[name] = pd.Series(given[source], dtype=DEAL[name])
    frame["owner"] = given["owner.name"].fillna(_looked_up(frame["owner_id"], owners, "owner_id", "owner"))
    frame["created"] = given["created_at"].dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()
    frame["opened"] = given["date"].fillna(frame["created"])
    for name in ("source_id", "source"):
        frame[name] = _looked_up(frame["contact_id"], contacts, "contact_id", name)
    frame["currency"] = pd.array([currency] * len(frame), dtype="string")
    _place(frame, pipelines, stages, history)
    if "last_stage" in given:
        last = pd.to_numeric(given["last_stage"], errors="coerce").round().astype("Int64")
        frame["sales_stage"] = frame["sales_stage"].fillna(last)
    _value(frame)
    _weigh(frame)
    frame["oddities"] = _oddities(frame, given, stages, items)
    return frame


_SAME = {
    "deal_id": "id",
    "name": "name",
    "contact_id": "contact_id",
    "company": "contact_info.company",
    "owner_id": "owner_id",
    "pipeline_id": "pipeline_id",
    "sales_pipeline_id": "sales_pipeline_id",
    "stage": "stage",
    "expected": "expected_close_date",
    "closed": "close_date",
    "amount": "amount",
    "months": "months",
    "total_amount": "total_amount",
    "cost": "cost",
    "total_cost": "total_cost",
    "margin": "margin",
    "reason_id": "reason_lost_id",
    "status": "status",
}


def _looked_up(keys: pd.Series[Any], table: pd.DataFrame, key: str, value: str) -> pd.Series[Any]:
    """The value that a table holds for each key, the first where the key repeats; missing where it has none."""
    known = table.dropna(subset=[key]).drop_duplicates(key).set_index(key)[value]
    return pd.Series(known.reindex(keys).array, index=keys.index)


def _place(frame: pd.DataFrame, pipelines: pd.DataFrame, stages: pd.DataFrame, history: pd.DataFrame) -> None:
    """Where a deal is: its pipeline or the default, the sales pipeline it counts for, labels, its state, its last stage in sales."""
    default = pipelines.loc[pipelines["default"].fillna(False), "pipeline_id"]
    if len(default):
        frame["pipeline_id"] = frame["pipeline_id"].fillna(default.iloc[0])
    frame["kind"] = _looked_up(frame["pipeline_id"], pipelines, "pipeline_id", "kind").fillna(SALES)
    delivered = frame["kind"] == DELIVERY
    _count_for_sales(frame, delivered, pipelines, history)
    frame["pipeline"] = _looked_up(frame["pipeline_id"], pipelines, "pipeline_id", "pipeline")
    frame["sales_pipeline"] = _looked_up(frame["sales_pipeline_id"], pipelines, "pipeline_id", "pipeline")
    frame["label"] = _paired(frame, stages, ("pipeline_id", "stage"), ("pipeline_id", "stage"), "label", "string")
    state = frame["status"].where(frame["status"].isin([PENDING, WON, LOST]), OTHER)
    frame["state"] = state.mask((state == PENDING) & delivered, DELIVERED)
    before = _paired(frame, history, ("deal_id", "sales_pipeline_id"), ("deal_id", "pipeline_id"), "stage", "Int64")
    frame["sales_stage"] = frame["stage"].where(frame["state"] == PENDING, before.where(delivered))


def _count_for_sales(frame: pd.DataFrame, delivered: pd.Series[bool], pipelines: pd.DataFrame, history: pd.DataFrame) -> None:
    """The sales pipeline of deals that name none: the current one; of a deal in delivery the only one it was in before, else none."""
    sales = set(pipelines.loc[pipelines["kind"] != DELIVERY, "pipeline_id"])
    before = history[history["pipeline_id"].isin(sales)].drop_duplicates(["deal_id", "pipeline_id"])
    alone = before[~before["deal_id"].duplicated(keep=False)]
    known = _looked_up(frame["deal_id"], alone, "deal_id", "pipeline_id")
    named = frame["sales_pipeline_id"].where(~frame["sales_pipeline_id"].isin(set(pipelines["pipeline_id"]) - sales))
    frame["sales_pipeline_id"] = named.fillna(frame["pipeline_id"].where(~delivered, known))


def _paired(
    frame: pd.DataFrame, table: pd.DataFrame, left: tuple[str, str], right: tuple[str, str], value: str, dtype: str
) -> pd.Series[Any]:
    """The value that a table holds for each pair of keys; missing where it has none."""
    known = dict(zip(zip(table[right[0]], table[right[1]], strict=True), table[value], strict=True))
    pairs = zip(frame[left[0]], frame[left[1]], strict=True)
    return pd.Series([None if pd.isna(a) or pd.isna(b) else known.get((a, b)) for a, b in pairs], frame.index, dtype=dtype)


def _value(frame: pd.DataFrame) -> None:
    """Amounts a month and in total; a missing amount or cost is 0, missing months are 1."""
    frame["amount"] = frame["amount"].fillna(0.0)
    frame["cost"] = frame["cost"].fillna(0.0)
    frame["months"] = frame["months"].where(frame["months"] >= 1, 1).fillna(1)
    months = frame["months"].astype("float64")
    frame["total_amount"] = frame["total_amount"].fillna(frame["amount"] * months)
    frame["total_cost"] = frame["total_cost"].fillna(frame["cost"] * months)
    frame["margin"] = frame["margin"].fillna(frame["amount"] - frame["cost"])
    frame["total_margin"] = frame["margin"] * months


def _weigh(frame: pd.DataFrame) -> None:
    """The chance of winning, of a pending deal in a sales pipeline only, and the values weighted by it."""
    fits = (frame["state"] == PENDING) & frame["stage"].between(1, 99).fillna(False)
    frame["chance"] = (frame["stage"].astype("float64") / 100).where(fits.astype(bool))
    frame["weighted_amount"] = frame["amount"] * frame["chance"]
    frame["weighted_total"] = frame["total_amount"] * frame["chance"]


def _oddities(frame: pd.DataFrame, given: pd.DataFrame, stages: pd.DataFrame, items: pd.DataFrame) -> pd.Series[Any]:
    """What looks wrong in each deal, as a list of keys of ODDITIES."""
    pending, closed = frame["status"] == PENDING, frame["status"].isin([WON, LOST])
    known = set(zip(stages["pipeline_id"], stages["stage"], strict=True))
    places = zip(frame["pipeline_id"].fillna(""), frame["stage"].fillna(-1), strict=True)
    in_place = np.array([place in known for place in places], dtype=bool)
    fits = frame["stage"].between(1, 99).fillna(False).astype(bool)
    sold = _looked_up(frame["deal_id"], items.groupby("deal_id")[["amount"]].sum().reset_index(), "deal_id", "amount")
    itemised = given["has_deal_items"].fillna(False)
    found = {
        "status_unknown": frame["state"] == OTHER,
        "stage_invalid": pending & ~fits,
        "stage_removed": pending & fits & ~in_place,
        "no_pipeline": given["pipeline_id"].isna(),
        "no_sales_pipeline": (frame["kind"] == DELIVERY) & given["sales_pipeline_id"].isna(),
        "no_months": ~(given["months"] >= 1).fillna(False),
        "total_differs": (frame["total_amount"] - frame["amount"] * frame["months"].astype("float64")).abs() > CENT,
        "items_differ": itemised & ((frame["amount"] - sold.fillna(0.0)).abs() > CENT),
        "pending_with_close_date": pending & frame["closed"].notna(),
        "no_close_date": closed & frame["closed"].isna(),
        "closed_before_opened": closed & (frame["closed"] < frame["opened"]),
        "no_expected_date": pending & frame["expected"].isna(),
    }
    flags = np.column_stack([found[name].fillna(False).to_numpy(dtype=bool) for name in ODDITIES])
    lists = [[name for name, flag in zip(ODDITIES, line, strict=True) if flag] for line in flags]
    return pd.Series(lists, index=frame.index, dtype="object")
