"""The true persons: households with their homes, mails and phones, and who plays what since when.

Nothing here knows a CRM. populate is the one entry point; everything it draws comes from Random objects
named after their concern, so a concern added later leaves the others as they are.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from random import Random

from crmkit.demo import names
from crmkit.demo.clock import TODAY, season_of

OUTSIDER_ROLES = ("guest", "donor", "newcomer", "student", "sponsor")
SECTIONS = ("Atletiek", "Volleybal", "Tennis", "Wandelen")
_TOWN_WEIGHTS = [town.weight for town in names.TOWNS]
_BIRTH_PLACES = ("Leuven", "Leuven", "Leuven", "Tienen", "Aarschot", "Brussel", "Mechelen")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a household lives; east and north are kilometres from the club's ground."""

    street: str
    postal_code: str
    city: str
    east: float
    north: float


@dataclass(slots=True)
class Person:
    """A true person. role is one of player, parent, volunteer, honorary or an outsider's role."""

    person_id: str
    household_id: str
    first_name: str
    last_name: str
    gender: str
    birth_date: date
    birth_place: str
    language: str
    home: Home
    mail: str
    phone: str
    role: str
    section: str | None = None
    since: date | None = None
    until: date | None = None
    parents: tuple[str, ...] = ()
    keenness: float = 0.0
    never_comes: bool = False
    newsletter: bool = False
    duties: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def is_outsider(self) -> bool:
        """Whether the club only knows the person from outside."""
        return self.role in OUTSIDER_ROLES

    def age_on(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))

    def is_member_on(self, day: date) -> bool:
        """Whether the person was a member on a day."""
        return self.since is not None and self.since <= day and (self.until is None or day <= self.until)


def populate(seed: int, people: int) -> list[Person]:
    """The population: exactly as many persons as asked, household by household."""
    found = list(islice(_Registry(Random(f"{seed}:households")).households(), people))
    _characters(found, Random(f"{seed}:characters"))
    return found


class _Mailbox:
    """Hands out mail addresses, every one once."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def address(self, first: str, last: str, rng: Random) -> str:
        local = f"{ascii_letters(first)}.{ascii_letters(last)}"
        self._given[local] += 1
        number = "" if self._given[local] == 1 else str(self._given[local])
        return f"{local}{number}@{rng.choice(names.PROVIDERS)}"


def ascii_letters(text: str) -> str:
    """Lower-case letters of a name without accents, spaces or signs."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i"))
    return "".join(sign for sign in plain.lower() if sign.isascii() and sign.isalpha())


def mobile(rng: Random) -> str:
    """A mobile number in E.164 form, in a range never handed out (0440 to 0449)."""
    return f"+3244{rng.randrange(10)}{rng.randrange(10**6):06d}"


def landline(rng: Random) -> str:
    """A Leuven landline in E.164 form; none begins with 0 after the area code."""
    return f"+32160{rng.randrange(10**5):05d}"


