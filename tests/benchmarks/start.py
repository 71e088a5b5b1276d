"""Start: importing, the first Tab, crmkit --help, the demo; each in fresh processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

from measure import Row, at_most, say

ROOT = Path(__file__).parents[2]
TAB = """
import time, crmkit
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.user_ns["peepl"] = crmkit.Peepl(token="benchmark-token", base_url="http://127.0.0.1:9")
start = time.perf_counter()
_, names = shell.complete("peepl.con")
first = time.perf_counter() - start
assert "contacts" in " ".join(names)
start = time.perf_counter()
_, names = shell.complete("peepl.contacts(ref")
assert "refresh=" in names
print(__import__("json").dumps([first, time.perf_counter() - start]))
"""
DEMO = """
import time
start = time.perf_counter()
import crmkit
with crmkit.demo.start() as demo:
    print(time.perf_counter() - start)
"""


def python(text: str) -> tuple[float, str]:
    """Seconds of a process that runs this, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, env=environment)
    return time.perf_counter() - start, done.stdout


def rows(options: Namespace) -> list[Row]:
    times: dict[str, list[float]] = {}
    for _ in range(max(options.rounds, 5)):
        for name, text in {
            "bare": "import pandas, requests_cache",
            "with": "import pandas, requests_cache, crmkit; crmkit.Peepl",
            "help": "import sys; sys.argv = ['crmkit', '--help']; from crmkit.cli import main; main()",
        }.items():
            times.setdefault(name, []).append(python(text)[0])
        times.setdefault("tab", []).append(json.loads(python(TAB)[1])[0])
        times.setdefault("keyword", []).append(json.loads(python(TAB)[1])[1])
        times.setdefault("demo", []).append(float(python(DEMO)[1]))
    ms = {name: statistics.median(each) * 1e3 for name, each in times.items()}
    beside = f"{ms['with']:.0f} ms / {ms['bare']:.0f} ms"
    found = [
        at_most(
            "start, import crmkit and a client above pandas + requests_cache, ms", ms["with"] - ms["bare"], 50, beside, "{:.0f}"
        ),
        Row("start, first Tab on a client (names), ms", f"{ms['tab']:.0f}"),
        Row("start, first Tab in a call (keywords), ms", f"{ms['keyword']:.0f}"),
        Row("start, crmkit --help, ms", f"{ms['help']:.0f}"),
        Row("start, crmkit.demo.start() with the import, ms", f"{ms['demo']:.0f}"),
    ]
    for one in found:
        say(one.line())
    return found
