"""Four processes of eight threads on one cache folder and one budget, and what the server counted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import crmkit
from tests.faults import FaultServer, most_in_window

CROWD = """
import json, sys, threading, time, warnings
import crmkit
warnings.simplefilter("error")
url, folder, pace, number = sys.argv[1:]
client = crmkit.Peepl(token="fault-token", base_url=url, cache_dir=folder, pace=json.loads(pace), workers=2, progress=False)
print("ready", flush=True)
until = sys.stdin.readline()
done, wrong, lock = [], [], threading.Lock()

class Over(Exception):
    pass

def waiting(seconds):
    if time.time() > float(until):
        raise Over

client._transport.waiting = waiting

def work(thread):
    turn = 0
    while time.time() < float(until):
        person = (int(number) * 8 + thread) * 100 + turn % 100
        turn += 1
        try:
            if turn % 5 == 0:
                ok = len(client.contacts(refresh=turn % 10 == 0)) == 12
            else:
                ok = client.contact(person, refresh=True)["id"][0] == person
        except Exception as error:
            if not isinstance(error.__context__, Over) and time.time() < float(until):
                with lock:
                    wrong.append(repr(error))
            continue
        with lock:
            done.append(ok)

threads = [threading.Thread(target=work, args=(one,), daemon=True) for one in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join(max(0.0, float(until) - time.time()) + 0.5)
with lock:
    print(json.dumps({"done": len(done), "false": done.count(False), "wrong": wrong}), flush=True)
import os
os._exit(0)
"""


@dataclass
class Crowd:
    """calls: at the server; most: in the fullest window of each budget; errors: exceptions, wrong answers, warnings; done: fetches."""

    calls: int
    most: dict[float, int]
    errors: list[str]
    done: int


def crowd(folder: Path, pace: Sequence[tuple[int, float]], seconds: float, processes: int = 4) -> Crowd:
    """Let them all run for so long."""
    with FaultServer("peepl", records=12, token="fault-token") as server:
        for person in range(8 * processes * 100):
            server.answer(f"/contacts/{person}/", {"id": person})
        words = [server.url, str(folder), json.dumps(pace)]
        running = [
            subprocess.Popen(
                [sys.executable, "-c", CROWD, *words, str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number in range(processes)
        ]
        for process in running:
            assert process.stdout is not None
            process.stdout.readline()
        until = time.time() + seconds
        for process in running:
            assert process.stdin is not None
            process.stdin.write(f"{until}\n")
            process.stdin.flush()
        told = [process.communicate(timeout=seconds + 60) for process in running]
        times = [call.at for call in server.calls]
    found = [json.loads(out) if out else {"done": 0, "false": 0, "wrong": [err]} for out, err in told]
    errors = [line for one in found for line in one["wrong"]]
    errors += [f"{one['false']} wrong answers" for one in found if one["false"]]
    errors += [err for _, err in told if err]
    most = {length: most_in_window(times, length) for _, length in pace}
    crmkit.cache.close()
    return Crowd(len(times), most, errors, sum(one["done"] for one in found))
