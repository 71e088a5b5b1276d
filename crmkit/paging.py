"""How a list is read to its end: frozen strategies, and walk(), which runs one of them. Knows no HTTP and no pandas.

A strategy is a value whose steps() is a small dialogue: it yields what to ask (an Ask) and is sent the page that came back (a Page).
It ends when the vendor's own signal says so, never because a page looks short. The trail keeps what was seen; a strategy calls
trail.take(page) for each page whose records belong to the result.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from crmkit.errors import CrmkitError, IncompleteFetch
from crmkit.records import MISSING, Record, dig

Params = dict[str, str]
CEILING = 100_000


@dataclass(frozen=True)
class Ask:
    """What to request: page parameters beside the call's own, and a path where it differs; turn tells repeats of one page apart."""

    params: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    turn: int = 0


@dataclass(frozen=True)
class Page:
    """One answer: its body, its records, and a key for each record (None where it has none)."""

    body: Any
    records: list[Record]
    keys: list[Any]


Dialogue = Generator[Ask, Page, None]


@dataclass
class Trail:
    """What a walk has seen so far.

    order: key -> position of the record in the result. totals: what the vendor declared, page by page. drift: what moved.
    problems: what is not certain. short: records that must be missing, so that the walk is not complete.
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

    def take(self, page: Page, expected_repeats: int = 0) -> int:
        """Add the page's new records to the result; returns how many were new."""
        new = repeats = 0
        for key, record in zip(page.keys, page.records, strict=True):
            if key is None or key not in self.order:
                new += 1
            elif self.keep_last and repeats >= expected_repeats:
                self.superseded.append(self.order[key])
                repeats += 1
            else:
                repeats += 1
                continue
            if key is not None:
                self.order[key] = self.taken
            self.fresh.append(record)
            self.taken += 1
        self.overlaps += min(repeats, expected_repeats)
        self.duplicates += max(0, repeats - expected_repeats)
        return new

    def knows_any(self, page: Page) -> bool:
        """Whether a record of the page was seen before: proof that nothing lies between it and what was read."""
        return any(key in self.order for key in page.keys if key is not None)

    @property
    def records(self) -> int:
        """Distinct records so far."""
        return self.taken - len(self.superseded)

    def declare(self, total: int | None) -> None:
        """Note what the vendor says there is; a change while reading is drift."""
        if total is None:
            return
        if self.totals and total != self.totals[-1]:
            self.drift.append(f"the declared total went from {self.totals[-1]:,} to {total:,} while the list was read")
        self.totals.append(total)


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


def whole(value: Any) -> int | None:
    """A count from JSON: a whole number, also as text; anything else is None."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def link_number(link: Any, name: str) -> int | None:
    """One number from a next link's query. The link is hostile input: nothing else of it is ever used."""
    if not isinstance(link, str):
        return None
    try:
        values = parse_qs(urlsplit(link).query).get(name, [])
    except ValueError:
        return None
    return whole(values[-1]) if values else None


@dataclass(frozen=True)
class SinglePage:
    """One answer holds everything: [ {...}, {...} ] or {...}."""

    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        trail.take(page)

    def pages(self, total: int | None) -> int | None:
        return 1


@dataclass(frozen=True)
class SizedPage:
    """One answer with a size but no way to ask for more: {"tasks": [...]} with page_size=7.

    As many records as asked for may mean that there are more: completeness is then unknown. total is compared where it is there.
    """

    size: int
    size_name: str
    total: str = ""
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask({self.size_name: str(self.size)})
        trail.take(page)
        total = whole(dig(page.body, self.total)) if self.total else None
        trail.declare(total)
        if total is None:
            trail.unchecked = True
            if len(page.records) >= self.size:
                trail.problems.append(f"as many records came as were asked for ({self.size}): there may be more.")
        elif trail.records < total:
            trail.short.append(f"{trail.records:,} of {total:,} declared records came")

    def pages(self, total: int | None) -> int | None:
        return 1


