"""Memberships of sheepCRM: active on a day, lapsed, kept or lost by the month in which they ended, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.arrays import distinct
from crmkit.topics.checked import checked
from crmkit.topics.intervals import share, small, wilson
from crmkit.topics.lineage import carried
from crmkit.topics.segments.neutral import day_behind
from crmkit.topics.segments.terms import DATES, DAY, FOR_EVER, TERMS, Held, days_of, followed, held, last_days
from crmkit.topics.shapes import Dtypes, Names, as_day, one_of, typed, wanted

# What terms can be counted by; words of these in any case are one.
GROUPS = ("plan", "plan_type", "status", "currency", "period")
ANY_CASE = ("status", "currency", "period")
ACTIVE: Dtypes = dict.fromkeys(
    ("terms", "people", "linked", "cancelled", "open_end", "said_active", "said_people", "both", "undated"), "Int64"
)
LAPSED: Dtypes = {
    **{name: TERMS[name] for name in ("term_id", "person_id", "plan", "next_plan", "plan_type", "status", "start")},
    **dict.fromkeys(("ended", "cancelled"), DAY),
    "days": "Int64",
    **dict.fromkeys(("certain", "still_active"), "boolean"),
}
RETENTION: Dtypes = {
    **dict.fromkeys(("terms", "people", "renewed", "followed", "kept", "unknown", "lost", "cancelled"), "Int64"),
    **dict.fromkeys(("rate", "rate_low", "rate_high"), "float64"),
    **dict.fromkeys(("over", "small"), "boolean"),
}
FEES: Dtypes = {
    **dict.fromkeys(("terms", "people"), "Int64"),
    "amount": "float64",
    **dict.fromkeys(("priced", "paid", "unpaid", "paid_unknown"), "Int64"),
    "paid_amount": "float64",
}
STEPS = {"month": 1, "quarter": 3, "year": 12}  # in months


@checked
def active(terms: Held, *, on: Any = None, by: Names = None) -> pd.DataFrame:
    """How many memberships and members there are on a day, by their dates and by what their records say today.

    Parameters
    terms: what load(sheepcrm, memberships=...) returns, or a plain frame of memberships, as client.memberships() and
    client.segment_records() of a segment of memberships give. on: a day, or a list of days (date, Timestamp, ISO text; default:
    the day of load(), else of the newest answer). by: plan, plan_type, status, currency, period or a list of them (default: all
    in one line).

    Returns a DataFrame, a line per day and group, groups of nobody that day included: day (datetime64[us]), the columns of by
    (string; missing for terms that do not say, such as an unknown plan), and as Int64 terms (active by their dates: start <= day
    <= end, and not cancelled before the day, so the day of the cancellation still counts), people (distinct members of those;
    somebody with several terms at once counts once in a line, but in each of their groups, so people of groups may add up to
    more), linked (distinct people whom those terms cover beside their member; count them apart, some may be members themselves;
    missing where no record tells of any), cancelled (terms that would be active, had they not been cancelled before), open_end
    (active terms without an end, which run on), said_active, said_people (terms whose status today is "active", in any case of
    letters, and their distinct members: today's status whatever the day; missing where no record has a status), both (active by
    dates and by status), undated (terms that cannot be judged and are in no other count by dates: without a start, with an end
    before it, or with a date that could not be read). terms less both are active by dates alone, said_active less both by status
    alone, such as in a grace period after the end.

    Dates are calendar days without a zone, as in the source. A record that is listed twice counts once, by its URI; one without a
    member counts as a term, not in people. Raises ParameterError for frames of another CRM, and where the records lack a field,
    naming it: rights can hide fields, and an absent one is not an empty one. Source: sheepCRM sheet, section 6 (memberships).
    """
    found = held(terms, "person_id", *DATES)
    several = isinstance(on, Iterable) and not isinstance(on, str)
    days = pd.to_datetime([as_day(one, "on") for one in (on if several else [day_behind(found, on, "on")])]).astype(DAY)
    group, listed, size = _grouped(found, by)
    person = pd.factorize(found["person_id"])[0]
    dated, said = _true(found["dated"]), (found["status"].str.casefold() == "active").fillna(False).to_numpy(dtype=bool)
    start, end, last = days_of(found["start"]), days_of(found["end"]), last_days(found)
    of, covered = _linked(found)
    parts = []
    for day in days_of(days.to_series()):
        running = dated & (start <= day) & (day <= end)
        there = running & (day <= last)
        counts = {"terms": there, "cancelled": running & ~there, "open_end": there & (end == FOR_EVER), "said_active": said}
        counts |= {"both": there & said, "undated": ~dated}
        line = {name: _count(group[flags], size) for name, flags in counts.items()}
        line |= {"people": _people(group, person, there, size), "said_people": _people(group, person, said, size)}
        parts.append({**line, "linked": _people(group[of], covered, there[of], size)})
    table: dict[str, Any] = {name: np.concatenate([np.array([], int), *(part[name] for part in parts)]) for name in ACTIVE}
    untold = {("said_active", "said_people", "both"): "status", ("linked",): "linked"}
    for names, source in untold.items():
        if len(found) and found[source].isna().all():
            table |= dict.fromkeys(names, [None] * size * len(days))
    table |= {name: np.tile(values, len(days)) for name, values in listed.items()} | {"day": days.repeat(size)}
    return carried(typed(table, {"day": DAY, **dict.fromkeys(listed, "string"), **ACTIVE}), [found])


@checked
def lapsed(terms: Held, *, on: Any = None, families: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The memberships that had lapsed on a day: ended, not renewed, and not followed by another; a line each.

    Parameters
    terms: as for active(). on: the day (date, Timestamp, ISO text; default: that of load(), else of the newest answer). families:
    a dict plan -> family, for plans that may follow each other. Without it a term is followed in its own plan (membership_type)
    or in the one it names as next (next_membership_type).

    Returns a DataFrame, who lapsed last first: term_id, person_id, plan, next_plan, plan_type, status (string, as in the
    records), start, ended (datetime64[us]: the end, or for a term without an end its cancellation), cancelled (datetime64[us]:
    when it was cancelled, if it was), days (Int64: from ended to the day), certain (boolean: False where has_renewed is missing,
    which is not the same as no), still_active (boolean: the member has another term that is active on the day).

    Lapsed on day D: ended < D, has_renewed is not true, and no later record of the same member and plan family: one that starts
    later and lasts longer, however long after, and that was not cancelled before it began. So give all memberships: where the one
    that followed is not among them, the tick alone decides. A term that was cancelled before its end is neither active nor lapsed
    until its end has passed. Renewals are those known now, whatever the day: a past day shows whose term had ended then and who has
    not come back since. Terms that cannot be dated (see active()) are in no line; those without an end or a cancellation never end.
    A term without a member, or of which no plan is known, is followed by none. Days are calendar days without a zone. Raises
    ParameterError as active() does, and for families that name none of the plans.
    Source: sheepCRM sheet, section 6 (memberships).
    """
    found = held(terms, "person_id", "plan", "next_plan", "renewed", *DATES)
    moment = day_behind(found, on, "on")
    kept, ended = _true(found["renewed"]) | followed(found, _known(families, found)), _ended(found)
    members = found.loc[_running(found, moment), "person_id"].dropna()
    over = found.assign(ended=ended, still_active=found["person_id"].isin(members))
    over = over[_true(found["dated"]) & (ended < moment).to_numpy() & ~kept]
    over = over.assign(days=(moment - over["ended"]).dt.days, certain=over["renewed"].notna())
    over = over.sort_values("ended", ascending=False, kind="stable")
    return carried(typed(over[list(LAPSED)], LAPSED), [found])


