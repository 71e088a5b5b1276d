"""Frames as plain Parquet and back: the same frame gives the same bytes, and no file says more than its columns.

Lists and records are JSON text, durations whole microseconds; dtypes and receipts are told beside the file. pandas would write the
receipt and an index into the file, so pyarrow does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import pandas as pd

from crmkit.errors import ConfigError, ShapeError
from crmkit.exports import as_json
from crmkit.receipts import ATTRS, Receipt, attach, from_dict

MOST_CELLS = 200_000_000
MOST_BYTES = 2_000_000_000


def needs_pyarrow() -> None:
    """Raise ConfigError where Parquet cannot be written."""
    if not find_spec("pyarrow"):
        raise ConfigError("snapshots and bundles need pyarrow.", hint='pip install "crmkit[files]".')


def dtypes_of(frame: pd.DataFrame) -> dict[str, str]:
    """Column -> dtype, as text; what Parquet has no plain word for is an object."""
    return {str(name): _dtype(frame[name]) for name in frame}


def _dtype(column: pd.Series[Any]) -> str:
    kind = str(column.dtype)
    return "string" if kind == "str" else "object" if kind == "category" else kind


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with values that Parquet holds without further words."""
    bare = frame.copy(deep=False)
    bare.attrs = {}
    return pd.DataFrame({str(name): _flat(bare[name]) for name in bare}, index=pd.RangeIndex(len(bare)))


def _flat(column: pd.Series[Any]) -> Any:
    kind = _dtype(column)
    if kind == "object":
        return column.map(_as_text).astype("string").array
    if kind.startswith("timedelta"):
        return column.astype("timedelta64[us]").astype("int64").astype("Int64").mask(column.isna()).array
    if kind == "string":
        return column.astype("string").array
    widest: Any = {"i": "Int64", "u": "Int64", "b": "boolean", "f": "float64"}.get(column.dtype.kind)
    return column.array if widest is None else column.astype(widest).array


def _as_text(value: Any) -> Any:
    """JSON for whatever an object column holds, None for nothing."""
    if isinstance(value, str | list | dict):
        return json.dumps(value, ensure_ascii=False, default=as_json)
    if hasattr(value, "tolist"):
        return json.dumps(value.tolist(), ensure_ascii=False, default=as_json)
    return None if pd.isna(value) else json.dumps(value, default=as_json)


def encoded(frame: pd.DataFrame) -> bytes:
    """A flat frame as Parquet."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    out = BytesIO()
    parquet.write_table(
        table, out, compression="zstd", compression_level=9, write_statistics=False, store_schema=False, use_dictionary=True
    )
    return out.getvalue()


def decoded(data: bytes, rows: int | None = None) -> pd.DataFrame:
    """A flat frame from Parquet. Raises ShapeError for bytes that are none, have other rows, or unfold to more than fits."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        known = parquet.read_metadata(BytesIO(data))
        size = sum(known.row_group(one).total_byte_size for one in range(known.num_row_groups))
        if known.num_rows * max(known.num_columns, 1) > MOST_CELLS or size > MOST_BYTES:
            raise ShapeError("a Parquet file unfolds to more than crmkit is willing to hold.")
        if rows is not None and not known.num_columns:
            return pd.DataFrame(index=pd.RangeIndex(rows))  # Parquet counts no lines where there is no column
        if rows is not None and known.num_rows != rows:
            raise ShapeError("a Parquet file has another number of lines than it should.")
        table = parquet.read_table(BytesIO(data), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise ShapeError("a Parquet file is damaged.") from error
    words = {pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    found: pd.DataFrame = table.to_pandas(types_mapper=words.get)
    return found


def unfolded(frame: pd.DataFrame, dtypes: Mapping[str, str]) -> pd.DataFrame:
    """A flat frame in its own dtypes again."""
    return pd.DataFrame({name: _unfolded(frame[name], kind) for name, kind in dtypes.items()}, index=pd.RangeIndex(len(frame)))


def _unfolded(column: pd.Series[Any], kind: Any) -> Any:
    if kind == "object":
        return pd.Series([None if pd.isna(one) else json.loads(one) for one in column], dtype=object)
    if kind.startswith("timedelta"):
        return pd.to_timedelta(column.astype("Int64"), unit="us").astype(kind)
    return column.astype(kind)


def facts_of(frame: pd.DataFrame) -> dict[str, Any]:
    """The receipt and the plain facts beside it, fields that say nothing left out."""
    plain = frame.attrs.get(ATTRS) or {}
    empty = Receipt("", "").to_dict()
    return {str(name): one for name, one in plain.items() if name != "included" and (name not in empty or one != empty[name])}


def proven(frame: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """The frame with what facts_of() told of it."""
    if not facts:
        return frame
    more = {name: one for name, one in facts.items() if name not in Receipt.__dataclass_fields__}
    told = attach(frame, from_dict({"crm": "", "endpoint": "", **facts}), **more)
    # A frame that its receipt was not given for, as after concat, does not become one by being kept.
    told.attrs[ATTRS].update({name: more[name] for name in ("lines", "key") if name in more})
    return told
