"""Who could fill a gap, as far as the system tells.

Shared keywords and last columns: see crmkit.coverage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import HOUR, Chosen, Frames, chosen, counts
from crmkit.topics.coverage.everything import micros
from crmkit.topics.coverage.overlap import overlaps
from crmkit.topics.coverage.shapes import FLAG, RATE, TEXT
from crmkit.topics.coverage.staffing import ranked
from crmkit.topics.shapes import Names

AVAILABLE, UNAVAILABLE = "available", "unavailable"
SHOWN = ["team_id", "team", "project", "function", "start", "gap"]


@checked
def candidates(
    frames: Frames,
    types: Mapping[Any, str] | None = None,
    *,
    top: int | None = 10,
    per_gap: int | None = None,
    by: str = "hours",
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Who could fill the gaps, for each team that lacks people: those who are not known to be busy, away or blocked.

    types: what each availability type means, such as {1: "available", 3: "unavailable"}; the system does not say. Without it nobody
    can be told to be free, and the lines are those of availability_during() instead. top, by: which gaps, see gaps(). per_gap: at
    most so many people each.

    A scanned collaborator is left out who has a counting enrolment in that team, or in any team whose shift shares time with one of
    its shifts that begin in the period; who said, and was granted, to be unavailable during one; or who is known to be blocked.

    Columns: rank (Int64, of the gap), team_id, team, project, function (string), start (UTC, first shift), gap (Int64); place (Int64,
    from 1 within the gap), collaborator_id (string), available_hours (float64, hours of the shifts for which the person said to be
    available, unless that was rejected), pending_unavailable (boolean: said to be unavailable, not decided on), times_before
    (Int64, counting enrolments in teams with the same function, in the data), blocked (boolean, missing where nobody told).
    Order: most available hours, nothing pending, most times before. Names are in the frame collaborators.
    What is missing: whether function, contract type and age fit is not known here; nor are people who were not scanned, nor
    availability outside what load() read. Time zone: none needed, all is compared in UTC. Source: Beeple contract sheet, section 6.2.
    """
    keywords: dict[str, Any] = {"projects": projects, "functions": functions, "teams": teams, "published": published}
    keywords |= {"start": start, "end": end, "count": count}
    if not types:
        return availability_during(frames, top=top, by=by, **keywords)
    some = chosen(frames, **keywords)
    told = _senses(frames, types)
    open_, shifts = _open_shifts(some, top, by)
    people = frames["collaborators"]
    people = people[people["collaborator_id"].notna() & ~people["blocked"].fillna(False)]
    people = people.drop_duplicates("collaborator_id").reset_index(drop=True)
    undecided = told[(told["sense"] == UNAVAILABLE) & told["approved"].isna()]
    welcome = told[(told["sense"] == AVAILABLE) & told["approved"].fillna(True)]
    free = _free(some, open_, shifts, told[(told["sense"] == UNAVAILABLE) & told["approved"].fillna(False)], people)
    gap, person = np.nonzero(free)
    who = people.iloc[person].reset_index(drop=True)
    table = open_[["rank", *SHOWN]].iloc[gap].reset_index(drop=True)
    table = table.assign(
        collaborator_id=who["collaborator_id"],
        available_hours=_said(shifts, welcome, people, free.shape)[gap, person],
        pending_unavailable=pd.array(_said(shifts, undecided, people, free.shape)[gap, person] > 0, dtype=FLAG),
        times_before=counts(_experience(some, open_, people)[gap, person]),
        blocked=who["blocked"],
    )
    table = table.sort_values(
        ["rank", "available_hours", "pending_unavailable", "times_before", "collaborator_id"],
        ascending=[True, False, True, False, True],
        kind="stable",
    ).reset_index(drop=True)
    table.insert(len(SHOWN) + 1, "place", counts(table.groupby("rank").cumcount() + 1))
    table = table if per_gap is None else table[table["place"] <= per_gap]
    return some.finished(table, "candidates", "collaborators", "availability", types=types, top=top, per_gap=per_gap, by=by)


