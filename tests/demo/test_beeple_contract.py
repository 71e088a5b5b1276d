"""Beeple's dialect answers every read in the documented shape and refuses the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from crmkit.demo import Demo, start

from .beeple_calling import (
    EXAMPLES,
    OPERATIONS,
    PARAMETERS,
    PERIOD,
    Ask,
    caller,
    enrolments,
    filled,
    ids,
    keys,
    leaves,
    people,
    subprojects,
    teams,
)

EXPERIMENTAL = OPERATIONS[10:]
# What client code met inside records that the document leaves empty.
MORE = re.compile(r".*profile_property_groups\.profile_properties\..*")


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def values(ask: Ask, demo: Demo) -> dict[str, str]:
    return ids(ask, demo)


@pytest.fixture
def small() -> Iterator[tuple[Demo, Ask]]:
    with start(people=60) as running, requests.Session() as session:
        yield running, caller(running, session)


def query_of(template: str) -> dict[str, str]:
    return PERIOD if template.endswith("/availabilities2") else {}


@pytest.mark.parametrize("template", OPERATIONS)
def test_every_read_answers(ask: Ask, values: dict[str, str], template: str) -> None:
    answer = ask(filled(template, values), query=query_of(template))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()


@pytest.mark.parametrize(("template", "names"), PARAMETERS)
def test_every_parameter_is_known(ask: Ask, values: dict[str, str], template: str, names: list[str]) -> None:
    good = {"page": "1", "page_items": "5", "q": "a", "filter[functions][]": "7", "filter[statuses][]": "confirmed"}
    good |= {"filter[status]": "reported"}
    query = query_of(template) | {name: good.get(name, "2024-01-31") for name in names}
    assert ask(filled(template, values), query=query).status_code == 200


def everything(ask: Ask, template: str, values: dict[str, str]) -> list[Any]:
    """Answers that together show every key."""
    if template == "/projects/{project_id}":
        return [each for number in ("41", "44", "53") for each in [ask(f"/projects/{number}").json()]]
    if template == "/projects/{project_id}/subprojects":
        return [ask(f"/projects/{number}/subprojects").json() for number in ("41", "53")]
    if template == "/projects/{project_id}/teams":
        return [ask(f"/projects/{each['id']}/teams").json() for each in ask("/projects").json()["projects"]]
    if template == "/subprojects/{subproject_id}/teams":
        parts = subprojects(ask, "56") + subprojects(ask, "53")
        return [ask(f"/subprojects/{each['id']}/teams").json() for each in parts]
    if template == "/teams/{team_id}":
        return [ask(f"/teams/{team['id']}").json() for _, _, team in list(teams(ask))[:450:3]]
    if template == "/collaborators/{id}/enrolments":
        return [ask(f"/collaborators/{each}/enrolments", page_items=500).json() for each in people(ask)[:40]]
    if "availabilities2" not in template:
        return [ask(filled(template, values)).json()]
    lists = [ask(f"/collaborators/{each}/availabilities2", query=PERIOD).json() for each in people(ask)]
    if template.endswith("availabilities2"):
        return lists
    return [each for body in lists for each in body["availabilities"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_records_have_the_documented_fields(ask: Ask, values: dict[str, str], example: dict[str, Any]) -> None:
    """The same keys as in the example, at every depth, and text where text is documented."""
    template = example["operation"].removeprefix("GET ")
    found = everything(ask, template, values)
    documented = set(keys(example["body"]))
    served = {key for body in found for key in keys(body) if not MORE.fullmatch(key)}
    assert served == documented
    kinds: dict[str, set[type]] = {}
    for body in found:
        for path, value in leaves(body):
            kinds.setdefault(path, set()).add(type(value))
    for path, value in leaves(example["body"]):
        for kind in kinds.get(path, set()) - {type(None)} if value is not None else ():
            assert kind is type(value) or {kind, type(value)} == {int, float}, path


def test_glued_keys_are_never_on_the_wire(ask: Ask, values: dict[str, str]) -> None:
    for template in OPERATIONS:
        body = ask(filled(template, values), query=query_of(template)).json()
        assert all(re.fullmatch(r"[\w.]+", key) for key in keys(body))


def test_a_project_is_the_same_in_the_list_and_alone(ask: Ask) -> None:
    listed = ask("/projects").json()["projects"]
    assert [ask(f"/projects/{each['id']}").json() for each in listed] == listed
    assert {each["subprojects_enabled"] for each in listed} == {True, False}


def test_subprojects_have_next_and_prev_on_another_host(ask: Ask) -> None:
    first = ask("/projects/41/subprojects").json()
    assert (first["prev"], len(first["subprojects"])) == (None, 25)
    link = urlsplit(first["next"])
    assert (link.scheme, link.netloc) == ("http", "127.0.0.1")
    assert link.path == "/api/v1/en/admin/projects/311206967/subprojects"
    assert dict(parse_qsl(link.query)) == {"page": "2"}
    second = ask("/projects/41/subprojects", page=2).json()
    assert (second["next"], len(second["subprojects"])) == (None, 16)
    assert dict(parse_qsl(urlsplit(second["prev"]).query)) == {"page": "1"}


def test_the_subprojects_filter_is_read_in_the_body_and_in_the_query(ask: Ask) -> None:
    days = {"period_start_at": "2022-10-26", "period_end_at": "2022-11-08"}
    inside = ask("/projects/41/subprojects", json={"filter": days}).json()
    outside = ask("/projects/41/subprojects", query={f"filter[{name}]": day for name, day in days.items()}).json()
    assert inside == outside
    assert [each["start_date"] for each in inside["subprojects"]] == ["2022-10-24", "2022-10-31", "2022-11-07"]
    assert ask("/projects/41/subprojects", json={"filter": days, "page": 2}).status_code == 400
    assert ask("/projects/41/subprojects", json={"filter": {"from": "2022-10-26"}}).status_code == 400
    assert ask("/projects/41/subprojects", json={"filter": {"period_start_at": "Hello, world!"}}).status_code == 400
    assert ask("/projects/41/teams", json={"filter": days}).status_code == 400


def test_teams_of_a_subproject_are_paged_without_a_word(ask: Ask) -> None:
    """One has exactly a page of teams, one has more."""
    sizes = []
    for part in subprojects(ask, "56"):
        path = f"/subprojects/{part['id']}/teams"
        pages = [ask(path, page=page).json() for page in (1, 2, 3)]
        assert all(body.keys() == {"teams"} for body in pages)
        assert ask(path).json() == pages[0]
        sizes.append([len(body["teams"]) for body in pages])
    assert sizes == [[25, 0, 0], [25, 5, 0], [2, 0, 0]]


def test_a_list_without_pages_shows_all_on_every_page(ask: Ask) -> None:
    assert ask("/projects", page=2).json() == ask("/projects").json()
    assert ask("/projects/42/teams", page=2).json() == ask("/projects/42/teams").json()


def test_the_project_list_has_only_teams_of_no_subproject(ask: Ask) -> None:
    direct = [team["name"] for team in ask("/projects/53/teams").json()["teams"]]
    assert direct == ["Wedstrijdtafel"]
    assert not ask("/projects/41/teams").json()["teams"]


def test_enrolments_are_paged_by_previous_and_next(ask: Ask, values: dict[str, str]) -> None:
    path = f"/collaborators/{values['collaborator_id']}/enrolments"
    query = {"filter[statuses][]": ["confirmed", "expired"], "filter[period_start_at]": "2022-09-28", "page_items": 2}
    first, second = (ask(path, query=query, page=page).json() for page in (1, 2))
    assert first["id"] == values["collaborator_id"]
    assert (first["previous"], len(first["enrolments"]), first["count"] > 2) == (None, 2, True)
    link = urlsplit(first["next"])
    assert (link.netloc, link.path) == ("127.0.0.1", "/api/v1/en/admin/collaborators/311206967/enrolments")
    assert parse_qsl(link.query) == [
        ("filter[period_start_at]", "2022-09-28 00:00:00 UTC"),
        ("filter[statuses][]", "confirmed"),
        ("filter[statuses][]", "expired"),
        ("page", "2"),
        ("page_items", "2"),
    ]
    assert not {each["id"] for each in first["enrolments"]} & {each["id"] for each in second["enrolments"]}
    assert second["previous"]
    beyond = ask(path, query=query, page=900).json()
    assert (beyond["enrolments"], beyond["next"]) == ([], None)


def test_statuses_are_told_by_the_filter_alone(ask: Ask, demo: Demo) -> None:
    truth = demo.truth["enrolments"]
    for number in people(ask)[:25]:
        mine = truth[truth["record_id"] == number].set_index("enrolment_id")["status"].to_dict()
        labelled: dict[str, str] = {}
        for status in ("confirmed", "expired", "invited", "cancelled"):
            rows = enrolments(ask, number, **{"filter[statuses][]": status})
            assert not any("status" in row for row in rows)
            labelled |= {row["id"]: status for row in rows}
        assert labelled == mine
        assert {row["id"] for row in enrolments(ask, number)} == set(mine)


def test_functions_and_periods_filter(ask: Ask, values: dict[str, str]) -> None:
    number = values["collaborator_id"]
    every = enrolments(ask, number)
    bar = enrolments(ask, number, **{"filter[functions][]": "7"})
    assert bar == [each for each in every if each["team"]["function"]["id"] == "7"]
    day = next(each["team"]["shifts_attributes"][0]["start_datetime"][:10] for each in every[len(every) // 2 :])
    window = {"filter[period_start_at]": day, "filter[period_end_at]": day}
    found = enrolments(ask, number, **window)
    assert 0 < len(found) < len(every)
    assert all(abs(int(each["team"]["shifts_attributes"][0]["start_datetime"][8:10]) - int(day[8:])) < 2 for each in found)


def test_the_cap_dial_holds_pages_small_in_silence(small: tuple[Demo, Ask]) -> None:
    demo, ask = small
    busiest = demo.truth["enrolments"]["record_id"].value_counts().index[0]
    assert len(ask(f"/collaborators/{busiest}/enrolments").json()["enrolments"]) == 25
    whole = ask(f"/collaborators/{busiest}/enrolments", page_items=800).json()
    assert (whole["next"], len(whole["enrolments"])) == (None, whole["count"])
    demo.set(page_cap=10)
    capped = ask(f"/collaborators/{busiest}/enrolments", page_items=800).json()
    assert (len(capped["enrolments"]), capped["count"]) == (10, whole["count"])
    assert len(ask("/collaborators", page_items=1000).json()["collaborators"]) == 10
    assert len(enrolments(ask, busiest, page_items=800)) == whole["count"]
    with pytest.raises(ValueError, match="page_cap"):
        demo.set(page_cap=0)


def test_the_experimental_dial_takes_away_what_no_document_has(small: tuple[Demo, Ask]) -> None:
    demo, ask = small
    values = ids(ask, demo)
    demo.set(experimental=False)
    for template in OPERATIONS:
        status = ask(filled(template, values), query=query_of(template)).status_code
        assert status == (404 if template in EXPERIMENTAL else 200), template


def test_hidden_projects_are_not_found_or_forbidden(ask: Ask, demo: Demo) -> None:
    listed = {each["id"] for each in ask("/projects").json()["projects"]}
    assert not listed & {"61", "62"}
    gone, secret = ask("/projects/61"), ask("/projects/62")
    assert (gone.status_code, gone.json()) == (404, {"error": "Not found"})
    assert secret.status_code == ask("/projects/62/teams").status_code == 403
    assert secret.json().keys() == {"error"}
    orphans = demo.truth["enrolments"].query("orphan")
    statuses = {ask(f"/teams/{team}").status_code for team in orphans["team_id"].unique()}
    assert statuses == {403, 404}
    one = orphans.iloc[0]
    embedded = {each["team"]["id"] for each in enrolments(ask, one["record_id"])}
    assert one["team_id"] in embedded


@pytest.mark.parametrize("template", OPERATIONS[1:10])
def test_what_does_not_exist_is_not_found(ask: Ask, template: str) -> None:
    path = re.sub(r"{\w+}", "999999999", template)
    answer = ask(path, query=query_of(template))
    assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


def test_no_token_no_answer(demo: Demo) -> None:
    url = f"{demo.urls['beeple']}/api/v1/admin/projects"
    token = demo.credentials["beeple"]["token"]
    for headers in ({}, {"Token": "AAAA-BBBB-CCCC"}, {"Token": f"Token {token}"}, {"Authorization": f"Token {token}"}):
        answer = requests.get(url, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid or missing token"})


@pytest.mark.parametrize(
    ("path", "query", "item"),
    [
        ("/projects", {"page_items": 5}, "query parameter page_items"),
        ("/projects/41/subprojects", {"page_items": 5}, "query parameter page_items"),
        ("/collaborators/2402", {"page": 1}, "query parameter page"),
        ("/collaborators/2402/enrolments", {"filter[statuses]": "confirmed"}, "query parameter filter[statuses]"),
        ("/collaborators/2402/enrolments", {"filter[statuses][]": "maybe"}, "value maybe of filter[statuses][]"),
        ("/collaborators/2402/enrolments", {"page": [1, 2]}, "query parameter page twice"),
        ("/collaborators/worked_hours", {"filter[period_start_at]": "2024-01-01"}, "query parameter filter[period_start_at]"),
        ("/subprojects/871", {}, "path /api/v1/admin/subprojects/871"),
        ("/projects/", {}, "path /api/v1/admin/projects/"),
    ],
)
def test_what_no_sheet_has_is_refused_and_noted(demo: Demo, ask: Ask, path: str, query: dict[str, Any], item: str) -> None:
    status = ask(path, query=query).status_code
    assert status == (404 if item.startswith("path") else 400)
    assert demo.log[-1].undocumented == (item,)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/collaborators/2402/enrolments", {"page": 0}),
        ("/collaborators/2402/enrolments", {"page": "\uff11"}),
        ("/collaborators/2402/enrolments", {"page": "9" * 5000}),
        ("/collaborators/2402/enrolments", {"page_items": "all"}),
        ("/collaborators/2402/enrolments", {"filter[period_start_at]": "28-09-2020"}),
        ("/collaborators/2402/enrolments", {"filter[functions][]": "Bar"}),
        ("/collaborators/2402/availabilities2", {"start": "2024-01-01"}),
        ("/collaborators/2402/availabilities2", {"start": "2024-02-30", "end": "2024-03-01"}),
        ("/collaborators/2402/availabilities2", {"start": "2024-02-01", "end": "2024-01-01"}),
    ],
)
def test_values_that_cannot_be_are_refused(ask: Ask, path: str, query: dict[str, Any]) -> None:
    answer = ask(path, query=query)
    assert (answer.status_code, answer.json().keys()) == (400, {"error"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/projects"),
        ("POST", "/projects/41/enable_subprojects"),
        ("PATCH", "/projects/41"),
        ("DELETE", "/projects/41"),
        ("POST", "/projects/41/subprojects"),
        ("PATCH", "/projects/41/subprojects/871"),
        ("DELETE", "/projects/41/subprojects/871"),
        ("POST", "/projects/41/teams"),
        ("POST", "/subprojects/871/teams"),
        ("PATCH", "/teams/2701"),
        ("DELETE", "/teams/2701"),
        ("POST", "/collaborators"),
        ("PATCH", "/collaborators/2402"),
        ("PATCH", "/collaborators/2402/block"),
        ("PATCH", "/collaborators/2402/unblock"),
        ("POST", "/collaborators/2402/link_to_payroll"),
        ("POST", "/collaborators/2402/availabilities2"),
        ("PATCH", "/collaborators/2402/availabilities2/1"),
        ("POST", "/collaborators/enrolments"),
        ("PATCH", "/collaborators/worked_hours/1"),
        ("GET", "/collaborators/2402/block"),
        ("GET", "/collaborators/2402/link_to_payroll"),
    ],
)
def test_writes_are_refused(ask: Ask, method: str, path: str) -> None:
    assert ask(path, method=method).status_code == 405


def test_too_many_calls_are_told_to_wait(small: tuple[Demo, Ask]) -> None:
    demo, ask = small
    demo.set(rate_limit=1)
    assert ask("/projects").status_code == 200
    throttled = ask("/projects")
    assert (throttled.status_code, throttled.json()) == (429, {"error": "Too many requests"})
    assert 0 < int(throttled.headers["Retry-After"]) <= 60
    demo.set(rate_limit="vendor")
    assert ask("/projects").status_code == 200


def test_worked_hours_are_paged_and_filtered(ask: Ask) -> None:
    query = {"filter[period][period_start_at]": "2024-03-01", "filter[period][period_end_at]": "2024-06-30"}
    one = ask("/collaborators/worked_hours", query=query, page_items=5000).json()
    rows: list[Any] = []
    for page in range(1, 100):
        body = ask("/collaborators/worked_hours", query=query, page=page, page_items=30).json()
        rows += body["worked_hours"]
        if body["next"] is None:
            break
    assert rows == one["worked_hours"]
    assert all("2024-03-01" <= row["shift"]["start_datetime"][:10] <= "2024-06-15" for row in rows)
    query["filter[status]"] = "reported"
    reported = ask("/collaborators/worked_hours", query=query, page_items=5000).json()["worked_hours"]
    assert reported == [row for row in rows if row["status"] == "reported"]
    assert 0 < len(reported) < len(rows)


@pytest.mark.parametrize("people", [0, 1, 2, 37])
def test_a_club_of_any_size_answers(people: int) -> None:
    with start(people=people) as demo, requests.Session() as session:
        ask = caller(demo, session)
        for path in (
            "/projects",
            "/projects/41",
            "/projects/41/subprojects",
            "/projects/42/teams",
            "/collaborators/worked_hours",
        ):
            assert ask(path).status_code == 200
        for each in ask("/collaborators").json()["collaborators"]:
            for path in (f"/collaborators/{each['id']}", f"/collaborators/{each['id']}/enrolments"):
                assert ask(path).status_code == 200
