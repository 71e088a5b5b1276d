"""Memberships: active, lapsed, kept and lost, and their fees; by hand, against plain loops, and what must hold for any records."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.receipts import Receipt, attach
from crmkit.topics.segments.memberships import ACTIVE, FEES, LAPSED, RETENTION
from crmkit.topics.segments.terms import TERMS, read_terms

from . import terms_by_hand as plain
from .terms_by_hand import frame, record

TODAY = "2024-06-15"
CLUB = [
    record("ann", "2023-01-01", "2023-12-31", membership_record_status="expired", has_renewed=True),
    record("ann", "2024-01-01", "2024-12-31", membership_record_status="Active"),
    record("bob", "2023-01-01", "2023-12-31", membership_record_status="active"),  # in a grace period, says the record
    record("cas", "2023-06-01", "2024-05-31", plan="youth", next_membership_type="adult"),
    record("cas", "2024-06-01", "2025-05-31", membership_record_status="ACTIVE"),  # nobody ticked has_renewed before
    record("dee", "2023-09-01", "2024-08-31", cancellation_date="2024-03-10", membership_record_status="cancelled"),
    record("eve", "2020-02-01", None, plan="life", membership_record_status="active"),
    record("eve", "2024-01-01", "2024-06-14", plan="pool", has_renewed=None),
    record("flo", "2024-05-01", "2024-04-01"),
    record("gus", None, "2024-12-31"),
]


def one_line(table):
    (line,) = table.to_dict("records")
    return line


def test_active_by_hand():
    found = one_line(topic.active(frame(CLUB), on=TODAY))
    # ann's second, cas's second and eve's for life; dee cancelled; flo and gus cannot be dated.
    assert {name: found[name] for name in ACTIVE if name != "linked"} == {
        "terms": 3, "people": 3, "cancelled": 1, "open_end": 1, "said_active": 4, "said_people": 4, "both": 3, "undated": 2,
    }  # fmt: skip
    assert pd.isna(found["linked"])
    assert found["day"] == pd.Timestamp(TODAY)


def test_the_first_and_the_last_day_and_the_day_of_the_cancellation_count():
    def terms(on):
        return topic.active(frame([CLUB[5]]), on=on)["terms"].tolist()

    assert terms(["2023-08-31", "2023-09-01", "2024-03-10", "2024-03-11"]) == [0, 1, 1, 0]
    assert topic.active(frame([CLUB[0]]), on=["2023-12-31", "2024-01-01"])["terms"].tolist() == [1, 0]
    assert topic.active(frame([CLUB[0]]), on=date(2023, 12, 31))["terms"].tolist() == [1]


def test_somebody_with_several_terms_at_once_is_one_person_but_in_each_plan():
    found = topic.active(frame(CLUB), on="2024-06-14")
    assert (found["terms"].item(), found["people"].item()) == (4, 3)
    by_plan = topic.active(frame(CLUB), on="2024-06-14", by="plan").set_index("plan")
    assert by_plan["people"].to_dict() == {"adult": 2, "life": 1, "pool": 1, "youth": 0}
    assert by_plan["terms"].sum() == 4


def test_linked_people_are_counted_apart_and_each_once():
    families = [
        record("ann", "2024-01-01", "2024-12-31", linked_members=["bob", "cas"]),
        record("dee", "2024-01-01", "2024-12-31", linked_members=["cas"]),
        record("eve", "2023-01-01", "2023-12-31", linked_members=["flo"]),
    ]
    found = one_line(topic.active(frame(families), on=TODAY))
    assert (found["people"], found["linked"]) == (2, 2)


def test_groups_are_those_of_every_day_and_an_unknown_plan_is_one():
    some = [*CLUB[:2], record("hal", "2024-01-01", "2024-12-31", plan=None)]
    found = topic.active(frame(some), on=["2022-01-01", TODAY], by=["plan", "status"])
    assert found["plan"].fillna("?").tolist() == ["adult", "adult", "?"] * 2
    assert found["status"].fillna("?").tolist() == ["active", "expired", "?"] * 2
    assert found["terms"].tolist() == [0, 0, 0, 1, 0, 1]
    with pytest.raises(ParameterError, match="by is no 'family'"):
        topic.active(frame(CLUB), on=TODAY, by="family")


def test_lapsed_by_hand():
    found = topic.lapsed(frame(CLUB), on=TODAY)
    # ann renewed, cas followed in the plan that was to come next; dee's end has not passed.
    assert found["person_id"].tolist() == ["eve", "bob"]
    assert found["ended"].dt.strftime("%Y-%m-%d").tolist() == ["2024-06-14", "2023-12-31"]
    assert found["days"].tolist() == [1, 167]
    assert found["certain"].tolist() == [False, True]
    assert found["still_active"].tolist() == [True, False]
    assert "dee" in topic.lapsed(frame(CLUB), on="2024-09-01")["person_id"].tolist()
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == LAPSED


def test_retention_by_hand():
    found = topic.retention(frame(CLUB), today=TODAY)
    shown = ["terms", "people", "renewed", "followed", "kept", "unknown", "lost", "cancelled", "over"]
    assert found["ending"].dt.strftime("%Y-%m").tolist() == ["2023-12", "2024-05", "2024-06", "2024-08", "2024-12", "2025-05"]
    assert found[shown].fillna(-1).to_numpy().tolist() == [
        [2, 2, 1, 1, 1, 0, 1, 0, True],
        [1, 1, 0, 1, 1, 0, 0, 0, True],
        [1, 1, 0, 0, 0, 1, -1, 0, False],
        [1, 1, 0, 0, 0, 0, -1, 1, False],
        [1, 1, 0, 0, 0, 0, -1, 0, False],
        [1, 1, 0, 0, 0, 0, -1, 0, False],
    ]
    assert found["rate"].tolist()[:2] == [0.5, 1.0]
    assert found["rate"].isna().tolist() == [False, False, True, True, True, True]
    assert found["rate_low"].tolist()[0] == pytest.approx(0.0945, abs=1e-4)
    assert found["rate_high"].tolist()[0] == pytest.approx(0.9055, abs=1e-4)
    assert found["small"].all()


def test_a_month_is_judged_once_it_is_over():
    def over(today):
        return topic.retention(frame([CLUB[0]]), today=today)["over"].tolist()

    assert (over("2023-12-31"), over("2024-01-01")) == ([False], [True])


def test_quarters_and_years_add_up_the_months():
    months, quarters, years = (topic.retention(frame(CLUB), every=every, today="2030-01-01") for every in ("month", "quarter", "year"))
    assert quarters["ending"].dt.strftime("%m").isin(["01", "04", "07", "10"]).all()
    assert years["ending"].dt.strftime("%Y-%m-%d").tolist() == ["2023-01-01", "2024-01-01", "2025-01-01"]
    for column in ("terms", "kept", "unknown", "lost", "cancelled"):
        assert months[column].sum() == quarters[column].sum() == years[column].sum()
    with pytest.raises(ParameterError, match="every is no 'week'"):
        topic.retention(frame(CLUB), every="week", today=TODAY)


def test_a_flag_that_is_missing_is_not_a_no():
    some = [record(name, "2023-01-01", "2023-12-31", has_renewed=flag) for name, flag in (("a", True), ("b", False), ("c", None))]
    line = one_line(topic.retention(frame(some), today=TODAY))
    assert (line["kept"], line["unknown"], line["lost"], line["rate"]) == (1, 1, 1, 1 / 3)
    assert topic.lapsed(frame(some), on=TODAY).set_index("person_id")["certain"].to_dict() == {"b": True, "c": False}


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        ({}, 1),
        ({"plan": "youth"}, 0),
        ({"plan": None}, 0),
        ({"member": "bob"}, 0),
        ({"member": None}, 0),
        ({"start": "2023-06-01"}, 1),  # overlaps, and lasts longer
        ({"start": "2023-01-01"}, 0),  # not later
        ({"start": "2023-06-01", "end": "2023-12-31"}, 0),  # within the first
        ({"start": "2030-01-01", "end": None}, 1),  # however long after
        ({"start": "2025-01-01"}, 0),  # ends before it begins
        ({"cancellation_date": "2024-01-01"}, 1),  # a day is a day
        ({"cancellation_date": "2023-12-01"}, 0),  # cancelled before it began
    ],
)
def test_what_follows_a_term(later, kept):
    one = {"member": "ann", "start": "2024-01-01", "end": "2024-12-31", **later}
    first = record("ann", "2023-01-01", "2023-12-31")
    assert topic.retention(frame([first, record(**one)]), today="2024-02-01")["kept"].tolist()[:1] == [kept]


def test_somebody_who_changed_to_another_plan_midway_has_not_lapsed():
    first = record("ann", "2023-09-01", "2024-08-31", cancellation_date="2024-01-31", next_membership_type="family")
    other = record("ann", "2024-02-01", "2024-08-31", plan="family", has_renewed=True)
    assert topic.lapsed(frame([first, other]), on="2025-01-01").empty


def test_families_say_which_plans_follow_each_other():
    some = [record("ann", "2023-01-01", "2023-12-31", plan="youth"), record("ann", "2024-01-01", "2024-12-31", plan="adult")]
    assert len(topic.lapsed(frame(some), on=TODAY)) == 1
    assert topic.lapsed(frame(some), on=TODAY, families={"youth": "play", "adult": "play"}).empty
    assert len(topic.lapsed(frame(some), on=TODAY, families={"youth": "play", "adult": "pay"})) == 1
    with pytest.raises(ParameterError, match="families names none of these plans"):
        topic.retention(frame(some), families={"jeugd": "lid"}, today=TODAY)


def test_a_term_without_an_end_ends_when_it_is_cancelled():
    (runs, stopped) = record("ann", "2020-01-01", None), record("bob", "2020-01-01", None, cancellation_date="2024-02-10")
    found = topic.retention(frame([runs, stopped]), today=TODAY)
    assert found["ending"].dt.strftime("%Y-%m").tolist() == ["2024-02"]
    assert found["cancelled"].tolist() == [0]
    assert topic.lapsed(frame([runs, stopped]), on=TODAY)["person_id"].tolist() == ["bob"]


def test_fees_by_hand():
    some = [
        record("ann", "2024-01-01", "2024-12-31", amount=100, currency="gbp", period="annual", paid=True),
        record("ann", "2024-01-01", "2024-12-31", amount=20.5, currency="GBP", period="annual", paid=False),
        record("bob", "2024-01-01", "2024-12-31", amount=None, currency="gbp", period="annual", paid=True),
        record("cas", "2023-01-01", "2023-12-31", amount=7, currency="gbp", period="annual", paid=None),
        record("dee", "2024-01-01", "2024-12-31", amount=9, currency="eur", period="monthly", paid=True),
    ]
    found = topic.fees(frame(some)).to_dict("records")
    assert [tuple(line.values()) for line in found] == [
        ("eur", "monthly", 1, 1, 9.0, 1, 1, 0, 0, 9.0),
        ("gbp", "annual", 4, 3, 127.5, 3, 2, 1, 1, 100.0),
    ]
    today = topic.fees(frame(some), on=TODAY)
    assert today["amount"].tolist() == [9.0, 120.5]
    assert list(topic.fees(frame(some), by="plan").columns) == ["currency", "period", "plan", *FEES]


def test_records_as_texts_moments_and_objects_give_the_same():
    texts = frame([{**one, "start_date": one["start_date"] and one["start_date"] + "T00:00:00"} for one in CLUB])
    moments = frame(CLUB)
    for name in ("start_date", "end_date", "cancellation_date"):
        moments[name] = pd.to_datetime(moments[name]).astype("datetime64[us]") + pd.Timedelta(hours=23)
    objects = frame(CLUB).astype(object).where(lambda one: one.notna(), None)
    for other in (texts, moments, objects):
        pd.testing.assert_frame_equal(read_terms(other), read_terms(frame(CLUB)))
    assert {name: str(dtype) for name, dtype in read_terms(objects).dtypes.items()} == TERMS


def test_what_is_no_day_is_not_taken_for_none():
    told = frame([record("ann", "2024-01-01", "soon"), record("bob", "2024-01-01", "")])
    assert read_terms(told)["dated"].tolist() == [False, True]
    assert one_line(topic.active(told, on=TODAY))["open_end"] == 1
    typed = told.assign(**{"end_date": pd.Series([pd.NaT] * 2, dtype="datetime64[us]"), "end_date.raw": ["soon", None]})
    assert read_terms(typed)["dated"].tolist() == [False, True]


def test_the_same_record_counts_once():
    """Asked by person, a membership comes with its member and with each whom it also covers."""
    once = frame(CLUB)
    twice = pd.concat([once, once.tail(4)], ignore_index=True)
    pd.testing.assert_frame_equal(read_terms(twice), read_terms(once))


def test_a_field_that_the_records_lack_is_named():
    for lost, calls in {
        "end_date": (topic.active, topic.lapsed, topic.retention),
        "cancellation_date": (topic.active, topic.lapsed, topic.retention),
        "has_renewed": (topic.lapsed, topic.retention),
        "member": (topic.active, topic.lapsed, topic.retention),
        "currency": (topic.fees,),
    }.items():
        for call in calls:
            with pytest.raises(ParameterError, match=rf"{call.__name__}: these memberships lack .*{lost}"):
                call(frame(CLUB).drop(columns=lost, errors="ignore"))
    assert len(topic.active(frame(CLUB).drop(columns="has_renewed"), on=TODAY))
    with pytest.raises(ParameterError, match="not frames without terms"):
        topic.active({"segments": pd.DataFrame(), "members": pd.DataFrame()})
    with pytest.raises(ParameterError, match="without any of their columns"):
        topic.fees(pd.DataFrame({"a": [1]}))
    for blind in (read_terms(frame(CLUB).drop(columns="end_date")), frame([CLUB[-1]])):
        for call in (topic.active, topic.lapsed, topic.retention):
            with pytest.raises(ParameterError, match="none of these terms has dates that can be judged"):
                call(blind)
    assert len(topic.fees(read_terms(frame(CLUB).drop(columns="end_date"))))


def test_the_day_is_that_of_the_frame():
    with pytest.raises(ParameterError, match="pass on="):
        topic.active(frame(CLUB))
    club = frame(CLUB).assign(amount=1, currency="gbp", period="annual", paid=True)
    known = attach(club, Receipt("sheepCRM", "memberships", records=10, newest=f"{TODAY} 10:00:00", complete=None))
    for table in (topic.active(known), topic.lapsed(known), topic.retention(known), topic.fees(known)):
        assert crmkit.receipt(table).complete is None
        assert crmkit.receipt(table).records == len(table)
    assert topic.active(known)["day"].tolist() == [pd.Timestamp(TODAY)]
    pd.testing.assert_frame_equal(topic.lapsed(known), topic.lapsed(frame(CLUB), on=TODAY))


def test_of_nothing():
    for nothing in (pd.DataFrame(), frame(CLUB).head(0), read_terms(frame(CLUB)).head(0)):
        (line,) = topic.active(nothing, on=TODAY).drop(columns="day").to_numpy().tolist()
        assert line == [0] * len(ACTIVE)
        assert topic.active(nothing, on=TODAY, by="plan").empty
        assert list(topic.retention(nothing, today=TODAY, by="plan").columns) == ["ending", "plan", *RETENTION]
        assert topic.lapsed(nothing, on=TODAY).empty
        assert topic.fees(nothing).empty


DAYS = st.none() | st.integers(0, 60).map(lambda number: str(date(2023, 12, 1) + timedelta(days=number)))
RECORDS = st.lists(
    st.builds(
        record,
        st.sampled_from(["ann", "bob", None]),
        DAYS,
        DAYS,
        st.sampled_from(["adult", "youth", "pool", None]),
        next_membership_type=st.sampled_from(["adult", None]),
        cancellation_date=DAYS,
        has_renewed=st.sampled_from([True, False, False, None]),
        membership_record_status=st.sampled_from(["active", "Active", "lapsed", None]),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=20, deadline=None)
@given(RECORDS, DAYS.filter(bool), st.sampled_from([None, {"adult": "play", "youth": "play"}]))
def test_plain_loops_count_the_same(records, on, families):
    if not any(map(plain.dated, records)):
        records = [*records, record("ann", "2023-12-01", "2023-12-31")]
    if families and not any(one["membership_type"] in families for one in records):
        families = None
    some, day = frame(records), date.fromisoformat(on)
    line = one_line(topic.active(some, on=on))
    assert tuple(line[name] for name in ("terms", "people", "cancelled")) == plain.active(records, day)[:3]
    assert line["undated"] == plain.active(records, day)[4]
    if any(one["membership_record_status"] for one in records):
        assert line["said_active"] == plain.active(records, day)[3]
        assert line["both"] <= min(line["terms"], line["said_active"])
    lost = topic.lapsed(some, on=on, families=families)
    assert {int(one.split("/")[3]) for one in lost["term_id"]} == plain.lapsed(records, day, families)
    kept = topic.retention(some, families=families, today="2030-01-01")
    expected = plain.retention(records, families)
    assert {month.date(): tuple(counts) for month, *counts in kept[["ending", "terms", "kept", "unknown"]].itertuples(index=False)} == expected
    assert (kept["terms"] == kept["kept"] + kept["unknown"] + kept["lost"]).all()
    assert (kept["rate_low"] <= kept["rate"]).all()
    assert (kept["rate"] <= kept["rate_high"]).all()


@settings(max_examples=10, deadline=None)
@given(RECORDS, DAYS.filter(bool))
def test_parts_add_up_and_what_lapsed_is_what_was_not_kept(records, on):
    if not any(map(plain.dated, records)):
        return
    some = frame(records)
    whole, parts = one_line(topic.active(some, on=on)), topic.active(some, on=on, by=["plan", "status"])
    for name in ("terms", "cancelled", "open_end", "undated"):
        assert parts[name].sum() == whole[name]
    assert whole["people"] <= min(whole["terms"], parts["people"].sum())
    by_plan = topic.retention(some, by="plan", every="year", today="2030-01-01")
    lost = topic.lapsed(some, on="2030-01-01")
    assert by_plan["lost"].sum() == lost["certain"].sum()
    assert by_plan["unknown"].sum() == (~lost["certain"]).sum()
    running = topic.lapsed(some, on=on)["term_id"]
    assert not set(running) & set(topic.lapsed(some.iloc[::-1], on="2000-01-01")["term_id"])
    assert np.array_equal(sorted(running), sorted(topic.lapsed(some.iloc[::-1], on=on)["term_id"]))
