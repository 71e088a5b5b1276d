"""Shares that say how much they rest on: the share, Wilson's interval around it, and a mark for small groups."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
MIN_N = 10


def share(successes: Any, trials: Any) -> Numbers:
    """successes / trials as float64; NaN where there were no trials or a number is missing."""
    hits, tries = _numbers(successes), _numbers(trials)
    return hits / np.where(tries > 0, tries, np.nan)


def wilson(successes: Any, trials: Any, level: float = 0.95) -> tuple[Numbers, Numbers]:
    """The Wilson score interval of a share: where the true share may lie, going by so many trials.

    Parameters
    successes, trials: numbers, arrays or Series of the same length; need not be whole. level: of confidence, between 0 and 1.

    Returns (low, high), two float64 arrays between 0 and 1 with low <= share <= high; NaN where there were no trials. The interval
    takes trials as independent: where the same people come again and again, the truth is wider. Raises ParameterError for a level
    that is not between 0 and 1.
    """
    z = normal(level)
    hits, tries = _numbers(successes), _numbers(trials)
    tries = np.where(tries > 0, tries, np.nan)
    middle = (hits + z**2 / 2) / (tries + z**2)
    half = z / (tries + z**2) * np.sqrt(np.maximum(hits * (tries - hits) / tries, 0) + z**2 / 4)
    # Rounding must not push a bound past the share itself, which is 0 or 1 at the ends.
    return np.clip(np.minimum(middle - half, hits / tries), 0, 1), np.clip(np.maximum(middle + half, hits / tries), 0, 1)


def normal(level: float) -> float:
    """How many standard deviations a normal value stays within at a level of confidence. Raises ParameterError as wilson() does."""
    if not 0 < level < 1:
        raise ParameterError("level is between 0 and 1.", hint="0.95 is the usual one.")
    return NormalDist().inv_cdf((1 + level) / 2)


def small(trials: Any, min_n: int = MIN_N) -> pd.api.extensions.ExtensionArray:
    """Whether a share rests on fewer than min_n trials and should not be read much into; a boolean array, missing counts as none."""
    found: pd.api.extensions.ExtensionArray = pd.array(~(_numbers(trials) >= min_n), dtype="boolean")
    return found


def _numbers(values: Any) -> Numbers:
    """Numbers as a float64 array of one dimension, missing ones as NaN."""
    found: Numbers = pd.Series(np.atleast_1d(values) if np.ndim(values) == 0 else values).to_numpy("float64", na_value=np.nan)
    return found
