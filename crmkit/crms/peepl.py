"""Peepl: members, groups, activities and sign-ups of clubs. Rows after the Peepl contract sheet, sections 3.1 and 4."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from crmkit.client import Client, Credential
from crmkit.columns import COMPUTED, children, day, flag, instant, integer, items, json, money, text
from crmkit.crms.peepl_paging import PAGES, Bare
from crmkit.crms.peepl_writes import NOT_WRITTEN, WRITINGS
from crmkit.endpoint import Endpoint, Values, Variant
from crmkit.errors import NotFound, ParameterError
from crmkit.pacing import Budget
from crmkit.params import Param, check_order, is_several, several_ids, timestamp
from crmkit.records import Record, at, page_or_list, tree
from crmkit.transport import Throttle

BARE = Bare()
TREE = Bare(tree=True)
GROUPS = tree("results", "children", "parent_id")
FOLDERS = tree("results", "children", "parent")

EMAIL = (
    integer("id", "Number of the e-mail address."),
    text("type", "Whose address it is.", values=("home", "work", "father", "mother", "other")),
    text("value", "The e-mail address.", sensitivity="direct"),
    flag("cc", "Whether it gets copies of mails."),
)
ADDRESS = (
    integer("id", "Number of the address."),
    text("street1", "Street and house number.", sensitivity="direct"),
    text("street2", "Second line of the address.", sensitivity="direct"),
    text("city", "Town.", sensitivity="quasi"),
    text("postal_code", "Postal code, as text.", sensitivity="quasi"),
    text("country", "Country, ISO code of two letters.", sensitivity="quasi"),
    integer("address_type", "Number of the address type."),
)
COMPANY = (
    integer("id", "Number of the company position."),
    text("name", "Company.", sensitivity="quasi"),
    text("sector", "Sector of the company.", sensitivity="quasi"),
    text("function", "Job title; unrelated to Peepl's functions.", sensitivity="quasi"),
    day("begin_date", "First day."),
    day("end_date", "Last day; empty while it lasts."),
    children("address", "Addresses of the company.", ADDRESS),
    text("email", "E-mail address at the company.", sensitivity="direct"),
    text("phone", "Phone number, as typed.", sensitivity="direct"),
)
EDUCATION = (
    integer("id", "Number of the education."),
    text("education_name", "Name of the education.", sensitivity="quasi"),
    day("begin_date", "First day."),
    day("end_date", "Last day."),
    text("school_name", "School.", sensitivity="quasi"),
    flag("completed", "Whether it was completed."),
    children("address", "Addresses of the school.", ADDRESS),
)
CONTACT = (
    integer("id", "Number of the contact."),
    text("uname", "User name.", sensitivity="direct"),
    text("first_name", "First name.", sensitivity="direct"),
    text("last_name", "Last name.", sensitivity="direct"),
    day("birth_date", "Birth date.", sensitivity="quasi"),
    text("birth_place", "Place of birth.", sensitivity="quasi"),
    integer("age", "Age as the server computes it; it may disagree with the birth date.", unit="years", sensitivity="quasi"),
    text("profile_pic", "Address of the profile picture, on another host.", sensitivity="direct"),
    text("preferred_language", "Language code.", sensitivity="quasi"),
    text("permission_level", "What the contact may do.", values=("can_login",)),
    text("gender", "Gender.", sensitivity="quasi"),
    text("email", "Primary e-mail address, unique in Peepl.", sensitivity="direct"),
    text("title", "Form of address.", sensitivity="quasi"),
    children("emails_secondary", "Further e-mail addresses.", EMAIL, record="email"),
    children("companies", "Positions in companies.", COMPANY, record="company"),
    children("educations", "Educations.", EDUCATION, record="education"),
    json("relatives", "Relatives; no document gives their shape.", sensitivity="direct"),
    children("address", "Addresses.", ADDRESS, record="address"),
    children("custom_fields", "Values of custom fields; no document gives their shape.", (), sensitivity="text"),
    instant("last_modified", "When the contact was last changed."),
    instant("created_on", "When the contact was made."),
)
ORGANISATION = (
    integer("id", "Number of the organisation."),
    text("name", "Name of the organisation.", sensitivity="quasi"),
    text("profile_pic", "Address of its picture, on another host.", sensitivity="quasi"),
    text("preferred_language", "Language code."),
    text("type", "Kind of organisation.", values=("private",)),
    text("email", "Primary e-mail address.", sensitivity="direct"),
    children("emails_secondary", "Further e-mail addresses.", EMAIL, record="email"),
    text("vat_number", "VAT number, as text with its dots.", sensitivity="quasi"),
    text("website", "Web site.", sensitivity="quasi"),
    json("relatives", "Related parties; no document gives their shape.", sensitivity="direct"),
    children("address", "Addresses.", ADDRESS, record="address"),
    children("custom_fields", "Values of custom fields; no document gives their shape.", (), sensitivity="text"),
    instant("last_modified", "When the organisation was last changed."),
    instant("created_on", "When the organisation was made."),
)
MEMBER = (
    *CONTACT,
    *(one for one in ORGANISATION if one.name in ("name", "type", "vat_number", "website")),
)
POSITION = (
    integer("id", "Number of the position."),
    day("start_date", "First day."),
    day("end_date", "Last day; empty while it lasts."),
    integer("user_id", "Number of the contact or organisation."),
    integer("combination_id", "Number of the combination (group and function)."),
    text("object_type", "Whose positions were asked for: contacts or organisations; the record does not say.", source=COMPUTED),
)
CUSTOM_FIELD = (
    integer("id", "Number of the custom field."),
    text("name", "Name of the field."),
    integer("display_order", "Place on the screen."),
    text("field_type", "Type of its values.", values=("text", "choices_single")),
    items("options", "What can be chosen."),
    integer("category_id", "Number of its category."),
)
GROUP = (
    integer("id", "Number of the group; names repeat, numbers do not."),
    text("name", "Name of the group."),
    text("permission_level", "What its members may do."),
    flag("visible_in_list", "Shown in lists."),
    flag("visible_on_clubsite", "Shown on the club's site."),
    integer("parent_id", "Number of the group above; empty for a root."),
    flag("visible_on_leaderboards", "Shown on leaderboards."),
    integer("depth", "Levels below the root; 0 is a root."),
    text("path", "Names from the root on, joined by ' / '."),
    items("path_ids", "Numbers from the root on."),
    flag("is_leaf", "Whether it has no groups below."),
    integer("n_children", "Groups directly below."),
)
COMBINATION = (
    integer("id", "Number of the combination."),
    text("short_description", "Names of group and function, joined by ' / '."),
    integer("function", "Number of the function."),
    integer("group", "Number of the group."),
    integer("function_id", "Number of the function, under the name that other tables use.", source="function"),
    integer("group_id", "Number of the group, under the name that other tables use.", source="group"),
)
ACTIVITY_TYPES = ("internal", "external", "sale", "announcement", "session")
ACTIVITY = (
    integer("id", "Number of the activity."),
    text("name", "Name of the activity."),
    text("type", "Kind.", values=ACTIVITY_TYPES),
    text("description", "Description, as HTML.", sensitivity="text"),
    instant("start_date", "Start."),
    instant("end_date", "End; may equal the start."),
)
PRODUCT = (
    integer("id", "Number of the product."),
    text("name", "Name of the product."),
    integer("stock", "Pieces in stock; -1 reads as no limit."),
    integer("max_per_member", "Most pieces per member; -1 reads as no limit."),
    flag("is_visible", "Whether it is shown."),
    items("product_prices", "Numbers of its prices."),
)
PRODUCT_GROUP = (
    integer("id", "Number of the product group."),
    text("name", "Name of the product group."),
    text("description", "Description."),
    integer("display_order", "Place on the screen."),
    integer("activity_id", "Number of the activity."),
    flag("pick_one", "Whether only one product may be chosen."),
    children("products", "Its products.", PRODUCT, record="product"),
)
ACTIVITY_FILE = (
    integer("id", "Number of the file."),
    text("name", "File name.", sensitivity="text"),
    integer("filesize", "Size.", unit="bytes"),
    text("file", "Address of the file, on another host.", sensitivity="text"),
    integer("activity_id", "Number of the activity."),
)
DETAIL = (
    integer("id", "Number of the activity."),
    text("name", "Name of the activity."),
    text("type", "Kind, from the record; where the record has none, the word of the path.", values=ACTIVITY[2].values),
    text("description", "Description, as HTML.", sensitivity="text"),
    text("location", "Where it takes place.", sensitivity="text"),
    integer("session_location_id", "Number of the session's location."),
    integer("author_id", "Number of the contact who made it."),
    instant("start_date", "Start."),
    instant("end_date", "End."),
    text("cover_picture", "Address of the picture, on another host."),
    flag("is_public", "Whether everybody may see it."),
    children("attachments", "Attached files.", ACTIVITY_FILE, record="attachment"),
)
SIGNUP = (
    instant("signup_start_date", "From when one can sign up; may lie after the deadline."),
    instant("signup_deadline", "Until when one can sign up."),
)
SHOP = (children("product_groups", "What can be bought with it.", PRODUCT_GROUP, record="product_group"),)
NOTICE = (instant("notification_date", "When members are told."),)
BOUGHT = re.compile(r"^(\d+) x (.+)$")


def bought(part: int) -> Callable[[str], str | None]:
    """Reads the quantity (1) or the product (2) out of a purchase's text."""
    return lambda text: match[part] if (match := BOUGHT.match(text)) else None


