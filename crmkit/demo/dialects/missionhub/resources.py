"""Every type of record as JSON:API prints it: its attributes, and where its relationships lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crmkit.demo.dialects.missionhub.register import Member, Part, Register, organization_of
from crmkit.demo.dialects.missionhub.schema import RELATIONS, Json, Key, instant
from crmkit.demo.gathering import CIRCLES, LABELS
from crmkit.demo.surveying import SURVEYS
from crmkit.demo.welcoming import CONTACT, Organization

Target = Key | list[Key] | None


class Resources:
    """Attributes and relationships of any record by type and id."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._attributes: Mapping[str, Callable[[Part], Json]] = {
            "email_address": _email,
            "phone_number": _phone,
            "address": _address,
            "organizational_permission": _permission,
            "organizational_label": _label,
            "group_membership": lambda part: {"role": part.value.role},
            "interaction": _interaction,
            "answer_sheet": lambda part: {
                "completed_at": instant(part.value.completed),
                "updated_at": instant(part.value.updated),
            },
            "answer": lambda part: {"value": part.value.value, "question_id": part.value.question.question_id},
            "contact_assignment": _assignment,
            "person_note": self._note,
        }

    def attributes(self, key: Key) -> Json:
        """The attributes of a record."""
        kind, number = key
        register = self._register
        match kind:
            case "person":
                return self._person(register.member(number))
            case "organization":
                return {"name": register.organizations[int(number)].name}
            case "label":
                return {"name": register.labels[int(number)].name}
            case "group":
                return {"name": register.circles[int(number)].name}
            case "survey":
                survey = register.surveys[int(number)]
                return {"title": survey.title, "organization_id": survey.organization.organization_id}
            case "question":
                question = register.questions[int(number)]
                return {"label": question.label, "column_title": question.column, "predefined": False}
            case "user":
                return {}
        return self._attributes[kind](register.parts[key])

    def target(self, key: Key, relation: str) -> Target:
        """Where a relationship leads: one record, a list of them, or nowhere."""
        kind, number = key
        register = self._register
        match kind, relation:
            case "person", "user":
                user_id = register.member(number).user_id
                return ("user", str(user_id)) if user_id else None
            case "person", _:
                return [part.key for part in register.member(number).parts.get(relation, ())]
            case "organization", _:
                return self._of_organization(register.organizations[int(number)], relation)
            case "label", _:
                return _organization(register.labels[int(number)].organization)
            case "survey", "organization":
                return _organization(register.surveys[int(number)].organization)
            case "survey", _:
                return None
            case "question", _:
                return []
        return _target_of_part(register, register.parts[key], relation)

    def _of_organization(self, organization: Organization, relation: str) -> Target:
        if relation == "people":
            mine = {organization.organization_id}
            return [("person", each.id) for each in self._register.members.values() if each.permissions(mine, False)]
        pairs: Mapping[str, list[tuple[Organization, Key]]] = {
            "labels": [(each.organization, ("label", str(each.label_id))) for each in LABELS],
            "groups": [(each.organization, ("group", str(each.group_id))) for each in CIRCLES],
            "surveys": [(each.organization, ("survey", str(each.survey_id))) for each in SURVEYS],
        }
        return [key for owner, key in pairs[relation] if owner is organization]

    def _person(self, member: Member) -> Json:
        card, study = member.record.card, self._register.study(member)
        first = member.story.permissions[0].level if member.story.permissions else None
        return {
            "first_name": card["first_name"],
            "last_name": card["last_name"],
            "full_name": f"{card['first_name']} {card['last_name']}",
            "gender": member.gender,
            "campus": study.campus,
            "major": study.major,
            "minor": None,
            "year_in_school": study.year,
            "student_status": study.status,
            "birth_date": card["birth_date"] or None,
            "date_became_christian": None,
            "graduation_date": study.graduation.isoformat() if study.graduation else None,
            "picture": f"https://pictures.example.org/{member.id}.jpg" if member.user_id else "",
            "user_id": member.user_id,
            "fb_uid": 10**16 + int(member.id) * 1_000_003 if study.campus and int(member.id) % 3 == 0 else None,
            "organizational_permission": first,
            "faculty": member.faculty,
            "created_at": instant(member.record.created),
            "updated_at": instant(member.record.modified),
        }

    def _note(self, part: Part) -> Json:
        author = self._register.members[part.value.leader.record.record_id]
        return {"content": part.value.note, "user_id": author.user_id}


def _target_of_part(register: Register, part: Part, relation: str) -> Target:
    value: Any = part.value
    match relation:
        case "organization":
            return _organization(organization_of(value))
        case "person" | "receiver":
            return "person", part.owner.id
        case "label":
            return "label", str(value.label_id)
        case "group":
            return "group", str(value.circle.group_id)
        case "initiators":
            return [("person", each) for each in value.initiators]
        case "survey":
            return "survey", str(value.survey.survey_id)
        case "answers":
            return [answer.key for answer in part.owner.parts.get(f"answers of {part.key[1]}", ())]
        case "question":
            return "question", str(value.question.question_id)
        case "assigned_to":
            return "person", value.leader.record.record_id
        case "user":
            return "user", str(register.members[value.leader.record.record_id].user_id)
    raise KeyError(f"{part.key[0]} has {sorted(RELATIONS[part.key[0]])}, not {relation}")


def _organization(organization: Organization) -> Key:
    return "organization", str(organization.organization_id)


def _email(part: Part) -> Json:
    record = part.owner.record
    return {
        "email": part.value,
        "person_id": int(part.owner.id),
        "primary": part.value == record.card["email"],
        "created_at": instant(record.created),
        "updated_at": instant(record.created),
    }


def _phone(part: Part) -> Json:
    return {"number": part.value, "primary": True, "validated": part.value.startswith("+32")}


def _address(part: Part) -> Json:
    card = part.value
    return {
        "address1": card["street"],
        "address2": None,
        "address3": None,
        "address4": None,
        "city": card["city"],
        "state": "",
        "zip": card["postal_code"],
        "country": "BE",
    }


def _permission(part: Part) -> Json:
    permission = part.value
    return {
        "followup_status": permission.status,
        "permission_id": permission.level,
        "organization_id": permission.organization.organization_id,
        "person_id": int(part.owner.id),
        "archive_date": instant(permission.archived),
        "cru_status": "none" if permission.level == CONTACT else "volunteer",
    }


def _label(part: Part) -> Json:
    label = part.value
    owner, organization = int(part.owner.id), label.organization.organization_id
    return {"organization_id": organization, "person_id": owner, "label_id": label.label_id}


def _interaction(part: Part) -> Json:
    value = part.value
    return {"comment": value.comment, "interaction_type_id": value.kind, "timestamp": instant(value.moment)}


def _assignment(part: Part) -> Json:
    story = part.value
    return {
        "assigned_to_id": int(story.leader.record.record_id),
        "person_id": int(part.owner.id),
        "organization_id": organization_of(story).organization_id,
        "created_at": instant(story.assigned),
    }
