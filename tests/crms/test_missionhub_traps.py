"""MissionHub: the traps of the sheet's section 7 that concern tokens, pages and JSON:API documents."""

import json
import threading
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.crms.missionhub import MissionHub
from crmkit.errors import AuthError, IncompleteFetch, RequestFailed, ShapeError
from tests.faults import FaultServer, drift_plan, survivors
from tests.faults.naive import walk as naive_walk
from tests.serving import serving

BASE = "/apis/v4"
PEOPLE = BASE + "/people"


def client(url, **options):
    return MissionHub(token=options.pop("token", "first-token"), base_url=url + BASE, pace=None, **options)


def person(number, **attributes):
    return {"type": "person", "id": str(number), "attributes": attributes}


def linked(number, **relationships):
    return {**person(number), "relationships": {name: {"data": data} for name, data in relationships.items()}}


def listed(*data, included=None, total=None):
    body = {"data": list(data), "meta": {"total": len(data) if total is None else total}}
    return 200, body if included is None else {**body, "included": included}


def fetched(*data, included=None, **options):
    with serving({PEOPLE: listed(*data, included=included)}) as (url, _):
        return client(url).people(**options)


def paged(count, cap=100, total=True):
    """A list of people that gives at most cap of them, whatever is asked."""

    def page(query):
        given = dict(query)
        start, size = int(given["page[offset]"]), min(cap, int(given["page[limit]"]))
        found = [person(number) for number in range(start, min(start + size, count))]
        return 200, {"data": found, "meta": {"total": count} if total else {}}

    return page


# Tokens


def test_each_answer_brings_the_token_of_the_next_request():
    """Trap 1."""
    with FaultServer("missionhub", records=450, token="first-token", token_calls=1) as server:
        hub = MissionHub(token="first-token", base_url=server.url, pace=None)
        account = hub.account
        assert len(hub.people()) == 450
        tokens = [call.headers["authorization"] for call in server.calls]
        hub.people(refresh=True, limit=1)
        assert hub.account == account
    assert len(tokens) >= 5
    assert len(set(tokens)) == len(tokens)


def test_tokens_never_reach_the_cache_and_old_ones_are_still_taken_out(tmp_path):
    rolled = {"Content-Type": "application/vnd.api+json", "X-MH-Session": "second-token"}
    echo = listed(person(1, campus="it was first-token, then second-token"))
    with serving({PEOPLE: echo, BASE + "/people/me": listed(person(1))}, headers=rolled) as (url, log):
        hub = client(url, cache_dir=tmp_path)
        hub.me()
        frame = hub.people()
        assert log[1][3]["Authorization"] == "Bearer second-token"
    assert "token" not in frame["campus"].iloc[0]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"first-token" not in stored
    assert b"second-token" not in stored
    assert not any(token in f"{hub!r} {vars(hub)!r}" for token in ("first-token", "second-token"))


@pytest.mark.parametrize("odd", ["", "two words", "first-token"])
def test_an_odd_or_unchanged_session_header_changes_nothing(odd):
    with serving({PEOPLE: listed(person(1))}, headers={"X-MH-Session": odd}) as (url, log):
        hub = client(url)
        hub.people()
        hub.people(refresh=True)
    assert [entry[3]["Authorization"] for entry in log] == ["Bearer first-token"] * 2


def test_a_token_of_a_refused_call_is_not_taken_over():
    answers = {PEOPLE: (404, {}), BASE + "/people/me": listed(person(1))}
    with serving(answers, headers={"X-MH-Session": "from-an-error"}) as (url, log):
        hub = client(url)
        with pytest.raises(RequestFailed):
            hub.people()
        hub.me()
    assert log[1][3]["Authorization"] == "Bearer first-token"


