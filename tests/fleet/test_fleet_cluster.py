"""The same call on a Dask cluster of processes: the same result, no credential on the way, and a dead worker costs nobody anything."""

import os
import pickle
import signal
import threading
import time

import pandas as pd
import pytest

import crmkit
from crmkit import fleet
from crmkit.errors import ConfigError
from crmkit.fleet import gathering
from crmkit.fleet.jobs import Job, Outcome

distributed = pytest.importorskip("distributed")
KEY = "pa-4f9d81c27b"


@pytest.fixture(scope="module")
def cluster(clubs):
    """Two worker processes, which find NORTH's token in their environment."""
    os.environ["NORTH_PEEPL_TOKEN"] = clubs["north"].credentials["peepl"]["token"]
    try:
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as running:
            yield running
    finally:
        del os.environ["NORTH_PEEPL_TOKEN"]


@pytest.fixture
def dask(cluster):
    with distributed.Client(cluster) as client:
        yield client


def test_the_same_call_gives_the_same(dask, connected, clubs, tmp_path):
    connected["revoked"] = clubs["north"].peepl(token="wrong")
    here = fleet.gather(connected, "contacts", to=tmp_path / "here")
    there = fleet.gather(connected, "contacts", to=tmp_path / "there", client=dask)
    same = ["name", "ok", "records", "complete", "error", "message"]
    pd.testing.assert_frame_equal(here[same], there[same])
    for name, frame in here.frames.items():
        pd.testing.assert_frame_equal(there.frames[name], frame)
        assert there.frames[name].attrs["crmkit"]["account"] == connected[name].account
    brought = fleet.gather(connected, "contacts", client=dask)
    pd.testing.assert_frame_equal(brought.frames["north"], here.frames["north"])
    assert crmkit.receipt(brought.frames["north"]).complete


def test_the_token_is_read_on_the_worker_and_seen_nowhere_else(dask, cluster, clubs, tmp_path):
    demo = clubs["north"]
    token = demo.credentials["peepl"]["token"]
    words = {"base_url": demo.urls["peepl"], "cache_dir": tmp_path / "pages"}
    accounts = {name: fleet.Account("Peepl", prefix=name.upper(), **words) for name in ("north", "south")}
    done = fleet.gather(accounts, "contacts", to=tmp_path / "set", client=dask).set_index("name")
    assert done.ok.to_dict() == {"north": True, "south": False}
    assert "SOUTH_PEEPL_TOKEN" in done.message["south"]
    story = [str(cluster.scheduler.transition_log), str(dask.get_scheduler_logs()), str(dask.get_worker_logs())]
    assert "crmkit-fleet-north" in story[0]
    assert token not in "".join(story)
    job = Job("north", accounts["north"], "contacts", (), {"search": "Jan Peeters"}, {}, None)
    assert token.encode() not in pickle.dumps(job)
    assert repr(job) == "Job(name='north', what='contacts')"


def test_a_client_with_a_real_credential_does_not_travel(dask, connected, clubs, tmp_path):
    real = crmkit.Peepl(token=KEY, cache_dir=tmp_path / "pages")
    before = len(clubs["north"].log)
    with pytest.raises(ConfigError, match="credential of real would travel") as caught:
        fleet.gather({**connected, "real": real}, "contacts", client=dask)
    assert KEY not in str(caught.value)
    assert len(clubs["north"].log) == before


def test_offline_holds_on_the_workers(dask, connected):
    with crmkit.offline():
        assert set(fleet.gather(connected, "contacts", client=dask).error) == {"NotCached"}


def test_a_killed_worker_loses_nothing(dask, clubs, tmp_path):
    names = [f"club{number}" for number in range(6)]
    demo = clubs["north"]
    made = {name: demo.peepl(cache_dir=tmp_path / name, workers=1) for name in names}
    pages = crmkit.receipt(demo.peepl(cache_dir=tmp_path / "alone", workers=1).contacts()).pages
    victim = next(iter(dask.run(os.getpid).values()))
    before, under_way = len(demo.log), []

    def kill():
        while len(demo.log) < before + 2 * len(names):
            time.sleep(0.01)
        under_way.extend(tmp_path.glob("club*/peepl-*.sqlite"))
        os.kill(victim, signal.SIGKILL)

    demo.set(latency=0.15)
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        done = fleet.gather(made, "contacts", to=tmp_path / "set", client=dask)
    finally:
        killer.join()
        demo.set(latency=0)
    assert len(under_way) == len(names), "each worker has one thread, and all its accounts under way"
    assert victim not in dask.run(os.getpid).values()
    assert done.ok.all(), done.message.tolist()
    assert set(done.records) == {len(demo.peepl(cache_dir=tmp_path / "alone").contacts())}
    assert list(fleet.open(tmp_path / "set")) == names
    again = done.receipt.map(lambda proof: proof.cached_pages)
    assert again.sum() > 0, "some went on from the pages that the dead worker had kept"
    assert len(demo.log) - before <= len(names) * (pages + 1), "no page was asked twice but those under way"


def test_an_account_that_no_worker_survives_is_a_line_like_any_other(connected):
    class Future:
        def result(self):
            raise distributed.KilledWorker("key", "worker", 4)

    job = Job("north", None, "contacts", (), {}, {}, None)
    outcome = gathering._came(job, Future())
    assert isinstance(outcome, Outcome)
    assert (outcome.ok, outcome.error) == (False, "KilledWorker")
    assert "workers' logs" in outcome.message
