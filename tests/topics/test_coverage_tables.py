"""Coverage tables against values worked out by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import crmkit
from crmkit import coverage
from crmkit.errors import ParameterError

from .coverage_fixture import plan, shift, signed, team, worked_example

LIMITS = ["collaborators_scanned", "ids_complete", "status_source", "fetched_at"]
TABLES = (
    "availability_during",
    "by_group",
    "by_shift",
    "by_team",
    "by_window",
    "candidates",
    "double_bookings",
    "gaps",
    "oddities",
    "orphan_enrolments",
    "peaks",
    "presence",
    "steps",
    "summary",
    "week_pattern",
    "worked",
)


def line(table: pd.DataFrame, **where: Any) -> dict[str, Any]:
    found = table
    for name, value in where.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0].to_dict()


def test_the_worked_example_of_the_sheet() -> None:
    frames = worked_example(signed(27, "7", "27", cancelled=True))
    found = line(coverage.by_shift(frames))
    expected = {
        "needed": 5,
        "n": 0,
        "gap": 5,
        "coverage": 0.0,
        "gross_hours": 9.0,
        "net_hours": 8.5,
        "needed_hours": 42.5,
        "gap_hours": 42.5,
    }
    assert {name: found[name] for name in expected} == expected
    assert found["start"] == pd.Timestamp("2017-04-01T07:00Z")
    window = line(coverage.by_window(frames, ["2017-04-01 12:00", "2017-04-01 14:00"]))
    assert window["needed_hours"] == pytest.approx(9.444, abs=0.0005)
    assert window["needed_hours"] / 5 == pytest.approx(1.889, abs=0.0005)
    valid = line(coverage.by_shift(worked_example(signed(27, "7", "27"))))
    assert (valid["n"], valid["coverage"], valid["enrolled_hours"], valid["gap_hours"]) == (1, 0.2, 8.5, 34.0)


def test_needed_against_enrolled_per_shift() -> None:
    table = coverage.by_shift(plan())
    assert table["team_id"].tolist() == ["5", "1", "4", "2", "3", "3"]
    one = line(table, team_id="1")
    assert (one["n"], one["n_confirmed"], one["n_not_cancelled"], one["gap"], one["surplus"]) == (2, 2, 3, 1, 0)
    assert one["coverage"] == pytest.approx(2 / 3)
    assert (one["needed_hours"], one["enrolled_hours"], one["gap_hours"]) == (10.5, 7.0, 3.5)
    # b is also in team 9 from 9 to 10; a ends here at the moment at which team 2 begins.
    assert one["n_unconflicted"] == 1
    two = line(table, team_id="2")
    assert (two["n"], two["gap"], two["surplus"], two["coverage"], two["n_unconflicted"]) == (2, 0, 1, 2.0, 2)
    five = line(table, team_id="5")
    assert pd.isna(five["gap"])
    assert pd.isna(five["coverage"])
    assert pd.isna(five["needed_hours"])
    assert five["enrolled_hours"] == 1.0
    first = table[table["team_id"] == "3"].iloc[0]
    assert (first["weekday"], first["hour"], first["day"]) == ("Saturday", 22, pd.Timestamp("2024-06-01"))


def test_per_team() -> None:
    table = coverage.by_team(plan())
    assert set(table["team_id"]) == {"1", "2", "3", "4", "5", "6"}
    three = line(table, team_id="3")
    assert (three["shifts"], three["net_hours"], three["needed_hours"], three["gap_hours"]) == (2, 10.0, 20.0, 10.0)
    six = line(table, team_id="6")
    assert (six["shifts"], six["gap"], six["needed_hours"]) == (0, 2, 0.0)
    assert pd.isna(six["start"])


def test_gaps_are_ranked() -> None:
    table = coverage.gaps(plan())
    assert table["team_id"].tolist() == ["3", "4", "1", "6"]
    assert table["rank"].tolist() == [1, 2, 3, 4]
    assert coverage.gaps(plan(), by="people")["team_id"].tolist() == ["4", "6", "3", "1"]
    assert coverage.gaps(plan(), by="soonest", top=2)["team_id"].tolist() == ["1", "4"]
    assert coverage.gaps(plan(), min_gap=2)["team_id"].tolist() == ["4", "6"]
    with pytest.raises(ParameterError, match="soonest"):
        coverage.gaps(plan(), by="size")


def test_gaps_say_of_how_many_and_so_does_their_picture() -> None:
    whole, top = coverage.gaps(plan()), coverage.gaps(plan(), top=1)
    assert len(whole) > len(top) == 1
    assert whole["of"].tolist() == [len(whole)] * len(whole)
    assert top["of"].tolist() == [len(whole)]
    for table in (whole.head(1), top):
        assert coverage.plot_gaps(table).get_title(loc="left") == f"Teams that lack people: {len(whole)}, the first 1"


def test_groups_hide_no_gap_behind_a_surplus() -> None:
    table = coverage.by_group(plan())
    bar = line(table, function="Bar")
    # Places of team 3 count once although it has two shifts.
    assert (bar["teams"], bar["shifts"], bar["places"], bar["filled"], bar["people"]) == (2, 3, 5, 3, 2)
    assert bar["filled_share"] == 0.6
    assert bar["filled_share_low"] < 0.6 < bar["filled_share_high"]
    assert bar["small"]
    kitchen = line(table, function="Kitchen")
    assert (kitchen["places"], kitchen["filled"], kitchen["coverage"]) == (3, 1, 1.0)
    assert kitchen["filled_share"] == pytest.approx(1 / 3)
    door = line(table, function="Door")
    assert pd.isna(door["filled_share"])
    days = coverage.by_group(plan(), by=["weekday", "hour"])
    assert list(zip(days["weekday"], days["hour"], strict=True))[-2:] == [("Saturday", 22), ("Sunday", 22)]


def test_summary() -> None:
    found = line(coverage.summary(plan()))
    counts = ("teams", "shifts", "places", "filled", "gap", "surplus", "people", "double_booked")
    assert [found[name] for name in counts] == [6, 6, 10, 4, 6, 1, 4, 1]
    assert (found["needed_hours"], found["enrolled_hours"], found["gap_hours"]) == (38.5, 26.0, 17.5)


def test_counting_all_that_is_not_cancelled() -> None:
    table = coverage.by_team(plan(), count="not_cancelled")
    assert line(table, team_id="1")["n"] == 3
    assert line(table, team_id="4")["n"] == 1
    assert set(table["status_source"]) == {"not_cancelled: asked"}
    with pytest.raises(ParameterError, match="not_cancelled"):
        coverage.by_team(plan(), count="all")


def test_windows_cut_shifts_and_spread_breaks() -> None:
    frames = plan()
    days = coverage.by_window(frames, "day", functions="Bar")
    assert days["day"].dt.day.tolist() == [1, 2, 3]
    # 22:00 to 24:00 is two of six hours, the break of an hour is spread: 2 x 5 / 6 of each person.
    assert days["needed_hours"].tolist() == pytest.approx([10.5 + 2 * 2 * 5 / 6, 2 * 6 * 5 / 6, 2 * 4 * 5 / 6])
    assert days["needed_hours"].sum() == pytest.approx(coverage.by_shift(frames, functions="Bar")["needed_hours"].sum())
    assert days["people"].tolist() == [2, 1, 1]
    hours = coverage.by_window(frames, "hour", start="2024-06-01", end="2024-06-01")
    assert len(hours) == 24
    noon = line(hours, hour=13)
    assert (noon["shifts"], noon["people"], noon["needed_peak"], noon["enrolled_peak"], noon["gap_peak"]) == (2, 2, 5, 2, 3)


def test_steps_end_before_they_start() -> None:
    table = coverage.steps(plan(), teams=["1", "2", "4"])
    assert table["needed"].tolist() == [3, 5, 3, 1]
    assert table["enrolled"].tolist() == [2, 2, 2, 2]
    assert table["gap"].tolist() == [1, 3, 2, 0]
    assert table["start"].dt.hour.tolist() == [8, 11, 12, 13]
    assert table["end"].iloc[-1] == pd.Timestamp("2024-06-01T16:00Z")
    assert (table["needed"] - table["gap"] + table["surplus"] == table["enrolled"]).all()


def test_peaks_and_areas() -> None:
    table = coverage.peaks(plan(), teams=["1", "2", "4"])
    needed = line(table, measure="needed")
    assert (needed["peak"], needed["times"], needed["person_hours"]) == (5, 1, 3 * 4 + 2 * 2 + 4)
    assert (needed["start"], needed["end"]) == (pd.Timestamp("2024-06-01T11:00Z"), pd.Timestamp("2024-06-01T12:00Z"))
    enrolled = line(table, measure="enrolled")
    assert enrolled["end"] == pd.Timestamp("2024-06-01T16:00Z")


@pytest.mark.parametrize(("day", "length", "night"), [("2024-03-31", 23, 5.0), ("2024-10-27", 25, 7.0), ("2024-06-02", 24, 6.0)])
def test_days_on_which_clocks_change(day: str, length: int, night: float) -> None:
    before = pd.Timestamp(day) - pd.Timedelta(days=1)
    start, end = (pd.Timestamp(moment, tz="Europe/Brussels") for moment in (f"{before:%Y-%m-%d} 23:00", f"{day} 05:00"))
    frames = coverage.frames(teams=[team("1", 2)], shifts=[{"team_id": "1", "shift": 0, "start": start, "end": end}])
    assert coverage.by_shift(frames)["net_hours"].tolist() == [night]
    days = coverage.by_window(frames)
    assert days["length_hours"].tolist() == [24.0, float(length)]
    assert days["needed_hours"].tolist() == [2.0, 2 * (night - 1)]
    hours = coverage.by_window(frames, "hour", start=day, end=day)
    assert len(hours) == length
    assert hours["needed_hours"].sum() == 2 * (night - 1)
    assert (hours["hour"] == 2).sum() == {23: 0, 24: 1, 25: 2}[length]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = coverage.by_window(plan(), "week")
    assert weeks["day"].tolist() == [pd.Timestamp("2024-05-27"), pd.Timestamp("2024-06-03")]
    months = coverage.by_window(plan(), "month")
    assert months["day"].tolist() == [pd.Timestamp("2024-06-01")]
    assert months["needed_hours"].sum() == pytest.approx(weeks["needed_hours"].sum())


@pytest.mark.parametrize("every", ["hour", "day", "week", "month"])
def test_a_period_that_ends_before_it_begins_has_no_windows(every: str) -> None:
    late = {"start": "2024-06-30", "end": "2024-05-01"}
    assert len(coverage.by_window(worked_example(), every, **late)) == 0
    assert coverage.week_pattern(worked_example(), **late)["needed_hours"].sum() == 0


def test_the_usual_week_adds_up() -> None:
    table = coverage.week_pattern(plan())
    assert len(table) == 168
    assert table["needed_hours"].sum() == pytest.approx(38.5)
    saturday = line(table, weekday="Saturday", hour=13)
    assert saturday["gap_hours"] == pytest.approx(3.5 / 4 + 2)
    assert saturday["small"]


def test_double_bookings_are_half_open_and_know_unlisted_teams() -> None:
    table = coverage.double_bookings(plan())
    assert table[["collaborator_id", "team_id", "other_team_id"]].to_numpy().tolist() == [["b", "1", "9"]]
    assert (table["start"].iloc[0], table["shared_hours"].iloc[0]) == (pd.Timestamp("2024-06-01T09:00Z"), 1.0)
    assert coverage.double_bookings(plan(), count="not_cancelled")["collaborator_id"].tolist() == ["b"]
    assert coverage.double_bookings(plan(), teams="2").empty
    assert coverage.double_bookings(plan(), start="2024-06-02").empty


def test_a_pair_with_several_clashes_is_one_line() -> None:
    days = [
        shift(which, f"2024-06-0{day}T{hour}:00Z", f"2024-06-0{day}T{hour + 4}:00Z", place=day)
        for which, hour in (("1", 10), ("2", 12))
        for day in (1, 2)
    ]
    frames = coverage.frames(
        teams=[team("1", 1), team("2", 1)], shifts=days, enrolments=[signed(1, "a", "1"), signed(2, "a", "2")]
    )
    found = line(coverage.double_bookings(frames))
    assert (found["shared_hours"], found["clashes"], found["start"]) == (4.0, 2, pd.Timestamp("2024-06-01T12:00Z"))
    assert coverage.by_team(frames)["n_unconflicted"].tolist() == [0, 0]


def test_orphan_enrolments() -> None:
    found = line(coverage.orphan_enrolments(plan()))
    assert (found["enrolment_id"], found["team_id"], found["shifts"], found["net_hours"]) == ("91", "9", 1, 1.0)


def test_worked_against_planned() -> None:
    table = coverage.worked(plan(), now="2024-06-04")
    assert table["enrolment_id"].tolist() == ["11", "12", "21", "22", "31"]
    came = line(table, enrolment_id="11")
    assert (came["late_minutes"], came["early_minutes"]) == (5.0, -10.0)
    assert came["worked_hours"] == pytest.approx(245 / 60)
    assert came["difference_hours"] == pytest.approx(5 / 60)
    assert not line(table, enrolment_id="12")["present"]
    odd = line(table, enrolment_id="21")
    assert odd["odd"] == "left before arrival"
    assert pd.isna(odd["worked_hours"])
    # Of two shifts the one nearest to the arrival.
    assert line(table, enrolment_id="31")["start"] == pd.Timestamp("2024-06-02T20:00Z")
    assert coverage.worked(plan(), now="2024-06-01T08:00Z").empty
    assert coverage.worked(plan(), now="2024-06-01 10:30")["team_id"].tolist() == ["1", "1"]


def test_presence() -> None:
    table = coverage.presence(plan(), now="2024-06-04")
    bar = line(table, function="Bar")
    assert (bar["expected"], bar["present"], bar["no_check_out"], bar["odd"]) == (3, 2, 0, 0)
    assert bar["present_share"] == pytest.approx(2 / 3)
    assert bar["late_median"] == pytest.approx((5 - 10) / 2)
    assert (bar["gross_hours"], bar["worked_hours"]) == (10.0, pytest.approx(245 / 60 + 310 / 60))


def test_stays_over_a_day_and_without_an_arrival_are_odd() -> None:
    frames = worked_example(
        signed(1, "a", "27", arrived="2017-04-01T07:00Z", left="2017-04-02T08:00Z"),
        signed(2, "b", "27", left="2017-04-01T16:00Z"),
    )
    table = coverage.worked(frames)
    assert table["odd"].tolist() == ["over 24 hours", "left without arrival"]
    assert table["present"].tolist() == [True, False]
    assert table["worked_hours"].isna().all()


def filling() -> dict[str, pd.DataFrame]:
    """Five people for one open place of two on 1 June, 10 to 14 o'clock UTC."""
    said = [("b", "3", True), ("c", "3", None), ("c", "1", True), ("d", "3", False), ("f", "2", True)]
    lines = [
        {
            "collaborator_id": who,
            "availability_id": place,
            "type_id": kind,
            "start": "2024-06-01T12:00Z",
            "end": "2024-06-01T18:00Z",
            "approved": approved,
        }
        for place, (who, kind, approved) in enumerate(said)
    ]
    return coverage.frames(
        teams=[team("1", 2), team("2", 1), team("3", 1, "Kitchen")],
        shifts=[
            shift("1", "2024-06-01T10:00Z", "2024-06-01T14:00Z"),
            shift("2", "2024-06-01T14:00Z", "2024-06-01T16:00Z"),
            shift("3", "2024-06-01T13:00Z", "2024-06-01T15:00Z"),
        ],
        enrolments=[signed(1, "a", "1"), signed(2, "d", "2"), signed(3, "e", "3")],
        collaborators=[{"collaborator_id": who, "blocked": who == "g"} for who in "abcdefg"],
        availability=lines,
    )


