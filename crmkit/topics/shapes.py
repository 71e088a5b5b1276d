"""What the frames and tables of all topics are made with: declared columns, days, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import timestamp

Dtypes: TypeAlias = dict[str, Any]
Names: TypeAlias = str | Iterable[str] | None
AllOrSome: TypeAlias = bool | str | Iterable[str]  # True for all, or which
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def typed(columns: Mapping[str, Any] | pd.DataFrame, dtypes: Mapping[str, Any], lines: int | None = None) -> pd.DataFrame:
    """A frame with these columns and dtypes, in this order; a column that is not given is missing throughout.

    columns: lists, arrays or Series, which are taken in their order, whatever their index. lines: how many, if no column tells.
    """
    given = {name: values.array if isinstance(values, pd.Series) else values for name, values in columns.items()}
    size = max((len(values) for values in given.values()), default=0) if lines is None else lines
    index = pd.RangeIndex(size)
    arrays = {name: pd.Series(given.get(name), index=index, dtype=dtype).array for name, dtype in dtypes.items()}
    return pd.DataFrame(arrays, index=index, copy=False)  # Series() has copied; as Series, their indexes would all be compared


def as_day(value: Any, name: str = "today") -> pd.Timestamp:
    """A date, Timestamp or ISO text as midnight of its day, without a zone. Raises ParameterError, by that name, for anything else."""
    return pd.Timestamp(timestamp(value, name)).tz_localize(None).normalize().as_unit("us")


def wanted(names: Names) -> list[str]:
    """One name or several as texts, each once, in order; none for None."""
    several = names if isinstance(names, Iterable) and not isinstance(names, str) else [names]
    return [] if names is None else list(dict.fromkeys(map(str, several)))


def known_words(asked: Iterable[str], there: pd.Series[Any], documented: Iterable[str], noun: str) -> None:
    """Raises ParameterError for a word that is neither in a column nor documented, naming those there are.

    Where nothing is documented (words of the account's own) a word that is not there may stand for something that did not happen
    this month: only what looks like a slip is refused then.
    """
    documented = tuple(documented)
    known = [*dict.fromkeys([*sorted({str(one) for one in there.dropna()}), *documented])]
    for word in asked:
        near = get_close_matches(str(word), known, n=1, cutoff=0.8)
        if word not in known and (near or documented):
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
            raise ParameterError(f"there is no {noun} {word!r}.", hint=hint)


def one_of(value: str, choices: Iterable[str], name: str) -> str:
    """The value, if it is one of the choices. Raises ParameterError otherwise."""
    if not isinstance(value, str) or value not in choices:
        raise ParameterError(f"{name} is no {value!r}.", hint=f"it is one of {', '.join(choices)}.")
    return value
