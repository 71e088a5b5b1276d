"""What a server may answer, and what becomes of it: exact data, a named error, a retry; an error is never stored."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit
from crmkit import answers
from crmkit.errors import (
    AuthError,
    CrmkitError,
    NetworkError,
    NotFound,
    PermissionDenied,
    RateLimited,
    RequestFailed,
    ServerError,
    ShapeError,
)

STATUSES = {
    400: RequestFailed,
    401: AuthError,
    403: PermissionDenied,
    404: NotFound,
    405: RequestFailed,
    410: NotFound,
    418: RequestFailed,
    429: RateLimited,
    500: ServerError,
    502: ServerError,
    503: ServerError,
    599: ServerError,
}


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_its_error_and_nothing_of_it_is_kept(server, connect, no_waiting, status):
    client = connect()
    server.status = status
    with pytest.raises(STATUSES[status]) as caught:
        client.contacts()
    assert type(caught.value) is STATUSES[status]
    assert (caught.value.status, caught.value.crm, caught.value.endpoint) == (status, "Peepl", "contacts")
    assert caught.value.hint
    assert "Something went wrong" not in str(caught.value)
    assert crmkit.cache.info().empty
    server.status = None
    assert len(client.contacts()) == 60


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refusal_is_never_answered_from_the_cache(server, connect, no_waiting, status):
    client = connect()
    client.contacts()
    server.status = status
    with pytest.raises(STATUSES[status]):
        client.contacts(refresh=True)
    with pytest.raises(STATUSES[status]):
        connect(expire_after=0).contacts()
    server.status = None
    assert len(client.contacts()) == 60


@pytest.mark.parametrize("body", [{"id": 7, "first_name": "Ann"}, b'{"id": 7, "first_'])
def test_a_part_of_an_answer_is_never_taken_for_the_whole(server, connect, no_waiting, body):
    server.answer("/contacts/7/", body, status=206)
    with pytest.raises(ShapeError, match="206, so only a part") as caught:
        connect().contact(7)
    assert caught.value.status == 206
    assert crmkit.cache.info().empty
    server.answer("/contacts/7/", {"id": 7, "first_name": "Ann"})
    assert connect().contact(7)["first_name"].tolist() == ["Ann"]


BAD = {
    "html_login": ShapeError,
    "not_json": ShapeError,
    "empty_body": ShapeError,
    "half_body": NetworkError,
    "gzip_lies": NetworkError,
}


@pytest.mark.parametrize("dial", BAD)
@pytest.mark.parametrize("when", [1, 4])
def test_an_answer_that_is_none_is_a_named_error_and_not_kept(server, connect, no_waiting, dial, when):
    client = connect()
    setattr(server, dial, lambda number: number >= when)
    with pytest.raises(BAD[dial]):
        client.contacts()
    setattr(server, dial, False)
    frame = client.contacts()
    assert len(frame) == 60
    assert crmkit.receipt(frame).cached_pages == when - 1


@pytest.mark.parametrize("length", [-200, 200])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_wrong_content_length_is_survived_once_and_named_for_ever(server, connect, no_waiting, length, workers):
    clean = connect().contacts()
    server.wrong_content_length = {len(server.calls) + 3: length}
    assert connect(workers=workers).contacts(refresh=True).equals(clean)
    server.wrong_content_length = length
    with pytest.raises((NetworkError, ShapeError)):
        connect(workers=workers).contacts(refresh=True)


@pytest.mark.parametrize(
    "fault",
    [
        {"status": {3: 500}},
        {"status": {3: 502, 4: 503}},
        {"reset_at": {3: -20}},
        {"reset_at": {3: 300}},
        {"half_body": {3: True}},
        {"gzip_lies": {3: True}},
        {"not_json": {3: True}},
        {"empty_body": {3: True}},
        {"throttle": {3: True}, "retry_after": 2},
        {"no_content_length": True, "half_body": {3: True}},
        {"slow_drip": (4000, 0.01)},
    ],
    ids=str,
)
@pytest.mark.parametrize("workers", [1, 4])
def test_one_fault_in_a_walk_changes_nothing(server, connect, no_waiting, fault, workers):
    clean = connect().contacts()
    server.reset()
    for name, value in fault.items():
        setattr(server, name, value)
    assert connect(workers=workers).contacts(refresh=True).equals(clean)


def test_nan_and_infinity_come_the_same_from_the_server_and_the_cache(server, connect):
    server.nan_literals = True
    first, second = connect().contacts(), connect().contacts()
    assert crmkit.receipt(second).calls == 0
    assert first.equals(second)
    assert {"not_a", "more", "less"} <= set(crmkit.receipt(first).unknown_fields)


def test_deep_nesting_is_a_named_error(server, connect, no_waiting):
    server.deep_nesting = True
    with pytest.raises(ShapeError):
        connect().contacts()


def test_an_answer_without_end_is_a_named_error(server, connect, monkeypatch):
    """A megabyte of gzip may unfold to a thousand; what unfolds is counted while it comes."""
    with monkeypatch.context() as small:
        small.setattr("crmkit.transport.CHUNK", 500)
        small.setattr("crmkit.transport.LARGEST", 1500)
        with pytest.raises(ShapeError, match="larger than") as caught:
            connect().contacts()
    assert (caught.value.crm, caught.value.endpoint, caught.value.retryable) == ("Peepl", "contacts", False)
    assert len(server.calls) == 1
    assert crmkit.cache.info().empty
    assert len(connect().contacts()) == 60


def test_a_search_answered_with_201_is_kept_too(server, connect):
    connect().contacts_search(operator="AND", city="Gent")
    frame = connect().contacts_search(operator="AND", city="Gent")
    assert crmkit.receipt(frame).calls == 0
    assert {call.status for call in server.calls} == {201}
    other = connect().contacts_search(operator="OR", city="Gent")
    assert crmkit.receipt(other).calls > 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Vary": "Authorization, Cookie"},
        {"Vary": "*"},
        {"Cache-Control": "no-store, no-cache, max-age=0, must-revalidate"},
        {"Expires": "0", "ETag": '"x"', "Pragma": "no-cache"},
    ],
    ids=str,
)
def test_the_cache_obeys_crmkit_and_no_header(server, connect, headers):
    server.answer("/groups/", [{"id": 1, "name": "Juniors", "children": []}], headers=headers)
    connect().groups()
    frame = connect().groups()
    assert crmkit.receipt(frame).cached_pages == 1
    assert len(server.calls) == 1
    assert "if-none-match" not in server.calls[0].headers


# Waiting.


def test_retry_after_in_seconds_is_waited(server, connect, no_waiting):
    server.throttle, server.retry_after = {2: True}, 7
    connect().contacts()
    assert sum(no_waiting) == pytest.approx(7, abs=0.01)
    assert max(no_waiting) <= 0.25


def test_retry_after_as_a_date_is_waited(server, connect, no_waiting):
    server.throttle, server.retry_after = {2: True}, timedelta(seconds=30)
    connect().contacts()
    assert 27 < sum(no_waiting) < 31


@pytest.mark.parametrize("wait", [61, 999999, timedelta(days=3)])
def test_an_absurd_retry_after_is_an_error_at_once(server, connect, no_waiting, wait):
    server.throttle, server.retry_after = {2: True}, wait
    with pytest.raises(RateLimited) as caught:
        connect().contacts()
    assert no_waiting == []
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
    assert caught.value.retry_after == pytest.approx(seconds, abs=3)
    assert caught.value.retryable
    assert caught.value.kept
    assert len(server.calls) == 2
    server.throttle = None
    assert crmkit.receipt(connect().contacts()).cached_pages == 1


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "9" * 5000, "Sun, 99 Foo 2026 99:99:99 GMT", "inf", "nan", "0"])
def test_a_retry_after_that_makes_no_sense_does_no_harm(server, connect, no_waiting, text):
    server.throttle, server.retry_after = {2: True}, text
    assert len(connect().contacts()) == 60
    assert 0.5 < sum(no_waiting) <= 60


@given(st.text(max_size=40))
def test_no_text_in_retry_after_raises(text):
    found = answers.retry_after(text)
    assert found is None or found >= 0


def test_throttling_for_ever_ends(server, connect, no_waiting):
    server.throttle = True
    with pytest.raises(RateLimited):
        connect().contacts()
    assert len(server.calls) == 6
    assert sum(no_waiting) == pytest.approx(5 + 10 + 20 + 40 + 60, abs=0.1)


def test_a_failing_server_is_asked_six_times(server, connect, no_waiting):
    server.status = 500
    with pytest.raises(ServerError):
        connect().contacts()
    assert len(server.calls) == 6
    assert sum(no_waiting) == pytest.approx(0.5 + 1 + 2 + 4 + 8, abs=0.1)


def test_a_busy_server_that_names_a_time_is_believed(server, connect, no_waiting):
    server.status, server.retry_after = {1: 503}, 20
    connect().contacts()
    assert sum(no_waiting) == pytest.approx(20, abs=0.1)


def test_what_cannot_get_better_is_asked_once(server, connect, no_waiting):
    for status in (400, 401, 403, 404, 418):
        server.reset()
        server.status = status
        with pytest.raises(CrmkitError):
            connect().contacts()
        assert len(server.calls) == 1
    assert no_waiting == []


def test_nobody_listening_is_a_network_error(connect, no_waiting):
    with pytest.raises(NetworkError) as caught:
        connect(base_url="http://127.0.0.1:9").contacts()
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.retryable


# Taking our own key out of what a server says.


@given(st.binary(max_size=30), st.text(st.characters(codec="utf-8"), min_size=8, max_size=30), st.binary(max_size=30))
def test_a_key_is_cut_out_in_every_spelling_and_the_rest_stays(before, key, after):
    for form in answers.spellings(key.encode()):
        found = answers.cut_out(before + form + after, form)
        assert form.lower() not in found.lower() or form.lower() in answers.REMOVED.lower()
    clean = before.replace(b"[", b"") + b"{}"
    if not any(form.lower() in clean.lower() for form in answers.spellings(key.encode())):
        assert answers.cut_out(clean, key.encode()) == clean


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abk"), inner)))
def test_members_of_a_name_are_removed_at_any_depth(value):
    found = answers.without(value, frozenset("k"))
    assert '"k":' not in json.dumps(found).replace('\\"', "")
    if '"k"' not in json.dumps(value):
        assert found == value


@pytest.mark.parametrize("text", [b'{"key":1}', rb'{"\u006bey":1}', rb'{"\u006B\u0065\u0079":1}'])
def test_a_member_is_found_however_its_name_is_spelt(text):
    assert answers.may_name(text, "key")
    assert not answers.may_name(b'{"other":"\\u00e9"}', "key")
