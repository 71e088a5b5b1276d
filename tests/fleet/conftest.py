"""Three small clubs, each an account of its own, and a way to connect to them with a cache that no other test has filled."""

import pytest

import crmkit


@pytest.fixture(scope="session")
def clubs():
    running = {name: crmkit.demo.start(seed=seed, people=people) for seed, (name, people) in enumerate(SIZES.items(), 1)}
    yield running
    for demo in running.values():
        demo.stop()


SIZES = {"north": 60, "south": 30, "empty": 0}


@pytest.fixture
def connected(clubs, tmp_path):
    """name -> a Peepl client with a cache of this test."""
    return {name: demo.peepl(cache_dir=tmp_path / "pages") for name, demo in clubs.items()}
