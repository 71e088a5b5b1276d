"""What the demo reads: everything of Peepl, table by table, beside the other systems, with the receipts to prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.receipts import Receipt, receipt
from crmkit.report.parts import Table
from crmkit.report.systems import READS, System

if TYPE_CHECKING:
    from crmkit import Peepl
    from crmkit.demo import Demo

Frames = dict[str, pd.DataFrame]

LISTS = (
    "contacts",
    "organisations",
    "contact_custom_fields",
    "organisation_custom_fields",
    "groups",
    "combinations",
    "activities",
    "news",
    "folders",
    "files",
    "albums",
    "pictures",
)
# Tables that are asked for one record at a time: the fetcher, and where the numbers of those records stand.
BY_ID: Mapping[str, Callable[[Frames], Any]] = {
    "contact_addresses": lambda frames: frames["contacts"]["id"],
    "contact_positions": lambda frames: frames["contacts"]["id"],
    "organisation_addresses": lambda frames: frames["organisations"]["id"],
    "organisation_positions": lambda frames: frames["organisations"]["id"],
    "group_members": lambda frames: frames["groups"]["id"],
    "combination_members": lambda frames: frames["combinations"]["id"],
    "function_members": lambda frames: frames["combinations"]["function_id"].drop_duplicates(),
    "activity_internal": lambda frames: _of_type(frames, "internal"),
    "activity_external": lambda frames: _of_type(frames, "external"),
    "activity_sale": lambda frames: _of_type(frames, "sale"),
    "activity_announcement": lambda frames: _of_type(frames, "announcement"),
    "activity_session": lambda frames: _of_type(frames, "session"),
    "activity_attachments": lambda frames: frames["activities"]["id"],
    "news_attachments": lambda frames: frames["news"]["id"],
    "attendance": lambda frames: frames["activities"]["id"],
}


@dataclass(frozen=True)
class Pull:
    """What was read from Peepl, and from the other systems beside it.

    frames: of Peepl, by fetcher name. today: the day the organisation's clock shows. segment_names: object_type, segment_id (Int64), name;
    Peepl's calls name no segment, so whoever asks must bring them. others: by CRM, as clients are named in lower case.
    """

    frames: Mapping[str, pd.DataFrame]
    today: pd.Timestamp
    segment_names: pd.DataFrame
    others: Mapping[str, System] = field(default_factory=dict)

    @property
    def systems(self) -> list[System]:
        """All that were read, Peepl first."""
        return [System("Peepl", self.frames), *self.others.values()]


def from_demo(demo: Demo, client: Peepl) -> Pull:
    """Everything of the demo's Peepl, whose truth knows which segments there are, and the other systems: side by side, a thread each."""
    segments = demo.truth["segments"].query("crm == 'peepl'").drop_duplicates(["object_type", "segment_id"])
    segments = segments[["object_type", "segment_id", "name"]].astype({"segment_id": "Int64"}).reset_index(drop=True)
    clients = {crm: getattr(demo, crm)() for crm in READS}
    with ThreadPoolExecutor(1 + len(clients)) as threads:
        peepl = threads.submit(lambda: dict(everything(client, segments)))
        read = {crm: threads.submit(READS[crm], each, demo.today) for crm, each in clients.items()}
    others = {crm: reading.result() for crm, reading in read.items()}
    return Pull(peepl.result(), pd.Timestamp(demo.today), segments, others)


def everything(client: Peepl, segments: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Fetcher name and frame, one after the other."""
    frames: Frames = {}
    for name in LISTS:
        frames[name] = getattr(client, name)()
        yield name, frames[name]
    for name, ids in BY_ID.items():
        yield name, getattr(client, name)(ids(frames))
    for object_type, some in segments.groupby("object_type"):
        yield f"segment_{object_type}", getattr(client, f"segment_{object_type}")(some["segment_id"])


def _of_type(frames: Frames, word: str) -> Any:
    activities = frames["activities"]
    return activities.loc[activities["type"] == word, "id"]


def receipts(pull: Pull) -> list[Table]:
    """A table of receipts for each system."""
    return [proofs(system) for system in pull.systems]


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
    notes = ["Declared is the total that the server names; a list that comes in one answer has none."]
    notes += [f"{name}: {remark}." for name, proof in proven.items() for remark in _remarks(proof)]
    return Table(f"{system.name}: what was read, and is it everything?", frame, "\n".join(notes))


def _remarks(proof: Receipt) -> Iterator[str]:
    yield from (*proof.drift, *proof.problems)
    for column, count in proof.rejected_values.items():
        yield f"{count:,} values of {column} do not fit its type and are kept as text"
    if proof.unknown_fields:
        yield f"fields that no document names: {', '.join(proof.unknown_fields)}"
