"""The club's structure: sections and teams as a tree, functions, and who held which where and when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from crmkit.demo.clock import TODAY, season_of
from crmkit.demo.people import Person

CHAIR, VICE_CHAIR, SECRETARY, TREASURER, BOARD_MEMBER = (
    "Voorzitter",
    "Ondervoorzitter",
    "Secretaris",
    "Penningmeester",
    "Bestuurslid",
)
MEMBER, TRAINER, VOLUNTEER, PARENT, HONORARY = "Lid", "Trainer", "Vrijwilliger", "Ouder", "Erelid"
BAR, SPONSOR, PARTNER = "Barman / barvrouw", "Sponsor", "Partner"
FUNCTIONS = (
    CHAIR,
    VICE_CHAIR,
    SECRETARY,
    TREASURER,
    BOARD_MEMBER,
    MEMBER,
    TRAINER,
    VOLUNTEER,
    PARENT,
    HONORARY,
    BAR,
    SPONSOR,
    PARTNER,
)


@dataclass(frozen=True, slots=True)
class Team:
    """Who belongs to a team: section, ages in the season's first year, gender; weekday 0 is Monday."""

    section: str
    ages: tuple[int, int]
    gender: str = ""
    competition: bool = True
    outdoors: bool = False
    weekday: int = 2


@dataclass(slots=True)
class Group:
    """A node of the tree."""

    group_id: int
    name: str
    parent: Group | None
    team: Team | None = None
    listed: bool = True
    children: list[Group] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Names from the root down to this group."""
        return f"{self.parent.path} / {self.name}" if self.parent else self.name

    def walk(self) -> Iterator[Group]:
        """This group and everything below, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Position:
    """A holder (person_id or organisation_id) had a function in a group from start to end, both included."""

    holder: str
    group: Group
    function: str
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether the position was held on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


_TREE: tuple[tuple[int, str, Team | None], ...] = (
    (0, "Iedereen", None),
    (1, "Bestuur", None),
    (2, "Kernbestuur", None),
    (1, "Atletiek", None),
    (2, "Benjamins & pupillen", Team("Atletiek", (5, 10), competition=False, outdoors=True, weekday=2)),
    (2, "Miniemen & cadetten", Team("Atletiek", (11, 14), outdoors=True, weekday=1)),
    (2, "Scholieren & junioren", Team("Atletiek", (15, 18), outdoors=True, weekday=3)),
    (2, "Seniors", Team("Atletiek", (19, 34), outdoors=True, weekday=1)),
    (2, "Masters", Team("Atletiek", (35, 99), competition=False, outdoors=True, weekday=6)),
    (1, "Volleybal", None),
    (2, "U13", Team("Volleybal", (5, 12), weekday=2)),
    (2, "U17", Team("Volleybal", (13, 16), "F", weekday=4)),
    (2, "U17", Team("Volleybal", (13, 16), "M", weekday=0)),
    (2, "Dames 1", Team("Volleybal", (17, 39), "F", weekday=5)),
    (2, "Heren 1", Team("Volleybal", (17, 39), "M", weekday=5)),
    (2, "Recreanten", Team("Volleybal", (40, 99), competition=False, weekday=0)),
    (1, "Tennis", None),
    (2, "Kidstennis", Team("Tennis", (5, 10), competition=False, outdoors=True, weekday=2)),
    (2, "Jeugd", Team("Tennis", (11, 17), outdoors=True, weekday=5)),
    (2, "Interclub", Team("Tennis", (18, 44), outdoors=True, weekday=6)),
    (2, "Recreanten", Team("Tennis", (45, 99), competition=False, outdoors=True, weekday=3)),
    (1, "Wandelen", None),
    (2, "Wandelclub", Team("Wandelen", (5, 99), competition=False, outdoors=True, weekday=3)),
    (1, "Vrijwilligers", None),
    (2, "Kantine", None),
    (2, "Evenementen", None),
    (1, "Ouders", None),
    (1, "Ereleden", None),
    (1, "Sponsors", None),
    (1, "Partners", None),
    (0, "Archief", None),
)
_UNLISTED = ("Kernbestuur", "Archief", "Sponsors")


def grow(seed: int) -> list[Group]:
    """The tree as a flat list, parents before children."""
    rng = Random(f"{seed}:groups")
    numbers = sorted(rng.sample(range(435, 990), len(_TREE)))
    rng.shuffle(numbers)
    branch: list[Group] = []
    groups = []
    for number, (depth, name, team) in zip(numbers, _TREE, strict=True):
        parent = branch[depth - 1] if depth else None
        group = Group(number, name, parent, team, listed=name not in _UNLISTED)
        if parent:
            parent.children.append(group)
        branch[depth:] = [group]
        groups.append(group)
    return groups


