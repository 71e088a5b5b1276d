"""From a connected client to the neutral frames of shift coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.children import child
from crmkit.errors import ParameterError
from crmkit.params import check_order, existing_zone, listed, timestamp
from crmkit.receipts import ATTRS, receipt
from crmkit.topics.coverage import neutral
from crmkit.topics.coverage.choose import instant
from crmkit.topics.coverage.proof import doubted
from crmkit.topics.coverage.shapes import AVAILABILITY, COLLABORATOR, SCAN, typed
from crmkit.topics.lineage import carried
from crmkit.topics.replay import loads
from crmkit.topics.shapes import Names

if TYPE_CHECKING:
    from crmkit.crms.beeple import Beeple

ZONE = "Europe/Brussels"
LIST = "list"
ONE_DAY = timedelta(days=1)


@loads("coverage")
def load(
    client: Beeple,
    *,
    collaborators: Names | pd.DataFrame = None,
    projects: Names | pd.DataFrame = None,
    start: Any = None,
    end: Any = None,
    zone: str = ZONE,
    ids_complete: bool = False,
    availability: bool = True,
    now: Any = None,
    refresh: bool = False,
    allow_partial: bool = False,
) -> dict[str, pd.DataFrame]:
    """Who is needed where and when, who enrolled, and when people say they can, as typed frames that name no CRM.

    Beeple tells the whole demand, but enrolments only person by person, and has no documented list of persons: so n in every table is
    a lower bound and every gap an upper bound, unless the numbers given are those of everybody.

    Parameters
    client: a connected crmkit.Beeple. collaborators: whom to ask about: a list or Series of numbers, or a DataFrame with the column
    id or collaborator_id (and name, blocked); "list" asks an undocumented list of collaborators, which may not be offered; [] for
    demand alone. projects: numbers of the projects to read, all if not given. start, end: first and last day, both included (date,
    Timestamp or ISO text), in the zone: projects and subprojects whose days lie outside (by more than a day) are not asked for
    teams; teams, shifts and enrolments are those that touch the period. zone: the tenant's, an IANA name. ids_complete: your claim
    that collaborators are all there are. availability: also read when people can and cannot work, from start to end, or where these
    are not given over the days of the shifts. now: the moment that is written as fetched_at and that worked() and presence() judge by
    (date, Timestamp, ISO text; local where it names no zone); by default that of the oldest answer about people. Give it where tables
    must not depend on when they were made, as on the demo. refresh, allow_partial: as for every fetcher.

    Cost: a call per project, two or more per subproject, at least three per collaborator (two passes of enrolments, by status
    and without, and the availability).

    Returns a dict of DataFrames
    projects: project_id, project, first_day, last_day, published, split (whether it has subprojects).
    teams: a line per team: ids and names of team, project, subproject and function, needed (Int64, people for every shift), published,
    by_application, listed. listed is False for a team that is only known from an enrolment: of a deleted or hidden project, or of one
    that was not asked for. shifts: team_id, shift (place in the team), start, end (UTC), break_duration.
    enrolments: enrolment_id, collaborator_id, team_id, status ("confirmed" or "unknown"; the API filters by status but does not tell
    it), cancelled, checks_in, arrived, left (UTC, from wall-clock times). collaborators: collaborator_id, name, blocked (missing
    unless a list told). availability: a line per day of each availability: type_id, day, start, end (UTC), whole_day, approved.
    differences: teams that look otherwise inside enrolments (the list wins). scan: one line: collaborators_scanned, ids_complete,
    status_source, fetched_at (of the oldest answer about people, or now), zone, all_projects, first_day, last_day.

    Every frame carries a receipt as incomplete as the worst fetch behind it. Raises ParameterError for another CRM's client, without
    collaborators, or for a project that is not listed; else what the fetchers raise.
    Source: Beeple contract sheet, sections 3.1, 4, 6.1 and 6.2.
    """
    if getattr(client, "crm", None) != "Beeple":
        raise ParameterError("shift coverage is read from Beeple.", hint="pass a crmkit.Beeple client.")
    if collaborators is None:
        raise ParameterError(
            "collaborators is missing: Beeple has no documented list of them.",
            hint="give their numbers, or collaborators='list' to ask an undocumented list, or [] for the demand alone.",
        )
    if isinstance(collaborators, str) and collaborators != LIST and not collaborators.isdecimal():
        raise ParameterError("collaborators takes numbers, or 'list'.", hint="collaborators='list' asks an undocumented list.")
    check_order({"start": start, "end": end}, "start", "end")
    asked = {"refresh": refresh, "allow_partial": allow_partial}
    reading = Reading(
        client, _day(start, "start"), _day(end, "end"), existing_zone(zone), asked, None if now is None else instant(now, zone)
    )
    people = reading.people(collaborators)
    planned = reading.planned(projects)
    ids = people["collaborator_id"].tolist()
    signed = reading.enrolments(ids)
    frames = neutral.within(neutral.assembled(planned, signed, people), *reading.moments)
    shifts = frames["shifts"]
    frames["availability"] = reading.availability(ids if availability else [], shifts["start"], shifts["end"])
    frames["scan"] = reading.scan(signed if ids else planned.teams, ids, ids_complete, projects is None)
    if not ids_complete:
        for name in ("enrolments", "collaborators", "availability", "differences", "scan"):
            doubted(frames[name])
    return frames


@dataclass(frozen=True)
class Reading:
    """The calls of one load(): what is asked of which endpoint. start, end: days or None."""

    client: Beeple
    start: date | None
    end: date | None
    zone: str
    asked: Mapping[str, Any]
    now: pd.Timestamp | None = None

    @property
    def moments(self) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
        """The period as moments: the first day's midnight and the one after the last day; None where it is open."""
        last = None if self.end is None else self.end + ONE_DAY
        since, until = (None if day is None else pd.Timestamp(day, tz=self.zone) for day in (self.start, last))
        return since, until

    def people(self, given: Any) -> pd.DataFrame:
        """The collaborators to ask about, each once."""
        if isinstance(given, str) and given == LIST:
            given = self.client.collaborator_list(**self.asked)
        if not isinstance(given, pd.DataFrame):
            given = pd.DataFrame({"collaborator_id": [str(one) for one in listed(given)]})
        found = given.rename(columns={"id": "collaborator_id"}) if "collaborator_id" not in given else given
        if "collaborator_id" not in found:
            raise ParameterError("collaborators takes numbers, or a frame with the column id or collaborator_id.")
        known = typed(found, COLLABORATOR).dropna(subset=["collaborator_id"]).drop_duplicates("collaborator_id")
        return carried(known.reset_index(drop=True), [given])

    def planned(self, wanted: Any) -> neutral.Planned:
        """Projects, and the teams of those that are wanted and touch the period."""
        projects = self.client.projects(**self.asked)
        if wanted is not None:
            ids = wanted["id"] if isinstance(wanted, pd.DataFrame) and "id" in wanted else wanted
            asked = [str(one) for one in listed(ids)]
            if unknown := set(asked) - set(projects["id"]):
                raise ParameterError(f"there is no project {', '.join(sorted(unknown))} among those that the key may see.")
            projects = projects[projects["id"].isin(asked)]
        near = self._near(projects)
        split = near[near["subprojects_enabled"].fillna(False)]
        subprojects = self.client.subprojects(split["id"].tolist(), **self.asked)
        parts = self._near(subprojects)
        return neutral.Planned(
            projects,
            subprojects,
            self.client.project_teams(near["id"].tolist(), **self.asked),
            self.client.subproject_teams(parts["id"].tolist(), **self.asked),
        )

    def _near(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Those whose days touch the period, a day wider; without days nothing is left out."""
        keep = pd.Series(True, index=frame.index)
        if self.start is not None:
            keep &= ~(frame["end_date"] < pd.Timestamp(self.start - ONE_DAY))
        if self.end is not None:
            keep &= ~(frame["start_date"] > pd.Timestamp(self.end + ONE_DAY))
        return frame[keep]

    def enrolments(self, ids: list[str]) -> pd.DataFrame:
        """All enrolments of these people, labelled by the pass they came in."""
        return self.client.collaborator_enrolments(
            ids,
            statuses=["confirmed", "unknown"],
            period_start_at=self.start,
            period_end_at=self.end,
            zone=self.zone,
            **self.asked,
        )

    def availability(self, ids: list[str], starts: pd.Series[Any], ends: pd.Series[Any]) -> pd.DataFrame:
        """A line per day of each availability of these people."""
        first = self.start or (None if starts.isna().all() else starts.min().tz_convert(self.zone).date())
        last = self.end or (None if ends.isna().all() else ends.max().tz_convert(self.zone).date())
        if not ids or first is None or last is None:
            return typed({}, AVAILABILITY)
        said = self.client.availabilities(ids, start=first, end=max(first, last), zone=self.zone, **self.asked)
        spans = child(said, "intervals")
        lengths = [len(one) if isinstance(one, list) else 0 for one in said["intervals"]]
        owner = said.loc[said.index.repeat(lengths)].reset_index(drop=True)
        columns = {
            "collaborator_id": owner["collaborator_id"],
            "availability_id": owner["id"],
            "type_id": owner["availability_type_id"],
            "whole_day": owner["whole_day"],
            "approved": owner["is_approved"],
            **{name: spans[name] for name in ("day", "start", "end")},
        }
        return carried(typed(columns, AVAILABILITY), [said])

    def scan(self, asked: pd.DataFrame, ids: list[str], complete: bool, everything: bool) -> pd.DataFrame:
        """What was looked at, in one line."""
        known = asked.attrs.get(ATTRS)
        oldest = receipt(asked).oldest if known else None
        line = {
            "collaborators_scanned": len(ids),
            "ids_complete": complete,
            "status_source": neutral.status_source(asked) if ids else "confirmed",
            "fetched_at": oldest if self.now is None else self.now,
            "zone": self.zone,
            "all_projects": everything,
            "first_day": self.start,
            "last_day": self.end,
        }
        return carried(typed([line], SCAN), [asked])


def _day(value: Any, name: str) -> date | None:
    return None if value is None else timestamp(value, name).date()
