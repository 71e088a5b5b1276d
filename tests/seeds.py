"""Which demo organisations a test looks at: one by default, the issue's number of them with --full."""

import pytest


def some(count):
    """Seed 1, and the seeds up to count with --full."""
    return [1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, count + 1))]
