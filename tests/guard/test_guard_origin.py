"""The credential goes to the configured origin and nowhere else."""

import http.server
import threading
from contextlib import contextmanager

import pytest

import crmkit
from crmkit.errors import ConfigError, NetworkError, RequestFailed
from tests.guard.planted import TOKEN, hits


@contextmanager
def proxy():
    """A proxy that notes what it is asked and refuses it."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def refuse(self):
            seen.append((self.command, self.path, dict(self.headers)))
            self.send_error(502)

        do_GET = do_CONNECT = refuse  # noqa: N815 - names fixed by http.server

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", seen
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


@pytest.mark.parametrize("where", ["same", "other", "http", "loop", "https://example.org/login"])
def test_a_redirect_is_an_error_and_gets_no_credential(server, connect, where):
    server.redirect = where
    with pytest.raises(RequestFailed, match="answered 302: it points elsewhere"):
        connect().contacts()
    assert server.strayed == []
    assert [call.path for call in server.calls] == ["/v1/admin/contacts/"]


def test_a_redirect_in_the_middle_of_a_walk(server, connect):
    server.redirect = {4: "other"}
    with pytest.raises(RequestFailed):
        connect().contacts()
    assert server.strayed == []
    assert len(connect().contacts()) == 60


def test_a_foreign_next_link_is_not_followed(server, connect):
    server.foreign_next = True
    assert len(connect().contacts()) == 60
    assert server.strayed == []


def test_netrc_does_not_override_the_credential(server, connect, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\ndefault login any password any\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connect().contacts()
    assert {call.headers["authorization"] for call in server.calls} == {f"Token {TOKEN}"}


def test_a_proxy_of_the_environment_is_used_and_sees_no_credential(connect, monkeypatch, no_waiting):
    with proxy() as (address, seen):
        monkeypatch.setenv("HTTPS_PROXY", address)
        with pytest.raises(NetworkError):
            connect(base_url="https://crm.example.org/v1/admin").contacts()
    assert {(method, path) for method, path, _ in seen} == {("CONNECT", "crm.example.org:443")}
    assert hits(repr(seen)) == []


def test_a_proxy_elsewhere_is_not_asked_for_a_loopback_address(server, connect, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.invalid:3128")
    assert len(connect().contacts()) == 60


def test_a_proxy_on_this_machine_is_asked_for_a_loopback_address(server, connect, monkeypatch, no_waiting):
    with proxy() as (address, seen):
        monkeypatch.setenv("HTTP_PROXY", address)
        with pytest.raises(RequestFailed):
            connect().contacts()
    assert seen
    assert server.calls == []


@pytest.mark.parametrize(
    "address",
    [
        "http://crm.example.org",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "ftp://127.0.0.1",
        "https://someone@crm.example.org",
        "https://:word@crm.example.org",
        "https://@crm.example.org",
        "https://crm.example.org\\@other.example.org",
        "https://crm.example.org/?key=1",
        "https://crm.example.org/#part",
        "https://crm.example.org:port",
        "https://crm.example.org:99999",
        "https://[::1",
        "https://",
        "https:///v1",
        "://",
    ],
)
def test_a_base_url_that_must_not_get_a_credential(address):
    with pytest.raises(ConfigError):
        crmkit.Peepl(token=TOKEN, base_url=address)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://crm.example.org/v1/", "https://crm.example.org/v1"),
        ("crm.example.org", "https://crm.example.org"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_base_url_that_is_fine(given, kept):
    assert crmkit.Peepl(token=TOKEN, base_url=given).base_url == kept
