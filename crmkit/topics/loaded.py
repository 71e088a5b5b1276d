"""What load() returns: the tables, and the Python that makes them again, for as long as they are the tables that it made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

FRESHNESS = "refresh"  # a word about this fetch, not about the tables


class Tables(dict[str, pd.DataFrame]):
    """The tables of a topic by name: a dict that knows the call that filled it."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], recipe: str | None) -> None:
        super().__init__(tables)
        self._made, self._recipe = dict(tables), recipe

    @property
    def recipe(self) -> str | None:
        """Python that loads the same tables into data; None once a table was exchanged, and where a keyword cannot be written down."""
        untouched = self.keys() == self._made.keys() and all(self[name] is frame for name, frame in self._made.items())
        return self._recipe if untouched else None


def recipe(topic: str, client: Any, what: Mapping[str, Any]) -> str | None:
    """The call that loads a topic's tables, as Python; None where something in it has no plain words."""
    home = getattr(client, "recipe", None)
    if not home:
        return None
    try:
        words = [f", {name}={written(value)}" for name, value in what.items() if name != FRESHNESS]
    except TypeError:
        return None
    return f"client = {home}\ndata = crmkit.{topic}.load(client{''.join(words)})"


def written(value: Any) -> str:
    """A value as Python text that needs no import: days as ISO text, columns and sets as lists. Raises TypeError for anything else."""
    plain = value.item() if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0 else value
    if plain is None or isinstance(plain, bool | int | float | str):
        return repr(plain)
    if isinstance(plain, Mapping):
        return "{" + ", ".join(f"{written(name)}: {written(one)}" for name, one in plain.items()) + "}"
    if hasattr(plain, "isoformat"):
        return repr(plain.isoformat())
    if isinstance(plain, Iterable) and not isinstance(plain, bytes | pd.DataFrame):
        return "[" + ", ".join(map(written, plain)) + "]"
    raise TypeError(type(plain).__name__)
