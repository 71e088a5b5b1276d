"""What sheepCRM knows of the club: people, organisations, events with their lists and orders, membership terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crmkit.demo import guestlist, programme, renewing, ticketing
from crmkit.demo.answers import Answer
from crmkit.demo.clock import TODAY
from crmkit.demo.club import Club
from crmkit.demo.dialects.sheepcrm.ids import number_in, oid, uri, user_uri
from crmkit.demo.guestlist import Guestbook, Seat
from crmkit.demo.organisations import COMPANY, Organisation
from crmkit.demo.programme import DRAFT, Event
from crmkit.demo.records import Record
from crmkit.demo.renewing import Term
from crmkit.demo.ticketing import Line, Order


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who works with sheepCRM."""

    number: int
    name: str

    @property
    def uri(self) -> str:
        """The user's URI."""
        return user_uri(oid("user", self.number))


USERS = (User(1, "Ticketbalie"), User(2, "Ledenadministratie"), User(3, "Evenementen"), User(4, "API rapportering"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """An event with its list and its orders."""

    event: Event
    seats: tuple[Seat, ...]
    orders: tuple[Order, ...]
    ticket_of: Mapping[int, Line]  # By number of the seat.


class Office:
    """The club through sheepCRM's eyes. People and events lie ready, lists are drawn when first asked for."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self._sheets: dict[int, Sheet] = {}

    @cached_property
    def records(self) -> dict[str, Record]:
        """Records of persons by uid."""
        return {record.record_id: record for record in self.club.records("sheepcrm")}

    @cached_property
    def original(self) -> dict[str, Record]:
        """The original record of each person."""
        return {r.person_id: r for r in self.records.values() if r.kind == "person" and r.person_id}

    @cached_property
    def organisations(self) -> dict[str, Organisation]:
        """Organisations by uid."""
        return {oid("organisation", number): found for number, found in enumerate(self.club.organisations, 1)}

    @cached_property
    def organisation_uids(self) -> dict[str, str]:
        """The uid of an organisation by the club's own number."""
        return {found.organisation_id: uid for uid, found in self.organisations.items()}

    @cached_property
    def events(self) -> dict[str, Event]:
        """Events by uid, drafts too."""
        club = self.club
        found = programme.programme(club.seed, len(club.people), club.activities, club.weather)
        return {oid("booking", event.number, event.announced): event for event in found}

    @cached_property
    def event_uids(self) -> dict[int, str]:
        """The uid of an event by its number."""
        return {event.number: uid for uid, event in self.events.items()}

    @cached_property
    def terms(self) -> dict[str, Term]:
        """Membership terms by uid."""
        found = renewing.terms(self.club.random("sheepcrm:terms"), self.records.values())
        return {oid("member", term.number): term for term in found}

    @cached_property
    def terms_of(self) -> dict[str, list[tuple[str, Term]]]:
        """Uids and terms by the uid of the person who holds them."""
        found: dict[str, list[tuple[str, Term]]] = {}
        for uid, term in self.terms.items():
            found.setdefault(term.record.record_id, []).append((uid, term))
        return found

    @cached_property
    def most_heads(self) -> int:
        """More people than can come to one event by themselves or as somebody's guests."""
        return 6 * min(guestlist.MOST_INVITED, len(self.records)) + 1

    def sheet(self, uid: str) -> Sheet:
        """An event with its list and its orders; KeyError where there is no such event."""
        event = self.events[uid]
        if event.number not in self._sheets:
            self._sheets[event.number] = self._sheet(event)
        return self._sheets[event.number]

    def _sheet(self, event: Event) -> Sheet:
        rng = self.club.random(f"sheepcrm:list:{event.number}")
        seats = guestlist.seats(rng, event, self._guestbook, self._answers(event))
        found = ticketing.orders(rng, event, seats, self._payer, self._bookers)
        tickets = {seat.number: line for order in found for line in order.lines for seat in line.seats}
        return Sheet(event, tuple(seats), tuple(found), tickets)

    @cached_property
    def _guestbook(self) -> Guestbook:
        firms = tuple(found for found in self.organisations.values() if found.kind == COMPANY)
        return Guestbook(tuple(self.records.values()), firms, self.club.weather)

    def _answers(self, event: Event) -> Mapping[str, Answer]:
        """What members answered to the same event of the calendar, by person."""
        answers = self.club.answers(event.activity) if event.activity and event.state != DRAFT else []
        return {answer.person.person_id: answer for answer in answers}

    def _payer(self, record: Record) -> Record:
        """A parent pays for a child, where sheepCRM knows one."""
        person = record.person
        if person is None or person.age_on(TODAY) >= 16:
            return record
        return next((self.original[parent] for parent in person.parents if parent in self.original), record)

    @cached_property
    def _bookers(self) -> list[Record]:
        return [each for each in self.original.values() if each.person and 25 <= each.person.age_on(TODAY) < 66][:40]

    def seat(self, uid: str) -> tuple[str, Seat]:
        """The uid of the event and the line of a list; KeyError where there is none."""
        number = number_in("session", uid)
        event_uid = self.event_uids[number >> 16]
        for seat in self.sheet(event_uid).seats:
            if seat.number == number & 0xFFFF and session_uid(self.events[event_uid], seat) == uid:
                return event_uid, seat
        raise KeyError(uid)

    def ticket(self, uid: str) -> tuple[str, Order, Line]:
        """The uid of the event, the order and the line of a ticket; KeyError where there is none."""
        event_uid = self.event_uids[number_in("ticket", uid) >> 16]
        for order in self.sheet(event_uid).orders:
            for line in order.lines:
                if ticket_uid(self.events[event_uid], line) == uid:
                    return event_uid, order, line
        raise KeyError(uid)

    def buyer_uri(self, buyer: Record | Organisation) -> str:
        """The URI of who pays an order."""
        if isinstance(buyer, Record):
            return uri("person", buyer.record_id)
        return uri("organisation", self.organisation_uids[buyer.organisation_id])

    def attended(self, record: Record) -> list[tuple[str, Seat]]:
        """Uids of events and the lines of a record on their lists."""
        return [(uid, seat) for uid in self.events for seat in self.sheet(uid).seats if seat.record is record]


def name_of(found: Record | Organisation) -> str:
    """How a record or an organisation is called."""
    return f"{found.card['first_name']} {found.card['last_name']}" if isinstance(found, Record) else found.name


def session_uid(event: Event, seat: Seat) -> str:
    """The id of a line of a list."""
    return oid("session", event.number << 16 | seat.number, seat.invited)


def ticket_uid(event: Event, line: Line) -> str:
    """The id of a ticket."""
    return oid("ticket", event.number << 16 | line.number, line.bought)


def offer_uid(event: Event, place: int) -> str:
    """The id of a type of ticket."""
    return oid("ticket_type", event.number << 8 | place, event.announced)


def label(event: Event) -> str:
    """An event with the year, so that the same one of two seasons can be told apart."""
    return f"{event.name} {event.day.year}"
