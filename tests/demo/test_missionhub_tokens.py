"""MissionHub: tokens roll and run out, and every answer has the headers and the error form of the sheet."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator

import pytest
import requests

from crmkit.demo import Demo, start

from .missionhub_calling import Ask, caller


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture
def small() -> Iterator[Demo]:
    with start(people=60) as running:
        yield running


def payload(token: str) -> dict[str, int]:
    text = token.split(".")[1]
    content: dict[str, int] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return content


def test_tokens_look_like_those_of_the_vendor_and_roll(demo: Demo, ask: Ask) -> None:
    first, second = (ask("/people/me").headers["X-MH-Session"] for _ in range(2))
    assert first != second
    assert set(payload(first)) == {"user_id", "exp", "iat"}
    assert payload(first)["exp"] - payload(first)["iat"] == 180
    with requests.Session() as other:
        assert caller(demo, other, first)("/people/me").status_code == 200


@pytest.mark.parametrize(("header", "detail"), [
    (None, "Missing access token"), ("Bearer ", "Invalid access token"), ("Bearer a.b.c", "Invalid access token"),
    ("Token x", "Invalid access token"),
])  # fmt: skip
def test_a_bad_token_gets_401_in_the_vendors_words(demo: Demo, header: str | None, detail: str) -> None:
    answer = requests.get(demo.urls["missionhub"] + "/people", headers={"Authorization": header} if header else {}, timeout=10)
    assert answer.status_code == 401
    assert [each["detail"] for each in answer.json()["errors"]] == [detail]
    assert "X-MH-Session" not in answer.headers


def test_the_token_also_goes_as_a_parameter_and_stays_out_of_the_log(demo: Demo) -> None:
    token = demo.credentials["missionhub"]["token"]
    answer = requests.get(demo.urls["missionhub"] + "/people/me", params={"access_token": token}, timeout=10)
    assert answer.status_code == 200
    assert demo.log[-1].query == (("access_token", "***"),)


def test_a_token_runs_out_after_so_many_calls_unless_it_is_exchanged(small: Demo) -> None:
    small.set(token_calls=3)
    with requests.Session() as session:
        ask = caller(small, session)
        assert [ask("/people/me").status_code for _ in range(5)] == [200, 200, 200, 401, 401]
        assert ask("/people/me").json()["errors"][0]["detail"] == "Expired access token"
        small.set(token_calls=3)
        for _ in range(12):
            answer = ask("/people/me")
            assert answer.status_code == 200
            session.headers["Authorization"] = f"Bearer {answer.headers['X-MH-Session']}"
    with pytest.raises(ValueError, match="token_calls"):
        small.set(token_calls=0)


def test_every_answer_has_an_id_and_a_good_one_a_weak_etag(small: Demo) -> None:
    with requests.Session() as session:
        ask = caller(small, session)
        answers = [ask("/people"), ask("/people"), ask("/nowhere"), ask("/people", ("x", "1"))]
        numbers = [answer.headers["X-Request-Id"] for answer in answers]
        assert len(set(numbers)) == 4
        assert all(uuid.UUID(number).version == 4 for number in numbers)
        assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
        assert re.fullmatch(r'W/"[0-9a-f]{32}"', answers[0].headers["ETag"])
        small.set()
        assert ask("/people").headers["X-Request-Id"] == numbers[0]


def test_throttling_and_breakdowns_have_their_forms(small: Demo) -> None:
    small.set(faults={"429": [1], "500": [2]})
    with requests.Session() as session:
        throttled, broken = (caller(small, session)("/people") for _ in range(2))
    assert (throttled.status_code, list(throttled.json())) == (429, ["errors"])
    assert (broken.status_code, broken.json()["error"]) == (500, "Internal Server Error")
    assert "X-Request-Id" in broken.headers
    assert "X-MH-Session" not in broken.headers
