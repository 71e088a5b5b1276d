"""What the panels of the topics share: where their tables come from, and the choices of their controls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from crmkit.client import Client
from crmkit.errors import ParameterError
from crmkit.topics.loaded import Tables
from crmkit.topics.panel import Control

Source: TypeAlias = Client | Mapping[str, pd.DataFrame]
START, END = Control("day", "From day"), Control("day", "To day")
MIN_N = Control("whole", "Mark groups smaller than", least=1, most=10**6, value=10)


def tables_of(
    topic: str, source: Source, load: Callable[..., dict[str, pd.DataFrame]], what: Mapping[str, Any]
) -> tuple[Mapping[str, pd.DataFrame], str]:
    """The tables of a topic, and the Python that leaves them in data.

    Tables that load() made, and nobody exchanged, know the call. Others cannot be written down: the code says that they have to be
    there, under the name tables.
    """
    if isinstance(source, Client) or hasattr(source, "replayed"):
        data: Mapping[str, pd.DataFrame] = load(source, **what)
    elif isinstance(source, Mapping) and source:
        data = source
        if what:
            raise ParameterError(
                f"{', '.join(what)}: such words are for loading, and these tables are loaded.",
                hint=f"give them to crmkit.{topic}.load(), or call explore() with a client.",
            )
    else:
        raise ParameterError(f"crmkit.{topic}.explore takes a client, or the tables that crmkit.{topic}.load() gave.")
    recipe = data.recipe if isinstance(data, Tables) else None
    return (
        data,
        recipe
        or f"# tables: what explore() was given; no call of crmkit.{topic}.load() is known that makes them.\ndata = tables",
    )


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    """The distinct texts of a column, in order."""
    return tuple(sorted({str(value) for value in values if not pd.isna(value)}))


def labelled(ids: Iterable[Any], names: Iterable[Any]) -> tuple[tuple[str, str], ...]:
    """Pairs of what is shown and what is meant; a name that occurs twice shows its id."""
    found = dict(zip(map(str, ids), names, strict=True))
    shown = pd.Series(found.values(), dtype="object").astype("string").fillna("")
    twice = set(shown[shown.duplicated(keep=False)]) | {""}
    return tuple((f"{name} [{one}]" if name in twice else str(name), one) for one, name in zip(found, shown, strict=True))
