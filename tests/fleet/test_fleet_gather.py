"""gather() in threads: what each account would give alone, and no account hurt by another."""

import concurrent.futures
import os
import time
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit import fleet
from crmkit.errors import IncompleteFetch, ParameterError
from crmkit.fleet import gathering

KEY = "pa-4f9d81c27b"
WEEK = {"start": "2024-06-01", "end": "2024-06-07"}


def test_each_account_gives_what_it_gives_alone(connected):
    alone = {name: client.contacts() for name, client in connected.items()}
    done = fleet.gather(connected, "contacts")
    assert list(done.columns) == ["name", "ok", "records", "complete", "error", "message", "receipt"]
    assert list(done.name) == ["north", "south", "empty"]
    assert done.ok.all()
    assert done.complete.all()
    for name, frame in alone.items():
        pd.testing.assert_frame_equal(done.frames[name], frame)
        mine = done[done.name == name].iloc[0]
        assert mine.records == len(frame)
        assert mine.receipt.account == connected[name].account


def test_a_receipt_is_shown_by_its_verdict_and_stays_a_receipt(connected):
    """A cell would show the first words of its repr and no verdict."""
    done = fleet.gather(connected, "contacts", limit=2)
    for shown in (repr(done), str(done), done._repr_html_()):
        assert "a sample of 2" in shown
        assert "Receipt:" not in shown
    assert done["receipt"].iloc[0].records == 2
    assert str(done["receipt"].iloc[0]).count("\n") > 3


def test_arguments_reach_the_fetcher_and_a_fetcher_of_a_list_of_ids(connected):
    numbers = connected["north"].contacts(limit=2).id.tolist()
    done = fleet.gather({"north": connected["north"]}, "contact", numbers, refresh=True)
    assert done.frames["north"].id.tolist() == numbers
    assert done.receipt[0].calls == 2


def test_a_revoked_key_and_a_dead_server_hurt_nobody_else(connected, clubs, no_waiting):
    revoked = clubs["north"].peepl(token=KEY)
    gone = clubs["north"].peepl(base_url="http://127.0.0.1:9/v1/admin")
    done = fleet.gather({"revoked": revoked, **connected, "gone": gone}, "contacts").set_index("name")
    assert done.ok.to_dict() == {"revoked": False, "north": True, "south": True, "empty": True, "gone": False}
    assert done.error["revoked"] == "AuthError"
    assert done.error["gone"] == "NetworkError"
    assert done.receipt["revoked"] is None
    assert done.records.isna().sum() == 2
    assert "check the key" in done.message["revoked"]
    assert KEY not in done.to_string() + done.to_json(default_handler=str)


def test_an_error_that_nobody_expected_is_named_and_not_quoted(connected, monkeypatch):
    def broken(client, bound):
        raise ValueError(f"Jan Peeters and {KEY}")

    monkeypatch.setattr(crmkit.Peepl, "_fetch", broken)
    done = fleet.gather({"north": connected["north"]}, "contacts")
    assert done.error[0] == "ValueError"
    assert "Peeters" not in done.to_string() + done.message[0]
    assert KEY not in done.to_string() + done.message[0]


def test_an_incomplete_fetch_is_no_success_and_its_proof_is_kept(connected, monkeypatch):
    whole = connected["north"].contacts()
    proof = crmkit.receipt(connected["north"].contacts(limit=3))

    def short(client, bound):
        error = IncompleteFetch("the list is not complete.")
        error.frame, error.receipt = whole.head(3), proof
        raise error

    monkeypatch.setattr(crmkit.Peepl, "_fetch", short)
    done = fleet.gather({"north": connected["north"]}, "contacts")
    assert (done.ok[0], done.error[0], done.records[0]) == (False, "IncompleteFetch", 3)
    assert done.receipt[0].endpoint == "contacts"
    assert dict(done.frames) == {}


@pytest.mark.parametrize("wrong", [("contacs", {}), ("segment.load", {}), ("contacts", {"limmit": 3}), ("contact", {})])
def test_a_call_that_no_account_understands_is_an_error_before_anything_is_asked(connected, clubs, wrong):
    what, words = wrong
    before = sum(len(demo.log) for demo in clubs.values())
    with pytest.raises(ParameterError):
        fleet.gather(connected, what, **words)
    assert sum(len(demo.log) for demo in clubs.values()) == before


def test_what_one_system_does_not_have_is_the_failure_of_its_accounts(connected, clubs, tmp_path):
    mixed = {"north": connected["north"], "beeple": clubs["north"].beeple(cache_dir=tmp_path / "pages")}
    done = fleet.gather(mixed, "contacts")
    assert done.ok.tolist() == [True, False]
    assert done.error[1] == "ParameterError"


def test_only_clients_and_accounts_are_taken(connected):
    with pytest.raises(ParameterError, match="north is a str"):
        fleet.gather({"north": "token"}, "contacts")
    with pytest.raises(ParameterError, match=r"distributed\.Client"):
        fleet.gather(connected, "contacts", client=connected["north"])
    with pytest.raises(ParameterError, match="two names"):
        fleet.gather({1: connected["north"], "1": connected["south"]}, "contacts")
    assert len(fleet.gather({}, "contacts")) == 0


def test_offline_holds_in_every_thread(connected, clubs):
    with crmkit.offline():
        done = fleet.gather(connected, "contacts")
    assert set(done.error) == {"NotCached"}
    fleet.gather(connected, "contacts")
    before = len(clubs["north"].log)
    with crmkit.offline():
        assert fleet.gather(connected, "contacts").ok.all()
    assert len(clubs["north"].log) == before


def test_the_clients_stay_as_they_were(connected):
    connected["north"].progress = True
    fleet.gather(connected, "contacts")
    assert connected["north"].progress is True
    assert type(connected["north"]._transport).__name__ == "Transport"


