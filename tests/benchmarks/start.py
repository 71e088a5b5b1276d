"""Start: importing, the first Tab, crmkit --help, the demo; each in fresh processes, processor time."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from measure import Row, at_most, say

ROOT = Path(__file__).parents[2]
PYCACHE = tempfile.TemporaryDirectory(prefix="crmkit-bench-")  # compiled modules, as an installed package has them
TAB = """
import json, time, crmkit
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.user_ns["peepl"] = crmkit.Peepl(token="benchmark-token")
def completed(line, wanted):
    start = time.process_time()
    with provisionalcompleter():
        found = [one.text for one in shell.Completer.completions(line, len(line))]
    assert wanted in found, found
    return time.process_time() - start
print(json.dumps([completed("peepl.con", "contacts"), completed("peepl.contacts_search(la", "last_name=")]))
"""
DEMO = """
import time
start = time.process_time()
import crmkit
with crmkit.demo.start() as demo:
    print(time.process_time() - start)
"""


def python(text: str) -> tuple[float, str]:
    """Processor seconds of a process that runs this, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": PYCACHE.name}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = children()
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, env=environment)
    return children() - before, done.stdout


def children() -> float:
    """Processor seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def rows(options: Namespace) -> list[Row]:
    times: dict[str, list[float]] = {}
    for text in (TAB, DEMO):
        python(text)
    for _ in range(3 * options.rounds):
        for name, text in {
            "bare": "import pandas, requests_cache",
            "alone": "import pandas, requests_cache, crmkit",
            "with": "import pandas, requests_cache, crmkit; crmkit.Peepl",
            "help": "import sys; sys.argv = ['crmkit', '--help']; from crmkit.cli import main; main()",
        }.items():
            times.setdefault(name, []).append(python(text)[0])
        for name, took in zip(("tab", "keyword"), json.loads(python(TAB)[1]), strict=True):
            times.setdefault(name, []).append(took)
        times.setdefault("demo", []).append(float(python(DEMO)[1]))
    ms = {name: statistics.median(each) * 1e3 for name, each in times.items()}

    def above(name: str) -> float:
        return statistics.median(mine - bare for mine, bare in zip(times[name], times["bare"], strict=True)) * 1e3

    def beside(name: str) -> str:
        return f"{ms[name]:.0f} ms / {ms['bare']:.0f} ms"

    found = [
        at_most("start, import crmkit above pandas + requests_cache, ms", above("alone"), 50, beside("alone"), "{:.0f}"),
        Row("start, the same with the first client's class, ms", f"{above('with'):.0f}", beside("with")),
        Row("start, first Tab on a client (names), ms", f"{ms['tab']:.0f}"),
        Row("start, first Tab in a call (keywords), ms", f"{ms['keyword']:.0f}"),
        Row("start, crmkit --help, ms", f"{ms['help']:.0f}"),
        Row("start, crmkit.demo.start() with the import, ms", f"{ms['demo']:.0f}"),
    ]
    for one in found:
        say(one.line())
    return found
