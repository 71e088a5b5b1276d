"""Every public function of the four topics: of nothing it makes an empty table with the same columns, in the same order and dtypes."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import attendance, coverage, demo, pipelines, segments

DAY = "2024-06-15"
SENSES = {1: "available", 2: "unavailable", 3: "unavailable", 4: "unavailable"}
# What each function is called with, from what load() gave: s of segments, a of attendance, p of pipelines, c of coverage.
CALLS = {
    segments: {
        **{name: getattr(segments, name) for name in ("active", "contacted", "fees", "lapsed", "retention")},
        "averages": lambda s: segments.averages(s, first(s), today=DAY),
        "combine": lambda s: segments.combine(s, "new", any_of=first(s)),
        "compare": lambda s: segments.compare(s, first(s), first(s), today=DAY),
        "in_none": segments.in_none,
        "intersections": segments.intersections,
        "members_of": lambda s: segments.members_of(s, first(s)),
        "moved": lambda s: segments.moved(s, s),
        "movers": lambda s: segments.movers(s, {**s, "members": s["members"].head(len(s["members"]) // 2)}),
        "on_day": lambda s: segments.on_day(s, "2023-10-01"),
        "over_time": lambda s: segments.over_time(s, start="2024-01-01", end=DAY),
        "overlap": segments.overlap,
        "pairs": segments.pairs,
        "profile": lambda s: segments.profile(s, first(s), today=DAY),
        "roll_up": segments.roll_up,
        "sizes": segments.sizes,
        "standing_out": lambda s: segments.standing_out(segments.profile(s, first(s), today=DAY)),
        "tree": segments.tree,
        "with_none": segments.with_none,
        "with_segment": lambda s: segments.with_segment(s, "x", "X", s["people"]["person_id"]),
    },
    attendance: {
        **{
            name: lambda a, name=name: getattr(attendance, name)(a["events"], a["answers"])
            for name in ("by_event", "by_hour", "by_kind", "by_weekday", "by_weekday_and_hour", "cancelled", "capacity", "rates")
        },
        "as_groups": lambda a: attendance.as_groups(a["segments"]),
        "by_group": lambda a: attendance.by_group(a["events"], a["answers"], a["groups"], by="season"),
        "by_person": lambda a: attendance.by_person(a["events"], a["answers"], today=DAY),
        "choose": lambda a: attendance.choose(a["events"], held=True),
        "group_change": lambda a: attendance.group_change(CALLS[attendance]["by_group"](a)),
        "habits": lambda a: attendance.habits(attendance.by_person(a["events"], a["answers"], today=DAY)),
        "over_time": lambda a: attendance.over_time(a["events"], a["answers"], every="season"),
        "payments": lambda a: attendance.payments(a["events"], a["tickets"], a["orders"]),
        "sold": lambda a: attendance.sold(a["events"], a["tickets"]),
        "stock_use": lambda a: attendance.stock_use(a["events"], a["stock"]),
    },
    pipelines: {
        **{name: lambda p, name=name: getattr(pipelines, name)(p["deals"]) for name in ("multi_month", "oddities", "reasons")},
        **{
            name: lambda p, name=name: getattr(pipelines, name)(p["deals"], by=["pipeline", "owner"])
            for name in ("cycle_length", "deal_size", "win_rate")
        },
        **{
            name: lambda p, name=name: getattr(pipelines, name)(p["deals"], by="owner", today=DAY)
            for name in ("breakdown", "forecast", "velocity")
        },
        **{
            name: lambda p, name=name: getattr(pipelines, name)(p["deals"].head(len(p["deals"]) // 2), p["deals"])
            for name in ("bridge", "moved", "stage_moves")
        },
        "choose": lambda p: pipelines.choose(p["deals"], states="won"),
        "convert": lambda p: pipelines.convert(p["deals"], "EUR", {"USD": 0.9}),
        "delivery": lambda p: pipelines.delivery(p["deals"], p["stages"]),
        "funnel": lambda p: pipelines.funnel(p["deals"], p["stages"]),
        "overdue": lambda p: pipelines.overdue(p["deals"], today=DAY),
        "together": lambda p: pipelines.together(p, p),
    },
    coverage: {
        **{
            name: getattr(coverage, name)
            for name in (
                *("availability_during", "by_group", "by_shift", "by_team", "by_window", "double_bookings", "gaps", "oddities"),
                *("orphan_enrolments", "peaks", "presence", "steps", "summary", "week_pattern", "worked"),
            )
        },
        "candidates": lambda c: coverage.candidates(c, SENSES),
        "frames": lambda c: coverage.frames(**c),
    },
}
# What only one CRM knows: the function, and whose frames it is asked about.
OF_ONE = dict.fromkeys(("active", "fees", "lapsed", "retention"), "SheepCRM") | {"contacted": "MissionHub"}
NOT_TABLES = {"load", "explore", "note"}
EVERY = [pytest.param(topic, name, id=f"{topic.__name__.rpartition('.')[2]}-{name}") for topic in CALLS for name in CALLS[topic]]


def first(frames):
    """A segment to ask about: the largest."""
    sizes = frames["members"]["segment_id"].value_counts()
    return sizes.index[0] if len(sizes) else frames["segments"]["segment_id"].iloc[0]


@pytest.fixture(scope="module")
def loaded():
    """What load() gives of each topic; of attendance the frames of both systems that know some."""
    with demo.start(people=150) as running:
        peepl, sheep = running.peepl(), running.sheepcrm()
        lists = attendance.load(sheep, groups=True, orders=True, now=DAY)
        told = segments.load(peepl, groups=True, history=True, today=DAY)
        yield {
            segments: told,
            attendance: {**lists, "segments": told},
            pipelines: pipelines.load(running.onepagecrm(), today=DAY),
            coverage: coverage.load(running.beeple(), collaborators="list", now=DAY),
            "SheepCRM": segments.load(sheep, segments="Jeugd", memberships="Alle lidmaatschappen", today=DAY),
            "MissionHub": segments.load(running.missionhub(), organization="5101", today=DAY),
        }


def emptied(data):
    """The same frames without lines."""
    return {name: emptied(frame) if isinstance(frame, dict) else frame.head(0) for name, frame in data.items()}


def shape(found):
    """Columns with their dtypes, in order; of a square table those of its lines and columns."""
    if isinstance(found, dict):
        return {name: shape(frame) for name, frame in found.items()}
    if found.columns.name is not None:
        return [found.columns.name, found.index.name, {str(dtype) for dtype in found.dtypes} or {"Int64"}]
    return [(name, str(dtype)) for name, dtype in found.dtypes.items()]


def lines(found):
    return sum(map(len, found.values())) if isinstance(found, dict) else len(found)


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_the_shape_is_that_of_a_full_table(loaded, topic, name):
    data = loaded[OF_ONE.get(name, topic) if topic is segments else topic]
    nothing = emptied(data)
    # A question about a segment needs one: it is there, but without members.
    if topic is segments and name in ("averages", "combine", "compare", "members_of", "profile", "standing_out"):
        nothing["segments"] = data["segments"][data["segments"]["segment_id"] == first(data)]
    full, empty = CALLS[topic][name](data), CALLS[topic][name](nothing)
    assert lines(full), "nothing is compared"
    assert shape(empty) == shape(full)


@pytest.mark.parametrize("topic", CALLS, ids=lambda topic: topic.__name__.rpartition(".")[2])
def test_every_public_function_is_among_them(topic):
    public = {name for name in topic.__all__ if not name.startswith("plot_")}
    assert public - NOT_TABLES == set(CALLS[topic])


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_every_function_says_where_its_definition_is_from(topic, name):
    told = getattr(topic, name).__doc__
    assert "Source: " in told or "sheet" in told
    assert "sheet" in told.rpartition("Source: ")[2]


def test_rates_over_nothing_are_missing(loaded):
    """Where there is a line of nothing, its counts are 0 and its rates and averages missing."""
    deals = loaded[pipelines]["deals"].head(0)
    for table, counts in (
        (pipelines.win_rate(deals), ["won", "lost", "closed"]),
        (pipelines.velocity(deals, today=DAY), ["pending", "won", "lost"]),
        (pipelines.cycle_length(deals), ["deals", "measured"]),
        (pipelines.deal_size(deals), ["won", "zero_value"]),
        (coverage.summary(emptied(loaded[coverage])), ["teams", "places", "filled", "gap"]),
        (segments.contacted(emptied(loaded["MissionHub"])), ["people", "base", "contacted_people", "no_status"]),
    ):
        (line,) = table.to_dict("records")
        assert [line[name] for name in counts] == [0] * len(counts)
        rates = [
            name
            for name in ("rate", "value_rate", "velocity", "mean_days", "average", "filled_share", "coverage", "contacted_rate", "reached_low")
            if name in line
        ]
        assert rates
        assert pd.isna([line[name] for name in rates]).all()