def test_many_threads_may_adopt_tokens():
    class Response:
        def __init__(self, token):
            self.headers = {"X-MH-Session": token}

    hub = MissionHub(token="first-token")

    def adopt(start):
        for number in range(start, start + 200):
            hub.adopt(Response(f"token-{number}"))
            hub.authorisation()
            hub._secret_bytes()

    threads = [threading.Thread(target=adopt, args=(1000 * one,)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hub._secret_bytes()) == 801


def test_the_token_stands_in_the_header_only():
    """Traps 2 and 19, and the request types of section 1."""
    with serving({PEOPLE: listed(person(1))}) as (url, log):
        client(url).people()
    (_, _, query, headers, _) = log[0]
    assert "access_token" not in dict(query)
    assert headers["Accept"] == "application/vnd.api+json"


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"errors": [{"detail": "Expired access token"}]}, "401 (expired_access_token)"),
        ({"error": "invalid_grant"}, "401 (invalid_grant)"),
        ({"errors": [{"detail": {"bulk_data": ["ann"]}}]}, "401:"),
        ({"errors": [{"detail": "ann may not be edited"}]}, "401:"),
        ({"errors": []}, "401:"),
        (["ann"], "401:"),
        (b"Expired access token of ann", "401:"),
    ],
)
def test_an_expired_token_is_told_apart_and_no_other_word_of_a_body_repeated(body, key):
    """Trap 28: every shape of an error is one error."""
    with serving({PEOPLE: (401, body)}) as (url, _), pytest.raises(AuthError) as caught:
        client(url).people()
    assert f"answered {key}" in str(caught.value)
    assert "sign in again" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("ann ", "bulk_data", "first-token"))


# Pages


@pytest.mark.parametrize("cap", [1, 7, 100])
def test_the_walk_goes_by_the_rows_that_came(cap):
    """Traps 5 to 7: the server may cap the page; pages overlap by one."""
    with serving({PEOPLE: paged(30, cap)}) as (url, log):
        frame = client(url).people()
    assert frame["id"].tolist() == [str(number) for number in range(30)]
    assert crmkit.receipt(frame).complete is True
    assert all(dict(query)["page[limit]"] == "100" for _, _, query, _, _ in log)
    if cap == 7:
        assert [dict(query)["page[offset]"] for _, _, query, _, _ in log] == ["0", "6", "12", "18", "24"]


def test_without_a_total_the_walk_goes_on_to_its_end_and_says_that_nothing_proves_it():
    """Trap 5."""
    with serving({PEOPLE: paged(250, total=False)}) as (url, _):
        frame = client(url).people()
    proof = crmkit.receipt(frame)
    assert len(frame) == 250
    assert proof.complete is None
    assert "no total" in proof.problems[0]


def test_a_total_that_is_never_reached_is_no_complete_frame():
    def one_more(query):
        return 200, {**paged(30)(query)[1], "meta": {"total": 31}}

    with serving({PEOPLE: one_more}) as (url, _), pytest.raises(IncompleteFetch):
        client(url).people()


def lost(seed, tmp_path):
    """How many of those who were there throughout crmkit and a naive walk lose while people come and go."""
    plan = drift_plan(seed, 400, 8, 20, page=100)
    with FaultServer("missionhub", records=400, drift=plan) as server:
        client_of = MissionHub(token=server.tokens[0], base_url=server.url, pace=None, cache_dir=tmp_path / str(seed))
        frame = client_of.people()
        ours = survivors(server) - set(frame["id"])
        assert frame["id"].is_unique
        server.reset()
        walked = set(naive_walk(server, 100))
        naive = survivors(server) - walked
    return len(ours), len(naive)


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 400), marks=pytest.mark.full)], ids=["20", "400"])
def test_nobody_who_was_there_throughout_is_lost(seeds, tmp_path):
    """Trap 7: people come and go while the list is read. The naive walk in the same test loses some, so the test bites."""
    found = [lost(seed, tmp_path) for seed in seeds]
    assert sum(ours for ours, _ in found) == 0
    assert sum(naive for _, naive in found) > 0


# Documents


