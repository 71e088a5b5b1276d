"""What the frames and tables of all topics are made with: declared columns, days, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from typing import Any, TypeAlias

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import timestamp

Dtypes: TypeAlias = dict[str, Any]
Names: TypeAlias = str | Iterable[str] | None
AllOrSome: TypeAlias = bool | str | Iterable[str]  # True for all, or which
NUMBER, WORD = re.compile(r"\d+"), re.compile(r"[^\W_]+")
LIKE_WORDS = 0.7  # how alike each word of a slip is to the one meant, of 1: wlak is walk, maandag is not zondag
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


def known_words(
    asked: Iterable[str], there: pd.Series[Any], documented: Iterable[str], noun: str, *, lists: str = "", like: float = 0.8
) -> None:
    """Raises ParameterError for a word that is neither in a column nor documented, naming those there are.

    Where nothing is documented (words of the account's own) a word that is not there may stand for something that did not happen
    this month: only what looks like a slip is refused then. lists: what lists the words, in place of them where they are people's
    names, which no error shows. like: how alike a slip is, of 1.
    """
    documented = tuple(documented)
    known = dict.fromkeys([*sorted(map(str, there.dropna().unique())), *documented])
    for word in (one for one in asked if one not in known):
        near = _meant(word, known, like)
        if lists and near:
            raise ParameterError(
                f"there is no {noun} of that name, but one that is spelt much like it.", hint=f"{lists} lists them."
            )
        if near or documented:
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}."
            raise ParameterError(f"there is no {noun} {word!r}.", hint=hint)


def _meant(word: str, known: Iterable[str], like: float) -> str | None:
    """The known word that this one is a slip of, if any; names that differ in their numbers only are two names."""
    others = {one.casefold(): one for one in known if NUMBER.sub("", one) != NUMBER.sub("", word)}
    near = get_close_matches(word.casefold(), others, n=len(others) or 1, cutoff=like)
    return next((others[one] for one in near if _word_by_word(word.casefold(), one, min(like, LIKE_WORDS))), None)


def _word_by_word(one: str, other: str, like: float) -> bool:
    """Whether names are alike in each of their words, or in all letters; Training A is not Training B, however much they share."""
    mine, theirs = WORD.findall(one), WORD.findall(other)
    if len(mine) != len(theirs):
        return "".join(mine) == "".join(theirs)
    return all(SequenceMatcher(None, *pair).ratio() >= like for pair in zip(mine, theirs, strict=True))


def named(
    table: pd.DataFrame,
    columns: tuple[str, str],
    asked: Names,
    noun: str,
    *,
    beside: pd.Series[Any] | None = None,
    lists: str = "",
) -> pd.Series[bool]:
    """Which lines have one of these ids or names, in the columns of both.

    Raises ParameterError for what looks like a slip in a name, see known_words(). beside: names that there are elsewhere.
    """
    key, name = columns
    words, there = wanted(asked), table[name] if beside is None else pd.concat([table[name], beside])
    ids = set(table[key].dropna())
    known_words((word for word in words if word not in ids), there, (), noun, lists=lists)
    return table[list(columns)].isin(words).any(axis=1)


def one_of(value: str, choices: Iterable[str], name: str) -> str:
    """The value, if it is one of the choices. Raises ParameterError otherwise."""
    if not isinstance(value, str) or value not in choices:
        raise ParameterError(f"{name} is no {value!r}.", hint=f"it is one of {', '.join(choices)}.")
    return value
