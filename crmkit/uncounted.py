"""Strategies for lists that name neither a total, nor a last page, nor a next link; the receipt says what cannot be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crmkit.paging import Ask, Dialogue, Page, Trail, first_number
from crmkit.records import Record

UNKNOWN = "the vendor declares no total and no last page: completeness cannot be checked"


@dataclass(frozen=True)
class Pages:
    """Numbered pages and nothing else: ?page=2&page_size=250 -> {"segments": [...]}.

    The first empty page is the end. A short page is the end only after a full one: before that the server may be capping the page
    size. A page without a new record is the end as well; if it looks full, the server hides the rest and the walk is incomplete.
    So it is when ceiling pages did not suffice.
    """

    size: int
    size_name: str = "page_size"
    page_name: str = "page"
    ceiling: int = 4_000
    paged: bool = True
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        trail.unchecked = True
        trail.problems.append(UNKNOWN)
        longest, shifted, before = 0, 0, list[Record]()
        for number in range(1, self.ceiling + 1):
            page = yield Ask({self.page_name: str(number), self.size_name: str(self.size)})
            known = trail.duplicates
            if not _take(trail, page, before):
                self._stopped(trail, page, number, longest, before)
                break
            shifted += trail.duplicates - known
            if len(page.records) < self.size <= longest:
                break
            longest, before = max(longest, len(page.records)), page.records
        else:
            trail.short.append(f"the list did not end within {self.ceiling:,} pages")
        if shifted:
            trail.problems.append(f"{shifted:,} records came twice: the list moved between pages and may lack others")

    def _stopped(self, trail: Trail, page: Page, number: int, longest: int, before: list[Record]) -> None:
        """A page with nothing new is the end: it is empty, or the server sent again what it had sent before."""
        rows = len(page.records)
        if rows >= self.size or (number > 2 and rows >= longest > 0):
            trail.short.append(f"page {number:,} is full but brought nothing new: the server holds the rest back")
        elif rows and number > 2 and page.records != before:
            trail.short.append(f"page {number:,} brought nothing new, and not the page before again: the server lost its place")
        elif rows:
            trail.problems.append(f"page {number:,} repeated what had come: the server seems to ignore {self.page_name}")

    def pages(self, total: int | None) -> int | None:
        return None


def _take(trail: Trail, page: Page, before: list[Record]) -> int:
    """How many records were new; a page that equals the one before has none, also where records have no key."""
    if page.records and page.records == before:
        trail.duplicates += len(page.records)
        return 0
    return trail.take(page)


@dataclass(frozen=True)
class OneAnswer:
    """A list in one answer, with no way to ask for more: {"count": 3, "memberships": [...]} or {"tasks": [...]} with page_size.

    count names the members that may hold a count: it is compared and never ends anything. size, where the vendor takes one, is
    sent; as many records as asked for mean that there may be more.
    """

    count: tuple[str, ...] = ()
    size: int = 0
    size_name: str = ""
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask({self.size_name: str(self.size)} if self.size else {})
        trail.take(page)
        count = first_number(page.body, self.count)
        trail.declare(count)
        doubts = list(self._doubts(count, len(page.records)))
        trail.unchecked = bool(doubts)
        trail.problems += doubts

    def _doubts(self, count: int | None, rows: int) -> Iterator[str]:
        if self.size and rows >= self.size:
            yield f"as many records came as were asked for ({self.size:,}): there may be more"
        if count is None:
            yield "one answer without a total, and no way to ask for a second page: records may be missing"
        elif count != rows:
            yield f"the vendor counts {count:,} records, {rows:,} came"

    def pages(self, total: int | None) -> int | None:
        return 1
