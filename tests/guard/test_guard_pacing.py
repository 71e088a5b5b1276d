"""The rate budget: never more calls than allowed in any window, whoever asks."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit.errors import ConfigError, NotFound
from crmkit.pacing import Budget, Pacer, budgets, minutes, rates
from crmkit.private import CacheWarning
from tests.faults import most_in_window
from tests.guard.planted import TOKEN

FETCH = """
import sys, crmkit
client = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=((10, 2),), workers=4, progress=False)
print(len(client.contact(range(int(sys.argv[3]), int(sys.argv[3]) + 13))))
"""


def test_two_processes_share_one_budget(server):
    for number in range(30):
        server.answer(f"/contacts/{number}/", {"id": number})
    processes = [
        subprocess.Popen([sys.executable, "-c", FETCH, TOKEN, server.url, str(start)], stdout=subprocess.PIPE, text=True)
        for start in (0, 13)
    ]
    assert [int(process.communicate(timeout=60)[0]) for process in processes] == [13, 13]
    assert len(server.calls) == 26
    assert server.max_in_window(2.0) <= 10
    took = server.calls[-1].at - server.calls[0].at
    assert 4 <= took < 8


def test_threads_of_one_client_keep_to_two_budgets(server, connect):
    client = connect(pace=((4, 0.3), (10, 1)), workers=4)
    client.contacts()
    client.contacts(refresh=True)
    assert server.max_in_window(0.3) <= 4
    assert server.max_in_window(1.0) <= 10
    assert len(server.calls) == 14


def test_an_error_in_one_fetch_ends_no_wait_of_another(connect):
    client = connect(pace=((4, 0.3),), workers=2)
    with ThreadPoolExecutor(2) as pool:
        contacts = pool.submit(client.contacts)
        for _ in range(4):
            with pytest.raises(NotFound):
                client.contact(1)
        assert len(contacts.result(20)) == 60


def test_retries_are_paced_too(server, connect, monkeypatch):
    monkeypatch.setattr("crmkit.transport.QUICK", (0.0,) * 5)
    server.status = dict.fromkeys((2, 3, 4, 6), 500)
    connect(pace=((3, 0.3),)).contacts()
    assert len(server.calls) == 11
    assert server.max_in_window(0.3) <= 3


def test_hits_are_free(connect):
    client = connect(pace=((7, 60),))
    client.contacts()
    begun = time.monotonic()
    for _ in range(5):
        client.contacts()
    assert time.monotonic() - begun < 2


def test_without_a_pace_there_is_no_file(connect, folder):
    connect(pace=None).contacts()
    assert not list(folder.glob("*.pace*"))
    connect(pace=((100, 1),)).contacts(refresh=True)
    assert list(folder.glob("*.pace*"))


def test_the_pace_file_stays_small(folder, monkeypatch):
    folder.mkdir()
    pacer = Pacer((Budget(1000, 1),), folder, "small")
    now = time.time_ns()
    for hour in range(4):
        monkeypatch.setattr(time, "time_ns", lambda hour=hour: now + hour * 3_600 * 10**9)
        for _ in range(50):
            pacer.wait()
    assert pacer._bucket.count() <= 150
    pacer.close()


def test_a_clock_that_was_set_back_does_not_stop_everything(folder, monkeypatch):
    folder.mkdir()
    pacer = Pacer((Budget(2, 0.1),), folder, "clock")
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 3_600 * 10**9)
    pacer.wait()
    pacer.wait()
    monkeypatch.setattr(time, "time_ns", real)
    begun = time.monotonic()
    for _ in range(3):
        pacer.wait()
    assert time.monotonic() - begun < 2
    pacer.close()


def test_a_broken_pace_file_is_replaced(connect, folder):
    client = connect(pace=((100, 1),))
    client.contacts()
    client._transport.pacer.close()
    for path in folder.glob("*.pace"):
        path.write_text("no database" * 500)
    frame = connect(pace=((100, 1),)).contacts(refresh=True)
    assert len(frame) == 60
    (path,) = folder.glob("*.pace")
    con = sqlite3.connect(path)
    assert con.execute("SELECT COUNT(*) FROM calls").fetchone() == (7,)
    con.close()


def test_a_pace_file_that_cannot_be_written_leaves_this_process_to_itself(server, connect, folder):
    client = connect(pace=((4, 0.3),))
    (folder / f"{client.account}.pace").mkdir()
    with pytest.warns(CacheWarning, match="cannot be counted"):
        assert len(client.contacts()) == 60
    assert server.max_in_window(0.3) <= 4


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize("workers", [1, 4])
def test_ctrl_c_ends_a_wait_and_keeps_the_pages(server, connect, workers):
    code = FETCH.replace("(10, 2)", "(4, 600)").replace("workers=4", f"workers={workers}")
    code = code.replace("client.contact(range(int(sys.argv[3]), int(sys.argv[3]) + 13))", "client.contacts()")
    # A background job ignores Ctrl-C, and its children inherit that.
    code = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n" + code
    process = subprocess.Popen([sys.executable, "-c", code, TOKEN, server.url], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while len(server.calls) < 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.3)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert time.monotonic() - begun < 5
    assert "KeyboardInterrupt" in err
    frame = connect().contacts()
    assert crmkit.receipt(frame).cached_pages == 4


def test_a_wait_tells_how_long_and_can_be_ended(folder):
    folder.mkdir()
    pacer = Pacer((Budget(1, 600),), folder, "told")
    told = []

    def waiting(seconds):
        told.append(seconds)
        if len(told) == 3:
            raise KeyboardInterrupt

    pacer.wait(waiting)
    with pytest.raises(KeyboardInterrupt):
        pacer.wait(waiting)
    assert 590 < told[0] <= 610
    assert told[0] > told[1] > told[2]
    pacer.close()


def test_a_wait_in_one_thread_does_not_hold_up_another_account(folder):
    folder.mkdir()
    full, free = Pacer((Budget(1, 600),), folder, "full"), Pacer((Budget(1, 600),), folder, "free")
    full.wait()
    begun, stop = threading.Event(), threading.Event()

    def waiting(seconds):
        begun.set()
        if stop.is_set():
            raise InterruptedError

    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(full.wait, waiting)
        assert begun.wait(5)
        free.wait()
        assert not waits.done()
        stop.set()
        assert isinstance(waits.exception(5), InterruptedError)
    full.close()
    free.close()


def test_what_pace_means():
    vendor = (Budget(100, 60),)
    assert budgets("vendor", vendor) == vendor
    assert budgets(None, vendor) == ()
    assert budgets((10, 2), vendor) == budgets([(10, 2)], vendor) == (Budget(10, 2),)
    assert budgets(((10, 2), (100, 60)), vendor) == (Budget(10, 2), Budget(100, 60))
    for wrong in (
        "fast",
        5,
        (),
        [],
        ((0, 1),),
        ((1, 0),),
        ((1, -1),),
        ((1,),),
        (("a", 1),),
        ((1, float("inf")),),
        ((1, float("nan")),),
    ):
        with pytest.raises(ConfigError):
            budgets(wrong, vendor)


def test_minutes():
    assert minutes(100, (Budget(100, 60),)) == 0
    assert minutes(101, (Budget(100, 60),)) == 1
    assert minutes(1000, ()) == 0
    assert minutes(0, (Budget(1, 1),)) == 0


def test_pairs_that_others_imply_are_dropped():
    def calls(*pairs):
        return [rate.limit for rate in rates([Budget(*pair) for pair in pairs])]

    assert calls((100, 60), (20_000, 3600)) == [100]
    assert calls((10, 2), (5, 60)) == [5]
    assert calls((40, 1), (400, 60), (1000, 3600)) == [40, 400, 1000]
    assert calls((3, 62), (4, 78)) == [3]
    assert calls((5, 1), (7, 1)) == [5]


@settings(max_examples=300)
@given(st.lists(st.builds(Budget, st.integers(1, 200), st.floats(0.1, 5000)), min_size=1, max_size=5))
def test_any_pairs_become_rates_that_keep_all_of_them(limits):
    from pyrate_limiter.utils import validate_rate_list

    found = rates(limits)
    assert validate_rate_list(found)
    # As many calls as the rates let through, as early as they do:
    times = []
    now = 0.0
    while len(times) < 250:
        waits = [times[-rate.limit] + rate.interval / 1000 for rate in found if len(times) >= rate.limit]
        now = max([now, *waits])
        times.append(now)
    assert all(most_in_window(times, limit.seconds) <= limit.calls for limit in limits)
