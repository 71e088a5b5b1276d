"""The typed columns of a finished reading: exactly what its pages give, and gone with the first of them that goes."""

import os
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit
from crmkit import columns, endpoint, typed
from crmkit.clean.write_stale import drop_stale
from crmkit.errors import IncompleteFetch
from crmkit.frames import Builder
from crmkit.store import Partition
from tests.guard.planted import TOKEN


@pytest.fixture(autouse=True)
def of_any_length(monkeypatch):
    """Short lists keep theirs too."""
    monkeypatch.setattr(typed, "LONG", 0)


def kept(folder):
    """How many pieces lie there."""
    return len(pieces_in(folder))


def pieces_in(folder):
    found = []
    for path in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as con:
            found += [value for (value,) in con.execute("SELECT value FROM typed")]
    return found


def changed(folder, line, *values):
    for path in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(path)) as con, con:
            con.execute(line, values)


def no_page(monkeypatch):
    """From now on no page can be read."""
    monkeypatch.setattr("crmkit.fetch.unpacked", lambda packed: pytest.fail("a page was read"))


def test_the_third_frame_is_the_second_one_and_reads_no_page(connect, folder, monkeypatch):
    first = connect().contacts()
    assert not kept(folder)
    second = connect().contacts()
    assert kept(folder) == 1 + len(second.columns)
    no_page(monkeypatch)
    third = connect().contacts()
    pd.testing.assert_frame_equal(first, third)
    assert crmkit.receipt(second) == crmkit.receipt(third)
    assert (crmkit.receipt(third).calls, crmkit.receipt(third).cached_pages) == (0, 7)


def test_after_many_calls_the_second_frame_reads_no_page(server, connect, folder, monkeypatch):
    """The columns are kept at the end of the fetch, and tell what the pages would have told."""
    server.records[3]["shoe_size"] = 42
    server.records[4]["age"] = "very old"
    monkeypatch.setattr(typed, "MANY_CALLS", 7)
    first = connect().contacts()
    assert crmkit.receipt(first).calls == 7
    with monkeypatch.context() as patch:
        no_page(patch)
        second = connect().contacts()
    changed(folder, "DELETE FROM typed")
    third = connect().contacts()
    for frame in (second, third):
        pd.testing.assert_frame_equal(first, frame)
    assert crmkit.receipt(second) == crmkit.receipt(third)
    assert (crmkit.receipt(second).calls, crmkit.receipt(second).cached_pages) == (0, 7)


@pytest.mark.parametrize(("calls", "again"), [(8, False), (7, True)], ids=["fewer calls", "a record came twice"])
def test_at_the_end_of_other_fetches_nothing_is_kept(server, connect, folder, monkeypatch, calls, again):
    monkeypatch.setattr(typed, "MANY_CALLS", calls)
    if again:
        server.records[-1] = dict(server.records[0])
    connect().contacts()
    assert not kept(folder)


@pytest.mark.filterwarnings("ignore::crmkit.private.CacheWarning")
def test_columns_of_pages_that_could_not_be_stored_are_not_kept(connect, folder, monkeypatch):
    monkeypatch.setattr(typed, "MANY_CALLS", 7)
    store, left = Partition.keep, iter([True, True, False])
    monkeypatch.setattr(Partition, "keep", lambda self, *page: store(self, *page) if next(left, True) else None)
    first = connect().contacts()
    assert not kept(folder)
    second = connect().contacts()
    pd.testing.assert_frame_equal(first, second)
    assert crmkit.receipt(second).calls == 1


def test_short_lists_keep_nothing(connect, folder, monkeypatch):
    monkeypatch.setattr(typed, "LONG", 61)
    for _ in range(3):
        assert len(connect().contacts()) == 60
    assert not kept(folder)


