"""What changed between two days, in the words of the domain: joined and left, answered, moved stage, won and lost, cover gained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import pandas as pd

from crmkit.children import asked_several, declared, repeated_by
from crmkit.errors import ConfigError, ShapeError
from crmkit.receipts import ATTRS
from crmkit.share.changes_lines import Line, added, as_text, changed, common, removed
from crmkit.share.fetched_columns import row_of
from crmkit.share.topic_columns import topic_of
from crmkit.topics.coverage.choose import Frames as CoverageFrames
from crmkit.topics.replay import LOADED

Frames: TypeAlias = Mapping[str, pd.DataFrame]
DTYPES = {
    **dict.fromkeys(("frame", "what", "who", "which", "name", "field", "old", "new"), "string"),
    "since": "datetime64[us]",
}
PROFILE = ("birth_date", "gender", "language", "city", "postal_code", "country", "member_since", "status", "owner", "company")
DEAL = ("name", "contact_id", "company", "owner_id", "source_id", "opened", "expected", "amount", "months", "cost", "margin")
ENDS = {"won": "won", "lost": "lost"}


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> pd.DataFrame:
    """What changed from one day to another.

    old, new: frames as snapshot() takes and load() gives: name -> frame of a fetcher, or -> dict of frames of a topic's load(); also
    one such dict itself. Names that only one of them has are left out: nothing is known of the other day.

    Columns (string): frame (the name), what, who (id of the person; of the deal or record), which (id of the segment, event, or team
    and shift), name (of which, in words), field, old, new (values as text, days as ISO 8601); since (datetime64[us]): the day after
    which it changed at the earliest. That is the moment the older frames judge by, else the day of their oldest answer, and not the day
    that a snapshot was named after: what came from the cache is older. In the order of the frames, then by what, who and which.

    What, by topic. segments: joined, left, segment added, segment removed, person added, person removed, field changed. attendance:
    invited, answered (old: what stood before), uninvited, event added, event removed, field changed. pipelines: deal added, deal
    removed, moved stage, won, lost, reopened, field changed. coverage: signed up, withdrew (who, which team), gained cover, lost cover
    (people of a shift that by_shift() lists), shift added, shift removed, field changed. Frames of fetchers: record added, record removed, field
    changed, by the key that their row declares (of a call with several ids: by the id and that key; tables of crmkit.child(): by the
    record's and their own); lists and records in cells are compared as a whole.

    What follows from something else is not told again: weighted amounts when a stage moves, ages, who has ended. Lines of segments do
    not say that somebody left who is gone altogether: they say person removed. A team that is only known from an enrolment has people
    who signed up or withdrew, but no cover, as in by_shift(). Load both days with the same arguments: what only one of them asked for
    is told as added or removed. Raises ShapeError for frames without a declared key.
    """
    lines = [
        (name, *line, _day(before))
        for name, before, after in _pairs(old, new)
        for line in sorted(_compared(name, before, after), key=lambda one: tuple(str(part or "") for part in one))
    ]
    return pd.DataFrame(lines, columns=list(DTYPES)).astype(DTYPES)


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    topics = [_topic(one) for one in (old, new)]
    if all(topics) and topics[0] == topics[1]:
        yield str(topics[0]), old, new
        return
    for name in new:
        if name in old:
            yield str(name), old[name], new[name]


def _topic(frames: Any) -> str | None:
    """The topic whose frames these are."""
    if isinstance(frames, pd.DataFrame) or not all(isinstance(one, pd.DataFrame) for one in frames.values()):
        return None
    marks = [one.attrs[ATTRS][LOADED]["topic"] for one in frames.values() if one.attrs.get(ATTRS, {}).get(LOADED)]
    known = topic_of(set(frames))
    return str(marks[0]) if marks and known else known


def _compared(name: str, old: Any, new: Any) -> list[Line]:
    if isinstance(old, pd.DataFrame):
        return list(_records(name, old, new))
    topic = _topic(new)
    if topic is None or topic != _topic(old):
        raise ShapeError(f"{name} is not what a topic's load() gives on both days.", hint="compare frame by frame.")
    return list(TOPICS[topic](old, new))


def _day(frames: Any) -> pd.Timestamp | None:
    """The day that the older frames judge by, or that of their oldest answer."""
    several = [frames] if isinstance(frames, pd.DataFrame) else frames.values()
    facts = [one.attrs[ATTRS] for one in several if one.attrs.get(ATTRS)]
    found = [str(one.get("today") or one.get("oldest")) for one in facts if one.get("today") or one.get("oldest")]
    return pd.Timestamp(min(found)).normalize() if found else None


def _records(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[Line]:
    key = _key(name, old, new)
    for what, lines in (("record added", added(old, new, key)), ("record removed", removed(old, new, key))):
        for one in lines:
            yield Line(what, who=_joined(one))
    fields = [str(column) for column in new if column in old and column not in key]
    for one, field, before, after in changed(old, new, key, fields):
        yield Line("field changed", who=_joined(one), field=field, old=before, new=after)


def _key(name: str, old: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """The key that the row declares, behind the ids that were asked for where these are a column, since one record may belong to several;
    of a list inside records the record's key, those ids, and the list's own key or the place in it.
    """
    facts = frame.attrs.get(ATTRS) or {}
    try:
        row = row_of(facts)
        asked = [one for one in repeated_by(row).values() if one in frame and one in old]
        key = [*dict.fromkeys([*asked, *row.key])] if row.key else []
        if trail := facts.get("child"):
            own = declared(row, trail)[1]
            beside = [one for one in asked_several(row, facts.get("params") or {}) if one in frame and one in old]
            key = list(dict.fromkeys([str(frame.columns[0]), *beside, own if own in frame else "position"]))
    except ConfigError:
        key = []
    if not key or not set(key) <= set(frame):
        raise ShapeError(
            f"nothing tells which lines of {name} are the same record.", hint="compare frames that a fetcher returned."
        )
    return key


def _joined(parts: tuple[Any, ...]) -> str:
    return " ".join(str(as_text(part)) for part in parts)


def _segments(old: Frames, new: Frames) -> Iterator[Line]:
    names = {**_names(old["segments"], "segment_id", "name"), **_names(new["segments"], "segment_id", "name")}
    for what, found in (("segment added", added), ("segment removed", removed)):
        for (which,) in found(old["segments"], new["segments"], ["segment_id"]):
            yield Line(what, which=which, name=names.get(which))
    for (which,), field, before, after in changed(old["segments"], new["segments"], ["segment_id"], ["name", "parent_id"]):
        yield Line("field changed", which=which, name=names.get(which), field=field, old=before, new=after)
    gone = set()
    for what, found in (("person added", added), ("person removed", removed)):
        for (who,) in found(old["people"], new["people"], ["person_id"]):
            gone |= {who} if what == "person removed" else set()
            yield Line(what, who=who)
    both = set(old["segments"]["segment_id"]) & set(new["segments"]["segment_id"])
    for what, found in (("joined", added), ("left", removed)):
        for who, which in found(old["members"], new["members"], ["person_id", "segment_id"]):
            if which in both and who not in gone:
                yield Line(what, who=who, which=which, name=names.get(which))
    for (who,), field, before, after in changed(
        old["people"], new["people"], ["person_id"], common(old["people"], new["people"], PROFILE)
    ):
        yield Line("field changed", who=who, field=field, old=before, new=after)


def _attendance(old: Frames, new: Frames) -> Iterator[Line]:
    names = {**_names(old["events"], "event_id", "name"), **_names(new["events"], "event_id", "name")}
    for what, found in (("event added", added), ("event removed", removed)):
        for (which,) in found(old["events"], new["events"], ["event_id"]):
            yield Line(what, which=which, name=names.get(which))
    fields = ["name", "kind", "start", "end", "capacity", "cancelled"]
    for (which,), field, before, after in changed(old["events"], new["events"], ["event_id"], fields):
        yield Line("field changed", which=which, name=names.get(which), field=field, old=before, new=after)
    before_, after_ = _standing(old["answers"]), _standing(new["answers"])
    listed = set(old["events"]["event_id"]) & set(new["events"]["event_id"])
    for place in dict.fromkeys([*before_, *after_]):
        which, who = place
        was, now = before_.get(place), after_.get(place)
        if was == now or (which not in listed and now is None):
            continue
        what = "uninvited" if now is None else "invited" if now == "invited" and was is None else "answered"
        yield Line(what, who=who, which=which, name=names.get(which), old=was, new=now)


def _standing(answers: pd.DataFrame) -> dict[tuple[str, str | None], str]:
    """What stands for each person on each event's list; of somebody who stands there more than once, all of it. Guests without a
    record are counted by status.
    """
    told: dict[tuple[str, str | None], list[str]] = {}
    for which, who, status in zip(answers["event_id"], answers["person_id"], answers["status"].fillna(""), strict=True):
        told.setdefault((str(which), None if pd.isna(who) else str(who)), []).append(str(status))
    return {
        place: ", ".join(f"{count} {one}" for one, count in sorted(Counter(several).items()))
        if place[1] is None
        else ", ".join(sorted(several))
        for place, several in told.items()
    }


def _pipelines(old: Frames, new: Frames) -> Iterator[Line]:
    names = {**_names(old["deals"], "deal_id", "name"), **_names(new["deals"], "deal_id", "name")}
    for what, found in (("deal added", added), ("deal removed", removed)):
        for (which,) in found(old["deals"], new["deals"], ["deal_id"]):
            yield Line(what, who=which, name=names.get(which))
    states = {
        which: (before, after) for (which,), _, before, after in changed(old["deals"], new["deals"], ["deal_id"], ["state"])
    }
    for which, (before, after) in states.items():
        what = ENDS.get(str(after)) or ("reopened" if before in ENDS else "moved stage")
        yield Line(what, who=which, name=names.get(which), old=before, new=after)
    places = [one.assign(place=_place(one)) for one in (pd.DataFrame(old["deals"]), pd.DataFrame(new["deals"]))]
    for (which,), _, before, after in changed(places[0], places[1], ["deal_id"], ["place"]):
        if which not in states:
            yield Line("moved stage", who=which, name=names.get(which), old=before, new=after)
    moved: set[Any] = set()
    for (which,), field, before, after in changed(old["deals"], new["deals"], ["deal_id"], DEAL):
        moved |= {which} if field in ("amount", "months") else set()
        yield Line("field changed", who=which, name=names.get(which), field=field, old=before, new=after)
    for (which,), field, before, after in changed(old["deals"], new["deals"], ["deal_id"], ["total_amount"]):
        if which not in moved:
            yield Line("field changed", who=which, name=names.get(which), field=field, old=before, new=after)


def _place(deals: pd.DataFrame) -> pd.Series[Any]:
    """Pipeline and stage in words."""
    stage = deals["label"].fillna(deals["stage"].astype("string")).fillna("no stage")
    return deals["pipeline"].fillna("no pipeline") + ": " + stage


def _coverage(old: CoverageFrames, new: CoverageFrames) -> Iterator[Line]:
    from crmkit.topics import coverage  # at use: it takes time to load, and other topics do without

    names = {**_names(old["teams"], "team_id", "team"), **_names(new["teams"], "team_id", "team")}
    key = ["collaborator_id", "team_id"]
    standing = [_counted(one) for one in (old, new)]
    for what, found in (("signed up", added), ("withdrew", removed)):
        for who, which in found(standing[0], standing[1], key):
            yield Line(what, who=who, which=which, name=names.get(which))
    shifts = [pd.DataFrame(coverage.by_shift(one)).drop_duplicates(["team_id", "shift"]) for one in (old, new)]
    for what, found in (("shift added", added), ("shift removed", removed)):
        for team, shift in found(shifts[0], shifts[1], ["team_id", "shift"]):
            yield Line(what, which=f"{team} {shift}", name=names.get(team))
    for (team, shift), field, before, after in changed(
        shifts[0], shifts[1], ["team_id", "shift"], ["n", "needed", "start", "end"]
    ):
        what = "field changed" if field != "n" else "gained cover" if int(str(after)) > int(str(before)) else "lost cover"
        told = None if field == "n" else field
        yield Line(what, which=f"{team} {shift}", name=names.get(team), field=told, old=before, new=after)


def _counted(frames: CoverageFrames) -> pd.DataFrame:
    """Enrolments that count: confirmed where the system tells, not cancelled in any case."""
    signed = frames["enrolments"]
    keep = ~signed["cancelled"].fillna(False)
    if (frames["scan"]["status_source"] == "confirmed").all():
        keep &= signed["status"] == "confirmed"
    return pd.DataFrame(signed[keep])


def _names(frame: pd.DataFrame, key: str, name: str) -> dict[Any, Any]:
    return dict(zip(frame[key], frame[name], strict=True))


TOPICS: Mapping[str, Callable[[Any, Any], Iterator[Line]]] = {
    "segments": _segments,
    "attendance": _attendance,
    "pipelines": _pipelines,
    "coverage": _coverage,
}
