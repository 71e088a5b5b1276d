"""Beeple: three kinds of times, windows of days, daily intervals of availabilities, and the worked example of section 6.1."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit
from crmkit.crms.beeple_days import intervals
from crmkit.errors import ParameterError
from tests.crms.test_beeple import API, BODIES, client
from tests.serving import serving

BRUSSELS = ZoneInfo("Europe/Brussels")
MAY = {"start": "2024-05-01", "end": "2024-05-31"}


def available(record, **options):
    """The frame and the intervals of one availability, with local times as text."""
    records = record if isinstance(record, list) else [record]
    path = f"{API}/collaborators/5/availabilities2"
    with serving({path: (200, {"availabilities": records})}) as (url, _):
        frame = client(url).availabilities(5, **{**MAY, **options})
    table = crmkit.child(frame, "intervals")
    zone = options.get("zone", "Europe/Brussels")
    local = [
        tuple(moment.tz_convert(zone).strftime("%d %H:%M") for moment in pair)
        for pair in zip(table["start"], table["end"], strict=True)
    ]
    return frame, table, local


def lasting(starts_at, ends_at=None, **more):
    return {"id": 1, "starts_at": starts_at, "ends_at": ends_at, **more}


def test_whole_days_run_from_midnight_to_midnight():
    """The last day counts by default; "exclusive" leaves it out; one day stays one day either way."""
    record = lasting("2024-05-01", "2024-05-03", whole_day=True)
    assert available(record)[2] == [("01 00:00", "02 00:00"), ("02 00:00", "03 00:00"), ("03 00:00", "04 00:00")]
    assert available(record, whole_day_end="exclusive")[2] == [("01 00:00", "02 00:00"), ("02 00:00", "03 00:00")]
    for end in ("2024-05-01", None):
        for how in ("inclusive", "exclusive"):
            assert available(lasting("2024-05-01", end, whole_day=True), whole_day_end=how)[2] == [("01 00:00", "02 00:00")]


def test_an_end_time_that_was_left_out_is_no_midnight():
    """Section 5: end_time may be left out of a whole day, or where a part of the day stands for it."""
    records = [lasting("2024-05-01", whole_day=True), {**lasting("2024-05-02", start_time="08:00", day_part_id=2), "id": 2}]
    frame, _, local = available(records, end_at_midnight=True)
    assert local == [("01 00:00", "02 00:00")]
    assert frame["intervals"].str.len().tolist() == [1, 0]


def test_the_next_day_as_an_exclusive_end_is_one_day():
    assert available(lasting("2024-05-01", "2024-05-02", whole_day=True), whole_day_end="exclusive")[2] == [
        ("01 00:00", "02 00:00")
    ]


def test_whole_days_are_as_long_as_the_clock_makes_them():
    table = available([lasting("2024-03-30", "2024-04-01", whole_day=True), {**lasting("2024-10-27", whole_day=True), "id": 2}])[
        1
    ]
    assert ((table["end"] - table["start"]) / pd.Timedelta(hours=1)).tolist() == [24, 23, 24, 25]
    assert table["availability_id"].tolist() == ["1", "1", "1", "2"]
    assert table["day"].tolist()[:2] == [pd.Timestamp("2024-03-30"), pd.Timestamp("2024-03-31")]


def test_times_repeat_daily_and_are_never_one_span():
    record = lasting("2024-05-01", "2024-05-02", whole_day=False, start_time="08:00", end_time="12:00")
    assert available(record)[2] == [("01 08:00", "01 12:00"), ("02 08:00", "02 12:00")]
    assert available(record, timed_end="exclusive")[2] == [("01 08:00", "01 12:00")]
    assert "timed_end" in crmkit.receipt(available(record)[0]).problems[-1]


def test_an_end_before_the_start_is_on_the_next_day():
    assert available(lasting("2024-05-01", start_time="22:00", end_time="06:00"))[2] == [("01 22:00", "02 06:00")]
    assert available(lasting("2024-05-01", start_time="08:00", end_time="08:00"))[2] == [("01 08:00", "02 08:00")]


def test_a_minute_to_midnight_is_midnight_only_when_asked():
    record = lasting("2024-05-01", start_time="00:00", end_time="23:59")
    assert available(record)[2] == [("01 00:00", "01 23:59")]
    assert available(record, end_at_midnight=True)[2] == [("01 00:00", "02 00:00")]


def test_the_zone_is_the_tenants():
    record = lasting("2024-05-01", start_time="08:00", end_time="12:00")
    table = available(record, zone="America/Santiago")[1]
    assert table["start"].tolist() == [pd.Timestamp("2024-05-01T12:00Z")]
    with pytest.raises(ParameterError, match="Europe/Brussels"):
        available(record, zone="Europe/Gent")


def test_days_may_come_as_moments():
    frame, _, local = available(lasting("2024-05-01T00:00:00+02:00", "2024-05-01T00:00:00+02:00", whole_day=True))
    assert local == [("01 00:00", "02 00:00")]
    assert frame["starts_at.raw"].tolist() == ["2024-05-01T00:00:00+02:00"]


@pytest.mark.parametrize(
    "record",
    [
        lasting("2024-05-01", whole_day=False, start_time="08:00", end_time=None),
        lasting("2024-05-01", start_time="soon", end_time="12:00"),
        lasting(None, whole_day=True),
        lasting("2024-05-01", "9999-12-31", whole_day=True),
    ],
)
def test_what_cannot_be_read_has_no_intervals_and_says_so(record):
    frame, table, _ = available(record)
    assert len(frame) == 1
    assert len(table) == 0
    assert "no intervals" in crmkit.receipt(frame).problems[-1]


def test_both_forms_of_whole_days_are_reported():
    records = [
        lasting("2024-05-01", "2024-05-01", whole_day=True),
        {**lasting("2024-05-01", "2024-05-02", whole_day=True), "id": 2},
    ]
    assert "whole_day_end" in crmkit.receipt(available(records)[0]).problems[0]
    assert crmkit.receipt(available(records[0])[0]).problems == ()


def test_the_vendors_example_is_one_day_whatever_its_moments_say():
    """Traps 12 and 13: an end before the start and another year raise nothing, and the times as sent stay."""
    record = BODIES["/collaborators/{collaborator_id}/availabilities2/{id}"]
    frame, _, local = available(record)
    assert local == [("01 00:00", "02 00:00")]
    assert frame["end_datetime"].tolist() == [pd.Timestamp("2019-04-01T00:23:59Z")]
    assert frame["end_datetime.raw"].tolist() == ["2019-04-01T00:23:59.000+00:00"]
    assert "0 and as UTC in 0 of 1" in crmkit.receipt(frame).problems[0]


@pytest.mark.parametrize(
    ("sent", "words"), [("08:00", "wall clock in 1 and as UTC in 0"), ("06:00", "wall clock in 0 and as UTC in 1")]
)
def test_which_reading_of_start_datetime_holds_is_reported(sent, words):
    record = lasting("2024-05-01", start_time="08:00", end_time="12:00", start_datetime=f"2024-05-01T{sent}:00.000+00:00")
    assert words in crmkit.receipt(available(record)[0]).problems[0]


def test_only_the_types_say_what_an_availability_means():
    records = [
        lasting("2024-05-01", whole_day=True, availability_type_id=1),
        {**lasting("2024-05-01"), "id": 2, "availability_type_id": 3},
    ]
    assert available(records)[0]["sense"].isna().all()
    assert available(records, types={1: "unavailable"})[0]["sense"].tolist()[0] == "unavailable"
    assert available(records, types={1: "unavailable"})[0]["sense"].isna().tolist() == [False, True]
    with pytest.raises(ParameterError, match="available"):
        available(records, types={1: "away"})


def test_no_availabilities_are_an_empty_typed_frame():
    full, empty = available(lasting("2024-05-01", whole_day=True))[0], available([])[0]
    assert len(empty) == 0
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert len(crmkit.child(empty, "intervals")) == 0


def test_one_availability_has_its_intervals_too():
    path = f"{API}/collaborators/5/availabilities2/1"
    with serving({path: (200, lasting("2024-05-01", whole_day=True))}) as (url, log):
        frame = client(url).availability(5, 1)
        with pytest.raises(ParameterError):
            client(url).availability(5, "one")
    assert frame[["collaborator_id", "id"]].iloc[0].tolist() == ["5", "1"]
    assert len(crmkit.child(frame, "intervals")) == 1
    assert log[0][2] == []


def test_the_period_is_asked_as_days():
    with serving({f"{API}/collaborators/5/availabilities2": (200, {"availabilities": []})}) as (url, log):
        client(url).availabilities(5, start=pd.Timestamp("2024-05-01"), end=date(2024, 5, 31))
        with pytest.raises(ParameterError, match="end"):
            client(url).availabilities(5, start="2024-05-01")
    assert [query for _, _, query, _, _ in log] == [[("start", "2024-05-01"), ("end", "2024-05-31")]]


minutes = st.integers(0, 24 * 60 - 1).map(lambda count: timedelta(minutes=count))
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@given(days, st.integers(0, 40), st.booleans(), minutes, minutes, st.sampled_from(["inclusive", "exclusive"]))
def test_intervals_follow_each_other_one_per_day(first, length, whole, start, end, how):
    last = first + timedelta(days=length)
    found = intervals(first, last, whole, start, end, zone=BRUSSELS, whole_day_end=how, timed_end=how)
    assert len(found) == max(1, length + (how == "inclusive"))
    assert [one["day"] for one in found] == [str(first + timedelta(days=number)) for number in range(len(found))]
    spans = [(pd.Timestamp(one["start"]), pd.Timestamp(one["end"])) for one in found]
    if whole:
        assert all(before[1] == after[0] for before, after in pairwise(spans))
        assert all(before < after for before, after in spans)
    else:
        assert all(before[0] < after[0] for before, after in pairwise(spans))


def test_shift_times_are_utc_beside_their_text():
    """Traps 18 to 20: an offset counts; breaks may be longer than a day; a shift has no number."""
    shift = {
        "start_datetime": "2017-04-01T09:00:00.000+02:00",
        "end_datetime": "2017-04-01T18:00:00.000+02:00",
        "break_duration": "26:30",
    }
    with serving({f"{API}/projects/7/teams": (200, {"teams": [{"id": "27", "shifts_attributes": [shift]}]})}) as (url, _):
        shifts = crmkit.child(client(url).project_teams(7), "shifts_attributes")
    assert shifts["start_datetime"].tolist() == [pd.Timestamp("2017-04-01T07:00Z")]
    assert shifts["start_datetime.raw"].tolist() == ["2017-04-01T09:00:00.000+02:00"]
    assert shifts["break_duration"].tolist() == [pd.Timedelta(hours=26, minutes=30)]
    assert shifts.columns[:2].tolist() == ["team_id", "position"]


@pytest.mark.parametrize("sent", ["2017-04-01T09:00:00.000", "2017-04-01 09:00", "2017-04-01"])
def test_a_moment_without_an_offset_is_no_moment(sent):
    """Trap 18: it was read as UTC, two hours off in summer; check-ins, which never have one, are read in the tenant's zone."""
    shift = {"start_datetime": sent, "end_datetime": "2017-04-01T18:00:00+02"}
    hours = {"id": 1, "shift": shift, "confirmed_starts_at": sent, "confirmed_ends_at": "2017-04-01T16:00:00Z"}
    answers = {
        f"{API}/projects/7/teams": (200, {"teams": [{"id": "27", "shifts_attributes": [shift]}]}),
        f"{API}/collaborators/worked_hours": (200, {"worked_hours": [hours], "next": None}),
    }
    with serving(answers) as (url, _):
        shifts = crmkit.child(client(url).project_teams(7), "shifts_attributes")
        worked = client(url).worked_hours()
    assert shifts["start_datetime"].isna().all()
    assert shifts["start_datetime.raw"].tolist() == [sent]
    assert shifts["end_datetime"].tolist() == worked["confirmed_ends_at"].tolist() == [pd.Timestamp("2017-04-01T16:00Z")]
    assert worked[["shift.start_datetime", "confirmed_starts_at"]].isna().all(axis=None)
    assert worked["confirmed_starts_at.raw"].tolist() == [sent]
    assert crmkit.receipt(worked).rejected_values == {"shift.start_datetime": 1, "confirmed_starts_at": 1}


