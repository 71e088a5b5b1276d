"""Memberships as sheepCRM's records have them, and its measures over again: one record after the other, with nothing but Python."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pandas as pd


def record(member, start, end, plan="adult", **more):
    """One membership; None stands for what a record does not say."""
    return {
        "member": member,
        "membership_type": plan,
        "next_membership_type": None,
        "membership_record_status": None,
        "start_date": start,
        "end_date": end,
        "cancellation_date": None,
        "has_renewed": False,
        **more,
    }


def frame(records):
    """The records as a frame of a fetcher; each has a URI."""
    numbered = [{"uri": f"/example/member/{place}/", **one} for place, one in enumerate(records)]
    return pd.DataFrame(numbered).convert_dtypes() if numbered else pd.DataFrame()


def day(text):
    return None if text is None else datetime.fromisoformat(text).date()


def dated(one):
    start, end = day(one["start_date"]), day(one["end_date"])
    return start is not None and (end is None or start <= end)


def last(one):
    return min(day(one["end_date"]) or date.max, day(one["cancellation_date"]) or date.max)


def ended(one):
    return day(one["end_date"]) or day(one["cancellation_date"])


def runs(one, on):
    return dated(one) and day(one["start_date"]) <= on <= last(one)


def is_followed(one, records, families):
    def of(plan):
        return (families or {}).get(plan, plan)

    if not dated(one) or one["member"] is None:
        return False
    plans = {of(one[name]) for name in ("membership_type", "next_membership_type") if one[name] is not None}
    return any(
        dated(other)
        and other["member"] == one["member"]
        and other["membership_type"] is not None
        and of(other["membership_type"]) in plans
        and day(other["start_date"]) > day(one["start_date"])
        and day(other["start_date"]) <= last(other) > last(one)
        for other in records
    )


def active(records, on):
    """terms, people, cancelled, said_active, undated."""
    there = [one for one in records if runs(one, on)]
    stopped = [
        one
        for one in records
        if dated(one) and day(one["start_date"]) <= on <= (day(one["end_date"]) or date.max) and not runs(one, on)
    ]
    said = [one for one in records if (one["membership_record_status"] or "").lower() == "active"]
    people = {one["member"] for one in there} - {None}
    return len(there), len(people), len(stopped), len(said), sum(not dated(one) for one in records)


def lapsed(records, on, families=None):
    """Places of the terms that had lapsed."""
    return {
        place
        for place, one in enumerate(records)
        if dated(one)
        and ended(one) is not None
        and ended(one) < on
        and one["has_renewed"] is not True
        and not is_followed(one, records, families)
    }


def retention(records, families=None):
    """Month -> (terms, kept, unknown), of the months that terms ended in."""
    terms, kept, unknown = Counter(), Counter(), Counter()
    for one in records:
        if not dated(one) or ended(one) is None:
            continue
        month = ended(one).replace(day=1)
        terms[month] += 1
        if one["has_renewed"] is True or is_followed(one, records, families):
            kept[month] += 1
        elif one["has_renewed"] is None:
            unknown[month] += 1
    return {month: (count, kept[month], unknown[month]) for month, count in sorted(terms.items())}