def test_the_receipt_tells_what_the_pages_told(server, connect, monkeypatch):
    server.records[3]["shoe_size"] = 42
    server.records[4]["age"] = "very old"
    server.records.append(dict(server.records[0]))
    client = connect()
    frames = [client.contacts() for _ in range(2)]
    no_page(monkeypatch)
    proof = crmkit.receipt(client.contacts())
    assert proof == crmkit.receipt(frames[1])
    assert (proof.unknown_fields, dict(proof.rejected_values)) == (("shoe_size",), {"age": 1})


def test_a_frame_can_be_written_to_and_the_next_one_is_as_before(connect):
    client = connect()
    first, _, mine = [client.contacts() for _ in range(3)]
    for name in mine:
        mine.loc[0, name] = mine.loc[1, name] if mine[name].dtype != object else None
    mine["age"].to_numpy("int64", na_value=0)[:] = 7
    mine["custom_fields"].dropna().map(lambda fields: fields.clear())
    pd.testing.assert_frame_equal(client.contacts(), first)


GOING = {
    "forget": lambda client: crmkit.cache.forget("Erasable"),
    "clear": lambda client: crmkit.cache.clear(),
    "clear of a system": lambda client: crmkit.cache.clear("peepl"),
    "changed records": lambda client: drop_stale(client, {"contact"}, {"3"}),
    "a page alone": lambda client: client._cache.run(lambda con: con.execute("DELETE FROM responses WHERE rowid=2"), write=True),
    "refresh": lambda client: client.contacts(refresh=True),
    "room": lambda client: roomless(client),
}


def roomless(client):
    os.environ["CRMKIT_CACHE_MAX_BYTES"] = "1"
    try:
        client._cache._keep_small(client._cache.begin("f" * 16, "x", refresh=False, fresh_for=None, offline=False))
    finally:
        del os.environ["CRMKIT_CACHE_MAX_BYTES"]


@pytest.mark.filterwarnings("ignore::crmkit.private.CacheWarning")
@pytest.mark.parametrize("goes", GOING)
def test_they_go_with_the_pages_and_leave_no_byte(server, connect, folder, goes):
    """Random text does not compress, so its bytes stand in the file nearly as they are."""
    server.records[2] |= {"first_name": "Erasable", "birth_place": os.urandom(3000).hex()}
    client = connect()
    client.contacts(), client.contacts()
    pieces = [data[300:360] for data in pieces_in(folder) if len(data) > 3000]
    assert pieces
    assert any(pieces[0] in path.read_bytes() for path in folder.iterdir())
    server.records[2] |= {"first_name": "Other", "birth_place": "Elsewhere"}
    GOING[goes](client)
    assert not kept(folder)
    crmkit.cache.forget("nobody at all"), [file.vacuum() for _, file in crmkit.cache._partitions()]
    assert not any(piece in path.read_bytes() for path in folder.iterdir() for piece in pieces)
    assert "Erasable" not in set(client.contacts()["first_name"]) or goes in ("room", "a page alone")


def test_they_go_with_a_page_that_is_written_over(connect, folder):
    """As by another process whose answer was on its way when this one finished the list: forget() looks at that answer alone."""
    client = connect()
    client.contacts(), client.contacts()
    assert kept(folder)
    changed(folder, "INSERT OR REPLACE INTO responses (key, value) SELECT key, value FROM responses LIMIT 1")
    assert not kept(folder)


def test_an_old_reading_is_asked_again(server, connect, folder):
    client = connect(expire_after=60)
    client.contacts(), client.contacts()
    server.records[0]["first_name"] = "New"
    changed(folder, "UPDATE walks SET started = started - 61")
    frame = client.contacts()
    assert (frame["first_name"].iloc[0], crmkit.receipt(frame).calls) == ("New", 7)
    assert not kept(folder)


def test_offline_reads_and_keeps_nothing_new(connect, folder, monkeypatch):
    client = connect()
    first = client.contacts()
    with crmkit.offline():
        client.contacts()
        assert not kept(folder)
    client.contacts()
    no_page(monkeypatch)
    with crmkit.offline(stale=True):
        pd.testing.assert_frame_equal(client.contacts(), first)


