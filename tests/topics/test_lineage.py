"""Receipts of made tables: the worst verdict, every doubt once, every call once."""

import pandas as pd
import pytest

import crmkit
from crmkit.receipts import Receipt, attach
from crmkit.topics.lineage import carried


def frame(endpoint="contacts", lines=2, **told):
    facts = {name: told.pop(name) for name in ("today", "zone") if name in told}
    return attach(pd.DataFrame({"n": range(lines)}), Receipt("Peepl", endpoint, records=lines, **told), **facts)


def made(*sources, **told):
    return crmkit.receipt(carried(pd.DataFrame({"n": [1, 2, 3]}), sources, **told))


@pytest.mark.parametrize(("verdicts", "worst"), [((True, None), None), ((None, False), False), ((True, True), True)])
def test_the_worst_verdict_decides(verdicts, worst):
    sources = [frame(f"list {place}", complete=verdict) for place, verdict in enumerate(verdicts)]
    assert made(*sources).complete is worst


def test_what_is_behind_two_frames_is_counted_once():
    calls = {"pages": 4, "calls": 3, "cached_pages": 1}
    whole = frame("contacts", lines=9, **calls)
    part = frame("contacts", lines=2, **calls)
    assert (made(whole, part).calls, made(whole, part).pages) == (3, 4)
    both = carried(pd.DataFrame({"n": [1]}), [whole, frame("groups", calls=2)])
    assert made(both, part).calls == made(part, both).calls == 5
    later = frame("contacts", newest="2024-06-16 10:00:00", **calls)
    assert made(whole, later).calls == 6


def test_a_doubt_is_not_lost_with_a_receipt_that_is_covered():
    doubtful = frame("contacts", complete=None, problems=("no total",))
    sure = carried(pd.DataFrame({"n": [1]}), [frame("contacts"), frame("groups")])
    assert made(doubtful, sure).complete is None
    assert made(doubtful, sure).problems == ("contacts: no total",)


def test_lines_name_their_endpoint_where_there_are_several():
    one, other = frame("contacts", problems=("odd", "both")), frame("groups", problems=("both",))
    assert made(one).problems == ("odd", "both")
    assert made(one, other, problems=("new",)).problems == ("contacts: odd", "both", "new")
    assert made(carried(pd.DataFrame({"n": []}), [one, other]), frame("users")).problems == ("contacts: odd", "both")


def test_facts_travel_where_all_agree():
    one, other = frame(today="2024-06-15", zone="UTC"), frame("groups", today="2024-06-15", zone="Asia/Kolkata")
    plain = carried(pd.DataFrame({"n": [1]}), [one, other]).attrs["crmkit"]
    assert plain["today"] == "2024-06-15"
    assert "zone" not in plain
    assert carried(pd.DataFrame({"n": [1]}), [one], zone="Europe/Paris").attrs["crmkit"]["zone"] == "Europe/Paris"


def test_a_table_says_how_many_lines_it_has_and_what_it_is_called():
    proof = made(frame(declared_total=2), endpoint="coverage.gaps", params={"top": 3})
    assert (proof.records, proof.declared_total, proof.endpoint, proof.params) == (3, None, "coverage.gaps", {"top": 3})


def test_frames_made_by_hand_vouch_for_nothing():
    table = carried(pd.DataFrame({"n": [1]}), [pd.DataFrame({"n": [1]})])
    assert table.attrs == {}
    assert made(pd.DataFrame(), frame(complete=False)).complete is False
