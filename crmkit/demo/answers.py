"""Who was invited, who answered what and who came: sign-up answers with a structure worth finding.

The chance of a yes is logistic in EFFECTS; the truth says so, and an analysis can be held against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from crmkit.demo.calendar import ANNOUNCEMENT, EXTERNAL, SALE, SESSION, Activity, Weather
from crmkit.demo.clock import SEASONS, TODAY
from crmkit.demo.people import Person

YES, NO, UNKNOWN = "A", "N", "U"
DECLINING_TEAM = "Dames 1"

# Log-odds of a yes among those who answer.
EFFECTS: Mapping[str, float] = {
    "everybody": 1.1,
    "monday": -0.6,
    "friday": -0.45,
    "saturday": 0.4,
    "sunday": 0.15,
    "rain outdoors, per mm up to 12": -0.11,
    "cold outdoors, per degree below 10": -0.07,
    "December to February": -0.2,
    "distance from home to venue, per km": -0.055,
    "age 15 to 18": -0.4,
    "age 19 to 25": -0.3,
    "age 60 and over": 0.4,
    "own team rather than whole club": 0.9,
    "sale": -1.3,
    "open to all": -0.6,
    "declining team, from first to last day": -2.8,
    "temper of the person, per unit": 0.9,
}
# Chance that somebody answers at all.
ANSWER_RATES: Mapping[str, float] = {
    "team": 0.86,
    "club": 0.62,
    "sale": 0.4,
    "age 19 to 25": -0.16,
    "not yet held": -0.3,
}
_REMARKS = {
    YES: ("Komt iets later", "Kan rijden", "Vegetarisch graag", "Met twee"),
    NO: ("Ziek", "Examens", "Op reis", "Geblesseerd", "Geen vervoer"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer: status A, N or U, what was bought (quantity, product), a remark, and who came."""

    person: Person
    status: str
    bought: tuple[tuple[int, str], ...]
    remark: str
    came: bool


def has_list(activity: Activity) -> bool:
    """Announcements have no sign-up list."""
    return activity.kind != ANNOUNCEMENT


def answers(
    seed: int, activity: Activity, invited: list[Person], weather: Mapping[date, Weather], team_taste: float
) -> list[Answer]:
    """The answers of the invited persons, in their order. An empty list for an announcement."""
    if not has_list(activity):
        return []
    rng = Random(f"{seed}:answers:{activity.number}")
    common = _log_odds_of(activity, weather[activity.day], team_taste)
    return [_answer(rng, activity, person, common) for person in invited]


def _answer(rng: Random, activity: Activity, person: Person, common: float) -> Answer:
    says_yes, speaks, shows_up = rng.random(), rng.random(), rng.random()
    yes = 1 / (1 + math.exp(-common - _log_odds_from(activity, person)))
    if person.never_comes:
        status = NO if speaks < 0.97 else UNKNOWN
    elif speaks > _answer_rate(activity, person):
        status = UNKNOWN
    else:
        status = YES if says_yes < yes else NO
    held = activity.day < TODAY
    came = held and shows_up < {YES: 0.91, NO: 0.02, UNKNOWN: 0.12}[status]
    remark = rng.choice(_REMARKS[status]) if status in _REMARKS and rng.random() < 0.07 else ""
    return Answer(person, status, _basket(rng, activity) if status == YES else (), remark, came)


def _log_odds_of(activity: Activity, weather: Weather, team_taste: float) -> float:
    """What the activity itself contributes."""
    weekday = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[activity.day.weekday()]
    total = EFFECTS["everybody"] + EFFECTS.get(weekday, 0.0)
    if activity.venue.outdoors:
        total += EFFECTS["rain outdoors, per mm up to 12"] * min(12.0, weather.rain)
        total += EFFECTS["cold outdoors, per degree below 10"] * max(0.0, 10 - weather.temperature)
    if activity.day.month in (12, 1, 2):
        total += EFFECTS["December to February"]
    if activity.audience:
        total += EFFECTS["own team rather than whole club"] + team_taste
        if activity.audience.name == DECLINING_TEAM:
            total += EFFECTS["declining team, from first to last day"] * progress(activity.day)
    return total + {SALE: EFFECTS["sale"], EXTERNAL: EFFECTS["open to all"]}.get(activity.kind, 0.0)


def _log_odds_from(activity: Activity, person: Person) -> float:
    """What the person contributes."""
    total = EFFECTS["temper of the person, per unit"] * person.keenness
    total += EFFECTS["distance from home to venue, per km"] * distance(activity, person)
    age = person.age_on(activity.day)
    if age >= 60:
        return total + EFFECTS["age 60 and over"]
    if 15 <= age <= 18:
        return total + EFFECTS["age 15 to 18"]
    return total + (EFFECTS["age 19 to 25"] if 19 <= age <= 25 else 0.0)


def distance(activity: Activity, person: Person) -> float:
    """Kilometres as the crow flies from a person's home to the venue."""
    return math.hypot(person.home.east - activity.venue.east, person.home.north - activity.venue.north)


def progress(day: date) -> float:
    """How far a day lies in the two seasons, 0 to 1."""
    first, last = date(SEASONS[0], 9, 1), date(SEASONS[-1] + 1, 6, 30)
    return min(1.0, max(0.0, (day - first).days / (last - first).days))


def _answer_rate(activity: Activity, person: Person) -> float:
    rate = ANSWER_RATES["team" if activity.audience else "sale" if activity.kind == SALE else "club"]
    if 19 <= person.age_on(activity.day) <= 25:
        rate += ANSWER_RATES["age 19 to 25"]
    return rate + (ANSWER_RATES["not yet held"] if activity.day >= TODAY else 0.0)


def _basket(rng: Random, activity: Activity) -> tuple[tuple[int, str], ...]:
    if activity.kind == SESSION or not activity.products:
        return ()
    chosen = rng.sample(activity.products, 2 if len(activity.products) > 1 and rng.random() < 0.25 else 1)
    basket = []
    for product in chosen:
        quantity = rng.choice((1, 1, 1, 2, 2, 3, 4))
        basket.append((min(quantity, product.max_per_member) if product.max_per_member > 0 else quantity, product.name))
    return tuple(basket)
