"""Who sells sponsorships, to whom, and what makes a sale: sellers, lead sources, firms and contact persons.

Contact persons are those of the population that the CRM knows, and colleagues at the firms who have nothing to
do with the club otherwise. Nothing here knows how a CRM prints any of it; the deals are in the module selling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from crmkit.demo import names
from crmkit.demo.clock import NOW, TODAY
from crmkit.demo.club import Club
from crmkit.demo.organisations import COMPANY
from crmkit.demo.people import Home, ascii_letters, landline, mobile
from crmkit.demo.records import Record

CRM = "onepagecrm"
COLLEAGUE = "colleague"
JOBS = ("Zaakvoerder", "Marketingverantwoordelijke", "Office manager", "Boekhouder", "HR-verantwoordelijke")
_SPARE_SELLERS = (("Griet", "Wouters"), ("Koen", "Aerts"), ("Sarah", "Cools"), ("Wim", "Bogaerts"))

# Log-odds of winning a deal.
EFFECTS: Mapping[str, float] = {
    "everybody": -0.1,
    "seller 1": 0.9,
    "seller 2": 0.3,
    "seller 3": -0.3,
    "seller 4": -1.1,
    "firm bought before": 0.5,
    "total amount, per thousand": -0.12,
}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a contact came from: log-odds it adds to a win, median days from opening to closing, how common it is."""

    name: str
    log_odds: float
    days: float
    weight: int


SOURCES = (
    Source("Tip van een lid", 1.0, 21, 26),
    Source("Netwerkavond", 0.4, 48, 18),
    Source("Website", 0.0, 35, 20),
    Source("Advertentie", -0.5, 62, 14),
    Source("Koude oproep", -1.3, 90, 14),
    Source("Ondernemersbeurs Leuven", 0.2, 70, 8),
)


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody of the club who sells; number from 1, person_id None where the population is too small."""

    number: int
    person_id: str | None
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def log_odds(self) -> float:
        """What this seller adds to a win."""
        return EFFECTS[f"seller {self.number}"]


@dataclass(frozen=True, slots=True)
class Firm:
    """A sponsor or one that may become one; organisation_id is its number among the club's organisations, if any."""

    number: int
    organisation_id: str | None
    name: str
    sector: str
    home: Home
    website: str
    phone: str
    level: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact person: what the CRM holds of them, where they work, who looks after them, where they came from."""

    record: Record
    firm: Firm | None
    seller: Seller
    source: Source
    job: str


def sellers(club: Club) -> list[Seller]:
    """Four: the first grown-ups with a duty in the club, and invented ones where there are too few."""
    able = [person for person in club.people if person.duties and person.age_on(TODAY) >= 21][:4]
    found = [Seller(place, each.person_id, each.first_name, each.last_name) for place, each in enumerate(able, 1)]
    return found + [Seller(place + 1, None, *_SPARE_SELLERS[place]) for place in range(len(found), 4)]


def firms(club: Club) -> list[Firm]:
    """The companies around the club, and others that nobody else knows; none around an empty club."""
    if not club.people:
        return []
    rng = club.random("sponsoring:firms")
    known = [each for each in club.organisations if each.kind == COMPANY]
    found = [
        Firm(place, each.organisation_id, each.name, each.sector, each.home, each.website, landline(rng), each.level)
        for place, each in enumerate(known, 1)
    ]
    others = 15 + round(0.03 * len(club.people))
    return found + [_prospect(rng, number) for number in range(len(found) + 1, len(found) + others + 1)]


def _prospect(rng: Random, number: int) -> Firm:
    stem, town = rng.choice(names.COMPANY_STEMS), rng.choice(names.TOWNS)
    name = f"{stem} {rng.choice((town.city, rng.choice(names.LAST_NAMES)))} {rng.choice(names.LEGAL_FORMS)}"
    home = Home(f"{rng.choice(names.STREETS)} {rng.randint(1, 300)}", town.postal_code, town.city, town.east, town.north)
    website = f"https://www.{ascii_letters(name)[:24]}{number}.example"
    return Firm(number, None, name, names.SECTORS[stem], home, website, landline(rng), "")


def contacts(club: Club, sellers: list[Seller], firms: list[Firm]) -> list[Contact]:
    """All contact persons, in the order in which they were entered; every firm has one at least."""
    rng = club.random("sponsoring:contacts")
    speaks_for = {each.contact: each.organisation_id for each in club.organisations if each.contact}
    by_organisation = {firm.organisation_id: firm for firm in firms if firm.organisation_id}
    of_person: dict[str | None, Contact] = {}
    found = []
    for record in sorted(club.records(CRM), key=lambda each: (each.kind == "duplicate", each.record_id)):
        contact = _contact(rng, record, _employer(rng, record, firms), sellers)
        mine = by_organisation.get(speaks_for.get(record.person_id or "", ""))
        original = of_person.get(record.person_id)
        if record.kind == "duplicate" and original:
            contact = Contact(record, original.firm, rng.choice(sellers), contact.source, original.job)
        elif mine:
            contact = Contact(record, mine, contact.seller, contact.source, contact.job)
        of_person.setdefault(record.person_id, contact)
        found.append(contact)
    workplaces = firms + rng.choices(firms, k=round(0.15 * len(club.people))) if firms else []
    found += [_contact(rng, _colleague(rng, place, firm), firm, sellers) for place, firm in enumerate(workplaces)]
    return sorted(found, key=lambda each: each.record.record_id)


def _employer(rng: Random, record: Record, firms: list[Firm]) -> Firm | None:
    """One in eight of the population's contacts is with no firm, nor is a test record."""
    lot = rng.random()
    return rng.choice(firms) if firms and record.person and lot > 0.125 else None


def _contact(rng: Random, record: Record, firm: Firm | None, sellers: list[Seller]) -> Contact:
    source = rng.choices(SOURCES, [each.weight for each in SOURCES])[0]
    seller = rng.choices(sellers, (30, 30, 22, 18))[0]
    return Contact(record, firm, seller, source, rng.choice(JOBS) if firm else "")


def _colleague(rng: Random, place: int, firm: Firm) -> Record:
    """Somebody at a firm whom the club knows from selling only."""
    gender = rng.choice("FM")
    first, last = rng.choice(names.FIRST_NAMES[gender]["adult"]), rng.choice(names.LAST_NAMES)
    domain = firm.website.removeprefix("https://www.")
    created = datetime(2022, 3, 1, 7, tzinfo=UTC) + timedelta(seconds=rng.randrange(60 * 10**6))
    modified = created + (NOW - created) * rng.random()
    card = {
        "first_name": first,
        "last_name": last,
        "gender": gender,
        "birth_date": f"{rng.randint(1958, 1999)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
        if rng.random() < 0.2
        else "",
        "birth_place": "",
        "language": rng.choices(("nl", "fr", "en"), (90, 6, 4))[0],
        "email": f"{ascii_letters(first)}.{ascii_letters(last)}@{domain}",
        "phone": mobile(rng),
        "street": firm.home.street,
        "postal_code": firm.home.postal_code,
        "city": firm.home.city,
    }
    number = f"{int(created.timestamp()):08x}9007ba1c{place + 1:08x}"
    return Record(CRM, number, None, COLLEAGUE, card, created, modified)