@pytest.mark.parametrize(
    ("printed", "wall", "utc"),
    [
        ("2024-05-01T13:05:00", "2024-05-01T13:05", "2024-05-01T11:05Z"),
        ("2024-10-27T02:30:00", "2024-10-27T02:30", "2024-10-27T00:30Z"),
        ("2024-03-31T02:30:00", "2024-03-31T02:30", "2024-03-31T01:00Z"),
        ("2024-05-01T13:05:00+00:00", None, "2024-05-01T13:05Z"),
        (None, None, None),
    ],
)
def test_check_ins_are_the_tenants_wall_clock(printed, wall, utc):
    """Trap 18: no offset; also read as a moment of the tenant's zone."""
    enrolment = {"id": "1", "blip": {"in_at": printed}}
    with serving({f"{API}/collaborators/7/enrolments": (200, {"enrolments": [enrolment], "next": None})}) as (url, _):
        frame = client(url).collaborator_enrolments(7)
        elsewhere = client(url).collaborator_enrolments(7, zone="UTC")
    assert frame["blip.in_at"].tolist() == [pd.Timestamp(wall) if wall else pd.NaT]
    assert frame["blip.in_at.utc"].tolist() == [pd.Timestamp(utc) if utc else pd.NaT]
    assert str(frame["blip.in_at.utc"].dtype) == "datetime64[us, UTC]"
    assert frame["blip.in_at.raw"].tolist() == [printed] or printed is None
    if wall:
        assert elsewhere["blip.in_at.utc"].tolist() == [pd.Timestamp(wall, tz="UTC")]