@checked
def availability_during(
    frames: Frames,
    *,
    top: int | None = 10,
    by: str = "hours",
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """What people said about the times of the gaps; whether a line means that somebody can or cannot come, only its type knows.

    top, by: which gaps, see gaps(). A line per gap, shift and interval of an availability that shares time with it.
    Columns: rank (Int64, of the gap), team_id, team, project, function (string), start (UTC, first shift), gap, shift (Int64, place in
    the team); collaborator_id, availability_id, type_id (string), said_start, said_end (UTC), shared_hours (float64), whole_day,
    approved (boolean; missing: not decided). What is missing: people who were not scanned. Source: Beeple contract sheet, section 6.2.
    """
    keywords: dict[str, Any] = {"projects": projects, "functions": functions, "teams": teams, "published": published}
    keywords |= {"start": start, "end": end, "count": count}
    some = chosen(frames, **keywords)
    open_, shifts = _open_shifts(some, top, by)
    said = _readable(frames["availability"])
    one, other = overlaps(micros(shifts["start"]), micros(shifts["end"]), micros(said["start"]), micros(said["end"]))
    shift, words = shifts.iloc[one].reset_index(drop=True), said.iloc[other].reset_index(drop=True)
    shared = np.minimum(micros(shift["end"]), micros(words["end"])) - np.maximum(micros(shift["start"]), micros(words["start"]))
    table = open_[["rank", *SHOWN]].iloc[shift["gap"].to_numpy()].reset_index(drop=True)
    table = table.assign(
        shift=shift["shift"],
        **{name: words[name] for name in ("collaborator_id", "availability_id", "type_id")},
        said_start=words["start"],
        said_end=words["end"],
        shared_hours=(shared / HOUR).astype(RATE),
        **{name: words[name] for name in ("whole_day", "approved")},
    )
    table = table.sort_values(["rank", "collaborator_id", "said_start", "availability_id"], kind="stable")
    return some.finished(table, "availability_during", "availability", top=top, by=by)


def _senses(frames: Frames, types: Mapping[Any, str]) -> pd.DataFrame:
    """Availability that can be read, with what its type means."""
    known = {str(number): sense for number, sense in types.items()}
    if set(known.values()) - {AVAILABLE, UNAVAILABLE}:
        raise ParameterError("types takes a dict from type to 'available' or 'unavailable'.")
    said = _readable(frames["availability"])
    return said.assign(sense=said["type_id"].map(known).astype(TEXT))


def _readable(said: pd.DataFrame) -> pd.DataFrame:
    return said[said["end"] > said["start"]].reset_index(drop=True)


def _open_shifts(some: Chosen, top: int | None, by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The gaps that have shifts, and these shifts with the gap's place."""
    open_ = ranked(some, by)
    open_ = open_[open_["shifts"] > 0]
    open_ = pd.DataFrame(open_ if top is None else open_.head(top)).reset_index(drop=True)
    place = pd.Index(open_["team_id"]).get_indexer(pd.Index(some.begun["team_id"]))
    return open_, pd.DataFrame(some.begun.assign(gap=place)[place >= 0]).reset_index(drop=True)


def _free(some: Chosen, open_: pd.DataFrame, shifts: pd.DataFrame, refused: pd.DataFrame, people: pd.DataFrame) -> Any:
    """For each gap and person whether nothing is known against it: not in the team, not at work elsewhere, not away."""
    free = np.ones((len(open_), len(people)), dtype=bool)
    mine = some.counting[["collaborator_id", "team_id"]]
    for spans in (mine.merge(some.work[["team_id", "start", "end"]], on="team_id"), refused):
        gap, person, _ = _meeting(shifts, spans, people)
        free[gap, person] = False
    gap = pd.Index(open_["team_id"]).get_indexer(pd.Index(mine["team_id"]))
    person = pd.Index(people["collaborator_id"]).get_indexer(pd.Index(mine["collaborator_id"]))
    both = (gap >= 0) & (person >= 0)
    free[gap[both], person[both]] = False
    return free


def _meeting(shifts: pd.DataFrame, spans: pd.DataFrame, people: pd.DataFrame) -> tuple[Any, Any, Any]:
    """Where people's intervals share time with open shifts: places of gap and person, and the hours shared."""
    one, other = overlaps(micros(shifts["start"]), micros(shifts["end"]), micros(spans["start"]), micros(spans["end"]))
    shared = np.minimum(micros(shifts["end"])[one], micros(spans["end"])[other])
    shared = shared - np.maximum(micros(shifts["start"])[one], micros(spans["start"])[other])
    person = pd.Index(people["collaborator_id"]).get_indexer(spans["collaborator_id"])[other]
    known = person >= 0
    return shifts["gap"].to_numpy()[one][known], person[known], shared[known] / HOUR


def _said(shifts: pd.DataFrame, spans: pd.DataFrame, people: pd.DataFrame, shape: tuple[int, ...]) -> Any:
    """Hours of each gap's shifts that lie in a person's intervals, each hour once."""
    hours = np.zeros(shape)
    gap, person, shared = _meeting(shifts, _united(spans), people)
    np.add.at(hours, (gap, person), shared)
    return hours


def _united(spans: pd.DataFrame) -> pd.DataFrame:
    """Each person's intervals as ones that do not overlap."""
    told = spans.sort_values(["collaborator_id", "start"])[["collaborator_id", "start", "end"]]
    until = told.groupby("collaborator_id")["end"].cummax().groupby(told["collaborator_id"]).shift()
    run = (~(told["start"] <= until)).cumsum()
    return told.groupby(run).agg({"collaborator_id": "first", "start": "min", "end": "max"}).reset_index(drop=True)


def _experience(some: Chosen, open_: pd.DataFrame, people: pd.DataFrame) -> Any:
    """How often each person has a counting enrolment in a team with the gap's function."""
    known = some.frames["teams"].drop_duplicates("team_id").set_index("team_id")["function"]
    function = some.counting["team_id"].map(known)
    kinds = pd.Index(open_["function"].unique())
    at, who = kinds.get_indexer(function), pd.Index(people["collaborator_id"]).get_indexer(some.counting["collaborator_id"])
    times = np.zeros((len(kinds), len(people)), dtype=np.int64)
    both = (at >= 0) & (who >= 0) & function.notna().to_numpy()
    np.add.at(times, (at[both], who[both]), 1)
    return times[kinds.get_indexer(open_["function"])]
