"""The sponsoring in OnePageCRM is the truth's, holds together, and has the structure that the truth declares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.demo import Demo, start
from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm import OnePageCRM
from crmkit.demo.selling import WON
from crmkit.demo.truth import Truth

from .onepagecrm_calling import OPERATIONS, Ask, caller, records

Record = dict[str, Any]
CRM = "onepagecrm"


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def deals(ask: Ask) -> pd.DataFrame:
    return pd.DataFrame(records(ask, "/deals", "deals", "deal", include_history="true")).set_index("id")


@pytest.fixture(scope="module")
def people(ask: Ask) -> dict[str, Record]:
    return {each["id"]: each for each in records(ask, "/contacts", "contacts", "contact", team="true")}


def mine(demo: Demo, name: str) -> pd.DataFrame:
    return demo.truth[name].query("crm == @CRM")


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_any_club_hangs_together(seed: int, size: int) -> None:
    account = OnePageCRM(Club(seed, size)).reads.account
    register = account.register
    assert len({firm.number for firm in register.firms.values()}) == len(register.firms) == len(register.staff)
    for deal in register.deals.values():
        assert deal.opened <= (deal.closed or date.max)
        assert [step.entered for step in deal.steps] == sorted(step.entered for step in deal.steps)
        assert deal.steps[0].entered == deal.opened
        assert all(step.entered <= (step.left or date.max) for step in deal.steps)
        assert (deal.closed is None) == (deal.outcome == "pending")
        assert (deal.reason is not None) == (deal.outcome == "lost")
    for contact in account.contacts.by_id.values():
        assert len(contact["company_name"]) <= 55
    assert all(len(each["name"]) <= 60 for each in account.deals.by_id.values())
    for kind in (account.actions.by_id, account.logbook.notes, account.logbook.calls, account.logbook.meetings):
        assert {each["contact_id"] for each in kind.values()} <= set(register.contacts)


def test_the_size_is_that_of_a_club(people: dict[str, Record], deals: pd.DataFrame, ask: Ask) -> None:
    assert len(people) >= 60
    assert ask("/companies").json()["data"]["total_count"] >= 40
    assert 120 <= len(deals) <= 220


@pytest.mark.parametrize("size", [0, 1, 2, 37])
def test_a_club_of_any_size_answers(size: int) -> None:
    plain = [path for path in OPERATIONS if "{" not in path and "s3_form" not in path]
    with start(people=size) as small, requests.Session() as session:
        ask = caller(small, session)
        assert {path: ask(path).status_code for path in plain} == dict.fromkeys(plain, 200)
        assert (ask("/contacts", team="true").json()["data"]["total_count"] == 0) == (size == 0)


def test_same_seed_same_bytes(demo: Demo, ask: Ask) -> None:
    paths = ("/contacts?team=true&per_page=100", "/deals?per_page=100", "/bootstrap", "/companies", "/actions", "/notifications")
    with start() as other, start(seed=2) as another, requests.Session() as session, requests.Session() as third:
        again, different = caller(other, session), caller(another, third)
        for path in paths:
            assert again(path).content == ask(path).content
            assert different(path).content != ask(path).content
        for name in ("deals", "deal_stages", "companies", "contacts", "segments", "dirt", "identities"):
            assert other.truth[name].equals(demo.truth[name])


def test_contacts_are_the_truths_identities(demo: Demo, people: dict[str, Record]) -> None:
    identities = mine(demo, "identities").set_index("record_id")
    assert set(people) == set(identities.index)
    assert set(identities["kind"]) == {"person", "duplicate", "test", "colleague"}
    assert identities.query("kind == 'colleague'")["person_id"].isna().all()
    contacts = mine(demo, "contacts").set_index("record_id")
    for number, contact in people.items():
        assert contact["owner_id"] == contacts.loc[number, "owner_id"]
        assert contact["lead_source_id"] == contacts.loc[number, "source_id"]
        assert contact.get("company_id", pd.NA) is pd.NA or contact["company_id"] == contacts.loc[number, "company_id"]
    names = demo.truth["people"].set_index("person_id")
    dirty = set(mine(demo, "dirt")["record_id"])
    clean = [each for each in identities.query("kind == 'person'").itertuples() if each.Index not in dirty]
    assert clean
    for each in clean:
        assert people[str(each.Index)]["last_name"] == names.loc[each.person_id, "last_name"]


def test_some_companies_are_organisations_of_the_club(demo: Demo, ask: Ask) -> None:
    truth = mine(demo, "companies").set_index("company_id")
    served = {each["id"]: each for each in records(ask, "/companies", "companies", "company")}
    assert set(served) == set(truth.index)
    assert 10 < truth["organisation_id"].notna().sum() < len(truth)
    for number, company in served.items():
        assert company["name"] == truth.loc[number, "name"]
        assert company["contacts_count"] == truth.loc[number, "contacts"] == len(company["contacts"])
        assert company["pending_deals_count"] == len(company["pending_deals"])


def cells(record: Record, path: str) -> list[Any]:
    found: list[Any] = [record]
    for step in path.split("."):
        found = [each.get(step.removesuffix("[]")) for each in found]
        found = [inner for each in found for inner in each] if step.endswith("[]") else found
    return found


def test_every_planted_fault_is_in_the_answers(demo: Demo, people: dict[str, Record], deals: pd.DataFrame) -> None:
    dirt = mine(demo, "dirt").dropna(subset=["path"])
    assert {"stage_removed", "no_close_date", "closed_before_opened", "total_differs", "items_differ"} <= set(dirt["fault"])
    for fault in dirt.itertuples():
        assert fault.dirty != fault.clean
        if fault.record_id in people:
            found = cells(people[str(fault.record_id)], str(fault.path))
            # A custom field without a value is left out.
            assert fault.dirty in found or (fault.dirty == "" and fault.field == "birth_place"), fault
        elif fault.path != "deal_items":
            value = deals.loc[fault.record_id, fault.path]
            assert ("" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value)) == fault.dirty


def test_deals_are_the_truths_but_for_their_slips(demo: Demo, deals: pd.DataFrame) -> None:
    truth = mine(demo, "deals").set_index("deal_id")
    assert set(truth.index) == set(deals.index)
    slips = {(fault.record_id, fault.path) for fault in mine(demo, "dirt").itertuples() if str(fault.field).startswith("deal.")}
    for number, deal in deals.iterrows():
        true = truth.loc[number]
        expected = {
            "status": true["served_status"],
            "owner_id": true["owner_id"],
            "contact_id": true["record_id"],
            "pipeline_id": true["pipeline_id"],
            "stage": true["stage"],
            "amount": true["amount"],
            "months": true["months"],
            "total_amount": true["total_amount"],
            "date": str(true["opened"].date()),
        }
        if true["served_status"] != "pending":
            expected["close_date"] = str(true["closed"].date())
        for name, value in expected.items():
            assert (number, name) in slips or deal[name] == value, (number, name)


def test_money_adds_up_but_for_the_slips(demo: Demo, deals: pd.DataFrame) -> None:
    slipped = set(mine(demo, "dirt")["record_id"])
    for number, deal in deals.iterrows():
        if number in slipped:
            continue
        assert deal["total_amount"] == pytest.approx(deal["amount"] * deal["months"], abs=0.006)
        assert deal["total_cost"] == pytest.approx(deal["cost"] * deal["months"], abs=0.006)
        assert deal["margin"] == pytest.approx(deal["amount"] - deal["cost"], abs=0.006)
        if deal["has_deal_items"]:
            assert deal["amount"] == pytest.approx(sum(each["amount"] for each in deal["deal_items"]), abs=0.006)
        assert (deal["commission_type"] == "none") <= (deal["commission"] == 0)
    assert (deals["months"] > 1).any()
    assert (deals["margin"] < 0).any()
    assert set(deals["commission_type"]) == {"none", "percentage", "absolute"}


def test_history_agrees_with_the_true_stages(demo: Demo, deals: pd.DataFrame) -> None:
    stages = mine(demo, "deal_stages")
    kinds = stages.set_index("pipeline_id")["kind"].to_dict()
    assert set(kinds.values()) == {"sales", "delivery"}
    assert stages["pipeline_id"].nunique() == 3
    moved = 0
    for number, steps in stages.groupby("deal_id"):
        now = steps.iloc[-1]
        before = steps[steps["pipeline_id"] != now["pipeline_id"]].groupby("pipeline_id")["stage"].last().to_dict()
        assert deals.loc[number, "previous_pipeline_stages"] == before
        moved += bool(before)
    assert 20 < moved < len(deals) / 2
    delivering = mine(demo, "deals").query("served_status != outcome")
    assert set(delivering["outcome"]) == {WON}
    assert {kinds[each] for each in delivering["pipeline_id"]} == {"delivery"}


def test_some_pending_deals_are_overdue_and_some_have_no_date(demo: Demo, deals: pd.DataFrame) -> None:
    pending = deals.query("status == 'pending'")
    assert 5 <= (pending["expected_close_date"].dropna() < "2024-06-15").sum() < len(pending)
    assert deals["expected_close_date"].isna().any()


def test_sellers_and_sources_win_and_take_time_as_declared() -> None:
    """Pooled over seeds, the order of the effects is the order of the win rates and of the days to a win."""
    found = pd.concat([frame(seed) for seed in range(1, 9)])
    closed = found.query("outcome != 'pending'").assign(won=lambda each: each["outcome"] == WON)
    by_seller = closed.groupby(closed["owner_id"].str[-1])["won"].mean()
    assert by_seller.is_monotonic_decreasing
    assert by_seller.iloc[0] - by_seller.iloc[-1] > 0.25
    rates = closed.groupby("source")["won"].mean()
    assert rates["Tip van een lid"] > rates["Website"] > rates["Koude oproep"]
    days = closed[closed["won"]].assign(days=lambda each: (each["closed"] - each["opened"]).dt.days)
    medians = days.groupby("source")["days"].median()
    assert medians["Tip van een lid"] < 28 < medians["Website"] < 45 < medians["Advertentie"] < medians["Koude oproep"]
    assert abs(closed["chance"].mean() - closed["won"].mean()) < 0.04


def frame(seed: int) -> pd.DataFrame:
    club = Club(seed, 500)
    return Truth(club, [OnePageCRM(club)])["deals"]


def test_segments_are_those_of_the_answers(demo: Demo, ask: Ask, people: dict[str, Record]) -> None:
    segments = mine(demo, "segments")
    sizes = segments.groupby(["rule", "segment_id"])["record_id"].count()
    for entry in ask("/filters").json()["data"]["filters"]:
        key = entry["filter"]["id"]
        assert ask(f"/filters/{key}").json()["data"]["total_count"] == sizes.xs(key, level="segment_id").item()
    assert (sizes == 0).sum() == 1
    counted = ask("/contacts").json()
    for each in counted["tags"]["tags"]:
        assert each["total_count"] == sizes["tag", each["name"]]
    for each in counted["statuses"]:
        assert each["status"]["total_count"] == sizes.get(("status", each["status"]["id"]), 0)
    for each in counted["lead_sources"]:
        assert each["total_count"] == sizes.get(("lead source", each["id"]), 0)
    assert counted["contacts_count"]["all"]["total_count"] == len(people)


@pytest.mark.parametrize(
    ("path", "kind", "types"),
    [
        ("/custom_fields", "custom_field", 9),
        ("/company_fields", "company_field", 8),
        ("/deal_fields", "deal_field", 8),
    ],
)
def test_custom_fields_have_every_type_and_one_name_twice(ask: Ask, path: str, kind: str, types: int) -> None:
    defined = [each[kind] for each in ask(path, per_page=100).json()["data"][path[1:]]]
    assert len({each["type"] for each in defined}) == types
    names = [each["name"] for each in defined]
    assert len(names) == len(set(names)) + 1
    holder = {"custom_field": "contact", "company_field": "company", "deal_field": "deal"}[kind]
    plural = {"contact": "contacts", "company": "companies", "deal": "deals"}[holder]
    team = {"team": "true"} if holder == "contact" else {}
    held = [each for record in records(ask, f"/{plural}", plural, holder, **team) for each in record[path[1:]]]
    types_held = {each[kind]["type"] for each in held}
    assert types_held == {each["type"] for each in defined} - {"section_divider"}
    assert {type(each["value"]) for each in held if each[kind]["type"] == "number"} >= {int}


def test_oddities_that_were_recorded_are_there(ask: Ask, people: dict[str, Record], deals: pd.DataFrame) -> None:
    calls = records(ask, "/calls", "calls", "call")
    assert {type(each["call_time_int"]) for each in calls} == {int, str}
    assert [each["index"] for each in calls] == list(range(1, len(calls) + 1))
    assert any(len(each["call_result"]) == 24 for each in calls)
    assert any("company_id" not in each for each in people.values())
    assert all("." in each["created_at"] for each in people.values())
    assert not deals["created_at"].str.contains(".", regex=False).any()
    assert any(each["address_list"] == [empty()] for each in people.values())
    labels = [stage["label"] for each in ask("/pipelines").json()["data"]["pipelines"] for stage in each["pipeline"]["stages"]]
    assert None in labels
    assert len(labels) > len(set(labels))


def empty() -> dict[str, str]:
    return dict.fromkeys(("address", "city", "state", "zip_code", "country_code"), "")
