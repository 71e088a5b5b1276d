"""Enrolments as Beeple prints them, and what their filters leave."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from crmkit.demo.clock import ZONE
from crmkit.demo.dialects.beeple.collaborators import Collaborators
from crmkit.demo.dialects.beeple.planned import Planned
from crmkit.demo.dialects.beeple.query import FUNCTIONS, PERIOD, STATUSES, Ask, page
from crmkit.demo.dialects.beeple.register import Register
from crmkit.demo.enrolling import STATUSES as WORDS
from crmkit.demo.enrolling import Enrolment
from crmkit.demo.needs import GUIDE
from crmkit.demo.planning import Team

Json = dict[str, Any]


class Enrolments:
    """Who is in which team, through Beeple's eyes."""

    def __init__(self, register: Register, planned: Planned, people: Collaborators) -> None:
        self._register, self._planned, self._people = register, planned, people
        self._manager = lru_cache(maxsize=None)(self._name)

    def of_collaborator(self, ask: Ask, number: str) -> Json:
        """The enrolments of one collaborator; without filter, whatever their status."""
        found = narrowed(ask, self._register.of_collaborator[number])
        shown = page(ask, found, sized=True)
        return {
            "id": number,
            "enrolments": [self.enrolment(each) for each in found[shown.first : shown.last]],
            "count": len(found),
            "previous": shown.before,
            "next": shown.after,
        }

    def enrolment(self, each: Enrolment) -> Json:
        """An Enrolment: the whole team and the person, but no status."""
        rng = Random(f"{self._register.club.seed}:beeple:enrolment:{each.number}")
        number = each.record.record_id
        kind = "freelancer" if rng.random() < 0.04 else "volunteer"
        return {
            "id": str(each.number),
            "uuid": str(UUID(int=rng.getrandbits(128), version=4)),
            "fee": round(rng.choice((60.0, 85.5)) * max(1, len(each.team.shifts)), 2) if kind == "freelancer" else 0.0,
            "team": self._planned.team(each.team),
            "contract_type": kind,
            "collaborator": self._people.enrolled(number),
            "cancelled": each.cancelled,
            "blip_management": each.team.clocked,
            "blip": self._blip(each, rng),
            "enrolment_property_values": _meal(each, rng) if each.team.function is GUIDE else [],
        }

    def _blip(self, each: Enrolment, rng: Random) -> Json:
        """Check-in and check-out in local time without an offset, by the person or by somebody who manages."""
        oneself = self._people.name(each.record)
        others = [self._manager(number) for number in self._register.managers] or [oneself]
        came, left = (rng.choice(others) if rng.random() < 0.3 else oneself for _ in range(2))
        return {
            "in_at": wall(each.arrived),
            "in_by": came if each.arrived else None,
            "out_at": wall(each.left),
            "out_by": left if each.left else None,
        }

    def _name(self, number: str) -> str:
        return self._people.name(self._register.collaborators[number])


def narrowed(ask: Ask, found: list[Enrolment]) -> list[Enrolment]:
    """Those that have a status, a function and a period among those asked for."""
    statuses, functions = ask.words(STATUSES, WORDS), ask.ids(FUNCTIONS)
    first, last = (ask.day(name) for name in PERIOD)
    return [
        each
        for each in found
        if (not statuses or each.status in statuses)
        and (not functions or str(each.team.function.number) in functions)
        and is_within(each.team, first, last)
    ]


def is_within(team: Team, first: date | None, last: date | None) -> bool:
    """Whether a team works between two days, both included; days are those of UTC, and no shift is never."""
    if first is None and last is None:
        return True
    return any(
        (first is None or shift.end.astimezone(UTC).date() >= first)
        and (last is None or shift.start.astimezone(UTC).date() <= last)
        for shift in team.shifts
    )


def wall(moment: datetime | None) -> str | None:
    """Local time without an offset."""
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat() if moment else None


def _meal(each: Enrolment, rng: Random) -> list[Json]:
    return [
        {
            "id": str(50000 + each.number),
            "name": "Vegetarisch",
            "description": "Eet je vegetarisch?",
            "required": True,
            "type": "boolean",
            "remark": "",
            "value": rng.choice(("true", "false", "false")),
            "extras": None,
        }
    ]
