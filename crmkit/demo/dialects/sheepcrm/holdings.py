"""The records of a segment: paged, counted, looked up, and the configuration that says what they are."""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.demo.dialects.sheepcrm.bookings import Bookings
from crmkit.demo.dialects.sheepcrm.contacts import Contacts
from crmkit.demo.dialects.sheepcrm.ids import Json, may, uri
from crmkit.demo.dialects.sheepcrm.members import Members
from crmkit.demo.dialects.sheepcrm.segments import CONTEXTS, Segment, Segments

# Collection, prefix of the URI, singular and plural name by type of record.
_KINDS: Mapping[str, tuple[str, str, str, str]] = {
    "person": ("contacts", "person", "Person", "People"),
    "organisation": ("contacts", "organisation", "Organisation", "Organisations"),
    "membership": ("memberships", "member", "Membership", "Memberships"),
    "booking": ("bookings", "booking", "Event", "Events"),
}
_FIELDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "person": (
        ("display_value", "text", "Name"),
        ("primary_email", "email", "Email"),
        ("primary_telephone", "tel", "Telephone"),
        ("postal_code", "text", "Postal code"),
        ("date_of_birth", "date", "Date of birth"),
    ),
    "organisation": (("display_value", "text", "Name"), ("sector", "text", "Sector"), ("primary_email", "email", "Email")),
    "membership": (
        ("display_value", "text", "Membership"),
        ("membership_record_status", "text", "Status"),
        ("start_date", "date", "Start"),
        ("end_date", "date", "End"),
    ),
    "booking": (("display_value", "text", "Event"), ("start_datetime", "datetime", "Start"), ("location", "text", "Location")),
}
_SEARCHED = ("display_value", "primary_email")


class Holdings:
    """What the segments hold."""

    def __init__(self, segments: Segments, contacts: Contacts, members: Members, bookings: Bookings) -> None:
        self._segments, self._contacts, self._members, self._bookings = segments, contacts, members, bookings

    def uids(self, segment: Segment, q: str) -> list[str]:
        """The ids of the records whose name or mail holds a term."""
        found = self._segments.members(segment)
        return [uid for uid in found if self._matches(self.record(segment, uid), q.strip().lower())] if q.strip() else found

    @staticmethod
    def _matches(record: Json, term: str) -> bool:
        return any(term in str(record.get(name) or "").lower() for name in _SEARCHED)

    def record(self, segment: Segment, uid: str, *, verbose: bool = False) -> Json:
        """One record; only persons have more to say when verbose."""
        match segment.resource:
            case "membership":
                return self._members.whole(uid)
            case "booking":
                return self._bookings.summary(uid)
            case "organisation":
                return self._contacts.organisation(uid)
        return self._contacts.person(uid, verbose=verbose)

    def lookup(self, segment: Segment, q: str) -> list[Json]:
        """The URI and the label of each record, each under three names."""
        found = []
        for uid in self.uids(segment, q):
            mine, name = uri(_KINDS[segment.resource][1], uid), self.record(segment, uid)["display_value"]
            found.append({"display_value": name, "id": mine, "label": name, "text": name, "uri": mine, "value": mine})
        return found

    def count(self, segment: Segment) -> Json:
        """How many records there are."""
        total = len(self._segments.members(segment))
        return {"count": total, "description": f"{total} in {segment.name}", "segment": uri("segment", segment.uid)}

    def config(self, segment: Segment) -> Json:
        """How the records of a segment are shown."""
        collection, prefix, singular, plural = _KINDS[segment.resource]
        fields = [{"field": f, "form_type": t, "label": text, "style": "default"} for f, t, text in _FIELDS[segment.resource]]
        flags = may("crm", "segment", write=not segment.system)
        del flags["policy_name"]
        return {
            "mapping": {
                "collection": collection,
                "contact_field": "member" if segment.resource == "membership" else None,
                "contact_search_fields": ["primary_email"] if segment.resource in ("person", "organisation") else [],
                "field_list": [each["field"] for each in fields],
                "fields": fields,
                "join_orgs": False,
                "join_people": segment.resource == "membership",
                "name": plural,
                "name_singular": singular,
                "prefix": prefix,
                "search_fields": list(_SEARCHED),
                "search_placeholder": f"Search {plural.lower()}",
                "sort_by": ["display_value"],
                "unique_field": "uri",
                "use_mapreduce": False,
            },
            "resource_type": segment.resource,
            "segment": uri("segment", segment.uid),
            "segment_type": segment.kind,
            "user_groups": [],
            "user_groups_for_display": [],
            "user_interface": {"can_bypass_gdpr": [False], **flags},
            "view_context": [CONTEXTS[segment.resource]],
        }
