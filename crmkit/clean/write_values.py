"""One correction against one record: is the old value still there, and what is the field's whole new value. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from crmkit.writing import CUSTOM_PREFIX, Field, Place, Record, Unfit, defined, parsed, wire

EMPTY: tuple[Any, ...] = (None, "", [])
WITH_ID = re.compile(r"(?P<name>.*) \[(?P<id>[^\[\]]+)\]")
PLAIN = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DIVIDER = "section_divider"
NAMELESS = "a custom value of the record names no field, so it could not be sent along with the others, and might be lost"

Definitions = Callable[[], Mapping[str, Record]]


def same(one: Any, other: Any) -> bool:
    """Whether two values as sent mean the same.

    Nothing is nothing, however it is written; a number may come as text, and a single choice as a list of one.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return all(same(one.get(name), other.get(name)) for name in one.keys() | other.keys())
    if one and other and isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if one == other or one == [other] or [one] == other:
        return True
    return bool(one in EMPTY and other in EMPTY) or _is_written(one, other) or _is_written(other, one)


def _is_written(text: Any, number: Any) -> bool:
    """Whether a text is that number in digits; of a phone number's 0 or + in front nothing may get lost."""
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return is_number and isinstance(text, str) and bool(PLAIN.fullmatch(text) and wire(Field("", "number"), text) == number)


def is_old(field: Field, now: Any, text: Any) -> bool:
    """Whether a value as it is now is what a correction's text says."""
    if pd.isna(text):
        return now is None or (field.kind != "text" and (now in EMPTY or _is_misfit(field, now)))
    if now is None:
        return False
    if field.kind in ("words", "items", "custom") or isinstance(now, list):
        said = _loaded(text)
        if field.kind == "items" and isinstance(said, list):
            return wire(field, said) in (now, _items(now))
        return bool(said == now)
    if field.kind == "text" and isinstance(now, str):
        return bool(now == text) or bool(field.values and _loaded(text) == [now])  # a choice, in a column of lists
    try:
        return same(parsed(Field(field.name, field.kind), text), now)
    except Unfit:
        return bool(str(now) == text)


def _is_misfit(field: Field, now: Any) -> bool:
    """Whether a frame shows nothing for a value, because it does not fit its type."""
    try:
        parsed(Field(field.name, field.kind), str(now))
    except Unfit:
        return field.kind in ("whole", "number", "day", "epoch")
    return False


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def value(field: Field, raw: Any, place: Place, definitions: Definitions) -> tuple[Field, Any]:
    """What a correction is about: the field as it is declared at that place, and its value now."""
    if field.kind == "custom":
        found = _custom_id(field, raw or [], place, definitions)
        definition = definitions().get(found, {})
        held = next((item.get("value") for item in raw or [] if defined(item, field.wrapper) == found), None)
        return _custom_field(field, definition), wire(Field(field.name, _kind(definition)), held)
    now = wire(field, raw)
    if field.kind == "object":
        return field.member(place.member or ""), (now or {}).get(place.member or "")
    if field.kind == "items" and place.key is not None:
        item = _items(now)[_index(field, now, place)]
        return field.member(place.member or ""), item.get(place.member or "")
    if place.key is not None or place.member is not None:
        raise Unfit(f"{field.name} has no parts")
    return field, now


def changed(field: Field, raw: Any, place: Place, text: str, definitions: Definitions) -> Any:
    """The whole new value of the field; raw is its value so far. Unfit says what is wrong."""
    now = wire(field, raw)
    if field.kind == "custom":
        return _custom_changed(field, raw or [], place, text, definitions)
    if field.kind == "object":
        return {**(now or {}), place.member or "": parsed(field.member(place.member or ""), text)}
    if field.kind != "items":
        return parsed(field, text)
    if place.key is None:
        kept = [item for item in _listed(text) if wire(field, [item]) in [[one] for one in now or []]]
        parsed(field, json.dumps([item for item in _listed(text) if item not in kept], ensure_ascii=False))
        return wire(field, _listed(text)) if field.most is None or len(_listed(text)) <= field.most else parsed(field, text)
    member = field.member(place.member or "")
    position = _index(field, now, place)
    target = _items(now)[position]
    return [{**item, member.name: parsed(member, text)} if item is target else item for item in now]


