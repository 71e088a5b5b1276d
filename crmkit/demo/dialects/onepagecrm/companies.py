"""Companies as OnePageCRM prints them."""

from __future__ import annotations

from datetime import timedelta

from crmkit.demo.clock import NOW
from crmkit.demo.dialects.onepagecrm import fields
from crmkit.demo.dialects.onepagecrm.deals import Deals
from crmkit.demo.dialects.onepagecrm.ids import FOUNDED, Json, instant, money
from crmkit.demo.dialects.onepagecrm.reference import STATUS_IDS
from crmkit.demo.dialects.onepagecrm.register import Register
from crmkit.demo.selling import PENDING, WON


def company(register: Register, deals: Deals, number: str) -> Json:
    """A company without the lists of its contacts and pending deals."""
    firm = register.firms[number]
    rng = register.random(f"company:{firm.number}")
    staff = register.staff[number]
    mine = [deals.by_id[each] for contact in staff for each in register.deals_of.get(contact, ())]
    won, pending = ([each for each in mine if each["status"] == status] for status in (WON, PENDING))
    created = FOUNDED + timedelta(days=rng.randrange(180), minutes=rng.randrange(480))
    syncs_status, syncs_tags = rng.random() < 0.1, rng.random() < 0.15
    found: Json = {
        "id": number,
        "name": firm.name,
        "description": f"{firm.sector} in {firm.home.city}" if rng.random() < 0.6 else "",
        "phone": firm.phone,
        "photo_url": f"https://files.dijlevallei.example/logos/{firm.number}.png" if rng.random() < 0.3 else None,
        "url": firm.website,
        "address": {
            "address": firm.home.street,
            "city": firm.home.city,
            "state": "Vlaams-Brabant",
            "zip_code": firm.home.postal_code,
            "country_code": "BE",
        },
        "company_fields": fields.values(
            fields.COMPANY,
            {
                "sector": firm.sector,
                "staff": rng.choice((3, 8, 12, 40, 250)) if rng.random() < 0.7 else None,
                "number": f"K{firm.number:04d}" if firm.organisation_id else None,
                "since": min((each["close_date"] for each in won if each["close_date"]), default=None),
                "channels": rng.sample(fields.VISIBILITY, 2) if won else None,
                "slogan": "Altijd dichtbij" if rng.random() < 0.2 else None,
                "note": "Betaalt laat.\nEerst bellen." if rng.random() < 0.1 else None,
            },
        ),
        "syncing_status": syncs_status,
        "syncing_tags": syncs_tags,
        "synced_tags": [firm.sector] if syncs_tags else [],
        "contacts_count": len(staff),
        "won_deals_count": len(won),
        "total_won_amount": money(sum(each["total_amount"] for each in won)),
        "pending_deals_count": len(pending),
        "total_pending_amount": money(sum(each["total_amount"] for each in pending)),
        "created_at": instant(created),
        "modified_at": instant(created + (NOW - created) * rng.random()),
    }
    if syncs_status:
        found["synced_status_id"] = STATUS_IDS["customer"]
    return found
