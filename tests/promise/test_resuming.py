"""A walk that is killed goes on from its pages; a refresh that is killed never mixes with what was there before."""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import crmkit
from tests.battery.systems import SYSTEMS
from tests.faults import FaultServer
from tests.promise.killing import LATENCY, Killed, finished, killed, killed_walk, started

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")


@pytest.mark.parametrize(("names", "kills"), [(["peepl"], 2), pytest.param(sorted(SYSTEMS), 10, marks=pytest.mark.full)])
def test_killed_again_and_again(names: list[str], kills: int, tmp_path: Path) -> None:
    found = sum((killed_walk(name, kills, seed, tmp_path) for seed, name in enumerate(names)), Killed())
    assert found.same
    assert found.extra <= kills * len(names)
    assert found.kills >= kills * len(names) // 2, "most of them hit a walk"


def mark(server: FaultServer, text: str) -> None:
    for record in server.records:
        server.dialect.fields(record)[server.dialect.text_name] = text


@pytest.mark.parametrize(("names", "kills"), [(["onepagecrm"], 1), pytest.param(sorted(SYSTEMS), 4, marks=pytest.mark.full)])
def test_a_killed_refresh_never_mixes(names: list[str], kills: int, tmp_path: Path) -> None:
    for name in names:
        system, chance = SYSTEMS[name], random.Random(name)
        with FaultServer(name, records=60, token="fault-token", page_size=4, latency=LATENCY) as server:
            mark(server, "before")
            finished(started(system, server, tmp_path / name, tmp_path / "out.json"))
            mark(server, "after")
            for _ in range(kills):
                process = started(system, server, tmp_path / name, tmp_path / "out.json", refresh=True)
                killed(process, server, chance.randint(1, 3), chance.uniform(0, LATENCY))
            client = system.client(server.url, tmp_path / name, workers=1)
            column = server.dialect.text_name
            with crmkit.offline():
                assert set(system.fetch(client)[column]) == {"before"}, "what is whole is not touched by what is not"
            assert set(system.fetch(client)[column]) == {"after"}
            assert crmkit.receipt(system.fetch(client)).calls == 0


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("clients", [1, 8])
def test_threads_ask_once(workers: int, clients: int, tmp_path: Path) -> None:
    """Eight threads that want the same list at once, through one client or through eight: each page is asked once."""
    system = SYSTEMS["peepl"]
    with FaultServer("peepl", records=60, token="fault-token", latency=0.03) as server:
        made = [system.client(server.url, tmp_path, workers=workers) for _ in range(clients)]
        gate = threading.Barrier(8)

        def fetch(number: int) -> int:
            gate.wait()
            return len(system.fetch(made[number % clients]))

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(fetch, range(8))) == [60] * 8
        assert len(server.calls) == 7


def test_a_request_that_fails_is_asked_by_the_next_thread(tmp_path: Path, no_waiting: list[float]) -> None:
    system = SYSTEMS["peepl"]
    with FaultServer("peepl", records=12, token="fault-token", status={1: 400}, latency=0.1) as server:
        client = system.client(server.url, tmp_path, workers=1)
        with ThreadPoolExecutor(2) as pool:
            frames = [pool.submit(system.fetch, client) for _ in range(2)]
            problems: list[Any] = [one.exception(30) for one in frames]
        assert sorted(problem is None for problem in problems) == [False, True]
