"""Many at once: one cache folder, one budget; and waits that are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmkit.progress import Progress
from tests.promise.crowd import crowd

# How much of the allowance is used at least: in so few seconds, on a machine that does other things too, less of it can be.
SHORT = (((8, 1), (20, 3)), 4, 2, 0.75)
LONG = (((20, 2), (400, 60)), 75, 4, 0.95)


@pytest.mark.parametrize(("pace", "seconds", "processes", "least"), [SHORT, pytest.param(*LONG, marks=pytest.mark.full)])
def test_never_more_than_the_limit_and_hardly_less(
    pace: tuple[tuple[int, float], ...], seconds: float, processes: int, least: float, tmp_path: Path
) -> None:
    found = crowd(tmp_path, pace, seconds, processes)
    assert found.errors == []
    calls, length = pace[-1]
    assert all(found.most[window] <= allowed for allowed, window in pace)
    assert found.most[length] >= least * calls
    assert found.done > 0


def test_a_long_wait_is_shown_before_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    class Bar:
        def __init__(self, title: str, done: int) -> None:
            told.append(title)

        def set_postfix_str(self, words: str, refresh: bool) -> None:
            told.append(words)

        def close(self) -> None:
            told.append("closed")

    monkeypatch.setattr("crmkit.progress._bar", Bar)
    progress: Any = Progress("Peepl contacts", True, 0.01)
    progress.waiting(0.2)
    assert told == []
    progress.waiting(42.0)
    progress.waiting(1.0)
    progress.close()
    assert told[0] == "Peepl contacts"
    assert "waiting 42 s for the rate limit" in told[1]
    assert "waiting 1 s" in told[2]
    silent: Any = Progress("Peepl contacts", False, 0.01)
    silent.waiting(42.0)
    assert len(told) == 4
