"""Repeating, medians, lines of the table; and where crmkit and the tests are, whichever benchmark is run."""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:  # Python itself knows the folder of the file that is run, and so finds this one
    sys.path.insert(0, ROOT)


@dataclass(frozen=True)
class Row:
    """One line: what was measured, how much, beside what, and the goal, if there is one."""

    what: str
    figure: str
    beside: str = ""
    goal: str = ""
    met: bool | None = None

    def line(self) -> str:
        verdict = {True: "yes", False: "**no**", None: ""}[self.met]
        return f"| {self.what} | {self.figure} | {self.beside} | {self.goal} | {verdict} |"


def at_most(what: str, ratio: float, most: float, beside: str, text: str = "{:.2f}") -> Row:
    """A ratio that must not be larger."""
    return Row(what, text.format(ratio), beside, f"≤ {most:g}", ratio <= most)


def at_least(what: str, ratio: float, least: float, beside: str, text: str = "{:.1f}") -> Row:
    """A ratio that must not be smaller."""
    return Row(what, text.format(ratio), beside, f"≥ {least:g}", ratio >= least)


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one run took, garbage of the run before it collected; what it returns is let go afterwards."""
    gc.collect()
    start = clock()
    kept = work()
    took = clock() - start
    del kept
    return took


def medians(rounds: int, **works: Callable[[], object]) -> dict[str, float]:
    """The median of the processor time of each, run in turns. For work that waits for nothing, this machine's other work apart."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work, time.process_time))
    return {name: statistics.median(each) for name, each in times.items()}


@contextmanager
def folder() -> Iterator[str]:
    """A cache folder that goes again."""
    with tempfile.TemporaryDirectory(prefix="crmkit-bench-", ignore_cleanup_errors=True) as place:
        yield place


def say(text: str) -> None:
    """To the terminal, so that the table alone goes to a file."""
    print(text, file=sys.stderr, flush=True)