def test_who_could_fill_a_gap() -> None:
    table = coverage.candidates(filling(), {1: "available", 3: "unavailable"})
    # a is in the team, b is away, e is in the kitchen until 15 o'clock, g is blocked; d begins when this shift ends.
    assert table["collaborator_id"].tolist() == ["c", "d", "f"]
    assert table["available_hours"].tolist() == [2.0, 0.0, 0.0]
    assert table["pending_unavailable"].tolist() == [True, False, False]
    assert table["times_before"].tolist() == [0, 1, 0]
    assert table["place"].tolist() == [1, 2, 3]
    assert coverage.candidates(filling(), {3: "unavailable"}, per_gap=1)["collaborator_id"].tolist() == ["d"]
    with pytest.raises(ParameterError, match="unavailable"):
        coverage.candidates(filling(), {1: "perhaps"})


def test_an_hour_that_somebody_offers_twice_is_one_hour() -> None:
    day = "2024-06-01T"
    told = [("a", "08", "18"), ("a", "12", "20"), ("a", "13", "14"), ("b", "12", "14"), ("b", "14", "16"), ("c", "06", "13")]
    frames = coverage.frames(
        teams=[{"team_id": "1", "team": "Bar", "needed": 1}],
        shifts=[{"team_id": "1", "shift": 0, "start": f"{day}12:00Z", "end": f"{day}18:00Z"}],
        collaborators=[{"collaborator_id": one} for one in "abc"],
        availability=[
            {"collaborator_id": who, "type_id": "1", "start": f"{day}{start}:00Z", "end": f"{day}{end}:00Z"}
            for who, start, end in told
        ],
    )
    table = coverage.candidates(frames, {1: "available"})
    assert table[["collaborator_id", "available_hours"]].values.tolist() == [["a", 6.0], ["b", 4.0], ["c", 1.0]]


