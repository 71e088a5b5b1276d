"""Membership on a day and over time, the tree, and what moved between two loads."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.topics.segments.history import MOVED, OVER_TIME, TREE
from crmkit.topics.segments.neutral import MEMBERS, SEGMENTS
from crmkit.topics.shapes import typed

from .segments_fixture import TODAY, frames, nothing


def test_on_a_day_by_hand():
    then = topic.on_day(frames(), "2023-07-01")
    assert then["segments"]["name"].tolist() == ["A", "B"]
    assert topic.members_of(then, "A")["person_id"].tolist() == ["1", "2"]
    assert topic.members_of(topic.on_day(frames(), "2022-12-31"), "A").empty


def test_whether_the_last_day_counts_is_a_choice():
    assert topic.members_of(topic.on_day(frames(), "2024-01-31"), "A")["person_id"].tolist() == ["1", "2"]
    assert topic.members_of(topic.on_day(frames(), "2024-01-31", last_day_counts=False), "A")["person_id"].tolist() == ["1"]


def test_a_person_with_two_terms_at_once_counts_once():
    assert topic.sizes(topic.on_day(frames(), "2023-03-15"), segments=["B"])["members"].tolist() == [1]


def test_over_time_by_hand():
    table = topic.over_time(frames(), start="2023-12-01", end="2024-03-15", segments=["A"])
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == OVER_TIME
    assert table["day"].dt.strftime("%m-%d").tolist() == ["12-01", "01-01", "02-01", "03-01", "03-15"]
    assert table["members"].tolist() == [2, 2, 2, 2, 2]
    assert table["joined"].fillna(-1).tolist() == [-1, 0, 1, 0, 0]
    assert table["left"].fillna(-1).tolist() == [-1, 0, 1, 0, 0]


@pytest.mark.parametrize("every", ["day", "week", "month", "quarter", "year"])
def test_each_line_follows_from_the_one_before(every):
    table = topic.over_time(frames(), start="2022-01-01", end="2022-03-01" if every == "day" else "2024-06-15", every=every)
    for _, own in table.groupby("segment_id"):
        expected = own["members"].shift() + own["joined"] - own["left"]
        assert (expected == own["members"]).iloc[1:].all()
    assert table["day"].max() == pd.Timestamp("2022-03-01" if every == "day" else "2024-06-15")


def test_without_a_past_it_says_so():
    with pytest.raises(ParameterError, match="past"):
        topic.over_time({**frames(), "history": nothing()["history"]})
    with pytest.raises(ParameterError, match="fortnight"):
        topic.over_time(frames(), end="2024-01-01", every="fortnight")
    assert topic.over_time(frames(), end="2024-01-01", kinds="empty").empty


def test_moved_by_hand():
    before, after = topic.on_day(frames(), "2023-07-01"), topic.on_day(frames(), "2024-03-01")
    table = topic.moved(before, after)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == MOVED
    first = table.iloc[0]
    assert first[["before", "after", "stayed", "joined", "left", "change"]].tolist() == [2, 2, 1, 1, 1, 0]
    moves = topic.movers(before, after)
    assert moves[["name", "person_id", "change"]].to_numpy().tolist() == [["A", "3", "joined"], ["A", "2", "left"]]
    assert topic.movers(after, after).empty
    assert topic.moved(nothing(), after).empty


def family(**own: str) -> dict[str, pd.DataFrame]:
    """A root with two children, one of which has a child; own says who each list gives, by first letter."""
    parents = {"root": None, "left": "root", "right": "root", "tip": "left"}
    pairs = [(one, person) for one, inside in own.items() for person in inside]
    return {
        **frames(),
        "segments": typed(
            {"segment_id": list(parents), "name": list(parents), "kind": ["group"] * 4, "parent_id": list(parents.values())},
            SEGMENTS,
        ),
        "members": typed({"segment_id": [a for a, _ in pairs], "person_id": [b for _, b in pairs]}, MEMBERS),
    }


def test_tree_by_hand():
    table = topic.tree(family(root="6", left="1", right="12", tip="123")).set_index("name")
    assert {name: str(dtype) for name, dtype in table.reset_index().dtypes.items()} == {**TREE}
    assert table.index.tolist() == ["root", "left", "tip", "right"]
    assert table["path"].tolist() == ["root", "root / left", "root / left / tip", "root / right"]
    assert table["members"].tolist() == [1, 1, 3, 2]
    assert table["members_below"].tolist() == [4, 3, 3, 2]
    assert table["reading"].fillna("").tolist() == ["direct only", "direct only", "", ""]
    whole = topic.tree(family(root="123", left="123", right="12", tip="123")).set_index("name")
    assert whole.loc["root", "reading"] == "may include subgroups"


def test_a_name_with_a_stroke_in_it_is_no_place_in_the_tree():
    named = family()
    named["segments"] = named["segments"].assign(name=pd.array(["A", "B", "A / A", "C"], dtype="string"), parent_id=pd.NA)
    named["segments"].loc[1, "parent_id"] = "root"
    assert topic.tree(named)["path"].tolist() == ["A", "A / B", "A / A", "C"]


def test_lines_without_a_person_or_a_segment_count_for_nobody():
    """A missing id was counted as somebody of the segment before, or as a person of its own."""
    whole = family(root="1", left="2", tip="3")
    holes = typed({"segment_id": ["right", "right", None], "person_id": [None, "2", "3"]}, MEMBERS)
    holed = {**whole, "members": pd.concat([whole["members"], holes], ignore_index=True)}
    assert topic.moved(whole, holed).set_index("name")["after"].to_dict() == {"root": 1, "left": 1, "right": 1, "tip": 1}
    assert topic.movers(whole, holed)[["name", "person_id"]].to_numpy().tolist() == [["right", "2"]]
    assert topic.tree(holed).set_index("name")["members"].to_dict() == {"root": 1, "left": 1, "tip": 1, "right": 1}
    rolled = topic.roll_up(holed)["members"]
    assert rolled["segment_id"].isna().sum() == 1
    assert topic.sizes(topic.roll_up(holed)).set_index("name")["members"].to_dict() == {"root": 3, "left": 2, "tip": 1, "right": 1}
    held = frames()
    held["history"] = pd.concat([held["history"], held["history"].iloc[[0]].assign(person_id=pd.NA)]).astype(held["history"].dtypes)
    day = "2024-03-01"
    assert topic.over_time(held, start=day, end=day, segments="A")["members"].tolist() == [2]
    assert topic.sizes(held, segments="A", on=day)["members"].tolist() == [2]


def test_rolled_up_each_group_has_all_below_once():
    rolled = topic.roll_up(family(root="6", left="1", right="12", tip="123"))
    sizes = topic.sizes(rolled).set_index("name")["members"]
    assert sizes.to_dict() == {"root": 4, "left": 3, "tip": 3, "right": 2}
    assert topic.sizes(topic.roll_up(rolled))["members"].tolist() == topic.sizes(rolled)["members"].tolist()


def test_a_loop_of_parents_ends():
    looped = family(root="1", left="2")
    looped["segments"] = looped["segments"].assign(parent_id=["tip", "root", "absent", "left"]).astype({"parent_id": "string"})
    assert topic.tree(looped)["depth"].tolist()
    assert topic.sizes(topic.roll_up(looped), segments=["root"])["members"].tolist() == [2]


def test_tables_of_a_day_are_those_of_the_frames_as_on_that_day():
    found = frames(newest="2024-06-15 10:00:00")
    then = topic.on_day(found, "2023-07-01")
    for table in (topic.sizes, topic.overlap, topic.pairs, topic.intersections, topic.in_none):
        pd.testing.assert_frame_equal(table(found, on="2023-07-01"), table(then))
    assert topic.sizes(found, on="2023-07-01").set_index("name")["members"].to_dict() == {"A": 2, "B": 1}
    with pytest.raises(ParameterError, match="past"):
        topic.sizes({**found, "history": found["history"].head(0)}, on="2023-07-01")
    assert topic.over_time(nothing(), start="2024-01-01", end=TODAY).empty
