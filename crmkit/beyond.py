"""Strategies for lists that page to their first 10,000 records only: the rest comes in batches named by an id, or by windows of time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import ceil
from typing import Any
from urllib.parse import quote, urlsplit

from crmkit.errors import NotFound
from crmkit.paging import Ask, Dialogue, Page, PageNumber, Trail, first_number, missing, seconds, twice
from crmkit.records import dig

REACH = 10_000
DAY = 86_400
FOREVER = 2**32
TOO_MANY = "{total:,} records that no window of time parts (too many at one time, or the server does not filter by it)"
PATIENCE = 3
# Windows overlap by two units: below this width two halves hold the same.
SMALLEST = 4
EPOCH = date(1970, 1, 1)
# Parameters that say nothing about who belongs to a list.
NEUTRAL = {"sort_by", "order"}


@dataclass(frozen=True)
class Cascade:
    """Batches of a hundred by name, each asked for by the last id of the one before: {"data": {"contacts": [...], "items_left": 24900}}.

    On its own it reads one batch, and says how many come after it; batches() reads all of them, to an empty batch, nothing left, or
    an id that has been passed before. The link that comes with a batch is absolute: at most an id is taken from it. path: where the
    batch after an id is, with nothing but the id behind it.
    """

    path: str
    left: str = "data.items_left"
    link: str = "data.next_set_url"
    size: int = 100
    paged: bool = False
    keep_last: bool = True

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        trail.take(page)
        if left := first_number(page.body, (self.left,)):
            trail.unchecked = True
            trail.problems.append(f"one batch: {left:,} contacts come after it; contacts() reads them all")

    def batches(self, trail: Trail, turn: int, ask: Ask) -> Dialogue:
        """All batches from this one on; what they repeat of the list before them is expected."""
        lost, passed = 0, list[str]()
        while True:
            try:
                page = yield ask
            except NotFound:
                if len(passed) < 2 or lost == PATIENCE:
                    raise
                trail.drift.append("a contact went away while the cascade stood at it; it went on from the one before")
                passed.pop()
                lost, ask = lost + 1, self._after(passed[-1], ask.params, turn)
                continue
            lost = 0
            trail.take(page, len(page.records))
            left = first_number(page.body, (self.left,))
            ids = [str(key) for key in page.keys if key is not None]
            last = ids[-1] if ids else _last_part(dig(page.body, self.link))
            if not page.records or left == 0 or not last.strip(".") or last in passed:
                return
            passed += ids
            ask = self._after(last, ask.params, turn)

    def _after(self, last: str, params: Mapping[str, str | None], turn: int) -> Ask:
        return Ask(params, f"{self.path}/{quote(last, safe='')}", turn)

    def pages(self, total: int | None) -> int | None:
        return 1


def _last_part(link: Any) -> str:
    """The last part of a link's path: hostile input, so nothing else of it is used, and it is quoted again."""
    try:
        return urlsplit(link).path.rstrip("/").rsplit("/", 1)[-1] if isinstance(link, str) else ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class Span:
    """A stretch of one date field, in whole units of so many seconds since 1970; an open end is None and left to the server."""

    name: str
    start: int | None
    end: int | None
    unit: int
    latest: int

    @property
    def halves(self) -> tuple[Span, Span] | None:
        """Two spans that overlap in the middle, for whether an end belongs to a span is not documented; none when it is too small."""
        low, high = self.start or 0, self.latest if self.end is None else self.end
        if high - low < SMALLEST:
            return None
        middle = (low + high) // 2
        return replace(self, end=middle + 1), replace(self, start=middle - 1)

    def params(self) -> dict[str, str | None]:
        """The span as parameters; they replace the call's own."""
        ends = {"since": self._written(self.start), "until": self._written(self.end)}
        return {"date_filter": self.name, **ends, "modified_since": None, "unmodified_since": None}

    def _written(self, end: int | None) -> str | None:
        if end is None:
            return None
        return str(end) if self.unit == 1 else (EPOCH + timedelta(days=end)).isoformat()


@dataclass
class _Window:
    """A span whose first page was read: its dialogue, its own trail, and how many records it has."""

    span: Span
    dialogue: Dialogue
    trail: Trail
    next: Ask | None
    rows: int
    total: int


@dataclass
class _Order:
    """Looks at records on their way: whether they come by one field, oldest first, and how far they came."""

    name: str
    latest: int | None = None
    kept: bool = True

    def see(self, page: Page) -> None:
        for record in page.records:
            at = seconds(record.get(self.name))
            self.kept = self.kept and at is not None and at >= (self.latest or 0)
            self.latest = at if at is not None else self.latest


