"""Frames to files: CSV, Parquet, Excel and JSON, by the ending of the name.

A file is written beside its place and moved there when it is whole. What each format can hold differs:
Parquet keeps dtypes, lists and the receipt. JSON is a list of records; days and instants are ISO 8601 text, lists stay lists. CSV and
Excel hold lists as JSON text. Excel knows no time zones: instants are UTC there, and a second sheet holds the receipt.
Texts that a spreadsheet would run as a formula are made harmless: in CSV by an apostrophe in front (also after a semicolon or a line
break inside the text), in Excel by typing the cell.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Hashable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import pandas as pd

from crmkit.errors import ConfigError, ShapeError
from crmkit.receipts import holds, receipt

UNSEEN = r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]"  # what stands before a formula and is stripped or shows as nothing
SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
FORMULA = rf"^(?:{UNSEEN}*[{SIGNS}]|[\t\r\n])"
# Where a spreadsheet splits at semicolons (as in most of Europe) it takes no notice of the quotes around a whole text.
INSIDE = rf"([;\r\n](?:{UNSEEN}|[\"'])*)([{SIGNS}])"
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
EXCEL_ROWS = 1_048_575
EXCEL_TEXT = 32_767
EXCEL_DAYS = (pd.Timestamp("1900-03-01"), pd.Timestamp("9999-12-31"))
NEEDS = {".parquet": "pyarrow", ".xlsx": "openpyxl"}


def checked(path: Path, *, force: bool = False) -> None:
    """Raise ConfigError where a frame could not be written to path: before an hour of fetching, not after it."""
    if path.suffix.lower() not in WRITERS:
        raise ConfigError(f"cannot tell the format of {path.name}.", hint=f"end the name with {', '.join(WRITERS)}.")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent}.", hint="make it, or choose another place.")
    if not os.access(path.absolute().parent, os.W_OK):
        raise ConfigError(f"nothing can be written in {path.absolute().parent}.", hint="choose another place.")
    if path.exists() and not (force and path.is_file()):
        raise ConfigError(f"{path.name} exists already.", hint="choose another name, or replace it with force (--force).")
    module = NEEDS.get(path.suffix.lower())
    if module and not find_spec(module):
        raise ConfigError(f"{path.suffix} files need {module}.", hint='pip install "crmkit[files]", or write .csv or .json.')


def write(frame: pd.DataFrame, path: str | Path, *, raw_formulas: bool = False, force: bool = False) -> None:
    """Write a frame to path (.csv, .parquet, .xlsx, .json); an existing file only with force=True.

    raw_formulas: leave texts that look like formulas as they are (CSV, Excel). Raises ConfigError for an unknown ending, a missing
    package (extra files) or an existing file, ShapeError for what Excel cannot hold; nothing is written then.
    """
    path = Path(path)
    checked(path, force=force)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as handle:
            WRITERS[path.suffix.lower()](frame, handle, raw_formulas)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _csv(frame: pd.DataFrame, handle: IO[bytes], raw_formulas: bool) -> None:
    flat = _flat(frame)
    if not raw_formulas:
        flat = _with(flat, {name: _harmless(flat[name]) for name in flat if _is_text(flat[name])})
        flat.columns = pd.Index(_harmless(pd.Series(flat.columns, dtype="string")))
    # With this line end the csv module quotes a lone carriage return too, which readers would take for the next line.
    flat.to_csv(handle, index=False, encoding="utf-8", lineterminator="\r\n")


def _is_text(column: pd.Series[Any]) -> bool:
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def _harmless(column: pd.Series[Any]) -> pd.Series[Any]:
    texts = column.astype("string")
    opened = texts.str.replace(INSIDE, r"\1'\2", regex=True)
    return opened.where(~texts.str.match(FORMULA, na=False), "'" + opened)


def _with(frame: pd.DataFrame, columns: Mapping[Hashable, pd.Series[Any]]) -> pd.DataFrame:
    """The frame with other values in some of its columns; the one that was given stays as it is."""
    changed = frame.copy(deep=False)
    for name, column in columns.items():
        changed[name] = column
    return changed


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with lists and other JSON values as text."""
    return _with(frame, {name: frame[name].map(as_json).astype("string") for name in frame if frame[name].dtype == object})


