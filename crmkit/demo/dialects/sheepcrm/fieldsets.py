"""Fieldsets: lists of fields for segments, reports and exports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from crmkit.demo.dialects.sheepcrm.ids import FOUNDED, Json, naive, oid, uri

# Name, description, types of record, fields with their types, whether nobody may change it.
_SETS: tuple[tuple[str, str, tuple[str, ...], Mapping[str, str], bool], ...] = (
    ("core", "Naam en titel", ("person", "booking"), {"title": "text", "first_name": "text", "last_name": "text"}, True),
    (
        "communications",
        "Mail en telefoon",
        ("person", "organisation"),
        {"primary_email": "email", "primary_telephone": "tel"},
        True,
    ),
    (
        "mailing",
        "Adres voor de post",
        ("person", "organisation"),
        {"street_address": "text", "postal_code": "text", "locality": "text", "country": "text"},
        True,
    ),
    ("profile", "Profiel", ("person",), {"date_of_birth": "date", "gender": "select"}, True),
    (
        "membership",
        "Lidmaatschap",
        ("membership",),
        {"membership_number": "text", "membership_type": "uri", "start_date": "date", "end_date": "date"},
        True,
    ),
    (
        "Rapport evenementen",
        "Voor het jaarverslag",
        ("booking",),
        {"title": "text", "start_date": "date", "capacity": "number"},
        False,
    ),
)


class Fieldsets:
    """Fieldsets by uid."""

    def __init__(self) -> None:
        self._by_uid = {oid("fieldset", number): found for number, found in enumerate(_SETS, 1)}

    def listed(self, resource: str | None) -> Json:
        """Those for a type of record, all without one."""
        found = [uid for uid, each in self._by_uid.items() if resource in (None, *each[2])]
        return {"errors": [], "fieldsets": [self._short(uid) for uid in found]}

    def whole(self, uid: str) -> Json:
        """One fieldset with the types of its fields."""
        *_, fields, locked = self._by_uid[uid]
        display = [{"field": name, "type": kind} for name, kind in fields.items()]
        return {**self._short(uid), "active": True, "field_display": display, "locked": locked}

    def _short(self, uid: str) -> Json:
        name, description, resources, fields, _ = self._by_uid[uid]
        made = FOUNDED + timedelta(days=list(self._by_uid).index(uid))
        return {
            "applicable_resources": list(resources),
            "created": naive(made),
            "description": description,
            "fields": list(fields),
            "last_updated": naive(made),
            "name": name,
            "record_state": "active",
            "uid": uid,
            "uri": uri("fieldset", uid),
        }
