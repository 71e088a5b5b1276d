"""The fault server does what its dials say: paging, records and drift."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from . import BIG_ID, DIALECTS, MISSING, Drift, FaultServer, drift_plan, survivors
from .dials import Dials
from .listing import told
from .naive import LISTS, ask, at, page, records_of, walk

ALL = sorted(DIALECTS)
LINKED = ("beeple", "peepl")
TOTALS = {"peepl": ("count",), "beeple": ("count",), "missionhub": ("meta", "total"), "onepagecrm": ("data", "total_count")}


def total(server: FaultServer) -> Any:
    """The declared total of one call, MISSING if there is none."""
    found = ask(server).json()
    for name in TOTALS[server.dialect.name]:
        found = found.get(name, MISSING)
    return found


def id_list(server: FaultServer, records: list[dict[str, Any]]) -> list[Any]:
    return [server.dialect.id_of(record) for record in records]


def next_of(server: FaultServer, query: dict[str, int]) -> Any:
    body = ask(server, query=query).json()
    return body.get("next") or body.get("links", {}).get("next")


def test_peepl_clamps_to_ten_and_links_over_http() -> None:
    with FaultServer("peepl", records=25) as server:
        body = ask(server, query={"limit": 100}).json()
        assert (len(body["results"]), body["count"], body["previous"]) == (10, 25, None)
        assert body["next"] == f"{server.url}/contacts/?limit=10&offset=10"
        last = ask(server, query={"limit": 10, "offset": 20}).json()
        assert (len(last["results"]), last["next"]) == (5, None)
        assert last["previous"].endswith("offset=10")
        search = ask(server, "/contacts/search/", {"limit": 5}, method="POST")
        assert (search.status_code, len(search.json()["results"])) == (201, 5)


def test_beeple_links_in_another_spelling() -> None:
    with FaultServer("beeple", records=3) as server:
        query = {"filter[statuses][]": ["confirmed", "expired"], "page_items": 2}
        body = ask(server, query=query).json()
        assert (body["id"], len(body["enrolments"]), body["count"]) == ("7", 2, 3)
        link = "/api/v1/en/admin/collaborators/7/enrolments?filter%5Bstatuses%5D%5B%5D=confirmed&"
        assert body["next"].startswith(server.origin + link)
        assert ask(server, query={**query, "page": 2}).json()["next"] is None
    with FaultServer("beeple", path="/api/v1/admin/projects/1/subprojects") as server:
        body = ask(server, "/api/v1/admin/projects/1/subprojects").json()
        assert len(body["subprojects"]) == 25
        assert "prev" in body
        assert "previous" not in body


def test_sheepcrm_lists_segments_and_bookings_without_a_total() -> None:
    with FaultServer("sheepcrm", path="/events/v2/example/bookings/past", records=3) as server:
        body = ask(server, "/events/v2/example/bookings/past").json()
        assert list(body) == ["bookings"]
        assert len(body["bookings"]) == 3
        assert body["bookings"][0]["uri"].startswith("/example/booking/")
        assert ask(server).status_code == 404, "a path given is the only one"
    with FaultServer("sheepcrm", records=260) as server:
        assert len(ask(server).json()["segments"]) == 250
        assert len(ask(server, "/events/v2/example/bookings/all", {"page": 2}).json()["bookings"]) == 10
        assert ask(server, "/segments/v2/other/all").status_code == 404


def test_missionhub_counts_alone_and_speaks_json_api() -> None:
    with FaultServer("missionhub") as server:
        answer = ask(server, query={"page[limit]": 0})
        assert (answer.json()["data"], answer.json()["meta"]) == ([], {"total": 60})
        assert answer.headers["Content-Type"] == "application/vnd.api+json"
        url = server.url + LISTS["missionhub"]
        assert len(requests.get(url, params={"access_token": server.token}, timeout=10).json()["data"]) == 25


def test_onepagecrm_cap_and_cascade() -> None:
    with FaultServer("onepagecrm", records=230, cap=150, cascade_from=10) as server:
        data = ask(server, query={"page": 2, "per_page": 500}).json()["data"]
        assert len(data["contacts"]) == 50
        assert (data["total_count"], data["per_page"], data["max_page"]) == (230, 100, 2)
        assert ask(server, query={"page": 3, "per_page": 100}).json()["data"]["contacts"] == []
        found: list[dict[str, Any]] = []
        left: list[int] = []
        path = "/contacts/cascade"
        while len(left) < 3:
            data = ask(server, path).json()["data"]
            assert data["next_set_url"].startswith(server.foreign)
            assert "max_page" not in data
            found += records_of({"data": data})
            left.append(data["items_left"])
            path = f"/contacts/cascade/{found[-1]['id']}"
        assert left == [120, 20, 0]
        assert len({record["id"] for record in found}) == 220
        assert ask(server, "/contacts/cascade/nobody").status_code == 404
        server.ignore_page = True
        assert ask(server, path).json()["data"]["items_left"] == 120


@pytest.mark.parametrize("name", ALL)
def test_position_dials(name: str) -> None:
    with FaultServer(name, records=30) as server:
        honest = [page(server, place) for place in range(3)]
        server.page_size = 4
        assert len(page(server, 1)) == 4
        server.page_size, server.ignore_page = None, True
        assert page(server, 2) == honest[0]
        server.ignore_page, server.repeat_page = False, 2
        assert [page(server, place) for place in range(3)] == [honest[0], honest[1], honest[1]]
        server.repeat_page = {len(server.calls) + 1: 1}
        assert [page(server, 2), page(server, 2)] == [honest[0], honest[2]]
        server.early_end = 2
        assert [len(page(server, place)) for place in range(3)] == [10, 10, 0]
        if name in TOTALS:
            assert total(server) == 30


@pytest.mark.parametrize("name", LINKED)
def test_an_early_end_looks_like_the_end(name: str) -> None:
    with FaultServer(name, early_end=2) as server:
        assert next_of(server, at(server, 0, 10))
        assert next_of(server, at(server, 1, 10)) is None


@pytest.mark.parametrize("name", [*LINKED, "missionhub"])
def test_lying_links(name: str) -> None:
    with FaultServer(name, loop_links=["self", "first"], foreign_next={3: True}, next_missing_offset={4: True}) as server:
        second = at(server, 1, 10)
        key = quote(server.dialect.position_name)
        own, first, foreign, bare, honest = (next_of(server, second) for _ in range(5))
        assert own.endswith(f"{key}={second[server.dialect.position_name]}")
        assert first.endswith(f"{key}={server.dialect.first_position}")
        assert foreign.startswith(f"http://localhost:{server.port}/")
        assert f"{key}=" not in bare
        assert honest is None if name == "missionhub" else f"{key}=" in honest
        assert requests.get(foreign, timeout=10).status_code == 200
        assert len(server.strayed) == 1


@pytest.mark.parametrize("name", sorted(TOTALS))
def test_the_total_lies(name: str) -> None:
    with FaultServer(name, total=[3, -2, None, "moving", "missing", "many"]) as server:
        assert [total(server) for _ in range(7)] == [63, 58, None, 64, MISSING, "many", 60]
    assert told(60, 0, 1) == 60


def test_none_lies_about_totals_only() -> None:
    assert Dials(total=None).draw(1).total is None
    assert Dials(latency=None).draw(1).latency == 0.0


@pytest.mark.parametrize("name", ALL)
def test_faults_of_ids(name: str) -> None:
    with FaultServer(name, records=5) as server:
        honest, key = page(server), server.dialect.id_name
        server.duplicate_ids = 2
        first, *others = id_list(server, page(server))
        assert others == [honest[1][key], first, honest[3][key], honest[4][key]]
        server.duplicate_ids, server.missing_ids = None, 1
        assert [key in record for record in page(server)] == [True, False, True, True, True]
        server.missing_ids = "null"
        assert id_list(server, page(server)) == [None] * 5
        server.missing_ids, server.big_ids = None, True
        big = id_list(server, page(server))
        assert big == [server.dialect.renumbered(record[key], BIG_ID) for record in honest]
        assert len(set(big)) == 5
        assert type(big[0]) is type(honest[0][key])
        assert page(server, size=2)[1][key] == big[1], "the same record has the same id on every page"
        server.big_ids = None
        assert page(server) == honest, "the live list was never touched"


def test_ids_beyond_what_a_float_holds() -> None:
    with FaultServer("peepl", big_ids=True) as server:
        ids = id_list(server, page(server))
        assert min(ids) > 2**53
        assert len({float(number) for number in ids}) < len(ids)


def kinds(value: Any) -> set[type]:
    """The types of everything inside a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {type(value)}.union(*(kinds(item) for item in inside))