def as_json(value: Any) -> Any:
    """A list or dict as JSON text; a plain value as text; nothing stays nothing."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list | dict) and not hasattr(value, "tolist"):
        return None if pd.isna(value) else str(value)
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON does not know: times as ISO 8601 text, arrays as lists."""
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        return value.isoformat().replace("+00:00", "Z")
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _json(frame: pd.DataFrame, handle: IO[bytes], raw_formulas: bool) -> None:
    columns = [_json_values(frame[name]) for name in frame]
    names = [str(name) for name in frame.columns]
    lines = (
        json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False, default=_plain)
        for values in zip(*columns, strict=True)
    )
    handle.write(b"[")
    for number, line in enumerate(lines):
        handle.write(b",\n" if number else b"\n")
        handle.write(line.encode())
    handle.write(b"\n]\n")


def _json_values(column: pd.Series[Any]) -> list[Any]:
    """Plain values; a column of days is written without times of day."""
    if (
        column.dtype.kind == "M"
        and getattr(column.dtype, "tz", None) is None
        and (column.dropna() == column.dropna().dt.normalize()).all()
    ):
        column = column.dt.strftime("%Y-%m-%d")
    return column.astype(object).where(column.notna(), None).tolist()


def _parquet(frame: pd.DataFrame, handle: IO[bytes], raw_formulas: bool) -> None:
    """Lists stay lists; a column whose values have no common shape becomes JSON text, which Parquet can hold."""
    odd = [name for name in frame if frame[name].dtype == object and not _has_one_shape(frame[name].tolist())]
    texts = {name: frame[name].map(as_json).astype("string") for name in odd}
    _with(frame, texts).to_parquet(handle, engine="pyarrow", index=False)


def _has_one_shape(values: list[Any]) -> bool:
    pa = import_module("pyarrow")
    try:
        return _storable(pa.array(values, from_pandas=True).type)
    except (pa.ArrowException, RecursionError):
        return False


def _storable(kind: Any) -> bool:
    """Parquet has no records without fields."""
    pa = import_module("pyarrow")
    if pa.types.is_list(kind):
        return _storable(kind.value_type)
    if pa.types.is_struct(kind):
        return len(kind) > 0 and all(_storable(one.type) for one in kind)
    return True


def _xlsx(frame: pd.DataFrame, handle: IO[bytes], raw_formulas: bool) -> None:
    flat = _flat(frame)
    _fits_excel(flat)
    times = {name: _excel_times(flat[name]) for name in flat if flat[name].dtype.kind in "mM"}
    texts = {name: _clean(flat[name]) for name in flat if _is_text(flat[name])}
    with pd.ExcelWriter(cast(BinaryIO, handle), engine="openpyxl") as writer:
        _with(flat, times | texts).to_excel(writer, sheet_name="data", index=False, freeze_panes=(1, 0))
        if holds(frame):
            lines = [(name, as_json(value)) for name, value in receipt(frame).to_dict().items()]
            lines.append(("times", "Instants are in UTC."))
            pd.DataFrame(lines, columns=["what", "value"]).to_excel(writer, sheet_name="receipt", index=False)
        for sheet in writer.sheets.values():
            if not raw_formulas:
                _as_text(sheet)


def _fits_excel(flat: pd.DataFrame) -> None:
    if len(flat) > EXCEL_ROWS:
        raise ShapeError(f"{len(flat):,} records are more than an Excel sheet holds.", hint="write .csv or .parquet.")
    for name in flat:
        if _is_text(flat[name]) and (flat[name].str.len() > EXCEL_TEXT).any():
            raise ShapeError(f"a text of {name} is longer than an Excel cell holds.", hint="write .csv, .parquet or .json.")


def _excel_times(column: pd.Series[Any]) -> pd.Series[Any]:
    """Instants as UTC without a zone; durations, and days that Excel does not know, as text."""
    if column.dtype.kind == "m":
        return column.astype("string")
    naive = column.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(column.dtype, "tz", None) else column
    known = naive.isna() | naive.between(*EXCEL_DAYS)
    return naive if known.all() else naive.astype(object).where(known, naive.astype("string"))


def _clean(column: pd.Series[Any]) -> pd.Series[Any]:
    """Without the control characters that a workbook must not hold."""
    return column.str.replace(CONTROLS, "\ufffd", regex=True)


def _as_text(sheet: Any) -> None:
    """Type every text as text, also what looks like a formula or an error to Excel, and for whoever edits the cell later."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type in "fse" and isinstance(cell.value, str):
                cell.data_type = "s"
                cell.quotePrefix = bool(re.match(FORMULA, cell.value))


WRITERS: Mapping[str, Callable[[pd.DataFrame, IO[bytes], bool], None]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
    ".json": _json,
}
