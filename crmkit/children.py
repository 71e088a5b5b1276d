"""Opening a nested list as a table of its own."""

from __future__ import annotations

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

    Returns a DataFrame with the parent's key first, the position in the list (Int64, from 0), then the child's declared columns and
    dtypes; one line per nested record, in order. An empty or missing list gives no lines. Raises ParameterError where there is no
    such list, ShapeError where the frame has lost its receipt or its key.
    """
    proof = receipt(frame)
    trail = [*frame.attrs[ATTRS].get("child", [])]
    columns, key_name, noun = declared(Endpoint.of(proof.crm, proof.endpoint), trail)
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
    table = opened(frame[key_name].tolist(), frame[name].tolist(), wanted, label, sensitive=sensitive)
    return attach(table, proof, child=[*trail, name], sensitive=sensitive)


def declared(row: Endpoint, trail: list[str]) -> tuple[tuple[Column, ...], str, str]:
    """The columns, the key column and the noun of the frame at the end of a trail of opened lists."""
    columns, key, noun = row.columns, row.key[0] if row.key else "", row.record
    for name in trail:
        one = next(one for one in columns if one.name == name)
        columns, key, noun = one.children, one.key, one.record
    if not key:
        raise ParameterError("these records have no key, so nothing can be tied to them.")
    return columns, key, noun
