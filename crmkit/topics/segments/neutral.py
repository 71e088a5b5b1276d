"""The neutral frames of this topic: their columns, and how a set of them is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import chain
from typing import Any, TypeAlias

import pandas as pd

from crmkit.columns import DTYPES
from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS
from crmkit.topics.arrays import among
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, as_day, known_words, one_of, typed, wanted

Frames: TypeAlias = Mapping[str, pd.DataFrame]

DAY, INSTANT = DTYPES["day"], DTYPES["instant"]
SEGMENTS: Dtypes = {
    "segment_id": "string",
    "name": "string",
    "kind": "string",
    "source_id": "string",
    "parent_id": "string",
    "declared_size": "Int64",
}
MEMBERS: Dtypes = {"segment_id": "string", "person_id": "string", "object_type": "string"}
PEOPLE: Dtypes = {
    "person_id": "string",
    "object_type": "string",
    "birth_date": DAY,
    "gender": "string",
    "language": "string",
    "city": "string",
    "postal_code": "string",
    "country": "string",
    "member_since": DAY,
    "active": "boolean",
    "status": "string",
    "created": INSTANT,
    "changed": INSTANT,
}
HISTORY: Dtypes = {"segment_id": "string", "person_id": "string", "object_type": "string", "start": DAY, "end": DAY}
NONE_ID = "none"
KINDS = {
    "Peepl": ("segment", "group", "combination", "function"),
    "SheepCRM": ("segment", "folder"),
    "MissionHub": ("label", "status", "survey", "answer", "group", "permission", "assigned", "interaction"),
    "OnePageCRM": ("filter", "tag", "status", "lead_source"),
}


def assembled(
    segments: pd.DataFrame,
    members: pd.DataFrame,
    people: pd.DataFrame,
    history: pd.DataFrame | None = None,
    *,
    today: pd.Timestamp | None,
    sources: Iterable[pd.DataFrame] = (),
    problems: Iterable[str] = (),
    **more: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The four frames, and more that only one CRM has, as one consistent set, each with the joined receipt of all sources.

    Names that repeat get the vendor's number behind them. A member who is not among the people is added to them without attributes,
    so that everybody is everybody; how many is a line of problems.
    """
    segments = named_apart(segments).drop_duplicates("segment_id", ignore_index=True)
    members = members.drop_duplicates(["segment_id", "person_id"], ignore_index=True)
    lost = members[~among(members["person_id"], people["person_id"])].drop_duplicates("person_id")
    notes = list(problems)
    if len(lost):
        notes.append(f"{len(lost):,} members of segments are not in the list of people; they count, without attributes")
        added = typed(lost[["person_id", "object_type"]], dict(people.dtypes))
        people = pd.DataFrame(pd.concat([people, added], ignore_index=True))
    past = typed({}, HISTORY) if history is None else history
    facts: dict[str, Any] = {} if today is None else {"today": today.strftime("%Y-%m-%d")}
    found = {"segments": segments, "members": members, "people": people, "history": past, **more}
    return {name: carried(frame, sources, problems=notes, **facts) for name, frame in found.items()}


def named_apart(segments: pd.DataFrame) -> pd.DataFrame:
    """Segments with names that tell them apart: a name that repeats gets the kind, and the vendor's number where that repeats too."""
    names = segments["name"].fillna(segments["source_id"]).str.strip()
    names = names.mask(names == "", segments["source_id"])
    for mark in ("kind", "source_id"):
        again = names.str.casefold().duplicated(keep=False)
        apart = segments[mark] if mark == "source_id" else segments[mark].where(_telling(names, segments[mark]), "")
        names = names.mask(again & (apart != ""), names + " (" + apart + ")")
    return segments.assign(name=names.astype("string"))


def _telling(names: pd.Series[str], marks: pd.Series[str]) -> pd.Series[bool]:
    """Where a mark differs among the segments of one name."""
    return marks.groupby(names.str.casefold()).transform("nunique") > 1


def chosen(frames: Frames, segments: Names = None, kinds: Names = None) -> pd.DataFrame:
    """The lines of the frame segments that fit: segments by id or by name, kinds by word; None for all. In the order asked for.

    Raises ParameterError for a segment that is not there, with a did-you-mean, and for a word that is no kind; a kind that no segment is of
    gives no lines.
    """
    found = frames["segments"]
    if kinds is not None:
        known_words(wanted(kinds), frames["segments"]["kind"], chain(*KINDS.values()), "kind of segment")
        found = found[found["kind"].isin(wanted(kinds))]
    if segments is not None:
        asked = dict.fromkeys(id_of(frames, each) for each in wanted(segments))
        rows = found.set_index("segment_id", drop=False)
        found = rows.loc[[each for each in asked if each in rows.index]]
    return pd.DataFrame(found).reset_index(drop=True)


def kinds_of(crm: str, kinds: Names, usual: Iterable[str] = ()) -> list[str]:
    """The kinds of segments to read, each once: those given, else the usual ones, else all. Raises ParameterError for no such kind."""
    known = KINDS[crm]
    return [one_of(kind, known, "kinds") for kind in wanted((usual or known) if kinds is None else kinds)]


def id_of(frames: Frames, segment: str) -> str:
    """The id of a segment that is given by id or by name."""
    known = frames["segments"]
    for column in ("segment_id", "name"):
        hits = known.loc[known[column] == segment, "segment_id"]
        if len(hits):
            return str(hits.iloc[0])
    near = get_close_matches(segment, [str(name) for name in known["name"]], n=1, cutoff=0.5)
    raise ParameterError(
        f"there is no segment {segment!r}.", hint=f"did you mean {near[0]!r}?" if near else "see frames['segments']."
    )


def day_of(frames: Frames, today: Any = None) -> pd.Timestamp:
    """The day that ages and terms count to: the one given, else that of load(), else that of the newest answer (UTC).

    Raises ParameterError where none of them is known, as for frames made by hand.
    """
    return day_behind(frames["people"], today)


def day_behind(frame: pd.DataFrame, given: Any = None, name: str = "today") -> pd.Timestamp:
    """The day that a table counts to: the one given under a name, else that of one of its frames; see day_of()."""
    if given is not None:
        return as_day(given, name)
    known = frame.attrs.get(ATTRS) or {}
    found = known.get("today") or known.get("newest")
    if not found:
        raise ParameterError("these frames do not know their day.", hint=f"pass {name}=, such as '2024-06-15'.")
    return pd.Timestamp(found).normalize()