def test_a_sample_of_a_kept_list_is_a_sample(connect):
    client = connect()
    client.contacts(), client.contacts()
    some = client.contacts(limit=15)
    assert (len(some), crmkit.receipt(some).verdict) == (15, "a sample of 15")
    assert client.contacts.plan().cached == 7


def test_other_code_reads_the_pages(connect, folder, monkeypatch):
    client = connect()
    first = client.contacts()
    client.contacts()
    changed(folder, "UPDATE typed SET value = X'00' WHERE place > 0")
    monkeypatch.setattr(typed, "_code", lambda: 1)
    pd.testing.assert_frame_equal(client.contacts(), first)
    no_page(monkeypatch)
    pd.testing.assert_frame_equal(client.contacts(), first)


def test_pages_that_cannot_be_read_then_are_asked(connect, folder, monkeypatch):
    """Trouble with the file costs cached pages, never a fetch."""
    client = connect()
    first = client.contacts()
    client.contacts()

    def failing(con, generation):
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as trouble:
        trouble.setattr(typed, "_code", lambda: "other")
        trouble.setattr("crmkit.store._load", failing)
        with pytest.warns(crmkit.private.CacheWarning, match="could not be used"):
            pd.testing.assert_frame_equal(client.contacts(), first)
    pd.testing.assert_frame_equal(client.contacts(), first)


@pytest.mark.parametrize("where", ["place = 0", "place = 1", "place = 5", "place > 0"])
@pytest.mark.parametrize("damage", [b"", b"\x00", zlib.compress(b""), zlib.compress(b"\x93\x01\x02\x03"), os.urandom(200), None])
def test_damaged_ones_are_made_anew_from_the_pages(connect, folder, where, damage, monkeypatch):
    client = connect()
    first = client.contacts()
    client.contacts()
    if damage is None:
        changed(folder, f"DELETE FROM typed WHERE {where}")
    else:
        changed(folder, f"UPDATE typed SET value = ? WHERE {where}", damage)
    pd.testing.assert_frame_equal(client.contacts(), first)
    no_page(monkeypatch)
    pd.testing.assert_frame_equal(client.contacts(), first)


def test_what_is_short_by_its_pages_is_not_kept(connect, folder):
    client = connect()
    client.contacts()
    with client._cache.responses.connection(commit=True) as con:
        (key, value) = con.execute("SELECT key, value FROM responses WHERE value IS NOT NULL ORDER BY LENGTH(value)").fetchone()
        body = zlib.decompress(value).replace(b'"count":60', b'"count":61').replace(b'"count": 60', b'"count": 61')
        con.execute("UPDATE responses SET value=? WHERE key=?", (zlib.compress(body), key))
    for _ in range(2):
        try:
            proof = crmkit.receipt(client.contacts())
        except IncompleteFetch:
            continue
        assert proof.calls or proof.complete is not True or proof.drift
    assert not kept(folder) or crmkit.receipt(client.contacts()) == crmkit.receipt(client.contacts())


def test_pages_in_memory_keep_nothing_more(connect, tmp_path):
    (tmp_path / "file").write_text("")
    client = connect(cache_dir=tmp_path / "file")
    with pytest.warns(crmkit.private.CacheWarning, match="in memory"):
        client.contacts()
    client.contacts()
    with client._cache.responses.connection() as con:
        assert con.execute("SELECT COUNT(*) FROM typed").fetchone() == (0,)


def test_they_take_no_room_from_the_pages(server, connect, folder, monkeypatch):
    """A list that fits into the cache stays there, although its columns beside it would not."""
    for record in server.records:
        record["birth_place"] = os.urandom(2000).hex()
    connect().contacts()
    monkeypatch.setenv("CRMKIT_CACHE_MAX_BYTES", str(round(1.3 * sum(file.stat().st_size for file in folder.glob("*.sqlite*")))))
    for _ in range(3):
        assert crmkit.receipt(connect().contacts()).calls == 0
    assert not kept(folder)


