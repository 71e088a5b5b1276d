"""The parts of a walk: what is asked, the page that comes back, and the trail of what was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from crmkit.records import Record

MOVED_TOTAL = "the declared total went from {:,} to {:,} while the list was read"
READ_AGAIN = "{count:,} declared records did not come at first; the list was read a second time"
MADE_GOOD = "{count:,} additions made removals good, so that the total did not show them; the list was read a second time"
HIDDEN_TWICE = "in both readings additions made removals good, so that the total did not show them: some records may be missing"
UNLIKE = "{count:,} records carry the id of another, different record of the same answer"
NO_TOTAL = "no total was declared: completeness cannot be checked"


class Ask(NamedTuple):
    """What to request: page parameters beside the call's own (None leaves one of them out), and a path where it differs; turn tells
    repeats of one page apart."""

    params: Mapping[str, str | None] = MappingProxyType({})
    path: str = ""
    turn: int = 0

    @property
    def second(self) -> bool:
        """Whether it belongs to a second reading of the list: the turns of the first are even."""
        return self.turn % 2 == 1

    @property
    def page_id(self) -> str:
        """What tells one page of a walk from another."""
        return hashlib.blake2b(repr((self.path, self.turn, sorted(self.params.items()))).encode(), digest_size=6).hexdigest()


class Page(NamedTuple):
    """One answer: its body, its records, and a key for each record (None where it has none)."""

    body: Any
    records: list[Record]
    keys: list[Any]


Dialogue = Generator[Ask, Page, None]


@dataclass
class Trail:
    """What a walk has seen so far.

    order: key -> position of the record in the result. fresh: records that the walk has not handed out yet. taken: how many there
    were in all; superseded: positions whose record came again and stands further on. totals: what the vendor declared, page by
    page. drift: what moved. problems: what is not certain. short: why records must be missing, so that the walk is not complete.
    unchecked: there was nothing to compare with. cut: stopped at a limit. ahead: what will probably be asked. address: the URL
    asked, without its query, where links are to be compared with it. keyless: pages that hold records without a key. again: how many
    pages were asked once more. hidden: removals in the last reading that the total did not show.
    """

    keep_last: bool = False
    order: dict[Any, int] = field(default_factory=dict)
    fresh: list[Record] = field(default_factory=list)
    taken: int = 0
    superseded: list[int] = field(default_factory=list)
    duplicates: int = 0
    overlaps: int = 0
    totals: list[int] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    unchecked: bool = False
    cut: bool = False
    ahead: list[Ask] = field(default_factory=list)
    address: str = ""
    keyless: list[list[Record]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    again: int = 0
    hidden: int = 0

    def take(self, page: Page, expected_repeats: int = 0, *, renew: bool = False) -> int:
        """Add the page's new records to the result; returns how many were new.

        A record without a key is always new, unless its whole page came before. So many repeats as expected are overlap, the others
        duplicates. renew: in a second reading known records take their new place, so that the result has the vendor's order.
        """
        if self.repeated(page):
            self.duplicates += len(page.records)
            return 0
        if None in page.keys:
            self.keyless.append(page.records)
        elif not renew and (known := self._known_head(page.keys)) is not None:
            return self._take_rest(page, known, expected_repeats)
        start, new, repeats = self.taken, 0, 0
        for key, record in zip(page.keys, page.records, strict=True):
            place = None if key is None else self.order.get(key)
            if place is None:
                new += 1
            elif place >= start and not self.keep_last and record != self.fresh[place - self.taken]:
                self.tell(self.short, UNLIKE)
            else:
                repeats += 1
                if not renew and not (self.keep_last and repeats > expected_repeats):
                    continue
                self.superseded.append(place)
            if key is not None:
                self.order[key] = self.taken
            self.fresh.append(record)
            self.taken += 1
        self._count(repeats, repeats if renew else expected_repeats)
        return new

    def _known_head(self, keys: list[Any]) -> int | None:
        """How many keys at the head of a page are known, where all others are new and differ; else None."""
        head = 0
        while head < len(keys) and keys[head] in self.order:
            head += 1
        rest = keys[head:]
        plain = (not self.keep_last or not head) and self.order.keys().isdisjoint(rest) and len(set(rest)) == len(rest)
        return head if plain else None

    def _take_rest(self, page: Page, head: int, expected_repeats: int) -> int:
        """Add a page whose first head records are known and whose others are new, all at once."""
        rest = page.keys[head:]
        self.order.update(zip(rest, range(self.taken, self.taken + len(rest)), strict=True))
        self.fresh += page.records[head:]
        self.taken += len(rest)
        self._count(head, expected_repeats)
        return len(rest)

    def _count(self, repeats: int, expected: int) -> None:
        overlap = min(repeats, expected)
        self.overlaps += overlap
        self.duplicates += repeats - overlap

    def repeated(self, page: Page) -> bool:
        """Whether a page with records that have no key came before, exactly as it is."""
        return None in page.keys and page.records in self.keyless

    @property
    def records(self) -> int:
        """Distinct records so far."""
        return self.taken - len(self.superseded)

    def declare(self, total: int | None) -> None:
        """Note what the vendor says there is; a change while reading is drift, told once with the first and the last value."""
        if total is None:
            return
        if self.totals and total != self.totals[-1]:
            told = MOVED_TOTAL.format(self.totals[0], self.totals[-1])
            self.drift = [*(line for line in self.drift if line != told), MOVED_TOTAL.format(self.totals[0], total)]
        self.totals.append(total)

    def tell(self, lines: list[str], text: str, count: int = 1) -> None:
        """Say a counted sentence ("{count} records went away") once in these lines, with the sum of its counts."""
        known = self.counts.get(text, 0)
        self.counts[text] = known + count
        before, line = text.format(count=known), text.format(count=known + count)
        if before in lines:
            lines[lines.index(before)] = line
        else:
            lines.append(line)


class Paging(Protocol):
    """What every strategy has."""

    @property
    def paged(self) -> bool:
        """Whether there can be more than one page."""
        ...

    @property
    def keep_last(self) -> bool:
        """Whether a later copy of a record replaces the earlier one."""
        ...

    def steps(self, trail: Trail) -> Dialogue:
        """The dialogue from the first page to the end."""
        ...

    def pages(self, total: int | None) -> int | None:
        """How many requests so many records take; None when it cannot be known before."""
        ...


def missing(trail: Trail) -> int:
    """How many records every total that the vendor declared would ask for beyond those that came."""
    return max(0, min(trail.totals) - trail.records) if trail.totals else 0


def twice(reading: Callable[[Trail, int], Dialogue], trail: Trail) -> Dialogue:
    """A reading, and a second one when fewer records came than were declared or records went away unseen.

    What is still missing makes the walk short. Where records have no key a second reading could not tell what is new, so there is
    none.
    """
    yield from reading(trail, 0)
    missed, hidden = missing(trail), trail.hidden
    if (missed or hidden) and not trail.short and not trail.keyless:
        trail.drift.append(READ_AGAIN.format(count=missed) if missed else MADE_GOOD.format(count=hidden))
        yield from reading(trail, 1)
        if trail.hidden:
            trail.unchecked = True
            trail.problems.append(HIDDEN_TWICE)
    conclude(trail, missing(trail))


def conclude(trail: Trail, missed: int) -> None:
    """Compare what came with what was declared."""
    if not trail.totals:
        trail.unchecked = True
        trail.problems.append(NO_TOTAL)
    elif missed:
        trail.short.append(f"{trail.records:,} of {trail.totals[-1]:,} declared records came")
    elif trail.records > trail.totals[0] and len(set(trail.totals)) == 1:
        more = f"{trail.records:,} records came although only {trail.totals[0]:,} were declared"
        if trail.keyless:
            trail.short.append(f"{more}: some without an id may have come twice")
        else:
            trail.unchecked = True
            trail.problems.append(more)
