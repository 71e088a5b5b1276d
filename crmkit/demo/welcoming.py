"""How the welcome team follows whoever comes for the first time: who looks after whom, how soon, how it went.

Everything about one person is drawn from a Random of that person's own, so nobody depends on who else is there.
The chance of reaching somebody is logistic in EFFECTS, and the truth says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crmkit.demo.clock import NOW, TODAY, local, local_day
from crmkit.demo.club import Club
from crmkit.demo.people import Person
from crmkit.demo.records import Record
from crmkit.demo.visitors import visitors

ADMIN, CONTACT, OWNER, USER = 1, 2, 3, 4
NOTE, TALK, LEAVING, COACHING, MOMENT = 1, 2, 6, 9, 11
STATUSES = (
    "uncontacted", "attempted_contact", "contacted", "do_not_email", "do_not_contact", "completed", "in_progress",
)  # fmt: skip
# Log-odds of reaching somebody whom the team tries to reach; channels and members of the team add their own.
EFFECTS: Mapping[str, float] = {
    "everybody": 1.3,
    "day waited, up to 40": -0.06,
    "language other than Dutch": -0.6,
    "age 19 to 25": -0.3,
}


@dataclass(frozen=True, slots=True)
class Organization:
    """A part of the club with people of its own to follow."""

    organization_id: int
    name: str
    parent_id: int | None
    terminology: str


WELCOME = Organization(5101, "SK Dijlevallei Onthaal", None, "Club")
STUDENTS = Organization(5107, "Dijlevallei Studenten", 5101, "Campus")
YOUTH = Organization(5112, "Dijlevallei Jeugd", 5101, "Afdeling")
ORGANIZATIONS = (WELCOME, STUDENTS, YOUTH)


@dataclass(frozen=True, slots=True)
class Channel:
    """How somebody came to the club: what it adds to the log-odds of being reached, and how common it is."""

    name: str
    log_odds: float
    weight: int


CHANNELS = (
    Channel("Vriend of familie", 0.7, 34),
    Channel("Startdag", 0.3, 18),
    Channel("School of campus", 0.0, 16),
    Channel("Website", -0.2, 16),
    Channel("Sociale media", -0.8, 12),
    Channel("Flyer", -0.4, 4),
)


@dataclass(frozen=True, slots=True)
class Leader:
    """Somebody of the team: days until a first call in the median, log-odds of reaching, share of the work."""

    record: Record
    level: int
    days: float
    log_odds: float
    weight: int


@dataclass(frozen=True, slots=True)
class Permission:
    """What somebody is in an organization, and how far the following has come."""

    organization: Organization
    level: int
    status: str | None
    archived: datetime | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """Something that happened with somebody; initiators are record ids."""

    kind: int
    moment: datetime
    comment: str
    initiators: tuple[str, ...]
    organization: Organization


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The story of one record. delay: days until the first attempt; reached None where nobody tried."""

    record: Record
    visit: date
    channel: Channel
    leader: Leader | None
    assigned: datetime
    delay: int | None
    reached: bool | None
    permissions: tuple[Permission, ...]
    interactions: tuple[Interaction, ...]
    note: str | None

    @property
    def person(self) -> Person | None:
        """The true person, None for a test record."""
        return self.record.person


_PROFILES = ((2, 0.6, 26), (4, 0.2, 24), (15, -0.7, 30), (6, 0.0, 10))
_COMMENTS: Mapping[int, tuple[str, ...]] = {
    NOTE: ("Gebeld, geen antwoord", "Mail gestuurd met het aanbod", "Bericht ingesproken", "Aangesproken aan de toog"),
    TALK: (
        "Kwam langs op training, goed gesprek",
        "Lang gebeld: wil eerst kijken, dan beslissen",
        "Koffie gedronken in de kantine",
    ),
    LEAVING: ("Verhuisd, doorverwezen naar een club in de buurt",),
    COACHING: ("Meegelopen met de groep", "Training samen bekeken", "Vragen over inschrijving en kledij beantwoord"),
    MOMENT: ("Eerste wedstrijd gespeeld!", "Bracht zelf twee vrienden mee"),
}
_NOTES = ("Liefst 's avonds bellen", "Heeft een oude knieblessure", "Komt met de fiets, geen vervoer", "Spreekt liever Engels")


