"""Which half-open intervals share time: on arrays, in n log n plus the pairs found."""

from __future__ import annotations

import numpy as np

from crmkit.topics.arrays import Whole

LARGEST = 2**62


def overlaps(
    starts: Whole,
    ends: Whole,
    other_starts: Whole,
    other_ends: Whole,
    group: Whole | None = None,
    other_group: Whole | None = None,
) -> tuple[Whole, Whole]:
    """All pairs (i, j) of intervals of the same group that share time, as two arrays of positions.

    [start, end), so what ends when the other begins shares nothing. Intervals must not be empty or turned round. Without groups all
    are one. A list against itself gives every pair both ways, and each interval with itself.
    """
    mine = np.zeros(len(starts), dtype=np.int64) if group is None else group
    theirs = np.zeros(len(other_starts), dtype=np.int64) if other_group is None else other_group
    # Two overlap when the later one begins within the earlier one: first those that begin in mine, then mine that begin in theirs.
    one, other = beginning_in(mine, starts, ends, theirs, other_starts, first_too=True)
    fourth, third = beginning_in(theirs, other_starts, other_ends, mine, starts, first_too=False)
    return np.concatenate([one, third]), np.concatenate([other, fourth])


def beginning_in(
    group: Whole, starts: Whole, ends: Whole, points_group: Whole, points: Whole, *, first_too: bool = True
) -> tuple[Whole, Whole]:
    """Pairs (interval, point) with the point inside the interval; first_too: whether an interval holds its own start."""
    n = len(starts)
    place, width = _places(np.concatenate([starts, ends, points]), max(group.max(initial=0), points_group.max(initial=0)) + 1)
    first, last, at = group * width + place[:n], group * width + place[n : 2 * n], points_group * width + place[2 * n :]
    order = np.argsort(at, kind="stable")
    keys, low, high = at[order], np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    asked = np.argsort(first, kind="stable")  # asked in order, the search stays where it was: on millions twice as fast
    low[asked] = np.searchsorted(keys, first[asked], side="left" if first_too else "right")
    high[asked] = np.searchsorted(keys, last[asked], side="left")
    count = np.maximum(high - low, 0)
    interval = np.repeat(np.arange(n), count)
    step = np.arange(len(interval)) - np.repeat(np.cumsum(count) - count, count)
    return interval, order[np.repeat(low, count) + step]


def _places(times: Whole, groups: int) -> tuple[Whole, int]:
    """Numbers from 0 in the order of the times, and one that is larger than all, which times the groups still is a whole number."""
    if not len(times):
        return times, 1
    first, width = times.min(), int(times.max()) - int(times.min()) + 1
    if width * int(groups) < LARGEST:
        return times - first, width
    known, place = np.unique(times, return_inverse=True)
    return place, len(known) + 1


def expanded(starts: Whole, ends: Whole, edges: Whole) -> tuple[Whole, Whole, Whole]:
    """Each interval in each window that it touches: (interval, window, shared length). Window k is [edges[k], edges[k + 1])."""
    windows = max(len(edges) - 1, 0)
    if not windows or not len(starts):
        none = np.array([], dtype=np.int64)
        return none, none, none
    low = np.clip(np.searchsorted(edges, starts, side="right") - 1, 0, windows)
    high = np.clip(np.searchsorted(edges, ends, side="left"), 0, windows)
    count = np.maximum(high - low, 0)
    interval = np.repeat(np.arange(len(starts)), count)
    window = np.arange(len(interval)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    shared = np.minimum(ends[interval], edges[window + 1]) - np.maximum(starts[interval], edges[window])
    real = shared > 0
    return interval[real], window[real], shared[real]
