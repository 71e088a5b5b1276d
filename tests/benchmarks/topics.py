"""How the tables of the four topics grow with their data, at 4 sizes, and how long panels take on 50,000 rows.

    python tests/benchmarks/topics.py [--rounds 5] [--only WORD] [--no-panels] [--scale 1.0]

A table's growth is the slope of log time over log size, of medians of processor time: 1 is linear, n log n over these sizes about
1.08. Up to 100,000 contacts, 1,000,000 places on lists, 100,000 deals, 100,000 shifts with 1,000,000 enrolments. Memory is the most
that a table needed at its largest size, beside its frames.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import topics_panels
from measure import Row, say
from topics_frames import MAKERS, Frames, followed_up, of_pipelines, of_terms

from crmkit import attendance, coverage, pipelines, segments

SHARES = (8, 4, 2, 1)
QUICK, ENOUGH = 0.02, 0.5  # seconds: what takes less is done several times in a row; after so long a table is not measured again
STEEPEST = 1.15  # n log n, and the noise of a shared machine
Call = Callable[[Frames], object]


def _on(function: Callable[..., object], *names: str, **words: object) -> Call:
    """A call with these frames, or with all of them."""
    return lambda frames: function(*([frames[name] for name in names] or [frames]), **words)


def _pair(function: Callable[..., object]) -> Call:
    return lambda frames: function(frames["deals"], frames["later"])


BOTH = ("events", "answers")
CASES: dict[str, dict[str, Call]] = {
    "segments": {
        "sizes": _on(segments.sizes),
        "overlap": _on(segments.overlap),
        "overlap (lift)": _on(segments.overlap, measure="lift"),
        "pairs": _on(segments.pairs),
        "intersections": _on(segments.intersections),
        "in_none": _on(segments.in_none),
        "profile": _on(segments.profile, segment="Segment 1"),
        "standing_out": lambda frames: segments.standing_out(segments.profile(frames, "Segment 1")),
        "compare": _on(segments.compare, segment="Segment 1", other="Segment 2"),
        "averages": _on(segments.averages, segment="Segment 1"),
        "combine": _on(segments.combine, name="new", any_of=["Segment 1", "Segment 2"], none_of="Segment 4"),
        "with_none": _on(segments.with_none),
        "members_of": _on(segments.members_of, segment="Segment 1"),
        "on_day": _on(segments.on_day, day="2023-06-15"),
        "over_time": _on(segments.over_time),
        "moved": lambda frames: segments.moved(segments.on_day(frames, "2022-06-15"), segments.on_day(frames, "2023-06-15")),
        "movers": lambda frames: segments.movers(segments.on_day(frames, "2022-06-15"), segments.on_day(frames, "2023-06-15")),
        "roll_up": _on(segments.roll_up),
        "tree": _on(segments.tree),
        "contacted": lambda frames: segments.contacted({**frames, "people": frames["asked"]}, kinds="label"),
        "active (plan)": _on(segments.active, "terms", by="plan"),
        "lapsed": _on(segments.lapsed, "terms"),
        "retention (plan)": _on(segments.retention, "terms", by="plan"),
        "fees": _on(segments.fees, "terms"),
    },
    "attendance": {
        "choose": _on(attendance.choose, "events", kinds="match"),
        "rates": _on(attendance.rates, *BOTH),
        "by_weekday": _on(attendance.by_weekday, *BOTH),
        "by_hour": _on(attendance.by_hour, *BOTH),
        "by_weekday_and_hour": _on(attendance.by_weekday_and_hour, *BOTH),
        "by_kind": _on(attendance.by_kind, *BOTH),
        "over_time (month)": _on(attendance.over_time, *BOTH),
        "over_time (day)": _on(attendance.over_time, *BOTH, every="day"),
        "by_event": _on(attendance.by_event, *BOTH),
        "cancelled": _on(attendance.cancelled, *BOTH),
        "by_group": _on(attendance.by_group, *BOTH, "groups"),
        "by_group (season)": _on(attendance.by_group, *BOTH, "groups", by="season"),
        "group_change": lambda frames: attendance.group_change(attendance.by_group(*_three(frames), by="season")),
        "by_person": _on(attendance.by_person, *BOTH),
        "by_person (attended)": _on(attendance.by_person, *BOTH, measure="attended"),
        "habits": lambda frames: attendance.habits(attendance.by_person(frames["events"], frames["answers"])),
        "capacity": _on(attendance.capacity, *BOTH),
        "sold": _on(attendance.sold, "events", "tickets"),
        "stock_use": _on(attendance.stock_use, "events", "stock"),
        "payments": _on(attendance.payments, "events", "tickets", "orders"),
    },
    "pipelines": {
        "choose": _on(pipelines.choose, "deals", owners="Owner 1"),
        "funnel": _on(pipelines.funnel, "deals", "stages"),
        "delivery": _on(pipelines.delivery, "deals", "stages"),
        "forecast": _on(pipelines.forecast, "deals"),
        "forecast (owner)": _on(pipelines.forecast, "deals", by="owner"),
        "overdue": _on(pipelines.overdue, "deals"),
        "win_rate (owner)": _on(pipelines.win_rate, "deals", by="owner"),
        "win_rate (owner, month)": _on(pipelines.win_rate, "deals", by=["owner", "month"]),
        "deal_size (owner)": _on(pipelines.deal_size, "deals", by="owner"),
        "cycle_length (owner)": _on(pipelines.cycle_length, "deals", by="owner"),
        "reasons": _on(pipelines.reasons, "deals"),
        "velocity (owner)": _on(pipelines.velocity, "deals", by="owner"),
        "breakdown": _on(pipelines.breakdown, "deals"),
        "multi_month": _on(pipelines.multi_month, "deals"),
        "oddities": _on(pipelines.oddities, "deals"),
        "moved": _pair(pipelines.moved),
        "stage_moves": _pair(pipelines.stage_moves),
        "bridge": _pair(pipelines.bridge),
        "convert": _on(pipelines.convert, "deals", currency="USD", rates={"EUR": 1.1}),
    },
    "coverage": {
        "summary": _on(coverage.summary),
        "by_shift": _on(coverage.by_shift),
        "by_team": _on(coverage.by_team),
        "gaps": _on(coverage.gaps),
        "by_group": _on(coverage.by_group),
        "by_group (weekday, hour)": _on(coverage.by_group, by=["weekday", "hour"]),
        "by_window (day)": _on(coverage.by_window),
        "by_window (hour)": _on(coverage.by_window, every="hour"),
        "week_pattern": _on(coverage.week_pattern),
        "steps": _on(coverage.steps),
        "peaks": _on(coverage.peaks),
        "double_bookings": _on(coverage.double_bookings),
        "orphan_enrolments": _on(coverage.orphan_enrolments),
        "worked": _on(coverage.worked, now="2024-06-15"),
        "presence": _on(coverage.presence, now="2024-06-15"),
        "candidates": _on(coverage.candidates, types={1: "available", 3: "unavailable"}),
        "availability_during": _on(coverage.availability_during),
        "oddities": _on(coverage.oddities),
    },
}


def _three(frames: Frames) -> tuple[object, ...]:
    return frames["events"], frames["answers"], frames["groups"]


def made(topic: str, size: int) -> Frames:
    """The frames of a topic; of segments what single systems know, of pipelines those of a second fetch, too."""
    frames = MAKERS[topic][0](size)
    if topic == "segments":
        return {**frames, "asked": followed_up(frames["people"]), "terms": of_terms(size)}
    return {**frames, "later": of_pipelines(size, seed=5)["deals"]} if topic == "pipelines" else frames


@dataclass(frozen=True)
class Growth:
    """What was measured of one table: processor seconds per size, wall seconds and megabytes at the largest."""

    topic: str
    name: str
    sizes: list[int]
    times: list[float]
    wall: float
    memory: float

    @property
    def slope(self) -> float:
        return float(np.polyfit(np.log(self.sizes), np.log(self.times), 1)[0])

    def row(self) -> Row:
        told = f"{self.times[-1] * 1000:,.0f} ms ({self.wall * 1000:,.0f} on the clock), {self.memory:,.0f} MB"
        what = f"{self.topic}.{self.name}, {self.sizes[-1]:,}: growth"
        return Row(what, f"{self.slope:.2f}", told, f"≤ {STEEPEST}", self.slope <= STEEPEST)


def timed(call: Call, frames: Frames, rounds: int) -> tuple[float, float, float]:
    """Medians of processor and wall seconds, and the most memory that the first call needed, in MB beside what the process holds.

    What takes under 20 ms is done several times in a row; what takes long is done once.
    """
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = _held("VmRSS")
    found = [_clocked(call, frames, 1)]
    memory = _held("VmHWM") - before
    times = max(1, round(QUICK / max(found[0][0], 1e-4)))
    begun = time.perf_counter()
    for place in range(rounds):
        if place and time.perf_counter() - begun > ENOUGH:
            break
        found.append(_clocked(call, frames, times))
    work, wall = zip(*found[1:], strict=True)
    return statistics.median_low(work), statistics.median_low(wall), memory


def _clocked(call: Call, frames: Frames, times: int) -> tuple[float, float]:
    """Processor and wall seconds of a call."""
    begun, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        call(frames)
    return (time.process_time() - begun) / times, (time.perf_counter() - wall) / times


def _held(word: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(word)) / 1024


def grown(rounds: int, only: str = "", scale: float = 1.0) -> Iterator[Growth]:
    """Every table of every topic whose name holds a word."""
    for topic, cases in CASES.items():
        calls = {name: call for name, call in cases.items() if only in f"{topic}.{name}"}
        whole = int(MAKERS[topic][1] * scale)
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in calls}
        sizes = [whole // share for share in SHARES] if calls else []
        for size in sizes:
            frames = made(topic, size)
            for name, call in calls.items():
                found[name].append(timed(call, frames, rounds))
        for name, each in found.items():
            yield Growth(topic, name, sizes, [work for work, _, _ in each], *each[-1][1:])


def steepest(tables: list[Growth]) -> Row:
    """The line of a topic: the table that grows fastest, and how long it and the slowest take."""
    worst, slowest = max(tables, key=lambda one: one.slope), max(tables, key=lambda one: one.times[-1])
    what = f"{worst.topic}, growth to {worst.sizes[-1]:,}: the steepest of {len(tables)} tables"
    told = f"{worst.name}: {worst.times[-1] * 1000:,.0f} ms; the slowest, {slowest.name}: {slowest.times[-1] * 1000:,.0f} ms"
    return Row(what, f"{worst.slope:.2f}", told, f"≤ {STEEPEST}", worst.slope <= STEEPEST)


def rows(options: Namespace) -> list[Row]:
    """The steepest growth of a table of each topic, then the panels; what was measured of the other tables goes to the terminal."""
    tables = []
    for one in grown(options.rounds, getattr(options, "only", ""), getattr(options, "scale", 1.0)):
        tables.append(one)
        say(one.row().line())
    found = [steepest([one for one in tables if one.topic == topic]) for topic in dict.fromkeys(one.topic for one in tables)]
    if getattr(options, "panels", True):
        for row in topics_panels.rows(options):
            found.append(row)
            say(row.line())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="tables whose topic and name hold this word")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the largest sizes")
    parser.add_argument("--no-panels", dest="panels", action="store_false")
    lines = [row.line() for row in rows(parser.parse_args())]
    print("| what | ratio | measured | goal | met |\n| --- | --- | --- | --- | --- |")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
