"""Events as sheepCRM prints them: in lists, as a summary and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from crmkit.demo import programme, ticketing
from crmkit.demo.calendar import CANTEEN, COURTS, FOREST, GROUND, HALL, Venue
from crmkit.demo.dialects.sheepcrm.ids import Json, decimal, may, money, naive, oid, uri
from crmkit.demo.dialects.sheepcrm.office import USERS, Office, label, offer_uid
from crmkit.demo.programme import CANCELLED, DRAFT, WALL_NOW, Event

_DAY = timedelta(days=1)
STATES: Mapping[str, Callable[[Event], bool]] = {
    "all": lambda event: True,
    "current": lambda event: event.state != DRAFT and event.end >= WALL_NOW - 14 * _DAY and event.start <= WALL_NOW + 90 * _DAY,
    "draft": lambda event: event.state == DRAFT,
    "future": lambda event: event.state != DRAFT and event.start > WALL_NOW,
    "past": lambda event: event.state != DRAFT and event.has_ended,
    "running": lambda event: event.state == programme.LIVE and event.start <= WALL_NOW <= event.end,
}
_WHERE: Mapping[Venue, tuple[str, str]] = {
    CANTEEN: ("Dijlevallei 1", "3000"),
    GROUND: ("Dijlevallei 3", "3000"),
    HALL: ("Meanderlaan 12", "3001"),
    COURTS: ("Bruulstraat 40", "3010"),
    FOREST: ("Naamsesteenweg 573", "3001"),
}
_CATEGORIES: Mapping[str, tuple[str, str]] = {
    programme.DINNER: ("Eten en drinken", "Diner"),
    programme.RUN: ("Sport", "Loop of wandeling"),
    programme.CAMP: ("Jeugd", "Kamp"),
    programme.TOURNAMENT: ("Sport", "Tornooi"),
    programme.EVENING: ("Ontmoeting", "Avond"),
    programme.TRAINING: ("Sport", "Initiatie"),
}
_BOX_OFFICE = "https://tickets.dijlevallei.example/events"


class Bookings:
    """Events; a list shows one event of a series, the most recent one."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def listed(self, state: str) -> list[str]:
        """The ids of the events of a state, by their start."""
        fitting = {uid: event for uid, event in self._office.events.items() if STATES[state](event)}
        latest = {event.series or "": uid for uid, event in fitting.items() if event.series}
        return [uid for uid, event in fitting.items() if latest.get(event.series or "", uid) == uid]

    def summary(self, uid: str) -> Json:
        """The fields of a list."""
        event = self._office.events[uid]
        street, code = _WHERE[event.venue]
        group, subgroup = _CATEGORIES[event.kind]
        last = event.end.date()
        day = f"{event.day:%d/%m/%Y}"
        return {
            "booking_type": "ticketed" if event.offers else "open",
            "cancelled": event.state == CANCELLED,
            "capacity": event.capacity,
            "category": group,
            "catering": event.kind == programme.DINNER,
            "controller": USERS[2].uri,
            "date_range": day if last == event.day else f"{day} - {last:%d/%m/%Y}",
            "description": f"<p>{event.name} in {event.venue.name}.</p>",
            "display_value": label(event),
            "end_date": last.isoformat(),
            "end_datetime": naive(event.end),
            "end_time": f"{event.end:%H:%M}",
            "eventbrite_id": "",
            "eventbrite_last_sync": None,
            "external_boxoffice_link": "",
            "external_image": f"{_BOX_OFFICE}/{uid}/banner.jpg",
            "external_web_link": "",
            "formatted_title": f"{event.name} ({day})",
            "group": [self._group(name) for name in ("Evenementen", *(["Bestuur"] if event.audience == "supporters" else []))],
            "is_sold_out": self._is_sold_out(uid),
            "location": event.venue.name,
            "location_address_string": f"{street}, {code} Leuven",
            "location_country": "BE",
            "location_postal_code": code,
            "photo": "",
            "record_state": "active",
            "series_id": event.series,
            "start_date": event.day.isoformat(),
            "start_datetime": naive(event.start),
            "start_time": f"{event.start:%H:%M}",
            "status": {CANCELLED: "cancelled", DRAFT: "draft"}.get(event.state, "confirmed"),
            "subcategory": subgroup,
            "tags": [event.kind, "buiten" if event.venue.outdoors else "binnen"],
            "ticketed_event": bool(event.offers),
            "title": event.name,
            "uid": uid,
            "uri": uri("booking", uid),
            "user_interface": may("events", "booking"),
            "waitlist_available": event.capacity is not None,
            "website": f"{_BOX_OFFICE}/{uid}",
        }

    def whole(self, uid: str) -> Json:
        """All the details, with what only the newest public document names."""
        event, sheet = self._office.events[uid], self._office.sheet(uid)
        sold = ticketing.sold(event, list(sheet.orders))
        stock = sum(offer.stock for offer in event.offers)
        prices = [offer.cents for offer in event.offers]
        return self.summary(uid) | {
            "created": naive(event.announced),
            "last_updated": naive(max([event.announced, *(seat.changed for seat in sheet.seats)])),
            "resource_type": "booking",
            "event_type": event.kind,
            "venues": [event.venue.name],
            "has_available_tickets": sum(sold.values()) < stock,
            "minimum_ticket_price": decimal(min(prices)),
            "maximum_ticket_price": decimal(max(prices)),
            "ticket_stock_control": True,
            "total_stock": stock,
            "total_stock_allocated": sum(sold.values()),
            "total_stock_available": stock - sum(sold.values()),
            "ticket_types": {offer_uid(event, place): offer.name for place, offer in enumerate(event.offers)},
            "ticket_type_income": {
                offer_uid(event, place): money(sold[place] * offer.cents) for place, offer in enumerate(event.offers)
            },
            "connection_type_counter": _counted(seat.served for seat in sheet.seats),
            "invoice_total": money(sum(sum(order.totals.values()) for order in sheet.orders)),
        }

    def _is_sold_out(self, uid: str) -> bool:
        """Without a look at the orders where there is more than anybody could ask for."""
        event = self._office.events[uid]
        if any(offer.stock >= self._office.most_heads and offer.whom == "anybody" for offer in event.offers):
            return False
        sold = ticketing.sold(event, list(self._office.sheet(uid).orders))
        return all(sold[place] >= offer.stock for place, offer in enumerate(event.offers))

    def _group(self, name: str) -> Json:
        number = next(group.group_id for group in self._office.club.groups if group.name == name)
        return {"display_value": name, "ref": uri("group", oid("group", number))}


def _counted(words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