def test_info_counts_their_bytes_and_the_pages_as_before(server, connect, folder):
    server.answer("/groups/", [])
    client = connect()
    client.contacts(), client.groups()
    before = crmkit.cache.info().set_index("endpoint")
    client.contacts()
    after = crmkit.cache.info().set_index("endpoint")
    bytes_kept = sum(map(len, pieces_in(folder)))
    assert (after["pages"] == before["pages"]).all()
    assert (after["bytes"] - before["bytes"]).to_dict() == {"contacts": bytes_kept, "groups": 0}


def test_another_account_gets_nothing_of_it(connect, folder):
    connect().contacts(), connect().contacts()
    assert crmkit.receipt(connect("the-token-of-somebody-else").contacts()).calls == 7
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in folder.iterdir())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KINDS = [kind for kind in columns.DTYPES if kind != "secret"]
TIMES = st.sampled_from(["2024-05-01", "2024-05-01T10:00:00Z", "01/05/2024", "09:30", "2024-05-01 09:30:00"])


@given(st.lists(st.dictionaries(st.sampled_from([*KINDS, "undeclared"]), JSON | TIMES, max_size=8), max_size=6))
def test_any_table_comes_back_as_it_is_or_is_not_kept(records):
    builder = Builder([columns.Column(kind, "A column.", kind) for kind in KINDS])
    builder.add(records)
    table = builder.frame()
    made = typed.maker("this test")
    try:
        pieces = list(typed.Typed.of(table, builder, None, {"pages": 1}).pieces(made))
    except typed.Unkept:
        return
    again = typed.read(pieces, made)
    pd.testing.assert_frame_equal(again.frame([]), table)
    assert repr(again.frame([]).to_dict("list")) == repr(table.to_dict("list"))
    assert (again.unknown_fields, again.rejected_values) == (builder.unknown_fields, builder.rejected_values)


def deep(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        (1, 2),
        pd.Timestamp("2024-05-01"),
        2**70,
        {"a": {"b": float("nan")}},
        {1, 2},
        pd.NA,
        "\ud800",
        {"\ud800": 1},
        deep(5000),
    ],
)
def test_what_would_come_back_otherwise_is_not_kept(value):
    table = pd.DataFrame({"odd": pd.Series([value, None], dtype=object)})
    with pytest.raises(typed.Unkept):
        list(typed.Typed({"": table}, [], {}, [], {}).pieces("made"))


def test_all_that_is_written_of_this_code_counts(monkeypatch):
    before = typed.maker("a", 1)
    assert typed.maker("a", 2) != before == typed.maker("a", 1)
    monkeypatch.setattr(typed, "_code", lambda: "other")
    assert typed.maker("a", 1) != before


def test_code_with_the_same_times_is_other_code(tmp_path):
    """Times are copied with the files (tar, rsync), or all the same (a reproducible build)."""
    for version in ("one", "two"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "casts.py").write_text(version)
        os.utime(tmp_path / version / "casts.py", (0, 0))
    assert typed._code(tmp_path / "one") != typed._code(tmp_path / "two")


def test_rows_written_elsewhere_are_typed_anew(server, folder, monkeypatch):
    """Somebody's own row may be changed between two calls, and no file of crmkit with it."""
    monkeypatch.setattr(endpoint, "_rows", dict(endpoint._rows))

    def own(kind):
        return type("Own", (crmkit.Peepl,), {"contacts": replace(crmkit.Peepl.contacts, columns=(columns.Column("age", "Age.", kind),))})

    options = {"token": TOKEN, "base_url": server.url, "pace": None}
    for kind, dtype in (("integer", "Int64"), ("integer", "Int64"), ("number", "float64"), ("text", "string")):
        assert own(kind)(**options).contacts()["age"].dtype == dtype