def test_ids_and_id_attributes_are_text_and_other_numbers_stay():
    """Traps 22, 25 and 26: an old type name and a numeric id are read as well."""
    old = {"type": "v4_people", "id": 7, "attributes": {"user_id": 12, "fb_uid": 9007199254740993, "mentor_id": 5, "points": 5}}
    frame = fetched(old)
    assert frame.loc[0, ["id", "user_id", "fb_uid", "mentor_id", "points"]].tolist() == ["7", "12", "9007199254740993", "5", 5]
    assert "type" not in frame
    assert crmkit.receipt(frame).unknown_fields == ("mentor_id", "points")


def test_another_type_is_kept_as_a_field():
    assert fetched({"type": "robot", "id": "1"})["type"].tolist() == ["robot"]


def test_absent_null_and_empty_relationships_are_three_things():
    """Trap 27."""
    unlinked = {**person(1), "relationships": {"interactions": {"links": {}}, "user": {"data": None}}}
    frame = fetched(unlinked, linked(2, interactions=[], user={"type": "user", "id": "5"}), person(3))
    assert frame["interactions_ids"].iloc[0] is None
    assert frame["interactions_ids"].iloc[1] == []
    assert frame["interactions_ids"].iloc[2] is None
    assert frame["user_rel_id"].tolist() == [pd.NA, "5", pd.NA]
    assert crmkit.receipt(frame).problems == ("not linked by the server, which is not the same as none: people.interactions",)


def test_included_resources_are_kept_once_over_all_pages_and_a_differing_copy_is_reported():
    """Trap 23: first copy wins."""

    def page(query):
        start = int(dict(query)["page[offset]"])
        people = [linked(number, organizational_labels=[{"type": "organizational_label", "id": "9"}]) for number in (1, 2, 3)]
        label = {"type": "label", "id": "4", "attributes": {"name": "old" if not start else "new"}}
        same = {"type": "organizational_label", "id": "9", "attributes": {"label_id": 4}}
        return 200, {"data": people[start : start + 2], "included": [label, same], "meta": {"total": 3}}

    with serving({PEOPLE: page}) as (url, _):
        frame = client(url).people(include="organizational_labels.label")
    tables = crmkit.included(frame)
    assert tables["label"]["name"].tolist() == ["old"]
    assert tables["organizational_label"]["label_id"].tolist() == ["4"]
    assert tables["people__organizational_labels"].to_numpy().tolist() == [["1", "9", 0], ["2", "9", 0], ["3", "9", 0]]
    assert crmkit.receipt(frame).problems == ("included label: 2 repeated copies differ from the first one, which was kept",)


def test_a_second_reading_renews_the_tables_beside_the_people_as_it_renews_the_people():
    readings = []

    def page(query):
        if dict(query)["page[offset]"] == "0":
            readings.append(1)
        late = len(readings) > 1
        held = [{"type": "organizational_label", "id": number} for number in (["9", "8"] if not late else ["8"])]
        people = [linked(1, organizational_labels=held)] + [linked(2)] + ([linked(3, organizational_labels=held)] if late else [])
        label = {"type": "label", "id": "4", "attributes": {"name": "new" if late else "old"}}
        start = int(dict(query)["page[offset]"])
        return 200, {"data": people[start:], "included": [label], "meta": {"total": 3}}

    with serving({PEOPLE: page}) as (url, _):
        frame = client(url).people(include="organizational_labels.label")
    tables = crmkit.included(frame)
    assert len(readings) == 2
    assert frame.set_index("id")["organizational_labels_ids"].to_dict() == {"1": ["8"], "2": None, "3": ["8"]}
    assert tables["people__organizational_labels"].to_numpy().tolist() == [["1", "8", 0], ["3", "8", 0]]
    assert tables["label"]["name"].tolist() == ["new"]


def test_an_included_person_is_not_a_row_of_the_answer():
    """Trap 24."""
    other = {**person(2, first_name="Jonas"), "relationships": {"groups": {"data": [{"type": "group", "id": "4"}]}}}
    frame = fetched(person(1), included=[other])
    tables = crmkit.included(frame)
    assert frame["id"].tolist() == ["1"]
    assert tables["included_person"]["first_name"].tolist() == ["Jonas"]
    assert tables["included_person__groups"].to_numpy().tolist() == [["2", "4", 0]]


