"""OnePageCRM: contacts, companies, deals and what is done with them, after the contract sheet, section 4.

Amounts are in the account's own currency. The records of the account itself are in onepagecrm_account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crmkit.columns import (
    Column,
    children,
    day,
    epoch,
    flag,
    ident,
    instant,
    integer,
    items,
    json,
    nested,
    number,
    secret,
    text,
)

CURRENCY = "account currency"


def id_of(name: str, meaning: str, **more: Any) -> Column:
    """An id: 24 hex digits or a slug, never checked. An empty text means none."""
    return ident(name, meaning, read=lambda written: written or None, **more)


def first(member: str) -> Callable[[Any], Any]:
    """The member of the first record of a list, or nothing."""
    return lambda found: found[0].get(member) if isinstance(found, list) and found and isinstance(found[0], dict) else None


def made(noun: str) -> tuple[Column, ...]:
    """When a record was made and changed."""
    return (
        instant("created_at", f"When the {noun} was made."),
        instant("modified_at", f"When the {noun} was last changed."),
    )


ID = id_of("id", "Id of the record.")
# What is no property of a record stays out of frames, by the same means as a secret.
left_out = secret

ATTACHMENT = (
    id_of("id", "Id of the attachment."),
    text("filename", "Name of the file.", sensitivity="text"),
    text("custom_filename", "Name it was given afterwards.", sensitivity="text"),
    flag("pinned", "Whether it is pinned."),
    instant("pinned_at", "When it was pinned; missing if it is not."),
    integer("size", "Size.", unit="bytes"),
    text("storage_provider", "Where it lies.", values=("amazon", "google_drive", "dropbox", "evernote")),
    text(
        "url",
        "Address of the file; where it is signed and expires, without its signature, so it names but does not open.",
        sensitivity="text",
    ),
    instant("url_expires_at", "When the signed address expires."),
    text("thumbnail.url", "Address of a small picture of it, without a signature.", sensitivity="text"),
)
ADDRESS = (
    text("address", "Street, house number and further lines.", sensitivity="direct"),
    text("city", "Town.", sensitivity="quasi"),
    text("state", "State or county.", sensitivity="quasi"),
    text("zip_code", "Postal code, as text.", sensitivity="quasi"),
    text("country_code", "Country, ISO 3166 code of two letters.", sensitivity="quasi"),
)
TYPED_ADDRESS = (
    *ADDRESS,
    text("type", "Kind of address.", values=("work", "home", "billing", "delivery", "other")),
)
FIELD_TYPES = (
    "anniversary",
    "date",
    "multi_line_text",
    "multiple_choice",
    "number",
    "select_box",
    "single_line_text",
    "external_id",
    "section_divider",
)
FIELD = (
    id_of("id", "Id of the field."),
    text("name", "Name of the field; names may repeat."),
    text("type", "Type of its values; a section_divider has none.", values=FIELD_TYPES),
    integer("position", "Place on the screen."),
    items("choices", "What can be chosen."),
)


def field_values(name: str, wrapper: str) -> Column:
    """The custom fields of a record: a line per field that has a value."""
    return children(
        name,
        "Custom fields that have a value. As typed columns: custom_fields='columns'.",
        (
            *nested(wrapper, FIELD),
            json("value", "The value as it came: text, a number, a day as YYYY-MM-DD or a list of texts.", sensitivity="text"),
        ),
        record="value",
    )


def typed_value(name: str, meaning: str, kinds: tuple[str, ...]) -> Column:
    """A list of typed values, such as the phones of a contact."""
    value = (text("type", "Kind.", values=kinds), text("value", "The value.", sensitivity="direct"))
    return children(name, meaning, value)


ACTION = (
    id_of("id", "Id of the action."),
    id_of("assignee_id", "Id of the user who is to do it."),
    id_of("contact_id", "Id of the contact it is about."),
    text("text", "What is to be done.", sensitivity="text"),
    text("status", "State.", values=("asap", "date", "date_time", "waiting", "queued", "queued_with_date", "done")),
    day("date", "Day it is due, in the account's zone. A word instead (asap, waiting) is kept in date.raw."),
    epoch("exact_time", "Moment it is due; only with status date_time."),
    integer("position", "Place among the actions of the contact."),
    flag("done", "Whether it is done."),
    day("done_at", "Day it was done, in the account's zone."),
    flag("externally_controlled", "Whether another program steers it; it cannot be changed then."),
    *made("action"),
)
DEAL_STAGE = (
    integer("stage", "Stage, which is also the chance of winning.", unit="%"),
    text("label", "Name of the stage; may be missing, and may repeat."),
)
PIPELINE = (
    id_of("id", "Id of the pipeline."),
    text("name", "Name of the pipeline."),
    text("type", "sales, or delivery: there a stage is progress, not a chance.", values=("sales", "delivery")),
    flag("default", "Whether it is the caller's own default."),
    flag("won_column_enabled", "Whether won deals have a column on the screen."),
    text("won_column_name", "Heading of that column."),
    children("stages", "Its stages; values are unique within a pipeline only.", DEAL_STAGE),
)
DEAL_ITEM = (
    id_of("id", "Id of the item."),
    text("name", "Name of the item."),
    text("description", "Description.", sensitivity="text"),
    number("cost", "Cost of one.", unit=CURRENCY),
    number("price", "Price of one.", unit=CURRENCY),
    number("amount", "Price times quantity.", unit=CURRENCY),
    integer("qty", "Quantity."),
    id_of("deal_id", "Id of the deal."),
    id_of("predefined_item_id", "Id of the catalogue item it was made from, if any."),
    integer("position", "Place in the deal."),
    *made("item"),
)
PREVIOUS_STAGE = (
    id_of("pipeline_id", "Id of the pipeline the deal was in before."),
    integer("stage", "The last stage it had there; no dates are kept.", unit="%"),
)
LINKED_PARTY = (
    id_of("id", "Id of the contact."),
    text("contact_name", "Name of the contact.", sensitivity="direct"),
    text("company", "Name of the company.", sensitivity="quasi"),
    text("photo_url", "Address of the photo.", sensitivity="direct"),
)
DEAL = (
    id_of("id", "Id of the deal."),
    id_of("contact_id", "Id of its primary contact."),
    id_of("owner_id", "Id of the user who owns it."),
    id_of("pipeline_id", "Id of the pipeline it is in now; missing: the default pipeline."),
    id_of("sales_pipeline_id", "Id of the sales pipeline it refers to, also while it is being delivered."),
    text("name", "Name of the deal.", sensitivity="text"),
    text("text", "Description.", sensitivity="text"),
    integer("stage", "Stage and chance of winning, 1 to 99; it means something only while the deal is pending.", unit="%"),
    text("status", "State; anything but the known values counts as other.", values=("pending", "won", "lost")),
    day("expected_close_date", "Day a pending deal should close, in the account's zone; often just the day it was typed in."),
    day("close_date", "Day a won or lost deal closed, in the account's zone. Status decides, not this day."),
    day("date", "Day the deal began, in the account's zone; can be edited."),
    number("amount", "Amount per month.", unit=f"{CURRENCY} per month"),
    integer("months", "How many months; 1 is a one-off.", unit="months"),
    number("cost", "Cost per month.", unit=f"{CURRENCY} per month"),
    number("margin", "Amount less cost, per month; may be negative.", unit=f"{CURRENCY} per month"),
    number("total_amount", "Amount times months; sums use this.", unit=CURRENCY),
    number("total_cost", "Cost times months.", unit=CURRENCY),
    text("commission_base", "What a percentage is taken of.", values=("amount", "margin")),
    text("commission_type", "How the commission is set.", values=("none", "percentage", "absolute")),
    number("commission", "Commission as given; per month or in total is not documented.", unit=CURRENCY),
    number("commission_percentage", "Commission as a percentage.", unit="%"),
    id_of("reason_lost_id", "Id of the reason it was lost; no call lists reasons."),
    field_values("deal_fields", "deal_field"),
    flag("has_deal_items", "Whether its amount is the sum over its items."),
    children("deal_items", "What is sold.", DEAL_ITEM, record="deal_item"),
    text("author", "Who made it, shortened.", sensitivity="direct"),
    flag("has_related_notes", "Whether notes are linked to it."),
    children("attachments", "Attached files.", ATTACHMENT, record="attachment"),
    text("contact_info.contact_name", "Name of its contact.", sensitivity="direct"),
    text("contact_info.company", "Company of its contact.", sensitivity="quasi"),
    id_of("owner.id", "Id of its owner."),
    text("owner.name", "Name of its owner.", sensitivity="direct"),
    text("owner.email", "E-mail address of its owner.", sensitivity="direct"),
    children("previous_pipeline_stages", "Last stage in each earlier pipeline; only with include_history=True.", PREVIOUS_STAGE),
    *made("deal"),
    children("linked_contacts", "Further contacts of the deal.", LINKED_PARTY, record="linked_contact"),
)
NOTE = (
    id_of("id", "Id of the note."),
    id_of("contact_id", "Id of the contact."),
    text("text", "The note.", sensitivity="text"),
    day("date", "Day of the note, in the account's zone."),
    id_of("linked_deal_id", "Id of the deal it is about, if any."),
    text("linked_deal_name", "Name of that deal; empty without one.", sensitivity="text"),
    text("author", "Who wrote it, shortened.", sensitivity="direct"),
    children("attachments", "Attached files.", ATTACHMENT, record="attachment"),
    *made("note"),
)
CALL = (
    id_of("id", "Id of the call."),
    id_of("contact_id", "Id of the contact."),
    text("text", "What was said.", sensitivity="text"),
    text("call_result", "Outcome, as the key in result of call_results(); own outcomes have an id."),
    epoch("call_time_int", "When the call was made."),
    text("via", "Medium.", values=("unknown", "jabber", "talkdesk", "phone", "skype")),
    text("phone_number", "Number that was called, with its kind behind it.", sensitivity="direct"),
    text("recording_link", "Address of a recording; empty without one.", sensitivity="direct"),
    text("author", "Who logged it, shortened.", sensitivity="direct"),
    children("attachments", "Attached files.", ATTACHMENT, record="attachment"),
    *made("call"),
    left_out("index", "Place in the answer, not a property of the call."),
)
MEETING = (
    id_of("id", "Id of the meeting."),
    id_of("contact_id", "Id of the contact."),
    text("text", "What was said.", sensitivity="text"),
    epoch("meeting_time_int", "When it took place."),
    text("place", "Where it took place.", sensitivity="text"),
    text("author", "Who logged it, shortened.", sensitivity="direct"),
    children("attachments", "Attached files.", ATTACHMENT, record="attachment"),
    *made("meeting"),
    left_out("index", "Place in the answer, not a property of the meeting."),
)
CLOSED_SALE = (
    id_of("user_id", "Id of the user who closed the sales cycle."),
    epoch("closed_at", "When it was closed."),
    text("comment", "Comment.", sensitivity="text"),
)
PHONES = ("work", "mobile", "home", "direct", "fax", "company", "other", "skype")
LINKS = ("website", "blog", "twitter", "linkedin", "xing", "facebook", "google_plus", "other")
CONTACT = (
    id_of("id", "Id of the contact."),
    text("title", "Form of address.", sensitivity="quasi", values=("Mr", "Mrs", "Ms")),
    text("first_name", "First name.", sensitivity="direct"),
    text("last_name", "Last name.", sensitivity="direct"),
    text("job_title", "Job title.", sensitivity="quasi"),
    flag("starred", "Whether it is starred."),
    text("photo_url", "Address of the photo.", sensitivity="direct"),
    id_of("company_id", "Id of the company, if any."),
    text("company_name", "Name of the company.", sensitivity="quasi"),
    typed_value("urls", "Web addresses.", LINKS),
    text("url", "The first web address.", source="urls", pluck=first("value"), sensitivity="direct"),
    typed_value("phones", "Phone numbers.", PHONES),
    text("phone", "The first phone number.", source="phones", pluck=first("value"), sensitivity="direct"),
    typed_value("emails", "E-mail addresses.", ("work", "home", "other")),
    text("email", "The first e-mail address.", source="emails", pluck=first("value"), sensitivity="direct"),
    children("address_list", "Addresses, at most two.", TYPED_ADDRESS),
    *(
        replace(
            one,
            name=f"address.{one.name}",
            source="address_list",
            pluck=first(one.name),
            meaning=f"{one.meaning[:-1]}, of the first address.",
        )
        for one in TYPED_ADDRESS
    ),
    text("status", "Status as text; status_id joins to statuses()."),
    id_of("status_id", "Id of the status."),
    items("tags", "Tags.", sensitivity="quasi"),
    id_of("lead_source_id", "Id of the lead source: a slug, or an id for own ones; joins to id of lead_sources()."),
    text("lead_source", "Lead source as text."),
    text("background", "Background.", sensitivity="text"),
    id_of("owner_id", "Id of the user who owns the contact."),
    field_values("custom_fields", "custom_field"),
    text("letter", "Letter it is filed under.", sensitivity="quasi"),
    flag("pending_deal", "Whether it has a pending deal."),
    number("total_pendings", "Total of its pending deals.", unit=CURRENCY),
    integer("total_deals_count", "How many deals it has."),
    integer("company_size", "How many contacts its company has."),
    items("sales_closed_for", "Ids of the users who closed their sales cycle with it."),
    children("closed_sales", "Closed sales cycles.", CLOSED_SALE),
    text("google_contacts_data.account_email", "Address of the Google account it was saved to.", sensitivity="direct"),
    id_of("google_contacts_data.id", "Its id there."),
    epoch("google_contacts_data.saved_at", "When it was saved there."),
    *made("contact"),
)
COMPANY = (
    id_of("id", "Id of the company."),
    left_out("image", "Only for writing."),
    text("name", "Name of the company.", sensitivity="quasi"),
    text("description", "Description.", sensitivity="text"),
    text("phone", "Phone number.", sensitivity="direct"),
    text("photo_url", "Address of its logo.", sensitivity="quasi"),
    text("url", "Web site.", sensitivity="quasi"),
    *nested("address", ADDRESS),
    field_values("company_fields", "company_field"),
    flag("syncing_status", "Whether its contacts share one status."),
    id_of("synced_status_id", "Id of that status."),
    flag("syncing_tags", "Whether its contacts share tags."),
    items("synced_tags", "Those tags."),
    integer("contacts_count", "How many contacts it has."),
    integer("won_deals_count", "How many deals were won."),
    number("total_won_amount", "Total of won deals.", unit=CURRENCY),
    integer("pending_deals_count", "How many deals are pending."),
    number("total_pending_amount", "Total of pending deals.", unit=CURRENCY),
    children("contacts", "Ids of its contacts; the contacts themselves: contacts().", (ID,), record="contact"),
    children("pending_deals", "Ids of its pending deals; the deals themselves: deals().", (ID,), record="deal"),
    *made("company"),
)
BESIDE_CONTACT = (
    children("next_actions", "Next actions, of all users.", ACTION, record="action"),
    *nested("next_action", ACTION),
    children("queued_actions", "Actions without a date.", ACTION, record="action"),
    json("next_action_conflicts", "Conflicts between next actions; no document gives their shape.", sensitivity="text"),
    *nested("company", COMPANY),
)
ADDED_TO_CONTACT = (
    children("deals", "Its deals; only with fields='deals(all)'.", DEAL, record="deal"),
    children("notes", "Its notes; only with fields='notes(all)'.", NOTE, record="note"),
    children("calls", "Its calls; only with fields='calls(all)'.", CALL, record="call"),
    children("meetings", "Its meetings; only with fields='meetings(all)'.", MEETING, record="meeting"),
    children(
        "pinned_attachments", "Its pinned files; only with fields='pinned_attachments(all)'.", ATTACHMENT, record="attachment"
    ),
)
ADDED_TO_DEAL = (children("contacts", "Its contacts; only with fields='contacts(all)'.", CONTACT, record="contact"),)
LINKED_CONTACT = (
    *CONTACT,
    *BESIDE_CONTACT,
    items("linked_with", "Ids of contacts of this company that it is linked with."),
)
FILTER = (
    id_of("id", "Id of the saved filter."),
    text("name", "Name of the filter.", sensitivity="text"),
    items("conditions", "Its conditions: a list of [field, operator, value].", sensitivity="text"),
)
RELATED_CONTACT = (
    id_of("variant_id", "Id of this side of the relation."),
    text("variant_name", "What this side is called, such as Partner."),
    id_of("contact_id", "Id of the contact."),
    text("first_name", "First name.", sensitivity="direct"),
    text("last_name", "Last name.", sensitivity="direct"),
    text("photo_url", "Address of the photo.", sensitivity="direct"),
    id_of("company_id", "Id of the company."),
    text("company_name", "Name of the company.", sensitivity="quasi"),
    id_of("owner_id", "Id of the user who owns the contact."),
)
RELATIONSHIP = (
    id_of("id", "Id of the relation."),
    id_of("relationship_type_id", "Id of its kind."),
    children("related_contacts", "The two contacts it holds between.", RELATED_CONTACT),
    *made("relation"),
)
RELATIONSHIP_TYPE = (
    id_of("id", "Id of the kind of relation."),
    flag("symmetrical", "Whether both sides are called the same."),
    children("relationship_variants", "Its sides.", (id_of("id", "Id of the side."), text("name", "What it is called."))),
    *made("kind"),
)
