"""Contacted and reached, by MissionHub's follow-up statuses."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.topics.segments.followup import APART, NO_STATUS, OTHER_STATUS, STATUSES, TABLE

from .segments_fixture import frames, nothing


def asked(*statuses, **proof):
    """The fixture's six people with these statuses; A holds the first three, B the second to the fourth, C the second, D nobody."""
    found = frames(**proof)
    found["people"] = found["people"].assign(status=pd.array(statuses, dtype="string")).copy()
    return found


def test_contacted_by_hand():
    found = topic.contacted(
        asked("contacted", "attempted_contact", "do_not_contact", "completed", None, "uncontacted"), segments=["A", "B", "D"]
    )
    shown = found[["name", "people", "base", "contacted_people", "reached_people"]].to_numpy().tolist()
    # Who has no status is in the base, who must not be contacted is not.
    assert shown == [["everybody", 6, 5, 3, 2], ["A", 3, 2, 2, 1], ["B", 3, 2, 2, 1], ["D", 0, 0, 0, 0]]
    assert found["contacted_rate"].tolist()[:3] == [0.6, 1.0, 1.0]
    assert found["reached_rate"].tolist()[:3] == [0.4, 0.5, 0.5]
    assert found[["contacted_low", "contacted_high"]].iloc[0].tolist() == pytest.approx([0.2307, 0.8824], abs=1e-4)
    assert found.loc[3, ["contacted_rate", "contacted_low", "reached_rate", "reached_high"]].isna().all()
    assert found["no_status"].tolist() == [1, 0, 0, 0]
    assert found["do_not_contact"].tolist() == [1, 1, 1, 0]
    assert found["small"].all()
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == TABLE


def test_without_segments_there_is_only_everybody():
    some = asked("contacted", "completed", "in_progress", "", "in progress", "do_not_email")
    (line,) = topic.contacted(some).to_dict("records")
    assert (line["segment_id"], line["people"], line["base"]) == ("everybody", 6, 5)
    assert (line["contacted_rate"], line["reached_rate"]) == (0.6, 0.4)
    assert (line["no_status"], line["other_status"]) == (1, 1)
    assert topic.contacted(some, kinds="s")["name"].tolist() == ["everybody", "A", "B"]


def test_frames_of_another_crm_are_refused():
    peepl = asked("contacted", *[None] * 5, records=6)
    with pytest.raises(ParameterError, match=r"segments.contacted: .* these frames are of Peepl. Next: .*load\(missionhub"):
        topic.contacted(peepl)
    for statuses in (["active", "lapsed", *[None] * 4], [None] * 6):
        with pytest.raises(ParameterError, match="hold no follow-up statuses"):
            topic.contacted(asked(*statuses))
    with pytest.raises(ParameterError, match="hold no follow-up statuses"):
        topic.contacted({**frames(), "people": frames()["people"].drop(columns="status")})


def test_of_nobody():
    (line,) = topic.contacted(nothing()).to_dict("records")
    assert (line["people"], line["base"]) == (0, 0)
    assert np.isnan(line["contacted_rate"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([*STATUSES, None, "", "new word"]), min_size=6, max_size=6))
def test_statuses_add_up_and_rates_are_those_of_plain_counting(statuses):
    if not set(statuses) & set(STATUSES):
        return
    found = topic.contacted(asked(*statuses), kinds=["s", "t", "empty"])
    assert (found[[*STATUSES, NO_STATUS, OTHER_STATUS]].sum(axis=1) == found["people"]).all()
    assert (found["reached_people"] <= found["contacted_people"]).all()
    for line, places in zip(found.to_dict("records"), (range(6), (0, 1, 2), (1, 2, 3), (1,), ()), strict=True):
        own = Counter(statuses[place] for place in places)
        base = sum(own.values()) - sum(own[one] for one in APART)
        reached = own["contacted"] + own["completed"]
        asked_of = reached + own["attempted_contact"] + own["in_progress"]
        assert (line["base"], line["contacted_people"], line["reached_people"]) == (base, asked_of, reached)
        if base:
            assert line["contacted_low"] <= line["contacted_rate"] == asked_of / base <= line["contacted_high"]
        else:
            assert np.isnan(line["reached_rate"])


def test_the_receipt_is_carried():
    some = asked("contacted", *[None] * 5)
    hub = {name: crmkit.receipts.attach(one, crmkit.receipts.Receipt("MissionHub", "people", complete=False)) for name, one in some.items()}
    assert crmkit.receipt(topic.contacted(hub)).complete is False
