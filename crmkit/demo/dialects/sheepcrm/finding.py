"""The searches of sheepCRM: over everything, for one person, for a vehicle, in the help pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from crmkit.demo.dialects.sheepcrm.contacts import Contacts
from crmkit.demo.dialects.sheepcrm.ids import Json, uri
from crmkit.demo.dialects.sheepcrm.office import Office, label
from crmkit.demo.people import ascii_letters
from crmkit.demo.wsgi import Refused

PERSON_PARAMETERS = ("title", "first_name", "last_name", "email", "date_of_birth", "postal_code")
VEHICLE_PARAMETERS = ("registration_number", "engine_number", "identifying_number")
_HELP = "https://help.dijlevallei.example"
_PAGES = (
    ("attendance", "Taking attendance at an event", "Open the event, choose Attendance and set a status for everybody."),
    ("tickets", "Ticket types and stock", "Each ticket type has a price, a stock and a number of attendees."),
    ("series", "Events in a series", "A series shows as its most recent event in lists."),
    ("segments", "Segments and their kinds", "A dynamic segment is a stored query; a static one is a fixed list."),
    ("membership", "Renewing a membership", "A renewal creates a new membership record that follows the old one."),
    ("exports", "Exports to a spreadsheet", "Choose fieldsets to decide which columns a spreadsheet has."),
)


class Finding:
    """Searches."""

    def __init__(self, office: Office, contacts: Contacts) -> None:
        self._office, self._contacts = office, contacts

    def everywhere(self, q: str) -> Json:
        """Records whose name has every word asked for, or whose mail holds the whole; the nearest first."""
        words = [ascii_letters(word) for word in q.split()]
        whole = q.strip().lower()
        found = []
        for name, mail, result in self._all():
            plain = ascii_letters(name)
            if (words and all(word and word in plain for word in words)) or (whole and whole in mail.lower()):
                near = SequenceMatcher(None, "".join(words), plain).ratio()
                found.append(result | {"distance": round(1 - near, 4)})
        return {"q": q, "results": sorted(found, key=lambda each: (each["distance"], each["id"]))}

    def _all(self) -> Iterator[tuple[str, str, Json]]:
        for uid, record in self._office.records.items():
            name = f"{record.card['first_name']} {record.card['last_name']}"
            yield name, record.card["email"], self._contacts.search_result(record, uid)
        for uid, firm in self._office.organisations.items():
            yield firm.name, firm.mail, self._contacts.search_result(firm, uid)
        for uid, event in self._office.events.items():
            blank = {"primary_email": None, "primary_telephone": None}
            yield label(event), "", {"display_value": label(event), "id": uri("booking", uid), **blank, "resource": "booking"}

    def person(self, query: Mapping[str, str], take_first: bool) -> Json:
        """The one person that fits; letters count, but not in a mail address."""
        asked = {name: query[name] for name in PERSON_PARAMETERS if query.get(name)}
        if not asked:
            raise Refused(400, "Give at least one field to search for.")
        found = [uid for uid in self._office.records if self._fits(self._contacts.person(uid), asked)]
        if not found:
            raise Refused(404, "No person fits.")
        if len(found) > 1 and not take_first:
            raise Refused(400, f"{len(found)} people fit; give more fields or take_first_if_multiple.")
        return self._contacts.person(found[0], verbose=True)

    @staticmethod
    def _fits(person: Json, asked: Mapping[str, str]) -> bool:
        fields = {"email": "primary_email"}
        for name, value in asked.items():
            mine = str(person[fields.get(name, name)])
            if (mine.lower() != value.lower()) if name == "email" else (mine != value):
                return False
        return True

    def vehicle(self, query: Mapping[str, str]) -> Json:
        """The one vehicle that fits."""
        asked = {name: query[name] for name in VEHICLE_PARAMETERS if query.get(name)}
        if not asked:
            raise Refused(400, "Give at least one number to search for.")
        for uid in self._contacts.vehicles:
            found = self._contacts.vehicle(uid)
            if all(found[name] == value for name, value in asked.items()):
                return found
        raise Refused(404, "No vehicle fits.")

    @staticmethod
    def help(q: str, limit: int, text: bool, html: bool) -> Json:
        """Help pages that have every word."""
        results = []
        for page, title, body in _PAGES:
            if all(word in f"{title} {body}".lower() for word in q.lower().split()):
                found = {"link": f"{_HELP}/{page}", "title": title}
                results.append(found | ({"text": body} if text else {}) | ({"html": f"<p>{body}</p>"} if html else {}))
        return {"docs": _HELP, "q": q, "results": results[:limit]}
