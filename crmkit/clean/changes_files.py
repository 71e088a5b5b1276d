"""Corrections in files that people can review: CSV, JSON and Parquet, all of which come back as they went."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crmkit import exports
from crmkit.clean.changes import COLUMNS, checked
from crmkit.errors import ConfigError

ENDINGS = (".csv", ".json", ".parquet")
MARK = "'"
# A spreadsheet would run or rewrite these; the mark in front also tells an empty text from a missing one.
MARKED = r"^$|^'|" + exports.FORMULA


def save_corrections(found: pd.DataFrame, path: str | Path, *, force: bool = False) -> None:
    """Write corrections to path (.csv, .json, .parquet); an existing file only with force=True.

    In CSV a missing value is an empty cell; a text that is empty, or that a spreadsheet would take for a formula (a phone number
    with +), has an apostrophe in front, which load_corrections() takes away. Raises ConfigError as fetches to files do.
    """
    path = _known(path)
    frame = checked(found)
    if path.suffix.lower() == ".csv":
        frame = frame.apply(lambda column: column.where(~column.str.contains(MARKED, na=False), MARK + column))
    exports.write(frame, path, raw_formulas=True, force=force)


def load_corrections(path: str | Path) -> pd.DataFrame:
    """The corrections of a file that save_corrections() wrote, also after lines were taken out or values edited by hand.

    Returns a DataFrame as corrections() does. Raises ConfigError for a file that is not there or of another kind, ShapeError for one
    that holds no corrections.
    """
    path = _known(path)
    if not path.is_file():
        raise ConfigError(f"there is no file {path.name}.")
    if path.suffix.lower() == ".parquet":
        return checked(pd.read_parquet(path))
    if path.suffix.lower() == ".json":
        return checked(pd.DataFrame(json.loads(path.read_text(encoding="utf-8")) or {name: [] for name in COLUMNS}))
    frame = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8-sig")
    return checked(frame.apply(lambda column: column.str.removeprefix(MARK)))


def _known(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError(f"cannot tell the format of {path.name}.", hint=f"end the name with {', '.join(ENDINGS)}.")
    return path