class _Registry:
    """Draws households one after another and numbers their persons."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._mailbox = _Mailbox()
        self._persons = self._homes = 0

    def households(self) -> Iterator[Person]:
        """Persons without end, those of one household next to each other, adults first."""
        drawing = (self._family, self._couple, self._single, self._seniors, self._students, self._outsider)
        while True:
            self._homes += 1
            yield from self._rng.choices(drawing, (40, 9, 10, 8, 3, 26))[0](self._home())

    def _home(self) -> Home:
        rng = self._rng
        town = rng.choices(names.TOWNS, _TOWN_WEIGHTS)[0]
        street = f"{rng.choice(names.STREETS)} {rng.randint(1, 180)}{rng.choice(('', '', '', '', 'A', ' bus 2'))}"
        return Home(street, town.postal_code, town.city, town.east, town.north)

    def _family(self, home: Home) -> list[Person]:
        rng = self._rng
        adults = [self._adult(home, (33, 54), gender) for gender in "FM"[: rng.choice((1, 2, 2, 2))]]
        for adult in adults:
            adult.role = rng.choices(("parent", "player", "volunteer"), (60, 30, 10))[0]
        return adults + [self._child(home, adults) for _ in range(rng.choices((1, 2, 3), (35, 45, 20))[0])]

    def _child(self, home: Home, adults: list[Person]) -> Person:
        rng, parent = self._rng, adults[-1]
        gender, age = rng.choice("FM"), rng.randint(6, 18)
        first = rng.choice(names.FIRST_NAMES[gender]["young"])
        if rng.random() < 0.02 and parent.gender == gender:
            first = parent.first_name
        child = self._person(home, first, parent.last_name, gender, age)
        child.role = "player" if rng.random() < 0.93 else "volunteer"
        child.mail = adults[0].mail if age < 15 else self._mailbox.address(first, parent.last_name, rng)
        child.phone = adults[0].phone if age < 12 else mobile(rng)
        child.parents = tuple(adult.person_id for adult in adults)
        return child

    def _couple(self, home: Home) -> list[Person]:
        return self._pair(home, (24, 60), shared_mail=0.2)

    def _seniors(self, home: Home) -> list[Person]:
        pair = self._pair(home, (62, 88), shared_mail=0.6)
        pair[0].phone = pair[1].phone = landline(self._rng)
        return pair

    def _pair(self, home: Home, ages: tuple[int, int], shared_mail: float) -> list[Person]:
        first = self._adult(home, ages, "F")
        second = self._adult(home, ages, "M", role=self._rng.choice(("player", "volunteer", "honorary")))
        if self._rng.random() < shared_mail:
            second.mail = first.mail
        return [first, second]

    def _single(self, home: Home) -> list[Person]:
        return [self._adult(home, (20, 60), role=self._rng.choice(("player", "player", "volunteer")))]

    def _students(self, home: Home) -> list[Person]:
        return [self._adult(home, (18, 25)) for _ in range(self._rng.randint(2, 4))]

    def _outsider(self, home: Home) -> list[Person]:
        role = self._rng.choices(OUTSIDER_ROLES, (30, 20, 22, 16, 12))[0]
        return [self._adult(home, (18, 25) if role == "student" else (22, 74), role=role)]

    def _adult(self, home: Home, ages: tuple[int, int], gender: str = "", role: str = "player") -> Person:
        rng = self._rng
        gender, age = gender or rng.choice("FM"), rng.randint(*ages)
        generation = "old" if age > 60 else "adult" if age > 25 else "young"
        first, last = rng.choice(names.FIRST_NAMES[gender][generation]), rng.choice(names.LAST_NAMES)
        person = self._person(home, first, last, gender, age)
        person.mail = self._mailbox.address(first, last, rng)
        person.role = role
        return person

    def _person(self, home: Home, first: str, last: str, gender: str, age: int) -> Person:
        rng = self._rng
        self._persons += 1
        born = TODAY - timedelta(days=age * 365 + age // 4 + rng.randrange(365))
        return Person(
            person_id=f"P{self._persons:05d}",
            household_id=f"H{self._homes:05d}",
            first_name=first,
            last_name=last,
            gender=gender,
            birth_date=born,
            birth_place=rng.choice((*_BIRTH_PLACES, home.city)),
            language=rng.choices(("nl", "fr", "en"), (90, 6, 4))[0],
            home=home,
            mail="",
            phone=mobile(rng),
            role="player",
        )


def _characters(people: list[Person], rng: Random) -> None:
    """Section, membership period and temper of every member."""
    for person in people:
        person.keenness = round(rng.gauss(0, 0.7), 3)
        person.newsletter = rng.random() < 0.45
        if person.is_outsider:
            continue
        person.never_comes = rng.random() < 0.03
        age = person.age_on(TODAY)
        person.since, person.until = _membership(rng, age)
        if person.role == "player":
            weights = (2, 2, 3, 1 if age > 40 else 0) if age < 60 else (2, 0, 3, 9)
            person.section = rng.choices(SECTIONS, weights)[0]


def _membership(rng: Random, age: int) -> tuple[date, date | None]:
    """First and last day of a membership; four in five join when a season starts, one in six has left."""
    years_in = min(rng.choices((0, 1, 2, 3, 5, 8), (12, 18, 20, 18, 18, 14))[0], max(0, age - 6))
    start = date(season_of(TODAY) - years_in, 9, 1)
    since = start + timedelta(days=rng.randrange(0, 10) if rng.random() < 0.8 else rng.randrange(10, 240))
    if years_in == 0 or rng.random() > 0.17:
        return since, None
    return since, date(start.year + rng.randint(1, years_in), 8, 31)
