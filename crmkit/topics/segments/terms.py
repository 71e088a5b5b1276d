"""sheepCRM's memberships as terms: typed, each once, with what can be said of their dates; and which term another one follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas.api import types

from crmkit.columns import DTYPES
from crmkit.errors import ParameterError
from crmkit.topics.arrays import Whole
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, typed

Held: TypeAlias = "pd.DataFrame | Mapping[str, pd.DataFrame]"

DAY = DTYPES["day"]
TERMS: Dtypes = {
    **dict.fromkeys(("term_id", "person_id", "plan", "next_plan", "plan_type", "status"), "string"),
    **dict.fromkeys(("start", "end", "cancelled"), DAY),
    **dict.fromkeys(("dated", "renewed"), "boolean"),
    "amount": "float64",
    **dict.fromkeys(("currency", "period"), "string"),
    "paid": "boolean",
    "linked": "object",
}
# What sheepCRM calls it.
FIELDS = {
    "term_id": "uri",
    "person_id": "member",
    "plan": "membership_type",
    "next_plan": "next_membership_type",
    "plan_type": "membership_plan_type",
    "status": "membership_record_status",
    "start": "start_date",
    "end": "end_date",
    "cancelled": "cancellation_date",
    "renewed": "has_renewed",
    "amount": "amount",
    "currency": "currency",
    "period": "period",
    "paid": "paid",
    "linked": "linked_members",
}
DATES = ("start", "end", "cancelled")
FOR_EVER = 2**22  # a day, counted from 1970, after all others: it is in the year 13453


def read_terms(memberships: pd.DataFrame) -> pd.DataFrame:
    """The memberships of any fetcher as terms, each once by its URI, in their order.

    A field that the records do not have is missing throughout; without one of the three dates no term is dated.
    """
    raw = memberships.reset_index(drop=True)
    cast = {str(dtype): _cast for dtype, _cast in ((DAY, _days), ("boolean", _flags), ("float64", _numbers), ("object", _lists))}
    found = {name: cast.get(str(TERMS[name]), _texts)(raw[field]) for name, field in FIELDS.items() if field in raw}
    terms = typed({**found, "dated": _dated(raw, found)}, TERMS, len(raw))
    again = terms["term_id"].notna() & terms["term_id"].duplicated()
    return carried(terms[~again].reset_index(drop=True), [memberships])


def lacking(memberships: pd.DataFrame) -> list[str]:
    """The fields of sheepCRM that terms are made of and these records do not have; none where there are no records."""
    return [field for field in FIELDS.values() if field not in memberships] if len(memberships) else []


def held(given: Held, *needed: str) -> pd.DataFrame:
    """The terms in what a table was given. needed: columns of terms without which it would count wrongly.

    Raises ParameterError for anything else, and for records that lack a field, naming those.
    """
    frame = given.get("terms") if isinstance(given, Mapping) else given
    hint = "data = crmkit.segments.load(sheepcrm, memberships='a segment of memberships'); then give data."
    if not isinstance(frame, pd.DataFrame):
        what = "frames without terms" if isinstance(given, Mapping) else f"a {type(given).__name__}"
        raise ParameterError(f"terms takes the memberships of sheepCRM, not {what}.", hint=hint)
    terms = frame if set(TERMS) <= set(frame.columns) else _told(frame, needed, hint)
    if set(DATES) <= set(needed) and len(terms) and not terms["dated"].any():
        raise ParameterError("none of these terms has dates that can be judged.", hint="crmkit.receipt(terms) may say why.")
    return terms


def _told(frame: pd.DataFrame, needed: Iterable[str], hint: str) -> pd.DataFrame:
    """The terms of a plain frame of memberships that has the fields needed."""
    if len(frame.columns) and not {*FIELDS.values()} & {*frame.columns}:
        raise ParameterError("terms takes the memberships of sheepCRM, not a frame without any of their columns.", hint=hint)
    missing = [FIELDS[name] for name in needed if FIELDS[name] in lacking(frame)]
    if missing:
        raise ParameterError(
            f"these memberships lack {', '.join(missing)}; the terms would be counted wrongly.",
            hint=f"rights can hide fields; if the account fills in none, say so: terms.assign({missing[0]}=None).",
        )
    return read_terms(frame)


def last_days(terms: pd.DataFrame) -> Whole:
    """The last day of each term, counted from 1970: its end, or its cancellation if that came first; FOR_EVER without either."""
    found: Whole = np.minimum(days_of(terms["end"]), days_of(terms["cancelled"]))
    return found


def days_of(values: pd.Series[Any]) -> Whole:
    """Days counted from 1970; FOR_EVER for a missing one."""
    days = values.to_numpy(dtype="datetime64[D]")
    found: Whole = np.where(np.isnat(days), FOR_EVER, days.astype(np.int64))
    return found


def followed(terms: pd.DataFrame, families: Mapping[str, str] | None = None) -> np.ndarray:
    """Which terms a later one follows: of the same member and plan family, beginning later and lasting longer.

    The family of a term is its plan and the one it says is next; with families (plan -> family) all plans of one family.
    """
    plans = pd.concat([terms["plan"], terms["next_plan"]], ignore_index=True)
    if families is not None:
        plans = plans.map(families).astype("string").fillna(plans)
    code = pd.factorize(plans)[0].astype(np.int64)
    person = pd.factorize(terms["person_id"])[0].astype(np.int64)
    start, last = days_of(terms["start"]), last_days(terms)
    judged = terms["dated"].to_numpy(dtype=bool, na_value=False)
    own, following = (_paired(person, part, code.max(initial=0) + 1) for part in np.split(code, 2))
    later = _Later(*(each[judged & (own >= 0) & (last >= start)] for each in (own, start, last)))
    found: np.ndarray = judged & (later.than(own, start, last) | later.than(following, start, last))
    return found


def _paired(person: Whole, plan: Whole, plans: int) -> Whole:
    """Member and plan as one number; -1 where either is missing."""
    return np.where((person >= 0) & (plan >= 0), person * plans + plan, -1)


class _Later:
    """Terms of a member and plan in the order of their starts, each with the last day of any that does not start before it."""

    SPAN = 2 * FOR_EVER  # more than between any two days

    def __init__(self, group: Whole, start: Whole, last: Whole) -> None:
        order = np.lexsort((start, group))
        self._group, self._place = group[order], group[order] * self.SPAN + start[order]
        # Going back from the end, groups come with ever higher numbers added, so that the highest starts anew with each.
        lifted = last[order] - self._group * self.SPAN
        self._last = np.maximum.accumulate(lifted[::-1])[::-1] + self._group * self.SPAN

    def than(self, group: Whole, start: Whole, last: Whole) -> np.ndarray:
        """Whether one of the group starts after the start and lasts beyond the last day."""
        place = np.searchsorted(self._place, group * self.SPAN + start, side="right")
        there = (place < len(self._place)) & (group >= 0)
        at = place[there]
        found = np.zeros(len(group), dtype=bool)
        found[there] = (self._group[at] == group[there]) & (self._last[at] > last[there])
        return found


def _dated(raw: pd.DataFrame, found: Mapping[str, pd.Series[Any]]) -> np.ndarray:
    """Whether a term has a start, no end before it, and no date that is filled in but is no day."""
    if not set(DATES) <= set(found):
        return np.zeros(len(raw), dtype=bool)
    dated = found["start"].notna() & ~(found["end"] < found["start"])
    for name in DATES:
        field = FIELDS[name]
        for said in (raw[field], raw.get(f"{field}.raw")):  # a fetcher puts beside it what is no day
            if said is not None:
                dated &= found[name].notna() | said.isna() | (said.astype("string") == "")
    return dated.to_numpy(dtype=bool)


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    """Texts and numbers as text, an empty one as missing."""
    plain = values if types.is_string_dtype(values) else values.map(lambda one: str(one) if isinstance(one, str | int) else None)
    texts = plain.astype("string").str.strip()
    return texts.mask(texts == "")


def _days(values: pd.Series[Any]) -> pd.Series[Any]:
    """The day of each moment, by the clock it names no zone of; what is no day is missing."""
    if not types.is_datetime64_any_dtype(values):
        values = pd.to_datetime(_texts(values).str[:10], format="ISO8601", errors="coerce")
    days: pd.Series[Any] = values.dt.tz_localize(None).astype(DAY).dt.normalize()
    return days


def _flags(values: pd.Series[Any]) -> pd.Series[Any]:
    if types.is_bool_dtype(values):
        return values.astype("boolean")
    return values.map(lambda one: one if isinstance(one, bool | np.bool_) else None).astype("boolean")


def _numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    numbers: pd.Series[Any] = pd.to_numeric(values, errors="coerce").astype("Float64").astype("float64")
    return numbers


def _lists(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.map(lambda one: one if isinstance(one, list) else None).astype(object)
