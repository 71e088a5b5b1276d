"""MissionHub: paths, parameters, errors, pages and JSON:API documents are those of the sheet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crmkit.demo import Demo, start
from crmkit.demo.dialects.missionhub.schema import ATTRIBUTES, RELATIONS

from .missionhub_calling import EXAMPLES, OPERATIONS, PARAMETERS, WHOLE, Ask, caller, related, walk

ORGANIZATION = ("organization_ids", "5101")


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


def paths_of(people: list[dict[str, Any]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    needed = {"filter_stats": [("organization_id", "5101")], "search": [("q", "an")]}
    for line in OPERATIONS[0].splitlines():
        path = line.split("\t")[1]
        filled = path.replace("/people/{id}", f"/people/{people[3]['id']}").replace("{id}", "311")
        yield filled, needed.get(path.split("/")[1], [])


def test_every_documented_operation_answers(demo: Demo, ask: Ask) -> None:
    people, _ = walk(ask, ("include", ""))
    for path, query in paths_of(people):
        answer = ask(path, *query)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == "application/vnd.api+json"
    assert not demo.log[-1].undocumented


def test_operations_left_out_are_refused_loudly(demo: Demo, ask: Ask) -> None:
    for line in OPERATIONS[1].splitlines():
        path = line.split("\t")[1]
        status = ask(path).status_code
        assert status == 405 or (status == 404 and demo.log[-1].undocumented), path


@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/people"), ("PUT", "/people/2829001"), ("DELETE", "/organizational_labels/731001"), ("PUT", "/answer_sheets/1"),
    ("POST", "/interactions"), ("POST", "/person_notes"), ("DELETE", "/contact_assignments/1"), ("POST", "/bulk_people_changes"),
])  # fmt: skip
def test_writes_are_not_allowed(ask: Ask, method: str, path: str) -> None:
    assert ask(path, method=method).status_code == 405


def value_for(name: str) -> list[tuple[str, str]]:
    """A value that the document allows."""
    values = {
        "include": "email_addresses", "sort": "first_name", "page[limit]": "2", "page[offset]": "1", "q": "an", "limit": "3",
        "filters[name]": "an", "filters[assigned_tos]": "me,unassigned", "filters[assigned_contacts]": "me",
        "filters[statuses]": "contacted,in_progress", "filters[permissions]": "1,owner,4", "filters[genders]": "male,other",
        "filters[faculty]": "true,false", "filters[include_archived]": "true", "filters[unassigned]": "true",
        "filters[terminology]": "Campus", "filters[descendants]": "false", "include_unassigned": "true",
        "include_zeros": "true", "fields": "first_name", "organization_id": "5101", "survey_id": "311",
    }  # fmt: skip
    if "QID" in name:
        answers = "filters[answer_sheets][answers][1204][]"
        return [(name.replace("QID", "1204"), "any" if "options" in name else "Ja")] + (
            [(answers, "Nee")] if "options" in name else []
        )
    if name == "filters[updated_at][]":
        return [(name, "2022-01-01T00:00:00Z"), (name, "2024-06-01T00:00:00Z")]
    if name == "fields[TYPE]":
        return [("fields[organization]", "name"), ("fields[person]", "first_name,last_name")]
    return [(name, values.get(name, "1"))]


@pytest.mark.parametrize("path", sorted(PARAMETERS))
def test_every_parameter_is_taken_and_an_unknown_one_is_loud(demo: Demo, ask: Ask, path: str) -> None:
    filled = path.replace("{id}", "2829001")
    needed = {"/search": [("q", "an")]}.get(path, [("organization_id", "5101")] if "stats" in path else [])
    for name in PARAMETERS[path]:
        here = {"include": "labels", "sort": "name", "filters[assigned_tos]": "me"} if path == "/organizations" else {}
        sent = [(name, here[name])] if name in here else value_for(name)
        answer = ask(filled, *sent, *(pair for pair in needed if pair[0] != name))
        assert answer.status_code == 200, (name, answer.text)
    answer = ask(filled, *needed, ("order", "1"))
    assert answer.status_code == 400
    assert demo.log[-1].undocumented == ("query parameter order",)


@pytest.mark.parametrize("name", [
    "filters[answer_sheets][answers][abc][]", "filters[answer_sheets][answers][8]", "filters[ids][]", "fields[people]",
    "filter[ids]", "filters[updated_at]", "page[size]", "format",
])  # fmt: skip
def test_near_misses_are_undocumented(demo: Demo, ask: Ask, name: str) -> None:
    assert ask("/people", (name, "1")).status_code == 400
    assert demo.log[-1].undocumented == (f"query parameter {name}",)


def test_a_comma_list_cannot_be_repeated_and_a_field_must_be_known(ask: Ask) -> None:
    twice = ask("/people", ("filters[ids]", "1"), ("filters[ids]", "2"))
    assert (twice.status_code, twice.json()["undocumented"]) == (400, ["query parameter filters[ids] twice"])
    assert ask("/people", ("fields[person]", "first_name,shoe_size")).json()["undocumented"] == ["field shoe_size of person"]


@pytest.mark.parametrize("pair", [
    ("include", "emails"), ("include", "answer_sheets.answer"), ("sort", "id"), ("sort", "updated_at"), ("page[limit]", "-1"),
    ("page[offset]", "x"), ("filters[statuses]", "new"), ("filters[permissions]", "2"), ("filters[genders]", "Male"),
    ("filters[include_archived]", "[true]"), ("filters[label_ids]", "a"), ("filters[name]", " "),
    ("filters[updated_at][]", "2024-01-01T00:00:00Z"), ("filters[answer_sheets][answers_options][1204]", "any"),
])  # fmt: skip
def test_a_wrong_value_gets_400_and_names_the_parameter(ask: Ask, pair: tuple[str, str]) -> None:
    answer = ask("/people", pair)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["status"] == "400"
    assert error["source"]["parameter"] == pair[0] or "answers" in pair[0]


def test_pages_have_25_people_and_250_at_the_most(ask: Ask) -> None:
    everybody, _ = walk(ask, ("include", ""), limit=250)
    assert len(ask("/people").json()["data"]) == 25
    with start(people=1000) as large, requests.Session() as session:
        page = caller(large, session)("/people", ("page[limit]", "1000"), ("include", "")).json()
        assert len(page["data"]) == 250 < page["meta"]["total"]
        large.set(page_cap=7)
        assert len(caller(large, session)("/people", ("page[limit]", "50")).json()["data"]) == 7
    assert [each["id"] for each in walk(ask, ("include", ""), limit=33)[0]] == [each["id"] for each in everybody]
    assert ask("/people", ("page[offset]", "100000")).json()["data"] == []


def test_the_default_order_ties_and_a_limit_of_0_counts(ask: Ask) -> None:
    people, _ = walk(ask, ("include", ""))
    names = [(p["attributes"]["last_name"].casefold(), p["attributes"]["first_name"].casefold()) for p in people]
    assert names == sorted(names)
    assert ask("/people", ("page[limit]", "0"), ("include", "")).json() == {"data": [], "meta": {"total": len(people)}}


def test_no_include_is_not_an_empty_include(ask: Ask) -> None:
    assert {each["type"] for each in ask("/people").json()["included"]} == {"email_address", "organizational_permission"}
    assert "included" not in ask("/people", ("include", "")).json()


def test_a_deep_include_brings_what_lies_between_and_everything_is_reachable_once(ask: Ask) -> None:
    page = ask("/people", ORGANIZATION, ("include", "answer_sheets.answers.question"), ("page[limit]", "250")).json()
    kinds = [each["type"] for each in page["included"]]
    assert set(kinds) == {"answer_sheet", "answer", "question"}
    whole = ask("/people", ("include", WHOLE + ",contact_assignments.person"), ("page[limit]", "60")).json()
    keys = [(each["type"], each["id"]) for each in whole["included"]]
    mine = {(each["type"], each["id"]) for each in whole["data"]}
    assert len(set(keys)) == len(keys)
    assert not mine & set(keys)
    linked = {
        (end["type"], end["id"])
        for record in whole["data"] + whole["included"]
        for relation in record.get("relationships", {}).values()
        for end in (relation.get("data") or [])
        if isinstance(relation.get("data"), list)
    } | {
        (relation["data"]["type"], relation["data"]["id"])
        for record in whole["data"] + whole["included"]
        for relation in record.get("relationships", {}).values()
        if isinstance(relation.get("data"), dict)
    }
    assert set(keys) <= linked


def test_an_included_person_is_linked_only_where_a_path_goes_on(ask: Ask) -> None:
    _, included = walk(ask, ("filters[permissions]", "4"), ("include", "contact_assignments.person.phone_numbers"))
    person = next(record for (kind, _), record in included.items() if kind == "person")
    assert person["relationships"]["phone_numbers"]["data"] is not None
    assert person["relationships"]["email_addresses"] == {"links": {}}
    assert person["relationships"]["user"] == {"data": None}


def test_sparse_fields_leave_attributes_and_linkage_out(ask: Ask) -> None:
    plain = ("fields[person]", "first_name,email_addresses")
    page = ask("/people", plain, ("fields[email_address]", "email"), ("include", "email_addresses,phone_numbers")).json()
    for person in page["data"]:
        assert list(person["attributes"]) == ["first_name"]
        assert list(person["relationships"]) == ["email_addresses"]
    assert {each["type"] for each in page["included"]} == {"email_address", "phone_number"}
    assert all(list(each["attributes"]) == ["email"] for each in page["included"] if each["type"] == "email_address")
    bare = ask("/people", ("fields[person]", "last_name"), ("include", "")).json()["data"][0]
    assert "relationships" not in bare


def test_records_have_the_fields_of_the_examples(ask: Ask) -> None:
    found: dict[str, set[str]] = {}
    for example in EXAMPLES:
        for record in walked(example["body"]):
            if record["type"] != "filter_stats" and "primary_email_address" not in record["attributes"]:
                found.setdefault(record["type"], set()).update(record.get("attributes", {}), record.get("relationships", {}))
    for kind, names in found.items():
        assert names <= {*ATTRIBUTES[kind], *RELATIONS[kind]}, kind
        assert set(ATTRIBUTES[kind]) <= names, kind
    people, included = walk(ask, ("include", WHOLE))
    for record in [*people, *included.values()]:
        assert tuple(record["attributes"]) == ATTRIBUTES.get(record["type"], ())


def walked(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    data = body["data"]
    yield from data if isinstance(data, list) else [data]
    yield from body.get("included", [])


def test_one_person_me_and_nobody(demo: Demo, ask: Ask) -> None:
    me = ask("/people/me", ("include", "user")).json()
    assert me["included"] == [{"type": "user", "id": str(me["data"]["attributes"]["user_id"]), "attributes": {}}]
    one = ask(f"/people/{me['data']['id']}", ("include", "user")).json()
    assert one == me
    assert ask("/people/1").status_code == ask("/people/abc").status_code == 404
    assert ask("/surveys/²/questions").status_code == ask("/surveys/1/questions").status_code == 404


def test_another_account_sees_its_own_organization(demo: Demo) -> None:
    app = demo._gates["missionhub"].app
    with requests.Session() as session:
        ask = caller(demo, session, app.accounts[1]["token"])  # type: ignore[attr-defined]
        assert [each["id"] for each in ask("/organizations").json()["data"]] == ["5107"]
        people, included = walk(ask, ("include", "organizational_permissions"))
        for person in people:
            mine = related(person, "organizational_permissions", included)
            assert 5107 in [each["attributes"]["organization_id"] for each in mine]
        assert ask("/filter_stats/people", ("organization_id", "5101")).status_code == 404


def test_organizations_give_the_names_behind_ids(ask: Ask) -> None:
    page = ask("/organizations", ("include", "labels,groups,surveys")).json()
    assert {each["type"] for each in page["included"]} == {"label", "group", "survey"}
    assert page["meta"]["total"] == len(page["data"]) == 3
    assert page["data"][0]["relationships"]["people"] == {"links": {}}
    for pair, expected in (
        (("filters[ids]", "5107,5112"), {"5107", "5112"}),
        (("filters[exclude_ids]", "5107"), {"5101", "5112"}),
        (("filters[terminology]", "campus"), {"5107"}),
        (("filters[descendants]", "false"), {"5101"}),
        (("page[offset]", "2"), {"5101"}),
    ):
        assert {each["id"] for each in ask("/organizations", pair).json()["data"]} == expected
    busy = ask("/organizations", ("filters[assigned_tos]", "me"), ("sort", "-name")).json()
    assert busy["data"][0]["id"] == "5101"


def test_search_finds_by_name_and_by_mail(ask: Ask) -> None:
    people, _ = walk(ask, ("include", ""))
    wanted = people[7]["attributes"]
    page = ask("/search", ("q", wanted["full_name"].upper())).json()
    assert people[7]["id"] in [each["id"] for each in page["data"]]
    assert list(page["data"][0]["attributes"]) == ["first_name", "last_name", "gender", "primary_email_address"]
    many = ask("/search", ("q", "e")).json()
    assert len(many["data"]) == 10 < many["meta"]["total"]
    mail = page["data"][0]["attributes"]["primary_email_address"]
    assert ask("/search", ("q", mail)).json()["meta"]["total"] >= 1
    assert ask("/search").status_code == 400
    team = ask("/search", ("q", "e"), ("filters[permission_ids]", "1,3,4"), ("limit", "99")).json()["meta"]["total"]
    both = [ask("/search", ("q", "e"), ("filters[unassigned]", flag)).json()["meta"]["total"] for flag in ("true", "false")]
    assert 0 < team < sum(both) == many["meta"]["total"]


def test_a_large_club_answers_in_seconds() -> None:
    begun = time.perf_counter()
    with start(people=5_000) as large, requests.Session() as session:
        assert caller(large, session)("/people", ("page[limit]", "250"), ("include", WHOLE)).status_code == 200
    assert time.perf_counter() - begun < 20
