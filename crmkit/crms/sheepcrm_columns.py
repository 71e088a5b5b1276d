"""Columns of sheepCRM's records, after the sheepCRM contract sheet, section 4.

The vendor never says which fields may be missing, states no unit for money and no zone for times. A URI is the key between tables:
/bucket/resource_type/uid/. What the caller's own screen may do (user_interface) is left out unless asked for.
"""

from __future__ import annotations

from crmkit.columns import Column, children, day, flag, ident, integer, items, json, money, nested, number, secret, text, wall

STATE = text("record_state", "State of the record; no document lists the states.")
CREATED = wall("created", "When it was made; no zone is named.")
UPDATED = wall("last_updated", "When it was last changed; no zone is named.")
TAGS = items("tags", "Tags.")
LEGACY = ident("legacy_uid", "Identifier in an older system; text, also where digits come.")
XERO = text("xero_account_code", "Account in Xero.")


def reference(name: str, what: str) -> Column:
    """A URI that points to another table."""
    return ident(name, f"URI of {what}.")


def screen(noun: str, *more: str) -> tuple[Column, ...]:
    """What the calling user may do with a record on the vendor's screen."""
    verbs = (*more, "create", "delete", "edit", "restore")
    may = (flag(f"can_{verb}_{noun}", f"Whether the caller may {verb} such a record.") for verb in verbs)
    return nested("user_interface", (*may, text("policy_name", "Policy of the calling user.")), opt_in=True)


def written(name: str, meaning: str) -> Column:
    """A time that is declared as a mere text."""
    return text(name, f"{meaning}, as the vendor writes it; no form is documented.")


