"""Peepl's dialect answers every documented operation in the documented shape and refuses the rest as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from crmkit.demo import Demo, start

from .calling import Get, walk

FIXED = Path(__file__).parents[1]
OPERATIONS = [line.split("\t") for line in (FIXED / "operations" / "peepl.txt").read_text().splitlines()]
EXAMPLES = json.loads((FIXED / "examples" / "peepl.json").read_text())
CREATED = ("/contacts/{contact_id}/addresses", "/organisations/{organisation_id}/addresses", "/contacts/search")
# Shapes that the document leaves open, because its examples show an empty list or null.
OPEN = {"custom_fields", "relatives", "attachments", "pictures", "cover_picture"}


def filled(demo: Demo, template: str) -> str:
    """A documented path with values that exist."""
    truth = demo.truth
    person = truth["identities"].query("crm == 'peepl' and kind == 'person'")["record_id"].iloc[0]
    holding = truth["memberships"].iloc[0]
    ids = {
        "contact_id": person,
        "organisation_id": "41",
        "segment_id": "41",
        "group_id": holding["group_id"],
        "function_id": holding["function_id"],
        "combination_id": holding["combination_id"],
        "object_type": "contacts",
        "ot": "contacts",
        "date": "20240301",
        "start_date": "20230101",
        "end_date": "20240101",
        "activity_id": activity(demo, template.rsplit("/", 1)[-1]),
        "status": "A",
        "product_id": str(activity_number(demo, "internal") * 10),
        "news_id": "120",
        "folders_id": "416",
        "file_id": "232",
        "albums_id": "211",
        "picture_id": "21101",
    }
    return re.sub(r"{(\w+)}", lambda match: ids[match[1]], template) + "/"


def activity_number(demo: Demo, kind: str) -> int:
    """The fourth of a kind; the fourth internal one has attachments."""
    return int(demo.truth["activities"].query("kind == @kind")["number"].iloc[3])


def activity(demo: Demo, word: str) -> str:
    kind = word if word in ("external", "sale", "announcement", "session") else "internal"
    return str(7400 + activity_number(demo, kind))


@pytest.mark.parametrize(("method", "template"), OPERATIONS, ids=[" ".join(each) for each in OPERATIONS])
def test_every_documented_operation_answers(demo: Demo, get: Get, method: str, template: str) -> None:
    body = {"operator": "AND", "first_name": "a"} if method == "POST" else None
    answer = get(filled(demo, template), method, body)
    assert answer.status_code == (201 if template in CREATED else 200)
    assert answer.json()


def shape(value: Any) -> Any:
    """Field names all the way down, for a comparison with the document's example."""
    if isinstance(value, dict):
        return {name: None if name in OPEN else shape(inner) for name, inner in value.items()}
    return shape(value[0]) if isinstance(value, list) and value else None


def covers(example: Any, found: Any, where: str) -> None:
    """The same fields on both sides wherever both are filled."""
    if isinstance(example, dict) and isinstance(found, dict):
        assert set(found) == set(example), where
        for name in example:
            covers(example[name], found[name], f"{where}.{name}")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_answers_have_the_fields_of_the_documents_example(demo: Demo, get: Get, example: dict[str, Any]) -> None:
    method, template = example["operation"].split()
    body = {"operator": "AND", "first_name": "a"} if method == "POST" else None
    answer = get(filled(demo, template), method, body)
    assert answer.status_code == example["status"]
    assert isinstance(answer.json(), type(example["body"]))
    covers(shape(example["body"]), shape(answer.json()), template)


@pytest.mark.parametrize("path", ["/contacts", "/contacts?limit=10", "/groups", "//contacts/"])
def test_a_missing_or_doubled_slash_is_not_found(get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


@pytest.mark.parametrize("path", ["/functions/", "/address_types/", "/contacts/custom_field_categories/", "/nothing/"])
def test_announced_and_unknown_paths_are_not_found_and_noted(demo: Demo, get: Get, path: str) -> None:
    assert get(path).status_code == 404
    assert "path" in demo.log[-1].undocumented[0]


@pytest.mark.parametrize(
    "path",
    [
        "/contacts/1/",
        "/groups/1/contacts/",
        "/activities/1/internal/",
        "/contacts/segments/1/",
        "/groups/435/contacts/20241301/",
        "/functions/1/organisations/2024-01-01/",
        "/contacts/1/positions/",
        "/news/1/",
        "/folders/1/",
        "/activities/1/attendance/A/",
        "/activities/7401/attendance/X/",
    ],
)
def test_an_unknown_record_is_not_found(get: Get, path: str) -> None:
    assert get(path).status_code == 404


def test_an_activity_answers_under_its_own_type_only(demo: Demo, get: Get) -> None:
    number = activity(demo, "sale")
    found = {kind: get(f"/activities/{number}/{kind}/").status_code for kind in ("internal", "external", "sale", "session")}
    assert found == {"internal": 404, "external": 404, "sale": 200, "session": 404}


def test_an_announcement_has_no_sign_up_list(demo: Demo, get: Get) -> None:
    assert get(f"/activities/{activity(demo, 'announcement')}/attendance/A/").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/contacts/"),
        ("DELETE", "/contacts/311/addresses/1/"),
        ("PUT", "/address_types/4/"),
        ("POST", "/activities/sale/"),
        ("PUT", "/activities/7401/"),
        ("GET", "/activities/7401/"),
        ("GET", "/contacts/search/"),
        ("POST", "/activities/7401/products/"),
        ("POST", "/albums/"),
    ],
)
def test_writes_and_wrong_methods_are_refused(get: Get, method: str, path: str) -> None:
    assert get(path, method).status_code == 405


