"""What Peepl's part of the truth is: groups, memberships, segments and sign-ups by Peepl's ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crmkit.demo.clock import TODAY
from crmkit.demo.dialects.peepl.activities import Activities
from crmkit.demo.dialects.peepl.register import CONTACTS, Register

Row = dict[str, Any]


def groups(register: Register) -> Iterator[Row]:
    """members: contacts with a position in the group today. members_below: with those of its subgroups."""
    for group in register.groups.values():
        yield {
            "crm": "peepl",
            "group_id": str(group.group_id),
            "parent_id": str(group.parent.group_id) if group.parent else None,
            "name": group.name,
            "path": group.path,
            "depth": group.path.count(" / "),
            "members": len(register.holders("groups", group.group_id, CONTACTS, TODAY)),
            "members_below": len(
                {user_id for each in group.walk() for user_id in register.holders("groups", each.group_id, CONTACTS, TODAY)}
            ),
        }


def memberships(register: Register) -> Iterator[Row]:
    """A line for each position, past and present, of contacts and of organisations."""
    for holding in register.holdings:
        combination = holding.combination
        person_id = register.contacts[holding.user_id].person_id if holding.object_type == CONTACTS else None
        yield {
            "crm": "peepl",
            "position_id": str(holding.position_id),
            "person_id": person_id,
            "object_type": holding.object_type,
            "record_id": str(holding.user_id),
            "group_id": str(combination.group.group_id),
            "function_id": str(combination.function_id),
            "function": combination.function,
            "combination_id": str(combination.combination_id),
            "start": holding.start,
            "end": holding.end,
        }


def segments(register: Register) -> Iterator[Row]:
    """A line for each record in a segment; an empty segment has one line without a record."""
    for segment in register.segments.values():
        for record_id in segment.members or (None,):
            yield {
                "crm": "peepl",
                "object_type": segment.object_type,
                "segment_id": str(segment.segment_id),
                "name": segment.name,
                "rule": segment.rule,
                "record_id": None if record_id is None else str(record_id),
            }


def attendance(activities: Activities) -> Iterator[Row]:
    """A line for each record on a sign-up list; came says whether the person was there in the end."""
    for number, activity in activities.by_id.items():
        for user_id, status, answer in activities.answers(number):
            original = activities.is_original(user_id)
            yield {
                "crm": "peepl",
                "event_id": str(number),
                "number": activity.number,
                "person_id": answer.person.person_id,
                "record_id": str(user_id),
                "status": status,
                "came": answer.came and original,
                "bought": sum(quantity for quantity, _ in answer.bought) if original else 0,
            }
