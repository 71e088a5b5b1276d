"""Days are kept exactly, cost little, and are for their owner only."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import share
from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.receipts import ATTRS
from crmkit.share.lines import found, long, put_together, runs_of, short, texts


def everyone(frames):
    for name, one in frames.items():
        for inner, frame in one.items() if isinstance(one, dict) else [("", one)]:
            yield (name, inner), frame


def facts(frame):
    own = ("mark", "lines", "included")  # a mark equals itself alone, a part has fewer lines than its receipt; included tables are not kept
    return {name: one for name, one in (frame.attrs.get(ATTRS) or {}).items() if name not in own}


def test_frames_and_receipts_come_back(frames, tmp_path):
    share.snapshot(frames, "2024-06-01", folder=tmp_path / "days")
    back = dict(everyone(share.load(folder=tmp_path / "days")))
    for place, frame in everyone(frames):
        pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(back[place]))
        assert facts(back[place]) == facts(frame)
    assert crmkit.receipt(back["contacts", ""]).complete is True
    assert list(crmkit.child(back["contacts", ""], "address").columns)


def test_the_newest_day_on_or_before(tmp_path):
    for day, value in (("2024-06-01", 1), ("2024-06-08", 2), ("2024-06-15", 3)):
        share.snapshot({"a": pd.DataFrame({"x": pd.array([value], dtype="Int64")})}, day, folder=tmp_path)
    assert [share.load(day, folder=tmp_path)["a"]["x"][0] for day in ("2024-06-01", "2024-06-14", "2025-01-01")] == [1, 2, 3]
    assert share.load(folder=tmp_path)["a"]["x"][0] == 3
    assert share.days(folder=tmp_path) == [pd.Timestamp(f"2024-06-{day}") for day in ("01", "08", "15")]
    with pytest.raises(NotCached, match="no snapshot of that day"):
        share.load("2024-05-31", folder=tmp_path)


def test_several_frames_that_change_at_once(tmp_path):
    first = {name: pd.DataFrame({"x": pd.array(range(size), dtype="Int64")}) for name, size in (("zoo", 5), ("ants", 9))}
    wide = pd.DataFrame({"a": pd.array(["x", "y"], dtype="string"), "b": pd.array([1, None], dtype="Int64")})
    share.snapshot({**first, "wide": wide}, "2024-06-01", folder=tmp_path)
    second = {name: one.replace({"x": {2: 77}}) for name, one in first.items()} | {
        "wide": wide.assign(b=pd.array([1, 5], dtype="Int64"))
    }
    share.snapshot(second, "2024-06-08", folder=tmp_path)
    back = share.load(folder=tmp_path)
    assert list(back) == ["zoo", "ants", "wide"]
    for name, frame in second.items():
        pd.testing.assert_frame_equal(back[name], frame)


def test_a_day_is_replaced_only_when_asked_and_others_stay(tmp_path):
    one, two = ({"a": pd.DataFrame({"x": pd.array(range(start, start + 5), dtype="Int64")})} for start in (0, 3))
    share.snapshot(one, "2024-06-01", folder=tmp_path)
    share.snapshot(two, "2024-06-08", folder=tmp_path)
    share.snapshot(one, "2024-06-01", folder=tmp_path)
    with pytest.raises(ParameterError, match="another snapshot of 2024-06-01"):
        share.snapshot(two, "2024-06-01", folder=tmp_path)
    share.snapshot({}, "2024-06-01", folder=tmp_path, replace=True)
    assert share.load("2024-06-01", folder=tmp_path) == {}
    assert share.load("2024-06-08", folder=tmp_path)["a"]["x"].tolist() == [3, 4, 5, 6, 7]


def test_files_are_for_their_owner_only(frames, tmp_path):
    share.snapshot({"contacts": frames["contacts"]}, "2024-06-01", folder=tmp_path / "days")
    found = [tmp_path / "days", *(tmp_path / "days").rglob("*")]
    assert {one.stat().st_mode & 0o777 for one in found if one.is_dir()} == {0o700}
    assert {one.stat().st_mode & 0o777 for one in found if one.is_file()} == {0o600}


def test_damage_is_told(tmp_path):
    share.snapshot({"a": pd.DataFrame({"x": ["b"]})}, "2024-06-01", folder=tmp_path)
    part = next((tmp_path / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    with pytest.raises(ShapeError, match="gone or was changed"):
        share.load(folder=tmp_path)


def test_somebody_is_forgotten_on_every_day(frames, tmp_path):
    """Out of lists and cells, receipts and files; the others stay, and the receipt does not vouch for what is left."""
    place, contacts = tmp_path / "days", frames["contacts"]
    who = contacts[contacts["email"].notna()].iloc[0]
    contacts.attrs[ATTRS] = {**contacts.attrs[ATTRS], "params": {"email": who["email"]}}
    given = {"contacts": contacts, "segments": frames["segments_peepl"]}
    for day in ("2024-06-01", "2024-06-08"):
        share.snapshot(given, day, folder=place)
    before = share.load(folder=place)
    held = contacts["email"].str.casefold().eq(who["email"].casefold()).sum()
    assert share.forget(who["email"].upper(), folder=place) == 2 * held > 0
    assert share.forget(who["email"], folder=place) == 0
    assert share.days(folder=place) == [pd.Timestamp("2024-06-01"), pd.Timestamp("2024-06-08")]
    for day in share.days(folder=place):
        left = share.load(day, folder=place)
        assert len(left["contacts"]) == len(before["contacts"]) - held
        assert who["email"] not in str(left["contacts"].attrs) + left["contacts"].to_csv()
        proof = crmkit.receipt(left["contacts"])
        assert proof.complete is None
        assert any("erased" in line for line in proof.problems)
        for name, frame in before["segments"].items():
            pd.testing.assert_frame_equal(left["segments"][name], frame)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    found = [place, *place.rglob("*")]
    assert {one.stat().st_mode & 0o77 for one in found} == {0}


def test_somebody_is_forgotten_beside_empty_tables(tmp_path):
    table = pd.DataFrame({"name": ["Ann", "Bob"], "number": [1.5, None]})
    share.snapshot({"people": table, "none": table.head(0)}, "2024-06-01", folder=tmp_path / "days")
    assert share.forget("ann", folder=tmp_path / "days") == 1
    left = share.load(folder=tmp_path / "days")
    assert (left["people"]["name"].tolist(), len(left["none"])) == (["Bob"], 0)


def test_who_was_only_asked_for_is_forgotten_too(frames, tmp_path):
    """A search that found nobody holds the name in its receipt alone."""
    nobody = frames["contacts"].head(0)
    nobody.attrs = {ATTRS: {**frames["contacts"].attrs[ATTRS], "params": {"search": "Ann Example"}}}
    share.snapshot({"nobody": nobody}, "2024-06-01", folder=tmp_path / "days")
    assert share.forget("ann example", folder=tmp_path / "days") == 0
    left = crmkit.receipt(share.load(folder=tmp_path / "days")["nobody"])
    assert left.params == {"search": "(erased)"}
    assert left.problems == crmkit.receipt(frames["contacts"]).problems


def test_an_empty_text_erases_nothing(tmp_path):
    share.snapshot({"a": pd.DataFrame({"x": ["b"]})}, "2024-06-01", folder=tmp_path)
    with pytest.raises(ConfigError, match="an empty text"):
        share.forget(" ", folder=tmp_path)
    assert len(share.load(folder=tmp_path)["a"]) == 1


LETTERS = list("abcdefghijklmnoprstuvw")


def club(size, rng):
    """People as a CRM tells them: ids, names, mails, days, numbers."""
    text = ["".join(one) for one in rng.choice(LETTERS, (size, 9))]
    return pd.DataFrame(
        {
            "id": pd.array(range(1, size + 1), dtype="Int64"),
            "name": pd.array(text, dtype="string"),
            "email": pd.array([f"{one[::-1]}@example.org" for one in text], dtype="string"),
            "phone": pd.array([f"+324{rng.integers(10**8)}" for _ in text], dtype="string"),
            "birth_date": pd.to_datetime(rng.integers(0, 20_000, size), unit="D").astype("datetime64[us]"),
            "changed": pd.to_datetime(rng.integers(10**15, 16 * 10**14, size), unit="us", utc=True).astype("datetime64[us, UTC]"),
            "points": rng.integers(0, 500, size).astype("float64"),
        }
    )


def weigh(folder):
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_a_year_of_weeks_costs_less_than_two_and_a_half_snapshots(tmp_path):
    rng = np.random.default_rng(1)
    people = club(1500, rng)
    share.snapshot({"people": people}, "2024-01-01", folder=tmp_path)
    one = weigh(tmp_path)
    for week in range(1, 52):
        people = people.copy()
        new = club(30, rng)
        at = rng.choice(len(people), 30, replace=False)
        new["id"] = people["id"].iloc[at].array
        people.iloc[at] = new.to_numpy(dtype=object)
        people = people.astype(new.dtypes.to_dict())
        share.snapshot({"people": people}, pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=week), folder=tmp_path)
    pd.testing.assert_frame_equal(share.load(folder=tmp_path)["people"], people)
    assert one < weigh(tmp_path) < 2.5 * one


@settings(max_examples=25)
@given(st.lists(st.integers(-1, 9), max_size=25))
def test_runs_are_told_shortly_and_back(where):
    runs = runs_of(np.array(where, dtype="int64"))
    assert long(short(runs)) == runs
    assert [run.start + step if run.start >= 0 else -1 for run in runs for step in range(run.length)] == where


LINES = st.lists(st.tuples(st.sampled_from("aabbcd"), st.sampled_from([1, 2, None])), max_size=12)


@settings(max_examples=25)
@given(LINES, LINES)
def test_any_frame_is_told_by_any_other(old, new):
    before, after = (
        pd.DataFrame({"x": pd.array([x for x, _ in one], dtype="string"), "n": pd.array([n for _, n in one], dtype="Int64")})
        for one in (old, new)
    )
    where = found(after, before)
    pd.testing.assert_frame_equal(put_together(before, runs_of(where), texts(after, before, where)), after)


def test_a_frame_that_was_put_together_does_not_become_whole_by_being_kept(tmp_path, few):
    contacts = few["contacts"]
    share.snapshot({"twice": pd.concat([contacts, contacts]), "once": contacts, "part": contacts.head(3)}, "2024-06-01", folder=tmp_path)
    kept = share.load(folder=tmp_path)
    assert crmkit.receipt(kept["once"]).complete
    assert crmkit.receipt(kept["part"]).records == len(contacts)
    with pytest.raises(ShapeError, match="not what its receipt was given for"):
        crmkit.receipt(kept["twice"])
