"""Sizes, overlap, sets and made segments, against what was counted by hand, and what must hold for any data."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.topics.segments import inside as segments_inside
from crmkit.topics.segments.neutral import MEMBERS, SEGMENTS, named_apart
from crmkit.topics.segments.tables import INTERSECTIONS, PAIRS, SIZES
from crmkit.topics.shapes import typed

from .segments_fixture import INSIDE, frames, nothing, people


def test_sizes_by_hand():
    table = topic.sizes(frames())
    assert table["name"].tolist() == ["A", "B", "C", "D"]
    assert table["members"].tolist() == [3, 3, 1, 0]
    assert table["everybody"].tolist() == [6] * 4
    assert table["share"].tolist() == [0.5, 0.5, 1 / 6, 0.0]
    assert table["small"].all()
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == SIZES


def test_filters_choose_by_id_or_name_in_the_order_asked():
    assert topic.sizes(frames(), segments=["C", "s A"])["name"].tolist() == ["C", "A"]
    assert topic.sizes(frames(), kinds="empty")["name"].tolist() == ["D"]
    assert topic.sizes(frames(), min_n=2)["name"].tolist() == ["A", "B"]
    with pytest.raises(ParameterError, match="Nieuwsbrief") as caught:
        topic.sizes(
            {**frames(), "segments": frames()["segments"].replace({"name": {"A": "Nieuwsbrieven"}})}, segments="Nieuwsbrief"
        )
    assert "Nieuwsbrieven" in str(caught.value)


def test_overlap_by_hand():
    count = topic.overlap(frames())
    assert count.to_numpy().tolist() == [[3, 2, 1, 0], [2, 3, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0]]
    assert set(map(str, count.dtypes)) == {"Int64"}
    share = topic.overlap(frames(), measure="share")
    assert share.loc["C", "A"] == 1
    assert share.loc["A", "C"] == pytest.approx(1 / 3)
    assert np.isnan(share.loc["D", "A"])
    jaccard = topic.overlap(frames(), measure="jaccard")
    assert jaccard.loc["A", "B"] == 0.5
    assert np.isnan(jaccard.loc["D", "D"])
    lift = topic.overlap(frames(), measure="lift")
    assert lift.loc["A", "B"] == pytest.approx(2 / (3 * 3 / 6))
    assert np.isnan(lift.loc["A", "D"])
    with pytest.raises(ParameterError):
        topic.overlap(frames(), measure="cosine")


def test_pairs_by_hand():
    table = topic.pairs(frames())
    assert list(zip(table["name"], table["other"], table["both"], strict=True)) == [("A", "B", 2), ("A", "C", 1), ("B", "C", 1)]
    first = table.iloc[0]
    assert (first["either"], first["share"], first["other_share"]) == (4, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (first["jaccard"], first["expected"], first["lift"]) == (0.5, 1.5, pytest.approx(4 / 3))
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == PAIRS


def test_intersections_by_hand():
    table = topic.intersections(frames())
    found = dict(zip(table["label"], table["people"], strict=True))
    assert found == {"A": 1, "A & B & C": 1, "A & B": 1, "B": 1, "(in none)": 2}
    assert table["people"].sum() == 6
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == INTERSECTIONS
    assert "(in none)" not in topic.intersections(frames(), none=False)["label"].tolist()


def test_in_none_and_made_segments():
    assert topic.in_none(frames())["person_id"].tolist() == ["5", "6"]
    assert topic.in_none(frames(), segments=["C"])["person_id"].tolist() == ["1", "3", "4", "5", "6"]
    made = topic.combine(frames(), "A without C", any_of=["A"], none_of=["C"])
    assert topic.members_of(made, "A without C")["person_id"].tolist() == ["1", "3"]
    both = topic.combine(frames(), "both", all_of=["A", "B"])
    assert topic.members_of(both, "both")["person_id"].tolist() == ["2", "3"]
    assert topic.sizes(topic.with_none(frames()), segments="none")["members"].tolist() == [2]
    with pytest.raises(ParameterError):
        topic.combine(frames(), "A", any_of=["B"])


def test_a_made_segment_takes_people_by_number_as_the_fetchers_give_them():
    """contacts() of Peepl has whole numbers as ids, the frame people has texts."""
    for those in ([1, 4, 99], pd.Series([1, 4, None], dtype="Int64"), ["1", "4"], np.array([1, 4])):
        made = topic.with_segment(frames(), "x", "mine", those)
        assert topic.members_of(made, "mine")["person_id"].tolist() == ["1", "4"]


@pytest.mark.parametrize(("number", "name"), [("x", "A"), ("s A", "X"), ("none", "other")])
def test_no_two_segments_have_one_id_or_name(number, name):
    made = topic.with_none(frames())
    with pytest.raises(ParameterError, match=r"there is a segment '(A|s A|none)' already"):
        topic.with_segment(made, number, name, ["1"])
    with pytest.raises(ParameterError, match="already"):
        topic.with_none(made)


def test_empty_frames_give_empty_typed_tables():
    for table, dtypes in (
        (topic.sizes(nothing()), SIZES),
        (topic.pairs(nothing()), PAIRS),
        (topic.intersections(nothing()), INTERSECTIONS),
    ):
        assert len(table) == 0
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == dtypes
    assert topic.overlap(nothing()).shape == (0, 0)
    assert topic.in_none(nothing()).empty
    nobody = {**frames(), "people": people().head(0), "members": typed({}, MEMBERS)}
    assert topic.sizes(nobody)["share"].isna().all()


def test_without_segments_everybody_is_in_none():
    alone = {**frames(), "segments": typed({}, SEGMENTS), "members": typed({}, MEMBERS)}
    table = topic.intersections(alone)
    assert table["label"].tolist() == ["(in none)"]
    assert table["people"].tolist() == [6]


def test_names_that_repeat_are_told_apart():
    """The group list of the Peepl document holds U21 twice, as 882 and 860."""
    segments = typed(
        {
            "segment_id": ["group 882", "group 860", "segment 4", "group 9"],
            "name": ["U21", "U21", "Ouders", "ouders"],
            "kind": ["group", "group", "segment", "group"],
            "source_id": ["882", "860", "4", "9"],
        },
        SEGMENTS,
    )
    assert named_apart(segments)["name"].tolist() == ["U21 (882)", "U21 (860)", "Ouders (segment)", "ouders (group)"]


def test_receipts_travel_and_the_worst_decides():
    good, sample = frames(newest="2024-06-15 10:00:00"), frames(complete=False, problems=("3 are missing",))
    assert crmkit.receipt(topic.sizes(good)).complete is True
    mixed = {**good, "members": sample["members"]}
    for table in (topic.sizes(mixed), topic.overlap(mixed), topic.pairs(mixed), topic.intersections(mixed), topic.in_none(mixed)):
        proof = crmkit.receipt(table)
        assert proof.complete is False
        assert "3 are missing" in proof.problems
        assert proof.records == len(table)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    sizes = draw(st.integers(0, 12))
    everybody = [str(number) for number in range(sizes)]
    inside = draw(st.lists(st.sets(st.sampled_from(everybody)) if everybody else st.just(set()), max_size=4))
    ids = [f"s {number}" for number in range(len(inside))]
    pairs = [(one, person) for one, some in zip(ids, inside, strict=True) for person in sorted(some)]
    return {
        **nothing(),
        "segments": typed({"segment_id": ids, "name": ids, "kind": ["s"] * len(ids), "source_id": ids}, SEGMENTS),
        "members": typed({"segment_id": [a for a, _ in pairs], "person_id": [b for _, b in pairs]}, MEMBERS),
        "people": typed({"person_id": everybody}, {name: str(dtype) for name, dtype in people().dtypes.items()}),
    }


@settings(deadline=None, max_examples=25)
@given(worlds())
def test_what_holds_for_any_segments(world):
    sizes = topic.sizes(world).set_index("segment_id")["members"]
    sets = topic.intersections(world)
    assert sets["people"].sum() == len(world["people"])
    for one in sizes.index:
        assert sets.loc[[one in ids for ids in sets["segment_ids"]], "people"].sum() == sizes[one]
    count = topic.overlap(world).to_numpy(dtype="float64")
    assert (count == count.T).all()
    assert (count.diagonal() == sizes.to_numpy(dtype="float64")).all()
    assert (count <= np.minimum.outer(count.diagonal(), count.diagonal())).all()
    share = topic.overlap(world, measure="share").to_numpy()
    assert ((share >= 0) & (share <= 1) | np.isnan(share)).all()
    none = sets.loc[sets["degree"] == 0, "people"].sum()
    assert len(topic.in_none(world)) == none


def test_fixture_is_what_it_says():
    assert {one: "".join(some) for one, some in frames()["members"].groupby("segment_id")["person_id"]} == {
        one: inside for one, inside in INSIDE.items() if inside
    }


def test_a_segment_that_is_not_of_the_kinds_asked_for_gives_no_line():
    one = frames()["segments"].iloc[0]
    with pytest.raises(ParameterError, match=r"no kind of segment 'kind'.* there are empty, .*segment, group"):
        topic.sizes(frames(), segments=[one["segment_id"]], kinds=[one["kind"], "kind"])
    assert len(topic.sizes(frames(), segments=[one["segment_id"]], kinds="empty")) == 0
    assert topic.sizes(frames(), segments=[one["segment_id"]], kinds=one["kind"])["segment_id"].tolist() == [one["segment_id"]]


def test_sets_and_pairs_of_people_in_many_segments_are_counted_exactly(monkeypatch):
    """More segments of a person than fit into one whole number, and more pairs than are counted at once."""
    monkeypatch.setattr(segments_inside, "AT_ONCE", 50)
    rng = np.random.default_rng(5)
    likes = [sorted(rng.choice(300, size, replace=False)) for size in (0, 40, 40, 1, 7, 0, 25)]
    likes += [likes[1], likes[4], likes[1][:-1], likes[2][1:], likes[2][1:]]
    line = np.repeat(np.arange(len(likes)), [len(one) for one in likes])
    found = segments_inside.Inside(line, np.concatenate(likes).astype(np.int64), len(likes), 300)
    row, degree, people = found.sets
    sets = [tuple(part) for part in np.split(row, np.cumsum(degree)[:-1])]
    counted = Counter(map(tuple, likes))
    assert dict(zip(sets, people, strict=True)) == counted
    turned = {one: tuple(300 - each for each in one) for one in counted}
    assert sets == sorted(counted, key=lambda one: (-counted[one], len(one), turned[one]))
    flags = found.flags.astype(int)
    assert (found.both == flags.T @ flags).all()
    wanted = np.array([7, -1, 250, 3])
    assert (found.some(wanted).flags == np.where(wanted >= 0, found.flags[:, wanted], False)).all()
