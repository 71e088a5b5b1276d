"""The texts that name the account's people and its keys: from frames, from files, from this machine's cache and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from crmkit.errors import ConfigError, ParameterError, ShapeError
from crmkit.receipts import ATTRS
from crmkit.share.fetched_columns import fetched
from crmkit.share.topic_columns import TOPICS, topic_of
from crmkit.topics.replay import LOADED

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
    """What identifies somebody in some sources: frames of crmkit by their declared columns, other lists whole.

    Raises ParameterError for a table of which no column is known to identify anybody: it would vouch for nothing.
    """
    for source in sources:
        if isinstance(source, str):
            yield source
        elif isinstance(source, pd.DataFrame):
            yield from of_frames({"": source})
        elif isinstance(source, Mapping):
            yield from of_frames(source)
        else:
            yield from (str(one) for one in source if isinstance(one, str))


def of_frames(frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """The values of the identifying columns of some tables, such as a topic's, and full names put together."""
    topic = _topic(frames)
    named = {name: _direct(frame, topic) for name, frame in frames.items()}
    if frames and all(one is None for one in named.values()):
        raise ParameterError(
            "no column of a table is known to identify anybody.",
            hint="give frames of crmkit, call its columns first_name, last_name, email and phone, or give the texts as a list.",
        )
    for name, frame in frames.items():
        yield from _of_columns(frame, named[name] or [])


def _topic(frames: Mapping[str, pd.DataFrame]) -> str | None:
    """The topic whose load() gave the frames, or one of them."""
    return next(filter(None, map(_marked, frames.values())), topic_of(set(frames)))


def _marked(frame: pd.DataFrame) -> str | None:
    """The topic whose load() gave this frame, as it remembers itself."""
    mark = (frame.attrs.get(ATTRS) or {}).get(LOADED)
    return str(mark["topic"]) if mark else None


def _of_columns(frame: pd.DataFrame, named: list[str]) -> Iterator[str]:
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


def _direct(frame: pd.DataFrame, topic: str | None) -> list[str] | None:
    """The columns that identify a person: as declared; in a table that nothing declares, by the names that declarations use, or None.

    topic: that of the tables beside it, for one that lost its mark.
    """
    plainly = {str(name) for name in frame if PLAINLY.fullmatch(str(name))}
    own = _marked(frame)
    try:
        tables = [*TOPICS[own].values()] if own else [fetched(frame, "frame")[1]]
    except ShapeError:
        if topic is None:
            return sorted(plainly) or None
        tables = [*TOPICS[topic].values()]
    declared = {name for one in tables for name, treatment in one.items() if treatment == "name"}
    return [str(name) for name in frame if str(name) in declared | plainly]


def of_files(paths: Iterable[Path]) -> Iterator[str]:
    """What identifies somebody in tables (.csv, .parquet, .json) or lists (.txt, one text a line).

    Raises ConfigError for a file of another kind, that cannot be read, or of which no column is known to identify anybody.
    """
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": _csv,
        ".parquet": pd.read_parquet,
        ".json": lambda path: pd.read_json(path, dtype=False),  # a phone number is no number
    }
    for path in paths:
        if path.suffix != ".txt" and path.suffix not in readers:
            raise ConfigError(
                f"cannot read identifiers from {path.name}.", hint="give .csv, .parquet, .json, or .txt with one a line."
            )
        try:
            yield from _text(path).splitlines() if path.suffix == ".txt" else of_frames({"": readers[path.suffix](path)})
        except ParameterError as error:
            raise ConfigError(f"{path.name}: {error.what}", hint=error.hint) from None
        except ValueError:  # those of pandas and pyarrow may quote a line
            raise ConfigError(f"{path.name} cannot be read as a {path.suffix} file.", hint="save it again, or as .txt.") from None


def _text(path: Path) -> str:
    """A file's text; spreadsheets write the code page of western Europe."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _csv(path: Path) -> pd.DataFrame:
    """A table of texts, with commas, or with semicolons or tabs as spreadsheets of half of Europe write it."""
    text = _text(path)
    head = text.partition("\n")[0]
    return pd.read_csv(StringIO(text), sep=max(",;\t", key=head.count), dtype="string")


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
