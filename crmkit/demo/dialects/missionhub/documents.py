"""JSON:API documents: which records an include brings along, what of each is shown, and what links them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmkit.demo.dialects.missionhub.resources import Resources, Target
from crmkit.demo.dialects.missionhub.schema import RELATIONS, Json, Key

Tree = dict[str, Any]  # relationship -> Tree below it
Fields = Mapping[str, frozenset[str]]


def linked(target: Target) -> Iterator[Key]:
    """The records at the other end, none or one or many."""
    if isinstance(target, list):
        yield from target
    elif target is not None:
        yield target


class Documents:
    """Builds documents from resources."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def many(self, keys: list[Key], tree: Tree, fields: Fields, total: int) -> Json:
        """A list with its total; included is absent where no path was named."""
        passed = self._passed(keys, tree)
        data = [self._shown(key, passed[key], fields, True) for key in keys]
        return {"data": data, **self._included(keys, tree, passed, fields), "meta": {"total": total}}

    def one(self, key: Key, tree: Tree) -> Json:
        """One record."""
        passed = self._passed([key], tree)
        return {"data": self._shown(key, passed[key], {}, True), **self._included([key], tree, passed, {})}

    def _passed(self, keys: list[Key], tree: Tree) -> dict[Key, set[str]]:
        """Every record on the paths, with the relationships by which a path goes on, in the order of discovery."""
        passed: dict[Key, set[str]] = {key: set() for key in keys}

        def visit(key: Key, below: Tree) -> None:
            through = passed.setdefault(key, set())
            for relation, further in below.items():
                through.add(relation)
                for target in linked(self._resources.target(key, relation)):
                    visit(target, further)

        for key in keys:
            visit(key, tree)
        return passed

    def _included(self, keys: list[Key], tree: Tree, passed: dict[Key, set[str]], fields: Fields) -> Json:
        if not tree:
            return {}
        mine = set(keys)
        return {"included": [self._shown(key, passed[key], fields, False) for key in passed if key not in mine]}

    def _shown(self, key: Key, through: set[str], fields: Fields, primary: bool) -> Json:
        """One record with the fields asked for; a relationship that is not asked for takes its linkage with it."""
        kind, number = key
        wanted = fields.get(kind)
        attributes = self._resources.attributes(key)
        relations = {
            name: self._relationship(key, name) if shown else {"links": {}} for name, shown in _relations(kind, through, primary)
        }
        if wanted is not None:
            attributes = {name: value for name, value in attributes.items() if name in wanted}
            relations = {name: value for name, value in relations.items() if name in wanted}
        shown: Json = {"type": kind, "id": number, "attributes": attributes}
        return {**shown, "relationships": relations} if relations else shown

    def _relationship(self, key: Key, name: str) -> Json:
        target = self._resources.target(key, name)
        if isinstance(target, list):
            return {"data": [_identifier(each) for each in target]}
        return {"data": _identifier(target) if target else None}


def _relations(kind: str, through: set[str], primary: bool) -> Iterator[tuple[str, bool]]:
    """Relationships to show, and whether with their linkage.

    A person who only came along has no linkage but what a path goes through; such an organization not even the
    names. The people of an organization are too many to be linked unasked.
    """
    for name in RELATIONS[kind]:
        if name in through:
            yield name, True
        elif kind == "person" and not primary:
            yield name, name == "user"
        elif kind == "organization":
            if primary:
                yield name, name != "people"
        else:
            yield name, True


def _identifier(key: Key) -> Json:
    return {"type": key[0], "id": key[1]}
