"""Spreadsheets of an event: its attendance and its orders, with the columns of the fieldsets asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from crmkit.demo.clock import NOW, TODAY
from crmkit.demo.dialects.sheepcrm.attending import Attending
from crmkit.demo.dialects.sheepcrm.files import xlsx
from crmkit.demo.dialects.sheepcrm.ids import Json, naive, uri
from crmkit.demo.dialects.sheepcrm.office import Office, label
from crmkit.demo.records import Record

Row = tuple[Json, Record | None]  # What the fieldset's own columns are read from, and the person.
Column = Callable[[Row], object]


def _own(name: str) -> Column:
    return lambda row: row[0][name]


def _card(name: str) -> Column:
    return lambda row: row[1].card[name] if row[1] else None


def _flag(name: str) -> Column:
    return lambda row: bool(row[1] and row[1].person and getattr(row[1].person, name))


_ABOUT: Mapping[str, Mapping[str, Column]] = {
    "communications": {"Email": _card("email"), "Telephone": _card("phone")},
    "emergency": {"Emergency telephone": _card("phone")},
    "membership": {"Member today": lambda row: bool(row[1] and row[1].person and row[1].person.is_member_on(TODAY))},
    "profile": {"Date of birth": _card("birth_date"), "Gender": _card("gender"), "Language": _card("language")},
    "mailing": {"Postal code": _card("postal_code"), "Locality": _card("city"), "Mailing consent": _flag("newsletter")},
}
ATTENDANCE: Mapping[str, Mapping[str, Column]] = {
    "core": {"Name": _own("attendee_name"), "Status": _own("status"), "Ticket": _own("ticket"), "Guest": _own("guest")},
    "attendance": {"Invited": _own("created"), "Last updated": _own("last_updated"), "Session": _own("uri")},
    **_ABOUT,
}
ORDERS: Mapping[str, Mapping[str, Column]] = {
    "core": {
        "Buyer": _own("buyer_display"),
        "Ticket type": _own("ticket_type_display"),
        "Quantity": _own("quantity"),
        "Amount": _own("amount"),
        "Currency": _own("currency"),
    },
    "order": {"Purchase date": _own("purchase_date"), "Ticket": _own("ticket_id")},
    **_ABOUT,
}
META_FIELDSETS = frozenset(ORDERS) - {"order"}


class Exports:
    """Spreadsheets."""

    def __init__(self, office: Office, attending: Attending) -> None:
        self._office, self._attending = office, attending

    def attendance(self, uid: str, fieldsets: Iterable[str]) -> bytes:
        """A row for each line of the list."""
        columns = _columns(ATTENDANCE, fieldsets)
        seats = self._office.sheet(uid).seats
        rows = [(self._attending.session(uid, seat), seat.record) for seat in seats]
        return xlsx("Attendance", list(columns), ([read(row) for read in columns.values()] for row in rows))

    def orders(self, uid: str, fieldsets: Iterable[str]) -> bytes:
        """A row for each sold line."""
        columns = _columns(ORDERS, fieldsets)
        return xlsx("Orders", list(columns), ([read(row) for read in columns.values()] for row in self._sold(uid)))

    def orders_meta(self, uid: str, fieldsets: Iterable[str]) -> Json:
        """What the spreadsheet of the orders is made of."""
        chosen = list(fieldsets)
        return {
            "booking_uri": uri("booking", uid),
            "title": f"Orders {label(self._office.events[uid])}",
            "generated": naive(NOW),
            "fieldsets": chosen,
            "fields": list(_columns(ORDERS, chosen)),
            "number_of_rows": sum(1 for _ in self._sold(uid)),
        }

    def _sold(self, uid: str) -> Iterator[Row]:
        for order in self._office.sheet(uid).orders:
            person = order.buyer if isinstance(order.buyer, Record) else order.booker
            for line in order.lines:
                yield self._attending.ticket(uid, order, line), person


def _columns(known: Mapping[str, Mapping[str, Column]], fieldsets: Iterable[str]) -> dict[str, Column]:
    """The columns of the fieldsets in the order in which they were asked for."""
    return {title: read for name in fieldsets for title, read in known[name].items()}
