"""Contacts, organisations, groups and combinations as Peepl prints them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from crmkit.demo import names
from crmkit.demo.clock import TODAY, stamp
from crmkit.demo.dialects.peepl.register import CONTACTS, ORGANISATIONS, Combination, Holding, Register
from crmkit.demo.organisations import COMPANY
from crmkit.demo.people import Person, ascii_letters
from crmkit.demo.records import Record
from crmkit.demo.structure import Group

Json = dict[str, Any]
MEDIA = "https://peepl-dev-media.s3.eu-central-1.amazonaws.com/217"
CORRESPONDENCE, INVOICING = 4, 3

CONTACT_FIELDS: tuple[tuple[int, str, str, list[str]], ...] = (
    (3, "GSM", "text", []),
    (4, "Nieuwsbrief", "boolean", []),
    (6, "Maat T-shirt", "choices_single", ["XS", "S", "M", "L", "XL"]),
    (9, "Licentienummer", "int", []),
    (11, "Medisch attest tot", "date", []),
)
ORGANISATION_FIELDS: tuple[tuple[int, str, str, list[str]], ...] = (
    (2, "Sponsorformule", "choices_single", ["Hoofdsponsor", "Goud", "Brons"]),
    (5, "Contactpersoon", "text", []),
)


def custom_fields(declared: tuple[tuple[int, str, str, list[str]], ...]) -> list[Json]:
    """Definitions of custom fields."""
    return [
        {
            "id": number,
            "name": name,
            "display_order": order,
            "field_type": kind,
            "options": options,
            "category_id": 1,
        }
        for order, (number, name, kind, options) in enumerate(declared)
    ]


def contact(register: Register, number: int) -> Json:
    """One Contact, all 21 fields."""
    record = register.contacts[number]
    card, person = record.card, record.person
    rng = register.club.random(f"peepl:contact:{number}")
    adult = person is not None and person.age_on(TODAY) >= 18
    me, edits = (CONTACTS, number), register.edits
    drawn = {
        "id": number,
        "uname": register.user_names[number],
        "first_name": card["first_name"],
        "last_name": card["last_name"],
        "birth_date": card["birth_date"] or None,
        "birth_place": card["birth_place"],
        "age": age(card["birth_date"]),
        "profile_pic": f"{MEDIA}/profile_pic/{uuid(rng)}.png" if rng.random() < 0.3 else None,
        "preferred_language": card["language"],
        "permission_level": "can_login",
        "gender": card["gender"],
        "email": card["email"],
        "title": {"M": "Mr.", "F": "Mrs."}.get(card["gender"], "") if adult else "",
        "emails_secondary": edits.entries(me, "emails_secondary", _secondary_mails(record, number)),
        "companies": [_company(register, rng, number)] if adult and rng.random() < 0.12 else [],
        "educations": [_education(rng, number, person)] if person and adult and rng.random() < 0.1 else [],
        "relatives": _relatives(register, person),
        "address": contact_addresses(register, number),
        "custom_fields": edits.entries(me, "custom_fields", _contact_values(rng, record, number)),
        "last_modified": stamp(edits.moment(me, record.modified)),
        "created_on": stamp(record.created),
    }
    written = edits.basics(me)
    return {**drawn, **written, "age": age(written["birth_date"])} if written else drawn


def age(birth_date: str) -> int | None:
    """Full years today by the recorded birth date; negative for one in the future, None without one."""
    if not birth_date:
        return None
    born = date.fromisoformat(birth_date)
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def uuid(rng: Random) -> str:
    """Something that looks like a random UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _secondary_mails(record: Record, number: int) -> list[Json]:
    """The shared mail of those who needed a tagged one of their own, and some work addresses."""
    person = record.person
    if person and record.kind == "person" and "email" in record.changed:
        kind = "mother" if person.parents else "home"
        return [{"id": number * 3, "type": kind, "value": person.mail, "cc": True}]
    if person and number % 11 == 0:
        value = f"{ascii_letters(person.first_name)[:1]}{ascii_letters(person.last_name)}@work.example"
        return [{"id": number * 3 + 1, "type": "work", "value": value, "cc": False}]
    return []


def _address(number: int, street: str, city: str, postal_code: str, address_type: int | None) -> Json:
    return {
        "id": number,
        "street1": street,
        "street2": "",
        "city": city,
        "postal_code": postal_code,
        "country": "BE",
        "address_type": address_type,
    }


def contact_addresses(register: Register, number: int) -> list[Json]:
    """The correspondence address first; every thirteenth contact has a second one."""
    card = register.contacts[number].card
    found = [_address(number * 2, card["street"], card["city"], card["postal_code"], CORRESPONDENCE)]
    if number % 13 == 0:
        town = names.TOWNS[number % len(names.TOWNS)]
        street = f"{names.STREETS[number % len(names.STREETS)]} {number % 90 + 1}"
        found.append(_address(number * 2 + 1, street, town.city, town.postal_code, INVOICING))
    return register.edits.entries((CONTACTS, number), "address", found)


