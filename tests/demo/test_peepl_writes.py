"""The demo's Peepl takes the writes of the safe set, whole and strictly, and keeps them; over real HTTP, without the client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from crmkit import demo as demonstration
from crmkit.demo import Demo

from .calling import Get, caller, walk

BASICS = ("first_name", "last_name", "birth_date", "birth_place", "preferred_language", "gender", "email", "uname")


@pytest.fixture(scope="module")
def mine() -> Iterator[Demo]:
    with demonstration.start(people=60) as running:
        yield running


@pytest.fixture(scope="module")
def ask(mine: Demo) -> Iterator[Get]:
    with requests.Session() as session:
        yield caller(mine, session)


@pytest.fixture(scope="module")
def person(ask: Get) -> dict[str, Any]:
    return next(one for one in walk(ask, "/contacts/") if all(one[name] for name in BASICS) and one["custom_fields"])


def body(record: dict[str, Any], *names: str, **changes: Any) -> dict[str, Any]:
    return {**{name: record[name] for name in names}, **changes}


def test_a_contact_is_written_whole_and_stays_so(ask: Get, person: dict[str, Any]) -> None:
    path = f"/contacts/{person['id']}/"
    before = ask(path).json()
    answer = ask(path, "PUT", body(person, *BASICS, first_name="Quirijn", birth_date="1980-02-29"))
    assert answer.status_code == 200
    now = ask(path).json()
    assert answer.json() == now
    moved = {name for name in now if now[name] != before[name]}
    assert moved - {"age"} == {"first_name", "birth_date", "last_modified"}
    assert now["last_modified"] > before["last_modified"]
    assert next(one for one in walk(ask, "/contacts/") if one["id"] == person["id"]) == now
    found = ask("/contacts/search/", "POST", {"operator": "AND", "first_name": "quirijn"}).json()
    assert [one["id"] for one in found["results"]] == [person["id"]]
    ask(path, "PUT", body(before, *BASICS))
    assert {**ask(path).json(), "last_modified": ""} == {**before, "last_modified": ""}


def test_a_user_name_left_out_is_made_anew(ask: Get, person: dict[str, Any]) -> None:
    path = f"/contacts/{person['id']}/"
    given = body(person, *BASICS, first_name="Zoë")
    del given["uname"]
    assert ask(path, "PUT", given).json()["uname"].startswith("Zoe")
    assert ask(path, "PUT", body(person, *BASICS)).json()["uname"] == person["uname"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": None}, "email"),
        ({"first_name": ""}, "may not be blank"),
        ({"birth_date": "29/02/1980"}, "YYYY-MM-DD"),
        ({"birth_date": "19800229"}, "YYYY-MM-DD"),
        ({"gender": 1}, "not a string"),
        ({"title": "Dr."}, "undocumented: body field title"),
        ({"address": []}, "undocumented: body field address"),
    ],
)
def test_what_a_contact_does_not_take(mine: Demo, ask: Get, person: dict[str, Any], changes: Any, reason: str) -> None:
    before = ask(f"/contacts/{person['id']}/").json()
    answer = ask(f"/contacts/{person['id']}/", "PUT", body(person, *BASICS, **changes))
    assert (answer.status_code, reason in answer.json()["detail"]) == (400, True)
    assert mine.log[-1].undocumented == (("body field " + next(iter(changes)),) if "undocumented" in reason else ())
    assert ask(f"/contacts/{person['id']}/").json() == before


@pytest.mark.parametrize("name", BASICS[:-1])
def test_every_required_field_is_required(ask: Get, person: dict[str, Any], name: str) -> None:
    given = body(person, *(each for each in BASICS if each != name))
    answer = ask(f"/contacts/{person['id']}/", "PUT", given)
    assert (answer.status_code, answer.json()["detail"]) == (400, f"{name}: this field is required.")


def test_a_primary_mail_belongs_to_one_contact(ask: Get, person: dict[str, Any]) -> None:
    other = next(one for one in walk(ask, "/contacts/") if one["id"] != person["id"] and one["email"])
    answer = ask(f"/contacts/{person['id']}/", "PUT", body(person, *BASICS, email=other["email"].upper()))
    assert (answer.status_code, "in use" in answer.json()["detail"]) == (400, True)


def test_an_address_is_written_whole(ask: Get, person: dict[str, Any]) -> None:
    address = person["address"][0]
    names = ("street1", "street2", "city", "postal_code", "country", "address_type")
    path = f"/contacts/{person['id']}/addresses/{address['id']}/"
    assert ask(path, "PUT", body(address, *names, city="Gent")).json() == {**address, "city": "Gent"}
    assert ask(f"/contacts/{person['id']}/addresses/").json()[0]["city"] == "Gent"
    for changes in ({"address_type": None}, {"address_type": 999}, {"country": "Belgium"}, {"city": ""}, {"id": 1}):
        assert ask(path, "PUT", body(address, *names, **changes)).status_code == 400
    assert ask(path, "PUT", body(address, *names[:-1])).status_code == 400
    assert ask(f"/contacts/{person['id']}/addresses/1/", "PUT", body(address, *names)).status_code == 404
    assert ask(path, "DELETE").status_code == 405


def test_a_custom_value_takes_the_one_kind_it_holds_and_answers_nothing(ask: Get, person: dict[str, Any]) -> None:
    entry = person["custom_fields"][0]
    path = f"/contacts/{person['id']}/customfieldvalues/{entry['id']}/"
    answer = ask(path, "PUT", {"string_value": "+3216000000"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert ask(f"/contacts/{person['id']}/").json()["custom_fields"][0]["string_value"] == "+3216000000"
    for given in ({"int_value": 1}, {"string_value": 1}, {"string_value": "a", "int_value": 1}, {"custom_field": 3}, {}):
        assert ask(path, "PUT", given).status_code == 400


def test_a_secondary_mail_takes_five_types(ask: Get) -> None:
    holder = next(one for one in walk(ask, "/contacts/") if one["emails_secondary"])
    mail = holder["emails_secondary"][0]
    path = f"/contacts/{holder['id']}/emailaddresses/{mail['id']}/"
    assert ask(path, "PUT", {"type": "father", "value": "f@example.org"}).json() == {
        **mail,
        "type": "father",
        "value": "f@example.org",
    }
    for given in ({"type": "private", "value": "a"}, {"type": "home"}, {"type": "home", "value": "a", "cc": "yes"}):
        assert ask(path, "PUT", given).status_code == 400


def test_writes_need_the_token_and_stay_in_their_demo(mine: Demo, demo: Demo, person: dict[str, Any]) -> None:
    path = f"/contacts/{person['id']}/"
    assert requests.put(mine.urls["peepl"] + path, json={}, timeout=10).status_code == 401
    with requests.Session() as session:
        assert caller(demo, session)(path).json()["address"][0]["city"] != "Gent"


def test_the_log_holds_the_body_as_it_came(mine: Demo, ask: Get, person: dict[str, Any]) -> None:
    ask(f"/contacts/{person['id']}/", "PUT", {"first_name": "Zoë"})
    assert mine.log[-1].body == b'{"first_name": "Zo\\u00eb"}'
    ask("/contacts/")
    assert mine.log[-1].body == b""