def test_without_the_meaning_of_types_there_are_only_the_words() -> None:
    table = coverage.candidates(filling())
    assert table["availability_id"].tolist() == ["0", "1", "2", "3", "4"]
    assert set(table["shared_hours"]) == {2.0}
    assert "place" not in table


def test_oddities_say_what_was_done() -> None:
    frames = coverage.frames(
        teams=[team("1", None), team("2", 1)],
        shifts=[
            shift("1", "2024-06-01T10:00Z", "2024-06-01T14:00Z", half := "00:15:00"),
            shift("1", "2024-06-01T10:00Z", "2024-06-01T14:00Z", half, 1),
            shift("1", "2024-06-01T10:00Z", "2024-06-01T10:00Z", half, 2),
            {"team_id": "1", "shift": 3, "start": None, "end": "2024-06-01T10:00Z"},
            shift("1", "2024-06-02T10:00Z", "2024-06-02T11:00Z", "02:00:00", 4),
            shift("1", "2024-06-03T10:00Z", "2024-06-03T11:00Z", None, 5),
        ],
        enrolments=[signed(1, "a", "1", cancelled=None), signed(2, "a", "1")],
        differences=[{"team_id": "2", "what": "needed", "listed": "1", "embedded": "3"}],
    )
    table = coverage.oddities(frames)
    expected = [
        *("unreadable times", "end not after start", "same times twice", "no break", "odd break", "no shifts", "no need"),
        *("cancelled unknown", "enrolled twice", "differs"),
    ]
    assert table["odd"].tolist() == expected
    assert line(table, odd="differs")["detail"] == "needed: 1 listed, 3 inside"
    assert coverage.by_shift(frames)["net_hours"].tolist() == [3.75, 0.0, 1.0]


