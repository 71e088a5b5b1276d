"""A field that a server sends is never overwritten by one that crmkit makes, by an envelope, or by another spelling of it."""

import crmkit
from crmkit.crms.beeple_answers import trued
from crmkit.crms.missionhub_columns import PERSON
from crmkit.crms.onepagecrm_answers import bootstrap
from crmkit.frames import Builder
from crmkit.jsonapi import lifted, resources
from tests.serving import serving


def fetched(kind, answers, name, *args, **words):
    credentials = {one.name: "some-test-key" for one in kind.credentials if one.required}
    with serving({path: (200, body) for path, body in answers.items()}) as (url, _):
        return getattr(kind(base_url=url, pace=None, **credentials), name)(*args, **words)


def test_peepl_keeps_an_object_type_of_its_own():
    frame = fetched(crmkit.Peepl, {"/contacts/7/positions/": [{"id": 1, "object_type": "board"}]}, "contact_positions", 7)
    assert frame["object_type"].tolist() == ["contacts"]
    assert frame["object_type [2]"].tolist() == ["board"]


def test_beeple_keeps_a_sense_and_intervals_of_its_own():
    record = {"id": 1, "starts_at": "2024-06-01", "whole_day": True, "sense": "maybe", "intervals": [7], "availability_type_id": 3}
    path = "/api/v1/admin/collaborators/5/availabilities2/1"
    frame = fetched(crmkit.Beeple, {path: record}, "availability", 5, 1, types={3: "available"})
    assert (frame["sense"][0], frame["sense [2]"][0], frame["intervals [2]"][0]) == ("available", "maybe", [7])
    assert len(crmkit.child(frame, "intervals")) == 1


def test_beeple_keeps_a_glued_key_whose_true_one_is_taken():
    assert trued({"id": "7", "id `1582`": "8", "name `x`": "A"}) == {"id": "7", "id `1582`": "8", "name": "A"}
    assert trued({"id `1`": "7", "id `2`": "8"}) == {"id `1`": "7", "id `2`": "8"}


def test_onepagecrm_keeps_addresses_under_both_names():
    contact = {"id": "1", "url": [{"value": "https://old.example"}], "urls": [{"value": "https://new.example"}]}
    frame = fetched(crmkit.OnePageCRM, {"/contacts/1": {"status": 0, "data": {"contact": contact}}}, "contact", "1")
    assert frame["url"].tolist() == ["https://new.example"]
    assert frame["url [2]"].tolist() == [[{"value": "https://old.example"}]]


def test_onepagecrm_keeps_what_the_account_says_twice():
    (record,) = bootstrap({"status": 0, "tags": {"tags": [1]}, "data": {"user_id": "1", "tags": {"tags": [2]}}})
    assert record["tags"] == {"tags": [2]}
    assert record["tags [in the record]"] == {"tags": [1]}


def test_every_filter_of_several_is_beside_the_contacts_it_finds():
    """Of a list of filters only the last one was kept."""
    answers = {
        f"/filters/{name}": {
            "status": 0,
            "data": {"contacts": [{"contact": {"id": name}}], "filter": {"id": name, "name": name.upper()}, "max_page": 1},
        }
        for name in ("a", "b")
    }
    frame = fetched(crmkit.OnePageCRM, answers, "filter_contacts", ["a", "b"])
    assert crmkit.included(frame)["filter"]["name"].tolist() == ["A", "B"]


def test_a_relationships_type_does_not_overwrite_an_attribute():
    person = {
        "type": "robot",
        "id": "1",
        "attributes": {"user_type": "guest", "type": "own"},
        "relationships": {"user": {"data": {"type": "account", "id": "2"}}},
    }
    record = lifted(person, PERSON)
    assert (record["user_type"], record["user_rel_type"]) == ("guest", "account")
    (typed,) = resources(PERSON)({"data": [person]})
    assert (typed["type"], typed["type [in the record]"]) == ("robot", "own")
    builder = Builder(PERSON.columns)
    builder.add([typed])
    assert builder.frame()["user_type"].tolist() == ["guest"]


def test_names_and_addresses_of_files_are_free_text_in_every_system():
    """They are typed by people, and hold their names."""
    files = {"filename", "custom_filename", "href"}
    found = [
        (kind.crm, row.name, one.name, one.sensitivity)
        for kind in (crmkit.Peepl, crmkit.Beeple, crmkit.SheepCRM, crmkit.MissionHub, crmkit.OnePageCRM)
        for row in kind.rows().values()
        for top in row.columns
        for one in (top, *top.children)
        if one.name in files or one.meaning.startswith(("File name", "Address of the file"))
    ]
    assert len(found) > 10
    assert {line for line in found if line[3] != "text"} == set()
