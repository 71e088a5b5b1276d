"""What was asked, and when."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Call:
    """One request as it arrived; number and status are filled in by the server."""

    method: str
    path: str  # as sent, prefix included, without the query
    query: list[tuple[str, str]]  # decoded, in order
    headers: dict[str, str]  # names in lower case
    body: bytes
    at: float  # time.monotonic()
    scheme: str
    target: str  # path and query as sent
    number: int = 0
    status: int | None = None

    @property
    def host(self) -> str:
        return self.headers.get("host", "")


def most_in_window(times: Iterable[float], seconds: float) -> int:
    """The largest number of times that lie in any window of so many seconds, its far end excluded."""
    window: deque[float] = deque()
    most = 0
    for time in sorted(times):
        window.append(time)
        while window[0] <= time - seconds:
            window.popleft()
        most = max(most, len(window))
    return most


@dataclass
class Budget:
    """A sliding window over the calls that were let in."""

    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, limit: tuple[int, float] | None) -> float:
        """Takes a place and returns 0.0, or returns the seconds until there is one."""
        if limit is None:
            return 0.0
        calls, seconds = limit
        while self.times and self.times[0] <= now - seconds:
            self.times.popleft()
        if len(self.times) >= calls:
            return self.times[-calls] + seconds - now
        self.times.append(now)
        return 0.0
