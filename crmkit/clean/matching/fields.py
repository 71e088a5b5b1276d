"""Where the fields that tell people apart stand in each system's frames, and how they are read into one shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError, ShapeError
from crmkit.receipts import ATTRS, included

Reader = Callable[[pd.DataFrame], Iterable[Any]]
Where = str | Reader | Sequence[str | Reader]

SINGLE = ("id", "name", "first_name", "infix", "last_name", "gender", "birth_date")
PLACE = ("street", "postal_code", "city")
FIELDS = (*SINGLE, "mail", "phone", *PLACE)
LOOKS_LIKE_PHONE = re.compile(r"\s*(\+|00|0)[\d\s()./-]{8,18}(\(.*\))?\s*")
BIRTHDAY = re.compile("birth|verjaar|geboort|naiss|annivers|geburt", re.IGNORECASE)
MOST = 0.9
DATES = ("date", "anniversary")
EXAMPLE = (
    'fields={"members": {"id": "Nr", "first_name": "Voornaam", "last_name": "Naam", "mail": "E-mail", "birth_date": "Geboren"}}'
)


@dataclass(frozen=True)
class Source:
    """What was read of a frame: one line per record, and one line per mail, phone and address, each with the number of its record."""

    people: pd.DataFrame
    mails: pd.DataFrame
    phones: pd.DataFrame
    places: pd.DataFrame
    problems: tuple[str, ...]


def nested(column: str, *names: str) -> Callable[[pd.DataFrame], list[list[Any]]]:
    """Reads a column of lists of objects: the values under the names, one list per record."""

    def read(frame: pd.DataFrame) -> list[list[Any]]:
        return [[one if isinstance(one, str) else _first(one, names) for one in each] for each in _opened(frame, column)]

    return read


def _opened(frame: pd.DataFrame, column: str) -> list[list[Any]]:
    """A column of lists, empty where there is none; out of a Parquet file they come as arrays or as JSON text."""
    values = frame[column].tolist() if column in frame else [None] * len(frame)
    read = (json.loads(value) if isinstance(value, str) and value.startswith("[") else value for value in values)
    return [list(value) if isinstance(value, list | np.ndarray) else [] for value in read]


def _first(one: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((one[name] for name in names if one.get(name)), None)


def phones_among(column: str) -> Callable[[pd.DataFrame], list[list[Any]]]:
    """Reads phones from custom fields: a field counts as one when nine in ten of its texts look like a phone number."""

    def read(frame: pd.DataFrame) -> list[list[Any]]:
        lists = _opened(frame, column)
        texts: dict[Any, list[bool]] = {}
        for one in (one for each in lists for one in each):
            if isinstance(text := one.get("string_value"), str) and text.strip():
                texts.setdefault(one.get("custom_field"), []).append(LOOKS_LIKE_PHONE.fullmatch(text) is not None)
        phones = {name for name, seen in texts.items() if sum(seen) >= MOST * len(seen)}
        return [[one.get("string_value") for one in each if one.get("custom_field") in phones] for each in lists]

    return read


def birthday(frame: pd.DataFrame) -> list[Any]:
    """Reads OnePageCRM's birth date: a date or anniversary field that is named after birth."""
    found = []
    for each in _opened(frame, "custom_fields"):
        pairs = [(one.get("custom_field") or {}, one.get("value")) for one in each]
        dates = (value for field, value in pairs if field.get("type") in DATES and BIRTHDAY.search(field.get("name") or ""))
        found.append(next((value for value in dates if isinstance(value, str)), None))
    return found


def beside(kind: str, name: str) -> Callable[[pd.DataFrame], list[list[Any]]]:
    """Reads a column of the tables that came beside a MissionHub frame, over its link table; nothing where they were not included."""

    def read(frame: pd.DataFrame) -> list[list[Any]]:
        tables = _tables(frame)
        link, values = tables.get(f"people__{kind}"), tables.get(SINGULAR[kind])
        if link is None or values is None or values.empty:
            return [[] for _ in range(len(frame))]
        value_of = dict(zip(values["id"], values[name], strict=True))
        found: dict[str, list[Any]] = {}
        for person, part in zip(link["person_id"], link[f"{SINGULAR[kind]}_id"], strict=True):
            found.setdefault(person, []).append(value_of.get(part))
        return [found.get(person, []) for person in frame["id"]]

    return read


SINGULAR = {"email_addresses": "email_address", "phone_numbers": "phone_number", "addresses": "address"}


