"""crmkit.pipelines against the demo's truth: what was really asked, won and lost, and where every deal really stood."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from crmkit import demo as demonstration
from crmkit import pipelines
from tests.seeds import some

SEEDS = some(20)


class World:
    """What was loaded from a demo, and its truth without the deals that somebody mistyped."""

    def __init__(self, running: demonstration.Demo):
        self.data = pipelines.load(running.onepagecrm(), today=running.today)
        self.truth = running.truth["deals"]
        self.steps = running.truth["deal_stages"]
        self.effects = running.truth["effects"]
        self.today = pd.Timestamp(running.today)
        dirt = running.truth["dirt"]
        self.dirt = dirt[(dirt["crm"] == "onepagecrm") & dirt["field"].str.startswith("deal.")]
        spoiled = self.dirt["record_id"]
        self.deals = _without(self.data["deals"], spoiled)
        self.true = self.truth[~self.truth["deal_id"].isin(spoiled)].assign(source=self.truth["source"])
        delivering = self.true["pipeline_id"] != self.true["sales_pipeline_id"]
        self.open = self.true[(self.true["served_status"] == "pending") & ~delivering]
        self.closed = self.true[self.true["served_status"] != "pending"]
        self.delivering = self.true[delivering]


def _without(deals, spoiled):
    kept = deals[~deals["deal_id"].isin(spoiled)]
    kept.attrs = dict(deals.attrs)
    return kept


@pytest.fixture(scope="module", params=SEEDS)
def world(request):
    with demonstration.start(seed=request.param, people=200) as running:
        yield World(running)


def as_dict(table, keys, value):
    return {key: number for key, number in table.set_index(keys)[value].items() if number}


def test_every_slip_is_found_and_nothing_else(world):
    table = pipelines.oddities(world.data["deals"]).set_index("oddity")["deal_ids"]
    planted = {fault: set(part["record_id"]) for fault, part in world.dirt.groupby("fault")}
    assert len(planted) >= 5
    for fault in {*planted, "status_unknown", "stage_invalid"}:
        assert set(table[fault]) == planted.get(fault, set()), fault


def test_people_places_and_days_are_the_true_ones(world):
    both = world.deals.merge(world.true, on="deal_id", suffixes=("", "_true"))
    assert len(both) == len(world.true) == len(world.deals)
    pairs = {
        "owner": "seller",
        "source": "source_true",
        "opened": "opened_true",
        "expected": "expected_true",
        "closed": "closed_true",
    }
    both.loc[both["served_status"] == "pending", "closed_true"] = pd.NaT
    for mine, true in pairs.items():
        pd.testing.assert_series_equal(both[mine], both[true], check_names=False)
    delivering = both["kind"] == "delivery"
    named = both[delivering & (both["sales_pipeline_id"] != both["pipeline_id"])]
    assert named["sales_stage"].tolist() == named["sales_stage_true"].tolist()


def test_funnel(world):
    table = pipelines.funnel(world.deals, world.data["stages"])
    keys = ["pipeline_id", "stage"]
    grouped = world.open.assign(weighted=world.open["total_amount"] * world.open["stage"].astype(float) / 100).groupby(keys)
    assert as_dict(table, keys, "deals") == grouped.size().to_dict()
    assert as_dict(table, keys, "weighted_total") == pytest.approx({k: v for k, v in grouped["weighted"].sum().items() if v})
    assert table["declared"].all()


def test_delivery(world):
    table = pipelines.delivery(world.deals, world.data["stages"])
    assert as_dict(table, ["stage"], "deals") == world.delivering.groupby("stage").size().to_dict()
    assert table["pending"].sum() == (world.delivering["served_status"] == "pending").sum()


def test_forecast(world):
    table = pipelines.forecast(world.deals)
    months = world.open["expected"].dt.strftime("%Y-%m").fillna("none")
    weighted = (world.open["total_amount"] * world.open["stage"].astype(float) / 100).groupby(months).sum()
    found = table.assign(month=table["month"].dt.strftime("%Y-%m").fillna("none"))
    assert as_dict(found, "month", "weighted_total") == pytest.approx({k: v for k, v in weighted.items() if v})
    assert table["overdue"].sum() == (world.open["expected"] < world.today).sum() == len(pipelines.overdue(world.deals))
    assert table["in_delivery"].sum() == (world.delivering["served_status"] == "pending").sum()


def test_win_rate_by_count_and_value(world):
    won = world.closed[world.closed["outcome"] == "won"]
    line = pipelines.win_rate(world.deals).iloc[0]
    assert (line["won"], line["closed"]) == (len(won), len(world.closed))
    assert line["value_rate"] == pytest.approx(won["total_amount"].sum() / world.closed["total_amount"].sum())
    by_seller = pipelines.win_rate(world.deals, by="owner").set_index("owner")["rate"]
    true = (world.closed["outcome"] == "won").groupby(world.closed["seller"]).mean()
    assert by_seller.to_dict() == pytest.approx(true.to_dict())


def test_a_season_only(world):
    inside = world.closed[world.closed["closed"].between("2023-09-01", "2024-02-29")]
    line = pipelines.win_rate(world.deals, start="2023-09-01", end="2024-02-29").iloc[0]
    assert (line["won"], line["closed"]) == ((inside["outcome"] == "won").sum(), len(inside))


def test_cycles_sizes_and_reasons(world):
    won, lost = (world.closed[world.closed["outcome"] == outcome] for outcome in ("won", "lost"))
    days = (won["closed"] - won["opened"]).dt.days
    cycle = pipelines.cycle_length(world.deals).iloc[0]
    assert (cycle["mean_days"], cycle["median_days"]) == (pytest.approx(days.mean()), days.median())
    by_source = pipelines.cycle_length(world.deals, by="source").set_index("source")["mean_days"]
    assert by_source.to_dict() == pytest.approx(days.groupby(won["source"]).mean().to_dict())
    size = pipelines.deal_size(world.deals).iloc[0]
    assert size["average"] == pytest.approx(won["total_amount"].mean())
    assert size["zero_value"] == (won["total_amount"] == 0).sum()
    assert sorted(pipelines.reasons(world.deals)["lost"]) == sorted(lost.groupby("reason").size())


def test_velocity(world):
    year = world.closed[world.closed["closed"] > world.today - pd.Timedelta(days=365)]
    won = year[year["outcome"] == "won"]
    days = (won["closed"] - won["opened"]).dt.days.mean()
    expected = len(world.open) * len(won) / len(year) * won["total_amount"].mean() / days
    assert pipelines.velocity(world.deals)["velocity"].iloc[0] == pytest.approx(expected)


def test_parts_sum_to_the_whole(world):
    deals = world.data["deals"]
    whole = pipelines.breakdown(deals, by=None).iloc[0]
    for by in ("owner", "source", "pipeline", ["owner", "source"]):
        table = pipelines.breakdown(deals, by=by)
        for name in (
            "pending",
            "overdue",
            "total_pending",
            "weighted_total",
            "won",
            "lost",
            "undated",
            "value_won",
            "value_lost",
        ):
            assert table[name].sum() == pytest.approx(whole[name]), (by, name)
        assert table["share_won"].sum() == pytest.approx(1)
    assert pipelines.forecast(deals)["weighted_total"].sum() == pytest.approx(whole["weighted_total"])
    assert pipelines.funnel(deals, world.data["stages"])["weighted_total"].sum() == pytest.approx(whole["weighted_total"])
    assert pipelines.multi_month(deals)["total_amount"].sum() == pytest.approx(deals["total_amount"].sum())


def as_of(world, day):
    """The deals as a fetch on an earlier day would have had them, put together from the true history."""
    day = pd.Timestamp(day)
    true = world.true.set_index("deal_id")
    steps = world.steps[(world.steps["entered"] <= day) & (world.steps["kind"] == "sales")]
    last = steps.groupby("deal_id").tail(1).set_index("deal_id")
    deals = world.deals[world.deals["deal_id"].map(true["opened"]) <= day].copy()
    deals = deals.reset_index(drop=True)
    ids = deals["deal_id"]
    was_open = ~(ids.map(true["closed"]) <= day)
    deals.loc[was_open, "state"] = "pending"
    deals.loc[was_open, "stage"] = ids.map(last["stage"])[was_open].astype("Int64")
    deals.loc[was_open, "pipeline_id"] = ids.map(last["pipeline_id"])[was_open].astype("string")
    deals.loc[was_open, "chance"] = deals.loc[was_open, "stage"].astype("float64") / 100
    return deals


def test_what_moved_since(world):
    before, true = as_of(world, "2024-03-31"), world.true
    since = true["closed"] > "2024-03-31"
    moved = pipelines.moved(before, world.deals)
    ids = {change: set(part["deal_id"]) for change, part in moved.groupby("change")}
    for outcome in ("won", "lost"):
        assert ids.get(outcome, set()) == set(true.loc[since & (true["served_status"] == outcome), "deal_id"])
    assert ids["new"] == set(true.loc[true["opened"] > "2024-03-31", "deal_id"])
    delivering = set(world.delivering.loc[since & (world.delivering["served_status"] == "pending"), "deal_id"])
    assert ids.get("delivery", set()) == {one for one in delivering if one not in ids["new"]}
    assert not {"gone", "amount", "owner", "expected", "reopened"} & set(ids)
    moves = pipelines.stage_moves(before, world.deals)
    assert moves.loc[moves["direction"] != "stayed", "deals"].sum() == len(ids.get("stage", ()))
    bridge = pipelines.bridge(before, world.deals).set_index("step")
    assert bridge.loc["open after", "deals"] == len(world.open)
    for name in ("deals", "value"):
        assert bridge[name].iloc[:-1].sum() == pytest.approx(bridge.loc["open after", name])


@pytest.mark.full
def test_effects_show_over_twenty_seeds():
    """Pooled over twenty organisations, days to a win by source and the order of sellers come out as they were put in."""
    found = []
    for seed in range(1, 21):
        with demonstration.start(seed=seed, people=200) as running:
            world = World(running)
        sellers = world.data["owners"]["owner"].tolist()
        found.append(
            world.deals.assign(owner=world.deals["owner"].map({name: str(n) for n, name in enumerate(sellers, 1)}), owner_id="")
        )
    deals = pd.concat(found, ignore_index=True).assign(source_id="")
    deals["deal_id"] = [str(number) for number in range(len(deals))]
    days = pipelines.cycle_length(deals, by="source").set_index("source")["median_days"]
    true = world.effects[world.effects["scale"] == "median days to a win"]
    for effect, value in zip(true["effect"], true["value"], strict=True):
        assert math.isclose(days[effect.removeprefix("deals: source ")], value, rel_tol=0.2), effect
    rates = pipelines.win_rate(deals, by="owner").set_index("owner")["rate"]
    assert rates["1"] > rates["2"] > rates["3"] > rates["4"]
