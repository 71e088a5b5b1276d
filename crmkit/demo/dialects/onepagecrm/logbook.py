"""What was said and when: notes, calls and meetings with contact persons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random

from crmkit.demo.clock import NOW, local_day
from crmkit.demo.dialects.onepagecrm.deals import Deals
from crmkit.demo.dialects.onepagecrm.files import attachment
from crmkit.demo.dialects.onepagecrm.ids import Json, instant, oid
from crmkit.demo.dialects.onepagecrm.reference import CALL_RESULTS, short_name
from crmkit.demo.dialects.onepagecrm.register import Register

_NOTES = (
    "Gesproken op de Nieuwjaarsdrink, wil de sponsormap ontvangen.",
    "Dochter speelt bij U13; vraagt een bord dicht bij de inkom.",
    "Beslist samen met de boekhouder, pas na de zomer.",
    "Vond de prijs hoog, wil wel een vat op de clubquiz.\nTerugbellen in september.",
    "Logo ontvangen, resolutie is te laag.",
)
_CALLS = ("Sponsormap besproken", "Wil erover nadenken", "Ingesproken, belt terug", "Verkeerd moment", "Ja op het bord")
_MEETINGS = ("Rondleiding in de kantine", "Contract overlopen", "Kennismaking met de voorzitter")
_PLACES = ("Clubhuis Dijlevallei", "Bij de sponsor", "Online", "Sporthal De Meander", "")


class Logbook:
    """Notes, calls and meetings by id, each in the order in which they were entered."""

    def __init__(self, register: Register, deals: Deals) -> None:
        self._register, self._deals = register, deals

    @cached_property
    def notes(self) -> dict[str, Json]:
        """Every second deal has a note linked to it; other notes stand alone."""
        rng, numbers, found = self._register.random("notes"), count(1), []
        for deal_id, deal in self._register.deals.items():
            if deal.number % 2 == 0:
                found.append(self._note(rng, next(numbers), deal.contact.record.record_id, deal_id))
        for contact_id in self._register.contacts:
            found += [self._note(rng, next(numbers), contact_id, None) for _ in range(rng.choice((0, 0, 1, 1, 3)))]
        return _by_time(found)

    def _note(self, rng: Random, number: int, contact_id: str, deal_id: str | None) -> Json:
        made = self._moment(rng, contact_id)
        return {
            "id": oid("note", number, made),
            "contact_id": contact_id,
            "text": rng.choice(_NOTES),
            "date": local_day(made).isoformat(),
            "linked_deal_id": deal_id,
            "linked_deal_name": self._deals.by_id[deal_id]["name"] if deal_id else "",
            **self._common(rng, "note", number, contact_id, made),
        }

    @cached_property
    def calls(self) -> dict[str, Json]:
        """One time in twelve call_time_int is text; the index is a position in the answer and added there."""
        rng, numbers, found = self._register.random("calls"), count(1), []
        for contact_id, contact in self._register.contacts.items():
            for _ in range(rng.choice((0, 1, 1, 2, 4))):
                number, made = next(numbers), self._moment(rng, contact_id)
                called = int(made.timestamp()) - rng.randrange(60, 3600)
                found.append(
                    {
                        "id": oid("call", number, made),
                        "contact_id": contact_id,
                        "text": rng.choice(_CALLS),
                        "call_result": rng.choices(list(CALL_RESULTS), (30, 18, 20, 22, 6, 4))[0],
                        "call_time_int": str(called) if number % 12 == 0 else called,
                        "via": rng.choices(("phone", "unknown", "jabber", "talkdesk"), (80, 14, 3, 3))[0],
                        "phone_number": f"{contact.record.card['phone']} (mobile)",
                        "recording_link": None,
                        **self._common(rng, "call", number, contact_id, made),
                    }
                )
        return _by_time(found)

    @cached_property
    def meetings(self) -> dict[str, Json]:
        """Some lie ahead."""
        rng, numbers, found = self._register.random("meetings"), count(1), []
        for contact_id in self._register.contacts:
            for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
                number, made = next(numbers), self._moment(rng, contact_id)
                held = made + timedelta(hours=rng.randrange(-30, 400))
                found.append(
                    {
                        "id": oid("meeting", number, made),
                        "contact_id": contact_id,
                        "text": rng.choice(_MEETINGS),
                        "meeting_time_int": int(held.replace(minute=0, second=0).timestamp()),
                        "place": rng.choice(_PLACES),
                        **self._common(rng, "meeting", number, contact_id, made),
                    }
                )
        return _by_time(found)

    def _moment(self, rng: Random, contact_id: str) -> datetime:
        """Some time between the entry of the contact and now."""
        created = self._register.contacts[contact_id].record.created
        return created + (NOW - created) * rng.random()

    def _common(self, rng: Random, kind: str, number: int, contact_id: str, made: datetime) -> Json:
        modified = made if rng.random() < 0.8 else made + (NOW - made) * rng.random()
        files = [attachment(kind, number, made, pinned=number % 2 == 0)] if rng.random() < 0.08 else []
        return {
            "author": short_name(self._register.contacts[contact_id].seller),
            "attachments": files,
            "created_at": instant(made),
            "modified_at": instant(modified),
        }

    @cached_property
    def _files(self) -> Mapping[str, list[Json]]:
        """Pinned files by contact."""
        found: dict[str, list[Json]] = defaultdict(list)
        for kind in (self._deals.by_id, self.notes, self.calls, self.meetings):
            for record in kind.values():
                found[record["contact_id"]] += [each for each in record["attachments"] if each["pinned"]]
        return found

    def pinned(self, contact_ids: Iterable[str]) -> list[Json]:
        """Pinned files of these contacts, newest pin first."""
        files = [each for contact_id in contact_ids for each in self._files.get(contact_id, ())]
        return sorted(files, key=lambda each: (each["pinned_at"], each["id"]), reverse=True)


def _by_time(found: list[Json]) -> dict[str, Json]:
    return {each["id"]: each for each in sorted(found, key=lambda each: (each["created_at"], each["id"]))}
