"""OnePageCRM: what can be written. The contract sheet's section 6, always with partial=true; lengths and values of section 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from crmkit.writing import Field, Record, Writing

SOURCE = "OnePageCRM sheet, section 6"
PARTIAL = (("partial", "true"),)
URLS = ("website", "blog", "twitter", "linkedin", "xing", "facebook", "google_plus", "other")
PHONES = ("work", "mobile", "home", "direct", "fax", "company", "other")
LINES = tuple(Field(name) for name in ("address", "city", "state", "zip_code", "country_code"))
SERVER = "the server sets it; no write accepts it"
NOTIFIES = "it would send notifications"
MOVED = "a record cannot be moved to another contact"
LEFT_OUT = dict.fromkeys(("id", "created_at", "modified_at", "author", "attachments"), SERVER)
COMPANY_LINK = "moving a contact can delete the company it leaves, which no undo brings back"
ITEMS = "writing the items replaces them and sets the amount anew; that could not be undone exactly"


def typed(name: str, kinds: tuple[str, ...]) -> Field:
    """A list of values with their type; it is sent whole."""
    return Field(name, "items", parts=(Field("type", values=kinds), Field("value", blank=False)))


def ident(name: str) -> Field:
    """The id of another record."""
    return Field(name, "id", blank=False)


def own(name: str, wrapper: str) -> Field:
    """Custom fields; all of them are sent, since it is not stated that the others stay."""
    return Field(name, "custom", wrapper=wrapper)


CONTACT = (
    Field("title", values=("Mr", "Mrs", "Ms"), blank=False),
    Field("first_name", longest=25),
    Field("last_name", longest=25),
    Field("job_title", longest=1000),
    Field("starred", "flag"),
    typed("urls", URLS),
    typed("phones", PHONES),
    typed("emails", ("work", "home", "other")),
    Field(
        "address_list",
        "items",
        parts=(*LINES, Field("type", values=("work", "home", "billing", "delivery", "other"))),
        most=2,
        clears=True,
    ),
    ident("status_id"),
    Field("tags", "words"),
    ident("lead_source_id"),
    Field("background", longest=10240),
    ident("owner_id"),
    own("custom_fields", "custom_field"),
)
COMPANY = (
    Field("name", longest=55, blank=False),
    Field("description", longest=10240),
    Field("url"),
    Field("phone"),
    Field("address", "object", parts=LINES),
    own("company_fields", "company_field"),
)
DEAL = (
    ident("owner_id"),
    ident("pipeline_id"),
    ident("sales_pipeline_id"),
    Field("name", longest=60, blank=False),
    Field("text", longest=7168),
    Field("stage", "whole"),
    Field("expected_close_date", "day"),
    Field("close_date", "day"),
    Field("date", "day"),
    Field("amount", "number"),
    Field("months", "whole"),
    Field("cost", "number"),
    Field("commission_base", values=("amount", "margin"), blank=False),
    Field("commission_type", values=("none", "percentage", "absolute"), blank=False),
    Field("commission", "number"),
    Field("commission_percentage", "number"),
    own("deal_fields", "deal_field"),
)
ACTION = (ident("assignee_id"), Field("text", longest=140, blank=False), Field("date", "day"), Field("exact_time", "epoch"))
NOTE = (Field("text", longest=7168, blank=False), Field("date", "day"), ident("linked_deal_id"))
CALL = (
    Field("call_time_int", "epoch"),
    Field("text", longest=7168),
    Field("phone_number"),
    ident("call_result"),
    Field("via", values=("unknown", "jabber", "talkdesk", "phone"), blank=False),
    Field("recording_link"),
)
MEETING = (Field("meeting_time_int", "epoch"), Field("place", longest=100), Field("text", longest=7168))


def company_rule(record: Record, entry: Record, changes: Record) -> str:
    """While a company syncs, a change of it reaches all its contacts."""
    synced = record.get("syncing_status") or record.get("syncing_tags")
    return "status or tags of this company are synced, so a write touches all its contacts" if synced else ""


def deal_rule(record: Record, entry: Record, changes: Record) -> str:
    """Amounts that come from items, chances that are none, and a closing day without a closing."""
    if record.get("has_deal_items") and changes.keys() & {"amount", "cost"}:
        return "the amount of this deal is the sum of its items"
    if not 0 < changes.get("stage", 50) < 100:
        return "stage takes a whole number from 1 to 99"
    if record.get("status") == "pending" and "close_date" in changes:
        return "a pending deal has no close_date; its day is expected_close_date"
    return ""


def action_rule(record: Record, entry: Record, changes: Record) -> str:
    """An action that another program steers, and days of actions that have none."""
    if record.get("externally_controlled"):
        return "another program controls this action"
    if "date" in changes and record.get("status") not in ("date", "queued_with_date"):
        return "only an action with status date or queued_with_date has a date of its own"
    if "exact_time" in changes and record.get("status") != "date_time":
        return "only an action with status date_time has an exact time"
    return ""


def inside(noun: str, body: Any) -> Any:
    """The record in its wrapper, data.<noun>."""
    data = body.get("data") if isinstance(body, dict) else None
    return data.get(noun) if isinstance(data, dict) else None


def written(noun: str, body: Any, entry: Record) -> Record | None:
    """The record that a PUT answers with."""
    found = inside(noun, body)
    return found if isinstance(found, dict) else None


def free(record: Record, entry: Record, changes: Record) -> str:
    """No rule beyond those of the fields."""
    return ""


def one(
    noun: str,
    plural: str,
    fields: tuple[Field, ...],
    refused: Mapping[str, str],
    check: Callable[[Record, Record, Record], str] = free,
    shown_in: tuple[str, ...] = (),
) -> Writing:
    """A kind of record."""
    path = f"/{plural}/{{id}}"
    return Writing(
        noun,
        path,
        path,
        fields,
        SOURCE,
        record=partial(inside, noun),
        stamp="modified_at",
        query=PARTIAL,
        refused={**LEFT_OUT, **refused},
        check=check,
        answer=partial(written, noun),
        shown_in=shown_in,
    )


WRITINGS = (
    one(
        "contact",
        "contacts",
        CONTACT,
        {
            "company_id": COMPANY_LINK,
            "company_name": COMPANY_LINK,
            "status": "the status follows status_id",
            "lead_source": "the source follows lead_source_id",
            **{name: f"it shows the first of {name}s: correct {name}s[0].value" for name in ("email", "phone", "url")},
            "address": "it shows the first of address_list: correct address_list[0].city and the like",
        },
        shown_in=("bootstrap",),  # tags with their counts
    ),
    one(
        "deal",
        "deals",
        DEAL,
        {
            "contact_id": MOVED,
            "status": "a new status moves close_date too, which could not be undone exactly",
            "has_deal_items": ITEMS,
            "deal_items": ITEMS,
            **dict.fromkeys(("margin", "total_amount", "total_cost"), "the server computes it"),
        },
        deal_rule,
    ),
    one(
        "action",
        "actions",
        ACTION,
        {
            "contact_id": MOVED,
            "status": "a new status can change the other actions of the contact",
            "position": "a new position moves the other actions of the contact",
        },
        action_rule,
    ),
    one("note", "notes", NOTE, {"contact_id": MOVED, "user_ids_to_notify": NOTIFIES}),
    one("call", "calls", CALL, {"contact_id": MOVED, "user_ids_to_notify": NOTIFIES}),
    one("meeting", "meetings", MEETING, {"contact_id": MOVED, "user_ids_to_notify": NOTIFIES}),
    one("company", "companies", COMPANY, {}, company_rule, shown_in=("deal",)),  # contact_info.company
)
NOT_WRITTEN = {
    "status": "deleting or renaming a status reaches all its contacts; reference data is not offered",
    "lead_source": "reference data is not offered",
    "user": "users are not in the safe set (OnePageCRM sheet, section 6)",
}
