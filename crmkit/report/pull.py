"""What the demo reads: all five systems, the frames of their topics, and the receipts to prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.demo.clock import NOW
from crmkit.receipts import Receipt, receipt
from crmkit.report.parts import Table
from crmkit.topics import attendance, coverage, pipelines, segments

if TYPE_CHECKING:
    from crmkit.demo import Demo

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class System:
    """What was read of one CRM.

    name: as its vendor writes it. frames: by fetcher name. topics: by topic, the neutral frames that the topic's load() made.
    """

    name: str
    frames: Frames
    topics: Mapping[str, dict[str, pd.DataFrame]] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """Lines of all frames."""
        return sum(len(frame) for frame in self.frames.values())

    @property
    def calls(self) -> int:
        """Pages of all frames; each was one call."""
        return sum(receipt(frame).pages for frame in self.frames.values())

    @property
    def complete(self) -> int:
        """How many frames are proven complete."""
        return sum(receipt(frame).complete is True for frame in self.frames.values())


@dataclass(frozen=True)
class Pull:
    """All systems, by CRM as clients are named in lower case; today: the day the organisation's clock shows."""

    systems: Mapping[str, System]
    today: pd.Timestamp


def from_demo(demo: Demo, before: Callable[[str], object] = str, after: Callable[[System], object] = repr) -> Pull:
    """Read the demo's systems, one after the other; before is told the name of each, after what was read. Raises what a fetcher raises."""
    found = {}
    for crm, read in READS.items():
        before(NAMES[crm])
        found[crm] = read(demo)
        after(found[crm])
    return Pull(found, pd.Timestamp(demo.today))


def peepl(demo: Demo) -> System:
    """Contacts with their groups, activities with everybody's answer, the segments of contacts, and the lists beside them."""
    client = demo.peepl()
    frames = _read(client, "contacts", "organisations", "groups", "combinations", "activities", "news", "files", "pictures")
    names = _segment_names(demo)
    frames["contact_positions"] = client.contact_positions(frames["contacts"]["id"])
    frames["attendance"] = client.attendance(frames["activities"]["id"])
    frames["segment_contacts"] = client.segment_contacts([*names])
    topics = {
        "attendance": attendance.load(client, groups=True, now=NOW),
        "segments": segments.load(client, segments=names, today=demo.today),
    }
    return System(client.crm, frames, topics)


def _segment_names(demo: Demo) -> dict[int, str]:
    """Number and name of each segment of contacts. Peepl lists none and names none; the demo's truth stands for its screen."""
    known = demo.truth["segments"].query("crm == 'peepl' and object_type == 'contacts'").drop_duplicates("segment_id")
    return dict(zip(known["segment_id"].astype("int64"), known["name"], strict=True))


def beeple(demo: Demo) -> System:
    """Projects and their teams, everybody on the list of collaborators, and what they enrolled for."""
    client = demo.beeple()
    frames = _read(client, "projects", "functions", "collaborator_list")
    people, projects = frames["collaborator_list"], frames["projects"]
    frames["subprojects"] = client.subprojects(projects.loc[projects["subprojects_enabled"].fillna(False), "id"])
    frames["project_teams"] = client.project_teams(projects["id"])
    frames["subproject_teams"] = client.subproject_teams(frames["subprojects"]["id"])
    frames["collaborator_enrolments"] = client.collaborator_enrolments(people["id"], statuses=["confirmed", "unknown"])
    return System(client.crm, frames, {"coverage": coverage.load(client, collaborators=people, availability=False, now=NOW)})


def sheepcrm(demo: Demo) -> System:
    """Events in every state with who is expected and came, and the segments."""
    client = demo.sheepcrm()
    frames = {"events": client.events(state="all"), **_read(client, "segments_all", "fieldsets")}
    frames["attendance"] = client.attendance(frames["events"]["uid"])
    return System(client.crm, frames, {"attendance": attendance.load(client, tickets=False, now=NOW)})


def missionhub(demo: Demo) -> System:
    """People and organizations; labels, statuses and survey answers of the organization with most people."""
    client = demo.missionhub()
    frames = _read(client, "people", "organizations")
    each = [segments.load(client, organization=one, today=demo.today) for one in frames["organizations"]["id"]]
    return System(client.crm, frames, {"segments": max(each, key=lambda loaded: len(loaded["people"]))})


def onepagecrm(demo: Demo) -> System:
    """Contacts, companies and deals, and the lists that give them their words."""
    client = demo.onepagecrm()
    frames = _read(client, "contacts", "companies", "deals", "pipelines", "users", "statuses", "lead_sources")
    return System(client.crm, frames, {"pipelines": pipelines.load(client, today=demo.today)})


READS: dict[str, Callable[[Demo], System]] = {
    "peepl": peepl,
    "beeple": beeple,
    "sheepcrm": sheepcrm,
    "missionhub": missionhub,
    "onepagecrm": onepagecrm,
}
NAMES = {"peepl": "Peepl", "beeple": "Beeple", "sheepcrm": "sheepCRM", "missionhub": "MissionHub", "onepagecrm": "OnePageCRM"}


def _read(client: Any, *names: str) -> dict[str, pd.DataFrame]:
    """What the fetchers of these names give when they are called without arguments."""
    return {name: getattr(client, name)() for name in names}


def receipts(pull: Pull) -> list[Table]:
    """A table of receipts for each system."""
    return [proofs(system) for system in pull.systems.values()]


def proofs(system: System) -> Table:
    """One line per table: how many records, how many were declared, how they came, and whether they are all there."""
    proven = {name: receipt(frame) for name, frame in system.frames.items()}
    lines = [
        {
            "table": name,
            "records": proof.records,
            "declared": proof.declared_total,
            "pages": proof.pages,
            "duplicates": proof.duplicates,
            "verdict": proof.verdict,
        }
        for name, proof in proven.items()
    ]
    frame = pd.DataFrame(lines).astype({"records": "Int64", "declared": "Int64", "pages": "Int64", "duplicates": "Int64"})
    notes = [f"{name}: {remark}." for name, proof in proven.items() for remark in _remarks(proof)]
    return Table(system.name, frame, "\n".join(notes))


def _remarks(proof: Receipt) -> Iterator[str]:
    yield from (*proof.drift, *proof.problems)
    for column, count in proof.rejected_values.items():
        yield f"{count:,} values of {column} do not fit its type and are kept as text"
    if proof.unknown_fields:
        yield f"fields that no document names: {', '.join(proof.unknown_fields)}"
