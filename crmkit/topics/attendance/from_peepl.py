"""Peepl: activities and their sign-up lists; answers, not presence. Peepl sheet, section 6."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.children import child
from crmkit.topics.attendance.load import Period, Read, several
from crmkit.topics.attendance.neutral import ACCEPTED, ANSWER, DECLINED, EVENT, GROUP, INVITED, OTHER, TICKET, ended
from crmkit.topics.shapes import typed

if TYPE_CHECKING:
    from crmkit.crms.peepl import Peepl

MEANS = {"A": ACCEPTED, "N": DECLINED, "U": INVITED}


def read(client: Peepl, asked: Mapping[str, Any], *, period: Period, groups: bool = False) -> Read:
    """The frames of load()."""
    listed = client.activities(**asked)
    events = period.fits(_events(listed, period))
    signed = client.attendance(events["event_id"].astype("Int64").tolist(), **asked)
    moment = period.now(listed, signed)
    if moment is not None:
        events["ended"] = ended(events["start"], events["end"], moment)
    found = Read(moment)
    twice = several(signed, ["activity_id", "user_id"])
    # Who has no number is nobody else: only known numbers can stand under two answers.
    known = signed["user_id"].notna()
    last = signed.assign(repeated=twice)[~(known & signed.duplicated(["activity_id", "user_id"], keep="last"))]
    if len(last) < len(signed):
        found.problems.append(
            f"{len(signed) - len(last):,} answers were replaced: who stood under two answers counts with the last read"
        )
    found.add("events", events, listed)
    found.add("answers", _answers(last), listed, signed)
    found.add("tickets", _tickets(last), listed, signed)
    if groups:
        _read_groups(client, asked, last, found)
    return found


def _events(listed: pd.DataFrame, period: Period) -> pd.DataFrame:
    size = len(listed)
    times = {
        name: listed[f"{name}_date"].dt.tz_convert(period.zone).dt.tz_localize(None).astype(EVENT[name])
        for name in ("start", "end")
    }
    columns = {
        "event_id": listed["id"].astype("string"),
        "crm": ["Peepl"] * size,
        "name": listed["name"],
        "kind": listed["type"],
        **times,
        "cancelled": [False] * size,
        "presence": [False] * size,
    }
    return typed(columns, EVENT)


def _answers(signed: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "event_id": signed["activity_id"].astype("string"),
        "person_id": signed["user_id"].astype("string"),
        "status": signed["status"].map(MEANS).fillna(OTHER),
        "answer": signed["status"],
        "guest": [False] * len(signed),
        "repeated": signed["repeated"],
    }
    return typed(columns, ANSWER)


def _tickets(signed: pd.DataFrame) -> pd.DataFrame:
    """What was bought with the sign-ups. Purchases name their buyer only, so the activity is that of the list they stand in."""
    bought = child(signed, "purchases")
    counts = [len(each) if isinstance(each, list) else 0 for each in signed["purchases"]]
    columns = {
        "event_id": np.repeat(signed["activity_id"].astype("string").to_numpy(), counts),
        "buyer_id": bought["user_id"].astype("string"),
        "product": bought["product"].fillna(bought["name"]),
        "quantity": bought["quantity"].astype("float64"),
    }
    return typed(columns, TICKET)


def _read_groups(client: Peepl, asked: Mapping[str, Any], signed: pd.DataFrame, found: Read) -> None:
    """The positions of everybody on a list. That a list's user_id is a contact's number is inferred, so it is tested first."""
    contacts = client.contacts(**asked)
    tree, pairs = client.groups(**asked), client.combinations(**asked)
    numbers = signed["user_id"].dropna().drop_duplicates()
    known = numbers[numbers.isin(contacts["id"])]
    if len(numbers) and known.empty:
        warnings.warn(
            "no user_id of a sign-up list is a contact's number: groups cannot be tied to answers.", UserWarning, stacklevel=4
        )
    if len(known) < len(numbers):
        found.problems.append(
            f"{len(numbers) - len(known):,} of {len(numbers):,} people on lists are no contacts: they are in no group"
        )
    held = client.contact_positions(known.tolist(), **asked)
    found.add("groups", _groups(held, pairs, tree), contacts, tree, pairs, held)


def _groups(held: pd.DataFrame, pairs: pd.DataFrame, tree: pd.DataFrame) -> pd.DataFrame:
    """Direct positions: who is in a subgroup is not in the group above."""
    both = pd.DataFrame(held).merge(pairs[["id", "group_id"]], left_on="combination_id", right_on="id", suffixes=("", "_pair"))
    names = pd.DataFrame({"group_id": tree["id"], "group": _named(tree["id"], tree["path"])})
    both = both.merge(names, on="group_id")
    columns = {
        "group_id": both["group_id"].astype("string"),
        "group": both["group"],
        "person_id": both["contact_id"].astype("string"),
        "start": both["start_date"],
        "end": both["end_date"],
    }
    return typed(columns, GROUP)


def _named(numbers: pd.Series[int], paths: pd.Series[str]) -> pd.Series[str]:
    """Names from below the root on, which says nothing; with the group's number where two groups have the same."""
    names = paths.str.replace(r"^[^/]+ / ", "", regex=True)
    twins = numbers.groupby(names).transform("nunique") > 1
    return names.mask(twins, names + " (" + numbers.astype("string") + ")")
