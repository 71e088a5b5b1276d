"""The cache: ages, generations, offline, samples, and the tools to look into it and to empty it."""

import json
import os
import sqlite3
import stat
import time
import zlib

import pytest

import crmkit
from crmkit import store
from crmkit.errors import ConfigError, NotCached, ServerError, ShapeError
from tests.guard.planted import stored


def calls_of(frame):
    return crmkit.receipt(frame).calls


def age(folder, seconds, which="1"):
    """Let the readings be begun so many seconds earlier."""
    for path in folder.glob("*.sqlite"):
        con = sqlite3.connect(path)
        con.execute(f"UPDATE walks SET started = started - ? WHERE {which}", (seconds,))
        con.commit()
        con.close()


def states(folder):
    (path,) = folder.glob("*.sqlite")
    con = sqlite3.connect(path)
    found = con.execute(
        "SELECT state, (SELECT COUNT(*) FROM responses r WHERE r.key LIKE w.walk || '.' || w.generation || '.%')"
        " FROM walks w ORDER BY started, generation"
    ).fetchall()
    con.close()
    return found


def renamed(server, name):
    for record in server.records:
        record["first_name"] = name


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777 - 0o700])
def test_files_are_for_their_owner_only(connect, folder, umask):
    before = os.umask(umask)
    try:
        connect(pace=((100, 1),)).contacts()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(modes) >= 5
    assert set(modes.values()) == {0o600}, modes


def test_a_folder_that_others_may_read_is_tightened(connect, folder):
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    connect().contacts()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused_and_left_alone(connect, folder):
    folder.mkdir()
    folder.chmod(0o777)
    os.chown(folder, 65534, 65534)
    with pytest.raises(ConfigError, match="not yours"):
        connect().contacts()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777


