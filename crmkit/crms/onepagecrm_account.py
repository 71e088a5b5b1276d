"""OnePageCRM: users, reference lists, the catalogue, settings and other records of the account, after the contract sheet, section 4."""

from __future__ import annotations

from crmkit.columns import children, flag, integer, items, nested, number, secret, text
from crmkit.crms.onepagecrm_columns import CURRENCY, DEAL_STAGE, FIELD, FILTER, PIPELINE, id_of, left_out, made

USER = (
    id_of("id", "Id of the user; what owner_id, assignee_id and user_id elsewhere hold."),
    text("first_name", "First name.", sensitivity="direct"),
    text("last_name", "Last name.", sensitivity="direct"),
    text("email", "E-mail address.", sensitivity="direct"),
    text("company_name", "Company of the account.", sensitivity="quasi"),
    items("account_rights", "What the user may do, as keys such as pipeline or export."),
    text("photo_url", "Address of the photo.", sensitivity="direct"),
    text("country_code", "Country, ISO 3166 code of two letters.", sensitivity="quasi"),
    text("bcc_email", "Address that files mails under the user; in one's own record only.", sensitivity="direct"),
    text("google_contacts_email", "Address of the linked Google account; in one's own record only.", sensitivity="direct"),
)
TEAM_COUNT = (
    id_of("user_id", "Id of the user."),
    integer("counts", "How many of them are the user's."),
)
STATUS = (
    id_of("id", "Id of the status; what status_id of a contact holds."),
    text(
        "status",
        "Slug of the status.",
        values=("lead", "prospect", "customer", "inactive", "general", "custom1", "custom2", "customX"),
    ),
    text("text", "The status as shown, and as status of a contact holds it."),
    text("description", "Description."),
    text("color", "Colour, six hex digits.", values=("666666", "3399ff", "cc0000", "f96600", "000000", "ff00ff", "009900")),
    integer("counts", "How many of the caller's contacts have it."),
    integer("total_count", "How many contacts of the account have it."),
    integer("action_stream_count", "How many of them are in the action stream."),
    children("team_counts", "How many contacts per user.", TEAM_COUNT),
)
LEAD_SOURCE = (
    id_of("id", "Slug of the lead source, or an id for own ones; what lead_source_id of a contact holds."),
    text("text", "The lead source as shown."),
    integer("counts", "How many of the caller's contacts have it."),
    integer("total_count", "How many contacts of the account have it."),
    integer("action_stream_count", "How many of them are in the action stream."),
    children("team_counts", "How many contacts per user.", TEAM_COUNT),
)
CALL_RESULT = (
    id_of("result", "Key of the outcome, or an id for own ones; what call_result of a call holds."),
    text("text", "The outcome as shown."),
    integer("counts", "How many of the caller's calls have it."),
    integer("total_counts", "How many calls of the account have it."),
    children("team_counts", "How many calls per user.", TEAM_COUNT, key_as="call_result"),
)
TAG = (
    text("name", "The tag."),
    integer("counts", "How many of the caller's contacts have it."),
    integer("total_count", "How many contacts of the account have it."),
    integer("action_stream_count", "How many of them are in the action stream; system tags lack it."),
)
NOTIFICATION = (
    id_of("id", "Id of the notification."),
    text(
        "type",
        "What it is about; further fields depend on it.",
        values=("assigned_action", "action_with_time", "contact_assigned", "call", "meeting", "email", "link", "note"),
    ),
    text("by", "Who caused it, shortened.", sensitivity="direct"),
    flag("read", "Whether it was read."),
    id_of("user_id", "Id of the user it is for."),
    id_of("contact_id", "Id of the contact it is about."),
    *made("notification"),
    text("mobile_data.title", "Title on a phone.", sensitivity="text"),
    text("mobile_data.body", "Text on a phone.", sensitivity="text"),
    text("mobile_data.action_type", "Kind of action."),
)
WEBHOOK = (
    id_of("id", "Id of the subscription."),
    text("name", "Name of the subscription."),
    text("hook_url", "Address that is told.", sensitivity="text"),
    secret("secretkey", "Signs what is sent; never in a frame."),
)
COUNTRY = (
    id_of("code", "ISO 3166 code of two letters."),
    text("name", "Name of the country."),
    text("phone_prefix", "International dialling prefix, as text with its plus."),
)
PREDEFINED_ACTION = (
    id_of("id", "Id of the saved action."),
    text("text", "What is to be done; [firstname] and the like are filled in."),
    integer("days", "Due so many days after it is taken up.", unit="days"),
)
PREDEFINED_ACTION_GROUP = (
    id_of("id", "Id of the group."),
    text("text", "Name of the group."),
    integer("position", "Place in the list."),
    items("action_ids", "Ids of its saved actions."),
)
PREDEFINED_ITEM = (
    id_of("id", "Id of the catalogue item."),
    text("name", "Name of the item."),
    text("description", "Description."),
    number("cost", "Cost of one.", unit=CURRENCY),
    number("price", "Price of one.", unit=CURRENCY),
    integer("position", "Place in the list."),
    id_of("item_group_id", "Id of its group, if any."),
)
PREDEFINED_ITEM_GROUP = (
    id_of("id", "Id of the group."),
    text("name", "Name of the group."),
    integer("position", "Place in the list."),
    integer("count", "How many items it has."),
    items("item_ids", "Ids of its items."),
)
SETTINGS = (
    text("reminder.type", "When the user is reminded by mail.", values=("never", "every_day", "new_task")),
    integer("reminder.hour", "At what hour, in the user's zone.", unit="h"),
    text("time_zone", "The user's zone; usually an IANA name, but a town such as london occurs."),
    text("not_working_days", "Days off.", values=("none", "weekend", "sunday")),
    text("date_format", "How days are shown, as a strftime pattern."),
    flag("time_with_ampm", "Whether times are shown with am and pm."),
    integer("listing_size", "Lines per list."),
    text("currency", "Currency of all amounts of the account, ISO 4217."),
    text("currency_symbol", "Its sign."),
    text("separator", "Sign before decimals."),
    text("delimiter", "Sign between thousands."),
    items("popular_countries", "Codes of the countries offered first."),
    children("deal_stages", "Stages, as one list of the account; pipelines() has those of each pipeline.", DEAL_STAGE),
    children("pipelines", "Pipelines.", PIPELINE, record="pipeline"),
    text("default_contact_type", "What a new contact is.", values=("company", "individual")),
    flag("show_tidy_stream", "A setting of the screen."),
    flag("show_company_fields_with_contact", "A setting of the screen."),
    flag("company_phone_enabled", "Whether companies have a phone."),
    flag("company_url_enabled", "Whether companies have a web site."),
    flag("company_address_enabled", "Whether companies have an address."),
    flag("company_description_enabled", "Whether companies have a description."),
    flag("send_push_notifications", "Whether phones are told."),
    flag("clipper_beta", "A setting of the screen."),
    flag("bcc_email_enabled", "Whether mails can be filed by bcc."),
)
BOOTSTRAP = (
    id_of("user_id", "Id of the user whose key is in use."),
    secret("auth_key", "A key; never in a frame."),
    *nested("user", USER),
    children("team", "All users of the account.", USER, record="user"),
    text("account_type", "Kind of account.", values=("pro", "trial", "free")),
    *nested("settings", SETTINGS),
    flag("cost_setup.cost_enabled", "Whether deals have costs."),
    flag("cost_setup.cost_required", "Whether they must have."),
    text("cost_setup.commission_base", "What a percentage is taken of.", values=("amount", "margin")),
    number("cost_setup.commission_percentage", "Commission as a percentage.", unit="%"),
    children("custom_fields", "Definitions of custom fields of contacts.", FIELD, record="custom_field"),
    children("company_fields", "Definitions of custom fields of companies.", FIELD, record="company_field"),
    children("deal_fields", "Definitions of custom fields of deals.", FIELD, record="deal_field"),
    children("filters", "Saved filters.", FILTER, record="filter"),
    children(
        "call_results",
        "Outcomes of calls.",
        (id_of("key", "Key of the outcome, or an id; what call_result of a call holds."), text("label", "The outcome as shown.")),
        key="key",
    ),
    items("call_results_order", "Keys of the outcomes, in the order shown."),
    children(
        "next_action_dates",
        "Spans offered for the next action.",
        (integer("number", "How many."), text("period", "Of what.", values=("days", "weeks", "months"))),
    ),
    children("predefined_actions", "Saved actions.", PREDEFINED_ACTION, record="predefined_action"),
    items("contact_titles", "Forms of address offered."),
    children("lead_sources", "Lead sources with counts of contacts.", LEAD_SOURCE, record="lead_source"),
    children("statuses", "Statuses with counts of contacts.", STATUS, record="status"),
    children("tags.tags", "Tags with counts of contacts.", TAG, key="name", record="tag"),
    children("tags.system_tags", "Tags that the system sets, such as starred.", TAG, key="name", record="tag"),
    left_out("contacts_count", "Counts of contacts per first letter."),
    integer("team_stream.all", "Contacts in the team stream."),
    children("team_stream.users", "Contacts in the team stream per user.", TEAM_COUNT),
)
