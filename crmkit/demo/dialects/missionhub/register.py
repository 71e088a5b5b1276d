"""What MissionHub knows: everybody with their permissions, labels, groups, interactions, sheets; and all ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from crmkit.demo import gathering, names, surveying, welcoming
from crmkit.demo.clock import NOW, TODAY
from crmkit.demo.club import Club
from crmkit.demo.dialects.missionhub.schema import Key
from crmkit.demo.gathering import CIRCLES, LABELS, Belonging, Label
from crmkit.demo.records import Record
from crmkit.demo.surveying import SURVEYS, Reply, Sheet
from crmkit.demo.welcoming import CHANNELS, ORGANIZATIONS, WELCOME, FollowUp, Interaction, Organization, Permission

FIRST_USER = 1_230_001
# Callers who are not in the index, for a club too small to have a team.
_SPARES = (("2800001", "Griet", "Onthaal"), ("2800002", "Koen", "Onthaal"))
# The first number of every type that is counted.
_STARTS = {
    "email_address": 610_101, "phone_number": 640_101, "address": 655_001, "organizational_permission": 701_001,
    "organizational_label": 731_001, "group_membership": 745_001, "interaction": 7_510_001, "answer_sheet": 781_001,
    "answer": 8_010_001, "contact_assignment": 841_001, "person_note": 871_001,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A record that belongs to a person: its owner, and what it says."""

    key: Key
    owner: Member
    value: Any


@dataclass(slots=True, eq=False)
class Member:
    """A person here. parts: records by relationship, in the order in which they are linked."""

    id: str
    story: FollowUp
    sheets: tuple[Sheet, ...] = ()
    labels: tuple[Label, ...] = ()
    belongings: tuple[Belonging, ...] = ()
    user_id: int | None = None
    faculty: bool = False
    parts: dict[str, list[Part]] = field(default_factory=lambda: defaultdict(list))

    @property
    def record(self) -> Record:
        """What was written down."""
        return self.story.record

    @property
    def gender(self) -> str:
        """As MissionHub spells it; empty for those who only left their name."""
        hasty = self.record.kind == "visitor" and "birth_date" in self.record.changed
        return "" if hasty else {"F": "Female", "M": "Male"}[self.record.card["gender"]]

    def permissions(self, organizations: Iterable[int], archived: bool) -> list[Permission]:
        """Permissions in some organizations, archived ones only where they are wanted."""
        return [
            each
            for each in self.story.permissions
            if each.organization.organization_id in organizations and (archived or each.archived is None)
        ]


@dataclass(frozen=True, slots=True)
class Study:
    """What somebody studies; None where it is not known."""

    status: str | None
    year: str | None = None
    campus: str | None = None
    major: str | None = None
    graduation: date | None = None


