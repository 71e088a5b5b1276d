"""What a small demo says, loaded once: every topic, and two lists of people."""

import hashlib

import pytest

import crmkit

KEY = hashlib.sha256(b"a key for tests").digest()


@pytest.fixture(scope="session")
def said():
    with crmkit.demo.start(seed=3, people=30) as demo:
        yield {
            "segments_peepl": crmkit.segments.load(demo.peepl(), groups=True, history=True),
            "segments_onepage": crmkit.segments.load(demo.onepagecrm()),
            "attendance": crmkit.attendance.load(demo.peepl(), start="2023-09-01"),
            "pipelines": crmkit.pipelines.load(demo.onepagecrm()),
            "coverage": crmkit.coverage.load(demo.beeple(), collaborators="list", start="2024-01-01", end="2024-03-31"),
            "contacts": demo.peepl().contacts(),
            "deals": demo.onepagecrm().deals(),
            "truth": demo.truth["identities"],
        }


@pytest.fixture
def frames(said):
    """Fresh copies of what was said, without the truth."""
    return {name: copied(one) for name, one in said.items() if name != "truth"}


def copied(given):
    return {name: one.copy() for name, one in given.items()} if isinstance(given, dict) else given.copy()


@pytest.fixture(scope="session")
def made(said, tmp_path_factory):
    """All of it as a bundle, under KEY."""
    frames = {name: copied(one) for name, one in said.items() if name != "truth"}
    return crmkit.share.bundle(frames, tmp_path_factory.mktemp("bundles") / "report.crmkit.zip", key=KEY)
