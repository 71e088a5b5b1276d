"""What OnePageCRM knows: users, companies, contact persons, deals, and who belongs to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from crmkit.demo import selling, sponsoring
from crmkit.demo.clock import NOW, local
from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm.ids import Json, oid
from crmkit.demo.dialects.onepagecrm.reference import user, user_id
from crmkit.demo.records import Record
from crmkit.demo.selling import Deal
from crmkit.demo.sponsoring import Contact, Firm


class Register:
    """The club's sponsoring through OnePageCRM's eyes; everything but the users waits until it is asked for."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self.sellers = sponsoring.sellers(club)
        self.seller = {user_id(each): each for each in self.sellers}
        self.owner: Mapping[str, Json] = {number: user(each, number) for number, each in self.seller.items()}

    def random(self, concern: str) -> Random:
        """A generator for a concern of this dialect."""
        return self.club.random(f"onepagecrm:{concern}")

    @cached_property
    def firms(self) -> dict[str, Firm]:
        """Firms by company id; one without contact persons does not exist here."""
        peopled = {each.firm.number for each in self._contacts if each.firm}
        return {company_id(each): each for each in self._firms if each.number in peopled}

    @cached_property
    def _firms(self) -> list[Firm]:
        return sponsoring.firms(self.club)

    @cached_property
    def _contacts(self) -> list[Contact]:
        return sponsoring.contacts(self.club, self.sellers, self._firms)

    @cached_property
    def contacts(self) -> dict[str, Contact]:
        """Contact persons by id."""
        return {each.record.record_id: each for each in self._contacts}

    @cached_property
    def deals(self) -> dict[str, Deal]:
        """Deals by id."""
        found = selling.deals(self.club, self._contacts)
        return {oid("deal", each.number, self.entered(each)): each for each in found}

    def entered(self, deal: Deal) -> datetime:
        """When somebody typed a deal in: on the day it was opened, or with its contact, if that came later."""
        minutes = (deal.number * 37) % 480
        opened = local(deal.opened, 9) + timedelta(minutes=minutes)
        return min(NOW, max(opened, deal.contact.record.created + timedelta(minutes=5 + minutes)))

    @cached_property
    def deals_of(self) -> Mapping[str, list[str]]:
        """Deal ids by contact id."""
        return _grouped((deal.contact.record.record_id, number) for number, deal in self.deals.items())

    @cached_property
    def staff(self) -> Mapping[str, list[str]]:
        """Contact ids by company id."""
        return _grouped((company_id(each.firm), number) for number, each in self.contacts.items() if each.firm)

    @cached_property
    def records(self) -> list[Record]:
        """Records of colleagues, who are in no other CRM."""
        return [each.record for each in self._contacts if each.record.kind == sponsoring.COLLEAGUE]

    def firm_of(self, contact_id: str) -> str | None:
        """The company id of a contact person."""
        contact = self.contacts.get(contact_id)
        return company_id(contact.firm) if contact and contact.firm else None


def company_id(firm: Firm) -> str:
    """The id of a firm as a company."""
    return oid("company", firm.number)


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
