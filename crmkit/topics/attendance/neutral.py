"""The neutral frames of this topic: their columns, and what the words in them mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from crmkit.columns import DTYPES
from crmkit.params import timestamp
from crmkit.topics.shapes import Dtypes, known_words, typed

MOMENT = DTYPES["wall"]
# What became of an invitation. Only where a CRM records presence do the last two occur.
INVITED, ACCEPTED, DECLINED, ATTENDED, NO_SHOW, OTHER = "invited", "accepted", "declined", "attended", "no-show", "other"
STATUSES = (INVITED, ACCEPTED, DECLINED, ATTENDED, NO_SHOW, OTHER)

EVENT: Dtypes = {
    "event_id": "string",
    "crm": "string",
    "name": "string",
    "kind": "string",
    "series_id": "string",
    "start": MOMENT,
    "end": MOMENT,
    "capacity": "float64",
    "cancelled": "boolean",
    "ended": "boolean",
    "presence": "boolean",
}
ANSWER: Dtypes = {
    "event_id": "string",
    "person_id": "string",
    "status": "string",
    "answer": "string",
    "guest": "boolean",
    "repeated": "boolean",
}
TICKET: Dtypes = {
    "event_id": "string",
    "buyer_id": "string",
    "product_id": "string",
    "product": "string",
    "quantity": "float64",
    "heads": "float64",
    "amount": "float64",
    "currency": "string",
}
STOCK: Dtypes = {
    "event_id": "string",
    "product_id": "string",
    "product": "string",
    "price": "float64",
    "currency": "string",
    "total": "float64",
    "allocated": "float64",
    "reserved": "float64",
    "available": "float64",
}
ORDER: Dtypes = {
    "event_id": "string",
    "buyer_id": "string",
    "currency": "string",
    "total": "float64",
    "paid": "float64",
    "outstanding": "float64",
    "fully_paid": "boolean",
}
GROUP: Dtypes = {"group_id": "string", "group": "string", "person_id": "string", "start": MOMENT, "end": MOMENT}
FRAMES: Mapping[str, Dtypes] = {
    "events": EVENT,
    "answers": ANSWER,
    "groups": GROUP,
    "tickets": TICKET,
    "stock": STOCK,
    "orders": ORDER,
}


def as_moment(value: Any, zone: str, name: str = "now") -> pd.Timestamp:
    """A date, Timestamp or ISO text as wall-clock time of the zone, without a zone; a naive one is taken to be of that zone."""
    found = pd.Timestamp(timestamp(value, name))
    if found.tzinfo is not None:
        found = found.tz_convert(zone).tz_localize(None)
    return found.as_unit("us")


def ended(start: pd.Series[Any], end: pd.Series[Any], now: pd.Timestamp) -> pd.Series[Any]:
    """Whether an event is over: its end, or where that is missing its start, lies before now. Missing where both are."""
    last = end.fillna(start)
    return (last < now).astype("boolean").mask(last.isna())


def nothing(name: str) -> pd.DataFrame:
    """One of the neutral frames without lines."""
    return typed({}, FRAMES[name])


def check_kinds(kinds: Iterable[str], events: pd.DataFrame) -> None:
    """Raises ParameterError for a kind of event that there cannot be."""
    peepl = "crm" in events and len(events) and events["crm"].isin(["Peepl"]).all()
    known_words(kinds, events["kind"], _types_of_peepl() if peepl else (), "kind of event")


def _types_of_peepl() -> tuple[str, ...]:
    """The kinds that Peepl documents; sheepCRM's categories are the account's own words."""
    from crmkit.crms.peepl import ACTIVITY_TYPES  # only here: tables of a bundle need no client

    return ACTIVITY_TYPES
