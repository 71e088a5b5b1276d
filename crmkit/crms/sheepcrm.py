"""sheepCRM: contacts, events, segments, memberships and invoices. Rows after the sheepCRM contract sheet, sections 3 and 4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from crmkit.answers import REMOVED, Throttle
from crmkit.cache import offline_mode
from crmkit.client import Client, Credential
from crmkit.columns import Column
from crmkit.crms import sheepcrm_columns as columns
from crmkit.crms.sheepcrm_answers import (
    Events,
    any_records,
    audit_entries,
    beside,
    calls_left,
    either,
    errors_beside,
    order_records,
    picture,
    plain_references,
    response_records,
    too_fast,
    unsigned,
    until_reset,
)
from crmkit.crms.sheepcrm_writes import NOT_WRITTEN, WRITINGS
from crmkit.endpoint import Bound, Endpoint, Values, Variant
from crmkit.errors import ParameterError
from crmkit.pacing import Budget
from crmkit.params import Param, check_order, timestamp
from crmkit.records import at
from crmkit.spreadsheets import XLSX, sheet_records, typed_times
from crmkit.uncounted import OneAnswer, Pages
from crmkit.windows import MOMENT, TimeWindows

PAGES = Pages(size=250)
NOTICES = OneAnswer(count=("total",), size=250, size_name="page_size")
ALL = OneAnswer()
URI = re.compile(r"/[^/\s]+/[^/\s]+/[^/\s]+/")
MOST_CALLS = 900

READINGS = (
    "sheepCRM may answer a wrong key, a missing right and an unknown record with 401, 403 or 404 alike:"
    " check the key with check(), then the right, then the id."
)
HINTS = {
    400: "check the parameters; where several people match, name more of them or pass take_first_if_multiple=True.",
    401: READINGS,
    403: READINGS,
    404: READINGS,
    409: "the values contradict each other, or several records match: name more of them.",
}
GONE = f"the vendor took this call out of its documents in 2025, so 404 most likely says that it is gone; and {READINGS}"
PERSON = Param("person_uri", "URI of the person, /bucket/person/uid/.", kind="id", form="uri")
CONTACT = Param("contact_uri", "URI of the person or organisation, /bucket/person/uid/.", kind="id", form="uri")
KIND = Param("resource_type", "Kind of record: the second part of its URI, such as person.")
RECORD = Param("uid", "Identifier of the record: the last part of its URI.", kind="id")
EVENT = Param("uid", "Identifier of the event: the last part of its URI.", kind="id")
SEGMENT = Param("uid", "Identifier of the segment: the last part of its URI.", kind="id")
ORDER_OF = (
    KIND,
    Param("uid", "Identifier of the buyer, as a rule a person's.", kind="id"),
    Param("euid", "Identifier of the event.", kind="id"),
)
STATES = ("all", "current", "draft", "future", "past", "running")
STATE = Param(
    "state",
    "Which events: current reaches from about two weeks back to a few months ahead, running are under way.",
    choices=STATES,
)
INVOICE_TYPE = Param("invoice_type", "Kind of invoice.", choices=("order", "invoice", "membership"))
FIND_PERSON = (
    Param("title", "Title; the case of letters counts in all but the e-mail address."),
    Param("first_name", "First name."),
    Param("last_name", "Last name."),
    Param("email", "E-mail address; the case of letters does not count."),
    Param("date_of_birth", "Birth date.", kind="day"),
    Param("postal_code", "Postal code."),
    Param(
        "take_first_if_multiple", "Take one of several matches, in no defined order; without it they are an error.", kind="flag"
    ),
)


def field_groups(*names: str) -> tuple[Param, ...]:
    """Which groups of fields an export has."""
    return (Param("fieldset", "Groups of fields; the vendor takes core alone if not given.", several="repeat", choices=names),)


def moment(name: str, wire: str, meaning: str) -> Param:
    """One end of a window of time."""
    return Param(name, f"{meaning}; no zone is named, a bare date means its first moment.", wire, kind="day", form=MOMENT)


def without_zone(values: Values) -> None:
    """The vendor's times have no zone, so one that has cannot be written."""
    for name in ("from_", "to"):
        if name in values and timestamp(values[name], name).tzinfo is not None:
            raise ParameterError(f"{name} takes a time without a zone: the vendor does not say which zone it uses.")
    check_order(values, "from_", "to")
    if {"from_", "to"} <= values.keys() and timestamp(values["from_"], "from_") > timestamp(values["to"], "to"):
        raise ParameterError(
            "there is no time between from_ and to: a bare date means its first moment.",
            hint="give the next day as to, or a time such as '2024-06-01T18:00'.",
        )


