"""The planted token is found nowhere: files, logs, texts of objects, pickles, tracebacks, error chains."""

import copy
import logging
import pickle
import traceback
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

import crmkit
from crmkit.errors import ConfigError, CrmkitError
from crmkit.secrets import Secret
from tests.guard.planted import TOKEN, forms, hits, in_files, shown

LOGGERS = ("", "urllib3", "requests_cache", "pyrate_limiter", "filelock", "requests")


def test_the_search_itself_finds_every_form(tmp_path):
    for number, form in enumerate(sorted(forms())):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "file").write_bytes(b"before " + form.swapcase() + b" after")
        assert in_files(place) == ["file"]


def echoes(server):
    """Answers that name the caller's token wherever an answer can."""
    server.echo_credential = True
    around = [f"{before}{TOKEN}{after}".encode() for before in ("", "Token ", "user:") for after in ("", ":x", "more")]
    coded = [b64encode(text).decode() for text in around] + [TOKEN.encode().hex().upper(), quote(TOKEN), quote_plus(TOKEN)]
    server.answer(
        "/contacts/1/",
        {
            "id": 1,
            "first_name": TOKEN,
            TOKEN: "a key",
            "note": " ".join(coded),
            "next": f"http://other.example.org/?token={TOKEN}",
        },
        headers={
            "Set-Cookie": f"session={TOKEN}; Path=/",
            "X-Echo": TOKEN,
            "ETag": f'"{TOKEN}"',
            "Last-Modified": TOKEN,
            "Cache-Control": f"max-age=60, private={TOKEN}",
            "Vary": f"Authorization, {TOKEN}",
            "Content-Type": f"application/json; echo={TOKEN}",
            "Link": f"<http://other.example.org/{TOKEN}>; rel=next",
        },
    )


def test_no_file_and_no_log_holds_the_token(server, connect, folder, caplog):
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)
    echoes(server)
    client = connect(pace=((100, 1),), workers=4)
    client.contacts()
    client.contacts(limit=5)
    frame = client.contact(1)
    client.contacts_search(operator="AND", city="Gent")
    client.contacts.plan()
    server.status = 403
    with pytest.raises(CrmkitError):
        client.groups()
    files = {path.name.partition(".")[2] for path in folder.iterdir()}
    assert {"sqlite", "sqlite-wal", "sqlite-shm", "pace", "pace-wal"} <= files
    assert in_files(folder) == []
    crmkit.cache.close()
    assert in_files(folder) == []
    assert len(caplog.records) > 20
    assert hits("\n".join(f"{one.getMessage()} {one.args} {one.exc_text}" for one in caplog.records)) == []
    assert hits(frame.to_csv()) == []
    assert hits(repr(frame.attrs)) == []


def test_the_echo_is_taken_out_and_the_rest_stays(server, connect):
    server.answer("/contacts/1/", {"id": 1, "first_name": f"Jan {TOKEN.upper()} Peeters", "city": "Gent"})
    frame = connect().contact(1)
    assert frame["first_name"][0] == "Jan [removed by crmkit] Peeters"
    assert connect().contact(1).equals(frame)


def test_a_short_credential_does_not_eat_the_data(server, connect):
    server.tokens = ["Jan"]
    server.answer("/contacts/1/", {"id": 1, "first_name": "Jan"})
    assert connect("Jan").contact(1)["first_name"][0] == "Jan"


def test_a_utf16_answer_is_searched_too(server, connect, folder):
    server.answer("/contacts/1/", f'{{"id": 1, "first_name": "é {TOKEN}"}}'.encode("utf-16"))
    assert connect().contact(1)["first_name"][0] == "é [removed by crmkit]"
    assert connect().contact(1)["first_name"][0] == "é [removed by crmkit]"
    assert in_files(folder) == []


def test_cookies_are_not_sent_back(server, connect):
    server.answer("/groups/", [], headers={"Set-Cookie": f"session={TOKEN}; Path=/"})
    client = connect()
    client.groups()
    client.groups(refresh=True)
    assert all("cookie" not in call.headers for call in server.calls)
    assert len(client._transport._session.cookies) == 0


def parts(client):
    transport = client._transport
    session = transport._session
    return {
        "client": client,
        "fetcher": client.contacts,
        "transport": transport,
        "session": session,
        "adapter": session.get_adapter(client.base_url),
        "auth": session.auth,
        "reader": transport._reader,
        "pacer": transport.pacer,
        "partition": transport.cache,
        "secret": client._credentials["token"],
        "headers": session.headers,
    }


