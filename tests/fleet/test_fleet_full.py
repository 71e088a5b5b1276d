"""The issue's size: fifty accounts on four worker processes take hardly longer than the slowest of them alone."""

import pytest

from tests.benchmarks.fleet import measured


@pytest.mark.full
def test_fifty_accounts_on_four_workers_take_little_more_than_the_slowest():
    pytest.importorskip("distributed")
    found = measured(accounts=50, workers=4, threads=False)
    assert found["workers / alone"] <= 1.2, found
