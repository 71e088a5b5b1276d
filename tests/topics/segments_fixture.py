"""Six people, four segments, their past: small enough to count by hand."""

from __future__ import annotations

import pandas as pd

from crmkit.receipts import Receipt, attach
from crmkit.topics.segments.neutral import HISTORY, MEMBERS, PEOPLE, SEGMENTS
from crmkit.topics.shapes import typed

TODAY = "2024-06-15"
INSIDE = {"s A": "123", "s B": "234", "s C": "2", "s D": ""}
TERMS = [
    ("s A", "1", "2023-01-01", None),
    ("s A", "2", "2023-06-01", "2024-01-31"),
    ("s A", "3", "2024-02-01", None),
    ("s B", "2", "2022-01-01", None),
    ("s B", "2", "2023-03-01", "2023-04-01"),
]


def people() -> pd.DataFrame:
    return typed(
        {
            "person_id": list("123456"),
            "object_type": ["contacts"] * 6,
            "birth_date": pd.to_datetime(["2014-06-15", "2014-06-16", "1964-01-01", "1954-01-01", None, "1984-01-01"]),
            "gender": ["F", "F", "M", "M", "F", " "],
            "language": ["nl", "nl", "fr", "nl", "nl", "nl"],
            "active": [True, True, False, None, True, True],
        },
        PEOPLE,
    )


def frames(**proof: object) -> dict[str, pd.DataFrame]:
    """The frames of load(); with keyword arguments of a Receipt, with that receipt."""
    ids = list(INSIDE)
    names = [one[2:] for one in ids]
    segments = typed({"segment_id": ids, "name": names, "kind": ["s", "s", "t", "empty"], "source_id": names}, SEGMENTS)
    pairs = [(one, person) for one, inside in INSIDE.items() for person in inside]
    members = typed({"segment_id": [a for a, _ in pairs], "person_id": [b for _, b in pairs]}, MEMBERS)
    past = typed(
        dict(zip(("segment_id", "person_id", "start", "end"), map(list, zip(*TERMS, strict=True)), strict=True)), HISTORY
    )
    found = {"segments": segments, "members": members, "people": people(), "history": past}
    if proof:
        return {name: attach(frame, Receipt("Peepl", "contacts", **proof)) for name, frame in found.items()}
    return found


def nothing() -> dict[str, pd.DataFrame]:
    return {
        "segments": typed({}, SEGMENTS),
        "members": typed({}, MEMBERS),
        "people": typed({}, PEOPLE),
        "history": typed({}, HISTORY),
    }
