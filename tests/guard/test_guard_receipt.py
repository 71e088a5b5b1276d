"""A receipt proves one frame and its parts: nothing that was put together of several ever claims it."""

import pickle

import pandas as pd
import pytest

import crmkit
from crmkit import exports
from crmkit.errors import ShapeError


@pytest.fixture
def frame(connect):
    return connect().contacts()


PARTS = {
    "head": lambda frame: frame.head(5),
    "filter": lambda frame: frame[frame["id"] > 7],
    "none": lambda frame: frame.head(0),
    "columns": lambda frame: frame[["first_name"]],
    "sorted": lambda frame: frame.sort_values("first_name", ascending=False).reset_index(drop=True),
    "sample": lambda frame: frame.sample(20, random_state=1),
    "copy": lambda frame: frame.copy(),
    "assign": lambda frame: frame.assign(more=1),
    "renamed": lambda frame: frame.rename(columns={"first_name": "name"}),
    "dropna": lambda frame: frame.dropna(axis=1, how="all"),
    "pickled": lambda frame: pickle.loads(pickle.dumps(frame)),
    "deduplicated": lambda frame: frame.drop_duplicates("id"),
    "query": lambda frame: frame.query("id > 3"),
    "indexed": lambda frame: frame.set_index("id"),
}

COMBINED = {
    "concat of itself": lambda frame: pd.concat([frame, frame]),
    "concat of parts": lambda frame: pd.concat([frame.head(3), frame.tail(3)]),
    "concat of the same part": lambda frame: pd.concat([frame.head(3), frame.head(3)]),
    "concat of copies": lambda frame: pd.concat([frame.copy(), frame.copy()]),
    "concat of a part with itself": lambda frame: pd.concat([part := frame.head(3), part]),
    "concat side by side": lambda frame: pd.concat([frame[["id"]], frame[["first_name"]]], axis=1),
    "merge with itself": lambda frame: frame.merge(frame, how="cross"),
    "merge of parts": lambda frame: frame[["id", "first_name"]].merge(frame[["id", "last_name"]], on="id"),
    "merge on something else": lambda frame: frame.merge(frame, left_on="id", right_on="id", how="inner", suffixes=("_x", "_y")).merge(frame.head(2), how="cross"),
    "self join": lambda frame: frame.head(9).merge(frame.head(9), left_index=True, right_index=True),
    "self join of one object": lambda frame: frame.merge(frame, left_index=True, right_index=True),
    "repeated lines": lambda frame: frame.loc[[0, 0, 1]],
    "explode": lambda frame: frame.assign(more=[[1, 2]] * len(frame)).explode("more"),
    "groupby": lambda frame: frame.groupby("first_name").size().reset_index(),
}


@pytest.mark.parametrize("how", PARTS)
def test_a_part_keeps_the_receipt(frame, how):
    assert crmkit.receipt(PARTS[how](frame)) == crmkit.receipt(frame)


@pytest.mark.parametrize("how", COMBINED)
def test_what_was_put_together_has_none(frame, how):
    with pytest.raises(ShapeError, match="before they are combined"):
        crmkit.receipt(COMBINED[how](frame))


@pytest.mark.parametrize("how", ["concat of itself", "concat of the same part", "concat of copies", "repeated lines", "self join of one object"])
def test_the_same_after_parquet(frame, tmp_path, how):
    exports.write(frame, tmp_path / "f.parquet")
    back = pd.read_parquet(tmp_path / "f.parquet")
    assert crmkit.receipt(back) == crmkit.receipt(frame)
    with pytest.raises(ShapeError):
        crmkit.receipt(COMBINED[how](back))


def test_two_reads_of_one_file_do_not_add_up_to_a_proof(frame, tmp_path):
    frame.to_parquet(tmp_path / "f.parquet")
    twice = pd.concat([pd.read_parquet(tmp_path / "f.parquet"), pd.read_parquet(tmp_path / "f.parquet")])
    with pytest.raises(ShapeError):
        crmkit.receipt(twice)


def test_two_fetches_do_not_add_up_to_a_proof(connect):
    with pytest.raises(ShapeError):
        crmkit.receipt(pd.concat([connect().contacts(), connect().contacts()]))


def test_a_child_may_have_more_lines_than_its_parent_and_proves_as_much(server, connect):
    opened = next(one.name for one in crmkit.Peepl.rows()["contact"].columns if one.kind == "children")
    server.answer("/contacts/1/", {"id": 1, opened: [{"id": number} for number in range(5)]})
    table = crmkit.child(connect().contact(1), opened)
    assert len(table) == 5
    assert crmkit.receipt(table).complete
    with pytest.raises(ShapeError):
        crmkit.receipt(pd.concat([table, table]))


def test_a_combined_frame_can_still_be_written(frame, tmp_path):
    for ending in ("csv", "xlsx", "json", "parquet"):
        exports.write(pd.concat([frame, frame], ignore_index=True), tmp_path / f"f.{ending}")


def test_the_pages_of_a_receipt_are_those_that_came(server, connect):
    server.answer("/contacts/7/", {"id": 7})
    server.answer("/contacts/8/", {"id": 8})
    for calls, cached in ((3, 0), (1, 2)):  # what was answered 404 was asked, and is not kept
        proof = crmkit.receipt(connect().contact([7, 99_999, 8], allow_partial=True))
        assert (proof.pages, proof.calls, proof.cached_pages) == (2, calls, cached)
        assert "99999" in " ".join(proof.problems).replace(",", "")


def test_ids_looked_for_at_two_paths_are_named_and_counted_by_id(server, connect):
    """Peepl's kinds of activities are asked at a path of their own, and then at that of all activities."""
    server.answer("/activities/8/", {"id": 8})
    server.answer("/activities/9/", {"id": 9})
    client = connect()
    proof = crmkit.receipt(client.activity_internal([7, 8, 6], allow_partial=True))
    assert [line.split(" was")[0] for line in proof.problems if "404" in line] == ["activity_id=7", "activity_id=6"]
    assert crmkit.receipt(client.activity_internal([8, 9], limit=1)).limited
    assert not crmkit.receipt(client.activity_internal([8, 9], limit=2)).limited
