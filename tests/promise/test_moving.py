"""Lists that move while they are read: nobody who was there throughout is lost in silence, and it costs little."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import crmkit
from crmkit.ahead import Ahead, Job
from crmkit.paging import PageNumber
from crmkit.store import Generation
from crmkit.transport import Call
from tests.battery.systems import SYSTEMS
from tests.faults import Drift, FaultServer, drift_plan, survivors
from tests.promise.trials import one_server
from tests.promise.walks import OFFSET, Drifted, in_memory, mixes, over_http


@pytest.mark.parametrize(("seeds", "most"), [(2, 1.15), pytest.param(400, 1.15, marks=pytest.mark.full)])
@pytest.mark.parametrize(("system", "mix"), list(mixes()), ids=lambda one: getattr(one, "dialect", str(one)))
def test_offset_lists_of_5000_people(system: Any, mix: tuple[int, int], seeds: int, most: float) -> None:
    found = sum((in_memory(system, seed, *mix) for seed in range(seeds)), Drifted())
    assert (found.lost, found.alarms) == (0, 0)
    assert found.cost <= most
    assert found.naive_lost > 0 or mix == (1, 1)


@pytest.mark.parametrize("seeds", [3, pytest.param(400, marks=pytest.mark.full)])
@pytest.mark.parametrize(("system", "mix"), list(mixes()), ids=lambda one: getattr(one, "dialect", str(one)))
def test_offset_lists_over_http(system: Any, mix: tuple[int, int], seeds: int) -> None:
    found = sum((over_http(system, seed, *mix, workers=1 + seed % 4) for seed in range(seeds)), Drifted())
    assert (found.lost, found.alarms) == (0, 0)


@pytest.mark.parametrize("deletes", [0, 5])
@pytest.mark.parametrize("seeds", [3, pytest.param(400, marks=pytest.mark.full)])
@pytest.mark.parametrize("name", OFFSET)
def test_records_that_move_up_are_found_or_said(name: str, seeds: int, deletes: int) -> None:
    """A record that jumps from below to above the place being read; with removals in between, too."""
    found = sum((over_http(SYSTEMS[name], seed, 0, deletes, workers=1, moves=2) for seed in range(seeds)), Drifted())
    assert (found.lost, found.alarms) == (0, 0)


def test_a_move_hidden_by_a_changing_total_is_said(tmp_path: Any) -> None:
    system = SYSTEMS["peepl"]
    with one_server(system, 60, drift=[Drift(3, "move", 45), Drift(5, "delete", 55)]) as server:
        frame = system.fetch(system.client(server.url, tmp_path, workers=1))
        assert len(survivors(server) - set(frame["id"])) == 1
        assert crmkit.receipt(frame).complete is None
        assert any("moved up from below" in line for line in crmkit.receipt(frame).problems)


def test_overlap_grows_once_the_list_moves(tmp_path: Any) -> None:
    """Pages of a hundred: a quiet list is read with an overlap of one, a moving one with three."""
    system = SYSTEMS["missionhub"]
    for drift, wanted in (([], ["0", "99", "198", "297"]), ([Drift(2, "delete", 0)], ["0", "99", "98", "196", "293"])):
        with FaultServer("missionhub", records=390, token="fault-token", drift=drift) as server:
            system.fetch(system.client(server.url, tmp_path / str(len(drift)), workers=1))
            assert [dict(call.query)["page[offset]"] for call in server.calls] == wanted


def test_what_was_asked_ahead_in_vain_holds_no_place() -> None:
    """When the overlap grows, other pages are wanted; those in flight do not stand in the way of the new ones."""
    call, gate = Call("list", "GET", "/list/"), threading.Event()
    old, new = (Generation("walk", name, 0.0, "open") for name in ("old", "new"))

    def send(job: Job, came: Any) -> Any:
        if job.generation is old and job.page != "1":
            gate.wait(10)
        return job.page

    try:
        with Ahead(send, 6) as ahead:
            ahead.announce(Job(call, old, page) for page in "123456")
            ahead.get(Job(call, old, "1"))
            ahead.forget(old)
            ahead.announce(Job(call, new, page) for page in "abc")
            gate.set()
            assert ahead.get(Job(call, new, "a")) == "a"
            assert {page for _, page in ahead._flying} == {"b", "c"}
    finally:
        gate.set()


@pytest.mark.parametrize("name", ["beeple", "onepagecrm"])
@pytest.mark.parametrize("workers", [1, 4])
def test_one_removal_between_numbered_pages_loses_nobody(name: str, workers: int, tmp_path: Any) -> None:
    system = SYSTEMS[name]
    for call in range(2, 6):
        with one_server(system, 47, drift=[Drift(call, "delete", 3)]) as server:
            frame = system.fetch(system.client(server.url, tmp_path / str(call), workers=workers))
            assert {str(one) for one in survivors(server)} <= set(system.ids(frame)), call
            assert crmkit.receipt(frame).drift


@pytest.mark.parametrize("workers", [1, 4])
def test_a_removal_made_good_by_an_addition_is_seen_by_the_records_dates(workers: int, tmp_path: Any) -> None:
    """OnePageCRM, sorted by creation: the total stays, but a record made after the first answer says that something went."""
    system = SYSTEMS["onepagecrm"]
    for call in range(2, 6):
        with one_server(system, 47, drift=[Drift(call, "delete", 3), Drift(call, "insert", 46)]) as server:
            frame = system.fetch(system.client(server.url, tmp_path / str(call), workers=workers))
            assert {str(one) for one in survivors(server)} <= set(system.ids(frame)), call
            drift = crmkit.receipt(frame).drift
            # Answers that overtake each other show the same change in another way: what is missing is read a second time.
            assert any("made removals good" in line or (workers > 1 and "read a second time" in line) for line in drift)


def test_that_needs_a_clock_that_can_be_right() -> None:
    """Records made after the very answer that shows them prove the clock wrong: no second reading, no doubt."""
    from tests.paging.model import Listing, people
    from tests.paging.walks import PAGES, run

    class Dated(Listing):
        def get(self, params: Any) -> Any:
            return {**super().get(params), "now": 1_700_000_000}

    paging: PageNumber = PageNumber(**{**vars(PAGES), "made": "at", "clock": "now"})
    records = [{**one, "at": 1_600_000_000 + 10_000_000 * place} for place, one in enumerate(people(47))]
    outcome = run(paging, Dated(form="pages", records=[{**one, "at": str(one["at"])} for one in records]))
    assert len(outcome.asks) == 5
    assert (outcome.trail.drift, outcome.trail.unchecked) == ([], False)


@pytest.mark.parametrize("seeds", [2, pytest.param(100, marks=pytest.mark.full)])
@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_no_system_is_silent_about_a_list_that_moves(name: str, seeds: int, tmp_path: Any) -> None:
    """Whoever is lost, the receipt does not say complete; where pages are numbered, only what cannot be seen may be."""
    system, silent = SYSTEMS[name], []
    for seed in range(seeds):
        with one_server(system, 60) as server:
            server.drift = drift_plan(seed, 60, 2, 2)
            frame = system.fetch(system.client(server.url, tmp_path / str(seed), workers=1 + seed % 2), allow_partial=True)
            lost = {str(one) for one in survivors(server)} - set(system.ids(frame))
            if lost and not crmkit.receipt(frame).problems:
                silent.append((seed, lost))
    assert silent == []