@checked
def retention(
    terms: Held,
    *,
    by: Names = None,
    every: str = "month",
    families: Mapping[str, str] | None = None,
    level: float = 0.95,
    today: Any = None,
) -> pd.DataFrame:
    """Of the memberships that ended in a month, which part was kept: renewed, or followed by another.

    Parameters
    terms, families: as for lapsed(). by: plan, plan_type, status, currency, period or a list of them (default: all together).
    every: month, quarter or year. level: of the intervals. today: the day that months are over by (default: that of load(), else
    of the newest answer).

    Returns a DataFrame, a line per month and group in which a term ends, in order: ending (datetime64[us]: the first day of the
    month), the columns of by (string), terms (Int64: all that end in it), people (Int64: their distinct members), renewed
    (has_renewed is true), followed (by a later record, see lapsed()), kept (renewed or followed), unknown (not followed, and
    has_renewed is missing: it is not taken for no), lost (terms - kept - unknown), cancelled (terms cancelled before their end,
    in whatever month; kept or not), all Int64; rate (float64, 0 to 1: kept / terms, all that ended) with rate_low, rate_high
    (Wilson); over (boolean: the month had ended before today), small (boolean: fewer than ten terms). Where unknown is more than
    0 the rate is a lower bound.

    A month in progress or to come is not judged yet: lost is missing and the rate NaN, and kept is what was renewed so far. A
    term belongs to the month of its end_date even if it was cancelled earlier, since then it would have been due; without an end
    to that of its cancellation; without either to none. Terms that cannot be dated (see active()) are in no line. The unit is the
    term, so somebody with two terms that end counts twice in all but people; the interval reads terms as independent. Sums over
    months add terms, never rates. Days are calendar days without a zone. Raises ParameterError as lapsed() does. Source: sheepCRM
    sheet, section 6 (memberships).
    """
    found = held(terms, "person_id", "plan", "next_plan", "renewed", *DATES)
    one_of(every, STEPS, "every")
    day = day_behind(found, today)
    renewed, after = _true(found["renewed"]), followed(found, _known(families, found))
    kept, ended = renewed | after, _ended(found)
    group, listed, size = _grouped(found, by)
    use = np.flatnonzero(_true(found["dated"]) & ended.notna().to_numpy())
    step, width = STEPS[every], max(size, 1)
    month = ended.to_numpy(dtype="datetime64[M]")[use].astype(np.int64) // step
    line, place = np.unique(month * width + group[use], return_inverse=True)
    flags = {"renewed": renewed, "followed": after, "kept": kept, "unknown": ~kept & found["renewed"].isna().to_numpy()}
    flags |= {"cancelled": last_days(found) < days_of(ended), "terms": np.ones(len(found), dtype=bool)}
    table: dict[str, Any] = {name: _count(place[own[use]], len(line)) for name, own in flags.items()}
    table["people"] = _people(place, pd.factorize(found["person_id"])[0][use], np.ones(len(use), dtype=bool), len(line))
    first, following = (((line // width + more) * step).astype("datetime64[M]").astype("datetime64[us]") for more in (0, 1))
    over = following <= np.datetime64(day)
    lost = pd.Series(table["terms"] - table["kept"] - table["unknown"], dtype="Int64").where(over)
    low, high = wilson(table["kept"], table["terms"], level)
    rates = {"rate": share(table["kept"], table["terms"]), "rate_low": low, "rate_high": high}
    table |= {name: np.where(over, values, np.nan) for name, values in rates.items()}
    table |= {"ending": first, "over": over, "lost": lost, "small": small(table["terms"])}
    table |= {name: values[line % width] for name, values in listed.items()}
    return carried(typed(table, {"ending": DAY, **dict.fromkeys(listed, "string"), **RETENTION}), [found])


@checked
def fees(terms: Held, *, on: Any = None, by: Names = None) -> pd.DataFrame:
    """What memberships are worth: the amounts in their records, by currency and period.

    Parameters
    terms: as for active(). on: only terms that are active on this day (default: all, past and to come, whose sum is that of
    several years). by: further columns to count by: plan, plan_type, status.

    Returns a DataFrame, a line per currency, period and group: currency, period, the columns of by (string, in small letters
    where case means nothing; missing where the record does not say), terms, people (Int64: distinct members), amount (float64:
    the sum, 0.0 where none is known), priced (Int64: terms with an amount), paid, unpaid, paid_unknown (Int64: terms by the flag
    of that name), paid_amount (float64: the amounts of those flagged paid, which is what they cost; what was received no record
    tells).

    An amount is the price of a term per its period, in the unit of the record: whether that is pounds or pence is not documented,
    so it is not converted. Amounts of different currencies or periods are never added. Raises ParameterError as active() does.
    Source: sheepCRM sheet, section 6 (memberships, value).
    """
    found = held(terms, "person_id", "amount", "currency", "period", "paid", *(DATES if on is not None else ()))
    if on is not None:
        found = carried(found[_running(found, as_day(on, "on"))].reset_index(drop=True), [found])
    group, listed, size = _grouped(found, ["currency", "period", *wanted(by)])
    amount, paid = found["amount"].to_numpy(), _true(found["paid"])
    everybody = np.ones(len(found), dtype=bool)
    flags = {"terms": everybody, "priced": ~np.isnan(amount), "paid": paid, "paid_unknown": found["paid"].isna().to_numpy()}
    table: dict[str, Any] = {name: _count(group[own], size) for name, own in flags.items()}
    table["unpaid"] = table["terms"] - table["paid"] - table["paid_unknown"]
    for name, own in (("amount", everybody), ("paid_amount", paid)):
        table[name] = np.bincount(group[own], np.nan_to_num(amount[own]), minlength=size)
    table["people"] = _people(group, pd.factorize(found["person_id"])[0], everybody, size)
    return carried(typed(table | listed, {**dict.fromkeys(listed, "string"), **FEES}), [found])


def _running(terms: pd.DataFrame, moment: pd.Timestamp) -> np.ndarray:
    """Which terms are active on a day by their dates."""
    day = days_of(pd.Series([moment]))[0]
    found: np.ndarray = _true(terms["dated"]) & (days_of(terms["start"]) <= day) & (day <= last_days(terms))
    return found


def _ended(terms: pd.DataFrame) -> pd.Series[Any]:
    """The end of each term; of one without an end, its cancellation."""
    return terms["end"].fillna(terms["cancelled"])


def _known(families: Mapping[str, str] | None, terms: pd.DataFrame) -> Mapping[str, str] | None:
    """The families. Raises ParameterError where they name none of the plans that there are."""
    if families and len(terms) and not terms["plan"].isin([*families]).any():
        plan = next(iter(terms["plan"].dropna()), "/.../membership_type/.../")
        raise ParameterError(
            "families names none of these plans.", hint=f"it is a dict of plans as in the records: {{'{plan}': '...'}}."
        )
    return families


def _grouped(terms: pd.DataFrame, by: Names) -> tuple[np.ndarray, dict[str, np.ndarray], int]:
    """The group of each term as a number; the groups in order, a column for each word of by; and how many: one without by."""
    names = [one_of(one, GROUPS, "by") for one in wanted(by)]
    if not names:
        return np.zeros(len(terms), dtype=np.int64), {}, 1
    words = pd.DataFrame({one: terms[one].str.casefold() if one in ANY_CASE else terms[one] for one in names})
    number = words.groupby(names, dropna=False, sort=True).ngroup().to_numpy(dtype=np.int64)
    first = words.iloc[np.unique(number, return_index=True)[1]]
    return number, {one: first[one].to_numpy(dtype=object) for one in names}, len(first)


def _true(flags: pd.Series[Any]) -> np.ndarray:
    """Which flags are true; a missing one is not."""
    return flags.to_numpy(dtype=bool, na_value=False)


def _count(group: np.ndarray, groups: int) -> np.ndarray:
    return np.bincount(group, minlength=groups)


def _people(group: np.ndarray, person: np.ndarray, there: np.ndarray, groups: int) -> np.ndarray:
    """How many distinct people there are in each group."""
    use = there & (person >= 0)
    width = int(person.max(initial=0)) + 1
    return _count(distinct(group[use].astype(np.int64) * width + person[use]) // width, groups)


def _linked(terms: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """For each person whom a term covers beside its member: the line of the term, and the person as a number."""
    covered = terms["linked"].reset_index(drop=True).explode()
    covered = covered[covered.notna()]
    return covered.index.to_numpy(dtype=np.int64), pd.factorize(covered.astype("string"))[0]
