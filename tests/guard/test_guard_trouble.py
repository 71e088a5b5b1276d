"""Trouble on the disk costs cached pages and a warning, never a fetch; threads, processes and forks share one file."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

import crmkit
from crmkit.errors import ShapeError
from crmkit.private import CacheWarning
from tests.faults import FaultServer
from tests.guard.planted import TOKEN

FETCH = """
import sys, crmkit
client = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=None, workers=int(sys.argv[3]), progress=False)
frame = client.contacts()
print(len(frame), crmkit.receipt(frame).calls)
"""


def fetching(server, workers=1):
    """A process that fetches the contacts and prints the number of records and of calls."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", FETCH, TOKEN, server.url, str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def result(process):
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return tuple(int(number) for number in out.split())


@pytest.mark.parametrize("workers", [1, 4])
def test_a_killed_fetch_goes_on_where_it_was(server, connect, workers):
    server.latency = 0.06
    process = fetching(server, workers)
    deadline = time.monotonic() + 30
    while len(server.calls) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.communicate()
    server.latency = 0
    before = len(server.calls)
    assert 5 <= before < 7 + workers
    time.sleep(0.1)
    with sqlite3.connect(next(crmkit.cache.path.glob("*.sqlite"))) as con:
        kept = con.execute("SELECT COUNT(*) FROM responses").fetchone()[0]
    con.close()
    frame = connect(workers=workers).contacts()
    assert len(server.calls) - before <= 7 - kept + 1
    assert kept >= before - workers - 1  # the one on its way to the file when the next call leaves
    assert crmkit.receipt(frame).cached_pages == kept
    server.reset()
    assert frame.equals(connect(cache_dir=crmkit.cache.path.parent / "clean").contacts())


def test_three_processes_on_one_file(server, connect):
    server.latency = 0.01
    processes = [fetching(server, workers=2) for _ in range(3)]
    assert [result(process)[0] for process in processes] == [60, 60, 60]
    assert crmkit.receipt(connect().contacts()).calls == 0
    assert crmkit.cache.info()["pages"].tolist() == [7]


def test_eight_threads_on_one_client_and_on_eight(server, connect):
    one = connect(workers=4)
    numbers = list(range(1, 9))
    for number in numbers:
        server.answer(f"/contacts/{number}/", {"id": number, "first_name": f"Person {number}"})

    def fetch(number):
        client = one if number % 2 else connect()
        return (
            client.contact(number)["first_name"][0],
            len(client.contacts(refresh=number > 6)),
            len(crmkit.cache.info()) > 0,
            client.contact(number)["first_name"][0],
        )

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(fetch, numbers))
    assert found == [(f"Person {number}", 60, True, f"Person {number}") for number in numbers]


