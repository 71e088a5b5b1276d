"""A progress bar for walks of more than a few pages: records, pages, minutes left at the rate limit."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from crmkit.errors import ConfigError

FEW = 3
LONG = 2.0  # seconds


def wanted(choice: Any) -> bool:
    """Whether to show a bar: True, False, or "auto" (in a terminal or notebook, never in CI)."""
    if choice in (True, False):
        return bool(choice)
    if choice != "auto":
        raise ConfigError('progress takes True, False or "auto".')
    if os.environ.get("CI"):
        return False
    return "ipykernel" in sys.modules or sys.stderr.isatty()


class Progress:
    """Counts pages and records; the bar appears once a walk turns out to be long, and goes when it ends."""

    def __init__(self, title: str, show: bool, minutes_per_page: float) -> None:
        self._title = title
        self._show = show
        self._minutes = minutes_per_page
        self._bar: Any = None
        self._lock = threading.Lock()  # pages in flight wait in threads of their own
        self.pages = 0
        self.records = 0
        self.expected: int | None = None

    def page(self, records: int) -> None:
        """One more page was read."""
        self.pages += 1
        self.records += records
        if not self._show or (self._bar is None and self.pages < FEW and (self.expected or 0) <= FEW):
            return
        self._begin(self.pages - 1)
        self._bar.total = self.expected
        self._bar.set_postfix_str(self._words(), refresh=False)
        self._bar.update(1)

    def _words(self) -> str:
        words = f"{self.records:,} records"
        left = (self.expected or 0) - self.pages
        if self._minutes and left > 0:
            words += f", at least {left * self._minutes:.1f} min at the limit"
        return words

    def _begin(self, done: int) -> None:
        with self._lock:
            if self._bar is None:
                self._bar = _bar(self._title, done)

    def waiting(self, seconds: float) -> None:
        """Say why nothing moves; a long wait shows the bar, also before the first page."""
        if self._show and seconds >= LONG:
            self._begin(self.pages)
        if self._bar is not None and seconds > 0:
            self._bar.set_postfix_str(f"{self._words()}, waiting {seconds:.0f} s for the rate limit", refresh=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()


def _bar(title: str, done: int) -> Any:
    # Imported late: tqdm looks for a notebook, and most fetches need no bar.
    from tqdm.auto import tqdm

    return tqdm(desc=title, initial=done, unit=" pages", leave=False, dynamic_ncols=True)
