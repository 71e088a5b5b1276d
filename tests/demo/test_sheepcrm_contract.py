"""sheepCRM's dialect answers every documented read in the documented shape and refuses the rest as documented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crmkit.demo import Demo, start
from crmkit.demo.club import Club
from crmkit.demo.dialects.sheepcrm import SheepCRM

from .sheepcrm_calling import (
    EVENTS,
    EXAMPLES,
    LEFT_OUT,
    NEEDED,
    OPERATIONS,
    PARAMETERS,
    Ask,
    caller,
    events,
    everything,
    filled,
    places,
    segments,
    uid,
)

# Fields of the document of 2024 that the seed lost, and what only the newest document has.
LOST = {"external_image", "external_web_link", "photo", "website", "choices_url", "logo_url", "href", "xero_invoice_ref"}
NEWER = {
    *("created", "last_updated", "resource_type", "event_type", "venues", "has_available_tickets", "minimum_ticket_price"),
    *("maximum_ticket_price", "ticket_stock_control", "total_stock", "total_stock_allocated", "total_stock_available"),
    *("ticket_types", "ticket_type_income", "connection_type_counter", "invoice_total", "q", "distance"),
}
# Keys that are data.
OPEN = {"buyers", "order_total", "flat", "rules", "available_from_date"}


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def known(ask: Ask) -> dict[str, dict[str, str]]:
    return places(ask)


@pytest.fixture
def small() -> Iterator[Demo]:
    with start(people=60) as running:
        yield running


def app(demo: Demo) -> SheepCRM:
    found = demo._gates["sheepcrm"].app
    assert isinstance(found, SheepCRM)
    return found


@pytest.mark.parametrize("template", OPERATIONS)
def test_every_documented_read_answers(demo: Demo, ask: Ask, known: dict[str, dict[str, str]], template: str) -> None:
    answer = ask(filled(template, known), **NEEDED.get(template, {}))
    assert answer.status_code in (200, 302)
    assert not demo.log[-1].undocumented


@pytest.mark.parametrize("template", LEFT_OUT)
def test_a_read_that_starts_a_job_is_refused(ask: Ask, known: dict[str, dict[str, str]], template: str) -> None:
    assert ask(filled(template, known)).status_code == 405


def covers(example: Any, found: Any, where: str) -> None:
    """Every field of the example is there and none that no document has."""
    if isinstance(example, list) and isinstance(found, list):
        for each in found if example else ():
            covers(example[0], each, f"{where}[]")
    if isinstance(example, dict) and isinstance(found, dict):
        assert set(example) - set(found) <= LOST, where
        assert set(found) - set(example) <= LOST | NEWER, where
        for name in set(example) & set(found) - OPEN:
            covers(example[name], found[name], f"{where}.{name}")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_answers_have_the_fields_of_the_documents_example(
    ask: Ask, known: dict[str, dict[str, str]], example: dict[str, Any]
) -> None:
    template = example["operation"].split()[1]
    found = ask(filled(template, known), **NEEDED.get(template, {})).json()
    assert isinstance(found, type(example["body"]))
    covers(example["body"], found, template)
    if "buyers" in found:
        order = next(iter(found["buyers"].values()))
        covers(next(iter(example["body"]["buyers"].values())), order, "buyers")
        assert set(next(iter(order["order_total"].values()))) == {"fully_paid", "outstanding", "paid", "processing_fees", "total"}


def test_parameters_are_exactly_those_of_the_sheet() -> None:
    def shape(path: str) -> str:
        path = path.replace("{contact_uri}", "/{b}/person/{u}/").replace("{person_uri}", "/{b}/person/{u}/")
        return "/".join("*" if part[:1] in ("{", "<") else part for part in path.split("/"))

    table = {shape(path): read for path, read in SheepCRM(Club(1, 0)).reads.table().items()}
    for template in OPERATIONS:
        served = table.pop(shape(template))
        assert served.parameters == frozenset(PARAMETERS.get(template, ())), template
    assert sorted(table) == [
        "/api/v2/*/organisation/*/summary",
        "/audit/v2/*/*/*/audit",
        "/audit/v2/*/audit",
        "/events/v2/*/bookings",
        "/events/v2/*/bookings/*/attendance",
        "/media/*/person/*/photo.png",
        "/search/v2/*/",
        "/search/v2/*/global",
    ]


@pytest.mark.parametrize("alias", [(EVENTS, f"{EVENTS}/bookings"), ("/search/v2/example", "/search/v2/example/global")])
def test_an_alias_says_the_same(ask: Ask, alias: tuple[str, str]) -> None:
    query = {"q": "anna"} if "search" in alias[0] else {}
    assert ask(alias[0], **query).content == ask(alias[1], **query).content


def test_both_attendances_and_their_alias_say_the_same(ask: Ask, known: dict[str, dict[str, str]]) -> None:
    mine = known["/events"]["uid"]
    bodies = {
        ask(f"{EVENTS}/{path}").content
        for path in (
            f"booking/{mine}/attendance",
            f"booking/{mine}/attendance/all",
            f"bookings/{mine}/attendance",
        )
    }
    assert len(bodies) == 1


def test_without_a_key_there_is_no_body(demo: Demo) -> None:
    answer = requests.get(demo.urls["sheepcrm"] + EVENTS, timeout=10)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Token x", "Basic x", "bearer x"])
def test_a_wrong_key_is_unauthorised(demo: Demo, header: str) -> None:
    answer = requests.get(demo.urls["sheepcrm"] + EVENTS, headers={"Authorization": header}, timeout=10)
    assert (answer.status_code, list(answer.json()), list(answer.json()["error"])) == (401, ["error"], ["message"])


@pytest.mark.parametrize("status", [403, 404])
def test_a_wrong_key_may_also_be_forbidden_or_not_found(small: Demo, status: int) -> None:
    small.set(bad_key=status)
    answer = requests.get(small.urls["sheepcrm"] + EVENTS, headers={"Authorization": "Bearer x"}, timeout=10)
    assert answer.status_code == status
    assert set(answer.json()) == {"description", "error", "type"}


RIGHTS = {
    "/events/v2/{bucket}/booking/{uid}/orders": "booking.orders",
    "/events/v2/{bucket}/person/{uid}/orders": "contact.orders",
    "/events/v2/{bucket}/{resource_type}/{uid}/order/{euid}": "event.order",
    "/events/v2/{bucket}/{resource_type}/{uid}/order/{euid}/questions": "event.order",
    "/api/v2{contact_uri}summary": "person.summary",
    "/api/v2{person_uri}communications/detail": "person.communications",
    "/api/v2{person_uri}personal/detail": "person.personal",
}


@pytest.mark.parametrize("template", OPERATIONS)
def test_a_right_that_is_missing_is_named(demo: Demo, known: dict[str, dict[str, str]], template: str) -> None:
    with requests.Session() as session:
        asked = caller(demo, session, app(demo).accounts[1]["api_key"])
        answer = asked(filled(template, known), **NEEDED.get(template, {}))
    if template in RIGHTS:
        assert answer.status_code == 403
        assert RIGHTS[template] in answer.json()["description"]
    else:
        assert answer.status_code in (200, 302)


def test_another_bucket_is_forbidden(ask: Ask) -> None:
    assert ask("/events/v2/other").status_code == 403


UNKNOWN = "6305f074683e800f3abe809e"


@pytest.mark.parametrize("template", [each for each in OPERATIONS if "uid}" in each or "_uri}" in each])
def test_unknown_ids_are_not_found(ask: Ask, known: dict[str, dict[str, str]], template: str) -> None:
    strange = {name: values | {"uid": UNKNOWN, "person_uri": f"/example/person/{UNKNOWN}/"} for name, values in known.items()}
    answer = ask(filled(template, strange))
    assert (answer.status_code, set(answer.json())) == (404, {"description", "error", "type"})


@pytest.mark.parametrize(
    "path", ["/nothing", f"{EVENTS}/", f"{EVENTS}/bookings/soon", "/api/v2/example/member/1", "/segments/v2/example/trees"]
)
def test_an_undocumented_path_is_noted(demo: Demo, ask: Ask, path: str) -> None:
    assert ask(path).status_code == 404
    assert "path" in demo.log[-1].undocumented[0]


@pytest.mark.parametrize("template", OPERATIONS)
def test_an_unknown_parameter_is_loud(demo: Demo, ask: Ask, known: dict[str, dict[str, str]], template: str) -> None:
    assert ask(filled(template, known), colour="red").status_code == 400
    assert demo.log[-1].undocumented == ("query parameter colour",)


def test_a_parameter_comes_once_and_a_header_is_documented(demo: Demo, ask: Ask) -> None:
    assert ask(EVENTS, page=[1, 2]).status_code == 400
    key = {"Authorization": f"Bearer {demo.credentials['sheepcrm']['api_key']}"}
    for headers, status in (({"APPLICATION": "Club/report/1.0"}, 200), ({"X-Key": "1"}, 400)):
        assert requests.get(demo.urls["sheepcrm"] + EVENTS, headers=key | headers, timeout=30).status_code == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/segments/v2/example/create"),
        ("POST", "/segments/v2/example/fieldset"),
        ("PUT", f"{EVENTS}/booking/1/rebase/tickets"),
        ("DELETE", f"{EVENTS}/person/1/order/2"),
        ("PUT", "/notifications/v2/example/task/1/snooze"),
        ("DELETE", "/internal/v2/example/membership_type/1/extras/condition"),
        ("POST", "/internal/v2/system/build/warehouse/contact"),
    ],
)
def test_writing_is_not_allowed(ask: Ask, method: str, path: str) -> None:
    answer = ask(path, method)
    assert (answer.status_code, answer.json()["type"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        (EVENTS, {"page": "0"}, "page"),
        (EVENTS, {"page_size": "many"}, "page_size"),
        ("/search/v2/example", {}, "q"),
        ("/search/v2/example/help", {"q": "x", "include_text": "perhaps"}, "include_text"),
        ("/segments/v2/example/find", {"name": " "}, "name"),
        ("/api/v2/example/audit", {"from": "2024-06-01"}, "from"),
        ("/api/v2/example/audit", {"to": "2024-06-01T00:00:00+02:00"}, "to"),
        ("/api/v2/example/audit", {"format": "xml"}, "format"),
        ("/notifications/v2/example", {"page_size": "-1"}, "page_size"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(ask: Ask, path: str, query: dict[str, str], named: str) -> None:
    answer = ask(path, **query)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == named
    assert set(answer.json()) == {"description", "error", "type"}


@pytest.mark.parametrize("of", ["attendance/export", "orders/export", "orders/export/meta"])
def test_an_unknown_fieldset_is_refused(ask: Ask, known: dict[str, dict[str, str]], of: str) -> None:
    path = f"{EVENTS}/booking/{known['/events']['uid']}/{of}"
    assert ask(path, fieldset=["core", "mailing"]).status_code == 200
    assert ask(path, fieldset="core,mailing").content == ask(path, fieldset=["core", "mailing"]).content
    assert ask(path, fieldset="colour").status_code == 400
    assert ask(path, fieldset="order").status_code == (200 if of == "orders/export" else 400)


def test_a_limited_answer_carries_the_three_headers(small: Demo) -> None:
    small.set(rate_limit=2)
    with requests.Session() as session:
        answers = [caller(small, session)(f"{EVENTS}/bookings/draft") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    headers = answers[-1].headers
    assert headers["x-rate-limit-limit"] == "400, 400;window=60, 1000;window=3600"
    assert headers["x-rate-limit-remaining"].startswith("0, ")
    assert 0 < int(headers["x-rate-limit-reset"]) <= 60
    assert app(small).vendor_limits == ((400, 60.0), (1000, 3600.0))


@pytest.mark.parametrize("listed", [(f"{EVENTS}/bookings/all", "bookings"), ("/segments/v2/example/all", "segments")])
def test_pages_neither_overlap_nor_leave_out(ask: Ask, listed: tuple[str, str]) -> None:
    path, key = listed
    whole = everything(ask, path, key, size=1000)
    assert everything(ask, path, key, size=7) == whole
    assert set(ask(path).json()) == {key}
    assert len({each["uri"] for each in whole}) == len(whole) > 15


def test_a_cap_on_pages_goes_without_a_word(small: Demo) -> None:
    with requests.Session() as session:
        asked = caller(small, session)
        path = f"/segments/v2/example/segment/{segments(asked)['Alle lidmaatschappen']['uid']}/all"
        whole = everything(asked, path, "records", size=1000)
        small.set(page_cap=5)
        assert len(asked(path, page_size=50).json()["records"]) == 5
        assert everything(asked, path, "records", size=50) == whole
        assert len(asked(f"{EVENTS}/bookings/all").json()["bookings"]) == 5


def test_an_old_or_a_new_path_may_be_gone(small: Demo) -> None:
    paths = {"api": "/api/v2/example/audit", "audit": "/audit/v2/example/audit"}
    with requests.Session() as session:
        asked = caller(small, session)
        assert {asked(path).status_code for path in paths.values()} == {200}
        for there, gone in (("api", "audit"), ("audit", "api")):
            small.set(audit=there)
            assert (asked(paths[there]).status_code, asked(paths[gone]).status_code) == (200, 404)
        small.set(notifications="gone")
        for path in ("", "/tasks", "/tasks/all", "/task/1", "/journal/1"):
            assert asked(f"/notifications/v2/example{path}").status_code == 404


@pytest.mark.parametrize("people", [0, 1, 2, 37])
def test_a_club_of_any_size_answers(people: int) -> None:
    """Whatever there is can be read, and nothing breaks where there is nothing."""
    with start(people=people) as tiny, requests.Session() as session:
        asked = caller(tiny, session)
        for event in events(asked):
            for part in ("", "/summary", "/attendance", "/available_tickets", "/orders", "/tickets/all", "/orders/export"):
                assert asked(f"{EVENTS}/booking/{event['uid']}{part}").status_code == 200
        for segment in segments(asked).values():
            for part in ("config", "count", "lookup", "all"):
                assert asked(f"/segments/v2/example/segment/{segment['uid']}/{part}").status_code == 200
        for path in ("/notifications/v2/example", "/notifications/v2/example/tasks", "/api/v2/example/audit"):
            assert asked(path).status_code == 200


def test_same_seed_same_bytes_another_seed_others(small: Demo) -> None:
    def told(running: Demo) -> list[bytes]:
        with requests.Session() as session:
            asked = caller(running, session)
            mine = events(asked)[10]["uid"]
            paths = [
                f"{EVENTS}/bookings/all",
                f"{EVENTS}/booking/{mine}/attendance",
                f"{EVENTS}/booking/{mine}/attendance/export",
            ]
            paths += ["/segments/v2/example/all", "/api/v2/example/audit?from=2023-01-01T00:00:00"]
            person = uid(asked(f"{EVENTS}/booking/{mine}/attendance").json()["sessions"][0]["person_ref"])
            return [asked(path).content for path in [*paths, f"/api/v2/example/person/{person}/avatar"]]

    with start(people=60) as other, start(seed=2, people=60) as stranger:
        assert told(other) == told(small)
        assert all(ours != theirs for ours, theirs in zip(told(small), told(stranger), strict=True))
