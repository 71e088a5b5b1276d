"""Walks through a Listing, and what may come of them."""

from __future__ import annotations

from typing import Any

from crmkit.errors import IncompleteFetch
from crmkit.paging import Ask, Offset, PageNumber, Trail, walk

from .model import Listing, Outcome, Record

OFFSET = Offset(10, "count", "next", limit_name="size")
BARE = Offset(10, "count", limit_name="size")
PAGES = PageNumber(size=10, size_name="size", last=("max_page",), total=("count",), actual_size=("per_page",))
STRATEGIES: dict[str, Any] = {"offset": OFFSET, "bare offset": BARE, "pages": PAGES}


def run(paging: Any, listing: Listing, limit: int | None = None, key: str = "id", address: str = "") -> Outcome:
    """Walk a list to its end and look at everything."""
    trail = Trail(address=address)
    outcome = Outcome([], trail, [])

    def get(ask: Ask) -> Any:
        outcome.asks.append(ask)
        assert len(outcome.asks) < 3_000, "the walk does not end"
        return listing.get(ask.params)

    def read(body: Any) -> tuple[list[Record], list[Any]]:
        return body["results"], [record.get(key) for record in body["results"]]

    try:
        for batch in walk(paging, get, read, trail, limit):
            outcome.records += batch
    except IncompleteFetch as error:
        outcome.error = error
    gone = set(trail.superseded)
    outcome.records = [record for place, record in enumerate(outcome.records) if place not in gone]
    assert len({(tuple(ask.params.items()), ask.turn) for ask in outcome.asks}) == len(outcome.asks), (
        "every ask is one of its own"
    )
    return outcome


def walked(listing: Listing, limit: int | None = None) -> Outcome:
    return run(STRATEGIES[listing.form], listing, limit)


def assert_honest(outcome: Outcome, expected: list[Record], *, total_told: bool) -> None:
    """Complete, each record once, in the vendor's order; or an alarm; or, where no believable total came, the sentence that says so."""
    if outcome.alarmed or outcome.records == expected:
        return
    assert not total_told, f"silent: {len(outcome.records)} of {len(expected)}"
    assert outcome.trail.unchecked
    assert outcome.trail.problems