def test_clearing_while_others_fetch(server, connect):
    server.latency = 0.005
    stop = threading.Event()

    def clear():
        while not stop.is_set():
            crmkit.cache.clear()
            crmkit.cache.about("Peeters")

    clearing = threading.Thread(target=clear)
    clearing.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            frames = list(pool.map(lambda _: connect().contacts(), range(4)))
    finally:
        stop.set()
        clearing.join()
    assert [len(frame) for frame in frames] == [60] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_opens_its_own_file_and_connections(server, connect):
    client = connect(pace=((100, 1),))
    client.contacts()
    children = []
    for number in range(3):
        server.answer(f"/contacts/{number}/", {"id": number, "first_name": f"Person {number}"})
        child = os.fork()
        if child == 0:
            ok = False
            try:
                ok = client.contact(number)["first_name"][0] == f"Person {number}" and len(client.contacts()) == 60
            finally:
                os._exit(0 if ok else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    server.answer("/contacts/9/", {"id": 9, "first_name": "Person 9"})
    assert client.contact(9)["first_name"][0] == "Person 9"
    assert set(crmkit.cache.info()["pages"]) == {4, 7}


# A broken file.


def broken(folder, how):
    (path,) = folder.glob("*.sqlite")
    if how == "text":
        path.write_text("this is no database, and long enough to be taken for one" * 100)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        data = bytearray(path.read_bytes())
        data[4096 : len(data) - 100] = os.urandom(len(data) - 4196)
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("how", ["text", "cut", "scribbled"])
@pytest.mark.parametrize("journal", [False, True])
def test_a_broken_file_is_set_aside_with_a_warning(server, connect, folder, how, journal):
    connect().contacts()
    crmkit.cache.close()
    path = broken(folder, how)
    if journal:
        path.with_name(path.name + "-wal").write_bytes(os.urandom(5000))
    with pytest.warns(CacheWarning, match="set aside"):
        frame = connect().contacts()
    assert len(frame) == 60
    assert crmkit.receipt(frame).calls == 7
    assert crmkit.receipt(connect().contacts()).calls == 0
    assert list(folder.glob("*.broken-*"))
    crmkit.cache.clear()
    assert not list(folder.glob("*.broken-*"))


def test_a_broken_file_does_not_stop_an_import_or_info(connect, folder):
    connect().contacts()
    crmkit.cache.close()
    broken(folder, "text")
    with pytest.warns(CacheWarning, match="set aside"):
        assert crmkit.cache.info().empty
    assert list(folder.glob("*.broken-*"))
    assert crmkit.cache.forget("nobody at all") == 0
    assert not list(folder.glob("*.broken-*"))


def test_a_file_that_breaks_while_it_is_open(connect, folder):
    client = connect()
    client.contacts()
    client._cache.vacuum()
    broken(folder, "text")
    crmkit.cache.close()
    with pytest.warns(CacheWarning, match="set aside"):
        assert len(client.contacts(refresh=True)) == 60


def test_a_folder_deleted_under_a_running_client(connect, folder):
    client = connect(pace=((100, 1),))
    client.contacts()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert crmkit.receipt(client.contacts()).records == 60
    assert crmkit.receipt(client.contacts(refresh=True)).records == 60


def test_a_damaged_page_is_asked_again(connect, folder):
    client = connect()
    client.contacts()
    with client._cache.responses.connection(commit=True) as con:
        con.execute("UPDATE responses SET value = ? WHERE rowid = 4", (b"x\x9cgarbage",))
    assert len(crmkit.cache.about("nobody at all")) == 1  # cannot be read, so it may hold anything
    with pytest.raises(ShapeError, match="damaged"):
        client.contacts()
    assert len(client.contacts()) == 60


# No room, no right.


def test_a_full_disk_costs_only_the_cache(server, connect, monkeypatch):
    client = connect()
    client.contacts(limit=5)
    with client._cache.responses.connection() as con:
        con.execute("PRAGMA max_page_count = 1")
    with pytest.warns(CacheWarning, match="could not be used"):
        assert len(client.contacts()) == 60
    with pytest.warns(CacheWarning, match="could not be used"):
        assert len(client.contacts(refresh=True)) == 60


def test_a_locked_file_costs_only_the_cache(server, connect, monkeypatch):
    monkeypatch.setattr("crmkit.store.BUSY_MS", 50)
    client = connect()
    client.contacts()
    with sqlite3.connect(client._cache.path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(CacheWarning, match="could not be used"):
            assert len(client.contacts(refresh=True)) == 60
    other.close()
    assert not list(crmkit.cache.path.glob("*.broken-*"))


@pytest.mark.parametrize("place", ["file/below", "file"])
def test_a_folder_that_cannot_be_made_is_replaced_with_a_warning(server, tmp_path, connect, place):
    (tmp_path / "file").write_text("in the way")
    client = connect(cache_dir=tmp_path / place, pace=((100, 1),))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert len(client.contacts()) == 60
    assert {one.category for one in told} == {CacheWarning}
    assert any("in memory" in str(one.message) for one in told)
    assert crmkit.receipt(client.contacts()).calls == 0


AS_NOBODY = """
import os, sys
sys.path[:0] = [{root!r}]
import crmkit
crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=((100, 1),), cache_dir={elsewhere!r}).contacts()  # loads every module
os.setgid(65534); os.setuid(65534)
import warnings
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    client = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=((100, 1),), workers=1, progress=False)
    print(len(client.contacts()), crmkit.receipt(client.contacts()).calls)
assert {{one.category.__name__ for one in told}} == {{"CacheWarning"}}, [str(one.message) for one in told]
assert any("in memory" in str(one.message) for one in told)
assert client._cache.in_memory
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="root may write anywhere, and must step down first")
@pytest.mark.parametrize("salted", [False, True])
def test_a_read_only_folder_gives_a_warning_and_still_a_frame(server, connect, folder, salted, pytestconfig):
    folder.mkdir()
    if salted:
        crmkit.cache.salt(folder)
        os.chown(folder / "salt", 65534, 65534)
    os.chown(folder, 65534, 65534)
    folder.chmod(0o500)
    for above in list(folder.parents)[:-2]:
        above.chmod(above.stat().st_mode | 0o055)
    code = AS_NOBODY.format(root=str(pytestconfig.rootpath), folder=folder, elsewhere=str(folder) + "-of-root")
    done = subprocess.run([sys.executable, "-c", code, TOKEN, server.url], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "60 0\n"), done.stderr
    assert {path.name for path in folder.iterdir()} <= {"salt"}


def test_a_damaged_salt_is_made_anew(connect, folder, no_waiting):
    connect().contacts()
    crmkit.cache.close()
    (folder / "salt").write_bytes(b"short")
    with pytest.warns(CacheWarning, match="salt"):
        frame = connect().contacts()
    assert crmkit.receipt(frame).calls == 7
    assert crmkit.receipt(connect().contacts()).calls == 0


def test_the_warnings_name_no_data(server, connect, recwarn):
    client = connect()
    with client._cache.responses.connection() as con:
        con.execute("PRAGMA max_page_count = 1")
    with pytest.warns(CacheWarning) as told:
        client.contacts()
    assert not any(TOKEN in str(one.message) or "Peeters" in str(one.message) for one in told)


def test_two_servers_share_one_folder(connect, server):
    connect().contacts()
    with FaultServer(records=12, token=TOKEN) as other:
        assert len(connect(base_url=other.url).contacts()) == 12
    assert len(connect().contacts()) == 60
