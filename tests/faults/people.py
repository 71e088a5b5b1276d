"""Minimal valid records, made from a number: names, an object and a list in each, nobody real."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

FIRST = ("Ada", "Bram", "Cleo", "Daan", "Elif", "Finn", "Gust", "Hana", "Ines", "Joris")
LAST = ("Adams", "Bos", "Claes", "Dubois", "Evers", "Faes", "Goris", "Hens", "Imans", "Jacobs", "Kools")
MADE = "2024-03-01T09:30:00"
BUCKET = "example"


def first_name(number: int) -> str:
    return FIRST[number % len(FIRST)]


def last_name(number: int) -> str:
    return LAST[number % len(LAST)]


def mail(number: int) -> str:
    return f"person{number}@example.org"


def hex_id(number: int) -> str:
    return f"{number:024x}"


def peepl_contact(number: int) -> Record:
    address = {
        "id": number,
        "street1": "Kerkstraat 1",
        "street2": "",
        "city": "Gent",
        "postal_code": "9000",
        "country": "BE",
        "address_type": None,
    }
    company = {
        "id": number,
        "name": "Example Ltd",
        "sector": "Sport",
        "function": "Coach",
        "begin_date": "2020-01-01",
        "end_date": None,
        "address": [address],
        "email": mail(number),
        "phone": "050/00.00.00",
    }
    return {
        "id": number,
        "uname": f"user{number}",
        "first_name": first_name(number),
        "last_name": last_name(number),
        "birth_place": "Gent",
        "email": mail(number),
        "emails_secondary": [],
        "companies": [company],
        "educations": [],
        "relatives": [],
        "address": [address],
        "custom_fields": [],
        "last_modified": f"{MADE}.000000Z",
        "created_on": f"{MADE}.000000Z",
    }


def beeple_enrolment(number: int) -> Record:
    team = {
        "id": str(number % 5 + 1),
        "name": f"Team {number % 5 + 1}",
        "volunteers_needed": 5,
        "function": {"id": "7", "name": "Steward", "description": ""},
        "shifts_attributes": [
            {
                "start_datetime": "2024-04-01T09:00:00.000+02:00",
                "end_datetime": "2024-04-01T18:00:00.000+02:00",
                "break_duration": "00:30",
            }
        ],
    }
    collaborator = {"name": f"{first_name(number)} {last_name(number)}", "id": 7, "email": mail(7)}
    return {
        "id": str(number),
        "uuid": f"00000000-0000-4000-8000-{number:012x}",
        "fee": 12.5,
        "team": team,
        "contract_type": "volunteer",
        "collaborator": collaborator,
        "cancelled": False,
        "enrolment_property_values": [],
    }


def sheep_record(number: int, kind: str) -> Record:
    uid = hex_id(number)
    return {
        "uri": f"/{BUCKET}/{kind}/{uid}/",
        "uid": uid,
        "tags": ["north"],
        "record_state": "active",
        "description": "",
        "user_interface": {"policy_name": "staff"},
    }


def sheep_segment(number: int) -> Record:
    return {
        **sheep_record(number, "segment"),
        "name": f"Segment {number}",
        "resource_type": "person",
        "segment_type": "dynamic",
        "active": True,
        "created": f"{MADE}.000000",
    }


def sheep_booking(number: int) -> Record:
    group = {"display_value": f"{first_name(number)} {last_name(number)}", "ref": f"/{BUCKET}/person/{hex_id(number)}/"}
    return {
        **sheep_record(number, "booking"),
        "title": f"Evening {number}",
        "group": [group],
        "start_date": "2024-03-01",
        "start_datetime": f"{MADE}.000000",
        "cancelled": False,
    }


def missionhub_person(number: int) -> Record:
    attributes = {
        "first_name": first_name(number),
        "last_name": last_name(number),
        "major": None,
        "created_at": f"{MADE}Z",
        "updated_at": f"{MADE}Z",
    }
    return {
        "id": str(number),
        "type": "person",
        "attributes": attributes,
        "relationships": {"email_addresses": {"data": [{"type": "email_address", "id": str(number)}]}},
    }


def onepage_item(number: int) -> Record:
    return {
        "id": hex_id(number),
        "first_name": first_name(number),
        "last_name": last_name(number),
        "company_name": "Example Ltd",
        "background": "",
        "tags": ["north"],
        "emails": [{"type": "work", "value": mail(number)}],
        "google_contacts_data": {"account_email": mail(number), "id": "1", "saved_at": 1709285400},
        "created_at": f"{MADE}Z",
        "modified_at": f"{MADE}Z",
    }
