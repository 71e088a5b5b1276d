"""crmkit.attendance: persons, their streaks and habits."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import attendance
from crmkit.errors import ParameterError
from crmkit.topics.attendance.people import BY_PERSON

from .attendance_accounts import ANSWER, EVENT, answers, events, frame

DAYS = [f"2024-0{month}-01 19:00" for month in range(1, 8)]
SEVEN = events(*((f"e{place}", day, {}) for place, day in enumerate(DAYS)))


def people(texts, *, measure="signed_up", some=SEVEN, **more):
    """Persons p0, p1, ... by their letters at e0, e1, ..."""
    lists = {f"e{event}": "".join(text[event] for text in texts) for event in range(len(texts[0]))}
    return attendance.by_person(some, answers(**lists), measure=measure, today=more.pop("today", "2024-07-15"), **more)


def test_streaks_first_last_and_missed_by_hand():
    told = people(["aadcn-a", "adddddi", "ddddddd", "aaaaaaa", "-------"])
    columns = ["person_id", "invited", "hits", "first", "last", "streak", "longest_streak", "missed", "lapsed"]
    day = [pd.Timestamp(text).normalize() for text in DAYS]
    assert told[columns].astype(object).where(told[columns].notna(), None).values.tolist() == [
        ["p0", 6, 5, day[0], day[6], 3, 3, 0, False],
        ["p1", 7, 1, day[0], day[0], 0, 1, 6, True],
        ["p2", 7, 0, None, None, 0, 0, 7, None],
        ["p3", 7, 7, day[0], day[6], 7, 7, 0, False],
    ]


def test_lapsed_needs_both_missed_invitations_and_days():
    texts = ["adddddd"]
    assert people(texts, lapsed_after=6)["lapsed"].tolist() == [True]
    assert people(texts, lapsed_after=7)["lapsed"].tolist() == [False]
    assert people(texts, lapsed_days=196)["lapsed"].tolist() == [True]
    assert people(texts, lapsed_days=197)["lapsed"].tolist() == [False]


def test_presence_is_judged_only_where_somebody_was_recorded():
    # e0: taken; e1: nobody recorded; e2: taken in part, so the yes of p0 says nothing; e3: p0 said no.
    told = people(["cnad", "caci"], measure="attended", some=SEVEN.head(4)).set_index("person_id")
    assert told.loc["p0", ["chances", "hits", "streak", "missed"]].tolist() == [2, 1, 0, 1]
    assert told.loc["p1", ["chances", "hits", "streak", "missed"]].tolist() == [2, 2, 2, 0]


def test_a_person_twice_on_a_list_counts_once_with_what_says_most():
    twice = pd.concat([answers(e0="a"), answers(e0="c"), answers(e0="i")], ignore_index=True)
    told = attendance.by_person(SEVEN, twice, today="2024-07-15").iloc[0]
    assert told[["invited", "signed_up", "attended", "chances"]].tolist() == [1, 1, 1, 1]


def test_guests_and_events_to_come_are_left_out():
    some = events(("e0", "2024-01-01", {}), ("e1", "2024-08-01", {"ended": False}))
    told = attendance.by_person(some, answers(e0="aA", e1="dd"), today="2024-07-15")
    assert told[["person_id", "invited"]].values.tolist() == [["p0", 1]]


def test_the_day_must_be_known_and_a_measure_be_one():
    with pytest.raises(ParameterError, match="today"):
        attendance.by_person(SEVEN, answers(e0="a"))
    with pytest.raises(ParameterError, match="signed_up"):
        people(["a"], measure="luck")


def test_habits_by_hand():
    told = attendance.habits(people(["aaaaadd", "aaaadaa", "aaddddd", "dddiiii", "iiiiiii", "aaaadii"]))
    assert told["people"].tolist() == [1, 2, 1, 1, 1]
    assert told["invited"].tolist() == [7, 14, 7, 7, 7]
    assert told["signed_up"].tolist() == [6, 9, 2, 0, 0]
    assert told["lapsed"].tolist() == [0, 0, 1, 0, 0]
    assert told["share"].sum() == pytest.approx(1)
    assert attendance.habits(people(["aaaaaaa"]), min_invited=8).empty


def test_nobody_gives_an_empty_typed_table():
    told = attendance.by_person(frame([], EVENT), frame([], ANSWER))
    assert told.empty
    assert {name: str(dtype) for name, dtype in told.dtypes.items()} == BY_PERSON
    assert attendance.habits(told).empty


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text("iadcn-", min_size=7, max_size=7), min_size=1, max_size=6))
def test_streaks_agree_with_counting_one_by_one(texts):
    told = people(texts).set_index("person_id")
    for place, text in enumerate(texts):
        said = [letter in "acn" for letter in text if letter != "-"]
        if not said:
            assert f"p{place}" not in told.index
            continue
        runs = "".join("x" if yes else " " for yes in said)
        line = told.loc[f"p{place}"]
        assert line["longest_streak"] == max(map(len, runs.split()), default=0)
        assert line["streak"] == len(runs) - len(runs.rstrip("x"))
        assert line["missed"] == len(runs) - len(runs.rstrip(" "))
        assert (line["hits"], line["chances"]) == (runs.count("x"), len(runs))
        assert line["streak"] * line["missed"] == 0