@dataclass(frozen=True)
class Windows:
    """A list whose pages end at 10,000 records, read on in windows of a date field: date_filter=created_at&since=...&until=...

    A window that still holds too many is halved. Windows overlap by a second (days by a day) and repeats are dropped; the total of
    the whole list is compared at the end. A call that filters by a date itself is cut along that date. given: the call's own
    parameters, as they are sent. days: the date fields that hold days and no times.
    """

    listing: PageNumber
    given: Mapping[str, str] = field(default_factory=dict)
    days: frozenset[str] = frozenset({"date", "close_date", "expected_close_date"})
    name: str = "created_at"
    paged: bool = True
    keep_last: bool = True

    @property
    def reach(self) -> int:
        """How many records paging serves."""
        return self.listing.reach

    def steps(self, trail: Trail) -> Dialogue:
        yield from twice(self._reading, trail)

    def _reading(self, trail: Trail, turn: int) -> Dialogue:
        """The pages as far as they go, then windows if that is not all."""
        order = _Order(self.name)
        stamp = yield from _watched(self.listing.reading(trail, turn), order.see)
        if self.is_beyond(trail):
            yield from self.windows(trail, turn, stamp, order)

    def is_beyond(self, trail: Trail) -> bool:
        """Whether the vendor counts more records than paging reaches."""
        return bool(trail.totals) and trail.totals[-1] > self.reach

    def windows(self, trail: Trail, turn: int, stamp: int, order: _Order) -> Dialogue:
        """The list in windows; what was read in order already is left out."""
        trail.problems.append(
            f"more than {self.reach:,} records: those that paging may not reach were asked for by windows of time"
        )
        span = self._span(turn, stamp, order)
        if span.start is None and span.end is None:
            yield from self._halved(trail, span, turn, trail.totals[-1])
        else:
            yield from self._whole(trail, (yield from self._opened(trail, span, turn)), turn)

    def _span(self, turn: int, stamp: int, order: _Order) -> Span:
        """The stretch of time that the call is about."""
        given = self.given
        name = given.get("date_filter", self.name)
        start, end = given.get("since"), given.get("until")
        if "modified_since" in given or "unmodified_since" in given:
            name, start, end = "modified_at", given.get("modified_since"), given.get("unmodified_since")
        unit = DAY if name in self.days else 1
        bounds = [None if text is None else seconds(text) // unit for text in (start, end)]  # type: ignore[operator]
        # A second reading trusts no order: the first one may have been misled by it.
        if (
            not turn
            and order.kept
            and order.latest
            and (name, given.get("sort_by"), given.get("order")) == (self.name, self.name, "asc")
        ):
            bounds[0] = order.latest - 1
        # Records are made before the answer's own clock; days may lie ahead of it.
        return Span(name, bounds[0], bounds[1], unit, stamp + 1 if unit == 1 else FOREVER // unit)

    def _opened(self, trail: Trail, span: Span, turn: int) -> Generator[Ask, Page, _Window]:
        """The window after its first page, whose records are taken at once."""
        inner = Trail(keep_last=self.keep_last)
        dialogue = self.listing.reading(inner, turn, span.params())
        page = yield next(dialogue)
        trail.take(page, len(page.records))
        try:
            ask: Ask | None = dialogue.send(page)
        except StopIteration:
            ask = None
        return _Window(span, dialogue, inner, ask, len(page.records), inner.totals[-1] if inner.totals else 0)

    def _whole(self, trail: Trail, window: _Window, turn: int) -> Dialogue:
        """The rest of a window, in halves where it is too large."""
        if window.total > self.reach and window.span.halves:
            yield from self._halved(trail, window.span, turn, window.total)
            return
        if window.total > self.reach:
            trail.short.append(TOO_MANY.format(total=window.total))
        if window.rows:
            last = min(ceil(window.total / window.rows), ceil(self.reach / window.rows))
            trail.ahead = [self.listing.ask(number, turn, window.span.params()) for number in range(2, last + 1)]
        while window.next is not None:
            page = yield window.next
            trail.take(page, len(page.records))
            try:
                window.next = window.dialogue.send(page)
            except StopIteration:
                window.next = None
        trail.drift += window.trail.drift
        trail.hidden += window.trail.hidden

    def _halved(self, trail: Trail, span: Span, turn: int, total: int) -> Dialogue:
        """Both halves of a span. Two halves as large as the whole show that it cannot be cut."""
        windows = []
        for half in span.halves or ():
            windows.append((yield from self._opened(trail, half, turn)))
        if windows and min(window.total for window in windows) >= total:
            trail.short.append(TOO_MANY.format(total=total))
            return
        for window in windows:
            yield from self._whole(trail, window, turn)

    def pages(self, total: int | None) -> int | None:
        needed = self.listing.pages(total)
        return needed if total is None or needed is None or total <= self.reach else needed + 2 * ceil(total / self.reach)


@dataclass(frozen=True)
class Everybody:
    """All contacts: the pages to 10,000, then the cascade of the whole account from its beginning, together without repeats.

    The cascade takes no parameters. A call that filters, or asks for more beside each record, is read on in windows instead; so is
    what the cascade did not show. plain: parameters with which a list is still the whole account.
    """

    windowed: Windows
    cascade: Cascade
    plain: Mapping[str, str] = field(default_factory=lambda: {"team": "true"})
    paged: bool = True
    keep_last: bool = True

    def steps(self, trail: Trail) -> Dialogue:
        yield from twice(self._reading, trail)

    def _reading(self, trail: Trail, turn: int) -> Dialogue:
        order = _Order(self.windowed.name)
        stamp = yield from _watched(self.windowed.listing.reading(trail, turn), order.see)
        if not self.windowed.is_beyond(trail):
            return
        given = self.windowed.given
        if {name: value for name, value in given.items() if name not in NEUTRAL} == self.plain:
            try:
                yield from self.cascade.batches(trail, turn, Ask(dict.fromkeys(given), self.cascade.path, turn))
            except NotFound:
                trail.drift.append("the cascade of contacts ended with 404")
        if missing(trail):
            yield from self.windowed.windows(trail, turn, stamp, order)

    def pages(self, total: int | None) -> int | None:
        reach = self.windowed.reach
        paged = self.windowed.listing.pages(None if total is None else min(total, reach))
        return paged if total is None or paged is None or total <= reach else paged + ceil(total / self.cascade.size)


def _watched(dialogue: Dialogue, see: Callable[[Page], None]) -> Generator[Ask, Page, int]:
    """The dialogue, with a look at each page; returns when the first answer was made, in seconds since 1970."""
    stamp, ask = None, next(dialogue)
    while True:
        page = yield ask
        see(page)
        stamp = stamp or first_number(page.body, ("timestamp",))
        try:
            ask = dialogue.send(page)
        except StopIteration:
            # The answer's own clock: what is asked next must not depend on when a stored answer is read again.
            return stamp or FOREVER
