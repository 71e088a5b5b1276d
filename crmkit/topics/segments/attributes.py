"""What is known about people, as a few bands and words per attribute, so that segments can be compared on all of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from pandas.api import types

from crmkit.params import unknown_name
from crmkit.topics.shapes import Names, wanted

AGES = (0, 6, 12, 18, 30, 45, 60, 75, 111)
TERMS = (0, 1, 3, 6, 11)
COUNTS = (0, 1, 3, 6, 11, 21)
MONEY = (0, 1, 100, 1000, 10_000, 100_000)
NOT_ATTRIBUTES = ("person_id", "object_type")
OTHER = "(other)"
# What a column is called once it is banded, days by the years since then.
TITLES = {
    "sign_ups": "sign-ups",
    "birth_date": "age",
    "member_since": "years a member",
    "created": "years in the CRM",
    "changed": "years unchanged",
}


def known_attributes(people: pd.DataFrame) -> list[str]:
    """The columns of a frame of people about which anything is known, lists and ids aside."""
    plain = [name for name in people if name not in NOT_ATTRIBUTES and not types.is_object_dtype(people[name])]
    return [str(name) for name in plain if people[name].notna().any()]


def title(name: str) -> str:
    """What an attribute is called once it is banded: age for birth_date."""
    return TITLES.get(name, name.replace("_", " "))


def chosen_attributes(people: pd.DataFrame, names: Names) -> list[str]:
    """The columns of these names or titles; all known ones for None. Raises ParameterError for one that is not there."""
    if names is None:
        return known_attributes(people)
    by_title = {title(str(name)): str(name) for name in people}
    found = []
    for one in wanted(names):
        if one not in people and one not in by_title:
            raise unknown_name(one, [str(name) for name in people], "the frame people", "attribute")
        found.append(one if one in people else by_title[one])
    return list(dict.fromkeys(found))


def banded(values: pd.Series, today: pd.Timestamp, top: int = 8) -> pd.Series:
    """A column of people as an ordered categorical of words; what is unknown stays missing.

    Birth dates become ages, other days and instants full years up to today (what lies ahead is missing, a birth date more than 110
    years ago too), whole numbers bands, flags yes and no. Of texts the top most frequent values stay, the others become "(other)".
    """
    if types.is_bool_dtype(values):
        return _categories(values.map({True: "yes", False: "no"}), ["yes", "no"])
    if types.is_numeric_dtype(values) or types.is_datetime64_any_dtype(values):
        numbers = as_number(values, today)
        return _banded(numbers, _edges(values), open_end=values.name != "birth_date")
    texts = values.astype("string").str.strip()
    texts = texts.where(texts != "")
    counts = texts[texts != OTHER].value_counts()  # who says "(other)" is one of the others
    frequent = counts.sort_index().sort_values(ascending=False, kind="stable").index[:top].tolist()
    rare = texts.notna() & ~texts.isin(frequent)
    return _categories(texts.mask(rare, OTHER), [*frequent, OTHER])


def as_number(values: pd.Series, today: pd.Timestamp) -> pd.Series:
    """A column as float64: years of age, full years for other days up to today, numbers as they are; NaN for anything else."""
    if types.is_bool_dtype(values):
        return values.astype("float64")
    if types.is_numeric_dtype(values):
        return values.astype("float64")
    if not types.is_datetime64_any_dtype(values):
        return pd.Series(np.nan, index=values.index)
    return full_years(values, today)


def full_years(days: pd.Series, today: pd.Timestamp) -> pd.Series:
    """Birthdays that have passed since a day, as float64; instants by their day in UTC. NaN for a day that lies ahead."""
    local = days.dt.tz_localize(None) if getattr(days.dt, "tz", None) is not None else days
    later = local.dt.month * 100 + local.dt.day > today.month * 100 + today.day
    years: pd.Series = (today.year - local.dt.year - later).astype("float64")
    return years.where((years >= 0) & local.notna())


def _edges(values: pd.Series) -> tuple[int, ...]:
    if types.is_datetime64_any_dtype(values):
        return AGES if values.name == "birth_date" else TERMS
    return MONEY if types.is_float_dtype(values) else COUNTS


def _banded(numbers: pd.Series, edges: tuple[int, ...], *, open_end: bool) -> pd.Series:
    """Numbers in half-open bands [edge, next edge); below the first edge missing; the last band has no end unless its edge is a limit."""
    bounds = [*edges, np.inf] if open_end else list(edges)
    last = len(bounds) - 2
    names = [_band(low, high, place == last) for place, (low, high) in enumerate(pairwise(bounds))]
    found = pd.cut(numbers, bounds, right=False, labels=names)
    return found.cat.set_categories(names, ordered=True)


def _band(low: float, high: float, is_last: bool) -> str:
    if is_last:
        return f"{low:,.0f}+"
    return f"{low:,.0f}" if high - low == 1 else f"{low:,.0f}–{high - 1:,.0f}"


def _categories(texts: pd.Series, order: list[str]) -> pd.Series:
    return pd.Series(pd.Categorical(texts, categories=order, ordered=True), index=texts.index)