@pytest.mark.parametrize("name", ALL)
def test_faults_of_shape(name: str) -> None:
    with FaultServer(name, records=3) as server:
        assert {dict, list} <= set().union(*(kinds(value) for value in page(server)[0].values()))
        server.null_objects = 1
        first, second, _ = page(server)
        assert all(dict not in kinds(value) for value in second.values())
        assert second.keys() == first.keys()
        assert any(dict in kinds(value) for value in first.values())
        server.null_objects, server.objects_for_lists = None, True
        assert all(list not in kinds(record) for record in page(server))


@pytest.mark.parametrize("name", ALL)
def test_faults_inside_records(name: str) -> None:
    with FaultServer(
        name, records=2, key_collision=0, nan_literals=1, invalid_utf8={2: True}, deep_nesting={3: 300}, big_record={4: True}
    ) as server:
        first, second = page(server)
        assert server.dialect.fields(first)["a"] == {"b": 1}
        assert server.dialect.fields(first)["a.b"] == 2
        assert server.dialect.fields(second)["less"] == float("-inf")
        with pytest.raises(UnicodeDecodeError):
            ask(server).content.decode()
        assert ask(server).content.count(b'{"deep":') == 300
        big, other = page(server)
        assert len(server.dialect.fields(big)[server.dialect.text_name]) == 10_000_000
        assert len(json.dumps(other)) < 10_000
        assert all(word in ask(server).text for word in ("NaN", " Infinity", "-Infinity"))