def test_filters_take_ids_names_and_lists() -> None:
    frames = plan()
    assert set(coverage.by_team(frames, projects="p2")["team_id"]) == {"3", "4", "5"}
    assert set(coverage.by_team(frames, functions=["Bar", "f-Door"])["team_id"]) == {"1", "3", "5", "6"}
    assert set(coverage.by_team(frames, teams=[1, "team 2"])["team_id"]) == {"1", "2"}
    assert set(coverage.by_team(frames, published=False)["team_id"]) == {"4"}
    assert coverage.by_shift(frames, start="2024-06-02")["team_id"].tolist() == ["3"]
    assert coverage.by_team(frames, start="2024-06-02")["shifts"].tolist() == [1]
    assert "3" not in set(coverage.by_team(frames, end="2024-05-31")["team_id"])


@pytest.mark.parametrize("name", TABLES)
def test_empty_frames_give_empty_typed_tables(name: str) -> None:
    full, types = plan(), {1: "available"}
    given = {"types": types} if name == "candidates" else {}
    table, filled = getattr(coverage, name)(coverage.frames(), **given), getattr(coverage, name)(full, **given)
    assert table.dtypes.to_dict() == filled.dtypes.to_dict()
    assert table.columns[-4:].tolist() == LIMITS
    if name not in ("summary", "week_pattern"):
        assert table.empty


