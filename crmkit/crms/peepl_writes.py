"""Peepl: what can be written. The safe set of the contract sheet's section 5.6, with the bodies of 5.1 and 5.3."""

from __future__ import annotations

from typing import Any

from crmkit.writing import Field, Record, Writing

BASICS = "Peepl sheet, section 5.1"
PARTS = "Peepl sheet, section 5.3"


def needed(name: str, kind: str = "text", **more: Any) -> Field:
    """A required field that is never blank."""
    return Field(name, kind, required=True, **{"blank": False, **more})


def itself(body: Any, entry: Record) -> Record | None:
    """The record that a PUT answers with; of some the document shows nothing."""
    return body if isinstance(body, dict) and str(body.get("id")) == str(entry.get("id")) else None


def held_value(record: Record, entry: Record, changes: Record) -> str:
    """A custom value goes under the name that fits its field: the one it already has."""
    other = [name for name in changes if name not in entry]
    return f"this custom field does not hold a {other[0]}" if other else ""


CONTACT = (
    Field("uname", along=True, blank=False),  # left out it would be generated anew
    needed("first_name"),
    needed("last_name"),
    needed("birth_date", "day"),
    needed("birth_place"),
    needed("preferred_language"),
    needed("gender"),
    needed("email", unique=True),
)
ADDRESS = (
    needed("street1"),
    needed("street2", blank=True),
    needed("city"),
    needed("postal_code"),
    needed("country", form="[A-Z]{2}"),
    needed("address_type", "whole"),
)
EMAIL = (
    needed("type", values=("home", "work", "father", "mother", "other")),
    needed("value"),
    Field("cc", "flag", along=True),
)
VALUE = (
    Field("date_value", "day"),
    Field("datetime_value", blank=False),
    Field("string_value"),
    Field("int_value", "whole"),
    Field("bool_value", "flag"),
)
SERVER = "the server sets it; no write accepts it"
UNKNOWN_LIST = "its entries are written one by one: correct address[<id>].<field> and the like"
REFUSED_BASICS = {
    **dict.fromkeys(("id", "age", "last_modified", "created_on"), SERVER),
    **dict.fromkeys(("title", "profile_pic", "permission_level"), "section 5.1 does not let it be written"),
    "companies": "the document prints the wrong body for company positions, so they are not offered (section 5.3)",
    "educations": "educations are not in the safe set (section 5.6)",
    "relatives": "no document says how relatives are written",
    **dict.fromkeys(("address", "emails_secondary", "custom_fields"), UNKNOWN_LIST),
}
ID = {"id": SERVER}


def part(noun: str, name: str, path: str, fields: tuple[Field, ...], **more: Any) -> Writing:
    """An entry of one of the lists of a contact or an organisation, which has a PUT of its own."""
    return Writing(
        noun,
        f"/{noun}s/{{id}}",
        f"/{noun}s/{{id}}/{path}/{{part}}",
        fields,
        PARTS,
        part=name,
        stamp="last_modified",
        refused={**ID, "custom_field": "a value stays with its field"},
        answer=itself,
        rereads=True,
        **more,
    )


def parts(noun: str) -> tuple[Writing, ...]:
    """The parts that contacts and organisations share."""
    return (
        part(noun, "address", "addresses", ADDRESS, whole=True),
        part(noun, "emails_secondary", "emailaddresses", EMAIL, whole=True),
        part(noun, "custom_fields", "customfieldvalues", VALUE, check=held_value),
    )


WRITINGS = (
    Writing(
        "contact",
        "/contacts/{id}",
        "/contacts/{id}",
        CONTACT,
        BASICS,
        stamp="last_modified",
        whole=True,
        refused=REFUSED_BASICS,
        answer=itself,
        rereads=True,
    ),
    *parts("contact"),
    *parts("organisation"),
)
NOT_WRITTEN = {
    "organisation": "Peepl has no write for an organisation itself, only for its addresses, e-mails and custom values",
    "group": "groups have no write",
    "activity": "activities are not in the safe set (Peepl sheet, section 5.6)",
    "news": "news is not in the safe set (Peepl sheet, section 5.6)",
    "album": "albums are not in the safe set (Peepl sheet, section 5.6)",
}
