"""Projects, subprojects and teams as Beeple prints them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from crmkit.demo.clock import ZONE
from crmkit.demo.dialects.beeple.customfields import definitions, values
from crmkit.demo.dialects.beeple.register import DEPARTMENTS, Register
from crmkit.demo.names import CLUB
from crmkit.demo.needs import FIRST_AID, PARKING, REFEREE, Function
from crmkit.demo.planning import Part, Project, Shift, Team

Json = dict[str, Any]
_CUSTOMERS = {"Evenementen": ("9", "Evenementencomité")}
_HOUSE = ("5", CLUB)
_LANGUAGES = {"en": "{} (EN)", "nl": "{}"}
_DEFAULT_FUNCTIONS = {"Kantine": "7", "Sport": "27"}


def i18n(key: str, texts: Mapping[str, str], repeated: str = "") -> Json:
    """A list written as an object with its places for keys; a language may come a second time."""
    pairs = [*texts.items(), *([(repeated, texts[repeated])] if repeated else [])]
    return {str(place): {"language": language, key: text} for place, (language, text) in enumerate(pairs)}


def hours(minutes: int) -> str:
    """Minutes as HH:MM."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def digits(phone: str) -> str:
    """A number in international form without its plus; what somebody typed otherwise stays as it is."""
    return phone.removeprefix("+") if phone[1:].isdecimal() else phone