def _listed(text: str) -> list[Any]:
    found = _loaded(text)
    return found if isinstance(found, list) else [found]


def _items(now: Any) -> list[Record]:
    """The entries that a frame shows: one whose every line is empty is none."""
    return [item for item in now or [] if any(item.values())]


def _index(field: Field, now: Any, place: Place) -> int:
    key = place.key or ""
    if not key.isdecimal() or int(key) >= len(_items(now)):
        raise Unfit(f"{field.name} has no entry {key} any more")
    return int(key)


def _custom_id(field: Field, raw: list[Record], place: Place, definitions: Definitions) -> str:
    """The id of the custom field that is meant."""
    if place.root != CUSTOM_PREFIX:
        if place.member != "value" or not (place.key or "").isdecimal() or int(place.key or "") >= len(raw):
            raise Unfit(f"{field.name} is corrected as cf.<name>")
        meant = defined(raw[int(place.key or "")], field.wrapper)
        if meant is None:
            raise Unfit(NAMELESS)
        return str(meant)
    name = place.key or ""
    known = definitions()
    with_id = WITH_ID.fullmatch(name)
    if with_id and with_id["id"] in known:
        return with_id["id"]
    found = [key for key, one in known.items() if one.get("name") == name and one.get("type") != DIVIDER]
    if len(found) != 1:
        what = "several custom fields have this name; name one as cf.<name> [<id>]" if found else "there is no such custom field"
        raise Unfit(what)
    return found[0]


def _kind(definition: Record) -> str:
    return {"number": "number", "date": "day", "anniversary": "day"}.get(str(definition.get("type")), "text")


def _custom_field(field: Field, definition: Record) -> Field:
    """A custom field as a declaration, after its definition."""
    kind = str(definition.get("type"))
    choices = tuple(definition.get("choices") or ()) if kind in ("select_box", "multiple_choice") else ()
    return Field(f"cf.{definition.get('name')}", _kind(definition), values=choices)


def _custom_changed(field: Field, raw: list[Record], place: Place, text: str, definitions: Definitions) -> list[Record]:
    found = _custom_id(field, raw, place, definitions)
    declared = _custom_field(field, definitions().get(found, {}))
    several = isinstance(_loaded(text), list) and bool(declared.values)
    new: Any = [parsed(declared, word) for word in _loaded(text)] if several else "" if text == "" else parsed(declared, text)
    entry = {field.wrapper: {"id": found}, "value": new}
    entries = list(wire(field, raw))
    if any(item[field.wrapper]["id"] is None for item in entries):
        raise Unfit(NAMELESS)
    places = [number for number, item in enumerate(entries) if item[field.wrapper]["id"] == found]
    if not places:
        return [*entries, entry]
    return [entry if number == places[0] else item for number, item in enumerate(entries)]


def reverted(field: Field, old: Any, new: Any) -> Any:
    """What is sent to bring an old value back; Unfit where the API has no way to empty the field again."""
    if field.kind == "custom":
        kept = {item[field.wrapper]["id"] for item in old or []}
        return [*(old or []), *({**item, "value": ""} for item in new or [] if item[field.wrapper]["id"] not in kept)]
    if field.kind == "object":
        return {**dict.fromkeys(new or {}, ""), **(old or {})}  # a member that is left out may stay as it is
    if old is not None:
        return old
    if field.kind in ("items", "words"):
        return []
    if field.kind == "text":
        return ""
    raise Unfit("the field was empty before, and the API documents no way to empty it again")
