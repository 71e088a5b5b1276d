"""Every documented read operation: what it gives and which parameters it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm import fields, reference, ties
from crmkit.demo.dialects.onepagecrm.account import Account
from crmkit.demo.dialects.onepagecrm.ids import Json
from crmkit.demo.dialects.onepagecrm.lists import CHANGES, COMPANY_SORTS, CONTACT_FILTERS, CONTACT_SORTS, DEAL_DATES, Lists
from crmkit.demo.dialects.onepagecrm.query import DATING, PAGING, SORTING, Listing

_DEAL_SORTS = ("created_at", "modified_at", "date", "close_date", "expected_close_date")
_FIELD_SORTS = ("created_at", "modified_at", "updated_at", "position")
_CREATED = ("created_at", "modified_at")
_ONE_OF_THREE = ("company_id", "tag", "filter_id")
_BY_CONTACT = ("contact_id", "company_id")
_SUB_DEALS = ("name", "search", "status", "stage", "owner_id")
_SUB_ACTIONS = ("done", "status", "assignee_id")
_ACTION_DATES = (*CHANGES, "date", "close_date")


@dataclass(frozen=True)
class Ask:
    """Who asks, and the query."""

    caller: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """How a path is answered. call gives a Listing, or the content of data, or a pair with what stands beside data."""

    call: Callable[..., Any]
    parameters: frozenset[str] = frozenset()
    sorts: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()


def _read(
    call: Callable[..., Any],
    filters: tuple[str, ...] = (),
    sorts: tuple[str, ...] = (),
    dates: tuple[str, ...] = (),
    paging: frozenset[str] = PAGING,
    apart: tuple[tuple[str, ...], ...] = (),
) -> Read:
    known = frozenset(filters) | paging | (SORTING if sorts else frozenset()) | (DATING if dates else frozenset())
    return Read(call, known, sorts, dates, apart)


class Reads:
    """The table of operations over one account."""

    def __init__(self, club: Club) -> None:
        self.account = Account(club)
        self.lists = Lists(self.account)

    def table(self) -> dict[str, Read]:
        """Reads by path."""
        found = {**self._reference(), **self._work(), **self._contacts(), **self._own()}
        for parent in ("companies", "contacts"):
            found |= self._below(parent)
        return found

    def _reference(self) -> dict[str, Read]:
        account, lists = self.account, self.lists
        found = {
            "/bootstrap": Read(lambda ask: account.bootstrap(ask.caller)),
            "/users": Read(lambda ask: [{"user": each} for each in account.users(ask.caller)]),
            "/lead_sources": Read(lambda ask: account.segments.sources(ask.caller)),
            "/lead_sources/<key>": Read(lambda ask, key: _find(account.segments.sources(ask.caller), key)),
            "/statuses": Read(lambda ask: [{"status": each} for each in account.segments.statuses(ask.caller)]),
            "/call_results": Read(lambda ask: [{"call_result": each} for each in account.call_results]),
            "/countries": Read(lambda ask: {"countries": [{"country": each} for each in reference.countries()]}),
            "/attachments/s3_form": Read(lambda ask: account.s3_form(ask.query), frozenset(("contact_id",))),
            "/predefined_items": _read(
                lambda ask: Listing("predefined_items", "predefined_item", reference.items(), place="nowhere")
            ),
        }
        found |= _kind("user", "/users", lambda ask: account.users(ask.caller))
        found |= _kind("status", "/statuses", lambda ask: account.segments.statuses(ask.caller))
        found |= _kind("predefined_item", "/predefined_items", lambda ask: reference.items())
        for name, content in (
            ("predefined_action", reference.saved_actions),
            ("predefined_action_group", reference.saved_action_groups),
            ("predefined_item_group", reference.item_groups),
        ):
            found |= _whole(name, content)
        for kind in (fields.CONTACT, fields.COMPANY, fields.DEAL):
            found[f"/{kind}s"] = _read(partial(_definitions, lists, kind), (), _FIELD_SORTS)
            found |= _kind(kind, f"/{kind}s", partial(_defined, kind))
        return found

    def _work(self) -> dict[str, Read]:
        lists, account = self.lists, self.account
        deal = ("include_history",)
        found = {
            "/deals": _read(
                lambda ask: lists.deals(ask.query),
                (*_SUB_DEALS, "pipeline_id", "sales_pipeline_id", "contact_id", *_ONE_OF_THREE, "fields", *deal),
                _DEAL_SORTS,
                DEAL_DATES,
                apart=(("contact_id", *_ONE_OF_THREE),),
            ),
            "/deals/<key>": Read(lambda ask, key: {"deal": lists.deal(key, ask.query)}, frozenset(deal)),
            "/actions": _read(
                lambda ask: lists.actions(ask.query), (*_SUB_ACTIONS, *_BY_CONTACT), _CREATED, _ACTION_DATES, apart=(_BY_CONTACT,)
            ),
            "/relationship_types": _read(lambda ask: lists.kinds(ask.query), ("search", "symmetrical"), _CREATED, CHANGES),
            "/companies": _read(lambda ask: lists.companies(ask), ("name", "phone", "letter"), COMPANY_SORTS),
            "/companies/<key>": Read(lambda ask, key: {"company": lists.company(account.contacts.companies[key], ask.caller)}),
        }
        for kind, extra in _LOGS.items():
            found[f"/{kind}s"] = _read(
                lambda ask, kind=kind: lists.log(kind, ask.query),
                _BY_CONTACT,
                _log_sorts(kind),
                (*CHANGES, extra),
                apart=(_BY_CONTACT,),
            )
            found[f"/{kind}s/<key>"] = Read(lambda ask, key, kind=kind: {kind: lists.logged(kind, key)})
        found |= _kind("action", "/actions", lambda ask: account.actions.by_id.values())
        found |= _kind("relationship_type", "/relationship_types", lambda ask: ties.kinds())
        return found

    def _contacts(self) -> dict[str, Read]:
        lists, account = self.lists, self.account
        apart = (_ONE_OF_THREE, ("has_actions", "has_actions_for_me"), ("lead_source", "lead_source_id"))
        return {
            "/contacts": _read(
                lambda ask: lists.contacts(ask),
                (*CONTACT_FILTERS, "has_actions_today", "not_linked_with", "fields"),
                CONTACT_SORTS,
                CHANGES,
                apart=(*apart, ("not_linked_with", "company_id")),
            ),
            "/contacts/<key>": Read(lambda ask, key: account.contacts.entry(account.contacts.by_id[key], ask.caller)),
            "/contacts/cascade": Read(lambda ask: lists.cascade(ask.caller)),
            "/contacts/cascade/<key>": Read(lambda ask, key: lists.cascade(ask.caller, key)),
            "/action_stream": _read(lambda ask: lists.stream(ask), CONTACT_FILTERS, CONTACT_SORTS, CHANGES, apart=apart),
            "/team_stream": _read(
                lambda ask: lists.team_stream(ask), (*CONTACT_FILTERS, "user_id"), CONTACT_SORTS, CHANGES, apart=apart
            ),
            "/filters": _read(lambda ask: Listing("filters", "filter", list(account.segments.filters.values()))),
            "/filters/<key>": _read(lambda ask, key: lists.saved(key), paging=frozenset(("page",))),
            "/contacts/filters/<key>": _read(lambda ask, key: lists.saved(key)),
            "/contacts/<key>/relationships": _read(
                lambda ask, key: lists.relationships(key, ask.query),
                ("relationship_type_id", "contact_id_filter", "variant_id_filter", "search", "symmetrical"),
                _CREATED,
                CHANGES,
            ),
            "/contacts/<key>/relationships/<of>": Read(
                lambda ask, key, of: {"relationship": _find(account.ties.of[lists.known("contacts", key)], of)}
            ),
            "/companies/<key>/linked_contacts": _read(lambda ask, key: lists.linked(key, ask.caller), (), CONTACT_SORTS),
        }

    def _own(self) -> dict[str, Read]:
        actions = self.account.actions
        webhooks = Listing("webhooks", None, reference.webhooks())
        pipelines = Listing("pipelines", "pipeline", reference.pipelines())
        found = {
            "/notifications": _read(lambda ask: Listing("notifications", "notification", actions.listed(ask.caller))),
            "/webhooks": _read(lambda ask: self.account.admins(ask.caller, webhooks), paging=frozenset(("page",))),
            "/webhooks/<key>": Read(lambda ask, key: _find(self.account.admins(ask.caller, webhooks.entries), key)),
            "/pipelines": _read(lambda ask: pipelines, paging=frozenset(("page",))),
        }
        found |= _kind("notification", "/notifications", lambda ask: actions.notifications(ask.caller).values())
        return found | _kind("pipeline", "/pipelines", lambda ask: pipelines.entries)

    def _below(self, parent: str) -> dict[str, Read]:
        """What hangs from a company or a contact."""
        lists = self.lists
        root = f"/{parent}/<key>"

        def asked(ask: Ask, key: str) -> Mapping[str, str]:
            return {**ask.query, "company_id" if parent == "companies" else "contact_id": lists.known(parent, key)}

        found = {
            f"{root}/deals": _read(lambda ask, key: lists.deals(asked(ask, key)), _SUB_DEALS, _DEAL_SORTS, DEAL_DATES),
            f"{root}/actions": _read(lambda ask, key: lists.actions(asked(ask, key)), _SUB_ACTIONS, _CREATED, _ACTION_DATES),
            f"{root}/pinned_attachments": _read(lambda ask, key: lists.pinned(parent, key), paging=frozenset(("page",))),
        }
        for kind, extra in _LOGS.items():
            found[f"{root}/{kind}s"] = _read(
                lambda ask, key, kind=kind: lists.log(kind, asked(ask, key)), (), _log_sorts(kind), (*CHANGES, extra)
            )
        return found


# The date by which each can be filtered beside those of creation and change.
_LOGS = {"note": "date", "call": "call_time", "meeting": "meeting_time"}


def _log_sorts(kind: str) -> tuple[str, ...]:
    return (*CHANGES, "date") if kind == "note" else CHANGES


def _find(entries: Any, number: str) -> Json:
    """The entry with an id; LookupError otherwise."""
    found: dict[str, Json] = {each["id"]: each for each in entries}
    return found[number]


def _definitions(lists: Lists, kind: str, ask: Ask) -> Listing:
    return lists.definitions(kind)


def _defined(kind: str, ask: Ask) -> list[Json]:
    return fields.DEFINITIONS[kind]


def _whole(name: str, content: Callable[[], list[Json]]) -> dict[str, Read]:
    """A list that is not paged, and the read of one of its records."""
    listed = Read(lambda ask: {f"{name}s": [{name: each} for each in content()]})
    return {f"/{name}s": listed, **_kind(name, f"/{name}s", lambda ask: content())}


def _kind(name: str, path: str, entries: Callable[[Any], Any]) -> dict[str, Read]:
    """The read of one record of a kind, in its wrapper."""
    return {f"{path}/<key>": Read(lambda ask, key: {name: _find(entries(ask), key)})}