class Register:
    """The club's newcomers through MissionHub's eyes. Built as a whole when it is first asked for."""

    def __init__(self, club: Club) -> None:
        self.club = club
        records = welcoming.everybody(club)
        self.leaders = welcoming.team(club, records)
        stories = welcoming.follow(club, records, self.leaders)
        homes = gathering.households(stories)
        self.members = {story.record.record_id: self._member(story, homes) for story in stories}
        self.spares = {number: self._spare(number, first, last) for number, first, last in _SPARES}
        self.users = dict(zip(count(FIRST_USER), (each.record.record_id for each in self.leaders), strict=False))
        for number, record_id in self.users.items():
            self.members[record_id].user_id = number
        self._numbers = {kind: count(start) for kind, start in _STARTS.items()}
        self.parts: dict[Key, Part] = {}
        for member in self.members.values():
            self._file_all(member)
        self.labels = {each.label_id: each for each in LABELS}
        self.circles = {each.group_id: each for each in CIRCLES}
        self.surveys = {each.survey_id: each for each in SURVEYS}
        self.questions = {each.question_id: each for survey in SURVEYS for each in survey.questions}
        self.organizations = {each.organization_id: each for each in ORGANIZATIONS}

    def member(self, number: str) -> Member:
        """A person by id, a caller who is not in the index too."""
        return self.members.get(number) or self.spares[number]

    def of_user(self, user_id: int) -> Member:
        """The person behind a login; a spare one where the team is too small."""
        found = self.users.get(user_id)
        spares = list(self.spares.values())
        return self.members[found] if found else spares[user_id != FIRST_USER]

    def study(self, member: Member) -> Study:
        """What somebody studies, by age; unknown where no birth date was given."""
        rng, person = self.club.random(f"missionhub:study:{member.id}"), member.story.person
        if person is None or not member.record.card["birth_date"]:
            return Study(None)
        age = person.age_on(TODAY)
        if age < 18:
            return Study("middle_school" if age < 15 else "high_school")
        if age > 25 or (person.role != "student" and rng.random() < 0.4):
            return Study("not_student")
        year = ("Freshman", "Sophomore", "Junior", "Senior")[min(3, age - 18)]
        ends = date(NOW.year + max(0, 22 - age) + (age > 22), 6, 30)
        status = "masters_or_doctorate" if age > 22 else "collegiate"
        return Study(status, year, rng.choice(names.SCHOOLS[:2]), rng.choice(names.STUDIES[:3]), ends)

    def _member(self, story: FollowUp, homes: Any) -> Member:
        sheets = surveying.sheets(self.club, story)
        labels = gathering.labels(self.club, story, sheets, homes)
        rng = self.club.random(f"missionhub:faculty:{story.record.record_id}")
        grown = story.person is not None and story.person.age_on(TODAY) >= 26
        belongings = gathering.belongings(self.club, story)
        return Member(story.record.record_id, story, sheets, labels, belongings, faculty=grown and rng.random() < 0.06)

    def _spare(self, number: str, first: str, last: str) -> Member:
        card = dict.fromkeys(("birth_date", "phone", "street", "postal_code", "city"), "")
        card |= {"first_name": first, "last_name": last, "gender": "F", "email": f"{first}.{last}@example.org".lower()}
        record = Record("missionhub", number, None, "spare", card, NOW, NOW)
        story = FollowUp(record, TODAY, CHANNELS[0], None, NOW, None, None, (), (), None)
        user = FIRST_USER + 2 * list(_SPARES).index((number, first, last))
        return Member(number, story, user_id=user)

    def _file_all(self, member: Member) -> None:
        card, story = member.record.card, member.story
        true = story.person.mail if story.person else ""
        for mail in dict.fromkeys((card["email"], true if "email" in member.record.changed else "")):
            if mail:
                self._file(member, "email_addresses", "email_address", mail)
        if card["phone"]:
            self._file(member, "phone_numbers", "phone_number", card["phone"])
        if card["street"] or card["postal_code"] or card["city"]:
            self._file(member, "addresses", "address", card)
        for permission in story.permissions:
            self._file(member, "organizational_permissions", "organizational_permission", permission)
        for label in member.labels:
            self._file(member, "organizational_labels", "organizational_label", label)
        for belonging in member.belongings:
            self._file(member, "group_memberships", "group_membership", belonging)
        for interaction in story.interactions:
            self._file(member, "interactions", "interaction", interaction)
        for sheet in member.sheets:
            filed = self._file(member, "answer_sheets", "answer_sheet", sheet)
            for reply in sheet.replies:
                self._file(member, f"answers of {filed.key[1]}", "answer", reply)
        if story.leader:
            part = self._file(member, "reverse_contact_assignments", "contact_assignment", story)
            self.members[story.leader.record.record_id].parts["contact_assignments"].append(part)
        if story.note and story.leader:
            self._file(member, "person_notes", "person_note", story)

    def _file(self, member: Member, relation: str, kind: str, value: Any) -> Part:
        part = Part((kind, str(next(self._numbers[kind]))), member, value)
        self.parts[part.key] = part
        member.parts[relation].append(part)
        return part


def organization_of(value: Permission | Interaction | Label | Belonging | Sheet | FollowUp) -> Organization:
    """The organization in which something was said of somebody; an assignment is where the following goes on."""
    match value:
        case Permission() | Interaction() | Label():
            return value.organization
        case Belonging():
            return value.circle.organization
        case Sheet():
            return value.survey.organization
    return value.permissions[0].organization if value.permissions else WELCOME


def replies_of(member: Member, sheet: Part) -> list[tuple[Part, Reply]]:
    """The answers on a sheet."""
    return [(part, part.value) for part in member.parts.get(f"answers of {sheet.key[1]}", ())]
