"""How many people were contacted and reached, by MissionHub's follow-up statuses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS
from crmkit.topics.checked import checked
from crmkit.topics.intervals import share, small, wilson
from crmkit.topics.lineage import PLUS, carried
from crmkit.topics.segments.inside import inside
from crmkit.topics.segments.neutral import Frames, chosen
from crmkit.topics.segments.profiles import EVERYBODY
from crmkit.topics.shapes import Dtypes, Names, typed

CRM = "MissionHub"
APART = ("do_not_contact", "do_not_email")
REACHED = ("contacted", "completed")
CONTACTED = (*REACHED, "attempted_contact", "in_progress")
STATUSES = ("uncontacted", "attempted_contact", "contacted", "in_progress", "completed", *APART)
NO_STATUS, OTHER_STATUS = "no_status", "other_status"
HIDDEN = "(rare)"  # as bundles write it
RATES = [f"{rate}_{what}" for rate in ("contacted", "reached") for what in ("rate", "low", "high")]
TABLE: Dtypes = {
    **dict.fromkeys(("segment_id", "name", "kind"), "string"),
    **dict.fromkeys(("people", "base", "contacted_people", "reached_people"), "Int64"),
    **dict.fromkeys(RATES, "float64"),
    **dict.fromkeys((*STATUSES, NO_STATUS, OTHER_STATUS), "Int64"),
    "small": "boolean",
}


@checked
def contacted(frames: Frames, *, segments: Names = None, kinds: Names = None, level: float = 0.95) -> pd.DataFrame:
    """Which part of people was contacted, and which reached: of everybody, and of segments such as labels beside it.

    Parameters
    frames: what load() of MissionHub returns. segments: ids or names; kinds: kinds of segments, such as label. Each gets a line
    of its own below that of everybody; without either there is only everybody. level: of the intervals.

    Returns a DataFrame, first a line for everybody (segment_id and kind are "everybody"), then one per segment in the order of
    load() or as asked for. segment_id, name, kind (string); people (Int64: all in the segment); base (Int64: people less
    do_not_contact and do_not_email, who are out of both rates); contacted_people (Int64: attempted_contact, contacted,
    in_progress or completed), reached_people (Int64: contacted or completed, so never more than contacted_people); contacted_rate
    and reached_rate (float64, 0 to 1: those / base, NaN where base is 0), each with its Wilson interval: contacted_low,
    contacted_high, reached_low, reached_high; then how many people have each status (Int64): uncontacted, attempted_contact,
    contacted, in_progress, completed, do_not_contact, do_not_email, no_status (empty: not the same as uncontacted), other_status
    (a word that MissionHub's list does not have); these nine add up to people. small (boolean: base is under ten).

    People without a status, and those with another one, are in the base: the rate is of all who may be approached, whatever is
    known of them. For the rate of those with a known status divide by base - no_status. Everybody is the base population of
    load(): the team too, and archived people if they were loaded; for contacts alone load(kinds=["label", "permission"]) and ask
    for the segment "contacts". A person counts once per line, and may be in several segments, so lines do not add up. Statuses
    are those of now; they are not ranked by the vendor, so which of them count as contacted is a definition. The interval reads
    the people as a sample of those who might be there. Raises ParameterError for frames of another CRM, and for people of whom no
    status at all is known where nothing says that they are MissionHub's.
    Source: MissionHub sheet, section 6 (contacted rate).
    """
    _has_statuses(frames)
    listed = chosen(frames, [] if segments is None and kinds is None else segments, kinds)
    words = _words(frames)
    known = [*STATUSES, NO_STATUS, OTHER_STATUS]
    other = np.where(words.fillna("") == "", known.index(NO_STATUS), known.index(OTHER_STATUS))
    place = pd.Index(STATUSES).get_indexer(pd.Index(words))
    status = np.where(place < 0, other, place)
    found = inside(frames, listed["segment_id"])
    per_segment = np.bincount(found.segment * len(known) + status[found.line], minlength=len(listed) * len(known))
    counts = np.vstack([np.bincount(status, minlength=len(known)), per_segment.reshape(-1, len(known))])
    table = dict(zip(known, counts.T, strict=True)) | {"people": counts.sum(axis=1)}
    table |= {name: np.append(EVERYBODY, listed[name].to_numpy(dtype=object)) for name in ("segment_id", "name", "kind")}
    return carried(typed(dict(_with_rates(table, level)), TABLE), frames.values())


def _words(frames: Frames) -> pd.Series[str]:
    """The status of each of the people; where a bundle hides it, that of the segments by status, which it does not hide."""
    people, listed, members = frames["people"], frames["segments"], frames["members"]
    words = people["status"].astype("string")
    hidden = (words == HIDDEN).fillna(False)
    if not hidden.any():
        return words
    names = listed[listed["kind"] == "status"].set_index("segment_id")["source_id"]
    inside = members[members["segment_id"].isin(names.index)].drop_duplicates("person_id").set_index("person_id")["segment_id"]
    told = people["person_id"].map(inside).map(names).astype("string")
    if told[hidden].isna().any():
        raise ParameterError(
            "this bundle hides the statuses that fewer than five people share.",
            hint="bundle what load() gives with kinds that include status, as it does by itself.",
        )
    return words.mask(hidden, told)


def _with_rates(table: dict[str, np.ndarray], level: float) -> Iterator[tuple[str, object]]:
    """The columns of counts, and what follows from them."""
    yield from table.items()
    base = table["people"] - sum(table[name] for name in APART)
    yield "base", base
    yield "small", small(base)
    for name, statuses in (("contacted", CONTACTED), ("reached", REACHED)):
        people = sum(table[one] for one in statuses)
        low, high = wilson(people, base, level)
        yield from (
            (f"{name}_people", people),
            (f"{name}_rate", share(people, base)),
            (f"{name}_low", low),
            (f"{name}_high", high),
        )


def _has_statuses(frames: Frames) -> None:
    """Raises ParameterError for frames of another CRM; without a receipt, for people whose statuses are not MissionHub's."""
    people = frames["people"]
    crm = str((people.attrs.get(ATTRS) or {}).get("crm") or "")
    hint = "data = crmkit.segments.load(missionhub, organization=...); then contacted(data)."
    if crm and CRM not in crm.split(PLUS):
        raise ParameterError(f"contacted() reads the follow-up statuses of MissionHub; these frames are of {crm}.", hint=hint)
    if "status" not in people or (not crm and len(people) and not people["status"].isin(STATUSES).any()):
        raise ParameterError("these frames hold no follow-up statuses; contacted() reads those of MissionHub.", hint=hint)
