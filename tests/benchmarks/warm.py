"""Warm: a whole list out of the cache to its typed frame, beside a loop of CachedSession.get + json, and json_normalize."""

from __future__ import annotations

import time
from argparse import Namespace
from unittest.mock import patch

import pandas as pd
from measure import Row, at_least, folder, medians, say, seconds
from peers import urls
from requests_cache import CachedSession
from serve import serving

import crmkit
from crmkit import typed

PAGES = (50, 1_000, 10_000)
GOAL = {10_000: 10}


def rows(options: Namespace) -> list[Row]:
    found = []
    with serving(10 * max(PAGES)) as server:
        for pages in PAGES:
            found += one_size(options, f"{server}/fast", pages)
    return found


def one_size(options: Namespace, server: str, pages: int) -> list[Row]:
    with folder() as place, CachedSession(f"{place}/peer", backend="sqlite") as session:
        people = 9 * pages + 1
        more = {"cache_dir": f"{place}/crmkit", "pace": None, "progress": False, "workers": 8}
        client = crmkit.Peepl(token="benchmark-token", base_url=f"{server}/{people}/people", **more)
        asked = urls(f"{server}/{10 * pages}/people", pages)

        def ours() -> pd.DataFrame:
            return client.contacts()

        def theirs() -> pd.DataFrame:
            return pd.json_normalize([record for url in asked for record in session.get(url).json()["results"]])

        theirs()
        with patch.object(typed, "MANY_CALLS", pages + 1):
            unkept = seconds(lambda: client.contacts(refresh=True), time.process_time)
        fetch = seconds(lambda: client.contacts(refresh=True), time.process_time)
        first = seconds(ours, time.process_time)
        proof = crmkit.receipt(ours())
        if (proof.cached_pages, proof.calls, proof.records) != (pages, 0, people):
            raise RuntimeError(f"not what was to be measured: {proof!r}")
        times = medians(options.rounds, ours=ours, theirs=theirs)
        crmkit.cache.close()
    what = f"warm, {pages:,} pages of 10: CachedSession + json + json_normalize / crmkit"
    ratio, beside = times["theirs"] / times["ours"], f"{times['theirs']:.2f} s / {times['ours'] * 1e3:.0f} ms"
    found = [at_least(what, ratio, GOAL[pages], beside) if pages in GOAL else Row(what, f"{ratio:.1f}", beside)]
    if pages > max(PAGES) // 2:
        beside = f"{times['theirs']:.2f} s / {first * 1e3:.0f} ms"
        found.append(Row("— the first time after the fetch", f"{times['theirs'] / first:.1f}", beside))
        beside = f"processor time of the fetch without latency: {fetch:.2f} s, {unkept:.2f} s without keeping"
        found.append(
            Row("— keeping the columns at the end of the fetch, ms a call", f"{(fetch - unkept) / pages * 1e3:.2f}", beside)
        )
    if pages == 50:
        ms = times["ours"] * 1e3
        found.append(Row("warm, 50 pages, ms", f"{ms:.0f}", "", "< 50", ms < 50))
    for one in found:
        say(one.line())
    return found
