"""Parameters of a fetcher: their Python name, their name on the wire, and how a value is written there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from math import isfinite
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError

Kind = Literal["text", "id", "integer", "number", "flag", "day", "instant", "moment", "json"]
Several = Literal["no", "comma", "repeat", "map"]
Pairs = list[tuple[str, str]]

FIRST_YEAR, LAST_YEAR = 1000, 9998
AS_TEXT = "write it as a text such as '2024-01-31'."
MEANT = {
    "text": "text",
    "id": "id",
    "integer": "whole number",
    "number": "number",
    "flag": "True or False",
    "day": "date, Timestamp or YYYY-MM-DD",
    "instant": "date, Timestamp or ISO 8601 text",
    "moment": "date, Timestamp, ISO 8601 text or Unix seconds",
    "json": "plain JSON values",
}


@dataclass(frozen=True)
class Param:
    """One parameter of a row.

    name: the Python keyword. wire: the vendor's name (default: the same); with several="map" it holds one {} that takes the key.
    several: "no" (one value), "comma" (joined), "repeat" (the name once per value), "map" (a dict: key -> value or list).
    form: strftime pattern of days ("%Y-%m-%d" unless the vendor wants another). choices: values the sheet names. required: must be
    given. default: sent when not given. exactly: how many values there must be. inner: how the values of a map are written. shift: days
    added on the wire (a bound widened, and filtered again in the frame). local: never sent, it changes how others are written.
    """

    name: str
    meaning: str
    wire: str = ""
    kind: Kind = "text"
    several: Several = "no"
    choices: tuple[str, ...] = ()
    required: bool = False
    default: Any = None
    form: str = "%Y-%m-%d"
    exactly: int | None = None
    inner: Several = "no"
    shift: int = 0
    local: bool = False

    @property
    def described(self) -> str:
        """What may be given, in words."""
        what = " or ".join(repr(choice) for choice in self.choices) if self.choices else MEANT[self.kind]
        if self.several == "map":
            return f"dict of {what}" + (", or lists of it" if self.inner != "no" else "")
        return f"{what}, or a list" if self.several != "no" else what

    def pairs(self, value: Any) -> Pairs:
        """The value as name-value pairs for the wire; ParameterError says what does not fit."""
        pairs = self._pairs(value)
        return [] if self.local else pairs

    def _pairs(self, value: Any) -> Pairs:
        wire = self.wire or self.name
        if self.several == "map":
            if not isinstance(value, Mapping):
                raise ParameterError(f"{self.name} takes a dict, such as {self.name}={{...}}.")
            return [pair for key, one in value.items() for pair in self._spread(wire.replace("{}", str(key), 1), one, self.inner)]
        return self._spread(wire, value, self.several)

    def _spread(self, wire: str, value: Any, several: Several) -> Pairs:
        values = listed(value) if several != "no" else [value]
        if self.exactly is not None and len(values) != self.exactly:
            raise ParameterError(f"{self.name} takes exactly {self.exactly} values.")
        texts = [self.text(one) for one in values]
        if several == "comma":
            return [(wire, ",".join(parts(texts)))]
        return [(wire, one) for one in texts]

    def text(self, value: Any) -> str:
        """One value as the vendor writes it."""
        value = value.item() if isinstance(value, np.generic) else value
        if value is None or value is pd.NA or value is pd.NaT or isinstance(value, Mapping | pd.DataFrame) or is_several(value):
            raise ParameterError(f"{self.name} takes {self.described}.")
        written = self._written(value)
        if self.choices and written not in self.choices:
            same = [one for one in self.choices if one.lower() == written.lower()]
            near = same or get_close_matches(written, self.choices, n=1)
            raise ParameterError(f"{self.name} takes {self.described}.", hint=f"did you mean {near[0]!r}?" if near else None)
        return written

    def _written(self, value: Any) -> str:
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise ParameterError(f"{self.name} takes True or False.")
            return "true" if value else "false"
        if self.kind in ("integer", "number"):
            known = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
            if not known or (self.kind == "integer" and value != int(value)):
                raise ParameterError(f"{self.name} takes a {MEANT[self.kind]}.")
            return str(int(value)) if self.kind == "integer" else repr(value)
        if self.kind in ("day", "instant", "moment"):
            return self._time(value)
        if self.kind == "json":
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            raise ParameterError(f"{self.name} takes {self.described}.")
        return str(int(value)) if isinstance(value, float) else str(value)

    def _time(self, value: Any) -> str:
        stamp = unix_seconds(value, self.name) if self.kind == "moment" and is_number(value) else timestamp(value, self.name)
        if self.kind == "day":
            return (stamp + timedelta(days=self.shift)).strftime(self.form)
        stamp = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
        if self.kind == "moment":
            return str(int(stamp.timestamp()))
        return stamp.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_number(value: Any) -> bool:
    """Whether a value is a number and no flag."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def unix_seconds(value: float, name: str) -> datetime:
    """Seconds since 1970 as a datetime; eight digits are more likely a day, and are refused instead of read as August 1970."""
    with suppress(ValueError, OverflowError, OSError):
        if re.fullmatch(r"(19|20)\d{6}", f"{value:.0f}") is None:
            return datetime.fromtimestamp(float(value), UTC)
    raise ParameterError(f"{name} takes {MEANT['moment']}.", hint=AS_TEXT)


