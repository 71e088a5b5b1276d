"""What Beeple knows: who may be seen, the plan, enrolments by collaborator and team, departments and managers."""

from __future__ import annotations

from functools import cached_property, lru_cache

from crmkit.demo.availability import Availability, availabilities
from crmkit.demo.club import Club
from crmkit.demo.enrolling import CRM, Enrolment, enrol
from crmkit.demo.planning import CONFIDENTIAL, Part, Project, Team, plan
from crmkit.demo.records import Record
from crmkit.demo.wsgi import Refused

DEPARTMENTS = {"Kantine": 7487, "Evenementen": 7488, "Sport": 7491, "Secretariaat": 7495}


class Register:
    """The club through Beeple's eyes. Keys are ids as text; what is deleted raises KeyError, what is secret Refused."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self.availabilities = lru_cache(maxsize=None)(self._availabilities)

    @cached_property
    def collaborators(self) -> dict[str, Record]:
        """Everybody, duplicates and tests too."""
        return {record.record_id: record for record in self.club.records(CRM)}

    @cached_property
    def managers(self) -> list[str]:
        """Collaborators who manage: some of those with a duty in the club."""
        return [number for number, record in self.collaborators.items() if record.person and record.person.duties][:5]

    @cached_property
    def all_projects(self) -> list[Project]:
        """Hidden ones too."""
        return plan(self.club.seed, self.club.activities)

    @cached_property
    def projects(self) -> dict[str, Project]:
        """Those that the list shows."""
        return {str(project.number): project for project in self.all_projects if not project.hidden}

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Subprojects of listed projects."""
        return {str(part.number): part for project in self.projects.values() for part in project.parts}

    @cached_property
    def teams(self) -> dict[str, Team]:
        """Teams of listed projects."""
        return {str(team.number): team for project in self.projects.values() for team in project.everything()}

    @cached_property
    def enrolments(self) -> list[Enrolment]:
        """All, those for hidden projects too."""
        return enrol(self.club, self.all_projects)

    @cached_property
    def of_collaborator(self) -> dict[str, list[Enrolment]]:
        """Enrolments by collaborator."""
        found: dict[str, list[Enrolment]] = {number: [] for number in self.collaborators}
        for each in self.enrolments:
            found[each.record.record_id].append(each)
        return found

    @cached_property
    def of_team(self) -> dict[str, list[Enrolment]]:
        """Enrolments by team, hidden ones too."""
        found: dict[str, list[Enrolment]] = {}
        for each in self.enrolments:
            found.setdefault(str(each.team.number), []).append(each)
        return found

    def project(self, number: str) -> Project:
        """A project that the user may see."""
        secret = (each for each in self.all_projects if each.hidden == CONFIDENTIAL)
        if any(number == str(each.number) for each in secret):
            raise Refused(403, "You are not authorized to view this project.")
        return self.projects[number]

    def team(self, number: str) -> Team:
        """A team that the user may see."""
        secret = (team for each in self.all_projects if each.hidden == CONFIDENTIAL for team in each.everything())
        if any(number == str(team.number) for team in secret):
            raise Refused(403, "You are not authorized to view this team.")
        return self.teams[number]

    def _availabilities(self, number: str) -> dict[int, Availability]:
        return {each.number: each for each in availabilities(self.club.seed, self.collaborators[number])}
