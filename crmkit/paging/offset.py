"""Lists read by the number of records to skip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from crmkit.paging.ground import Ground
from crmkit.paging.signals import is_link, leads_elsewhere, link_number, whole
from crmkit.paging.trail import READ_AGAIN, Ask, Dialogue, Page, Trail, conclude
from crmkit.paging.walking import CEILING
from crmkit.records import MISSING, dig

WENT_AWAY = "records before the place being read went away: {count:,} times crmkit stepped back, so that nobody is missed"
PUT_IN = "{count:,} records were put in before the place being read: refresh=True shows them"
TWICE = "{count:,} repeats stand in the list itself, the same in two readings; each was kept once"
NO_KEYS = "the list changed while it was read, and records without an id cannot be followed: some may be missing or come twice"
NO_LAP = "the list changed while it was read in pages of one record, which cannot overlap: some may be missing"
ELSEWHERE = "the next links name another host or path (a proxy, perhaps); only their numbers were used"
MOVES = (
    "the list changed while it was read: a record that was moved up meanwhile, from below the place being read to above it, may be "
    "missing"
)
STUCK = "the server sent the same records again and again"
RESTLESS = "pages would not join: the list changes faster than it can be read, or has no fixed order"
MOVED_UP = (
    "{count:,} records were put in before the place being read although the total did not rise by as many: some of them may have "
    "moved up from below, unseen; refresh=True shows them"
)
# Steps back that are worth it, beside two for every step on.
PATIENCE = 20
# Of so many records one more overlaps, once a list was seen to move: it then costs fewer steps back.
WIDER = 30


@dataclass
class _Place:
    """Where a reading is: the next offset, how far its page overlaps what was read, and what has been spent on getting there.

    gap: a page that did not join yet, with its offset. asked: how often each offset was. front: the furthest offset read.
    idle: records read in a row without a new one. steps_back, steps_on: pages that did not join, pages further than any before.
    widest: the most records a page had. first, latest: totals; news: the total when
    the last new record came. changed: whether the total was another one at any time. taken: the total of the last page that joined.
    moved_up: records put in before the place that no rise of the total explains. stale: whether the page was asked
    for before others that were taken first, so that its places are old.
    """

    ground: Ground
    widest: int | None = None
    offset: int = 0
    lap: int = 0
    back: int = 0
    gap: tuple[int, Page] | None = None
    asked: Counter[int] = field(default_factory=Counter)
    front: int = 0
    idle: int = 0
    steps_back: int = 0
    steps_on: int = 0
    pages: int = 0
    total: int | None = None
    before: int | None = None
    news: int = 0
    changed: bool = False
    taken: int | None = None
    moved_up: int = 0
    stale: bool = False

    def hear(self, total: int | None) -> None:
        """Note a declared total."""
        if total is not None:
            self.changed = self.changed or self.total not in (None, total)
            self.before, self.total = self.total, total

    def step_back(self, page: Page) -> None:
        """Look for a page that joins: first as far back as the total says that records went away, then ever further."""
        self.gap = self.gap or (self.offset, page)
        gone = (self.before or 0) - (self.total or 0)
        self.back = 4 * self.back or max(1, gone)
        self.offset = max(0, self.offset - self.back)
        self.steps_back += 1

    def step_on(self, rows: int, overlap: int) -> None:
        """To the next page."""
        self.steps_on += self.offset > self.front or not self.steps_on
        self.front = max(self.front, self.offset)
        self.widest = max(self.widest or 0, rows)
        wide = max(overlap, rows // WIDER) if self.steps_back else overlap
        self.back, self.lap = 0, min(wide, rows - 1)
        self.offset += rows - self.lap

    def stuck(self, new: int, rows: int) -> bool:
        """Whether nothing new has come for longer than a growing list explains."""
        if new or self.offset < self.front:
            self.idle, self.news = 0, self.total or 0
            return False
        self.idle += max(1, rows - self.lap)
        growth = (self.total or 0) - self.news
        return self.idle > rows + min(max(0, growth), PATIENCE * rows)


@dataclass(frozen=True)
class Offset:
    """Numbered records: {"count": 1000, "next": "...?limit=10&offset=10", "results": [...]}.

    Pages overlap: by one record, and by one in thirty once the list was seen to move. A page that holds none of the records it
    should begin with shows that something moved: the walk steps back until a page joins again, so that nobody who was there
    throughout, and kept his place among the others, is lost. Records that are moved up meanwhile cannot always be seen; the trail
    says so. The page size is whatever the server really gives. A next link, where the vendor has one, says whether there is more;
    of its text nothing is used but the offset. Without a link the total says so; where a page behind the first one is full just
    as the total is reached, one more is asked.
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
        missed = yield from self.reading(trail, 0)
        if missed and not trail.short and not trail.keyless:
            trail.drift.append(READ_AGAIN.format(count=missed))
            missed = yield from self.reading(trail, 1)
        if trail.hidden:
            trail.unchecked = True
            trail.problems.append(MOVED_UP.format(count=trail.hidden))
        elif len(set(trail.totals)) > 1:
            trail.problems.append(MOVES)
        if missed is not None:
            conclude(trail, missed if trail.keyless or (trail.totals and trail.records < trail.totals[-1]) else 0)

    def reading(self, trail: Trail, turn: int) -> Generator[Ask, Page, int | None]:
        """One reading from the first record to the last; returns how many declared records it did not meet.

        None: the answer was no page but a bare list or one record, which is all there is.
        """
        at = _Place(Ground({} if turn else None))
        while True:
            page = yield from self._page(trail, at, turn)
            if not at.pages and (isinstance(page.body, list) or page.body in page.records):
                trail.take(page)
                return None
            met = at.ground.met(page)
            if met is None and at.offset and at.lap:
                trail.tell(trail.drift, WENT_AWAY, 0 if at.gap else 1)
                if at.steps_back > PATIENCE + 2 * at.steps_on:
                    trail.short.append(RESTLESS)
                    return 0
                at.step_back(page)
                continue
            head = at.ground.known(page) if met is None else met
            shift, new = self._take(trail, at, page, head, turn)
            if not self._goes_on(trail, at, page, head, shift):
                return self._missed(trail, at, len(page.records), turn)
            if at.stuck(new, len(page.records)):
                trail.short.append(STUCK)
                return 0
            lap = at.lap
            at.step_on(len(page.records), self.overlap)
            if not turn and (at.pages == 1 or (at.lap > lap and at.steps_back)):
                self._look_ahead(trail, at, len(page.records))

    def _page(self, trail: Trail, at: _Place, turn: int) -> Generator[Ask, Page, Page]:
        """The next page: the one that did not join before and does now, or what the server gives."""
        if at.gap is not None:
            offset, page = at.gap
            if at.ground.met(page) is not None:
                at.offset, at.gap, at.stale = offset, None, True
                return page
            at.gap = at.gap if at.offset < offset else None
        # A place that is read again is asked anew, not taken from the pages that were read before.
        page = yield self.ask(at.offset, turn + 2 * at.asked[at.offset])
        at.asked[at.offset] += 1
        at.stale = False
        total = whole(dig(page.body, self.total))
        trail.declare(total)
        at.hear(total)
        return page

    def _take(self, trail: Trail, at: _Place, page: Page, head: int, turn: int) -> tuple[int, int]:
        """Take a page that joins; returns how far the list has shifted behind us, and how many records are new."""
        shift, follows = at.ground.shift(page, at.offset), at.ground.last in page.keys
        again = trail.repeated(page)
        before = page.keys[:head]
        trail.take(
            _without_keyless(page, head) if None in before else page, sum(key in trail.order for key in before), renew=turn > 0
        )
        new = 0 if again else at.ground.add(page, head, at.offset)
        at.pages += 1
        if not at.stale:
            self._tell_of_additions(trail, at, shift, new, turn)
        if new or follows:  # that page's own total, even if others were asked for after it
            at.taken = whole(dig(page.body, self.total))
        return shift, new

    def _tell_of_additions(self, trail: Trail, at: _Place, shift: int, new: int, turn: int) -> None:
        """Say how many records were put in before the place, and count those that no rise of the total explains."""
        if shift > 0 and new and not turn:
            trail.tell(trail.drift, PUT_IN, shift)
        risen = max(0, (at.total or 0) - (at.taken or 0))
        if shift > risen and at.taken is not None:
            at.moved_up += shift - risen

    def _look_ahead(self, trail: Trail, at: _Place, rows: int) -> None:
        """What will be asked from the next place on: after the first page, and once more when the overlap became wider."""
        if at.total is not None and rows > 1:
            places = range(at.offset, max(at.offset, at.total - at.lap), rows - at.lap)
            trail.ahead = [self.ask(offset) for offset in places[:CEILING]]

    def _goes_on(self, trail: Trail, at: _Place, page: Page, head: int, shift: int) -> bool:
        """Whether to ask on: the vendor's link says so, or its total, or (with neither) an empty page has not come yet."""
        rows, total = len(page.records), whole(dig(page.body, self.total))
        reached = at.offset + rows
        link = dig(page.body, self.next) if self.next else MISSING
        more = is_link(link)
        if more:
            self._distrust(link, trail, at.offset)
        if not rows or head == rows <= at.lap:
            if more and at.total is None:
                trail.short.append("the server sends nothing more although it says that there is more")
            return False
        if more and head == rows and reached >= (total or reached) and at.ground.count == total:
            trail.problems.append("the last page still had a next link, but nothing new came behind it")
            return False
        if more or shift > 0:
            return True
        if link is not MISSING:
            return total is not None and reached < total
        # A page that ends where the total says is the last one, unless it is as full as the one before: then more may follow.
        return total is None or reached != total or (at.widest is not None and rows >= at.widest)

    def _distrust(self, link: Any, trail: Trail, offset: int) -> None:
        """A next link that does not lead on is a fault of the server; the walk goes by its own count."""
        notes = []
        if (link_number(link, self.offset_name) or 0) <= offset:
            notes.append(f"a next link gave no {self.offset_name} that leads on; crmkit counted itself")
        if trail.address and leads_elsewhere(link, trail.address):
            notes.append(ELSEWHERE)
        trail.problems += [note for note in notes if note not in trail.problems]

    def _missed(self, trail: Trail, at: _Place, rows: int, turn: int) -> int:
        """How many declared records were not met. Where the list moved, only what no move explains."""
        ground = at.ground
        if at.total is None:
            return 0
        if at.changed and trail.keyless:
            trail.unchecked = True
            trail.problems.append(NO_KEYS)
        if at.changed and not at.lap and at.pages > 1:
            trail.unchecked = True
            trail.problems.append(NO_LAP)
        trail.hidden = at.moved_up if at.changed else 0
        unread = max(0, at.total - at.offset - rows)
        missed = unread + ground.repeats if at.changed else max(0, at.total - ground.count)
        if turn and ground.repeats >= missed > 0 and not ground.unlike:
            trail.tell(trail.problems, TWICE, ground.repeats)
            return 0
        return missed

    def pages(self, total: int | None) -> int | None:
        if total is None:
            return None
        return max(1, ceil((total - self.overlap) / (self.size - self.overlap)))


def _without_keyless(page: Page, head: int) -> Page:
    """The page without the records at its head that have no key."""
    kept = [place for place, key in enumerate(page.keys) if place >= head or key is not None]
    return Page(page.body, [page.records[place] for place in kept], [page.keys[place] for place in kept])