def test_rates_over_nothing_are_missing() -> None:
    found = line(coverage.summary(coverage.frames()))
    assert (found["teams"], found["needed_hours"]) == (0, 0.0)
    assert pd.isna(found["filled_share"])
    assert pd.isna(found["coverage"])
    nobody = coverage.frames(teams=[team("1", 0)], shifts=[shift("1", "2024-06-01T10:00Z", "2024-06-01T14:00Z")])
    assert coverage.by_shift(nobody)["coverage"].isna().all()
    assert coverage.by_window(nobody)["filled_share"].isna().all()


@pytest.mark.parametrize("name", TABLES)
def test_tables_change_nothing_and_say_the_same_twice(name: str) -> None:
    frames = plan()
    kept = {key: frame.copy() for key, frame in frames.items()}
    first, again = getattr(coverage, name)(frames), getattr(coverage, name)(frames)
    pd.testing.assert_frame_equal(first, again)
    for key, frame in frames.items():
        pd.testing.assert_frame_equal(frame, kept[key])


def test_every_result_says_its_limits() -> None:
    frames = plan()
    table = coverage.by_team(frames)
    assert set(table["collaborators_scanned"]) == {5}
    assert coverage.note(table) == (
        "5 collaborators were asked about, perhaps not all there are: people are a lower bound, gaps an upper bound; "
        "confirmed enrolments count."
    )
    scan = {
        "collaborators_scanned": 1,
        "ids_complete": True,
        "status_source": "not_cancelled: filter ignored",
        "zone": "Europe/Brussels",
    }
    sure = coverage.by_team(coverage.frames(**{**frames, "scan": [scan]}))
    assert coverage.note(sure) == (
        "1 collaborator was asked about; all enrolments that are not cancelled count (the server ignored the status filter)."
    )
    assert line(sure, team_id="1")["n"] == 3
    assert coverage.note(table.head(0)) == ""


