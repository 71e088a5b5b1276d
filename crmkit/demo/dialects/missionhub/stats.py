"""Filter statistics: how many people of an organization each value of a filter would find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from crmkit.demo.dialects.missionhub.register import Member, Register
from crmkit.demo.dialects.missionhub.schema import Json
from crmkit.demo.gathering import CIRCLES, LABELS
from crmkit.demo.surveying import SURVEYS, Survey
from crmkit.demo.welcoming import ADMIN, CONTACT, OWNER, STATUSES, USER, Organization, Permission

_LEVELS = {ADMIN: "admin", CONTACT: "contact", OWNER: "owner", USER: "user"}


class Stats:
    """The lists with their counts; what is found nowhere is left out unless zeros are wanted."""

    def __init__(self, register: Register, organization: Organization, unassigned: bool, zeros: bool) -> None:
        self._register, self._organization = register, organization
        self._unassigned, self._zeros = unassigned, zeros

    def people(self) -> Json:
        """Everybody who is active in the organization."""
        return self._document(self._everybody(), {})

    def survey(self, survey: Survey | None) -> Json:
        """Those of them who have a sheet of the survey, or of any of the organization's."""
        surveys = [survey] if survey else [each for each in SURVEYS if each.organization is self._organization]
        asked = [m for m in self._everybody() if any(sheet.survey in surveys for sheet in m.sheets)]
        answered: Counter[int] = Counter()
        for member in asked:
            replies = (reply for sheet in member.sheets for reply in sheet.replies)
            answered.update({reply.question.question_id for reply in replies if reply.value})
        questions = [
            {"question_id": str(each.question_id), "label": each.label, "count": answered[each.question_id]}
            for one in surveys
            for each in one.questions
        ]
        return self._document(asked, {"questions": self._kept(questions)})

    def _everybody(self) -> list[Member]:
        mine = {self._organization.organization_id}
        return [member for member in self._register.members.values() if member.permissions(mine, False)]

    def _document(self, members: list[Member], more: Json) -> Json:
        attributes = {
            "labels": self._kept(self._labels(members)),
            "assigned_tos": self._assigned(members),
            "groups": self._kept(self._groups(members)),
            "statuses": self._kept(self._statuses(members)),
            "permissions": self._kept(self._permissions(members)),
            "genders": self._kept(_genders(members)),
            **more,
        }
        number = str(self._organization.organization_id)
        return {"data": {"type": "filter_stats", "id": number, "attributes": attributes}}

    def _kept(self, items: list[Json]) -> list[Json]:
        return [item for item in items if item["count"] or self._zeros]

    def _labels(self, members: list[Member]) -> list[Json]:
        found = _counted(members, lambda member: (label.label_id for label in member.labels))
        mine = [each for each in LABELS if each.organization is self._organization]
        return [{"label_id": str(each.label_id), "name": each.name, "count": found[each.label_id]} for each in mine]

    def _groups(self, members: list[Member]) -> list[Json]:
        found = _counted(members, lambda member: (each.circle.group_id for each in member.belongings))
        mine = [each for each in CIRCLES if each.organization is self._organization]
        return [{"group_id": str(each.group_id), "name": each.name, "count": found[each.group_id]} for each in mine]

    def _assigned(self, members: list[Member]) -> list[Json]:
        """Everybody of the team, and last those in nobody's charge where they are wanted."""
        here = self._organization
        found = _counted(members, lambda member: _leaders(member, here))
        items = [
            {"person_id": number, "name": f"{card['first_name']} {card['last_name']}", "count": found[number]}
            for number, card in ((each.record.record_id, each.record.card) for each in self._register.leaders)
        ]
        kept = self._kept(items)
        if self._unassigned:
            kept.append({"person_id": "unassigned", "name": "Unassigned", "count": found[""]})
        return kept

    def _statuses(self, members: list[Member]) -> list[Json]:
        found = _counted(members, lambda member: (each.status for each in self._here(member)))
        return [{"followup_status": each, "count": found[each]} for each in STATUSES]

    def _permissions(self, members: list[Member]) -> list[Json]:
        found = _counted(members, lambda member: (each.level for each in self._here(member)))
        return [{"permission_id": str(each), "name": name, "count": found[each]} for each, name in _LEVELS.items()]

    def _here(self, member: Member) -> list[Permission]:
        return member.permissions({self._organization.organization_id}, False)


def _genders(members: list[Member]) -> list[Json]:
    found = _counted(members, lambda member: (member.gender,))
    return [{"gender": each, "count": found[each]} for each in ("Male", "Female")]


def _leaders(member: Member, organization: Organization) -> list[str]:
    """Who looks after somebody in an organization; one empty text for nobody."""
    mine = member.story.permissions and member.story.permissions[0].organization is organization
    return [member.story.leader.record.record_id] if member.story.leader and mine else [""]


def _counted(members: list[Member], values: Callable[[Member], Iterable[object]]) -> Counter[object]:
    """People by value; nobody counts twice."""
    found: Counter[object] = Counter()
    for member in members:
        found.update(set(values(member)))
    return found
