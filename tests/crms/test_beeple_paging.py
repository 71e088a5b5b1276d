"""Beeple: how its lists end, what of a link is used, and how enrolments get the status they were asked for."""

import re

import pytest

import crmkit
from crmkit.crms.beeple import Beeple
from crmkit.errors import IncompleteFetch, NotFound, PermissionDenied, RateLimited, RequestFailed
from tests.serving import serving

API = "/api/v1/admin"
SUBPROJECTS = f"{API}/projects/7/subprojects"
TEAMS = f"{API}/subprojects/3/teams"
ENROLMENTS = f"{API}/collaborators/7/enrolments"
LIAR = "http://127.0.0.1:9/api/v1/en/admin/collaborators/311206967/enrolments?filter%5Bperiod_start_at%5D=2020-09-27+13%3A53%3A34+UTC"


def client(url, **options):
    return Beeple(token="beeple-test-token", base_url=url, pace=None, **options)


def numbered(numbers):
    return [{"id": str(number)} for number in numbers]


def paged(name, total, size, link="next", **envelope):
    """A list of numbered records; its links lie about everything but the page."""

    def answer(query):
        number = int(dict(query).get("page", 1))
        start = (number - 1) * size
        more = start + size < total
        body = {name: numbered(range(start, min(start + size, total))), **envelope}
        if link:
            body[link] = f"{LIAR}&page={number + 1}&page_items=1" if more else None
        return 200, body

    return answer


@pytest.mark.parametrize(
    ("name", "path", "fetch"),
    [
        ("subprojects", SUBPROJECTS, lambda beeple: beeple.subprojects(7)),
        ("enrolments", ENROLMENTS, lambda beeple: beeple.collaborator_enrolments(7)),
    ],
)
def test_of_a_link_only_the_page_number_is_used(name, path, fetch):
    """Traps 2 and 3: same host, path and filters; the other words of the link are never sent."""
    with serving({path: paged(name, 23, 10)}) as (url, log):
        frame = fetch(client(url))
    assert frame["id"].tolist() == [str(number) for number in range(23)]
    proof = crmkit.receipt(frame)
    assert proof.complete is None, "several pages and no total to compare with"
    assert "no total came with them" in proof.problems[0]
    assert {asked for _, asked, _, _, _ in log} == {path}
    assert [dict(query).get("page") for _, _, query, _, _ in log] == [None, "2", "3"]
    assert all(dict(query).get("page_items") != "1" for _, _, query, _, _ in log)


@pytest.mark.parametrize("end", [None, "", "missing"])
def test_a_link_that_is_null_empty_or_missing_is_the_end(end):
    body = {"subprojects": numbered([1]), **({} if end == "missing" else {"next": end})}
    with serving({SUBPROJECTS: (200, body)}) as (url, log):
        assert client(url).subprojects(7)["id"].tolist() == ["1"]
    assert len(log) == 1


def test_the_filler_of_the_document_is_not_an_end_but_never_followed():
    """Trap 32: no page number in the link, so the next number; the same records again end the walk, loudly."""
    pages = {None: [1, 2], "2": [3], "3": [3]}

    def answer(query):
        return 200, {"subprojects": numbered(pages[dict(query).get("page")]), "next": "Hello, world!", "prev": "Hello, world!"}

    with serving({SUBPROJECTS: answer}) as (url, _):
        frame = client(url).subprojects(7, allow_partial=True)
        with pytest.raises(IncompleteFetch, match="nothing new"):
            client(url).subprojects(7, refresh=True)
    assert frame["id"].tolist() == ["1", "2", "3"]
    proof = crmkit.receipt(frame)
    assert proof.complete is False
    assert any("names no later page" in line for line in proof.problems)


def test_a_server_that_ignores_the_page_does_not_loop():
    body = {"enrolments": numbered([1, 2]), "next": f"{LIAR}&page=2"}
    with serving({ENROLMENTS: (200, body)}) as (url, log), pytest.raises(IncompleteFetch, match="nothing new") as raised:
        client(url).collaborator_enrolments(7)
    assert raised.value.frame["id"].tolist() == ["1", "2"]
    assert len(log) == 2


