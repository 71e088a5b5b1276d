"""Every documented path for reading, what may be asked there and how it is answered; and the one write that is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zlib import crc32

from crmkit.demo.club import Club
from crmkit.demo.dialects.sheepcrm import exports, files, finding, invoices
from crmkit.demo.dialects.sheepcrm.asking import Query
from crmkit.demo.dialects.sheepcrm.attending import Attending
from crmkit.demo.dialects.sheepcrm.audit import Audit
from crmkit.demo.dialects.sheepcrm.bookings import STATES, Bookings
from crmkit.demo.dialects.sheepcrm.contacts import Contacts
from crmkit.demo.dialects.sheepcrm.fieldsets import Fieldsets
from crmkit.demo.dialects.sheepcrm.holdings import Holdings
from crmkit.demo.dialects.sheepcrm.ids import Json, uri
from crmkit.demo.dialects.sheepcrm.journal import Journal
from crmkit.demo.dialects.sheepcrm.marking import PARAMETERS, Marking
from crmkit.demo.dialects.sheepcrm.members import Members
from crmkit.demo.dialects.sheepcrm.office import Office
from crmkit.demo.dialects.sheepcrm.questions import Questions
from crmkit.demo.dialects.sheepcrm.segments import Segment, Segments
from crmkit.demo.programme import WALL_NOW
from crmkit.demo.wsgi import Refused, Reply

MEDIA = "/media"
EVENTS_A_PAGE, OTHERS_A_PAGE = 250, 50
_PAGING = ("page_size", "page")
_MORE_NAMES = ("limit", "from", "to", "resource", "format")
_EVENT, _SEGMENT = "/events/v2/<bucket>/booking/<uid>", "/segments/v2/<bucket>/segment/<uid>"


@dataclass(frozen=True)
class Read:
    """How a path is answered; part says which dial may take it away."""

    call: Callable[..., object]
    parameters: frozenset[str] = frozenset()
    permission: str = ""
    part: str = ""


@dataclass(frozen=True)
class Listing:
    """A list that is paged: its key in the answer, the entries, how one is printed, what stands beside it."""

    key: str
    entries: list[Any]
    show: Callable[[Any], Json]
    size: int = OTHERS_A_PAGE
    beside: Mapping[str, object] | None = None


class Reads:
    """The documented reads over one club. mount: the path below which everything lies."""

    def __init__(self, club: Club, mount: str = "") -> None:
        self._mount = mount
        office = self.office = Office(club)
        self.members = Members(office)
        self.contacts = Contacts(office, self.members)
        self.bookings = Bookings(office)
        self.attending = Attending(office, self.bookings)
        self._marking = Marking(office, self.attending)
        self.segments = Segments(office)
        self._holdings = Holdings(self.segments, self.contacts, self.members, self.bookings)
        self._finding = finding.Finding(office, self.contacts)
        self._exports = exports.Exports(office, self.attending)
        self._questions = Questions(office)
        self._fieldsets = Fieldsets()
        self._invoices = invoices.Invoices(office)
        self._journal = Journal(office)
        self._audit = Audit(office)

    def table(self) -> dict[str, Read]:
        """Reads by path, below the mount."""
        return {**self._of_contacts(), **self._of_events(), **self._of_segments(), **self._of_the_rest()}

    def writes(self) -> dict[str, Read]:
        """Writes by path, all of them PUT; they are asked like reads, by the query alone."""
        return {f"{_EVENT}/attendance": _read(lambda query, uid: self._marking.mark(query, uid), *PARAMETERS)}

    def _of_contacts(self) -> dict[str, Read]:
        contacts, members, any_record = self.contacts, self.members, "/api/v2/<bucket>/<resource>/<uid>"
        person, find = "/api/v2/<bucket>/person/<uid>", _read(self._person, *finding.PERSON_PARAMETERS, "take_first_if_multiple")
        search = _read(lambda query: self._finding.everywhere(query.text("q")), "q")
        return {
            f"{any_record}/avatar": _read(self._avatar),
            f"{any_record}/display": _read(lambda query, resource, uid: {"display_value": contacts.display(resource, uid)}),
            f"{any_record}/provenance": _read(lambda query, resource, uid: contacts.provenance(resource, uid)),
            f"{person}/summary": _read(lambda query, uid: contacts.summary("person", uid), permission="person.summary"),
            "/api/v2/<bucket>/organisation/<uid>/summary": _read(
                lambda query, uid: contacts.summary("organisation", uid), permission="organisation.summary"
            ),
            f"{person}/communications/detail": _read(
                lambda query, uid: contacts.communications(uid), permission="person.communications"
            ),
            f"{person}/personal/detail": _read(lambda query, uid: contacts.personal(uid), permission="person.personal"),
            f"{person}/membership/all": _read(lambda query, uid: members.history(uid)),
            "/api/v2/find/person/<bucket>": find,
            "/search/v2/<bucket>/person": find,
            "/search/v2/<bucket>": search,
            "/search/v2/<bucket>/": search,
            "/search/v2/<bucket>/global": search,
            "/search/v2/<bucket>/help": _read(self._help, "q", "limit", "include_text", "include_html"),
            "/search/v2/<bucket>/car": _read(lambda query: self._finding.vehicle(query.first), *finding.VEHICLE_PARAMETERS),
            "/api/v2/<bucket>/member/<uid>/": _read(lambda query, uid: members.short(uid)),
            "/api/v2/<bucket>/member/<uid>/detail": _read(lambda query, uid: members.detailed(uid)),
            "/internal/v2/<bucket>/membership_type/<uid>/extras": _read(lambda query, uid: members.extras(uid)),
            f"{MEDIA}/<bucket>/person/<uid>/photo.png": _read(lambda query, uid: _picture(uid, 48)),
        }

    def _of_events(self) -> dict[str, Read]:
        bookings, attending = self.bookings, self.attending
        now = _read(lambda query: self._events("current"), *_PAGING)
        attendance = _read(lambda query, uid: attending.attendance(uid))
        return {
            "/events/v2/<bucket>": now,
            "/events/v2/<bucket>/bookings": now,
            f"/events/v2/<bucket>/bookings/<any({','.join(STATES)}):state>": _read(
                lambda query, state: self._events(state), *_PAGING
            ),
            _EVENT: _read(lambda query, uid: bookings.whole(uid)),
            f"{_EVENT}/summary": _read(lambda query, uid: bookings.summary(uid)),
            f"{_EVENT}/attendance": attendance,
            f"{_EVENT}/attendance/all": attendance,
            "/events/v2/<bucket>/bookings/<uid>/attendance": attendance,
            f"{_EVENT}/attendance/export": _read(self._attendance_export, "fieldset"),
            f"{_EVENT}/available_tickets": _read(lambda query, uid: attending.available_tickets(uid)),
            f"{_EVENT}/tickets/all": _read(lambda query, uid: attending.tickets(uid)),
            f"{_EVENT}/orders": _read(lambda query, uid: attending.orders(uid), permission="booking.orders"),
            f"{_EVENT}/orders/export": _read(self._orders_export, "fieldset"),
            f"{_EVENT}/orders/export/meta": _read(self._orders_meta, "fieldset"),
            "/events/v2/<bucket>/person/<uid>/orders": _read(
                lambda query, uid: attending.of_person(uid), permission="contact.orders"
            ),
            "/events/v2/<bucket>/<resource>/<uid>/order/<euid>": _read(
                lambda query, resource, uid, euid: attending.order(attending.of_buyer(resource, uid, euid)),
                permission="event.order",
            ),
            "/events/v2/<bucket>/<resource>/<uid>/order/<euid>/questions": _read(
                lambda query, resource, uid, euid: self._questions.of(euid, attending.of_buyer(resource, uid, euid)),
                permission="event.order",
            ),
        }

    def _of_segments(self) -> dict[str, Read]:
        by_uid, holdings = self.segments.by_uid, self._holdings
        return {
            "/segments/v2/<bucket>": _read(lambda query: self._listed(lambda each: each.active), *_PAGING),
            "/segments/v2/<bucket>/all": _read(lambda query: self._listed(lambda each: True), *_PAGING),
            "/segments/v2/<bucket>/find": _read(self._find, "name", *_PAGING),
            "/segments/v2/<bucket>/fieldset": _read(
                lambda query: self._fieldsets.listed(query.first.get("resource")), "resource"
            ),
            "/segments/v2/<bucket>/fieldset/<uid>": _read(lambda query, uid: self._fieldsets.whole(uid)),
            f"{_SEGMENT}/config": _read(lambda query, uid: holdings.config(by_uid[uid])),
            f"{_SEGMENT}/count": _read(lambda query, uid: holdings.count(by_uid[uid])),
            f"{_SEGMENT}/lookup": _read(lambda query, uid: holdings.lookup(by_uid[uid], query.first.get("q", "")), "q"),
            f"{_SEGMENT}/all": _read(self._held, "q", "verbose", *_PAGING),
        }

    def _of_the_rest(self) -> dict[str, Read]:
        of_record = _read(self._of_record, "limit", "since_days", part="audit in api")
        tasks = _read(lambda query: self._newest(query, "tasks", self._journal.tasks), "page_size", part="journal")
        return {
            "/api/v2/<bucket>/audit": _read(self._changes, *_MORE_NAMES, part="audit in api"),
            "/audit/v2/<bucket>/audit": _read(self._changes, *_MORE_NAMES, "skip", part="audit in audit"),
            "/api/v2/<bucket>/<resource>/<uid>/audit": of_record,
            "/audit/v2/<bucket>/<resource>/<uid>/audit": _read(self._of_record, "limit", "since_days", part="audit in audit"),
            "/invoices/v2/<bucket>/<any(order,invoice,membership):kind>/<uid>": _read(
                lambda query, kind, uid: self._invoices.found(kind, uid)
            ),
            "/invoices/v2/<bucket>/<any(order,invoice,membership):kind>/<uid>/<signature>": _read(self._signed),
            "/notifications/v2/<bucket>": _read(
                lambda query: self._newest(query, "notification", self._journal.notifications), "page_size", part="journal"
            ),
            "/notifications/v2/<bucket>/tasks": tasks,
            "/notifications/v2/<bucket>/tasks/all": tasks,
            "/notifications/v2/<bucket>/task/<uid>": _read(lambda query, uid: self._journal.tasks[uid], part="journal"),
            "/notifications/v2/<bucket>/<resource>/<uid>": _read(
                lambda query, resource, uid: self._journal.notification(resource, uid), part="journal"
            ),
        }

    def _events(self, state: str) -> Listing:
        return Listing("bookings", self.bookings.listed(state), self.bookings.summary, EVENTS_A_PAGE)

    def _listed(self, wanted: Callable[[Segment], bool]) -> Listing:
        found = sorted(filter(wanted, self.segments.by_uid.values()), key=lambda each: each.name)
        return Listing("segments", found, self.segments.shown)

    def _find(self, query: Query) -> Listing:
        term = query.text("name").lower()
        return self._listed(lambda each: each.active and term in each.name.lower())

    def _held(self, query: Query, uid: str) -> Listing:
        segment, verbose = self.segments.by_uid[uid], query.flag("verbose")
        found = self._holdings.uids(segment, query.first.get("q", ""))
        beside = {"segment": uri("segment", uid), "resource_type": segment.resource}
        return Listing(
            "records", found, lambda each: self._holdings.record(segment, each, verbose=verbose), OTHERS_A_PAGE, beside
        )

    def _person(self, query: Query) -> Json:
        return self._finding.person(query.first, query.flag("take_first_if_multiple"))

    def _help(self, query: Query) -> Json:
        limit = query.number("limit", 10)
        return self._finding.help(query.text("q"), limit, query.flag("include_text"), query.flag("include_html"))

    def _avatar(self, query: Query, resource: str, uid: str) -> Reply:
        if resource not in ("person", "organisation"):
            raise KeyError(resource)
        self.contacts.display(resource, uid)
        if self.contacts.has_photo(uid):
            return Reply(302, b"", "text/html", {"Location": f"{self._mount}{MEDIA}{uri(resource, uid)}photo.png"})
        return _picture(uid, 16)

    def _attendance_export(self, query: Query, uid: str) -> Reply:
        chosen = query.some_of("fieldset", exports.ATTENDANCE, "core")
        return _spreadsheet("attendance", self._exports.attendance(uid, chosen))

    def _orders_export(self, query: Query, uid: str) -> Reply:
        return _spreadsheet("orders", self._exports.orders(uid, query.some_of("fieldset", exports.ORDERS, "core")))

    def _orders_meta(self, query: Query, uid: str) -> Json:
        return self._exports.orders_meta(uid, query.some_of("fieldset", exports.META_FIELDSETS, "core"))

    def _changes(self, query: Query) -> object:
        limit, skip = query.number("limit", 250), query.number("skip", 0, least=0)
        start = query.moment("from", WALL_NOW - timedelta(days=1))
        found = self._audit.between(start, query.moment("to", WALL_NOW), query.first.get("resource"))[skip:][:limit]
        if query.one_of("format", ("json", "list"), "json") == "list":
            return [{name: value for name, value in entry.items() if name != "clean_diff"} for entry in found]
        return {"results": found, "count": len(found)}

    def _of_record(self, query: Query, resource: str, uid: str) -> Json:
        self.contacts.display(resource, uid)
        return self._audit.of(resource, uid, query.number("since_days", 180), query.number("limit", 250))

    def _signed(self, query: Query, kind: str, uid: str, signature: str) -> Json:
        if signature != invoices.SIGNATURE:
            raise Refused(403, "The signature does not fit.")
        return self._invoices.found(kind, uid)

    def _newest(self, query: Query, key: str, entries: Mapping[str, Json]) -> Json:
        """One object, as the document draws it; whatever page_size says."""
        query.number("page_size", 7)
        return {key: next(iter(entries.values()), None)}


def _read(call: Callable[..., object], *parameters: str, permission: str = "", part: str = "") -> Read:
    return Read(call, frozenset(parameters), permission, part)


def _picture(uid: str, side: int) -> Reply:
    """A square in a colour of the record's own."""
    colour = crc32(uid.encode())
    return Reply(200, files.png((colour & 255, colour >> 8 & 255, colour >> 16 & 255), side), "image/png")


def _spreadsheet(name: str, body: bytes) -> Reply:
    return Reply(200, body, files.XLSX, {"Content-Disposition": f'attachment; filename="{name}.xlsx"'})
