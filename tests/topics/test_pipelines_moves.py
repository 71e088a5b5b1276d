"""crmkit.pipelines: what moved between two fetches, and what holds for every account (Hypothesis)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import pipelines
from crmkit.errors import ParameterError

from .pipelines_account import deal, deals_of, loaded


def changes(before, after, **keywords):
    """Change -> ids of the deals."""
    table = pipelines.moved(deals_of(*before), deals_of(*after), **keywords)
    return {name: set(part["deal_id"]) for name, part in table.groupby("change")}


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({}, {}, set()),
        ({}, {"stage": 40}, {"stage"}),
        ({}, {"status": "won", "stage": 90}, {"won"}),
        ({}, {"status": "lost"}, {"lost"}),
        ({"status": "lost"}, {}, {"reopened"}),
        ({"status": "lost"}, {"status": "won"}, {"won"}),
        ({}, {"pipeline_id": "p2", "stage": 40}, {"pipeline"}),
        ({}, {"pipeline_id": "p3"}, {"delivery"}),
        ({}, {"months": 2}, {"amount"}),
        ({}, {"amount": 100.004}, set()),
        ({}, {"expected_close_date": "2024-07-01"}, {"expected"}),
        ({"expected_close_date": "2024-07-01"}, {}, {"expected"}),
        ({}, {"owner_id": "u2", "amount": 5, "stage": 75}, {"owner", "amount", "stage"}),
        ({"stage": None}, {"stage": None}, set()),
        ({"stage": None}, {"stage": 25}, {"stage"}),
    ],
)
def test_each_change_is_seen_once(was, now, expected):
    assert set(changes([deal("A", **was)], [deal("A", **now)])) == expected


def test_new_and_gone():
    found = changes([deal("A"), deal("B")], [deal("B"), deal("C"), deal("D", "won")])
    assert found == {"new": {"c", "d"}, "gone": {"a"}, "won": {"d"}}


def test_values_of_both_fetches_stand_side_by_side():
    line = pipelines.moved(deals_of(deal("A", stage=25)), deals_of(deal("A", stage=40, amount=300)), changes="amount").iloc[0]
    assert (line["value_before"], line["value_after"], line["difference"]) == (100, 300, 200)
    assert (line["weighted_before"], line["weighted_after"]) == (25, 120)
    assert (line["label_before"], line["label_after"]) == ("Talk", "Offer")
    with pytest.raises(ParameterError, match="colour"):
        pipelines.moved(deals_of(), deals_of(), changes=["colour"])


def test_a_deal_that_changed_hands_is_not_new_to_its_owner():
    assert changes([deal("A")], [deal("A", owner_id="u2")], owners="Bob Smit") == {"owner": {"a"}}


def test_stage_moves_count_forward_and_back():
    before = [deal("A", stage=25), deal("B", stage=25), deal("C", stage=75), deal("D", stage=40), deal("E")]
    after = [deal("A", stage=40), deal("B", stage=40), deal("C", stage=25), deal("D", stage=40), deal("E", "won")]
    table = pipelines.stage_moves(deals_of(*before), deals_of(*after))
    assert table[["stage_before", "stage_after", "direction", "deals", "weighted_difference"]].to_numpy().tolist() == [
        [25, 40, "forward", 2, pytest.approx(30)],
        [40, 40, "stayed", 1, 0],
        [75, 25, "back", 1, -50],
    ]


def test_bridge_by_hand():
    before = [deal("A"), deal("B", amount=10), deal("C", amount=20), deal("D", amount=30), deal("E", "lost"), deal("F", amount=7)]
    after = [deal("A", amount=150), deal("B", "won", amount=10), deal("C", "lost", amount=20), deal("E"), deal("G", amount=1)]
    table = pipelines.bridge(deals_of(*before), deals_of(*after, deal("F", amount=7, pipeline_id="p3"))).set_index("step")
    assert table["value"].to_dict() == {
        "open before": 167,
        "new": 1,
        "reopened": 100,
        "worth more": 50,
        "worth less": 0,
        "won": -10,
        "lost": -20,
        "gone": -30,
        "no longer open": -7,
        "open after": 251,
    }
    assert table["deals"].tolist() == [5, 1, 1, 0, 0, -1, -1, -1, -1, 3]


def test_an_incomplete_later_fetch_marks_what_is_gone():
    before, after = deals_of(deal("A")), loaded(deal("B"), incomplete=["deals"])["deals"]
    assert crmkit.receipt(pipelines.moved(before, after)).complete is False
    assert "INCOMPLETE" in repr(pipelines.bridge(before, after))


DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from("abcdefghij"),
            "status": st.sampled_from(["pending", "won", "lost", "paused"]),
            "stage": st.sampled_from([None, 0, 25, 33, 40, 90, 100]),
            "pipeline_id": st.sampled_from([None, "p1", "p2", "p3", "p9"]),
            "sales_pipeline_id": st.sampled_from([None, "p1", "p2"]),
            "owner_id": st.sampled_from([None, "u1", "u2"]),
            "contact_id": st.sampled_from([None, "c1", "c2", "c9"]),
            "amount": st.sampled_from([None, 0, 10, 99.99, 1e6]),
            "months": st.sampled_from([None, 0, 1, 12]),
            "expected_close_date": st.sampled_from([None, "2024-02-28", "2024-05-31", "2024-06-01", "2024-12-31"]),
            "close_date": st.sampled_from([None, "2024-02-28", "2024-03-01", "2024-05-31"]),
        }
    ),
    max_size=8,
    unique_by=lambda one: one["id"],
)
SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
FEW, MANY = settings(max_examples=6, **SLOW), settings(max_examples=100, **SLOW)


def made(records):
    return loaded(*(deal(one["id"].upper(), **one) for one in records))


def parts_sum_to_the_whole(records):
    data = made(records)
    deals = data["deals"]
    states = deals["state"].value_counts()
    pending = int(states.get("pending", 0))
    whole = deals.loc[deals["state"] == "pending", "weighted_total"].sum()
    for table in (pipelines.funnel(deals, data["stages"]), pipelines.forecast(deals), pipelines.forecast(deals, by="source")):
        assert table["deals"].sum() == pending
        assert table["weighted_total"].sum() == pytest.approx(whole)
    assert pipelines.forecast(deals)["in_delivery"].sum() == states.get("in delivery", 0)
    assert pipelines.multi_month(deals)["deals"].sum() == len(deals)
    for by in ("owner", "source", "pipeline", "month", ["pipeline", "owner"]):
        table = pipelines.win_rate(deals, by=by)
        assert table["closed"].sum() == states.get("won", 0) + states.get("lost", 0)
        assert ((table["rate_low"] <= table["rate"]) & (table["rate"] <= table["rate_high"])).all()
        known = table.dropna(subset=["value_rate_low"])
        assert known["value_rate"].between(known["value_rate_low"], known["value_rate_high"]).all()
    cycle = pipelines.cycle_length(deals, outcome="both").iloc[0]
    assert cycle["deals"] == cycle["measured"] + cycle["negative_cycles"] + cycle["missing_cycles"]
    speed = pipelines.velocity(deals, by="owner")
    assert (speed["velocity"].isna() == speed["reason"].notna()).all()
    assert not pipelines.overdue(deals)["days_overdue"].lt(1).any()


test_parts_sum_to_the_whole = FEW(given(DEALS)(parts_sum_to_the_whole))
test_parts_sum_to_the_whole_often = pytest.mark.full(MANY(given(DEALS)(parts_sum_to_the_whole)))


def bridge_adds_up_and_moves_mirror(early, late):
    before, after = made(early)["deals"], made(late)["deals"]
    bridge = pipelines.bridge(before, after).set_index("step")
    for name in ("deals", "value"):
        assert bridge[name].iloc[:-1].sum() == pytest.approx(bridge.loc["open after", name])
    there, back = pipelines.moved(before, after), pipelines.moved(after, before)
    for one, other in (("new", "gone"), ("gone", "new"), ("stage", "stage"), ("amount", "amount"), ("owner", "owner")):
        assert set(there.loc[there["change"] == one, "deal_id"]) == set(back.loc[back["change"] == other, "deal_id"])
    assert pipelines.moved(before, before).empty
    moves, mirrored = pipelines.stage_moves(before, after), pipelines.stage_moves(after, before)
    assert moves["deals"].sum() == mirrored["deals"].sum()


test_bridge_adds_up_and_moves_mirror = FEW(given(DEALS, DEALS)(bridge_adds_up_and_moves_mirror))
test_bridge_adds_up_and_moves_mirror_often = pytest.mark.full(MANY(given(DEALS, DEALS)(bridge_adds_up_and_moves_mirror)))


@FEW
@given(DEALS)
def test_filters_keep_dtypes_and_receipt(records):
    deals = made(records)["deals"]
    parts = [pipelines.choose(deals, states=state) for state in ("pending", "won", "lost", "in delivery", "other")]
    assert sum(map(len, parts)) == len(deals)
    for part in parts:
        assert part.dtypes.equals(deals.dtypes)
        assert crmkit.receipt(part) == replace(crmkit.receipt(deals), records=len(part))
    assert pd.concat([part["deal_id"] for part in parts]).is_unique
