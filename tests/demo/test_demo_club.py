"""The club makes sense for any seed and size: the rules that every dialect may rely on."""

from __future__ import annotations

import ast
import math
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit.demo as demonstration
from crmkit.demo.answers import has_list
from crmkit.demo.club import Club
from crmkit.demo.dirt import FAULTS, spoil
from crmkit.demo.records import CRMS, card_of

clubs = st.builds(Club, st.integers(0, 10**6), st.integers(0, 60))


@settings(max_examples=25)
@given(clubs)
def test_people_positions_and_records_hang_together(club: Club) -> None:
    assert [person.person_id for person in club.people] == [f"P{n:05d}" for n in range(1, len(club.people) + 1)]
    for person in club.people:
        assert person.since is None or person.until is None or person.since <= person.until
        assert all(club.person[parent].household_id == person.household_id for parent in person.parents)
    for position in club.positions:
        assert position.end is None or position.start <= position.end
        assert position.holder in club.person
    for crm in CRMS:
        records = club.records(crm)
        assert max(Counter(record.record_id for record in records).values(), default=1) == 1
        assert all(record.created <= record.modified for record in records)


@settings(max_examples=25)
@given(clubs)
def test_faults_differ_from_the_truth_and_dates_stay_dates(club: Club) -> None:
    for crm in CRMS:
        cards = {record.record_id: record.card for record in club.records(crm)}
        for fault in club.faults(crm):
            assert fault.clean != fault.dirty
            if fault.field in cards[fault.record_id]:
                assert cards[fault.record_id][fault.field] == fault.dirty
        assert all(date.fromisoformat(card["birth_date"]) for card in cards.values() if card["birth_date"])


def test_every_kind_of_fault_is_planted_in_a_club_of_ordinary_size() -> None:
    club = Club(3, 500)
    assert {fault.fault for fault in club.faults("peepl")} == {
        *(fault.__name__ for fault, _ in FAULTS),
        "duplicate",
        "test_record",
    }


def test_no_card_gets_two_faults() -> None:
    cards = [card_of(person) for person in Club(5, 200).people]
    places = [place for place, *_ in spoil(cards, Random(1), scale=3)]
    assert len(set(places)) == len(places) > 50


@settings(max_examples=10)
@given(clubs, st.integers(0, 199))
def test_everybody_invited_has_one_answer(club: Club, place: int) -> None:
    activity = club.activities[place]
    answers = club.answers(activity)
    expected = [person.person_id for person in club.invited(activity)] if has_list(activity) else []
    assert [answer.person.person_id for answer in answers] == expected
    assert all(answer.status == "A" or not answer.bought for answer in answers)


def test_people_of_one_household_share_mail_phone_and_address() -> None:
    people = Club(1, 500).people
    for shared in ("mail", "phone", "home"):
        values = Counter((person.household_id, getattr(person, shared)) for person in people)
        assert sum(number > 1 for number in values.values()) > 10
    assert all(math.hypot(person.home.east, person.home.north) < 40 for person in people)


def test_the_demo_imports_nothing_of_the_client() -> None:
    """Only the package's own __init__ may name crmkit itself, for the classes of the clients."""
    home = Path(demonstration.__file__).parent
    for file in home.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            foreign = {name for name in modules if name.split(".")[0] == "crmkit" and not name.startswith("crmkit.demo")}
            assert foreign <= ({"crmkit"} if file == home / "__init__.py" else set()), file
