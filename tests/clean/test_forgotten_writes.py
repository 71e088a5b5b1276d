"""cache.forget() and cache.about() reach the journals of writes; what is gone from there cannot be undone, and undo says so."""

from __future__ import annotations

import pytest
from filelock import FileLock

import crmkit
from crmkit import clean, demo
from crmkit.clean.write_journal import Journal
from crmkit.private import CacheWarning

from .writing import fixes, sent

NAMES = ("Zerasable", "Zother")


@pytest.fixture
def written():
    """A demo, its client and a plan of two records that was applied; the new first names are NAMES."""
    with demo.start(people=60) as running:
        client = running.peepl(writable=True)
        people = client.contacts().dropna(subset=["birth_date", "birth_place"]).query("birth_place != ''").head(2)
        lines = [(one.id, "first_name", one.first_name, new) for one, new in zip(people.itertuples(), NAMES, strict=True)]
        plan = clean.plan(client, fixes("Peepl", "contact", *lines))
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written", "written"]
        client.contacts(refresh=True)
        yield running, client, plan


def journalled(text):
    found = crmkit.cache.about(text)
    return found[found["endpoint"] == "journal"]


def test_forget_takes_a_write_out_of_the_journal_and_undo_says_so(written):
    running, client, plan = written
    one, other = plan.fields["id"]
    old = plan.fields["old"].iloc[1]
    assert journalled("zerasable")["account"].tolist() == [client.account]
    assert crmkit.cache.forget("ZERASABLE") == 2  # its page and its write
    assert crmkit.cache.about("zerasable").empty
    assert b"Zerasable" not in plan.journal.read_bytes()
    assert plan.journal.stat().st_mode & 0o077 == 0
    assert len(journalled("zother")) == 1
    start = len(running.log)
    outcomes = plan.undo().set_index("id")
    assert outcomes["outcome"].to_dict() == {one: "skipped", other: "restored"}
    assert "erased by cache.forget()" in outcomes.at[one, "reason"]
    assert [path for _, path, _, _ in sent(running.log, start)] == [f"/contacts/{other}/"]
    now = client.contact([int(one), int(other)])["first_name"].tolist()
    assert now == ["Zerasable", old]
    assert crmkit.cache.forget(f"/contacts/{one}/") == 0  # what stays holds no value and is no write any more


def test_what_was_undone_goes_without_a_trace(written):
    _, _, plan = written
    plan.undo()
    assert crmkit.cache.forget("Zerasable") >= 1
    assert [event["key"] for event in Journal(plan.journal).events() if event["event"] == "forgotten"] == []
    assert len(Journal(plan.journal).states()) == 1


def test_a_torn_line_goes_too(written):
    _, _, plan = written
    with plan.journal.open("ab") as file:
        file.write(b'{"event": "write", "key": "k", "new": {"first_name": "Ztorn"')
    crmkit.cache.forget("nobody at all")
    assert b"Ztorn" not in plan.journal.read_bytes()
    assert set(plan.undo()["outcome"]) == {"restored"}


def test_a_journal_in_use_is_left_alone_with_a_warning(written):
    _, _, plan = written
    before = plan.journal.read_bytes()
    with FileLock(f"{plan.journal}.lock"), pytest.warns(CacheWarning, match="was not looked into"):
        crmkit.cache.forget("Zerasable")
    assert plan.journal.read_bytes() == before
