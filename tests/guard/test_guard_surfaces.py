"""Thirty and more places where a credential could surface, five systems each, no hit; and nobody is served another's answers."""

import pytest

import crmkit
from crmkit.errors import AuthError, NotCached
from tests.faults import FaultServer
from tests.guard.planted import TOKEN, hits
from tests.guard.surfaces import SURFACES
from tests.guard.systems import OTHER, SYSTEMS, World


@pytest.fixture(params=SYSTEMS)
def world(request, tmp_path, monkeypatch):
    with FaultServer(dialect=request.param, records=12, token=[TOKEN, OTHER]) as server:
        server.echo_credential = True
        monkeypatch.chdir(tmp_path)
        yield World(request.param, server, tmp_path / "cache", monkeypatch)


def test_no_credential_comes_to_any_surface(world, no_waiting):
    """Bytes, base64 at each alignment, URL-encoded, hexadecimal, UTF-16, whatever the case: see planted.forms()."""
    found, empty = {}, []
    for place, read in SURFACES.items():
        everything = [one for one in read(world) if one is not None]
        found[place] = [form for one in everything for form in hits(one)]
        empty += [] if any(len(one) for one in everything) else [place]
    assert len(found) >= 50
    assert empty == []
    assert {place: forms for place, forms in found.items() if forms} == {}


# Nobody is served another's answers.


def elsewhere(world):
    """Clients that differ from the first in one thing, each with a name."""
    yield "token", world.client(OTHER)
    yield "case", world.client(TOKEN.swapcase())
    yield "longer token", world.client(TOKEN + "x")
    yield "address", world.client(base_url=world.server.url + "/other")
    yield "host", world.client(base_url=world.server.url.replace("127.0.0.1", "localhost"))
    own = {
        "sheepcrm": {"bucket": "example2"},
        "missionhub": {"organization_id": "8"},
        "onepagecrm": {"user_id": "f" * 24},
        "beeple": {"language": "nl"},
    }.get(world.system)
    if own:
        yield next(iter(own)), world.client(**own)


def test_another_credential_organisation_or_address_is_never_served_the_first_ones_answers(world):
    first = world.client()
    world.fetch(first)
    asked = len(world.server.calls)
    for name, other in elsewhere(world):
        assert other.account != first.account, name
        assert other._cache.path != first._cache.path, name
        for stale in (False, True):
            with crmkit.offline(stale=stale), pytest.raises(NotCached):
                world.fetch(other)
    assert len(world.server.calls) == asked
    with crmkit.offline():
        assert len(world.fetch(first)) == 12


def test_a_second_credential_asks_for_itself(world):
    world.server.echo_credential = False
    first = world.fetch(world.client())
    asked = len(world.server.calls)
    world.server.records.pop()
    second = world.fetch(world.client(OTHER))
    assert len(world.server.calls) > asked
    assert len(second) == len(first) - 1
    with pytest.raises(AuthError):
        world.fetch(world.client("of-nobody-at-all"))
