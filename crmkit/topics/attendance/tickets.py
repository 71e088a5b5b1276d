"""Places and tickets: how full events were, what was sold, what is left, and what is still to be paid."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmkit.topics.attendance.choose import choose
from crmkit.topics.attendance.neutral import EVENT, STOCK
from crmkit.topics.attendance.tables import by_event
from crmkit.topics.checked import checked
from crmkit.topics.intervals import share
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, typed

HEAD: Dtypes = {name: EVENT[name] for name in ("event_id", "name", "kind", "start")}
CAPACITY: Dtypes = {
    **HEAD,
    "ended": "boolean",
    "taken": "string",
    "capacity": "float64",
    "signed_up": "Int64",
    "attended": "Int64",
    "signed_up_share": "float64",
    "use_of_capacity": "float64",
    "free": "float64",
    "over": "boolean",
}
SOLD: Dtypes = {
    **HEAD,
    "product": "string",
    "currency": "string",
    "lines": "Int64",
    "buyers": "Int64",
    "sold": "float64",
    "heads": "float64",
    "amount": "float64",
    "unreadable": "Int64",
}
STOCK_USE: Dtypes = {**HEAD, **STOCK, "sold_out_share": "float64", "adds_up": "boolean"}
PAYMENTS: Dtypes = {
    **HEAD,
    "currency": "string",
    "orders": "Int64",
    "unpaid": "Int64",
    "total": "float64",
    "paid": "float64",
    "outstanding": "float64",
    "paid_share": "float64",
    "tickets_amount": "float64",
    "difference": "float64",
}


@checked
def capacity(
    events: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
) -> pd.DataFrame:
    """How full the events with a set capacity are or were, by start.

    Parameters as for by_event(). Returns event_id, name, kind, start (local), ended, taken; capacity (float64, places), signed_up,
    attended (Int64); signed_up_share = signed_up / capacity; use_of_capacity = signed_up_share before the end and attended / capacity
    after; free = capacity - signed_up, below 0 where more said yes than fit; over (boolean): such an event. Left out: cancelled
    events and those without a capacity or with 0, which may mean that none was set. A use of 0 where taken is none says only that
    nobody looked. Source: sheepCRM sheet, section 6 (use of capacity); Peepl has no capacity.
    """
    found = by_event(events, answers, kinds=kinds, names=names, start=start, end=end, held=held)
    table = pd.DataFrame(found[found["capacity"] > 0])
    free = table["capacity"] - table["signed_up"].astype("float64")
    more = {"signed_up_share": share(table["signed_up"], table["capacity"]), "free": free, "over": free < 0}
    return carried(typed({**table, **more}, CAPACITY), [found])


@checked
def sold(
    events: pd.DataFrame,
    tickets: pd.DataFrame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
) -> pd.DataFrame:
    """What was sold per event, product and currency, by start.

    Parameters
    events, tickets: frames of load(). The others as for choose().

    Returns event_id, name, kind, start (local), product, currency (missing in Peepl), lines (Int64), buyers (Int64, distinct), sold
    (float64, sum of quantity), heads and amount (float64, sums as the vendor gives them: whether per piece or per line is not stated,
    so nothing is multiplied; NaN where no line has one), unreadable (Int64, lines whose quantity could not be read; not in sold).
    Cancelled events are left out; events that sold nothing have no line.
    Source: Peepl sheet, section 6 (tickets: quantity and product out of texts such as "2 x Inschrijving"); sheepCRM sheet, section 6.
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    both = pd.DataFrame(tickets).merge(chosen[list(HEAD)], on="event_id", validate="many_to_one")
    both["unreadable"] = both["quantity"].isna().astype("int64")
    keys = [*HEAD, "product", "currency"]
    grouped = both.groupby(keys, dropna=False, sort=True)
    table = grouped.agg(
        lines=("event_id", "size"), buyers=("buyer_id", "nunique"), sold=("quantity", "sum"), unreadable=("unreadable", "sum")
    )
    sums = grouped[["heads", "amount"]].sum(min_count=1)
    whole = table.join(sums).reset_index().sort_values(["start", "event_id", "product", "currency"], ignore_index=True)
    return carried(typed({name: whole[name] for name in SOLD}, SOLD), [events, tickets])


@checked
def stock_use(
    events: pd.DataFrame,
    stock: pd.DataFrame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
) -> pd.DataFrame:
    """How much of each ticket type is given out, by start.

    Parameters
    events, stock: frames of load(). The others as for choose().

    Returns event_id, name, kind, start (local), product_id, product, price (unit not stated), currency, total, allocated, reserved,
    available (float64, pieces), sold_out_share = allocated / total (NaN without a total), adds_up (boolean: total = allocated +
    reserved + available; where it is False, rely on none of them; missing where a number is). Cancelled events are left out.
    Source: sheepCRM sheet, section 6 (stock per type). Peepl's stock is not read.
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held)
    both = pd.DataFrame(stock).merge(chosen[list(HEAD)], on="event_id", validate="many_to_one")
    parts = both[["allocated", "reserved", "available"]].sum(axis=1, skipna=False)
    fits = (parts == both["total"]).astype("boolean").mask(parts.isna() | both["total"].isna())
    table = both.assign(sold_out_share=share(both["allocated"], both["total"]), adds_up=fits)
    table = table.sort_values(["start", "event_id", "product"], ignore_index=True)
    return carried(typed({name: table[name] for name in STOCK_USE}, STOCK_USE), [events, stock])


@checked
def payments(
    events: pd.DataFrame,
    tickets: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    held: bool | None = None,
) -> pd.DataFrame:
    """What was ordered, paid and is still due per event and currency, by start; one currency is never added to another.

    Parameters
    events, tickets, orders: frames of load(orders=True). The others as for choose().

    Returns event_id, name, kind, start (local), currency, orders (Int64), unpaid (Int64, orders not fully paid in this currency),
    total, paid, outstanding (float64, sums; unit not stated), paid_share = paid / total (NaN where nothing was charged),
    tickets_amount (sum of the tickets' amount) and difference = tickets_amount - total: 0 where amount is that of a whole line,
    otherwise amount means something else. An event's tickets in a currency without an order are a line too, with 0 orders; where no
    order was read at all, there are no lines. Cancelled events are in, since their money may have to go back.
    Source: sheepCRM sheet, section 6 (tickets, unpaid).
    """
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=held, cancelled=None)
    keys = ["event_id", "currency"]
    booked = pd.DataFrame(orders).assign(open=(~orders["fully_paid"].fillna(False).astype(bool)).astype("int64"))
    grouped = booked.groupby(keys, dropna=False)
    table = grouped[["total", "paid", "outstanding"]].sum()
    table.insert(0, "unpaid", grouped["open"].sum())
    table.insert(0, "orders", grouped.size())
    amounts = pd.DataFrame(tickets).groupby(keys, dropna=False)["amount"].sum(min_count=1).rename("tickets_amount")
    both = table.reset_index().merge(amounts.reset_index(), on=keys, how="outer" if len(orders) else "left")
    both = both[both["orders"].notna() | (both["tickets_amount"].fillna(0) != 0)]
    both = both.fillna(dict.fromkeys(table.columns, 0))
    whole = both.merge(chosen[list(HEAD)], on="event_id", validate="many_to_one")
    whole = whole.assign(paid_share=share(whole["paid"], whole["total"]), difference=whole["tickets_amount"] - whole["total"])
    whole = whole.sort_values(["start", "event_id", "currency"], ignore_index=True)
    return carried(typed({name: whole[name] for name in PAYMENTS}, PAYMENTS), [events, tickets, orders])