def test_an_empty_page_with_a_link_is_not_an_end():
    with serving({SUBPROJECTS: (200, {"subprojects": [], "next": f"{LIAR}&page=2"})}) as (url, _), pytest.raises(IncompleteFetch):
        client(url).subprojects(7)


@pytest.mark.parametrize("total", [0, 1, 10, 25])
def test_teams_of_a_subproject_have_no_link_and_end_on_an_empty_page(total):
    with serving({TEAMS: paged("teams", total, 10, link="")}) as (url, log):
        frame = client(url).subproject_teams(3)
    assert frame["id"].tolist() == [str(number) for number in range(total)]
    proof = crmkit.receipt(frame)
    assert proof.complete is None
    assert "cannot be checked" in proof.problems[0]
    assert len(log) == (1 if not total else -(-total // 10) + 1)


def test_teams_of_a_server_that_ignores_the_page():
    with serving({TEAMS: (200, {"teams": numbered([1, 2])})}) as (url, log):
        assert client(url).subproject_teams(3)["id"].tolist() == ["1", "2"]
    assert len(log) == 2


@pytest.mark.parametrize(("count", "complete", "noted"), [(23, True, False), (3, None, False), (99, None, True)])
def test_count_is_never_an_end(count, complete, noted):
    """Trap 4: it may be the number on the page; a difference to both is only noted."""
    with serving({ENROLMENTS: paged("enrolments", 23, 10, count=count)}) as (url, _):
        proof = crmkit.receipt(client(url).collaborator_enrolments(7))
    assert (proof.records, proof.complete, proof.drift) == (23, complete, ())
    assert any("counts" in line for line in proof.problems) is noted


@pytest.mark.parametrize(
    ("path", "name", "fetch"),
    [
        (f"{API}/projects", "projects", lambda beeple, **more: beeple.projects(**more)),
        (f"{API}/projects/7/teams", "teams", lambda beeple, **more: beeple.project_teams(7, **more)),
        (
            f"{API}/collaborators/7/availabilities2",
            "availabilities",
            lambda beeple, **more: beeple.availabilities(7, start="2024-01-01", end="2024-12-31", **more),
        ),
    ],
)
def test_a_round_number_of_records_is_probed_on_request(path, name, fetch):
    answer = paged(name, 60, 25, link="")
    with serving({path: answer}) as (url, log):
        plain = fetch(client(url))
        asked = len(log)
        probed = fetch(client(url), probe_pages=True)
    assert (len(plain), asked, len(probed)) == (25, 1, 60)
    assert any("probe_pages" in line for line in crmkit.receipt(plain).problems)
    assert all("page" not in dict(query) for _, _, query, _, _ in log[:1])
    assert [dict(query).get("page") for _, _, query, _, _ in log[1:]] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("path", "name", "fetch"),
    [
        (f"{API}/projects", "projects", lambda beeple: beeple.projects()),
        (f"{API}/projects", "projects", lambda beeple: beeple.projects(probe_pages=True)),
        (f"{API}/projects/7/teams", "teams", lambda beeple: beeple.project_teams(7)),
        (f"{API}/projects/7/worked_hours", "worked_hours", lambda beeple: beeple.project_worked_hours(7)),
        (f"{API}/teams/7/enrolments", "enrolments", lambda beeple: beeple.team_enrolments(7)),
        (f"{API}/collaborators", "collaborators", lambda beeple: beeple.collaborator_list(q="ann")),
    ],
)
@pytest.mark.parametrize("total", [23, 50])
def test_a_link_where_none_is_documented_is_not_overlooked(path, name, fetch, total):
    with serving({path: paged(name, total, 25 if total == 50 else 10)}) as (url, log):
        frame = fetch(client(url))
    assert frame["id"].tolist() == [str(number) for number in range(total)]
    assert crmkit.receipt(frame).complete is None, "several pages and no total to compare with"
    assert len(log) == (2 if total == 50 else 3)
    stuck = (200, {name: numbered(range(10)), "next": f"{LIAR}&page=2"})
    with serving({path: stuck}) as (url, _), pytest.raises(IncompleteFetch, match="nothing new"):
        fetch(client(url))


@pytest.mark.parametrize(
    ("number", "doubt"), [(3, "no total was declared"), (10_000, r"as many records came as were asked for \(10,000\)")]
)
def test_nothing_vouches_for_a_list_of_collaborators_without_a_link(number, doubt):
    with serving({f"{API}/collaborators": (200, {"collaborators": numbered(range(number))})}) as (url, log):
        frame = client(url).collaborator_list()
    proof = crmkit.receipt(frame)
    assert (len(frame), proof.complete, len(proof.problems)) == (number, None, 1)
    assert re.match(doubt, proof.problems[0])
    assert [query for _, _, query, _, _ in log] == [[("page_items", "10000")]]


def test_probing_asks_nothing_more_when_the_number_is_not_round():
    with serving({f"{API}/projects": (200, {"projects": numbered(range(24))})}) as (url, log):
        assert len(client(url).projects(probe_pages=True)) == 24
    assert len(log) == 1


def test_probing_a_server_without_pages_adds_nothing():
    with serving({f"{API}/projects": (200, {"projects": numbered(range(50))})}) as (url, log):
        frame = client(url).projects(probe_pages=True)
    assert len(frame) == 50
    assert crmkit.receipt(frame).problems == ()
    assert len(log) == 2


STATUS = {"1": "confirmed", "2": "confirmed", "3": "expired", "4": "invited"}


def by_status(query):
    words = [value for name, value in query if name == "filter[statuses][]"]
    return 200, {"enrolments": [{"id": key} for key, word in STATUS.items() if not words or word in words], "next": None}


def statuses(frame):
    return dict(zip(frame["id"], frame["status"], strict=True))


def test_one_status_is_one_pass_and_labels_its_rows():
    """Trap 7."""
    with serving({ENROLMENTS: by_status}) as (url, log):
        frame = client(url).collaborator_enrolments(7, statuses="confirmed")
    assert statuses(frame) == {"1": "confirmed", "2": "confirmed"}
    assert [query for _, _, query, _, _ in log] == [[("filter[statuses][]", "confirmed"), ("page_items", "500")]]


def test_several_statuses_are_one_pass_each_and_one_without():
    with serving({ENROLMENTS: by_status}) as (url, log):
        frame = client(url).collaborator_enrolments(7, statuses=["confirmed", "expired"])
        again = client(url).collaborator_enrolments(7, statuses=["confirmed", "expired"])
    assert statuses(frame) == {"1": "confirmed", "2": "confirmed", "3": "expired", "4": "unknown"}
    assert crmkit.receipt(frame).problems == ()
    assert len(log) == 3
    assert frame.equals(again)


def test_unknown_asks_for_what_has_none_of_the_words():
    with serving({ENROLMENTS: by_status}) as (url, log):
        frame = client(url).collaborator_enrolments(7, statuses=["confirmed", "unknown"])
    assert statuses(frame) == {"1": "confirmed", "2": "confirmed", "3": "unknown", "4": "unknown"}
    assert len(log) == 2


def test_without_statuses_there_is_none():
    with serving({ENROLMENTS: by_status}) as (url, log):
        frame = client(url).collaborator_enrolments(7)
    assert frame["status"].isna().all()
    assert len(frame) == 4
    assert len(log) == 1


def test_a_server_that_ignores_the_filter_is_noticed():
    with serving({ENROLMENTS: (200, {"enrolments": numbered([1, 2]), "next": None})}) as (url, _):
        frame = client(url).collaborator_enrolments(7, statuses=["confirmed", "expired"])
        one = client(url).collaborator_enrolments(7, statuses=["confirmed", "unknown"])
    assert statuses(frame) == {"1": "unknown", "2": "unknown"}
    assert any("several status words" in line for line in crmkit.receipt(frame).problems)
    assert statuses(one) == {"1": "confirmed", "2": "confirmed"}
    assert any("ignores" in line for line in crmkit.receipt(one).problems)


def test_a_server_that_rejects_the_filter_is_reported():
    def answer(query):
        return (422, {}) if "filter[statuses][]" in dict(query) else (200, {"enrolments": numbered([1]), "next": None})

    with serving({ENROLMENTS: answer}) as (url, _):
        frame = client(url).collaborator_enrolments(7, statuses=["confirmed", "expired"])
        with pytest.raises(RequestFailed):
            client(url).collaborator_enrolments(7, statuses="confirmed")
    assert statuses(frame) == {"1": "unknown"}
    assert sum("rejected" in line for line in crmkit.receipt(frame).problems) == 2


def test_each_pass_reads_all_its_pages():
    def answer(query):
        given = dict(query)
        offset = {"confirmed": 0, "expired": 100}.get(given.get("filter[statuses][]"))
        status, body = paged("enrolments", 23, 10)(query)
        kept = [{"id": str(int(one["id"]) + (offset or 0))} for one in body["enrolments"]]
        return status, {**body, "enrolments": kept, "count": len(kept)}

    with serving({ENROLMENTS: answer}) as (url, log):
        frame = client(url).collaborator_enrolments(7, statuses=["confirmed", "expired"])
    assert frame["status"].value_counts().to_dict() == {"confirmed": 23, "expired": 23}
    assert len(log) == 9


def test_filters_travel_with_every_page():
    with serving({ENROLMENTS: paged("enrolments", 23, 10)}) as (url, log):
        client(url).collaborator_enrolments(7, functions=[7, "2"], period_start_at="2020-09-28", period_end_at="2020-09-29")
    wanted = [
        ("period_start_at", "2020-09-27"),
        ("period_end_at", "2020-09-30"),
    ]
    for _, _, query, _, _ in log:
        assert [(name, dict(query)[f"filter[{name}]"]) for name, _ in wanted] == wanted
        assert [value for name, value in query if name == "filter[functions][]"] == ["7", "2"]


def test_too_many_requests_are_waited_out(no_waiting):
    left = [429, 429, 503]

    def answer(query):
        return (left.pop(), {}) if left else (200, {"projects": numbered([1])})

    with serving({f"{API}/projects": answer}) as (url, log):
        assert client(url).projects()["id"].tolist() == ["1"]
    assert len(log) == 4


def test_too_many_requests_for_ever_are_an_error(no_waiting):
    with serving({f"{API}/projects": (429, {})}) as (url, log), pytest.raises(RateLimited):
        client(url).projects()
    assert len(log) == 7
    assert sum(no_waiting) == pytest.approx(63, abs=1)


def test_the_filter_is_doubted_over_all_collaborators_and_once():
    other = ENROLMENTS.replace("/7/", "/8/")
    words = ["confirmed", "unknown"]
    with serving({ENROLMENTS: by_status, other: (200, {"enrolments": numbered([8, 9]), "next": None})}) as (url, _):
        frame = client(url).collaborator_enrolments([7, 8], statuses=words)
        alone = client(url).collaborator_enrolments([8, 8], statuses=words)
    assert crmkit.receipt(frame).problems == ()
    assert sum("every enrolment came under 'confirmed'" in line for line in crmkit.receipt(alone).problems) == 1


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, PermissionDenied)])
def test_undocumented_pages_that_break_off_are_not_a_list_that_is_not_offered(status, error):
    hours = f"{API}/collaborators/worked_hours"
    whole = paged("worked_hours", 8, 5)
    with serving({hours: lambda query: (status, {}) if "page" in dict(query) else whole(query)}) as (url, _):
        with pytest.raises(error):
            client(url).worked_hours()
        assert crmkit.receipt(client(url).worked_hours(allow_partial=True)).complete is False
    with serving({hours: (status, {})}) as (url, _):
        assert client(url).worked_hours().empty
