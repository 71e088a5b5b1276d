"""Profiles and comparisons: bands, shares, intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.topics.segments.attributes import banded, full_years
from crmkit.topics.segments.profiles import AVERAGES, PROFILE, difference, mean_difference

from .segments_fixture import TODAY, frames, nothing

DAY = pd.Timestamp(TODAY)


def test_ages_count_birthdays_that_have_passed():
    births = pd.Series(pd.to_datetime(["2014-06-15", "2014-06-16", "2004-02-29", "2025-01-01", None]))
    assert full_years(births, DAY).tolist()[:3] == [10, 9, 20]
    assert full_years(births, DAY).isna().tolist() == [False, False, False, True, True]
    leap = full_years(pd.Series(pd.to_datetime(["2004-02-29"])), pd.Timestamp("2023-02-28"))
    assert leap.tolist() == [18]


def test_bands_and_words():
    births = pd.Series(pd.to_datetime(["2024-06-15", "2012-06-16", "2012-06-15", "1949-06-15", "1890-01-01"]), name="birth_date")
    assert banded(births, DAY).tolist()[:4] == ["0–5", "6–11", "12–17", "75+"]
    assert pd.isna(banded(births, DAY).iloc[4])
    counts = pd.Series([0, 1, 2, 3, 10, 21, -1, None], dtype="Int64", name="deals")
    assert banded(counts, DAY).astype("string").fillna("").tolist() == ["0", "1–2", "1–2", "3–5", "6–10", "21+", "", ""]
    words = pd.Series(["a", "a ", "b", "c", "", None], dtype="string", name="city")
    assert banded(words, DAY, top=1).astype("string").fillna("").tolist() == ["a", "a", "(other)", "(other)", "", ""]
    assert banded(pd.Series([True, None], dtype="boolean", name="x"), DAY).tolist()[0] == "yes"
    said = pd.Series(["(other)", "(other)", "b", "c", "c"], dtype="string", name="city")
    assert banded(said, DAY, top=1).tolist() == ["(other)", "(other)", "(other)", "c", "c"]


def test_profile_by_hand():
    table = topic.profile(frames(), "A", today=TODAY)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == PROFILE
    line = table.set_index(["attribute", "value"]).loc[("gender", "F")]
    assert (line["members"], line["known"], line["unknown"]) == (2, 3, 0)
    assert (line["base_members"], line["base_known"]) == (3, 5)
    assert (line["share"], line["base_share"], line["difference"]) == pytest.approx((2 / 3, 3 / 5, 2 / 3 - 3 / 5))
    assert line["ratio"] == pytest.approx(10 / 9)
    assert line["small"]
    assert line["at_least"] == 0
    ages = table[table["attribute"] == "age"]
    assert ages["value"].tolist() == ["6–11", "30–44", "60–74"]
    assert ages["members"].tolist() == [2, 0, 1]
    assert ages["base_known"].tolist() == [5, 5, 5]
    assert table[table["attribute"] == "active"]["members"].sum() == 3


def test_compare_has_its_base_already():
    with pytest.raises(ParameterError, match=r"compare\(\) takes no base"):
        topic.compare(frames(), "A", "B", base="everybody", today=TODAY)


def test_values_of_an_attribute_add_up():
    table = topic.profile(frames(), "B", today=TODAY)
    for _, lines in table.groupby("attribute"):
        assert lines["members"].sum() == lines["known"].iloc[0]
        assert lines["difference"].sum() == pytest.approx(0, abs=1e-12)


def test_a_day_is_needed_and_names_are_checked():
    with pytest.raises(ParameterError, match="today"):
        topic.profile(frames(), "A")
    assert len(topic.profile(frames(newest="2024-06-15 08:00:00"), "A"))
    with pytest.raises(ParameterError):
        topic.profile(frames(), "A", attributes=["shoe"], today=TODAY)
    chosen = topic.profile(frames(), "A", attributes=["age", "gender"], today=TODAY)
    assert chosen["attribute"].drop_duplicates().tolist() == ["age", "gender"]


def test_empty_segment_and_empty_frames():
    table = topic.profile(frames(), "D", today=TODAY)
    assert table["share"].isna().all()
    assert table["difference_low"].isna().all()
    assert (table["known"] == 0).all()
    assert table["small"].all()
    with pytest.raises(ParameterError):
        topic.profile(nothing(), "A", today=TODAY)
    assert topic.averages(frames(), "D", today=TODAY)["mean"].isna().all()


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 10), 0.6075, 1.0)],
)
def test_groups_apart_give_newcombes_published_intervals(first, second, low, high):
    """Newcombe (1998), Interval estimation for the difference between independent proportions, table II, method 10."""
    k, n = np.array([first[0], second[0]], dtype=float), np.array([first[1], second[1]], dtype=float)
    assert difference(k, n, 0, 0) == pytest.approx((low, high), abs=6e-5)


def test_the_same_people_do_not_differ():
    same = np.array([3.0, 3.0]), np.array([8.0, 8.0])
    assert difference(*same, 3, 8) == (0, 0)


def test_a_part_of_the_whole_differs_by_what_the_rest_lacks():
    """share(part) - share(all) = rest/all * (share(part) - share(rest)), and so do the limits."""
    k, n = np.array([30.0, 50.0]), np.array([40.0, 100.0])
    apart = difference(np.array([30.0, 20.0]), np.array([40.0, 60.0]), 0, 0)
    assert difference(k, n, 30, 40) == pytest.approx((0.6 * apart[0], 0.6 * apart[1]))


def test_means_apart_give_welchs_interval():
    numbers = np.array([1.0, 2, 3, 4, 6, 8])
    first = np.array([True] * 3 + [False] * 3)
    low, high = mean_difference(numbers, first, ~first)
    # Standard error 1.29099, 2.9412 degrees of freedom, quantile 3.2208 (R: qt(.975, 2.9412)).
    assert (low + high) / 2 == pytest.approx(-4)
    assert (high - low) / 2 == pytest.approx(1.29099 * 3.2208, rel=0.012)


def test_averages_by_hand():
    table = topic.averages(frames(), "B", attributes="age", today=TODAY)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == AVERAGES
    line = table.iloc[0]
    assert (line["known"], line["mean"], line["median"]) == (3, pytest.approx((9 + 60 + 70) / 3), 60)
    assert (line["base_known"], line["base_mean"], line["base_median"]) == (5, pytest.approx((10 + 9 + 60 + 70 + 40) / 5), 40)


def test_standing_out_takes_the_surest_value_and_leaves_small_ones_last():
    table = topic.profile(frames(), "A", today=TODAY)
    best = topic.standing_out(table)
    assert best["attribute"].is_unique
    assert set(best["attribute"]) == set(table["attribute"])
    big = table.assign(small=table["attribute"] != "language")
    assert topic.standing_out(big.astype(table.dtypes)).iloc[0]["attribute"] == "language"
    assert topic.standing_out(table, min_n=4).empty


@settings(deadline=None, max_examples=80)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_any_two_groups(people):
    found = np.array(people, dtype=bool).reshape(-1, 3)
    one, other, has = found[:, 0], found[:, 1], found[:, 2]
    k = np.array([(one & has).sum(), (other & has).sum()], dtype=float)
    n = np.array([one.sum(), other.sum()], dtype=float)
    common = float((one & other & has).sum()), float((one & other).sum())
    low, high = difference(k, n, *common)
    if n.min() == 0:
        assert np.isnan(low)
        assert np.isnan(high)
        return
    assert low - 1e-9 <= k[0] / n[0] - k[1] / n[1] <= high + 1e-9
    back = difference(k[::-1], n[::-1], *common)
    assert (-back[1], -back[0]) == pytest.approx((low, high))
