"""What a body of a write may hold: one test for each field that the document lets anybody change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crmkit.demo.clock import iso_day
from crmkit.demo.dialects.onepagecrm import fields, reference
from crmkit.demo.dialects.onepagecrm.ids import Json
from crmkit.demo.dialects.onepagecrm.query import Invalid

Test = Callable[[str, Any], None]
_URLS = ("website", "blog", "twitter", "linkedin", "xing", "facebook", "google_plus", "other")
_PHONES = ("work", "mobile", "home", "direct", "fax", "company", "other", "skype")
_ADDRESSES = ("work", "home", "billing", "delivery", "other")
_LINES = ("address", "city", "state", "zip_code", "country_code")


def text(longest: int | None = None) -> Test:
    """A text, with a most that is refused beyond."""

    def test(name: str, value: Any) -> None:
        if not isinstance(value, str):
            raise Invalid(name, "is a text")
        if longest is not None and len(value) > longest:
            raise Invalid(name, f"is too long (maximum is {longest} characters)")

    return test


def one_of(known: Collection[str]) -> Test:
    """A word out of a list."""

    def test(name: str, value: Any) -> None:
        if not isinstance(value, str) or value not in known:
            raise Invalid(name, f"is not included in the list: {', '.join(sorted(known))}")

    return test


def _day(name: str, value: Any) -> None:
    try:
        iso_day(value)
    except (TypeError, ValueError):
        raise Invalid(name, "is a day as YYYY-MM-DD") from None


def _whole(name: str, value: Any) -> None:
    if type(value) is not int:
        raise Invalid(name, "is a whole number")


def _number(name: str, value: Any) -> None:
    if type(value) not in (int, float):
        raise Invalid(name, "is a number")


def _flag(name: str, value: Any) -> None:
    if type(value) is not bool:
        raise Invalid(name, "is true or false")


def _words(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(name, "is a list of texts")


def _typed(known: Collection[str]) -> Test:
    """A list of values with their type."""

    def test(name: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(each, dict) and set(each) == {"type", "value"} for each in value):
            raise Invalid(name, "is a list of types and values")
        for each in value:
            one_of(known)(name, each["type"])
            text()(name, each["value"])

    return test


def _address(name: str, value: Any) -> None:
    if not isinstance(value, dict) or not set(value) <= set(_LINES):
        raise Invalid(name, f"is an object of {', '.join(_LINES)}")
    for line in value.values():
        text()(name, line)


def _address_list(name: str, value: Any) -> None:
    if not isinstance(value, list) or len(value) > 2 or not all(isinstance(each, dict) for each in value):
        raise Invalid(name, "is a list of two addresses at most")
    for each in value:
        _address(name, {line: found for line, found in each.items() if line != "type"})
        if "type" in each:
            one_of(_ADDRESSES)(name, each["type"])


def _custom(kind: str) -> Test:
    """Values of custom fields, each with the id of its field."""
    known = {each["id"]: each for each in fields.DEFINITIONS[kind]}

    def test(name: str, value: Any) -> None:
        if not isinstance(value, list) or not all(isinstance(each, dict) and set(each) == {kind, "value"} for each in value):
            raise Invalid(name, f"is a list of {kind} and value")
        for each in value:
            definition = known.get(str(each[kind].get("id"))) if isinstance(each[kind], dict) else None
            if definition is None:
                raise Invalid(name, "names an unknown field")
            _custom_value(name, definition, each["value"])

    return test


def _custom_value(name: str, definition: Json, value: Any) -> None:
    kind = definition["type"]
    if kind == "section_divider":
        raise Invalid(name, "a divider has no value")
    if value in ("", []):
        return  # empties the field, of whatever type
    if kind in ("date", "anniversary"):
        _day(name, value)
    elif kind == "number" and not isinstance(value, str):
        _number(name, value)
    elif kind == "multiple_choice" and isinstance(value, list):
        for each in value:
            one_of(definition["choices"])(name, each)
    elif kind in ("select_box", "multiple_choice"):
        one_of(definition["choices"])(name, value)
    else:
        text()(name, value)


_STATUSES = set(reference.STATUS_IDS.values())
_SOURCES = set(reference.SOURCE_NAMES)
_PIPELINES = {each["id"] for each in reference.pipelines()}
TESTS: Mapping[str, Mapping[str, Test]] = {
    "contact": {
        "title": one_of(("Mr", "Mrs", "Ms")),
        "first_name": text(25),
        "last_name": text(25),
        "job_title": text(1000),
        "starred": _flag,
        "urls": _typed(_URLS),
        "phones": _typed(_PHONES),
        "emails": _typed(("work", "home", "other")),
        "address_list": _address_list,
        "status_id": one_of(_STATUSES),
        "tags": _words,
        "lead_source_id": one_of(_SOURCES),
        "background": text(10240),
        "owner_id": text(),
        "custom_fields": _custom(fields.CONTACT),
    },
    "company": {
        "name": text(55),
        "description": text(10240),
        "url": text(),
        "phone": text(),
        "address": _address,
        "company_fields": _custom(fields.COMPANY),
    },
    "deal": {
        "owner_id": text(),
        "pipeline_id": one_of(_PIPELINES),
        "sales_pipeline_id": one_of(_PIPELINES),
        "name": text(),  # Longer than 60 is cut without an error.
        "text": text(7168),
        "stage": _whole,
        "status": one_of(("pending", "won", "lost")),
        "expected_close_date": _day,
        "close_date": _day,
        "date": _day,
        "amount": _number,
        "months": _whole,
        "cost": _number,
        "commission_base": one_of(("amount", "margin")),
        "commission_type": one_of(("none", "percentage", "absolute")),
        "commission": _number,
        "commission_percentage": _number,
        "deal_fields": _custom(fields.DEAL),
    },
    "action": {"assignee_id": text(), "text": text(140), "date": _day, "exact_time": _whole},
    "note": {"text": text(7168), "date": _day, "linked_deal_id": text()},
    "call": {
        "call_time_int": _whole,
        "text": text(7168),
        "phone_number": text(),
        "call_result": one_of(reference.CALL_RESULTS),
        "via": one_of(("unknown", "jabber", "talkdesk", "phone")),
        "recording_link": text(),
    },
    "meeting": {"meeting_time_int": _whole, "place": text(100), "text": text(7168)},
}
