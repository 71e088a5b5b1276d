"""The demo's OnePageCRM takes PUT with partial=true of seven kinds of record, strictly, and keeps it; without the client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from crmkit import demo as demonstration
from crmkit.demo import Demo

Put = Callable[..., requests.Response]
LISTS = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "action": "actions",
    "note": "notes",
    "call": "calls",
    "meeting": "meetings",
}
GOOD = {
    "contact": {"job_title": "Baas", "tags": ["VIP"], "starred": True, "phones": [{"type": "work", "value": "1"}]},
    "company": {"name": "Zzz", "address": {"city": "Gent"}},
    "deal": {"text": "nieuw", "amount": 12.5, "date": "2024-01-31"},
    "action": {"text": "Bel"},
    "note": {"text": "Kort", "date": "2024-02-01"},
    "call": {"via": "phone", "call_time_int": 1525273653},
    "meeting": {"place": "Hier"},
}
BAD = [
    ("contact", {"first_name": "x" * 26}),
    ("contact", {"title": "Dr"}),
    ("contact", {"starred": "true"}),
    ("contact", {"phones": [{"type": "pager", "value": "1"}]}),
    ("contact", {"phones": {"type": "work", "value": "1"}}),
    ("contact", {"address_list": [{}, {}, {}]}),
    ("contact", {"tags": "VIP"}),
    ("contact", {"status_id": "prospect"}),
    ("contact", {"status_id": ["prospect"]}),
    ("contact", {"custom_fields": [{"custom_field": "5", "value": "x"}]}),
    ("contact", {"owner_id": "5" * 24}),
    ("contact", {"custom_fields": [{"custom_field": {"id": "5" * 24}, "value": "x"}]}),
    ("company", {"name": "x" * 56}),
    ("company", {"name": " "}),
    ("company", {"address": {"planet": "Mars"}}),
    ("deal", {"status": "closed"}),
    ("deal", {"date": "31/01/2024"}),
    ("deal", {"date": "2024-W01-1"}),
    ("deal", {"amount": "12"}),
    ("deal", {"months": 1.5}),
    ("action", {"text": "x" * 141}),
    ("note", {"linked_deal_id": "5" * 24}),
    ("call", {"call_time_int": "soon"}),
    ("call", {"via": "telex"}),
    ("meeting", {"place": "x" * 101}),
]
UNKNOWN = [
    ("contact", {"company_name": "Acme"}),
    ("contact", {"modified_at": "2024-01-01"}),
    ("deal", {"total_amount": 1}),
    ("deal", {"contact_id": "x"}),
    ("deal", {"deal_items": []}),
    ("note", {"user_ids_to_notify": []}),
]


@pytest.fixture(scope="module")
def mine() -> Iterator[Demo]:
    with demonstration.start(people=200) as running:
        yield running


@pytest.fixture(scope="module")
def ask(mine: Demo) -> Iterator[Put]:
    with requests.Session() as session:
        session.auth = tuple(mine.credentials["onepagecrm"].values())

        def call(path: str, method: str = "GET", json: Any = None, **query: Any) -> requests.Response:
            return session.request(method, mine.urls["onepagecrm"] + path, params=query, json=json, timeout=30)

        yield call


def first(ask: Put, kind: str) -> dict[str, Any]:
    query = {"team": "true"} if kind == "contact" else {}
    found = ask(f"/{LISTS[kind]}", **query).json()["data"][LISTS[kind]]
    free = (each[kind] for each in found if not each[kind].get("externally_controlled"))
    return next(free)


@pytest.mark.parametrize("kind", LISTS)
def test_each_kind_is_written_in_part_and_stays_so(ask: Put, kind: str) -> None:
    before = first(ask, kind)
    path = f"/{LISTS[kind]}/{before['id']}"
    answer = ask(path, "PUT", GOOD[kind], partial="true")
    assert (answer.status_code, answer.json()["status"], answer.json()["message"]) == (200, 0, "OK")
    now = ask(path).json()["data"][kind]
    assert answer.json()["data"][kind] == now
    assert {name: now[name] for name in GOOD[kind]} == GOOD[kind]
    assert now["modified_at"] > before["modified_at"]
    follows = {"modified_at", "margin", "total_amount", "total_cost", "index", "contacts", "pending_deals", "letter"}
    assert {name for name in now if now[name] != before.get(name)} <= set(GOOD[kind]) | follows


@pytest.mark.parametrize(("kind", "body"), BAD, ids=lambda value: str(value)[:40])
def test_wrong_values_are_the_vendors_400(ask: Put, kind: str, body: dict[str, Any]) -> None:
    before = first(ask, kind)
    answer = ask(f"/{LISTS[kind]}/{before['id']}", "PUT", body, partial="true")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert list(answer.json()["errors"]) == list(body)
    assert first(ask, kind) == before


@pytest.mark.parametrize(("kind", "body"), UNKNOWN, ids=lambda value: str(value)[:40])
def test_fields_that_no_safe_set_names_are_undocumented(mine: Demo, ask: Put, kind: str, body: dict[str, Any]) -> None:
    assert ask(f"/{LISTS[kind]}/{first(ask, kind)['id']}", "PUT", body, partial="true").status_code == 400
    assert mine.log[-1].undocumented == (f"body field {next(iter(body))}",)


def test_without_partial_nothing_is_taken(mine: Demo, ask: Put) -> None:
    path = f"/contacts/{first(ask, 'contact')['id']}"
    for query in ({}, {"partial": "false"}, {"partial": "True"}):
        assert ask(path, "PUT", {"job_title": "x"}, **query).status_code == 400
        assert "partial" in mine.log[-1].undocumented[0]


def test_what_hangs_on_a_name_follows_it(ask: Put) -> None:
    deal = first(ask, "deal")
    contact = ask(f"/contacts/{deal['contact_id']}").json()["data"]["contact"]
    ask(f"/contacts/{contact['id']}", "PUT", {"first_name": "Quirijn", "last_name": "Aaa"}, partial="true")
    assert ask(f"/deals/{deal['id']}").json()["data"]["deal"]["contact_info"]["contact_name"] == "Quirijn Aaa"
    names = [
        each["contact"]["last_name"].casefold() for each in ask("/contacts", team="true", per_page=100).json()["data"]["contacts"]
    ]
    assert names == sorted(names)
    company = first(ask, "company")
    ask(f"/companies/{company['id']}", "PUT", {"name": "Nieuwe naam"}, partial="true")
    staff = ask(f"/companies/{company['id']}").json()["data"]["company"]["contacts"]
    assert {each["contact"]["company_name"] for each in staff} == {"Nieuwe naam"}


def test_a_long_deal_name_is_cut_without_an_error(ask: Put) -> None:
    deal = first(ask, "deal")
    assert ask(f"/deals/{deal['id']}", "PUT", {"name": "x" * 70}, partial="true").json()["data"]["deal"]["name"] == "x" * 60


def test_closing_a_deal_sets_its_day(ask: Put) -> None:
    deals = [each["deal"] for each in ask("/deals", per_page=100).json()["data"]["deals"]]
    deal = next(each for each in deals if each["status"] == "pending")
    path = f"/deals/{deal['id']}"
    assert ask(path, "PUT", {"status": "won"}, partial="true").json()["data"]["deal"]["close_date"] == "2024-06-15"
    assert ask(path, "PUT", {"status": "pending"}, partial="true").json()["data"]["deal"]["close_date"] is None


def test_an_action_that_another_program_steers_is_a_conflict(ask: Put) -> None:
    actions = [
        each["action"] for page in (1, 2, 3) for each in ask("/actions", per_page=100, page=page).json()["data"]["actions"]
    ]
    steered = next((each for each in actions if each["externally_controlled"]), None)
    assert steered is not None
    assert ask(f"/actions/{steered['id']}", "PUT", {"text": "x"}, partial="true").status_code == 409


def test_unknown_records_and_other_methods(ask: Put) -> None:
    assert ask(f"/contacts/{'5' * 24}", "PUT", {"job_title": "x"}, partial="true").status_code == 404
    for kind in LISTS:
        assert ask(f"/{LISTS[kind]}/{'5' * 24}", "DELETE").status_code == 405
        assert ask(f"/{LISTS[kind]}", "POST", {}).status_code == 405
