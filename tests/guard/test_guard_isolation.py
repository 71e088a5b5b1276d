"""Two tokens, one cache folder: the second never sees the first's answer."""

import pytest

import crmkit
from crmkit.errors import AuthError, NotCached

OTHER = "the-token-of-somebody-else"


def test_a_second_token_asks_for_itself(server, connect):
    connect().contacts()
    asked = len(server.calls)
    for record in server.records:
        record["first_name"] = "Other"
    frame = connect(OTHER).contacts()
    assert set(frame["first_name"]) == {"Other"}
    assert len(server.calls) == 2 * asked
    assert {call.headers["authorization"] for call in server.calls[asked:]} == {f"Token {OTHER}"}
    assert "Other" not in set(connect().contacts()["first_name"])
    assert len(server.calls) == 2 * asked


def test_a_second_token_has_another_account_and_the_same_one_the_same(connect):
    assert connect().account == connect().account != connect(OTHER).account
    assert connect().account.startswith("peepl-")


def test_the_same_token_at_another_address_has_another_account(server, connect):
    assert connect(base_url=server.url + "/other").account != connect().account


def test_the_plan_of_a_second_token_counts_nothing_as_cached(connect):
    connect().contacts()
    assert connect().contacts.plan(probe=False).to_ask == 0
    unknown = connect(OTHER).contacts.plan(probe=False)
    assert (unknown.cached, unknown.calls) == (0, None)


def test_offline_a_second_token_finds_nothing(server, connect):
    connect().contacts()
    asked = len(server.calls)
    with crmkit.offline(), pytest.raises(NotCached):
        connect(OTHER).contacts()
    with crmkit.offline(stale=True), pytest.raises(NotCached):
        connect(OTHER).contacts()
    assert len(server.calls) == asked


@pytest.mark.parametrize("wrong", ["wrong-token-1", "planted/7qx+geheim=zz9~kw"])
def test_a_wrong_token_is_refused_although_the_answer_is_there(server, connect, wrong):
    connect().contacts()
    with pytest.raises(AuthError):
        connect(wrong).contacts()


def test_a_token_that_loses_its_right_keeps_its_own_cache_and_gets_no_more(server, connect):
    client = connect()
    client.contacts()
    server.tokens = []
    assert len(client.contacts()) == 60  # cached, nothing asked
    with pytest.raises(AuthError):
        client.contacts(refresh=True)
    with pytest.raises(AuthError):
        client.contacts_search(operator="AND", city="Gent")
