"""Latency, limits and faults do what they say, deterministically, and the log tells what was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from crmkit import demo as demonstration
from crmkit.demo import Demo, start

from .calling import Get, caller


@pytest.fixture
def small() -> Iterator[Demo]:
    with start(people=30) as running:
        yield running


@pytest.fixture
def ask(small: Demo) -> Iterator[Get]:
    with requests.Session() as session:
        yield caller(small, session)


def outcome(ask: Get, path: str = "/news/") -> int | str:
    """The status of one call, or the name of what went wrong."""
    try:
        return ask(path).status_code
    except requests.RequestException as error:
        return type(error).__name__


def test_faults_by_number_fail_those_calls_and_no_other(small: Demo, ask: Get) -> None:
    small.set(faults={"500": [2], "429": [3], "drop": [4], "truncated": [5]})
    assert [outcome(ask) for _ in range(6)] == [200, 500, 429, "ConnectionError", "ChunkedEncodingError", 200]
    assert [call.fault for call in small.log] == [None, "500", "429", "drop", "truncated", None]
    assert [call.status for call in small.log] == [200, 500, 429, None, 200, 200]


def test_faults_by_chance_are_the_same_for_the_same_seed(small: Demo, ask: Get) -> None:
    small.set(faults={"500": 0.3})
    first = [outcome(ask) for _ in range(40)]
    small.set(faults={"500": 0.3})
    assert [outcome(ask) for _ in range(40)] == first
    assert 3 < first.count(500) < 25


def test_the_vendors_limit_is_a_sliding_window(small: Demo, ask: Get) -> None:
    small.set(rate_limit="vendor")
    assert [outcome(ask) for _ in range(102)] == [200] * 100 + [429] * 2
    refused = ask("/news/")
    assert refused.json() == {"detail": "Request was throttled."}
    assert "Retry-After" not in refused.headers
    small.set(rate_limit=3)
    assert [outcome(ask) for _ in range(4)] == [200, 200, 200, 429]


def test_latency_holds_every_answer_back(small: Demo, ask: Get) -> None:
    small.set(latency=0.05)
    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: outcome(ask), range(8))) == [200] * 8
    assert 0.05 <= time.perf_counter() - begun < 0.3


def test_an_unknown_dial_is_named(small: Demo) -> None:
    with pytest.raises(TypeError, match="no dial is called speed"):
        small.set(speed=3)
    with pytest.raises(TypeError, match="there are latency, rate_limit, faults"):
        start(latnecy=1)
    with pytest.raises(ValueError, match="unknown fault"):
        small.set(faults={"503": 1.0})


def test_the_log_tells_what_was_asked_and_never_the_credential(small: Demo, ask: Get) -> None:
    ask("/contacts/", limit=5, offset=5)
    assert small.log[-1] == demonstration.Call("peepl", "GET", "/contacts/", (("limit", "5"), ("offset", "5")), 200)
    assert small.credentials["peepl"]["token"] not in repr(small.log)


def test_a_call_is_quick_and_nothing_is_written_to_stderr(ask: Get, capfd: pytest.CaptureFixture[str]) -> None:
    ask("/news/")
    begun = time.perf_counter()
    for _ in range(50):
        ask("/groups/")
    assert (time.perf_counter() - begun) / 50 < 0.02  # 44 ms where Nagle's algorithm is left on
    assert capfd.readouterr().err == ""


def test_a_connection_stays_open_after_a_refusal_with_a_body(ask: Get) -> None:
    assert ask("/albums/", "POST", {"name": "x"}).status_code == 405
    assert ask("/albums/").status_code == 200
    assert ask("/albums/", "HEAD").status_code == 405
    assert ask("/albums/").status_code == 200


def test_a_large_club_starts_in_seconds() -> None:
    begun = time.perf_counter()
    with start(people=20_000), requests.Session():
        assert time.perf_counter() - begun < 10


def test_the_shared_demo_is_one() -> None:
    assert demonstration.shared() is demonstration.shared()
    demonstration.shared().stop()
    demonstration._shared.clear()
