"""crmkit.attendance: rates of lists, by hand and by law."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import attendance
from crmkit.errors import ParameterError
from crmkit.topics.attendance.choose import COUNTS, RATED, RATES
from crmkit.topics.attendance.tables import BY_EVENT

from .attendance_accounts import ANSWER, EVENT, GROUP, answers, events, frame, groups

# e1 Monday 19 h, ended, places for 4; e2 Monday 19 h, under way; e3 Sunday 10 h, ended, nobody took attendance; e4 cancelled.
EVENTS = events(
    ("e1", "2024-06-03 19:00", {"capacity": 4.0}),
    ("e2", "2024-06-10 19:00", {"ended": False, "capacity": 5.0, "kind": "walk"}),
    ("e3", "2024-06-09 10:00", {"capacity": 0.0}),
    ("e4", "2024-06-09 11:00", {"cancelled": True, "capacity": 9.0}),
)
LISTS = answers(e1="cccnaddiooC", e2="cai", e3="aai", e4="ad")
PEEPL = events(("e1", "2024-06-03 19:00", {"presence": False, "crm": "Peepl"}))


def lines(table, *columns):
    return table[list(columns)].astype(object).where(table[list(columns)].notna(), None).values.tolist()


def test_every_measure_of_one_event_by_hand():
    told = attendance.by_event(EVENTS, LISTS, names="e1").iloc[0]
    assert told[list(COUNTS)].to_dict() == {
        "people": 10,
        "guests": 1,
        "invited": 11,
        "answered": 8,
        "signed_up": 6,
        "open": 1,
        "accepted": 1,
        "declined": 2,
        "attended": 4,
        "no_show": 1,
        "other": 2,
        "recorded": 5,
        "stale": 1,
    }
    shares = {
        "response_rate": 8 / 11,
        "yes_share_of_answers": 6 / 8,
        "yes_share_of_invited": 6 / 11,
        "turnout": 4 / 5,
        "no_show_rate": 1 / 5,
    }
    assert told[list(shares)].to_dict() == pytest.approx(shares)
    assert (told["use_of_capacity"], told["taken"], told["weekday"], told["hour"]) == (1.0, "part", "Monday", 19)
    assert (told["small"], told["small_turnout"]) == (True, True)


def test_an_event_under_way_has_no_turnout_and_counts_who_is_expected():
    told = attendance.by_event(EVENTS, LISTS).set_index("event_id")
    assert told.index.tolist() == ["e1", "e3", "e2"]
    assert pd.isna(told.loc["e2", "turnout"])
    assert pd.isna(told.loc["e2", "taken"])
    assert told.loc["e2", ["recorded", "use_of_capacity"]].tolist() == [1, 2 / 5]
    assert told.loc["e3", "taken"] == "none"
    assert pd.isna(told.loc["e3", "use_of_capacity"])


def test_rates_are_sums_over_sums_and_not_means_of_rates():
    whole = attendance.rates(EVENTS, LISTS).iloc[0]
    assert whole[["events", "invited", "answered", "signed_up"]].tolist() == [2, 14, 10, 8]
    assert whole["response_rate"] == pytest.approx(10 / 14)
    assert whole["turnout"] == pytest.approx(4 / 5)
    every = attendance.rates(EVENTS, LISTS, held=None).iloc[0]
    assert every[["events", "invited", "recorded"]].tolist() == [3, 17, 6]
    assert every["turnout"] == pytest.approx(4 / 5)  # the event under way is not judged


def test_cancelled_events_are_in_no_rate_and_listed_apart():
    assert "e4" not in attendance.by_event(EVENTS, LISTS)["event_id"].tolist()
    assert lines(attendance.cancelled(EVENTS, LISTS), "event_id", "invited", "signed_up") == [["e4", 2, 1]]


def test_weekdays_come_from_monday_on_and_hours_are_those_of_the_start():
    assert lines(attendance.by_weekday(EVENTS, LISTS, held=None), "weekday", "events", "invited") == [
        ["Monday", 2, 14],
        ["Sunday", 1, 3],
    ]
    assert lines(attendance.by_hour(EVENTS, LISTS), "hour", "invited") == [[10, 3], [19, 11]]
    both = attendance.by_weekday_and_hour(EVENTS, LISTS)
    assert lines(both, "weekday", "hour", "invited") == [["Monday", 19, 11], ["Sunday", 10, 3]]


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("day", ["2023-08-31", "2024-06-03"]),
        ("week", ["2023-08-28", "2024-06-03"]),
        ("month", ["2023-08-01", "2024-06-01"]),
        ("season", [2022, 2023]),
        ("year", [2023, 2024]),
    ],
)
def test_time_is_cut_at_mondays_firsts_and_the_first_of_september(every, expected):
    told = attendance.over_time(
        events(("a", "2023-08-31 23:59", {}), ("b", "2024-06-03 00:00", {})), answers(a="c", b="c"), every=every
    )
    assert told[every].tolist() == [value if isinstance(value, int) else pd.Timestamp(value) for value in expected]


def test_filters_leave_the_events_that_fit():
    for filters, expected in (
        ({"kinds": "walk"}, ["e2"]),
        ({"names": ["E1", "e3"]}, ["e1", "e3"]),
        ({"start": "2024-06-04", "end": "2024-06-09"}, ["e3"]),
        ({"held": False}, ["e2"]),
        ({"cancelled": True}, ["e4"]),
        ({"cancelled": None, "end": "2024-06-03"}, ["e1"]),
        ({"kinds": "none"}, []),
    ):
        assert attendance.choose(EVENTS, **filters)["event_id"].tolist() == expected, filters


def test_guests_can_be_left_out():
    assert attendance.rates(EVENTS, LISTS, guests=False).iloc[0][["invited", "guests", "attended"]].tolist() == [13, 0, 3]


def test_a_crm_without_presence_has_no_counts_of_it():
    told = attendance.rates(PEEPL, answers(e1="aaadi")).iloc[0]
    assert told[["invited", "answered", "signed_up"]].tolist() == [5, 4, 3]
    assert told[["attended", "no_show", "recorded", "stale"]].isna().all()
    one = attendance.by_event(PEEPL, answers(e1="aaadi")).iloc[0]
    assert one[["attended", "turnout", "taken", "stale"]].isna().all()


def test_groups_count_whoever_was_in_them_on_the_day():
    told = groups(
        ("a", "p0", "2024-06-03", None),
        ("a", "p1", None, "2024-06-03"),
        ("a", "p3", None, "2024-06-02"),
        ("a", "p4", "2024-06-04", None),
        ("b", "p0", None, None),
        ("b", "p0", "2024-01-01", None),
    )
    table = attendance.by_group(EVENTS, LISTS, told, names="e1")
    assert lines(table, "group_id", "group", "invited", "attended") == [["a", "A", 2, 2], ["b", "B", 1, 1]]
    assert attendance.by_group(EVENTS, LISTS, told, names="e1", only="B")["group_id"].tolist() == ["b"]


def test_change_of_a_group_with_newcombes_interval():
    """Newcombe 1998, Statistics in Medicine 17, 873-890: 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    pair = events(("old", "2022-10-01 10:00", {}), ("new", "2023-10-01 10:00", {}))
    said = answers(old="a" * 48 + "d" * 32, new="a" * 56 + "d" * 14)
    everybody = groups(*(("g", f"p{number}", None, None) for number in range(80)))
    told = attendance.group_change(attendance.by_group(pair, said, everybody, by="season")).iloc[0]
    assert told[["first", "last", "first_n", "last_n", "small"]].tolist() == [2022, 2023, 80, 70, False]
    assert told["change"] == pytest.approx(0.2)
    assert (told["change_low"], told["change_high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_n_of_a_change_of_turnout_is_what_the_rate_was_divided_by():
    """n was all who are recorded, also at an event under way, whose turnout is not judged yet."""
    over = events(("old", "2022-10-01 10:00", {}), ("new", "2023-10-01 10:00", {}), ("now", "2023-11-01 10:00", {"ended": False}))
    said = answers(old="ccnn", new="cndi", now="c" * 12)
    everybody = groups(*(("g", f"p{number}", None, None) for number in range(12)))
    grouped = attendance.by_group(over, said, everybody, by="season", held=None)
    assert lines(grouped, "recorded", "judged", "turnout") == [[4, 4, 0.5], [14, 2, 0.5]]
    for rate in ("turnout", "no_show_rate"):
        told = attendance.group_change(grouped, rate=rate, min_n=3).iloc[0]
        assert told[["first_n", "last_n", "small"]].tolist() == [4, 2, True]
    picture = attendance.plot_over_time(attendance.over_time(over, said, every="season", held=None), rate="turnout")
    assert picture.get_xlabel().endswith("n = 6")


def test_seasons_that_are_split_are_not_compared_with_each_other():
    """Of a group's lines of a season only one was taken, so one kind was held against another."""
    pair = events(("old", "2022-10-01 10:00", {"kind": "match"}), ("new", "2023-10-01 10:00", {"kind": "match"}))
    more = events(("party", "2022-11-01 10:00", {"kind": "party"}))
    said = answers(old="aadd", new="aaad", party="dddd")
    everybody = groups(*(("g", f"p{number}", None, None) for number in range(4)))
    split = attendance.by_group(pd.concat([pair, more]), said, everybody, by=["season", "kind"])
    with pytest.raises(ParameterError, match="several lines of a group and season"):
        attendance.group_change(split)


def test_words_that_are_none_are_refused():
    with pytest.raises(ParameterError, match="hour"):
        attendance.rates(EVENTS, LISTS, by="minute")
    with pytest.raises(ParameterError, match="turnout"):
        attendance.group_change(attendance.by_group(EVENTS, LISTS, frame([], GROUP), by="season"), rate="luck")


def test_nothing_gives_empty_typed_tables():
    nobody, nothing, none = frame([], ANSWER), frame([], EVENT), frame([], GROUP)
    dtypes = {**dict.fromkeys(("events", *COUNTS), "Int64"), **RATED}
    for table in (attendance.rates(nothing, nobody), attendance.by_weekday(EVENTS, nobody), attendance.by_kind(nothing, LISTS)):
        assert table.empty
        assert {name: str(dtype) for name, dtype in table.dtypes.items() if name in dtypes} == dtypes
    assert {name: str(dtype) for name, dtype in attendance.by_event(nothing, nobody).dtypes.items()} == BY_EVENT
    lonely = attendance.by_event(EVENTS, nobody)
    assert lonely["invited"].tolist() == [0, 0, 0]
    assert lonely[list(RATES)].isna().all(axis=None)
    change = attendance.group_change(attendance.by_group(nothing, nobody, none, by="season"))
    assert change.empty
    assert attendance.cancelled(nothing, nobody).empty


LETTERS = st.text("iadcnoIACN-", max_size=12)
STARTS = st.datetimes(pd.Timestamp("2022-01-01").to_pydatetime(), pd.Timestamp("2025-01-01").to_pydatetime())
LISTED = st.lists(st.tuples(STARTS, st.booleans(), st.booleans(), LETTERS), min_size=1, max_size=5)


def world(drawn):
    told = [(f"e{place}", start, {"ended": over, "cancelled": off}) for place, (start, over, off, _) in enumerate(drawn)]
    return events(*told), answers(**{f"e{place}": letters for place, (*_, letters) in enumerate(drawn)})


@settings(max_examples=8, deadline=None)
@given(LISTED)
def test_parts_sum_to_the_whole_and_shares_lie_in_their_intervals(drawn):
    some, said = world(drawn)
    whole = attendance.rates(some, said, held=None)
    for by in ("weekday", ["weekday", "hour"], "month", "season", "kind", "day"):
        table = attendance.rates(some, said, by=by, held=None)
        sums = [name for name in ("events", *COUNTS) if name != "people"]
        assert table[sums].sum().to_dict() == (whole.iloc[0][sums].to_dict() if len(whole) else dict.fromkeys(sums, 0))
        states = table[["open", "accepted", "declined", "attended", "no_show", "other"]].sum(axis=1)
        assert (states == table["invited"]).all()
        assert (table["answered"] <= table["invited"]).all()
        for rate in RATES:
            known = table[table[rate].notna()]
            assert (known[f"{rate}_low"] <= known[rate]).all()
            assert (known[rate] <= known[f"{rate}_high"]).all()
        judged = table[table["turnout"].notna()]
        assert ((judged["turnout"] + judged["no_show_rate"] - 1).abs() < 1e-12).all()


@settings(max_examples=8, deadline=None)
@given(LISTED)
def test_events_sum_to_the_whole_and_one_group_of_everybody_is_everybody(drawn):
    some, said = world(drawn)
    each = attendance.by_event(some, said)
    kept = attendance.choose(some)["event_id"]
    assert sorted(each["event_id"]) == sorted(kept)
    assert each["invited"].sum() == said["event_id"].isin(kept).sum()
    everybody = groups(*(("g", f"p{number}", None, None) for number in range(12)))
    mine = attendance.by_group(some, said, everybody, held=None)
    alone = attendance.rates(some, said, guests=False, held=None)
    assert mine.drop(columns=["group_id", "group"]).equals(alone)


def test_a_misspelt_kind_and_a_column_that_is_not_there_are_refused():
    with pytest.raises(ParameterError, match=r"no kind of event 'walks'.* did you mean 'walk'"):
        attendance.by_weekday(EVENTS, frame([], ANSWER), kinds=["walks"])
    with pytest.raises(ParameterError, match=r"no event 'Morning wlak'. Next: did you mean 'Morning walk'"):
        attendance.rates(EVENTS.assign(name="Morning walk"), frame([], ANSWER), names="Morning wlak")
    assert attendance.choose(EVENTS, names=["Ball of 1923"]).empty
    with pytest.raises(ParameterError, match=r"no group 'Groep A!'. Next: did you mean 'Groep A'"):
        attendance.by_group(EVENTS, frame([], ANSWER), frame([{"group_id": "1", "group": "Groep A"}], GROUP), only="Groep A!")
    with pytest.raises(ParameterError, match=r"sort is no 'size'.* start, "):
        attendance.by_event(EVENTS, frame([], ANSWER), sort="size")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("Training A", "Training B"),
        ("Training", "Training 1"),
        ("Training zondag", "Training maandag"),
        ("North team", "South team"),
        ("Basic membership", "Basic membership plus"),
    ],
)
def test_names_of_which_one_word_is_another_are_two_names(asked, there):
    """They were refused as slips, of events that had not happened in the months that were loaded."""
    assert attendance.choose(EVENTS.assign(name=there), names=asked).empty


@pytest.mark.parametrize("asked", ["Mornin gwalk", "morningwalk", "Morning wlak", "morning_walk", "Mornig walk"])
def test_a_slip_in_one_word_is_a_slip(asked):
    with pytest.raises(ParameterError, match="did you mean 'Morning walk'"):
        attendance.choose(EVENTS.assign(name="Morning walk"), names=asked)
