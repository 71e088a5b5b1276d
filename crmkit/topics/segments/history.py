"""Membership on a day and over time, the tree of groups, and what moved between two loads.

Only Peepl's groups, combinations and functions know the past (positions with a first and a last day). Segments, labels, statuses and
filters are those of now in all four systems: keep what load() gave on two days, and moved() tells the difference.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.arrays import Whole, among, distinct
from crmkit.topics.checked import checked
from crmkit.topics.lineage import carried
from crmkit.topics.segments.neutral import HISTORY, MEMBERS, Frames, chosen, day_of
from crmkit.topics.shapes import Dtypes, Names, as_day, one_of, typed

OVER_TIME: Dtypes = {
    "segment_id": "string",
    "name": "string",
    "day": HISTORY["start"],
    "members": "Int64",
    "joined": "Int64",
    "left": "Int64",
}
MOVED: Dtypes = {
    "segment_id": "string",
    "name": "string",
    "kind": "string",
    "before": "Int64",
    "after": "Int64",
    "stayed": "Int64",
    "joined": "Int64",
    "left": "Int64",
    "change": "Int64",
}
MOVERS: Dtypes = {"segment_id": "string", "name": "string", "person_id": "string", "change": "string"}
TREE: Dtypes = {
    "segment_id": "string",
    "parent_id": "string",
    "name": "string",
    "path": "string",
    "depth": "Int64",
    "groups_below": "Int64",
    "members": "Int64",
    "members_below": "Int64",
    "reading": "string",
}
NOBODY: Whole = np.array([], dtype=np.int64)
STEPS = {"day": "D", "week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}


@checked
def on_day(frames: Frames, day: Any, *, last_day_counts: bool = True) -> dict[str, pd.DataFrame]:
    """The frames as on a day: only segments whose past is known, with the members they had then.

    Parameters
    frames: what load(..., history=True) returns. day: date, Timestamp or ISO text. last_day_counts: whether somebody whose term ends on
    the day is still a member on it; the document does not say, so it is a choice.

    Returns a dict as load() does, for every table and picture; people are those of now (their attributes then are not known), and
    declared sizes are missing. A member on day d has start <= d and (no end or end >= d). Source: Peepl sheet, section 6.
    """
    then = as_day(day, "day")
    _has_history(frames)
    held = frames["history"]
    members = held[_Terms(held, last_day_counts).active(then)].drop_duplicates(["segment_id", "person_id"])
    segments = frames["segments"][frames["segments"]["kind"].isin(_kinds(frames))]
    return {
        **frames,
        "segments": carried(segments.assign(declared_size=pd.array([None] * len(segments), dtype="Int64")), [frames["segments"]]),
        "members": carried(typed(members[list(MEMBERS)], MEMBERS), [frames["history"], frames["members"]]),
    }


def as_of(frames: Frames, on: Any = None) -> Frames:
    """The frames as on a day, or as they are where no day is given."""
    return frames if on is None else on_day(frames, as_day(on, "on"))


@checked
def over_time(
    frames: Frames,
    *,
    start: Any = None,
    end: Any = None,
    every: str = "month",
    segments: Names = None,
    kinds: Names = None,
    last_day_counts: bool = True,
) -> pd.DataFrame:
    """Members of each segment on a series of days, and who joined and left in between.

    Parameters
    frames: what load(..., history=True) returns. start, end: first and last day (default: two years before the day of load(), and that
    day). every: day, week (Mondays), month, quarter, year: the days counted are the first of each, with end itself at the end of the
    series. segments, kinds: as for sizes(); those without a known past are left out. last_day_counts: as for on_day().

    Returns a DataFrame, one line per segment and day: segment_id, name (string), day (datetime64[us]), members (Int64: distinct
    people), joined, left (Int64: members on this day but not on the one before, and the reverse; missing on the first day; who comes
    and goes between two days is not seen). members = the line before + joined - left. Days are calendar days without a zone, as in
    the source. Source: Peepl sheet, section 6 (combinations, functions and history).
    """
    _has_history(frames)
    one_of(every, STEPS, "every")
    last = day_of(frames) if end is None else as_day(end, "end")
    first = last - pd.DateOffset(years=2) if start is None else as_day(start, "start")
    listed = chosen(frames, segments, kinds)
    listed = listed[listed["kind"].isin(_kinds(frames))]
    days = list(pd.date_range(first, last, freq=STEPS[every]))
    days += [last] if last not in days and last >= first else []
    held = frames["history"]
    found = []
    terms, places = _Terms(held, last_day_counts), held.groupby("segment_id").indices
    for number, name in zip(listed["segment_id"], listed["name"], strict=True):
        own, before = terms.some(places.get(number, [])), None
        for day in days:
            now = own.on(day)
            moves = (None, None) if before is None else (len(now - before), len(before - now))
            found.append((number, name, day, len(now), *moves))
            before = now
    columns = zip(*found, strict=True) if found else ([] for _ in OVER_TIME)
    return carried(typed(dict(zip(OVER_TIME, map(list, columns), strict=True)), OVER_TIME), [held, frames["segments"]])


@checked
def moved(before: Frames, after: Frames, *, segments: Names = None, kinds: Names = None) -> pd.DataFrame:
    """How each segment changed between two loads: sizes, who stayed, joined and left.

    Parameters
    before, after: what load() returned on two days (the same client, the same words). segments, kinds: as for sizes(), by what is after.

    Returns a DataFrame, one line per segment that is in both: segment_id, name, kind (string), before, after, stayed, joined, left,
    change (Int64). after = before + joined - left. A person who was added to or erased from the CRM counts as joined or left. Works
    for every CRM; for those without a past it is the only way to see change. Source: Peepl and MissionHub sheets, section 6 (snapshots).
    """
    listed = chosen(after, segments, kinds)
    listed = listed[among(listed["segment_id"], before["segments"]["segment_id"])]
    (then, now), _ = _people(before, after)
    sides = [(then.get(one, NOBODY), now.get(one, NOBODY)) for one in listed["segment_id"]]
    table = listed[["segment_id", "name", "kind"]].assign(
        before=[len(was) for was, _ in sides],
        after=[len(are) for _, are in sides],
        stayed=[len(was) + len(are) - len(distinct(np.concatenate([was, are]))) for was, are in sides],
    )
    table["joined"] = table["after"] - table["stayed"]
    table["left"] = table["before"] - table["stayed"]
    table["change"] = table["after"] - table["before"]
    return carried(typed(table, MOVED), [*before.values(), *after.values()])


@checked
def movers(before: Frames, after: Frames, *, segments: Names = None, kinds: Names = None) -> pd.DataFrame:
    """Who joined and left, a line each: segment_id, name, person_id, change ("joined" or "left"), all string; as moved().

    Source: Peepl and MissionHub sheets, section 6 (snapshots).
    """
    listed = moved(before, after, segments=segments, kinds=kinds)
    (then, now), names = _people(before, after)
    lines = [
        (number, name, person, change)
        for number, name in zip(listed["segment_id"], listed["name"], strict=True)
        for change, some in (
            ("joined", np.setdiff1d(now.get(number, NOBODY), then.get(number, NOBODY), assume_unique=True)),
            ("left", np.setdiff1d(then.get(number, NOBODY), now.get(number, NOBODY), assume_unique=True)),
        )
        for person in sorted(names[some])
    ]
    return carried(typed(pd.DataFrame(lines, columns=list(MOVERS)), MOVERS), [listed])


@checked
def roll_up(frames: Frames) -> dict[str, pd.DataFrame]:
    """The frames with the members of a segment's subsegments counted as its own: distinct people over the whole subtree.

    Segments without parent or children stay as they are. A loop of parents, or a parent that was not loaded, ends the way up.
    Source: Peepl sheet, section 6 (groups tree: whether a group's list has its subgroups is not stated, so both can be had).
    """
    above = _ancestors(frames)
    members, held = frames["members"], frames["history"]
    lifted = _lifted(members, above).drop_duplicates(["segment_id", "person_id"], ignore_index=True)
    return {
        **frames,
        "members": carried(typed(lifted, MEMBERS), [members]),
        "history": carried(typed(_lifted(held, above), HISTORY), [held]),
    }


def _lifted(lines: pd.DataFrame, above: dict[str, list[str]]) -> pd.DataFrame:
    """Each line once for its segment and once for each above it."""
    segment, ids = pd.factorize(lines["segment_id"])
    ways = [*([one, *above.get(one, [])] for one in ids), [pd.NA]]  # the last for lines without a segment, numbered -1
    lengths = np.array([len(way) for way in ways], dtype=np.int64)
    place = np.repeat(np.arange(len(lines)), lengths[segment])
    step = np.arange(len(place)) - np.repeat(np.cumsum(lengths[segment]) - lengths[segment], lengths[segment])
    begin = np.cumsum(lengths) - lengths
    names = pd.Series([one for way in ways for one in way], dtype="string")
    return pd.DataFrame(lines.iloc[place]).assign(segment_id=names.iloc[begin[segment[place]] + step].array)


@checked
def tree(frames: Frames, *, kinds: Names = None) -> pd.DataFrame:
    """The tree of groups (or of sheepCRM's segments), depth first: members listed by each, and distinct people with all below.

    Returns a DataFrame, one line per segment: segment_id, parent_id, name, path (names from the root on, joined by " / "), depth (Int64,
    0 is a root), groups_below (Int64: in the whole subtree), members (Int64: those its own list gives), members_below (Int64: distinct
    people in its list and in those of all below), reading (string: what its own list seems to be: "direct only" where somebody below is
    missing from it, "may include subgroups" where nobody is, missing where nobody is below). A sum over children is not the size of
    their parent: they overlap. Source: Peepl and sheepCRM sheets, section 6.
    """
    segments = chosen(frames, kinds=kinds)
    above = _ancestors(frames)
    (own,), _ = _people(frames)
    below: dict[str, list[str]] = {}
    for number in segments["segment_id"]:
        for ancestor in above.get(number, []):
            below.setdefault(ancestor, []).append(number)
    names = dict(zip(segments["segment_id"], segments["name"], strict=True))
    lines, order = [], []
    for number, parent, name in zip(segments["segment_id"], segments["parent_id"], segments["name"], strict=True):
        mine = own.get(number, NOBODY)
        theirs = distinct(np.concatenate([NOBODY, *(own.get(one, NOBODY) for one in below.get(number, []))]))
        everybody = distinct(np.concatenate([mine, theirs]))
        way = [one for one in reversed(above.get(number, [])) if one in names]
        reading = None if not len(theirs) else "may include subgroups" if len(everybody) == len(mine) else "direct only"
        order.append([*(names[one] for one in way), name])
        path = " / ".join(order[-1])
        lines.append((number, parent, name, path, len(way), len(below.get(number, [])), len(mine), len(everybody), reading))
    table = pd.DataFrame(lines, columns=list(TREE))
    table = table.iloc[sorted(range(len(table)), key=lambda place: order[place])]
    return carried(typed(table, TREE), [frames["segments"], frames["members"]])


def _people(*several: Frames) -> tuple[list[dict[str, Whole]], np.ndarray]:
    """The members of each segment in each of some loads, each once, as numbers in order; and the ids that the numbers stand for."""
    people = pd.concat([frames["members"]["person_id"] for frames in several], ignore_index=True)
    numbers, names = pd.factorize(people)
    ends = np.cumsum([len(frames["members"]) for frames in several])
    found = []
    for frames, person in zip(several, np.split(numbers, ends[:-1]), strict=True):
        segment, ids = pd.factorize(frames["members"]["segment_id"])
        there = (segment >= 0) & (person >= 0)
        pairs = distinct((segment.astype(np.int64) * len(names) + person)[there])
        parts = np.split(pairs % max(len(names), 1), np.searchsorted(pairs, np.arange(1, len(ids)) * len(names)))
        found.append(dict(zip(map(str, ids), parts, strict=False)))
    return found, names.to_numpy(dtype=object)


def _ancestors(frames: Frames) -> dict[str, list[str]]:
    """The ids above each segment, the nearest first; a way that comes back to itself ends."""
    segments = frames["segments"]
    parents = dict(zip(segments["segment_id"], segments["parent_id"], strict=True))
    found: dict[str, list[str]] = {}
    for number in parents:
        way: list[str] = []
        at = parents[number]
        while pd.notna(at) and at in parents and at != number and at not in way:
            way.append(at)
            at = parents[at]
        found[number] = way
    return found


class _Terms:
    """Lines of the frame history as arrays, for the question who was there on a day; asked often, so kept quick."""

    def __init__(self, held: pd.DataFrame, last_day_counts: bool) -> None:
        self._people = pd.factorize(held["person_id"])[0]
        self._start = held["start"].to_numpy(dtype="datetime64[us]")
        self._end = held["end"].to_numpy(dtype="datetime64[us]")
        self._last_day_counts = last_day_counts

    def some(self, lines: Any) -> _Terms:
        """The terms on these lines, with the same numbers for the same people."""
        found = copy(self)
        at = np.asarray(lines, dtype=np.intp)
        found._people, found._start, found._end = self._people[at], self._start[at], self._end[at]
        return found

    def active(self, day: pd.Timestamp) -> np.ndarray:
        moment = np.datetime64(day, "us")
        before_end = self._end >= moment if self._last_day_counts else self._end > moment
        found: np.ndarray = (self._people >= 0) & (self._start <= moment) & (before_end | np.isnat(self._end))
        return found

    def on(self, day: pd.Timestamp) -> set[int]:
        return set(self._people[self.active(day)].tolist())


def _kinds(frames: Frames) -> list[str]:
    """The kinds of segments whose past is known."""
    known = frames["segments"][among(frames["segments"]["segment_id"], frames["history"]["segment_id"])]
    return known["kind"].unique().tolist()


def _has_history(frames: Frames) -> None:
    """Raises ParameterError where there are segments, but nothing is known of their past."""
    if frames["history"].empty and len(frames["segments"]):
        raise ParameterError(
            "nothing is known about the past of these segments.",
            hint="Peepl's groups, combinations and functions have one: load(client, groups=True, history=True); else use moved().",
        )