def test_no_object_shows_the_token(server, connect, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://someone:{TOKEN}@proxy.example.org:3128")
    client = connect(pace=((100, 1),))
    client.contacts()
    for name, thing in parts(client).items():
        assert hits(shown(thing)) == [], name
    assert hits(client._repr_html_()) == []
    assert hits(client.contacts.__doc__) == []
    assert hits(repr(client.check())) == []


def test_pickling_refuses_or_holds_nothing(server, connect):
    client = connect()
    client.contacts()
    for name, thing in parts(client).items():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            data, refusal = pickled(thing, protocol)
            assert hits(data) == hits(repr(refusal)) == [], name
            if name in ("client", "transport", "session", "secret", "auth"):
                assert isinstance(refusal, TypeError), name
                assert "never pickled" in str(refusal), name


def pickled(thing, protocol):
    try:
        return pickle.dumps(thing, protocol), None
    except Exception as refusal:
        return b"", refusal


def test_copies_share_the_connection_and_show_nothing(server, connect):
    client = connect()
    client.contacts()
    for twin in (copy.copy(client), copy.deepcopy(client)):
        assert twin._transport is client._transport
        assert len(twin.contacts()) == 60
        assert hits(shown(twin)) == []
    assert copy.deepcopy(connect()).account == client.account


def test_a_secret_does_not_show_itself():
    secret = Secret(TOKEN)
    assert hits(shown(secret)) == []
    assert hits(f"{secret:>40} {[secret]}") == []
    assert secret == Secret(TOKEN) != Secret("another")
    assert len({secret, Secret(TOKEN)}) == 1
    assert not hasattr(secret, "__dict__")
    with pytest.raises(AttributeError):
        secret.reveal = None
    assert hits(secret.digest(b"salt")) == []
    assert secret.digest(b"salt") != secret.digest(b"other salt")


def refused(status):
    return lambda server, client: setattr(server, "status", status)


def dial(**dials):
    def turn(server, client):
        for name, value in dials.items():
            setattr(server, name, value)

    return turn


def closed(server, client):
    server._running.stop()


BROKEN = {
    "AuthError": refused(401),
    "PermissionDenied": refused(403),
    "NotFound": refused(404),
    "ServerError": refused(500),
    "RequestFailed": refused(418),
    "RateLimited": dial(throttle=True, retry_after=999999),
    "NetworkError reset": dial(reset_at=-20),
    "NetworkError half": dial(half_body=True),
    "NetworkError gzip": dial(gzip_lies=True),
    "ShapeError html": dial(html_login=True),
    "ShapeError json": dial(not_json=True),
    "RequestFailed redirect": dial(redirect="other"),
    "IncompleteFetch": dial(early_end=2),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("workers", [1, 4])
def test_no_error_shows_the_token(server, connect, no_waiting, kind, workers):
    client = connect(workers=workers)
    server.echo_credential = True
    BROKEN[kind](server, client)
    with pytest.raises(CrmkitError) as caught:
        client.contacts()
    assert type(caught.value).__name__ == kind.split()[0]
    assert_clean(caught.value)


def assert_clean(error):
    """Text, fields, pickle, chain and a traceback with all local variables are free of the token."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in told.stack if Path(frame.filename).parent != Path(__file__).parent]
    assert frames
    assert hits("\n".join(f"{frame.line} {frame.locals}" for frame in frames)) == []
    assert hits("".join(told.format_exception_only())) == []
    assert hits(shown(error)) == []
    if isinstance(error, CrmkitError):
        assert hits(pickle.dumps(error)) == []
        assert error.__cause__ is None
        assert error.__context__ is None


def test_ctrl_c_shows_no_headers(server, connect, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("http.client.HTTPConnection.getresponse", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        connect().contacts()
    assert_clean(caught.value)


def test_a_surprise_in_the_library_shows_no_headers(server, connect, monkeypatch):
    def surprised(*_, **__):
        raise RuntimeError("a bug below")

    monkeypatch.setattr("http.client.HTTPConnection.getresponse", surprised)
    with pytest.raises(RuntimeError) as caught:
        connect().contacts()
    assert_clean(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {"token": TOKEN, "base_url": "http://example.org"},
        {"token": TOKEN, "base_url": f"https://someone:{TOKEN}@example.org"},
        {"token": TOKEN, "base_url": f"https://example.org/?token={TOKEN}"},
        {"token": TOKEN, "pace": "fast"},
        {"token": TOKEN, "workers": -1},
        {"token": TOKEN, "expire_after": "soon"},
        {"token": TOKEN + "\n" + TOKEN},
        {"token": TOKEN.encode()},
        {"tokn": TOKEN},
    ],
    ids=lambda given: " ".join(given),
)
def test_errors_of_the_constructor_show_no_token(given):
    with pytest.raises(CrmkitError) as caught:
        crmkit.Peepl(**given)
    assert_clean(caught.value)


def test_errors_of_from_env_show_no_token(monkeypatch):
    monkeypatch.setenv("PEEPL_TOKEN", TOKEN)
    monkeypatch.setenv("PEEPL_BASE_URL", "http://example.org")
    with pytest.raises(ConfigError) as caught:
        crmkit.Peepl.from_env()
    assert_clean(caught.value)


def test_errors_of_from_prompt_show_no_token(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda text: TOKEN)
    with pytest.raises(ConfigError) as caught:
        crmkit.Peepl.from_prompt(base_url="http://example.org")
    assert_clean(caught.value)


@pytest.mark.parametrize("token", [TOKEN + "\u2013", TOKEN + "\u20ac"])
def test_a_token_that_no_header_can_carry_is_a_config_error(server, connect, token):
    with pytest.raises(ConfigError) as caught:
        connect(token).contacts()
    assert_clean(caught.value)
    assert server.calls == []
