"""Beeple's frames as neutral ones: pure functions, frame to frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit.children import child
from crmkit.receipts import receipt
from crmkit.topics.coverage.shapes import COLLABORATOR, DIFFERENCE, ENROLMENT, PROJECT, SHIFT, TEAM, TEXT, typed
from crmkit.topics.lineage import carried

CONFIRMED, NOT_CANCELLED = "confirmed", "not_cancelled"
IGNORED, REJECTED = f"{NOT_CANCELLED}: filter ignored", f"{NOT_CANCELLED}: filter rejected"


@dataclass(frozen=True)
class Planned:
    """The planning as Beeple lists it: projects, subprojects, teams of projects, teams of subprojects."""

    projects: pd.DataFrame
    subprojects: pd.DataFrame
    of_projects: pd.DataFrame
    of_subprojects: pd.DataFrame

    @property
    def teams(self) -> pd.DataFrame:
        """Both lists as one; a team in both is taken from its subproject, which the other list does not name."""
        parents = self.subprojects.set_index("id")["project_id"]
        below = self.of_subprojects.assign(project_id=self.of_subprojects["subproject_id"].map(parents).astype(TEXT))
        both = pd.concat([below, self.of_projects], ignore_index=True).drop_duplicates("id")
        return carried(both.reset_index(drop=True), self.sources)

    @property
    def sources(self) -> list[pd.DataFrame]:
        """The frames with receipts."""
        return [self.projects, self.subprojects, self.of_projects, self.of_subprojects]


def assembled(planned: Planned, signed: pd.DataFrame, people: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The neutral frames but availability and scan."""
    teams, shifts = _teams(planned), _shifts_of(planned.of_subprojects, planned.of_projects)
    inner = signed.dropna(subset=["team_id"]).drop_duplicates("team_id")
    embedded, their_shifts = _embedded(inner), _embedded_shifts(inner)
    strange = embedded[~embedded["team_id"].isin(teams["team_id"])]
    more = their_shifts[their_shifts["team_id"].isin(strange["team_id"])]
    return {
        "projects": carried(_projects(planned.projects), [planned.projects]),
        "teams": carried(_joined(teams, strange, TEAM), planned.sources),
        "shifts": carried(_joined(shifts, more, SHIFT), planned.sources),
        "enrolments": carried(_enrolments(signed), [signed]),
        "collaborators": carried(_people(people, signed), [people, signed]),
        "differences": carried(differences(teams, shifts, embedded, their_shifts), [*planned.sources, signed]),
    }


def within(frames: dict[str, pd.DataFrame], since: pd.Timestamp | None, until: pd.Timestamp | None) -> dict[str, pd.DataFrame]:
    """The frames without the shifts outside a period, of whose teams enrolments were not asked, and without teams that had no other."""
    shifts, teams = frames["shifts"], frames["teams"]
    outside = pd.Series(False, index=shifts.index)
    if since is not None:
        outside |= shifts["end"] <= since
    if until is not None:
        outside |= shifts["start"] >= until
    kept = shifts[~outside]
    gone = set(shifts.loc[outside, "team_id"]) - set(kept["team_id"])
    left = teams[~teams["team_id"].isin(gone)]
    return {**frames, "shifts": kept.reset_index(drop=True), "teams": left.reset_index(drop=True)}


def status_source(signed: pd.DataFrame) -> str:
    """By what enrolments can be counted: their status, or only whether they are cancelled.

    A server that ignores the filter gives every enrolment as confirmed; one that rejects it gives none, and the receipt says so.
    """
    if any("rejected the status" in line for line in receipt(signed).problems):
        return REJECTED
    return IGNORED if len(signed) and (signed["status"] == CONFIRMED).all() else CONFIRMED


def differences(teams: pd.DataFrame, shifts: pd.DataFrame, embedded: pd.DataFrame, their_shifts: pd.DataFrame) -> pd.DataFrame:
    """Listed teams that look otherwise inside enrolments, in people needed or in shifts: team_id, what, listed, embedded (string)."""
    both = teams.merge(embedded, on="team_id", suffixes=("", "_inside"))
    pairs = both[["team_id", "needed", "needed_inside"]].astype(TEXT).set_axis(["team_id", "listed", "embedded"], axis=1)
    shared = both[["team_id"]]
    times = pd.DataFrame({"listed": _times(shared, shifts), "embedded": _times(shared, their_shifts)}).reset_index(
        names="team_id"
    )
    both_kinds = pd.concat([pairs.assign(what="needed"), times.assign(what="shifts")], ignore_index=True)
    other = both_kinds["listed"].fillna("") != both_kinds["embedded"].fillna("")
    return typed(both_kinds[other], DIFFERENCE)


