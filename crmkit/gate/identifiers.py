"""The texts that name the account's people and its keys: from frames, from files, from this machine's cache and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from crmkit.errors import ConfigError, ShapeError

Source: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame] | pd.Series[Any] | str | Iterable[str]"
# A given name alone identifies nobody, and is a word of the language too often.
GIVEN = re.compile(r"(.*[._])?(first_name|other_names|given_name|forename)s?")
FAMILY = re.compile(r"(.*[._])?(last_name|family_name|surname)")
CREDENTIAL = re.compile(r"(PEEPL|BEEPLE|SHEEPCRM|MISSIONHUB|ONEPAGECRM)_(TOKEN|API_KEY|USER_ID)|.*_(TOKEN|SECRET|PASSWORD|API_KEY)")
LEAST_SECRET = 8


def texts(sources: Iterable[Source]) -> Iterator[str]:
    """What identifies somebody in some sources: frames of crmkit by their declared columns, other lists whole."""
    for source in sources:
        if isinstance(source, str):
            yield source
        elif isinstance(source, pd.DataFrame):
            yield from of_frame(source)
        elif isinstance(source, Mapping):
            for frame in source.values():
                yield from of_frame(frame)
        else:
            yield from (str(one) for one in source if isinstance(one, str))


def of_frame(frame: pd.DataFrame) -> Iterator[str]:
    """The values of a frame's identifying columns, and full names put together."""
    named = _direct(frame)
    for column in named:
        if not GIVEN.fullmatch(column):
            yield from _values(frame[column])
    given = next((one for one in named if GIVEN.fullmatch(one)), None)
    family = next((one for one in named if FAMILY.fullmatch(one)), None)
    if given and family:
        first, last = frame[given].astype("string"), frame[family].astype("string")
        yield from (f"{first} {last}").dropna() if isinstance(first, str) else (first + " " + last).dropna()
        yield from (last + " " + first).dropna()


def _values(column: pd.Series[Any]) -> Iterator[str]:
    for one in column.dropna():
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            yield from (str(inner) for inner in one if isinstance(inner, str))


def _direct(frame: pd.DataFrame) -> list[str]:
    """The columns that identify a person: as declared; in a table that nothing declares, by the names that declarations use."""
    from crmkit.share.fetched_columns import fetched
    from crmkit.share.topic_columns import TOPICS, topic_of

    try:
        treatments = fetched(frame, "frame")[1]
    except (ShapeError, KeyError):
        treatments = {}
    if not treatments:
        known: dict[str, str] = {}
        for topic in TOPICS.values():
            for columns in topic.values():
                known |= {name: kind for name, kind in columns.items() if kind == "name"}
        treatments = {str(name): "name" for name in frame if known.get(str(name)) or PLAINLY.fullmatch(str(name))}
    return [str(name) for name in frame if treatments.get(str(name)) == "name"]


PLAINLY = re.compile(
    r"(.*[._ ])?(e?mail|e-mail|phone|mobile|telephone|first_name|last_name|full_name|family_name|surname|street\d?|iban|email_address)",
    re.IGNORECASE,
)


def of_files(paths: Iterable[Path]) -> Iterator[str]:
    """What identifies somebody in tables (.csv, .parquet, .json) or lists (.txt, one text a line)."""
    readers = {".csv": lambda path: pd.read_csv(path, dtype="string"), ".parquet": pd.read_parquet, ".json": pd.read_json}
    for path in paths:
        if path.suffix == ".txt":
            yield from path.read_text(encoding="utf-8").splitlines()
        elif path.suffix in readers:
            yield from of_frame(readers[path.suffix](path))
        else:
            raise ConfigError(f"cannot read identifiers from {path.name}.", hint="give .csv, .parquet, .json, or .txt with one a line.")


def of_environment() -> Iterator[str]:
    """The credentials in this process's environment."""
    for name, value in os.environ.items():
        if CREDENTIAL.fullmatch(name) and len(value) >= LEAST_SECRET:
            yield value
