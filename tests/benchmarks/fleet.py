"""Fifty demo accounts with equal budgets, fetched by four Dask worker processes, and by threads: against the slowest account alone.

A part of the table, or by hand: PYTHONPATH=. python tests/benchmarks/fleet.py [accounts [workers]]. The budget makes an account
take about a minute, nearly all of it waiting. Every demo is asked once beforehand, since it makes its people up at its first answer;
the workers are started, and import crmkit within the time that is measured.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

import crmkit
from crmkit import fleet
from tests.benchmarks.measure import Row, at_most, say

BUDGET = ((5, 10.0),)
PEOPLE = 300


def measured(accounts: int = 50, workers: int = 4, threads: bool = True) -> dict[str, float]:
    """Seconds of the slowest account alone, of all on the workers, of all in threads; the latter two also as ratios to the first."""
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        demos = {f"club{n:02}": stack.enter_context(crmkit.demo.start(seed=n, people=PEOPLE)) for n in range(1, accounts + 1)}
        pages = {name: crmkit.receipt(demo.peepl(cache_dir=place / "before").contacts()).pages for name, demo in demos.items()}
        longest = max(pages, key=pages.__getitem__)

        def clients(where: str) -> dict[str, crmkit.Peepl]:
            return {name: demo.peepl(cache_dir=place / where, pace=BUDGET) for name, demo in demos.items()}

        began = time.perf_counter()
        clients("alone")[longest].contacts()
        alone = time.perf_counter() - began

        cluster = stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0"))
        dask = stack.enter_context(Client(cluster))
        took = {}
        for where, client in (("workers", dask), ("threads", None))[: 1 + threads]:
            began = time.perf_counter()
            done = fleet.gather(clients(where), "contacts", client=client, to=place / f"{where}-set")
            took[where] = time.perf_counter() - began
            assert done.ok.all(), done.message.tolist()
            assert done.complete.all()
            assert {name: proof.calls for name, proof in zip(done.name, done.receipt, strict=True)} == pages
        return {
            "accounts": accounts,
            "calls": sum(pages.values()),
            "slowest alone": alone,
            **took,
            **{f"{where} / alone": seconds / alone for where, seconds in took.items()},
        }


def rows(options: Namespace) -> list[Row]:
    """One round, on the workers alone: it takes minutes, nearly all of them waiting for budgets."""
    found = measured(threads=False)
    what = "fleet, 50 accounts with equal budgets on 4 workers / the slowest alone (one round)"
    row = at_most(what, found["workers / alone"], 1.2, f"{found['workers']:.1f} s / {found['slowest alone']:.1f} s")
    say(row.line())
    return [row]


if __name__ == "__main__":
    print(json.dumps({name: round(value, 3) for name, value in measured(*map(int, sys.argv[1:])).items()}, indent=2))
