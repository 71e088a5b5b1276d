"""The lists of the account as they are asked for: narrowed by filters, not yet sorted or paged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from crmkit.demo.dialects.onepagecrm import fields, ties
from crmkit.demo.dialects.onepagecrm.account import Account
from crmkit.demo.dialects.onepagecrm.contacts import EXTRAS, by_name
from crmkit.demo.dialects.onepagecrm.filters import Filters
from crmkit.demo.dialects.onepagecrm.ids import Json
from crmkit.demo.dialects.onepagecrm.query import Invalid, Listing, Query, filtered, flag
from crmkit.demo.selling import PENDING

if TYPE_CHECKING:
    from crmkit.demo.dialects.onepagecrm.reads import Ask

CHANGES = ("created_at", "modified_at", "updated_at")
CONTACT_SORTS = ("created_at", "modified_at", "first_name", "last_name", "company_name", "name")
COMPANY_SORTS = ("created_at", "modified_at", "name")
DEAL_DATES = (*CHANGES, "date", "close_date", "expected_close_date")
CONTACT_FILTERS = (
    "team", "search", "phone", "email", "url", "letter", "owner_id", "company_id", "tag", "filter_id", "status_id",
    "lead_source", "lead_source_id", "custom_field_id", "custom_field_value", "starred", "pending_deal",
    "action_stream", "has_actions", "has_actions_for_me", "waiting",
)  # fmt: skip
_BATCH, _SAVED = 100, 25
_HOST = "https://app.onepagecrm.com/api/v3"


class Lists:
    """Lists over one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        parts = (account.register, account.contacts, account.segments, account.actions, account.ties)
        self._filters = Filters(*parts)

    def known(self, parent: str, number: str) -> str:
        """The id of a contact or a company, if there is one."""
        register = self._account.register
        if number not in (register.contacts if parent == "contacts" else register.firms):
            raise KeyError(number)
        return number

    def definitions(self, kind: str) -> Listing:
        """Custom fields; those of deals have the page fields inside each item."""
        return Listing(f"{kind}s", kind, fields.DEFINITIONS[kind], place="items" if kind == fields.DEAL else "data")

    def deals(self, query: Query) -> Listing:
        """Deals, with their history or contacts where asked for."""
        deals = self._account.deals
        asked = _fields(query, ("contacts",))
        history = flag("include_history", query.get("include_history", "false"))

        def render(deal: Json) -> Json:
            item: Json = {"deal": deals.with_history(deal) if history else deal}
            if asked:
                people = [deal["contact_id"], *(each["id"] for each in deal["linked_contacts"])]
                item["contacts"] = [self._account.contacts.by_id[each] for each in people]
            return item

        return Listing("deals", "deal", filtered(deals.by_id.values(), query, self._filters.deals()), render)

    def deal(self, number: str, query: Query) -> Json:
        """One deal."""
        deals = self._account.deals
        history = flag("include_history", query.get("include_history", "false"))
        return deals.with_history(deals.by_id[number]) if history else deals.by_id[number]

    def actions(self, query: Query) -> Listing:
        """Actions in stream order."""
        return Listing("actions", "action", filtered(self._account.actions.by_id.values(), query, self._filters.actions()))

    def log(self, kind: str, query: Query) -> Listing:
        """Notes, calls or meetings; those of one contact or company by last change, newest first."""
        found = filtered(self._log(kind).values(), query, self._filters.of_contact())
        if "contact_id" in query or "company_id" in query:
            found = sorted(found, key=lambda each: (each["modified_at"], each["id"]), reverse=True)
        return Listing(f"{kind}s", kind, found)

    def logged(self, kind: str, number: str) -> Json:
        """One note, call or meeting."""
        record = self._log(kind)[number]
        return record if kind == "note" else {**record, "index": 1}

    def _log(self, kind: str) -> Mapping[str, Json]:
        found: Mapping[str, Json] = getattr(self._account.logbook, f"{kind}s")
        return found

    def kinds(self, query: Query) -> Listing:
        """Relationship types."""
        return Listing("relationship_types", "relationship_type", filtered(ties.kinds(), query, self._filters.kinds()))

    def relationships(self, number: str, query: Query) -> Listing:
        """Relations of a contact."""
        kinds = {each["id"]: each for each in ties.kinds()}
        tests = self._filters.relationships(self.known("contacts", number), kinds)
        found = filtered(self._account.ties.of.get(number, ()), query, tests)
        return Listing("relationships", "relationship", found)

    def companies(self, ask: Ask) -> Listing:
        """Companies by name."""
        found = filtered(self._account.contacts.companies.values(), ask.query, self._filters.companies())
        return Listing("companies", "company", found, lambda each: {"company": self.company(each, ask.caller)})

    def company(self, company: Json, caller: str) -> Json:
        """A company with its contacts and its pending deals, records and all."""
        account, number = self._account, company["id"]
        staff = account.register.staff[number]
        deals = [account.deals.by_id[each] for contact in staff for each in account.register.deals_of.get(contact, ())]
        people = [account.contacts.entry(account.contacts.by_id[each], caller) for each in staff]
        for each in people:
            each.pop("company", None)
        return {**company, "contacts": people, "pending_deals": [{"deal": each} for each in deals if each["status"] == PENDING]}

    def contacts(self, ask: Ask) -> Listing:
        """The caller's own contacts by name, or everybody's with team=true or an owner named."""
        contacts, caller = self._account.contacts, ask.caller
        everybody = flag("team", ask.query.get("team", "false")) or "owner_id" in ask.query
        found = [each for each in contacts.by_id.values() if everybody or each["owner_id"] == caller]
        asked = _fields(ask.query, EXTRAS)

        def render(contact: Json) -> Json:
            extra = {name: contacts.attached(name, contact["id"]) for name in asked}
            return {**contacts.entry(contact, caller), **extra}

        found = filtered(found, ask.query, self._filters.contacts(caller, ask.query))
        return Listing("contacts", "contact", found, render, top=self._account.segments.counters(caller))

    def stream(self, ask: Ask) -> Listing:
        """Contacts by urgency, of the caller's stream or with team=true of all."""
        team = flag("team", ask.query.get("team", "false"))
        return self._streamed(ask, self._account.actions.stream(None if team else ask.caller))

    def team_stream(self, ask: Ask) -> Listing:
        """Contacts by urgency, of all or of one user."""
        return self._streamed(ask, self._account.actions.stream(ask.query.get("user_id")))

    def _streamed(self, ask: Ask, ids: Collection[str]) -> Listing:
        contacts = self._account.contacts
        tests = self._filters.contacts(ask.caller, ask.query)
        found = filtered((contacts.by_id[each] for each in ids), ask.query, tests)
        return Listing("contacts", "contact", found, lambda each: contacts.entry(each, ask.caller))

    def saved(self, number: str) -> Listing:
        """The contacts that a saved filter matches, 25 a page whatever is asked."""
        segments = self._account.segments
        beside = {"filter": segments.filters[number]}
        return Listing("contacts", "contact", segments.members(number), size=_SAVED, beside=beside)

    def cascade(self, caller: str, last: str | None = None) -> Json:
        """A batch of the caller's own contacts by name, those after a contact; every batch names the next."""
        contacts = self._account.contacts
        mine = [each for each in contacts.by_id.values() if each["owner_id"] == caller]
        if last is not None:
            mark = by_name(contacts.by_id[last])
            mine = [each for each in mine if by_name(each) > mark]
        batch = mine[:_BATCH]
        end = batch[-1]["id"] if batch else last
        return {
            "contacts": [contacts.entry(each, caller) for each in batch],
            "items_left": len(mine) - len(batch),
            "next_set_url": f"{_HOST}/contacts/cascade/{end}" if end else None,
        }

    def linked(self, number: str, caller: str) -> Listing:
        """Contacts of other companies linked to this one."""
        contacts = self._account.contacts
        links = self._account.ties.linked.get(self.known("companies", number), {})
        found = sorted((contacts.by_id[each] for each in links), key=by_name)

        def render(contact: Json) -> Json:
            return {"linked_contact": {**contacts.entry(contact, caller), "linked_with": links[contact["id"]]}}

        return Listing("linked_contacts", "linked_contact", found, render)

    def pinned(self, parent: str, number: str) -> Listing:
        """Pinned files of a contact, or of all contacts of a company."""
        self.known(parent, number)
        whose = {number} if parent == "contacts" else set(self._account.register.staff[number])
        return Listing("pinned_attachments", None, self._account.logbook.pinned(whose), place="top")


def _fields(query: Query, allowed: Collection[str]) -> list[str]:
    """The lists asked for, written as name(all)."""
    asked = query["fields"].split(",") if "fields" in query else []
    known: dict[str, Any] = {f"{name}(all)": name for name in allowed}
    if not set(asked) <= set(known):
        raise Invalid("fields", f"is a comma list of {', '.join(known)}")
    return [known[each] for each in asked]