EVENT_GROUP = (
    text("display_value", "Name of the group."),
    reference("ref", "the group"),
)
EVENT = (
    ident("uid", "Identifier of the event, the last part of its URI."),
    reference("uri", "the event; other tables point to it"),
    text("booking_type", "Kind of event."),
    flag("cancelled", "Whether it is cancelled; leave such events out of rates."),
    number("capacity", "Places; empty or 0 may mean that none is set."),
    text("category", "Category."),
    flag("catering", "Whether there is catering."),
    text("controller", "Who controls the event; no document says in which form.", sensitivity="direct"),
    text("date_range", "Its dates in words."),
    text("description", "Description.", sensitivity="text"),
    text("display_value", "The event as the vendor labels it."),
    day("end_date", "Last day."),
    wall("end_datetime", "End; no zone is named."),
    text("end_time", "End, as HH:MM."),
    ident("eventbrite_id", "Identifier in Eventbrite."),
    wall("eventbrite_last_sync", "Last exchange with Eventbrite; no zone is named."),
    text("external_boxoffice_link", "Address of its box office elsewhere."),
    text("external_image", "Address of its picture elsewhere."),
    text("external_web_link", "Address of its page elsewhere."),
    text("formatted_title", "Title as it is shown."),
    children("group", "Groups it belongs to.", EVENT_GROUP, record="group", key="ref"),
    flag("is_sold_out", "Whether every place is sold."),
    text("location", "Where it takes place."),
    text("location_address_string", "Address in one text.", sensitivity="quasi"),
    text("location_country", "Country."),
    text("location_postal_code", "Postal code, as text.", sensitivity="quasi"),
    text("photo", "Address of its photo."),
    STATE,
    ident("series_id", "Series it belongs to; lists show only the most recent event of a series."),
    day("start_date", "First day."),
    wall("start_datetime", "Start; no zone is named."),
    text("start_time", "Start, as HH:MM."),
    text("status", "Status; no document lists them."),
    text("subcategory", "Category below the category."),
    TAGS,
    flag("ticketed_event", "Whether tickets are sold."),
    text("title", "Title."),
    *screen("booking"),
    flag("waitlist_available", "Whether there is a waiting list."),
    text("website", "Address of its web site."),
)
# Newer public files add these to the single event: objects whose keys are data, so never columns.
WHOLE_EVENT = (
    *EVENT,
    json("ticket_types", "Ticket types, keyed by data."),
    json("ticket_type_income", "Income per ticket type, keyed by data."),
    json("connection_type_counter", "Counts per kind of connection, keyed by data."),
)
BOOKING_URI = reference("booking_uri", "the event, from beside the list")
BOOKING_UID = ident("booking_uid", "Identifier of the event, from the call.", source="{uid}")
ATTENDANCE = (
    BOOKING_UID,
    BOOKING_URI,
    ident("uid", "Identifier of the attendance."),
    reference("uri", "the attendance"),
    text("attendee_email", "E-mail address of the attendee.", sensitivity="direct"),
    text("attendee_name", "Name of the attendee.", sensitivity="direct"),
    CREATED,
    text("display_value", "The attendance as the vendor labels it.", sensitivity="direct"),
    flag("guest", "Whether it is somebody's guest; count guests apart."),
    reference("guest_ref", "a contact; for a guest no document says which"),
    UPDATED,
    reference("person_ref", "the person who attends"),
    STATE,
    text(
        "status",
        "Present state: who accepted does not count as invited any more.",
        values=("invited", "accepted", "declined", "attended", "no-show"),
    ),
    text("ticket", "Label of the ticket."),
    reference("ticket_ref", "the ticket"),
)
TICKET_TYPE = (
    BOOKING_UID,
    reference("uri", "the ticket type"),
    text("access_code", "Code that opens the sale.", sensitivity="text"),
    number("allocated", "Pieces given out."),
    money("amount", "Price, in the row's currency; whether in major or minor units is not stated."),
    number("available", "Pieces left."),
    json("available_from_date", "From when it is sold; an object of unknown keys."),
    text("currency", "Currency, ISO code in small letters."),
    text("description", "Description.", sensitivity="text"),
    flag("member_only", "Whether only members may buy it."),
    text("name", "Name."),
    number("number_of_attendees_per_ticket", "People per ticket.", tidy=str.strip),
    text("pricing", "Pricing; the vendor has given this field up."),
    number("reserved", "Pieces held back."),
    flag("single_use", "Whether it can be used once only."),
    number("sort_order", "Place on the screen."),
    TAGS,
    text("tax", "Tax."),
    number("total", "Pieces in all."),
    XERO,
)
TICKET = (
    BOOKING_UID,
    BOOKING_URI,
    ident("uid", "Identifier of the ticket."),
    reference("uri", "the ticket"),
    text("activity", "Activity."),
    number("amount", "Price, in the row's currency; neither the unit nor whether per piece or in all is stated."),
    reference("booking", "the event"),
    text("booking_display", "Label of the event."),
    reference("buyer", "the buyer"),
    text("buyer_display", "Name of the buyer.", sensitivity="direct"),
    CREATED,
    text("currency", "Currency, ISO code in small letters."),
    wall("date", "Date of the ticket; no zone is named."),
    text("display_value", "The ticket as the vendor labels it.", sensitivity="direct"),
    text("formatted_title", "Title as it is shown.", sensitivity="direct"),
    UPDATED,
    LEGACY,
    number("number_of_attendees", "People; whether per piece or in all is not stated."),
    wall("purchase_date", "When it was bought; no zone is named."),
    number("quantity", "Pieces."),
    STATE,
    json("reference", "Reference; no document gives its type."),
    number("tax_rate", "Rate of the tax; 0.2 means 20 %."),
    ident("ticket_id", "Number on the ticket."),
    reference("ticket_type", "the ticket type"),
    text("ticket_type_display", "Label of the ticket type."),
    text("venue", "Where."),
    XERO,
)
ORDER_TOTAL = (
    reference("booking_uri", "the event, where the answer names it"),
    text("currency", "Currency, ISO code in small letters."),
    flag("fully_paid", "Whether nothing is due in this currency."),
    number("outstanding", "Due; unit not stated."),
    number("paid", "Paid; unit not stated."),
    number("processing_fees", "Fees; unit not stated."),
    number("total", "In all; unit not stated."),
)
ORDER = (
    reference("buyer", "the buyer, from inside the order"),
    number("attendee_count", "People."),
    text("buyer_index_name", "Name of the buyer, for sorting.", sensitivity="direct"),
    items("currencies", "Currencies it was paid in."),
    wall("order_date", "When it was ordered; no zone is named."),
    children("order_totals", "Sums, one line per currency.", ORDER_TOTAL, record="order", key_as="buyer_uri"),
    json("order_total", "The same sums as the vendor sends them: an object keyed by currency."),
    number("tickets", "Tickets, as a count."),
    text("tickets_as_string", "Tickets, in words."),
)
BUYER_ORDER = (
    BOOKING_UID,
    BOOKING_URI,
    reference("buyer_uri", "the buyer, the key of the order; it need not equal buyer"),
    *ORDER,
)
ORDER_COUNTS = (
    BOOKING_URI,
    integer("number_of_orders", "Orders of the event."),
    integer("number_of_unpaid_orders", "Orders of which something is due."),
)
ONE_ORDER = (
    text("resource_type", "Kind of the record the order belongs to, from the call.", source="{resource_type}"),
    ident("uid", "Identifier of that record, from the call.", source="{uid}"),
    ident("euid", "Identifier of the event, from the call.", source="{euid}"),
    *ORDER,
)
ORDER_REFERENCE = (
    ident("person_uid", "Identifier of the contact, from the call.", source="{uid}"),
    reference("contact_uri", "the contact, from beside the list"),
    text("booking_display", "Label of the event."),
    reference("booking_uri", "the event"),
)
QUESTION = (
    reference("response_uri", "the response, added by crmkit"),
    integer("section_position", "Place of the section in the response, from 0, added by crmkit."),
    text("answer", "Answer.", sensitivity="text"),
    text("choices_url", "Address of the choices."),
    flag("core_field", "Whether it fills a core field of the contact."),
    text("core_field_update_policy", "Which value wins.", values=("overwrite", "underwrite")),
    flag("disabled", "Whether it is switched off."),
    text("field", "Kind of input."),
    text("formType", "Form, under the vendor's second spelling."),
    text("form_type", "Form."),
    text("fully_qualified_field", "Full name of the field."),
    text("helper_text", "Help shown with it."),
    text("label", "Question."),
    number("marks_available", "Most marks."),
    number("max_word_limit", "Most words."),
    number("min_word_limit", "Fewest words."),
    items("options", "What can be chosen."),
    text("original_field", "Name the field had."),
    reference("question_uri", "the question"),
    flag("required", "Whether it must be answered."),
    text("visibility", "Who sees it.", values=("applicant", "internal_only", "feedback")),
)
SECTION = (
    flag("feedback_on", "Whether feedback is on."),
    flag("internal_comments_on", "Whether internal comments are on."),
    text("intro", "Introduction."),
    number("marks", "Marks."),
    children(
        "questions", "Its questions with their answers.", QUESTION, record="question", key="question_uri", key_as="section_uri"
    ),
    text("ref", "Reference."),
    flag("scoring", "Whether it is scored."),
    reference("section_uri", "the section; the same in every response to a form"),
    text("subtitle", "Second title."),
    text("title", "Title."),
)
ANSWER = (
    text("answer", "Answer.", sensitivity="text"),
    text("form_type", "Form."),
    number("marks_available", "Most marks."),
    text("question", "Question."),
    flag("required", "Whether it must be answered."),
    reference("uri", "the question"),
)
RESPONSE = (
    *ONE_ORDER[:3],
    BOOKING_URI,
    text("booking_display_value", "Label of the event, from beside the list."),
    reference("buyer_uri", "the buyer, from beside the list"),
    reference("uri", "the response"),
    text("contact_display_value", "Name of who answered.", sensitivity="direct"),
    reference("contact_uri", "who answered"),
    json("response.flat", "The answers keyed by field; an object of unknown keys.", sensitivity="text"),
    children("response.sections", "Sections of the form.", SECTION, record="section", key="section_uri", key_as="response_uri"),
    children(
        "response.simple", "Questions and answers as a flat list.", ANSWER, record="answer", key="uri", key_as="response_uri"
    ),
    text("role", "Who answered.", values=("attendee", "buyer")),
)
MEMBERSHIP = (
    reference("contact_uri", "the contact, from beside the list"),
    ident("uid", "Identifier of the membership."),
    reference("uri", "the membership"),
    reference("admin_contact", "who administers it"),
    flag("advise_lapse", "Whether the lapse is announced."),
    number("amount", "Price per period, in the row's currency; unit not stated."),
    flag("auto_renew", "Whether it renews by itself."),
    reference("billing_contact", "who pays"),
    wall("cancellation_date", "When it was cancelled; no zone is named."),
    CREATED,
    text("currency", "Currency, ISO code in small letters."),
    text("display_value", "The membership as the vendor labels it.", sensitivity="direct"),
    wall("end_date", "End of the term; a grace period may follow."),
    flag("externally_managed", "Whether another system manages it."),
    json("gc_subscription_id", "Subscription in GoCardless; no document gives its type.", sensitivity="quasi"),
    flag("gift_aid", "Whether Gift Aid is claimed."),
    flag("has_renewed", "Whether it was renewed."),
    text("lapse_reason", "Why it lapsed.", sensitivity="text"),
    UPDATED,
    items("linked_members", "URIs of the people it also covers; count them apart."),
    number("max_linked_members", "Most people it may also cover."),
    reference("member", "the member; count people by it"),
    text("membership_number", "Number of the membership, as text.", sensitivity="direct"),
    text("membership_plan_type", "Kind of plan."),
    text("membership_record_status", "Status as free text, in changing case: active, future, cancelled have been seen."),
    reference("membership_type", "the plan"),
    flag("mute_communications", "Whether no messages are sent."),
    reference("next_membership_type", "the plan after this one"),
    reference("next_payment_plan", "the payment plan after this one"),
    flag("paid", "Whether it is paid; a flag, not a sum."),
    wall("payment_date", "When it was paid; no zone is named."),
    text("payment_method", "How it is paid."),
    text("payment_plan", "Payment plan."),
    json("payment_reference", "Reference of the payment; no document gives its type.", sensitivity="quasi"),
    text("period", "Length of a term."),
    STATE,
    wall("start_date", "Start of the term."),
    json("stripe_subscription_id", "Subscription in Stripe; no document gives its type.", sensitivity="quasi"),
    TAGS,
    text("tax", "Tax."),
    *screen("member"),
    json("xero_account_code", "Account in Xero; no document gives its type."),
)
MEMBER_UID = ident("member_uid", "Identifier of the membership, from the call.", source="{uid}")
PLAN_UID = ident("membership_type_uid", "Identifier of the membership plan, from the call.", source="{uid}")
SEGMENT = (
    ident("uid", "Identifier of the segment."),
    reference("uri", "the segment"),
    flag("active", "Whether it is in use."),
    CREATED,
    text("description", "Description.", sensitivity="text"),
    text("display_value", "The segment as the vendor labels it."),
    UPDATED,
    LEGACY,
    flag("mailchimp_sync", "Whether it is sent to Mailchimp."),
    text("name", "Name."),
    reference("parent_segment", "the segment above; empty for a root"),
    STATE,
    text("resource_type", "What its records are."),
    json("rules", "Its query; an object of unknown keys."),
    text(
        "segment_type", "How it is filled; auxiliary ones only group others.", values=("dynamic", "static", "hybrid", "auxiliary")
    ),
    flag("system_segment", "Whether the vendor made it."),
    TAGS,
    items("uris_exclude", "URIs taken out by hand."),
    items("uris_include", "URIs added by hand."),
    *screen("segment"),
    items("view_context", "Areas of the application it is shown in."),
)
SEGMENT_FIELD = (
    text("field", "Name of the field."),
    text("form_type", "Form."),
    text("label", "Label."),
    text("style", "Style."),
)
SEGMENT_UID = ident("segment_uid", "Identifier of the segment, from the call.", source="{uid}")
SEGMENT_CONFIG = (
    SEGMENT_UID,
    reference("segment", "the segment"),
    *nested(
        "mapping",
        (
            text("collection", "Where its records are kept."),
            json("contact_field", "Field that holds the contact; no document gives its type."),
            items("contact_search_fields", "Fields of the contact that are searched."),
            items("field_list", "Names of its fields."),
            children("fields", "Its fields.", SEGMENT_FIELD, record="field", key="field", key_as="segment"),
            flag("join_orgs", "Whether organisations are joined."),
            flag("join_people", "Whether people are joined."),
            text("name", "Name of the kind of record, plural."),
            text("name_singular", "Name of the kind of record, singular."),
            text("prefix", "Prefix."),
            items("search_fields", "Fields that are searched."),
            text("search_placeholder", "Hint in the search box."),
            items("sort_by", "Fields it is sorted by."),
            text("unique_field", "Field that tells its records apart."),
            flag("use_mapreduce", "Whether reports use map-reduce."),
        ),
    ),
    text("resource_type", "What its records are."),
    text("segment_type", "How it is filled.", values=("dynamic", "static", "hybrid", "auxiliary")),
    items("user_groups", "Groups of users."),
    items("user_groups_for_display", "Groups of users, as shown."),
    items("user_interface.can_bypass_gdpr", "Whether the caller may go past the GDPR rules.", opt_in=True),
    *(one for one in screen("segment") if not one.name.endswith("policy_name")),
    items("view_context", "Areas of the application it is shown in."),
)
SEGMENT_COUNT = (
    SEGMENT_UID,
    integer("count", "Records in it now; it may differ from those that can be read."),
    text("description", "What is counted."),
    reference("segment", "the segment"),
)
LOOKUP = (
    SEGMENT_UID,
    reference("uri", "the record"),
    text("display_value", "The record as the vendor labels it.", sensitivity="direct"),
    reference("id", "the record, again"),
    text("label", "The same label.", sensitivity="direct"),
    text("text", "The same label.", sensitivity="direct"),
    reference("value", "the record, again"),
)
FIELDSET = (
    ident("uid", "Identifier of the fieldset."),
    reference("uri", "the fieldset"),
    items("applicable_resources", "Kinds of record it fits."),
    written("created", "When it was made"),
    text("description", "Description."),
    items("fields", "Names of its fields."),
    written("last_updated", "When it was last changed"),
    text("name", "Name."),
    STATE,
)
WHOLE_FIELDSET = (
    *FIELDSET,
    flag("active", "Whether it is in use."),
    children(
        "field_display",
        "Its fields with their types.",
        (text("field", "Name of the field."), text("type", "Type of the field.")),
        record="field",
        key="field",
    ),
    flag("locked", "Whether it can be changed."),
)


