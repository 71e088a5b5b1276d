"""The writes that are taken: PUT of one record with partial=true. The record changes where it lies, and what hangs on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crmkit.demo.clock import TODAY, later
from crmkit.demo.dialects.onepagecrm import fields
from crmkit.demo.dialects.onepagecrm.account import Account
from crmkit.demo.dialects.onepagecrm.bodies import TESTS
from crmkit.demo.dialects.onepagecrm.contacts import by_name
from crmkit.demo.dialects.onepagecrm.ids import Json, instant, letter, money, precise
from crmkit.demo.dialects.onepagecrm.lists import Lists
from crmkit.demo.dialects.onepagecrm.query import Invalid
from crmkit.demo.dialects.onepagecrm.reads import Ask
from crmkit.demo.dialects.onepagecrm.reference import SOURCE_NAMES, STATUS_IDS, STATUS_TEXTS
from crmkit.demo.selling import PENDING
from crmkit.demo.wsgi import Refused, Undocumented

PLURALS = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "action": "actions",
    "note": "notes",
    "call": "calls",
    "meeting": "meetings",
}
_DEFINED = {"custom_fields": fields.CONTACT, "company_fields": fields.COMPANY, "deal_fields": fields.DEAL}
_STATUS_SLUGS = {number: slug for slug, number in STATUS_IDS.items()}
_LONGEST_DEAL = 60


@dataclass(frozen=True)
class Write:
    """How a write is answered; kind is the kind of record."""

    kind: str
    call: Callable[..., Json]
    parameters: frozenset[str] = frozenset(("partial",))


class Writes:
    """Every write checks the whole body before anything changes."""

    def __init__(self, account: Account, lists: Lists) -> None:
        self._account, self._lists = account, lists
        self._count = 0

    def table(self) -> dict[str, Write]:
        """Writes by path, all of them PUT."""
        return {f"/{plural}/<key>": Write(kind, self._put) for kind, plural in PLURALS.items()}

    def _put(self, ask: Ask, body: bytes, kind: str, key: str) -> Json:
        if ask.query.get("partial") != "true":
            raise Undocumented(["PUT without partial=true: what it empties is not stated for every kind of record"])
        record = self._records(kind)[key]
        given = _read(body, kind)
        self._check(kind, record, given)
        named = {name: _named(name, value) if name in _DEFINED else value for name, value in given.items()}
        if "address_list" in named:
            named["address_list"] = [each for each in named["address_list"] if each]  # {} clears its place
        record.update(named)
        self._count += 1
        stamp = precise if kind in ("contact", "action") else instant
        record["modified_at"] = stamp(later(self._count))
        self._follow(kind, record, given)
        return self._shown(ask, kind, record)

    def _records(self, kind: str) -> dict[str, Json]:
        account = self._account
        found: Mapping[str, dict[str, Json]] = {
            "contact": account.contacts.by_id,
            "company": account.contacts.companies,
            "deal": account.deals.by_id,
            "action": account.actions.by_id,
            "note": account.logbook.notes,
            "call": account.logbook.calls,
            "meeting": account.logbook.meetings,
        }
        return found[kind]

    def _check(self, kind: str, record: Json, given: Json) -> None:
        """What only the account knows: its users and deals, and what forbids a change."""
        for name in ("owner_id", "assignee_id"):
            if name in given and given[name] not in self._account.register.owner:
                raise Invalid(name, "is no user of the account")
        if given.get("linked_deal_id") and given["linked_deal_id"] not in self._account.deals.by_id:
            raise Invalid("linked_deal_id", "is no deal")
        if kind == "action" and record["externally_controlled"]:
            raise Refused(409, "Another program controls this action.")
        if kind == "company" and not given.get("name", "x").strip():
            raise Invalid("name", "can't be blank")

    def _follow(self, kind: str, record: Json, given: Json) -> None:
        """What the server changes along with a field."""
        if kind == "contact":
            self._follow_contact(record)
        elif kind == "company" and "name" in given:
            self._follow_company(record)
        elif kind == "deal":
            _follow_deal(record, given)
        elif kind == "note" and "linked_deal_id" in given:
            deal = self._account.deals.by_id.get(given["linked_deal_id"])
            record["linked_deal_name"] = deal["name"] if deal else ""
        self._account.segments.forget()

    def _follow_contact(self, contact: Json) -> None:
        contact["status"] = STATUS_TEXTS[_STATUS_SLUGS[contact["status_id"]]]
        contact["lead_source"] = SOURCE_NAMES[contact["lead_source_id"]]
        contact["letter"] = letter(contact["last_name"] or contact["company_name"])
        for deal in self._account.deals.by_id.values():
            if deal["contact_id"] == contact["id"]:
                deal["contact_info"]["contact_name"] = f"{contact['first_name']} {contact['last_name']}"
        _sort(self._account.contacts.by_id, by_name)

    def _follow_company(self, company: Json) -> None:
        contacts = self._account.contacts
        staff = [contacts.by_id[number] for number in self._account.register.staff[company["id"]]]
        for contact in staff:
            contact["company_name"] = company["name"]
        known = {contact["id"] for contact in staff}
        for deal in self._account.deals.by_id.values():
            if deal["contact_id"] in known:
                deal["contact_info"]["company"] = company["name"]
        _sort(contacts.companies, lambda each: (each["name"].casefold(), each["id"]))

    def _shown(self, ask: Ask, kind: str, record: Json) -> Json:
        """The record as the read of one shows it."""
        if kind == "contact":
            return self._account.contacts.entry(record, ask.caller)
        if kind == "company":
            return {"company": self._lists.company(record, ask.caller)}
        return {kind: self._lists.logged(kind, record["id"]) if kind in ("call", "meeting") else record}


def _follow_deal(deal: Json, given: Json) -> None:
    """A long name is cut without a word; a deal that closes gets a day; totals are the server's."""
    deal["name"] = deal["name"][:_LONGEST_DEAL]
    if "status" in given and deal["status"] == PENDING:
        deal["close_date"] = None
    elif "status" in given and "close_date" not in given:
        deal["close_date"] = TODAY.isoformat()
    if given.keys() & {"amount", "months", "cost"}:
        deal["margin"] = money(deal["amount"] - deal["cost"])
        deal["total_amount"] = money(deal["amount"] * deal["months"])
        deal["total_cost"] = money(deal["cost"] * deal["months"])


def _read(body: bytes, kind: str) -> Json:
    """A flat JSON object of fields that can be changed."""
    try:
        given = json.loads(body)
    except ValueError:
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(given, dict) or not given:
        raise Refused(400, "The body is an object of fields.")
    unknown = [f"body field {name}" for name in given if name not in TESTS[kind]]
    if unknown:
        raise Undocumented(unknown)
    for name, value in given.items():
        TESTS[kind][name](name, value)
    return given


def _named(name: str, values: list[Json]) -> list[Json]:
    """Values of custom fields with the whole definition, as they are printed; those left out are gone."""
    kind = _DEFINED[name]
    known: dict[str, Any] = {each["id"]: each for each in fields.DEFINITIONS[kind]}
    return [{kind: known[each[kind]["id"]], "value": each["value"]} for each in values if each["value"] not in ("", [])]


def _sort(records: dict[str, Json], order: Callable[[Json], Any]) -> None:
    """In order again, in the same dictionary."""
    found = sorted(records.values(), key=order)
    records.clear()
    records.update((each["id"], each) for each in found)
