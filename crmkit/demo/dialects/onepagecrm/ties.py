"""How contact persons hang together: kinds of relation, relations, and contacts linked to other companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from crmkit.demo.clock import NOW
from crmkit.demo.dialects.onepagecrm.ids import FOUNDED, Json, instant, oid
from crmkit.demo.dialects.onepagecrm.reference import user_id
from crmkit.demo.dialects.onepagecrm.register import Register

# Names of the variants; a symmetrical kind has one, for both parties.
_KINDS = (("Gezinslid",), ("Leidinggevende", "Medewerker"), ("Tipgever", "Getipt"))
_FAMILY, _BOSS, _TIP = 0, 1, 2


def kinds() -> list[Json]:
    """The kinds of relation."""
    return [
        {
            "id": oid("relationship type", place),
            "symmetrical": len(names) == 1,
            "relationship_variants": [_variant(place, each) for each in range(len(names))],
            "created_at": instant(FOUNDED),
            "modified_at": instant(FOUNDED),
        }
        for place, names in enumerate(_KINDS)
    ]


def _variant(kind: int, place: int) -> Json:
    return {"id": oid("variant", kind * 10 + place), "name": _KINDS[kind][place]}


class Ties:
    """Relations and links of the account's contacts."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @cached_property
    def relationships(self) -> list[Json]:
        """All relations, each once, with its two parties."""
        return [self._relationship(number, *each) for number, each in enumerate(self._pairs(), 1)]

    @cached_property
    def of(self) -> Mapping[str, list[Json]]:
        """Relations by contact; each stands under both of its parties."""
        found: dict[str, list[Json]] = defaultdict(list)
        for each in self.relationships:
            for party in each["related_contacts"]:
                found[party["contact_id"]].append(each)
        return found

    @cached_property
    def linked(self) -> Mapping[str, Mapping[str, list[str]]]:
        """For some companies, contacts of other companies, and with which of the company's own each is linked."""
        rng = self._register.random("links")
        employed = [number for number, each in self._register.contacts.items() if each.firm]
        found = {}
        for company in self._register.firms:
            staff = self._register.staff[company]
            if rng.random() < 0.2:
                others = [each for each in rng.sample(employed, min(2, len(employed))) if each not in staff]
                found[company] = {each: [rng.choice(staff)] for each in others}
        return found

    def _pairs(self) -> Iterator[tuple[int, str, str]]:
        """Kind and parties: people of one household, the first two at a firm, and whoever gave a tip."""
        rng = self._register.random("ties")
        homes: dict[str, list[str]] = defaultdict(list)
        for number, contact in self._register.contacts.items():
            if contact.record.kind == "person" and contact.record.person:
                homes[contact.record.person.household_id].append(number)
        for members in homes.values():
            yield from ((_FAMILY, members[0], other) for other in members[1:])
        for staff in self._register.staff.values():
            if len(staff) > 1 and rng.random() < 0.5:
                yield _BOSS, staff[0], staff[1]
        everybody = list(self._register.contacts)
        for number, contact in self._register.contacts.items():
            if contact.source.name == "Tip van een lid" and rng.random() < 0.3 and len(everybody) > 1:
                yield _TIP, rng.choice([each for each in rng.sample(everybody, 2) if each != number]), number

    def _relationship(self, number: int, kind: int, first: str, second: str) -> Json:
        moments = [self._register.contacts[each].record.created for each in (first, second)]
        stamp = instant(min(NOW, max(moments)))
        return {
            "id": oid("relationship", number),
            "relationship_type_id": oid("relationship type", kind),
            "related_contacts": [self._party(kind, 0, first), self._party(kind, len(_KINDS[kind]) - 1, second)],
            "created_at": stamp,
            "modified_at": stamp,
        }

    def _party(self, kind: int, place: int, contact_id: str) -> Json:
        contact, variant = self._register.contacts[contact_id], _variant(kind, place)
        return {
            "variant_id": variant["id"],
            "variant_name": variant["name"],
            "contact_id": contact_id,
            "first_name": contact.record.card["first_name"],
            "last_name": contact.record.card["last_name"],
            "photo_url": "",
            "company_id": self._register.firm_of(contact_id),
            "company_name": contact.firm.name if contact.firm else "",
            "owner_id": user_id(contact.seller),
        }