def without_signature(address: str) -> str:
    """An invoice's address without the signature that may end it: /bucket/invoice/uid/signature/ opens it for anybody."""
    path = address.partition("?")[0]
    return path if len(path.strip("/").split("/")) <= 3 else path.rstrip("/").rpartition("/")[0] + "/"


LINE_ITEM = (
    text("currency", "Currency, ISO code in small letters."),
    text("name", "What is charged.", sensitivity="text"),
    number("price", "Price of one; unit not stated."),
    number("quantity", "Pieces."),
    reference("ref", "what is charged"),
    text("tax", "Kind of tax.", values=("standard", "reduced", "zero", "exempt", "off")),
    number("tax_rate", "Rate of the tax; 0.2 means 20 %."),
    number("tax_total", "Tax; unit not stated."),
    number("tax_total_float", "Tax, in another unit or precision; unexplained."),
    number("total", "In all; unit not stated."),
    number("total_before_tax", "Before tax; unit not stated."),
    number("total_float", "In all, in another unit or precision; unexplained."),
    XERO,
)
INVOICE_LINK = (
    text("filename", "File name.", sensitivity="text"),
    text("href", "Address, without the invoice's signature.", sensitivity="text"),
    text("prompt", "Label."),
    text("rel", "Kind of link."),
)
BUYER = (
    items("buyer_address", "Address, line by line.", sensitivity="direct"),
    text("buyer_country", "Country.", sensitivity="quasi"),
    text("buyer_email", "E-mail address.", sensitivity="direct"),
    text("buyer_locality", "Town.", sensitivity="quasi"),
    text("buyer_name", "Name.", sensitivity="direct"),
    text("buyer_postal_code", "Postal code, as text.", sensitivity="quasi"),
    text("buyer_region", "Region.", sensitivity="quasi"),
    text("buyer_telephone", "Phone number, as typed.", sensitivity="direct"),
    text("buyer_vat_number", "VAT number, as text.", sensitivity="direct"),
)
LETTERHEAD = (
    items("address", "Address, line by line."),
    text("contact_details", "How to reach the sender."),
    text("contact_email", "E-mail address."),
    text("contact_phone", "Phone number."),
    text("default_currency", "Currency, ISO code in small letters."),
    text("flock_name", "Name of the database."),
    text("logo_url", "Address of the logo."),
    text("payment_detail_notes", "Notes on paying."),
    text("payment_details", "How to pay."),
    text("postal_code", "Postal code."),
    text("purchase_order_string", "Word for a purchase order."),
    text("tax_name", "Word for the tax."),
    text("template", "Template."),
    text("vat_number", "VAT number."),
)
INVOICE = (
    text("invoice_type", "Kind of invoice, from the call.", source="{invoice_type}"),
    ident("uid", "Identifier, from the call.", source="{uid}"),
    reference("invoice_uri", "the invoice"),
    reference("billing_contact", "who pays"),
    *nested("buyer", BUYER),
    reference("buyer_ref", "the buyer"),
    *nested("config", LETTERHEAD, opt_in=True),
    reference("context", "what it is for"),
    text("currency", "Currency; how it differs from invoice_currency is not explained."),
    day("date", "Date of the invoice."),
    number("due", "Due; unit not stated."),
    text("for_the_attention_of", "For whose attention.", sensitivity="direct"),
    ident("id", "Number of the invoice."),
    text("invoice_currency", "Currency, ISO code in small letters."),
    children("line_items", "Its lines.", LINE_ITEM, record="line", key="ref", key_as="invoice_uri"),
    children("links", "Files and pages about it.", INVOICE_LINK, record="link", key="", key_as="invoice_uri"),
    number("number_of_payments", "Payments made."),
    reference("payment_reference_uri", "the payment"),
    text("purchase_order_no", "Number of the buyer's order."),
    secret("signature", "Opens the invoice for anybody; never kept."),
    ident("signed_invoice_uri", "URI of the invoice, without the signature that ends it.", read=without_signature),
    text("status", "Status; no document lists them."),
    number("tax_total", "Tax; how it differs from total_tax is not explained."),
    number("total", "In all; unit not stated."),
    number("total_before_tax", "Before tax; unit not stated."),
    number("total_paid", "Paid; unit not stated."),
    number("total_scheduled", "Scheduled; unit not stated."),
    number("total_tax", "Tax; unit not stated."),
    text("xero_invoice_ref", "The invoice in Xero."),
    flag("xero_ready", "Whether it can go to Xero."),
)
ENTRY = (
    ident("uid", "Identifier."),
    reference("uri", "the entry"),
    reference("assigned_to", "who it is assigned to"),
    text("assigned_to_display", "Name of who it is assigned to.", sensitivity="direct"),
    text("context", "What it is about; usually a URI."),
    text("context_display", "Label of what it is about.", sensitivity="direct"),
    written("created", "When it was made"),
    text("creator", "Who made it.", sensitivity="direct"),
    written("date", "Its date"),
    text("display_value", "The entry as the vendor labels it.", sensitivity="text"),
    text("entity", "Kind of what it is about, as the vendor calls it."),
    text("entry_subtype", "Kind below the kind."),
    text("entry_type", "Kind."),
    items("files", "Files."),
    written("last_updated", "When it was last changed"),
    text("link", "Address."),
    STATE,
    flag("star", "Whether it is starred."),
    TAGS,
    text("text_body", "Text.", sensitivity="text"),
    text("title", "Title.", sensitivity="text"),
)
NOTIFICATION = (
    *ENTRY,
    text("body", "Text, as it is shown.", sensitivity="text"),
    text("creator_reference", "Reference of who made it.", sensitivity="direct"),
    *screen("journal"),
)
TASK = (
    *ENTRY,
    flag("completed", "Whether it is done."),
    *screen("task", "complete", "uncomplete", "snooze"),
)
CHANGE = (
    text("field", "Field that changed."),
    text("prev", "Value before.", sensitivity="text"),
    text("value", "Value after.", sensitivity="text"),
    text("verb", "What happened to it.", values=("change", "add", "drop")),
)
AUDIT = (
    ident("entry", "Key of the entry, made by crmkit: URI, time, a mark of what changed, and its place among equal ones."),
    wall("date", "When; no zone is named."),
    text("message", "What happened, in words.", sensitivity="text"),
    reference("uri", "the record that changed"),
    reference("user", "the user who changed it"),
    flag("revertable", "Whether it can be taken back."),
    text("resource", "What kind of record."),
    children("clean_diff", "The fields that changed.", CHANGE, record="entry", key="", key_as="entry"),
)
RECORD_TYPE = text("resource_type", "Kind of record, from the call.", source="{resource_type}")
RECORD_UID = ident("record_uid", "Identifier of the record, from the call.", source="{uid}")
RECORD_AUDIT = (
    RECORD_TYPE,
    RECORD_UID,
    reference("record_uri", "the record asked for, from beside the list"),
    items("related_uris", "URIs of records that belong to it, from beside the list."),
    *AUDIT,
)
SEARCH = (
    reference("id", "the record found"),
    text("display_value", "The record as the vendor labels it.", sensitivity="direct"),
    text("primary_email", "First e-mail address.", sensitivity="direct"),
    text("primary_telephone", "First phone number, as typed.", sensitivity="direct"),
    text("resource", "Kind of record."),
    number("distance", "Quality of the match; seen in the vendor's newer guides."),
)
HELP = (
    text("link", "Address of the article."),
    text("title", "Title of the article."),
)
DISPLAY = (RECORD_TYPE, RECORD_UID, text("display_value", "The record as the vendor labels it.", sensitivity="direct"))
AVATAR = (
    RECORD_TYPE,
    RECORD_UID,
    text("content_type", "Kind of picture, such as image/png."),
    json("image", "The picture, as bytes.", sensitivity="direct"),
)
