"""From a connected client to neutral frames of events, answers, groups and tickets."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import check_order, existing_zone, unknown_name
from crmkit.receipts import receipt
from crmkit.topics.attendance.neutral import FRAMES, as_moment, check_kinds, nothing
from crmkit.topics.checked import checked
from crmkit.topics.lineage import carried
from crmkit.topics.replay import loads
from crmkit.topics.shapes import Names, as_day, wanted

if TYPE_CHECKING:
    from crmkit.client import Client

READERS = {"Peepl": "from_peepl", "sheepCRM": "from_sheepcrm"}
ZONES = {"Peepl": "Europe/Brussels", "sheepCRM": "UTC"}


@loads("attendance")
def load(
    client: Client,
    *,
    start: Any = None,
    end: Any = None,
    kinds: Names = None,
    zone: str | None = None,
    now: Any = None,
    refresh: bool = False,
    allow_partial: bool = False,
    **what: Any,
) -> dict[str, pd.DataFrame]:
    """Events, who was invited and what became of it, as typed frames that name no CRM.

    Parameters
    client: a connected Peepl or SheepCRM. start, end: first and last local day on which an event begins, both included (date,
    Timestamp, ISO text); lists are read for those only. kinds: only events of these kinds. zone: where days and hours are local;
    Peepl sends instants, and the default is Europe/Brussels. sheepCRM sends times without a zone, which stay as they are; there zone
    (default UTC) says only what the clock shows when an event is held against now. now: the moment that decides what has ended; by
    default the one of the newest answer, so what is read from the cache is judged by its own moment. refresh, allow_partial: as for
    every fetcher. what, by CRM, plain values all:

    Peepl: groups=True: read the positions of everybody on a list, a call per person, for by_group().
    SheepCRM: events: uids to read instead of the list of events, which shows only the most recent event of a series; state: which
    list, all (default), past, future, current, running, draft; groups: True for all segments of persons, or a list of uids or names;
    tickets=False: leave out tickets and stock, two of the three calls per event; orders=True: read orders too (a call per event, and
    the permission booking.orders).

    Returns a dict of DataFrames
    events: event_id (string), crm, name, kind (Peepl's type, sheepCRM's category), series_id, start, end (datetime64[us], wall clock),
    capacity (float64, places; missing or 0: none set), cancelled, ended, presence (boolean: whether the CRM records who came).
    answers: a line per place on a list: event_id, person_id (string; missing for a guest without a record), status (invited, accepted,
    declined, attended, no-show, other), answer (the vendor's own word), guest, repeated (boolean: this person stood more than once on
    the event's list). Peepl's A, N and U are sign-up answers and become accepted, declined and invited: never attended.
    groups: group_id, group, person_id, start, end (datetime64[us], days; missing: not limited). Empty unless asked for. sheepCRM
    knows the members of now only; they are used for the past, too.
    tickets: event_id, buyer_id, product_id, product, quantity, heads, amount (float64), currency. heads and amount are as the vendor
    gives them, whether per piece or in all is not stated; Peepl gives neither.
    stock: event_id, product_id, product, price, currency, total, allocated, reserved, available. orders: event_id, buyer_id,
    currency, total, paid, outstanding, fully_paid. Both sheepCRM only.

    Every frame carries a receipt that is as incomplete as the worst fetch behind it; its problems also say what is odd in the lists:
    people under two answers, statuses that no document names, series of which only one event came. Raises ParameterError for a client
    of another CRM and for a word it does not take; else what the fetchers raise. Source: Peepl and sheepCRM sheets, section 6.
    """
    name = getattr(client, "crm", type(client).__name__)
    if name not in READERS:
        raise ParameterError(f"attendance is read from {' and '.join(READERS)}; this is a {name}.")
    read: Callable[..., Read] = checked(import_module(f"crmkit.topics.attendance.{READERS[name]}").read)
    takes = list(signature(read).parameters)[2:]
    for word in what:
        if word not in takes:
            raise unknown_name(word, takes, f"attendance.load() of {name}")
    local = existing_zone(zone or ZONES[name])
    period = Period(start, end, wanted(kinds), local, None if now is None else as_moment(now, local))
    return assembled(read(client, {"refresh": refresh, "allow_partial": allow_partial}, period=period, **what), local)


class Period:
    """Which events are read, and the moment they are judged by."""

    def __init__(self, start: Any, end: Any, kinds: list[str], zone: str, now: pd.Timestamp | None) -> None:
        check_order({"start": start, "end": end}, "start", "end")
        self.first = None if start is None else as_day(start, "start")
        self.last = None if end is None else as_day(end, "end")
        self.kinds, self.zone, self._now = kinds, zone, now

    def fits(self, events: pd.DataFrame) -> pd.DataFrame:
        """The events that begin on these days and are of these kinds; without a bound, those without a start too."""
        keep = pd.Series(True, index=events.index)
        if self.first is not None:
            keep &= events["start"] >= self.first
        if self.last is not None:
            keep &= events["start"] < self.last + pd.Timedelta(days=1)
        if self.kinds:
            check_kinds(self.kinds, events)
            keep &= events["kind"].isin(self.kinds)
        return events[keep].reset_index(drop=True)

    def now(self, *sources: pd.DataFrame) -> pd.Timestamp | None:
        """The moment given, or the local one at which the newest answer came."""
        found = [proof.newest for proof in map(receipt, sources) if proof.newest]
        if self._now is not None or not found:
            return self._now
        return as_moment(pd.Timestamp(max(found), tz="UTC"), self.zone)


class Read:
    """What a reader found: neutral frames with the fetches behind each, and what is odd in them."""

    def __init__(self, now: pd.Timestamp | None) -> None:
        self.now = now
        self.frames: dict[str, tuple[pd.DataFrame, list[pd.DataFrame]]] = {}
        self.problems: list[str] = []

    def add(self, name: str, frame: pd.DataFrame, *sources: pd.DataFrame) -> None:
        """A frame, and what it was made from."""
        self.frames[name] = (frame, list(sources))


def assembled(found: Read, zone: str) -> dict[str, pd.DataFrame]:
    """All frames with their receipts; one that was not asked for is empty, with the receipt of the events."""
    facts: dict[str, Any] = {"zone": zone} | ({} if found.now is None else {"today": found.now.strftime("%Y-%m-%d")})
    listed = found.frames["events"][1]
    loaded = {}
    for name in FRAMES:
        frame, sources = found.frames.get(name, (nothing(name), listed))
        loaded[name] = carried(frame, sources, problems=found.problems if name in ("events", "answers") else (), **facts)
    return loaded


def several(frame: pd.DataFrame, columns: list[str]) -> pd.Series[Any]:
    """Which lines are not the only one with these values, as boolean; lines where one is missing never are."""
    known = frame[columns].notna().all(axis=1)
    return (frame.duplicated(columns, keep=False) & known).astype("boolean")