def test_subprojects_of_a_period_are_asked_wider_and_filtered_again():
    """Traps 5 and 6: a query, never a body; both ends count; without dates nothing can be judged."""
    listed = [
        {"id": "1", "start_date": "2024-04-01", "end_date": "2024-04-30"},
        {"id": "2", "start_date": "2024-04-30", "end_date": "2024-05-01"},
        {"id": "3", "start_date": "2024-05-31", "end_date": None},
        {"id": "4", "start_date": "2024-06-01", "end_date": "2024-06-02"},
        {"id": "5", "start_date": "Hello, world!", "end_date": None},
    ]
    with serving({f"{API}/projects/7/subprojects": (200, {"subprojects": listed, "next": None})}) as (url, log):
        frame = client(url).subprojects(7, period_start_at="2024-05-01", period_end_at="2024-05-31")
        since = client(url).subprojects(7, period_start_at="2024-06-01")
    assert frame["id"].tolist() == ["2", "3", "5"]
    assert since["id"].tolist() == ["4", "5"]
    assert frame["start_date.raw"].tolist()[-1] == "Hello, world!"
    _, _, query, _, body = log[0]
    assert query == [("filter[period_start_at]", "2024-04-30"), ("filter[period_end_at]", "2024-06-01")]
    assert body == b""