def test_after_ctrl_c_no_page_is_asked_and_the_same_call_goes_on(clubs, tmp_path, monkeypatch):
    demo, seen = clubs["north"], len(clubs["north"].log)
    client = demo.peepl(cache_dir=tmp_path / "pages", workers=1)

    def interrupted(futures):
        while len(demo.log) < seen + 2:
            time.sleep(0.01)
        raise KeyboardInterrupt

    demo.set(latency=0.05)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(gathering, "as_completed", interrupted)
            with pytest.raises(KeyboardInterrupt):
                fleet.gather({"north": client}, "contacts")
        asked = len(demo.log) - seen
        time.sleep(0.2)
        assert len(demo.log) - seen == asked < 5
    finally:
        demo.set(latency=0)
    proof = fleet.gather({"north": client}, "contacts").receipt[0]
    assert proof.complete
    assert proof.cached_pages >= asked - 1
    assert proof.calls + asked <= proof.pages + 1


def test_many_accounts_wait_for_their_own_budgets_side_by_side(clubs, tmp_path):
    budget = ((3, 1.0),)  # its four pages take a second
    names = [f"club{number}" for number in range(6)]
    made = {name: clubs["south"].peepl(cache_dir=tmp_path / name, pace=budget) for name in names}
    alone = clubs["south"].peepl(cache_dir=tmp_path / "alone", pace=budget)
    began = time.perf_counter()
    alone.contacts()
    one = time.perf_counter() - began
    began = time.perf_counter()
    assert fleet.gather(made, "contacts").ok.all()
    assert time.perf_counter() - began < 4 * one, "one after the other would take six times as long"


def test_a_topic_loads_for_every_account(connected):
    done = fleet.gather(connected, "attendance.load", **WEEK)
    assert done.ok.all()
    for name, client in connected.items():
        alone = crmkit.attendance.load(client, **WEEK)
        assert set(done.frames[name]) == set(alone)
        for table, frame in alone.items():
            pd.testing.assert_frame_equal(done.frames[name][table], frame)
    assert done.receipt[0].complete
    assert done.records[0] == sum(map(len, done.frames["north"].values()))


def test_never_more_threads_than_allowed(connected, monkeypatch):
    most = []

    class Pool(concurrent.futures.ThreadPoolExecutor):
        def __init__(self, workers, **words):
            most.append(workers)
            super().__init__(workers, **words)

    monkeypatch.setattr(gathering, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(gathering, "AT_ONCE", 2)
    assert fleet.gather(connected, "contacts").ok.all()
    assert most == [2]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts the open files of this process")
def test_an_account_that_is_done_holds_no_file_open(clubs, tmp_path):
    def opened():
        links = [Path(one) for one in os.scandir("/proc/self/fd")]
        return [str(one.resolve()) for one in links if tmp_path in one.resolve().parents]

    made = {f"club{n}": clubs["south"].peepl(cache_dir=tmp_path / str(n), pace=((90, 1.0),)) for n in range(5)}
    assert fleet.gather(made, "contacts").ok.all()
    assert opened() == []
    assert crmkit.receipt(made["club1"].contacts()).calls == 0
    assert opened() != []


def test_what_cannot_be_gathered_is_said(connected):
    north = connected["north"]
    for wrong in ([north], north, "contacts", None):
        with pytest.raises(ParameterError, match="name to client"):
            fleet.gather(wrong, "contacts")
    for wrong in (north.contacts, crmkit.segments.load, crmkit.segments, None, ["contacts"]):
        with pytest.raises(ParameterError, match="as a text"):
            fleet.gather(connected, wrong)
    for wrong in (5, "", " "):
        with pytest.raises(ParameterError, match="to= takes a folder"):
            fleet.gather(connected, "contacts", to=wrong)


def test_a_wrong_word_is_an_error_also_where_an_account_has_no_credential(connected):
    accounts = {**connected, "unset": fleet.Account("Peepl", prefix="NOWHERE")}
    with pytest.raises(ParameterError, match="'serach'"):
        fleet.gather(accounts, "contacts", serach="Jan")
    assert fleet.gather({"unset": accounts["unset"]}, "contacts").error.tolist() == ["ConfigError"]


def test_a_fetcher_with_a_to_of_its_own_gets_it(clubs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sheep = clubs["north"].sheepcrm(cache_dir=tmp_path / "pages")
    window = {"from_": "2024-01-01", "to": "2024-02-01"}
    done = fleet.gather({"north": sheep}, "audit", **window)
    pd.testing.assert_frame_equal(done.frames["north"], sheep.audit(**window))
    assert done.receipt[0].params["to"]
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    assert fleet.gather({"north": sheep}, "audit", from_="2024-01-01", to=tmp_path / "set").ok.all()
    assert list(fleet.open("set")) == ["north"]


def test_after_ctrl_c_anywhere_the_threads_stop(clubs, tmp_path, monkeypatch):
    """Also where it reaches the bar, and the traceback stays alive, as the last one does in a notebook."""
    demo, seen = clubs["north"], len(clubs["north"].log)
    made = {name: demo.peepl(cache_dir=tmp_path / name, workers=1) for name in ("slow", "done")}
    made["done"] = clubs["empty"].peepl(cache_dir=tmp_path / "empty")

    def interrupted(outcomes, number, what):
        yield next(iter(outcomes))
        raise KeyboardInterrupt

    demo.set(latency=0.05)
    seen = len(demo.log)
    monkeypatch.setattr(gathering, "_shown", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            fleet.gather(made, "contacts")
        asked = len(demo.log) - seen
        time.sleep(0.3)
        assert len(demo.log) - seen == asked < 4
        assert caught.tb is not None
    finally:
        demo.set(latency=0)
