"""One frame as it goes into a bundle: ids as labels, what describes people in bands, what could name somebody replaced or dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crmkit.share.pseudonyms import PERSON, REFERENCE, Pseudonyms, replaced
from crmkit.share.references import Ids, holds_id, is_id
from crmkit.share.titles import Known
from crmkit.share.topic_columns import OWN_NAMES, Treatments

RARE, FEWEST = "(rare)", 5
BAND = 10
GONE = ("drop", "nested", "unknown")
DESCRIBING = ("born", "postal", "category", "year", "tens")
WORDS = {
    "person": "pseudonym of the person",
    "persons": "pseudonyms of the persons",
    "ref": "keyed reference instead of an id",
    "refs": "keyed references instead of ids",
    "thing": "kept, or a keyed reference where it may lead to somebody",
    "things": "kept, or keyed references where they may lead to somebody",
    "name": "label instead of the text",
    "company": "label of the company",
    "deal": "label instead of the title",
    "segment": "kept, or a label where the segment's name names somebody",
    "title": "kept, or a label where it names somebody",
    "titles": "kept, or labels where they name somebody",
    "born": "ten-year bands of birth",
    "postal": "the first two characters; rare ones as (rare)",
    "year": "the year alone",
    "tens": "bands of ten",
    "category": "kept; values of fewer than five as (rare)",
    "shift": "shifted by a number of days that is the person's own",
    "keep": "kept",
    "drop": "dropped: sensitive and not of use",
    "nested": "dropped: open it with crmkit.child() and bundle that frame",
    "unknown": "dropped: nothing declares it",
}


@dataclass(frozen=True)
class Set:
    """What the frames of one call share: pseudonyms, their system, the texts that name somebody, long ids, segments with new ids."""

    labels: Pseudonyms
    system: str
    known: Known
    ids: Ids = field(default_factory=Ids)
    label_titles: bool = False
    segments: Mapping[str, str] = field(default_factory=dict)

    def labelled(self, text: str, usual: str) -> str:
        """An id as it goes into the bundle. usual: person, thing or ref, where nothing but its column tells what it is of."""
        kind = self.ids.kind(text, usual)
        if kind == "person":
            return self.labels.person(self.system, text)
        if kind == "thing" and not self.known.named_in(text):
            return text
        return self.labels.label(REFERENCE, self.system, text)

    def title(self, text: str) -> str:
        """The label of a text that names somebody or holds an id."""
        return self.labels.label("Title", self.system.casefold(), text)


def treated(frame: pd.DataFrame, treatments: Treatments, of: Set) -> pd.DataFrame:
    """The frame with its columns treated. Lines are sorted by pseudonym, lest their old order (often by name) tells who they are.

    Deals keep theirs: sums of money over another order could differ in the last digit.
    """
    frame = frame.copy(deep=False)
    frame.attrs = {}  # pandas would copy the receipt at every step
    columns = {
        name: _column(frame, str(name), treatments[str(name)], treatments, of)
        for name in frame
        if treatments.get(str(name), "unknown") not in GONE
    }
    made = pd.DataFrame(columns, index=frame.index).reset_index(drop=True)
    person = person_column(made, treatments)
    if person is not None and "deal" not in treatments.values():
        made = made.sort_values(person, kind="stable", ignore_index=True)
    return made


def said(made: pd.DataFrame, treatments: Treatments) -> list[str]:
    """Sentences for the receipt on what is not as it was, one for all columns that were treated alike."""
    found: dict[str, list[str]] = {}
    for name in made:
        if treatments[str(name)] in (*DESCRIBING, "shift") and made[name].notna().any():
            found.setdefault(treatments[str(name)], []).append(str(name))
    return [f"in this bundle not exact: {', '.join(names)} ({WORDS[one]})" for one, names in found.items()]


def person_column(frame: pd.DataFrame, treatments: Treatments) -> str | None:
    """The first column that holds pseudonyms of people; the line's own before others."""
    found = [str(name) for name in frame if treatments.get(str(name)) == "person"]
    return next((name for name in found if name in ("id", "uid", "uri", "person_id")), found[0] if found else None)


def new_segments(frames: Mapping[str, pd.DataFrame], of: Set) -> dict[str, str]:
    """Ids of segments whose name, or whose id, names somebody, with the ids they get: kind and a label."""
    listed = (
        frames["segments"] if "segments" in frames else pd.DataFrame({"segment_id": [], "name": [], "kind": []}, dtype="string")
    )
    named = listed["segment_id"][of.known.hits(listed["name"]) | of.label_titles]
    ids = pd.concat([frame[name] for frame in frames.values() for name in ("segment_id", "parent_id") if name in frame])
    found = {*named.dropna(), *ids[of.known.hits(ids)]}
    kinds = dict(zip(listed["segment_id"], _kept(listed["kind"], of), strict=True))
    return {str(one): f"{kinds.get(one, 'segment')} {of.labels.label('Segment', of.system, str(one))}" for one in found}


def _column(frame: pd.DataFrame, name: str, treatment: str, treatments: Treatments, of: Set) -> Any:
    values = frame[name]
    if treatment == "name":
        return _named(frame, name, treatments, of)
    if treatment == "segment":
        return _segment(frame, name, of)
    if treatment == "shift":
        return _shifted(frame, values, treatments, of)
    if treatment in ("category", "postal"):
        return _frequent(values if treatment == "category" else _region(values), frame, treatments, of)
    return SIMPLE[treatment](values, of)


