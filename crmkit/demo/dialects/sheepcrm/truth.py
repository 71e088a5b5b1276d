"""What sheepCRM's part of the truth is: events, who came, orders, membership terms, segments and the effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crmkit.demo.dialects.sheepcrm.ids import money, uri
from crmkit.demo.dialects.sheepcrm.office import session_uid
from crmkit.demo.dialects.sheepcrm.reads import Reads
from crmkit.demo.organisations import Organisation
from crmkit.demo.programme import DRAFT
from crmkit.demo.renewing import RENEWAL_EFFECTS
from crmkit.demo.turnout import REPLY_EFFECTS, REPLY_RATES, SHOW_EFFECTS, SHOWS_WITHOUT_HOST

Row = dict[str, Any]


def rows(reads: Reads, name: str) -> Iterable[Row]:
    """The rows of a frame, none where sheepCRM has nothing to say."""
    known: Mapping[str, Callable[[Reads], Iterator[Row]]] = {
        "segments": _segments,
        "events": _events,
        "event_attendance": _attendance,
        "event_orders": _orders,
        "memberships_sheepcrm": _memberships,
        "effects": _effects,
    }
    return ({"crm": "sheepcrm", **row} for row in known[name](reads)) if name in known else ()


def _segments(reads: Reads) -> Iterator[Row]:
    """A line for each record in a segment; an empty or auxiliary segment has one line without a record."""
    for segment in reads.segments.by_uid.values():
        for record_id in reads.segments.members(segment) or (None,):
            yield {
                "object_type": segment.resource,
                "segment_id": segment.uid,
                "name": segment.name,
                "rule": segment.rule,
                "record_id": record_id,
            }


def _events(reads: Reads) -> Iterator[Row]:
    """number: that of the calendar's activity where it is the same event; price: the cheapest for one head."""
    for uid, event in reads.office.events.items():
        sky = reads.office.club.weather.get(event.day) if event.state != DRAFT else None
        yield {
            "event_uri": uri("booking", uid),
            "number": event.activity.number if event.activity else None,
            "name": event.name,
            "kind": event.kind,
            "audience": event.audience,
            "start": event.start,
            "end": event.end,
            "state": event.state,
            "taken": event.taken,
            "series": event.series,
            "capacity": event.capacity,
            "price": event.cents / 100,
            "currency": event.offers[0].currency,
            "outdoors": event.venue.outdoors,
            "km_east": event.venue.east,
            "km_north": event.venue.north,
            "temperature": sky.temperature if sky else None,
            "rain": sky.rain if sky else None,
        }


def _attendance(reads: Reads) -> Iterator[Row]:
    """A line for each row of a list. status is true, served what the list says; a guest has no person."""
    for uid, event in reads.office.events.items():
        for seat in reads.office.sheet(uid).seats:
            yield {
                "event_uri": uri("booking", uid),
                "session_uri": uri("session", session_uid(event, seat)),
                "person_id": seat.record.person_id if seat.record else None,
                "record_id": seat.record.record_id if seat.record else None,
                "guest": seat.is_guest,
                "status": seat.status,
                "served": seat.served,
                "reply": seat.reply,
                "came": seat.came,
                "replied": seat.replied,
            }


def _orders(reads: Reads) -> Iterator[Row]:
    """A line for each order and currency."""
    for uid in reads.office.events:
        for order in reads.office.sheet(uid).orders:
            for currency, cents in order.totals.items():
                yield {
                    "event_uri": uri("booking", uid),
                    "buyer_uri": reads.office.buyer_uri(order.buyer),
                    "organisation": isinstance(order.buyer, Organisation),
                    "currency": currency,
                    "total": money(cents),
                    "paid": money(order.paid[currency]),
                    "tickets": sum(line.quantity for line in order.lines if line.currency == currency),
                    "heads": sum(line.heads for line in order.lines if line.currency == currency),
                }


def _memberships(reads: Reads) -> Iterator[Row]:
    """A line for each term. renewed: whether one follows, whatever the record says of it (has_renewed)."""
    for uid, term in reads.office.terms.items():
        yield {
            "uri": uri("member", uid),
            "person_id": term.record.person_id,
            "record_id": term.record.record_id,
            "plan": term.plan.name,
            "family": term.plan.family,
            "start": term.start,
            "end": term.end,
            "renewed": term.follower,
            "has_renewed": term.renewed,
            "cancelled": term.cancelled,
            "status": term.status,
            "amount": money(term.cents),
            "currency": term.plan.currency,
            "paid": term.paid,
            "linked": len(term.linked),
        }


def _effects(_: Reads) -> Iterator[Row]:
    """The models behind the lists and the renewals."""
    for effects, scale in (
        (SHOW_EFFECTS, "log-odds of coming, once accepted"),
        (REPLY_EFFECTS, "log-odds of accepting, once replied"),
        (REPLY_RATES, "chance of a reply"),
        ({"guest whose host stays away": SHOWS_WITHOUT_HOST}, "chance of coming, once accepted"),
    ):
        for effect, value in effects.items():
            yield {"effect": f"events: {effect}", "scale": scale, "value": value}
    for effect, value in RENEWAL_EFFECTS.items():
        yield {"effect": f"friends: {effect}", "scale": "log-odds of a renewal", "value": value}
