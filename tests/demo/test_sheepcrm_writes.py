"""The demo's sheepCRM takes one write, an attendee's status in the query, and keeps it; over real HTTP, without the client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from crmkit import demo as demonstration
from crmkit.demo import Demo

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def mine() -> Iterator[Demo]:
    with demonstration.start(people=300) as running:
        yield running


@pytest.fixture(scope="module")
def ask(mine: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {mine.credentials['sheepcrm']['api_key']}"

        def call(path: str, method: str = "GET", **query: Any) -> requests.Response:
            return session.request(method, f"{mine.urls['sheepcrm']}/events/v2/example{path}", params=query, timeout=30)

        yield call


def lists(ask: Ask) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for event in ask("/bookings/past", page_size=250).json()["bookings"]:
        path = f"/booking/{event['uid']}/attendance"
        yield path, ask(path).json()["sessions"]


def test_a_status_is_set_and_stays_so(ask: Ask) -> None:
    path, rows = next(lists(ask))
    times = Counter(row["person_ref"] for row in rows)
    row = next(row for row in rows if row["person_ref"] and times[row["person_ref"]] == 1 and row["status"] != "attended")
    answer = ask(path, "PUT", person_uri=row["person_ref"], status="attended")
    assert answer.status_code == 200
    [line] = answer.json()["attendance"]
    assert line["uri"] == row["uri"]
    assert line["attendance"]["person_ref"]["ref"] == answer.json()["person_ref"] == row["person_ref"]
    assert answer.json()["status"] == line["attendance"]["status"] == "attended"
    now = {each["uri"]: each for each in ask(path).json()["sessions"]}
    changed = now.pop(row["uri"])
    assert {**changed, "last_updated": ""} == {**row, "status": "attended", "last_updated": ""}
    assert changed["last_updated"] > row["last_updated"]
    assert list(now.values()) == [each for each in rows if each is not row]


def test_every_line_of_a_person_is_touched(ask: Ask) -> None:
    for path, rows in lists(ask):
        times = Counter(row["person_ref"] for row in rows if row["person_ref"])
        twice = [person for person, count in times.items() if count > 1]
        if twice:
            answer = ask(path, "PUT", person_uri=twice[0], status="no-show").json()
            assert len(answer["attendance"]) == times[twice[0]]
            return
    pytest.fail("the demo has no person with two lines")


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ({"status": "attended"}, 400, "person_uri"),
        ({"person_uri": "{person}"}, 400, "status"),
        ({"person_uri": "{person}", "status": "withdrawn"}, 400, "status"),
        ({"person_uri": "{person}", "status": "Attended"}, 400, "status"),
        ({"person_uri": "/example/person/5/", "status": "attended"}, 404, None),
        ({"person_uri": "{person}", "status": "attended", "guest": "true"}, 400, None),
    ],
)
def test_what_it_does_not_take(ask: Ask, query: dict[str, str], status: int, named: str | None) -> None:
    path, rows = next(lists(ask))
    person = next(row["person_ref"] for row in rows if row["person_ref"])
    answer = ask(path, "PUT", **{name: value.format(person=person) for name, value in query.items()})
    assert answer.status_code == status
    if named:
        assert answer.json()["error"]["param"] == named
    assert ask(path).json()["sessions"] == rows


def test_no_body_no_other_method_and_no_other_path(mine: Demo, ask: Ask) -> None:
    path, rows = next(lists(ask))
    person = next(row["person_ref"] for row in rows if row["person_ref"])
    headers = {"Authorization": f"Bearer {mine.credentials['sheepcrm']['api_key']}"}
    query = {"person_uri": person, "status": "no-show"}
    address = f"{mine.urls['sheepcrm']}/events/v2/example{path}"
    answer = requests.put(address, params=query, json={"status": "no-show"}, headers=headers, timeout=10)
    assert answer.json()["undocumented"] == ["body of a PUT"]
    assert ask(path).json()["sessions"] == rows
    assert ask(path, "POST").status_code == 405
    assert ask(path, "DELETE").status_code == 405
    assert ask(f"{path}/all", "PUT").status_code == 405
    assert ask("/booking/5/attendance", "PUT", person_uri="/example/person/5/", status="attended").status_code == 404
