"""Deals in groups: what is measured of each group, on plain arrays, since pandas takes a millisecond per group for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.pipelines.choose import GROUPS, MONEY, key_columns
from crmkit.topics.pipelines.deals import DAY
from crmkit.topics.shapes import Dtypes, Names, typed

MEASURED = ("state", "inside", "opened", "created", "expected", "closed", "chance", *MONEY, "weighted_margin")
NEEDED = (*MEASURED, "reason_id", *(name for names in GROUPS.values() for name in names))

Array = np.ndarray[Any, Any]


def narrow(deals: pd.DataFrame) -> pd.DataFrame:
    """Only the columns that groups are made by or measured with, and no receipt: pandas copies all of it at every step."""
    found = deals[[name for name in deals.columns if name in NEEDED]]
    found.attrs = {}
    return found


@dataclass(frozen=True)
class Part:
    """Some deals as arrays by column."""

    columns: Mapping[str, Array]

    @classmethod
    def of(cls, deals: pd.DataFrame) -> Part:
        return cls({name: deals[name].to_numpy() for name in MEASURED if name in deals})

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def where(self, chosen: Array | slice) -> Part:
        """Those that are marked, or those on these lines."""
        return Part({name: values[chosen] for name, values in self.columns.items()})

    def total(self, name: str) -> float:
        """The sum of a column, as float; missing values add nothing."""
        values = self.columns[name]
        return float(np.where(np.isnan(values), 0.0, values).sum())


def known(values: Array) -> Array:
    """The values that are not missing."""
    found: Array = values[~np.isnan(values)]
    return found


def mean(values: Array) -> float:
    """The mean of the values that are not missing; NaN of nothing."""
    there = known(values)
    return float(there.mean()) if len(there) else float("nan")


def median(values: Array) -> float:
    """The median of the values that are not missing; NaN of nothing."""
    there = known(values)
    return float(np.median(there)) if len(there) else float("nan")


def parted(deals: pd.DataFrame, keys: list[str]) -> Iterator[tuple[dict[str, Any], Part]]:
    """The groups in order of their first deal: the values of the keys, missing ones too, and the deals."""
    code = deals.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(code.max(initial=-1) + 2))
    names = deals[keys].iloc[order[edges[:-1]]].to_dict("records")
    whole = Part.of(deals).where(order)
    for line, (first, last) in zip(names, pairwise(edges), strict=True):
        yield {str(name): value for name, value in line.items()}, whole.where(slice(first, last))


def per_group(deals: pd.DataFrame, by: Names, measure: Callable[[Part], Mapping[str, Any]], dtypes: Dtypes) -> pd.DataFrame:
    """A line per group with what measure says of its deals; without by one line for all, also of no deals.

    Groups are in the order of their names; a group without a name (no owner, no close date) comes last and is never dropped.
    """
    keys = key_columns(by)
    if "month" in keys and "month" not in deals:
        raise ParameterError("this table has no months.", hint="take by='pipeline', 'owner' or 'source'.")
    groups = parted(deals, keys) if keys else [({}, Part.of(deals))]
    lines = [line | dict(measure(part)) for line, part in groups]
    shape = {key: DAY if key == "month" else "string" for key in keys} | dtypes
    table = typed({name: [line[name] for line in lines] for name in shape}, shape)
    names = sorted(keys, key=lambda key: key.endswith("_id"))
    return table.sort_values(names, na_position="last", ignore_index=True, kind="stable") if keys else table
