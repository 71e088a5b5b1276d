"""Who replies to an invitation to an open event, who accepts and who then comes: the chances behind the lists.

The chances are logistic in the effects below; the truth says so, and an analysis can be held against it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from crmkit.demo.calendar import Weather
from crmkit.demo.people import Person
from crmkit.demo.programme import CHILDREN, RUN, SUPPORTERS, WALL_NOW, Event

# Log-odds that somebody who accepted comes.
SHOW_EFFECTS: Mapping[str, float] = {
    "everybody": 1.4,
    "member": 0.45,
    "guest of somebody": -0.55,
    "free": -0.9,
    "price, per 10 up to 60": 0.22,
    "friday": -0.5,
    "sunday": 0.35,
    "rain outdoors, per mm up to 12": -0.16,
    "cold outdoors, per degree below 8": -0.06,
    "distance from home to venue, per km": -0.06,
    "accepted more than three weeks ahead": -0.45,
    "temper of the person, per unit": 0.6,
}
# Log-odds of an acceptance among those who reply.
REPLY_EFFECTS: Mapping[str, float] = {
    "everybody": -0.1,
    "member": 0.35,
    "donor at an event for supporters": 0.9,
    "athlete at a run": 0.8,
    "price, per 10 up to 60": -0.08,
    "distance from home to venue, per km": -0.04,
    "temper of the person, per unit": 0.7,
}
# Chance that somebody replies at all.
REPLY_RATES: Mapping[str, float] = {"member": 0.66, "not a member": 0.5, "child": 0.1, "not yet held": -0.25}
# Chance that a guest comes when the host stays away.
SHOWS_WITHOUT_HOST = 0.12
_WEEKDAYS = {4: "friday", 6: "sunday"}


def chance(log_odds: float) -> float:
    """The logistic function."""
    return 1 / (1 + math.exp(-log_odds))


def replies(event: Event, person: Person) -> float:
    """The chance that a person replies to an invitation."""
    rate = REPLY_RATES["member" if person.is_member_on(event.day) else "not a member"]
    rate += REPLY_RATES["child"] if event.audience == CHILDREN else 0.0
    return rate + (REPLY_RATES["not yet held"] if event.start > WALL_NOW else 0.0)


def accepts(event: Event, person: Person) -> float:
    """The chance that a person who replies accepts."""
    effects = REPLY_EFFECTS
    total = effects["everybody"] + effects["price, per 10 up to 60"] * _tens(event)
    total += effects["member"] if person.is_member_on(event.day) else 0.0
    if event.audience == SUPPORTERS and person.role == "donor":
        total += effects["donor at an event for supporters"]
    if event.kind == RUN and person.section == "Atletiek":
        total += effects["athlete at a run"]
    total += effects["distance from home to venue, per km"] * _distance(event, person)
    return chance(total + effects["temper of the person, per unit"] * person.keenness)


def of_the_day(event: Event, sky: Weather) -> float:
    """Log-odds that the event itself contributes to coming."""
    total = SHOW_EFFECTS["everybody"] + SHOW_EFFECTS.get(_WEEKDAYS.get(event.day.weekday(), ""), 0.0)
    total += SHOW_EFFECTS["price, per 10 up to 60"] * _tens(event) if event.cents else SHOW_EFFECTS["free"]
    if event.venue.outdoors:
        total += SHOW_EFFECTS["rain outdoors, per mm up to 12"] * min(12.0, sky.rain)
        total += SHOW_EFFECTS["cold outdoors, per degree below 8"] * max(0.0, 8 - sky.temperature)
    return total


def of_the_way(event: Event, person: Person, replied: datetime) -> float:
    """Log-odds that a home and an early promise contribute to coming; a guest has those of the host."""
    early = replied < event.start - timedelta(days=21)
    total = SHOW_EFFECTS["accepted more than three weeks ahead"] if early else 0.0
    return total + SHOW_EFFECTS["distance from home to venue, per km"] * _distance(event, person)


def of_the_person(event: Event, person: Person) -> float:
    """Log-odds that the person contributes to coming."""
    member = SHOW_EFFECTS["member"] if person.is_member_on(event.day) else 0.0
    return member + SHOW_EFFECTS["temper of the person, per unit"] * person.keenness


def _tens(event: Event) -> float:
    return min(6.0, event.cents / 1000)


def _distance(event: Event, person: Person) -> float:
    """Kilometres as the crow flies."""
    return math.hypot(person.home.east - event.venue.east, person.home.north - event.venue.north)
