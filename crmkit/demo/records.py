"""Which CRM holds whom, and as what: records of one population in five CRMs, duplicates and faults planted.

Every CRM's records are drawn from a Random of its own, so one CRM can change without touching another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from crmkit.demo import names
from crmkit.demo.clock import NOW, SEASONS, TODAY
from crmkit.demo.dirt import Card, Fault, spoil
from crmkit.demo.people import Person, ascii_letters, landline

CRMS = ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm")
_TEST_NAMES = (("Test", "Test"), ("Demo", "Gebruiker"), ("xxx", "xxx"))


@dataclass(slots=True)
class Record:
    """What one CRM holds of one person. kind is person, duplicate or test; a test record has no person."""

    crm: str
    record_id: str
    person: Person | None
    kind: str
    card: Card
    created: datetime
    modified: datetime
    changed: tuple[str, ...] = ()

    @property
    def person_id(self) -> str | None:
        """The person's id, None for a test record."""
        return self.person.person_id if self.person else None


def is_in(person: Person, crm: str, lot: float) -> bool:
    """Whether a CRM knows a person; lot, in [0, 1), decides where only some are known."""
    member, age = not person.is_outsider, person.age_on(TODAY)
    match crm:
        case "peepl":
            return member
        case "beeple":
            return bool(person.duties) or (member and age >= 16 and person.until is None and lot < 0.2)
        case "sheepcrm":
            return person.role in ("guest", "donor") or (member and lot < 0.3)
        case "missionhub":
            welcomed = person.since is not None and person.since >= date(SEASONS[0], 9, 1) and age >= 12
            young = member and 16 <= age <= 26 and lot < 0.4
            helps = bool(person.duties) and age >= 18 and lot < 0.25
            return person.role in ("newcomer", "student") or welcomed or young or helps
        case "onepagecrm":
            return person.role == "sponsor" or (member and age >= 25 and lot < 0.06)
    raise ValueError(f"no CRM is called {crm!r}")


def keep(seed: int, crm: str, people: list[Person]) -> tuple[list[Record], list[Fault]]:
    """All records of one CRM in the order of their ids, and every fault planted in them."""
    rng = Random(f"{seed}:records:{crm}")
    known = [person for person in people if is_in(person, crm, rng.random())]
    records = [_record(crm, person, rng) for person in known]
    if crm == "peepl":
        _make_mails_unique(records)
    faults = _spoiled(crm, records, rng)
    mains = {record.person_id: record for record in records}
    twins = [_twin(record, rng) for record in _some(records, rng)]
    records += twins
    if people:
        records += [_test_record(crm, first, last, rng) for first, last in _TEST_NAMES]
    _number(crm, records, Random(f"{seed}:ids:{crm}"))
    listed = [
        Fault(record.person_id, crm, record.record_id, field, fault, clean, dirty)
        for record, fault, field, clean, dirty in faults
    ]
    listed += [_duplicate(mains[twin.person_id], twin) for twin in twins]
    listed += [
        Fault(None, crm, record.record_id, "last_name", "test_record", "", record.card["last_name"])
        for record in records
        if record.kind == "test"
    ]
    return sorted(records, key=lambda each: (len(each.record_id), each.record_id)), listed


def _record(crm: str, person: Person, rng: Random) -> Record:
    created = _created(person, rng)
    modified = created + (NOW - created) * rng.random() ** 2
    card = card_of(person)
    changed = () if crm == "peepl" else _vary(card, person, rng)
    return Record(crm, "", person, "person", card, created, modified, changed)


