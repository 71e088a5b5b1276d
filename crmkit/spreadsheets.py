"""A spreadsheet as records: the first line that holds something names the columns, every later one is a record.

Nothing is ever computed or executed: a formula gives the value that the file keeps for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile, is_zipfile

import pandas as pd

from crmkit.errors import ConfigError, ShapeError
from crmkit.records import Record

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_records(content: bytes, content_type: str = XLSX) -> list[Record]:
    """The lines of an xlsx file as records; where several sheets hold lines, each record names its sheet.

    Values are what the cells hold: text, whole and broken numbers, flags, dates and times, None for an empty cell. Raises
    ConfigError without openpyxl, ShapeError for anything that is not an xlsx file.
    """
    if not is_zipfile(BytesIO(content)):
        raise ShapeError("the answer is not a spreadsheet.", hint="check the key and the base URL: it may be a login page.")
    tables = {name: records for name, records in _tables(content).items() if records}
    if len(tables) > 1:
        return [{"sheet": name, **record} for name, records in tables.items() for record in records]
    return [record for records in tables.values() for record in records]


def _tables(content: bytes) -> dict[str, list[Record]]:
    try:
        openpyxl = import_module("openpyxl")
    except ImportError:
        raise ConfigError(
            "reading a spreadsheet needs openpyxl.", hint="pip install 'crmkit[files]', then run the same call again."
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which play no part here
            book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            return {sheet.title: _records(_lines(sheet)) for sheet in book.worksheets}
    except (BadZipFile, KeyError, OSError, SyntaxError, ValueError):  # SyntaxError: XML that is none
        raise ShapeError("the spreadsheet cannot be read, or only half of it came.") from None


def _lines(sheet: Any) -> Iterator[Sequence[Any]]:
    """The lines of a sheet that hold something, whatever size the file claims the sheet to have."""
    sheet.reset_dimensions()
    return (line for line in sheet.iter_rows(values_only=True) if any(value is not None for value in line))


def _records(lines: Iterator[Sequence[Any]]) -> list[Record]:
    names = _names(next(lines, ()))
    return [dict(zip_longest(_wide(names, line), line)) for line in lines]


def _names(header: Sequence[Any]) -> list[str]:
    """A name for each column: its header, with a number where it is empty or was there before."""
    names: list[str] = []
    for place, value in enumerate(header, 1):
        name = str(value).strip() if value is not None else f"column {place}"
        count, free = 1, name
        while free in names:
            count += 1
            free = f"{name} [{count}]"
        names.append(free)
    return names


def _wide(names: list[str], line: Sequence[Any]) -> list[str]:
    """The names, with more of them for a line that is longer than the header; a shorter one has empty cells."""
    return names + [f"column {place + 1}" for place in range(len(names), len(line))]


def typed_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every column that holds nothing but dates and times as datetime64[us]; a sheet's cells know what they are."""
    for name in frame:
        if frame[name].dtype == "object" and pd.api.types.infer_dtype(frame[name], skipna=True) in ("datetime", "date"):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame
