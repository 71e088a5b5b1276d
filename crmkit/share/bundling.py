"""From frames to a bundle: one file that a report can be run on again, without a key and without a real person."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from crmkit.errors import ParameterError, ShapeError
from crmkit.receipts import ATTRS, holds, receipt
from crmkit.share import archive
from crmkit.share.anonymity import Described, counted
from crmkit.share.fetched_columns import by_hand, fetched
from crmkit.share.opened import Bundle, open_bundle
from crmkit.share.plain import dtypes_of, encoded, flat, needs_pyarrow
from crmkit.share.proofs import cleaned
from crmkit.share.pseudonyms import Pseudonyms, as_texts
from crmkit.share.references import LONG, Ids
from crmkit.share.slips import all_there, meets, one_account_each, place_for, right_k
from crmkit.share.titles import Known
from crmkit.share.topic_columns import SYSTEMS, TOPICS, Treatments, topic_of
from crmkit.share.treating import DESCRIBING, GONE, WORDS, Set, new_segments, person_column, said, title_of, treated
from crmkit.topics.replay import LOADED

Given: TypeAlias = "Mapping[str, pd.DataFrame | Mapping[str, pd.DataFrame]]"
KEEP_TITLES, LABEL_TITLES = "keep", "label"
PACKAGES = ("crmkit", "pandas", "pyarrow")


@dataclass
class Part:
    """One frame on its way: what it was, how its columns are treated, and what became of it."""

    name: str
    frame: pd.DataFrame
    crm: str
    treatments: Treatments
    topic: str = ""
    made: pd.DataFrame = field(default_factory=pd.DataFrame)


def bundle(
    frames: Given,
    path: str | Path,
    *,
    key: bytes,
    k: int | None = None,
    people: pd.DataFrame | None = None,
    conceal: Iterable[Any] = (),
    titles: str = KEEP_TITLES,
    leave_out: Iterable[str] = (),
    sensitivity: Mapping[str, Mapping[str, str]] | None = None,
    force: bool = False,
) -> Bundle:
    """Write a bundle: pseudonymised frames in one zip of Parquet and JSON that crmkit.share.open() reads.

    Parameters
    frames: name -> what a topic's load() gave (its dict of frames), a frame of a fetcher, or one of crmkit.child(). Names are of small
    letters, digits and _. path: ends with .crmkit.zip. key: 16 random bytes or more, kept by you alone (crmkit.share.new_key()); it is
    never written. k: refuse where fewer than k people look the same by what is left. people: who is one person in several systems, a
    frame with person, system, id (such as clusters of crmkit.clean.match); without it a person is one per system. conceal: further
    texts that name somebody (texts, Series or lists of names, mails, phones), to be looked for in titles; direct identifiers of the
    given frames are known anyway. titles: "keep", or "label" to replace every title of an event, segment, team or product.
    leave_out: columns, as "column" or "frame.column", to leave out (whom a line is about stays, as a
    pseudonym). sensitivity: frame -> column -> direct, quasi, text or none, for
    frames that nothing declares. force: replace a file.

    Columns are treated by their declared sensitivity. Direct: a label such as Person-7Q2F8K3M9A, the same for one person in all frames
    and systems; every id of a person too, so that joins keep their lines. Quasi: birth dates as decades, postal codes to two
    characters, other days shifted per person (in topics: the year alone), texts that fewer than five people share as (rare). Free text,
    nested lists and undeclared fields are dropped, the rest is kept. Lines are sorted by pseudonym.

    Sizes and overlaps of segments, attendance rates, sums of pipelines and coverage are those of the account. Profiles by age, place
    or date are of bands, and say so in their categories and in the receipts. What a reader still learns: what pseudonyms did, on which
    day; somebody who knows which events a person attended can find that line. It is still personal data, for a known audience.

    Returns the bundle, opened: .anonymity (k of each frame), .treatment (what became of each column), .digest. The same input and key
    give the same bytes. Raises ParameterError for a weak key or an odd name, ShapeError for frames without declared columns and below
    k; nothing is written then.
    """
    needs_pyarrow()
    place = place_for(path, force)
    if titles not in (KEEP_TITLES, LABEL_TITLES):
        raise ParameterError(f"titles is no {titles!r}.", hint="it is 'keep' or 'label'.")
    right_k(k)
    labels = Pseudonyms(key, people)
    leaving = {leave_out} if isinstance(leave_out, str) else set(leave_out)
    parts = _parts(frames, sensitivity or {})
    all_there(parts, leaving, sensitivity or {})
    one_account_each(parts)
    meets(people, parts)
    known = _named(parts, conceal)
    ids = {crm: _ids(part for part in parts if part.crm == crm) for crm in {part.crm for part in parts}}
    known.add(one for found in ids.values() for one in found.people)
    named = {one for values, treatment in _columns(parts) if treatment in ("person", "ref") for one in as_texts(values.unique())}
    for name in {part.name.partition(".")[0] for part in parts}:
        mine = [part for part in parts if part.name.partition(".")[0] == name]
        of = Set(labels, mine[0].crm.casefold(), known, ids[mine[0].crm], titles == LABEL_TITLES)
        _treat(mine, of, leaving)
    anonymity = counted(_described(part) for part in parts)
    _refuse_below(k, anonymity)
    receipts = {part.name: _receipt(part, cleaned(part.frame.attrs, labels, known, named)) for part in parts}
    archive.write(place, _members(parts, anonymity, receipts))
    return open_bundle(place)


def _parts(frames: Given, sensitivity: Mapping[str, Mapping[str, str]]) -> list[Part]:
    if not frames:
        raise ParameterError("there is nothing to bundle.", hint='crmkit.share.bundle({"segments": loaded}, ...)')
    parts: list[Part] = []
    for name, given in frames.items():
        if not title_of(str(name)):
            raise ParameterError("names of frames are of small letters, digits and _.", hint='such as "contacts".')
        if isinstance(given, pd.DataFrame):
            parts.append(_single(name, given, sensitivity.get(name)))
        else:
            parts += _topic(name, given)
    return parts


def _single(name: str, frame: pd.DataFrame, told: Mapping[str, str] | None) -> Part:
    if told is not None:
        if strange := set(told.values()) - {"direct", "quasi", "text", "none"}:
            raise ParameterError(f"no sensitivity {sorted(strange)[0]!r}.", hint="it is direct, quasi, text or none.")
        return Part(name, frame, str((frame.attrs.get(ATTRS) or {}).get("crm", "")), by_hand(frame, told))
    crm, treatments = fetched(frame, name)
    return Part(name, frame, crm, treatments)


def _topic(name: str, frames: Mapping[str, pd.DataFrame]) -> list[Part]:
    marks = [one.attrs[ATTRS][LOADED] for one in frames.values() if one.attrs.get(ATTRS, {}).get(LOADED)]
    topic = marks[0]["topic"] if marks else topic_of(set(frames))
    if topic is None or not set(frames) <= set(TOPICS[topic]):
        raise ShapeError(f"{name} is not what a topic's load() gives.", hint="bundle its frames one by one, or load it again.")
    for frame in frames.values():
        if frame.attrs.get(ATTRS):
            receipt(frame)  # raises for lines that no load() gave
    crm = next((str(mark["crm"]) for mark in marks if mark["crm"]), SYSTEMS.get(topic, ""))
    return [Part(f"{name}.{inner}", frame, crm, TOPICS[topic][inner], topic) for inner, frame in frames.items()]


def _named(parts: list[Part], conceal: Iterable[Any]) -> Known:
    """The texts that name somebody."""
    known = Known()
    for more in [conceal] if isinstance(conceal, str | pd.DataFrame | Mapping) else conceal:
        # Of a table only the headings would be known.
        if not isinstance(more, str | pd.Series | pd.Index | list | tuple | set | frozenset):
            raise ParameterError(
                f"conceal takes texts, or Series and lists of them, not a {type(more).__name__}.",
                hint='conceal=[contacts["last_name"], "Jan Peeters"].',
            )
        known.add([more] if isinstance(more, str) else more)
    for values, treatment in _columns(parts):
        if treatment == "name":
            known.add(values)
    for part in parts:  # of Li Wu neither word alone says enough
        for given in map(str, part.frame):
            family = given.replace("first_name", "last_name")
            if family != given and all(part.treatments.get(one) == "name" and one in part.frame for one in (given, family)):
                first, last = (part.frame[one].astype("string") for one in (given, family))
                known.add((first + " " + last).dropna())
    return known


def _ids(parts: Iterable[Part]) -> Ids:
    """The ids of one system that are long enough to be of one thing only."""
    people: set[str] = set()
    things: set[str] = set()
    for values, treatment in _columns(parts):
        found = {"person": people, "thing": things}.get(treatment.removesuffix("s"))
        if found is not None and not pd.api.types.is_numeric_dtype(values):
            found.update(one for one in values.explode() if isinstance(one, str) and len(one) >= LONG)
    return Ids(frozenset(people), frozenset(things - people))


def _columns(parts: Iterable[Part]) -> Iterator[tuple[pd.Series[Any], str]]:
    """Every column with its treatment."""
    for part in parts:
        for name in part.frame:
            yield part.frame[name], part.treatments.get(str(name), "unknown")


def _treat(parts: list[Part], of: Set, leave_out: set[str]) -> None:
    if parts[0].topic == "segments":
        of = replace(of, segments=new_segments({part.name.partition(".")[2]: part.frame for part in parts}, of))
    for part in parts:
        told = {str(name): part.treatments.get(str(name), "unknown") for name in part.frame}
        whom = person_column(part.frame, told)
        part.treatments = {
            name: "drop" if {name, f"{part.name}.{name}"} & leave_out and name != whom and one != "segment" else one
            for name, one in told.items()
        }
        part.made = treated(part.frame, part.treatments, of)


def _receipt(part: Part, proof: dict[str, Any]) -> dict[str, Any]:
    if not proof or not holds(part.frame):  # as after concat: nothing vouches for it then
        return {}
    there, lines = len(part.frame), part.frame.attrs[ATTRS].get("lines", len(part.frame))
    short = [f"{there:,} of {lines:,} lines of this table are in the bundle"] if there < lines else []
    return {**proof, "problems": [*proof["problems"], *short, *said(part.made, part.treatments)]}


def _described(part: Part) -> Described:
    columns = tuple(name for name in map(str, part.made) if part.treatments[name] in DESCRIBING)
    return Described(part.name, part.made, person_column(part.made, part.treatments), columns)


def _refuse_below(k: int | None, anonymity: pd.DataFrame) -> None:
    if k is None:
        return
    low = anonymity[anonymity["k"] < k]
    if len(low):
        first = low.iloc[0]
        raise ShapeError(
            f"k is {first['k']} in {first['frame']} ({first['columns']}): {first['below_5']:,} of {first['people']:,} people share"
            f" their looks with fewer than 5; {k} were asked for. Nothing was written.",
            hint="leave out columns with leave_out=[...], or give k=None and read .anonymity of the bundle.",
        )


def _members(parts: list[Part], anonymity: pd.DataFrame, receipts: Mapping[str, Any]) -> dict[str, bytes]:
    frames, members = {}, {}
    for part in parts:
        path = f"frames/{part.name}.parquet"
        members[path] = encoded(flat(part.made))
        frames[part.name] = {
            "member": path,
            "topic": part.topic,
            "crm": part.crm,
            "lines": len(part.made),
            "columns": [[name, dtype] for name, dtype in dtypes_of(part.made).items()],
        }
    members["definitions.json"] = archive.as_bytes({part.name: _definition(part) for part in parts} | _topics(parts))
    members["receipts.json"] = archive.as_bytes(dict(receipts))
    members["anonymity.json"] = archive.as_bytes(
        {
            "what": import_module("crmkit.share.anonymity").__doc__,
            "lines": anonymity.astype(object).where(anonymity.notna(), None).to_dict("records"),
        }
    )
    manifest = {
        "format": archive.FORMAT,
        "version": archive.VERSION,
        "made_with": _versions(),
        "frames": frames,
        "members": {name: archive.digest(data) for name, data in members.items()},
    }
    return {**members, archive.MANIFEST: archive.as_bytes(manifest)}


def _definition(part: Part) -> list[dict[str, str]]:
    """What became of each column; what is dropped is named only where it is declared, since a custom field's name may say much."""
    return [
        {"column": name, "treatment": WORDS[one], "kept": "no" if one in GONE else "yes"}
        for name, one in part.treatments.items()
        if one != "unknown"
    ]


def _topics(parts: list[Part]) -> dict[str, str]:
    """How each topic's load() defines its frames, in its own words."""
    named = sorted({part.topic for part in parts if part.topic})
    return {f"crmkit.{topic}": str(import_module(f"crmkit.topics.{topic}").load.__doc__) for topic in named}


def _versions() -> dict[str, str]:
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
