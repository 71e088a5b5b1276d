"""Contact persons as OnePageCRM prints them, and what stands beside each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from random import Random

from crmkit.demo.clock import NOW
from crmkit.demo.dialects.onepagecrm import fields
from crmkit.demo.dialects.onepagecrm.actions import Actions
from crmkit.demo.dialects.onepagecrm.companies import company
from crmkit.demo.dialects.onepagecrm.deals import Deals
from crmkit.demo.dialects.onepagecrm.ids import Json, letter, money, precise
from crmkit.demo.dialects.onepagecrm.logbook import Logbook
from crmkit.demo.dialects.onepagecrm.reference import SOURCE_IDS, STATUS_IDS, STATUS_TEXTS, user_id
from crmkit.demo.dialects.onepagecrm.register import Register, company_id
from crmkit.demo.selling import LOST, PENDING, WON
from crmkit.demo.sponsoring import Contact

# The lists that the parameter fields adds beside a contact.
EXTRAS = ("deals", "notes", "calls", "meetings", "pinned_attachments")
_TITLES = {"M": "Mr", "F": "Ms"}


class Contacts:
    """Every contact person of the account."""

    def __init__(self, register: Register, deals: Deals, logbook: Logbook, actions: Actions) -> None:
        self._register, self._deals, self._logbook, self._actions = register, deals, logbook, actions
        self._by_contact = lru_cache(maxsize=None)(self._grouped)

    @cached_property
    def by_id(self) -> dict[str, Json]:
        """Contacts by id, by last name, then first name."""
        found = [self._contact(number, each) for number, each in self._register.contacts.items()]
        return {each["id"]: each for each in sorted(found, key=by_name)}

    def entry(self, contact: Json, caller: str) -> Json:
        """A contact with its siblings, those that are empty left out."""
        number = contact["id"]
        nexts = self._actions.next(number)
        mine = [each for each in nexts if each["assignee_id"] == caller]
        beside = {
            "next_actions": nexts,
            "next_action": next(iter(mine or nexts), None),
            "queued_actions": self._actions.queued(number),
            "company": self.company(contact.get("company_id")),
        }
        return {"contact": contact, **{name: value for name, value in beside.items() if value}}

    def company(self, number: str | None) -> Json | None:
        """The company beside a contact: bare, without its own lists of contacts and deals."""
        return self.companies[number] if number else None

    def attached(self, name: str, contact_id: str) -> list[Json]:
        """One of the lists that fields asks for: bare records."""
        if name == "pinned_attachments":
            return self._logbook.pinned({contact_id})
        return self._by_contact(name).get(contact_id, [])

    def _grouped(self, name: str) -> Mapping[str, list[Json]]:
        source = self._deals.by_id if name == "deals" else getattr(self._logbook, name)
        found: dict[str, list[Json]] = {}
        for each in source.values():
            found.setdefault(each["contact_id"], []).append(each)
        return found

    def _contact(self, number: str, contact: Contact) -> Json:
        rng = self._register.random(f"contact:{number}")
        card, record, firm = contact.record.card, contact.record, contact.firm
        deals = [self._deals.by_id[each] for each in self._register.deals_of.get(number, ())]
        pending = [each for each in deals if each["status"] == PENDING]
        slug = self._status(contact, {each["status"] for each in deals})
        found: Json = {
            "id": number,
            "title": _TITLES.get(card["gender"], "Mr"),
            "first_name": card["first_name"],
            "last_name": card["last_name"],
            "job_title": contact.job,
            "starred": rng.random() < 0.08,
            "photo_url": "",
            "company_name": firm.name if firm else "",
            "urls": _urls(rng, contact),
            "phones": [{"type": "mobile", "value": card["phone"]}] if card["phone"] else [],
            "emails": [{"type": "work" if firm else "home", "value": card["email"]}],
            "address_list": [_address(card)],
            "status": STATUS_TEXTS[slug],
            "status_id": STATUS_IDS[slug],
            "tags": _tags(rng, contact),
            "lead_source_id": SOURCE_IDS[contact.source.name],
            "lead_source": contact.source.name,
            "background": "",
            "owner_id": user_id(contact.seller),
            "custom_fields": fields.values(fields.CONTACT, self._fields(rng, contact)),
            "letter": letter(card["last_name"] or (firm.name if firm else "")),
            "pending_deal": bool(pending),
            "total_pendings": money(sum(each["total_amount"] for each in pending)),
            "total_deals_count": len(deals),
            "company_size": len(self._register.staff[company_id(firm)]) if firm else 0,
            "sales_closed_for": [],
            "closed_sales": [],
            "created_at": precise(record.created),
            "modified_at": precise(record.modified),
        }
        if firm:
            found["company_id"] = company_id(firm)
        if slug == "inactive":
            comment = rng.choice((None, "Volgend jaar opnieuw proberen"))
            closed = {"user_id": found["owner_id"], "closed_at": int(record.modified.timestamp()), "comment": comment}
            found |= {"sales_closed_for": [found["owner_id"]], "closed_sales": [closed]}
        if rng.random() < 0.05:
            mail = self._register.owner[found["owner_id"]]["email"]
            saved = int((record.created + (NOW - record.created) * rng.random()).timestamp())
            found["google_contacts_data"] = {"account_email": mail, "id": f"{rng.getrandbits(64):016x}", "saved_at": saved}
        return found

    def _status(self, contact: Contact, deals: set[str]) -> str:
        """Test records are filed under the press, sponsors in kind apart, the others by their deals."""
        if contact.record.kind == "test":
            return "custom2"
        if WON in deals:
            return "custom1" if contact.firm and contact.firm.sector == "Media" else "customer"
        return "prospect" if PENDING in deals else "inactive" if LOST in deals else "lead"

    def _fields(self, rng: Random, contact: Contact) -> Mapping[str, object]:
        card, person = contact.record.card, contact.record.person
        plays = [each for each in fields.INTERESTS if rng.random() < 0.3]
        children = rng.choice((0, 1, 2))
        return {
            "language": fields.LANGUAGES.get(card["language"]),
            "interests": plays if len(plays) > 1 else plays[0] if plays else None,
            "first_met": contact.record.created.date().isoformat() if rng.random() < 0.5 else None,
            "number": self._member_number.get(person.person_id) if person and rng.random() < 0.6 else None,
            "birth_date": card["birth_date"],
            "birth_place": card["birth_place"],
            "children": (str(children) if rng.random() < 0.3 else children) if rng.random() < 0.4 else None,
            "story": "Speelde zelf bij de juniores.\nKent de voorzitter." if rng.random() < 0.1 else None,
            "other_interests": rng.choice(("koers", "jazz", "duiven")) if rng.random() < 0.15 else None,
            "channel": rng.choice(("Telefoon", "Mail", "Brief")) if rng.random() < 0.5 else None,
        }

    @cached_property
    def _member_number(self) -> Mapping[str | None, str]:
        """The id in the members' administration, which somebody copied by hand."""
        return {each.person_id: each.record_id for each in self._register.club.records("peepl") if each.kind == "person"}

    @cached_property
    def companies(self) -> dict[str, Json]:
        """Companies by id, by name; their own lists of contacts and pending deals are added where they are asked for."""
        found = [company(self._register, self._deals, number) for number in self._register.firms]
        return {each["id"]: each for each in sorted(found, key=lambda each: (each["name"].casefold(), each["id"]))}


def by_name(contact: Json) -> tuple[str, str, str]:
    """The order by name."""
    return contact["last_name"].casefold(), contact["first_name"].casefold(), contact["id"]


def _address(card: Mapping[str, str]) -> Json:
    """One address; a record without any has one that is empty throughout, without a type."""
    known = {"address": card["street"], "city": card["city"], "state": "", "zip_code": card["postal_code"]}
    if not any(known.values()):
        return {**known, "country_code": ""}
    return {**known, "state": "Vlaams-Brabant", "country_code": "BE", "type": "work"}


def _urls(rng: Random, contact: Contact) -> list[Json]:
    found = [{"type": "website", "value": contact.firm.website}] if contact.firm and rng.random() < 0.3 else []
    if rng.random() < 0.2:
        found.append({"type": "linkedin", "value": f"https://www.linkedin.example/in/{contact.record.record_id}"})
    return found


def _tags(rng: Random, contact: Contact) -> list[str]:
    found = [contact.firm.level] if contact.firm and contact.firm.level else []
    found += [contact.firm.sector] if contact.firm and rng.random() < 0.7 else []
    return found + [tag for tag, chance in (("VIP", 0.12), ("Gala 2023", 0.18), ("Jeugd", 0.15)) if rng.random() < chance]
