"""Under a vendor's limit: how much of the allowance a long fetch uses, and five systems side by side."""

from __future__ import annotations

import statistics
from argparse import Namespace
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from cold import fetcher
from measure import Row, at_least, folder, say, seconds
from serve import LATENCY, serving

import crmkit

# Calls, seconds, windows to be measured: Peepl's documented limit, and OnePageCRM's.
LIMITS = (("people", 100, 60, 3), ("companies", 4, 1, 20))
SIDE_BY_SIDE = ((10, 1.0), 60)


def rows(options: Namespace) -> list[Row]:
    with serving(10_000) as server:
        found = [used(f"{server}/slow", *limit) for limit in LIMITS]
    return [*found, five(options)]


def used(address: str, kind: str, calls: int, window: int, windows: int) -> Row:
    """After the first burst, calls that went out against calls allowed.

    More than the safe maximum would break the limit: a call may be counted at any moment between leaving and being answered, so the
    one that takes its place leaves a window after its answer.
    """
    pages = calls * (windows + 1)
    with folder() as place:
        fetch, _ = fetcher(address, kind, pages, place, 4)
        client = fetch._client
        client.budgets = crmkit.crms.peepl.Peepl.limits if kind == "people" else crmkit.OnePageCRM.limits
        took = seconds(fetch)
        crmkit.cache.close()
    share, safe = windows * window / took, window / (window + LATENCY)
    name = f"{calls} calls per {window} s"
    beside = f"{windows * window} s / {took:.2f} s; {share / safe:.3f} of the safe maximum"
    row = at_least(f"limit, {name}: allowance used after the burst", share, 0.97, beside, "{:.3f}")
    say(row.line())
    return row


def five(options: Namespace) -> Row:
    """The same number of calls with the same limit in all five systems: all at once against the slowest alone."""
    alone: dict[str, list[float]] = {}
    together = []
    with crmkit.demo.start(people=200) as demo:
        for _ in range(min(options.rounds, 3)):
            for name in ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm"):
                alone.setdefault(name, []).append(seconds(partial(many_calls, demo, name)))
            together.append(seconds(lambda: side_by_side(demo, alone)))
    slowest = max(statistics.median(each) for each in alone.values())
    all_five = statistics.median(together)
    row = Row(
        "limit, five systems side by side / the slowest alone", f"{all_five / slowest:.2f}", f"{all_five:.2f} s / {slowest:.2f} s"
    )
    say(row.line())
    return row


def side_by_side(demo: crmkit.demo.Demo, names: Iterable[str]) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(partial(many_calls, demo), names))


def many_calls(demo: crmkit.demo.Demo, name: str) -> None:
    """One record after the other, by its id; an id that nobody has costs a call like any other."""
    limit, calls = SIDE_BY_SIDE
    with folder() as place:
        client = getattr(demo, name)(pace=[limit], cache_dir=place, progress=False)
        fetch = {
            "peepl": lambda ids: client.contact(ids, allow_partial=True),
            "beeple": lambda ids: client.collaborator(ids, allow_partial=True),
            "sheepcrm": lambda ids: client.event([f"{one:024x}" for one in ids], allow_partial=True),
            "missionhub": lambda ids: client.person(ids, allow_partial=True),
            "onepagecrm": lambda ids: client.contact([f"{one:024x}" for one in ids], allow_partial=True),
        }[name]
        proof = crmkit.receipt(fetch(list(range(1, calls + 1))))
        asked = proof.pages + sum("answered 404" in line for line in proof.problems)
        if asked != calls:
            raise RuntimeError(f"{name} asked {asked} times")
