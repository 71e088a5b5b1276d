"""The folder: the same columns in every part, read as it is by pandas, Dask and DuckDB, and each account's frame out of it again."""

import concurrent.futures
import stat

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import fleet
from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.fleet import dataset, gathering
from tests.serving import serving

pq = pytest.importorskip("pyarrow.parquet")
CALL = {"what": "contacts", "crm": "Peepl", "asked": {}}
WEEK = {"start": "2024-06-01", "end": "2024-06-07"}


def parts(folder):
    return sorted(folder.glob("**/account=*/part.parquet"))


def assert_one_schema(folder):
    first, *others = [pq.read_schema(path) for path in parts(folder)]
    assert "account" not in first.names
    for one in others:
        assert one.equals(first)
        assert one.metadata[b"pandas"] == first.metadata[b"pandas"]


@pytest.fixture
def gathered(connected, tmp_path):
    folder = tmp_path / "contacts"
    assert fleet.gather(connected, "contacts", to=folder).ok.all()
    return folder


def test_a_part_for_each_account_empty_ones_too(gathered):
    assert [path.parent.name for path in parts(gathered)] == ["account=empty", "account=north", "account=south"]
    assert_one_schema(gathered)
    assert sorted(path.name for path in gathered.rglob("*") if path.is_file()) == [".lock", *["part.parquet"] * 3]