def test_another_zone_cuts_other_days() -> None:
    scan = {"collaborators_scanned": 5, "ids_complete": False, "status_source": "confirmed", "zone": "Asia/Kolkata"}
    frames = coverage.frames(**{**plan(), "scan": [scan]})
    assert coverage.by_shift(frames)["hour"].tolist() == [13, 13, 16, 17, 1, 1]
    hours = coverage.by_window(frames, "hour", teams="1")
    assert hours["start"].dt.minute.unique().tolist() == [30]
    assert hours["needed_hours"].sum() == pytest.approx(10.5)


def test_keywords_are_plain_and_misspelt_ones_are_refused() -> None:
    with pytest.raises(ParameterError, match="hour"):
        coverage.by_window(plan(), "minute")
    with pytest.raises(ParameterError, match="later than"):
        coverage.by_window(plan(), ["2024-06-02", "2024-06-01"])
    with pytest.raises(ParameterError, match="function"):
        coverage.by_group(plan(), by="colour")
    with pytest.raises(ParameterError, match="function"):
        coverage.presence(plan(), by="published")
    for filters in ({"functions": "Baar"}, {"projects": "porject p1"}, {"teams": ["team 1", "teem 2"]}):
        with pytest.raises(ParameterError, match="did you mean"):
            coverage.by_team(plan(), **filters)
    for filters in ({"functions": "Garden"}, {"projects": "project p99"}, {"teams": "team 99"}):
        assert coverage.by_team(plan(), **filters).empty


def test_names_are_public_and_lazy() -> None:
    for name in coverage.__all__:
        assert callable(getattr(coverage, name))
    assert set(coverage.__all__) <= set(dir(coverage))
    assert crmkit.coverage is coverage
    with pytest.raises(AttributeError, match="nothing_such"):
        coverage.nothing_such  # noqa: B018


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shifts", {**shift("1", "2024-06-01T08:00Z", "2024-06-01T12:00Z"), "break_duration": 30}),
        ("shifts", {"team_id": "1", "start": 1717228800, "end": 1717232400}),
        ("projects", {"project_id": "p", "first_day": 20240601}),
        ("teams", team("1", 2)),
        ("teams", {"needed": 2}),
    ],
)
def test_own_data_that_would_be_taken_otherwise_than_it_is_meant_is_refused(name: str, line: dict[str, Any]) -> None:
    """A break of 30 was one of 30 nanoseconds, so none; a team that is there twice ended the tables with an InvalidIndexError."""
    given = {"teams": [team("1", 2)], "shifts": [], "projects": []}
    with pytest.raises(ParameterError, match=f"{name} (is no table|holds a team twice)"):
        coverage.frames(**{**given, name: [*given[name], line]})


def test_nobody_without_a_number_is_a_candidate() -> None:
    frames = coverage.frames(
        teams=[team("1", 2)],
        shifts=[shift("1", "2024-06-01T08:00Z", "2024-06-01T12:00Z")],
        collaborators=[{"collaborator_id": None}, {"collaborator_id": "a"}],
    )
    assert coverage.candidates(frames, {1: "available"})["collaborator_id"].tolist() == ["a"]
