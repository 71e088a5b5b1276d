"""What is promised, and how it is tested: the figures, as a table for the README. Run by hand, it takes some twenty minutes:

python -m tests.promise.figures [--quick]
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from tests.battery.systems import SYSTEMS
from tests.promise.crowd import crowd
from tests.promise.killing import Killed, killed_walk
from tests.promise.trials import FAULTS, cases, tried
from tests.promise.walks import MIXES, OFFSET, Drifted, clean_walk, in_memory, over_http

Row = tuple[str, str, str]
FILES = "pytest --full tests/promise/"


def faults(quick: bool) -> Row:
    verdicts: Counter[str] = Counter()
    with patch("crmkit.transport.sleep", lambda seconds, waiting: None):
        for place, (system, one, moment) in enumerate(cases()):
            for workers in (1, 4):
                if not quick or place % 20 == 0:
                    verdicts[tried(system, one, moment, workers).verdict] += 1
    figure = (
        f"{len(FAULTS)} faults x 5 systems at up to four moments, {sum(verdicts.values()):,} fetches: {verdicts['whole']:,} whole, "
        f"{verdicts['error']:,} named errors, {verdicts['said']:,} where the receipt says that nothing vouches for the list, "
        f"silent wrong frames {verdicts['silent']}"
    )
    return "A fault gives the whole list or a named error, never a wrong frame in silence", f"{FILES}test_faults.py", figure


def clean(quick: bool) -> Row:
    walks = 25 if quick else 1_000
    alarms = sum(bool(clean_walk(seed)) for seed in range(walks))
    return "No alarm without a fault", f"{FILES}test_faults.py", f"{walks:,} clean walks, false alarms {alarms}"


def drift(quick: bool) -> Iterator[Row]:
    seeds = 5 if quick else 400
    for name in OFFSET:
        parts = []
        for mix in MIXES:
            found = sum((in_memory(SYSTEMS[name], seed, *mix) for seed in range(seeds)), Drifted())
            parts.append(
                f"{mix[0]}+{mix[1]}: {found.lost} lost, {100 * (found.cost - 1):+.1f} % calls, {found.alarms} alarms, "
                f"{found.unsure} called unsure (naive walk: {found.naive_lost:,} lost)"
            )
        figure = f"{seeds} seeds each, 5,000 people, additions+removals " + "; ".join(parts)
        yield f"{SYSTEMS[name].kind}: nobody is lost while the list moves", f"{FILES}test_moving.py", figure
        found = sum(
            (over_http(SYSTEMS[name], seed, *mix, workers=1 + seed % 4) for mix in MIXES for seed in range(seeds // 4 or 1)),
            Drifted(),
        )
        figure = (
            f"{found.walks} walks of 120 people over HTTP, 1 to 4 workers: {found.lost} lost (naive walk: {found.naive_lost:,})"
        )
        yield f"{SYSTEMS[name].kind}: the same through the whole client", f"{FILES}test_moving.py", figure


def kills(quick: bool) -> Row:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        names = ["peepl"] if quick else sorted(SYSTEMS)
        found = sum((killed_walk(name, 2 if quick else 10, 7 + seed, Path(place)) for seed, name in enumerate(names)), Killed())
    same = "identical frames" if found.same else "DIFFERENT FRAMES"
    sent = len(names) * (2 if quick else 10)
    figure = f"{sent} kills ({found.kills} in a running walk), {same}, {found.extra} extra calls beside {found.pages}"
    return "A walk that is killed goes on from its pages (SIGKILL)", f"{FILES}test_resuming.py", figure


def many(quick: bool) -> Row:
    pace, seconds = (((8, 1), (20, 3)), 4) if quick else (((20, 2), (400, 60)), 75)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        found = crowd(Path(place), pace, seconds)
    calls, length = pace[-1]
    most = found.most[length]
    figure = (
        f"4 processes x 8 threads for {seconds} s: {len(found.errors)} errors, {found.calls} calls, at most {most} in any {length} s "
        f"of {calls} allowed ({100 * most / calls:.0f} % used), at most {found.most[pace[0][1]]} in any {pace[0][1]} s of {pace[0][0]}"
    )
    return "One budget over all threads and processes", f"{FILES}test_crowd.py", figure


def table(quick: bool) -> Iterator[Row]:
    yield ("promise", "test", "figure")
    yield ("---", "---", "---")
    yield faults(quick)
    yield clean(quick)
    yield from drift(quick)
    yield kills(quick)
    yield many(quick)


if __name__ == "__main__":
    for promise, test, figure in table("--quick" in sys.argv):
        print(f"| {promise} | {test} | {figure} |", flush=True)
