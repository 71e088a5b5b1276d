"""What a table is about: the teams, shifts and enrolments that its keywords leave, and what everybody else does meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import listed, timestamp
from crmkit.topics.arrays import Whole
from crmkit.topics.coverage.everything import Everything, everything
from crmkit.topics.coverage.neutral import CONFIRMED, NOT_CANCELLED
from crmkit.topics.coverage.proof import doubted
from crmkit.topics.coverage.shapes import COUNT, INSTANT, LIMITS, RATE, SCAN, typed
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Names, named

Frames = Mapping[str, pd.DataFrame]
ZONE = "Europe/Brussels"
HOUR = 3_600_000_000
COUNTS = (CONFIRMED, NOT_CANCELLED)
NEUTRAL = ("teams", "shifts", "enrolments")


def chosen(
    frames: Frames,
    *,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> Chosen:
    """The part of the frames that the keywords of a table leave; they mean the same in every table.

    projects, functions, teams: ids or names, one or a list. published: True or False, for such teams only. start, end: first and last
    local day, both included. count: "confirmed" or "not_cancelled", which enrolments count as n. Raises ParameterError
    for a name that looks like a slip in one that is there.
    """
    if count not in (None, *COUNTS):
        raise ParameterError("count takes 'confirmed' or 'not_cancelled'.")
    told = frames["teams"]
    keep = told["listed"].fillna(True)
    for noun, names in (("project", projects), ("function", functions), ("team", teams)):
        if names is not None:
            keep &= named(told, (f"{noun}_id", noun), names, noun)
    if published is not None:
        keep &= (told["published"] == published).fillna(False)
    given = {"projects": projects, "functions": functions, "teams": teams, "published": published}
    given |= {"start": start, "end": end, "count": count}
    params = {name: _plain(value) for name, value in given.items() if value is not None}
    return Chosen(frames, told[keep].reset_index(drop=True), start, end, count, params)


@dataclass(frozen=True)
class Chosen:
    """Teams that a table is about, with all frames behind them. Parts are worked out at first use."""

    frames: Frames
    teams: pd.DataFrame
    first: Any
    last: Any
    count: str | None
    params: Mapping[str, Any]

    @cached_property
    def scan(self) -> pd.Series[Any]:
        """The line on what was looked at; of frames made by hand what they say of themselves."""
        told = self.frames.get("scan")
        if told is not None and len(told):
            return told.iloc[0]
        people = self.frames["enrolments"]["collaborator_id"].nunique()
        line = {"collaborators_scanned": people, "ids_complete": False, "status_source": CONFIRMED, "zone": ZONE}
        return typed([line], SCAN).iloc[0]

    @property
    def zone(self) -> str:
        """The tenant's time zone."""
        return ZONE if pd.isna(self.scan["zone"]) else str(self.scan["zone"])

    @property
    def since(self) -> pd.Timestamp | None:
        """Midnight at which the period begins."""
        return None if self.first is None else self._midnight(self.first, "start", 0)

    @property
    def until(self) -> pd.Timestamp | None:
        """Midnight after the last day of the period."""
        return None if self.last is None else self._midnight(self.last, "end", 1)

    def _midnight(self, day: Any, name: str, later: int) -> pd.Timestamp:
        at = pd.Timestamp(timestamp(day, name).date()) + pd.Timedelta(days=later)
        return at.tz_localize(self.zone, ambiguous=True, nonexistent="shift_forward").tz_convert("UTC")

    @property
    def status_source(self) -> str:
        """By what enrolments are counted, and why."""
        told = CONFIRMED if pd.isna(self.scan["status_source"]) else str(self.scan["status_source"])
        if self.count is None or told == self.count:
            return told
        return CONFIRMED if self.count == CONFIRMED else f"{NOT_CANCELLED}: asked"

    @cached_property
    def everything(self) -> Everything:
        """What holds for all teams."""
        return everything(self.frames["enrolments"], self.frames["shifts"], self.status_source == CONFIRMED)

    @property
    def work(self) -> pd.DataFrame:
        """All shifts, see Everything."""
        return self.everything.work

    @property
    def taken(self) -> pd.DataFrame:
        """Enrolments that are not cancelled, see Everything."""
        return self.everything.taken

    @property
    def counting(self) -> pd.DataFrame:
        """Enrolments that count as n, see Everything."""
        return self.everything.counting

    @property
    def clashes(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Who is in two places at once, see Everything."""
        return self.everything.clashes

    @cached_property
    def shifts(self) -> pd.DataFrame:
        """The shifts of the chosen teams, whenever they are, with a column at: the team's place in teams."""
        at = pd.Index(self.teams["team_id"]).get_indexer(self.work["team_id"])
        return pd.DataFrame(self.work.assign(at=at)[at >= 0]).reset_index(drop=True)

    @cached_property
    def begun(self) -> pd.DataFrame:
        """The shifts that begin in the period."""
        keep = pd.Series(True, index=self.shifts.index)
        if self.since is not None:
            keep &= self.shifts["start"] >= self.since
        if self.until is not None:
            keep &= self.shifts["start"] < self.until
        return self.shifts[keep].reset_index(drop=True)

    def at(self, enrolments: pd.DataFrame) -> Whole:
        """The place in teams of each of these enrolments (lines of taken or counting); -1 where the team is not chosen."""
        places: Whole = pd.Index(self.teams["team_id"]).get_indexer(self.everything.known[1])
        found: Whole = places[enrolments["group"].to_numpy()]
        return found

    def heads(self, enrolments: pd.DataFrame) -> Whole:
        """How many people these enrolments, one for each person in a team, bring to each chosen team."""
        at = self.at(enrolments)
        return np.bincount(at[at >= 0], minlength=len(self.teams)).astype(np.int64)

    @cached_property
    def n(self) -> Whole:
        """People who count, for each chosen team."""
        return self.heads(self.counting)

    def finished(self, table: pd.DataFrame, name: str, *used: str, **more: Any) -> pd.DataFrame:
        """The table with the limits of what was looked at as columns, and the receipts of the frames it was made from."""
        scan = self.scan
        limits = {column: [scan[column]] * len(table) for column in LIMITS}
        limits["status_source"] = [self.status_source] * len(table)
        table = table.reset_index(drop=True)
        table = pd.concat([table, typed(pd.DataFrame(limits, index=table.index), LIMITS)], axis=1)
        sources = [self.frames[one] for one in (*NEUTRAL, *used) if one in self.frames]
        params = {**self.params, **{key: _plain(value) for key, value in more.items() if value is not None}}
        table = carried(table, sources, endpoint=f"coverage.{name}", params=params)
        return table if bool(scan["ids_complete"]) else doubted(table)


def instants(values: Any) -> pd.Series[Any]:
    """Microseconds since 1970 as instants."""
    return pd.Series(pd.DatetimeIndex(np.asarray(values, dtype=np.int64).astype("datetime64[us]"), tz="UTC")).astype(INSTANT)


def instant(value: Any, zone: str, name: str = "now") -> pd.Timestamp:
    """A date, Timestamp or ISO text as a moment; of the zone where it names none. A day is its midnight."""
    found = pd.Timestamp(timestamp(value, name))
    return found.tz_localize(zone, ambiguous=True, nonexistent="shift_forward") if found.tzinfo is None else found


def local(moments: pd.Series[Any], zone: str) -> pd.Series[Any]:
    """Instants as wall-clock times of the zone (datetime64[us])."""
    wall: pd.Series[Any] = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return wall


def counts(values: Any) -> Any:
    """Whole numbers as an Int64 array."""
    return pd.array(values, dtype=COUNT)


def ratio(part: Any, whole: Any) -> Any:
    """Part by whole as float64; NaN over nothing or over something missing."""
    upper, lower = pd.Series(part).astype(RATE), pd.Series(whole).astype(RATE)
    return (upper / lower.where(lower > 0)).to_numpy()


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    several = isinstance(value, list | tuple | set | frozenset | pd.Series | pd.Index | np.ndarray)
    return [_plain(one) for one in listed(value)] if several else str(value)