def test_a_link_to_something_that_is_not_included_stays():
    frame = fetched(linked(1, person_notes=[{"type": "person_note", "id": "8"}, {"type": "person_note", "id": "9"}]))
    tables = crmkit.included(frame)
    assert tables["people__person_notes"].to_numpy().tolist() == [["1", "8", 0], ["1", "9", 1]]
    assert tables["people__person_notes"].dtypes.astype(str).to_dict() == {
        "person_id": "string",
        "person_note_id": "string",
        "position": "Int64",
    }
    assert tables["person_note"].empty


def test_unknown_types_fields_and_relationships_are_kept_and_named():
    strange = {
        "type": "badge",
        "id": "3",
        "attributes": {"colour": {"name": "red"}, "owner_id": 7},
        "relationships": {
            "holders": {"data": [{"type": "person", "id": "1"}, {"type": "group", "id": "2"}]},
            "maker": {"data": {"type": "person", "id": "1"}},
        },
    }
    friend = {"type": "person", "id": "2"}
    frame = fetched(linked(1, friends=[friend], boss=friend), included=[strange])
    tables = crmkit.included(frame)
    assert tables["badge"].loc[0, ["colour.name", "owner_id", "maker_id", "maker_type"]].tolist() == ["red", "7", "1", "person"]
    assert tables["badge__holders"].to_numpy().tolist() == [["3", "1", 0, "person"], ["3", "2", 1, "group"]]
    assert tables["people__friends"].columns.tolist() == ["person_id", "related_person_id", "position"]
    assert frame.loc[0, ["friends_ids", "boss_id", "boss_type"]].tolist() == [["2"], "2", "person"]
    assert "colour.name" in crmkit.receipt(frame).problems[0]


def test_a_value_that_does_not_fit_in_an_included_table_is_kept_and_counted():
    frame = fetched(person(1), included=[{"type": "answer_sheet", "id": "1", "attributes": {"completed_at": "soon"}}])
    assert crmkit.included(frame)["answer_sheet"]["completed_at.raw"].tolist() == ["soon"]
    assert "1 values of completed_at" in crmkit.receipt(frame).problems[0]


@pytest.mark.parametrize("included", [None, []])
def test_included_may_be_absent_or_empty(included):
    assert all(table.empty for table in crmkit.included(fetched(person(1), included=included)).values())


@pytest.mark.parametrize("body", [{"errors": [{"detail": "no"}]}, {"error": "no"}, {"meta": {}}, ["x"], "text"])
def test_a_success_without_data_is_no_empty_frame(body, no_waiting):
    with serving({PEOPLE: (200, body)}) as (url, _), pytest.raises(ShapeError):
        client(url).people()


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "person", "id": "1", "attributes": []},
        {"type": "person", "id": "1", "relationships": {"user": {"data": ["5"]}}},
        "person",
    ],
)
def test_a_document_of_another_shape_names_the_place(broken, no_waiting):
    with pytest.raises(ShapeError):
        fetched(broken)


def test_the_body_counts_not_its_type():
    """Trap 29: UTF-8 JSON, whatever the media type says."""
    body = json.dumps(listed(person(1, first_name="Zoë"))[1], ensure_ascii=False).encode()
    with serving({PEOPLE: (200, body)}, headers={"Content-Type": "application/vnd.api+json"}) as (url, _):
        assert client(url).people()["first_name"].tolist() == ["Zoë"]


def test_check_says_as_whom_and_what_can_be_read():
    answers = {PEOPLE: listed(person(1), total=1), BASE + "/people/me": listed(person(1)), BASE + "/organizations": (403, {})}
    with serving(answers) as (url, _):
        found = client(url).check()
    assert found.frame["works"].tolist() == [True, False, True]


def test_no_example_token_of_the_vendor_is_in_the_code():
    """Trap 3."""
    files = Path(crmkit.__file__).parent.rglob("*missionhub*.py")
    assert all("eyJ" not in path.read_text(encoding="utf-8") for path in files)
