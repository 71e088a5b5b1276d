"""Sponsors, schools and public bodies around the club."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from crmkit.demo import names
from crmkit.demo.clock import NOW, TODAY
from crmkit.demo.people import Home, Person, ascii_letters
from crmkit.demo.structure import PARTNER, SPONSOR, Group, Position

COMPANY, SCHOOL, PUBLIC = "company", "school", "public"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A company, a school or a public body; contact is the person_id of who speaks for it."""

    organisation_id: str
    name: str
    kind: str
    sector: str
    home: Home
    mail: str
    vat_number: str
    website: str
    contact: str | None
    level: str
    since: date
    until: date | None
    modified: datetime


def around(seed: int, people: list[Person]) -> list[Organisation]:
    """Some thirty organisations, more around a larger club; the first are schools and public bodies."""
    rng = Random(f"{seed}:organisations")
    contacts = [person.person_id for person in people if person.role == "sponsor"]
    contacts += [person.person_id for person in people if person.role == "player" and person.age_on(TODAY) > 30][:8]
    count = 26 + min(374, len(people) // 50)
    return [_organisation(rng, number, contacts) for number in range(1, count + 1)]


def positions_of(organisations: list[Organisation], groups: list[Group]) -> list[Position]:
    """Companies sponsor, the others are partners."""
    named = {group.name: group for group in groups}
    return [
        Position(
            each.organisation_id,
            named["Sponsors" if each.kind == COMPANY else "Partners"],
            SPONSOR if each.kind == COMPANY else PARTNER,
            each.since,
            each.until,
        )
        for each in organisations
    ]


def _organisation(rng: Random, number: int, contacts: list[str]) -> Organisation:
    town = rng.choice(names.TOWNS)
    home = Home(
        f"{rng.choice(names.STREETS)} {rng.randint(1, 300)}",
        town.postal_code,
        town.city,
        town.east,
        town.north,
    )
    kind = SCHOOL if number <= 5 else PUBLIC if number <= 8 else COMPANY
    name, sector = _name(rng, kind, town.city)
    domain = f"{ascii_letters(name)[:24]}{number}.example"
    since = date(rng.randint(2017, 2023), rng.randint(1, 12), 1)
    ended = kind == COMPANY and rng.random() < 0.25
    modified = datetime(since.year, since.month, 2, 9, 30, 0, rng.randrange(10**6), UTC)
    return Organisation(
        organisation_id=f"O{number:04d}",
        name=name,
        kind=kind,
        sector=sector,
        home=home,
        mail=f"info@{domain}",
        vat_number=_vat_number(rng.randrange(1000), rng.randrange(1000)) if kind == COMPANY else "",
        website=f"https://www.{domain}",
        contact=rng.choice(contacts) if contacts and kind == COMPANY else None,
        level=rng.choices(("Hoofdsponsor", "Goud", "Brons"), (1, 2, 4))[0] if kind == COMPANY else "",
        since=since,
        until=min(TODAY - timedelta(days=20), date(since.year + rng.randint(1, 3), 6, 30)) if ended else None,
        modified=modified + (NOW - modified) * rng.random(),
    )


def _vat_number(group: int, serial: int) -> str:
    """A number with right check digits, in a range that is not handed out."""
    stem = f"0999{group:03d}{serial // 100}"
    return f"BE0999.{group:03d}.{serial // 100}{97 - int(stem) % 97:02d}"


def _name(rng: Random, kind: str, city: str) -> tuple[str, str]:
    if kind == SCHOOL:
        return f"{rng.choice(('Basisschool', 'Atheneum', 'Sportschool'))} {city}", "Education"
    if kind == PUBLIC:
        return f"{rng.choice(('Gemeente', 'Sportdienst', 'Jeugddienst'))} {city}", "Government"
    stem = rng.choice(names.COMPANY_STEMS)
    return f"{stem} {rng.choice(names.LAST_NAMES)} {rng.choice(names.LEGAL_FORMS)}", names.SECTORS[stem]
