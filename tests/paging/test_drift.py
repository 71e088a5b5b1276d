"""Lists that change while they are read: nobody who was there throughout is missed, and it costs little."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.paging import PageNumber

from .model import Change, Listing, Outcome, changes, fresh, naive, people
from .walks import BARE, OFFSET, PAGES, run, walked

MIXES = [(1, 0), (0, 1), (1, 1), (5, 5), (20, 20), (0, 20), (20, 0)]
CHANGES = st.lists(st.builds(Change, st.integers(2, 40), st.sampled_from(["insert", "delete"]), st.integers(0, 400)), max_size=60)


def lost(outcome: Outcome, listing: Listing) -> list[Any]:
    seen = set(outcome.ids)
    return [record["id"] for record in listing.survivors if record["id"] not in seen]


def in_order(outcome: Outcome, listing: Listing) -> bool:
    """Whether those who were there throughout come in the vendor's order."""
    there = {record["id"] for record in listing.survivors}
    return [number for number in outcome.ids if number in there] == [record["id"] for record in listing.survivors]


@settings(max_examples=200)
@given(form=st.sampled_from(["offset", "bare offset"]), count=st.integers(0, 200), largest=st.integers(2, 20), plan=CHANGES)
def test_offset_loses_nobody(form: str, count: int, largest: int, plan: list[Change]) -> None:
    listing = Listing(form=form, records=people(count), largest=largest, to_come=plan)
    outcome = walked(listing)
    assert outcome.alarmed or lost(outcome, listing) == []
    assert len(outcome.ids) == len(set(outcome.ids))
    assert outcome.alarmed or in_order(outcome, listing)


@given(count=st.integers(20, 200), plan=CHANGES, total=st.sampled_from([0, None]), overlap=st.integers(1, 4))
def test_offset_needs_no_total_for_that(count: int, plan: list[Change], total: Any, overlap: int) -> None:
    listing = Listing(form="bare offset", records=people(count), told=total, to_come=plan)
    outcome = run(replace(BARE, overlap=overlap), listing)
    assert outcome.alarmed or lost(outcome, listing) == []


@pytest.mark.parametrize(("inserts", "deletes"), MIXES)
def test_hundreds_of_seeds_and_a_naive_walk_that_loses(inserts: int, deletes: int) -> None:
    naive_lost = repeated = alarms = 0
    for seed in range(100):
        listing = Listing(records=people(300), to_come=changes(seed, 300, 30, inserts, deletes))
        control = fresh(listing)
        outcome = walked(listing)
        assert lost(outcome, listing) == []
        assert in_order(outcome, listing)
        assert len(outcome.ids) == len(set(outcome.ids))
        assert any("second time" in line for line in outcome.trail.drift) <= (inserts > 0)
        alarms += outcome.alarmed
        seen = naive(control)
        naive_lost += len({record["id"] for record in control.survivors} - set(seen))
        repeated += len(seen) - len(set(seen))
    assert alarms == 0
    assert naive_lost > 0 or not deletes
    assert repeated > 0 or not inserts


