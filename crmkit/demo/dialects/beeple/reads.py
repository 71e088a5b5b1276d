"""Beeple's reads: how each path is answered, which parameters it takes, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crmkit.demo.club import Club
from crmkit.demo.dialects.beeple.collaborators import Collaborators
from crmkit.demo.dialects.beeple.enrolments import Enrolments
from crmkit.demo.dialects.beeple.free import Free
from crmkit.demo.dialects.beeple.planned import Planned
from crmkit.demo.dialects.beeple.query import FUNCTIONS, HOURS_PERIOD, HOURS_STATUS, PERIOD, STATUSES, Ask, filter_in_body, page
from crmkit.demo.dialects.beeple.register import Register
from crmkit.demo.dialects.beeple.seen import Seen
from crmkit.demo.planning import Part

Json = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """How a path is answered. experimental: only client code knows it. body: it documents a body."""

    call: Callable[..., Json]
    parameters: tuple[str, ...] = ()
    experimental: bool = False
    body: bool = False


# Paths that are named for writing only: here every method is refused.
WRITE_ONLY = (
    "/projects/<number>/enable_subprojects",
    "/projects/<number>/subprojects/<part>",
    "/collaborators/<number>/<any(block,unblock,link_to_payroll):what>",
    "/collaborators/enrolments",
    "/collaborators/worked_hours/<number>",
)


class Reads:
    """Everything that Beeple answers."""

    def __init__(self, club: Club) -> None:
        self.register = Register(club)
        self.planned = Planned(self.register)
        self.people = Collaborators(self.register)
        self.enrolments = Enrolments(self.register, self.planned, self.people)
        self.free = Free(self.register)
        self.seen = Seen(self.register, self.people, self.enrolments)

    def documented(self) -> dict[str, Read]:
        """The ten reads of the document. Lists that may have hidden pages take a page and show all the same."""
        filters = (*PERIOD, STATUSES, FUNCTIONS, "page", "page_items")
        return {
            "/projects": Read(self._projects, ("page",)),
            "/projects/<project>": Read(lambda ask, project: self.planned.project(self.register.project(project))),
            "/projects/<project>/subprojects": Read(self._parts, ("page", *PERIOD), body=True),
            "/projects/<project>/teams": Read(self._teams, ("page",)),
            "/subprojects/<part>/teams": Read(self._teams_of_part, ("page",)),
            "/teams/<team>": Read(lambda ask, team: self.planned.team_detail(self.register.team(team))),
            "/collaborators/<number>": Read(lambda ask, number: self.people.collaborator(number)),
            "/collaborators/<number>/enrolments": Read(lambda ask, number: self.enrolments.of_collaborator(ask, number), filters),
            "/collaborators/<number>/availabilities2": Read(
                lambda ask, number: self.free.listed(ask, number), ("start", "end", "page", "page_items")
            ),
            "/collaborators/<number>/availabilities2/<int:which>": Read(lambda ask, number, which: self.free.one(number, which)),
        }

    def experimental(self) -> dict[str, Read]:
        """The reads of public client code."""
        seen = self.seen
        hours = (*HOURS_PERIOD, HOURS_STATUS, "page", "page_items")

        def read(call: Callable[..., Json], *parameters: str) -> Read:
            return Read(call, parameters, experimental=True)

        return {
            "/collaborators": read(seen.collaborators, "page_items", "q"),
            "/collaborators/worked_hours": read(seen.worked_hours, *hours),
            "/functions": read(lambda ask: seen.functions()),
            "/addresses": read(lambda ask: seen.addresses()),
            "/departments": read(lambda ask: seen.departments()),
            "/tenant/availability_types": read(lambda ask: seen.availability_types()),
            "/collaborators/<number>/counters": read(lambda ask, number: seen.counters(number)),
            "/teams/<number>/enrolments": read(lambda ask, number: seen.team_enrolments(number)),
            "/teams/<number>/candidacies": read(lambda ask, number: seen.candidacies(number)),
            "/projects/<number>/worked_hours": read(lambda ask, number: seen.of_project(number)),
            "/enrolments/<number>/hour_registrations": read(lambda ask, number: seen.hour_registrations(number)),
            "/me": read(lambda ask: seen.me()),
        }

    def _projects(self, ask: Ask) -> Json:
        return {"projects": [self.planned.project(each) for each in self.register.projects.values()]}

    def _parts(self, ask: Ask, project: str) -> Json:
        """Those that touch the period, both days included."""
        ask = filter_in_body(ask)
        first, last = (ask.day(name) for name in PERIOD)
        found: list[Part] = [
            part
            for part in self.register.project(project).parts
            if (first is None or part.last >= first) and (last is None or part.first <= last)
        ]
        shown = page(ask, found)
        rows = [self.planned.part(part) for part in found[shown.first : shown.last]]
        return {"subprojects": rows, "next": shown.after, "prev": shown.before}

    def _teams(self, ask: Ask, project: str) -> Json:
        """Teams that are in no subproject."""
        return {"teams": [self.planned.team(team) for team in self.register.project(project).teams]}

    def _teams_of_part(self, ask: Ask, part: str) -> Json:
        """A page of teams; nothing says whether there is another."""
        found = self.register.parts[part].teams
        shown = page(ask, found)
        return {"teams": [self.planned.team(team) for team in found[shown.first : shown.last]]}