def test_what_is_stored_is_no_request_no_header_and_no_pickle(connect, folder):
    connect().contacts()
    crmkit.cache.close()
    (path,) = folder.glob("*.sqlite")
    con = sqlite3.connect(path)
    pages = [json.loads(zlib.decompress(value)) for (value,) in con.execute("SELECT value FROM responses")]
    tables = {name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    con.close()
    assert tables == {"responses", "typed", "walks"}
    assert {frozenset(page) for page in pages} == {frozenset({"at", "status", "type", "body"})}


# One walk, one age.


def test_a_refresh_that_breaks_off_never_mixes_with_the_old_reading(server, connect, folder, no_waiting):
    connect().contacts()
    renamed(server, "New")
    server.status = lambda number: 500 if number >= 11 else None
    with pytest.raises(ServerError):
        connect().contacts(refresh=True)
    assert states(folder) == [("done", 7), ("open", 3)]
    server.status = None
    frame = connect().contacts(refresh=True)
    assert set(frame["first_name"]) == {"New"}
    assert (calls_of(frame), crmkit.receipt(frame).cached_pages) == (4, 3)
    assert states(folder) == [("done", 7)]


def test_offline_after_a_broken_refresh_answers_with_the_whole_old_reading(server, connect, no_waiting):
    old = connect().contacts()
    renamed(server, "New")
    server.status = lambda number: 500 if number >= 11 else None
    with pytest.raises(ServerError):
        connect().contacts(refresh=True)
    with crmkit.offline():
        assert connect().contacts().equals(old)


def test_a_broken_off_walk_continues_within_its_age_and_starts_anew_after(server, connect, folder, no_waiting):
    server.status = lambda number: 500 if number >= 5 else None
    with pytest.raises(ServerError):
        connect().contacts()
    server.status = None
    age(folder, 3600)
    frame = connect(expire_after=1800).contacts()
    assert calls_of(frame) == 7
    assert states(folder) == [("done", 7)]


@pytest.mark.parametrize(
    ("expire_after", "later", "asked"), [(60, 59, 0), (60, 61, 7), (0, 0, 7), (None, 10**9, 0), (-1, 10**9, 0)]
)
def test_expire_after(connect, folder, expire_after, later, asked):
    connect(expire_after=expire_after).contacts()
    age(folder, later)
    assert calls_of(connect(expire_after=expire_after).contacts()) == asked


def test_the_default_age_is_a_day(connect, folder):
    connect().contacts()
    age(folder, 86_390)
    assert calls_of(connect().contacts()) == 0
    age(folder, 20)
    assert calls_of(connect().contacts()) == 7


def test_refresh_asks_again_and_replaces(server, connect):
    connect().contacts()
    renamed(server, "New")
    assert calls_of(connect().contacts()) == 0
    assert set(connect().contacts(refresh=True)["first_name"]) == {"New"}
    assert set(connect().contacts()["first_name"]) == {"New"}


def test_refresh_replaces_after_the_clock_was_set_back(server, connect, monkeypatch):
    connect().contacts()
    server.records[0]["first_name"] = "New"
    now = time.time()
    monkeypatch.setattr("crmkit.store.time.time", lambda: now - 7200)
    assert connect().contacts(refresh=True)["first_name"][0] == "New"
    assert connect().contacts()["first_name"][0] == "New"
    assert crmkit.cache.info()["pages"].tolist() == [7]


def test_a_sample_and_then_everything(connect):
    sample = connect().contacts(limit=15)
    assert (len(sample), crmkit.receipt(sample).limited) == (15, True)
    everything = connect().contacts()
    assert (len(everything), calls_of(everything)) == (60, 7 - calls_of(sample))
    again = connect().contacts(limit=15)
    assert (calls_of(again), len(again)) == (0, 15)
    assert calls_of(connect().contacts()) == 0


def test_a_fresh_sample_does_not_make_the_whole_list_be_asked_again(connect, folder):
    connect().contacts()
    for _ in range(3):
        assert calls_of(connect().contacts(limit=1, refresh=True)) == 1
    connect().check()
    assert calls_of(connect().contacts()) == 0
    assert [state for state in states(folder) if state[0] == "done"] == [("done", 7)]
    assert len([state for state in states(folder) if state[0] == "paused"]) <= 4  # one sample a list
    with crmkit.offline():
        assert len(connect().contacts()) == 60


def test_quotes_and_odd_letters_in_parameters_are_only_data(server, connect):
    odd = "O'Neil\"; DROP TABLE walks; -- \u0000\u2028é"
    connect().contacts_search(operator="AND", last_name=odd)
    frame = connect().contacts_search(operator="AND", last_name=odd)
    assert calls_of(frame) == 0
    assert calls_of(connect().contacts_search(operator="AND", last_name=odd + " ")) > 0
    assert set(crmkit.cache.info()["endpoint"]) == {"contacts_search"}


# Offline.


def test_offline_asks_nothing(server, connect, monkeypatch):
    connect().contacts()
    asked = len(server.calls)
    with crmkit.offline():
        assert calls_of(connect().contacts()) == 0
        assert calls_of(connect().contacts(refresh=True)) == 0
        with pytest.raises(NotCached, match="offline"):
            connect().groups()
        assert connect().contacts.plan().to_ask == 0
    monkeypatch.setenv("CRMKIT_OFFLINE", "1")
    with pytest.raises(NotCached):
        connect(workers=4).groups()
    assert len(connect().contacts()) == 60
    for off in ("0", "", "false", "No", "off"):
        monkeypatch.setenv("CRMKIT_OFFLINE", off)
        connect().contacts(refresh=True)
    assert len(server.calls) == asked + 5 * 7


def test_offline_with_an_old_reading(connect, folder, monkeypatch):
    connect().contacts()
    age(folder, 10**6)
    with crmkit.offline(), pytest.raises(NotCached, match="stale=True"):
        connect().contacts()
    with crmkit.offline(stale=True):
        assert len(connect().contacts()) == 60
    monkeypatch.setenv("CRMKIT_OFFLINE", "stale")
    assert len(connect().contacts()) == 60


def test_offline_with_half_a_list_is_an_error_and_keeps_the_half(server, connect, no_waiting):
    server.status = lambda number: 500 if number >= 5 else None
    with pytest.raises(ServerError):
        connect().contacts()
    server.status = None
    with crmkit.offline(), pytest.raises(NotCached):
        connect().contacts()
    assert calls_of(connect().contacts()) == 3


def test_offline_ends_with_its_block(connect):
    with pytest.raises(KeyError), crmkit.offline():
        raise KeyError
    assert len(connect().contacts()) == 60


# Looking into it and emptying it.


def test_path_follows_the_environment(tmp_path, monkeypatch):
    assert crmkit.cache.path == tmp_path / "cache"
    monkeypatch.setenv("CRMKIT_CACHE_DIR", "~/elsewhere")
    assert crmkit.cache.path.is_absolute()
    assert "~" not in str(crmkit.cache.path)
    monkeypatch.delenv("CRMKIT_CACHE_DIR")
    assert "crmkit" in str(crmkit.cache.path)


def test_info_tells_accounts_and_endpoints(server, connect):
    empty = crmkit.cache.info()
    begun = time.time()
    client = connect()
    client.contacts()
    client.contacts_search(operator="AND", city="Gent")
    found = crmkit.cache.info()
    assert list(found.columns) == ["account", "endpoint", "pages", "bytes", "oldest", "newest"]
    assert found.dtypes.equals(empty.dtypes)
    assert found.dtypes.astype(str).tolist() == [
        "string",
        "string",
        "Int64",
        "Int64",
        "datetime64[us, UTC]",
        "datetime64[us, UTC]",
    ]
    assert found["endpoint"].tolist() == ["contacts", "contacts_search"]
    assert set(found["account"]) == {client.account}
    assert found["pages"].tolist() == [7, 7]
    assert (found["bytes"] > 100).all()
    assert (found["oldest"].astype("int64") / 1e6 >= begun - 1).all()
    assert (found["oldest"] <= found["newest"]).all()


def test_a_folder_of_its_own_is_seen_by_info_and_clear(connect, tmp_path):
    connect(cache_dir=tmp_path / "mine").contacts()
    assert crmkit.cache.info()["pages"].tolist() == [7]
    assert crmkit.cache.clear() == 7


def test_clear_empties_one_system_or_all(connect, folder):
    connect().contacts()
    assert crmkit.cache.clear("beeple") == 0
    assert crmkit.cache.clear("Peepl") == 7
    assert crmkit.cache.info().empty
    assert calls_of(connect().contacts()) == 7
    assert crmkit.cache.clear() == 7
    assert crmkit.cache.clear() == 0


def test_files_of_others_in_the_folder_are_left_alone(connect, folder):
    connect().contacts()
    for name in ("mine.sqlite", "http_cache.sqlite"):
        con = sqlite3.connect(folder / name)
        con.execute("CREATE TABLE responses (key TEXT, value BLOB)")
        con.execute("INSERT INTO responses VALUES ('a', 'b')")
        con.commit()
        con.close()
    (folder / "text.sqlite").write_text("not a database")
    assert len(crmkit.cache.info()) == 1
    assert crmkit.cache.clear() == 7
    con = sqlite3.connect(folder / "mine.sqlite")
    assert con.execute("SELECT COUNT(*) FROM responses").fetchone() == (1,)
    con.close()
    assert (folder / "text.sqlite").read_text() == "not a database"


@pytest.mark.parametrize(
    ("held", "asked_for"),
    [
        ("Élodie", "élodie"),
        ("Élodie", "E\u0301LODIE"),
        ('Jan "Jef" Peeters', 'jan "jef"'),
        ("Zoë\\Müller", "zoë\\m"),
        ("jan@example.org", "JAN@EXAMPLE"),
    ],
)
def test_about_and_forget_find_a_person_whatever_the_spelling(server, connect, held, asked_for):
    server.records[33]["last_name"] = held
    client = connect()
    client.contacts()
    server.answer("/groups/", [])
    client.groups()
    found = crmkit.cache.about(asked_for)
    assert found.dtypes.astype(str).tolist() == ["string", "string", "datetime64[us, UTC]", "Int64"]
    assert found["endpoint"].tolist() == ["contacts"]
    assert found["account"].tolist() == [client.account]
    assert crmkit.cache.forget(asked_for) == 1
    assert crmkit.cache.about(asked_for).empty
    assert crmkit.cache.info()["endpoint"].tolist() == ["groups"]
    assert calls_of(connect().contacts()) == 7


def test_forget_leaves_no_byte_behind(server, connect, folder):
    """Random text does not compress, so its bytes stand in the file nearly as they are."""
    server.answer("/contacts/7/", {"id": 7, "first_name": "Erasable", "title": os.urandom(600).hex()})
    server.answer("/contacts/8/", {"id": 8, "first_name": "Other"})
    connect().contact([7, 8])
    packed = [data for name, data in stored(folder) if name.endswith("responses") and data.startswith(b"x\x9c")]
    (packed,) = [data for data in packed if b"Erasable" in zlib.decompress(data)]
    piece = packed[200:260]
    assert any(piece in path.read_bytes() for path in folder.iterdir())
    assert crmkit.cache.forget("Erasable") == 1
    assert not any(piece in path.read_bytes() for path in folder.iterdir())
    assert calls_of(connect().contact([7, 8])) == 1


def test_about_nobody_is_refused():
    for text in ("", "  ", "\n"):
        with pytest.raises(ConfigError):
            crmkit.cache.about(text)


def test_what_was_forgotten_during_a_fetch_does_not_come_back(server, connect, folder):
    """A page that arrives after its reading was forgotten is used, but not kept."""
    client = connect()
    partition = client._cache
    generation = partition.begin("f" * 16, "contacts", refresh=False, fresh_for=None, offline=False)
    assert crmkit.cache.clear() == 0
    bound = client.contacts.bind()
    answer = client._transport.send(bound.calls[0][0], generation, "page")
    assert len(answer.body["results"]) == 10
    crmkit.cache.close()
    (path,) = folder.glob("*.sqlite")
    con = sqlite3.connect(path)
    assert con.execute("SELECT COUNT(*) FROM responses").fetchone() == (0,)
    con.close()


def test_a_file_answer_goes_into_the_cache_and_comes_back_byte_by_byte():
    class Response:
        status_code, headers, content = 200, {"Content-Type": "image/png"}, bytes(range(256))
        crmkit_at, crmkit_json = 1718445600.0, False

    page = store.unpacked(store.packed(Response))
    assert (page["body"], page["type"], page["status"], page["at"]) == (bytes(range(256)), "image/png", 200, 1718445600.0)


@pytest.mark.parametrize(
    "damage", [b"", b"x", b"\x00" * 50, zlib.compress(b"[1"), zlib.compress(b'{"encoding":"base64","body":"%%"}x')]
)
def test_a_damaged_page_is_a_named_error(damage):
    with pytest.raises(ShapeError, match="damaged"):
        store.unpacked(damage)
