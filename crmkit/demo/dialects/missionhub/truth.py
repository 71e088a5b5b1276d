"""What MissionHub's part of the truth is: who was followed how, labels, groups, interactions, answers and slips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crmkit.demo import surveying, welcoming
from crmkit.demo.clock import local_day
from crmkit.demo.dialects.missionhub.reads import Reads
from crmkit.demo.dialects.missionhub.register import Member, Register, replies_of
from crmkit.demo.gathering import CIRCLES, LABELS
from crmkit.demo.visitors import CRM, VISITOR
from crmkit.demo.welcoming import CHANNELS, CONTACT

Row = dict[str, Any]
_LEVELS = {1: "admin", 2: "contact", 3: "owner", 4: "user"}


def rows(reads: Reads, name: str) -> Iterable[Row]:
    """The rows of a frame, none where MissionHub has nothing to say."""
    known: Mapping[str, Callable[[Register], Iterator[Row]]] = {
        "identities": _visitors,
        "dirt": _slips,
        "groups": _groups,
        "memberships": _memberships,
        "segments": _segments,
        "follow_ups": _follow_ups,
        "interactions": _interactions,
        "survey_answers": _answers,
        "effects": _effects,
    }
    return ({"crm": CRM, **row} for row in known[name](reads.register)) if name in known else ()


def _person_id(member: Member) -> str | None:
    """The person of the population; visitors are nobody there."""
    return None if member.record.kind == VISITOR else member.record.person_id


def _visitors(register: Register) -> Iterator[Row]:
    for member in register.members.values():
        if member.record.kind == VISITOR:
            yield {
                "person_id": None,
                "record_id": member.id,
                "kind": VISITOR,
                "differs": list(member.record.changed),
            }


def _slips(register: Register) -> Iterator[Row]:
    """Dates that were typed by hand on a sheet; record_id is the answer's."""
    for member in register.members.values():
        for sheet in member.parts.get("answer_sheets", ()):
            for part, reply in replies_of(member, sheet):
                if reply.clean is not None:
                    yield {
                        "person_id": _person_id(member),
                        "record_id": part.key[1],
                        "field": "answer.value",
                        "fault": "date_typed",
                        "clean": reply.clean,
                        "dirty": reply.value,
                        "path": "answer_sheets[].answers[].attributes.value",
                    }


def _groups(register: Register) -> Iterator[Row]:
    for circle in CIRCLES:
        size = sum(each.circle is circle for member in register.members.values() for each in member.belongings)
        yield {
            "group_id": str(circle.group_id),
            "parent_id": None,
            "name": circle.name,
            "path": f"{circle.organization.name} / {circle.name}",
            "depth": 1,
            "members": size,
            "members_below": size,
        }


def _memberships(register: Register) -> Iterator[Row]:
    """A line for each group membership; function is the role, start is told by no answer."""
    for member in register.members.values():
        for part in member.parts.get("group_memberships", ()):
            yield {
                "position_id": part.key[1],
                "person_id": _person_id(member),
                "object_type": "people",
                "record_id": member.id,
                "group_id": str(part.value.circle.group_id),
                "function_id": None,
                "function": part.value.role,
                "combination_id": None,
                "start": part.value.since,
                "end": None,
            }


def _segments(register: Register) -> Iterator[Row]:
    """Labels as object_type label, archived people included; one that sticks on nobody has one line without a record."""
    for label in LABELS:
        found = [member.id for member in register.members.values() if label in member.labels]
        for record_id in found or (None,):
            yield {
                "object_type": "label",
                "segment_id": str(label.label_id),
                "name": label.name,
                "rule": label.rule,
                "record_id": record_id,
            }


def _follow_ups(register: Register) -> Iterator[Row]:
    """A line for each person and organization. What is told of the following holds for the person's first one."""
    for member in register.members.values():
        story = member.story
        for part in member.parts.get("organizational_permissions", ()):
            permission = part.value
            yield {
                "record_id": member.id,
                "person_id": _person_id(member),
                "kind": member.record.kind,
                "organization_id": str(permission.organization.organization_id),
                "permission": _LEVELS[permission.level],
                "status": permission.status,
                "archived": local_day(permission.archived) if permission.archived else None,
                "first": permission is story.permissions[0],
                "visit": story.visit if permission.level == CONTACT else None,
                "channel": story.channel.name if permission.level == CONTACT else None,
                "leader_id": story.leader.record.record_id if story.leader else None,
                "delay": story.delay,
                "reached": story.reached,
            }


def _interactions(register: Register) -> Iterator[Row]:
    for member in register.members.values():
        for part in member.parts.get("interactions", ()):
            yield {
                "interaction_id": part.key[1],
                "record_id": member.id,
                "person_id": _person_id(member),
                "type_id": str(part.value.kind),
                "timestamp": part.value.moment.replace(microsecond=0),
                "initiators": list(part.value.initiators),
            }


def _answers(register: Register) -> Iterator[Row]:
    """A line for each answer. latest: whether it is on the sheet of its survey that the person completed last."""
    for member in register.members.values():
        last = [surveying.latest(member.sheets, survey) for survey in surveying.SURVEYS]
        for sheet in member.parts.get("answer_sheets", ()):
            for part, reply in replies_of(member, sheet):
                yield {
                    "survey_id": str(sheet.value.survey.survey_id),
                    "sheet_id": sheet.key[1],
                    "answer_id": part.key[1],
                    "record_id": member.id,
                    "person_id": _person_id(member),
                    "question_id": str(reply.question.question_id),
                    "question": reply.question.label,
                    "value": reply.value,
                    "completed": _whole(sheet.value.completed),
                    "updated": _whole(sheet.value.updated),
                    "latest": any(sheet.value is each for each in last),
                }


def _whole(moment: Any) -> Any:
    return moment.replace(microsecond=0) if moment else None


def _effects(register: Register) -> Iterator[Row]:
    """The models behind the following and behind the content after three months."""
    for effect, value in welcoming.EFFECTS.items():
        yield {"effect": f"welcome: {effect}", "scale": "log-odds of reaching", "value": value}
    for channel in CHANNELS:
        yield {"effect": f"welcome: channel {channel.name}", "scale": "log-odds of reaching", "value": channel.log_odds}
    for leader in register.leaders:
        number = leader.record.record_id
        yield {"effect": f"welcome: leader {number}", "scale": "log-odds of reaching", "value": leader.log_odds}
        yield {"effect": f"welcome: leader {number}", "scale": "median days to the first attempt", "value": leader.days}
    for effect, value in surveying.EFFECTS.items():
        yield {"effect": f"three months: {effect}", "scale": "log-odds of being content", "value": value}
