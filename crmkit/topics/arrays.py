"""Texts as whole numbers, and whole numbers in arrays: what tables of many lines are counted with, without a Python object per line."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

Whole: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


def numbered(known: pd.Series[Any], asked: pd.Series[Any]) -> tuple[Whole, Whole]:
    """Two columns as numbers, the same one for the same value: from 0 for known ones in their order, -1 for what is not known or missing.

    One pass over both is several times faster than an index of the known texts.
    """
    code = pd.factorize(pd.concat([known, asked], ignore_index=True))[0].astype(np.int64)
    mine, theirs = code[: len(known)], code[len(known) :]
    return mine, np.where(theirs <= mine.max(initial=-1), theirs, -1)


def among(values: pd.Series[Any], known: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which values occur in another column; a missing one does not. Series.isin makes a Python object of each of the others."""
    found: np.ndarray[Any, np.dtype[np.bool_]] = numbered(known, values)[1] >= 0
    return found


def distinct(values: Whole) -> Whole:
    """Each value once, in order. numpy's own unique hashes whole numbers, which is many times slower on millions of them."""
    ordered = np.sort(values)
    found: Whole = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return found


def each_of(wanted: Whole, groups: Whole) -> tuple[Whole, Whole]:
    """For each wanted group all its members: positions in wanted, and positions in groups; none for a group without members."""
    member = np.flatnonzero(groups >= 0)
    order = member[np.argsort(groups[member], kind="stable")]
    size = int(max(wanted.max(initial=-1), groups.max(initial=-1))) + 1
    sizes = np.bincount(groups[member], minlength=size)
    begin = np.cumsum(sizes) - sizes
    place = np.flatnonzero(wanted >= 0)
    count = sizes[wanted[place]]
    owner = np.repeat(place, count)
    inner = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return owner, order[np.repeat(begin[wanted[place]], count) + inner]
