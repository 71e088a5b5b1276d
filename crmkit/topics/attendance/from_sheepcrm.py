"""sheepCRM: events with their lists, tickets, stock and orders. sheepCRM sheet, section 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.children import child
from crmkit.topics.attendance.load import Period, Read, several
from crmkit.topics.attendance.neutral import ANSWER, EVENT, GROUP, ORDER, OTHER, STATUSES, STOCK, TICKET, ended
from crmkit.topics.shapes import AllOrSome, Names, typed, wanted

if TYPE_CHECKING:
    from crmkit.crms.sheepcrm import SheepCRM


def read(
    client: SheepCRM,
    asked: Mapping[str, Any],
    *,
    period: Period,
    events: Names = None,
    state: str = "all",
    groups: AllOrSome | None = False,
    tickets: bool = True,
    orders: bool = False,
) -> Read:
    """The frames of load()."""
    listed = client.events(state=state, **asked) if events is None else client.event_summary(wanted(events), **asked)
    chosen = period.fits(_events(listed))
    uids = chosen["event_id"].tolist()
    lists = client.attendance(uids, **asked)
    moment = period.now(listed, lists)
    if moment is not None:
        chosen["ended"] = ended(chosen["start"], chosen["end"], moment)
    found = Read(moment)
    found.problems += _series(chosen, events is None) + _oddities(lists)
    found.add("events", chosen, listed)
    found.add("answers", _answers(lists), listed, lists)
    if tickets:
        sold, types = client.tickets(uids, **asked), client.ticket_types(uids, **asked)
        found.add("tickets", _tickets(sold), listed, sold)
        found.add("stock", _stock(types), listed, types)
    if orders:
        booked = client.orders(uids, **asked)
        found.add("orders", _orders(booked), listed, booked)
    if groups:
        found.add("groups", *_groups(client, asked, groups))
    return found


def _events(listed: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "event_id": listed["uid"],
        "crm": ["sheepCRM"] * len(listed),
        "name": listed["title"].fillna(listed["display_value"]),
        "kind": listed["category"].fillna(listed["booking_type"]),
        "series_id": listed["series_id"].replace("", pd.NA),
        "start": listed["start_datetime"],
        "end": listed["end_datetime"],
        "capacity": listed["capacity"],
        "cancelled": listed["cancelled"].fillna(False),
        "presence": [True] * len(listed),
    }
    return typed(columns, EVENT)


def _series(events: pd.DataFrame, from_list: bool) -> list[str]:
    """A list shows one event of a series, so series are longer than they look."""
    known = events["series_id"].nunique()
    if not known or not from_list:
        return []
    return [
        f"{known:,} events stand for a series each: the list shows only the most recent one; events=[uid, ...] reads the others"
    ]


def _answers(lists: pd.DataFrame) -> pd.DataFrame:
    words = lists["status"].str.strip().str.lower()
    people = lists["person_ref"].replace("", pd.NA)
    columns = {
        "event_id": lists["booking_uid"],
        "person_id": people,
        "status": words.where(words.isin(STATUSES), OTHER),
        "answer": lists["status"],
        "guest": lists["guest"].fillna(False),
        "repeated": several(lists.assign(person_ref=people), ["booking_uid", "person_ref"]),
    }
    return typed(columns, ANSWER)


def _oddities(lists: pd.DataFrame) -> list[str]:
    """What no document explains: more than one state of records, and statuses beyond the five of the write call."""
    found = []
    states = sorted(lists["record_state"].dropna().unique())
    if len(states) > 1:
        found.append(
            f"lists hold records of {len(states)} states ({', '.join(states)}), which no document explains; all are counted"
        )
    words = lists["status"].str.strip().str.lower()
    strange = lists.loc[words.notna() & ~words.isin(STATUSES[:-1]), "status"].value_counts()
    if len(strange):
        told = ", ".join(f"{word} {count:,}" for word, count in strange.sort_index().items())
        found.append(f"statuses that no document names count as other: {told}")
    return found


def _tickets(sold: pd.DataFrame) -> pd.DataFrame:
    names = {"booking_uid": "event_id", "buyer": "buyer_id", "ticket_type": "product_id", "ticket_type_display": "product"}
    columns = sold.rename(columns=names | {"number_of_attendees": "heads"})
    return typed({name: columns[name] for name in TICKET}, TICKET)


def _stock(types: pd.DataFrame) -> pd.DataFrame:
    columns = types.rename(columns={"booking_uid": "event_id", "uri": "product_id", "name": "product", "amount": "price"})
    return typed({name: columns[name] for name in STOCK}, STOCK)


def _orders(booked: pd.DataFrame) -> pd.DataFrame:
    """A line per order and currency. The sums name buyer and event, not both in one key, so they are put together in order."""
    counts = [len(each) if isinstance(each, list) else 0 for each in booked["order_totals"]]
    places = booked.index.repeat(counts)
    sums = child(booked, "order_totals")
    columns = {
        "event_id": booked.loc[places, "booking_uid"],
        "buyer_id": booked.loc[places, "buyer_uri"],
        **{name: sums[name] for name in ("currency", "total", "paid", "outstanding", "fully_paid")},
    }
    return typed(columns, ORDER)


def _groups(client: SheepCRM, asked: Mapping[str, Any], groups: AllOrSome) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segments as groups: the members of now, without days."""
    from crmkit.topics import segments

    loaded = segments.load(client, segments=None if isinstance(groups, bool) else wanted(groups), **asked)
    both = pd.DataFrame(loaded["members"]).merge(loaded["segments"][["segment_id", "name"]], on="segment_id")
    columns = {"group_id": both["segment_id"], "group": both["name"], "person_id": both["person_id"]}
    return typed(columns, GROUP), loaded["members"]
