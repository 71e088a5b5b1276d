"""Whose records a frame holds: system, kind, id of each, and how its columns are called in a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crmkit.endpoint import SLOT, Endpoint
from crmkit.errors import CrmkitError, ParameterError, ShapeError
from crmkit.receipts import ATTRS, Receipt, receipt

Spot = tuple[Any, ...]
OBJECT_TYPES = {"contacts": "contact", "organisations": "organisation"}


@dataclass(frozen=True)
class Naming:
    """How the lines of a frame are called.

    crm, record: system and kind of the record that a write addresses. keys: the columns that tell the lines apart. id_from: the one
    that is the record's id, or the id itself where all lines belong to one record. part: the list that the lines are entries of, or
    "". entry: the column that tells entries apart.
    """

    crm: str
    record: str
    keys: tuple[str, ...]
    id_from: str = ""
    only_id: str = ""
    part: str = ""
    entry: str = ""
    ids: dict[Spot, str] = field(default_factory=dict)

    @property
    def own(self) -> tuple[str, ...]:
        """Columns that name a line and are no values of it."""
        return self.keys

    def indexed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with its keys as index; each line must be there once."""
        for name in self.keys:
            if name not in frame:
                raise ShapeError(f"the frame has no column {name!r} any more.", hint="keep the key of the records.")
        spots = list(zip(*(frame[name].tolist() for name in self.keys), strict=True)) if self.keys else []
        if any(pd.isna(value) for spot in spots for value in spot):
            raise ShapeError("some records have no key, so nothing can be corrected in them.", hint="leave them out.")
        if len(set(spots)) < len(spots):
            raise ShapeError("the same record is in the frame more than once.", hint="drop the repeats first.")
        self.ids.update({spot: self._id(spot) for spot in spots})
        keyed = frame.copy(deep=False)
        keyed.index = pd.Index(spots, tupleize_cols=False)
        return keyed

    def _id(self, spot: Spot) -> str:
        return self.only_id or str(spot[self.keys.index(self.id_from)])

    def prefix(self, spot: Spot) -> str:
        """What stands before the column: phones[0]. for an entry of a list."""
        return f"{self.part}[{spot[self.keys.index(self.entry)]}]." if self.part else ""

    def field(self, spot: Spot, column: str) -> str:
        """The field of a correction."""
        return self.prefix(spot) + column

    def split(self, name: str) -> tuple[str | None, str]:
        """A correction's field as prefix and column; no prefix where it belongs to another table."""
        if not self.part:
            return ("", name) if "[" not in name or name.startswith("cf.") else (None, name)
        head, _, column = name.partition("].")
        return (f"{head}].", column) if column and head.startswith(f"{self.part}[") else (None, name)


def naming(frame: pd.DataFrame, *, crm: str | None = None, record: str | None = None, key: str | None = None) -> Naming:
    """How the lines of a frame are called: by its receipt, or by what is given."""
    if crm and record:
        return Naming(crm, record, (key or "id",), key or "id")
    try:
        proof = receipt(frame)
    except CrmkitError as error:
        raise ParameterError(
            "it is not known whose records these are: pandas has dropped the receipt.",
            hint='say so: crm="Peepl", record="contact", key="id".',
        ) from error
    trail = list(frame.attrs[ATTRS].get("child", []))
    row = Endpoint.of(frame.attrs[ATTRS])
    if len(trail) > 1:
        raise ParameterError("a list inside a list cannot be corrected.")
    if trail:
        found = _child(frame, proof, row, trail[0])
    elif row.part_of:
        found = _part(frame, proof, row)
    else:
        found = Naming(proof.crm, _noun(proof, row), tuple(row.key), row.key[0] if row.key else "")
    return found if record is None else Naming(**{**vars(found), "record": record})


def _noun(proof: Receipt, row: Endpoint) -> str:
    """The kind of record; where the call chose it, as it chose."""
    return OBJECT_TYPES.get(str(proof.params.get("ot")), row.record or row.name)


def _child(frame: pd.DataFrame, proof: Receipt, row: Endpoint, name: str) -> Naming:
    """Entries of a list that was opened: by their own id where they have one, else by their position."""
    parent = str(frame.columns[0])
    entry = "id" if "id" in frame.columns else str(frame.columns[1])
    return Naming(proof.crm, _noun(proof, row), (parent, entry), parent, "", name, entry)


def _part(frame: pd.DataFrame, proof: Receipt, row: Endpoint) -> Naming:
    """A list of a record that has a path of its own: the record is the one that the call named."""
    assert row.part_of is not None
    noun, part = row.part_of
    slot = next(name for name in reversed(SLOT.findall(row.path)) if name != "bucket")
    column = next((one.name for one in row.columns if one.from_call == slot), slot)
    key = row.key[0]
    if column in frame.columns:
        return Naming(proof.crm, noun, (column, key), column, "", part, key)
    return Naming(proof.crm, noun, (key,), "", _only(proof.params, slot), part, key)


def _only(params: Mapping[str, Any], slot: str) -> str:
    return str(params[slot])
