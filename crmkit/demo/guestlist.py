"""The lists of the open events: who was invited and replied what, who came, and what was written down of it.

A member who answered an event of the calendar came there or did not, whoever asks: those answers are taken over
as they are, without a ticket. Everybody else follows the chances of turnout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crmkit.demo import names, turnout
from crmkit.demo.answers import NO, YES, Answer
from crmkit.demo.calendar import Weather
from crmkit.demo.organisations import Organisation
from crmkit.demo.people import Person
from crmkit.demo.programme import (
    ADULTS,
    CANCELLED,
    CHILDREN,
    DRAFT,
    FULL,
    NONE,
    PART,
    RUN,
    SUPPORTERS,
    TOURNAMENT,
    WALL_NOW,
    Event,
    Offer,
)
from crmkit.demo.records import Record

INVITED, ACCEPTED, DECLINED, ATTENDED, NO_SHOW = "invited", "accepted", "declined", "attended", "no-show"
WITHDRAWN, WAITING = "withdrawn", "waitlist"  # No document names these two.
MOST_INVITED = 1500


@dataclass(slots=True)
class Seat:
    """A line of a list. record is set, or for a guest host or firm. offer: place of the ticket among the offers.

    reply: what was answered; came: None while it is not known; status: what is true, in the document's five
    words; served: what was written down.
    """

    number: int
    record: Record | None
    name: str
    invited: datetime
    replied: datetime
    reply: str = INVITED
    came: bool | None = False
    offer: int | None = None
    host: Record | None = None
    firm: Organisation | None = None
    status: str = INVITED
    served: str = INVITED
    changed: datetime = WALL_NOW
    archived: bool = False

    @property
    def is_guest(self) -> bool:
        """Whether somebody brought this one."""
        return self.record is None

    @property
    def party(self) -> str:
        """Who booked: the id of a record or an organisation."""
        if self.firm:
            return self.firm.organisation_id
        booker = self.host or self.record
        return booker.record_id if booker else ""


@dataclass(frozen=True, slots=True)
class Guestbook:
    """What all lists are drawn from."""

    records: tuple[Record, ...]
    sponsors: tuple[Organisation, ...]
    weather: Mapping[date, Weather]


def seats(rng: Random, event: Event, book: Guestbook, answers: Mapping[str, Answer]) -> list[Seat]:
    """The list of an event; a draft has none. answers: by person_id, given to the same event elsewhere."""
    if event.state == DRAFT:
        return []
    drawing = _Drawing(rng, event, book, answers)
    for record in drawing.invited():
        drawing.invite(record)
    drawing.tables()
    _sell(event, drawing.seats)
    _hold(event, drawing.seats)
    _write_down(rng, event, drawing.seats)
    return drawing.seats


class _Drawing:
    def __init__(self, rng: Random, event: Event, book: Guestbook, answers: Mapping[str, Answer]) -> None:
        self._rng, self._event, self._book, self._answers = rng, event, book, answers
        self._common = turnout.of_the_day(event, book.weather[event.day])
        self.seats: list[Seat] = []

    def invited(self) -> list[Record]:
        """Records of those whom the event is for, as far as they were there by then; a lot where they are many."""
        known = [each for each in self._book.records if each.created.replace(tzinfo=None) < self._event.announced]
        known = [record for record in known if _is_for(self._event, record)]
        if len(known) > MOST_INVITED:
            known = sorted(self._rng.sample(known, MOST_INVITED), key=lambda record: record.record_id)
        return known

    def invite(self, record: Record) -> None:
        """A line for a record, and one for every guest whom the person brings."""
        rng = self._rng
        invited = self._event.announced + timedelta(minutes=rng.randrange(90), seconds=rng.randrange(60))
        speaks, agrees, comes, extra = rng.random(), rng.random(), rng.random(), rng.random()
        name = f"{record.card['first_name']} {record.card['last_name']}"
        seat = self._add(record, name, invited, self._replied(invited))
        answer = self._answers.get(record.person_id or "")
        if record.kind != "person" or record.person is None:
            seat.archived = record.kind == "test" and extra < 0.5
        elif answer:
            seat.reply, seat.came = {YES: ACCEPTED, NO: DECLINED}.get(answer.status, INVITED), answer.came
        elif not record.person.never_comes and speaks < turnout.replies(self._event, record.person):
            seat.reply = ACCEPTED if agrees < turnout.accepts(self._event, record.person) else DECLINED
            if seat.reply == ACCEPTED:
                self._book_for(seat, record, record.person, comes, extra)

    def _book_for(self, seat: Seat, record: Record, person: Person, comes: float, extra: float) -> None:
        """A ticket; perhaps a second one for another draw or distance, otherwise perhaps guests."""
        way = turnout.of_the_way(self._event, person, seat.replied)
        seat.came = comes < turnout.chance(self._common + way + turnout.of_the_person(self._event, person))
        seat.offer = self._choose(person)
        offers = self._event.offers
        singles = [p for p, offer in enumerate(offers) if offer.heads == 1 and offer.whom == "anybody" and p != seat.offer]
        if self._event.kind in (TOURNAMENT, RUN) and singles and extra < 0.12:
            again = self._add(record, seat.name, seat.invited, seat.replied)
            again.reply, again.came, again.offer = ACCEPTED, seat.came, singles[0]
            return
        heads = 1 if seat.offer is None else offers[seat.offer].heads
        guests = heads - 1 if heads > 1 else self._rng.choice((0, 0, 0, 1, 1, 2))
        for _ in range(0 if self._event.audience == CHILDREN else guests):
            guest = self._guest(seat.invited, seat.replied)
            guest.host, guest.offer = record, seat.offer
            odds = self._common + way + turnout.SHOW_EFFECTS["guest of somebody"]
            guest.came = self._rng.random() < (turnout.chance(odds) if seat.came else turnout.SHOWS_WITHOUT_HOST)

    def tables(self) -> None:
        """Sponsors book whole tables or teams; who sits there is a guest of the firm."""
        day = self._event.day
        firms = [each for each in self._book.sponsors if each.since <= day and (each.until is None or day <= each.until)]
        for place, offer in enumerate(self._event.offers):
            for firm in firms if offer.whom == "organisation" else ():
                if self._rng.random() < 0.3:
                    self._table(firm, place, offer)

    def _table(self, firm: Organisation, place: int, offer: Offer) -> None:
        replied = self._replied(self._event.announced)
        odds = self._common + turnout.SHOW_EFFECTS["guest of somebody"]
        for _ in range(offer.heads):
            guest = self._guest(self._event.announced, replied)
            guest.firm, guest.offer = firm, place
            guest.came = self._rng.random() < turnout.chance(odds)

    def _guest(self, invited: datetime, replied: datetime) -> Seat:
        gender, rng = self._rng.choice("FM"), self._rng
        name = f"{rng.choice(names.FIRST_NAMES[gender]['adult'])} {rng.choice(names.LAST_NAMES)}"
        seat = self._add(None, name, invited, replied)
        seat.reply = ACCEPTED
        return seat

    def _add(self, record: Record | None, name: str, invited: datetime, replied: datetime) -> Seat:
        seat = Seat(len(self.seats) + 1, record, name, invited, replied)
        self.seats.append(seat)
        return seat

    def _replied(self, invited: datetime) -> datetime:
        """Some at once, most in the last weeks; never after the event has begun or after the clock."""
        last = min(self._event.start, WALL_NOW) - timedelta(hours=3)
        lot, waits = self._rng.random(), self._rng.random() < 0.7
        waited = max(0.0, (last - invited).total_seconds()) * (1 - lot**2 if waits else lot**3)
        return invited + timedelta(seconds=round(waited), milliseconds=self._rng.randrange(1000))

    def _choose(self, person: Person) -> int | None:
        """A type of ticket that the person may buy: the one for people like this, where there is one."""
        member = person.is_member_on(self._event.day)
        child = self._event.audience == CHILDREN or person.age_on(self._event.day) < 12
        offers = list(enumerate(self._event.offers))
        for mine in ("member" if member else "", "child" if child else "", "anybody"):
            places = [place for place, offer in offers if offer.whom == mine]
            if places:
                return self._rng.choice(places)
        return None


def _is_for(event: Event, record: Record) -> bool:
    """Whether a record is among those invited; test records slip in now and then."""
    if record.person is None:
        return event.number % 9 == 0
    age = record.person.age_on(event.day)
    if event.audience == CHILDREN:
        return 6 <= age <= 15
    if event.audience == SUPPORTERS:
        return age >= 25 and (record.person.role in ("donor", "guest", "honorary") or bool(record.person.duties))
    return age >= (18 if event.audience == ADULTS else 6)


def _sell(event: Event, found: list[Seat]) -> None:
    """Tickets go to who comes first; the others wait, and their guests with them."""
    left = [offer.stock for offer in event.offers]
    parties: dict[tuple[str, int], list[Seat]] = {}
    for seat in found:
        if seat.offer is not None:
            parties.setdefault((seat.party, seat.offer), []).append(seat)
    for (_, place), party in sorted(parties.items(), key=lambda each: each[1][0].replied):
        tickets = -(-len(party) // event.offers[place].heads)
        if tickets <= left[place]:
            left[place] -= tickets
            continue
        for seat in party:
            seat.reply, seat.came, seat.offer = WAITING, False, None


def _hold(event: Event, found: list[Seat]) -> None:
    """What became of the replies when the event was held."""
    for seat in found:
        seat.status = INVITED if seat.reply == WAITING else seat.reply
        if event.state == CANCELLED:
            seat.came = False
        elif event.start > WALL_NOW:
            seat.came = None
        elif seat.came:
            seat.status = ATTENDED
        elif not event.has_ended:
            seat.came = None
        elif seat.reply == ACCEPTED:
            seat.status = NO_SHOW


def _write_down(rng: Random, event: Event, found: list[Seat]) -> None:
    """What the list says: the truth where attendance was taken, the reply where not; some withdrew at the last moment."""
    cut = {FULL: 1.0, PART: rng.uniform(0.35, 0.8), NONE: 0.0}[event.taken]
    ordered = sorted(found, key=lambda seat: (seat.name.split()[-1:], seat.number))
    taken = {seat.number for seat in ordered[: round(cut * len(ordered))]}
    for seat in found:
        withdraws, minutes = rng.random() < 0.04, timedelta(minutes=rng.randrange(-15, 45), seconds=rng.randrange(60))
        if seat.number in taken and seat.status == NO_SHOW and withdraws:
            seat.served, seat.status = WITHDRAWN, DECLINED
        elif seat.number in taken and seat.status in (ATTENDED, NO_SHOW):
            seat.served = seat.status
        else:
            seat.served = seat.reply
        seat.changed = seat.invited if seat.served == INVITED else seat.replied
        if seat.served in (ATTENDED, NO_SHOW, WITHDRAWN):
            seat.changed = min(event.start + minutes, WALL_NOW)
