"""The types of record, the attributes and relationships they have, and how times are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str]  # type, id

# Relationships by type: the type at the other end. The document lists snake_case names for include.
RELATIONS: Mapping[str, Mapping[str, str]] = {
    "person": {
        "email_addresses": "email_address",
        "phone_numbers": "phone_number",
        "addresses": "address",
        "organizational_permissions": "organizational_permission",
        "organizational_labels": "organizational_label",
        "group_memberships": "group_membership",
        "interactions": "interaction",
        "answer_sheets": "answer_sheet",
        "contact_assignments": "contact_assignment",
        "reverse_contact_assignments": "contact_assignment",
        "person_notes": "person_note",
        "user": "user",
    },
    "email_address": {},
    "phone_number": {},
    "address": {},
    "organizational_permission": {"organization": "organization"},
    "organizational_label": {"label": "label"},
    "label": {"organization": "organization"},
    "group_membership": {"group": "group", "person": "person"},
    "group": {},
    "interaction": {"receiver": "person", "initiators": "person", "organization": "organization"},
    "answer_sheet": {"survey": "survey", "answers": "answer"},
    "answer": {"question": "question"},
    "question": {"question_rules": "question_rule"},
    "question_rule": {},
    "survey": {"organization": "organization", "keyword": "keyword"},
    "keyword": {},
    "contact_assignment": {"assigned_to": "person", "person": "person", "organization": "organization"},
    "organization": {"labels": "label", "groups": "group", "surveys": "survey", "people": "person"},
    "person_note": {"person": "person", "user": "user"},
    "user": {},
}
ATTRIBUTES: Mapping[str, tuple[str, ...]] = {
    "person": (
        "first_name", "last_name", "full_name", "gender", "campus", "major", "minor", "year_in_school",
        "student_status", "birth_date", "date_became_christian", "graduation_date", "picture", "user_id", "fb_uid",
        "organizational_permission", "faculty", "created_at", "updated_at",
    ),
    "email_address": ("email", "person_id", "primary", "created_at", "updated_at"),
    "phone_number": ("number", "primary", "validated"),
    "address": ("address1", "address2", "address3", "address4", "city", "state", "zip", "country"),
    "organizational_permission": (
        "followup_status", "permission_id", "organization_id", "person_id", "archive_date", "cru_status",
    ),
    "organizational_label": ("organization_id", "person_id", "label_id"),
    "label": ("name",),
    "group_membership": ("role",),
    "group": ("name",),
    "interaction": ("comment", "interaction_type_id", "timestamp"),
    "answer_sheet": ("completed_at", "updated_at"),
    "answer": ("value", "question_id"),
    "question": ("label", "column_title", "predefined"),
    "survey": ("title", "organization_id"),
    "contact_assignment": ("assigned_to_id", "person_id", "organization_id", "created_at"),
    "organization": ("name",),
    "person_note": ("content", "user_id"),
}  # fmt: skip


def fields_of(kind: str) -> frozenset[str]:
    """Attributes and relationships of a type, which share one name space."""
    return frozenset((*ATTRIBUTES.get(kind, ()), *RELATIONS[kind]))


def instant(moment: datetime | None) -> str | None:
    """UTC in whole seconds, or null."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
