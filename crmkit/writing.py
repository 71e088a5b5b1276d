"""What can be written: per kind of record a declaration of its fields, and how one change becomes the value that is sent.

A declaration is data beside the rows of a system (crms/<system>_writes.py). Nothing here sends anything: values come as the text of
a correction or as the raw JSON of a record, and leave as the JSON that a body holds. Source: the contract sheets' sections on writing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Record = dict[str, Any]
PLACE = re.compile(r"(?P<root>[^\[\].]+)(?:\[(?P<key>[^\]]*)\])?(?:\.(?P<member>.+))?")
KINDS = ("text", "id", "whole", "number", "flag", "day", "epoch", "words", "items", "object", "custom")
CUSTOM_PREFIX = "cf."
DIGITS = re.compile(r"[+-]?[0-9]{1,300}")


class Unfit(ValueError):
    """A value cannot be written; the text says why."""


@dataclass(frozen=True)
class Field:
    """One field that a write accepts.

    name: as the vendor calls it. kind: one of KINDS; epoch is Unix seconds, words a list of texts, items a list of records, object a
    record inside the record, custom a list of custom fields with their values. longest: characters at most. values: the only ones.
    form: what the whole text must match. required: every write holds it, and it cannot be blank. along: not required, but sent as
    it was read, because leaving it out changes it. blank: whether "" may be sent. unique: no two records share a value.
    parts: the members of items and object. wrapper: what holds the definition beside a custom value. most: entries at most. clears:
    entries are told apart by their place, and only {} clears one.
    """

    name: str
    kind: str = "text"
    longest: int | None = None
    values: tuple[str, ...] = ()
    form: str = ""
    required: bool = False
    along: bool = False
    blank: bool = True
    unique: bool = False
    parts: tuple[Field, ...] = ()
    wrapper: str = ""
    most: int | None = None
    clears: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"field {self.name}: no kind {self.kind!r}")

    def member(self, name: str) -> Field:
        """The declared member of an entry; Unfit where it cannot be written."""
        for one in self.parts:
            if one.name == name:
                return one
        raise Unfit(f"{self.name} has no member {name} that can be written")


@dataclass(frozen=True)
class Place:
    """Where in a record a correction applies: phones[0].value is root phones, key 0, member value."""

    root: str
    key: str | None = None
    member: str | None = None

    @classmethod
    def of(cls, text: str) -> Place:
        """The place that a correction's field names; Unfit for what is none."""
        if text.startswith(CUSTOM_PREFIX):
            return cls(CUSTOM_PREFIX, text.removeprefix(CUSTOM_PREFIX))
        found = PLACE.fullmatch(text)
        if found is None:
            raise Unfit("this names no field")
        return cls(found["root"], found["key"], found["member"])


def as_read(record: Record) -> Record:
    """The answer is the record."""
    return record


@dataclass(frozen=True)
class Writing:
    """How one kind of record is written: one record a request.

    noun: what corrections call the record. read: path of the read that shows it, {id} in it; record: the record in that answer.
    part: the list in the record whose entries are written by themselves, part_key what tells them apart. write: path of the PUT,
    {id} and {part} in it; query: what always goes with it. fields: what it accepts; whole: all required fields are sent each
    time. in_query: the change travels in the query, with these members of the entry (parameter -> member). stamp: the member that
    moves with every change. refused: fields that the vendor lets one write and crmkit does not, with the reason. check: a rule of
    the sheet over record, entry and changes; it gives a reason, or "". answer: the written entry in the answer, None where the
    document shows none. rereads: the answer does not say enough, so the record is read again. shown_in: other kinds of records that
    show it without its id.
    """

    noun: str
    read: str
    write: str
    fields: tuple[Field, ...]
    source: str
    record: Callable[[Any], Any] = as_read
    part: str = ""
    part_key: str = "id"
    stamp: str = ""
    whole: bool = False
    query: tuple[tuple[str, str], ...] = ()
    in_query: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Record, Record, Record], str] = lambda record, entry, changes: ""
    answer: Callable[[Any, Record], Record | None] = lambda body, entry: None
    rereads: bool = False
    shown_in: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The field of this name; Unfit, with the sheet's reason where there is one."""
        for one in self.fields:
            if one.name == name or (name == CUSTOM_PREFIX and one.kind == "custom"):
                return one
        reason = self.refused.get(name, f"{name} is not among the fields of a {self.noun} that can be written ({self.source})")
        raise Unfit(reason)

    def entry(self, record: Record, key: str | None) -> Record | None:
        """The entry that a write concerns: the record itself, or one of its parts."""
        if not self.part:
            return record
        entries = record.get(self.part)
        found = [one for one in entries or () if isinstance(one, dict) and str(one.get(self.part_key)) == key]
        return found[0] if len(found) == 1 else None

    def body(self, entry: Record, changes: Record) -> Record:
        """What a write sends: the changed fields, and of a record that is written whole all others as they were read."""
        changes = {name: placed(self.field(name), entry.get(name), value) for name, value in changes.items()}
        if not self.whole:
            return changes
        read = {one.name: (one, wire(one, entry.get(one.name))) for one in self.fields if one.required or one.along}
        kept = {name: "" if value is None else value for name, (one, value) in read.items() if one.required or value is not None}
        return {**kept, **changes}

    def missing(self, entry: Record, changes: Record) -> list[str]:
        """Required fields that neither the record nor the changes fill."""
        sent = self.body(entry, changes) if self.whole else {}
        blank = (one for one in self.fields if one.required and not one.blank)
        return [one.name for one in blank if self.whole and sent.get(one.name) in (None, "")]

    def state(self, entry: Record) -> Record:
        """Every field that can be written, as it is now, in the form in which it would be sent."""
        return {one.name: wire(one, entry.get(one.name)) for one in self.fields}


