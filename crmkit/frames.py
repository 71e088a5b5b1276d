"""Records to a typed DataFrame, by declared columns.

Values are gathered page by page and typed a few thousand at a time, while they are still in the processor's cache; that also lets
the decoded JSON go early. The dtype is the declared one for every piece, so pieces always fit together.

A field that no column declares is kept at the end; a value that does not fit its dtype is kept as text in <name>.raw.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from crmkit.casts import as_text, as_texts, cast, undeclared
from crmkit.columns import Column, visible
from crmkit.errors import ShapeError
from crmkit.records import Record

DEEPEST = 100
PIECE = 16384


class _Node:
    """One level of the declared shape: which keys are columns, which are objects with columns inside."""

    def __init__(self) -> None:
        self.leaves: dict[str, list[Column]] = {}
        self.inner: dict[str, _Node] = {}
        self.hidden: set[str] = set()
        self.columns: list[Column] = []
        self.known: frozenset[str] = frozenset()
        self.gaps: set[str] = set()

    def place(self, column: Column, path: Sequence[str], shown: bool) -> None:
        self.columns.append(replace(column, source=".".join(path)))
        if len(path) > 1:
            self.inner.setdefault(path[0], _Node()).place(column, path[1:], shown)
        elif shown:
            self.leaves.setdefault(path[0], []).append(column)
        else:
            self.hidden.add(path[0])

    def seal(self) -> _Node:
        self.known = frozenset(self.leaves) | frozenset(self.inner) | frozenset(self.hidden)
        for node in self.inner.values():
            node.seal()
        return self

    def values(self, objects: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
        """Name -> its values over all objects, None where one has none. Names once found missing are looked up one by one."""
        names = [name for name in (*self.leaves, *self.inner) if name not in self.gaps]
        if len(names) < 2:
            return {name: [one.get(name) for one in objects] for name in (*names, *self.gaps)}
        of_one, nothing = itemgetter(*names), (None,) * len(names)
        try:
            rows = map(of_one, objects) if all(objects) else [of_one(one) if one else nothing for one in objects]
            columns = zip(*rows, strict=True)
        except KeyError as missing:
            self.gaps.add(missing.args[0])
            return self.values(objects)
        return {**dict(zip(names, columns, strict=True)), **{name: [one.get(name) for one in objects] for name in self.gaps}}

    def has_just(self, objects: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these objects, whose values were found, all have every name and nothing else, as far as their number shows."""
        count = len(self.leaves) + len(self.inner)
        return count > 1 and not self.gaps and set(map(len, objects)) == {count}


class Builder:
    """Collects records page by page and makes one frame of them.

    columns: the declared ones, in order. sensitive: whether opt-in columns enter the frame. After frame() the attributes
    unknown_fields (names, in order of appearance) and rejected_values (column -> how many values did not fit) are set.
    """

    def __init__(self, columns: Iterable[Column], *, sensitive: bool = False) -> None:
        columns = tuple(columns)
        self.columns = visible(columns, sensitive=sensitive)
        self._sensitive = sensitive
        self._root = _Node()
        for one in columns:
            if not one.from_call:
                self._root.place(one, one.path, one in self.columns)
        self._root.seal()
        self._labels = [one for one in self.columns if one.from_call]
        self._values: dict[str, list[Any]] = {one.name: [] for one in self.columns}
        self._typed: dict[str, list[Any]] = {one.name: [] for one in self.columns}
        self._raw: dict[str, list[Any]] = {one.name: [] for one in self.columns if one.has_raw}
        self._taken = {name for one in self.columns for name in (one.name, f"{one.name}.raw")}
        self._misfits: dict[str, dict[int, Any]] = {}
        self._typed_rows = 0
        self._stray: dict[str, dict[int, Any]] = {}
        self.rows = 0
        self.unknown_fields: list[str] = []
        self.rejected_values: dict[str, int] = {}

    def add(self, records: Sequence[Record], labels: Mapping[str, Any] | None = None) -> None:
        """Take one page's records; labels are the call's own parameters, for columns that repeat them."""
        if not records:
            return
        self._extract(self._root, records, "")
        for one in self._labels:
            label = (labels or {}).get(one.from_call)
            self._values[one.name].extend([label] * len(records))
        self.rows += len(records)
        if self.rows - self._typed_rows >= PIECE:
            self._type_piece()

    def _type_piece(self) -> None:
        """Turn the values gathered since the last piece into typed arrays."""
        for one in self.columns:
            values, self._values[one.name] = self._values[one.name], []
            if one.kind == "children" and _has_hidden(one):
                values = [_pruned(value, one.children, self._sensitive) for value in values]
            change = one.tidy or one.read
            changed = [change(value) if isinstance(value, str) else value for value in values] if change else values
            array, rejected = cast(one, changed)
            self._typed[one.name].append(array)
            if one.has_raw:
                self._raw[one.name].append(as_texts(values))
            if rejected:
                kept = {self._typed_rows + row: as_text(values[row]) for row in rejected}
                self._misfits.setdefault(one.name, {}).update(kept)
        self._typed_rows = self.rows

    def _extract(self, node: _Node, objects: Sequence[Mapping[str, Any]], prefix: str) -> None:
        found = node.values(objects)
        for name, columns in node.leaves.items():
            for one in columns:  # plucked at once, while what is plucked from is still in the processor's cache
                self._values[one.name].extend(map(one.pluck, found[name]) if one.pluck else found[name])
        for name, below in node.inner.items():
            self._descend(below, found[name], prefix + name)
        if node.has_just(objects) or node.known.issuperset(set().union(*objects)):
            return
        for position, record in enumerate(objects):
            if not node.known.issuperset(record):
                self._keep_strays(node, record, prefix, self.rows + position)

    def _descend(self, node: _Node, values: Sequence[Any], name: str) -> None:
        for position, value in enumerate(values):
            if value is not None and not isinstance(value, dict):
                self._stray.setdefault(name, {})[self.rows + position] = _pruned(value, node.columns, self._sensitive)
        self._extract(node, [value if isinstance(value, dict) else {} for value in values], name + ".")

    def _keep_strays(self, node: _Node, one: Mapping[str, Any], prefix: str, row: int) -> None:
        for key in one:
            if key not in node.known:
                self._stray_value(f"{prefix}{key}", one[key], row)

    def _stray_value(self, name: str, value: Any, row: int, depth: int = 0) -> None:
        """Undeclared objects become dotted columns too; a name that is already taken in this row gets a number."""
        if isinstance(value, dict) and value and depth < DEEPEST:
            for key, inner in value.items():
                self._stray_value(f"{name}.{key}", inner, row, depth + 1)
            return
        free, count = name, 1
        while free in self._taken or row in self._stray.get(free, ()):
            count += 1
            free = f"{name} [{count}]"
        self._stray.setdefault(free, {})[row] = value

    def frame(self, drop: Collection[int] = ()) -> pd.DataFrame:
        """The typed frame; drop lists positions of records that a later copy replaces."""
        drop = frozenset(drop)
        self._type_piece()
        data: dict[str, Any] = {}
        for one in self.columns:
            data[one.name] = _kept(_joined(self._typed.pop(one.name)))
            if one.has_raw:
                data[f"{one.name}.raw"] = _joined(self._raw.pop(one.name))
        for name, sparse in self._stray.items():
            self.unknown_fields.append(name)
            data[name] = _kept(undeclared([sparse.get(row) for row in range(self.rows)]))
        for name, of_rows in self._misfits.items():
            texts = {row: text for row, text in of_rows.items() if row not in drop}
            if not texts:
                continue
            self.rejected_values[name] = len(texts)
            if f"{name}.raw" not in data:
                data[f"{name}.raw"] = pd.array([texts.get(row) for row in range(self.rows)], dtype="string")
        frame = pd.DataFrame(data, index=pd.RangeIndex(self.rows), copy=False)
        return frame.drop(index=list(drop)).reset_index(drop=True) if drop else frame


