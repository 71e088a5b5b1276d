"""From a connected client to neutral frames of segments, their members, and everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import unknown_name
from crmkit.receipts import receipt
from crmkit.topics.checked import checked
from crmkit.topics.replay import loads
from crmkit.topics.shapes import as_day

if TYPE_CHECKING:
    from crmkit.client import Client

READERS = {name: f"crmkit.topics.segments.from_{name.lower()}" for name in ("Peepl", "SheepCRM", "MissionHub", "OnePageCRM")}


@loads("segments")
def load(
    client: Client, *, today: Any = None, refresh: bool = False, allow_partial: bool = False, **what: Any
) -> dict[str, pd.DataFrame]:
    """Segments, their members and everybody, as typed frames that name no CRM. One call looks at one kind of record.

    Parameters
    client: a connected Peepl, SheepCRM, MissionHub or OnePageCRM. today: the day that ages count to (date, Timestamp, ISO text); by
    default the day (UTC) of the newest answer, so what is read from the cache is judged by its own day. refresh, allow_partial: as for
    every fetcher. what: which segments, by CRM; all values are plain, so that a call can be written down.

    Peepl: segments, a list of numbers from the Peepl screen, or a dict number -> name (no call lists segments or names them);
    groups, combinations, functions: True for all, or a list of numbers (default: all groups, where nothing is named);
    object_type "contacts" (default) or "organisations"; on: members of groups, combinations and functions on this day instead of now
    (segments are of now, whatever the day); history=True: read every position, a call per person, for membership over time,
    member_since and active; activity=True: add how people answered invitations, three calls per activity.
    SheepCRM: segments, a list of uids or names (default: all in use that hold people, and the folders that group them); everybody: the uid or name of the segment that
    holds all people (default: those in any segment read, since no call lists people); object_type "person" (default) or
    "organisation"; memberships: the uid or name of a segment of memberships, for member_since and active, and for the frame terms.
    MissionHub: organization, an id (default: the client's); kinds, a list of label, status, answer, group, permission, assigned,
    interaction (default: the first three; interaction types are sensitive and come only if asked for); answers: numbers of the
    questions to use (default: those with at most most_answers, 12, different answers, each by two people on average); include_archived.
    OnePageCRM: kinds, a list of filter, tag, status, lead_source (default: all).

    Returns a dict of DataFrames
    segments: segment_id (string, unique: kind and the CRM's own id), name (string, unique), kind, source_id (string, the CRM's own id),
    parent_id (string, the segment_id above, for groups and sheepCRM segments, of these the nearest that was read), declared_size (Int64: what the CRM itself says).
    members: segment_id, person_id, object_type (string); each person once per segment; a segment without members has no line here.
    people: everybody, a line each: person_id, object_type, birth_date, gender, language, city, postal_code, country, member_since,
    active, status, created, changed, and what else the CRM knows; missing where it does not. No names, no addresses of people.
    history: segment_id, person_id, object_type, start, end (datetime64[us], end missing while it lasts); empty unless the CRM knows.
    terms: only of SheepCRM with memberships, a line per membership record, for active(), lapsed(), retention(), fees(): term_id,
    person_id (the URIs of the record and its member), plan, next_plan (URIs of membership_type and next_membership_type),
    plan_type, status (string), start, end, cancelled (datetime64[us], days), dated (boolean: a start, no end before it, no
    unreadable date), renewed (boolean), amount (float64), currency, period (string), paid (boolean), linked (list of URIs of people
    it also covers).

    Each frame carries a receipt that is as incomplete as the worst fetch behind it. Membership is that of now: only Peepl's groups,
    combinations and functions know the past; elsewhere keep what load() gave on two days and use moved(). Raises ParameterError for a
    client of another CRM and for a word it does not take; else what the fetchers raise.
    Source: Peepl, sheepCRM and MissionHub sheets, section 6; OnePageCRM sheet, sections 3 and 4.
    """
    name = next((one.__name__ for one in type(client).__mro__ if one.__name__ in READERS), "")
    if not name:
        known = ", ".join(READERS)
        raise ParameterError(
            f"segments are read from {known}; this is a {type(client).__name__}.", hint="Beeple has no segments."
        )
    read: Callable[..., dict[str, pd.DataFrame]] = checked(import_module(READERS[name]).read)
    takes = list(signature(read).parameters)[3:]
    for word in what:
        if word not in takes:
            raise unknown_name(word, takes, f"segments.load() of {name}")
    asked: Mapping[str, Any] = {"refresh": refresh, "allow_partial": allow_partial}
    return read(client, asked, None if today is None else as_day(today), **what)


def newest_day(*frames: pd.DataFrame) -> pd.Timestamp | None:
    """The day (UTC) of the newest answer behind some frames."""
    found = [proof.newest for proof in map(receipt, frames) if proof.newest]
    return pd.Timestamp(max(found)).normalize() if found else None
