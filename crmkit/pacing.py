"""Rate budgets: one per account and host, shared by all processes of the machine.

The counting is pyrate-limiter's, on a small SQLite file with a file lock; waiting is done here in short slices, so that
Ctrl-C works and nothing sleeps while holding the lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyrate_limiter import Rate, RateItem, SQLiteBucket

from crmkit.errors import ConfigError

SLICE = 0.25


@dataclass(frozen=True)
class Budget:
    """So many calls in so many seconds, counted over every sliding window of that length."""

    calls: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.calls} calls per {self.seconds:g} s"


Pace = str | None | Sequence[tuple[int, float]]


def budgets(pace: Pace, vendor: tuple[Budget, ...]) -> tuple[Budget, ...]:
    """What a client's pace argument means.

    "vendor" gives the documented limits, None no limit, and a sequence of (calls, seconds) pairs exactly these.
    """
    if pace is None:
        return ()
    if pace == "vendor":
        return vendor
    try:
        pairs = [pace] if isinstance(pace, tuple) and pace and isinstance(pace[0], int) else list(pace)
        chosen = tuple(Budget(int(calls), float(seconds)) for calls, seconds in pairs)
        if all(budget.calls > 0 and budget.seconds > 0 for budget in chosen):
            return chosen
    except (TypeError, ValueError):
        pass
    raise ConfigError(
        "pace is not understood.",
        hint='use pace="vendor", pace=None or pairs such as pace=((100, 60),).',
    )


def minutes(calls: int, limits: Sequence[Budget]) -> float:
    """How long so many calls take at these limits at least, in minutes; 0.0 without a limit.

    The first window's worth of calls goes out at once; each further window waits its length.
    """
    waits = (((calls - 1) // limit.calls) * limit.seconds for limit in limits if calls > 0)
    return max(waits, default=0.0) / 60


class Pacer:
    """Lets a call through when every budget has room.

    folder holds one small file per account; name is the account's label. With no budgets nothing is stored and nothing waits.
    """

    def __init__(self, limits: Sequence[Budget], folder: Path, name: str) -> None:
        self.limits = tuple(limits)
        self._folder = folder
        self._name = name
        self._bucket: SQLiteBucket | None = None
        self._lock = threading.Lock()
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """Let nothing through for a while: the server says that its budget is used up."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    def wait(self, waiting: Callable[[float], None] | None = None) -> None:
        """Return when the next call may go out; waiting is told the seconds left before each pause."""
        if not self.limits:
            return
        pause = max(self._held_until - time.monotonic(), 0.0) or self._ask()
        while pause > 0:
            if waiting is not None:
                waiting(pause)
            time.sleep(min(pause, SLICE))
            if pause <= SLICE:
                pause = self._ask()
            else:
                pause -= SLICE

    def _ask(self) -> float:
        """0.0 when the call is booked, else the seconds until it may be tried again."""
        with self._lock:
            bucket = self._open()
            now = time.time_ns() // 1_000_000
            if bucket.put(RateItem("call", now)):
                bucket.leak(now)
                return 0.0
            delay = bucket.waiting(RateItem("call", now))
        return max(float(delay), 10.0) / 1000  # type: ignore[arg-type]

    def _open(self) -> SQLiteBucket:
        if self._bucket is None:
            rates = [_with_margin(limit) for limit in self.limits]
            self._bucket = SQLiteBucket.init_from_file(
                rates, table="calls", db_path=str(self._folder / f"{self._name}.pace"), use_file_lock=True
            )
        return self._bucket

    def close(self) -> None:
        """Close the file; the next wait opens it again."""
        with self._lock:
            if self._bucket is not None:
                self._bucket.close()  # type: ignore[no-untyped-call]
                self._bucket = None


def _with_margin(limit: Budget) -> Rate:
    """A touch less than allowed: calls leave at the counted moment but arrive a little later, and unevenly."""
    calls = limit.calls - 1 if limit.calls >= 50 else limit.calls
    return Rate(calls, round(limit.seconds * 1010) + 50)
