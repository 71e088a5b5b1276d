"""Orders for the open events: who bought which tickets for whom, and what of it is paid. Sums are in cents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from crmkit.demo.guestlist import Seat
from crmkit.demo.organisations import Organisation
from crmkit.demo.programme import WALL_NOW, Event
from crmkit.demo.records import Record

Buyer = Record | Organisation


@dataclass(slots=True)
class Line:
    """Tickets of one type in one order, numbered within the event. heads: how many people they let in."""

    event: int
    number: int
    offer: int
    quantity: int
    heads: int
    cents: int
    currency: str
    bought: datetime
    seats: list[Seat]


@dataclass(slots=True)
class Order:
    """What one buyer ordered for one event. booker: who clicked, for an organisation one of the people known."""

    buyer: Buyer
    booker: Record | None
    lines: list[Line] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)

    @property
    def totals(self) -> dict[str, int]:
        """Cents by currency, in the order of the lines."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.currency] = found.get(line.currency, 0) + line.cents
        return found

    @property
    def bought(self) -> datetime:
        """When the first ticket was bought."""
        return min(line.bought for line in self.lines)


def orders(
    rng: Random, event: Event, seats: list[Seat], parent: Callable[[Record], Record], bookers: list[Record]
) -> list[Order]:
    """The orders of an event in the order of buying. parent: who pays for a record; bookers: who may click for a firm."""
    by_buyer: dict[str, Order] = {}
    by_line: dict[tuple[str, int], list[Seat]] = {}
    for seat in seats:
        if seat.offer is None:
            continue
        buyer = seat.firm or parent(_booked_by(seat))
        key = buyer.organisation_id if isinstance(buyer, Organisation) else buyer.record_id
        if key not in by_buyer:
            booker = rng.choice(bookers) if isinstance(buyer, Organisation) and bookers else None
            by_buyer[key] = Order(buyer, booker)
        by_line.setdefault((key, seat.offer), []).append(seat)
    for number, ((key, place), party) in enumerate(by_line.items(), 1):
        by_buyer[key].lines.append(_line(event, number, place, party))
    found = sorted(by_buyer.values(), key=lambda order: order.bought)
    for order in found:
        order.paid = _paid(rng, event, order)
    return found


def _booked_by(seat: Seat) -> Record:
    booker = seat.host or seat.record
    assert booker is not None
    return booker


def _line(event: Event, number: int, place: int, party: list[Seat]) -> Line:
    offer = event.offers[place]
    quantity = -(-len(party) // offer.heads)
    bought = min(seat.replied for seat in party)
    return Line(
        event.number, number, place, quantity, quantity * offer.heads, quantity * offer.cents, offer.currency, bought, party
    )


def _paid(rng: Random, event: Event, order: Order) -> dict[str, int]:
    """Most pay at once; firms get an invoice, and some still owe a part or all of it."""
    owing = 0.45 if isinstance(order.buyer, Organisation) else 0.08
    owing *= 1.5 if event.end > WALL_NOW else 0.6
    share = rng.choice((0.0, 0.0, 0.5)) if rng.random() < owing else 1.0
    return {currency: round(cents * share) for currency, cents in order.totals.items()}


def sold(event: Event, found: list[Order]) -> Mapping[int, int]:
    """Tickets sold by place of the offer."""
    counted = dict.fromkeys(range(len(event.offers)), 0)
    for order in found:
        for line in order.lines:
            counted[line.offer] += line.quantity
    return counted
