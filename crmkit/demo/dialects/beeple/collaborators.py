"""Collaborators as Beeple prints them: alone with a Belgian birth date, in an enrolment with an ISO one."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from random import Random
from typing import Any

from crmkit.demo.clock import TODAY
from crmkit.demo.dialects.beeple.identifiers import BIC, belgian, dutch, german, iban
from crmkit.demo.dialects.beeple.planned import digits
from crmkit.demo.dialects.beeple.register import DEPARTMENTS, Register
from crmkit.demo.people import Person, ascii_letters
from crmkit.demo.records import Record
from crmkit.demo.structure import TRAINER

Json = dict[str, Any]
# Words that stand before a family name; some write them into the field of their own, some do not.
_INFIXES = ("Van den ", "Van de ", "Van ", "De ", "El ")
_COUNTRIES = {"BE": "Belgium", "NL": "Netherlands", "DE": "Germany"}
_WORKING = ("working_class", "functionary", "entrepreneur", "working_class_blue_collar", "flexijobs")


class Collaborators:
    """The people through Beeple's eyes."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._seed = register.club.seed

    def collaborator(self, number: str) -> Json:
        """A Collaborator."""
        record = self._register.collaborators[number]
        card, rng = record.card, self._random(number)
        person, nation = record.person, self._nation(number)
        infix, family = self.family_name(record)
        contracts = _contracts(person)
        departments = self.departments(number)
        landline = card["phone"] if card["phone"].startswith("+3216") else ""
        return {
            "id": number,
            "other_names": card["first_name"],
            "family_name": family,
            "prefix": infix,
            "email": self._mails[number],
            "birth_country": nation,
            "birth_country_name": _COUNTRIES[nation],
            "birth_place": card["birth_place"],
            "birth_date": "/".join(reversed(card["birth_date"].split("-"))) or None,
            "social_statute": self._statute(number),
            "receive_email_campaigns": bool(person and person.newsletter),
            "receive_sms_campaigns": rng.random() < 0.2,
            "gender": {"F": "female", "M": "male"}[card["gender"]],
            "language": card["language"],
            **{f"national_identification_{land}": value for land, value in self._national(number).items()},
            "mobile": digits(card["phone"]),
            "phone": digits(landline) or None,
            "nationality": nation,
            "default_contract_type": contracts[0],
            "payroll_identification_code": str(12000 + int(number)) if len(contracts) > 1 else None,
            "contract_types": contracts,
            "iban": iban(int(number) * 7919),
            "bic": BIC,
            "primary_address": _address(record),
            "departments": [{"id": str(DEPARTMENTS[name]), "name": name} for name in departments],
            "department_ids": [DEPARTMENTS[name] for name in departments],
            "primary_department_id": DEPARTMENTS[departments[0]],
            "manager_ids": [int(each) for each in self._register.managers[:2]],
            "profile_properties": "",
            "profile_property_groups": _properties(rng),
            "errors": [],
        }

    def enrolled(self, number: str) -> Json:
        """The EnrolmentCollaborator: one name, a number for an id, a mobile with its plus."""
        record = self._register.collaborators[number]
        card, nation = record.card, self._nation(number)
        numbers = self._national(number).items()
        levels = {f"administrative_area_level_{level}": None for level in range(1, 6)}
        return {
            "name": self.name(record),
            "id": int(number),
            "email": self._mails[number],
            "mobile": card["phone"],
            "gender": {"F": "female", "M": "male"}[card["gender"]],
            "nationality": nation,
            "social_statute_code": self._statute(number),
            "national_registration_numbers": [{"country": land.upper(), "number": each} for land, each in numbers if each],
            "language": card["language"],
            "birth_date": card["birth_date"] or None,
            "birth_place": card["birth_place"],
            "birth_country": nation,
            "contact_person": {"email": None, "mobile": None},
            "iban": iban(int(number) * 7919),
            "bic": BIC,
            "primary_address": _address(record) | levels,
        }

    def family_name(self, record: Record) -> tuple[str, str]:
        """Infix and family name; the infix is empty where it was written into the family name."""
        last = record.card["last_name"]
        apart = self._random(record.record_id, "infix").random() < 0.5 and record.record_id not in self._faulty_names
        infix = next((each for each in _INFIXES if last.startswith(each)), "") if apart else ""
        return infix.strip(), last.removeprefix(infix)

    def name(self, record: Record) -> str:
        """First names, infix and family name in one."""
        return f"{record.card['first_name']} {record.card['last_name']}"

    def departments(self, number: str) -> list[str]:
        """One or two departments, the main one first."""
        return self._random(number, "departments").sample(list(DEPARTMENTS)[:3], 2)[: 1 + int(number) % 2]

    def blocked_on(self, number: str) -> date | None:
        """When somebody was blocked."""
        rng = self._random(number, "blocked")
        record = self._register.collaborators[number]
        if record.person is None or rng.random() >= 0.04:
            return None
        return max(record.created.date(), date(2024, 1, 10) if rng.random() < 0.5 else date(2023, 9, 4))

    @cached_property
    def _mails(self) -> dict[str, str]:
        """Mail addresses, unique as the document says: whoever shares one has a tag before the @."""
        found: dict[str, str] = {}
        taken: set[str] = set()
        for number, record in self._register.collaborators.items():
            mail = record.card["email"]
            if mail in taken:
                mail = mail.replace("@", f"+{ascii_letters(record.card['first_name'])}{number}@", 1)
            taken.add(mail)
            found[number] = mail
        return found

    @cached_property
    def _faulty_names(self) -> set[str]:
        return {fault.record_id for fault in self._register.club.faults("beeple") if fault.field == "last_name"}

    def _nation(self, number: str) -> str:
        """All but a few are Belgian."""
        if self._register.collaborators[number].person is None:
            return "BE"
        return self._random(number, "nation").choices(("BE", "NL", "DE"), (92, 5, 3))[0]

    def _national(self, number: str) -> dict[str, str | None]:
        """National numbers by country, those of the true person; none for a record of a test."""
        person, nation = self._register.collaborators[number].person, self._nation(number)
        return {
            "be": belgian(person.birth_date, person.gender) if person and nation == "BE" else None,
            "nl": dutch(int(number)) if nation == "NL" else None,
            "de": german(int(number) * 7919) if nation == "DE" else None,
        }

    def _statute(self, number: str) -> str:
        person = self._register.collaborators[number].person
        if person is None:
            return "unknown"
        age = person.age_on(TODAY)
        if age >= 65:
            return "retired"
        return "student" if age <= 22 else self._random(number, "statute").choice(_WORKING)

    def _random(self, number: str, concern: str = "") -> Random:
        return Random(f"{self._seed}:beeple:collaborator:{concern}:{number}")


def _contracts(person: Person | None) -> list[str]:
    """Most help for nothing; students and trainers may be paid."""
    if person is None:
        return ["volunteer"]
    if TRAINER in person.duties:
        return ["volunteer", "freelancer"]
    return ["volunteer", "interim"] if person.age_on(TODAY) <= 22 else ["volunteer"]


def _address(record: Record) -> Json:
    card = record.card
    return {
        "street1": card["street"],
        "street2": None,
        "zip": card["postal_code"],
        "city": card["city"],
        "country": "BE",
    }


def _properties(rng: Random) -> list[Json]:
    found = [
        {"property_id": 3, "name": "T-shirt", "value": rng.choice(("S", "M", "L", "XL"))},
        {"property_id": 7, "name": "Attest EHBO", "value": rng.choice(("true", "false", "false"))},
    ]
    return [{"name": "Praktisch", "profile_properties": found}]
