"""crmkit.topics.intervals: Wilson's interval and the mark of small groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.errors import ParameterError
from crmkit.topics.intervals import share, small, wilson


def test_published_values():
    """Newcombe 1998, Statistics in Medicine 17, table I: 81/263, 15/148, 0/20, 1/29."""
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_nothing_out_of_nothing():
    low, high = wilson(pd.array([0, 1, None], dtype="Int64"), pd.array([0, None, 3], dtype="Int64"))
    assert np.isnan([low, high]).all()
    assert np.isnan(share([0, 1], [0, 0])).all()
    assert [len(bound) for bound in wilson([], [])] == [0, 0]
    assert small([9, 10, None], 10).tolist() == [True, False, True]


@pytest.mark.parametrize("level", [0, 1, -1, 1.5])
def test_a_level_lies_between_0_and_1(level):
    with pytest.raises(ParameterError):
        wilson([1], [2], level)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_an_interval_holds_its_share_and_mirrors(counts, level):
    hits, tries = counts
    (low,), (high,) = wilson(hits, tries, level)
    assert 0 <= low <= hits / tries <= high <= 1
    (other_low,), (other_high,) = wilson(tries - hits, tries, level)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-9)
    (wide_low,), (wide_high,) = wilson(hits, tries, (1 + level) / 2)
    assert wide_low <= low + 1e-12
    assert wide_high >= high - 1e-12
