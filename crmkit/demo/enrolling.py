"""Who enrolled for which team, who came and when: places filled with a structure worth finding.

The chance that a place is filled is logistic in EFFECTS; how late people check in is the sum of LATENESS. The
truth says so. Only those whom the CRM knows enrol, and nobody before the CRM knew them.
"""

from __future__ import annotations

import math
from bisect import bisect
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from crmkit.demo.availability import UNAVAILABLE, availabilities
from crmkit.demo.clock import NOW, TODAY, ZONE
from crmkit.demo.club import Club
from crmkit.demo.needs import BAR, FIRST_AID, REFEREE, Function
from crmkit.demo.planning import Project, Team
from crmkit.demo.records import Record
from crmkit.demo.structure import BAR as BEHIND_THE_BAR

CRM = "beeple"
CONFIRMED, EXPIRED, INVITED, CANCELLED = "confirmed", "expired", "invited", "cancelled"
STATUSES = (CONFIRMED, EXPIRED, INVITED, CANCELLED)

# Log-odds that a place is filled; days and hours are those of the first shift, in Brussels.
EFFECTS: Mapping[str, float] = {
    "everything": 1.3,
    "function Bar": 0.5,
    "function Keuken": -0.2,
    "function Bediening": 0.2,
    "function Parking": -0.9,
    "function EHBO": -0.6,
    "function Scheidsrechter": -1.1,
    "function Onthaal": 0.8,
    "function Kassa": 0.6,
    "function Seingever": -0.2,
    "function Opbouw": -0.3,
    "function Afbraak": -1.2,
    "function Begeleiding": 0.4,
    "Wednesday": 0.3,
    "Friday": 0.2,
    "Sunday": -0.5,
    "start before 9:00": -0.6,
    "start at 20:00 or later": -0.8,
    "bar on Saturday, start at 20:00 or later": -1.2,
    "July and August": -0.4,
    "December": -0.3,
    "not yet held, per week ahead": -0.25,
}
# Minutes after the start at which somebody checks in, on average; they spread by 6.
LATENESS: Mapping[str, float] = {
    "everybody": -5.0,
    "age under 26": 8.0,
    "start at 20:00 or later": 4.0,
    "start before 9:00": 3.0,
}
# Chances of what is out of the ordinary.
CHANCES: Mapping[str, float] = {
    "one more than needed, where all places are filled": 0.1,
    "somebody who works elsewhere at the time, where there is one": 0.025,
    "withdrew after confirming": 0.02,
    "did not come": 0.04,
    "did not come, bar on Saturday, start at 20:00 or later": 0.12,
    "no check-out": 0.06,
    "no check-out, end after midnight": 0.2,
    "check-out before check-in": 0.004,
    "check-out a day late": 0.006,
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One record in one team. cancelled may be set while the status still says confirmed.

    arrived and left are UTC, of the first shift: None where nobody checked in or out, or nobody had to.
    """

    number: int
    team: Team
    record: Record
    status: str
    cancelled: bool
    arrived: datetime | None = None
    left: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the place is taken."""
        return self.status == CONFIRMED and not self.cancelled


def log_odds(team: Team) -> float:
    """What the kind of work and its time contribute to a filled place."""
    start = team.start.astimezone(ZONE)
    total = EFFECTS["everything"] + EFFECTS[f"function {team.function.name}"]
    total += EFFECTS.get(WEEKDAYS[start.weekday()], 0.0)
    if start.hour < 9:
        total += EFFECTS["start before 9:00"]
    if start.hour >= 20:
        total += EFFECTS["start at 20:00 or later"]
    if is_late_bar(team):
        total += EFFECTS["bar on Saturday, start at 20:00 or later"]
    if start.month in (7, 8):
        total += EFFECTS["July and August"]
    if start.month == 12:
        total += EFFECTS["December"]
    return total + EFFECTS["not yet held, per week ahead"] * max(0, (start.date() - TODAY).days) / 7


def is_late_bar(team: Team) -> bool:
    """Behind the bar on a Saturday night."""
    start = team.start.astimezone(ZONE)
    return team.function is BAR and start.weekday() == 5 and start.hour >= 20


def chance(team: Team) -> float:
    """The chance that one place of the team is filled."""
    return 1 / (1 + math.exp(-log_odds(team)))


def enrol(club: Club, projects: list[Project]) -> list[Enrolment]:
    """All enrolments in the order of their numbers, which is that of the teams' starts."""
    teams = sorted((team for project in projects for team in project.everything()), key=lambda team: (team.start, team.number))
    desk = _Desk(club)
    for team in teams:
        desk.fill(team)
    return desk.enrolments


class _Desk:
    """Takes enrolments, team after team."""

    def __init__(self, club: Club) -> None:
        self._rng = club.random("enrolling")
        self._pool = _Pool(club)
        self._busy: dict[str, deque[Team]] = {}
        self._recent: deque[tuple[Team, Record]] = deque(maxlen=60)
        self._last = 31000
        self.enrolments: list[Enrolment] = []

    def fill(self, team: Team) -> None:
        rng, p = self._rng, chance(team)
        filled = sum(rng.random() < p for _ in range(team.needed))
        if filled == team.needed and rng.random() < CHANCES["one more than needed, where all places are filled"]:
            filled += 1
        taken: set[str | None] = set()
        for _ in range(filled):
            record = self._somebody(team, taken)
            if record:
                gone = rng.random() < CHANCES["withdrew after confirming"]
                self._add(team, record, CONFIRMED, gone)
                if not gone:
                    self._busy.setdefault(record.record_id, deque(maxlen=30)).append(team)
                    self._recent.append((team, record))
        for status, wanted in ((CANCELLED, 0.12 * team.needed), (self._asked(team), 0.7 * max(0, team.needed - filled))):
            for _ in range(int(wanted + rng.random())):
                record = self._pool.draw(rng, team, taken)
                if record:
                    taken.add(record.person_id)
                    self._add(team, record, status, status == CANCELLED)

    def _asked(self, team: Team) -> str:
        """An invitation that nobody answered lapses when the work begins."""
        return INVITED if team.start > NOW else EXPIRED

    def _somebody(self, team: Team, taken: set[str | None]) -> Record | None:
        """Somebody who is free; now and then, somebody who is not."""
        rng = self._rng
        if rng.random() < CHANCES["somebody who works elsewhere at the time, where there is one"]:
            busy = [record for other, record in self._recent if overlaps(other, team) and record.person_id not in taken]
            if busy:
                found = rng.choice(busy)
                taken.add(found.person_id)
                return found
        for _ in range(30):
            record = self._pool.draw(rng, team, taken)
            if record is None:
                return None
            if not any(overlaps(other, team) for other in self._busy.get(record.record_id, ())) and (
                rng.random() < 0.1 or not self._pool.is_away(record, team)
            ):
                taken.add(record.person_id)
                return record
        return None

    def _add(self, team: Team, record: Record, status: str, cancelled: bool) -> None:
        self._last += self._rng.choice((1, 1, 1, 2, 4))
        arrived, left = None, None
        if status == CONFIRMED and not cancelled:
            arrived, left = _clock(Random(f"{self._pool.seed}:clock:{self._last}"), team, record)
        self.enrolments.append(Enrolment(self._last, team, record, status, cancelled, arrived, left))


class _Pool:
    """Those who may be asked, the keen more often; those who know a trade for that trade."""

    def __init__(self, club: Club) -> None:
        self.seed = club.seed
        known = [record for record in club.records(CRM) if record.person]
        self._records = [record for record in known if record.kind == "person"]
        self._twins = {record.person_id: record for record in known if record.kind == "duplicate"}
        self._by_id = {record.record_id: record for record in known}
        rng = club.random("enrolling:skills")
        self._skilled = {
            function: {record.record_id for record in self._records if rng.random() < 0.35} for function in (FIRST_AID, REFEREE)
        }
        self._drawing = lru_cache(maxsize=None)(self._weighted)
        self._absences = lru_cache(maxsize=None)(self._absent)

    def draw(self, rng: Random, team: Team, taken: set[str | None]) -> Record | None:
        """A record that may do the work and is not in the team; perhaps the person's second one."""
        records, totals = self._drawing(team.function)
        for _ in range(20 if records else 0):
            record = records[min(bisect(totals, rng.random() * totals[-1]), len(records) - 1)]
            if record.person_id in taken or record.created > team.start or not _is_of_age(record, team):
                continue
            twin = self._twins.get(record.person_id)
            return twin if twin and twin.created < team.start and rng.random() < 0.3 else record
        return None

    def is_away(self, record: Record, team: Team) -> bool:
        """Whether the person said, and was granted, not to be there."""
        return any(
            start < shift.end and shift.start < end for start, end in self._absences(record.record_id) for shift in team.shifts
        )

    def _weighted(self, function: Function) -> tuple[list[Record], list[float]]:
        skilled = self._skilled.get(function)
        records = [record for record in self._records if skilled is None or record.record_id in skilled]
        return records, list(accumulate(_weight(record, function) for record in records))

    def _absent(self, record_id: str) -> list[tuple[datetime, datetime]]:
        said = availabilities(self.seed, self._by_id[record_id])
        return [span for each in said if each.sort.sense == UNAVAILABLE and each.approved for span in each.intervals()]


def overlaps(one: Team, other: Team) -> bool:
    """Whether two different teams have shifts at the same time; intervals are half open."""
    return one is not other and any(a.start < b.end and b.start < a.end for a in one.shifts for b in other.shifts)


def _is_of_age(record: Record, team: Team) -> bool:
    assert record.person is not None
    return record.person.age_on(team.start.date()) >= team.function.minimal_age


def _weight(record: Record, function: Function) -> float:
    person = record.person
    assert person is not None
    weight = math.exp(0.6 * person.keenness) * (1.3 if person.duties else 1) * (0.05 if person.never_comes else 1)
    return weight * (1.8 if function is BAR and BEHIND_THE_BAR in person.duties else 1)


def _clock(rng: Random, team: Team, record: Record) -> tuple[datetime | None, datetime | None]:
    """When somebody checked in and out of the first shift, to the minute; only what has happened by now."""
    drawn = rng.random(), rng.random(), rng.random()
    if not team.clocked or not team.shifts or drawn[0] < _absence(team):
        return None, None
    shift = team.shifts[0]
    arrived = shift.start + timedelta(minutes=round(rng.gauss(_lateness(team, record), 6)))
    left = shift.end + timedelta(minutes=round(rng.expovariate(1 / 9)))
    if drawn[1] < 0.1 and not shift.changes_clocks:
        left = shift.end - timedelta(minutes=rng.randrange(10, 60))
    wrong = CHANCES["check-out before check-in"]
    if drawn[2] < wrong:
        left = arrived - timedelta(minutes=rng.randrange(5, 90))
    elif drawn[2] < wrong + CHANCES["check-out a day late"]:
        left += timedelta(days=1)
    forgotten = rng.random() < _forgetting(team)
    return (arrived if arrived <= NOW else None), (left if left <= NOW and not forgotten else None)


def _absence(team: Team) -> float:
    return CHANCES["did not come"] + (
        CHANCES["did not come, bar on Saturday, start at 20:00 or later"] if is_late_bar(team) else 0
    )


def _forgetting(team: Team) -> float:
    shift = team.shifts[0]
    over = shift.start.astimezone(ZONE).date() != shift.end.astimezone(ZONE).date()
    return CHANCES["no check-out"] + (CHANCES["no check-out, end after midnight"] if over else 0)


def _lateness(team: Team, record: Record) -> float:
    start, minutes = team.start.astimezone(ZONE), LATENESS["everybody"]
    if record.person and record.person.age_on(start.date()) < 26:
        minutes += LATENESS["age under 26"]
    if start.hour >= 20:
        minutes += LATENESS["start at 20:00 or later"]
    return minutes + (LATENESS["start before 9:00"] if start.hour < 9 else 0)
