"""The same records through recordlinkage, as its guide does it: blocks, comparisons, a classifier, linked pairs as groups.

The classifier is ecm (expectation and maximisation, unsupervised), or rule: the given name and at
least three of the six other fields agree.

Run by matching.py with a Python of its own: recordlinkage 0.16 needs pandas 2.
"""

import json
import re
import sys
import time
from pathlib import Path

import pandas as pd
import recordlinkage


def linked(table, way):
    """Pairs that the classifier takes for one person."""
    index = recordlinkage.Index()
    for key in ("mail", "phone", "birth", ["first", "last", "postal"], ["last", "street", "postal"]):
        index.block(key)
    pairs = index.index(table)
    compare = recordlinkage.Compare()
    for name in ("first", "last"):
        compare.string(name, name, method="jarowinkler", threshold=0.9, label=name)
    for name in ("mail", "phone", "birth", "street", "postal"):
        compare.exact(name, name, label=name)
    agreements = compare.compute(pairs, table)
    if way == "ecm":
        return recordlinkage.ECMClassifier().fit_predict(agreements), len(pairs)
    return agreements.index[(agreements["first"] == 1) & (agreements.sum(axis=1) >= 4)], len(pairs)


def grouped(size, pairs):
    """Everybody who is linked, however far round, as one: the first record of each group."""
    head = list(range(size))

    def first(one):
        while head[one] != one:
            head[one] = head[head[one]]
            one = head[one]
        return one

    for one, other in pairs:
        low, high = sorted((first(one), first(other)))
        head[high] = low
    return [first(one) for one in range(size)]


folder = Path(sys.argv[1])
table = pd.read_parquet(folder / "tidy.parquet").astype(object)
table = table.where(table.notna(), None)
start = time.perf_counter()
links, compared = linked(table, sys.argv[2])
groups = grouped(len(table), links)
took = time.perf_counter() - start
pd.DataFrame({"person": groups, "system": table["system"], "id": table["id"]}).to_parquet(
    folder / "clusters.recordlinkage.parquet"
)
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": took, "MB": peak, "records": len(table), "pairs": compared}))
