"""The writes that are taken: basic fields, addresses, secondary e-mails and values of custom fields, each whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crmkit.demo.clock import iso_day
from crmkit.demo.dialects.peepl import persons
from crmkit.demo.dialects.peepl.edits import Json
from crmkit.demo.dialects.peepl.register import CONTACTS, Register
from crmkit.demo.people import ascii_letters
from crmkit.demo.wsgi import Refused, Undocumented

_OWNER = "<any(contacts,organisations):what>/<int:number>"
_BASICS = ("first_name", "last_name", "birth_date", "birth_place", "preferred_language", "gender", "email")
_ADDRESS = ("street1", "street2", "city", "postal_code", "country")
_EMAIL_TYPES = ("home", "work", "father", "mother", "other")
_VALUES: Mapping[str, type] = {
    "string_value": str,
    "int_value": int,
    "bool_value": bool,
    "date_value": str,
    "datetime_value": str,
}


@dataclass(frozen=True)
class Write:
    """How a write is answered; a call that gives None is answered without a body."""

    call: Callable[..., Json | None]


class Writes:
    """Every write checks the whole body before anything changes."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def table(self) -> dict[str, Write]:
        """Writes by path, all of them PUT."""
        return {
            "/contacts/<int:number>/": Write(self._contact),
            f"/{_OWNER}/addresses/<int:part>/": Write(self._address),
            f"/{_OWNER}/emailaddresses/<int:part>/": Write(self._email),
            f"/{_OWNER}/customfieldvalues/<int:part>/": Write(self._value),
        }

    def _contact(self, body: bytes, number: int) -> Json:
        """The seven basic fields, all of them; a user name that is not given is generated anew."""
        before = persons.contact(self._register, number)
        given = _read(body, (*_BASICS, "uname"), required=_BASICS)
        for name in given:
            _text(given, name)
        _day(given, "birth_date")
        if given["email"].casefold() != before["email"].casefold() and self._is_taken(given["email"]):
            raise Refused(400, "email: this primary e-mail address is in use.")
        generated = ascii_letters(given["first_name"]).title() + ascii_letters(given["last_name"]).title()
        self._register.edits.change((CONTACTS, number), {"uname": generated, **given})
        return persons.contact(self._register, number)

    def _is_taken(self, email: str) -> bool:
        register = self._register
        return any(
            register.edits.basics((CONTACTS, number)).get("email", record.card["email"]).casefold() == email.casefold()
            for number, record in register.contacts.items()
        )

    def _address(self, body: bytes, what: str, number: int, part: int) -> Json:
        addresses = persons.contact_addresses if what == CONTACTS else persons.organisation_addresses
        _entry(addresses(self._register, number), part)
        given = _read(body, (*_ADDRESS, "address_type"), required=(*_ADDRESS, "address_type"))
        for name in _ADDRESS:
            _text(given, name, blank=name == "street2")
        if not re.fullmatch("[A-Z]{2}", given["country"]):
            raise Refused(400, "country: an ISO code of two letters.")
        if type(given["address_type"]) is not int or given["address_type"] not in (persons.CORRESPONDENCE, persons.INVOICING):
            raise Refused(400, "address_type: no such address type.")
        self._register.edits.change_part((what, number), "address", part, given)
        return _entry(addresses(self._register, number), part)

    def _email(self, body: bytes, what: str, number: int, part: int) -> Json:
        _entry(self._record(what, number)["emails_secondary"], part)
        given = _read(body, ("type", "value", "cc"), required=("type", "value"))
        if given["type"] not in _EMAIL_TYPES:
            raise Refused(400, f"type: one of {', '.join(_EMAIL_TYPES)}.")
        _text(given, "value")
        if not isinstance(given.get("cc", False), bool):
            raise Refused(400, "cc: a boolean.")
        self._register.edits.change_part((what, number), "emails_secondary", part, given)
        return _entry(self._record(what, number)["emails_secondary"], part)

    def _value(self, body: bytes, what: str, number: int, part: int) -> None:
        """One value, of the kind that the field holds; no reply is documented."""
        entry = _entry(self._record(what, number)["custom_fields"], part)
        given = _read(body, tuple(_VALUES), required=())
        held = next(name for name in _VALUES if name in entry)
        if list(given) != [held]:
            raise Refused(400, f"{held}: this field takes exactly this value.")
        if type(given[held]) is not _VALUES[held]:
            raise Refused(400, f"{held}: not a value of this kind.")
        if held == "date_value":
            _day(given, held)
        fields = persons.CONTACT_FIELDS if what == CONTACTS else persons.ORGANISATION_FIELDS
        options = next(options for field, _, _, options in fields if field == entry["custom_field"])
        if options and given[held] not in options:
            raise Refused(400, f"{held}: one of {', '.join(options)}.")
        self._register.edits.change_part((what, number), "custom_fields", part, given)

    def _record(self, what: str, number: int) -> Json:
        return (persons.contact if what == CONTACTS else persons.organisation)(self._register, number)


def _entry(entries: list[Json], part: int) -> Json:
    """The entry with this id; KeyError where there is none."""
    return {each["id"]: each for each in entries}[part]


def _read(body: bytes, known: tuple[str, ...], required: tuple[str, ...]) -> Json:
    """A JSON object with known fields, the required ones among them."""
    try:
        given = json.loads(body)
    except ValueError:
        raise Refused(400, "JSON parse error") from None
    if not isinstance(given, dict):
        raise Refused(400, "A body is an object.")
    unknown = [f"body field {name}" for name in given if name not in known]
    if unknown:
        raise Undocumented(unknown)
    missing = [name for name in required if name not in given]
    if missing:
        raise Refused(400, f"{missing[0]}: this field is required.")
    return given


def _text(given: Json, name: str, *, blank: bool = False) -> None:
    if not isinstance(given[name], str):
        raise Refused(400, f"{name}: not a string.")
    if not blank and not given[name].strip():
        raise Refused(400, f"{name}: this field may not be blank.")


def _day(given: Json, name: str) -> None:
    try:
        iso_day(given[name])
    except ValueError:
        raise Refused(400, f"{name}: a day as YYYY-MM-DD.") from None
