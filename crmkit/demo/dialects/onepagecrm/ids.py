"""How OnePageCRM writes ids and times: 24 hexadecimal digits, UTC with Z, days without a zone."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

Json = dict[str, Any]
# The middle of an id by kind of record; contacts have the one that the population gives them.
_MIDDLES = {
    "user": "9007ba0a",
    "company": "9007ba1b",
    "deal": "9007ba2d",
    "item": "9007ba2e",
    "note": "9007ba31",
    "call": "9007ba32",
    "meeting": "9007ba33",
    "attachment": "9007ba34",
    "action": "9007ba41",
    "field": "9007ba51",
    "status": "9007ba52",
    "source": "9007ba53",
    "pipeline": "9007ba54",
    "product": "9007ba55",
    "group": "9007ba56",
    "saved action": "9007ba57",
    "filter": "9007ba58",
    "reason": "9007ba59",
    "result": "9007ba5a",
    "relationship type": "9007ba61",
    "variant": "9007ba62",
    "relationship": "9007ba63",
    "notification": "9007ba71",
    "webhook": "9007ba72",
}
FOUNDED = datetime(2021, 8, 23, 9, 14, 5, tzinfo=UTC)


def oid(kind: str, number: int, moment: datetime = FOUNDED) -> str:
    """An id of a kind of record: its time of creation in front, its number behind."""
    return f"{int(moment.timestamp()):08x}{_MIDDLES[kind]}{number:08x}"


def instant(moment: datetime) -> str:
    """Whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise(moment: datetime) -> str:
    """Milliseconds, as contacts and actions have them."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def day(value: date | None) -> str | None:
    """A day, or null."""
    return value.isoformat() if value else None


def money(value: float) -> float | int:
    """Whole amounts come as integers."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def letter(text: str) -> str:
    """The letter under which a name is filed: a to z, or 1."""
    first = unicodedata.normalize("NFKD", text.strip()[:1]).lower()[:1]
    return first if first.isascii() and first.isalpha() else "1"