def wire(one: Field, raw: Any) -> Any:
    """A raw value as it would be sent; None where there is none. Values that mean the same become equal."""
    if raw is None or (raw == "" and one.kind not in ("text", "id")):
        return None
    if one.kind == "items":
        found = [_members(one, item) for item in raw if isinstance(item, dict)]
        while one.clears and found and not any(found[-1].values()):  # a place that was cleared is shown so, or not at all
            found.pop()
        return found
    if one.kind == "object":
        return _members(one, raw)
    if one.kind == "custom":
        return [_named(one, item) for item in raw if isinstance(item, dict) and item.get("value") not in (None, "", [])]
    if one.kind in ("whole", "epoch", "number") and isinstance(raw, str):
        return _number(raw)
    return raw


def placed(one: Field, raw: Any, value: Any) -> Any:
    """A value as the body holds it: a list whose entries are cleared by their place names each place that it leaves."""
    return [*value, *({} for _ in (raw or [])[len(value) :])] if one.clears and value else value


def _members(one: Field, item: Record) -> Record:
    """The members that can be written, in the record's order; what is null means nothing in a write."""
    known = {part.name for part in one.parts}
    return {name: value for name, value in item.items() if name in known and value is not None}


def _named(one: Field, item: Record) -> Record:
    return {one.wrapper: {"id": defined(item, one.wrapper)}, "value": item["value"]}


def defined(item: Any, wrapper: str) -> Any:
    """The id of the definition beside a custom value; None where it names none."""
    definition = item.get(wrapper) if isinstance(item, dict) else None
    return definition.get("id") if isinstance(definition, dict) else None


def _number(text: str) -> Any:
    if DIGITS.fullmatch(text):
        return int(text)  # a float holds 15 digits
    try:
        found = float(text)
    except ValueError:
        return text
    return int(found) if found.is_integer() else found


def parsed(one: Field, text: str) -> Any:
    """The text of a correction as the value that is sent; Unfit says what is wrong with it."""
    if text == "":
        return _blank(one)
    if one.longest is not None and len(text) > one.longest:
        raise Unfit(f"{one.name} takes {one.longest} characters at most, this has {len(text)}")
    if one.values and text not in one.values:
        raise Unfit(f"{one.name} takes one of {', '.join(one.values)}")
    if one.form and not re.fullmatch(one.form, text):
        raise Unfit(f"{one.name} does not have the form {one.form}")
    if not one.blank and not text.strip():
        raise Unfit(f"{one.name} cannot be blank")
    return _PARSERS[one.kind](one, text)


def _blank(one: Field) -> Any:
    if one.kind in ("words", "items"):
        raise Unfit(f"{one.name} is a list; [] empties it")
    if not one.blank or one.kind not in ("text", "custom"):
        raise Unfit(f"{one.name} cannot be blank")
    return ""


def _whole(one: Field, text: str) -> int:
    found = _number(text)
    if not isinstance(found, int):
        raise Unfit(f"{one.name} takes a whole number")
    return found


def _decimal(one: Field, text: str) -> float:
    found: Any = _number(text)
    if isinstance(found, str) or found != found or abs(found) == float("inf"):
        raise Unfit(f"{one.name} takes a number")
    return float(found) if not isinstance(found, int) else found


def _flag(one: Field, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Unfit(f"{one.name} takes true or false")
    return text.lower() == "true"


def _day(one: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unfit(f"{one.name} takes a day as YYYY-MM-DD") from None


def _epoch(one: Field, text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Unfit(f"{one.name} takes an instant with its zone, or Unix seconds")
    return int(moment.timestamp())


def _words(one: Field, text: str) -> list[str]:
    found = _listed(one, text)
    if not all(isinstance(word, str) and word for word in found):
        raise Unfit(f"{one.name} takes a list of texts")
    return found


def _items(one: Field, text: str) -> list[Record]:
    found = _listed(one, text)
    for item in found:
        if not isinstance(item, dict):
            raise Unfit(f"{one.name} takes a list of records")
        for name, value in item.items():
            if not isinstance(value, str):
                raise Unfit(f"{one.name}: {name} takes a text")
            parsed(one.member(name), value)
    return found


def _listed(one: Field, text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Unfit(f"{one.name} takes a list, as JSON")
    if one.most is not None and len(found) > one.most:
        raise Unfit(f"{one.name} takes {one.most} entries at most")
    return found


def _not_whole(one: Field, text: str) -> Any:
    raise Unfit(f"{one.name} is corrected member by member")


_PARSERS: Mapping[str, Callable[[Field, str], Any]] = {
    "text": lambda one, text: text,
    "id": lambda one, text: text,
    "whole": _whole,
    "number": _decimal,
    "flag": _flag,
    "day": _day,
    "epoch": _epoch,
    "words": _words,
    "items": _items,
    "object": _not_whole,
    "custom": _not_whole,
}
