"""Custom fields: definitions for contacts, companies and deals, every type at least once, one name twice in each."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.demo.dialects.onepagecrm.ids import Json, oid

CONTACT, COMPANY, DEAL = "custom_field", "company_field", "deal_field"
SEASONS = ["2022-2023", "2023-2024"]
LANGUAGES = {"nl": "Nederlands", "fr": "Français", "en": "English"}
INTERESTS = ["Atletiek", "Volleybal", "Tennis", "Wandelen"]
SECTORS = ["Automotive", "Construction", "Finance", "Food", "Health", "Horeca", "Media", "Retail"]
VISIBILITY = ["Piste", "Kantine", "Website", "Truitjes"]
VAT = ["0%", "6%", "21%"]
# Key (no part of an answer), name, type, choices.
_DEFINED: Mapping[str, tuple[tuple[str, str, str, list[str]], ...]] = {
    CONTACT: (
        ("language", "Taal", "select_box", list(LANGUAGES.values())),
        ("interests", "Interesses", "multiple_choice", INTERESTS),
        ("first_met", "Eerste kennismaking", "date", []),
        ("number", "Lidnummer", "external_id", []),
        ("divider", "Persoonlijk", "section_divider", []),
        ("birth_date", "Verjaardag", "anniversary", []),
        ("birth_place", "Geboorteplaats", "single_line_text", []),
        ("children", "Kinderen in de club", "number", []),
        ("story", "Anekdote", "multi_line_text", []),
        ("other_interests", "Interesses", "single_line_text", []),
        ("channel", "Voorkeurskanaal", "select_box", ["Telefoon", "Mail", "Brief"]),
    ),
    COMPANY: (
        ("sector", "Sector", "select_box", SECTORS),
        ("staff", "Aantal werknemers", "number", []),
        ("number", "Klantnummer", "external_id", []),
        ("divider", "Extra", "section_divider", []),
        ("since", "Sponsor sinds", "date", []),
        ("channels", "Aanwezig op", "multiple_choice", VISIBILITY),
        ("slogan", "Nota", "single_line_text", []),
        ("note", "Nota", "multi_line_text", []),
    ),
    DEAL: (
        ("season", "Seizoen", "select_box", SEASONS),
        ("number", "Dossiernummer", "external_id", []),
        ("boards", "Aantal borden", "number", []),
        ("signed", "Contractdatum", "date", []),
        ("visibility", "Zichtbaarheid", "multiple_choice", VISIBILITY),
        ("divider", "Facturatie", "section_divider", []),
        ("order", "Bestelbon", "single_line_text", []),
        ("billing", "Opmerking", "multi_line_text", []),
        ("remark", "Opmerking", "single_line_text", []),
        ("vat", "Btw-tarief", "select_box", VAT),
        ("budget", "Budget", "number", []),
    ),
}
_FIRST = {CONTACT: 1, COMPANY: 101, DEAL: 201}


def _definition(kind: str, place: int) -> Json:
    _, name, type_, choices = _DEFINED[kind][place]
    return {"id": oid("field", _FIRST[kind] + place), "name": name, "type": type_, "position": place + 1, "choices": choices}


DEFINITIONS: Mapping[str, list[Json]] = {
    kind: [_definition(kind, place) for place in range(len(defined))] for kind, defined in _DEFINED.items()
}
_BY_KEY = {
    kind: {key: definition for (key, *_), definition in zip(defined, DEFINITIONS[kind], strict=True)}
    for kind, defined in _DEFINED.items()
}


def values(kind: str, by_key: Mapping[str, object]) -> list[Json]:
    """A record's fields, definitions repeated; those without a value are left out."""
    return [{kind: _BY_KEY[kind][key], "value": value} for key, value in by_key.items() if value not in (None, "", [])]