def _times(teams: pd.DataFrame, shifts: pd.DataFrame) -> pd.Series[Any]:
    """The shifts of each team as one text, in order."""
    mine = shifts[shifts["team_id"].isin(teams["team_id"])].sort_values(["team_id", "start", "end"])
    text = mine["start"].dt.strftime("%Y-%m-%dT%H:%MZ") + "/" + mine["end"].dt.strftime("%Y-%m-%dT%H:%MZ")
    times: pd.Series[Any] = text.fillna("unreadable").groupby(mine["team_id"]).agg(", ".join)
    return times


def _projects(frame: pd.DataFrame) -> pd.DataFrame:
    names = {
        "id": "project_id",
        "name": "project",
        "start_date": "first_day",
        "end_date": "last_day",
        "subprojects_enabled": "split",
    }
    return typed(frame.rename(columns=names), PROJECT)


def _teams(planned: Planned) -> pd.DataFrame:
    found = planned.teams
    projects = planned.projects.set_index("id")["name"]
    parts = planned.subprojects.drop_duplicates("id").set_index("id")["name"]
    columns = {
        **_team_columns(found, ""),
        "team_id": found["id"],
        "project_id": found["project_id"],
        "project": found["project_id"].map(projects),
        "subproject_id": found["subproject_id"],
        "subproject": found["subproject_id"].map(parts),
        "listed": pd.Series(True, index=found.index),
    }
    return typed(columns, TEAM)


def _embedded(inner: pd.DataFrame) -> pd.DataFrame:
    columns = {**_team_columns(inner, "team."), "team_id": inner["team_id"], "listed": pd.Series(False, index=inner.index)}
    return typed(columns, TEAM)


def _team_columns(frame: pd.DataFrame, prefix: str) -> dict[str, pd.Series[Any]]:
    return {
        "team": frame[f"{prefix}name"],
        "function_id": frame[f"{prefix}function.id"],
        "function": frame[f"{prefix}function.name"],
        "needed": frame[f"{prefix}volunteers_needed"],
        "published": frame[f"{prefix}published"],
        "by_application": frame[f"{prefix}registrations_via_application"],
    }


def _shifts_of(*lists: pd.DataFrame) -> pd.DataFrame:
    """The shifts of listed teams; those of a team in both lists are taken from the first."""
    kept: list[pd.DataFrame] = []
    known: set[str] = set()
    for teams in lists:
        opened = child(teams.drop_duplicates("id"), "shifts_attributes")
        kept.append(opened[~opened["team_id"].isin(known)])
        known |= set(teams["id"])
    return _shifts(pd.concat(kept, ignore_index=True))


def _embedded_shifts(inner: pd.DataFrame) -> pd.DataFrame:
    opened = child(inner, "team.shifts_attributes")
    teams = inner.set_index("id")["team_id"]
    return _shifts(opened.assign(team_id=opened["enrolment_id"].map(teams)))


def _shifts(opened: pd.DataFrame) -> pd.DataFrame:
    return typed(opened.rename(columns={"position": "shift", "start_datetime": "start", "end_datetime": "end"}), SHIFT)


def _enrolments(signed: pd.DataFrame) -> pd.DataFrame:
    names = {"id": "enrolment_id", "blip_management": "checks_in", "blip.in_at.utc": "arrived", "blip.out_at.utc": "left"}
    known = signed.drop_duplicates("id") if signed["id"].notna().all() else signed
    return typed(known.rename(columns=names), ENROLMENT)


def _people(people: pd.DataFrame, signed: pd.DataFrame) -> pd.DataFrame:
    """Those asked about; a name that nobody gave is taken from their enrolments."""
    inside = signed.dropna(subset=["collaborator.name"]).drop_duplicates("collaborator_id")
    names = inside.set_index("collaborator_id")["collaborator.name"]
    told = people["name"].fillna(people["collaborator_id"].map(names).astype(TEXT))
    return typed(people.assign(name=told), COLLABORATOR)


def _joined(one: pd.DataFrame, other: pd.DataFrame, shape: Any) -> pd.DataFrame:
    return typed(pd.concat([pd.DataFrame(one), pd.DataFrame(other)], ignore_index=True), shape)
