"""The systems beside Peepl: what the demo reads of each, and the frames of the topic that it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.topics import coverage, pipelines

if TYPE_CHECKING:
    from crmkit import Beeple, MissionHub, OnePageCRM, SheepCRM

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class System:
    """What was read of one CRM.

    name: as its vendor writes it. frames: by fetcher name. topic: the neutral frames of the topic that only this CRM tells (shift
    coverage, deal pipelines); empty for the others.
    """

    name: str
    frames: Frames
    topic: Frames = field(default_factory=dict)


def beeple(client: Beeple, today: date) -> System:
    """Projects and their teams, everybody on the list of collaborators, and what they enrolled for."""
    projects, people = client.projects(), client.collaborator_list()
    subprojects = client.subprojects(projects.loc[projects["subprojects_enabled"].fillna(False), "id"])
    frames = {
        "projects": projects,
        "subprojects": subprojects,
        "project_teams": client.project_teams(projects["id"]),
        "subproject_teams": client.subproject_teams(subprojects["id"]),
        "functions": client.functions(),
        "collaborator_list": people,
        "collaborator_enrolments": client.collaborator_enrolments(people["id"], statuses=["confirmed", "unknown"]),
    }
    return System(client.crm, frames, coverage.load(client, collaborators=people, availability=False))


def sheepcrm(client: SheepCRM, today: date) -> System:
    """Events in every state with who is expected and came, segments, and the fields of forms."""
    events = client.events(state="all")
    frames = {
        "events": events,
        "attendance": client.attendance(events["uid"]),
        "segments_all": client.segments_all(),
        "fieldsets": client.fieldsets(),
    }
    return System(client.crm, frames)


def missionhub(client: MissionHub, today: date) -> System:
    """People and the organizations they belong to."""
    return System(client.crm, {"people": client.people(), "organizations": client.organizations()})


def onepagecrm(client: OnePageCRM, today: date) -> System:
    """Contacts, companies and deals, and the lists that give them their words."""
    lists = ("contacts", "companies", "deals", "pipelines", "users", "statuses", "lead_sources")
    frames = {name: getattr(client, name)() for name in lists}
    return System(client.crm, frames, pipelines.load(client, today=today))


READS: Mapping[str, Callable[..., System]] = {
    "beeple": beeple,
    "sheepcrm": sheepcrm,
    "missionhub": missionhub,
    "onepagecrm": onepagecrm,
}
