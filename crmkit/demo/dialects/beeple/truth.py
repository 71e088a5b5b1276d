"""What Beeple's part of the truth is: who is needed, who enrolled, who came, who is in two places at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from crmkit.demo.clock import TODAY, ZONE
from crmkit.demo.dialects.beeple.register import Register
from crmkit.demo.enrolling import CHANCES, CRM, EFFECTS, LATENESS, WEEKDAYS, Enrolment, chance, overlaps
from crmkit.demo.planning import Shift, Team

Row = dict[str, Any]


def rows(register: Register, name: str) -> Iterable[Row]:
    """The rows of a frame, none where Beeple has nothing to say."""
    known: Mapping[str, Callable[[Register], Iterator[Row]]] = {
        "coverage": _coverage,
        "shifts": _shifts,
        "enrolments": _enrolments,
        "double_bookings": _double_bookings,
        "availabilities": _availabilities,
        "effects": _effects,
    }
    return ({"crm": CRM, **row} for row in known[name](register)) if name in known else ()


def _coverage(register: Register) -> Iterator[Row]:
    """A line for each shift of each listed team, and one without a shift for a team that has none.

    confirmed counts collaborators with a confirmed enrolment that is not cancelled, not_cancelled those with
    any that is not; a person entered twice is two collaborators. gap is what confirmed leaves open.
    """
    for team_id, team in register.teams.items():
        mine = register.of_team.get(team_id, [])
        confirmed = len({each.record.record_id for each in mine if each.counts})
        gap = max(0, team.needed - confirmed)
        for place, shift in enumerate(team.shifts) if team.shifts else [(None, None)]:
            yield {
                **_of_team(team),
                **_of_shift(place, shift),
                "needed": team.needed,
                "confirmed": confirmed,
                "not_cancelled": len({each.record.record_id for each in mine if not each.cancelled}),
                "gap": gap,
                "needed_hours": team.needed * shift.net if shift else None,
                "confirmed_hours": confirmed * shift.net if shift else None,
                "gap_hours": gap * shift.net if shift else None,
                "chance": chance(team),
            }


def _of_team(team: Team) -> Row:
    return {
        "project_id": str(team.project.number),
        "subproject_id": str(team.part.number) if team.part else None,
        "team_id": str(team.number),
        "team": team.name,
        "function_id": str(team.function.number),
        "function": team.function.name,
        "published": team.published,
    }


def _of_shift(place: int | None, shift: Shift | None) -> Row:
    start = shift.start.astimezone(ZONE) if shift else None
    return {
        "shift": place,
        "start": shift.start if shift else None,
        "end": shift.end if shift else None,
        "day": start.date() if start else None,
        "weekday": WEEKDAYS[start.weekday()] if start else None,
        "hour": start.hour if start else None,
    }


def _shifts(register: Register) -> Iterator[Row]:
    """Every shift of a listed team; day, weekday and hour are those of its start in Brussels."""
    for team in register.teams.values():
        for place, shift in enumerate(team.shifts):
            yield {
                "team_id": str(team.number),
                **_of_shift(place, shift),
                "gross_hours": shift.gross,
                "break_hours": None if shift.pause is None else shift.pause / 60,
                "net_hours": shift.net,
                "over_midnight": shift.start.astimezone(ZONE).date() != shift.end.astimezone(ZONE).date(),
                "changes_clocks": shift.changes_clocks,
            }


def _enrolments(register: Register) -> Iterator[Row]:
    """Every enrolment with the status that no answer tells; orphan where the team's project is hidden.

    came is missing where nobody had to check in, or the first shift has not begun; late is in minutes.
    """
    for each in register.enrolments:
        first = each.team.shifts[0].start if each.team.shifts else None
        due = each.counts and each.team.clocked and first is not None and first.astimezone(ZONE).date() < TODAY
        yield {
            "enrolment_id": str(each.number),
            "record_id": each.record.record_id,
            "person_id": each.record.person_id,
            "project_id": str(each.team.project.number),
            "team_id": str(each.team.number),
            "status": each.status,
            "cancelled": each.cancelled,
            "counts": each.counts,
            "orphan": bool(each.team.project.hidden),
            "came": each.arrived is not None if due else None,
            "arrived": each.arrived,
            "left": each.left,
            "late": (each.arrived - first).total_seconds() / 60 if each.arrived and first else None,
        }


def _double_bookings(register: Register) -> Iterator[Row]:
    """Pairs of counting enrolments of one collaborator in two teams that work at the same time, hidden teams too.

    start and end are those of the longest time that a shift of one and a shift of the other share.
    """
    for record_id, mine in register.of_collaborator.items():
        counting = [each for each in mine if each.counts]
        for one, other in combinations(counting, 2):
            if overlaps(one.team, other.team):
                start, end = _longest(one, other)
                yield {
                    "record_id": record_id,
                    "person_id": one.record.person_id,
                    "enrolment_id": str(one.number),
                    "team_id": str(one.team.number),
                    "other_enrolment_id": str(other.number),
                    "other_team_id": str(other.team.number),
                    "start": start,
                    "end": end,
                }


def _longest(one: Enrolment, other: Enrolment) -> tuple[Any, Any]:
    shared = [(max(a.start, b.start), min(a.end, b.end)) for a in one.team.shifts for b in other.team.shifts]
    return max(shared, key=lambda span: span[1] - span[0])


def _availabilities(register: Register) -> Iterator[Row]:
    """A line for each day: from start to end somebody is available or unavailable, or sense is empty for neither."""
    for record_id, record in register.collaborators.items():
        for each in register.availabilities(record_id).values():
            for start, end in each.intervals():
                yield {
                    "availability_id": str(each.number),
                    "record_id": record_id,
                    "person_id": record.person_id,
                    "type_id": str(each.sort.number),
                    "sense": each.sort.sense,
                    "period": each.period,
                    "approved": each.approved,
                    "start": start,
                    "end": end,
                }


def _effects(register: Register) -> Iterator[Row]:
    """The model behind coverage and checking in."""
    models = ((EFFECTS, "log-odds of a filled place"), (LATENESS, "minutes after the start"), (CHANCES, "chance"))
    for model, scale in models:
        for effect, value in model.items():
            yield {"effect": f"shifts: {effect}", "scale": scale, "value": value}
