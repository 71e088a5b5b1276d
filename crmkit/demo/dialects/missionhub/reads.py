"""The documented reads: what each takes, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

from crmkit.demo.club import Club
from crmkit.demo.dialects.missionhub import filters, ordering, query
from crmkit.demo.dialects.missionhub.documents import Documents
from crmkit.demo.dialects.missionhub.query import Invalid, Lists, Query
from crmkit.demo.dialects.missionhub.register import Member, Register
from crmkit.demo.dialects.missionhub.resources import Resources
from crmkit.demo.dialects.missionhub.schema import Json, fields_of
from crmkit.demo.dialects.missionhub.sheets import SURVEYS
from crmkit.demo.dialects.missionhub.stats import Stats
from crmkit.demo.welcoming import Organization
from crmkit.demo.wsgi import Refused, Undocumented

_SCOPING = ("organization_ids", "filters[organization_ids]", "filters[include_archived]")
_CHOOSING = ("filters", "organization_ids", "sort")  # Parameters that say who comes, and in which order.
_PAGING = ("page[limit]", "page[offset]")
_UNASKED = "email_addresses,organizational_permissions"  # What comes where include is missing.
_FOUND = "first_name,last_name,gender,primary_email_address"
_SEARCHABLE = fields_of("person") | {"primary_email_address"}


@dataclass(frozen=True)
class Caller:
    """Who asks, and the organizations that they may see."""

    user_id: int
    organizations: frozenset[int]


@dataclass(frozen=True)
class Ask:
    """One request; largest is the largest page."""

    caller: Caller
    query: Query
    lists: Lists
    largest: int


@dataclass(frozen=True)
class Read:
    """How a path is answered. parameters: fixed names. sheets, fields: whether those with a name inside go too."""

    call: Callable[..., Json]
    parameters: frozenset[str] = frozenset()
    sheets: bool = False
    fields: bool = False


class Reads:
    """Answers from the register, which is built at the first of them."""

    def __init__(self, club: Club) -> None:
        self._club = club
        self._lock = Lock()
        self._chosen = lru_cache(maxsize=32)(self._choose)

    @property
    def register(self) -> Register:
        """The register, built once, whoever asks first."""
        with self._lock:
            return self._register

    @cached_property
    def _register(self) -> Register:
        return Register(self._club)

    def table(self) -> Mapping[str, Read]:
        """Reads by path."""
        people = (*_SCOPING, *filters.FILTERS, filters.UPDATED, SURVEYS, "include", "sort", *_PAGING)
        kinds = ("ids", "exclude_ids", "assigned_tos", "terminology", "descendants")
        organizations = (*(f"filters[{kind}]" for kind in kinds), "include", "sort", *_PAGING)
        counted = ("organization_id", "include_unassigned", "include_zeros")
        searched = ("q", "limit", "organization_ids", "fields", "filters[permission_ids]", "filters[unassigned]")
        return {
            "/people": Read(self._people, frozenset(people), sheets=True, fields=True),
            "/people/me": Read(self._me, frozenset(("include",))),
            "/people/<number>": Read(self._person, frozenset(("include",))),
            "/organizations": Read(self._organizations, frozenset(organizations), fields=True),
            "/filter_stats/people": Read(self._people_stats, frozenset(counted)),
            "/filter_stats/survey": Read(self._survey_stats, frozenset((*counted, "survey_id"))),
            "/surveys/<number>/questions": Read(self._questions),
            "/search": Read(self._search, frozenset(searched)),
        }

    @property
    def _documents(self) -> Documents:
        return Documents(Resources(self.register))

    def _people(self, ask: Ask) -> Json:
        tree = query.include(ask.query, "person", _UNASKED)
        fields = query.fields(ask.query)
        offset, limit = query.page(ask.query, ask.largest)
        chosen = ((name, tuple(values)) for name, values in ask.lists.items() if name.startswith(_CHOOSING))
        found = self._chosen(ask.caller, tuple(chosen))
        keys = [("person", each.id) for each in found[offset : offset + limit]]
        return self._documents.many(keys, tree, fields, len(found))

    def _choose(self, caller: Caller, chosen: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Member]:
        """The people that pass the filters, in order; kept for the pages to come."""
        lists = {name: list(values) for name, values in chosen}
        asked = {name: values[0] for name, values in lists.items()}
        me = self.register.of_user(caller.user_id)
        within = filters.scope(asked, caller.organizations, me.id)
        keys = query.order(asked, ordering.KEYS, ordering.DEFAULT)
        return ordering.ordered(filters.select(self.register.members.values(), asked, lists, within), keys, within)

    def _person(self, ask: Ask, number: str) -> Json:
        member = self.register.members.get(number)
        if member is None or not member.permissions(ask.caller.organizations, True):
            raise Refused(404, f"There is no person {number} here.")
        return self._documents.one(("person", number), query.include(ask.query, "person", _UNASKED))

    def _me(self, ask: Ask) -> Json:
        key = ("person", self._caller(ask).id)
        return self._documents.one(key, query.include(ask.query, "person", _UNASKED))

    def _caller(self, ask: Ask) -> Member:
        return self.register.of_user(ask.caller.user_id)

    def _organizations(self, ask: Ask) -> Json:
        asked, me = ask.query, self._caller(ask)
        tree, fields = query.include(asked, "organization", ""), query.fields(asked)
        keys = query.order(asked, ("name",), "name")
        offset, limit = query.page(asked, ask.largest)
        found = [each for each in self._visible(ask) if self._passes(each, asked, me)]
        found.sort(key=lambda each: each.name.casefold(), reverse=keys[0][1])
        shown = [("organization", str(each.organization_id)) for each in found[offset : offset + limit]]
        return self._documents.many(shown, tree, fields, len(found))

    def _visible(self, ask: Ask) -> list[Organization]:
        return [each for each in self.register.organizations.values() if each.organization_id in ask.caller.organizations]

    def _passes(self, organization: Organization, asked: Query, me: Member) -> bool:
        """descendants=false leaves out the organizations below one that is there."""
        number = organization.organization_id
        checks: Mapping[str, Callable[[str, str], bool]] = {
            "filters[ids]": lambda name, text: number in query.numbers(name, text),
            "filters[exclude_ids]": lambda name, text: number not in query.numbers(name, text),
            "filters[terminology]": lambda name, text: organization.terminology.casefold() in text.casefold().split(","),
            "filters[descendants]": lambda name, text: query.flag(name, text) or organization.parent_id is None,
            "filters[assigned_tos]": lambda name, text: self._has_assigned(number, name, text, me),
        }
        return all(check(name, asked[name]) for name, check in checks.items() if name in asked)

    def _has_assigned(self, number: int, name: str, text: str, me: Member) -> bool:
        """Whether somebody is assigned to one of these people there."""
        within = filters.Scope(frozenset((number,)), False, me.id)
        leaders = (self.register.members.get(each) for each in within.people(name, text))
        return any(within.assignments(leader, "contact_assignments") for leader in leaders if leader)

    def _people_stats(self, ask: Ask) -> Json:
        return self._stats(ask).people()

    def _survey_stats(self, ask: Ask) -> Json:
        text = ask.query.get("survey_id")
        survey = self.register.surveys.get(_number("survey_id", text)) if text is not None else None
        if text is not None and survey is None:
            raise Refused(404, "There is no such survey here.")
        return self._stats(ask).survey(survey)

    def _stats(self, ask: Ask) -> Stats:
        wanted = _number("organization_id", ask.query.get("organization_id", ""))
        organization = next((each for each in self._visible(ask) if each.organization_id == wanted), None)
        if organization is None:
            raise Refused(404, "There is no such organization here.")
        flags = [query.flag(name, ask.query.get(name, "false")) for name in ("include_unassigned", "include_zeros")]
        return Stats(self.register, organization, *flags)

    def _questions(self, ask: Ask, number: str) -> Json:
        survey = self.register.surveys.get(int(number)) if number.isascii() and number.isdigit() else None
        if survey is None:
            raise Refused(404, f"There is no survey {number} here.")
        keys = [("question", str(each.question_id)) for each in survey.questions]
        return self._documents.many(keys, {}, {}, len(keys))

    def _search(self, ask: Ask) -> Json:
        asked = ask.query
        if "q" not in asked:
            raise Invalid("q", "is missing")
        scoping = {name: text for name, text in asked.items() if name == "organization_ids"}
        within = filters.scope(scoping, ask.caller.organizations, self._caller(ask).id)
        names = asked.get("fields", _FOUND).split(",")
        unknown = sorted(set(names) - _SEARCHABLE)
        if unknown:
            raise Undocumented([f"field {name} of person" for name in unknown])
        matches = [filters.named("q", asked["q"]), *_narrowed(asked, within)]
        found = [m for m in self.register.members.values() if within.has(m) and all(check(m) for check in matches)]
        found = ordering.ordered(found, query.order({}, ordering.KEYS, ordering.DEFAULT), within)
        shown = found[: query.whole(asked, "limit", 10)]
        return {"data": [self._hit(member, names) for member in shown], "meta": {"total": len(found)}}

    def _hit(self, member: Member, names: list[str]) -> Json:
        mails = member.parts.get("email_addresses", ())
        attributes = {
            **Resources(self.register).attributes(("person", member.id)),
            "primary_email_address": mails[0].value if mails else None,
        }
        return {"type": "person", "id": member.id, "attributes": {k: v for k, v in attributes.items() if k in names}}


def _narrowed(asked: Query, within: filters.Scope) -> list[filters.Predicate]:
    """The two filters of the search."""
    found: list[filters.Predicate] = []
    name = "filters[permission_ids]"
    if name in asked:
        levels = query.numbers(name, asked[name])
        found.append(lambda m: any(each.level in levels for each in m.permissions(within.organizations, False)))
    name = "filters[unassigned]"
    if name in asked:
        wanted = query.flag(name, asked[name])
        found.append(lambda m: wanted is not any(within.assignments(m, "reverse_contact_assignments")))
    return found


def _number(name: str, text: Any) -> int:
    found = query.numbers(name, text)
    if len(found) != 1:
        raise Invalid(name, "is one id")
    return next(iter(found))
