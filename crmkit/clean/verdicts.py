"""What a reader says about one text, and how a reader is put to a whole column: every distinct text is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd


class Verdict(NamedTuple):
    """What is to be said about one text.

    clean: what it should read, None where nothing is left. reason: why clean differs, "" where it does not. doubt: what looks
    wrong and was not changed. suggestion: what it may have been meant to be. kinds: the faults as words for counting.
    ambiguous: for a day, whether day and month could change places.
    """

    clean: Any
    reason: str = ""
    doubt: str = ""
    suggestion: str | None = None
    kinds: tuple[str, ...] = ()
    ambiguous: bool = False


Reader = Callable[[str], Verdict]


@dataclass(frozen=True)
class Column:
    """What a reader may know beforehand: how often each text occurs in the column, and the choices of the caller.

    region: ISO 3166 code of two letters for what names no country. day_first: how 03/04/2024 is read where the column itself
    does not tell. part: first, last or full, for names.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    region: str = "BE"
    day_first: bool = True
    part: str = ""


def counted(texts: pd.Series[Any]) -> dict[str, int]:
    """How often each text occurs; what is missing is left out."""
    return {str(text): int(count) for text, count in texts.value_counts(sort=False).items()}


def judged(texts: pd.Series[Any], reader: Reader) -> list[Verdict | None]:
    """The verdict on every text of a column, None for what is missing."""
    codes, distinct = pd.factorize(texts)
    verdicts: list[Verdict | None] = [reader(str(text)) for text in distinct.tolist()]
    verdicts.append(None)  # the code of what is missing is -1
    return [verdicts[code] for code in codes]


def sentence(parts: Iterable[str]) -> str:
    """Several reasons in one text."""
    return "; ".join(part for part in parts if part)


def words(text: str) -> tuple[str, ...]:
    """The words of a list that reads better as one text."""
    return tuple(text.split())
