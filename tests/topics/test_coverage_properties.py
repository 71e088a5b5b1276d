"""What must hold for any plan: parts sum to the whole, coverage is capped, and fast ways agree with slow ones."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import coverage
from crmkit.topics.arrays import distinct, each_of
from crmkit.topics.coverage.overlap import beginning_in, expanded, overlaps

SUNDAY = pd.Timestamp("2024-03-30T12:00Z")
PEOPLE = "abcde"
QUARTERS = st.integers(0, 4 * 40)


@st.composite
def plans(draw: st.DrawFn) -> dict[str, pd.DataFrame]:
    """Some teams with shifts around a night in which clocks change, and who is in them."""
    teams, shifts, enrolments = [], [], []
    for number in range(draw(st.integers(0, 5))):
        names = {
            "team": f"t{number}",
            "function": draw(st.sampled_from(["Bar", "Door"])),
            "project": "p",
            "listed": draw(st.booleans()),
        }
        teams.append({"team_id": str(number), "needed": draw(st.none() | st.integers(0, 4)), **names})
        for place in range(draw(st.integers(0, 3))):
            start = SUNDAY + pd.Timedelta(minutes=15 * draw(QUARTERS))
            end = start + pd.Timedelta(minutes=15 * draw(st.integers(-1, 60)))
            pause = draw(st.none() | st.integers(0, 90))
            times = {"start": start, "end": end, "break_duration": pd.NaT if pause is None else pd.Timedelta(minutes=pause)}
            shifts.append({"team_id": str(number), "shift": place, **times})
        for who in draw(st.lists(st.sampled_from(PEOPLE), max_size=5)):
            state = {
                "status": draw(st.sampled_from(["confirmed", "unknown"])),
                "cancelled": draw(st.sampled_from([None, False, False, True])),
            }
            enrolments.append(
                {"enrolment_id": str(len(enrolments)), "collaborator_id": who, "team_id": str(number), "checks_in": True, **state}
            )
    return coverage.frames(
        teams=teams, shifts=shifts, enrolments=enrolments, collaborators=[{"collaborator_id": who} for who in PEOPLE]
    )


@settings(deadline=None, max_examples=10)
@given(plans())
def test_parts_sum_to_the_whole(frames: dict[str, pd.DataFrame]) -> None:
    shifts, total = coverage.by_shift(frames), coverage.summary(frames).iloc[0]
    tables = [
        coverage.by_team(frames),
        coverage.by_group(frames, by="function"),
        coverage.by_group(frames, by=["weekday", "hour"]),
        *(coverage.by_window(frames, every) for every in ("hour", "day", "week", "month")),
        coverage.week_pattern(frames),
    ]
    for name in ("needed_hours", "gap_hours"):
        whole = shifts[name].sum()
        assert total[name] == pytest.approx(whole)
        for table in tables:
            assert table[name].sum() == pytest.approx(whole)
    for table in tables:
        assert table["enrolled_hours"].sum() == pytest.approx(shifts["enrolled_hours"].sum())
    assert total["places"] == total["filled"] + total["gap"]


@settings(deadline=None, max_examples=10)
@given(plans())
def test_what_is_capped_never_passes_the_need(frames: dict[str, pd.DataFrame]) -> None:
    for table in (
        coverage.by_group(frames),
        coverage.by_window(frames, "hour"),
        coverage.week_pattern(frames),
        coverage.summary(frames),
    ):
        share = table["filled_share"].dropna()
        assert ((share >= -1e-9) & (share <= 1 + 1e-9)).all()
    shifts = coverage.by_shift(frames)
    assert (shifts["gap"].dropna() >= 0).all()
    assert (shifts["needed"] - shifts["gap"] + shifts["surplus"] == shifts["n"]).fillna(True).all()
    assert (shifts["n_unconflicted"] <= shifts["n"]).all()
    assert (shifts["n"] <= shifts["n_not_cancelled"]).all()
    groups = coverage.by_group(frames)
    assert ((groups["filled_share_low"] <= groups["filled_share"]) | groups["filled_share"].isna()).all()


def at(moments: pd.DatetimeIndex, lines: pd.DataFrame, name: str) -> list[int]:
    """The sum of a column over the lines whose interval holds each moment."""
    when = moments.tz_localize(None).to_numpy()[:, None]
    starts, ends = (lines[side].dt.tz_localize(None).to_numpy() for side in ("start", "end"))
    inside = (starts <= when) & (when < ends)
    return (inside * lines[name].fillna(0).to_numpy(dtype=np.int64)).sum(axis=1).tolist()


@settings(deadline=None, max_examples=10)
@given(plans())
def test_steps_agree_with_looking_at_every_quarter(frames: dict[str, pd.DataFrame]) -> None:
    shifts, steps = coverage.by_shift(frames), coverage.steps(frames)
    moments = pd.date_range(SUNDAY, periods=4 * 60, freq="15min")
    heads = {name: at(moments, shifts, column) for name, column in (("needed", "needed"), ("enrolled", "n"), ("gap", "gap"))}
    for name, expected in heads.items():
        assert at(moments, steps, name) == expected
    top = max(heads["needed"])
    peak = coverage.peaks(frames)
    assert peak["peak"].iloc[0] == top if len(peak) else top == 0
    assert (steps["end"].iloc[:-1].to_numpy() == steps["start"].iloc[1:].to_numpy()).all()
    assert len(shifts) == 0 or coverage.by_window(frames, "day")["needed_peak"].max() == top


@settings(deadline=None, max_examples=10)
@given(plans())
def test_double_bookings_agree_with_comparing_all_pairs(frames: dict[str, pd.DataFrame]) -> None:
    listed = frames["teams"].set_index("team_id")["listed"].to_dict()
    shifts = frames["shifts"].query("end > start")
    told = frames["enrolments"]
    counting = told[(told["status"] == "confirmed") & ~told["cancelled"].fillna(False)].drop_duplicates(
        ["collaborator_id", "team_id"]
    )
    expected = set()
    for one, other in combinations(counting.to_dict("records"), 2):
        pairs = shifts[shifts["team_id"] == one["team_id"]].merge(shifts[shifts["team_id"] == other["team_id"]], how="cross")
        meets = (pairs["start_x"] < pairs["end_y"]) & (pairs["start_y"] < pairs["end_x"])
        if (
            one["collaborator_id"] == other["collaborator_id"]
            and meets.any()
            and (listed[one["team_id"]] or listed[other["team_id"]])
        ):
            expected.add(frozenset((one["enrolment_id"], other["enrolment_id"])))
    found = coverage.double_bookings(frames)
    assert {frozenset(pair) for pair in found[["enrolment_id", "other_enrolment_id"]].to_numpy()} == expected
    assert len(found) == len(expected)


@settings(deadline=None, max_examples=10)
@given(plans())
def test_people_in_windows_are_distinct(frames: dict[str, pd.DataFrame]) -> None:
    shifts = coverage.by_shift(frames)
    told = frames["enrolments"]
    counting = told[(told["status"] == "confirmed") & ~told["cancelled"].fillna(False)]
    for window in coverage.by_window(frames, "hour").head(30).to_dict("records"):
        teams = shifts[(shifts["start"] < window["end"]) & (shifts["end"] > window["start"])]["team_id"]
        assert window["people"] == counting[counting["team_id"].isin(teams)]["collaborator_id"].nunique()


@settings(deadline=None, max_examples=10)
@given(plans())
def test_nobody_busy_or_in_the_team_is_a_candidate(frames: dict[str, pd.DataFrame]) -> None:
    shifts = frames["shifts"].query("end > start")
    told = frames["enrolments"]
    counting = told[(told["status"] == "confirmed") & ~told["cancelled"].fillna(False)]
    for one in coverage.candidates(frames, {1: "available"}, top=None).to_dict("records"):
        own = counting[counting["collaborator_id"] == one["collaborator_id"]]["team_id"]
        assert one["team_id"] not in set(own)
        both = shifts[shifts["team_id"] == one["team_id"]].merge(shifts[shifts["team_id"].isin(own)], how="cross")
        assert not ((both["start_x"] < both["end_y"]) & (both["start_y"] < both["end_x"])).any()


INTERVALS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.integers(0, 3)), max_size=12)


def arrays(lines: list[tuple[int, int, int]]) -> tuple[Any, Any, Any]:
    table = np.array(lines, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 0] + table[:, 1], table[:, 2]


@given(INTERVALS, INTERVALS)
def test_overlaps_are_symmetric_and_all_there(mine: list[Any], theirs: list[Any]) -> None:
    (a, b, g), (c, d, h) = arrays(mine), arrays(theirs)
    found = list(zip(*(places.tolist() for places in overlaps(a, b, c, d, g, h)), strict=True))
    slow = [(i, j) for i in range(len(a)) for j in range(len(c)) if g[i] == h[j] and max(a[i], c[j]) < min(b[i], d[j])]
    assert sorted(found) == slow
    back = list(zip(*(places.tolist() for places in overlaps(c, d, a, b, h, g)), strict=True))
    assert sorted((i, j) for j, i in back) == slow
    points = [(i, j) for i in range(len(a)) for j in range(len(c)) if g[i] == h[j] and a[i] <= c[j] < b[i]]
    for far in (1, 2**57):  # so far apart that times and groups together do not fit into a whole number
        assert sorted(zip(*(places.tolist() for places in beginning_in(g, a * far, b * far, h, c * far)), strict=True)) == points


@given(INTERVALS, st.lists(st.integers(0, 45), unique=True, max_size=8).map(sorted))
def test_windows_hold_what_is_shared(lines: list[Any], edges: list[int]) -> None:
    starts, ends, _ = arrays(lines)
    found = sorted(zip(*(part.tolist() for part in expanded(starts, ends, np.array(edges, dtype=np.int64))), strict=True))
    slow = [
        (i, k, min(ends[i], edges[k + 1]) - max(starts[i], edges[k]))
        for i in range(len(starts))
        for k in range(len(edges) - 1)
        if min(ends[i], edges[k + 1]) > max(starts[i], edges[k])
    ]
    assert found == slow


@given(st.lists(st.integers(-1, 4), max_size=10), st.lists(st.integers(-1, 4), max_size=10))
def test_members_of_groups(wanted: list[int], groups: list[int]) -> None:
    owner, member = each_of(np.array(wanted, dtype=np.int64), np.array(groups, dtype=np.int64))
    slow = [(i, j) for i, one in enumerate(wanted) for j, other in enumerate(groups) if one == other >= 0]
    assert sorted(zip(owner.tolist(), member.tolist(), strict=True)) == slow
    assert distinct(np.array(wanted, dtype=np.int64)).tolist() == sorted(set(wanted))