PURCHASE = (
    text("name", "Quantity and product as one text, such as '2 x Inschrijving'."),
    integer("quantity", "Pieces, read from the text.", source="name", read=bought(1)),
    text("product", "Product, read from the text.", source="name", read=bought(2)),
)
ATTENDEE = (
    integer("activity_id", "Number of the activity, from the call.", source="{activity_id}"),
    text(
        "status",
        "The sign-up answer, from the call: A yes, N no, U none yet. Not presence at the door.",
        source="{status}",
    ),
    text("name", "Full name.", sensitivity="direct"),
    integer("user_id", "Number of the contact (inferred)."),
    children("purchases", "What was bought with the sign-up.", PURCHASE, record="purchase", key_as="user_id"),
    text("photo_url", "Address of the photo, on another host.", sensitivity="direct"),
    text("comments", "What was typed with the answer.", sensitivity="text"),
)
PRICE = (
    integer("id", "Number of the price."),
    money("price", "Price, in the club's currency."),
    money("price_not_attending", "Price without attending, in the club's currency."),
    integer("product", "Number of the product."),
    integer("user_group", "Number of the group it holds for."),
)
NEWS = (
    integer("id", "Number of the post."),
    text("name", "Title."),
    text("content", "Text, as HTML.", sensitivity="text"),
    flag("is_published", "Whether it is published."),
    day("is_published_start_date", "Published from this day."),
    day("is_published_end_date", "Published until this day."),
    flag("is_public", "Whether everybody may see it."),
    day("is_public_start_date", "Public from this day."),
    day("is_public_end_date", "Public until this day."),
    flag("featured_on_peepl", "Featured in Peepl."),
    flag("featured_on_clubsite", "Featured on the club's site."),
    flag("shared_on_facebook", "Shared on Facebook."),
    integer("album_id", "Number of its album."),
    integer("author_id", "Number of the contact who wrote it."),
    integer("last_modified_by_id", "Number of the contact who changed it last."),
    json("cover_photo", "Cover photo; no document gives its shape."),
)
NEWS_FILE = (*ACTIVITY_FILE[:4], integer("news_id", "Number of the post."))
FILE = (
    integer("id", "Number of the file."),
    text("filename", "File name.", sensitivity="text"),
    integer("filesize", "Size.", unit="bytes"),
    text("file", "Address of the file, on another host.", sensitivity="text"),
    integer("directory_id", "Number of its folder."),
    integer("uploaded_by_id", "Number of the contact who put it there."),
)
FOLDER = (
    integer("id", "Number of the folder."),
    text("name", "Name of the folder."),
    integer("created_by", "Number of the contact who made it."),
    integer("parent", "Number of the folder above; empty for a root."),
    children("files", "Files in it.", FILE, record="file"),
    *(replace(one, meaning=one.meaning.replace("groups", "folders").replace("Groups", "Folders")) for one in GROUP[7:]),
)
PICTURE = (
    integer("id", "Number of the picture."),
    text("file", "Address of the picture, on another host.", sensitivity="text"),
    integer("filesize", "Size.", unit="bytes"),
    integer("width", "Width.", unit="pixels"),
    integer("height", "Height.", unit="pixels"),
    integer("album_id", "Number of its album."),
)
ALBUM = (
    integer("id", "Number of the album."),
    text("name", "Name of the album."),
    text("description", "Description, as HTML.", sensitivity="text"),
    flag("is_published", "Whether it is published."),
    flag("is_public", "Whether everybody may see it."),
    integer("activity_id", "Number of its activity."),
    children("pictures", "Pictures in it.", PICTURE, record="picture"),
)