class Planned:
    """The plan through Beeple's eyes."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._seed = register.club.seed

    def project(self, each: Project) -> Json:
        """A Project, the same in the list and alone."""
        rng = self._random("project", each.number)
        customer = _CUSTOMERS.get(each.department, _HOUSE)
        about = f"{each.name}: planning van medewerkers."
        texts = {language: form.format(each.name) for language, form in _LANGUAGES.items()}
        color = rng.randint(1, 8)
        return {
            "id": str(each.number),
            "name": each.name,
            "customer": {"id": customer[0], "name": customer[1]},
            "department": {"id": str(DEPARTMENTS[each.department]), "name": each.department},
            "description": about,
            "start_date": each.first.isoformat(),
            "end_date": each.last.isoformat(),
            "color": f"color{color}",
            "color_code": f"'#{(color * 0x1F3D5B) % 0x1000000:06X}'",
            "published": each.published,
            "subprojects_enabled": each.split,
            "enrolment_document": "Default Callsheet" if each.department == "Evenementen" else None,
            "logo_url": f"https://www.example.com/logo/{each.number}.png" if rng.random() < 0.3 else None,
            "planning_custom_fields_attributes": definitions(each),
            "manager_id": self._manager(rng),
            "practical_info": f"Samenkomst aan {each.venue.name}.",
            "default_function_id": _DEFAULT_FUNCTIONS.get(each.department),
            "logo": None,
            "remove_logo": False,
            "payroll_service_interim_id": None,
            "payroll_service_intern_id": None,
            "payroll_service_contractual_id": "666",
            "payroll_service_freelancer_id": None,
            "payroll_service_collaborator_id": "7685",
            "default_minimum_age": 16,
            "customer_experience_required": False,
            "default_team_maximum_travel_distance": "50",
            "default_registration_type": "application" if each.department == "Sport" else "direct_registration",
            "default_team_open_for_reservations": False,
            "teams_are_published_by_default": True,
            "default_number_of_collaborators": 2,
            "default_shift": "09:00 - 17:00 (00:30)",
            "responsible_planning_id": self._manager(rng),
            "name_i18n_attributes": i18n("name", texts, "nl" if rng.random() < 0.2 else ""),
            "description_i18n_attributes": i18n("description", {"nl": about, "en": f"{each.name}: staff planning."}),
            "work_location_specification_i18n_attributes": i18n("description", {"nl": "Ingang achteraan", "en": "Rear entrance"}),
            "work_location_id": str(each.venue.venue_id),
            "work_location_specification": "Ingang achteraan",
            "errors": [],
        }

    def part(self, each: Part) -> Json:
        """A Subproject."""
        rng = self._random("part", each.number)
        contact = rng.choice(self._register.managers) if self._register.managers else None
        card = self._register.collaborators[contact].card if contact else None
        return {
            "id": str(each.number),
            "name": each.name,
            "customer_contact_person_name": f"{card['first_name']} {card['last_name']}" if card else None,
            "customer_contact_person_phone": digits(card["phone"]) if card else None,
            "manager_id": self._manager(rng),
            "start_date": each.first.isoformat(),
            "end_date": each.last.isoformat(),
            "teams_are_published_by_default": True,
            "default_number_of_collaborators": 2,
            "default_shift": None,
            "project_id": str(each.project.number),
            "planning_custom_fields_attributes": definitions(each.project),
            "errors": [],
        }

    def team(self, each: Team) -> Json:
        """A Team as in lists and enrolments: with its demand, without its parents."""
        rng = self._random("team", each.number)
        appointed = rng.random() < 0.15
        return {
            "id": str(each.number),
            "name": each.name,
            "function": _function(each.function),
            "extra_practical_info": "Fluohesje ligt klaar." if each.function is PARKING else None,
            "volunteers_needed": each.needed,
            "minimal_age": each.function.minimal_age,
            "client_experience_required": False,
            "work_location_id": str(each.project.venue.venue_id),
            "work_location_specification": "Ingang achteraan" if rng.random() < 0.5 else "",
            "registrations_via_application": each.function.by_application,
            "published": each.published,
            "relative_checkin_start": None if appointed else "00:30",
            "relative_checkin_duration": None if appointed else "00:15",
            "checkin_appointment_id": str(100 + each.number) if appointed else None,
            "maximum_travel_distance": 50 if each.function is REFEREE else None,
            "shifts_attributes": [_shift(shift) for shift in each.shifts],
            "contract_details_attributes": [_contract("volunteer", rng)] if rng.random() < 0.6 else [],
            "planning_custom_fields": values(each),
            "errors": [],
        }

    def team_detail(self, each: Team) -> Json:
        """A TeamDetail: names for ids, another key for the shifts, no demand."""
        return {
            "id": str(each.number),
            "name": each.name,
            "subproject": each.part.name if each.part else None,
            "project": each.project.name,
            "function": {"name": each.function.name, "description": each.function.description},
            "extra_practical_info": "Fluohesje ligt klaar." if each.function is PARKING else None,
            "shifts": [_shift(shift) for shift in each.shifts],
            "planning_custom_fields": values(each),
            "profile_property_requirements": [_certificate()] if each.function is FIRST_AID else [],
        }

    def _manager(self, rng: Random) -> str | None:
        return rng.choice(self._register.managers) if self._register.managers else None

    def _random(self, kind: str, number: int) -> Random:
        return Random(f"{self._seed}:beeple:{kind}:{number}")


def _function(each: Function) -> Json:
    return {"id": str(each.number), "name": each.name, "description": each.description}


def _shift(each: Shift) -> Json:
    return {
        "start_datetime": each.start.astimezone(ZONE).isoformat(timespec="milliseconds"),
        "end_datetime": each.end.astimezone(ZONE).isoformat(timespec="milliseconds"),
        "break_duration": None if each.pause is None else hours(each.pause),
    }


def _contract(kind: str, rng: Random) -> Json:
    return {
        "contract_type": kind,
        "be_collar_type": "arbeider",
        "local_legal_entity_id": "4",
        "compensation_hour_id": str(rng.randint(1, 3)),
        "compensation_day_id": None,
        "compensation_team_id": None,
    }


def _certificate() -> Json:
    """Who gives first aid needs a certificate that is still valid."""
    empty = dict.fromkeys(("numeric_min", "numeric_max", "date_max", "datetime_min", "datetime_max", "time_min", "time_max"))
    return {
        "profile_property_id": "7",
        "must_have": True,
        "weight": 25,
        "boolean_selected": True,
        "date_min": "2021-09-01",
        **empty,
        "list_multi_or": False,
        "list_single_options": [],
        "list_multi_options": [],
        "_destroy": False,
    }
