"""JSON:API answers: resources to flat records, and how their lists are read.

A resource {"type": "person", "id": "7", "attributes": {...}, "relationships": {...}} becomes one record: id, the attributes, and
<relationship>_id or <relationship>_ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from crmkit.columns import Column, ident, items
from crmkit.errors import ShapeError
from crmkit.paging import Ask, Dialogue, Offset, Trail, whole
from crmkit.records import Pick, Record, at, dig, joined

VERSION = re.compile(r"^v\d+_")
IRREGULAR = {"people": "person"}
TEXT = frozenset({str})
NO_TOTAL = "the server declared no total: that these are all cannot be checked"


@dataclass(frozen=True)
class Link:
    """A relationship: its name, the type it leads to, what it means, and whether it can lead to many."""

    name: str
    type: str
    meaning: str
    many: bool = False

    def column(self, attributes: Container[str]) -> Column:
        """The column that it becomes in its owner's table."""
        make = items if self.many else ident
        return make(_link_name(self.name, self.many, attributes), self.meaning)


@dataclass(frozen=True)
class _Place:
    """Where a relationship goes in its record: the names for an id, for many ids, and for a type other than the declared one."""

    id: str
    ids: str
    word: str
    type: str | None
    many: bool


@dataclass(frozen=True)
class Kind:
    """A type of resource: its name in the singular, its attributes as columns, its relationships."""

    name: str
    attributes: tuple[Column, ...] = ()
    links: tuple[Link, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the declared attributes."""
        return frozenset(one.name for one in self.attributes)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its table: id, attributes, one per relationship."""
        own = ident("id", f"Number of the {self.name.replace('_', ' ')}, as text.")
        return (own, *self.attributes, *(link.column(self.names) for link in self.links))

    @cached_property
    def by_name(self) -> dict[str, Link]:
        """The declared relationships by name."""
        return {link.name: link for link in self.links}

    @cached_property
    def layout(self) -> Callable[[tuple[str, ...], tuple[str, ...]], tuple[list[str], list[_Place]]]:
        """(attributes, relationships) -> the attributes that are ids, and a place per relationship; resources share them."""
        return lru_cache(maxsize=256)(self._layout)

    def _layout(self, attributes: tuple[str, ...], relationships: tuple[str, ...]) -> tuple[list[str], list[_Place]]:
        taken = self.names.union(attributes)
        return [name for name in attributes if name.endswith("_id")], [self._place(name, taken) for name in relationships]

    def _place(self, name: str, taken: frozenset[str]) -> _Place:
        link, word = self.by_name.get(name), f"{name}_type"
        return _Place(
            _link_name(name, False, taken),
            _link_name(name, True, taken),
            f"{name}_rel_type" if word in taken else word,
            link.type if link else None,
            link is not None and link.many,
        )


@lru_cache(maxsize=1024)
def singular(name: str) -> str:
    """A type name read loosely: v4_people and people are person."""
    word = VERSION.sub("", name.replace("-", "_").lower())
    if word in IRREGULAR or word.endswith("ss"):
        return IRREGULAR.get(word, word)
    return word[:-2] if word.endswith("sses") else word.removesuffix("s")


def resources(kind: Kind, *, bare: bool = False) -> Pick:
    """The records of an answer whose data is of this kind; with bare also those of an answer without an envelope.

    A type that is another one is kept as a field of its record.
    """
    listed = at("data")

    def pick(body: Any) -> list[Record]:
        if bare and isinstance(body, dict) and "data" not in body and "errors" not in body:
            return [body]
        return [_typed(resource, kind) for resource in listed(document(body))]

    return pick


def document(body: Any) -> dict[str, Any]:
    """The body, which must be a document with data."""
    if not isinstance(body, dict) or "data" not in body:
        refused = isinstance(body, dict) and ("errors" in body or "error" in body)
        raise ShapeError("the answer holds errors instead of data." if refused else "the answer holds no data.")
    return body


def _typed(resource: Record, kind: Kind) -> Record:
    record, found = lifted(resource, kind), resource.get("type")
    return record if found is None or singular(str(found)) == singular(kind.name) else joined(record, {"type": found})


def lifted(resource: Record, kind: Kind) -> Record:
    """A resource as a flat record: id, attributes, relationships as ids.

    Null is a missing id, an empty list stays an empty list; a relationship without data leaves its column missing.
    """
    attributes, relationships = members(resource, "attributes"), members(resource, "relationships")
    ids, places = kind.layout(tuple(attributes), tuple(relationships))
    record = {"id": as_id(resource.get("id")), **attributes}
    for name in ids:
        record[name] = _id_as_text(name, attributes[name])
    if "id" in attributes:  # the resource's own id wins
        record.update({"id": as_id(resource.get("id")), "attributes.id": attributes["id"]})
    for (name, relationship), place in zip(relationships.items(), places, strict=True):
        if not isinstance(relationship, dict) or "data" not in relationship:
            continue
        data = relationship["data"]
        if isinstance(data, list):
            record[place.ids] = _target_ids(data, name) if data else []
        elif data is None and place.many:
            record[place.ids] = None
        else:
            found = targets(data, name)
            record[place.id] = found[0][1] if found else None
            if found and found[0][0] != place.type:
                record[place.word] = found[0][0]
    return record


def members(resource: Record, name: str) -> dict[str, Any]:
    """What a resource has under attributes or relationships, by name."""
    found = resource.get(name)
    if found is not None and not isinstance(found, dict):
        raise ShapeError(f"expected an object at {name} of a resource.")
    return found or {}


def targets(data: Any, name: str) -> list[tuple[str, str | None]]:
    """The type and id of everything a relationship leads to."""
    found = data if isinstance(data, list) else [] if data is None else [data]
    if not {dict}.issuperset(map(type, found)):
        raise ShapeError(f"expected identifiers at relationships.{name}.data.")
    return [(singular(str(one.get("type", ""))), as_id(one.get("id"))) for one in found]


def _target_ids(data: list[Any], name: str) -> list[str | None]:
    """The ids of everything a to-many relationship leads to."""
    try:
        found = [one["id"] for one in data]
    except (KeyError, TypeError):
        found = [None]
    return found if TEXT.issuperset(map(type, found)) else [target for _, target in targets(data, name)]


def as_id(value: Any) -> str | None:
    """An id is text, also where a number came."""
    return value if value is None or isinstance(value, str) else str(_id_as_text("_id", value))


def _id_as_text(name: str, value: Any) -> Any:
    """An attribute that holds an id becomes text, so that it can be joined; anything else stays."""
    if not name.endswith("_id") or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


def _link_name(name: str, many: bool, taken: Container[str]) -> str:
    """<name>_id or <name>_ids; <name>_rel_id where an attribute has that name already."""
    ending = "_ids" if many else "_id"
    return f"{name}_rel{ending}" if name + ending in taken else name + ending


@dataclass(frozen=True)
class Pages(Offset):
    """page[limit] and page[offset], {"data": [...], "meta": {"total": 640}}.

    The walk is Offset's, by the records that came. Where no total comes, an empty page is the end and nothing proves that it is.
    """

    size: int = 100
    total: str = "meta.total"
    limit_name: str = "page[limit]"
    offset_name: str = "page[offset]"

    def steps(self, trail: Trail) -> Dialogue:
        yield from Offset.steps(self, trail)
        _unproved(trail)


@dataclass(frozen=True)
class Whole:
    """One answer that should hold everything: {"data": [...], "meta": {"total": 2}}. The total, where it comes, is the proof."""

    total: str = "meta.total"
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        trail.take(page)
        trail.declare(whole(dig(page.body, self.total)))
        if trail.totals and trail.records < trail.totals[-1]:
            trail.short.append(f"{trail.records:,} of {trail.totals[-1]:,} declared records came")
        _unproved(trail)

    def pages(self, total: int | None) -> int | None:
        return 1


def _unproved(trail: Trail) -> None:
    if not trail.totals:
        trail.unchecked = True
        trail.problems.append(NO_TOTAL)
