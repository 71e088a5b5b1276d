"""What a report is made of, and how its values read. Shown by terminal and page, which know nothing of any topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALL = 10
MARK = "†"
NOTHING = "–"


@dataclass(frozen=True)
class Table:
    """A table of a report.

    frame: what it shows; a boolean column named small is not shown, it marks lines that rest on few answers. note: what the
    columns mean, a sentence a line. shares: columns shown in per cent; changes: columns shown in percentage points, with their sign.
    few: what there are few of in a marked line.
    """

    title: str
    frame: pd.DataFrame
    note: str = ""
    shares: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    few: str = "answers"

    @property
    def heads(self) -> list[str]:
        """Column names as words."""
        return [str(name).replace("_", " ") for name in self.frame.columns if name != "small"]

    @property
    def marked(self) -> list[bool]:
        """Which lines rest on few answers."""
        if "small" not in self.frame:
            return [False] * len(self.frame)
        return [bool(one) for one in self.frame["small"]]

    @property
    def right(self) -> list[bool]:
        """Which columns are numbers and stand to the right."""
        shown = self.frame.drop(columns="small", errors="ignore")
        return [pd.api.types.is_numeric_dtype(dtype) for dtype in shown.dtypes]

    @property
    def cells(self) -> list[list[str]]:
        """The lines as text; the first cell of a marked line ends with the mark."""
        shown = self.frame.drop(columns="small", errors="ignore")
        columns = [[self._written(str(name), value) for value in shown[name].tolist()] for name in shown]
        lines = [list(line) for line in zip(*columns, strict=True)]
        for line, marked in zip(lines, self.marked, strict=True):
            line[0] += f" {MARK}" if marked else ""
        return lines

    @property
    def notes(self) -> list[str]:
        """The sentences under the table."""
        nothing = [] if len(self.frame) else ["There is nothing to show."]
        marked = [f"{MARK} fewer than {SMALL} {self.few}: read with care."] if any(self.marked) else []
        return [*nothing, *self.note.splitlines(), *marked]

    def _written(self, name: str, value: Any) -> str:
        if pd.isna(value):
            return NOTHING
        if name in self.shares:
            return per_cent(value)
        if name in self.changes:
            return points(value)
        return written(value)


@dataclass(frozen=True)
class Picture:
    """A picture of a report. draw puts it on empty Axes of a figure of the given size in inches; alt says in words what it shows."""

    alt: str
    draw: Callable[[Axes], object]
    size: tuple[float, float] = (7.5, 4.4)


@dataclass(frozen=True)
class Chapter:
    """A topic: its question, what was found (one sentence with its numbers), the picture of that, tables, definitions."""

    title: str
    question: str
    finding: str
    picture: Picture
    tables: tuple[Table, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict)


def per_cent(share: float) -> str:
    """A share as whole per cent, or a dash where there is none."""
    return NOTHING if pd.isna(share) else f"{100 * share:.0f} %"


def rounded(value: float, places: int = 0) -> str:
    """A number with its thousands separated, halves upwards as readers expect: 666.5 is 667."""
    return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def points(change: float) -> str:
    """A change of a share in whole percentage points, with its sign."""
    whole = round(100 * change)
    return f"{whole:+d}" if whole else "0"


def long_day(day: pd.Timestamp) -> str:
    """A day in words, such as 5 June 2024."""
    return f"{day.day} {day:%B %Y}"


def written(value: Any) -> str:
    """One value as a reader expects it: thousands separated, days as ISO dates."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return rounded(value, 1) if isinstance(value, float) and isfinite(value) else str(value)
