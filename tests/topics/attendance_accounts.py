"""Small accounts for the tests of crmkit.attendance: clients that answer from lists of records, through the real rows."""

from __future__ import annotations

import pandas as pd

import crmkit
from crmkit.frames import Builder
from crmkit.receipts import Receipt, attach
from crmkit.topics.attendance.neutral import ANSWER, EVENT, GROUP
from crmkit.topics.shapes import typed

NOW = "2024-06-15 12:00"
NEWEST = "2024-06-14 22:30:00"  # In UTC; in Brussels it is the 15th already.


class Account:
    """Answers like a client. records: endpoint -> records, or path parameters -> records for calls with a list of them."""

    crm, kind = "", crmkit.Peepl

    def __init__(self, records, incomplete=()):
        self._records, self._incomplete = records, incomplete
        self.asked: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def __getattr__(self, name):
        if name.startswith("_") or name not in self.kind.rows():
            raise AttributeError(name)
        return lambda *places, **keywords: self._answer(name, places, keywords)

    def _answer(self, name, places, keywords):
        self.asked.append((name, places, keywords))
        row = self.kind.rows()["events_in_state" if "state" in keywords else name]
        builder = Builder(row.columns)
        found = self._records.get(name, [])
        names = [slot.name for slot in row.path_params]
        owners = []
        for labels, records in _called(found, places):
            builder.add(records, dict(zip(names, labels, strict=False)))
            owners += [labels[0] for _ in records] if labels else []
        frame = builder.frame()
        if isinstance(found, dict) and names[0] not in {one.from_call for one in row.columns}:
            frame.insert(0, names[0], owners)
        missing = name in self._incomplete
        told = {"records": len(frame), "pages": 1, "calls": 1, "oldest": NEWEST, "newest": NEWEST, "account": "test"}
        problems = ("3 records are missing",) if missing else ()
        return attach(frame, Receipt(self.crm, row.name, complete=not missing, problems=problems, **told))


def _called(found, places):
    """What each call of a list of them gives, with its labels; one call without labels gives everything."""
    if not isinstance(found, dict):
        return [((), found)]
    return [(labels, records) for place in places[0] for labels, records in found.items() if labels[0] == place]


class PeeplAccount(Account):
    crm, kind = "Peepl", crmkit.Peepl


class SheepAccount(Account):
    crm, kind = "sheepCRM", crmkit.SheepCRM


def frame(rows, dtypes):
    """A neutral frame from dicts; what a line does not say is missing."""
    table = pd.DataFrame(rows, columns=list(dtypes))
    return typed({name: table[name] for name in dtypes}, dtypes)


def events(*rows):
    """Events by id, start and whatever else they are; by default they have ended and their CRM records presence."""
    usual = {"crm": "sheepCRM", "kind": "run", "cancelled": False, "ended": True, "presence": True}
    told = [{**usual, "event_id": one, "name": one.upper(), "start": pd.Timestamp(start), **more} for one, start, more in rows]
    return frame([{**one, "end": one.get("end", one["start"] + pd.Timedelta(hours=2))} for one in told], EVENT)


WORDS = {"i": "invited", "a": "accepted", "d": "declined", "c": "attended", "n": "no-show", "o": "other"}


def answers(**lists):
    """Lists by event: a text of a letter per place, in the order of persons p0, p1, ...; a capital is somebody's guest."""
    rows = []
    for event, letters in lists.items():
        for place, letter in enumerate(letters):
            if letter == "-":
                continue
            guest = letter.isupper()
            person = None if guest else f"p{place}"
            word = WORDS[letter.lower()]
            rows.append(
                {"event_id": event, "person_id": person, "status": word, "answer": word, "guest": guest, "repeated": False}
            )
    return frame(rows, ANSWER)


def groups(*rows):
    """Memberships: group, person, first and last day."""
    told = [
        {"group_id": group, "group": group.upper(), "person_id": person, "start": pd.Timestamp(start), "end": pd.Timestamp(end)}
        for group, person, start, end in rows
    ]
    return frame(told, GROUP)
