"""The whole table of benchmarks, as ratios, in Markdown: python tests/benchmarks [PART ...] [--rounds 5] [--peers PYTHON].

Parts: cold, limit, warm, frame, disk, start, topics, fleet (default: all). Medians of so many rounds, in one run. --peers names
another Python that has what this one lacks (dlt). Progress goes to stderr, the table to stdout.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from measure import say

PARTS = ("cold", "limit", "warm", "frame", "disk", "start", "topics", "fleet")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", metavar="PYTHON", action="append", default=[], help="a Python with further peers")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.pythons = [sys.executable, *options.peers]
    lines = []
    for part in options.parts or PARTS:
        if not (Path(__file__).parent / f"{part}.py").exists():
            say(f"{part}: not here")
            continue
        say(f"## {part}")
        rows = importlib.import_module(part).rows(options)
        lines += [row.line() for row in rows]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of {options.rounds}\n")
    print("| what | ratio | measured | goal | met |\n| --- | --- | --- | --- | --- |")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
