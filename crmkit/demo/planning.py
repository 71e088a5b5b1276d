"""The plan of who is needed where: projects with their teams and shifts, for the bar, events, the camp.

Teams are built from the club's calendar and from weekly patterns. Nothing here knows who works or how a CRM
prints it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from crmkit.demo.calendar import CANTEEN, COURTS, EXTERNAL, FOREST, GROUND, HALL, Activity, Venue
from crmkit.demo.clock import NOW, SEASONS, ZONE, local, season_of
from crmkit.demo.needs import CAMP_DAY, EVENTS, GUIDE, SPORT, SUMMER, WEEK, WELCOME, Function, Need

DELETED, CONFIDENTIAL = "deleted", "confidential"
VENUES = (HALL, GROUND, COURTS, CANTEEN, FOREST)
_CLOCKED_SINCE = datetime(2023, 2, 1, tzinfo=UTC)
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")


@dataclass(frozen=True, slots=True)
class Shift:
    """From start to end, instants in UTC; pause in minutes, None where nobody wrote it down."""

    start: datetime
    end: datetime
    pause: int | None

    @property
    def gross(self) -> float:
        """Hours from start to end."""
        return (self.end - self.start).total_seconds() / 3600

    @property
    def net(self) -> float:
        """Hours without the break."""
        return max(0.0, self.gross - (self.pause or 0) / 60)

    @property
    def changes_clocks(self) -> bool:
        """Whether summer time begins or ends during the shift."""
        return self.start.astimezone(ZONE).utcoffset() != self.end.astimezone(ZONE).utcoffset()


@dataclass(slots=True)
class Project:
    """hidden is empty, DELETED or CONFIDENTIAL. split: whether it may have parts. teams: those in no part."""

    number: int
    name: str
    department: str
    venue: Venue
    first: date
    last: date
    split: bool = False
    published: bool = True
    hidden: str = ""
    parts: list[Part] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)

    def everything(self) -> Iterator[Team]:
        """Teams of the project and of its parts."""
        yield from self.teams
        for part in self.parts:
            yield from part.teams


@dataclass(slots=True)
class Part:
    """A part of a project, such as a week or a day."""

    number: int
    name: str
    project: Project
    first: date
    last: date
    teams: list[Team] = field(default_factory=list)


@dataclass(slots=True)
class Team:
    """So many people needed for a function, in all shifts of the team. clocked: whether they check in and out."""

    number: int
    name: str
    function: Function
    needed: int
    shifts: tuple[Shift, ...]
    project: Project
    part: Part | None
    published: bool
    clocked: bool

    @property
    def start(self) -> datetime:
        """Start of the first shift, or of the project."""
        return self.shifts[0].start if self.shifts else local(self.project.first)


def plan(seed: int, activities: Iterable[Activity]) -> list[Project]:
    """All projects of both seasons, hidden ones included, in the order of their numbers."""
    planner = _Planner(Random(f"{seed}:planning"))
    found = list(activities)
    for season in SEASONS:
        planner.bar(season)
        planner.summer(season + 1)
        for activity in found:
            if activity.kind == EXTERNAL and season == season_of(activity.day):
                planner.event(activity)
        planner.rest(season)
    return planner.projects


class _Planner:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._last = Counter({"project": 40, "part": 870, "team": 2700})
        self.projects: list[Project] = []

    def bar(self, season: int) -> None:
        """A part for every week but those around Christmas."""
        first, last = date(season, 9, 5), date(season + 1, 6, 30)
        project = self._project(f"Bar seizoen {season}-{season + 1}", "Kantine", CANTEEN, first, last, split=True)
        monday = first - timedelta(days=first.weekday())
        while monday <= last:
            if not date(season, 12, 19) <= monday <= date(season + 1, 1, 1):
                part = self._part(project, f"Week {monday.isocalendar().week}", monday, monday + timedelta(days=6))
                for weekday, need in WEEK:
                    self._team(project, part, monday + timedelta(days=weekday), need)
            monday += timedelta(days=7)

    def summer(self, year: int) -> None:
        """The bar in July and August, without parts."""
        first, last = date(year, 7, 1), date(year, 8, 31)
        project = self._project(f"Zomerbar {year}", "Kantine", GROUND, first, last)
        monday = first - timedelta(days=first.weekday())
        while monday <= last:
            for weekday, need in SUMMER:
                if first <= monday + timedelta(days=weekday) <= last:
                    self._team(project, None, monday + timedelta(days=weekday), need)
            monday += timedelta(days=7)

    def event(self, activity: Activity) -> None:
        """A project for an activity of the calendar that needs hands."""
        title, day = f"{activity.name} {activity.day.year}", activity.day
        if activity.name == "Open tennistornooi":
            self._tournament(title, day)
        elif activity.name == "Sportkamp zomer":
            self._camp(title, day)
        elif activity.name in EVENTS:
            last = day + timedelta(days=1)
            project = self._project(title, "Evenementen", activity.venue, day, last)
            for need in EVENTS[activity.name]:
                self._team(project, None, day, need)
            if activity.name == "Startdag":
                self._team(project, None, day, (WELCOME, (), 2, 0), "Redactie verslag")

    def _tournament(self, title: str, day: date) -> None:
        project = self._project(title, "Sport", COURTS, day, day + timedelta(days=1), split=True)
        self._team(project, None, day, (WELCOME, ((8, 13), (32, 37)), 2, 15), "Wedstrijdtafel")
        for name, later in (("Zaterdag", 0), ("Zondag", 1)):
            part = self._part(project, name, day + timedelta(days=later), day + timedelta(days=later))
            for need in SPORT:
                self._team(project, part, part.first, need)

    def _camp(self, title: str, day: date) -> None:
        """Three groups of children; the middle one stays the night, the eldest have one team for all five days."""
        project = self._project(title, "Sport", GROUND, day, day + timedelta(days=4), split=True)
        small, middle, big = (self._part(project, name, day, project.last) for name in ("Kleuters", "Lagere school", "Tieners"))
        for later in range(5):
            for part in (small, middle):
                for need in CAMP_DAY:
                    self._team(project, part, day + timedelta(days=later), need)
            self._team(project, middle, day + timedelta(days=later), (GUIDE, ((20, 31),), 2, 60))
        week = tuple((24.0 * later + 8.5, 24.0 * later + 16.5) for later in range(5))
        self._team(project, big, day, (GUIDE, week, 4, 45))
        self._team(project, big, day, (GUIDE, week, 0, 45), "Reserve begeleiding")

    def rest(self, season: int) -> None:
        """Projects that are hidden from the API's user, and projects with nothing in them."""
        fair, away = date(season, 12, 17), date(season + 1, 2, 25)
        for name, day, hidden in (("Kerstmarkt", fair, DELETED), ("Bestuursweekend", away, CONFIDENTIAL)):
            project = self._project(f"{name} {day.year}", "Evenementen", CANTEEN, day, day, hidden=hidden)
            for need in EVENTS["Clubquiz"]:
                self._team(project, None, day, need)
        last = date(season + 1, 8, 31)
        self._project(f"Werkgroep nieuwbouw {season}", "Secretariaat", HALL, fair, last, published=False)
        self._project(f"Onthaaldagen scholen {season}", "Sport", HALL, away, last, split=True)

    def _number(self, kind: str) -> int:
        self._last[kind] += self._rng.choice((1, 1, 1, 1, 2, 5))
        return self._last[kind]

    def _project(
        self,
        name: str,
        department: str,
        venue: Venue,
        first: date,
        last: date,
        *,
        split: bool = False,
        published: bool = True,
        hidden: str = "",
    ) -> Project:
        found = Project(self._number("project"), name, department, venue, first, last, split, published, hidden)
        self.projects.append(found)
        return found

    def _part(self, project: Project, name: str, first: date, last: date) -> Part:
        part = Part(self._number("part"), name, project, first, last)
        project.parts.append(part)
        return part

    def _team(self, project: Project, part: Part | None, day: date, need: Need, name: str = "") -> None:
        function, spans, needed, pause = need
        shifts = tuple(Shift(_at(day, begin), _at(day, finish), pause) for begin, finish in spans)
        begin = shifts[0].start if shifts else local(day)
        clocked = begin >= _CLOCKED_SINCE
        published = begin < NOW or self._rng.random() > 0.15
        title = name or f"{function.name} {_DAYS[day.weekday()]} {begin.astimezone(ZONE):%H:%M}"
        needed += self._rng.choice((0, 0, 0, 1)) if needed > 2 else 0
        team = Team(self._number("team"), title, function, needed, shifts, project, part, published, clocked)
        (part or project).teams.append(team)


def _at(day: date, hours: float) -> datetime:
    days, rest = divmod(hours, 24)
    return local(day + timedelta(days=int(days)), int(rest), round(rest % 1 * 60))