def test_nesting_too_deep_for_a_recursive_reader() -> None:
    with FaultServer(deep_nesting=True) as server:
        answer = ask(server)
        assert answer.content.count(b"}") > 100_000
        with pytest.raises(RecursionError):
            json.loads(answer.text)


def test_drift_changes_the_list_just_before_its_call() -> None:
    drift = [Drift(2, "insert", 0), Drift(3, "delete", 61), Drift(3, "move", 59), Drift(4, "move", (0, 2))]
    with FaultServer("missionhub", records=60, drift=drift) as server:
        before = [id_list(server, server.records)]
        for _ in range(4):
            ask(server)
            before.append(id_list(server, server.records))
        start, untouched, inserted, moved, back = before
        assert start == untouched
        assert inserted[1:] == start
        assert len(inserted) == 61
        assert moved == [start[59], *start[:59]], "place 61 of 61 records is place 0, the newcomer's"
        assert back[:3] == [moved[1], moved[2], moved[0]]
        assert survivors(server) == set(start)
        server.drift = [Drift(5, "delete", 2)]
        ask(server)
        assert survivors(server) == set(start) - {moved[0]}
        assert server.drift == []


def test_a_plan_is_reproducible_and_inside_the_walk() -> None:
    plan = drift_plan(7, 60, 5, 4, moves=1)
    assert plan == drift_plan(7, 60, 5, 4, moves=1) != drift_plan(8, 60, 5, 4, moves=1)
    assert sorted(change.kind for change in plan) == ["delete"] * 4 + ["insert"] * 5 + ["move"]
    assert all(2 <= change.before_call <= 6 for change in plan)
    assert max(change.before_call for change in drift_plan(1, 5_000, 50, 0, page=100)) <= 50


@pytest.mark.parametrize("name", ["peepl", "missionhub"])
def test_a_naive_walk_loses_people(name: str) -> None:
    lost = 0
    with FaultServer(name, records=60) as server:
        for seed in range(5):
            server.reset()
            server.drift = drift_plan(seed, 60, 1, 5)
            seen = walk(server)
            assert len(survivors(server)) == 55
            lost += len(survivors(server) - set(seen))
    assert lost > 0
