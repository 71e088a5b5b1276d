"""What crmkit demo does: read everything from the bundled organisation, print the tables, write the report; or only serve."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from crmkit import demo
from crmkit.errors import ConfigError
from crmkit.receipts import receipt
from crmkit.report import chapters, pictures, terminal
from crmkit.report.page import NO_PICTURES, page
from crmkit.report.pull import Pull, from_demo, receipts

if TYPE_CHECKING:
    from crmkit.demo import Demo

TITLE = "A sports club, read from its five CRMs"
NEXT = """What next
  {report:<44} tables and pictures; open it in a browser
  crmkit list peepl                            every table that can be fetched
  crmkit fetch peepl contacts --demo -o contacts.csv
  crmkit demo --serve                          the same organisation for programs of your own
  README.md                                    your own account, in two lines
  in a notebook:                               import crmkit
                                               peepl = crmkit.demo.peepl()
                                               peepl.contacts()
"""


def report(seed: int, people: int, path: Path) -> None:
    """Read all of the demo, print receipts and chapters, write the report to path. Nothing is opened."""
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent}.", hint="make it, or choose another place with -o.")
    began = time.monotonic()
    with demo.start(seed=seed, people=people) as running:
        print(f"A demo of {people:,} people is served on this machine: no key, no network. Reading five systems ...", flush=True)
        pull = from_demo(running, running.peepl())
    proofs, parts = receipts(pull), chapters(pull)
    tables, calls = sum(len(one.frame) for one in proofs), sum(int(one.frame["pages"].sum()) for one in proofs)
    print(f"{tables} tables of {len(proofs)} systems in {calls:,} calls and {time.monotonic() - began:.0f} s.\n", flush=True)
    print(*(f"{terminal.table(one)}\n" for one in proofs), sep="\n")
    for part in parts:
        print("\n", *(f"{block}\n" for block in terminal.chapter(part)), sep="\n")
    text = page(TITLE, _lead(pull, seed, people), _figures(pull), parts, proofs)
    path.write_text(text, encoding="utf-8")
    if not pictures.can_draw():
        print(f"{NO_PICTURES}\n", file=sys.stderr)
    print("\n" + NEXT.format(report=str(path)))


def _lead(pull: Pull, seed: int, people: int) -> str:
    return (
        f"The bundled demo: {people:,} invented people (seed {seed}), seen on {pull.today:%d %B %Y} through the calls of five systems. "
        "Every list was read to its end; the receipts at the foot say how far that is proven."
    )


def _figures(pull: Pull) -> list[tuple[str, str]]:
    frames = pull.frames
    every = [frame for system in pull.systems for frame in system.frames.values()]
    complete = sum(receipt(frame).complete is True for frame in every)
    counted = {"contacts": "contacts", "groups": "groups", "activities": "activities", "attendance": "invitations"}
    tiles = [(f"{len(frames[name]):,}", what) for name, what in counted.items()]
    return [*tiles, (f"{complete} of {len(every)}", "tables proven complete")]


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
    yield "The demo is running; Ctrl-C stops it. In another terminal:\n"
    for crm, keywords in _reach(running).items():
        for name, value in keywords.items():
            yield f"export {crm.upper()}_{name.upper()}={value}"
        yield f"crmkit list {crm}\n"
