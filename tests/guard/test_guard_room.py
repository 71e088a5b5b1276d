"""The cache keeps below its size: the least recently used readings go, whole, and never one that is being made."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress

import pytest

import crmkit
from crmkit import room
from crmkit.errors import ConfigError
from crmkit.private import CacheWarning
from tests.guard.planted import TOKEN


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setenv("CRMKIT_CACHE_MAX_BYTES", "200000")


def large(server, number, size=30_000):
    """A contact whose answer does not compress."""
    server.answer(f"/contacts/{number}/", {"id": number, "first_name": f"Person {number}", "title": os.urandom(size // 2).hex()})


def kept(client, numbers):
    with crmkit.offline():
        return [number for number in numbers if answered(client, number)]


def answered(client, number):
    try:
        return len(client.contact(number)) == 1
    except crmkit.errors.NotCached:
        return False


def test_the_least_recently_used_go(server, connect, folder, small, monkeypatch):
    client = connect()
    clock = iter(range(1, 1000))
    monkeypatch.setattr("crmkit.store.time.time", lambda: float(2**31 + next(clock)))
    for number in range(1, 6):
        large(server, number, 40_000)
        client.contact(number)
    client.contact(1)  # used again, so 2 is the oldest now
    for number in range(6, 10):
        large(server, number, 40_000)
        client.contact(number)
    left = kept(client, range(1, 10))
    assert left[-1] == 9
    assert 1 in left
    assert 2 not in left
    assert 3 <= len(left) < 9
    assert room.size(folder) <= 240_000


def test_the_size_is_of_all_accounts_together(server, connect, folder, small):
    first, second = connect(), connect("the-token-of-somebody-else")
    for number in range(1, 6):
        large(server, number)
        first.contact(number)
    for number in range(6, 18):
        large(server, number)
        second.contact(number)
    assert kept(first, range(1, 6)) == []
    assert kept(second, range(6, 18))[-1] == 17
    assert room.size(folder) <= 220_000


def test_the_bytes_of_what_went_are_gone_from_the_disk(server, connect, folder, small):
    client = connect()
    for number in range(1, 13):
        large(server, number)
        client.contact(number)
    assert sum(path.stat().st_size for path in folder.glob("*.sqlite*")) < 300_000


def test_a_list_larger_than_the_cache_is_whole_and_not_kept(connect, monkeypatch):
    monkeypatch.setenv("CRMKIT_CACHE_MAX_BYTES", "100")
    with pytest.warns(CacheWarning, match="larger than the whole cache"):
        frame = connect().contacts()
    assert crmkit.receipt(frame).complete
    assert crmkit.cache.info().empty


def test_a_reading_under_way_stays(server, connect, small, no_waiting):
    """Four pages of a list that broke off are still there after others made room."""
    client = connect()
    server.status = lambda number: 500 if number >= 5 else None
    with pytest.raises(crmkit.errors.ServerError):
        client.contacts()
    server.status = None
    for number in range(1, 15):
        large(server, number)
        client.contact(number)
    assert crmkit.receipt(client.contacts()).cached_pages == 4


def test_a_reading_that_was_given_up_goes_like_others(server, connect, folder, small, no_waiting):
    client = connect()
    server.status = lambda number: 500 if number >= 5 else None
    with pytest.raises(crmkit.errors.ServerError):
        client.contacts()
    server.status = None
    with client._cache.responses.connection(commit=True) as con:
        con.execute("UPDATE walks SET used = used - ?", (room.IN_USE + 60,))
    for number in range(1, 15):
        large(server, number)
        client.contact(number)
    assert crmkit.receipt(client.contacts()).cached_pages == 0


@pytest.mark.parametrize(
    ("text", "size"), [("", 2 * 1024**3), ("1000", 1000), ("10K", 10_240), ("1.5G", None), ("2 GiB", 2**31), ("500mb", 500 * 2**20), ("0", None), ("lots", None)]
)
def test_the_size_from_the_environment(connect, monkeypatch, text, size):
    monkeypatch.setenv("CRMKIT_CACHE_MAX_BYTES", text)
    if text in ("lots", "1.5G"):
        with pytest.raises(ConfigError, match="CRMKIT_CACHE_MAX_BYTES"):
            connect().contacts()
    else:
        assert room.allowed() == size


CHURN = """
import sys, time, warnings, crmkit
warnings.simplefilter("ignore", crmkit.private.CacheWarning)
client = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=None, workers=2, progress=False)
until, rounds = time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < until:
    frame = client.contacts_search(operator="AND", last_name=str(rounds % 7)) if sys.argv[4] == "lists" else client.contact(1 + rounds % 20)
    assert len(frame) == (60 if sys.argv[4] == "lists" else 1)
    rounds += 1
print(rounds)
"""


def test_two_processes_make_room_for_each_other(server, connect, folder, small):
    """One reads lists, one large records; every frame is whole, and no list that counts as done has lost a page."""
    for number in range(1, 21):
        large(server, number)
    lists, records = (
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", "import crmkit.private\n" + CHURN, token, server.url, "3", what],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for token, what in ((TOKEN, "lists"), ("the-token-of-somebody-else", "records"))
    )
    halves = []
    while lists.poll() is None:
        halves += half_lists(folder)
        time.sleep(0.05)
    for process in (lists, records):
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert int(out) > 3
    assert halves == []
    assert room.size(folder) <= 300_000
    assert not list(folder.glob("*.broken-*"))


def half_lists(folder):
    """Lists that count as done and hold fewer pages than they had."""
    found = []
    for path in room.files(folder):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10) as con:
            query = f"SELECT w.walk, COUNT(r.key) FROM walks w LEFT JOIN responses r ON {room.PAGES_OF} WHERE w.endpoint='contacts_search' AND w.state='done' GROUP BY w.walk, w.generation"
            with suppress(sqlite3.OperationalError):  # made a moment ago, without tables yet
                found += [line for line in con.execute(query) if line[1] != 7]
        con.close()
    return found