def _named(frame: pd.DataFrame, name: str, treatments: Treatments, of: Set) -> pd.Series[Any]:
    """A name, mail or phone as the pseudonym of whose it is; where no id tells that, as a label of its own."""
    prefix, dot, _ = name.rpartition(".")
    owners = [f"{prefix}.id", f"{prefix}_id"] if dot else [OWN_NAMES.get(name, ""), "id", "uid", "uri"]
    owner = next((one for one in owners if one in frame and treatments.get(one) == "person"), None)
    labels = of.labels.column(frame[name], "Name", of.system)
    if owner is None:
        return labels
    return of.labels.column(frame[owner], PERSON, of.system).where(frame[name].notna() & frame[owner].notna(), labels)


def _segment(frame: pd.DataFrame, name: str, of: Set) -> pd.Series[Any]:
    ids = frame["segment_id"] if name == "source_id" else frame[name]
    new = ids.map(of.segments).astype("string")
    return (new.str.replace(r"^.* ", "", regex=True) if name == "source_id" else new).fillna(frame[name])


def _titles(values: pd.Series[Any], of: Set) -> pd.Series[Any]:
    def new(text: str) -> str:
        if is_id(text):
            return of.labelled(text, "ref")
        return of.title(text) if of.label_titles or of.known.named_in(text) or holds_id(text) else text

    return replaced(values, new)


def _kept(values: pd.Series[Any], of: Set) -> pd.Series[Any]:
    """Numbers, days and flags; words too, unless several of them name somebody, or an id is among them."""
    if values.dtype == object:
        return _each("keep")(values, of)
    if not isinstance(values.dtype, pd.StringDtype):
        return values
    new = replaced(values, lambda text: of.title(text) if of.known.named_in(text, least=2) or holds_id(text) else text)
    return new.astype(values.dtype)


def _ids(usual: str) -> Callable[[pd.Series[Any], Set], pd.Series[Any]]:
    """Ids as labels; numbers of things stay numbers."""

    def column(values: pd.Series[Any], of: Set) -> pd.Series[Any]:
        if usual == "thing" and pd.api.types.is_numeric_dtype(values):
            return values
        return replaced(values, lambda text: of.labelled(text, usual))

    return column


def _shifted(frame: pd.DataFrame, values: pd.Series[Any], treatments: Treatments, of: Set) -> pd.Series[Any]:
    """Dates moved by the days of the line's person; without a person they are left out."""
    person = person_column(frame, treatments)
    if person is None:
        return values.mask(values.notna())
    ids = frame[person].astype("string")
    days = {one: pd.Timedelta(days=of.labels.days(of.system, one)) for one in ids.dropna().unique()}
    return (values + ids.map(days).astype("timedelta64[us]")).astype(values.dtype)


def _frequent(values: pd.Series[Any], frame: pd.DataFrame, treatments: Treatments, of: Set) -> pd.Series[Any]:
    """Texts that at least five people share (five lines, where no person is named); the others as (rare)."""
    texts = values.astype("string").str.strip()
    person = person_column(frame, treatments)
    lines = pd.DataFrame({"text": texts, "who": frame.index if person is None else frame[person].astype("string")})
    sizes = lines.drop_duplicates().groupby("text")["who"].size()
    often = set(sizes[sizes >= FEWEST].index)
    return replaced(texts, lambda text: text if text in often and not of.known.named_in(text) else RARE)


def _region(values: pd.Series[Any]) -> pd.Series[Any]:
    texts = values.astype("string").str.strip()
    return texts.mask(texts.notna(), texts.str[:2] + "..")


def _born(values: pd.Series[Any], of: Set) -> Any:
    first = (values.dt.year // BAND * BAND).astype("Int64")
    return ("born " + first.astype("string") + "–" + (first + BAND - 1).astype("string")).astype("string")


def _tens(values: pd.Series[Any], of: Set) -> pd.Series[Any]:
    first = (values.astype("float64") // BAND * BAND).astype("Int64")
    return (first.astype("string") + "–" + (first + BAND - 1).astype("string")).astype("string")


def _each(treatment: str) -> Callable[[pd.Series[Any], Set], pd.Series[Any]]:
    """The same for every value of a list."""

    def lists(values: pd.Series[Any], of: Set) -> pd.Series[Any]:
        flat = pd.Series([one for many in values if isinstance(many, list) for one in many if _is_plain(one)], dtype="string")
        new = dict(zip(flat, SIMPLE[treatment](flat, of), strict=True))
        made = [[new.get(str(one)) for one in many if _is_plain(one)] if isinstance(many, list) else None for many in values]
        return pd.Series(made, index=values.index, dtype=object)

    return lists


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


SIMPLE: Mapping[str, Callable[[pd.Series[Any], Set], Any]] = {
    "keep": _kept,
    "person": _ids("person"),
    "ref": _ids("ref"),
    "thing": _ids("thing"),
    "title": _titles,
    "born": _born,
    "year": lambda values, of: values.dt.strftime("%Y").astype("string"),
    "tens": _tens,
    "company": lambda values, of: of.labels.column(values, "Company", of.system),
    "deal": lambda values, of: of.labels.column(values, "Deal", of.system),
    "persons": _each("person"),
    "refs": _each("ref"),
    "things": _each("thing"),
    "titles": _each("title"),
}


def title_of(name: str) -> str:
    """A name that may stand in a bundle's file names. Raises nothing: what does not fit is an empty text."""
    return name if re.fullmatch(r"[a-z0-9_]{1,60}", name) else ""
