"""The fault server does what its dials say: login, transport, refusals and bodies."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from . import DIALECTS, FaultServer
from .naive import LISTS, ask, at, walk

ALL = sorted(DIALECTS)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def raw(server: FaultServer, path: str = LISTS["peepl"]) -> tuple[bytes, bool]:
    """Everything the server sends for one call on a bare socket, and whether it ended in a reset."""
    request = (
        f"GET /v1/admin{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Token {server.token}\r\nConnection: close\r\n\r\n"
    )
    got = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request.encode())
        try:
            while piece := connection.recv(65536):
                got += piece
        except ConnectionResetError:
            return got, True
    return got, False


def split(answer: bytes) -> tuple[bytes, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


@pytest.mark.parametrize("name", ALL)
def test_an_untouched_server_is_honest(name: str) -> None:
    with FaultServer(name) as server:
        assert walk(server) == [server.dialect.id_of(record) for record in server.records]
        assert len(server.calls) == 7
        call = server.calls[1]
        assert (call.method, call.number, call.status) == ("GET", 2, 200)
        assert call.path == server.url.removeprefix(server.origin) + LISTS[name]
        assert dict(call.query) == {key: str(value) for key, value in at(server, 1, 10).items()}
        assert server.calls[0].at < call.at
        assert server.strayed == []


@pytest.mark.parametrize("name", ALL)
def test_wrong_and_missing_credentials_are_refused(name: str) -> None:
    with FaultServer(name, token=["first", "second"]) as server:
        statuses = [ask(server, token=token).status_code for token in ("first", "second", "third")]
        assert statuses == [200, 200, 401]
        assert requests.get(server.url + LISTS[name], timeout=10).status_code == 401


def test_a_token_expires_and_missionhub_rolls_on() -> None:
    with FaultServer("peepl", token_calls=2) as server:
        assert [ask(server).status_code for _ in range(3)] == [200, 200, 401]
    with FaultServer("missionhub", token_calls=2) as server:
        token = server.token
        for _ in range(5):
            answer = ask(server, token=token)
            token = answer.headers["X-MH-Session"]
        assert [ask(server).status_code for _ in range(2)] == [200, 401]


def test_latency_and_jitter(server: FaultServer) -> None:
    server.latency, server.jitter = {2: 0.3}, {3: 0.5}
    took = [ask(server).elapsed.total_seconds() for _ in range(3)]
    assert took[0] < 0.3 <= took[1]
    assert took[2] >= 0.2, "the seeded generator gives 0.42 of the jitter to the third call"


def test_slow_drip(server: FaultServer) -> None:
    length = len(ask(server).content)
    server.slow_drip = (length // 4 + 1, 0.05)
    start = time.monotonic()
    assert len(ask(server).content) == length
    assert 0.2 <= time.monotonic() - start < 2


@pytest.mark.parametrize("place", [0, 1, 100, 3000, -1, -20, -(10**6)])
def test_reset_at_any_byte(server: FaultServer, place: int) -> None:
    head, body = split(raw(server)[0])
    server.reset_at = place
    answer, was_reset = raw(server)
    assert was_reset
    assert len(answer) == max(0, len(head) + place)
    assert split(answer)[1] == body[: max(0, place)]
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        ask(server)


def test_half_body_ends_in_order_but_short(server: FaultServer) -> None:
    whole = split(raw(server)[0])[1]
    server.half_body = True
    answer, was_reset = raw(server)
    head, body = split(answer)
    assert not was_reset
    assert body == whole[: len(whole) // 2]
    assert f"Content-Length: {len(whole)}".encode() in head
    server.no_content_length = True
    assert ask(server).content == whole[: len(whole) // 2], "nothing on the wire tells that it is half"


def test_wrong_content_length(server: FaultServer) -> None:
    whole = ask(server).content
    server.wrong_content_length = 10
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(server)
    server.wrong_content_length = -10
    assert ask(server).content == whole[:-10]


def test_gzip_lies(server: FaultServer) -> None:
    server.gzip_lies = True
    with pytest.raises(requests.exceptions.ContentDecodingError):
        ask(server)


@pytest.mark.parametrize("name", ALL)
def test_throttle_in_the_systems_own_way(name: str) -> None:
    with FaultServer(name, throttle=[True, 429]) as server:
        own, plain, after = ask(server), ask(server), ask(server)
        assert (plain.status_code, after.status_code) == (429, 200)
        assert "Retry-After" not in own.headers
        if name == "onepagecrm":
            assert (own.status_code, own.headers["Content-Type"]) == (403, "text/plain")
        else:
            assert own.status_code == 429
        assert ("x-rate-limit-reset" in own.headers) == (name == "sheepcrm")


def test_retry_after_in_every_form(server: FaultServer) -> None:
    server.throttle = 429
    server.retry_after = [None, 2, 999_999, "soon", timedelta(seconds=30)]
    said = [ask(server).headers.get("Retry-After") for _ in range(5)]
    assert said[:4] == [None, "2", "999999", "soon"]
    ahead = parsedate_to_datetime(said[4] or "") - datetime.now(UTC)
    assert 20 < ahead.total_seconds() <= 30
    server.throttle, server.status, server.retry_after = None, 503, 1
    assert ask(server).headers["Retry-After"] == "1"


@pytest.mark.parametrize("name", ALL)
def test_status_burst_and_error_bodies(name: str) -> None:
    burst = [500, 502, None, 404]
    with FaultServer(name, status=burst, error_in_200={5: True}, html_login={6: True}) as server:
        answers = [ask(server) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [500, 502, 200, 404, 200, 200, 200]
        errors = [answers[place].json() for place in (0, 1, 3, 4)]
        assert all(set(error) & {"detail", "error", "errors"} for error in errors)
        assert "Log in" in answers[5].text
        assert answers[5].headers["Content-Type"].startswith("text/html")
        assert answers[6].content == answers[2].content or name in ("missionhub", "onepagecrm")


def test_redirects(server: FaultServer) -> None:
    server.redirect = "same"
    assert ask(server, allow_redirects=True).json()["count"] == 60
    assert [call.status for call in server.calls] == [302, 200]
    assert server.strayed == []
    for where in ("other", "http"):
        server.redirect = where
        assert ask(server).headers["Location"] == f"{server.foreign}/v1/admin/contacts/"
    assert ask(server, allow_redirects=True).json()["results"][0]["id"] == 999_999
    assert server.strayed[0].host == f"localhost:{server.port}"
    assert len(server.calls) == 5
    server.redirect = "loop"
    with pytest.raises(requests.TooManyRedirects):
        ask(server, allow_redirects=True)
    server.redirect = "ftp://example.org/"
    assert ask(server).headers["Location"] == "ftp://example.org/"


def test_bodies_that_are_not_json(server: FaultServer) -> None:
    server.not_json, server.empty_body = {1: True}, {2: True}
    for _ in range(2):
        answer = ask(server)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert answer.content == b""


@pytest.mark.parametrize("name", ALL)
def test_the_credential_comes_back(name: str) -> None:
    with FaultServer(name, token="planted", echo_credential=True) as server:
        server.status, server.throttle = {2: 500}, {3: True}
        answers = [ask(server) for _ in range(3)]
        assert all("planted" in answer.text for answer in answers)
        assert len({answer.status_code for answer in answers}) == 3
