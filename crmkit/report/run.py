"""What crmkit demo does: read the bundled organisation's five systems, print the tables, write the report; or only serve."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crmkit import demo
from crmkit.errors import ConfigError
from crmkit.report import chapters, pictures, terminal
from crmkit.report.page import NO_PICTURES, page
from crmkit.report.parts import long_day
from crmkit.report.pull import READS, Pull, System, from_demo, receipts

if TYPE_CHECKING:
    from crmkit.demo import Demo

TITLE = "A sports club, read from its five CRMs"
SYSTEM = "{:<12}{:>6}{:>11}{:>8}   {}"
READ = (
    "All read in {:.0f} s. Where a vendor declares no total, completeness cannot be\n"
    "proven; the receipts in the report say where.\n"
)
NEXT = """The report, with the four pictures and all receipts; open it in a browser:
  {report}

What next
  jupyter lab notebooks/00_start_here.ipynb    the same in a notebook
  crmkit list peepl                            all tables that Peepl gives
  crmkit fetch peepl contacts --demo -o contacts.csv
  crmkit demo --serve                          the club, for your own programs
  README.md                                    your own account, in two lines
"""


def report(seed: int, people: int, path: Path) -> None:
    """Read all of the demo, print what was read and found, write the report to path. Nothing is opened."""
    _writable(path)
    began = time.monotonic()
    print(f"A sports club of {people:,} invented people, served on this machine; no key needed.")
    print(f"Reading its {len(READS)} systems ...\n")
    print(SYSTEM.format("system", "tables", "records", "calls", "proven complete"), flush=True)
    with demo.start(seed=seed, people=people) as running:
        pull = from_demo(running, _reading, _read)
    print("\n" + READ.format(time.monotonic() - began), flush=True)
    parts = chapters(pull)
    for part in parts:
        print("\n", *(f"{block}\n" for block in terminal.chapter(part)), sep="\n")
    text = page(TITLE, _lead(pull, people), _figures(pull), parts, receipts(pull), _source(seed, people))
    path.write_text(text, encoding="utf-8")
    if not pictures.can_draw():
        print(f"{NO_PICTURES}\n", file=sys.stderr)
    print(NEXT.format(report=path.absolute()), end="")


def _writable(path: Path) -> None:
    """Raise ConfigError where the report cannot be written: before the work, not after it."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"the report is an HTML file; {path.name} does not end like one.", hint="end the name with .html.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {path.parent}.", hint="make it, or choose another place with -o.")
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise ConfigError(f"{path} cannot be written.", hint="choose another place with -o.")


def _reading(name: str) -> None:
    print(f"{name:<12}", end="", flush=True)


def _read(system: System) -> None:
    proven = f"{system.complete} of {len(system.frames)}"
    print(SYSTEM.format("", len(system.frames), f"{system.records:,}", f"{system.calls:,}", proven)[12:], flush=True)


def _lead(pull: Pull, people: int) -> str:
    return (
        f"The demo of crmkit: a club of {people:,} invented people, as its five systems show it on {long_day(pull.today)}. "
        "Every list was read to its end; the receipts at the foot say how far that is proven."
    )


def _figures(pull: Pull) -> list[tuple[str, str]]:
    frames = {f"{crm}.{name}": frame for crm, system in pull.systems.items() for name, frame in system.frames.items()}
    counted = {
        "peepl.contacts": "contacts (Peepl)",
        "peepl.attendance": "places on sign-up lists (Peepl)",
        "sheepcrm.events": "events (sheepCRM)",
        "onepagecrm.deals": "deals (OnePageCRM)",
        "beeple.collaborator_enrolments": "enrolments (Beeple)",
        "missionhub.people": "people (MissionHub)",
    }
    return [(f"{len(frames[name]):,}", what) for name, what in counted.items()]


def _source(seed: int, people: int) -> str:
    return (
        f"Written by crmkit {version('crmkit')}: crmkit demo --seed {seed} --people {people}. The people, their names and all figures are "
        "invented; the same command writes the same page."
    )


def serve(seed: int, people: int, port_file: Path | None) -> None:
    """Serve the demo until Ctrl-C (or SIGTERM); print how to reach it, and write it to port_file as JSON."""
    signal.signal(signal.SIGTERM, _stop)
    with demo.start(seed=seed, people=people) as running:
        print("\n".join(_addresses(running)), flush=True)
        try:
            if port_file:
                port_file.write_text(json.dumps(_reach(running), indent=2) + "\n", encoding="utf-8")
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print("The demo is stopped.")
        finally:
            if port_file:
                port_file.unlink(missing_ok=True)


def _stop(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _reach(running: Demo) -> dict[str, dict[str, str]]:
    """Keyword arguments of each client."""
    return {crm: {"base_url": url, **running.credentials[crm]} for crm, url in running.urls.items()}


def _addresses(running: Demo) -> Iterator[str]:
    yield "The demo is running; Ctrl-C stops it. Paste this into another terminal:\n"
    for crm, keywords in _reach(running).items():
        yield from (f"export {crm.upper()}_{name.upper()}={shlex.quote(value)}" for name, value in keywords.items())
        yield ""
    yield "Then, there:  crmkit fetch peepl contacts -o contacts.csv"
    yield "or in Python: crmkit.Peepl.from_env(pace=None).contacts()"
    yield "Without pace=None, calls are spaced out as the real systems ask for."
