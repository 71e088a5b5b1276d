"""One fetch of one system under one fault, and what came of it: everything, a named error, or a sentence; never a silent wrong frame."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

import crmkit
from crmkit.errors import CrmkitError
from tests.battery.systems import SYSTEMS, TOKEN, System
from tests.faults import BIG_ID, FaultServer

RECORDS, ROWS = 47, 10  # five pages of every system, the last one short
MOMENTS = {"first": 1, "middle": 3, "last": 5, "always": None}
ALWAYS_ONLY = {"early_end", "ignore_page", "repeat_page", "total"}


@dataclass(frozen=True)
class Fault:
    """A way to be wrong: the dials, and whether the records themselves are spoilt (then only their ids must be true)."""

    name: str
    dials: dict[str, Any]
    spoils: bool = False
    once: tuple[str, ...] = tuple(MOMENTS)


def fault(name: str, spoils: bool = False, **dials: Any) -> Fault:
    lasting = bool(ALWAYS_ONLY & dials.keys())
    return Fault(name, dials, spoils, ("middle", "always") if lasting else tuple(MOMENTS))


FAULTS = (
    fault("latency", latency=0.02),
    fault("jitter", jitter=0.02),
    fault("slow drip", slow_drip=(700, 0.001)),
    fault("reset before the answer", reset_at=-(10**6)),
    fault("reset in the headers", reset_at=-20),
    fault("reset in the body", reset_at=60),
    fault("half a body", half_body=True),
    fault("half a body, no length", half_body=True, no_content_length=True),
    fault("no Content-Length", no_content_length=True),
    fault("Content-Length too long", wrong_content_length=9),
    fault("Content-Length too short", wrong_content_length=-9),
    fault("gzip that lies", gzip_lies=True),
    fault("200 with an error body", error_in_200=True),
    fault("200 with a login page", html_login=True),
    fault("too fast, in its own way", throttle=True),
    fault("429 without Retry-After", throttle=429),
    fault("429, Retry-After in seconds", throttle=429, retry_after=2),
    fault("429, Retry-After as a date", throttle=429, retry_after=timedelta(seconds=20)),
    fault("429, absurd Retry-After", throttle=429, retry_after=999_999),
    fault("429, senseless Retry-After", throttle=429, retry_after="soon"),
    fault("403", throttle=403),
    fault("500", status=500),
    fault("503 with Retry-After", status=503, retry_after=1),
    fault("401", status=401),
    fault("404", status=404),
    fault("redirect, same host", redirect="same"),
    fault("redirect, other host", redirect="other"),
    fault("redirect to http", redirect="http"),
    fault("redirect in a loop", redirect="loop"),
    fault("not JSON", not_json=True),
    fault("an empty body", empty_body=True),
    fault("the credential echoed", echo_credential=True),
    fault("page size clamped", page_size=3),
    fault("page size clamped to one", page_size=1),
    fault("page ignored", ignore_page=True),
    fault("page repeated", repeat_page=2),
    fault("links to themselves", loop_links="self"),
    fault("links to the first page", loop_links="first"),
    fault("links to another host", foreign_next=True),
    fault("links without a place", next_missing_offset=True),
    fault("ends early", early_end=2),
    fault("total too high by one", total=1),
    fault("total too high", total=40),
    fault("total too low by one", total=-1),
    fault("total too low", total=-40),
    fault("total null", total=None),
    fault("total missing", total="missing"),
    fault("total as words", total="many"),
    fault("total moving", total="moving"),
    fault("duplicate ids", spoils=True, duplicate_ids=4),
    fault("missing ids", spoils=True, missing_ids=4),
    fault("null ids", spoils=True, missing_ids="null"),
    fault("ids beyond 2**53", spoils=True, big_ids=True),
    fault("nulls where objects were", spoils=True, null_objects=True),
    fault("objects where lists were", spoils=True, objects_for_lists=True),
    fault("a big record", spoils=True, big_record=200_000),
    fault("invalid UTF-8", spoils=True, invalid_utf8=4),
    fault("NaN and Infinity", spoils=True, nan_literals=4),
    fault("deep nesting", spoils=True, deep_nesting=True),
    fault("nesting that can be read", spoils=True, deep_nesting=60),
    fault("keys that collide", spoils=True, key_collision=4),
)


@dataclass(frozen=True)
class Outcome:
    """verdict: "whole", "said" (the receipt names what is not known), "error" (a named one) or "silent" (what must never be)."""

    verdict: str
    frame: pd.DataFrame | None = None
    error: CrmkitError | None = None
    why: str = ""


@contextmanager
def one_server(system: System, records: Any = RECORDS, rows: int | None = ROWS, **dials: Any) -> Iterator[FaultServer]:
    """A server whose pages hold so many rows, whatever is asked for."""
    with FaultServer(system.dialect, records=records, token=TOKEN, page_size=rows, **dials) as server:
        yield server


def turned(server: FaultServer, one: Fault, moment: str) -> None:
    """Set the dials for all calls, or for the one of this moment."""
    for name, value in one.dials.items():
        usual = ROWS if name == "page_size" else None
        at = MOMENTS[moment]
        if at is None:
            setattr(server, name, value)
        elif usual is None:
            setattr(server, name, {at: value})
        else:
            server.page_size = lambda number, at=at, value=value: value if number == at else ROWS


def tried(system: System, one: Fault, moment: str, workers: int = 1) -> Outcome:
    """One fetch under one fault, on a cache of its own."""
    with (
        one_server(system) as server,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        turned(server, one, moment)
        client = system.client(server.url, folder, workers=workers, progress=False)
        try:
            frame = system.fetch(client)
        except CrmkitError as error:
            outcome = named(error, len({call.target for call in server.calls}))
        else:
            outcome = judged(system, server, one, frame)
        finally:
            crmkit.cache.close()
        return outcome if not server.strayed else Outcome("silent", why="a call went to another host")


def named(error: CrmkitError, pages: int) -> Outcome:
    """An error counts as named when it says where it happened and what to do, and what is kept once a page came."""
    said = bool(error.what and error.crm and error.endpoint and error.hint) and (error.kept is not None or pages < 2)
    return Outcome("error" if said else "silent", error=error, why="" if said else f"says too little: {error}")


def judged(system: System, server: FaultServer, one: Fault, frame: pd.DataFrame) -> Outcome:
    """A frame must be whole, or its receipt must say what is not known."""
    proof = crmkit.receipt(frame)
    if whole(system, server, one, frame):
        return Outcome("whole", frame)
    if proof.complete is None and proof.problems:
        return Outcome("said", frame)
    return Outcome("silent", frame, why=f"{len(frame)} of {len(server.records)} came; {proof!r}")


def whole(system: System, server: FaultServer, one: Fault, frame: pd.DataFrame) -> bool:
    """Whether everybody came once, in the server's order, and, where records are not spoilt, with the values of a quiet server."""
    if one.spoils and "missing_ids" in one.dials:
        return len(frame) == len(server.records)
    wanted = system.wanted(server.records)
    if "big_ids" in one.dials:
        big = [str(server.dialect.renumbered(server.dialect.id_of(record), BIG_ID)) for record in server.records]
        return all(found in pair for found, *pair in zip(system.ids(frame), wanted, big, strict=True))
    if system.ids(frame) != wanted:
        return False
    return one.spoils or frame.astype(str).equals(quiet(system)[list(frame.columns)].astype(str))


_quiet: dict[str, pd.DataFrame] = {}


def quiet(system: System) -> pd.DataFrame:
    """The frame of an honest server."""
    if system.dialect not in _quiet:
        with (
            FaultServer(system.dialect, records=RECORDS, token=TOKEN) as server,
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ):
            _quiet[system.dialect] = system.fetch(system.client(server.url, folder, progress=False))
            assert system.ids(_quiet[system.dialect]) == system.wanted(server.records)
            crmkit.cache.close()
    return _quiet[system.dialect]


def cases() -> Iterator[tuple[System, Fault, str]]:
    """Every fault at every moment on every system."""
    for system in SYSTEMS.values():
        for one in FAULTS:
            for moment in one.once:
                yield system, one, moment
