"""OnePageCRM's dialect answers every documented read in the documented shape and refuses the rest as documented."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crmkit.demo import Demo, start
from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm import OnePageCRM, query

from .onepagecrm_calling import EXAMPLES, OPERATIONS, PARAMETERS, Ask, caller, filled, ids, leaves, records, related

# Left out of an answer when empty, or only there for some.
SOMETIMES = {
    *("next_actions", "next_action", "queued_actions", "next_action_conflicts", "company", "company_id"),
    *("google_contacts_data", "exact_time", "done_at", "synced_status_id", "sales_pipeline_id", "bcc_email", "type"),
    *("google_contacts_email", "action_stream_count", "previous_pipeline_stages", "image", "contacts", "pending_deals"),
}
# What the vendor's newest file has and the example has not.
NEWER = {"urls", "linked_contacts", "externally_controlled"}
OLDER = {"url"}
# Maps whose keys are data, and what is drawn once as an object and once as a list.
OPEN = {"call_results", "previous_pipeline_stages", "errors", "all", "lead_sources", "statuses", "settings.pipelines"}


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def values(ask: Ask) -> dict[str, str]:
    return ids(ask)


@pytest.fixture(scope="module")
def relation(ask: Ask) -> tuple[str, str]:
    return related(ask)


def needed(template: str, values: dict[str, str]) -> dict[str, str]:
    return {"contact_id": values["contact_id"]} if template == "/attachments/s3_form" else {}


@pytest.mark.parametrize("template", OPERATIONS)
def test_every_documented_read_answers(ask: Ask, values: dict[str, str], relation: tuple[str, str], template: str) -> None:
    answer = ask(filled(template, values, relation), **needed(template, values))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["message"], body["timestamp"]) == (0, "OK", 1718445600)
    assert isinstance(body["data"], list) == (template in ("/users", "/lead_sources", "/statuses", "/call_results"))


def covers(example: Any, found: Any, where: str) -> None:
    """No field that the example lacks, and none missing but those that come and go."""
    if isinstance(example, list) and isinstance(found, list):
        for each in found if example else ():
            covers(example[0], each, f"{where}[]")
    if isinstance(example, dict) and isinstance(found, dict):
        assert set(found) - set(example) <= NEWER | SOMETIMES, where
        assert set(example) - set(found) <= SOMETIMES | OLDER, where
        for name in set(example) & set(found) - OPEN:
            covers(example[name], found[name], f"{where}.{name}")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_answers_have_the_fields_of_the_documents_example(
    ask: Ask, values: dict[str, str], relation: tuple[str, str], example: dict[str, Any]
) -> None:
    template = example["operation"].split()[1]
    found = ask(filled(template, values, relation), **needed(template, values)).json()
    if template == "/deal_fields":  # the document has the page fields inside each item
        found["data"] |= {name: found["data"]["deal_fields"][0][name] for name in ("total_count", "page", "per_page", "max_page")}
        for item in found["data"]["deal_fields"]:
            del item["total_count"], item["page"], item["per_page"], item["max_page"]
    covers(example["body"], found, template)


def test_parameters_are_exactly_those_of_the_sheet() -> None:
    """The paths by their shape, since names in braces are not ours."""

    def shape(path: str) -> str:
        return "/".join("*" if part[:1] in ("{", "<") else part for part in path.split("/"))

    served = {shape(path): read.parameters for path, read in OnePageCRM(Club(1, 0)).reads.table().items()}
    expected = {shape(path): frozenset(PARAMETERS.get(path, ())) for path in OPERATIONS}
    expected["/contacts/filters/*"] |= {"per_page"}  # accepted and ignored, in words
    assert served == expected


@pytest.mark.parametrize("given", [None, ("", ""), ("612366dd9007ba0a00000001", "wrong"), ("x", "y")])
def test_a_missing_or_wrong_key_is_unauthorised(demo: Demo, given: tuple[str, str] | None) -> None:
    answer = requests.get(demo.urls["onepagecrm"] + "/contacts", auth=given, timeout=10)
    assert answer.status_code == 401
    assert set(answer.json()) == {"status", "message", "error_name", "error_message", "errors"}
    assert answer.json()["status"] == 401


@pytest.mark.parametrize(
    "header", ["Bearer abc", "Basic", "Basic ???", "Token x", "Basic " + base64.b64encode(b"\xff:\xff").decode()]
)
def test_a_header_that_is_no_basic_is_unauthorised(demo: Demo, header: str) -> None:
    answer = requests.get(demo.urls["onepagecrm"] + "/users", headers={"Authorization": header}, timeout=10)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/contacts/5aba31ea9007ba0f570c92d4",
        "/contacts/zz",
        "/deals/1",
        "/companies/1/deals",
        "/contacts/1/notes",
        "/contacts/1/relationships",
        "/contacts/cascade/1",
        "/filters/1",
        "/contacts/filters/1",
        "/lead_sources/nobody",
        "/users/1",
        "/pipelines/1",
        "/webhooks/1",
        "/notifications/1",
    ],
)
def test_unknown_ids_are_not_found(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert (answer.status_code, answer.json()["status"], answer.json()["error_name"]) == (404, 404, "resource_not_found")


@pytest.mark.parametrize("path", ["/nothing", "/contacts/", "/contacts.json", "/deals/1/notes"])
def test_an_undocumented_path_is_noted(demo: Demo, ask: Ask, path: str) -> None:
    assert ask(path).status_code == 404
    assert "path" in demo.log[-1].undocumented[0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/contacts"),
        ("PATCH", "/contacts/1"),
        ("DELETE", "/deals/1"),
        ("POST", "/change_auth_key"),
        ("PUT", "/contacts/1/star"),
        ("GET", "/contacts/1/star"),
        ("PUT", "/actions/1/mark_as_done"),
        ("POST", "/notifications/mark_all_as_read"),
        ("DELETE", "/contacts/delete"),
        ("PATCH", "/attachments/1/pin"),
        ("HEAD", "/contacts"),
    ],
)
def test_writes_are_not_allowed(demo: Demo, ask: Ask, method: str, path: str) -> None:
    answer = ask(path, method)
    assert answer.status_code == 405
    assert demo.log[-1].undocumented == ()
    assert method == "HEAD" or answer.json()["status"] == 405


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/users", {"page": 1}, "query parameter page"),
        ("/contacts", {"sparse": "true"}, "query parameter sparse"),
        ("/companies", {"modified_since": "2024-01-01"}, "query parameter modified_since"),
        ("/contacts/cascade", {"team": "true"}, "query parameter team"),
        ("/deals", {"page": [1, 2]}, "query parameter page twice"),
        ("/pipelines", {"per_page": 100}, "query parameter per_page"),
    ],
)
def test_an_undocumented_parameter_is_named_loudly(demo: Demo, ask: Ask, path: str, query: dict[str, Any], named: str) -> None:
    answer = ask(path, **query)
    assert answer.status_code == 400
    assert named in answer.json()["undocumented"]
    assert demo.log[-1].undocumented == (named,)


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/contacts", {"team": "True"}, "team"),
        ("/contacts", {"per_page": 101}, "per_page"),
        ("/contacts", {"page": 0}, "page"),
        ("/contacts", {"page": "one"}, "page"),
        ("/contacts", {"sort_by": "status"}, "sort_by"),
        ("/contacts", {"order": "up"}, "order"),
        ("/contacts", {"date_filter": "date", "since": "2024-01-01"}, "date_filter"),
        ("/contacts", {"since": "2024-01-01"}, "date_filter"),
        ("/contacts", {"date_filter": "created_at"}, "date_filter"),
        ("/contacts", {"date_filter": "created_at", "since": "15/06/2024"}, "since"),
        ("/contacts", {"modified_since": "2024-01-01", "until": "2024-02-01"}, "modified_since"),
        ("/contacts", {"tag": "VIP", "filter_id": "1"}, "filter_id"),
        ("/contacts", {"has_actions": "true", "has_actions_for_me": "true"}, "has_actions_for_me"),
        ("/contacts", {"lead_source": "x", "lead_source_id": "y"}, "lead_source_id"),
        ("/contacts", {"not_linked_with": "x", "company_id": "y"}, "company_id"),
        ("/contacts", {"custom_field_value": "x"}, "custom_field_value"),
        ("/contacts", {"fields": "deals"}, "fields"),
        ("/deals", {"fields": "notes(all)"}, "fields"),
        ("/deals", {"status": "open"}, "status"),
        ("/deals", {"stage": "x"}, "stage"),
        ("/deals", {"contact_id": "x", "company_id": "y"}, "company_id"),
        ("/actions", {"status": "asap,date"}, "status"),
        ("/attachments/s3_form", {}, "contact_id"),
    ],
)
def test_a_value_that_the_sheet_does_not_allow_is_refused(ask: Ask, path: str, query: dict[str, Any], named: str) -> None:
    answer = ask(path, **query)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [named]
    assert answer.json()["error_message"].startswith(named)


PAGED = (
    ("/deals", "deals"),
    ("/notes", "notes"),
    ("/calls", "calls"),
    ("/meetings", "meetings"),
    ("/actions", "actions"),
    ("/companies", "companies"),
    ("/custom_fields", "custom_fields"),
    ("/team_stream", "contacts"),
    ("/notifications", "notifications"),
)


@pytest.mark.parametrize(("path", "name"), PAGED)
def test_pages_add_up(ask: Ask, path: str, name: str) -> None:
    first = ask(path).json()["data"]
    assert (first["page"], first["per_page"]) == (1, 10)
    assert first["max_page"] == -(-first["total_count"] // 10) > 1
    whole = records(ask, path, name)
    assert first[name] == whole[:10]
    assert ask(path, page=first["max_page"] + 1).json()["data"][name] == []


def test_page_fields_lie_where_the_document_has_them(ask: Ask, values: dict[str, str]) -> None:
    fields = ask("/deal_fields").json()["data"]
    assert set(fields) == {"deal_fields"}
    assert {item["max_page"] for item in fields["deal_fields"]} == {2}
    pinned = ask(f"/contacts/{values['contact_id']}/pinned_attachments").json()
    assert "total_count" in pinned
    assert set(pinned["data"]) == {"pinned_attachments"}
    items = ask("/predefined_items").json()["data"]
    assert (set(items), len(items["predefined_items"])) == ({"predefined_items"}, 10)
    assert len(ask("/predefined_items", page=2).json()["data"]["predefined_items"]) == 4


def test_a_saved_filter_gives_25_a_page_whatever_is_asked(ask: Ask) -> None:
    found = max(
        (each["filter"]["id"] for each in ask("/filters").json()["data"]["filters"]),
        key=lambda key: ask(f"/filters/{key}").json()["data"]["total_count"],
    )
    for path, asked in ((f"/contacts/filters/{found}", {"per_page": 100}), (f"/filters/{found}", {})):
        data = ask(path, **asked).json()["data"]
        assert data["per_page"] == 25 == len(data["contacts"])
        assert data["filter"]["id"] == found
        rest = ask(path, page=2).json()["data"]["contacts"]
        assert not {each["contact"]["id"] for each in rest} & {each["contact"]["id"] for each in data["contacts"]}


def test_paging_ends_at_its_reach_and_other_ways_go_on(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = {each["id"] for each in records(ask, "/contacts", "contacts", "contact", team="true")}
    mine = {each["id"] for each in records(ask, "/contacts", "contacts", "contact")}
    monkeypatch.setattr(query, "REACH", 25)
    pages = [ask("/contacts", team="true", page=page).json()["data"] for page in (1, 2, 3, 4)]
    assert [len(data["contacts"]) for data in pages] == [10, 10, 5, 0]
    assert {data["total_count"] for data in pages} == {len(everybody)}
    windows = [("created_at", f"{year}-{month:02d}-01") for year in range(2016, 2025) for month in range(1, 13)]
    found: set[str] = set()
    for (name, since), (_, until) in zip(windows, [*windows[1:], ("", "2025-01-01")], strict=True):
        found |= {
            each["id"]
            for each in records(
                ask, "/contacts", "contacts", "contact", team="true", date_filter=name, since=since, until=until, sort_by=name
            )
        }
    assert found == everybody
    assert cascaded(ask) == mine


def cascaded(ask: Ask) -> set[str]:
    found: list[dict[str, Any]] = []
    path, left = "/contacts/cascade", 1
    while left:
        data = ask(path).json()["data"]
        assert set(data) == {"contacts", "items_left", "next_set_url"}
        assert data["next_set_url"].startswith("https://app.onepagecrm.com/api/v3/contacts/cascade/")
        found += [each["contact"] for each in data["contacts"]]
        path, left = "/contacts/cascade/" + data["next_set_url"].rsplit("/", 1)[1], data["items_left"]
    names = [(each["last_name"].casefold(), each["first_name"].casefold()) for each in found]
    assert names == sorted(names)
    return {each["id"] for each in found}


def test_a_batch_of_the_cascade_has_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    with start(people=2000) as large, requests.Session() as session:
        ask = caller(large, session)
        first = ask("/contacts/cascade").json()["data"]
        assert len(first["contacts"]) == 100
        assert first["items_left"] == ask("/contacts").json()["data"]["total_count"] - 100 > 0
        assert len(cascaded(ask)) == first["items_left"] + 100


def test_throttling_is_forbidden_in_plain_text() -> None:
    with start(people=5) as small, requests.Session() as session:
        ask = caller(small, session)
        small.set(rate_limit="vendor")
        answers = [ask("/countries") for _ in range(11)]
        assert [each.status_code for each in answers] == [200] * 10 + [403]
        assert answers[-1].headers["Content-Type"] == "text/plain"
        small.set(rate_limit=None, faults={"429": [1], "500": [2]})
        assert [ask("/users").status_code for _ in range(3)] == [403, 500, 200]


def test_another_user_sees_their_own_and_lacks_the_admins_rights(demo: Demo, ask: Ask) -> None:
    other = OnePageCRM(Club(1, 500)).accounts[3]
    with requests.Session() as session:
        theirs = caller(demo, session, **other)
        assert theirs("/bootstrap").json()["data"]["user_id"] == other["user_id"]
        for path in ("/webhooks", "/webhooks/1"):
            refused = theirs(path)
            assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/json")
            assert refused.json()["error_name"] == "forbidden"
        mine, own = (records(each, "/contacts", "contacts", "contact") for each in (ask, theirs))
        assert {each["owner_id"] for each in own} == {other["user_id"]}
        assert not {each["id"] for each in mine} & {each["id"] for each in own}
        assert theirs(f"/contacts/{mine[0]['id']}").status_code == 200
        assert not {each["id"] for each in records(ask, "/notifications", "notifications", "notification")} & {
            each["id"] for each in records(theirs, "/notifications", "notifications", "notification")
        }


def test_secrets_are_where_the_document_has_them_and_nowhere_else(
    ask: Ask, values: dict[str, str], relation: tuple[str, str]
) -> None:
    assert ask("/bootstrap").json()["data"]["auth_key"] == "demo-secret-auth-key"
    holding = set()
    for template in OPERATIONS:
        body = ask(filled(template, values, relation), **needed(template, values)).json()
        secret = [text for text in leaves(body) if "demo-secret" in text and "?signature=" not in text]
        holding |= {template} if secret else set()
    assert holding == {"/bootstrap", "/webhooks", "/webhooks/{webhook_id}", "/attachments/s3_form"}
