"""Panels on 50,000 rows: how long the first one takes, and each change of a control, until the new face is there.

A change is what a browser sends: the state of one widget, while an event loop runs, after a quiet while. Run alone with the
name of a topic, it prints what the first panel of a fresh Python took.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from measure import Row, say
from topics_frames import MAKERS

import crmkit

LINES = 50_000
GOAL = 150
Times = tuple[float, float]  # milliseconds on the clock, and of the processor


def now() -> Times:
    return time.perf_counter() * 1000, time.process_time() * 1000


def since(begun: Times) -> Times:
    wall, work = now()
    return wall - begun[0], work - begun[1]


def median(found: list[Times]) -> Times:
    wall, work = zip(*found, strict=True)
    return statistics.median(wall), statistics.median(work)


def display(panel: Any) -> int:
    """What a notebook asks of a panel that ends a cell."""
    return len(panel._repr_mimebundle_()["text/html"])


def first(topic: str) -> Times:
    """The first panel of this Python, matplotlib and ipywidgets still to be imported."""
    frames = MAKERS[topic][0](LINES)
    begun = now()
    display(getattr(crmkit, topic).explore(frames))
    return since(begun)


def changes(panel: Any, controls: bool = True) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every question, and under it, if wanted, every control that it takes, changed there and back: what is changed, and how."""
    question = panel.controls["view"]
    asked = list(question.options)
    for place in [*range(1, len(asked)), 0]:
        yield asked[place], lambda place=place: question.set_state({"index": place})
        for name in panel.view.takes if controls else ():
            for state in states(panel.controls[name]):
                yield f"{asked[place]} {name}", lambda name=name, state=state: panel.controls[name].set_state(state)


def states(control: Any) -> tuple[dict[str, Any], ...]:
    """What a browser sends when a control is changed, and when it is changed back."""
    kind = type(control).__name__
    if kind == "DatePicker":
        picked = date(2022, 3, 1)
        return {"value": {"year": picked.year, "month": picked.month - 1, "date": picked.day}}, {"value": None}
    if kind == "BoundedIntText":
        return {"value": 25}, {"value": control.value}
    if kind == "SelectMultiple":
        return {"index": [1]}, {"index": list(control.index)}
    return {"index": (control.index + 1) % len(control.options)}, {"index": control.index}


async def redrawn(panel: Any) -> None:
    """Until no drawing is due."""
    while panel._timer is not None:
        await asyncio.sleep(0.001)


async def updates(panel: Any, rounds: int) -> dict[str, Times]:
    """What each change takes, as medians of so many; a control is changed twice in a round, so half the rounds do."""
    found: dict[str, list[Times]] = {}
    for place in range(rounds + 1):
        for name, change in changes(panel, controls=place <= (rounds + 1) // 2):
            panel._touched = float("-inf")  # as after a quiet while: nobody changes two things at once
            begun = now()
            change()
            await redrawn(panel)
            if place:  # the first time, imports and caches are cold
                found.setdefault(name, []).append(since(begun))
    return {name: median(times) for name, times in found.items()}


def told(times: Times) -> str:
    return f"{times[0]:.0f} ms ({times[1]:.0f} of the processor)"


def of_topic(topic: str, rounds: int) -> Iterator[Row]:
    alone = [sys.executable, __file__, topic]
    fresh = [json.loads(subprocess.run(alone, capture_output=True, text=True, check=True).stdout) for _ in range(rounds)]
    yield Row(f"{topic}: first panel of a fresh Python", told(median(fresh)))
    frames = MAKERS[topic][0](LINES)
    again = []
    for _ in range(rounds):
        begun = now()
        panel = getattr(crmkit, topic).explore(frames)
        display(panel)
        again.append(since(begun))
    yield Row(f"{topic}: a further panel", told(median(again)))
    found = asyncio.run(updates(panel, rounds))
    panel.close()
    for name, times in found.items():
        say(f"  {name}: {told(times)}")
    slowest = max(found, key=lambda name: found[name][0])
    usual = median(list(found.values()))
    for what, times in ((f"usual update (of {len(found)} kinds)", usual), (f"slowest update ({slowest})", found[slowest])):
        yield Row(f"{topic}: {what}", told(times), "", f"< {GOAL} ms", times[0] < GOAL)


def of_client(rounds: int) -> Iterator[Row]:
    """client.explore() on the demo: a panel over fetchers, whose preview is of 50 records whatever an account holds."""
    client = crmkit.demo.peepl()
    begun: list[Times] = []
    chosen, asked = [], []
    for _ in range(rounds + 1):
        start = now()
        panel = client.explore()
        display(panel)
        begun.append(since(start))
        start = now()
        panel.controls["fetcher"].set_state({"index": panel.controls["fetcher"].options.index("activities")})
        chosen.append(since(start))
        panel.controls["fetcher"].set_state({"index": panel.controls["fetcher"].options.index("contacts")})
        start = now()
        panel.preview()
        asked.append(since(start))
        panel.close()
    yield Row("client.explore(): first display", told(median(begun[1:])), f"the very first: {told(begun[0])}")
    times = median(chosen[1:])
    yield Row("client.explore(): another fetcher", told(times), "", f"< {GOAL} ms", times[0] < GOAL)
    times = median(asked[1:])
    yield Row("client.explore(): preview from the cache", told(times), f"first, asked of the demo: {told(asked[0])}")


def rows(options: Namespace) -> Iterator[Row]:
    for topic in MAKERS:
        yield from of_topic(topic, options.rounds)
    yield from of_client(options.rounds)


if __name__ == "__main__":
    print(json.dumps(first(sys.argv[1])))