@dataclass(frozen=True)
class Offset:
    """Numbered records: {"count": 1000, "next": "...?limit=10&offset=10", "results": [...]}.

    Pages overlap by one record. If the record does not come again, something moved in between: the walk steps back until it finds
    a record it has seen, so that nobody who was there throughout is lost. The page size is whatever the server really gives. A next
    link, where the vendor has one, only says that there is more; of its text nothing is used but the offset.
    """

    size: int
    total: str
    next: str = ""
    limit_name: str = "limit"
    offset_name: str = "offset"
    overlap: int = 1
    paged: bool = True
    keep_last: bool = False

    def ask(self, offset: int, turn: int = 0) -> Ask:
        return Ask({self.limit_name: str(self.size), self.offset_name: str(offset)}, turn=turn)

    def steps(self, trail: Trail) -> Dialogue:
        yield from twice(self._pass, trail)

    def _pass(self, trail: Trail, turn: int) -> Dialogue:
        """One reading from the first record to the last; in a second one (turn > 0) repeats are what one expects."""
        offset = back = idle = lap = 0
        while True:
            page = yield self.ask(offset, turn)
            rows = len(page.records)
            total = whole(dig(page.body, self.total))
            trail.declare(total)
            if offset and lap and None not in page.keys and not trail.knows_any(page):
                back = max(2 * back, self.size)
                trail.drift.append(f"records before position {offset:,} went away while it was read; stepped back")
                offset = max(0, offset - back)
                continue
            back = 0
            self._note_pushed(trail, page, lap if not turn else 0)
            new = trail.take(page, rows if turn else lap)
            if not offset and not turn:
                self._look_ahead(trail, rows, total)
            if not self._more(trail, page, offset + rows, total, new or not lap):
                return
            idle = 0 if new or turn else idle + 1
            if idle > 1 and not _growing(trail):
                trail.short.append("the server sent the same records again and again")
                return
            lap = min(self.overlap, rows - 1)
            offset += rows - lap

    def _note_pushed(self, trail: Trail, page: Page, lap: int) -> None:
        """Records put in before the place being read push the last known one further down the page."""
        last = next(reversed(trail.order), None) if lap else None
        if last is not None and last in page.keys and (pushed := page.keys.index(last)):
            trail.drift.append(f"{pushed} records were put in before the place being read: refresh=True shows them")

    def _look_ahead(self, trail: Trail, rows: int, total: int | None) -> None:
        step = rows - self.overlap
        if total is not None and step > 0:
            trail.ahead = [self.ask(offset) for offset in range(step, max(step, total - self.overlap), step)]

    def _more(self, trail: Trail, page: Page, reached: int, total: int | None, progress: bool | int) -> bool:
        """Whether to ask on: the vendor's link says so, or its total, or (with neither) that new records still come."""
        if not page.records:
            return False
        link = dig(page.body, self.next) if self.next else MISSING
        if link not in (None, "", MISSING):
            self._distrust(link, trail)
            if total is not None and reached >= total and not progress:
                trail.problems.append("the last page still had a next link, but nothing new came behind it")
                return False
            return True
        if total is not None:
            return reached < total
        return link is MISSING and bool(progress)

    def _distrust(self, link: Any, trail: Trail) -> None:
        """A next link that does not lead on is a fault of the server; the walk goes by its own count."""
        if not link_number(link, self.offset_name):
            note = f"a next link gave no usable {self.offset_name}; crmkit counted itself"
            if note not in trail.problems:
                trail.problems.append(note)

    def pages(self, total: int | None) -> int | None:
        if total is None:
            return None
        return max(1, ceil((total - self.overlap) / (self.size - self.overlap)))


def _growing(trail: Trail) -> bool:
    return len(trail.totals) > 2 and trail.totals[-1] > trail.totals[-3]


def missing(trail: Trail) -> int:
    """How many records every total that the vendor declared would ask for beyond those that came."""
    return max(0, min(trail.totals) - trail.records) if trail.totals else 0


def twice(reading: Callable[[Trail, int], Dialogue], trail: Trail) -> Dialogue:
    """A reading, and a second one when fewer records came than were declared; what is still missing makes the walk short."""
    yield from reading(trail, 0)
    if missing(trail) and not trail.short:
        trail.drift.append(f"{missing(trail):,} declared records did not come at first; the list was read a second time")
        yield from reading(trail, 1)
    if missing(trail):
        trail.short.append(f"{trail.records:,} of {trail.totals[-1]:,} declared records came")
    elif trail.totals and trail.records > max(trail.totals):
        trail.problems.append(f"{trail.records:,} records came although only {max(trail.totals):,} were declared")


