"""How sheepCRM writes ids, URIs, times and money: 24 hexadecimal digits, /bucket/type/uid/, no zone, pounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from crmkit.demo.clock import ZONE

Json = dict[str, Any]
BUCKET = "example"
# The middle of an id by kind of record; people have the one that the population gives them.
_MIDDLES = {
    "user": "9007ba80",
    "organisation": "9007ba81",
    "booking": "9007ba82",
    "session": "9007ba83",
    "ticket_type": "9007ba84",
    "ticket": "9007ba85",
    "form_response": "9007ba86",
    "question": "9007ba87",
    "section": "9007ba88",
    "member": "9007ba89",
    "membership_type": "9007ba8a",
    "payment_plan": "9007ba8b",
    "segment": "9007ba8c",
    "fieldset": "9007ba8d",
    "invoice": "9007ba8e",
    "payment": "9007ba8f",
    "journal": "9007ba90",
    "group": "9007ba91",
    "vehicle": "9007ba92",
}
FOUNDED = datetime(2021, 3, 8, 10, 42, 17)


def oid(kind: str, number: int, moment: datetime = FOUNDED) -> str:
    """An id of a kind of record: its time of creation in front, its number behind."""
    return f"{int(moment.replace(tzinfo=UTC).timestamp()):08x}{_MIDDLES[kind]}{number:08x}"


def number_in(kind: str, uid: str) -> int:
    """The number behind an id; KeyError for what is no id of that kind."""
    if len(uid) != 24 or uid[8:16] != _MIDDLES[kind]:
        raise KeyError(uid)
    try:
        return int(uid[16:], 16)
    except ValueError:
        raise KeyError(uid) from None


def uri(resource: str, uid: str) -> str:
    """The URI of a record, with both slashes."""
    return f"/{BUCKET}/{resource}/{uid}/"


def user_uri(uid: str) -> str:
    """Users belong to the vendor's own bucket."""
    return f"/sheepcrm/user/{uid}/"


def naive(moment: datetime) -> str:
    """Wall-clock time of Brussels with microseconds and without a zone."""
    if moment.tzinfo:
        moment = moment.astimezone(ZONE).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")


def midnight(day: date | None) -> str | None:
    """A day as memberships have it, with a time and without a fraction; or null."""
    return datetime.combine(day, time()).isoformat() if day else None


def money(cents: int) -> float | int:
    """Pounds or euros as a number; whole amounts come as integers."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def decimal(cents: int) -> str:
    """Pounds or euros as text."""
    return f"{cents // 100}.{cents % 100:02d}"


def may(what: str, record: str, *, write: bool = True) -> Json:
    """The flags about what the calling user may do with a kind of record."""
    found: Json = {f"can_{verb}_{record}": write for verb in ("create", "delete", "edit", "restore")}
    return {**found, "policy_name": what}
