"""What OnePageCRM's part of the truth is: firms, contact persons, deals and their history, segments and slips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crmkit.demo.dialects.onepagecrm.account import Account
from crmkit.demo.dialects.onepagecrm.reference import SOURCE_IDS, pipeline_id, user_id
from crmkit.demo.selling import LOSER_TAKES
from crmkit.demo.sponsoring import CRM, EFFECTS, SOURCES

Row = dict[str, Any]


def rows(account: Account, name: str) -> Iterable[Row]:
    """The rows of a frame, none where OnePageCRM has nothing to say."""
    known: Mapping[str, Callable[[Account], Iterator[Row]]] = {
        "identities": _colleagues,
        "dirt": _slips,
        "segments": _segments,
        "companies": _companies,
        "contacts": _contacts,
        "deals": _deals,
        "deal_stages": _stages,
        "effects": _effects,
    }
    return ({"crm": CRM, **row} for row in known[name](account)) if name in known else ()


def _colleagues(account: Account) -> Iterator[Row]:
    """Contact persons whom no other CRM knows and who are nobody of the population."""
    for record in account.register.records:
        yield {"person_id": None, "record_id": record.record_id, "kind": record.kind, "differs": []}


def _slips(account: Account) -> Iterator[Row]:
    """Mistyped deals; record_id is the deal's."""
    for slip in account.deals.slips:
        contact = account.register.deals[slip.deal_id].contact
        yield {
            "person_id": contact.record.person_id,
            "record_id": slip.deal_id,
            "field": f"deal.{slip.field}",
            "fault": slip.fault,
            "clean": slip.clean,
            "dirty": slip.dirty,
            "path": slip.field,
        }


def _segments(account: Account) -> Iterator[Row]:
    """Saved filters by id, tags by name, statuses and lead sources by id; an empty filter has one line."""
    segments, everybody = account.segments, list(account.contacts.by_id.values())
    for filter_id, found in segments.filters.items():
        rule = "filter: " + " and ".join(" ".join(condition) for condition in found["conditions"])
        for record_id in [each["id"] for each in segments.members(filter_id)] or [None]:
            yield _segment(filter_id, found["name"], rule, record_id)
    for each in everybody:
        for tag in each["tags"]:
            yield _segment(tag, tag, "tag", each["id"])
        yield _segment(each["status_id"], each["status"], "status", each["id"])
        yield _segment(each["lead_source_id"], each["lead_source"], "lead source", each["id"])


def _segment(segment_id: str, name: str, rule: str, record_id: str | None) -> Row:
    return {"object_type": "contacts", "segment_id": segment_id, "name": name, "rule": rule, "record_id": record_id}


def _companies(account: Account) -> Iterator[Row]:
    """organisation_id is the firm's number among the club's organisations, where it is one of them."""
    for company_id, firm in account.register.firms.items():
        yield {
            "company_id": company_id,
            "organisation_id": firm.organisation_id,
            "name": firm.name,
            "sector": firm.sector,
            "city": firm.home.city,
            "level": firm.level,
            "contacts": len(account.register.staff[company_id]),
        }


def _contacts(account: Account) -> Iterator[Row]:
    for record_id, contact in account.register.contacts.items():
        yield {
            "record_id": record_id,
            "person_id": contact.record.person_id,
            "kind": contact.record.kind,
            "company_id": account.register.firm_of(record_id),
            "owner_id": user_id(contact.seller),
            "source_id": SOURCE_IDS[contact.source.name],
        }


def _deals(account: Account) -> Iterator[Row]:
    """Deals without their slips. served_status differs from outcome for won deals that are being delivered."""
    for deal_id, deal in account.register.deals.items():
        now = deal.steps[-1]
        yield {
            "deal_id": deal_id,
            "record_id": deal.contact.record.record_id,
            "person_id": deal.contact.record.person_id,
            "company_id": account.register.firm_of(deal.contact.record.record_id),
            "owner_id": user_id(deal.seller),
            "seller": deal.seller.name,
            "source": deal.contact.source.name,
            "pipeline_id": pipeline_id(now.pipeline),
            "sales_pipeline_id": pipeline_id(deal.pipeline),
            "opened": deal.opened,
            "expected": deal.expected,
            "closed": deal.closed,
            "outcome": deal.outcome,
            "served_status": account.deals.served_status(deal),
            "stage": now.stage,
            "sales_stage": deal.sales_stage,
            "amount": deal.amount,
            "months": deal.months,
            "cost": deal.cost,
            "total_amount": deal.total,
            "chance": deal.chance,
            "reason": deal.reason,
        }


def _stages(account: Account) -> Iterator[Row]:
    """A line for each stage that a deal was in; left is missing while it is there, also in delivery."""
    for deal_id, deal in account.register.deals.items():
        for step in deal.steps:
            yield {
                "deal_id": deal_id,
                "pipeline_id": pipeline_id(step.pipeline),
                "pipeline": step.pipeline.name,
                "kind": step.pipeline.kind,
                "stage": step.stage,
                "entered": step.entered,
                "left": step.left,
            }


def _effects(account: Account) -> Iterator[Row]:
    """The model behind the deals."""
    sellers = {f"seller {each.number}": each.name for each in account.register.sellers}
    for effect, value in EFFECTS.items():
        named = f"{effect}, {sellers[effect]}" if effect in sellers else effect
        yield {"effect": f"deals: {named}", "scale": "log-odds of a win", "value": value}
    for source in SOURCES:
        yield {"effect": f"deals: source {source.name}", "scale": "log-odds of a win", "value": source.log_odds}
        yield {"effect": f"deals: source {source.name}", "scale": "median days to a win", "value": source.days}
    yield {"effect": "deals: lost rather than won", "scale": "factor on days", "value": LOSER_TAKES}