def card_of(person: Person) -> Card:
    """The true values of a person as a card."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "gender": person.gender,
        "birth_date": person.birth_date.isoformat(),
        "birth_place": person.birth_place,
        "language": person.language,
        "email": person.mail,
        "phone": person.phone,
        "street": person.home.street,
        "postal_code": person.home.postal_code,
        "city": person.home.city,
    }


def _make_mails_unique(records: list[Record]) -> None:
    """Peepl wants a mail address for everybody alone: whoever shares one gets a tag before the @."""
    taken: set[str] = set()
    for record in records:
        mail = record.card["email"]
        if mail in taken:
            local, _, domain = mail.partition("@")
            tag = ascii_letters(record.card["first_name"])
            tagged = (f"{local}+{tag}{number or ''}@{domain}" for number in range(99))
            record.card["email"] = next(free for free in tagged if free not in taken)
            record.changed = ("email",)
        taken.add(record.card["email"])


def _vary(card: Card, person: Person, rng: Random) -> tuple[str, ...]:
    """The small differences between systems that are no faults: nickname, other mail, other phone."""
    before = dict(card)
    if rng.random() < 0.3:
        card["first_name"] = names.NICKNAMES.get(person.first_name, person.first_name)
    if rng.random() < 0.15:
        card["email"] = f"{ascii_letters(person.first_name)[:1]}{ascii_letters(person.last_name)}@example.org"
    if rng.random() < 0.1:
        card["phone"] = landline(rng)
    return tuple(name for name in card if card[name] != before[name])


def _created(person: Person, rng: Random) -> datetime:
    begun = person.since or TODAY - timedelta(days=rng.randrange(20, 600))
    moment = datetime.combine(max(begun, date(2016, 1, 4)), time(7), UTC)
    moment += timedelta(hours=rng.randrange(12), minutes=rng.randrange(60), microseconds=rng.randrange(10**8))
    return min(moment, NOW.astimezone(UTC) - timedelta(days=1))


def _spoiled(crm: str, records: list[Record], rng: Random) -> list[tuple[Record, str, str, str, str]]:
    scale = 1.0 if crm == "peepl" else 0.6
    planted = spoil([record.card for record in records], rng, scale)
    return [(records[place], fault, field, clean, dirty) for place, fault, field, clean, dirty in planted]


def _some(records: list[Record], rng: Random) -> list[Record]:
    return rng.sample(records, min(len(records), max(2, round(0.03 * len(records)))))


def _twin(record: Record, rng: Random) -> Record:
    """The same person entered a second time, by somebody in a hurry."""
    assert record.person is not None
    card = card_of(record.person)
    first, last = record.person.first_name, record.person.last_name
    card["first_name"] = rng.choice((first, names.NICKNAMES.get(first, first), f"{first[0]}.", ascii_letters(first).title()))
    card["email"] = f"{ascii_letters(last)}.{ascii_letters(first)}{rng.randrange(10**5)}@example.net"
    if rng.random() < 0.4:
        card["birth_date"] = ""
    if rng.random() < 0.5:
        card["last_name"] = ascii_letters(last).title()
    created = record.created + (NOW - record.created) * rng.random()
    true = card_of(record.person)
    return Record(
        record.crm,
        "",
        record.person,
        "duplicate",
        card,
        created,
        created,
        tuple(n for n in card if card[n] != true[n]),
    )


def _test_record(crm: str, first: str, last: str, rng: Random) -> Record:
    card = dict.fromkeys(("phone", "street", "postal_code", "city", "birth_place"), "")
    card |= {
        "first_name": first,
        "last_name": last,
        "gender": "M",
        "birth_date": "1900-01-01",
        "language": "nl",
    }
    card["email"] = f"{first}.{last}@example.com".lower()
    created = NOW.astimezone(UTC) - timedelta(days=rng.randrange(300, 2000), seconds=rng.randrange(10**5))
    return Record(crm, "", None, "test", card, created, created)


def _duplicate(main: Record, twin: Record) -> Fault:
    return Fault(main.person_id, main.crm, twin.record_id, "id", "duplicate", main.record_id, twin.record_id)


def _number(crm: str, records: list[Record], rng: Random) -> None:
    """Give every record the kind of id its vendor gives, rising with the time of creation."""
    number = {"peepl": 310, "beeple": 2400, "missionhub": 2829000}.get(crm, 0)
    for record in sorted(records, key=lambda each: each.created):
        number += 1 if rng.random() < 0.8 else rng.randrange(2, 9)
        stamped = f"{int(record.created.timestamp()):08x}9007ba0f{number:08x}"
        record.record_id = stamped if crm in ("sheepcrm", "onepagecrm") else str(number)
