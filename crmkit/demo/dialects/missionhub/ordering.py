"""The order of people: names as a library files them, statuses, and sheets by their oldest or newest date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from crmkit.demo.dialects.missionhub.filters import Scope
from crmkit.demo.dialects.missionhub.register import Member

DEFAULT = "last_name,first_name"


def _first_name(member: Member, within: Scope) -> str:
    return member.record.card["first_name"].casefold()


def _last_name(member: Member, within: Scope) -> str:
    return member.record.card["last_name"].casefold()


def _gender(member: Member, within: Scope) -> str:
    return member.gender


def _status(member: Member, within: Scope) -> str | None:
    found = [each.status for each in member.permissions(within.organizations, within.archived) if each.status]
    return min(found, default=None)


def _completed(member: Member, newest: bool) -> datetime | None:
    found = [sheet.completed for sheet in member.sheets if sheet.completed]
    return (max if newest else min)(found, default=None)


def _updated(member: Member, newest: bool) -> datetime | None:
    return (max if newest else min)((sheet.updated for sheet in member.sheets), default=None)


_BY_PERSON: Mapping[str, Callable[[Member, Scope], str | None]] = {
    "first_name": _first_name,
    "last_name": _last_name,
    "gender": _gender,
    "organizational_permissions.followup_status": _status,
}
_BY_SHEET: Mapping[str, Callable[[Member, bool], datetime | None]] = {
    "answer_sheets.completed_at": _completed,
    "answer_sheets.updated_at": _updated,
}
KEYS = frozenset((*_BY_PERSON, *_BY_SHEET))


def ordered(members: list[Member], keys: list[tuple[str, bool]], within: Scope) -> list[Member]:
    """By each key in turn; who has no value comes last in both directions, ties by id."""
    found = sorted(members, key=lambda member: int(member.id))
    for key, down in reversed(keys):
        found = _by(found, key, down, within)
    return found


def _by(members: list[Member], key: str, down: bool, within: Scope) -> list[Member]:
    def value(member: Member) -> Any:
        return _BY_PERSON[key](member, within) if key in _BY_PERSON else _BY_SHEET[key](member, down)

    valued = [(value(member), member) for member in members]
    some = sorted((each for each in valued if each[0] is not None), key=lambda each: each[0], reverse=down)
    return [member for _, member in some] + [member for found, member in valued if found is None]
