"""When people said that they can or cannot work: holidays, exams, fixed evenings, nights, illness.

Days and times are wall-clock times of the club. What somebody said is drawn from the record's own generator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from crmkit.demo.clock import SEASONS, TODAY, ZONE
from crmkit.demo.records import Record

AVAILABLE, UNAVAILABLE = "available", "unavailable"
ONCE, DAILY, WEEKLY, MONTHLY = "single_date", "repeat_daily", "repeat_weekly", "repeat_monthly"
LAST_MINUTE = time(23, 59)


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of availability; sense is empty where it tells neither."""

    number: int
    name: str
    short: str
    sense: str


CAN = Sort(1, "Beschikbaar", "B", AVAILABLE)
CANNOT = Sort(2, "Niet beschikbaar", "NB", UNAVAILABLE)
LEAVE = Sort(3, "Verlof", "V", UNAVAILABLE)
ILL = Sort(4, "Ziek", "Z", UNAVAILABLE)
WISH = Sort(6, "Liever niet", "LN", "")
SORTS = (CAN, CANNOT, LEAVE, ILL, WISH)


@dataclass(frozen=True, slots=True)
class Availability:
    """On every day from first to last, from start to end; an end before the start lies on the next day.

    last is None where only one day was given, end None for whole days. approved None means nobody decided yet.
    series: numbers of all records of the same repetition, this one included.
    """

    number: int
    sort: Sort
    period: str
    first: date
    last: date | None
    start: time
    end: time | None
    approved: bool | None
    locked: bool = False
    remark: str = ""
    evidence: bool = False
    series: tuple[int, ...] = ()

    @property
    def whole_day(self) -> bool:
        """Whether it is for days from midnight to midnight."""
        return self.end is None

    def intervals(self) -> Iterator[tuple[datetime, datetime]]:
        """One for each day, with zone; 23:59 is taken at its word."""
        for later in range(((self.last or self.first) - self.first).days + 1):
            day = self.first + timedelta(days=later)
            over = self.end is None or self.end <= self.start
            yield _moment(day, self.start), _moment(day + timedelta(days=over), self.end or time())


def availabilities(seed: int, record: Record) -> list[Availability]:
    """What somebody gave, in the order of its numbers; nothing for a record of a test."""
    if record.person is None:
        return []
    speaker = _Speaker(Random(f"{seed}:availability:{record.record_id}"), int(record.record_id) * 200)
    for season in SEASONS:
        if date(season + 1, 6, 1) > record.created.date():
            speaker.speak(season, record.person.age_on(TODAY))
    return speaker.said


class _Speaker:
    def __init__(self, rng: Random, last: int) -> None:
        self._rng, self._last = rng, last
        self.said: list[Availability] = []

    def speak(self, season: int, age: int) -> None:
        rng = self._rng
        if rng.random() < 0.6:
            first = date(season + 1, 7, 1) + timedelta(days=rng.randrange(45))
            last = first + timedelta(days=rng.randrange(6, 15))
            self._say(LEAVE, DAILY, [first], last, time(), None, remark="Op reis")
        if age <= 23:
            self._say(CANNOT, DAILY, [date(season + 1, 5, 27)], date(season + 1, 6, 24), time(8), time(18), remark="Examens")
        chances = (
            (self._fixed, 0.3),
            (self._meeting, 0.15),
            (self._nights, 0.15),
            (self._late, 0.12),
            (self._ill, 0.2),
            (self._day, 0.6),
        )
        for habit, chance in chances:
            if rng.random() < chance:
                habit(season)

    def _fixed(self, season: int) -> None:
        """The same evening or afternoon for some weeks."""
        rng = self._rng
        begun = date(season, 10, 2) + timedelta(days=rng.randrange(220))
        days = [begun + timedelta(weeks=week) for week in range(rng.randint(4, 10))]
        sort, start, end = rng.choice(
            ((CAN, time(18), LAST_MINUTE), (CANNOT, time(13), time(18)), (WISH, time(19), time(22, 30)))
        )
        self._say(sort, WEEKLY, days, None, start, end)

    def _meeting(self, season: int) -> None:
        """The first Sunday of some months."""
        days = [date(season + 1, month, 1) for month in range(1, 6)]
        self._say(CANNOT, MONTHLY, [day + timedelta(days=6 - day.weekday()) for day in days], None, time(9), time(12, 30))

    def _nights(self, season: int) -> None:
        """Night work: without a last day, and over midnight."""
        first = date(season, 11, 1) + timedelta(days=self._rng.randrange(240))
        for later in range(self._rng.randint(1, 4)):
            self._say(CANNOT, ONCE, [first + timedelta(days=later)], None, time(22), time(6), remark="Nachtdienst")

    def _late(self, season: int) -> None:
        """An evening over midnight that was cut in two."""
        day = date(season, 9, 9) + timedelta(weeks=self._rng.randrange(44))
        self._say(CAN, ONCE, [day], day, time(20), LAST_MINUTE)
        self._say(CAN, ONCE, [day + timedelta(days=1)], day + timedelta(days=1), time(), time(2))

    def _ill(self, season: int) -> None:
        first = date(season, 9, 5) + timedelta(days=self._rng.randrange(280))
        last = first + timedelta(days=self._rng.randrange(1, 9))
        self._say(ILL, DAILY, [first], last, time(), None, evidence=True)

    def _day(self, season: int) -> None:
        """A whole day off, or one that is free."""
        day = date(season, 9, 5) + timedelta(days=self._rng.randrange(350))
        self._say(self._rng.choice((CAN, CANNOT, CANNOT)), ONCE, [day], day, time(), None)

    def _say(
        self, sort: Sort, period: str, days: list[date], last: date | None, start: time, end: time | None,
        remark: str = "", evidence: bool = False,
    ) -> None:  # fmt: skip
        rng = self._rng
        numbers = tuple(self._last + place for place in range(1, len(days) + 1))
        self._last = numbers[-1]
        approved = rng.choices((True, False, None), (80, 7, 13))[0]
        locked = approved is True and rng.random() < 0.3
        for number, day in zip(numbers, days, strict=True):
            ends = day if period in (WEEKLY, MONTHLY) else last
            series = numbers if period in (WEEKLY, MONTHLY) else ()
            self.said.append(
                Availability(number, sort, period, day, ends, start, end, approved, locked, remark, evidence, series)
            )


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE)
