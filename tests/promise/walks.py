"""Walks of honest servers, of servers that move, and of servers that end the key; each function measures and judges nothing."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import crmkit
from crmkit.errors import CrmkitError
from tests.battery.systems import SYSTEMS, System
from tests.faults import drift_plan, survivors
from tests.faults.naive import walk as believing
from tests.paging.model import Listing, changes, fresh, naive, people
from tests.paging.walks import run
from tests.promise.trials import one_server

COUNTED = ("peepl", "missionhub", "onepagecrm")  # a total comes with every page


def clean_walk(seed: int) -> str:
    """One walk of an honest server of random size, page and workers; what was wrong with it, or nothing."""
    chance = random.Random(seed)
    system = SYSTEMS[sorted(SYSTEMS)[seed % len(SYSTEMS)]]
    rows = chance.choice([1, 2, 3, 7, 10, 25])
    records = chance.choice([0, 1, rows, rows + 1, 2 * rows, 3 * rows - 1, chance.randrange(6 * rows)])
    with one_server(system, records, rows) as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            frame = system.fetch(system.client(server.url, folder, workers=chance.randint(1, 5), progress=False))
        except CrmkitError as error:
            return f"{system.dialect}, {records} records in pages of {rows}: {error!r}"
        finally:
            crmkit.cache.close()
        proof = crmkit.receipt(frame)
        if system.ids(frame) != system.wanted(server.records):
            return f"{system.dialect}, {records} records in pages of {rows}: {len(frame)} came"
        alarmed = proof.complete is False or proof.drift or (system.dialect in COUNTED and (not proof.complete or proof.problems))
        return f"{system.dialect}, {records} records in pages of {rows}: {proof!r}" if alarmed else ""


@dataclass
class Drifted:
    """Sums over walks of lists that moved: people lost who were there throughout, by us and by a naive walk, and what it cost."""

    walks: int = 0
    lost: int = 0
    naive_lost: int = 0
    alarms: int = 0
    unsure: int = 0
    ratios: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        """Calls in relation to a naive walk of the same list, on average."""
        return sum(self.ratios) / len(self.ratios)

    def __add__(self, other: Drifted) -> Drifted:
        return Drifted(
            self.walks + other.walks,
            self.lost + other.lost,
            self.naive_lost + other.naive_lost,
            self.alarms + other.alarms,
            self.unsure + other.unsure,
            self.ratios + other.ratios,
        )


class Moving(Listing):
    """A list in memory that is asked and answers as a system does."""

    paging: Any = None

    def get(self, params: Any) -> dict[str, Any]:
        paging = self.paging
        body = super().get({"size": params[paging.limit_name], "offset": params[paging.offset_name]})
        return body if paging.next else {"results": body["results"], "meta": {"total": body["count"]}}


def in_memory(system: System, seed: int, inserts: int, deletes: int, count: int = 5_000) -> Drifted:
    """A system's own way of reading, on a list in memory that moves."""
    paging = system.paging()
    plan = changes(seed, count, count // paging.size, inserts, deletes)
    listing = Moving(records=people(count), largest=paging.size, default=paging.size, to_come=plan)
    listing.paging = paging
    control = Listing(records=people(count), largest=paging.size, default=paging.size, to_come=list(plan))
    outcome = run(replace(paging), listing)
    believed = set(naive(fresh(control), paging.size))
    counted = fresh(control)
    naive(counted, paging.size)
    seen = set(outcome.ids)
    return Drifted(
        1,
        sum(one["id"] not in seen for one in listing.survivors),
        sum(one["id"] not in believed for one in counted.survivors),
        int(outcome.alarmed),
        int(outcome.trail.unchecked),
        [len(outcome.asks) / counted.calls],
    )


def over_http(system: System, seed: int, inserts: int, deletes: int, workers: int, records: int = 120, moves: int = 0) -> Drifted:
    """The whole way of a fetch, on a server whose list moves."""
    plan = drift_plan(seed, records, inserts, deletes, moves=moves)
    with one_server(system, records, drift=plan) as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            frame = system.fetch(system.client(server.url, folder, workers=workers, progress=False), allow_partial=True)
        finally:
            crmkit.cache.close()
        proof, calls = crmkit.receipt(frame), len(server.calls)
        lost = len({str(one) for one in survivors(server)} - set(system.ids(frame)))
        server.reset()
        believed = {str(one) for one in believing(server)}
        naive_lost = len({str(one) for one in survivors(server)} - believed)
        return Drifted(
            1,
            0 if moves and any("moved up" in line for line in proof.problems) else lost,
            naive_lost,
            int(proof.complete is False),
            int(proof.complete is None),
            [calls / len(server.calls)],
        )


MIXES = ((1, 1), (5, 5), (20, 20))
OFFSET = ("peepl", "missionhub")


def mixes() -> Iterator[tuple[System, tuple[int, int]]]:
    """Each offset-paged system with each mix of additions and removals."""
    for name in OFFSET:
        for mix in MIXES:
            yield SYSTEMS[name], mix