OF_WHAT = Param("ot", "Object type: whose list.", choices=("contacts", "organisations"), default="contacts")
EVENT = Param("activity_id", "Number of the activity.", kind="integer")


def number(name: str, meaning: str) -> Param:
    """A path parameter that is a whole number."""
    return Param(name, meaning, kind="integer")


ON = Param("on", "Members on this day instead of now.", kind="day")
SINCE = Param("start_date", "First day of the window.", kind="day", form="%Y%m%d", shift=-1)
UNTIL = Param("end_date", "Last day of the window.", kind="day", form="%Y%m%d", shift=1)
DATE_FORM = Param("date_form", "How dates are written in the path; no document says.", choices=("%Y%m%d", "%Y-%m-%d"), local=True)
START = Param("start", "Only activities that start on this day (Europe/Brussels) or later.", kind="day")
END = Param("end", "Only activities that end on this day (Europe/Brussels) or earlier.", kind="day")
ZONE = "Europe/Brussels"


def within(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """The window again, in the frame: whether the server counts its ends is not documented, so it was asked a day wider.

    Days are those of Europe/Brussels. An activity without times cannot be judged and stays.
    """
    starts = frame["start_date"].dt.tz_convert(ZONE).dt.tz_localize(None)
    ends = frame["end_date"].dt.tz_convert(ZONE).dt.tz_localize(None).fillna(starts)
    keep = pd.Series(True, index=frame.index)
    if "start_date" in values:
        keep &= starts.isna() | (starts >= pd.Timestamp(timestamp(values["start_date"], "start_date").date()))
    if "end_date" in values:
        after = pd.Timestamp(timestamp(values["end_date"], "end_date").date()) + pd.Timedelta(days=1)
        keep &= ends.isna() | (ends < after)
    return frame[keep].reset_index(drop=True)


def one_window(values: Values) -> None:
    """A window has one first and one last day, in this order."""
    for name in ("start_date", "end_date"):
        if is_several(values.get(name)):
            raise ParameterError(f"{name} takes one day.", hint="ask once for each window.")
    check_order(values, "start_date", "end_date")


def held_by(kind: str) -> Callable[[pd.DataFrame, Values, Client], pd.DataFrame]:
    """Says whose positions these are: the user_id alone does not."""
    return lambda frame, values, client: frame.assign(object_type=pd.array([kind] * len(frame), dtype="string"))


def typed_as(word: str) -> Callable[[pd.DataFrame, Values, Client], pd.DataFrame]:
    """Fills the type of a detail that has none with the word of its path."""
    return lambda frame, values, client: frame.assign(type=frame["type"].fillna(word))


def under_two_answers(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """Says who stands under more than one answer to an activity: the lists changed while they were read one after the other."""
    known = frame[frame["user_id"].notna()].drop_duplicates(["activity_id", "user_id", "status"])
    twice = int(known.duplicated(["activity_id", "user_id"]).sum())
    said = f"{twice:,} sign-ups came under more than one answer, so somebody changed it meanwhile: the last read counts"
    frame.attrs["problems"] = [said] if twice else []
    return frame


def some_criterion(values: Values) -> None:
    """A search needs an operator and at least one thing to look for; what an empty text finds is not documented."""
    if not any(str(value).strip() for name, value in values.items() if name != "operator"):
        raise ParameterError("contacts_search needs at least one of first_name, last_name, city, email, last_modified.")


def misplaced(what: str, nest: Callable[[Any], list[Record]], parent: str) -> Callable[[Any], list[str]]:
    """A remark for the receipt where records of a tree name another parent than the one they stand under."""

    def remark(body: Any) -> list[str]:
        odd = sum(one["depth"] > 0 and one[parent] != one["path_ids"][-2] for one in nest(body))
        return (
            [f"{odd:,} {what} name another {parent} than the one they stand under; depth and path follow the tree"] if odd else []
        )

    return remark


def members(path: str, doc: str, line: str, slot: Param, day_slot: str = "", variants: tuple[Variant, ...] = ()) -> Endpoint:
    """A list of who is in a group, function or combination, now or on a day."""
    date = (Param("date", "The day.", kind="day", form="%Y%m%d"),) if day_slot else ()
    return Endpoint(
        path + day_slot,
        doc,
        MEMBER,
        f"section 3.1, document line {line}",
        pick=at("results"),
        path_params=(slot, replace(OF_WHAT, default=None) if day_slot else OF_WHAT, *date),
        paging=PAGES,
        record="contact",
        variants=variants,
    )


def rows(path: str, doc: str, columns: tuple[Any, ...], line: int, *slots: Param, **more: Any) -> Endpoint:
    """A row of this sheet: its source is section 3.1."""
    more.setdefault("paging", BARE)
    more.setdefault("pick", at("results") if more["paging"] is PAGES else page_or_list("results"))
    return Endpoint(path, doc, columns, f"section 3.1, document line {line}", path_params=slots, **more)


CONTACT_ID = number("contact_id", "Number of the contact.")
ORGANISATION_ID = number("organisation_id", "Number of the organisation.")
SEGMENT_ID = number("segment_id", "Number of the segment, from the Peepl screen: no call lists segments.")
GROUP_ID = number("group_id", "Number of the group.")
FUNCTION_ID = number("function_id", "Number of the function.")
COMBINATION_ID = number("combination_id", "Number of the combination.")
ANSWER = Param(
    "status",
    "Sign-up answers to ask: A yes, N no, U none yet; all three if not given, in the order U, A, N: who answers while they are read "
    "is then in two lists, which the receipt says. Who goes from N to A meanwhile is in neither; no total of the vendor's tells.",
    choices=("A", "N", "U"),
    default=("U", "A", "N"),
)


class Peepl(Client):
    """Peepl, the club platform: contacts, organisations, groups, activities, sign-ups, news and files.

    Keyword arguments: token (environment PEEPL_TOKEN), from Settings / API in Peepl; base_url (PEEPL_BASE_URL), by default
    https://api.peepl.io/v1/admin; those of every client: cache_dir, expire_after, pace, workers, progress; and writable.
    """

    crm = "Peepl"
    default_base_url = "https://api.peepl.io/v1/admin"
    credentials = (Credential("token", "the API token that an administrator makes under Settings / API."),)
    limits = (Budget(100, 60),)
    throttle = Throttle(waits=(5.0, 10.0, 20.0, 40.0, 60.0))
    default_workers = 4
    trailing_slash = True
    checks = ("contacts", "organisations", "groups", "activities")
    conveniences = ("activity",)
    writings = WRITINGS
    not_written = NOT_WRITTEN

    def authorisation(self) -> Mapping[str, str]:
        return {"Authorization": f"Token {self.reveal('token')}"}

    contacts = rows("/contacts", "All contacts.", CONTACT, 68, paging=PAGES, record="contact")
    contact = rows("/contacts/{contact_id}", "One contact.", CONTACT, 207, CONTACT_ID, record="contact")
    contact_addresses = rows(
        "/contacts/{contact_id}/addresses",
        "The addresses of a contact.",
        ADDRESS,
        430,
        CONTACT_ID,
        record="address",
        part_of=("contact", "address"),
    )
    contact_positions = rows(
        "/contacts/{contact_id}/positions",
        "The positions (group and function, with dates) of a contact.",
        POSITION,
        897,
        CONTACT_ID,
        refine=held_by("contacts"),
    )
    contacts_search = rows(
        "/contacts/search",
        "Contacts that match a search; the only way to ask for what changed since a day.",
        CONTACT,
        923,
        method="POST",
        in_body=True,
        paging=PAGES,
        record="contact",
        check=some_criterion,
        params=(
            Param("operator", "Whether all criteria must match or one is enough.", choices=("AND", "OR"), required=True),
            Param("first_name", "First name; how it is matched is not documented."),
            Param("last_name", "Last name."),
            Param("city", "Town."),
            Param("email", "E-mail address."),
            Param("last_modified", "Contacts changed after this day.", kind="day"),
        ),
    )
    contact_custom_fields = rows("/contacts/custom_fields", "The custom fields of contacts.", CUSTOM_FIELD, 1063)
    segment_contacts = rows(
        "/contacts/segments/{segment_id}",
        "Contacts in a segment now.",
        CONTACT,
        1090,
        SEGMENT_ID,
        paging=PAGES,
        record="contact",
    )
    organisations = rows("/organisations", "All organisations.", ORGANISATION, 1191, paging=PAGES, record="organisation")
    organisation = rows(
        "/organisations/{organisation_id}",
        "One organisation.",
        ORGANISATION,
        1232,
        ORGANISATION_ID,
        record="organisation",
    )
    organisation_addresses = rows(
        "/organisations/{organisation_id}/addresses",
        "The addresses of an organisation.",
        ADDRESS,
        1269,
        ORGANISATION_ID,
        part_of=("organisation", "address"),
    )
    organisation_positions = rows(
        "/organisations/{organisation_id}/positions",
        "The positions of an organisation.",
        POSITION,
        1513,
        ORGANISATION_ID,
        refine=held_by("organisations"),
    )
    organisation_custom_fields = rows("/organisations/custom_fields", "The custom fields of organisations.", CUSTOM_FIELD, 1542)
    segment_organisations = rows(
        "/organisations/segments/{segment_id}",
        "Organisations in a segment now.",
        ORGANISATION,
        1569,
        SEGMENT_ID,
        paging=PAGES,
        record="organisation",
    )
    groups = rows(
        "/groups",
        "The tree of groups, one line per group, depth first.",
        GROUP,
        1638,
        pick=GROUPS,
        paging=TREE,
        remarks=misplaced("groups", GROUPS, "parent_id"),
    )
    group_members = members(
        "/groups/{group_id}/{ot}",
        "Members of a group now, or with on= on a day.",
        "1741",
        GROUP_ID,
        variants=(Variant(("on",), "group_members_on", (ON,)),),
    )
    group_members_on = members("/groups/{group_id}/{ot}", "Members of a group on a day.", "1842", GROUP_ID, "/{date}")
    function_members = members(
        "/functions/{function_id}/{ot}",
        "Who holds a function now, or with on= on a day.",
        "1947",
        FUNCTION_ID,
        variants=(Variant(("on",), "function_members_on", (ON,)),),
    )
    function_members_on = members(
        "/functions/{function_id}/{ot}", "Who held a function on a day.", "2048", FUNCTION_ID, "/{date}"
    )
    combinations = rows("/combinations", "All combinations of a group and a function.", COMBINATION, 2152)
    group_combinations = rows("/combinations/group/{group_id}", "The combinations of a group.", COMBINATION, 2180, GROUP_ID)
    function_combinations = rows(
        "/combinations/function/{function_id}", "The combinations of a function.", COMBINATION, 2210, FUNCTION_ID
    )
    combination_members = members(
        "/combinations/{combination_id}/{ot}",
        "Who holds a combination now, or with on= on a day.",
        "2240",
        COMBINATION_ID,
        variants=(Variant(("on",), "combination_members_on", (ON,)),),
    )
    combination_members_on = members(
        "/combinations/{combination_id}/{ot}", "Who held a combination on a day.", "2342", COMBINATION_ID, "/{date}"
    )
    activities = rows(
        "/activities",
        "All activities, or with start= and end= those in a window of days.",
        ACTIVITY,
        2447,
        record="activity",
        variants=(
            Variant(("start", "end"), "activities_between", (START, END)),
            Variant(("start",), "activities_since", ()),
            Variant(("end",), "activities_until", ()),
        ),
    )
    activities_since = rows(
        "/activities/start/{start_date}",
        "Activities that start on a day or later.",
        ACTIVITY,
        2912,
        SINCE,
        params=(DATE_FORM,),
        check=one_window,
        refine=within,
    )
    activities_until = rows(
        "/activities/end/{end_date}",
        "Activities that end on a day or earlier.",
        ACTIVITY,
        2938,
        UNTIL,
        params=(DATE_FORM,),
        check=one_window,
        refine=within,
    )
    activities_between = rows(
        "/activities/{start_date}/{end_date}",
        "Activities between two days.",
        ACTIVITY,
        2964,
        SINCE,
        UNTIL,
        params=(DATE_FORM,),
        check=one_window,
        refine=within,
    )
    activity_internal = rows(
        "/activities/{activity_id}/internal",
        "Details of an internal activity.",
        (*DETAIL, *SIGNUP, *SHOP),
        3064,
        EVENT,
        record="activity",
        refine=typed_as("internal"),
        tries=("/activities/{activity_id}/internal", "/activities/{activity_id}"),
    )
    activity_external = rows(
        "/activities/{activity_id}/external",
        "Details of an external activity.",
        (*DETAIL, *SIGNUP, *SHOP),
        3123,
        EVENT,
        record="activity",
        refine=typed_as("external"),
        tries=("/activities/{activity_id}/external", "/activities/{activity_id}"),
    )
    activity_sale = rows(
        "/activities/{activity_id}/sale",
        "Details of a sale.",
        (*DETAIL, *SHOP),
        3182,
        EVENT,
        record="activity",
        refine=typed_as("sale"),
        tries=("/activities/{activity_id}/sale", "/activities/{activity_id}"),
    )
    activity_announcement = rows(
        "/activities/{activity_id}/announcement",
        "Details of an announcement.",
        (*DETAIL, *NOTICE),
        3229,
        EVENT,
        record="activity",
        refine=typed_as("announcement"),
        tries=("/activities/{activity_id}/announcement", "/activities/{activity_id}"),
    )
    activity_session = rows(
        "/activities/{activity_id}/session",
        "Details of a session.",
        (*DETAIL, *NOTICE),
        3254,
        EVENT,
        record="activity",
        refine=typed_as("session"),
        tries=("/activities/{activity_id}/session", "/activities/{activity_id}"),
    )
    attendance = rows(
        "/activities/{activity_id}/attendance/{status}",
        "The sign-up list of an activity. Answers, not presence: check-ins are not in the API.",
        ATTENDEE,
        3279,
        EVENT,
        ANSWER,
        paging=PAGES,
        key=("user_id",),
        record="user",
        empty_on_404=True,
        refine=under_two_answers,
    )
    activity_attachments = rows("/activities/{activity_id}/attachments", "Files of an activity.", ACTIVITY_FILE, 3353, EVENT)
    activity_products = rows(
        "/activities/{activity_id}/products",
        "Products of an activity; the document shows no answer.",
        PRODUCT,
        3397,
        EVENT,
        record="product",
    )
    product_prices = rows(
        "/activities/{activity_id}/products/{product_id}/productprices",
        "Prices of a product, per group.",
        PRICE,
        3469,
        EVENT,
        number("product_id", "Number of the product."),
    )
    news = rows("/news", "All news posts.", NEWS, 3540, record="news")
    news_post = rows("/news/{news_id}", "One news post.", NEWS, 3640, number("news_id", "Number of the post."))
    news_attachments = rows(
        "/news/{news_id}/attachments",
        "Files of a news post.",
        NEWS_FILE,
        3714,
        number("news_id", "Number of the post."),
    )
    folders = rows(
        "/folders",
        "The tree of folders, one line per folder, depth first.",
        FOLDER,
        3745,
        pick=FOLDERS,
        paging=TREE,
        remarks=misplaced("folders", FOLDERS, "parent"),
        record="folder",
    )
    folder = rows(
        "/folders/{folders_id}",
        "One folder and those below it, depth first.",
        FOLDER,
        3826,
        number("folders_id", "Number of the folder."),
        pick=FOLDERS,
        paging=TREE,
        remarks=misplaced("folders", FOLDERS, "parent"),
        record="folder",
    )
    files = rows("/files", "All files.", FILE, 3890)
    file = rows("/files/{file_id}", "One file.", FILE, 3917, number("file_id", "Number of the file."))
    albums = rows("/albums", "All albums.", ALBUM, 3939, record="album")
    album = rows("/albums/{albums_id}", "One album.", ALBUM, 3993, number("albums_id", "Number of the album."), record="album")
    pictures = rows("/pictures", "All pictures.", PICTURE, 4040)
    picture = rows("/pictures/{picture_id}", "One picture.", PICTURE, 4075, number("picture_id", "Number of the picture."))

    def activity(self, activity_id: int | str, type: str | None = None) -> pd.DataFrame:
        """Details of one activity of any type.

        Parameters
        activity_id: number of the activity. type: its type, as the list of activities gives it; looked up there if not given.

        Returns the frame of the fetcher for that type (activity_internal, activity_external, ...). Raises NotFound for an unknown
        number, ParameterError for a type that the API has no details of. Source: Peepl contract sheet, section 7, trap 8.
        """
        numbers = several_ids(activity_id, EVENT)
        if len(numbers) != 1:
            raise ParameterError(
                "activity takes one number.", crm=self.crm, hint="activity_internal([...]) takes several of a type."
            )
        if type is None:
            listed = self.activities()
            found = listed.loc[listed["id"].astype("string") == str(numbers[0]), "type"]
            if found.empty:
                raise NotFound(
                    "no such activity in the list.", crm=self.crm, endpoint="activity", hint="activities() lists them."
                )
            word = f"activity_{found.iloc[0]}"
        else:
            word = f"activity_{type}"
        if word not in self.rows():
            types = ", ".join(ACTIVITY_TYPES)
            raise ParameterError("the API gives no details of this type of activity.", crm=self.crm, hint=f"type takes {types}.")
        detail: pd.DataFrame = getattr(self, word)(numbers[0])
        return detail
