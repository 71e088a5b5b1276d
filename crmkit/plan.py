"""What a fetch would cost, before it is made."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from crmkit.cache import offline_mode
from crmkit.endpoint import Bound
from crmkit.errors import NotFound, PermissionDenied
from crmkit.pacing import minutes
from crmkit.paging import Ask, Page, Trail
from crmkit.store import Generation, unpacked

if TYPE_CHECKING:
    from crmkit.client import Client
    from crmkit.transport import Call


@dataclass(frozen=True)
class Plan:
    """The cost of a fetch.

    calls: requests it needs in all, None where the vendor declares no total. cached: how many of them the cache already answers.
    to_ask: what is left to ask. minutes: how long that takes at the rate limit at least. records: the declared total, where known.
    """

    crm: str
    endpoint: str
    calls: int | None
    cached: int
    to_ask: int | None
    minutes: float
    records: int | None

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        if self.calls is None:
            pages = "1 page is" if self.cached == 1 else f"{self.cached:,} pages are"
            return f"{self.crm}.{self.endpoint}: how many calls it takes is not known beforehand; {pages} in the cache."
        known = f"{self.records:,} records, " if self.records is not None else ""
        calls = "1 call" if self.calls == 1 else f"{self.calls:,} calls"
        pause = f", at least {self.minutes:.1f} minutes at the rate limit" if self.minutes >= 0.05 else ""
        left = f"{self.to_ask:,}" if self.to_ask else "nothing"
        return f"{self.crm}.{self.endpoint}: {known}{calls}, {self.cached:,} of them in the cache; {left} to ask{pause}."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"


def plan(client: Client, bound: Bound, probe: bool) -> Plan:
    """The plan of a bound call; with probe the first page of an unknown list is asked, and kept."""
    calls, records, cached = 0, 0, 0
    unknown, counted = False, False
    for call, _ in bound.calls:
        needed, total, stored = _one(client, bound, call, probe and not offline_mode())
        cached += stored
        records += total or 0
        counted = counted or total is not None
        unknown = unknown or needed is None
        calls += needed or 0
    row = bound.row
    left = None if unknown else max(0, calls - cached)
    return Plan(
        row.crm,
        row.name,
        None if unknown else calls,
        min(cached, calls) if not unknown else cached,
        left,
        round(minutes(left or 0, client.budgets), 2),
        records if counted else None,
    )


def _one(client: Client, bound: Bound, call: Call, probe: bool) -> tuple[int | None, int | None, int]:
    """Calls needed, declared total, and pages in the cache, of one walk."""
    generation = client._cache.begin(call.walk_id, call.name, refresh=False, fresh_for=client.fresh_for, offline=True)
    stored = 0 if bound.refresh or generation is None else len(generation.pages)
    if not bound.paging.paged:
        return 1, None, min(stored, 1)
    try:
        body = _first_page(client, call, bound, generation, probe)
    except (NotFound, PermissionDenied) as error:
        if bound.row.is_empty_on(error):
            return 1, None, 0
        raise
    if body is None:
        return None, None, stored
    trail = Trail()
    dialogue = bound.paging.steps(trail)
    next(dialogue)
    records = bound.row.pick(body)
    more = True
    try:
        dialogue.send(Page(body, records, list(range(len(records)))))
    except StopIteration:
        more = False
    total = trail.totals[-1] if trail.totals else None
    if generation is None or not stored:
        stored = 0 if bound.refresh else 1
    if not more:
        return 1, total, min(stored, 1)
    wanted = total if bound.limit is None or total is None else min(bound.limit, total)
    needed = bound.paging.pages(wanted)
    # What was announced is certain; a list that has a second way beyond its last page needs more.
    certain = 1 + len(trail.ahead) if trail.ahead and bound.limit is None else 0
    return max(certain, needed) if needed else certain or None, wanted, stored


def _first_page(client: Client, call: Call, bound: Bound, generation: Generation | None, probe: bool) -> Any:
    first: Ask = next(bound.paging.steps(Trail()))
    page = first.page_id
    if generation is not None and page in generation.pages:
        return unpacked(generation.pages[page])["body"]
    if not probe:
        return None
    reading = client._cache.begin(call.walk_id, call.name, refresh=False, fresh_for=client.fresh_for, offline=False)
    return client._transport.send(client.with_page(call, first.params, first.path), reading, page).body
