"""The log of changes, over the whole client and of one record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property

from crmkit.demo.clock import ZONE
from crmkit.demo.dialects.sheepcrm.ids import Json, naive, uri
from crmkit.demo.dialects.sheepcrm.members import created
from crmkit.demo.dialects.sheepcrm.office import USERS, Office, label, name_of, session_uid
from crmkit.demo.guestlist import INVITED
from crmkit.demo.programme import WALL_NOW

Change = tuple[str, object, object, str]  # Field, before, after, verb.


class Audit:
    """All changes, the newest first."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @cached_property
    def entries(self) -> list[tuple[datetime, Json]]:
        """Every entry with its moment."""
        found = [*self._of_people(), *self._of_members(), *self._of_events()]
        return sorted(found, key=lambda each: (each[0], each[1]["uri"]), reverse=True)

    def between(self, start: datetime, end: datetime, resource: str | None) -> list[Json]:
        """Entries from start to end, both included."""
        found = [entry for moment, entry in self.entries if start <= moment <= end]
        return [entry for entry in found if resource in (None, entry["resource"])]

    def of(self, resource: str, uid: str, since_days: int, limit: int) -> Json:
        """Entries of one record, and the records that have to do with it."""
        mine, since = uri(resource, uid), WALL_NOW - timedelta(days=since_days)
        found = [entry for moment, entry in self.entries if entry["uri"] == mine and moment >= since][:limit]
        related = [uri("member", term) for term, _ in self._office.terms_of.get(uid, [])]
        return {"results": found, "count": len(found), "uri": mine, "related_uris": related}

    def _of_people(self) -> Iterator[tuple[datetime, Json]]:
        for uid, record in self._office.records.items():
            mine = uri("person", uid)
            yield self._entry(
                _wall(record.created), "person", mine, "Aangemaakt", 1, ("last_name", "", record.card["last_name"], "add")
            )
            if record.modified > record.created and record.changed:
                field = record.changed[0]
                person = record.person
                before = (
                    {"first_name": person.first_name, "email": person.mail, "phone": person.phone}.get(field, "")
                    if person
                    else ""
                )
                change = (field, before, record.card[field], "change")
                yield self._entry(_wall(record.modified), "person", mine, f"{name_of(record)} gewijzigd", 1, change)

    def _of_members(self) -> Iterator[tuple[datetime, Json]]:
        for uid, term in self._office.terms.items():
            change = ("membership_record_status", "", "active", "add")
            yield self._entry(created(term), "member", uri("member", uid), f"Lidmaatschap {term.plan.name}", 1, change)

    def _of_events(self) -> Iterator[tuple[datetime, Json]]:
        for uid, event in self._office.events.items():
            announced = ("status", "", "confirmed", "add")
            yield self._entry(event.announced, "booking", uri("booking", uid), f"{label(event)} aangemaakt", 2, announced)
            for seat in self._office.sheet(uid).seats:
                if seat.changed > seat.replied and seat.served != INVITED:
                    mine = uri("session", session_uid(event, seat))
                    change = ("status", seat.reply, seat.served, "change")
                    yield self._entry(seat.changed, "session", mine, f"Aanwezigheid {label(event)}", 0, change)

    def _entry(
        self, moment: datetime, resource: str, mine: str, message: str, user: int, change: Change
    ) -> tuple[datetime, Json]:
        field, before, after, verb = change
        return moment, {
            "date": naive(moment),
            "message": message,
            "uri": mine,
            "user": USERS[user].uri,
            "revertable": verb == "change",
            "resource": resource,
            "clean_diff": [{"field": field, "prev": before, "value": after, "verb": verb}],
        }


def _wall(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)
