"""A panel works out once what depends on its tables alone, and never shows anything else for it."""

import gc

import pandas as pd
import pytest

import crmkit
from crmkit.topics.once import Kept, keeping, once

calls = []


@once
def largest(table, column):
    calls.append(column)
    return int(table[column].max())


@pytest.fixture
def table():
    calls.clear()
    return pd.DataFrame({"a": [1, 2], "b": [3, 4]})


def test_nothing_is_kept_without_a_panel(table):
    assert [largest(table, "a") for _ in range(2)] == [2, 2]
    assert len(calls) == 2


def test_only_the_tables_of_the_panel_are_remembered_and_by_what_is_asked(table):
    other = table * 10
    kept = Kept([table])
    for _ in range(2):
        with keeping(kept):
            assert [largest(table, "a"), largest(table, "b"), largest(other, "a")] == [2, 4, 20]
    assert calls == ["a", "b", "a", "a"]


def test_a_panel_shows_the_tables_as_they_were_when_it_was_made():
    frames = {
        "segments": pd.DataFrame({"segment_id": ["s"], "name": ["S"], "kind": ["label"]}, dtype="string"),
        "members": pd.DataFrame({"segment_id": ["s", "s"], "person_id": ["p", "q"]}, dtype="string"),
        "people": pd.DataFrame({"person_id": ["p", "q", "r"]}, dtype="string"),
    }
    frames["segments"]["declared_size"] = pd.array([None], dtype="Int64")
    frames["history"] = frames["members"].head(0)
    panel = crmkit.segments.explore(frames)
    frames["members"].loc[1, "segment_id"] = "other"
    panel.controls["min_n"].value = 1
    assert panel.frame["members"].tolist() == [2]
    assert crmkit.segments.sizes(frames)["members"].tolist() == [1]
    panel.close()


def test_a_drawing_is_not_interrupted_by_the_collector_which_runs_again_afterwards(monkeypatch, table):
    panel = crmkit.attendance.explore({"events": pd.DataFrame({"kind": []}), "answers": table})  # refuses in words
    seen = []
    monkeypatch.setattr(panel, "_words", lambda **told: seen.append(gc.isenabled()) or "")
    panel._draw()
    assert gc.isenabled()
    assert seen
    assert not any(seen)
    panel.close()
