"""How long clean.match takes, how much memory, and how right it is on 50,000 people; beside recordlinkage on the same data.

    python tests/benchmarks/matching.py [--people 50000] [--keep FOLDER] [--peer PYTHON]

--keep: a folder outside the repository for the frames, so that they are fetched once. --peer: a Python that has recordlinkage, pandas 2
and pyarrow; data goes to it as Parquet. The peer is given names, mails, phones, days and addresses that are tidy already.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from measure import ROOT

LISTS = {"mail": ("email_addresses", "email"), "phone": ("phone_numbers", "number"), "street": ("addresses", "address1"),
         "postal_code": ("addresses", "zip"), "city": ("addresses", "city")}  # fmt: skip
MISSIONHUB = {
    **{name: name for name in ("id", "first_name", "last_name", "gender", "birth_date")},
    **{name: f"its {name}" for name in LISTS},
}


def fetch(people: int, folder: Path) -> None:
    """Fetch the demo once. MissionHub's included tables do not go through Parquet, so they become columns of lists."""
    from crmkit.clean.matching.fields import beside
    from crmkit.exports import write
    from tests.clean.matching_truth import organisation

    with organisation(1, people) as (frames, truth):
        missionhub = frames["missionhub"]
        frames["missionhub"] = missionhub.assign(**{f"its {name}": beside(*where)(missionhub) for name, where in LISTS.items()})
        for name, frame in frames.items():
            write(frame, folder / f"{name}.parquet")
    lines = [(*key, person) for key, person in truth.items()]
    pd.DataFrame(lines, columns=["system", "id", "true"]).to_parquet(folder / "truth.parquet")


def measure(folder: Path) -> None:
    """Match in this process, and say how long it took and how much memory it needed at most."""
    from crmkit.clean.matching import match

    names = ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm")
    frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in names}
    start, used = time.perf_counter(), time.process_time()
    result = match(frames, fields={"missionhub": MISSIONHUB})
    took = time.perf_counter() - start, time.process_time() - used
    peak = most_memory()
    result.clusters.to_parquet(folder / "clusters.crmkit.parquet")
    tidy(result).to_parquet(folder / "tidy.parquet")
    print(json.dumps({"seconds": took[0], "cpu": took[1], "MB": peak, "records": len(result.clusters)}))


def most_memory() -> float:
    """The most memory that this process had at once, in MB; getrusage would count that of the process that started it, too."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def tidy(result) -> pd.DataFrame:
    """What the matcher compares, as a plain table for others."""
    records = result._records
    said = {
        "first": records.first,
        "last": records.last,
        "mail": records.boxes,
        "phone": records.phones,
        "street": records.streets,
        "postal": records.postal_codes,
    }
    columns = {}
    for name, words in said.items():
        codes = words.codes if words.codes.ndim == 1 else words.codes[:, 0]
        columns[name] = pd.array([words.words[code].replace(" ", "") if code >= 0 else None for code in codes], dtype="string")
    keys = pd.DataFrame(records.keys(), columns=["system", "id"], dtype="string")
    birth = pd.Series(records.birth).where(records.birth >= 0).astype("Int64").astype("string")
    return pd.DataFrame({**keys, **columns, "birth": birth, "gender": records.gender})


def right(folder: Path, who: str) -> dict[str, object]:
    """Precision and recall within systems and across them, and how many clusters join several known people."""
    clusters = pd.read_parquet(folder / f"clusters.{who}.parquet")
    table = clusters.merge(pd.read_parquet(folder / "truth.parquet"), on=["system", "id"], how="left")

    def pairs(names: list[str]) -> int:
        sizes = table.groupby(names).size()
        return int((sizes * (sizes - 1) // 2).sum())

    counts = {
        kind: [pairs([*one, *more]) for one in (["person"], ["true"], ["person", "true"])]
        for kind, more in (("all", []), ("within", ["system"]))
    }
    counts["across"] = [whole - part for whole, part in zip(counts["all"], counts["within"], strict=True)]
    known = table[~table["true"].str.startswith("nobody")].groupby("person")["true"].nunique()
    said = {
        f"{kind} {name}": round(counts[kind][2] / max(1, counts[kind][line]), 4)
        for kind in ("within", "across")
        for line, name in enumerate(("precision", "recall"))
    }
    return {**said, "clusters of several people": int((known > 1).sum())}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=50_000)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--peer")
    asked.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.measure:
        measure(given.measure)
        return
    folder = given.keep or Path(tempfile.mkdtemp(prefix="crmkit-matching-"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "truth.parquet").exists():
        fetch(given.people, folder)
    print("crmkit", run([sys.executable, __file__, "--measure", str(folder)]), right(folder, "crmkit"))
    if given.peer:
        for way in ("ecm", "rule"):
            said = run([given.peer, str(Path(ROOT, "tests", "benchmarks", "matching_peer.py")), str(folder), way])
            print("recordlinkage", way, said, right(folder, "recordlinkage"))


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    main()