def appoint(seed: int, people: list[Person], groups: list[Group]) -> list[Position]:
    """Every position a person ever held; also writes today's functions into person.duties."""
    rng = Random(f"{seed}:positions")
    members = [person for person in people if person.since]
    positions = [position for person in members for position in _playing(person, groups)]
    positions += _staff(rng, members, groups)
    positions += _duties_of_roles(rng, members, groups)
    for holder, position in _current(people, positions):
        if position.function not in (MEMBER, PARENT):
            holder.duties.append(position.function)
    return positions


def team_of(person: Person, season: int, groups: Iterable[Group]) -> Group | None:
    """The team in which a player plays in a season."""
    age = season - person.birth_date.year
    for group in groups:
        team = group.team
        if (
            team
            and team.section == person.section
            and team.ages[0] <= max(age, 5) <= team.ages[1]
            and team.gender in ("", person.gender)
        ):
            return group
    return None


def _playing(person: Person, groups: list[Group]) -> Iterator[Position]:
    """One position for each stretch of seasons in the same team."""
    if person.section is None or person.since is None:
        return
    last = season_of(person.until or TODAY)
    start, team = person.since, team_of(person, season_of(person.since), groups)
    for season in range(season_of(person.since) + 1, last + 1):
        following = team_of(person, season, groups)
        if following is not team:
            if team:
                yield Position(person.person_id, team, MEMBER, start, date(season, 8, 31))
            start, team = date(season, 9, 1), following
    if team:
        yield Position(person.person_id, team, MEMBER, start, person.until)


def _staff(rng: Random, members: list[Person], groups: list[Group]) -> Iterator[Position]:
    """Board, trainers, canteen and helpers, drawn from the adults who are members today."""
    adults = [person for person in members if person.until is None and person.age_on(TODAY) >= 18]
    named = {group.name: group for group in groups if not group.team}
    board = rng.sample(adults, min(7, len(adults)))
    for person, function in zip(board, (CHAIR, VICE_CHAIR, SECRETARY, TREASURER, *[BOARD_MEMBER] * 3), strict=False):
        group = named["Kernbestuur" if function in (CHAIR, SECRETARY, TREASURER) else "Bestuur"]
        yield Position(person.person_id, group, function, _after(rng, person), None)
    if len(board) > 4:
        begun = _after(rng, board[4])
        yield Position(
            board[4].person_id,
            named["Kernbestuur"],
            CHAIR,
            begun - timedelta(days=900),
            begun - timedelta(days=1),
        )
    for group in groups:
        for person in rng.sample(adults, min(2, len(adults))) if group.team else ():
            yield Position(person.person_id, group, TRAINER, _after(rng, person), None)
    for name in ("Atletiek", "Volleybal", "Tennis", "Wandelen"):
        for person in rng.sample(adults, min(1, len(adults))):
            yield Position(person.person_id, named[name], BOARD_MEMBER, _after(rng, person), None)
    for person in rng.sample(adults, min(4 + len(adults) // 40, len(adults))):
        yield Position(person.person_id, named["Kantine"], BAR, _after(rng, person), None)


def _duties_of_roles(rng: Random, members: list[Person], groups: list[Group]) -> Iterator[Position]:
    named = {group.name: group for group in groups if not group.team}
    for person in members:
        if person.role == "parent":
            yield _held(person, named["Ouders"], PARENT)
        elif person.role == "honorary":
            yield _held(person, named["Ereleden"], HONORARY)
        elif person.role == "volunteer":
            yield _held(person, named[rng.choice(("Vrijwilligers", "Kantine", "Evenementen"))], VOLUNTEER)


def _held(person: Person, group: Group, function: str) -> Position:
    return Position(person.person_id, group, function, person.since or TODAY, person.until)


def _after(rng: Random, person: Person) -> date:
    """A start of a function between a person's first day and today."""
    begun = person.since or TODAY
    return begun + timedelta(days=rng.randrange(max(1, (TODAY - begun).days)))


def _current(people: list[Person], positions: list[Position]) -> Iterator[tuple[Person, Position]]:
    by_id = {person.person_id: person for person in people}
    return ((by_id[position.holder], position) for position in positions if position.covers(TODAY))


class Roll:
    """Positions by group, for the question who was in a group on a day."""

    def __init__(self, positions: Iterable[Position]) -> None:
        self._by_group: dict[int, list[Position]] = {}
        for position in sorted(positions, key=lambda each: each.start):
            self._by_group.setdefault(position.group.group_id, []).append(position)

    def on(self, group: Group, day: date) -> list[str]:
        """Holders in a group on a day, each once, in the order of their identifiers."""
        positions = self._by_group.get(group.group_id, [])
        begun = bisect_right(positions, day, key=lambda each: each.start)
        return sorted({each.holder for each in positions[:begun] if each.end is None or day <= each.end})