@dataclass(frozen=True)
class PageNumber:
    """Numbered pages: {"data": {"contacts": [...], "page": 1, "max_page": 7, "total_count": 640}}.

    The end, in this order: an empty page; the number of the last page (last); a next link (links), whose text is not used; else,
    with stop="empty", pages until one is empty or brings nothing new; with stop="short", a page with fewer records than the page
    size. total is compared at the end; with total_is_hint a difference is only noted. bare_first sends no page parameters at
    first (the vendor declares none) and asks on only if the answer says that there is more, or holds just suspect records.
    """

    size: int = 0
    size_name: str = ""
    page_name: str = "page"
    last: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    total_is_hint: bool = False
    actual_size: tuple[str, ...] = ()
    stop: str = "short"
    bare_first: bool = False
    suspect: int = 0
    keep_last: bool = False
    reach: int = 0
    paged: bool = True

    def ask(self, number: int, turn: int = 0, extra: Mapping[str, str] | None = None) -> Ask:
        if self.bare_first and number == 1:
            return Ask({**(extra or {})}, turn=turn)
        size = {self.size_name: str(self.size or self.suspect)} if self.size_name else {}
        return Ask({self.page_name: str(number), **size, **(extra or {})}, turn=turn)

    def steps(self, trail: Trail) -> Dialogue:
        if self.total and not self.total_is_hint:
            yield from twice(self.reading, trail)
        else:
            yield from self.reading(trail, 0)
            self._hints(trail)

    def _hints(self, trail: Trail) -> None:
        if trail.totals and trail.totals[-1] != trail.records:
            trail.problems.append(f"the vendor counts {trail.totals[-1]:,} records, {trail.records:,} came")
        if not self.total and not self.last and not any(self.links):
            trail.unchecked = True
            trail.problems.append("the vendor declares no total and no last page: completeness cannot be checked")

    def reading(self, trail: Trail, turn: int, extra: Mapping[str, str] | None = None) -> Dialogue:
        """One reading of all pages; extra are parameters added to each (a window of time)."""
        number, full = 1, False
        while True:
            page = yield self.ask(number, turn, extra)
            before = trail.totals[-1] if trail.totals and number > 1 else None
            trail.declare(first_number(page.body, self.total))
            if before is not None and trail.totals[-1] < before and number > 1:
                trail.drift.append(f"records went away before page {number:,}; the page before it was read again")
                again = yield self.ask(number - 1, turn + 10 + len(trail.drift), extra)
                trail.take(again, len(again.records))
            new = trail.take(page, len(page.records) if turn else 0)
            if number == 1 and not turn and not extra:
                self._look_ahead(trail, page)
            if self._ended(trail, page, number, full, new):
                return
            full = full or len(page.records) >= self.size
            number += 1

    def _ended(self, trail: Trail, page: Page, number: int, full: bool, new: int) -> bool:
        rows = len(page.records)
        if not rows:
            return True
        claims = self._claims_more(trail, page, number, full)
        if claims and not new and number > 1 and not trail.drift:
            if self._declares(page) and missing(trail) >= 0 and (self.last or self.links or missing(trail)):
                trail.short.append(f"page {number:,} brought nothing new although the server says that there is more")
            return True
        return not claims or (self.reach > 0 and number * (self.size or rows) >= self.reach)

    def _declares(self, page: Page) -> bool:
        return first_number(page.body, self.last) is not None or self._link(page) is not None

    def _link(self, page: Page) -> Any:
        found = [dig(page.body, link) for link in self.links]
        return next((link for link in found if link not in (None, "", MISSING)), None)

    def _claims_more(self, trail: Trail, page: Page, number: int, full: bool) -> bool:
        rows = len(page.records)
        last = first_number(page.body, self.last)
        if last is not None:
            return number < last
        if self.links:
            link = self._link(page)
            if link is not None and (link_number(link, self.page_name) or 0) <= number:
                trail.problems.append(f"the next link of page {number:,} names no later page; crmkit counted itself")
            return link is not None
        if self.stop == "empty":
            return rows >= self.size or not full
        if self.suspect and number == 1:
            return rows == self.suspect
        return rows >= (first_number(page.body, self.actual_size) or self.size or rows + 1)

    def _look_ahead(self, trail: Trail, page: Page) -> None:
        last, total = first_number(page.body, self.last), first_number(page.body, self.total)
        rows = len(page.records)
        if last is None and total is not None and rows and not self.total_is_hint:
            last = ceil(total / rows)
        most = self.reach // (self.size or 1) if self.reach else last
        trail.ahead = [self.ask(number) for number in range(2, min(last or 0, most or 0) + 1)]

    def pages(self, total: int | None) -> int | None:
        if total is None or not self.size:
            return None
        return max(1, ceil(total / self.size))


def first_number(body: Any, paths: Sequence[str]) -> int | None:
    """The first of these dotted paths that holds a count."""
    return next((number for path in paths if (number := whole(dig(body, path))) is not None), None)


def walk(
    paging: Paging,
    get: Callable[[Ask], Any],
    read: Callable[[Any], tuple[list[Record], list[Any]]],
    trail: Trail,
    limit: int | None = None,
) -> Iterator[list[Record]]:
    """Run a strategy to its end and yield the new records page by page.

    get fetches one page's body; read gives its records and their keys. What was found out on the way is in the trail. With a
    limit the walk stops once so many records came.
    """
    trail.keep_last = paging.keep_last
    dialogue = paging.steps(trail)
    ask: Ask | None = next(dialogue)
    for _ in range(CEILING):
        if ask is None:
            return
        try:
            body = get(ask)
        except CrmkitError as error:
            ask = dialogue.throw(error)
            continue
        try:
            ask = dialogue.send(Page(body, *read(body)))
        except StopIteration:
            ask = None
        if trail.fresh:
            batch, trail.fresh = trail.fresh, []
            yield batch
        if limit is not None and trail.records >= limit:
            trail.cut = ask is not None
            return
    raise IncompleteFetch(f"the list did not end within {CEILING:,} pages.")
