"""Notifications and tasks of the calling user, newest first."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

from crmkit.demo.clock import NOW
from crmkit.demo.dialects.sheepcrm.ids import Json, may, naive, oid, uri
from crmkit.demo.dialects.sheepcrm.office import USERS, Office, label
from crmkit.demo.programme import LIVE, NONE

_TASKS = (
    ("Aanwezigheden aanvullen", "De lijst is niet ingevuld."),
    ("Openstaande bestellingen nakijken", "Er is nog niet alles betaald."),
    ("Bedankmail sturen", "Naar iedereen die er was."),
)


class Journal:
    """Entries by uid; an event whose attendance nobody took leads to a task, one with orders to a notification."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @cached_property
    def tasks(self) -> dict[str, Json]:
        """Tasks, newest first; every third one is done."""
        held = [uid for uid, event in self._office.events.items() if event.state == LIVE and event.has_ended]
        held = [uid for uid in held if self._office.events[uid].taken == NONE] + held[-4:]
        found = {}
        for number, uid in enumerate(reversed(held), 1):
            title, body = _TASKS[0 if self._office.events[uid].taken == NONE else 1 + number % 2]
            entry = self._entry(500 + number, uid, title, body, number, "task")
            flags = {f"can_{verb}_task": True for verb in ("complete", "uncomplete", "snooze")}
            found[entry["uid"]] = entry | {
                "completed": number % 3 == 0,
                "user_interface": {**flags, **may("tasks-and-notes", "task")},
            }
        return dict(sorted(found.items(), key=lambda item: item[1]["date"], reverse=True))

    @cached_property
    def notifications(self) -> dict[str, Json]:
        """Notifications, newest first."""
        recent = [uid for uid, event in self._office.events.items() if event.state == LIVE][-12:]
        found = {}
        for number, uid in enumerate(reversed(recent), 1):
            orders = len(self._office.sheet(uid).orders)
            entry = self._entry(
                900 + number, uid, f"{orders} bestellingen", f"Voor {label(self._office.events[uid])}.", number, "note"
            )
            more = {"body": f"<p>{entry['text_body']}</p>", "creator_reference": ""}
            found[entry["uid"]] = entry | more | {"user_interface": may("notifications", "journal")}
        return found

    def notification(self, resource: str, uid: str) -> Json:
        """One notification; its URI says journal."""
        if resource != "journal":
            raise KeyError(resource)
        return self.notifications[uid]

    def _entry(self, number: int, event_uid: str, title: str, body: str, age: int, kind: str) -> Json:
        moment = NOW.replace(tzinfo=None) - timedelta(days=2 * age, minutes=17 * number)
        mine = oid("journal", number, moment)
        return {
            "assigned_to": USERS[3].uri,
            "assigned_to_display": USERS[3].name,
            "context": uri("booking", event_uid),
            "context_display": label(self._office.events[event_uid]),
            "created": naive(moment),
            "creator": USERS[0].uri,
            "date": naive(moment + timedelta(days=3)),
            "display_value": title,
            "entity": "booking",
            "entry_subtype": "system",
            "entry_type": kind,
            "files": [],
            "last_updated": naive(moment),
            "link": f"https://app.dijlevallei.example{uri('booking', event_uid)}",
            "record_state": "active",
            "star": number % 5 == 0,
            "tags": [],
            "text_body": body,
            "title": title,
            "uid": mine,
            "uri": uri("journal", mine),
        }
