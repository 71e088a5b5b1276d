"""Pages on their way: never more than workers, read before they are stored, stored before a reading counts as done."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests.adapters

import crmkit
from crmkit.ahead import Ahead, Job
from crmkit.calls import Call
from tests.faults import FaultServer


@pytest.mark.parametrize("workers", [1, 3])
def test_an_answer_is_read_before_it_is_stored(workers: int) -> None:
    stored, kept = threading.Event(), []

    def send(job: Job, came: Any) -> Any:
        came(job.page)
        assert stored.wait(10)
        kept.append(job.page)
        return job.page

    with Ahead(send, workers) as ahead:
        job = Job(Call("GET", "/list/"), None, "2")
        ahead.begin(job)
        assert ahead.get(job) == "2"
        assert kept == []
        stored.set()
        ahead.settle()
        assert kept == ["2"]


def test_trouble_while_storing_is_not_lost() -> None:
    def send(job: Job, came: Any) -> Any:
        came(job.page)
        raise OSError("full")

    with Ahead(send, 1) as ahead:
        job = Job(Call("GET", "/list/"), None, "2")
        ahead.begin(job)
        assert ahead.get(job) == "2"
        with pytest.raises(OSError, match="full"):
            ahead.settle()


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_are_on_their_way_than_workers(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one client, whatever the number of threads that use it."""
    real, lock, now, most = requests.adapters.HTTPAdapter.send, threading.Lock(), [0], [0]

    def send(*args: Any, **kwargs: Any) -> Any:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return real(*args, **kwargs)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with FaultServer("peepl", records=60, token="fault-token", latency=0.01) as server, ThreadPoolExecutor(4) as pool:
        client = crmkit.Peepl(token="fault-token", base_url=server.url, cache_dir=tmp_path, pace=None, workers=workers)
        frames = pool.map(lambda limit: client.contacts(limit=limit, refresh=True), (60, 50, 40, 30))
        assert list(map(len, frames)) == [60, 50, 40, 30]
    assert most == [workers]


def test_one_worker_asks_only_what_the_walk_asks(tmp_path: Path, no_waiting: list[float]) -> None:
    """The next page goes out while the last one is stored and typed, but never before the walk has looked at it."""
    with FaultServer("peepl", records=60, token="fault-token") as server:
        client = crmkit.Peepl(token="fault-token", base_url=server.url, cache_dir=tmp_path, pace=None, workers=1)
        assert len(client.contacts(limit=25)) == 25
        assert len(server.calls) == 3
        server.status = lambda number: 404 if number > 4 else None
        with pytest.raises(crmkit.errors.NotFound):
            client.contacts()
        assert len(server.calls) == 5