def test_enrolments_of_a_period_are_those_with_a_shift_in_it():
    """Trap 6: local days; a shift over midnight touches both; without shifts nothing can be judged."""

    def enrolment(number, start, end):
        return {"id": str(number), "team": {"id": "1", "shifts_attributes": [{"start_datetime": start, "end_datetime": end}]}}

    listed = [
        enrolment(1, "2024-04-30T18:00:00+02:00", "2024-05-01T00:00:00+02:00"),
        enrolment(2, "2024-04-30T20:00:00+00:00", "2024-04-30T22:30:00+00:00"),
        enrolment(3, "2024-05-01T23:59:00+02:00", "2024-05-02T02:00:00+02:00"),
        enrolment(4, "2024-05-02T00:00:00+02:00", "2024-05-02T02:00:00+02:00"),
        enrolment(5, "soon", "2024-05-02T02:00:00+02:00"),
        {"id": "6", "team": {"id": "1", "shifts_attributes": None}},
    ]
    with serving({f"{API}/collaborators/7/enrolments": (200, {"enrolments": listed, "next": None})}) as (url, _):
        frame = client(url).collaborator_enrolments(7, period_start_at="2024-05-01", period_end_at="2024-05-01")
    assert frame["id"].tolist() == ["2", "3", "5", "6"]


def test_the_worked_example_of_the_sheet_comes_out_of_the_frames():
    """Five people for 8.5 hours net; the one enrolment is cancelled; two hours of the window are 1.889 net."""
    answers = {
        f"{API}/projects/7/teams": (200, BODIES["/projects/{project_id}/teams"]),
        f"{API}/collaborators/7/enrolments": (200, BODIES["/collaborators/{id}/enrolments"]),
    }
    with serving(answers) as (url, _):
        teams = client(url).project_teams(7)
        shifts = crmkit.child(teams, "shifts_attributes").merge(
            teams[["id", "volunteers_needed"]], left_on="team_id", right_on="id"
        )
        enrolments = client(url).collaborator_enrolments(7)
    hour = pd.Timedelta(hours=1)
    shift = shifts.iloc[0]
    gross = (shift["end_datetime"] - shift["start_datetime"]) / hour
    net = gross - shift["break_duration"] / hour
    assert (gross, net, shift["volunteers_needed"] * net) == (9, 8.5, 42.5)
    assert enrolments["team_id"].tolist() == [shift["team_id"]]
    assert int((~enrolments["cancelled"]).sum()) == 0
    window = [pd.Timestamp(f"2017-04-01 {clock}", tz="Europe/Brussels") for clock in ("12:00", "14:00")]
    overlap = (min(shift["end_datetime"], window[1]) - max(shift["start_datetime"], window[0])) / hour
    assert round(overlap * net / gross, 3) == 1.889
    assert round(shift["volunteers_needed"] * overlap * net / gross, 3) == 9.444