def audit_windows(values: Values) -> TimeWindows:
    """The window of a call to the audit."""
    start, end = (timestamp(values[name], name) if name in values else None for name in ("from_", "to"))
    return TimeWindows(size=250, start=start, end=end)


def cells_typed(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """A spreadsheet's dates as dates."""
    return typed_times(frame)


def named_so(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """The segments whose name holds the text: how the server matches is not documented."""
    keep = frame["name"].str.contains(str(values["name"]), case=False, regex=False).fillna(False)
    found = frame[keep].reset_index(drop=True)
    if len(found) < len(frame):
        found.attrs["problems"] = [f"{len(frame) - len(found):,} segments came whose name does not hold the text; left out"]
    return found


def row(path: str, doc: str, held: tuple[Column, ...], number: int, *slots: Param, **more: Any) -> Endpoint:
    """A row of this sheet: its source is section 3."""
    if "permission" in more:
        doc += f" Needs the permission {more['permission']}."
    return Endpoint(path, doc, held, f"section 3, #{number}", path_params=slots, **{"pick": at(""), **more})


def of_event(path: str, doc: str, held: tuple[Column, ...], number: int, **more: Any) -> Endpoint:
    """A list that belongs to one event."""
    more = {"paging": ALL, "key": ("uri",), **more}
    return row(f"/events/v2/{{bucket}}/booking/{{uid}}/{path}", doc, held, number, EVENT, **more)


def sheet(path: str, doc: str, number: int, *fields: str) -> Endpoint:
    """A spreadsheet about one event; its headers are the columns."""
    more: dict[str, Any] = {"read_file": sheet_records, "accept": XLSX, "refine": cells_typed, "key": ()}
    return of_event(path, doc, (columns.BOOKING_UID,), number, params=field_groups(*fields), **more)


SIDE: Callable[[], Events] = partial(Events, columns.EVENT)
ORDER_SIDE: Callable[[], Events] = partial(Events, columns.EVENT, columns.ORDER_COUNTS)


class SheepCRM(Client):
    """sheepCRM, the membership and events CRM: contacts, events with attendance and orders, segments, memberships, invoices.

    Keyword arguments: api_key (environment SHEEPCRM_API_KEY), from the profile settings in the web application; bucket
    (SHEEPCRM_BUCKET), the name of the database, as in the web application's address and first in every URI; base_url
    (SHEEPCRM_BASE_URL), by default https://sls-api.sheepcrm.com; those of every client: cache_dir, expire_after, pace,
    workers, progress; and writable. A key acts with its user's rights: a column that never comes may be hidden rather than empty.
    """

    crm = "sheepCRM"
    default_base_url = "https://sls-api.sheepcrm.com"
    credentials = (
        Credential("api_key", "the API key that a user sets under the profile settings."),
        Credential("bucket", "the name of the database, the first part of every URI.", secret=False),
    )
    limits = (Budget(400, 60), Budget(1000, 3600))
    throttle = Throttle(waits=(5.0, 10.0, 20.0, 40.0, 60.0), is_throttled=too_fast, asked_to_wait=until_reset)
    default_workers = 1
    checks = ("segments", "events", "fieldsets")
    hints = HINTS
    writings = WRITINGS
    not_written = NOT_WRITTEN

    @property
    def slots(self) -> dict[str, str]:
        return {"bucket": self.reveal("bucket")}

    def authorisation(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.reveal('api_key')}"}

    def adopt(self, response: Any) -> None:
        """Hold back when the server says that this was the last call of its budget."""
        if calls_left(response.headers) == 0:
            self._transport.pacer.hold(until_reset(response) or 0.0)

    def wire_path(self, template: str, places: Mapping[str, str], whole_uris: set[str]) -> str:
        for name in whole_uris:
            if not URI.fullmatch(places[name]) or {".", ".."} & set(places[name].split("/")):
                raise ParameterError(f"{name} takes a whole URI with both slashes, such as /{self.reveal('bucket')}/person/uid/.")
        return super().wire_path(template, places, whole_uris)

    def _fetch(self, bound: Bound) -> pd.DataFrame:
        self._refuse_too_many(bound)
        if "signature" in bound.values:
            hidden = {"signature": REMOVED.decode()}
            calls = tuple((call, {**labels, **hidden}) for call, labels in bound.calls)
            bound = replace(bound, values={**bound.values, **hidden}, calls=calls)
        return super()._fetch(bound)

    def _refuse_too_many(self, bound: Bound) -> None:
        """One call per record does not fit the budget of an hour for long lists; answers in the cache cost nothing."""
        if len(bound.calls) <= MOST_CALLS or not self.budgets or offline_mode():
            return
        asked = len(bound.calls) - self._plan(bound, probe=False).cached
        if asked > MOST_CALLS:
            raise ParameterError(
                f"{asked:,} calls do not fit the vendor's 1,000 an hour.",
                crm=self.crm,
                endpoint=bound.row.name,
                hint=f"ask {MOST_CALLS} at a time (what came is kept), or read the records of a segment: segment_records(uid).",
            )

    avatar = row(
        "/api/v2/{bucket}/{resource_type}/{uid}/avatar",
        "The picture of a person or organisation, as bytes; without one of its own it shows initials.",
        columns.AVATAR,
        1,
        KIND,
        RECORD,
        read_file=picture,
        accept="image/*",
        key=("record_uid",),
    )
    display = row(
        "/api/v2/{bucket}/{resource_type}/{uid}/display",
        "The label of a record.",
        columns.DISPLAY,
        2,
        KIND,
        RECORD,
        key=("record_uid",),
    )
    contact_summary = row(
        "/api/v2{contact_uri}summary",
        "A summary of a person or organisation, whole: no document gives its fields.",
        (),
        3,
        CONTACT,
        permission="person.summary or organisation.summary",
    )
    person_communications = row(
        "/api/v2{person_uri}communications/detail",
        "E-mail addresses, phones and addresses of a person, whole: no document gives its fields.",
        (),
        4,
        PERSON,
        permission="person.communications",
    )
    person_personal = row(
        "/api/v2{person_uri}personal/detail",
        "Personal details of a person, whole: no document gives its fields.",
        (),
        5,
        PERSON,
        permission="person.personal",
    )
    memberships = row(
        "/api/v2{person_uri}membership/all",
        "The memberships of a person, present and past.",
        columns.MEMBERSHIP,
        6,
        PERSON,
        pick=beside(at("memberships"), contact_uri="contact_uri"),
        paging=OneAnswer(count=("count",)),
        key=("uri",),
        record="membership",
    )
    find_person = row(
        "/api/v2/find/person/{bucket}",
        "The person who matches, whole. The vendor has given this call up: use search_person.",
        (),
        7,
        params=FIND_PERSON,
        pick=either("results"),
    )
    search = row(
        "/search/v2/{bucket}",
        "Records of any kind that match a search.",
        columns.SEARCH,
        8,
        params=(Param("q", "What to look for.", required=True),),
        pick=at("results"),
        paging=ALL,
    )
    search_help = row(
        "/search/v2/{bucket}/help",
        "Articles of the vendor's help that match a search.",
        columns.HELP,
        9,
        params=(
            Param("q", "What to look for.", required=True),
            Param("include_text", "Also the articles' text.", kind="flag"),
            Param("include_html", "Also the articles' HTML.", kind="flag"),
        ),
        pick=either("results"),
        paging=OneAnswer(size=250, size_name="limit"),
        key=("link",),
    )
    search_car = row(
        "/search/v2/{bucket}/car",
        "The vehicle that matches, whole: no document gives its fields.",
        (),
        10,
        params=(
            Param("registration_number", "Registration number."),
            Param("engine_number", "Engine number."),
            Param("identifying_number", "Vehicle identification number."),
        ),
        pick=either("results"),
    )
    search_person = row(
        "/search/v2/{bucket}/person",
        "The person who matches, whole: no document gives the fields.",
        (),
        11,
        params=FIND_PERSON,
        pick=either("results"),
    )
    membership = row(
        "/api/v2/{bucket}/member/{uid}/",
        "A membership, whole. The vendor's texts for this call and membership_detail are crossed.",
        (columns.MEMBER_UID,),
        12,
        RECORD,
    )
    membership_detail = row(
        "/api/v2/{bucket}/member/{uid}/detail",
        "A membership in detail, whole: no document gives its fields.",
        (columns.MEMBER_UID,),
        13,
        RECORD,
    )
    membership_type_extras = row(
        "/internal/v2/{bucket}/membership_type/{uid}/extras",
        "Further settings of a membership plan, whole: no document gives their fields.",
        (columns.PLAN_UID,),
        14,
        Param("uid", "Identifier of the membership plan.", kind="id"),
    )
    audit = row(
        "/api/v2/{bucket}/audit",
        "What was changed between two moments, in all records; without moments since yesterday.",
        columns.AUDIT,
        19,
        params=(
            moment("from_", "from", "Start; the vendor's own is yesterday"),
            moment("to", "to", "End; the vendor's own is now"),
            Param("resource", "Only this kind of record, such as person."),
            Param("format", "json gives fields, list gives texts for reading.", choices=("json", "list")),
        ),
        tries=("/audit/v2/{bucket}/audit", "/api/v2/{bucket}/audit"),
        paging=TimeWindows(size=250),
        paging_for=audit_windows,
        check=without_zone,
        pick=audit_entries,
        key=("entry",),
        record="entry",
    )
    record_audit = row(
        "/api/v2/{bucket}/{resource_type}/{uid}/audit",
        "What was changed in one record.",
        columns.RECORD_AUDIT,
        20,
        KIND,
        RECORD,
        params=(Param("since_days", "How many days back; the vendor's own number is 180.", kind="integer"),),
        tries=("/audit/v2/{bucket}/{resource_type}/{uid}/audit", "/api/v2/{bucket}/{resource_type}/{uid}/audit"),
        paging=OneAnswer(count=("count",), size=250, size_name="limit"),
        pick=beside(audit_entries, record_uri="uri", related_uris="related_uris"),
        key=("entry",),
        record="entry",
    )
    provenance = row(
        "/api/v2/{bucket}/{resource_type}/{uid}/provenance",
        "Where a record comes from, whole: no document gives the fields.",
        (columns.RECORD_TYPE, columns.RECORD_UID),
        21,
        KIND,
        RECORD,
        pick=either("results"),
    )
    events = row(
        "/events/v2/{bucket}",
        "Events from 14 days back to 90 days ahead, or with state= those in a state. A series shows only its most recent event.",
        columns.EVENT,
        22,
        pick=at("bookings"),
        paging=PAGES,
        key=("uri",),
        record="booking",
        variants=(Variant(("state",), "events_in_state", (STATE,)),),
    )
    events_in_state = row(
        "/events/v2/{bucket}/bookings/{state}",
        "Events in a state; all or past for history. A series shows only its most recent event.",
        (Column("state", "The state asked for, from the call.", source="{state}"), *columns.EVENT),
        23,
        STATE,
        pick=at("bookings"),
        paging=PAGES,
        key=("uri",),
        record="booking",
    )
    event = row(
        "/events/v2/{bucket}/booking/{uid}",
        "One event with everything about it.",
        columns.WHOLE_EVENT,
        24,
        EVENT,
        key=("uri",),
        record="booking",
    )
    event_summary = row(
        "/events/v2/{bucket}/booking/{uid}/summary",
        "One event in short.",
        columns.EVENT,
        27,
        EVENT,
        key=("uri",),
        record="booking",
    )
    attendance = of_event(
        "attendance",
        "Who was invited to an event, and what became of it. The event itself is in crmkit.included(df).",
        columns.ATTENDANCE,
        28,
        pick=plain_references(beside(at("sessions"), booking_uri="booking_uri")),
        record="attendance",
        part_of=("booking", "sessions"),
        side=SIDE,
    )
    attendance_all = of_event(
        "attendance/all",
        "The same by another path; no document says what differs. The event itself is in crmkit.included(df).",
        columns.ATTENDANCE,
        30,
        pick=plain_references(beside(at("sessions"), booking_uri="booking_uri")),
        record="attendance",
        part_of=("booking", "sessions"),
        side=SIDE,
    )
    attendance_export = sheet(
        "attendance/export",
        "The attendees of an event as the vendor's spreadsheet has them.",
        31,
        *("core", "attendance", "communications", "emergency", "membership", "profile", "mailing"),
    )
    ticket_types = of_event(
        "available_tickets",
        "The ticket types of an event, with price and stock.",
        columns.TICKET_TYPE,
        32,
        pick=at("available_tickets"),
        record="ticket_type",
    )
    orders = of_event(
        "orders",
        "The orders for an event, one per buyer. Event and counts are in crmkit.included(df).",
        columns.BUYER_ORDER,
        33,
        pick=order_records,
        paging=OneAnswer(count=("number_of_orders",)),
        key=("buyer_uri", "booking_uri"),
        record="order",
        side=ORDER_SIDE,
        permission="booking.orders",
    )
    person_orders = row(
        "/events/v2/{bucket}/person/{uid}/orders",
        "The events a contact has orders for.",
        columns.ORDER_REFERENCE,
        34,
        Param("uid", "Identifier of the contact.", kind="id"),
        pick=beside(at("orders"), contact_uri="contact_uri"),
        paging=ALL,
        key=("booking_uri",),
        permission="contact.orders",
    )
    orders_export = sheet(
        "orders/export",
        "The orders for an event as the vendor's spreadsheet has them.",
        35,
        *("core", "communications", "emergency", "membership", "order", "profile", "mailing"),
    )
    orders_export_meta = row(
        "/events/v2/{bucket}/booking/{uid}/orders/export/meta",
        "How the spreadsheet of orders is put together, whole: no document gives the fields.",
        (columns.BOOKING_UID,),
        36,
        EVENT,
        params=field_groups("core", "communications", "emergency", "membership", "profile", "mailing"),
    )
    tickets = of_event(
        "tickets/all",
        "The tickets sold for an event. The event itself is in crmkit.included(df).",
        columns.TICKET,
        37,
        pick=beside(at("tickets"), booking_uri="booking_uri"),
        record="ticket",
        side=SIDE,
    )
    order = row(
        "/events/v2/{bucket}/{resource_type}/{uid}/order/{euid}",
        "One order for an event.",
        columns.ONE_ORDER,
        38,
        *ORDER_OF,
        pick=order_records,
        key=("buyer",),
        record="order",
        permission="event.order",
    )
    order_questions = row(
        "/events/v2/{bucket}/{resource_type}/{uid}/order/{euid}/questions",
        "What was asked and answered with an order.",
        columns.RESPONSE,
        40,
        *ORDER_OF,
        pick=response_records,
        paging=ALL,
        key=("uri",),
        record="response",
        permission="event.order",
    )
    fieldsets = row(
        "/segments/v2/{bucket}/fieldset",
        "Named sets of fields.",
        columns.FIELDSET,
        41,
        params=(Param("resource", "Only those that fit this kind of record, such as person."),),
        pick=at("fieldsets"),
        paging=ALL,
        key=("uri",),
        remarks=errors_beside,
    )
    fieldset = row(
        "/segments/v2/{bucket}/fieldset/{uid}",
        "One named set of fields.",
        columns.WHOLE_FIELDSET,
        43,
        Param("uid", "Identifier of the fieldset.", kind="id"),
        key=("uri",),
        record="fieldset",
    )
    invoice = row(
        "/invoices/v2/{bucket}/{invoice_type}/{uid}",
        "An invoice with its lines and payments.",
        columns.INVOICE,
        50,
        INVOICE_TYPE,
        RECORD,
        key=("invoice_uri",),
        record="invoice",
        scrub=unsigned,
    )
    signed_invoice = row(
        "/invoices/v2/{bucket}/{invoice_type}/{uid}/{signature}",
        "An invoice, opened with its signature.",
        columns.INVOICE,
        51,
        INVOICE_TYPE,
        RECORD,
        Param("signature", "Signature of the invoice; kept neither in the frame nor in the receipt.", kind="id"),
        key=("invoice_uri",),
        record="invoice",
        scrub=unsigned,
    )
    notifications = row(
        "/notifications/v2/{bucket}",
        "Notifications of the calling user, newest first, in one answer: older and read ones may be missing.",
        columns.NOTIFICATION,
        52,
        tries=("/notifications/v2/{bucket}", "/notifications/v2/{bucket}/notifications"),
        pick=either("notification", "notifications"),
        paging=NOTICES,
        key=("uri",),
        hint_404=GONE,
    )
    notification = row(
        "/notifications/v2/{bucket}/{resource_type}/{uid}",
        "One notification; no document gives its fields.",
        (columns.RECORD_TYPE, *columns.NOTIFICATION),
        53,
        KIND,
        RECORD,
        pick=either("notification"),
        key=("uri",),
        hint_404=GONE,
    )
    tasks = row(
        "/notifications/v2/{bucket}/tasks",
        "Tasks of the calling user, newest first, in one answer: older and completed ones may be missing.",
        columns.TASK,
        54,
        pick=either("tasks"),
        paging=NOTICES,
        key=("uri",),
        hint_404=GONE,
    )
    tasks_all = row(
        "/notifications/v2/{bucket}/tasks/all",
        "Tasks of every user, in one answer: older and completed ones may be missing.",
        columns.TASK,
        55,
        pick=either("tasks"),
        paging=NOTICES,
        key=("uri",),
        hint_404=GONE,
    )
    task = row(
        "/notifications/v2/{bucket}/task/{uid}",
        "One task; no document gives its fields.",
        columns.TASK,
        56,
        Param("uid", "Identifier of the task.", kind="id"),
        pick=either("task", "tasks"),
        key=("uri",),
        hint_404=GONE,
    )
    segments = row(
        "/segments/v2/{bucket}",
        "Segments in use.",
        columns.SEGMENT,
        60,
        pick=at("segments"),
        paging=PAGES,
        key=("uri",),
        record="segment",
    )
    segments_all = row(
        "/segments/v2/{bucket}/all",
        "All segments, those out of use too: the tree by parent_segment needs them.",
        columns.SEGMENT,
        61,
        pick=at("segments"),
        paging=PAGES,
        key=("uri",),
        record="segment",
    )
    segments_find = row(
        "/segments/v2/{bucket}/find",
        "Segments in use whose name holds a text.",
        columns.SEGMENT,
        63,
        params=(Param("name", "Text in the name; the case of letters does not count.", required=True),),
        pick=at("segments"),
        paging=PAGES,
        key=("uri",),
        record="segment",
        refine=named_so,
    )
    segment_config = row(
        "/segments/v2/{bucket}/segment/{uid}/config",
        "How a segment is set up and what its records are.",
        columns.SEGMENT_CONFIG,
        64,
        SEGMENT,
        key=("segment",),
        record="segment",
    )
    segment_count = row(
        "/segments/v2/{bucket}/segment/{uid}/count",
        "How many records a segment has now.",
        columns.SEGMENT_COUNT,
        65,
        SEGMENT,
        key=("segment",),
    )
    segment_lookup = row(
        "/segments/v2/{bucket}/segment/{uid}/lookup",
        "Records of a segment that match a search term.",
        columns.LOOKUP,
        66,
        SEGMENT,
        params=(Param("q", "What to look for."),),
        pick=either("results"),
        paging=ALL,
        key=("uri",),
    )
    segment_records = row(
        "/segments/v2/{bucket}/segment/{uid}/all",
        "The records of a segment now, whole: what they are depends on the segment. segment_count(uid) gives the vendor's own count.",
        (columns.SEGMENT_UID,),
        67,
        SEGMENT,
        params=(Param("q", "What to look for."), Param("verbose", "Ask for more about each record.", kind="flag")),
        pick=any_records,
        paging=PAGES,
        key=("uri",),
    )