def everybody(club: Club) -> list[Record]:
    """All records that the welcome team keeps, by id: those of the population and the visitors."""
    return sorted([*club.records("missionhub"), *visitors(club)], key=lambda each: int(each.record_id))


def team(club: Club, records: Iterable[Record]) -> list[Leader]:
    """Who welcomes: seven grown-ups with a duty in a club of five hundred, twenty-four at the most."""
    able = [
        each
        for each in records
        if each.kind == "person" and each.person and each.person.duties and each.person.age_on(TODAY) >= 21
    ]
    size = min(24, 4 + len(club.people) // 150)
    found = []
    for place, record in enumerate(able[:size]):
        days, log_odds, weight = _PROFILES[place % len(_PROFILES)]
        level = (OWNER, ADMIN)[place] if place < 2 else USER
        found.append(Leader(record, level, days, log_odds, weight if place < 4 else 4))
    return found


def follow(club: Club, records: Iterable[Record], leaders: Sequence[Leader]) -> list[FollowUp]:
    """The stories of all records, in their order."""
    of_team = {leader.record.record_id: leader for leader in leaders}
    return [_story(club.random(f"missionhub:story:{r.record_id}"), r, leaders, of_team.get(r.record_id)) for r in records]


def _story(rng: Random, record: Record, leaders: Sequence[Leader], itself: Leader | None) -> FollowUp:
    visit = local_day(record.created) - timedelta(days=rng.choice((0, 0, 0, 1, 2, 5)))
    channel = rng.choices(CHANNELS, [each.weight for each in CHANNELS])[0]
    if local_day(record.created).month == 9 and rng.random() < 0.4:
        channel = CHANNELS[1]
    if itself:
        return FollowUp(record, visit, channel, None, record.created, None, None, _posts(rng, itself), (), None)
    leader, assigned, delay = _assignment(rng, record, leaders)
    attempt = assigned + timedelta(days=delay or 0, hours=rng.randint(1, 6))
    tried = delay is not None and attempt < NOW
    reached = rng.random() < _chance(record, channel, leader, delay or 0) if tried else None
    archived = _archived(rng, record, attempt, reached)
    status = _status(rng, (NOW - attempt).days, reached)
    permissions = _permissions(rng, record, status, archived)
    talks = _talks(rng, attempt, leader, leaders, reached, permissions[0].organization, archived) if tried else ()
    note = rng.choice(_NOTES) if leader and rng.random() < 0.15 else None
    return FollowUp(record, visit, channel, leader, assigned, delay if tried else None, reached, permissions, talks, note)


def _posts(rng: Random, leader: Leader) -> tuple[Permission, ...]:
    """A leader's own permissions: the owner's everywhere, of the others some with the students too."""
    first = Permission(WELCOME, leader.level, None, None)
    if leader.level == OWNER:
        return first, *(Permission(each, OWNER, None, None) for each in (STUDENTS, YOUTH))
    return (first, Permission(STUDENTS, USER, None, None)) if rng.random() < 0.5 else (first,)


def _assignment(rng: Random, record: Record, leaders: Sequence[Leader]) -> tuple[Leader | None, datetime, int | None]:
    """Who looks after somebody since when, and days until the first attempt; few are called without anybody's charge."""
    lot, spread = rng.random(), rng.lognormvariate(0, 0.7)
    assigned = min(record.created + timedelta(hours=rng.randint(1, 60)), NOW - timedelta(minutes=30))
    if leaders and record.kind in ("person", "visitor") and lot < 0.84:
        leader = rng.choices(leaders, [each.weight for each in leaders])[0]
        return leader, assigned, round(leader.days * spread)
    return None, assigned, round(20 * spread) if record.person and lot > 0.96 else None


def _chance(record: Record, channel: Channel, leader: Leader | None, delay: int) -> float:
    odds = EFFECTS["everybody"] + channel.log_odds + (leader.log_odds if leader else 0.0)
    odds += EFFECTS["day waited, up to 40"] * min(40, delay)
    if record.person and record.person.language != "nl":
        odds += EFFECTS["language other than Dutch"]
    if record.person and 19 <= record.person.age_on(TODAY) <= 25:
        odds += EFFECTS["age 19 to 25"]
    return 1 / (1 + math.exp(-odds))


def _status(rng: Random, days: int, reached: bool | None) -> str | None:
    """How far the team says it has come, so many days after its first attempt."""
    if reached is None:
        return rng.choices(("uncontacted", None), (90, 10))[0]
    if not reached:
        return rng.choices(("attempted_contact", "do_not_contact", "do_not_email"), (80, 12, 8))[0]
    if days < 60:
        return rng.choices(("contacted", "in_progress"), (55, 45))[0]
    return rng.choices(("completed", "in_progress", "contacted"), (62, 16, 22))[0]


def _archived(rng: Random, record: Record, attempt: datetime, reached: bool | None) -> datetime | None:
    """When somebody was put away: who has left the club, and one in four of those never reached in a year."""
    lot = rng.random()
    if record.person and record.person.until and lot < 0.9:
        return min(local(record.person.until, 10), NOW - timedelta(days=1))
    given_up = attempt + timedelta(days=365)
    return given_up if not reached and given_up < NOW and lot < 0.25 else None


def _permissions(rng: Random, record: Record, status: str | None, archived: datetime | None) -> tuple[Permission, ...]:
    """One organization for most, two for some of the young, each with a status of its own."""
    age = record.person.age_on(TODAY) if record.person else 40
    lot, other = rng.random(), rng.choices(("uncontacted", "contacted", None), (45, 30, 25))[0]
    if record.person and record.person.role == "student":
        return (Permission(STUDENTS, CONTACT, status, archived),)
    first = Permission(WELCOME, CONTACT, status, archived)
    second = STUDENTS if 18 <= age <= 25 and lot < 0.4 else YOUTH if age < 18 and lot < 0.5 else None
    return (first, Permission(second, CONTACT, other, archived)) if second else (first,)


def _talks(
    rng: Random,
    attempt: datetime,
    leader: Leader | None,
    leaders: Sequence[Leader],
    reached: bool | None,
    organization: Organization,
    archived: datetime | None,
) -> tuple[Interaction, ...]:
    """The first attempt, and what followed where it reached somebody; nothing after the archiving or to come."""
    kinds = [(NOTE, attempt)]
    if reached:
        kinds.append((TALK, attempt + timedelta(days=rng.randint(0, 6), hours=1)))
        if rng.random() < 0.35:
            months = range(1, rng.randint(2, 6))
            kinds += [(COACHING, attempt + timedelta(days=30 * month + rng.randrange(9))) for month in months]
        if rng.random() < 0.2:
            kinds.append((MOMENT, attempt + timedelta(days=rng.randint(10, 120))))
    if archived and attempt < datetime(2023, 6, 1, tzinfo=NOW.tzinfo) and rng.random() < 0.5:
        kinds.append((LEAVING, archived - timedelta(hours=2)))
    until = min(archived or NOW, NOW)
    found = []
    for kind, moment in sorted(kinds, key=lambda each: each[1]):
        who = [leader] if leader else rng.sample(list(leaders), min(1, len(leaders)))
        if len(leaders) > 1 and rng.random() < 0.15:
            who += [rng.choice([each for each in leaders if each is not who[0]])]
        initiators = tuple(each.record.record_id for each in who)
        comment = rng.choice(_COMMENTS[kind])
        if moment <= until:
            found.append(Interaction(kind, moment, comment, initiators, organization))
    return tuple(found)