def _tables(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    try:
        return included(frame)
    except ShapeError:
        return {}


PEEPL: Mapping[str, Where] = {
    "id": "id", "first_name": "first_name", "last_name": "last_name", "gender": ("gender", "title"), "birth_date": "birth_date",
    "mail": ("email", nested("emails_secondary", "email", "address", "value")), "phone": phones_among("custom_fields"),
    "street": nested("address", "street1"), "postal_code": nested("address", "postal_code"), "city": nested("address", "city"),
}  # fmt: skip
BEEPLE: Mapping[str, Where] = {
    "id": "id", "name": "name", "first_name": "other_names", "infix": "prefix", "last_name": "family_name", "gender": "gender",
    "birth_date": ("birth_date", "birth_date.raw"), "mail": "email", "phone": ("mobile", "phone"),
    "street": "primary_address.street1", "postal_code": "primary_address.zip", "city": "primary_address.city",
}  # fmt: skip
SHEEPCRM: Mapping[str, Where] = {
    "id": "uid", "name": "display_value", "first_name": "first_name", "last_name": "last_name", "gender": ("gender", "title"),
    "birth_date": "date_of_birth", "mail": "primary_email", "phone": "primary_telephone", "street": "street_address",
    "postal_code": "postal_code", "city": "locality",
}  # fmt: skip
MISSIONHUB: Mapping[str, Where] = {
    "id": "id", "name": "full_name", "first_name": "first_name", "last_name": "last_name", "gender": "gender",
    "birth_date": "birth_date", "mail": beside("email_addresses", "email"), "phone": beside("phone_numbers", "number"),
    "street": beside("addresses", "address1"), "postal_code": beside("addresses", "zip"), "city": beside("addresses", "city"),
}  # fmt: skip
ONEPAGECRM: Mapping[str, Where] = {
    "id": "id", "first_name": "first_name", "last_name": "last_name", "gender": "title", "birth_date": birthday,
    "mail": nested("emails", "value"), "phone": nested("phones", "value"), "street": nested("address_list", "address"),
    "postal_code": nested("address_list", "zip_code"), "city": nested("address_list", "city"),
}  # fmt: skip
KNOWN: Mapping[tuple[str, str], Mapping[str, Where]] = {
    **{("Peepl", name): PEEPL for name in ("contacts", "contact", "contacts_search", "segment_contacts")},
    **{("Beeple", name): BEEPLE for name in ("collaborator", "collaborators", "collaborator_list")},
    **{("sheepCRM", name): SHEEPCRM for name in ("segment_records", "contact_summary", "find_person", "search_person")},
    **{("MissionHub", name): MISSIONHUB for name in ("people", "person", "me")},
    **{
        ("OnePageCRM", name): ONEPAGECRM
        for name in ("contacts", "contact", "filtered_contacts", "filter_contacts", "contacts_cascade")
    },
}


def read(system: str, frame: pd.DataFrame, given: Mapping[str, Where] | None) -> Source:
    """The records of a frame. given: where its fields stand; without it the receipt tells the endpoint and so the fields."""
    where = dict(given) if given is not None else _by_receipt(system, frame)
    _check(system, frame, where)
    frame, problems = _one_each(system, frame, where)
    people = {name: _single(frame, where[name]) for name in SINGLE if name in where}
    texts = {name: pd.Series(people.get(name), index=frame.index, dtype=object) for name in SINGLE}
    table = pd.DataFrame({"system": system, **texts})
    table["id"] = pd.Series([_text(value) for value in table["id"]], index=table.index, dtype=object)
    mails, phones = (_many({name: _lists(frame, where.get(name))}) for name in ("mail", "phone"))
    places = _many({name: _lists(frame, where.get(name)) for name in PLACE})
    if mails.empty and len(table):
        problems.append(f"{system}: no mail address is in this frame{_include(where) if given is None else '.'}")
    return Source(table, mails, phones, places, tuple(problems))


def _include(where: Mapping[str, Where]) -> str:
    wanted = 'include=["email_addresses", "phone_numbers", "addresses"]'
    return f"; fetch it with {wanted}." if where.get("mail") is MISSIONHUB["mail"] else "."


def _by_receipt(system: str, frame: pd.DataFrame) -> dict[str, Where]:
    proof = getattr(frame, "attrs", {}).get(ATTRS) or {}
    found = KNOWN.get((str(proof.get("crm")), str(proof.get("endpoint"))))
    if found is None:
        what = f"{proof['crm']}.{proof['endpoint']}" if proof else "a frame without a receipt"
        raise ParameterError(f"{system!r} is {what}: which columns hold the fields is not known.", hint=f"say so: {EXAMPLE}")
    return {name: at for name, at in found.items() if (columns := _columns(at)) is None or any(one in frame for one in columns)}


def _columns(at: Where) -> list[str] | None:
    """The columns that a field is read from; None where a function reads it, at least in part."""
    parts = [at] if isinstance(at, str) or callable(at) else list(at)
    return None if any(map(callable, parts)) else [str(one) for one in parts]


def _check(system: str, frame: pd.DataFrame, where: Mapping[str, Where]) -> None:
    if unknown := [name for name in where if name not in FIELDS]:
        raise ParameterError(f"{system!r}: there is no field {unknown[0]!r}.", hint=f"fields are {', '.join(FIELDS)}.")
    for name, at in where.items():
        columns = _columns(at)
        if columns and not any(one in frame for one in columns):
            raise ParameterError(
                f"{system!r} has no column {columns[0]!r}, which should hold the {name}.", hint=f"say so: {EXAMPLE}"
            )
    if "id" not in where or not {"name", "first_name", "last_name"} & set(where):
        raise ParameterError(f"{system!r} needs an id and a name.", hint=f"say which columns hold them: {EXAMPLE}")


def _one_each(system: str, frame: pd.DataFrame, where: Mapping[str, Where]) -> tuple[pd.DataFrame, list[str]]:
    """Every record once; sheepCRM's organisations and the like are left out."""
    problems, proof = [], frame.attrs.get(ATTRS) or {}
    if proof.get("complete") is False:
        problems.append(f"{system}: this frame is incomplete; who is missing cannot be matched.")
    frame = frame.copy(deep=False)  # pandas copies attrs at every step, and a receipt may be long
    frame.attrs = {ATTRS: {name: proof[name] for name in ("crm", "endpoint", "included") if name in proof}}
    if where.get("id") == "uid" and "uri" in frame:
        kept = frame["uri"].isna() | frame["uri"].astype("string").str.contains("/person/", na=True)
        if left := int((~kept).sum()):
            problems.append(f"{system}: {left:,} records that are no persons were left out.")
        frame = frame[kept]
    ids = _single(frame, where["id"])
    if ids.isna().any():
        raise ParameterError(
            f"{system!r}: {int(ids.isna().sum()):,} records have no id.", hint="leave them out, or give them one."
        )
    twice = ids.map(_text).duplicated().to_numpy()
    if twice.any():
        problems.append(f"{system}: {int(twice.sum()):,} lines repeat a record; its first line counts.")
    return frame[~twice].reset_index(drop=True), problems


def _single(frame: pd.DataFrame, at: Where) -> pd.Series[Any]:
    """One value per record: of several columns the first that is filled."""
    if callable(at):
        return pd.Series(list(at(frame)), index=frame.index, dtype=object)
    columns = [frame[one] for one in ([at] if isinstance(at, str) else at) if one in frame]
    found = columns[0].astype(object)
    for other in columns[1:]:
        found = found.where(found.notna() & (found != ""), other.astype(object))
    return found


def _lists(frame: pd.DataFrame, at: Where | None) -> list[list[Any]]:
    """All values of a record, from one column or several."""
    if at is None:
        return [[] for _ in range(len(frame))]
    parts = [at] if isinstance(at, str) or callable(at) else list(at)
    found: list[list[Any]] = [[] for _ in range(len(frame))]
    for part in parts:
        values = part(frame) if callable(part) else frame[part].tolist() if part in frame else []
        for record, value in zip(found, values, strict=False):
            record.extend(value if isinstance(value, list | np.ndarray) else [value])
    return found


def _many(columns: Mapping[str, list[list[Any]]]) -> pd.DataFrame:
    """A line for every value that is a text, with the number of its record; lists of one record run side by side."""
    lines = []
    for record, lists in enumerate(zip(*columns.values(), strict=True)):
        for place in range(max(map(len, lists))):
            values = [each[place] if place < len(each) else None for each in lists]
            texts = [_text(value) for value in values]
            if any(texts):
                lines.append((record, *texts))
    return pd.DataFrame(lines, columns=["record", *columns])


def _text(value: Any) -> str | None:
    """A value as text; a whole number that came as a float has no decimals."""
    if isinstance(value, str):
        return value
    if value is None or not pd.api.types.is_scalar(value) or pd.isna(value):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
