"""JSON pages in memory to a typed frame, nested lists kept: the main lists of five systems; beside orjson alone and json_normalize."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

import orjson
import pandas as pd
from material import MAIN, Source, pages
from measure import Row, at_least, at_most, medians, say

from crmkit.columns import Column
from crmkit.frames import Builder
from crmkit.records import collector_paused, decoded

RECORDS = 20_000  # of each of the five


def ours(source: Source, found: list[bytes]) -> pd.DataFrame:
    row = source.endpoint
    builder = Builder(row.columns)
    with collector_paused():
        for page in found:
            builder.add(row.pick(decoded(page)))
        return builder.frame()


def plain(found: list[bytes]) -> None:
    """The least that reading takes: each page parsed and let go."""
    for page in found:
        orjson.loads(page)


def obvious(source: Source, found: list[bytes]) -> pd.DataFrame:
    """What one writes: all pages parsed, json_normalize, then the same dtypes."""
    records = []
    for page in found:
        inner = json.loads(page)
        for key in source.path:
            inner = inner[key]
        records += inner
    if source.crm == "OnePageCRM":
        records = [{**one.pop("contact"), **one} for one in records]
    frame = pd.json_normalize(records)
    frame.columns = frame.columns.str.removeprefix("attributes.")
    for one in source.endpoint.columns:
        if one.name in frame and one.dtype != "object":
            frame[one.name] = typed(frame[one.name], one)
    return frame


def typed(values: pd.Series, column: Column) -> pd.Series:
    if column.kind == "epoch":
        return pd.to_datetime(values, unit="s", utc=True, errors="coerce").astype(column.dtype)
    if column.dtype.startswith("datetime"):
        utc = column.kind == "instant"
        form = "%d/%m/%Y" if column.kind == "day_dmy" else "ISO8601"
        return pd.to_datetime(values, format=form, utc=utc, errors="coerce").astype(column.dtype)
    if column.dtype in ("Int64", "float64"):
        return pd.to_numeric(values, errors="coerce").astype(column.dtype)
    return values.astype(column.dtype)


def rows(options: Namespace) -> list[Row]:
    found, all_times = [], {"ours": 0.0, "plain": 0.0, "obvious": 0.0}
    for source in MAIN:
        made = pages(source, RECORDS)
        times = medians(
            options.rounds,
            ours=lambda source=source, made=made: ours(source, made),
            plain=lambda made=made: plain(made),
            obvious=lambda source=source, made=made: obvious(source, made),
        )
        all_times = {name: all_times[name] + times[name] for name in all_times}
        found.append(against_parsing(f"{source.crm}.{source.row}", times, sum(map(len, made))))
        found.append(memory(source, made))
        for one in found[-2:]:
            say(one.line())
    found.append(against_parsing(f"all {len(MAIN) * RECORDS:,} records", all_times))
    ratio = all_times["obvious"] / all_times["ours"]
    beside = f"{all_times['obvious']:.2f} s / {all_times['ours']:.2f} s"
    found.append(at_least("frame, all: json.loads + json_normalize + dtypes / crmkit", ratio, 5, beside))
    for one in found[-2:]:
        say(one.line())
    return found


def against_parsing(name: str, times: dict[str, float], size: int = 0) -> Row:
    more = f"; {size / 1e6:.0f} MB" if size else ""
    beside = f"{times['ours']:.2f} s / {times['plain']:.2f} s{more}; json_normalize × {times['obvious'] / times['ours']:.1f}"
    return at_most(f"frame, {name}: crmkit / orjson.loads alone", times["ours"] / times["plain"], 3, beside)


def memory(source: Source, made: list[bytes]) -> Row:
    """Peak against result, in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "pages")
        file.write_bytes(pickle.dumps(made))
        call = f"import frame; frame.tell({source.crm!r}, {str(file)!r})"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
        done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True, env=environment)
    peak, kept = json.loads(done.stdout)
    beside = f"{peak / 1e6:.0f} MB / {kept / 1e6:.0f} MB"
    return at_most(f"frame, {source.crm}.{source.row}: peak memory / result", peak / kept, 2, beside)


def resident(line: str) -> int:
    """Bytes of this process, by /proc: VmRSS now, VmHWM at most."""
    status = Path("/proc/self/status").read_text()
    return next(int(one.split()[1]) * 1024 for one in status.splitlines() if one.startswith(line))


def tell(crm: str, file: str) -> None:
    """Print the bytes needed at most while a frame is made, and those for the frame."""
    import ctypes
    import gc

    source = next(one for one in MAIN if one.crm == crm)
    made = pickle.loads(Path(file).read_bytes())
    ours(source, made[:3])
    trim = ctypes.CDLL("libc.so.6").malloc_trim

    gc.collect(), trim(0)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    frame = ours(source, made)
    peak = resident("VmHWM")
    gc.collect(), trim(0)
    kept = resident("VmRSS")
    del frame
    print(json.dumps([peak - before, kept - before]))
