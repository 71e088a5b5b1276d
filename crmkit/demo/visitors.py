"""People who came for a first visit and of whom the club knows nothing else.

They are not part of the population: only the welcome team wrote them down, and no other CRM has them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from crmkit.demo import names
from crmkit.demo.clock import NOW, SEASONS, TODAY, ZONE
from crmkit.demo.club import Club
from crmkit.demo.people import Home, Person, ascii_letters, mobile
from crmkit.demo.records import Record, card_of

CRM = "missionhub"
VISITOR = "visitor"
_FIRST_NUMBER = 2_900_000
# How many of a hundred visitors come in a month, January first: most when a season starts.
_MONTHS = (9, 6, 6, 5, 5, 3, 2, 4, 30, 16, 8, 6)


def visitors(club: Club) -> list[Record]:
    """Records of visitors, by the time of their visit: one to every ten persons of the population."""
    rng = club.random("visitors")
    moments = sorted(_moment(rng) for _ in range(round(len(club.people) / 10)))
    number, found = _FIRST_NUMBER, []
    for place, moment in enumerate(moments, 1):
        number += rng.randrange(1, 7)
        found.append(_record(rng, place, str(number), moment))
    return found


def _moment(rng: Random) -> datetime:
    """When somebody came: an afternoon or evening of the two seasons."""
    while True:
        month, season = rng.choices(range(1, 13), _MONTHS)[0], rng.choice(SEASONS)
        day = datetime(season + (month < 9), month, rng.randint(1, 28), tzinfo=ZONE)
        moment = day + timedelta(hours=rng.randint(13, 20), minutes=rng.randrange(60))
        if moment < NOW - timedelta(hours=3):
            return moment


def _record(rng: Random, place: int, number: str, moment: datetime) -> Record:
    person = _person(rng, place)
    card = card_of(person)
    changed = []
    for field, chance in (("birth_date", 0.35), ("street", 0.4), ("phone", 0.15)):
        if rng.random() < chance:
            card[field] = ""
            changed.append(field)
    if not card["street"]:
        card["postal_code"] = card["city"] = ""
    modified = moment + (NOW - moment) * rng.random() ** 2
    return Record(CRM, number, person, VISITOR, card, moment, modified, tuple(changed))


def _person(rng: Random, place: int) -> Person:
    gender, age = rng.choice("FM"), rng.choices((rng.randint(12, 17), rng.randint(18, 25), rng.randint(26, 66)), (2, 5, 6))[0]
    generation = "old" if age > 60 else "adult" if age > 25 else "young"
    first, last = rng.choice(names.FIRST_NAMES[gender][generation]), rng.choice(names.LAST_NAMES)
    town = rng.choices(names.TOWNS, [each.weight for each in names.TOWNS])[0]
    street = f"{rng.choice(names.STREETS)} {rng.randint(1, 180)}"
    return Person(
        person_id=f"V{place:05d}",
        household_id=f"V{place:05d}",
        first_name=first,
        last_name=last,
        gender=gender,
        birth_date=TODAY - timedelta(days=age * 365 + age // 4 + rng.randrange(365)),
        birth_place="",
        language=rng.choices(("nl", "fr", "en"), (78, 8, 14))[0],
        home=Home(street, town.postal_code, town.city, town.east, town.north),
        mail=f"{ascii_letters(first)}.{ascii_letters(last)}{place}@{rng.choice(names.PROVIDERS)}",
        phone=mobile(rng),
        role="newcomer",
    )
