"""Cold: 200 pages at 50 ms to a typed frame, cache writing included, beside what else one would use."""

from __future__ import annotations

import statistics
from argparse import Namespace
from collections.abc import Callable

import pandas as pd
from measure import Row, at_least, at_most, folder, say, seconds
from peers import NAMES, timed
from serve import LATENCY, serving

import crmkit

PAGES = 200
GOALS = {1: 1.10, 8: 1.15}
WORKERS = (1, 4, 8, 16)


def fetcher(address: str, kind: str, pages: int, place: str, workers: int) -> tuple[Callable[[], pd.DataFrame], int]:
    """What fetches a list of so many pages, and how many records it has. Peepl's pages overlap by one record."""
    more = {"cache_dir": place, "pace": None, "progress": False, "workers": workers}
    if kind == "people":
        records = 9 * pages + 1
        return crmkit.Peepl(token="benchmark-token", base_url=f"{address}/{records}/people", **more).contacts, records
    records = 100 * pages
    base = f"{address}/{records}/companies"
    return crmkit.OnePageCRM(user_id="u" * 24, api_key="a" * 24, base_url=base, **more).companies, records


def ours(address: str, kind: str, workers: int) -> float:
    """Seconds of one fetch with an empty cache."""
    with folder() as place:
        fetch, records = fetcher(address, kind, PAGES, place, workers)
        kept: list[pd.DataFrame] = []
        took = seconds(lambda: kept.append(fetch()))
        proof = crmkit.receipt(kept[0])
        if (proof.pages, proof.calls, len(kept[0])) != (PAGES, PAGES, records):
            raise RuntimeError(f"not what was to be measured: {proof!r}")
        crmkit.cache.close()
        return took


def rows(options: Namespace) -> list[Row]:
    found = []
    with serving(100 * PAGES) as server:
        for kind, size in (("people", 10), ("companies", 100)):
            ours(f"{server}/fast", kind, 8)
            for workers in WORKERS:
                bound = PAGES * LATENCY / workers
                mine = statistics.median(ours(f"{server}/slow", kind, workers) for _ in range(options.rounds))
                what = f"cold, pages of {size}, {workers} worker{'s' * (workers > 1)}: time / bound"
                beside = f"{mine:.2f} s / {bound:.2f} s"
                found.append(
                    at_most(what, mine / bound, GOALS[workers], beside)
                    if workers in GOALS
                    else Row(what, f"{mine / bound:.2f}", beside)
                )
                say(found[-1].line())
                for peer, name in NAMES.items():
                    if (peer == "httpx_async") or workers == 1:
                        found.append(beside_peer(options, f"{server}/slow", kind, peer, name, workers, mine))
                        say(found[-1].line())
    return found


def beside_peer(options: Namespace, address: str, kind: str, peer: str, name: str, workers: int, mine: float) -> Row:
    path = f"{address}/{(10 if kind == 'people' else 100) * PAGES}/{kind}"
    times = timed(options.pythons, peer, path, PAGES, workers, options.rounds)
    what = f"— {name}, {workers} at a time / crmkit"
    if not times:
        return Row(what, "not installed")
    theirs = statistics.median(times)
    return at_least(what, theirs / mine, 1.0, f"{theirs:.2f} s / {mine:.2f} s", "{:.2f}")
