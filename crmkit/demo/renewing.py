"""Memberships term by term: plans, fees, renewals and lapses of members, families and friends of the club.

A member's terms follow the membership of the person; friends of the club renew with a chance that is logistic
in RENEWAL_EFFECTS.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from crmkit.demo.clock import TODAY, season_of
from crmkit.demo.people import Person
from crmkit.demo.records import Record

# Log-odds that a friend of the club renews.
RENEWAL_EFFECTS: Mapping[str, float] = {
    "everybody": 0.3,
    "auto renewal": 1.6,
    "first term": -0.7,
    "newsletter": 0.6,
    "distance from home, per km": -0.03,
}
LAPSE_REASONS = ("Geen interesse meer", "Verhuisd", "Te duur", "Blessure", "")
_RENEWING_SINCE = date(TODAY.year, 5, 15)
_METHODS = ("direct_debit", "stripe", "bank_transfer", "cash")


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: fee in cents for a year, currency, how many may be linked to it."""

    number: int
    name: str
    family: str
    cents: int
    currency: str = "gbp"
    linked: int = 0


YOUTH = Plan(1, "Jeugd", "lid", 14500)
ADULT = Plan(2, "Volwassene", "lid", 18500)
SENIOR = Plan(3, "Senior", "lid", 12000)
FAMILY = Plan(4, "Gezin", "lid", 39500, linked=5)
FRIEND = Plan(5, "Vriend van de club", "vriend", 5000, "eur")
PLANS = (YOUTH, ADULT, SENIOR, FAMILY, FRIEND)


@dataclass(slots=True)
class Term:
    """One plan of one member for one year. follower: whether a later term follows; renewed: what the record says of it.

    status is the word in the record; cancelled the day on which the term was cancelled.
    """

    number: int
    record: Record
    plan: Plan
    start: date
    end: date
    created: date
    cents: int
    method: str
    auto: bool
    paid: bool
    linked: tuple[Record, ...] = ()
    follower: bool = False
    renewed: bool = False
    cancelled: date | None = None
    reason: str = ""
    status: str = ""
    next_plan: Plan | None = None


def terms(rng: Random, records: Iterable[Record]) -> list[Term]:
    """All terms of the original records, numbered in the order of their starts."""
    originals = [record for record in records if record.kind == "person"]
    linked = _linked(originals)
    covered = {record.record_id for others in linked.values() for record in others}
    holders = [record for record in originals if record.record_id not in covered]
    chains = [chain for record in holders if (chain := list(_chain(rng, record, linked.get(record.record_id, []))))]
    for chain in chains:
        _finish(rng, chain)
    found = sorted((term for chain in chains for term in chain), key=lambda term: (term.start, term.record.record_id))
    for number, term in enumerate(found, 1):
        term.number = number
    return found


def _linked(records: list[Record]) -> dict[str, list[Record]]:
    """Members of a household of three or more, by the record of its first adult, who holds the family's plan."""
    homes: dict[str, list[Record]] = {}
    for record in records:
        if record.person and record.person.since:
            homes.setdefault(record.person.household_id, []).append(record)
    found = {}
    for household in homes.values():
        adults = [record for record in household if record.person and record.person.age_on(TODAY) >= 18]
        if adults and len(household) >= 3:
            found[adults[0].record_id] = [record for record in household if record is not adults[0]]
    return found


def _chain(rng: Random, record: Record, family: list[Record]) -> Iterator[Term]:
    """The terms of one member in a row."""
    person = record.person
    assert person is not None
    method, auto = rng.choice(_METHODS), rng.random() < 0.4
    for start, end in _friendship(rng, person, auto) if person.is_outsider else _seasons(person):
        plan = FRIEND if person.is_outsider else FAMILY if family else _plan(person, start)
        months = max(1, math.ceil((end - start).days / 30.5))
        cents = plan.cents if months >= 10 else plan.cents * months // 1200 * 100
        paid = rng.random() < (0.97 if end < TODAY else 0.88)
        created = start - timedelta(days=rng.randrange(1, 60)) if auto else start
        yield Term(0, record, plan, start, end, min(created, TODAY), cents, method, auto, paid, tuple(family))


def _plan(person: Person, start: date) -> Plan:
    age = person.age_on(start)
    return YOUTH if age < 18 else SENIOR if age >= 60 else ADULT


def _seasons(person: Person) -> Iterator[tuple[date, date]]:
    """A term for each season of a member, the first from the day of joining."""
    assert person.since is not None
    for season in range(season_of(person.since), season_of(person.until or TODAY) + 1):
        yield max(person.since, date(season, 9, 1)), date(season + 1, 8, 31)


def _friendship(rng: Random, person: Person, auto: bool) -> Iterator[tuple[date, date]]:
    """Two donors in three and a few guests are friends, by calendar years of their own."""
    if rng.random() >= {"donor": 0.67}.get(person.role, 0.25):
        return
    start, place = TODAY - timedelta(days=rng.randrange(200, 1700)), 0
    while start <= TODAY:
        yield start, start.replace(year=start.year + 1, day=min(start.day, 28)) - timedelta(days=1)
        odds = RENEWAL_EFFECTS["everybody"] + RENEWAL_EFFECTS["auto renewal"] * auto
        odds += RENEWAL_EFFECTS["first term"] * (place == 0) + RENEWAL_EFFECTS["newsletter"] * person.newsletter
        odds += RENEWAL_EFFECTS["distance from home, per km"] * math.hypot(person.home.east, person.home.north)
        if rng.random() >= 1 / (1 + math.exp(-odds)):
            return
        start, place = start.replace(year=start.year + 1, day=min(start.day, 28)), place + 1


def _finish(rng: Random, chain: list[Term]) -> None:
    """Renewals, an early one for the season to come, cancellations, and the word in every record."""
    last = chain[-1]
    stays = last.record.person is not None and last.record.person.until is None
    if last.plan is not FRIEND and stays and rng.random() < 0.35:
        start, created = last.end + timedelta(days=1), _RENEWING_SINCE + timedelta(days=rng.randrange(31))
        end = last.end.replace(year=last.end.year + 1)
        person = last.record.person
        assert person is not None
        plan = last.plan if last.plan is FAMILY else _plan(person, start)
        paid = rng.random() < 0.6
        chain.append(Term(0, last.record, plan, start, end, created, plan.cents, last.method, last.auto, paid, last.linked))
    for term, following in pairwise(chain):
        term.follower, term.next_plan = True, following.plan
        term.renewed = rng.random() >= 0.03
    final = chain[-1]
    if final.end < TODAY:
        final.reason = rng.choice(LAPSE_REASONS)
        if rng.random() < 0.15:
            final.cancelled = final.end - timedelta(days=rng.randrange(10, 120))
            final.cancelled = max(final.cancelled, final.start)
    elif final.start <= TODAY and rng.random() < 0.02:
        final.cancelled = max(final.start, TODAY - timedelta(days=rng.randrange(5, 60)))
    for term in chain:
        term.status = _status(rng, term)


def _status(rng: Random, term: Term) -> str:
    """The word in the record: capitals come and go, and a grace of a month keeps a term active after its end."""
    if term.cancelled:
        return "cancelled"
    if term.start > TODAY:
        return "future" if term.paid else "pending"
    if term.end >= TODAY or (not term.follower and term.end >= TODAY - timedelta(days=30)):
        return "Active" if rng.random() < 0.1 else "active"
    return "expired" if term.follower else "lapsed"
