"""JSON:API answers: resources to flat records, the tables that come beside them, and how their lists are read.

A resource {"type": "person", "id": "7", "attributes": {...}, "relationships": {...}} becomes one record: id, the attributes, and
<relationship>_id or <relationship>_ids. What stands in "included" becomes one table per type, and every to-many relationship a
link table <owner>__<relationship> beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import pandas as pd

from crmkit.columns import Column, ident, integer, items
from crmkit.errors import ShapeError
from crmkit.frames import Builder
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
        return [_typed(resource, kind) for resource in listed(_document(body))]

    return pick


def _document(body: Any) -> dict[str, Any]:
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
    attributes, relationships = _members(resource, "attributes"), _members(resource, "relationships")
    ids, places = kind.layout(tuple(attributes), tuple(relationships))
    record = {"id": _as_id(resource.get("id")), **attributes}
    for name in ids:
        record[name] = _id_as_text(name, attributes[name])
    if "id" in attributes:  # the resource's own id wins
        record.update({"id": _as_id(resource.get("id")), "attributes.id": attributes["id"]})
    for (name, relationship), place in zip(relationships.items(), places, strict=True):
        if not isinstance(relationship, dict) or "data" not in relationship:
            continue
        data = relationship["data"]
        if isinstance(data, list):
            record[place.ids] = _target_ids(data, name) if data else []
        elif data is None and place.many:
            record[place.ids] = None
        else:
            targets = _targets(data, name)
            record[place.id] = targets[0][1] if targets else None
            if targets and targets[0][0] != place.type:
                record[place.word] = targets[0][0]
    return record


def _members(resource: Record, name: str) -> dict[str, Any]:
    found = resource.get(name)
    if found is not None and not isinstance(found, dict):
        raise ShapeError(f"expected an object at {name} of a resource.")
    return found or {}


def _targets(data: Any, name: str) -> list[tuple[str, str | None]]:
    """The type and id of everything a relationship leads to."""
    found = data if isinstance(data, list) else [] if data is None else [data]
    if not {dict}.issuperset(map(type, found)):
        raise ShapeError(f"expected identifiers at relationships.{name}.data.")
    return [(singular(str(one.get("type", ""))), _as_id(one.get("id"))) for one in found]


def _target_ids(data: list[Any], name: str) -> list[str | None]:
    """The ids of everything a to-many relationship leads to."""
    try:
        found = [one["id"] for one in data]
    except (KeyError, TypeError):
        found = [None]
    return found if TEXT.issuperset(map(type, found)) else [target for _, target in _targets(data, name)]


def _as_id(value: Any) -> str | None:
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


class Beside:
    """Collects, over all pages of a fetch, what its answers carry beside the records.

    table: name of the main table ("people"), whose link tables are people__<relationship>. main: the kind of its records; included
    resources of that kind go to a table of their own, included_<kind>. kinds: the declared types, whose tables are always there,
    with no lines if nothing came. A resource that comes again is kept once, as it came first; in a second reading of a list that
    moved, what comes takes the place of what the first reading gave, as records do.
    """

    def __init__(self, table: str, main: Kind, kinds: Iterable[Kind]) -> None:
        self._table, self._main = table, main
        self._kinds = {self._name_of(kind.name): kind for kind in kinds}
        self._first: dict[str, dict[Any, Record]] = {name: {} for name in self._kinds}
        self._links: dict[str, _Links] = {}
        self._owners: set[Any] = set()
        self._again: dict[str, set[Any]] = {}
        self._differing: dict[str, int] = {}
        self._unlinked: dict[str, None] = {}
        self._notes: list[str] = []
        for name, kind in {table: main, **self._kinds}.items():
            if name != self._name_of(main.name):
                self._declare(name, kind)

    def _declare(self, table: str, kind: Kind) -> None:
        for link in kind.links:
            if link.many:
                self._links[f"{table}__{link.name}"] = _Links(kind.name, link.type)

    def _name_of(self, found: str) -> str:
        """The table of included resources of a type."""
        name = singular(found)
        return f"included_{name}" if name == singular(self._main.name) else name

    def see(self, body: Any, again: bool = False) -> None:
        """Take one answer's included resources and links; again: of a second reading."""
        for resource in at("data")(_document(body)):
            key = _key(resource)
            known = key in self._owners
            if self._is_newer(self._table, key, known, again):
                self._owners.add(key)
                self._connect(self._table, self._main, resource, key, known)
        for resource in at("included")(body) if body.get("included") else ():
            self._include(resource, again)

    def _is_newer(self, table: str, key: Any, known: bool, again: bool) -> bool:
        """Whether this copy is to be kept: the first of its reading."""
        renewed = self._again.setdefault(table, set())
        newer = not known or (again and key not in renewed)
        if again:
            renewed.add(key)
        return newer

    def _include(self, resource: Record, again: bool) -> None:
        table, key = self._name_of(str(resource.get("type", "unknown"))), _key(resource)
        kept = self._first.setdefault(table, {})
        known = key in kept
        if self._is_newer(table, key, known, again):
            kept[key] = resource
            self._connect(table, self._kind_of(table), resource, key, known)
        elif _substance(kept[key]) != _substance(resource):
            self._differing[table] = self._differing.get(table, 0) + 1

    def _kind_of(self, table: str) -> Kind:
        return self._kinds.get(table) or Kind(table)

    def _connect(self, table: str, kind: Kind, resource: Record, key: Any, known: bool) -> None:
        """The links of a resource, in place of those that it had."""
        for held in self._links if known else ():
            if held.startswith(f"{table}__"):
                self._links[held].drop(key)
        for name, relationship in _members(resource, "relationships").items():
            if not isinstance(relationship, dict) or "data" not in relationship:
                self._unlinked[f"{table}.{name}"] = None
                continue
            link = kind.by_name.get(name)
            if isinstance(relationship["data"], list):
                target = link.type if link else ""
                links = self._links.setdefault(f"{table}__{name}", _Links(kind.name, target))
                links.add(key, _as_id(resource.get("id")), _targets(relationship["data"], name))

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables by name: one per included type, then the link tables."""
        return self._tables

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        tables = {name: self._typed(name, list(kept.values())) for name, kept in self._first.items()}
        return {**tables, **{name: links.frame() for name, links in self._links.items()}}

    def _typed(self, table: str, found: list[Record]) -> pd.DataFrame:
        kind = self._kind_of(table)
        builder = Builder(kind.columns)
        builder.add([lifted(resource, kind) for resource in found])
        frame = builder.frame()
        if builder.unknown_fields:
            self._notes.append(f"included {table}: fields that no row declares: {', '.join(builder.unknown_fields)}")
        for name, count in builder.rejected_values.items():
            self._notes.append(f"included {table}: {count:,} values of {name} do not fit and are kept as text in {name}.raw")
        return frame

    def problems(self) -> list[str]:
        """Sentences for the receipt: copies that differ, relationships without data, fields that nobody expects."""
        lines = [
            f"included {table}: {count:,} repeated copies differ from the first one, which was kept"
            for table, count in self._differing.items()
        ]
        if self._unlinked:
            lines.append(f"not linked by the server, which is not the same as none: {', '.join(self._unlinked)}")
        self.frames()
        return lines + self._notes


def beside(table: str, main: Kind, kinds: Iterable[Kind]) -> Callable[[], Beside]:
    """What a row puts as its side: a new collector for every fetch."""
    return lambda: Beside(table, main, kinds)


def _key(resource: Record) -> Any:
    """What tells a resource from others of its type; one without an id is like no other."""
    return object() if resource.get("id") is None else _as_id(resource["id"])


def _substance(resource: Record) -> tuple[Any, Any]:
    return resource.get("attributes"), resource.get("relationships")


class _Links:
    """The lines of one link table: owner, target, position; per resource that links."""

    def __init__(self, owner: str, target: str) -> None:
        self._owner, self._target = owner, target
        self._held: dict[Any, list[dict[str, Any]]] = {}

    def add(self, key: Any, owner: str | None, targets: list[tuple[str, str | None]]) -> None:
        self._held[key] = [
            {"owner": owner, "target": target, "type": type_, "position": position}
            for position, (type_, target) in enumerate(targets)
        ]

    def drop(self, key: Any) -> None:
        self._held.pop(key, None)

    def frame(self) -> pd.DataFrame:
        """<owner>_id, <target>_id, position; related_id and related_type where the types vary or are not known."""
        lines = [line for held in self._held.values() for line in held]
        types = {line["type"] for line in lines} or {self._target} - {""}
        target = f"{next(iter(types))}_id" if len(types) == 1 else "related_id"
        target = f"related_{target}" if target == f"{self._owner}_id" else target
        columns = [
            ident(f"{self._owner}_id", f"The {self._owner} that links.", source="owner"),
            ident(target, "What it links to.", source="target"),
            integer("position", "Place in the list, from 0."),
            ident("related_type", "Type of what it links to.", source="type"),
        ]
        builder = Builder(columns)
        builder.add(lines)
        frame = builder.frame()
        return frame if len(types) > 1 else frame.drop(columns="related_type")


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
