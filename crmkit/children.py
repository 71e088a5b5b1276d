"""Opening a nested list as a table of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from crmkit.columns import Column
from crmkit.endpoint import Endpoint
from crmkit.errors import ParameterError, ShapeError
from crmkit.frames import opened
from crmkit.params import unknown_name
from crmkit.receipts import ATTRS, attach, receipt


def child(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A nested list as its own table.

    Parameters
    frame: a DataFrame from a fetcher (or a child of one) that still has its key column and the list column.
    name: the list column to open, such as "companies".

    Returns a DataFrame with the parent's key first, the position in the list (Int64, from 0), the path parameters that were given as a
    list (one record may come under several), then the child's declared columns and dtypes; one line per nested record, in order. An
    empty or missing list gives no lines. Raises ParameterError where there is no
    such list, ShapeError where the frame has lost its receipt or its key.
    """
    proof = receipt(frame)
    trail = [*frame.attrs[ATTRS].get("child", [])]
    subclass = str(frame.attrs[ATTRS].get("subclass", ""))
    row = Endpoint.of(frame.attrs[ATTRS])
    columns, key_name, noun = declared(row, trail)
    lists = {one.name: one for one in columns if one.kind == "children"}
    if name not in lists:
        raise unknown_name(name, lists, f"child() of {'.'.join([proof.endpoint, *trail])}", "list")
    wanted = lists[name]
    for needed in (name, key_name):
        if needed not in frame:
            raise ShapeError(f"the frame has no column {needed!r} any more.", hint="keep the key and the list column.")
    key = next(one for one in columns if one.name == key_name)
    label = Column(wanted.key_as or f"{noun}_{key_name}", f"The {noun} it belongs to.", key.kind)
    sensitive = bool(frame.attrs[ATTRS].get("sensitive"))
    beside = frame[[one for one in asked_several(row, proof.params) if one in frame and one not in (key_name, label.name)]]
    table = opened(frame[key_name], frame[name].tolist(), wanted, label, beside=beside, sensitive=sensitive)
    return attach(table, proof, child=[*trail, name], sensitive=sensitive, **({"subclass": subclass} if subclass else {}))


def asked_several(row: Endpoint, params: Mapping[str, Any]) -> list[str]:
    """The columns of a call's frame that repeat its path parameters, of those that were given as a list."""
    repeating = repeated_by(row)
    return [repeating[name] for name in repeating if isinstance(params.get(name), list)]


def repeated_by(row: Endpoint) -> dict[str, str]:
    """Path parameter -> the column that repeats it."""
    declared = {one.from_call: one.name for one in row.columns if one.from_call}
    return {param.name: declared.get(param.name, param.name) for param in row.own_slots({})}


def declared(row: Endpoint, trail: list[str]) -> tuple[tuple[Column, ...], str, str]:
    """The columns, the key column and the noun of the frame at the end of a trail of opened lists."""
    columns, key, noun = row.columns, row.key[0] if row.key else "", row.record
    for name in trail:
        one = next(one for one in columns if one.name == name)
        columns, key, noun = one.children, one.key, one.record
    if not key:
        raise ParameterError("these records have no key, so nothing can be tied to them.")
    return columns, key, noun
