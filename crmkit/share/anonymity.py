"""How many people look the same by what a bundle still tells of them.

Counted are columns that describe (age band, gender, place), not what people did. Whoever knows which events somebody attended may find
the line with that list: no report of k covers this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

SMALL = 5
TOGETHER = "(all together)"
COLUMNS = {"frame": "string", "columns": "string", "people": "Int64", "classes": "Int64", "k": "Int64", "below_5": "Int64"}


@dataclass(frozen=True)
class Described:
    """What a frame still tells of people: the column of their pseudonyms, or None for a person per line, and the describing columns."""

    name: str
    frame: pd.DataFrame
    person: str | None
    columns: tuple[str, ...]


def counted(described: Iterable[Described]) -> pd.DataFrame:
    """A line per frame with describing columns, and one for all together, as somebody sees them who joins them by pseudonym.

    Columns: frame, columns (string), people, classes (people who look the same are one class), k (the smallest class), below_5 (people
    in classes of fewer than five).
    """
    known = [one for one in described if one.columns and len(one.frame)]
    lines = [_line(one.name, ", ".join(one.columns), _looks(one)) for one in known]
    joined = [_looks(one).rename(one.name) for one in known if one.person]
    if len(joined) > 1:
        both = pd.concat(joined, axis=1).fillna("").agg(" | ".join, axis=1)
        lines.append(_line(TOGETHER, ", ".join(str(one.name) for one in joined), both))
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype(COLUMNS)


def _looks(one: Described) -> pd.Series:
    """How each person looks, as one text; all of it, where somebody has several lines."""
    texts = one.frame[list(one.columns)].astype("string").fillna("")
    looks = texts.agg(" / ".join, axis=1)
    if one.person is None:
        return looks
    several = looks.groupby(one.frame[one.person]).agg(lambda found: " + ".join(sorted(set(found))))
    return several.astype("string")


def _line(name: str, columns: str, looks: pd.Series) -> tuple[str, str, int, int, int | None, int]:
    sizes = looks.value_counts()
    smallest = int(sizes.min()) if len(sizes) else None
    return name, columns, len(looks), len(sizes), smallest, int(sizes[sizes < SMALL].sum())