def timestamp(value: Any, name: str) -> datetime:
    """A date, Timestamp or ISO 8601 text as a datetime; naive where the value names no zone. A number names no day.

    A bound is widened by a day and moved between zones, for which the first and last years of the calendar have no room.
    """
    found = _timestamp(value, name)
    if found.year < FIRST_YEAR or found.year > LAST_YEAR:
        raise ParameterError(
            f"{name} takes a day of the years {FIRST_YEAR} to {LAST_YEAR}.", hint="leave out an end that is open."
        )
    return found


def _timestamp(value: Any, name: str) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    with suppress(ValueError):
        text = "" if is_number(value) else str(value).strip()
        return datetime.strptime(text, "%Y%m%d") if text.isdigit() and len(text) == 8 else datetime.fromisoformat(text)
    raise ParameterError(f"{name} takes {MEANT['instant']}.", hint=AS_TEXT)


def existing_zone(name: Any) -> str:
    """The name of a time zone that exists."""
    try:
        return ZoneInfo(name).key
    except (LookupError, ValueError, TypeError, OSError):
        raise ParameterError("zone takes a name such as 'Europe/Brussels'.") from None


def check_order(values: Mapping[str, Any], first: str, last: str) -> None:
    """Of two bounds the first must not lie after the last: nothing would come, and it would count as complete."""
    try:
        start, end = (instant(values.get(name), name) for name in (first, last))
    except ParameterError:
        return  # a bound that is missing or cannot be read; of the latter, its own parameter tells
    if start > end and start.date() > end.date():  # within a day, the last bound may be the day itself
        raise ParameterError(f"{first} lies after {last}.", hint="swap them.")


def instant(value: Any, name: str) -> datetime:
    """A moment as a datetime with its zone, to the fraction; UTC where it names none."""
    found = unix_seconds(value, name) if is_number(value) else timestamp(value, name)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def several_ids(value: Any, param: Param) -> list[Any]:
    """The values of a path parameter, each once; what is missing or nested is no id. Digits are a number where one is wanted."""
    found, name = listed(value), param.name
    if param.kind == "integer":
        found = [int(one) if isinstance(one, str) and one.strip().isdigit() else one for one in found]
    if any(isinstance(one, Mapping | list | tuple | pd.DataFrame) or one is None or pd.isna(one) for one in found):
        raise ParameterError(
            f"{name} takes ids; one of the values is missing or no id.", hint="drop missing values: ids.dropna()."
        )
    return list(dict.fromkeys(int(one) if isinstance(one, float) and one.is_integer() else one for one in found))


def listed(value: Any) -> list[Any]:
    """A list, tuple, set, Series, Index or array as a list; anything else as a list of one."""
    if isinstance(value, pd.Series | pd.Index | np.ndarray):
        found: list[Any] = value.tolist()
        return found
    if isinstance(value, list | tuple | set | frozenset | range):
        return list(value)
    return [value]


def is_several(value: Any) -> bool:
    """Whether a path parameter was given as several values."""
    return isinstance(value, list | tuple | set | frozenset | range | pd.Series | pd.Index | np.ndarray)


def unknown_name(given: str, known: Iterable[str], what: str, kind: str = "parameter") -> ParameterError:
    """The error for a misspelt keyword (or a name of another kind), with the nearest right one."""
    names = sorted(set(known))
    near = get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else (f"it takes {', '.join(names)}." if names else "it takes no keywords.")
    return ParameterError(f"{what} has no {kind} {given!r}.", hint=hint)


def parts(texts: Iterable[str]) -> list[str]:
    """What stands between the commas of several texts, as "a, b" is written by hand."""
    return [part.strip() for text in texts for part in text.split(",")]


def flat(pairs: Sequence[Pairs]) -> Pairs:
    """Many lists of pairs as one."""
    return [pair for some in pairs for pair in some]
