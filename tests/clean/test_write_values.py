"""One correction against one value, as pure functions."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.clean.write_values import changed, is_old, reverted, same, value
from crmkit.writing import Field, Place, Unfit, parsed, wire

PHONES = Field("phones", "items", parts=(Field("type", values=("work", "home")), Field("value")))
OWN = Field("custom_fields", "custom", wrapper="custom_field")
TASTE = {"id": "f1", "name": "Taste", "type": "select_box", "choices": ["sweet", "sour"]}
SIZE = {"id": "f2", "name": "Size", "type": "number", "choices": []}


def definitions():
    return {"f1": TASTE, "f2": SIZE}


@pytest.mark.parametrize(
    ("kind", "now", "text", "is_it"),
    [
        ("text", "a", "a", True),
        ("text", "", "", True),
        ("text", None, pd.NA, True),
        ("text", "", pd.NA, False),
        ("day", "", pd.NA, True),
        ("day", "31/12/1999", pd.NA, True),
        ("day", "1999-12-31", pd.NA, False),
        ("day", "1999-12-31", "1999-12-31", True),
        ("number", 10, "10", True),
        ("number", 10.5, "10.50", True),
        ("whole", 7, "7", True),
        ("whole", 7, "8", False),
        ("epoch", 1525273653, "2018-05-02T15:07:33Z", True),
        ("flag", True, "true", True),
        ("flag", False, "true", False),
        ("words", ["VIP"], '["VIP"]', True),
        ("words", ["VIP"], "VIP", False),
    ],
)
def test_the_old_value_is_recognised(kind, now, text, is_it):
    assert is_old(Field("x", kind), wire(Field("x", kind), now), text) is is_it


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=3)), st.text(min_size=1, max_size=5), st.integers(0, 2))
def test_one_member_of_a_list_changes_and_nothing_else(extra, new, which):
    raw = [{"type": "work", "value": f"{place}1", **{f"x{name}": value for name, value in extra.items()}} for place in range(3)]
    result = changed(PHONES, raw, Place("phones", str(which), "value"), new, definitions)
    assert [item["value"] for item in result] == [new if place == which else f"{place}1" for place in range(3)]
    assert all(set(item) == {"type", "value"} for item in result)


def test_positions_count_as_the_frame_shows_them():
    raw = [{"type": "", "value": ""}, {"type": "work", "value": "1"}]
    assert changed(PHONES, raw, Place("phones", "0", "value"), "2", definitions) == [raw[0], {"type": "work", "value": "2"}]


def test_an_old_type_may_stay_in_a_list_that_is_sent_whole():
    raw = [{"type": "skype", "value": "a"}]
    text = '[{"type": "skype", "value": "a"}, {"type": "home", "value": "1"}]'
    assert len(changed(PHONES, raw, Place("phones"), text, definitions)) == 2
    with pytest.raises(Unfit, match="takes one of"):
        changed(PHONES, [], Place("phones"), text, definitions)


def test_what_is_null_or_unknown_in_an_entry_is_not_sent_and_hides_no_change():
    raw = [{"type": None, "value": "1"}, {"type": "home", "value": "2", "id": "p2"}]
    sent = [{"value": "1"}, {"type": "home", "value": "3"}]
    assert changed(PHONES, raw, Place("phones", "1", "value"), "3", definitions) == sent
    assert is_old(PHONES, wire(PHONES, raw), json.dumps(raw))
    assert changed(PHONES, raw, Place("phones"), json.dumps([raw[0], {"type": "home", "value": "3"}]), definitions) == sent
    address = Field("address", "object", parts=(Field("city"), Field("state")))
    assert changed(address, {"city": "Gnt", "state": None}, Place("address", None, "city"), "Gent", definitions) == {"city": "Gent"}


def test_custom_fields_keep_the_others_and_come_back():
    raw = [{"custom_field": SIZE, "value": "4"}]
    new = changed(OWN, raw, Place("cf.", "Taste"), "sour", definitions)
    assert [item["value"] for item in new] == ["4", "sour"]
    back = reverted(OWN, wire(OWN, raw), new)
    assert [(item["custom_field"]["id"], item["value"]) for item in back] == [("f2", "4"), ("f1", "")]
    assert same(wire(OWN, back), wire(OWN, raw))


@pytest.mark.parametrize("odd", [{"custom_field": None, "value": "4"}, {"value": "4"}, {"custom_field": {"name": "x"}, "value": "4"}])
def test_a_custom_value_that_names_no_field_ends_no_plan_and_is_not_lost_by_a_write(odd):
    raw = [odd, {"custom_field": SIZE, "value": "4"}]
    assert wire(OWN, raw) == [{"custom_field": {"id": None}, "value": "4"}, {"custom_field": {"id": "f2"}, "value": "4"}]
    assert value(OWN, raw, Place("cf.", "Size"), definitions)[1] == 4
    for place in (Place("cf.", "Taste"), Place("custom_fields", "0", "value")):
        with pytest.raises(Unfit, match="names no field"):
            changed(OWN, raw, place, "sour", definitions)
    empty = [{**odd, "value": None}]
    assert changed(OWN, empty, Place("cf.", "Size"), "5", definitions) == [{"custom_field": {"id": "f2"}, "value": 5}]


@pytest.mark.parametrize("kind", ["day", "number", "whole", "epoch", "id", "flag"])
def test_what_cannot_be_emptied_cannot_be_reverted_to_nothing(kind):
    with pytest.raises(Unfit, match="empty"):
        reverted(Field("x", kind), None, "1")
    with pytest.raises(Unfit, match="blank"):
        parsed(Field("x", kind), "")


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e999", "twelve"])
def test_numbers_are_finite(text):
    with pytest.raises(Unfit, match="a number"):
        parsed(Field("x", "number"), text)


@pytest.mark.parametrize("kind", ["whole", "number", "epoch"])
@pytest.mark.parametrize("digits", ["9007199254740993", "-1234567890123456789"])
def test_no_digit_of_a_long_number_is_lost(kind, digits):
    """A float holds 15 of them; a card or licence number has more."""
    one = Field("x", kind)
    assert wire(one, digits) == int(digits)
    assert is_old(one, int(digits), digits)
    if kind != "epoch":
        assert parsed(one, digits) == int(digits)


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ({"city": "Gent", "state": ""}, {"city": "Gent"}, True),
        ({"city": "Gent", "state": ""}, {"city": "Gent", "state": "OV"}, False),
        ([{"value": "1", "type": ""}], [{"value": "1"}], True),
        ([{"value": "1"}], [{"value": "1"}, {"value": "2"}], False),
        ([{"custom_field": {"id": "f2"}, "value": 12.5}], [{"custom_field": {"id": "f2"}, "value": "12.50"}], True),
        ([{"custom_field": {"id": "f2"}, "value": 12}], [{"custom_field": {"id": "f3"}, "value": 12}], False),
        ([{"custom_field": {"id": "f1"}, "value": ["sour"]}], [{"custom_field": {"id": "f1"}, "value": "sour"}], True),
        (["sour", "sweet"], "sour", False),
        (1, "1", True),
        ("12.50", 12.5, True),
        ("0475", 475, False),
        ("+32", 32, False),
        ("twelve", 12, False),
        ("1", True, False),
        ("1", "1.0", False),
    ],
)
def test_what_means_the_same_is_the_same_inside_records_too(one, other, are):
    assert same(one, other) is same(other, one) is are
