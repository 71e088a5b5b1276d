"""The texts that name the account's people and its keys: from frames, from files, from this machine's cache and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from crmkit.errors import ConfigError, ShapeError

if TYPE_CHECKING:
    from crmkit.columns import Column

Source: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame] | pd.Series[Any] | str | Iterable[str]"
# A given name alone identifies nobody, and is a word of the language too often.
GIVEN = re.compile(r"(.*[._])?(first_name|other_names|given_name|forename)s?")
FAMILY = re.compile(r"(.*[._])?(last_name|family_name|surname)")
CREDENTIAL = re.compile(
    r"(PEEPL|BEEPLE|SHEEPCRM|MISSIONHUB|ONEPAGECRM)_(TOKEN|API_KEY|USER_ID)|.*_(TOKEN|SECRET|PASSWORD|API_KEY)"
)
LEAST_SECRET = 8
PLAINLY = re.compile(
    r"(.*[._ ])?(e-?mail|email_address|primary_email|phone|phone_number|mobile|telephone|iban|street\d?|person_name"
    r"|first_name|last_name|full_name|family_name|other_names|surname)",
    re.IGNORECASE,
)
SYSTEMS = {"peepl": "Peepl", "beeple": "Beeple", "sheepcrm": "SheepCRM", "missionhub": "MissionHub", "onepagecrm": "OnePageCRM"}


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
        yield from (first + " " + last).dropna()
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

    try:
        treatments = fetched(frame, "frame")[1]
    except ShapeError:
        return [str(name) for name in frame if PLAINLY.fullmatch(str(name))]
    return [str(name) for name in frame if treatments.get(str(name)) == "name" or PLAINLY.fullmatch(str(name))]


def of_files(paths: Iterable[Path]) -> Iterator[str]:
    """What identifies somebody in tables (.csv, .parquet, .json) or lists (.txt, one text a line)."""
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": lambda path: pd.read_csv(path, dtype="string"),
        ".parquet": pd.read_parquet,
        ".json": pd.read_json,
    }
    for path in paths:
        if path.suffix == ".txt":
            yield from path.read_text(encoding="utf-8").splitlines()
        elif path.suffix in readers:
            yield from of_frame(readers[path.suffix](path))
        else:
            raise ConfigError(
                f"cannot read identifiers from {path.name}.", hint="give .csv, .parquet, .json, or .txt with one a line."
            )


def of_environment() -> Iterator[str]:
    """The credentials in this process's environment."""
    for name, value in os.environ.items():
        if CREDENTIAL.fullmatch(name) and len(value) >= LEAST_SECRET:
            yield value


def of_cache() -> Iterator[str]:
    """What identifies somebody in the pages that this machine keeps of its accounts, by the columns that their rows declare."""
    import crmkit
    from crmkit import cache

    keys: dict[tuple[str, str], frozenset[str]] = {}
    for crm, endpoint, body in cache.bodies():
        if (crm, endpoint) not in keys:
            row = getattr(crmkit, SYSTEMS[crm]).rows().get(endpoint)
            keys[crm, endpoint] = frozenset(_identifying(row.columns)) if row else frozenset()
        yield from _under(body, keys[crm, endpoint])


def _identifying(columns: Iterable[Column]) -> Iterator[str]:
    """The last word of the path of every identifying column, given names apart."""
    for one in columns:
        if one.sensitivity == "direct" and not GIVEN.fullmatch(one.name):
            yield one.path[-1]
        yield from _identifying(one.children)


def _under(value: Any, keys: frozenset[str]) -> Iterator[str]:
    """The texts that stand under one of the keys, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from _under(one, keys)
    elif isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, dict | list):
                yield from _under(one, keys)
            elif name in keys and isinstance(one, str):
                yield one
