"""From a connected client to neutral frames of deals and all that explains them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from crmkit.children import child
from crmkit.errors import ParameterError
from crmkit.receipts import receipt
from crmkit.topics.checked import all_of_load
from crmkit.topics.lineage import carried
from crmkit.topics.pipelines import deals as shapes
from crmkit.topics.pipelines.deals import CONTACT, HISTORY, ITEM, OWNER, PIPELINE, STAGE, empty, neutral
from crmkit.topics.replay import loads
from crmkit.topics.shapes import as_day, typed

if TYPE_CHECKING:
    from crmkit.crms.onepagecrm import OnePageCRM

ACCOUNT = {"currency": "string", "currency_symbol": "string", "time_zone": "string", "today": shapes.DAY}


@loads("pipelines")
def load(
    client: OnePageCRM, *, sources: bool = True, today: Any = None, refresh: bool = False, allow_partial: bool = False
) -> dict[str, pd.DataFrame]:
    """Everything about an account's deals, as typed frames that name no CRM.

    Parameters
    client: a connected crmkit.OnePageCRM (crmkit.demo.onepagecrm() for a try). sources: also read all contacts, for the lead
    source of each deal (a call per 100 contacts); without it source is missing throughout. today: the day the tables count from
    (date, Timestamp or ISO text); by default the day, in the account's zone, on which the newest answer about deals came, so what is
    read from the cache is judged by its own day. refresh, allow_partial: as for every fetcher.

    Returns a dict of DataFrames
    deals: one line per deal. Ids and names of deal, contact, company, owner, lead source, current pipeline (kind: sales or delivery)
    and sales_pipeline (the one it counts for; where none is named the current one, of a
    deal in delivery the only one it was in before, else missing: never a delivery pipeline); status, and state: pending, won, lost, other, or
    "in delivery" for a pending deal in a delivery pipeline; stage (Int64, of the current pipeline) with its label; sales_stage (its
    last known stage in sales, missing for most closed deals); opened (date, else the day of created_at), created, expected, closed
    (days in the account's zone); amount, cost and margin a month, months, total_amount, total_cost, total_margin (account currency);
    chance (0 to 1), weighted_amount and weighted_total, for pending deals outside delivery only; reason_id; currency; oddities (list
    of keys, see oddities()).
    stages: pipeline_id, pipeline, kind, stage, label. pipelines: pipeline_id, pipeline, kind, default. owners: owner_id, owner.
    contacts: contact_id, source_id, source. account: currency, currency_symbol, time_zone, today; one line.

    Every frame carries a receipt that is as incomplete as the worst fetch behind it. Raises ParameterError for a client of a CRM
    without deals; else what the fetchers raise. Warns (UserWarning) where the account's time zone is unknown; UTC is used then.
    Source: OnePageCRM sheet, sections 1 (dates), 3 (#1, #2, #29, #48, #67) and 5.
    """
    if getattr(client, "crm", None) != "OnePageCRM":
        raise ParameterError("deal pipelines are read from OnePageCRM.", hint="pass a crmkit.OnePageCRM client.")
    day = None if today is None else as_day(today)
    asked: Any = {"refresh": refresh, "allow_partial": allow_partial}
    told = client.deals(include_history=True, **asked)
    settings, listed, users = client.bootstrap(**asked), client.pipelines(**asked), client.users(**asked)
    zone = _zone(settings)
    day = day or _newest_day(told, zone)
    pipelines, owners = _pipelines(listed), _owners(users)
    stages, contacts = _stages(listed, pipelines), _contacts(client, asked) if sources else empty(CONTACT)
    currency = settings["settings.currency"].iloc[0] if len(settings) else None
    frame = neutral(
        told,
        pipelines=pipelines,
        stages=stages,
        owners=owners,
        contacts=contacts,
        history=child(told, "previous_pipeline_stages")[list(HISTORY)].astype(HISTORY),
        items=_items(told),
        currency=None if currency is None or pd.isna(currency) else str(currency),
        time_zone=zone,
    )
    facts: dict[str, Any] = {"zone": zone} | ({} if day is None else {"today": day.strftime("%Y-%m-%d")})
    return {
        "deals": carried(frame, [told, listed, users, settings, contacts], **facts),
        "stages": carried(stages, [listed], **facts),
        "pipelines": carried(pipelines, [listed], **facts),
        "owners": carried(owners, [users], **facts),
        "contacts": carried(contacts, [contacts], **facts),
        "account": carried(_account(settings, zone, day), [settings], **facts),
    }


def together(*loaded: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The frames of several accounts as one set, with their receipts joined.

    Amounts stay in the currency of their account; the tables refuse to add them up until convert() has been used.
    Source: OnePageCRM sheet, section 5 (currencies).
    """
    for one in loaded or (None,):
        all_of_load("together()", one, "pipelines")
    return {
        name: carried(pd.concat([pd.DataFrame(one[name]) for one in loaded], ignore_index=True), [one[name] for one in loaded])
        for name in loaded[0]
    }


def _zone(settings: pd.DataFrame) -> str:
    """The account's zone, or UTC with a warning."""
    named = settings["settings.time_zone"].dropna().tolist()
    name = str(named[0]) if named else ""
    try:
        return ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        warnings.warn(f"the account's time zone {name!r} is unknown; days are counted in UTC.", UserWarning, stacklevel=3)
        return "UTC"


def _newest_day(told: pd.DataFrame, zone: str) -> pd.Timestamp | None:
    """The day in the zone on which the newest answer came."""
    newest = receipt(told).newest
    return None if newest is None else as_day(pd.Timestamp(newest, tz="UTC").tz_convert(zone))


def _pipelines(listed: pd.DataFrame) -> pd.DataFrame:
    kinds = listed["type"].str.strip().str.lower().fillna("")
    kinds = kinds.mask(kinds == "", shapes.SALES)
    columns = {"pipeline_id": listed["id"], "pipeline": listed["name"], "kind": kinds, "default": listed["default"]}
    return typed(columns, PIPELINE)


def _stages(listed: pd.DataFrame, pipelines: pd.DataFrame) -> pd.DataFrame:
    found = child(listed, "stages")[["pipeline_id", "stage", "label"]]
    return pd.DataFrame(pipelines[["pipeline_id", "pipeline", "kind"]].merge(found, on="pipeline_id")).astype(STAGE)


def _owners(users: pd.DataFrame) -> pd.DataFrame:
    names = (users["first_name"].fillna("") + " " + users["last_name"].fillna("")).str.strip()
    return typed({"owner_id": users["id"], "owner": names.mask(names == "")}, OWNER)


def _contacts(client: OnePageCRM, asked: dict[str, Any]) -> pd.DataFrame:
    found = client.contacts(**asked)
    columns = {"contact_id": found["id"], "source_id": found["lead_source_id"], "source": found["lead_source"]}
    return carried(typed(columns, CONTACT), [found])


def _items(told: pd.DataFrame) -> pd.DataFrame:
    """What is sold, keyed by the deal that lists it."""
    found = child(told, "deal_items")
    key = "parent_deal_id" if "parent_deal_id" in found else "deal_id"
    return typed({"deal_id": found[key], "amount": found["amount"]}, ITEM)


def _account(settings: pd.DataFrame, zone: str, day: pd.Timestamp | None) -> pd.DataFrame:
    columns = {name: settings[f"settings.{name}"] for name in ("currency", "currency_symbol")}
    size = len(settings)
    return typed({**columns, "time_zone": [zone] * size, "today": [day] * size}, ACCOUNT)
