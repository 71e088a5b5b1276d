"""What a small demo says, loaded once: every topic of all five systems, lists of people, and lists inside their records."""

import hashlib

import pytest

import crmkit

KEY = hashlib.sha256(b"a key for tests").digest()


@pytest.fixture(scope="session")
def said():
    with crmkit.demo.start(seed=3, people=30) as demo:
        peepl, sheep, missions, onepage = demo.peepl(), demo.sheepcrm(), demo.missionhub(), demo.onepagecrm()
        contacts, companies = peepl.contacts(), onepage.contacts()
        people = crmkit.segments.load(sheep, memberships="Alle lidmaatschappen")
        uris = people["people"]["person_id"].tolist()
        yield {
            "segments_peepl": crmkit.segments.load(peepl, groups=True, history=True),
            "segments_onepage": crmkit.segments.load(onepage),
            "segments_sheep": people,
            "segments_missions": crmkit.segments.load(missions, organization=ORGANIZATION),
            "attendance": crmkit.attendance.load(peepl, start="2023-09-01"),
            "attendance_sheep": crmkit.attendance.load(sheep, start="2024-03-01"),
            "pipelines": crmkit.pipelines.load(onepage),
            "coverage": crmkit.coverage.load(demo.beeple(), **PERIOD, collaborators="list"),
            "contacts": contacts,
            "addresses": crmkit.child(contacts, "address"),
            "deals": onepage.deals(),
            "clients": companies,
            "phones": crmkit.child(companies, "phones"),
            "memberships": sheep.memberships(uris[:6]),
            "persons": sheep.person_personal(uris),
            "bookings": sheep.events(),
            "tickets": sheep.tickets(sheep.events()["uid"].tolist()),
            "missions": missions.people(organization_ids=ORGANIZATION),
            "truth": demo.truth["identities"],
        }


ORGANIZATION = "5107"
PERIOD = {"start": "2024-01-01", "end": "2024-03-31"}


@pytest.fixture
def frames(said):
    """Fresh copies of what was said, without the truth."""
    return {name: copied(one) for name, one in said.items() if name != "truth"}


@pytest.fixture
def few(said):
    """Three of them: enough for what is the same for all."""
    return {name: copied(said[name]) for name in ("segments_peepl", "contacts", "deals")}


def copied(given):
    return {name: one.copy() for name, one in given.items()} if isinstance(given, dict) else given.copy()


@pytest.fixture(scope="session")
def made(said, tmp_path_factory):
    """All of it as a bundle, under KEY."""
    frames = {name: copied(one) for name, one in said.items() if name != "truth"}
    return crmkit.share.bundle(frames, tmp_path_factory.mktemp("bundles") / "report.crmkit.zip", key=KEY)
