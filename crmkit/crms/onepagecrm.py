"""OnePageCRM: contacts, companies, deals and what is done with them. Rows after the OnePageCRM contract sheet, sections 2 and 3."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pandas as pd

from crmkit.beyond import REACH, Cascade, Everybody, Windows
from crmkit.client import Client, Credential
from crmkit.columns import Column
from crmkit.crms import onepagecrm_account as account
from crmkit.crms import onepagecrm_answers as answers
from crmkit.crms import onepagecrm_columns as columns
from crmkit.crms import onepagecrm_params as params
from crmkit.crms.onepagecrm_answers import many, single
from crmkit.crms.onepagecrm_fields import as_columns
from crmkit.crms.onepagecrm_writes import NOT_WRITTEN, WRITINGS
from crmkit.endpoint import Endpoint, Values
from crmkit.pacing import Budget
from crmkit.paging import PageNumber, Paging, SinglePage
from crmkit.params import Param
from crmkit.transport import Throttle

Refine = Callable[[pd.DataFrame, Values, Client], pd.DataFrame]

# The page fields stand in data; some lists show them at the top of the answer, or not at all.
TOLD: dict[str, Any] = {
    "last": ("data.max_page", "max_page"),
    "total": ("data.total_count", "total_count"),
    "actual_size": ("data.per_page", "per_page"),
    "keep_last": True,
    "made": "created_at",
    "clock": "timestamp",
}
PAGES = PageNumber(size=100, size_name="per_page", **TOLD)
UNASKED = PageNumber(bare_first=True, **TOLD)
CATALOGUE = PageNumber(size=10, size_name="per_page", bare_first=True, suspect=10, keep_last=True)
WINDOWS = Windows(replace(PAGES, reach=REACH), days=params.DAYS)
CASCADE = Cascade("/contacts/cascade")
EVERYBODY = Everybody(WINDOWS, CASCADE)
ONE = SinglePage()


def windows(values: Values) -> Paging:
    """How a list is read that can be filtered by time."""
    return replace(WINDOWS, given=params.sent(values))


def everybody(values: Values) -> Paging:
    """How contacts are read."""
    return replace(EVERYBODY, windowed=replace(WINDOWS, given=params.sent(values)))


def both(first: Refine, second: Refine) -> Refine:
    """One look at the frame after the other."""
    return lambda frame, values, client: second(first(frame, values, client), values, client)


CONTACT_FIELDS = as_columns("custom_fields", "custom_field")
COMPANY_FIELDS = as_columns("company_fields", "company_field")
DEAL_FIELDS = as_columns("deal_fields", "deal_field")
BESIDE = (*columns.CONTACT, *columns.BESIDE_CONTACT)


def row(number: int, path: str, doc: str, shape: tuple[Column, ...], **more: Any) -> Endpoint:
    """A row of this sheet: its source is a line of section 3."""
    return Endpoint(path, doc, shape, f"section 3, #{number}", **more)


def listed(number: int, path: str, doc: str, shape: tuple[Column, ...], name: str, noun: str, **more: Any) -> Endpoint:
    """A list at data.<name>[].<noun>, in pages of a hundred unless more says otherwise."""
    return row(number, path, doc, shape, **{"pick": many(name, noun), "record": noun, "paging": PAGES, **more})


def dated(
    number: int,
    path: str,
    doc: str,
    shape: tuple[Column, ...],
    name: str,
    *filters: Param,
    check: Callable[[Values], None] | None = None,
    refine: Refine | None = None,
    **more: Any,
) -> Endpoint:
    """A list that can be filtered by time, and so be read past its first 10,000 records."""
    ways = {
        "paging": WINDOWS,
        "paging_for": windows,
        "rewrite": params.rewrite,
        "check": check or params.rules(),
        "refine": both(params.within, refine) if refine else params.within,
    }
    return listed(number, path, doc, shape, name, name.removesuffix("s"), params=filters, **{**ways, **more})


def found(number: int, path: str, doc: str, shape: tuple[Column, ...], noun: str, **more: Any) -> Endpoint:
    """One record at data.<noun>."""
    return row(number, path, doc, shape, **{"pick": single(noun), "record": noun, **more})


def people(number: int, path: str, doc: str, shape: tuple[Column, ...] = BESIDE, **more: Any) -> Endpoint:
    """A list of contacts, with what stands beside them."""
    usual = {
        "pick": many("contacts", "contact", answers.contact),
        "params": (params.CUSTOM_FIELDS,),
        "refine": CONTACT_FIELDS,
        "scrub": answers.unsigned,
    }
    return listed(number, path, doc, shape, "contacts", "contact", **{**usual, **more})


def stream(number: int, path: str, doc: str, shape: tuple[Column, ...], *filters: Param, **more: Any) -> Endpoint:
    """A list of contacts that takes all filters on contacts."""
    return dated(
        number,
        path,
        doc,
        shape,
        "contacts",
        *filters,
        *params.CONTACT_FILTERS,
        *params.CONTACT_SORT,
        *params.dates(*params.CHANGES),
        params.CUSTOM_FIELDS,
        check=params.CONTACT_RULES,
        refine=CONTACT_FIELDS,
        **{"pick": many("contacts", "contact", answers.contact), "scrub": answers.unsigned, **more},
    )


def deals_of(
    number: int, path: str, doc: str, *filters: Param, shape: tuple[Column, ...] = columns.DEAL, **more: Any
) -> Endpoint:
    """A list of deals."""
    return dated(
        number,
        path,
        doc,
        shape,
        "deals",
        *params.DEAL_WORDS,
        *filters,
        *params.DEAL_TIMES,
        params.CUSTOM_FIELDS,
        refine=DEAL_FIELDS,
        pick=many("deals", "deal", answers.deal),
        remarks=answers.odd_stages,
        scrub=answers.unsigned,
        **more,
    )


def is_throttled(response: Any) -> bool:
    """Too fast is 403 with plain text; 403 with JSON is a missing right."""
    json_sent = "json" in response.headers.get("Content-Type", "").lower()
    return response.status_code == 429 or (response.status_code == 403 and not json_sent)


PARTY = (params.CONTACT_ID, params.COMPANY_ID)
LAST_ID = Param("last_id", "Id of the contact that the batch comes after, by name.", kind="id")
LEAD_SOURCE_ID = Param("lead_source_id", "Slug of the lead source (advertisement), or an id for own ones.", kind="id")
STATUS_ID = Param("status_id", "Id of the status; not its slug.", kind="id")


class OnePageCRM(Client):
    """OnePageCRM: contacts, companies, deals, actions, notes, calls and meetings of a sales team.

    Keyword arguments: user_id and api_key (environment ONEPAGECRM_USER_ID, ONEPAGECRM_API_KEY), both shown in OnePageCRM under
    /app/api; base_url (ONEPAGECRM_BASE_URL), by default https://app.onepagecrm.com/api/v3; and those of every client: cache_dir,
    expire_after, pace, workers, progress; and writable. A key shows what its user may see, so lists may be shorter than the account.
    """

    crm = "OnePageCRM"
    default_base_url = "https://app.onepagecrm.com/api/v3"
    credentials = (
        Credential("user_id", "the user id shown under /app/api, 24 hex digits.", secret=False),
        Credential("api_key", "the API key shown under /app/api."),
    )
    limits = (Budget(4, 1),)
    throttle = Throttle(waits=(1.0, 2.0, 4.0, 8.0), is_throttled=is_throttled)
    default_workers = 4
    checks = ("users", "contacts", "companies", "deals")
    writings = WRITINGS
    not_written = NOT_WRITTEN
    hints: ClassVar[Mapping[int, str]] = {
        401: "check user_id and api_key: both are shown in OnePageCRM under /app/api.",
        403: "the user lacks the right, or the account's plan does; ask an administrator.",
        409: "the record's state forbids it.",
    }
    left_out: ClassVar[Mapping[str, str]] = {
        "GET /attachments/s3_form": "a signed form that only helps an upload; it holds nothing to analyse."
    }

    def authorisation(self) -> Mapping[str, str]:
        login = f"{self.reveal('user_id')}:{self.reveal('api_key')}"
        return {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}

    def _login(self) -> str:
        return b64encode(f"{self.reveal('user_id')}:{self.reveal('api_key')}".encode()).decode()

    def _secret_bytes(self) -> list[bytes]:
        return [*super()._secret_bytes(), self._login().encode()]

    @staticmethod
    def error_key(body: Any) -> Any:
        return body.get("error_name") if isinstance(body, dict) else None

    bootstrap = row(
        1,
        "/bootstrap",
        "The account as one line: own user, settings, and reference lists as child tables.",
        account.BOOTSTRAP,
        pick=answers.bootstrap,
        key=("user_id",),
        record="bootstrap",
        secrets=("auth_key",),
    )
    users = listed(2, "/users", "All users of the account.", account.USER, "users", "user", paging=ONE)
    user = found(3, "/users/{user_id}", "One user.", account.USER, "user")
    lead_sources = listed(
        4,
        "/lead_sources",
        "Lead sources with counts of contacts.",
        account.LEAD_SOURCE,
        "lead_sources",
        "lead_source",
        paging=ONE,
    )
    lead_source = found(
        5,
        "/lead_sources/{lead_source_id}",
        "One lead source, by its slug.",
        account.LEAD_SOURCE,
        "lead_source",
        path_params=(LEAD_SOURCE_ID,),
    )
    statuses = listed(6, "/statuses", "Statuses of contacts, with counts.", account.STATUS, "statuses", "status", paging=ONE)
    status = found(7, "/statuses/{status_id}", "One status, by its id.", account.STATUS, "status", path_params=(STATUS_ID,))
    deal_fields = listed(
        8,
        "/deal_fields",
        "Custom fields of deals.",
        columns.FIELD,
        "deal_fields",
        "deal_field",
        params=params.FIELD_SORT,
        scrub=answers.hoisted,
    )
    deal_field = found(9, "/deal_fields/{deal_field_id}", "One custom field of deals.", columns.FIELD, "deal_field")
    custom_fields = listed(
        10,
        "/custom_fields",
        "Custom fields of contacts.",
        columns.FIELD,
        "custom_fields",
        "custom_field",
        params=params.FIELD_SORT,
        scrub=answers.hoisted,
    )
    custom_field = found(11, "/custom_fields/{custom_field_id}", "One custom field of contacts.", columns.FIELD, "custom_field")
    company_fields = listed(
        12,
        "/company_fields",
        "Custom fields of companies.",
        columns.FIELD,
        "company_fields",
        "company_field",
        params=params.FIELD_SORT,
        scrub=answers.hoisted,
    )
    company_field = found(
        13, "/company_fields/{company_field_id}", "One custom field of companies.", columns.FIELD, "company_field"
    )
    predefined_actions = listed(
        14,
        "/predefined_actions",
        "Saved actions, grouped ones included.",
        account.PREDEFINED_ACTION,
        "predefined_actions",
        "predefined_action",
        paging=ONE,
    )
    predefined_action = found(
        15,
        "/predefined_actions/{predefined_action_id}",
        "One saved action (the id of a group finds nothing).",
        account.PREDEFINED_ACTION,
        "predefined_action",
    )
    predefined_action_groups = listed(
        16,
        "/predefined_action_groups",
        "Groups of saved actions.",
        account.PREDEFINED_ACTION_GROUP,
        "predefined_action_groups",
        "predefined_action_group",
        paging=ONE,
    )
    predefined_action_group = found(
        17,
        "/predefined_action_groups/{predefined_action_group_id}",
        "One group of saved actions.",
        account.PREDEFINED_ACTION_GROUP,
        "predefined_action_group",
    )
    predefined_items = listed(
        18,
        "/predefined_items",
        "The catalogue of products and services, up to 1,000 items.",
        account.PREDEFINED_ITEM,
        "predefined_items",
        "predefined_item",
        paging=CATALOGUE,
    )
    predefined_item = found(
        19, "/predefined_items/{predefined_item_id}", "One item of the catalogue.", account.PREDEFINED_ITEM, "predefined_item"
    )
    predefined_item_groups = listed(
        20,
        "/predefined_item_groups",
        "Bundles of catalogue items.",
        account.PREDEFINED_ITEM_GROUP,
        "predefined_item_groups",
        "predefined_item_group",
        paging=ONE,
    )
    predefined_item_group = found(
        21,
        "/predefined_item_groups/{predefined_item_group_id}",
        "One bundle of catalogue items.",
        account.PREDEFINED_ITEM_GROUP,
        "predefined_item_group",
    )
    notes = dated(
        22,
        "/notes",
        "Notes on contacts.",
        columns.NOTE,
        "notes",
        *PARTY,
        *params.NOTE_PARAMS,
        check=params.PARTY_RULES,
        scrub=answers.unsigned,
    )
    note = found(23, "/notes/{note_id}", "One note.", columns.NOTE, "note", scrub=answers.unsigned)
    calls = dated(
        24,
        "/calls",
        "Logged calls.",
        columns.CALL,
        "calls",
        *PARTY,
        *params.CALL_PARAMS,
        check=params.PARTY_RULES,
        scrub=answers.unsigned,
    )
    call = found(25, "/calls/{call_id}", "One call.", columns.CALL, "call", scrub=answers.unsigned)
    call_results = listed(
        26,
        "/call_results",
        "Outcomes of calls, with how often each was used.",
        account.CALL_RESULT,
        "call_results",
        "call_result",
        key=("result",),
        paging=ONE,
    )
    meetings = dated(
        27,
        "/meetings",
        "Logged meetings.",
        columns.MEETING,
        "meetings",
        *PARTY,
        *params.MEETING_PARAMS,
        check=params.PARTY_RULES,
        scrub=answers.unsigned,
    )
    meeting = found(28, "/meetings/{meeting_id}", "One meeting.", columns.MEETING, "meeting", scrub=answers.unsigned)
    deals = deals_of(
        29,
        "/deals",
        "Deals of the account.",
        Param("pipeline_id", "Only deals that are in this pipeline now."),
        Param("sales_pipeline_id", "Only deals that refer to this sales pipeline."),
        params.OWNER_ID,
        *PARTY,
        params.TAG,
        params.FILTER_ID,
        Param(
            "fields",
            "What to add to each deal: 'contacts(all)', the contacts in full.",
            several="comma",
            choices=("contacts(all)",),
        ),
        params.HISTORY,
        shape=(*columns.DEAL, *columns.ADDED_TO_DEAL),
        check=params.DEAL_RULES,
    )
    deal = found(
        30,
        "/deals/{deal_id}",
        "One deal.",
        columns.DEAL,
        "deal",
        params=(params.HISTORY, params.CUSTOM_FIELDS),
        pick=single("deal", answers.deal),
        refine=DEAL_FIELDS,
        remarks=answers.odd_stages,
        scrub=answers.unsigned,
    )
    relationship_types = dated(
        32,
        "/relationship_types",
        "Kinds of relation between contacts.",
        columns.RELATIONSHIP_TYPE,
        "relationship_types",
        Param("search", "Text in what the sides are called."),
        params.SYMMETRICAL,
        *params.KIND_PARAMS,
    )
    relationship_type = found(
        33,
        "/relationship_types/{relationship_type_id}",
        "One kind of relation.",
        columns.RELATIONSHIP_TYPE,
        "relationship_type",
    )
    countries = listed(
        34, "/countries", "Supported countries, by ISO code.", account.COUNTRY, "countries", "country", key=("code",), paging=ONE
    )
    actions = dated(
        35,
        "/actions",
        "Actions on contacts, done ones included.",
        columns.ACTION,
        "actions",
        *PARTY,
        *params.ACTION_PARAMS,
        check=params.PARTY_RULES,
    )
    action = found(36, "/actions/{action_id}", "One action.", columns.ACTION, "action")
    filters = listed(37, "/filters", "Saved filters: their definitions.", columns.FILTER, "filters", "filter")
    filter_contacts = people(
        38,
        "/filters/{filter_id}",
        "The contacts that a saved filter finds; the filter itself: crmkit.included(df)['filter'].",
        columns.CONTACT,
        paging=UNASKED,
        side=answers.FilterBeside,
    )
    companies = listed(
        39,
        "/companies",
        "Companies. There is no filter by time: every read is a full one.",
        columns.COMPANY,
        "companies",
        "company",
        pick=many("companies", "company", answers.company),
        params=(
            Param("name", "Only companies of this name."),
            Param("phone", "Only companies with this phone number."),
            Param("letter", "Only companies whose name begins with this letter."),
            *params.sort("created_at", "modified_at", "name"),
            params.CUSTOM_FIELDS,
        ),
        refine=COMPANY_FIELDS,
        scrub=answers.unsigned,
    )
    company = found(
        40,
        "/companies/{company_id}",
        "One company.",
        columns.COMPANY,
        "company",
        pick=single("company", answers.company),
        params=(params.CUSTOM_FIELDS,),
        refine=COMPANY_FIELDS,
        scrub=answers.unsigned,
    )
    company_actions = dated(
        41,
        "/companies/{company_id}/actions",
        "Actions on a company's own contacts.",
        columns.ACTION,
        "actions",
        *params.ACTION_PARAMS,
    )
    company_deals = deals_of(
        42,
        "/companies/{company_id}/deals",
        "Deals of a company's own contacts; deals(company_id=...) takes more filters.",
        params.OWNER_ID,
    )
    company_notes = dated(
        43,
        "/companies/{company_id}/notes",
        "Notes on a company's own contacts.",
        columns.NOTE,
        "notes",
        *params.NOTE_PARAMS,
        scrub=answers.unsigned,
    )
    company_calls = dated(
        44,
        "/companies/{company_id}/calls",
        "Calls with a company's own contacts.",
        columns.CALL,
        "calls",
        *params.CALL_PARAMS,
        scrub=answers.unsigned,
    )
    company_meetings = dated(
        45,
        "/companies/{company_id}/meetings",
        "Meetings with a company's own contacts.",
        columns.MEETING,
        "meetings",
        *params.MEETING_PARAMS,
        scrub=answers.unsigned,
    )
    company_linked_contacts = people(
        46,
        "/companies/{company_id}/linked_contacts",
        "Contacts of other companies that are linked to this one.",
        columns.LINKED_CONTACT,
        pick=many("linked_contacts", "linked_contact", answers.linked_contact),
        params=(*params.CONTACT_SORT, params.CUSTOM_FIELDS),
    )
    company_pinned_attachments = listed(
        47,
        "/companies/{company_id}/pinned_attachments",
        "Pinned files of a company, the newest pin first.",
        columns.ATTACHMENT,
        "pinned_attachments",
        "attachment",
        paging=UNASKED,
        scrub=answers.unsigned,
    )
    contacts = stream(
        48,
        "/contacts",
        "Contacts of the whole account, with their next actions and company; team=False gives one's own, owner_id those of one user.",
        (*BESIDE, *columns.ADDED_TO_CONTACT),
        params.team(default=True),
        params.flag("has_actions_today", "Only one's own contacts with actions due today, or only others."),
        Param("not_linked_with", "Only contacts that are not linked with this company."),
        Param(
            "fields",
            "What to add to each contact, in full.",
            several="comma",
            choices=params.ADDITIONS,
        ),
        paging=EVERYBODY,
        paging_for=everybody,
    )
    contact = found(
        49,
        "/contacts/{contact_id}",
        "One contact, with its next actions and company.",
        BESIDE,
        "contact",
        pick=single("contact", answers.contact),
        params=(params.CUSTOM_FIELDS,),
        refine=CONTACT_FIELDS,
        scrub=answers.unsigned,
    )
    filtered_contacts = people(
        50,
        "/contacts/filters/{filter_id}",
        "The contacts that a saved filter finds, 25 a page; the filter itself: crmkit.included(df)['filter'].",
        columns.CONTACT,
        paging=UNASKED,
        side=answers.FilterBeside,
    )
    contact_actions = dated(
        51, "/contacts/{contact_id}/actions", "Actions on a contact.", columns.ACTION, "actions", *params.ACTION_PARAMS
    )
    contact_deals = deals_of(
        52,
        "/contacts/{contact_id}/deals",
        "Deals of a contact; deals(contact_id=...) takes more filters.",
        params.OWNER_ID,
    )
    contact_notes = dated(
        53,
        "/contacts/{contact_id}/notes",
        "Notes on a contact.",
        columns.NOTE,
        "notes",
        *params.NOTE_PARAMS,
        scrub=answers.unsigned,
    )
    contact_calls = dated(
        54,
        "/contacts/{contact_id}/calls",
        "Calls with a contact.",
        columns.CALL,
        "calls",
        *params.CALL_PARAMS,
        scrub=answers.unsigned,
    )
    contact_meetings = dated(
        55,
        "/contacts/{contact_id}/meetings",
        "Meetings with a contact.",
        columns.MEETING,
        "meetings",
        *params.MEETING_PARAMS,
        scrub=answers.unsigned,
    )
    contact_relationships = dated(
        56,
        "/contacts/{contact_id}/relationships",
        "Relations of a contact, two parties each.",
        columns.RELATIONSHIP,
        "relationships",
        Param("relationship_type_id", "Only relations of this kind."),
        Param("contact_id_filter", "Only relations with this other contact."),
        Param("variant_id_filter", "Only relations with this side."),
        Param("search", "Text in the names of contacts or sides."),
        params.SYMMETRICAL,
        *params.KIND_PARAMS,
    )
    contact_relationship = found(
        57,
        "/contacts/{contact_id}/relationships/{relationship_id}",
        "One relation of a contact.",
        columns.RELATIONSHIP,
        "relationship",
    )
    contact_pinned_attachments = listed(
        58,
        "/contacts/{contact_id}/pinned_attachments",
        "Pinned files of a contact, the newest pin first.",
        columns.ATTACHMENT,
        "pinned_attachments",
        "attachment",
        paging=UNASKED,
        scrub=answers.unsigned,
    )
    contacts_cascade = people(
        59,
        "/contacts/cascade",
        "The first batch of a hundred contacts, by name; contacts() reads all batches past 10,000. It may show only one's own.",
        paging=CASCADE,
    )
    contacts_cascade_after = people(
        60,
        "/contacts/cascade/{last_id}",
        "The batch of a hundred contacts after one of them, by name.",
        paging=CASCADE,
        path_params=(LAST_ID,),
    )
    action_stream = stream(61, "/action_stream", "Contacts in one's own action stream.", BESIDE, params.team())
    team_stream = stream(
        62,
        "/team_stream",
        "Contacts in the action stream of the whole account or of one user.",
        BESIDE,
        params.team(),
        Param("user_id", "Only the stream of this user."),
    )
    notifications = listed(
        63,
        "/notifications",
        "The caller's notifications, without those about mails and links; only the newest hundred or so are kept.",
        account.NOTIFICATION,
        "notifications",
        "notification",
    )
    notification = found(64, "/notifications/{notification_id}", "One notification.", account.NOTIFICATION, "notification")
    webhooks = listed(
        65,
        "/webhooks",
        "Webhook subscriptions, without their secret keys.",
        account.WEBHOOK,
        "webhooks",
        "webhook",
        paging=UNASKED,
        secrets=("secretkey",),
    )
    webhook = found(66, "/webhooks/{webhook_id}", "One webhook subscription.", account.WEBHOOK, "webhook", secrets=("secretkey",))
    pipelines = listed(
        67, "/pipelines", "Pipelines with their stages.", columns.PIPELINE, "pipelines", "pipeline", paging=UNASKED
    )
    pipeline = found(68, "/pipelines/{pipeline_id}", "One pipeline.", columns.PIPELINE, "pipeline")
