"""A small account for the tests of crmkit.pipelines: a client that answers from lists of records, through the real rows."""

from __future__ import annotations

import pandas as pd

import crmkit
from crmkit.frames import Builder
from crmkit.receipts import Receipt, attach

SALES = {
    "id": "p1",
    "name": "Sales",
    "type": "sales",
    "default": True,
    "stages": [{"stage": stage, "label": label} for stage, label in ((25, "Talk"), (40, "Offer"), (75, "Yes"), (90, None))],
}
EVENTS = {**SALES, "id": "p2", "name": "Events", "default": False, "stages": [{"stage": 25, "label": "Idea"}]}
WORK = {
    **SALES,
    "id": "p3",
    "name": "Work",
    "type": "delivery",
    "default": False,
    "stages": [{"stage": 50, "label": "Half"}, {"stage": 90, "label": "Bill"}],
}
USERS = [
    {"id": "u1", "first_name": "Ann", "last_name": "Maes"},
    {"id": "u2", "first_name": "Bob", "last_name": "Smit"},
]
CONTACTS = [
    {"id": "c1", "lead_source_id": "web", "lead_source": "Website"},
    {"id": "c2", "lead_source_id": "ad", "lead_source": "Advert"},
]


def deal(name: str, status: str = "pending", **fields: object) -> dict[str, object]:
    """A deal as the API writes it; amount, cost and months give the computed fields unless those are given."""
    usual = {
        "id": name.lower(),
        "name": name,
        "status": status,
        "contact_id": "c1",
        "owner_id": "u1",
        "pipeline_id": "p1",
        "sales_pipeline_id": "p1",
        "stage": 25,
        "amount": 100.0,
        "months": 1,
        "cost": 0.0,
        "date": "2024-03-01",
        "created_at": "2024-03-02T23:30:00Z",
        "has_deal_items": False,
    }
    record = {**usual, **fields}
    amount, cost, months = record["amount"] or 0, record["cost"] or 0, max(record["months"] or 1, 1)
    computed = {"margin": amount - cost, "total_amount": amount * months, "total_cost": cost * months}
    return {**computed, **record}


# The worked example of the sheet, section 5, as printed.
A = deal("A", amount=200, months=6, stage=25, date="2024-05-01", expected_close_date="2024-05-31", close_date=None)
B = deal("B", "won", amount=500, stage=90, date="2024-03-01", expected_close_date="2024-03-20", close_date="2024-03-11")
C = deal("C", "lost", amount=500, stage=40, date="2024-03-01", expected_close_date="2024-04-01", close_date="2024-04-20")
D = deal("D", "won", amount=0, stage=75, date="2024-04-01", expected_close_date="2024-04-30", close_date="2024-04-21")
TODAY = "2024-06-01"


class Account:
    """Answers like a OnePageCRM client. incomplete: endpoints whose receipt says that records are missing."""

    crm = "OnePageCRM"

    def __init__(
        self,
        deals=(),
        *,
        pipelines=(SALES, EVENTS, WORK),
        contacts=CONTACTS,
        currency="EUR",
        zone="Europe/Brussels",
        incomplete=(),
    ):
        settings = {"currency": currency, "currency_symbol": "€", "time_zone": zone}
        self._records = {
            "deals": [stages_listed(one) for one in deals],
            "pipelines": pipelines,
            "users": USERS,
            "contacts": contacts,
            "bootstrap": [{"user_id": "u1", "settings": settings}],
        }
        self._incomplete = incomplete
        self.asked: list[tuple[str, dict[str, object]]] = []

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._records:
            raise AttributeError(name)
        return lambda **keywords: self._frame(name, keywords)

    def _frame(self, name: str, keywords: dict[str, object]) -> pd.DataFrame:
        self.asked.append((name, keywords))
        builder = Builder(crmkit.OnePageCRM.rows()[name].columns)
        builder.add(list(self._records[name]))
        frame = builder.frame()
        told = {"records": len(frame), "pages": 1, "calls": 1, "oldest": "2024-05-31 22:30:00", "newest": "2024-05-31 22:30:00"}
        missing = name in self._incomplete
        problems = ("3 records are missing",) if missing else ()
        return attach(frame, Receipt("OnePageCRM", name, complete=not missing, account="test", problems=problems, **told))


def stages_listed(record):
    """The map of earlier stages as the list that the client makes of it."""
    found = record.get("previous_pipeline_stages") or {}
    return {**record, "previous_pipeline_stages": [{"pipeline_id": key, "stage": stage} for key, stage in found.items()]}


def loaded(*deals, today=TODAY, **account):
    """The frames of load() for an account with these deals."""
    return crmkit.pipelines.load(Account(deals, **account), today=today)


def deals_of(*deals, **account):
    """The deals of loaded()."""
    return loaded(*deals, **account)["deals"]
