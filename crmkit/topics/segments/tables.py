"""How large segments are, how they overlap, who is in none, and segments made of others. Pure functions on what load() returns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress, pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.records import collector_paused
from crmkit.topics.checked import checked
from crmkit.topics.intervals import MIN_N
from crmkit.topics.lineage import carried
from crmkit.topics.segments.history import as_of
from crmkit.topics.segments.inside import Inside, inside, inside_most, membership
from crmkit.topics.segments.neutral import MEMBERS, NONE_ID, SEGMENTS, Frames, chosen, id_of
from crmkit.topics.shapes import Names, one_of, typed

SIZES = {
    "segment_id": "string",
    "name": "string",
    "kind": "string",
    "members": "Int64",
    "everybody": "Int64",
    "share": "float64",
    "declared_size": "Int64",
    "small": "boolean",
}
PAIRS = {
    "segment_id": "string",
    "name": "string",
    "other_id": "string",
    "other": "string",
    "members": "Int64",
    "other_members": "Int64",
    "both": "Int64",
    "either": "Int64",
    "share": "float64",
    "other_share": "float64",
    "jaccard": "float64",
    "expected": "float64",
    "lift": "float64",
    "small": "boolean",
}
INTERSECTIONS = {
    "segment_ids": "object",
    "names": "object",
    "label": "string",
    "degree": "Int64",
    "people": "Int64",
    "share": "float64",
    "small": "boolean",
}
Measure = Literal["count", "share", "jaccard", "lift"]
IN_NONE = "(in none)"


@checked
def sizes(frames: Frames, *, segments: Names = None, kinds: Names = None, min_n: int = 0, on: Any = None) -> pd.DataFrame:
    """How large each segment is.

    Parameters
    frames: what load() returns. segments: ids or names, in the order wanted (default: all, the largest first). kinds: kinds of
    segments. min_n: leave out segments with fewer members. on: count who was a member on this day instead of now (date, Timestamp, ISO
    text), of segments whose past is known only; see on_day().

    Returns a DataFrame, one line per segment: segment_id, name, kind (string), members (Int64: distinct people), everybody (Int64: all
    people loaded), share (float64, 0 to 1: members / everybody, NaN where there is nobody), declared_size (Int64: what the CRM itself
    says; a difference can be another moment or rights), small (boolean: fewer than ten members). A segment without members has a
    line. Shares are of everybody, not of a sample, so they have no interval; they may add up to more than 1, since segments overlap.
    Membership is that of now, or of the day on. Source: Peepl, sheepCRM and MissionHub sheets, section 6.
    """
    return _sized(as_of(frames, on), segments, kinds, min_n)[0]


def _listed(frames: Frames, segments: Names, kinds: Names, min_n: int = 0) -> tuple[pd.DataFrame, Inside]:
    """The table of sizes(), and who is in its segments, in its order."""
    table, found, kept = _sized(frames, segments, kinds, min_n)
    return table, found.some(kept)


def _sized(frames: Frames, segments: Names, kinds: Names, min_n: int) -> tuple[pd.DataFrame, Inside, np.ndarray]:
    """The table of sizes(), who is in the segments chosen, and which of these are in the table, in its order."""
    wanted = chosen(frames, segments, kinds)
    found = (inside_most if segments is None else inside)(frames, wanted["segment_id"])
    members, everybody = found.sizes, found.people
    kept = np.flatnonzero(members >= min_n)
    if segments is None:
        kept = kept[np.argsort(-members[kept], kind="stable")]
    table = wanted.assign(members=members, everybody=everybody, share=_share(members, everybody), small=members < MIN_N)
    return carried(typed(table[list(SIZES)].iloc[kept], SIZES), frames.values()), found, kept


@checked
def overlap(
    frames: Frames,
    *,
    measure: Measure = "count",
    segments: Names = None,
    kinds: Names = None,
    min_n: int = 0,
    on: Any = None,
) -> pd.DataFrame:
    """How much every two segments share, as a square frame: lines and columns by segment name, in the same order.

    The index is called segment, the columns are called by the measure; attrs["everybody"] is how many people there are.

    Parameters
    frames, segments, kinds, min_n, on: as for sizes(). measure: count, people in both (Int64, symmetric; the size on the diagonal);
    share, of the people in the line's segment the part that is also in the column's (float64, not symmetric, NaN for an empty line);
    jaccard, both / either (float64, symmetric, NaN where both are empty); lift, both / what chance would give, that is size times
    size / everybody (float64, symmetric, 1 for no relation, NaN where an expectation is 0).

    Computed on ids, never from totals. Source: MissionHub sheet, section 6 (overlap on ids).
    """
    listed, found = _listed(as_of(frames, on), segments, kinds, min_n)
    names = pd.Index(listed["name"], name="segment", dtype="string")
    counts = found.both
    values = _measured(measure, counts.astype("float64"), found.people)
    # A column at a time, as it will be: astype() of a frame, and pd.array() of each column, look at all values again.
    nothing = np.zeros(len(counts), dtype=bool)
    columns: dict[int, Any] = {
        place: pd.arrays.IntegerArray(counts[:, place].copy(), nothing.copy()) if measure == "count" else column
        for place, column in enumerate(values.T)
    }
    table = pd.DataFrame(columns, index=names).set_axis(names.rename(measure), axis="columns")
    table = carried(table, [listed])
    table.attrs["everybody"] = found.people
    return table


def _measured(measure: str, both: np.ndarray, everybody: int) -> np.ndarray:
    size = both.diagonal()
    parts = {
        "count": np.ones_like(both),
        "share": np.repeat(size[:, None], len(size), axis=1),
        "jaccard": size[:, None] + size[None, :] - both,
        "lift": size[:, None] * size[None, :] / max(everybody, 1),
    }
    whole = parts[one_of(measure, parts, "measure")]
    found: np.ndarray = np.divide(both, whole, out=np.full_like(both, np.nan), where=whole > 0)
    return found


@checked
def pairs(frames: Frames, *, segments: Names = None, kinds: Names = None, min_n: int = 1, on: Any = None) -> pd.DataFrame:
    """Every two segments with somebody in both, the closest first.

    Parameters
    frames, segments, kinds, on: as for sizes(). min_n: least number of people in both.

    Returns a DataFrame, one line per unordered pair: segment_id, name, other_id, other (string), members, other_members, both, either
    (Int64), share (both / members), other_share (both / other_members), jaccard (both / either), expected (people in both if the two
    had nothing to do with each other: members times other_members / everybody), lift (both / expected), all float64; small (boolean:
    fewer than ten in either of the two). Sorted by jaccard. Denominators are the distinct members of each; who is in neither of
    the two counts in expected only. Source: MissionHub sheet, section 6 (overlap on ids).
    """
    listed, all_pairs = _listed(as_of(frames, on), segments, kinds)
    both, size = all_pairs.both, all_pairs.sizes
    first, second = (places.astype(int) for places in np.triu_indices(len(listed), k=1))
    kept = both[first, second] >= max(min_n, 1)
    first, second = first[kept], second[kept]
    common, one, other = both[first, second], size[first], size[second]
    expected = one * other / max(all_pairs.people, 1)
    table = {
        "segment_id": listed["segment_id"].to_numpy()[first],
        "name": listed["name"].to_numpy()[first],
        "other_id": listed["segment_id"].to_numpy()[second],
        "other": listed["name"].to_numpy()[second],
        "members": one,
        "other_members": other,
        "both": common,
        "either": one + other - common,
        "share": common / one,
        "other_share": common / other,
        "jaccard": common / (one + other - common),
        "expected": expected,
        "lift": common / expected,
        "small": np.minimum(one, other) < MIN_N,
    }
    found = typed(table, PAIRS).sort_values(["jaccard", "both"], ascending=False, kind="stable", ignore_index=True)
    return carried(found, [listed])


@checked
def intersections(
    frames: Frames,
    *,
    segments: Names = None,
    kinds: Names = None,
    min_n: int = 1,
    none: bool = True,
    on: Any = None,
) -> pd.DataFrame:
    """Which exact sets of segments people are in: each person is in one line, so the lines add up to everybody.

    Parameters
    frames, segments, kinds, on: as for sizes(); segments left out do not count. min_n: leave out sets with fewer people (the sum is then
    short by them). none: with the line of people in none of the segments.

    Returns a DataFrame, the largest set first: segment_ids, names (lists, in the order of the segments), label (string: the names
    joined by " & "), degree (Int64: how many segments), people (Int64), share (float64: of everybody), small (boolean: fewer than ten).
    Source: MissionHub sheet, section 6 (overlap on ids).
    """
    listed, found = _listed(as_of(frames, on), segments, kinds)
    with collector_paused():
        row, degree, people = found.sets
        meant, called = (_parted(listed[name].to_numpy(dtype=object)[row].tolist(), degree) for name in ("segment_id", "name"))
        label = [" & ".join(some) or IN_NONE for some in called]
    table: dict[str, Any] = {
        "segment_ids": meant,
        "names": called,
        "label": label,
        "degree": degree,
        "people": people,
        "share": _share(people, found.people),
        "small": people < MIN_N,
    }
    kept = (people >= min_n) & (none | (degree > 0))
    if not kept.all():
        table = {name: list(compress(values, kept)) for name, values in table.items()}
    return carried(typed(table, INTERSECTIONS), [listed])


def _parted(values: list[str], lengths: np.ndarray) -> list[list[str]]:
    """The values as lists of these lengths."""
    return [values[begin:end] for begin, end in pairwise(np.cumsum([0, *lengths]).tolist())]


@checked
def in_none(frames: Frames, *, segments: Names = None, kinds: Names = None, on: Any = None) -> pd.DataFrame:
    """People who are in none of the segments: their lines of the frame people.

    Parameters
    frames: what load() returns. segments, kinds: only these segments count (default: all that were loaded; segments that nobody loaded
    are not known here). on: as for sizes(): in none of those whose past is known, on that day.

    Returns the columns of the frame people (see load()), a line per person; no lines where everybody is somewhere. Source: none of the
    sheets; by the definition of membership in section 6 of the Peepl, sheepCRM and MissionHub sheets.
    """
    frames = as_of(frames, on)
    listed = chosen(frames, segments, kinds)
    anywhere = inside_most(frames, listed["segment_id"]).anywhere
    return carried(pd.DataFrame(frames["people"][~anywhere]).reset_index(drop=True), frames.values())


@checked
def combine(
    frames: Frames, name: str, *, any_of: Names = None, all_of: Names = None, none_of: Names = None
) -> dict[str, pd.DataFrame]:
    """The frames with one more segment, made of others: people in any of some, in all of others, and in none of yet others.

    Parameters
    frames: what load() returns. name: of the new segment; its segment_id is "made <name>", its kind "made". any_of, all_of, none_of:
    segments by id or by name; what is not given sets no condition.

    Returns a dict as load() does, for every table and picture. Everybody is the frame people; membership is that of now. Raises
    ParameterError for a segment that is not there, or a name that is. Source: MissionHub sheet, section 6 (on ids, never by totals).
    """
    chosen_ids = {word: list(chosen(frames, some)["segment_id"]) for word, some in _given(any_of, all_of, none_of).items()}
    keep = pd.Series(True, index=pd.Index(frames["people"]["person_id"]))
    for word, ids in chosen_ids.items():
        flags = membership(frames, ids)
        keep &= flags.all(axis=1) if word == "all_of" else flags.any(axis=1) == (word == "any_of")
    return with_segment(frames, f"made {name}", name, keep[keep].index)


def _given(any_of: Names, all_of: Names, none_of: Names) -> dict[str, Names]:
    given = {"any_of": any_of, "all_of": all_of, "none_of": none_of}
    return {word: some for word, some in given.items() if some is not None}


@checked
def with_none(frames: Frames, *, segments: Names = None, kinds: Names = None) -> dict[str, pd.DataFrame]:
    """The frames with one more segment, id "none": people who are in none of the segments; so that it can be profiled like any other.

    segments, kinds: as for in_none(). Source: as for in_none(); the sheets define no such segment.
    """
    return with_segment(frames, NONE_ID, IN_NONE, in_none(frames, segments=segments, kinds=kinds)["person_id"])


@checked
def with_segment(frames: Frames, segment_id: str, name: str, people: Iterable[str]) -> dict[str, pd.DataFrame]:
    """The frames with one more segment of kind made, of these people: ids of the frame people, as texts or numbers; others are left out.

    Raises ParameterError for an id or a name that a segment has already. Source: none of the sheets; a segment of your own.
    """
    everybody, known = frames["people"], frames["segments"]
    for column, given in (("name", name), ("segment_id", segment_id)):
        if (known[column] == given).any():
            raise ParameterError(f"there is a segment {given!r} already.")
    those = everybody[everybody["person_id"].isin({str(one) for one in people if not pd.isna(one)})]
    line = typed({"segment_id": [segment_id], "name": [name], "kind": ["made"], "source_id": [segment_id]}, SEGMENTS)
    lines = typed({**those[["person_id", "object_type"]], "segment_id": [segment_id] * len(those)}, MEMBERS)
    return {
        **frames,
        "segments": carried(pd.concat([frames["segments"], line], ignore_index=True), [frames["segments"]]),
        "members": carried(pd.concat([frames["members"], lines], ignore_index=True), [frames["members"]]),
    }


@checked
def members_of(frames: Frames, segment: str) -> pd.DataFrame:
    """The lines of the frame people of those in a segment, given by id or name; membership as in the frames given.

    Returns the columns of the frame people, each person once. Raises ParameterError for a segment that is not there.
    Source: Peepl, sheepCRM and MissionHub sheets, section 6.
    """
    there = inside(frames, [id_of(frames, segment)]).anywhere
    return carried(pd.DataFrame(frames["people"][there]).reset_index(drop=True), frames.values())


def _share(part: np.ndarray, whole: float) -> np.ndarray:
    """Shares as float64; NaN where the whole is nothing."""
    counts = np.asarray(part, dtype="float64")
    return counts / whole if whole else np.full(len(counts), np.nan)
