"""Rate budgets: one per account and host, shared by all processes of the machine.

The counting is pyrate-limiter's, on a small SQLite file with a file lock; waiting is done here in short slices, so that
Ctrl-C works and nothing sleeps while holding the lock. When a call reached the server is not known, only that it did so between
leaving and being answered. So a call counts from when it leaves, and again, instead, from when its answer is there.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmkit.errors import ConfigError
from crmkit.private import CacheWarning, is_broken, private_file

if TYPE_CHECKING:
    from pyrate_limiter import Rate

SLICE = 0.25
HOUR_MS = 3_600_000


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
        if chosen and all(budget.calls > 0 and 0 < budget.seconds < float("inf") for budget in chosen):
            return chosen
    except (TypeError, ValueError, OverflowError):
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


def sleep(seconds: float, waiting: Callable[[float], None]) -> None:
    """Wait in short slices; waiting is told the seconds left before each, and may raise to end it."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        waiting(left)
        time.sleep(min(left, SLICE))


class Pacer:
    """Lets a call through when every budget has room.

    folder holds one small file per account; name is the account's label. With no budgets nothing is stored and nothing waits.
    Where the file cannot be used, this process counts alone.
    """

    def __init__(self, limits: Sequence[Budget], folder: Path, name: str) -> None:
        self.limits = tuple(limits)
        self._path = folder / f"{name}.pace"
        self._bucket: Any = None
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """Let nothing through for a while: the server says that its budget is used up."""
        self._held_until = max(self._held_until, time.monotonic() + seconds)

    def wait(self, waiting: Callable[[float], None] = lambda seconds: None) -> str:
        """Return when the next call may go out, with its booking; waiting is told the seconds left before each pause."""
        booking = secrets.token_hex(8) if self.limits else ""
        while booking and (pause := max(self._held_until - time.monotonic(), 0.0) or self._ask(booking)):
            sleep(pause, waiting)
        return booking

    def answered(self, booking: str) -> None:
        """Let a call count from now on instead of from when it left."""
        if booking:
            with self._lock, suppress(sqlite3.Error, OSError):
                bucket = self._open()
                with bucket.lock:
                    bucket.conn.execute("UPDATE calls SET item_timestamp=? WHERE name=?", (_now() + 1, booking))
                    bucket.conn.commit()

    def _ask(self, booking: str) -> float:
        """0.0 when the call is booked, else the seconds until it may be tried again."""
        with self._lock:
            try:
                return self._booked(self._open(), booking)
            except (sqlite3.Error, OSError) as error:
                self._alone(error)
                return self._booked(self._bucket, booking)

    def _booked(self, bucket: Any, booking: str) -> float:
        from pyrate_limiter import RateItem

        with bucket.lock:  # first of all: waiting for it takes time, too
            now = _now()
            if bucket.put(RateItem(booking, now)):
                # An hour more than this client needs: another one of the account may have a longer budget.
                bucket.leak(now - HOUR_MS)
                return 0.0
            delay = max(float(bucket.waiting(RateItem(booking, now))), 10.0)
        longest = float(bucket.rates[-1].interval)
        if delay > 2 * longest:  # the clock was set back: the file counts calls to come
            bucket.flush()
        return min(delay, longest) / 1000

    def _open(self) -> Any:
        if self._process != os.getpid():  # forked: SQLite connections do not survive that
            _inherited.append(self._bucket)
            self._bucket, self._process = None, os.getpid()
        if self._bucket is None:
            try:
                self._bucket = _bucket(self._path, self.limits)
            except sqlite3.DatabaseError as error:
                if not is_broken(error):
                    raise
                for file in self._path.parent.glob(f"{self._path.name}*"):
                    file.unlink(missing_ok=True)
                self._bucket = _bucket(self._path, self.limits)
        return self._bucket

    def _alone(self, error: Exception) -> None:
        self._bucket = _bucket(None, self.limits)
        warnings.warn(
            f"the calls of other processes cannot be counted ({type(error).__name__}); this one keeps to the limit by itself.",
            CacheWarning,
            stacklevel=2,
        )

    def close(self) -> None:
        """Close the file; the next wait opens it again."""
        with self._lock:
            if self._bucket is not None:
                self._bucket.close()
                self._bucket = None

    def __del__(self) -> None:
        self.close()


_inherited: list[Any] = []  # connections of a parent process: never used, never closed


def _now() -> int:
    return time.time_ns() // 1_000_000


def _bucket(path: Path | None, limits: Sequence[Budget]) -> Any:
    """The counter in a file, or without a path in memory."""
    # Imported late: it takes a tenth of a second, and pace=None needs none of it.
    from pyrate_limiter import SQLiteBucket

    if path is None:
        return SQLiteBucket.init_from_file(rates(limits), table="calls", db_path=":memory:")
    for file in (path, path.with_name(f"{path.name}.lock")):
        private_file(file)
    return SQLiteBucket.init_from_file(rates(limits), table="calls", db_path=str(path), use_file_lock=True)


def rates(limits: Sequence[Budget]) -> list[Rate]:
    """The budgets as pyrate-limiter wants them: longer ones allow more calls, and no more per second."""
    from pyrate_limiter import Rate

    kept: list[Rate] = []
    for limit in sorted(limits, key=lambda one: (one.seconds, -one.calls)):
        calls, interval = limit.calls, round(limit.seconds * 1001) + 5  # two clocks never quite agree
        if any(-(-interval // one.interval) * one.limit <= calls for one in kept):
            continue  # a shorter one implies it
        while kept:
            calls = min(calls, kept[-1].limit * interval // kept[-1].interval)
            if calls > kept[-1].limit:
                break
            kept.pop()  # this one implies it
        kept.append(Rate(calls, interval))
    return kept
