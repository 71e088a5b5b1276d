"""What each filter parameter means: a value becomes a test of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from crmkit.demo.clock import TODAY
from crmkit.demo.dialects.onepagecrm import actions as acting
from crmkit.demo.dialects.onepagecrm.actions import Actions
from crmkit.demo.dialects.onepagecrm.contacts import Contacts
from crmkit.demo.dialects.onepagecrm.ids import Json, letter
from crmkit.demo.dialects.onepagecrm.query import Invalid, Predicate, Query, Test, flag, one_of
from crmkit.demo.dialects.onepagecrm.register import Register
from crmkit.demo.dialects.onepagecrm.segments import Segments
from crmkit.demo.dialects.onepagecrm.ties import Ties
from crmkit.demo.selling import LOST, PENDING, WON

Tests = Mapping[str, Test]


class Filters:
    """Tests by parameter for each kind of record."""

    def __init__(self, register: Register, contacts: Contacts, segments: Segments, actions: Actions, ties: Ties) -> None:
        self._register, self._contacts, self._segments = register, contacts, segments
        self._actions, self._ties = actions, ties

    def contacts(self, caller: str, query: Query) -> Tests:
        """Filters on contacts; those on actions find only contacts that the caller owns."""
        value = query.get("custom_field_value")
        if value is not None and "custom_field_id" not in query:
            raise Invalid("custom_field_value", "goes together with custom_field_id")
        stream = self._actions.stream
        today = TODAY.isoformat()

        def busy(chosen: Callable[[Json], bool]) -> Callable[[Json], bool]:
            return lambda each: each["owner_id"] == caller and any(map(chosen, self._actions.next(each["id"])))

        return {
            "team": lambda text: _anything(flag("team", text)),
            "search": lambda text: _says(text, lambda each: _found_by(each)),
            "phone": lambda text: lambda each: any(_digits(text) in _digits(phone["value"]) for phone in each["phones"]),
            "email": lambda text: lambda each: any(text.casefold() == mail["value"].casefold() for mail in each["emails"]),
            "url": lambda text: _says(text, lambda each: (url["value"] for url in each["urls"])),
            "letter": _equals("letter"),
            "owner_id": _equals("owner_id"),
            "company_id": _equals("company_id"),
            "tag": lambda text: lambda each: text in each["tags"],
            "filter_id": lambda text: _among(self._matching(text), "id"),
            "status_id": _equals("status_id"),
            "lead_source": _equals("lead_source"),
            "lead_source_id": _equals("lead_source_id"),
            "custom_field_id": lambda text: lambda each: _has_field(each, text, value),
            "starred": _is("starred", lambda each: bool(each["starred"])),
            "pending_deal": _is("pending_deal", lambda each: bool(each["pending_deal"])),
            "action_stream": self._is_among("action_stream", lambda: stream(caller)),
            "has_actions": _is("has_actions", busy(lambda action: True)),
            "has_actions_for_me": _is("has_actions_for_me", busy(lambda action: bool(action["assignee_id"] == caller))),
            "has_actions_today": _is("has_actions_today", busy(lambda action: action["date"] == today)),
            "waiting": _is("waiting", lambda each: any(a["status"] == "waiting" for a in self._actions.next(each["id"]))),
            "not_linked_with": lambda text: (
                lambda each: each.get("company_id") != text and each["id"] not in self._ties.linked.get(text, {})
            ),
        }

    def deals(self) -> Tests:
        """Filters on deals."""
        return {
            "name": lambda text: _says(text, lambda each: (each["name"],)),
            "search": lambda text: _says(text, lambda each: (each["name"], *map(str, each["contact_info"].values()))),
            "status": _deal_status,
            "stage": _stage,
            "pipeline_id": _equals("pipeline_id"),
            "sales_pipeline_id": _equals("sales_pipeline_id"),
            "owner_id": _equals("owner_id"),
            **self.of_contact(),
            "tag": lambda text: lambda each: text in self._contacts.by_id[each["contact_id"]]["tags"],
            "filter_id": lambda text: _among(self._matching(text), "contact_id"),
        }

    def of_contact(self) -> Tests:
        """Filters on whatever hangs from a contact."""
        return {
            "contact_id": _equals("contact_id"),
            "company_id": lambda text: _among(self._register.staff.get(text, ()), "contact_id"),
        }

    def actions(self) -> Tests:
        """Filters on actions."""
        return {
            **self.of_contact(),
            "done": _is("done", lambda each: bool(each["done"])),
            "status": lambda text: _equals("status")(one_of("status", text, acting.STATUSES)),
            "assignee_id": _equals("assignee_id"),
        }

    def companies(self) -> Tests:
        """Filters on companies."""
        return {
            "name": lambda text: _says(text, lambda each: (each["name"],)),
            "phone": lambda text: lambda each: _digits(text) in _digits(each["phone"]),
            "letter": lambda text: lambda each: letter(each["name"]) == text,
        }

    def kinds(self) -> Tests:
        """Filters on relationship types."""
        return {
            "search": lambda text: _says(text, lambda each: (variant["name"] for variant in each["relationship_variants"])),
            "symmetrical": _is("symmetrical", lambda each: bool(each["symmetrical"])),
        }

    def relationships(self, me: str, kinds: Mapping[str, Json]) -> Tests:
        """Filters on the relations of one contact; they look at the other party."""

        def others(each: Json) -> list[Json]:
            return [party for party in each["related_contacts"] if party["contact_id"] != me]

        def words(each: Json) -> Iterable[str]:
            return (f"{party['variant_name']} {party['first_name']} {party['last_name']}" for party in others(each))

        return {
            "relationship_type_id": _equals("relationship_type_id"),
            "contact_id_filter": lambda text: lambda each: any(party["contact_id"] == text for party in others(each)),
            "variant_id_filter": lambda text: lambda each: any(party["variant_id"] == text for party in others(each)),
            "search": lambda text: _says(text, words),
            "symmetrical": _is("symmetrical", lambda each: bool(kinds[each["relationship_type_id"]]["symmetrical"])),
        }

    def _matching(self, filter_id: str) -> Iterable[str]:
        if filter_id not in self._segments.filters:
            raise Invalid("filter_id", "is no saved filter")
        return (each["id"] for each in self._segments.members(filter_id))

    def _is_among(self, name: str, ids: Callable[[], Iterable[str]]) -> Test:
        def test(text: str) -> Predicate:
            wanted, known = flag(name, text), frozenset(ids())
            return lambda each: (each["id"] in known) == wanted

        return test


def _equals(name: str) -> Test:
    return lambda text: lambda each: bool(each.get(name) == text)


def _is(name: str, holds: Callable[[Json], bool]) -> Test:
    def test(text: str) -> Predicate:
        wanted = flag(name, text)
        return lambda each: holds(each) == wanted

    return test


def _among(ids: Iterable[str], name: str) -> Predicate:
    known = frozenset(ids)
    return lambda each: each[name] in known


def _anything(_: bool) -> Predicate:
    return lambda each: True


def _says(text: str, words: Callable[[Json], Iterable[str]]) -> Predicate:
    wanted = text.casefold()
    return lambda each: any(wanted in word.casefold() for word in words(each))


def _found_by(contact: Json) -> Iterable[str]:
    yield f"{contact['first_name']} {contact['last_name']}"
    yield contact["company_name"]
    yield from (phone["value"] for phone in contact["phones"])


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _has_field(contact: Json, field_id: str, value: str | None) -> bool:
    for each in contact["custom_fields"]:
        if each["custom_field"]["id"] == field_id:
            held = each["value"] if isinstance(each["value"], list) else [each["value"]]
            return value is None or value in map(str, held)
    return False


def _deal_status(text: str) -> Predicate:
    wanted = one_of("status", text, (PENDING, WON, LOST, "closed"))
    return lambda each: each["status"] in ((WON, LOST) if wanted == "closed" else (wanted,))


def _stage(text: str) -> Predicate:
    if not (text.isascii() and text.isdigit()):
        raise Invalid("stage", "is a whole number")
    return lambda each: each["status"] == PENDING and each["stage"] == int(text)