def test_files_are_for_their_owner_only(gathered):
    for path in [gathered, *gathered.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_each_frame_comes_back_with_its_receipt(gathered, connected):
    opened = fleet.open(gathered)
    assert list(opened) == ["empty", "north", "south"]
    assert repr(opened) == "<3 accounts in contacts: empty, north, south>"
    for name, client in connected.items():
        alone, again = client.contacts(), opened[name]
        pd.testing.assert_frame_equal(again, alone)
        assert crmkit.receipt(again).records == len(alone)
        assert crmkit.receipt(again).account == client.account
        pd.testing.assert_frame_equal(crmkit.child(again, "companies"), crmkit.child(alone, "companies"))
    with pytest.raises(KeyError):
        opened["west"]


def test_pandas_reads_it_and_takes_no_receipt_for_that_of_all(gathered, connected):
    whole = pd.read_parquet(gathered)
    alone = connected["north"].contacts()
    mine = whole[whole.account == "north"].reset_index(drop=True)
    for name in ("id", "email", "birth_date", "created_on", "age", "permission_level"):
        pd.testing.assert_series_equal(mine[name], alone[name])
    assert len(whole) == sum(len(client.contacts()) for client in connected.values())
    with pytest.raises(ShapeError, match="no receipt"):
        crmkit.receipt(whole)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Dask's own
def test_dask_reads_it(gathered, connected):
    dd = pytest.importorskip("dask.dataframe")
    whole = dd.read_parquet(gathered)
    counted = whole.groupby("account", observed=False).size().compute(scheduler="synchronous")
    assert {name: counted.get(name, 0) for name in connected} == {name: len(one.contacts()) for name, one in connected.items()}
    assert whole.id.dtype == "Int64"


def test_duckdb_reads_it(gathered, connected):
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(f"select account, count(*), max(id), max(created_on) from '{gathered}/*/*.parquet' group by all").fetchall()
    alone = {name: client.contacts() for name, client in connected.items() if name != "empty"}
    assert {name: (count, largest) for name, count, largest, _ in rows} == {
        name: (len(frame), frame.id.max()) for name, frame in alone.items()
    }
    assert {name: pd.Timestamp(last) for name, _, _, last in rows} == {name: one.created_on.max() for name, one in alone.items()}
    kinds = duckdb.sql(f"select email, birth_date, created_on, companies, account from '{gathered}/*/*.parquet'").types
    assert list(map(str, kinds)) == ["VARCHAR", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "VARCHAR", "VARCHAR"]
    towns = duckdb.sql(f"select account from '{gathered}/*/*.parquet' where json_array_length(companies) > 0").fetchall()
    assert len(towns) == sum((frame.companies.str.len() > 0).sum() for frame in alone.values())


def person(number, **more):
    return {"id": number, "uname": f"user{number}", "first_name": "An", **more}


def served(several):
    """One server with a list of contacts for each account, below a path of its own."""
    return serving(
        {
            f"/{name}/v1/admin/contacts/": (200, {"count": len(people), "next": None, "previous": None, "results": people})
            for name, people in several.items()
        }
    )


def test_what_only_some_have_stands_at_the_end_of_all(tmp_path):
    several = {
        "a": [person(1, shoe=42, hat="red")],
        "b": [person(2, shoe="large"), person(3, age="unknown")],
        "c": [],
        "d": [person(4, pets=[{"name": "Rex"}])],
    }
    with served(several) as (address, _):
        clients = {
            name: crmkit.Peepl(token="t", base_url=f"{address}/{name}/v1/admin", cache_dir=tmp_path / "pages", pace=None)
            for name in several
        }
        alone = {name: client.contacts() for name, client in clients.items()}
        fleet.gather({name: clients[name] for name in "ac"}, "contacts", to=tmp_path / "set")
        assert_one_schema(tmp_path / "set")
        assert pd.read_parquet(tmp_path / "set").shoe.dtype == "Int64"
        assert fleet.gather({name: clients[name] for name in "bd"}, "contacts", to=tmp_path / "set").ok.all()
    assert_one_schema(tmp_path / "set")
    whole = pd.read_parquet(tmp_path / "set").set_index("id")
    assert list(whole.columns[-5:]) == ["age.raw", "hat", "pets", "shoe", "account"]
    assert whole.shoe.dropna().to_dict() == {1: "42", 2: "large"}
    assert whole["age.raw"].dropna().to_dict() == {3: "unknown"}
    for name, frame in alone.items():
        pd.testing.assert_frame_equal(fleet.open(tmp_path / "set")[name], frame)


MOMENTS = st.datetimes(min_value=pd.Timestamp("1700-01-01"), max_value=pd.Timestamp("2200-01-01"))
COLUMNS = {
    "string": st.text(st.characters(exclude_categories=["Cs"])),
    "Int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "datetime64[us]": MOMENTS,
    "datetime64[us, UTC]": MOMENTS,
    "timedelta64[us]": st.timedeltas(min_value=pd.Timedelta(days=-9999), max_value=pd.Timedelta(days=9999)),
    "object": st.lists(st.integers(0, 9)) | st.dictionaries(st.text("ab", max_size=2), st.integers(0, 9)),
}


@st.composite
def frames(draw):
    """A frame whose columns have any of the dtypes, under names that another frame may give another dtype."""
    lines = draw(st.integers(0, 3))
    chosen = draw(st.dictionaries(st.sampled_from(["a", "b", "c.d", "e"]), st.sampled_from(sorted(COLUMNS)), max_size=3))
    values = {name: draw(st.lists(st.none() | COLUMNS[kind], min_size=lines, max_size=lines)) for name, kind in chosen.items()}
    columns = {name: pd.Series(values[name], dtype=object).pipe(as_kind, kind) for name, kind in chosen.items()}
    return pd.DataFrame({"id": pd.Series(range(lines), dtype="Int64"), **columns})


def as_kind(values, kind):
    if kind == "object":
        return values
    return pd.to_datetime(values, utc=True).astype(kind) if kind.endswith("UTC]") else values.astype(kind)


@settings(max_examples=15)
@given(st.lists(frames(), min_size=2, max_size=3))
def test_whatever_the_columns_are_all_parts_agree_and_nothing_is_lost(tmp_path_factory, several):
    folder = tmp_path_factory.mktemp("set")
    for number, frame in enumerate(several):
        dataset.write(folder, f"n{number}", frame, CALL)
        dataset.level(folder)
    assert_one_schema(folder)
    assert len(pd.read_parquet(folder)) == sum(map(len, several))
    for number, frame in enumerate(several):
        pd.testing.assert_frame_equal(fleet.open(folder)[f"n{number}"], frame)


def test_a_second_run_replaces_and_touches_only_what_differs(gathered, connected):
    before = {path: path.read_bytes() for path in parts(gathered)}
    fleet.gather({"north": connected["north"]}, "contacts", to=gathered)
    changed = [path.parent.name for path in parts(gathered) if path.read_bytes() != before[path]]
    assert changed == ["account=north"]  # its receipt says that its pages came from the cache
    assert crmkit.receipt(fleet.open(gathered)["north"]).cached_pages > 0


def test_what_an_account_gave_before_stays_when_it_fails_and_that_is_said(gathered, connected, clubs):
    before = fleet.open(gathered)["north"]
    clients = {**connected, "north": clubs["north"].peepl(token="wrong"), "new": clubs["north"].peepl(token="wrong")}
    done = fleet.gather(clients, "contacts", to=gathered).set_index("name")
    assert done.message["north"].endswith("The part that an earlier run wrote is still there.")
    assert "earlier" not in done.message["new"]
    pd.testing.assert_frame_equal(fleet.open(gathered)["north"], before)
    assert list(fleet.open(gathered)) == ["empty", "north", "south"]


def test_a_folder_holds_the_answers_to_one_call(gathered, connected, tmp_path, clubs):
    with pytest.raises(ConfigError, match="other arguments"):
        fleet.gather(connected, "contacts", to=gathered, limit=3)
    with pytest.raises(ConfigError, match="Peepl contacts of another call"):
        fleet.gather(connected, "organisations", to=gathered)
    mixed = {**connected, "b": clubs["north"].beeple(cache_dir=tmp_path / "pages")}
    with pytest.raises(ParameterError, match="columns of Beeple and Peepl differ"):
        fleet.gather(mixed, "contacts", to=tmp_path / "mixed")
    assert fleet.gather(connected, "contacts", to=gathered, refresh=True).ok.all()


def test_a_folder_of_something_else_is_left_alone(connected, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    mode = tmp_path.stat().st_mode
    with pytest.raises(ConfigError, match="other files"):
        fleet.gather(connected, "contacts", to=tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        fleet.gather(connected, "contacts", to=tmp_path / "notes.txt")
    assert tmp_path.stat().st_mode == mode
    for nothing in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotCached, match="no dataset"):
            fleet.open(nothing)
    (tmp_path / "account=x").mkdir()
    (tmp_path / "account=x" / "part.parquet").write_bytes(b"PAR1")
    with pytest.raises(ShapeError, match="no part that gather"):
        fleet.open(tmp_path)["x"]


@pytest.mark.parametrize("name", ["007", "-05", "-0", "0x10", "__HIVE_DEFAULT_PARTITION__", "", " ", "a\nb", "n" * 201])
def test_names_that_would_not_come_back_are_refused(connected, tmp_path, name):
    with pytest.raises(ParameterError):
        fleet.gather({name: connected["south"]}, "contacts", to=tmp_path / "set")
    with pytest.raises(ParameterError, match="share a folder"):
        fleet.gather({"North": connected["south"], "north": connected["north"]}, "contacts", to=tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_odd_names_come_back(connected, tmp_path):
    names = ["../up", "St. Étienne / U13", "account=x", "100%", "7"]
    fleet.gather(dict.fromkeys(names, connected["south"]), "contacts", to=tmp_path / "set")
    assert set(fleet.open(tmp_path / "set")) == set(names)
    assert {path.parent.parent for path in parts(tmp_path)} == {tmp_path / "set"}
    assert set(map(str, pd.read_parquet(tmp_path / "set").account.unique())) == set(names)
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(f"select distinct account from '{tmp_path}/set/*/*.parquet'").fetchall()
    assert {name for (name,) in rows} == set(names)


def test_topics_run_on_each_account(connected, tmp_path):
    done = fleet.gather(connected, "attendance.load", to=tmp_path / "set", **WEEK)
    assert done.ok.all()
    tables = sorted(path.name for path in (tmp_path / "set").iterdir() if path.is_dir())
    assert tables == ["answers", "events", "groups", "orders", "stock", "tickets"]
    opened = fleet.open(tmp_path / "set")
    for name, client in connected.items():
        alone = crmkit.attendance.load(client, **WEEK)
        assert set(opened[name]) == set(alone)
        for table, frame in alone.items():
            pd.testing.assert_frame_equal(opened[name][table], frame)
            assert_one_schema(tmp_path / "set" / table)
        both = (crmkit.attendance.by_event(one["events"], one["answers"]) for one in (opened[name], alone))
        pd.testing.assert_frame_equal(*both)
    assert pd.read_parquet(tmp_path / "set" / "answers").account.nunique() == 2


def test_without_pyarrow_the_extra_is_named(connected, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"crmkit\[files\]"):
        fleet.gather(connected, "contacts", to=tmp_path / "set")


def test_arguments_that_give_something_else_are_other_arguments(clubs, tmp_path):
    clients = {"north": clubs["north"].onepagecrm(cache_dir=tmp_path / "pages")}
    assert fleet.gather(clients, "contacts", to=tmp_path / "own", team=False).ok.all()
    with pytest.raises(ConfigError, match="other arguments"):
        fleet.gather(clients, "contacts", to=tmp_path / "own")
    clients = {"north": clubs["north"].beeple(cache_dir=tmp_path / "pages")}
    week = {"start": "2024-06-17", "end": "2024-06-23"}
    one = clients["north"].collaborator_list().id[:1].tolist()
    assert fleet.gather(clients, "coverage.load", to=tmp_path / "some", collaborators=one, **week).ok.all()
    with pytest.raises(ConfigError, match="other arguments"):
        fleet.gather(clients, "coverage.load", to=tmp_path / "some", collaborators="list", **week)


def test_the_same_arguments_in_other_clothes_are_the_same(connected, tmp_path):
    numbers = connected["north"].contacts().id
    for same in (numbers, list(numbers), numbers.to_numpy()):
        assert fleet.gather({"north": connected["north"]}, "contact", same, to=tmp_path / "set").ok.all()
    with pytest.raises(ConfigError, match="other arguments"):
        fleet.gather({"north": connected["north"]}, "contact", numbers.to_numpy()[:-1], to=tmp_path / "set")


def test_a_column_called_account_is_not_the_folder_s(tmp_path):
    frames = {"north": pd.DataFrame({"id": [1], "account": ["gold"]}), "south": pd.DataFrame({"id": [2], "Account": ["silver"]})}
    for name, frame in frames.items():
        dataset.write(tmp_path, name, frame, CALL)
    dataset.level(tmp_path)
    assert sorted(pd.read_parquet(tmp_path).columns) == ["Account_", "account", "account_", "id"]
    assert pd.read_parquet(tmp_path).account.tolist() == ["north", "south"]
    for name, frame in frames.items():
        assert fleet.open(tmp_path)[name].to_dict("list") == frame.to_dict("list")


def test_a_column_that_no_account_has_any_more_goes(tmp_path):
    first = {"a": pd.DataFrame({"id": [1], "shoe": ["39"], "size": ["x"]}), "b": pd.DataFrame({"id": [2], "size": [7]})}
    later = {"a": pd.DataFrame({"id": [1], "size": [8]})}
    for frames in (first, later):
        for name, frame in frames.items():
            dataset.write(tmp_path, name, frame, CALL)
        dataset.level(tmp_path)
        assert_one_schema(tmp_path)
    whole = pd.read_parquet(tmp_path)
    assert whole.drop(columns="account").to_dict("list") == {"id": [1, 2], "size": [8, 7]}
    before = [path.read_bytes() for path in parts(tmp_path)]
    dataset.level(tmp_path)
    assert [path.read_bytes() for path in parts(tmp_path)] == before
    for name, frame in {**first, **later}.items():
        pd.testing.assert_frame_equal(fleet.open(tmp_path)[name], frame)


def test_an_interrupted_gathering_leaves_a_whole_dataset(connected, tmp_path, monkeypatch):
    def interrupted(outcomes, number, what):
        yield from outcomes
        raise KeyboardInterrupt

    write = dataset.write

    def with_more(place, account, fetched, call):
        write(place, account, fetched.assign(**{f"only_{account}": "x"}), call)

    monkeypatch.setattr(gathering, "_shown", interrupted)
    monkeypatch.setattr(dataset, "write", with_more)
    with pytest.raises(KeyboardInterrupt):
        fleet.gather(connected, "contacts", to=tmp_path / "set")
    assert_one_schema(tmp_path / "set")
    assert "only_south" in pd.read_parquet(tmp_path / "set")


def test_a_topic_s_tables_of_an_account_are_replaced_together(tmp_path, monkeypatch):
    def tables(value, *names):
        return {name: pd.DataFrame({"id": [value]}) for name in names}

    dataset.write(tmp_path, "north", tables(1, "answers", "events", "groups"), CALL)
    encode = dataset._encode

    def full(path, lines, facts):
        if path.parent.parent.name == "events":
            raise OSError(28, "No space left on device")
        encode(path, lines, facts)

    with monkeypatch.context() as patch:
        patch.setattr(dataset, "_encode", full)
        with pytest.raises(OSError, match="No space"):
            dataset.write(tmp_path, "north", tables(2, "answers", "events"), CALL)
    assert {name: frame.id[0] for name, frame in fleet.open(tmp_path)["north"].items()} == {
        "answers": 1,
        "events": 1,
        "groups": 1,
    }
    dataset.write(tmp_path, "north", tables(3, "answers", "events"), CALL)
    assert {name: frame.id[0] for name, frame in fleet.open(tmp_path)["north"].items()} == {"answers": 3, "events": 3}
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"part.parquet", ".lock"}


def test_several_gatherings_may_write_into_one_folder(clubs, tmp_path):
    clients = {name: clubs["south"].peepl(cache_dir=tmp_path / "pages") for name in ("a", "b", "c")}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in pool.map(lambda _: fleet.gather(clients, "contacts", to=tmp_path / "set"), range(8)):
            assert done.ok.all(), done.message.tolist()
    assert {path.name for path in (tmp_path / "set").rglob("*") if path.is_file()} == {"part.parquet", ".lock"}


def test_what_the_disk_says_is_passed_on(connected, tmp_path, monkeypatch):
    def full(path, lines, facts):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(dataset, "_encode", full)
    done = fleet.gather({"north": connected["north"]}, "contacts", to=tmp_path / "set")
    assert done.error[0] == "OSError"
    assert "No space left on device" in done.message[0]


def test_a_folder_may_be_below_the_home_folder(connected, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fleet.gather(connected, "contacts", to="~/clubs").ok.all()
    assert list(fleet.open("~/clubs")) == list(fleet.open(tmp_path / "clubs")) == ["empty", "north", "south"]
