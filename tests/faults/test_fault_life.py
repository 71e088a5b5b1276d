"""The fault server as a whole: schedules, fixed answers, budget, threads, start, end and TLS."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from . import Drift, FaultServer, most_in_window
from .naive import LISTS, ask, login, page


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def test_every_form_of_schedule(server: FaultServer) -> None:
    burst = [503, None]
    server.status = burst
    assert [ask(server).status_code for _ in range(3)] == [503, 200, 200]
    assert burst == [503, None]
    server.status = {5: 500}
    assert [ask(server).status_code for _ in range(2)] == [200, 500]
    server.status = lambda number: 502 if number % 2 else None
    assert [ask(server).status_code for _ in range(2)] == [200, 502]
    server.status = 504
    assert ask(server).status_code == 504


def test_fixed_answers(server: FaultServer) -> None:
    server.answer("/contacts/1/", {"id": 1}, 201, {"X-Note": "kept"})
    server.answer("/files/a b/", b"\x00bytes")
    answer = ask(server, "/contacts/1/", {"limit": 5})
    assert (answer.status_code, answer.json(), answer.headers["X-Note"]) == (201, {"id": 1}, "kept")
    assert ask(server, "/files/a%20b/").content == b"\x00bytes"
    assert ask(server, "/contacts/1").status_code == ask(server, "/nowhere/").status_code == 404
    assert ask(server, "/contacts/1/", token="wrong").status_code == 401
    assert ask(server, method="DELETE").status_code == 405


def test_the_window_is_measured_and_enforced(server: FaultServer) -> None:
    assert most_in_window([0.0, 0.5, 0.9, 1.0, 1.4], 1.0) == 4
    assert most_in_window([], 1.0) == 0
    server.limit = (3, 1.0)
    assert [ask(server).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    time.sleep(1.0)
    assert ask(server).status_code == 200
    assert server.max_in_window(60) == 6
    assert server.max_in_window(0.9) < 6


def test_many_threads_at_once(server: FaultServer) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda place: page(server, place % 6), range(96)))
    assert all(len(records) == 10 for records in answers)
    assert [call.number for call in server.calls] == list(range(1, 97))


def test_keep_alive_costs_no_nagle_delay(server: FaultServer) -> None:
    with requests.Session() as session:
        session.headers.update(login(server)["headers"])
        took = sorted(session.get(server.url + LISTS["peepl"], timeout=10).elapsed for _ in range(21))
    assert took[10].total_seconds() < 0.03


def test_reset_goes_back_to_the_start() -> None:
    drift, record = Drift(1, "insert", 0), {"id": 1, "tags": ["north"]}
    with FaultServer(records=[record], page_size=3, drift=[drift], limit=(9, 1.0)) as server:
        server.status, server.limit = 500, None
        server.records[0]["tags"].append("changed")
        ask(server)
        assert len(server.records) == 2
        assert server.drift == []
        server.reset()
        assert server.calls == []
        assert server.records == [{"id": 1, "tags": ["north"]}]
        assert server.drift == [drift]
        assert (server.page_size, server.status) == (3, None)
        assert server.limit == (9, 1.0)
        assert ask(server).json()["count"] == 2


def test_a_misspelt_dial_is_an_error(server: FaultServer) -> None:
    with pytest.raises(TypeError, match="latancy"):
        FaultServer(latancy=1)
    with pytest.raises(AttributeError):
        server.latancy = 1


def test_a_mistake_in_a_dial_is_raised_at_the_end() -> None:
    with (
        pytest.raises(ZeroDivisionError),
        FaultServer(status=lambda number: 1 // 0) as server,
        pytest.raises(requests.ConnectionError),
    ):
        ask(server)


def test_stopping_waits_for_nobody() -> None:
    before = threading.active_count()
    with ThreadPoolExecutor(1) as pool, requests.Session() as idle:
        with FaultServer(latency={2: 60.0}) as server:
            idle.get(server.url + LISTS["peepl"], timeout=10)
            waiting = pool.submit(ask, server)
            while len(server.calls) < 2:
                time.sleep(0.01)
            start = time.monotonic()
        assert time.monotonic() - start < 1
        assert isinstance(waiting.exception(5), requests.ConnectionError | None)
    while threading.active_count() > before and time.monotonic() < start + 5:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_tls_and_plain_http_on_one_port(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    with FaultServer(tls=context, redirect=[None, "http"]) as server:

        def get() -> requests.Response:
            url = server.url + LISTS["peepl"]
            return requests.get(url, verify=certificate, timeout=10, **login(server))

        assert server.url.startswith("https://")
        assert get().json()["next"].startswith("http://127.0.0.1"), "as the vendor prints it"
        assert server.calls[0].scheme == "https"
        assert json.loads(get().text)["results"][0]["id"] == 999_999
        assert [call.scheme for call in server.strayed] == ["http"], "a downgrade was followed, and seen"


def self_signed(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's context for 127.0.0.1 and the file that trusts it."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("needs the openssl command to make a certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            openssl,
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, str(certificate)
