"""Attendance, types of tickets, tickets and orders of an event as sheepCRM prints them."""

from __future__ import annotations

from crmkit.demo import ticketing
from crmkit.demo.dialects.sheepcrm.bookings import Bookings
from crmkit.demo.dialects.sheepcrm.ids import Json, decimal, money, naive, uri
from crmkit.demo.dialects.sheepcrm.office import Office, label, name_of, offer_uid, session_uid, ticket_uid
from crmkit.demo.guestlist import Seat
from crmkit.demo.programme import WALL_NOW, Event
from crmkit.demo.ticketing import Line, Order

_ONLINE_SHARE, _ONLINE_CENTS = 0.014, 20  # What a payment online costs.


class Attending:
    """What happens around one event."""

    def __init__(self, office: Office, bookings: Bookings) -> None:
        self._office, self._bookings = office, bookings

    def attendance(self, uid: str) -> Json:
        """Everybody on the list, guests too."""
        sheet = self._office.sheet(uid)
        return self._about(uid) | {"sessions": [self.session(uid, seat) for seat in sheet.seats]}

    def session(self, uid: str, seat: Seat) -> Json:
        """One line of the list. A guest has no person; guest_ref names the host or the firm."""
        event, line = self._office.events[uid], self._office.sheet(uid).ticket_of.get(seat.number)
        mine = session_uid(event, seat)
        host = seat.firm or seat.host
        return {
            "attendee_email": seat.record.card["email"] if seat.record else None,
            "attendee_name": seat.name,
            "created": naive(seat.invited),
            "display_value": f"{seat.name} - {label(event)}",
            "guest": seat.is_guest,
            "guest_ref": self._office.buyer_uri(host) if host else None,
            "last_updated": naive(seat.changed),
            "person_ref": uri("person", seat.record.record_id) if seat.record else None,
            "record_state": "archived" if seat.archived else "active",
            "status": seat.served,
            "ticket": event.offers[line.offer].name if line else "",
            "ticket_ref": uri("ticket", ticket_uid(event, line)) if line else None,
            "uid": mine,
            "uri": uri("session", mine),
        }

    def available_tickets(self, uid: str) -> Json:
        """The types of tickets with their stock; what lies in somebody's basket is reserved."""
        sheet = self._office.sheet(uid)
        sold = ticketing.sold(sheet.event, list(sheet.orders))
        return {"available_tickets": [self._type(sheet.event, place, sold[place]) for place in range(len(sheet.event.offers))]}

    def _type(self, event: Event, place: int, sold: int) -> Json:
        offer = event.offers[place]
        reserved = min(2, offer.stock - sold) if event.start > WALL_NOW else 0
        return {
            "access_code": "SPONSOR" if offer.whom == "organisation" else "",
            "allocated": sold,
            "amount": decimal(offer.cents),
            "available": offer.stock - sold - reserved,
            "available_from_date": {"date": event.announced.date().isoformat(), "mode": "fixed"},
            "currency": offer.currency,
            "description": f"{offer.name} voor {event.name}",
            "member_only": offer.whom == "member",
            "name": offer.name,
            "number_of_attendees_per_ticket": f"{offer.heads}.00",
            "pricing": "fixed" if offer.cents else "free",
            "reserved": reserved,
            "single_use": False,
            "sort_order": place + 1,
            "tags": [offer.whom],
            "tax": "zero",
            "total": offer.stock,
            "uri": uri("ticket_type", offer_uid(event, place)),
            "xero_account_code": "200",
        }

    def tickets(self, uid: str) -> Json:
        """Everything sold; amount is that of the whole line."""
        sheet = self._office.sheet(uid)
        found = [self.ticket(uid, order, line) for order in sheet.orders for line in order.lines]
        return self._about(uid) | {"tickets": found}

    def ticket(self, uid: str, order: Order, line: Line) -> Json:
        """One sold line."""
        event = self._office.events[uid]
        mine, offer = ticket_uid(event, line), event.offers[line.offer]
        return {
            "activity": event.kind,
            "amount": money(line.cents),
            "booking": uri("booking", uid),
            "booking_display": label(event),
            "buyer": self._office.buyer_uri(order.buyer),
            "buyer_display": name_of(order.buyer),
            "created": naive(line.bought),
            "currency": line.currency,
            "date": naive(event.start),
            "display_value": f"{line.quantity} x {offer.name}",
            "formatted_title": f"{offer.name} - {label(event)}",
            "last_updated": naive(line.bought),
            "legacy_uid": "",
            "number_of_attendees": line.heads,
            "purchase_date": naive(line.bought),
            "quantity": line.quantity,
            "record_state": "active",
            "reference": None,
            "tax_rate": 0,
            "ticket_id": f"T{event.number:03d}-{line.number:04d}",
            "ticket_type": uri("ticket_type", offer_uid(event, line.offer)),
            "ticket_type_display": offer.name,
            "uid": mine,
            "uri": uri("ticket", mine),
            "venue": event.venue.name,
            "xero_account_code": "200",
        }

    def orders(self, uid: str) -> Json:
        """All orders by the URI of who pays; buyer inside is who clicked."""
        found = self._office.sheet(uid).orders
        return self._about(uid) | {
            "buyers": {self._office.buyer_uri(order.buyer): self.order(order) for order in found},
            "number_of_orders": len(found),
            "number_of_unpaid_orders": sum(order.paid != order.totals for order in found),
        }

    def order(self, order: Order) -> Json:
        """One order with its totals by currency."""
        return {
            "attendee_count": sum(len(line.seats) for line in order.lines),
            "buyer": self._office.buyer_uri(order.booker or order.buyer),
            "buyer_index_name": _index_name(order),
            "currencies": list(order.totals),
            "order_date": naive(order.bought),
            "order_total": {currency: _totals(order, currency) for currency in order.totals},
            "tickets": sum(line.quantity for line in order.lines),
            "tickets_as_string": ", ".join(f"{line.quantity} x {self._offer_of(line)}" for line in order.lines),
        }

    def _offer_of(self, line: Line) -> str:
        event = self._office.events[self._office.event_uids[line.event]]
        return event.offers[line.offer].name

    def of_buyer(self, resource: str, uid: str, event_uid: str) -> Order:
        """The order of a buyer for an event; KeyError where there is none."""
        wanted = uri(resource, uid)
        for order in self._office.sheet(event_uid).orders:
            if self._office.buyer_uri(order.buyer) == wanted:
                return order
        raise KeyError(wanted)

    def of_person(self, uid: str) -> Json:
        """The events for which somebody ordered."""
        record, office = self._office.records[uid], self._office
        found = [
            {"booking_display": label(office.events[event_uid]), "booking_uri": uri("booking", event_uid)}
            for event_uid in office.events
            if any(order.buyer is record for order in office.sheet(event_uid).orders)
        ]
        return {"contact_uri": uri("person", uid), "orders": found}

    def _about(self, uid: str) -> Json:
        return {"booking": self._bookings.summary(uid), "booking_uri": uri("booking", uid)}


def _index_name(order: Order) -> str:
    """The name under which the order is filed: last name first."""
    name = name_of(order.buyer)
    first, _, last = name.partition(" ")
    return f"{last}, {first}" if order.booker is None and last else name


def _totals(order: Order, currency: str) -> Json:
    total, paid = order.totals[currency], order.paid[currency]
    fees = round(paid * _ONLINE_SHARE + _ONLINE_CENTS) if paid and order.booker is None else 0
    return {
        "fully_paid": paid == total,
        "outstanding": money(total - paid),
        "paid": money(paid),
        "processing_fees": money(fees),
        "total": money(total),
    }
