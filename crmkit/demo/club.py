"""SK Dijlevallei whole: the population, its structure, its two seasons and its records in five CRMs."""

from __future__ import annotations

from functools import cached_property, lru_cache
from random import Random

from crmkit.demo import answers as answering
from crmkit.demo import calendar, organisations, people, records, structure
from crmkit.demo.answers import Answer
from crmkit.demo.calendar import Activity
from crmkit.demo.dirt import Fault
from crmkit.demo.people import Person
from crmkit.demo.records import Record


class Club:
    """One seed, one club. Everything is computed at first use and then kept; nothing changes afterwards."""

    def __init__(self, seed: int = 1, size: int = 500) -> None:
        self.seed = seed
        self.people = people.populate(seed, size)
        self.groups = structure.grow(seed)
        self.positions = structure.appoint(seed, self.people, self.groups)
        self.organisations = organisations.around(seed, self.people)
        self.organisation_positions = organisations.positions_of(self.organisations, self.groups)
        self.weather = calendar.weather(seed)
        self.activities = calendar.schedule(seed, self.groups)
        self._kept = lru_cache(maxsize=None)(lambda crm: records.keep(seed, crm, self.people))
        self._answered = lru_cache(maxsize=64)(self._answer)

    @cached_property
    def person(self) -> dict[str, Person]:
        """Persons by person_id."""
        return {person.person_id: person for person in self.people}

    @cached_property
    def roll(self) -> structure.Roll:
        """Positions of persons by group."""
        return structure.Roll(self.positions)

    def random(self, concern: str) -> Random:
        """A generator of its own for a concern: no other concern shifts when this one draws more."""
        return Random(f"{self.seed}:{concern}")

    def records(self, crm: str) -> list[Record]:
        """What a CRM holds of persons, in the order of its ids."""
        return self._kept(crm)[0]

    def faults(self, crm: str) -> list[Fault]:
        """Every fault planted in a CRM's records."""
        return self._kept(crm)[1]

    def invited(self, activity: Activity) -> list[Person]:
        """Who got the invitation: members on the day, of the audience only where there is one."""
        if activity.audience:
            return [self.person[holder] for holder in self.roll.on(activity.audience, activity.day)]
        return [person for person in self.people if person.is_member_on(activity.day)]

    def answers(self, activity: Activity) -> list[Answer]:
        """The sign-up answers of everybody invited; empty for an announcement."""
        return self._answered(activity.number)

    @cached_property
    def team_tastes(self) -> dict[int, float]:
        """How much more or less than others a team signs up, in log-odds by group_id."""
        rng = self.random("tastes")
        return {group.group_id: round(rng.gauss(0, 0.35), 3) for group in self.groups if group.team}

    def _answer(self, number: int) -> list[Answer]:
        activity = self.activities[number - 1]
        taste = self.team_tastes[activity.audience.group_id] if activity.audience else 0.0
        return answering.answers(self.seed, activity, self.invited(activity), self.weather, taste)
