"""What depends on a panel's tables alone, and on no control, is worked out once for that panel.

Nobody changes a panel's tables: it holds them under objects of its own, and pandas copies on write. Outside a panel nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

import pandas as pd

F = TypeVar("F", bound=Callable[..., Any])


class Kept:
    """What was worked out of some tables."""

    def __init__(self, tables: Iterable[pd.DataFrame]) -> None:
        self.tables = {id(table): table for table in tables}
        self.found: dict[tuple[Any, ...], Any] = {}


_kept: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping(kept: Kept) -> Iterator[None]:
    """Meanwhile, functions marked with once remember what they give for these tables."""
    token = _kept.set(kept)
    try:
        yield
    finally:
        _kept.reset(token)


def once(function: F) -> F:
    """A function of tables and plain words, by position, whose result nobody changes: asked again about a panel's tables, it remembers."""

    @wraps(function)
    def remembering(*given: Any) -> Any:
        kept = _kept.get()
        tables = [id(one) for one in given if isinstance(one, pd.DataFrame)]
        if kept is None or not kept.tables.keys() >= set(tables):
            return function(*given)
        key = (function, *tables, *(one for one in given if not isinstance(one, pd.DataFrame)))
        if key not in kept.found:
            kept.found[key] = function(*given)
        return kept.found[key]

    return remembering  # type: ignore[return-value]
