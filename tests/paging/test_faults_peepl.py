"""Peepl over real HTTP, on a server that lies: the whole list in the vendor's order, or an error that has a name."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crmkit
from crmkit.errors import AuthError, CrmkitError, IncompleteFetch
from tests.faults import MISSING, FaultServer, drift_plan, survivors

WORKERS = pytest.mark.parametrize("workers", [1, 4])


def client(server: FaultServer, folder: Path, workers: int = 1) -> crmkit.Peepl:
    return crmkit.Peepl(token=server.token, base_url=server.url, cache_dir=folder, pace=None, workers=workers)


def ids(server: FaultServer) -> list[Any]:
    return [server.dialect.id_of(record) for record in server.records]


def fetched(server: FaultServer, folder: Path, workers: int = 1, **options: Any) -> pd.DataFrame:
    frame = client(server, folder, workers).contacts(**options)
    assert server.strayed == []
    return frame


def assert_whole(server: FaultServer, frame: pd.DataFrame) -> None:
    assert frame["id"].tolist() == ids(server)
    assert crmkit.receipt(frame).complete is True


@WORKERS
def test_a_hundred_asked_ten_given_is_sixty_of_sixty(workers: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60) as server:
        frame = fetched(server, tmp_path, workers)
        assert_whole(server, frame)
        assert len(server.calls) == 7
        proof = crmkit.receipt(frame)
        assert (proof.records, proof.declared_total, proof.pages, proof.duplicates) == (60, 60, 7, 0)
        assert proof.problems == proof.drift == ()


@WORKERS
@pytest.mark.parametrize("size", [1, 3, 7, 10])
def test_a_clamped_page(workers: int, size: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=31, page_size=size) as server:
        assert_whole(server, fetched(server, tmp_path, workers))


@WORKERS
def test_a_page_size_that_changes_on_the_way(workers: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, page_size={2: 4, 3: 1, 5: 7}) as server:
        assert_whole(server, fetched(server, tmp_path, workers))


@WORKERS
@pytest.mark.parametrize(
    "dials", [{"loop_links": "self"}, {"loop_links": "first"}, {"next_missing_offset": True}, {"foreign_next": True}]
)
def test_links_that_lead_nowhere_or_elsewhere(workers: int, dials: dict[str, Any], tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, **dials) as server:
        frame = fetched(server, tmp_path, workers)
        assert_whole(server, frame)
        # A server on loopback may name the host it stands for; elsewhere that is told, see the tests of links in memory.
        assert len(crmkit.receipt(frame).problems) == ("foreign_next" not in dials)


@WORKERS
@pytest.mark.parametrize("dials", [{"ignore_page": True}, {"repeat_page": 2}, {"repeat_page": 4}])
def test_a_page_that_repeats_for_ever_is_an_error(workers: int, dials: dict[str, Any], tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, **dials) as server:
        with pytest.raises(IncompleteFetch, match="again and again"):
            fetched(server, tmp_path, workers)
        assert len(server.calls) < 20


@WORKERS
def test_a_page_that_repeats_once_costs_nobody(workers: int, tmp_path: Path) -> None:
    for call in range(2, 6):
        with FaultServer("peepl", records=60, repeat_page={call: 1}) as server:
            assert_whole(server, fetched(server, tmp_path / str(call), workers))


@WORKERS
@pytest.mark.parametrize("lie", [1, 3, 40, "moving"])
def test_a_total_that_is_too_high_is_an_error(workers: int, lie: Any, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, total=lie) as server, pytest.raises(IncompleteFetch) as caught:
        fetched(server, tmp_path, workers)
    assert caught.value.frame is not None
    assert caught.value.frame["id"].tolist() == ids(server), "what came is whole, each record once and in order"
    assert caught.value.receipt is not None
    assert caught.value.receipt.complete is False


@WORKERS
@pytest.mark.parametrize("lie", [-1, -5, -50, -60, None, "many", MISSING])
def test_a_total_that_proves_nothing_is_said(workers: int, lie: Any, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, total="missing" if lie is MISSING else lie) as server:
        frame = fetched(server, tmp_path, workers)
        assert frame["id"].tolist() == ids(server)
        assert crmkit.receipt(frame).complete is None
        assert len(crmkit.receipt(frame).problems) == 1


@WORKERS
@pytest.mark.parametrize("pages", [1, 2, 5])
def test_an_early_end_is_an_error(workers: int, pages: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, early_end=pages) as server:
        with pytest.raises(IncompleteFetch, match=f"{pages * 10} of 60"):
            fetched(server, tmp_path, workers)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            partial = fetched(server, tmp_path / "partial", workers, allow_partial=True)
        assert partial["id"].tolist() == ids(server)[: pages * 10]
        assert repr(partial).startswith("INCOMPLETE")


@WORKERS
def test_an_early_end_that_passes_is_read_again_in_order(workers: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, early_end={3: 1}) as server:
        assert_whole(server, fetched(server, tmp_path, workers))


@WORKERS
@pytest.mark.parametrize(("inserts", "deletes"), [(0, 1), (1, 0), (3, 3), (0, 8), (8, 0)])
@pytest.mark.parametrize("seeds", [4, pytest.param(100, marks=pytest.mark.full)])
def test_people_come_and_go(workers: int, inserts: int, deletes: int, seeds: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60) as server:
        for seed in range(seeds):
            server.reset()
            server.drift = drift_plan(seed, 60, inserts, deletes)
            frame = fetched(server, tmp_path / str(seed), workers)
            there = survivors(server)
            assert [number for number in frame["id"] if number in there] == [number for number in ids(server) if number in there]
            assert frame["id"].is_unique
            # None where every removal is made good by an addition, so that the total never moves and more come than it says, or
            # where an addition above and a removal below look like one record that moved up.
            proof, said = crmkit.receipt(frame), ("came although only", "moved up from below")
            doubted = any(words in line for line in proof.problems for words in said)
            assert proof.complete is True or (inserts and proof.complete is None and doubted)


@WORKERS
@pytest.mark.parametrize("which", [2, 9])
def test_one_id_for_two_people_is_an_error(workers: int, which: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, duplicate_ids=which) as server, pytest.raises(IncompleteFetch, match="carry the id"):
        fetched(server, tmp_path, workers)


@WORKERS
@pytest.mark.parametrize("which", ["null", 4, 0, 9])
def test_people_without_an_id_are_kept(workers: int, which: Any, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60, missing_ids=which) as server:
        try:
            frame = fetched(server, tmp_path, workers)
        except IncompleteFetch:
            # A fault by place in the page: on overlapping pages the same person is seen with and without an id.
            assert which != "null"
        else:
            assert len(frame) == 60
            assert crmkit.receipt(frame).complete is True


@WORKERS
def test_a_redirect_or_an_end_of_the_key_stops_by_name(workers: int, tmp_path: Path) -> None:
    for where in ("other", "http", "loop"):
        with FaultServer("peepl", records=60, redirect={3: where}) as server, pytest.raises(CrmkitError):
            fetched(server, tmp_path / where, workers)
    with FaultServer("peepl", records=60, token_calls=3) as server, pytest.raises(AuthError):
        fetched(server, tmp_path / "key", workers)


@WORKERS
def test_failures_on_the_way_are_retried(workers: int, tmp_path: Path, no_waiting: list[float]) -> None:
    with FaultServer("peepl", records=60, status={3: 503}, half_body={4: True}, reset_at={6: 10}) as server:
        assert_whole(server, fetched(server, tmp_path, workers))


@WORKERS
@pytest.mark.parametrize("limit", [1, 10, 11, 19, 20, 59, 60, 61])
def test_a_limit_asks_no_page_too_many(workers: int, limit: int, tmp_path: Path) -> None:
    with FaultServer("peepl", records=60) as server:
        frame = fetched(server, tmp_path, workers, limit=limit)
        assert frame["id"].tolist() == ids(server)[:limit]
        assert len(server.calls) == max(1, -(-(min(limit, 60) - 1) // 9))
        assert crmkit.receipt(frame).limited == (limit < 60)


@WORKERS
def test_what_was_kept_is_not_asked_again(workers: int, tmp_path: Path) -> None:
    """Also a walk with steps back: its pages are told apart and come from the cache in the same order."""
    with FaultServer("peepl", records=60, drift=drift_plan(3, 60, 2, 4)) as server:
        first = fetched(server, tmp_path, workers)
        asked = len(server.calls)
        second = fetched(server, tmp_path, workers)
        assert len(server.calls) == asked
        pd.testing.assert_frame_equal(first, second, check_like=False)
