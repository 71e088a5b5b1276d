"""What Peepl knows: groups, functions, combinations, who held which when, and segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import count

from crmkit.demo.clock import TODAY
from crmkit.demo.club import Club
from crmkit.demo.dialects.peepl.edits import Edits
from crmkit.demo.organisations import COMPANY, SCHOOL
from crmkit.demo.people import ascii_letters
from crmkit.demo.records import Record
from crmkit.demo.structure import FUNCTIONS, Group, Position

CONTACTS, ORGANISATIONS = "contacts", "organisations"


@dataclass(frozen=True, slots=True)
class Combination:
    """A function in a group."""

    combination_id: int
    group: Group
    function: str
    function_id: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A position of one Peepl record: object_type says whether user_id is a contact or an organisation."""

    position_id: int
    object_type: str
    user_id: int
    combination: Combination
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether the position was held on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment with its rule in words, which no answer of Peepl tells."""

    object_type: str
    segment_id: int
    name: str
    rule: str
    members: tuple[int, ...]


class Register:
    """The club through Peepl's eyes."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self.edits = Edits()
        self.contacts = {int(record.record_id): record for record in club.records("peepl")}
        self.organisations = {41 + 3 * place: found for place, found in enumerate(club.organisations)}
        self.functions = dict(zip(FUNCTIONS, (1, 2, 3, 4, 7, 11, 12, 21, 23, 30, 41, 884, 885), strict=True))
        self.groups = {group.group_id: group for group in club.groups}
        self.combinations = self._combine()
        self.holdings = list(self._hold())
        self._held_by: dict[tuple[str, int, str], list[Holding]] = {}
        self._held_from: dict[tuple[str, int], list[Holding]] = {}
        for holding in self.holdings:
            self._file(holding)
        self.holders = lru_cache(maxsize=256)(self._holders)

    @cached_property
    def main_record(self) -> dict[str, int]:
        """The contact id of every person, the original where there is a duplicate."""
        found = ((record, number) for number, record in self.contacts.items() if record.kind == "person")
        return {record.person_id: number for record, number in found if record.person_id}

    @cached_property
    def twins(self) -> dict[str, tuple[int, Record]]:
        """The duplicate of a person who has one."""
        twins = ((record.person_id, (n, record)) for n, record in self.contacts.items() if record.kind == "duplicate")
        return {person_id: twin for person_id, twin in twins if person_id}

    @cached_property
    def user_names(self) -> dict[int, str]:
        """FirstnameLastname, with a number from the second of the same name on."""
        seen: Counter[str] = Counter()
        found = {}
        for number, record in self.contacts.items():
            card = record.card
            name = ascii_letters(card["first_name"]).title() + ascii_letters(card["last_name"]).title()
            seen[name] += 1
            found[number] = name if seen[name] == 1 else f"{name}{seen[name]}"
        return found

    @cached_property
    def combination_ids(self) -> frozenset[int]:
        """Ids of all combinations."""
        return frozenset(each.combination_id for each in self.combinations.values())

    def positions(self, object_type: str, user_id: int) -> list[Holding]:
        """All positions of a contact or an organisation, past and present."""
        return self._held_from.get((object_type, user_id), [])

    def _combine(self) -> dict[tuple[int, str], Combination]:
        pairs = {(each.group.group_id, each.function) for each in self._positions()}
        pairs |= {(group.group_id, "Lid") for group in self.club.groups if group.team}
        numbers = count(1102)
        return {
            (group_id, function): Combination(next(numbers), self.groups[group_id], function, self.functions[function])
            for group_id, function in sorted(pairs)
        }

    def _positions(self) -> Iterator[Position]:
        yield from self.club.positions
        yield from self.club.organisation_positions

    def _hold(self) -> Iterator[Holding]:
        """Positions by start; a duplicate has its person's current ones from when it was entered on."""
        numbers = count(589)
        ids = {organisation.organisation_id: number for number, organisation in self.organisations.items()}
        for each in sorted(self._positions(), key=lambda position: position.start):
            combination = self.combinations[each.group.group_id, each.function]
            if each.holder in ids:
                yield Holding(next(numbers), ORGANISATIONS, ids[each.holder], combination, each.start, each.end)
                continue
            yield Holding(next(numbers), CONTACTS, self.main_record[each.holder], combination, each.start, each.end)
            twin = self.twins.get(each.holder)
            if twin and each.covers(TODAY):
                start = max(each.start, twin[1].created.date())
                yield Holding(next(numbers), CONTACTS, twin[0], combination, start, each.end)

    def _file(self, holding: Holding) -> None:
        combination = holding.combination
        self._held_from.setdefault((holding.object_type, holding.user_id), []).append(holding)
        for kind, number in (
            ("groups", combination.group.group_id),
            ("functions", combination.function_id),
            ("combinations", combination.combination_id),
        ):
            self._held_by.setdefault((kind, number, holding.object_type), []).append(holding)

    def _holders(self, kind: str, number: int, object_type: str, day: date) -> list[int]:
        """Contacts or organisations in a group, function or combination on a day; not of subgroups."""
        held = self._held_by.get((kind, number, object_type), [])
        return sorted({holding.user_id for holding in held if holding.covers(day)})

    @cached_property
    def segments(self) -> dict[tuple[str, int], Segment]:
        """Segments by object type and id; one id is used twice, once for each object type."""
        found = [*self._contact_segments(), *self._organisation_segments()]
        return {(segment.object_type, segment.segment_id): segment for segment in found}

    def _contact_segments(self) -> Iterator[Segment]:
        people = self.club.person
        minors = {
            p for person in self.club.people if person.age_on(TODAY) < 18 and person.is_member_on(TODAY) for p in person.parents
        }
        parents = [n for n, r in self.contacts.items() if r.person_id in minors]
        current = {holding.user_id for holding in self.holdings if holding.object_type == CONTACTS and holding.covers(TODAY)}
        former = {holding.user_id for holding in self.holdings if holding.object_type == CONTACTS} - current
        competing = {
            holding.user_id
            for holding in self.holdings
            if holding.covers(TODAY)
            and holding.combination.function == "Lid"
            and holding.combination.group.team
            and holding.combination.group.team.competition
        }
        letters = [n for n, r in self.contacts.items() if r.person_id and people[r.person_id].newsletter]
        older = [n for n, r in self.contacts.items() if r.person_id and people[r.person_id].age_on(TODAY) >= 60]
        leuven = [n for n, r in self.contacts.items() if r.card["postal_code"] in ("3000", "3001", "3010", "3012", "3018")]
        for segment_id, name, rule, members in (
            (41, "Ouders van jeugdleden", "parent of a member who is under 18 today", parents),
            (47, "Oud-leden", "had a position, has none today", former),
            (52, "Competitiespelers", "function Lid in a competition team today", competing),
            (58, "Nieuwsbrief", "person asked for the newsletter", letters),
            (63, "60-plussers", "true age 60 or more today", older),
            (70, "Leuven-stad", "recorded postal code 3000, 3001, 3010, 3012 or 3018", leuven),
            (77, "Campagne 2019", "no rule is left: empty", []),
        ):
            yield Segment(CONTACTS, segment_id, name, rule, tuple(sorted(members)))

    def _organisation_segments(self) -> Iterator[Segment]:
        around = self.organisations.items()
        for segment_id, name, rule, members in (
            (12, "Scholen", "organisation is a school", [n for n, o in around if o.kind == SCHOOL]),
            (
                41,
                "Hoofdsponsors",
                "main sponsor today",
                [n for n, o in around if o.level == "Hoofdsponsor" and not o.until],
            ),
            (
                44,
                "Oud-sponsors",
                "company whose sponsoring has ended",
                [n for n, o in around if o.kind == COMPANY and o.until],
            ),
            (90, "Prospecten", "no rule is left: empty", []),
        ):
            yield Segment(ORGANISATIONS, segment_id, name, rule, tuple(members))