def calls(strategy: Any, size: int, count: int, inserts: int, deletes: int, seed: int) -> tuple[int, int]:
    """Calls of our walk and of a naive one through the same changing list."""
    plan = changes(seed, count, count // size, inserts, deletes)
    listing = Listing(records=people(count), largest=size, default=size, to_come=plan)
    control = fresh(listing)
    outcome = run(strategy, listing)
    assert lost(outcome, listing) == []
    assert not outcome.alarmed
    naive(control, size)
    return len(outcome.asks), control.calls


STRATEGIES = {"pages of 10": (OFFSET, 10), "pages of 100": (replace(OFFSET, size=100, overlap=3), 100)}


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@pytest.mark.parametrize("changed", [1, 5, 20])
@pytest.mark.parametrize("seeds", [3, pytest.param(400, marks=pytest.mark.full)])
def test_drift_costs_at_most_15_percent_more_calls(name: str, changed: int, seeds: int) -> None:
    counted = [calls(*STRATEGIES[name], 5_000, changed, changed, seed) for seed in range(seeds)]
    assert mean(ours / theirs for ours, theirs in counted) <= 1.15


def test_many_put_in_before_the_place_are_told() -> None:
    plan = [Change(4, "insert", 0)] * 25
    outcome = walked(Listing(records=people(100), to_come=plan))
    assert outcome.ids[:10] == list(range(1, 11))
    assert set(range(1, 101)) <= set(outcome.ids)
    assert any("were put in before" in line for line in outcome.trail.drift)


def test_the_end_is_looked_at_again_when_the_last_page_moved() -> None:
    """A page given too early shows the last known record further down; the record behind it must not fall off."""

    class Early(Listing):
        def get(self, params: Any) -> dict[str, Any]:
            body = super().get(params)
            return {**body, "next": None} if self.calls == 6 else body

        def _start(self, params: Any, size: int) -> int:
            return super()._start(params, size) - (self.calls == 6)

    outcome = walked(Early(records=people(55)))
    assert outcome.ids == list(range(1, 56))
    assert not any("second time" in line for line in outcome.trail.drift)


def test_a_link_that_ends_too_early_costs_one_page_and_no_second_reading() -> None:
    class Ending(Listing):
        def get(self, params: Any) -> dict[str, Any]:
            body = super().get(params)
            return {**body, "next": None} if self.calls == 3 else body

    outcome = walked(Ending(records=people(60)))
    assert outcome.ids == list(range(1, 61))
    assert len(outcome.asks) == 7


@settings(max_examples=200)
@given(
    count=st.integers(0, 200),
    size=st.integers(1, 20),
    plan=st.lists(st.builds(Change, st.integers(2, 40), st.just("delete"), st.integers(0, 400)), max_size=60),
    keep_last=st.booleans(),
)
def test_page_numbers_lose_nobody_to_deletes_alone(count: int, size: int, plan: list[Change], keep_last: bool) -> None:
    listing = Listing(form="pages", records=people(count), largest=size, to_come=plan)
    outcome = run(replace(PAGES, keep_last=keep_last), listing)
    assert outcome.alarmed or lost(outcome, listing) == []
    assert outcome.alarmed or in_order(outcome, listing)


@pytest.mark.parametrize("kinds", [("insert",), ("delete",), ("insert", "delete")])
def test_page_numbers_lose_nobody_where_the_total_tells(kinds: tuple[str, ...]) -> None:
    """One change between two pages is always seen; what cannot be seen is said."""
    for seed in range(100):
        inserts, deletes = (5 if "insert" in kinds else 0), (5 if "delete" in kinds else 0)
        plan = changes(seed, 300, 30, inserts, deletes)
        alone = [change for place, change in enumerate(plan) if change.before_call not in {c.before_call for c in plan[:place]}]
        listing = Listing(form="pages", records=people(300), to_come=alone)
        outcome = walked(listing)
        assert lost(outcome, listing) == []
        assert not outcome.alarmed
        assert len(outcome.ids) == len(set(outcome.ids))


def test_what_page_numbers_cannot_see_is_said() -> None:
    outcome = walked(Listing(form="pages", records=people(60), to_come=[Change(3, "delete", 0)]))
    assert outcome.ids == list(range(1, 61))
    assert outcome.trail.problems == [
        "numbered pages do not overlap: a removal made good by an addition between the same two pages would go unseen"
    ]
    assert "the total changed between two pages" in " ".join(outcome.trail.drift)


def test_the_later_copy_is_kept_where_the_vendor_says_so() -> None:
    class Touched(Listing):
        def get(self, params: Any) -> dict[str, Any]:
            if self.calls == 1:
                self.records.append({**self.records.pop(3), "name": "changed"})
            return super().get(params)

    plain: PageNumber = replace(PAGES, keep_last=True)
    outcome = run(plain, Touched(form="pages", records=people(30)))
    assert outcome.ids.count(4) == 1
    assert outcome.records[-1] == {"id": 4, "name": "changed"}


def test_drift_is_told_in_few_lines() -> None:
    outcome = walked(Listing(records=people(300), to_come=changes(1, 300, 30, 15, 15)))
    assert len(outcome.trail.drift) <= 3
    assert any(line.startswith("the declared total went from 300 to ") for line in outcome.trail.drift)


def test_without_ids_the_doubt_is_said() -> None:
    nameless = [{"name": record["name"]} for record in people(60)]

    class Shrinking(Listing):
        def get(self, params: Any) -> dict[str, Any]:
            if self.calls == 2:
                self.records.pop(0)
            return super().get(params)

    outcome = run(OFFSET, Shrinking(records=nameless))
    assert outcome.alarmed or outcome.trail.unchecked
    assert any("without an id" in line for line in outcome.trail.problems)


@pytest.mark.parametrize("form", ["offset", "bare offset"])
def test_one_who_leaves_costs_one_call(form: str) -> None:
    for call in range(3, 34):
        quiet = walked(Listing(form=form, records=people(299)))
        outcome = walked(Listing(form=form, records=people(300), to_come=[Change(call, "delete", 0)]))
        assert outcome.ids == list(range(1, 301))
        assert len(outcome.asks) == len(quiet.asks) + 1
        # What is in flight already is not asked in vain: the walk comes back to the places that were asked ahead.
        assert len([ask for ask in outcome.asks[1:] if ask not in outcome.trail.ahead]) == 1


def test_people_without_an_id_are_kept_once_when_the_walk_steps_back() -> None:
    nameless = [{"name": record["name"]} if record["id"] % 10 in (0, 9) else record for record in people(60)]

    class Shrinking(Listing):
        def get(self, params: Any) -> dict[str, Any]:
            if self.calls == 1:
                self.records.pop(2)
            return super().get(params)

    outcome = run(OFFSET, Shrinking(records=nameless))
    assert outcome.records == nameless
