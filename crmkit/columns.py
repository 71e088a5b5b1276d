"""Declared columns: name, meaning, kind, source path, unit, sensitivity. A kind fixes the dtype; nothing is inferred."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

Sensitivity = Literal["direct", "quasi", "text", "none"]

# The source of a column that a row's refine() fills: a field of the server with its name is kept beside it, not overwritten.
COMPUTED = "{computed}"
DTYPES = {
    "text": "string",
    "id": "string",
    "integer": "Int64",
    "number": "float64",
    "money": "float64",
    "flag": "boolean",
    "instant": "datetime64[us, UTC]",
    "epoch": "datetime64[us, UTC]",
    "day": "datetime64[us]",
    "day_dmy": "datetime64[us]",
    "wall": "datetime64[us]",
    "duration": "timedelta64[us]",
    "items": "object",
    "children": "object",
    "json": "object",
    "secret": "object",
}


@dataclass(frozen=True)
class Column:
    """One column of a frame.

    name: as it stands in the frame. kind: a key of DTYPES. source: dotted path inside the record (default: the name); in
    braces, {activity_id}, a parameter of the call instead. unit: "EUR", "km". sensitivity: direct (identifies a person), quasi
    (does so in combination), text (free text), none. opt_in: left out unless the fetcher is called with sensitive=True.
    children: for a list of records, its columns; key and record: their own key and noun, for lists inside them; key_as: what the
    parent's key is called there, if not <noun>_<key>. values: those the sheet names, for checking data, never for rejecting it.
    tidy: makes an odd text regular before it is typed; the original is kept beside it as <name>.raw. read: takes this column's
    value out of a text that another column keeps whole (a quantity out of "2 x Inschrijving"). pluck: the same out of a JSON value.
    """

    name: str
    meaning: str
    kind: str = "text"
    source: str = ""
    unit: str = ""
    sensitivity: Sensitivity = "none"
    opt_in: bool = False
    children: tuple[Column, ...] = ()
    key: str = "id"
    key_as: str = ""
    record: str = ""
    values: tuple[str, ...] = ()
    tidy: Callable[[str], str] | None = None
    read: Callable[[str], str | None] | None = None
    pluck: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in DTYPES:
            raise ValueError(f"column {self.name}: no kind {self.kind!r}")
        if not self.meaning:
            raise ValueError(f"column {self.name}: a meaning is missing")

    @property
    def dtype(self) -> str:
        """The pandas dtype, as text."""
        return DTYPES[self.kind]

    @property
    def path(self) -> tuple[str, ...]:
        """Where the value stands in the record."""
        return tuple((self.source or self.name).split("."))

    @property
    def from_call(self) -> str:
        """The parameter of the call that this column repeats, or an empty text."""
        return self.source[1:-1] if self.source.startswith("{") else ""

    @property
    def has_raw(self) -> bool:
        """Whether a column <name>.raw always stands beside this one."""
        return self.kind == "money" or self.tidy is not None


def column(kind: str) -> Callable[..., Column]:
    """A constructor for one kind of column: text(name, meaning, **more)."""

    def make(name: str, meaning: str, **more: Any) -> Column:
        return Column(name, meaning, kind, **more)

    make.__name__ = kind
    make.__doc__ = f"A column of kind {kind} ({DTYPES[kind]}): {kind}(name, meaning, **fields of Column)."
    return make


text = column("text")
ident = column("id")
integer = column("integer")
number = column("number")
money = column("money")
flag = column("flag")
instant = column("instant")
epoch = column("epoch")
day = column("day")
day_dmy = column("day_dmy")
wall = column("wall")
duration = column("duration")
items = column("items")
json = column("json")
secret = column("secret")


def children(name: str, meaning: str, columns: Iterable[Column], **more: Any) -> Column:
    """A list of records inside a record; opens with crmkit.child(df, name)."""
    return Column(name, meaning, "children", children=tuple(columns), **more)


def nested(prefix: str, columns: Iterable[Column], **more: Any) -> tuple[Column, ...]:
    """The columns of a nested object, as dotted columns of the record that holds it."""
    return tuple(
        replace(one, name=f"{prefix}.{one.name}", source=f"{prefix}.{one.source or one.name}", **more) for one in columns
    )


def visible(columns: Iterable[Column], *, sensitive: bool) -> tuple[Column, ...]:
    """The columns that may enter a frame."""
    return tuple(one for one in columns if one.kind != "secret" and (sensitive or not one.opt_in))


def described(columns: Iterable[Column]) -> pd.DataFrame:
    """The declarations as a DataFrame: column, dtype, unit, sensitivity, meaning (all string)."""
    rows = [(one.name, one.dtype, one.unit, one.sensitivity, one.meaning) for one in columns if one.kind != "secret"]
    return pd.DataFrame(rows, columns=["column", "dtype", "unit", "sensitivity", "meaning"], dtype="string")
