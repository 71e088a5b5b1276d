"""What JSON:API answers carry beside their records: a table per included type, and one per to-many relationship.

What stands in "included" becomes one table per type, and every to-many relationship a link table <owner>__<relationship>.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import pandas as pd

from crmkit.columns import ident, integer
from crmkit.frames import Builder
from crmkit.jsonapi import Kind, as_id, document, lifted, members, singular, targets
from crmkit.records import Record, at


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
        for resource in at("data")(document(body)):
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
        for name, relationship in members(resource, "relationships").items():
            if not isinstance(relationship, dict) or "data" not in relationship:
                self._unlinked[f"{table}.{name}"] = None
                continue
            link = kind.by_name.get(name)
            if isinstance(relationship["data"], list):
                target = link.type if link else ""
                links = self._links.setdefault(f"{table}__{name}", _Links(kind.name, target))
                links.add(key, as_id(resource.get("id")), targets(relationship["data"], name))

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
    return object() if resource.get("id") is None else as_id(resource["id"])


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
