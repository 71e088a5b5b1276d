"""A running demo and a caller with the right token, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from crmkit import demo as demonstration

from .calling import Get, caller


@pytest.fixture(scope="session")
def demo() -> Iterator[demonstration.Demo]:
    with demonstration.start() as running:
        yield running


@pytest.fixture(scope="session")
def get(demo: demonstration.Demo) -> Iterator[Get]:
    with requests.Session() as session:
        yield caller(demo, session)
