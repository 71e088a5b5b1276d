"""Reads that the document does not have and public client code shows; their shapes go no further than that code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from crmkit.demo.availability import SORTS
from crmkit.demo.clock import NOW, TODAY, ZONE, local
from crmkit.demo.dialects.beeple.collaborators import Collaborators
from crmkit.demo.dialects.beeple.enrolments import Enrolments, wall
from crmkit.demo.dialects.beeple.planned import hours, i18n
from crmkit.demo.dialects.beeple.query import HOURS_PERIOD, HOURS_STATUS, Ask, page
from crmkit.demo.dialects.beeple.register import DEPARTMENTS, Register
from crmkit.demo.enrolling import Enrolment
from crmkit.demo.needs import FUNCTIONS, GUIDE
from crmkit.demo.planning import VENUES, Shift

Json = dict[str, Any]
REPORTED, APPROVED = "reported", "approved"
# Hours are approved after so many days.
_WAIT = timedelta(days=60)


class Seen:
    """What only client code shows, through Beeple's eyes."""

    def __init__(self, register: Register, people: Collaborators, enrolments: Enrolments) -> None:
        self._register, self._people, self._enrolments = register, people, enrolments

    def collaborators(self, ask: Ask) -> Json:
        """The first so many, by number, whose name or number holds what is asked for; no way to a second page."""
        wanted = ask.lists.get("q", [""])[0].casefold()
        found = [
            number
            for number, record in self._register.collaborators.items()
            if wanted in f"{self._people.name(record)} {number}".casefold()
        ]
        shown = page(ask, found, sized=True)
        return {"collaborators": [self._collaborator(number) for number in found[: shown.last]]}

    def worked_hours(self, ask: Ask) -> Json:
        """Hours worked in a period, a line for each shift; a page at a time."""
        statuses = ask.words(HOURS_STATUS, (REPORTED,)) or (REPORTED, APPROVED)
        first, last = (ask.day(name) for name in HOURS_PERIOD)
        found = [
            (each, place)
            for each, place in self._worked(self._register.enrolments)
            if _status(each) in statuses and _is_between(each.team.shifts[place], first, last)
        ]
        shown = page(ask, found, sized=True)
        rows = [self._worked_hour(*each) for each in found[shown.first : shown.last]]
        return {"worked_hours": rows, "previous": shown.before, "next": shown.after}

    def of_project(self, number: str) -> Json:
        """Hours worked for one project."""
        teams = {team.number for team in self._register.project(number).everything()}
        mine = [each for each in self._register.enrolments if each.team.number in teams]
        return {"worked_hours": [self._worked_hour(*each) for each in self._worked(mine)]}

    def functions(self) -> Json:
        """Every function; guides are of one department only."""
        return {
            "functions": [
                {
                    "id": str(each.number),
                    "name": each.name,
                    "applies_to_all_departments": each is not GUIDE,
                    "department_ids": [DEPARTMENTS["Sport"]] if each is GUIDE else [],
                }
                for each in FUNCTIONS
            ]
        }

    def addresses(self) -> Json:
        """Work locations."""
        return {"addresses": [{"id": str(v.venue_id), "name": v.name, "departments": self._departments()} for v in VENUES]}

    def departments(self) -> Json:
        """All departments."""
        return {"departments": self._departments()}

    def availability_types(self) -> Json:
        """What the kinds of availability are called."""
        return {
            "availability_types": [
                {
                    "id": each.number,
                    "name_i18n_attributes": i18n("name", {"nl": each.name}),
                    "abbreviation_i18n_attributes": i18n("abbreviation", {"nl": each.short}),
                }
                for each in SORTS
            ]
        }

    def counters(self, number: str) -> Json:
        """Hours planned and worked this calendar year."""
        mine = [each for each in self._register.of_collaborator[number] if each.counts and each.team.start.year == TODAY.year]
        planned = sum(shift.net for each in mine for shift in each.team.shifts)
        worked = sum(each.team.shifts[place].net for each, place in self._worked(mine))
        return {
            "counters": [
                {"id": 1, "name": "Geplande uren", "value": round(planned, 2)},
                {"id": 2, "name": "Gewerkte uren", "value": round(worked, 2)},
            ]
        }

    def team_enrolments(self, number: str) -> Json:
        """Everybody enrolled in a team, whatever the status."""
        self._register.team(number)
        return {"enrolments": [self._enrolments.enrolment(each) for each in self._register.of_team.get(number, [])]}

    def candidacies(self, number: str) -> Json:
        """Who applied for a team for which one has to: people with an invitation that waits or lapsed."""
        team = self._register.team(number)
        applied = [each for each in self._register.of_team.get(number, []) if team.function.by_application and not each.counts]
        rows = [{"id": str(9000 + each.number), "team_id": number, "collaborator": self._somebody(each)} for each in applied]
        return {"candidacies": rows}

    def hour_registrations(self, number: str) -> Json:
        """What was clocked for one enrolment."""
        each = self._enrolment_by_id(number)
        rows = [self._worked_hour(*found) for found in self._worked([each])]
        return {"hour_registrations": rows}

    def me(self) -> Json:
        """The special user whose token it is, who is no collaborator."""
        return {"id": "1", "name": "API gebruiker", "email": "api@example.org"}

    def _enrolment_by_id(self, number: str) -> Enrolment:
        return {str(each.number): each for each in self._register.enrolments}[number]

    def _collaborator(self, number: str) -> Json:
        record, blocked = self._register.collaborators[number], self._people.blocked_on(number)
        return {
            "id": number,
            "name": self._people.name(record),
            "department_ids": [DEPARTMENTS[name] for name in self._people.departments(number)],
            "blocked": blocked is not None,
            "blocked_at": local(blocked, 9).astimezone(ZONE).isoformat(timespec="milliseconds") if blocked else None,
        }

    def _departments(self) -> list[Json]:
        return [{"id": str(number), "name": name} for name, number in DEPARTMENTS.items()]

    def _somebody(self, each: Enrolment) -> Json:
        return {"id": int(each.record.record_id), "name": self._people.name(each.record)}

    def _worked(self, enrolments: list[Enrolment]) -> list[tuple[Enrolment, int]]:
        """Every shift that is over, of those who checked in."""
        return [
            (each, place)
            for each in enrolments
            if each.counts and each.arrived
            for place, shift in enumerate(each.team.shifts)
            if shift.end <= NOW
        ]

    def _worked_hour(self, each: Enrolment, place: int) -> Json:
        shift = each.team.shifts[place]
        arrived, left = (each.arrived, each.left or shift.end) if place == 0 else (shift.start, shift.end)
        return {
            "id": str(each.number * 10 + place),
            "status": _status(each),
            "shift": {
                "start_datetime": shift.start.astimezone(ZONE).isoformat(timespec="milliseconds"),
                "end_datetime": shift.end.astimezone(ZONE).isoformat(timespec="milliseconds"),
            },
            "confirmed_starts_at": wall(arrived),
            "confirmed_ends_at": wall(left),
            "confirmed_break_duration": hours(shift.pause or 0),
            "enrolment": {
                "id": str(each.number),
                "cancelled": each.cancelled,
                "collaborator": self._somebody(each),
                "team": {"id": str(each.team.number), "name": each.team.name, "project_id": str(each.team.project.number)},
            },
        }


def _status(each: Enrolment) -> str:
    return REPORTED if NOW - each.team.start < _WAIT else APPROVED


def _is_between(shift: Shift, first: date | None, last: date | None) -> bool:
    day = shift.start.astimezone(ZONE).date()
    return (first is None or day >= first) and (last is None or day <= last)
