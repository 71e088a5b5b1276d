"""The typed columns of a finished reading, kept beside its pages: of a long list the next frame needs no decoding.

They hold nothing that its pages do not, and never outlive one of them: the cache file itself deletes them with the first page that
goes, whoever deletes it (store.py). What does not come back exactly as it was is not kept.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from crmkit.casts import as_texts

if TYPE_CHECKING:
    from crmkit.endpoint import Side
    from crmkit.frames import Builder

LONG = 10_000  # records; the pages of a shorter list are read in a blink, and need no more room
MANY_CALLS = 1_000  # beside which keeping takes no time: of a list that took so many, the next frame comes at once
MASKED = {"Int64": ("int64", pd.arrays.IntegerArray), "boolean": ("bool", pd.arrays.BooleanArray)}
COUNTED = ("float64", "datetime64[us]", "datetime64[us, UTC]", "timedelta64[us]")


class Unkept(Exception):
    """These columns cannot be kept, or not be read again; the pages are there."""


@dataclass
class Typed:
    """What a finished reading gave. It stands where the Builder of its table and the Side of those beside it stood.

    tables: the one it is for (without a name), those beside it; tally: what was counted on the way; beside: what the side says.
    """

    tables: dict[str, pd.DataFrame]
    unknown_fields: list[str]
    rejected_values: dict[str, int]
    beside: list[str]
    tally: dict[str, Any]

    @classmethod
    def of(cls, table: pd.DataFrame, builder: Builder, side: Side | None, tally: dict[str, Any]) -> Typed:
        """What is there at the end of a walk, to be kept."""
        tables = {"": table, **(side.frames() if side else {})}
        return cls(tables, builder.unknown_fields, builder.rejected_values, side.problems() if side else [], tally)

    def frame(self, drop: Collection[int]) -> pd.DataFrame:
        assert not drop, "what came twice was dropped before the table was kept"
        return self.tables[""]

    def frames(self) -> dict[str, pd.DataFrame]:
        return {name: table for name, table in self.tables.items() if name}

    def problems(self) -> list[str]:
        return self.beside

    def pieces(self, made: str) -> Iterator[bytes]:
        """The bytes to keep: a head, then column by column of each table. Raises Unkept for what would not come back as it is."""
        shapes = {name: (len(table), [(str(one), str(table[one].dtype)) for one in table]) for name, table in self.tables.items()}
        head = _Head(made, shapes, self.unknown_fields, self.rejected_values, self.beside, self.tally)
        yield zlib.compress(_encoded(head))
        for table in self.tables.values():
            if not (isinstance(table.index, pd.RangeIndex) and table.columns.is_unique and not table.attrs):
                raise Unkept
            for name in table:
                yield zlib.compress(_packed(table[name]))


@dataclass
class _Head:
    made: str
    shapes: dict[str, tuple[int, list[tuple[str, str]]]]  # table -> lines, columns with their dtypes
    unknown_fields: list[str]
    rejected_values: dict[str, int]
    beside: list[str]
    tally: dict[str, Any]


def maker(*parts: Any) -> str:
    """A fingerprint of what made a table: this code, and whatever else the same pages are read by."""
    return hashlib.blake2b(json.dumps([_code(), *parts], sort_keys=True, default=str).encode(), digest_size=8).hexdigest()


@cache
def _code(place: Path = Path(__file__).parent) -> str:
    """A fingerprint of crmkit's files: another version, or an edited one, may type otherwise. Not their times, which are copied too."""
    found = hashlib.blake2b(digest_size=8)
    for file in sorted(place.rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def read(pieces: Sequence[bytes], made: str) -> Typed:
    """What was written by the same maker; raises Unkept for anything else."""
    try:
        head = msgspec.msgpack.decode(zlib.decompress(pieces[0]), type=_Head)
        if head.made != made:
            raise Unkept
        columns = iter(pieces[1:])
        tables = {name: _table(*shape, columns) for name, shape in head.shapes.items()}
        return Typed(tables, head.unknown_fields, head.rejected_values, head.beside, head.tally)
    except (zlib.error, msgspec.MsgspecError, ValueError, TypeError, LookupError, StopIteration) as error:
        raise Unkept from error


def _table(lines: int, columns: Iterable[tuple[str, str]], pieces: Iterator[bytes]) -> pd.DataFrame:
    data = {name: _unpacked(zlib.decompress(next(pieces)), dtype) for name, dtype in columns}
    return pd.DataFrame(data, index=pd.RangeIndex(lines), copy=False)


def _packed(values: pd.Series) -> bytes:
    dtype = str(values.dtype)
    if dtype == "string":
        return msgspec.msgpack.encode(values.array.to_numpy(object, na_value=None).tolist())
    if dtype == "object":
        return _same(values.tolist())
    if dtype in MASKED:
        kind, _ = MASKED[dtype]
        return values.to_numpy(kind, na_value=0).tobytes() + values.isna().to_numpy().tobytes()
    if dtype in COUNTED:
        return np.asarray(values.array.view("int64")).tobytes()
    raise Unkept


def _same(values: list[Any]) -> bytes:
    """Nested values, if they come back equal: a moment or a tuple would come back as something else."""
    found = _encoded(values)
    if msgspec.msgpack.decode(found) != values:
        raise Unkept
    return found


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise Unkept from error


def _unpacked(raw: bytes, dtype: str) -> Any:
    if dtype == "string":
        return as_texts(msgspec.msgpack.decode(raw))
    if dtype == "object":
        values = msgspec.msgpack.decode(raw)
        return pd.Series(np.fromiter(values, dtype=object, count=len(values)), dtype=object, copy=False)
    own = bytearray(raw)  # bytes could not be written to, a frame can
    if dtype in MASKED:
        kind, array = MASKED[dtype]
        count = len(own) // (np.dtype(kind).itemsize + 1)
        return array(np.frombuffer(own, kind, count), np.frombuffer(own, "bool", offset=len(own) - count))
    if dtype == "datetime64[us, UTC]":
        return pd.DatetimeIndex(np.frombuffer(own, "datetime64[us]"), tz="UTC")
    return np.frombuffer(own, dtype)
