"""crmkit.coverage against the demo's truth: who was really needed, enrolled, in two places, and there."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from crmkit import coverage
from crmkit import demo as demonstration
from tests.seeds import some

SEEDS = some(20)
SENSES = {1: "available", 2: "unavailable", 3: "unavailable", 4: "unavailable"}
NAMES = ("coverage", "shifts", "enrolments", "double_bookings", "availabilities")


class World:
    """What was loaded from a demo, and its truth."""

    def __init__(self, running: demonstration.Demo):
        self.frames = coverage.load(running.beeple(), collaborators="list", ids_complete=True)
        self.truth = {name: running.truth[name] for name in NAMES}
        lines = self.truth["coverage"]
        self.lines = lines[lines["shift"].notna()]
        self.now = str(running.today)


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with demonstration.start(seed=request.param, people=200) as running:
        yield World(running)


def test_every_shift(world: World) -> None:
    both = coverage.by_shift(world.frames).merge(
        world.lines, on=["team_id", "shift"], how="outer", suffixes=("", "_true"), indicator=True
    )
    assert set(both["_merge"]) == {"both"}
    pairs = {
        "needed": "needed_true",
        "n": "confirmed",
        "n_not_cancelled": "not_cancelled",
        "gap": "gap_true",
        "start": "start_true",
        "end": "end_true",
    }
    pairs |= {name: f"{name}_true" for name in ("project_id", "team", "function", "published", "day", "weekday", "hour")}
    for mine, true in pairs.items():
        assert (both[mine] == both[true]).all(), mine
    for mine, true in {
        "needed_hours": "needed_hours_true",
        "enrolled_hours": "confirmed_hours",
        "gap_hours": "gap_hours_true",
    }.items():
        assert both[mine].tolist() == pytest.approx(both[true].tolist()), mine
    hours = coverage.by_shift(world.frames).merge(world.truth["shifts"], on=["team_id", "shift"], suffixes=("", "_true"))
    assert hours["net_hours"].tolist() == pytest.approx(hours["net_hours_true"].tolist())
    assert hours["break_hours"].tolist() == pytest.approx(hours["break_hours_true"].fillna(0).tolist())


def test_sums_and_groups(world: World) -> None:
    total = coverage.summary(world.frames).iloc[0]
    assert (total["teams"], total["shifts"]) == (world.truth["coverage"]["team_id"].nunique(), len(world.lines))
    teams = world.truth["coverage"].drop_duplicates("team_id")
    assert (total["places"], total["gap"]) == (teams["needed"].sum(), teams["gap"].sum())
    by_function = coverage.by_group(world.frames, by="function").set_index("function")["gap_hours"]
    true = world.lines.groupby("function")["gap_hours"].sum()
    assert by_function.sort_index().tolist() == pytest.approx(true.sort_index().tolist())
    slots = coverage.by_group(world.frames, by=["weekday", "hour"])
    assert slots["shifts"].sum() == len(world.lines)
    for every in ("hour", "day", "week", "month"):
        windows = coverage.by_window(world.frames, every)
        assert windows["needed_hours"].sum() == pytest.approx(world.lines["needed_hours"].sum())
        assert windows["gap_hours"].sum() == pytest.approx(world.lines["gap_hours"].sum())
    assert coverage.week_pattern(world.frames)["gap_hours"].sum() == pytest.approx(world.lines["gap_hours"].sum())


def test_the_largest_gaps(world: World) -> None:
    found = coverage.gaps(world.frames, top=5)["gap_hours"].tolist()
    true = world.lines.groupby("team_id")["gap_hours"].sum().nlargest(5).tolist()
    assert found == pytest.approx(true)


def test_double_bookings(world: World) -> None:
    found, true = coverage.double_bookings(world.frames), world.truth["double_bookings"]
    pairs = ["enrolment_id", "other_enrolment_id"]
    assert {frozenset(pair) for pair in found[pairs].to_numpy().tolist()} <= {
        frozenset(pair) for pair in true[pairs].to_numpy().tolist()
    }
    listed = set(world.truth["coverage"]["team_id"])
    touching = true["team_id"].isin(listed) | true["other_team_id"].isin(listed)
    assert len(found) == touching.sum()
    spans = {frozenset(line[:2]): tuple(line[2:]) for line in true[[*pairs, "start", "end"]].to_numpy().tolist()}
    for line in found[[*pairs, "start", "end"]].to_numpy().tolist():
        one, other = spans[frozenset(line[:2])], tuple(line[2:])
        assert one[1] - one[0] == other[1] - other[0]


def test_orphans_and_who_is_there_alone(world: World) -> None:
    enrolments = world.truth["enrolments"]
    orphans = enrolments[enrolments["orphan"] & enrolments["counts"]]
    assert set(coverage.orphan_enrolments(world.frames)["enrolment_id"]) == set(orphans["enrolment_id"])
    doubles = world.truth["double_bookings"]
    lines = [doubles[["record_id", name]].set_axis(["record_id", "team_id"], axis=1) for name in ("team_id", "other_team_id")]
    clashing = pd.concat(lines).drop_duplicates().groupby("team_id").size()
    table = coverage.by_team(world.frames).set_index("team_id")
    busy = table["n"] - table["n_unconflicted"]
    assert busy[busy > 0].to_dict() == clashing[clashing.index.isin(table.index)].to_dict()


def test_who_came(world: World) -> None:
    table, enrolments = coverage.worked(world.frames, now=world.now), world.truth["enrolments"]
    true = enrolments[enrolments["came"].notna() & ~enrolments["orphan"]].set_index("enrolment_id")
    found = table.set_index("enrolment_id")
    assert set(found.index) == set(true.index)
    assert (found["present"] == true["came"].astype("boolean")).all()
    came = true[true["arrived"].notna()]
    assert (found.loc[came.index, "arrived"] == came["arrived"]).all()
    single = came[found.loc[came.index, "shifts"] == 1]
    assert found.loc[single.index, "late_minutes"].tolist() == pytest.approx(single["late"].tolist())
    share = coverage.presence(world.frames, by="function", now=world.now)
    assert (share["present"].sum(), share["expected"].sum()) == (true["came"].sum(), len(true))


def test_nobody_who_cannot_is_a_candidate(world: World) -> None:
    found = coverage.candidates(world.frames, SENSES, start=world.now, top=8)
    assert len(found)
    said = world.truth["availabilities"]
    away = said[(said["sense"] == "unavailable") & said["approved"].fillna(False)]
    enrolments = world.truth["enrolments"]
    taken = enrolments[enrolments["counts"]].merge(world.frames["shifts"], on="team_id")[["record_id", "team_id", "start", "end"]]
    shifts = world.frames["shifts"]
    for one in found.drop_duplicates("team_id").to_dict("records"):
        free = set(found.loc[found["team_id"] == one["team_id"], "collaborator_id"])
        not_free: set[str] = set(enrolments.loc[enrolments["counts"] & (enrolments["team_id"] == one["team_id"]), "record_id"])
        for shift in shifts[shifts["team_id"] == one["team_id"]].to_dict("records"):
            for busy in (away, taken):
                meets = (busy["start"] < shift["end"]) & (busy["end"] > shift["start"])
                not_free |= set(busy.loc[meets, "record_id"])
        blocked = set(world.frames["collaborators"].query("blocked")["collaborator_id"])
        assert free == set(world.frames["collaborators"]["collaborator_id"]) - not_free - blocked


def test_a_period_gives_what_the_whole_gives_for_it(world: World) -> None:
    start, end = "2024-05-01", "2024-05-31"
    table = coverage.by_team(world.frames, start=start, end=end)
    lines = world.lines[world.lines["day"].between(start, end)]
    assert set(table["team_id"]) == set(lines["team_id"])
    assert table["needed_hours"].sum() == pytest.approx(lines["needed_hours"].sum())


def test_reading_one_month_only() -> None:
    with demonstration.start(seed=1, people=200) as running:
        whole = coverage.load(running.beeple(), collaborators="list", availability=False)
        calls = len(running.log)
        month = coverage.load(
            running.beeple(), collaborators="list", availability=False, start="2024-05-01", end="2024-05-31", refresh=True
        )
        assert len(running.log) < 2 * calls
    keywords = {"start": "2024-05-01", "end": "2024-05-31"}
    columns = ["team_id", "n", "n_not_cancelled", "n_unconflicted", "gap", "shifts", "gap_hours"]
    pd.testing.assert_frame_equal(coverage.by_team(month, **keywords)[columns], coverage.by_team(whole, **keywords)[columns])
