"""A strategy for lists that take a window of time and a limit, but no page: the window is halved until each answer is whole."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crmkit.errors import NetworkError, RequestFailed
from crmkit.paging import Ask, Dialogue, Page, Trail
from crmkit.records import Record

MOMENT = "%Y-%m-%dT%H:%M:%S.%f"
LAP = timedelta(milliseconds=1)
SMALLEST = 10 * LAP
# After so many failures in a row a window is a 256th of what it was: then it is not the size.
PATIENCE = 8
# The widest difference between two clocks on earth: an open end is only ever guessed on the safe side.
ZONES = timedelta(hours=14)
# Fewer records than this are no server's own limit.
LEAST = 10
ONE_MOMENT = (
    "both ends are one moment, with no time between them: a bare date means its first moment, so a day ends with the next one"
)
LOWERED = "the server gives {rows:,} records at most although {size:,} were asked for: windows were halved until each had fewer"
ALIKE = "{count:,} records without a moment read like one of another window: each was kept, and some may be repeats"


def today() -> datetime:
    """The beginning of the day in UTC, without a zone: a guess that stays the same all day finds its answers in the cache."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


@dataclass(frozen=True)
class Window:
    """From start to end; an open end is guessed, and left to the server when it is asked."""

    start: datetime
    end: datetime
    open_start: bool
    open_end: bool

    def halves(self) -> list[Window]:
        """Two windows that share a lap, because whether the ends belong to a window is not known; none when it is too small."""
        if self.end - self.start <= SMALLEST:
            return []
        middle = self.start + (self.end - self.start) / 2
        if self.end - self.start > timedelta(seconds=4):
            # Of records whose moments are printed in whole seconds, none of one second is then in two answers apart from a lap.
            middle = middle.replace(microsecond=0)
        return [replace(self, end=middle + LAP, open_end=False), replace(self, start=middle, open_start=False)]


@dataclass(frozen=True)
class TimeWindows:
    """A list between two moments, cut off at a limit: ?from=...&to=...&limit=250.

    An answer with as many records as the limit, or none in time, is asked again in two halves. Whether the server keeps to that
    limit is tried out: what lies before and behind the records of the largest answers is asked for as well. Times carry no zone.
    start and end are what the call names; what it does not name stays with the server, whose own start lies at most since ago.
    moment: the field with the time of a record. Records without one are told apart within one answer only.
    """

    size: int
    start: datetime | None = None
    end: datetime | None = None
    size_name: str = "limit"
    start_name: str = "from"
    end_name: str = "to"
    moment: str = "date"
    since: timedelta = timedelta(days=2)
    clock: Callable[[], datetime] = field(default=today, repr=False)
    paged: bool = True
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        trail.unchecked = True
        trail.problems.append("the vendor declares no total: that no window was cut off at its limit is all that is known")
        if self.start is not None and self.start == self.end:
            trail.problems.append(ONE_MOMENT)
        waiting, failures, limit, proved = [self._whole()], 0, self.size, LEAST
        alike: dict[Hashable, int] = {}
        while waiting:
            window = waiting.pop()
            halves = window.halves()
            try:
                page = yield self._ask(window)
            except RequestFailed as error:
                failures += 1
                if failures > PATIENCE or not (halves and took_too_long(error)):
                    raise
                waiting += reversed(halves)
                continue
            failures = 0
            rows = len(page.records)
            if rows >= limit:
                proved = max(proved, rows)
                if halves:
                    waiting += reversed(halves)
                    continue
                trail.short.append(f"{limit:,} records within {SMALLEST / LAP:.0f} ms: no window is small enough for them")
            trail.take(self._told_apart(trail, page, alike), rows)
            if proved <= rows < limit and (yield from self._is_cut_off(trail, window, page)):
                limit = rows
                trail.problems.append(LOWERED.format(rows=rows, size=self.size))
                waiting += reversed(halves)
            proved = max(proved, rows)

    def _told_apart(self, trail: Trail, page: Page, alike: dict[Hashable, int]) -> Page:
        """The page, where records without a moment have a key of their own: the same words may tell of another change."""
        keys = list(page.keys)
        for place, record in enumerate(page.records):
            if not record.get(self.moment):
                seen = alike[keys[place]] = alike.get(keys[place], -1) + 1
                keys[place] = (keys[place], seen)
                if seen:
                    trail.tell(trail.problems, ALIKE)
        return page._replace(keys=keys)

    def _is_cut_off(self, trail: Trail, window: Window, page: Page) -> Generator[Ask, Page, bool]:
        """Whether the window holds more before the first or behind the last of the records that came."""
        moments = self._moments(page.records)
        if moments:
            before = replace(window, end=min(moments) + LAP, open_end=False)
            behind = replace(window, start=max(moments), open_start=False)
            for rest in (before, behind):
                if rest.start < rest.end:
                    more = yield self._ask(rest)
                    if any(key not in trail.order for key in more.keys):
                        return True
        return False

    def _moments(self, records: list[Record]) -> list[datetime]:
        found = []
        for record in records:
            with suppress(ValueError):
                found.append(datetime.fromisoformat(str(record.get(self.moment))))
        return [one for one in found if one.tzinfo is None]

    def _whole(self) -> Window:
        """What the call asks for; its ends are open because the call itself, or the server, has them."""
        day = self.clock()
        latest = self.end or day + timedelta(days=1) + ZONES
        return Window(self.start or min(latest, day) - self.since - ZONES, latest, open_start=True, open_end=True)

    def _ask(self, window: Window) -> Ask:
        moments = {} if window.open_start else {self.start_name: window.start.strftime(MOMENT)}
        if not window.open_end:
            moments[self.end_name] = window.end.strftime(MOMENT)
        return Ask({**moments, self.size_name: str(self.size)})

    def pages(self, total: int | None) -> int | None:
        return None


def took_too_long(error: RequestFailed) -> bool:
    """Whether a smaller window may help: nothing came in time, or what stands before the server gave up waiting for it."""
    if isinstance(error, NetworkError):
        return error.what.startswith("no answer")
    return error.status in (408, 502, 503, 504)
