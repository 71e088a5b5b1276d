"""The filters of the people index. Values of one filter are alternatives; different filters must all hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crmkit.demo.dialects.missionhub import sheets
from crmkit.demo.dialects.missionhub.query import Invalid, Lists, Query, between, flag, ids, numbers, words
from crmkit.demo.dialects.missionhub.register import Member, Part, organization_of
from crmkit.demo.welcoming import ADMIN, OWNER, STATUSES, USER

Predicate = Callable[[Member], bool]
_LEVELS = {"1": ADMIN, "3": OWNER, "4": USER, "admin": ADMIN, "owner": OWNER, "user": USER}
UPDATED = "filters[updated_at][]"


@dataclass(frozen=True)
class Scope:
    """The organizations that an answer is about, whether archived permissions count, and who asks."""

    organizations: frozenset[int]
    archived: bool
    caller: str

    def has(self, member: Member) -> bool:
        """Whether a person belongs to the base population."""
        return bool(member.permissions(self.organizations, self.archived))

    def assignments(self, member: Member, relation: str) -> list[Part]:
        """Contact assignments within the scope: of a person to others, or of others to the person."""
        found = member.parts.get(relation, ())
        return [each for each in found if organization_of(each.value).organization_id in self.organizations]

    def people(self, name: str, text: str, *others: str) -> frozenset[str]:
        """Person ids with me replaced by the caller's, and any of the other words."""
        return frozenset(self.caller if each == "me" else each for each in words(name, text, ("id", "me", *others)))


def scope(query: Query, visible: frozenset[int], caller: str) -> Scope:
    """What organization_ids says, as a parameter and as a filter, within what the caller may see."""
    organizations = visible
    for name in ("organization_ids", "filters[organization_ids]"):
        if name in query:
            organizations &= numbers(name, query[name])
    name = "filters[include_archived]"
    return Scope(organizations, flag(name, query.get(name, "false")), caller)


def select(members: Iterable[Member], query: Query, lists: Lists, within: Scope) -> list[Member]:
    """The people of the scope that pass every filter asked for."""
    checks = [test(name, query[name], within) for name, test in FILTERS.items() if name in query]
    if UPDATED in lists:
        first, last = between(UPDATED, lists[UPDATED])
        checks.append(lambda member: first <= member.record.modified.replace(microsecond=0) <= last)
    answered = sheets.predicate(lists)
    if answered:
        checks.append(answered)
    return [member for member in members if within.has(member) and all(check(member) for check in checks)]


def _only(name: str, text: str, within: Scope) -> Predicate:
    wanted = ids(name, text)
    return lambda member: member.id in wanted


def _except(name: str, text: str, within: Scope) -> Predicate:
    unwanted = ids(name, text)
    return lambda member: member.id not in unwanted


def named(name: str, text: str) -> Predicate:
    """Every word in the first or last name; in a mail address where there is an @."""
    asked = text.casefold().split()
    if not asked:
        raise Invalid(name, "is a text to search for")
    if "@" in text:
        return lambda member: any(asked[0] in part.value.casefold() for part in member.parts.get("email_addresses", ()))

    def matches(member: Member) -> bool:
        card = member.record.card
        whole = f"{card['first_name']} {card['last_name']}".casefold()
        return all(word in whole for word in asked)

    return matches


def _assigned_to(name: str, text: str, within: Scope) -> Predicate:
    wanted = within.people(name, text, "assigned", "unassigned")

    def matches(member: Member) -> bool:
        found = within.assignments(member, "reverse_contact_assignments")
        leaders = {part.value.leader.record.record_id for part in found}
        return bool(leaders & wanted) or ("assigned" if found else "unassigned") in wanted

    return matches


def _having_assigned(name: str, text: str, within: Scope) -> Predicate:
    wanted = within.people(name, text)
    return lambda member: any(part.owner.id in wanted for part in within.assignments(member, "contact_assignments"))


def _labelled(name: str, text: str, within: Scope) -> Predicate:
    wanted = numbers(name, text)
    return lambda member: any(label.label_id in wanted for label in member.labels)


def _grouped(name: str, text: str, within: Scope) -> Predicate:
    wanted = numbers(name, text)
    return lambda member: any(each.circle.group_id in wanted for each in member.belongings)


def _in_status(name: str, text: str, within: Scope) -> Predicate:
    wanted = words(name, text, STATUSES)
    return lambda member: any(each.status in wanted for each in member.permissions(within.organizations, within.archived))


def _permitted(name: str, text: str, within: Scope) -> Predicate:
    wanted = {_LEVELS[word] for word in words(name, text, _LEVELS)}
    return lambda member: any(each.level in wanted for each in member.permissions(within.organizations, within.archived))


def _gendered(name: str, text: str, within: Scope) -> Predicate:
    wanted = words(name, text, ("male", "female", "other"))
    return lambda member: member.gender.casefold() in wanted


def _faculty(name: str, text: str, within: Scope) -> Predicate:
    wanted = words(name, text, ("true", "false"))
    return lambda member: ("true" if member.faculty else "false") in wanted


def _met(name: str, text: str, within: Scope) -> Predicate:
    wanted = numbers(name, text)
    return lambda member: any(each.kind in wanted for each in member.story.interactions)


FILTERS: Mapping[str, Callable[[str, str, Scope], Predicate]] = {
    "filters[ids]": _only,
    "filters[exclude_ids]": _except,
    "filters[name]": lambda name, text, within: named(name, text),
    "filters[assigned_tos]": _assigned_to,
    "filters[assigned_contacts]": _having_assigned,
    "filters[label_ids]": _labelled,
    "filters[group_ids]": _grouped,
    "filters[statuses]": _in_status,
    "filters[permissions]": _permitted,
    "filters[genders]": _gendered,
    "filters[faculty]": _faculty,
    "filters[interaction_type_ids]": _met,
}
