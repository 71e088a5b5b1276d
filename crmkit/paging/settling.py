"""Numbered pages that move while they are read: pages before are read again, and removals that the total hides are noticed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from crmkit.paging.ground import Ground
from crmkit.paging.signals import first_number, seconds
from crmkit.paging.trail import Ask, Page, Trail
from crmkit.records import dig

READ_BACK = "the total changed between two pages: {count:,} times crmkit read the page before again, so that nobody is missed"
HIDDEN = "numbered pages do not overlap: a removal made good by an addition between the same two pages would go unseen"
RESTLESS = "pages would not join: the list changes faster than it can be read, or has no fixed order"
# Pages read again that are worth it, beside two for every page.
PATIENCE = 20


@dataclass
class Settling:
    """Makes sure of a page: ask gives the request for a page's number, asked again for the so-manieth time; total what a page declares."""

    ask: Callable[[int, int], Ask]
    total: Callable[[Page], int | None]

    def settled(self, trail: Trail, ground: Ground, page: Page, number: int, heard: set[int]) -> Generator[Ask, Page, Page]:
        """The page, once it and the pages before it were read at one total, or it holds the record that it follows.

        heard are the totals of the page before.
        """
        while (total := self.total(page)) is not None and heard - {total}:
            if ground.last in page.keys or trail.short:
                break
            trail.tell(trail.drift, READ_BACK)
            if HIDDEN not in trail.problems:
                trail.problems.append(HIDDEN)
            heard = yield from self._look_back(trail, ground, number)
            if heard - {total}:
                page = yield self._again(trail, number)
        return page

    def _look_back(self, trail: Trail, ground: Ground, number: int) -> Generator[Ask, Page, set[int]]:
        """Read earlier pages again, from the last one up, until one begins with a record that was read; take what they show.

        Returns the totals they told.
        """
        found: list[Page] = []
        for earlier in range(number - 1, 0, -1):
            found.append((yield self._again(trail, earlier)))
            if ground.begins(found[-1]) or trail.short:
                break
        for page in reversed(found):
            trail.take(page, len(page.records))
            ground.add(page, 0)
        return {total for page in found if (total := self.total(page)) is not None}

    def _again(self, trail: Trail, number: int) -> Ask:
        """A page once more; too many of them show that there is no reading this list."""
        trail.again += 1
        if trail.again > PATIENCE + 4 * number:
            trail.short.append(RESTLESS)
        return self.ask(number, trail.again)


@dataclass
class Newcomers:
    """Counts what was added while a list is read, twice: by the records' own dates, and by the rises of the total.

    More of the first than of the second show that a removal was made good by an addition between the same two answers.
    """

    made: str
    clock: str
    since: int | None = None
    keys: set[Any] = field(default_factory=set)
    total: int | None = None
    rises: int = 0

    def see(self, page: Page, total: int | None) -> None:
        """Look at a page on its way; the first one says since when a record is new.

        A record made after the very answer that shows it proves the clock wrong, and then nothing is counted.
        """
        now = first_number(page.body, (self.clock,)) if self.made else None
        if now is None:
            self.made = ""
            return
        since = now if self.since is None else self.since
        dates = {key: seconds(dig(record, self.made)) for key, record in zip(page.keys, page.records, strict=True)}
        self.keys |= {key for key, date in dates.items() if date is not None and date > since}
        if any(date is not None and date > now for date in dates.values()):
            self.made = ""
        if total is not None:
            self.rises += max(0, total - (total if self.total is None else self.total))
            self.total = total
        self.since = since

    @property
    def hidden(self) -> int:
        """How many additions no total has shown."""
        return max(0, len(self.keys) - self.rises) if self.made else 0
