"""Lists read by the number of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from crmkit.paging.ground import Ground
from crmkit.paging.settling import Newcomers, Settling
from crmkit.paging.signals import first_number
from crmkit.paging.trail import Ask, Dialogue, Page, Trail, conclude, missing, twice
from crmkit.paging.walking import CEILING


@dataclass(frozen=True)
class PageNumber:
    """Numbered pages: {"data": {"contacts": [...], "page": 1, "max_page": 7, "total_count": 640}}.

    The end, in this order: an empty page; the number of the last page (last), against a count of our own; a page with fewer records
    than the page size, which is the one that the answer names (actual_size), else the one asked for. total is compared at the end.
    When it changes between two pages, the page before is read again, and others before it, until one begins with a record that was
    read: what moved from one page to the one before is found there. made names the field that says when a record was made, and clock
    the answer's own time: a record made after the first answer, without a rise of the total, shows a removal that the total hides.

    bare_first sends no page parameters at first (the vendor declares none) and asks on only if the answer says that there is more,
    or holds just suspect records. reach: paging serves so many records and no more; the reading then stops without complaint.
    """

    size: int = 0
    size_name: str = ""
    page_name: str = "page"
    last: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    actual_size: tuple[str, ...] = ()
    bare_first: bool = False
    suspect: int = 0
    keep_last: bool = False
    reach: int = 0
    made: str = ""
    clock: str = ""
    paged: bool = True

    def ask(self, number: int, turn: int = 0, extra: Mapping[str, str | None] | None = None) -> Ask:
        if self.bare_first and number == 1:
            return Ask({**(extra or {})}, turn=turn)
        size = self.suspect if self.bare_first else self.size
        sized = {self.size_name: str(size)} if self.size_name and size else {}
        return Ask({self.page_name: str(number), **sized, **(extra or {})}, turn=turn)

    def steps(self, trail: Trail) -> Dialogue:
        if self.total:
            yield from twice(self.reading, trail)
        else:
            yield from self.reading(trail, 0)
            conclude(trail, 0)

    def reading(self, trail: Trail, turn: int, extra: Mapping[str, str | None] | None = None) -> Dialogue:
        """One reading of all pages; extra are parameters added to each (a window of time)."""
        ground, number, read = Ground(), 1, 0
        heard = set[int]()
        settling = Settling(lambda place, again: self.ask(place, turn + 2 * again, extra), self._total)
        newcomers = Newcomers(self.made, self.clock)
        trail.hidden = 0
        while True:
            page = yield self.ask(number, turn, extra)
            page = yield from settling.settled(trail, ground, page, number, heard)
            total, rows = self._total(page), len(page.records)
            trail.declare(total)
            newcomers.see(page, total)
            repeated = trail.repeated(page)
            trail.take(page, renew=turn > 0)
            new = 0 if repeated else ground.add(page, 0)
            if number == 1 and not turn and not extra:
                self._look_ahead(trail, page)
            read += rows
            # So many more that they may have pushed a whole page on.
            grown = total is not None and total - max(heard, default=0) >= rows
            if not self._goes_on(trail, page, number, new=new > 0 or grown) or 0 < self.reach <= read:
                trail.hidden = newcomers.hidden
                return
            number, heard = number + 1, heard if total is None else {total}

    def _total(self, page: Page) -> int | None:
        return first_number(page.body, self.total)

    def _goes_on(self, trail: Trail, page: Page, number: int, *, new: bool) -> bool:
        """Whether there is a page after this one. Pages that bring nothing end the walk whatever the server says."""
        rows = len(page.records)
        last = first_number(page.body, self.last)
        if last is not None:
            more = number < last
        elif self.suspect and number == 1:
            more = rows == self.suspect
        else:
            size = first_number(page.body, self.actual_size) or (self.suspect if self.bare_first else self.size)
            more = 0 < size <= rows
        stale = rows > 0 and number > 1 and not new
        empty = not rows and last is not None and number <= last and last > 1
        if (stale or empty) and not missing(trail):
            # With suspect records nothing was promised: the server may not know page parameters at all.
            lines = trail.problems if self.suspect else trail.short
            lines.append(f"page {number:,} brought nothing new, which no page should")
        return more and rows > 0 and not stale

    def _look_ahead(self, trail: Trail, page: Page) -> None:
        last, total, rows = first_number(page.body, self.last), first_number(page.body, self.total), len(page.records)
        if last is None and total is not None and rows:
            last = ceil(total / rows)
        most = ceil(self.reach / rows) if self.reach and rows else CEILING
        # Where newcomers count, the last page comes last: there they stand.
        trail.ahead = [self.ask(number) for number in range(2, min(last or 0, most) + (not self.made))]

    def pages(self, total: int | None) -> int | None:
        if total is None or not self.size:
            return None
        return max(1, ceil(total / self.size))
