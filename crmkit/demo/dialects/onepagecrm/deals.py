"""Deals as OnePageCRM prints them, with what people mistyped in some."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Any

from crmkit.demo.clock import local, season_of
from crmkit.demo.dialects.onepagecrm import fields
from crmkit.demo.dialects.onepagecrm.files import attachment
from crmkit.demo.dialects.onepagecrm.ids import Json, day, instant, money, oid
from crmkit.demo.dialects.onepagecrm.reference import REASON_IDS, pipeline_id, short_name, user_id
from crmkit.demo.dialects.onepagecrm.register import Register
from crmkit.demo.selling import DELIVERY, DELIVERY_PIPELINE, EVENT_PIPELINE, LOST, PENDING, SEASON_PIPELINE, WON, Deal

_REMARKS = ("", "", "Opvolgen na de match", "Wil eerst de kantine zien", "Vraagt factuur in december", "Via de voorzitter")


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistyped deal: which field, what it should be and what it says."""

    deal_id: str
    field: str
    fault: str
    clean: str
    dirty: str


class Deals:
    """Every deal of the account."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @cached_property
    def by_id(self) -> dict[str, Json]:
        """Deals by id, newest last; without the history, which has to be asked for."""
        found = {number: self._deal(number, deal) for number, deal in self._register.deals.items()}
        for number, (_, spoil) in self._spoiled.items():
            found[number] |= spoil(found[number])
        return found

    @cached_property
    def slips(self) -> list[Slip]:
        """What the planted faults are."""
        found = []
        for number, (name, _) in self._spoiled.items():
            true = self._deal(number, self._register.deals[number])
            found += [
                Slip(number, field, name, _text(true.get(field)), _text(value))
                for field, value in self.by_id[number].items()
                if true.get(field) != value
            ]
        return found

    def history(self, number: str) -> dict[str, int]:
        """The last stage that a deal had in each pipeline that it has left."""
        deal = self._register.deals[number]
        now = deal.steps[-1].pipeline
        return {pipeline_id(step.pipeline): step.stage for step in deal.steps if step.pipeline != now}

    def with_history(self, deal: Json) -> Json:
        """A deal with the stages it had in other pipelines."""
        return {**deal, "previous_pipeline_stages": self.history(deal["id"])}

    def served_status(self, deal: Deal) -> str:
        """What the record says: some sellers put a won deal back to pending while it is being delivered."""
        last = deal.steps[-1]
        delivering = last.pipeline.kind == DELIVERY and last.stage < DELIVERY_PIPELINE.stages[-1][0]
        return PENDING if delivering and deal.number % 3 == 0 else deal.outcome

    def _deal(self, number: str, deal: Deal) -> Json:
        rng = self._register.random(f"deal:{deal.number}")
        contact, owner = deal.contact, self._register.owner[user_id(deal.seller)]
        status, entered = self.served_status(deal), self._register.entered(deal)
        card, firm = contact.record.card, contact.firm
        company = firm.name if firm else ""
        thing = deal.items[0][0].name if deal.items else deal.pipeline.name
        modified = max(entered, local(deal.last_day, 17))
        found: Json = {
            "id": number,
            "contact_id": contact.record.record_id,
            "owner_id": owner["id"],
            "pipeline_id": pipeline_id(deal.steps[-1].pipeline),
            "sales_pipeline_id": pipeline_id(deal.pipeline),
            "name": f"{thing} {company}"[:60].strip(),
            "text": rng.choice(_REMARKS),
            "stage": deal.steps[-1].stage,
            "status": status,
            "expected_close_date": day(deal.expected),
            "close_date": None if status == PENDING else day(deal.closed),
            "date": day(deal.opened),
            "amount": money(deal.amount),
            "months": deal.months,
            "cost": money(deal.cost),
            "margin": money(deal.amount - deal.cost),
            "total_amount": money(deal.total),
            "total_cost": money(deal.cost * deal.months),
            **_commission(rng, deal),
            "reason_lost_id": REASON_IDS[deal.reason] if deal.reason else None,
            "deal_fields": fields.values(fields.DEAL, _fields(rng, deal)),
            "has_deal_items": bool(deal.items),
            "deal_items": list(_items(number, deal, instant(entered))),
            "author": short_name(contact.seller),
            "has_related_notes": deal.number % 2 == 0,
            "attachments": [attachment("deal", deal.number, modified, pinned=rng.random() < 0.5)] if rng.random() < 0.15 else [],
            "contact_info": {"contact_name": f"{card['first_name']} {card['last_name']}", "company": company},
            "owner": {"id": owner["id"], "name": deal.seller.name, "email": owner["email"]},
            "created_at": instant(entered),
            "modified_at": instant(modified),
            "linked_contacts": self._linked(rng, deal),
        }
        if rng.random() < 0.04:
            del found["sales_pipeline_id"]
        return found

    def _linked(self, rng: Random, deal: Deal) -> list[Json]:
        """One deal in ten has a colleague of the contact person linked to it, where there is one."""
        me = deal.contact.record.record_id
        company_id = self._register.firm_of(me)
        others = [each for each in self._register.staff.get(company_id or "", ()) if each != me]
        if not others or rng.random() > 0.1:
            return []
        contact = self._register.contacts[rng.choice(others)]
        card = contact.record.card
        return [
            {
                "id": contact.record.record_id,
                "contact_name": f"{card['first_name']} {card['last_name']}",
                "company": contact.firm.name if contact.firm else "",
                "photo_url": "",
            }
        ]

    @cached_property
    def _spoiled(self) -> dict[str, tuple[str, Callable[[Json], Json]]]:
        """Every kind of slip in one deal at least while deals last, in one of a hundred at most."""
        rng = self._register.random("slips")
        waiting = list(self._register.deals)
        rng.shuffle(waiting)
        deals = self._register.deals
        found: dict[str, tuple[str, Callable[[Json], Json]]] = {}
        for name, (fits, spoil) in _SLIPS.items():
            wanted = max(1, len(deals) // 200)
            able = [number for number in waiting if fits(deals[number]) and number not in found][:wanted]
            found |= dict.fromkeys(able, (name, spoil))
        return found


def _text(value: Any) -> str:
    """A value as text, of items what they add up to."""
    if isinstance(value, list):
        value = money(sum(each["amount"] for each in value))
    return "" if value is None else str(value)


def _items(deal_id: str, deal: Deal, stamp: str) -> Iterator[Json]:
    for place, (product, quantity, price) in enumerate(deal.items, 1):
        yield {
            "id": oid("item", deal.number * 10 + place),
            "name": product.name,
            "description": product.description,
            "cost": product.cost,
            "price": money(price),
            "amount": money(quantity * price),
            "qty": quantity,
            "deal_id": deal_id,
            "predefined_item_id": oid("product", product.number) if price == product.price else "",
            "position": place,
            "created_at": stamp,
            "modified_at": stamp,
        }


def _commission(rng: Random, deal: Deal) -> Json:
    kind = rng.choices(("none", "percentage", "absolute"), (60, 30, 10))[0]
    base = rng.choice(("amount", "margin"))
    percentage = rng.choice((5.0, 7.5, 10.0)) if kind == "percentage" else 0.0
    worth = deal.amount if base == "amount" else deal.amount - deal.cost
    commission = {"none": 0.0, "percentage": max(0.0, worth) * percentage / 100, "absolute": 50.0}[kind]
    return {
        "commission_base": base,
        "commission_type": kind,
        "commission": money(commission),
        "commission_percentage": percentage,
    }


def _fields(rng: Random, deal: Deal) -> Mapping[str, object]:
    boards = rng.randint(1, 6)
    seen = rng.sample(fields.VISIBILITY, rng.randint(1, 3))
    return {
        "season": fields.SEASONS[0] if season_of(deal.opened) == 2022 else fields.SEASONS[1],
        "number": f"SP-{deal.opened.year}-{deal.number:04d}",
        "boards": (boards if rng.random() < 0.5 else str(boards)) if rng.random() < 0.4 else None,
        "signed": day(deal.closed) if deal.outcome == WON else None,
        "visibility": (seen if len(seen) > 1 else seen[0]) if rng.random() < 0.6 else None,
        "order": f"PO{rng.randrange(10**6):06d}" if rng.random() < 0.3 else None,
        "billing": "Factuur opsplitsen\nper kwartaal" if deal.months > 6 and rng.random() < 0.3 else None,
        "remark": "Dringend" if rng.random() < 0.1 else None,
        "vat": rng.choices(fields.VAT, (5, 10, 85))[0] if rng.random() < 0.8 else None,
        "budget": rng.choice((500, 1000, 2500.5, "750")) if rng.random() < 0.3 else None,
    }


def _closed(deal: Deal) -> bool:
    return deal.closed is not None and deal.steps[-1].pipeline.kind != DELIVERY


def _stage_33(deal: Deal) -> bool:
    return deal.outcome == PENDING and deal.pipeline in (SEASON_PIPELINE, EVENT_PIPELINE)


def _later(iso: str) -> str:
    return (date.fromisoformat(iso) + timedelta(days=9)).isoformat()


_Slips = Mapping[str, tuple[Callable[[Deal], bool], Callable[[Json], Json]]]
# Which deals each slip fits, and the fields that it changes.
_SLIPS: _Slips = {
    "stage_removed": (_stage_33, lambda deal: {"stage": 33}),
    "pending_with_close_date": (_stage_33, lambda deal: {"close_date": _later(deal["date"])}),
    "no_close_date": (_closed, lambda deal: {"close_date": None}),
    "closed_before_opened": (_closed, lambda deal: {"date": _later(deal["close_date"])}),
    "total_differs": (_closed, lambda deal: {"total_amount": money(deal["total_amount"] + 0.5)}),
    "no_months": (lambda deal: deal.months == 1 and not deal.items, lambda deal: {"months": 0}),
    "items_differ": (lambda deal: len(deal.items) > 1, lambda deal: {"deal_items": deal["deal_items"][:-1]}),
    "no_pipeline": (lambda deal: deal.outcome == LOST and deal.pipeline == SEASON_PIPELINE, lambda deal: {"pipeline_id": None}),
}