@pytest.mark.parametrize("given", [None, "Token nope", "Bearer {}", "Token  {}", "{}"])
def test_a_wrong_credential_is_refused(demo: Demo, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given.format(demo.credentials["peepl"]["token"])}
    answer = requests.get(f"{demo.urls['peepl']}/contacts/", headers=headers, timeout=10)
    assert answer.status_code == 401
    assert list(answer.json()) == ["detail"]


def test_pages_hold_ten_at_most_and_link_to_the_vendors_own_host(get: Get) -> None:
    first, second = get("/contacts/", limit=500).json(), get("/contacts/", limit=10, offset=10).json()
    assert len(first["results"]) == 10
    assert first["next"] == "http://api.peepl.io/v1/admin/contacts/?limit=10&offset=10"
    assert first["previous"] is None
    assert second["previous"] == "http://api.peepl.io/v1/admin/contacts/?limit=10"
    assert get("/contacts/", limit=3).json()["next"].endswith("?limit=3&offset=3")
    last = get("/contacts/", offset=first["count"] - 1).json()
    assert (len(last["results"]), last["next"]) == (1, None)
    assert get("/contacts/", offset=first["count"] + 5).json()["results"] == []


def test_a_walk_gives_every_contact_once(demo: Demo, get: Get) -> None:
    identities = demo.truth["identities"].query("crm == 'peepl'")
    assert [str(record["id"]) for record in walk(get, "/contacts/")] == identities["record_id"].tolist()


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/contacts/", {"page": 2}, "query parameter page"),
        ("/groups/", {"limit": 10}, "query parameter limit"),
        ("/contacts/", {"limit": [1, 2]}, "query parameter limit twice"),
        ("/news/", {"token": "x"}, "query parameter token"),
    ],
)
def test_an_undocumented_parameter_is_named_loudly(demo: Demo, get: Get, path: str, query: dict[str, Any], named: str) -> None:
    answer = get(path, **query)
    assert answer.status_code == 400
    assert named in answer.json()["undocumented"]
    assert demo.log[-1].undocumented == (named,)


@pytest.mark.parametrize("value", ["0", "-1", "ten", "1.5", "9" * 5000])
def test_a_limit_that_is_no_number_is_refused(get: Get, value: str) -> None:
    assert get("/contacts/", limit=value).status_code == 400


def test_a_header_or_body_that_nobody_documents_is_named(demo: Demo) -> None:
    headers = {"Authorization": f"Token {demo.credentials['peepl']['token']}", "X-Trick": "1"}
    answer = requests.get(f"{demo.urls['peepl']}/news/", headers=headers, data=b"{}", timeout=10)
    assert answer.json()["undocumented"] == ["header X-Trick", "body of a GET"]


@pytest.mark.parametrize(
    "body",
    [
        {"first_name": "an"},
        {"operator": "XOR", "city": "a"},
        {"operator": "OR"},
        {"operator": "OR", "zip": "3"},
        {"operator": "AND", "last_modified": "15/06/2024"},
        {"operator": "AND", "last_modified": "20240615"},
        {"operator": "AND", "last_modified": "2024-W24-6"},
        ["AND"],
    ],
)
def test_a_search_that_is_not_as_documented_is_refused(get: Get, body: object) -> None:
    assert get("/contacts/search/", "POST", body).status_code == 400


def test_search_combines_and_reads_changes_since_a_day(get: Get) -> None:
    everybody = walk(get, "/contacts/")

    def found(**body: str) -> set[int]:
        return {record["id"] for record in walk(get, "/contacts/search/", method="POST", json=body)}

    both = found(operator="AND", first_name="an", city="leuven")
    either = found(operator="OR", first_name="an", city="leuven")
    assert both == found(operator="AND", first_name="an") & found(operator="AND", city="leuven")
    assert either == found(operator="AND", first_name="an") | found(operator="AND", city="leuven")
    assert found(operator="AND", last_modified="2024-05-01") == {
        record["id"] for record in everybody if record["last_modified"][:10] > "2024-05-01"
    }


def test_a_window_of_activities_may_be_as_wide_as_the_calendar(get: Get) -> None:
    everything = get("/activities/").json()
    for path in ("/activities/00010101/9999-12-31/", "/activities/start/0001-01-01/", "/activities/end/99991231/"):
        assert get(path).json() == everything
    assert get("/activities/end/00010101/").json() == []


def test_a_running_demo_can_be_rid_of(get: Get) -> None:
    other = start(people=5)
    url = f"{other.urls['peepl']}/news/"
    assert requests.get(url, timeout=10).status_code == 401
    other.stop()
    other.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