def organisation_addresses(register: Register, number: int) -> list[Json]:
    """The one address of an organisation."""
    home = register.organisations[number].home
    drawn = [_address(100_000_000 + number, home.street, home.city, home.postal_code, INVOICING)]
    return register.edits.entries((ORGANISATIONS, number), "address", drawn)


def _company(register: Register, rng: Random, number: int) -> Json:
    firm = rng.choice([each for each in register.club.organisations if each.kind == COMPANY])
    begun = date(rng.randint(2005, 2022), rng.randint(1, 12), 1)
    ended = date(2023, rng.randint(1, 12), 28) if rng.random() < 0.2 else None
    return {
        "id": number * 5,
        "name": firm.name,
        "sector": firm.sector,
        "function": rng.choice(names.JOBS),
        "begin_date": begun.isoformat(),
        "end_date": ended.isoformat() if ended else None,
        "address": [_address(number * 7 + 200_000_000, firm.home.street, firm.home.city, firm.home.postal_code, None)],
        "email": firm.mail,
        "phone": f"016/0{rng.randrange(10)}.{rng.randrange(100):02d}.{rng.randrange(100):02d}",
    }


def _education(rng: Random, number: int, person: Person) -> Json:
    begun = min(person.birth_date.year + rng.randint(18, 24), TODAY.year - 1)
    done = begun + 3 < TODAY.year
    return {
        "id": number * 5 + 1,
        "education_name": rng.choice(names.STUDIES),
        "begin_date": f"{begun}-09-20",
        "end_date": f"{begun + 3}-06-30" if done else None,
        "school_name": rng.choice(names.SCHOOLS),
        "completed": done,
        "address": [_address(number * 7 + 300_000_000, "Naamsestraat 22", "Leuven", "3000", None)],
    }


def _relatives(register: Register, person: Person | None) -> list[Json]:
    """Parents of a child, where the record holds them: two children in three."""
    if person is None or int(person.person_id[1:]) % 3 == 0:
        return []
    found = (register.main_record.get(parent) for parent in person.parents)
    return [{"id": number * 9, "contact": number, "relation": "parent"} for number in found if number]


def _contact_values(rng: Random, record: Record, number: int) -> list[Json]:
    values: list[tuple[int, str, object]] = []
    if record.card["phone"]:
        values.append((3, "string_value", record.card["phone"]))
    if record.person:
        values.append((4, "bool_value", record.person.newsletter))
        if record.person.section:
            values.append((6, "string_value", rng.choice(CONTACT_FIELDS[2][3])))
            values.append((9, "int_value", 200_000 + number))
            values.append((11, "date_value", date(2024, rng.randint(1, 12), rng.randint(1, 28)).isoformat()))
    return [
        {"id": number * 10 + place, "custom_field": field, value_name: value}
        for place, (field, value_name, value) in enumerate(values)
    ]


def organisation(register: Register, number: int) -> Json:
    """One Organisation, all 14 fields."""
    found = register.organisations[number]
    values = [{"id": number * 10, "custom_field": 2, "string_value": found.level}] if found.level else []
    me, edits = (ORGANISATIONS, number), register.edits
    return {
        "id": number,
        "name": found.name,
        "profile_pic": None,
        "preferred_language": "nl",
        "type": "private" if found.kind == COMPANY else "public",
        "email": found.mail,
        "emails_secondary": [],
        "vat_number": found.vat_number,
        "website": found.website,
        "relatives": [],
        "address": organisation_addresses(register, number),
        "custom_fields": edits.entries(me, "custom_fields", values),
        "last_modified": stamp(edits.moment(me, found.modified)),
        "created_on": f"{found.since.isoformat()}T08:15:00.{number:06d}Z",
    }


def position(holding: Holding) -> Json:
    """One Position."""
    return {
        "id": holding.position_id,
        "start_date": holding.start.isoformat(),
        "end_date": holding.end.isoformat() if holding.end else None,
        "user_id": holding.user_id,
        "combination_id": holding.combination.combination_id,
    }


def group(node: Group) -> Json:
    """A Group with everything below it."""
    return {
        "id": node.group_id,
        "name": node.name,
        "permission_level": "can_login",
        "visible_in_list": node.listed,
        "visible_on_clubsite": node.listed and node.team is not None,
        "parent_id": node.parent.group_id if node.parent else None,
        "visible_on_leaderboards": node.listed,
        "children": [group(child) for child in node.children],
    }


def combination(found: Combination) -> Json:
    """One Combination."""
    return {
        "id": found.combination_id,
        "short_description": f"{found.group.name} / {found.function}",
        "function": found.function_id,
        "group": found.group.group_id,
    }
