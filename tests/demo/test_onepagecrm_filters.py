"""Every filter of OnePageCRM's dialect filters, and every sort sorts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from crmkit.demo import Demo

from .onepagecrm_calling import Ask, caller, records

Record = dict[str, Any]
BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def people(ask: Ask) -> list[Record]:
    """Contact entries of the whole account, siblings and all."""
    return records(ask, "/contacts", "contacts", team="true")


@pytest.fixture(scope="module")
def deals(ask: Ask) -> list[Record]:
    return records(ask, "/deals", "deals", "deal")


def busiest(values: list[Any]) -> Any:
    return max(set(values), key=values.count)


def told(found: list[Record]) -> list[str]:
    return sorted(each["id"] for each in found)


def check(found: list[Record], everybody: list[Record], chosen: Callable[[Record], bool]) -> None:
    """Exactly those, and neither none nor all."""
    expected = [each for each in everybody if chosen(each)]
    assert told(found) == told(expected)
    assert 0 < len(expected) < len(everybody)


@pytest.mark.parametrize("name", ["letter", "owner_id", "company_id", "status_id", "lead_source", "lead_source_id"])
def test_contacts_by_a_value(ask: Ask, people: list[Record], name: str) -> None:
    contacts = [each["contact"] for each in people]
    value = busiest([each[name] for each in contacts if each.get(name)])
    found = records(ask, "/contacts", "contacts", "contact", **{"team": "true", name: value})
    check(found, contacts, lambda each: each.get(name) == value)


@pytest.mark.parametrize("name", ["starred", "pending_deal"])
@pytest.mark.parametrize("value", [True, False])
def test_contacts_by_a_flag(ask: Ask, people: list[Record], name: str, value: bool) -> None:
    contacts = [each["contact"] for each in people]
    found = records(ask, "/contacts", "contacts", "contact", **{"team": "true", name: str(value).lower()})
    check(found, contacts, lambda each: each[name] == value)


def test_contacts_by_what_they_hold(ask: Ask, people: list[Record]) -> None:
    contacts = [each["contact"] for each in people]

    def asked(**query: str) -> list[Record]:
        return records(ask, "/contacts", "contacts", "contact", team="true", **query)

    one = contacts[7]
    check(asked(tag="VIP"), contacts, lambda each: "VIP" in each["tags"])
    check(asked(email=one["emails"][0]["value"].upper()), contacts, lambda each: each["emails"] == one["emails"])
    check(asked(phone=one["phones"][0]["value"]), contacts, lambda each: each["phones"] == one["phones"])
    check(asked(url="linkedin"), contacts, lambda each: any("linkedin" in url["value"] for url in each["urls"]))
    check(
        asked(search="bakkerij"),
        contacts,
        lambda each: "bakkerij" in f"{each['first_name']} {each['last_name']} {each['company_name']}".casefold(),
    )
    field = next(each["custom_field"]["id"] for each in one["custom_fields"] if each["custom_field"]["name"] == "Taal")
    check(
        asked(custom_field_id=field, custom_field_value="Nederlands"),
        contacts,
        lambda each: any(cf["value"] == "Nederlands" for cf in each["custom_fields"]),
    )
    company = contacts[0]["company_id"]
    assert not {each.get("company_id") for each in asked(not_linked_with=company)} & {company}


def test_contacts_by_their_actions(demo: Demo, ask: Ask, people: list[Record]) -> None:
    me = demo.credentials["onepagecrm"]["user_id"]

    def asked(**query: str) -> list[Record]:
        return records(ask, "/contacts", "contacts", team="true", **query)

    def test(found: list[Record], chosen: Callable[[Record], bool]) -> None:
        contacts = [{**each, "id": each["contact"]["id"]} for each in people]
        check([each["contact"] for each in found], contacts, chosen)

    def mine(each: Record) -> bool:
        return bool(each["contact"]["owner_id"] == me)

    test(asked(has_actions="true"), lambda each: mine(each) and "next_actions" in each)
    test(
        asked(has_actions_for_me="true"),
        lambda each: mine(each) and any(action["assignee_id"] == me for action in each.get("next_actions", ())),
    )
    test(
        asked(waiting="true"),
        lambda each: any(action["status"] == "waiting" for action in each.get("next_actions", ())),
    )
    test(
        asked(action_stream="true"),
        lambda each: any(action["assignee_id"] == me for action in each.get("next_actions", ())),
    )
    assert all(mine(each) for each in asked(has_actions_today="true"))


def test_streams_are_by_urgency(demo: Demo, ask: Ask) -> None:
    me = demo.credentials["onepagecrm"]["user_id"]
    whole = records(ask, "/team_stream", "contacts")
    own = records(ask, "/action_stream", "contacts")
    assert told([each["contact"] for each in own]) == told(
        [each["contact"] for each in records(ask, "/team_stream", "contacts", user_id=me)]
    )
    assert len(own) < len(whole) == len(records(ask, "/action_stream", "contacts", team="true"))
    rank = {"asap": 0, "date": 1, "date_time": 1, "waiting": 2}
    ranks = [rank[each["next_actions"][0]["status"]] for each in whole]
    assert ranks == sorted(ranks)


def test_deals_by_every_filter(ask: Ask, deals: list[Record], people: list[Record]) -> None:
    def asked(**query: Any) -> list[Record]:
        return records(ask, "/deals", "deals", "deal", **query)

    contacts = {each["contact"]["id"]: each["contact"] for each in people}
    for name in ("pipeline_id", "sales_pipeline_id", "owner_id", "contact_id"):
        value = busiest([each[name] for each in deals if each.get(name)])
        check(asked(**{name: value}), deals, lambda each, n=name, v=value: each.get(n) == v)
    for status in ("pending", "won", "lost"):
        check(asked(status=status), deals, lambda each, s=status: each["status"] == s)
    check(asked(status="closed"), deals, lambda each: each["status"] != "pending")
    stage = busiest([each["stage"] for each in deals if each["status"] == "pending"])
    check(asked(stage=stage), deals, lambda each: each["status"] == "pending" and each["stage"] == stage)
    company = busiest([contacts[each["contact_id"]]["company_id"] for each in deals])
    check(asked(company_id=company), deals, lambda each: contacts[each["contact_id"]]["company_id"] == company)
    check(asked(tag="VIP"), deals, lambda each: "VIP" in contacts[each["contact_id"]]["tags"])
    check(asked(name="reclamebord"), deals, lambda each: "reclamebord" in each["name"].casefold())
    check(
        asked(search="slagerij"),
        deals,
        lambda each: (
            "slagerij" in (each["name"] + each["contact_info"]["contact_name"] + each["contact_info"]["company"]).casefold()
        ),
    )
    saved = ask("/filters").json()["data"]["filters"][1]["filter"]["id"]
    matching = {each["contact"]["id"] for each in saved_contacts(ask, saved)}
    check(asked(filter_id=saved), deals, lambda each: each["contact_id"] in matching)
    assert told(records(ask, f"/companies/{company}/deals", "deals", "deal")) == told(asked(company_id=company))


def saved_contacts(ask: Ask, key: str) -> list[Record]:
    last = ask(f"/filters/{key}").json()["data"]["max_page"]
    return [each for page in range(1, last + 1) for each in ask(f"/filters/{key}", page=page).json()["data"]["contacts"]]


def test_deals_bring_history_and_contacts_only_when_asked(ask: Ask, deals: list[Record]) -> None:
    assert not any("previous_pipeline_stages" in each for each in deals)
    full = records(ask, "/deals", "deals", fields="contacts(all)", include_history="true")
    for each in full:
        assert each["contacts"][0]["id"] == each["deal"]["contact_id"]
        assert "previous_pipeline_stages" in each["deal"]
    assert any(each["deal"]["previous_pipeline_stages"] for each in full)
    one = full[0]["deal"]
    assert ask(f"/deals/{one['id']}", include_history="true").json()["data"]["deal"] == one


def test_contacts_bring_their_lists_only_when_asked(ask: Ask, people: list[Record], deals: list[Record]) -> None:
    names = ("deals", "notes", "calls", "meetings", "pinned_attachments")
    assert not any(name in each for each in people for name in names)
    full = records(ask, "/contacts", "contacts", team="true", fields=",".join(f"{name}(all)" for name in names))
    assert all(set(names) <= set(each) for each in full)
    assert told([deal for each in full for deal in each["deals"]]) == told(deals)
    for name in ("notes", "calls", "meetings"):
        assert told([note for each in full for note in each[name]]) == told(records(ask, f"/{name}", name, name[:-1]))


@pytest.mark.parametrize("kind", ["actions", "notes", "calls", "meetings"])
def test_what_hangs_from_contacts_and_companies(ask: Ask, people: list[Record], kind: str) -> None:
    everything = records(ask, f"/{kind}", kind, kind[:-1])
    company_of = {each["contact"]["id"]: each["contact"].get("company_id") for each in people}
    contact = busiest([each["contact_id"] for each in everything])
    company = busiest([company_of[each["contact_id"]] for each in everything if company_of[each["contact_id"]]])
    for path, query in ((f"/{kind}", {"contact_id": contact}), (f"/contacts/{contact}/{kind}", {})):
        check(records(ask, path, kind, kind[:-1], **query), everything, lambda each: each["contact_id"] == contact)
    for path, query in ((f"/{kind}", {"company_id": company}), (f"/companies/{company}/{kind}", {})):
        check(records(ask, path, kind, kind[:-1], **query), everything, lambda each: company_of[each["contact_id"]] == company)


def test_actions_by_every_filter(ask: Ask) -> None:
    everything = records(ask, "/actions", "actions", "action")
    assert {each["status"] for each in everything} == {
        "asap", "date", "date_time", "waiting", "queued", "queued_with_date", "done",
    }  # fmt: skip
    for status in ("asap", "date_time", "queued_with_date", "done"):
        check(
            records(ask, "/actions", "actions", "action", status=status), everything, lambda each, s=status: each["status"] == s
        )
    check(records(ask, "/actions", "actions", "action", done="false"), everything, lambda each: not each["done"])
    who = everything[0]["assignee_id"]
    check(records(ask, "/actions", "actions", "action", assignee_id=who), everything, lambda each: each["assignee_id"] == who)
    assert all(("exact_time" in each) == (each["status"] == "date_time") for each in everything)
    assert all(("done_at" in each) == each["done"] for each in everything)


def test_companies_kinds_and_relations_by_every_filter(ask: Ask, people: list[Record]) -> None:
    companies = records(ask, "/companies", "companies", "company")
    check(
        records(ask, "/companies", "companies", "company", name="garage"),
        companies,
        lambda each: "garage" in each["name"].lower(),
    )
    check(records(ask, "/companies", "companies", "company", letter="b"), companies, lambda each: each["name"][:1] == "B")
    phone = companies[3]["phone"]
    check(
        records(ask, "/companies", "companies", "company", phone=phone[-6:]), companies, lambda each: phone[-6:] in each["phone"]
    )
    kinds = records(ask, "/relationship_types", "relationship_types", "relationship_type")
    for query, chosen in (
        ({"symmetrical": "true"}, lambda each: each["symmetrical"]),
        ({"search": "medewerker"}, lambda each: "Medewerker" in str(each)),
    ):
        check(records(ask, "/relationship_types", "relationship_types", "relationship_type", **query), kinds, chosen)
    for entry in people:
        path = f"/contacts/{entry['contact']['id']}/relationships"
        mine = records(ask, path, "relationships", "relationship")
        if len({each["relationship_type_id"] for each in mine}) > 1:
            break
    one = mine[0]
    other = next(party for party in one["related_contacts"] if party["contact_id"] != entry["contact"]["id"])
    for query in (
        {"relationship_type_id": one["relationship_type_id"]},
        {"contact_id_filter": other["contact_id"]},
        {"variant_id_filter": other["variant_id"]},
        {"search": f"{other['first_name']} {other['last_name']}"},
    ):
        found = records(ask, path, "relationships", "relationship", **query)
        assert one in found
        assert len(found) < len(mine)
    both = [records(ask, path, "relationships", "relationship", symmetrical=flag) for flag in ("true", "false")]
    assert told(both[0] + both[1]) == told(mine)


SORTS = (
    ("/contacts", "contacts", "contact", ("created_at", "modified_at", "first_name", "last_name", "company_name", "name")),
    ("/team_stream", "contacts", "contact", ("created_at", "modified_at", "first_name", "last_name", "company_name", "name")),
    ("/deals", "deals", "deal", ("created_at", "modified_at", "date", "close_date", "expected_close_date")),
    ("/notes", "notes", "note", ("created_at", "modified_at", "updated_at", "date")),
    ("/calls", "calls", "call", ("created_at", "modified_at", "updated_at")),
    ("/meetings", "meetings", "meeting", ("created_at", "modified_at", "updated_at")),
    ("/actions", "actions", "action", ("created_at", "modified_at")),
    ("/companies", "companies", "company", ("created_at", "modified_at", "name")),
    ("/custom_fields", "custom_fields", "custom_field", ("position",)),
    ("/relationship_types", "relationship_types", "relationship_type", ("created_at", "modified_at")),
)


@pytest.mark.parametrize(
    ("path", "name", "wrapper", "column"),
    [(path, name, wrapper, column) for path, name, wrapper, columns in SORTS for column in columns],
)
def test_every_sort_sorts_and_loses_nobody(ask: Ask, path: str, name: str, wrapper: str, column: str) -> None:
    plain = records(ask, path, name, wrapper)
    up, down = (records(ask, path, name, wrapper, sort_by=column, order=order) for order in ("asc", "desc"))
    assert told(up) == told(down) == told(plain)

    def keys(found: list[Record]) -> list[Any]:
        if column == "name" and wrapper == "contact":
            return [(each["last_name"].casefold(), each["first_name"].casefold()) for each in found]
        values = [each[{"updated_at": "modified_at"}.get(column, column)] for each in found]
        return [value.casefold() if isinstance(value, str) else value for value in values if value is not None]

    assert keys(up) == sorted(keys(up))
    assert keys(down) == sorted(keys(up), reverse=True)


def seconds(each: Record, column: str) -> float:
    value = each[
        {"updated_at": "modified_at", "call_time": "call_time_int", "meeting_time": "meeting_time_int"}.get(column, column)
    ]
    return float(value) if str(value).isdigit() else datetime.fromisoformat(value).timestamp()


@pytest.mark.parametrize(
    ("path", "name", "wrapper", "column"),
    [
        ("/contacts", "contacts", "contact", "created_at"),
        ("/contacts", "contacts", "contact", "updated_at"),
        ("/deals", "deals", "deal", "modified_at"),
        ("/notes", "notes", "note", "created_at"),
        ("/calls", "calls", "call", "call_time"),
        ("/meetings", "meetings", "meeting", "meeting_time"),
        ("/actions", "actions", "action", "created_at"),
    ],
)
def test_windows_of_instants(ask: Ask, path: str, name: str, wrapper: str, column: str) -> None:
    everything = records(ask, path, name, wrapper)
    middle = int(sorted(seconds(each, column) for each in everything)[len(everything) // 2])
    since = records(ask, path, name, wrapper, date_filter=column, since=middle)
    check(since, everything, lambda each: seconds(each, column) >= middle)
    until = records(ask, path, name, wrapper, date_filter=column, until=middle)
    check(until, everything, lambda each: seconds(each, column) <= middle)
    day = datetime.fromtimestamp(middle, UTC).astimezone(BRUSSELS).date()
    on_day = records(ask, path, name, wrapper, date_filter=column, since=day.isoformat(), until=day.isoformat())
    check(on_day, everything, lambda each: datetime.fromtimestamp(seconds(each, column), BRUSSELS).date() == day)


def test_windows_of_days_and_of_changes(ask: Ask, deals: list[Record]) -> None:
    for column in ("date", "close_date", "expected_close_date"):
        days = sorted(each[column] for each in deals if each[column])
        since, until = days[len(days) // 3], days[len(days) // 2]
        found = records(ask, "/deals", "deals", "deal", date_filter=column, since=since, until=until)
        check(found, deals, lambda each, c=column, a=since, b=until: bool(each[c]) and a <= each[c] <= b)
    moment = int(sorted(seconds(each, "modified_at") for each in deals)[60])
    newer = records(ask, "/deals", "deals", "deal", modified_since=moment)
    older = records(ask, "/deals", "deals", "deal", unmodified_since=moment)
    check(newer, deals, lambda each: seconds(each, "modified_at") >= moment)
    check(older, deals, lambda each: seconds(each, "modified_at") <= moment)


def test_a_window_may_be_as_wide_as_the_calendar(ask: Ask, deals: list[Record]) -> None:
    for column in ("created_at", "date"):
        assert records(ask, "/deals", "deals", "deal", date_filter=column, since="0001-01-01", until="9999-12-31") == deals
        for wrong in ("9" * 30, "2024-1-5", "20240101x", "-1"):
            assert ask("/deals", date_filter=column, since=wrong).status_code == 400


def test_contacts_filtered_by_time_come_newest_first(ask: Ask) -> None:
    found = records(ask, "/contacts", "contacts", "contact", date_filter="created_at", since="2020-01-01")
    moments = [each["created_at"] for each in found]
    assert moments == sorted(moments, reverse=True)
    assert len(set(moments)) > 5
