"""A fault server that knows the planted token, and clients of it."""

import pytest

import crmkit
from tests.faults import FaultServer
from tests.guard.planted import TOKEN


@pytest.fixture
def server():
    with FaultServer(records=60, token=[TOKEN, "the-token-of-somebody-else"]) as running:
        yield running


@pytest.fixture
def connect(server):
    """Clients of the fault server: unpaced, one page at a time, unless told otherwise."""

    def made(token=TOKEN, **options):
        return crmkit.Peepl(token=token, **{"base_url": server.url, "pace": None, "workers": 1, **options})

    return made


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"
