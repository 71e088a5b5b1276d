"""People and organisations as sheepCRM prints them: records, summaries, display values, pictures, provenance."""

from __future__ import annotations

from zlib import crc32

from crmkit.demo.clock import TODAY
from crmkit.demo.dialects.sheepcrm.ids import Json, may, naive, oid, uri
from crmkit.demo.dialects.sheepcrm.members import Members
from crmkit.demo.dialects.sheepcrm.office import USERS, Office, label, name_of, offer_uid
from crmkit.demo.organisations import Organisation
from crmkit.demo.records import Record

_VEHICLES = (
    {"registration_number": "1-DVL-001", "make": "Ford", "model": "Transit minibus", "seats": 9},
    {"registration_number": "1-DVL-002", "make": "Volkswagen", "model": "Crafter", "seats": 9},
    {"registration_number": "1-DVL-003", "make": "Citroën", "model": "Berlingo", "seats": 5},
)
_SOURCES = ("webshop", "import", "ledenadministratie", "formulier")


class Contacts:
    """Persons, organisations and the club's vehicles; and what every kind of record is called."""

    def __init__(self, office: Office, members: Members) -> None:
        self._office, self._members = office, members
        self.vehicles = {oid("vehicle", number): dict(found) for number, found in enumerate(_VEHICLES, 1)}

    def person(self, uid: str, *, verbose: bool = False) -> Json:
        """The record of a person."""
        record = self._office.records[uid]
        card = record.card
        found: Json = {
            "uri": uri("person", uid),
            "uid": uid,
            "display_value": name_of(record),
            "title": {"F": "Mevr.", "M": "Dhr."}.get(card["gender"], ""),
            "first_name": card["first_name"],
            "last_name": card["last_name"],
            "gender": card["gender"],
            "date_of_birth": card["birth_date"],
            "primary_email": card["email"],
            "primary_telephone": card["phone"],
            "street_address": card["street"],
            "locality": card["city"],
            "postal_code": card["postal_code"],
            "country": "BE",
            "record_state": "active",
        }
        return found | self._more(record) if verbose else found

    def _more(self, record: Record) -> Json:
        person = record.person
        return {
            "place_of_birth": record.card["birth_place"],
            "language": record.card["language"],
            "created": naive(record.created),
            "last_updated": naive(record.modified),
            "tags": [person.role] if person else [],
            "mailing_consent": bool(person and person.newsletter),
            "user_interface": may("person", "person"),
        }

    def organisation(self, uid: str) -> Json:
        """The record of an organisation."""
        found = self._office.organisations[uid]
        return {
            "uri": uri("organisation", uid),
            "uid": uid,
            "display_value": found.name,
            "name": found.name,
            "sector": found.sector,
            "primary_email": found.mail,
            "primary_telephone": None,
            "street_address": found.home.street,
            "locality": found.home.city,
            "postal_code": found.home.postal_code,
            "country": "BE",
            "website": found.website,
            "record_state": "active",
        }

    def summary(self, resource: str, uid: str) -> Json:
        """A contact in short, with how often it was on a list."""
        if resource == "organisation":
            return {**self.organisation(uid), "resource_type": resource, "tags": [self._office.organisations[uid].level]}
        terms = self._office.terms_of.get(uid, [])
        return {
            **self.person(uid),
            "resource_type": resource,
            "avatar": f"/api/v2{uri(resource, uid)}avatar",
            "membership_status": [term.status for _, term in terms if term.start <= TODAY <= term.end],
            "number_of_events": len(self._office.attended(self._office.records[uid])),
        }

    def communications(self, uid: str) -> Json:
        """Mail, telephone and address of a person."""
        record = self._office.records[uid]
        card = record.card
        mail = {"type": "email", "value": card["email"], "label": "thuis", "primary": True}
        phone = {"type": "telephone", "value": card["phone"], "label": "mobiel", "primary": True}
        address = {
            "street_address": card["street"],
            "locality": card["city"],
            "postal_code": card["postal_code"],
            "country": "BE",
        }
        consent = {"email": bool(record.person and record.person.newsletter), "telephone": False, "post": True}
        return {"uri": uri("person", uid), "communications": [mail, phone], "address": address, "consent": consent}

    def personal(self, uid: str) -> Json:
        """Personal details of a person."""
        record = self._office.records[uid]
        names = ("first_name", "last_name", "gender", "birth_place", "language")
        found: Json = {"uri": uri("person", uid), "date_of_birth": record.card["birth_date"]}
        found |= {name: record.card[name] for name in names}
        parents = record.person.parents if record.person else ()
        known = [self._office.original[parent] for parent in parents if parent in self._office.original]
        found["relations"] = [{"relation": "ouder", "ref": uri("person", each.record_id)} for each in known]
        return found

    def vehicle(self, uid: str) -> Json:
        """One of the club's vehicles."""
        number = list(self.vehicles).index(uid) + 1
        numbers = {"engine_number": f"ENG{number:07d}", "identifying_number": f"DVLDEMO{number:010d}"}
        name = f"{self.vehicles[uid]['make']} {self.vehicles[uid]['model']}"
        return {"uri": uri("vehicle", uid), "uid": uid, "display_value": name, **self.vehicles[uid], **numbers}

    def display(self, resource: str, uid: str) -> str:
        """What a record is called; KeyError for a type or a record that there is not."""
        office = self._office
        match resource:
            case "person":
                return name_of(office.records[uid])
            case "organisation":
                return office.organisations[uid].name
            case "booking":
                return label(office.events[uid])
            case "member":
                return str(self._members.whole(uid)["display_value"])
            case "membership_type":
                return self._members.plans[uid].name
            case "session":
                return office.seat(uid)[1].name
            case "ticket":
                event_uid, _, line = office.ticket(uid)
                return f"{line.quantity} x {office.events[event_uid].offers[line.offer].name}"
            case "ticket_type":
                types = {offer_uid(e, place): offer.name for e in office.events.values() for place, offer in enumerate(e.offers)}
                return types[uid]
            case "vehicle":
                return str(self.vehicle(uid)["display_value"])
        raise KeyError(resource)

    def provenance(self, resource: str, uid: str) -> Json:
        """Where a record comes from."""
        name, place = self.display(resource, uid), crc32(uid.encode())
        record = self._office.records.get(uid)
        return {
            "uri": uri(resource, uid),
            "display_value": name,
            "source": "test" if record and record.kind == "test" else _SOURCES[place % len(_SOURCES)],
            "created": naive(record.created) if record else None,
            "created_by": USERS[place % 3].uri,
            "last_updated": naive(record.modified) if record else None,
        }

    def has_photo(self, uid: str) -> bool:
        """Whether somebody gave a picture: every fifth person did."""
        return uid in self._office.records and crc32(uid.encode()) % 5 == 0

    def search_result(self, found: Record | Organisation, uid: str) -> Json:
        """A person or an organisation as the global search shows it."""
        is_person = isinstance(found, Record)
        return {
            "display_value": name_of(found),
            "id": uri("person" if is_person else "organisation", uid),
            "primary_email": found.card["email"] if isinstance(found, Record) else found.mail,
            "primary_telephone": found.card["phone"] if isinstance(found, Record) else None,
            "resource": "person" if is_person else "organisation",
        }