def _kept(array: Any) -> Any:
    """Objects stay objects: pandas would make a text column of them where all happen to be texts."""
    return pd.Series(array, dtype=object, copy=False) if array.dtype == object else array


def _joined(pieces: list[Any]) -> Any:
    first = pieces[0]
    if len(pieces) == 1:
        return first
    if isinstance(first, np.ndarray):
        return np.concatenate(pieces)
    return first.append(pieces[1:]) if isinstance(first, pd.Index) else type(first)._concat_same_type(pieces)


def _has_hidden(one: Column) -> bool:
    return any(inner.opt_in or inner.kind == "secret" or _has_hidden(inner) for inner in one.children)


def _pruned(value: Any, columns: Sequence[Column], sensitive: bool) -> Any:
    """A nested value without the fields that may not enter a frame, whatever shape it came in."""
    if isinstance(value, list):
        return [_pruned(inner, columns, sensitive) for inner in value]
    if not isinstance(value, dict):
        return value
    shown = visible(columns, sensitive=sensitive)
    for one in columns:
        if one not in shown:
            value = _changed(value, one.path, None)
        elif _has_hidden(one):
            value = _changed(value, one.path, partial(_pruned, columns=one.children, sensitive=sensitive))
    return value


def _changed(record: Any, path: Sequence[str], change: Callable[[Any], Any] | None) -> Any:
    """A copy of the record with the value at a place changed, or without it; also inside lists on the way."""
    if isinstance(record, list):
        return [_changed(inner, path, change) for inner in record]
    if not isinstance(record, dict) or path[0] not in record:
        return record
    kept = dict(record)
    if len(path) > 1:
        kept[path[0]] = _changed(kept[path[0]], path[1:], change)
    elif change is None:
        del kept[path[0]]
    else:
        kept[path[0]] = change(kept[path[0]])
    return kept


def opened(
    parents: pd.Series, lists: Iterable[Any], column: Column, key: Column, *, beside: pd.DataFrame, sensitive: bool
) -> pd.DataFrame:
    """The child frame of one list column: the parent's key, the position in the list, what else tells the parents apart (the columns
    of beside), then the child's declared columns.
    """
    builder = Builder(column.children, sensitive=sensitive)
    places: list[int] = []
    positions: list[int] = []
    for place, records in enumerate(lists):
        records = _as_records(records, column.name)
        builder.add(records)
        places.extend([place] * len(records))
        positions.extend(range(len(records)))
    frame = builder.frame()
    owners = [None if parent is pd.NA else parent for parent in parents.take(places).tolist()]
    where = "position" if "position" not in frame else "list_position"
    first = {key.name: cast(key, owners)[0], where: pd.array(positions, dtype="Int64")}
    further = {str(name): values.take(places).array for name, values in beside.items()}
    for at, (name, values) in enumerate((first | further).items()):
        frame.insert(at, name if name not in frame else f"parent_{name}", values)
    return frame


def _plain(value: Any) -> Any:
    """A nested value as JSON has it: Parquet gives lists back as arrays."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | np.ndarray) else value


def _as_records(value: Any, name: str) -> list[Record]:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return []
    records = [_plain(record) for record in value]
    if not all(isinstance(record, dict) for record in records):
        raise ShapeError(f"the list {name} holds values that are not records; read them from the column itself.")
    return records
