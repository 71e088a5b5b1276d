"""The strategies against a list in memory: complete, or an alarm; never short in silence, never for ever."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .model import NOTHING, Change, Listing, Outcome, people, without_ids
from .walks import BARE, OFFSET, PAGES, STRATEGIES, assert_honest, run, walked

FORMS = sorted(STRATEGIES)
SIZES = st.integers(0, 200)
TOTALS = st.one_of(st.integers(-30, 30), st.sampled_from([None, "many", "moving", NOTHING, 2.5]))
LINKS = st.sampled_from(["honest", "self", "first", "foreign", "bare", "junk"])


def told(listing: Listing) -> bool:
    """Whether a total came that is not proved wrong by the records themselves."""
    return listing.told == "moving" or (type(listing.told) is int and listing.told >= 0)


@given(form=st.sampled_from(FORMS), count=SIZES, largest=st.integers(1, 40), size=st.integers(2, 40))
def test_a_quiet_list_is_complete_without_a_word(form: str, count: int, largest: int, size: int) -> None:
    strategy = replace(STRATEGIES[form], size=size)
    outcome = run(strategy, Listing(form=form, records=people(count), largest=largest))
    trail = outcome.trail
    assert outcome.ids == list(range(1, count + 1))
    assert [trail.short, trail.problems, trail.drift, trail.unchecked, trail.duplicates] == [[], [], [], False, 0]


@given(count=SIZES, size=st.integers(2, 40), overlap=st.integers(1, 5))
def test_calls_of_a_quiet_offset_walk(count: int, size: int, overlap: int) -> None:
    assume(overlap < size)
    least = max(1, ceil((count - overlap) / (size - overlap)))
    linked = run(replace(OFFSET, size=size, overlap=overlap), Listing(records=people(count), largest=size))
    bare = run(replace(BARE, size=size, overlap=overlap), Listing(form="bare offset", records=people(count), largest=size))
    assert len(linked.asks) == least == replace(OFFSET, size=size, overlap=overlap).pages(count)
    # Without a link a last page that is full might not be the last: it costs one call to know, but for the very first page.
    full = count > size and (count - overlap) % (size - overlap) == 0
    assert len(bare.asks) == least + full


@given(form=st.sampled_from(FORMS), count=SIZES, limit=st.integers(1, 220), largest=st.integers(2, 10))
def test_a_limit_asks_no_page_too_many(form: str, count: int, limit: int, largest: int) -> None:
    outcome = run(STRATEGIES[form], Listing(form=form, records=people(count), largest=largest), limit)
    overlap = 0 if form == "pages" else 1
    wanted = min(limit, count)
    assert len(outcome.records) >= wanted
    assert outcome.ids == list(range(1, len(outcome.ids) + 1))
    assert len(outcome.asks) <= max(1, ceil((wanted - overlap) / (largest - overlap))) + (limit > count)
    assert outcome.trail.cut == (len(outcome.records) < count or outcome.trail.cut)


@given(form=st.sampled_from(FORMS), count=st.integers(0, 120))
def test_what_is_asked_ahead_is_what_is_asked(form: str, count: int) -> None:
    outcome = walked(Listing(form=form, records=people(count)))
    ahead = outcome.trail.ahead
    assert ahead == outcome.asks[1 : len(ahead) + 1]
    assert len(ahead) + 1 >= len(outcome.asks) - (form == "bare offset")


@settings(max_examples=300)
@given(
    form=st.sampled_from(FORMS),
    count=SIZES,
    largest=st.integers(1, 20),
    total=TOTALS,
    links=LINKS,
    reachable=st.none() | st.integers(0, 200),
    ignores=st.booleans(),
    repeats=st.frozensets(st.integers(1, 12), max_size=3),
    empty_from=st.none() | st.integers(1, 12),
)
def test_faults_are_complete_or_said(
    form: str,
    count: int,
    largest: int,
    total: Any,
    links: str,
    reachable: int | None,
    ignores: bool,
    repeats: frozenset[int],
    empty_from: int | None,
) -> None:
    listing = Listing(
        form=form,
        records=people(count),
        largest=largest,
        told=total,
        links=links,
        reachable=reachable,
        ignores_place=ignores,
        repeats=repeats,
        empty_from=empty_from,
    )
    outcome = walked(listing)
    # Two lies that agree: the total names just the records that the server then stops at (without a link, those of the first page).
    assume(
        not (
            isinstance(total, int)
            and total < 0
            and len(outcome.records) == max(0, count + total)
            and said_the_end(listing, outcome)
        )
    )
    assert_honest(outcome, people(count), total_told=told(listing))


def said_the_end(listing: Listing, outcome: Outcome) -> bool:
    """Whether the server, on top of a total that is too low, gives a page that looks like the last one."""
    ended = listing.reachable is not None or listing.empty_from is not None or listing.ignores_place or bool(listing.repeats)
    return (ended and (listing.form != "pages" or not outcome.records)) or (
        listing.form == "bare offset" and len(outcome.asks) == 1
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lie", [3, 40, "moving"])
def test_a_total_that_is_too_high_is_said(form: str, lie: Any) -> None:
    outcome = walked(Listing(form=form, records=people(60), told=lie))
    assert outcome.ids == list(range(1, 61))
    assert "60 of" in outcome.trail.short[-1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lie", [-1, -5, -15, -41, -59])
def test_a_total_that_is_too_low_cuts_nothing_off(form: str, lie: int) -> None:
    outcome = walked(Listing(form=form, records=people(60), told=lie))
    assert outcome.ids == list(range(1, 61))
    assert outcome.trail.problems == [f"60 records came although only {60 + lie} were declared"]
    assert outcome.trail.unchecked


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lie", [None, "many", NOTHING])
def test_without_a_total_the_list_is_read_to_its_end_and_the_doubt_is_said(form: str, lie: Any) -> None:
    outcome = walked(Listing(form=form, records=people(60), told=lie))
    assert outcome.ids == list(range(1, 61))
    assert outcome.trail.unchecked
    assert outcome.trail.problems == ["no total was declared: completeness cannot be checked"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("total", [0, None, "moving", 10**9])
def test_a_server_that_ignores_the_place_ends_soon_with_an_alarm(form: str, total: Any) -> None:
    outcome = walked(Listing(form=form, records=people(60), told=total, ignores_place=True, links="self"))
    assert outcome.alarmed
    assert len(outcome.asks) < 60


@pytest.mark.parametrize("form", FORMS)
def test_a_page_repeated_once_costs_nobody(form: str) -> None:
    for call in range(2, 6):
        outcome = walked(Listing(form=form, records=people(60), repeats=frozenset({call})))
        assert outcome.ids == list(range(1, 61))
        assert not outcome.alarmed


@pytest.mark.parametrize("links", ["self", "first", "foreign", "bare", "junk"])
def test_links_are_not_believed(links: str) -> None:
    outcome = run(OFFSET, Listing(records=people(60), links=links), address="https://api.example.org/people")
    assert outcome.ids == list(range(1, 61))
    assert not outcome.alarmed
    count_own = "a next link gave no offset that leads on; crmkit counted itself"
    elsewhere = "the next links name another host or path (a proxy, perhaps); only their numbers were used"
    expected = {"foreign": [elsewhere], "junk": [count_own, elsewhere]}
    assert outcome.trail.problems == expected.get(links, [count_own])


@pytest.mark.parametrize("links", ["self", "first"])
def test_looping_links_without_a_total_are_an_alarm(links: str) -> None:
    outcome = walked(Listing(records=people(60), told=None, links=links))
    assert outcome.trail.short == ["the server sends nothing more although it says that there is more"]


@pytest.mark.parametrize("form", ["offset", "bare offset"])
def test_a_list_without_an_order_is_complete_or_said(form: str) -> None:
    for count in (11, 25, 60, 150):
        outcome = walked(Listing(form=form, records=people(count), shuffles=True))
        assert outcome.alarmed or sorted(outcome.ids) == list(range(1, count + 1))
        assert len(outcome.asks) < 30 * count


@given(
    form=st.sampled_from(FORMS),
    count=st.integers(1, 120),
    places=st.one_of(st.just(range(200)), st.sets(st.integers(0, 119))),
    null=st.booleans(),
    largest=st.integers(1, 20),
    ignores=st.booleans(),
)
def test_records_without_an_id_are_never_dropped(
    form: str, count: int, places: Any, null: bool, largest: int, ignores: bool
) -> None:
    records = without_ids(people(count), places, null=null)
    outcome = walked(Listing(form=form, records=records, largest=largest, ignores_place=ignores and count > largest))
    assert outcome.alarmed or outcome.records == records
    assert outcome.alarmed == (ignores and count > largest)


@given(form=st.sampled_from(FORMS), count=st.integers(2, 120), pairs=st.sets(st.integers(1, 119), min_size=1, max_size=4))
def test_a_record_that_stands_in_the_list_twice_is_kept_once(form: str, count: int, pairs: set[int]) -> None:
    """Equal copies lose nothing; other data under the same id is an alarm when one answer shows both."""
    doubles = sorted(place for place in pairs if place < count)
    assume(doubles)
    equal = people(count)
    for place in doubles:
        equal[place] = equal[place - 1]
    outcome = walked(Listing(form=form, records=equal))
    distinct = [record for place, record in enumerate(equal) if record not in equal[:place]]
    assert outcome.alarmed or outcome.records == distinct
    if form != "pages":
        assert not outcome.alarmed
        assert "repeats stand in the list itself" in outcome.trail.problems[-1]
    unlike = people(count)
    for place in doubles:
        unlike[place] = {**unlike[place], "id": unlike[place - 1]["id"]}
    assert walked(Listing(form=form, records=unlike)).alarmed


def test_a_bare_list_or_one_record_is_the_whole_answer() -> None:
    for body in (people(12), people(1)[0]):
        asks: list[Any] = []
        outcome = run(OFFSET, Whole(body, asks))
        assert outcome.records == (body if isinstance(body, list) else [body])
        assert len(outcome.asks) == 1
        assert [outcome.trail.unchecked, outcome.trail.problems, outcome.alarmed] == [False, [], False]


class Whole(Listing):
    """A server that answers a paged path with everything at once."""

    def __init__(self, body: Any, asks: list[Any]) -> None:
        self.body = body

    def get(self, params: Any) -> Any:
        return Bare(self.body) if isinstance(self.body, list) else Single(self.body)


class Bare(list[Any]):
    def __getitem__(self, name: Any) -> Any:
        return list(self) if name == "results" else super().__getitem__(name)


class Single(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        if name == "results":
            return [self]
        raise KeyError(name)


def test_a_page_of_one_record_cannot_overlap() -> None:
    outcome = run(OFFSET, Listing(records=people(30), largest=1))
    assert outcome.ids == list(range(1, 31))
    assert not outcome.trail.problems


def test_page_numbers_follow_the_rule_of_the_sheet() -> None:
    """Without parameters first; asked on only if the answer says so, or holds just a suspect number."""
    bare = replace(PAGES, size=0, size_name="", bare_first=True)
    outcome = run(bare, Listing(form="pages", records=people(25), default=25, largest=25))
    assert [ask.params for ask in outcome.asks] == [{}]
    outcome = run(bare, Listing(form="pages", records=people(60), default=25, largest=25))
    assert [ask.params for ask in outcome.asks] == [{}, {"page": "2"}, {"page": "3"}]
    assert outcome.ids == list(range(1, 61))
    suspect = replace(PAGES, size_name="size", bare_first=True, suspect=10, last=(), total=(), actual_size=())
    for count, calls in ((9, 1), (10, 2), (11, 2), (12, 2), (20, 3)):
        outcome = run(suspect, Listing(form="pages", records=people(count)))
        assert (len(outcome.ids), len(outcome.asks)) == (count, calls)
    outcome = run(suspect, Listing(form="pages", records=people(10), ignores_place=True))
    assert not outcome.alarmed, "a server that knows no pages"
    assert outcome.trail.problems[0] == "page 2 brought nothing new, which no page should"


def test_the_answers_page_size_is_believed() -> None:
    counting = replace(PAGES, size=100, last=())
    outcome = run(counting, Listing(form="pages", records=people(60), largest=25))
    assert outcome.ids == list(range(1, 61))
    assert len(outcome.asks) == 3


def test_reach_ends_a_reading_by_what_came() -> None:
    outcome = run(replace(PAGES, size=100, reach=40), Listing(form="pages", records=people(60), largest=10))
    assert len(outcome.asks) >= 4
    assert {ask.params["page"] for ask in outcome.asks} == {"1", "2", "3", "4"}
    assert [ask.params["page"] for ask in outcome.trail.ahead] == ["2", "3", "4"]
    assert outcome.alarmed, "the strategy that goes beyond has to see that some are missing"


def test_a_second_reading_gives_the_vendors_order() -> None:
    """Pages of one record cannot overlap: a page given twice costs a record, which the second reading puts in its place."""
    outcome = run(OFFSET, Listing(records=people(20), largest=1, repeats=frozenset({4})))
    assert outcome.ids == list(range(1, 21))
    assert outcome.trail.drift == ["1 declared records did not come at first; the list was read a second time"]


def test_other_data_under_a_known_id_on_a_later_page_is_an_alarm() -> None:
    records = people(60)
    records[25] = {"id": 4, "name": "somebody else"}
    assert walked(Listing(records=records)).trail.short == ["59 of 60 declared records came"]
    records[25] = records[3]
    outcome = walked(Listing(records=records))
    assert not outcome.alarmed
    assert outcome.trail.problems == ["1 repeats stand in the list itself, the same in two readings; each was kept once"]


def test_repeats_in_a_list_that_changed_are_looked_at_again() -> None:
    records = people(60)
    records[25] = records[3]
    outcome = run(OFFSET, Listing(records=records, to_come=[Change(4, "insert", 60)]))
    assert len(outcome.ids) == 60
    assert any("stand in the list itself" in line for line in outcome.trail.problems)


def test_a_long_list_without_an_order_is_given_up_soon() -> None:
    outcome = walked(Listing(records=people(1_000), shuffles=True))
    assert outcome.trail.short == ["pages would not join: the list changes faster than it can be read, or has no fixed order"]
    assert len(outcome.asks) < 200
