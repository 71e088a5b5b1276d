"""The same records through recordlinkage, as its guide does it: blocks, comparisons, an unsupervised classifier, linked pairs as groups.

Run by matching.py with a Python of its own: recordlinkage 0.16 needs pandas 2.
"""

import json
import resource
import sys
import time
from pathlib import Path

import pandas as pd
import recordlinkage


def linked(table):
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
    return recordlinkage.ECMClassifier().fit_predict(compare.compute(pairs, table)), len(pairs)


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
links, compared = linked(table)
groups = grouped(len(table), links)
took = time.perf_counter() - start
pd.DataFrame({"person": groups, "system": table["system"], "id": table["id"]}).to_parquet(
    folder / "clusters.recordlinkage.parquet"
)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": took, "MB": peak, "records": len(table), "pairs": compared}))
