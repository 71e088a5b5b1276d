"""A walk in a process of its own that is killed again and again, and what the server saw of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.battery.systems import SYSTEMS, System
from tests.faults import FaultServer

FETCH = """
import sys
from tests.battery.systems import SYSTEMS
name, url, folder, out, refresh = sys.argv[1:]
system = SYSTEMS[name]
client = system.client(url, folder, workers=1, progress=False)
frame = system.fetch(client, **({"refresh": True} if refresh == "refresh" else {}))
frame.to_json(out, orient="split", date_format="iso")
"""
LATENCY = 0.01


def started(system: System, server: FaultServer, folder: Path, out: Path, *, refresh: bool = False) -> subprocess.Popen[str]:
    """A process that fetches the main list and writes it down."""
    words = [system.dialect, server.url, str(folder), str(out), "refresh" if refresh else "plain"]
    return subprocess.Popen([sys.executable, "-W", "error", "-c", FETCH, *words], stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> None:
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err


def killed(process: subprocess.Popen[str], server: FaultServer, calls: int, delay: float) -> bool:
    """SIGKILL once the server has seen so many more calls, and a moment later; False when the process was done before."""
    goal, deadline = len(server.calls) + calls, time.monotonic() + 120
    while len(server.calls) < goal and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(delay)
    alive = process.poll() is None
    process.kill()
    process.communicate()
    return alive


@dataclass
class Killed:
    """kills: how many hit a running walk; pages: calls of an undisturbed walk; calls: those of the killed one; same: equal frames."""

    kills: int = 0
    pages: int = 0
    calls: int = 0
    same: bool = True

    @property
    def extra(self) -> int:
        return self.calls - self.pages

    def __add__(self, other: Killed) -> Killed:
        return Killed(self.kills + other.kills, self.pages + other.pages, self.calls + other.calls, self.same and other.same)


def killed_walk(name: str, kills: int, seed: int, place: Path) -> Killed:
    """One walk, killed so often on its way, against one that nobody disturbed."""
    system, chance, found = SYSTEMS[name], random.Random(seed), Killed()
    with FaultServer(name, records=12 * kills, token="fault-token", page_size=4, latency=LATENCY) as server:
        clean = place / f"{name}-clean.json"
        finished(started(system, server, place / "clean", clean))
        found.pages = len(server.calls)
        out = place / f"{name}.json"
        for _ in range(kills):
            process = started(system, server, place / "killed", out)
            found.kills += killed(process, server, chance.randint(0, 4), chance.uniform(0, 2 * LATENCY))
        finished(started(system, server, place / "killed", out))
        found.calls = len(server.calls) - found.pages
        found.same = clean.read_text() == out.read_text()
    return found
