"""How Beeple's lists go on: numbered pages with or without a link, lists that may have a second page, passes by status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crmkit.errors import RequestFailed
from crmkit.paging import HIDDEN, Ask, Dialogue, Ground, Page, Settling, Trail, is_link, link_number, uncounted, whole
from crmkit.records import Record, dig

ROUND = 25
REJECTED = (400, 422)
UNKNOWN = "unknown"
UNCOUNTED = "numbered pages do not overlap and no total came with them: a record that moved between two pages would go unseen"
NOTHING_NEW = "page {:,} brought nothing new although the server says that there is more"
PLAIN: Mapping[str, str] = {}
Keyed = dict[Any, Record]


@dataclass(frozen=True)
class NumberedPages:
    """Pages with a number, the first one asked without: {"enrolments": [...], "count": 1, "previous": null, "next": "...&page=2"}.

    Of a next link nothing but its page number is used. Without a link the list goes on until a page is empty or brings nothing new.
    count may be the number on the page or in all, so it never ends a walk; where it differs from what came, or several pages came
    without it, nothing vouches for the list, and the receipt says so. When it changes between two pages, those before are read again.
    """

    link: str = ""
    size: int = 0
    count: str = ""
    paged: bool = True
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        yield from self.reading(trail, PLAIN)

    def reading(self, trail: Trail, extra: Mapping[str, str]) -> Dialogue:
        """One reading of all pages; extra are parameters added to each."""
        number, came, ground = 1, trail.records, Ground()
        heard = set[int]()
        settling = Settling(lambda place, again: self.ask(place, extra, again), self._in_all)
        while True:
            page = yield self.ask(number, extra)
            page = yield from settling.settled(trail, ground, page, number, heard)
            new = trail.take(page)
            ground.add(page, 0)
            heard = heard if (total := self._in_all(page)) is None else {total}
            following = self._following(trail, page, number)
            if following and new:
                number = following
                continue
            if following and self.link:
                trail.short.append(NOTHING_NEW.format(number))
            self._note(trail, page, number, trail.records - came)
            return

    def ask(self, number: int, extra: Mapping[str, str] = PLAIN, turn: int = 0) -> Ask:
        """What to request for a page."""
        size = {"page_items": str(self.size)} if self.size else {}
        return Ask({**extra, **size, **({"page": str(number)} if number > 1 else {})}, turn=turn)

    def _counted(self, page: Page) -> int | None:
        return whole(dig(page.body, self.count)) if self.count else None

    def _in_all(self, page: Page) -> int | None:
        """The count, where it is more than the page's own."""
        counted = self._counted(page)
        return None if counted == len(page.records) else counted

    def _following(self, trail: Trail, page: Page, number: int) -> int | None:
        """The number of the next page, or None at the end."""
        if not self.link:
            return number + 1 if page.records else None
        link = dig(page.body, self.link)
        if not is_link(link):
            return None
        named = link_number(link, "page") or 0
        if named <= number:
            trail.problems.append(f"the next link of page {number:,} names no later page; crmkit counted itself")
        return named if named > number else number + 1

    def _note(self, trail: Trail, page: Page, number: int, came: int) -> None:
        counted = self._counted(page)
        doubts = []
        if not self.link:
            doubts.append("the vendor declares neither a total nor a last page: completeness cannot be checked")
        elif number > 1 and self._in_all(page) is None:
            doubts.append(UNCOUNTED)
        elif number > 1 and HIDDEN not in trail.problems:
            trail.problems.append(HIDDEN)
        if counted is not None and counted not in (came, len(page.records)):
            doubts.append(f"the vendor counts {counted:,} records, {came:,} came")
        trail.unchecked = trail.unchecked or bool(doubts)
        trail.problems += doubts

    def pages(self, total: int | None) -> int | None:
        return None


@dataclass(frozen=True)
class SizedPages(NumberedPages):
    """A list asked with a size, of which no document says how it goes on: its links are followed, and without one nothing vouches."""

    def _note(self, trail: Trail, page: Page, number: int, came: int) -> None:
        super()._note(trail, page, number, came)
        if number == 1:
            trail.unchecked = True
            trail.problems.append(uncounted(came, self.size))


@dataclass(frozen=True)
class OnePage:
    """A list that comes in one answer as far as the document says; with probe a round number of records asks for a second page.

    Where the answer has a next link all the same, the list goes on as far as its links do.
    """

    probe: bool = False
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        trail.take(page)
        rows, number, linked = len(page.records), 1, is_link(dig(page.body, "next"))
        if linked:
            trail.unchecked = True
            trail.problems.append(UNCOUNTED)
        elif not rows or rows % ROUND:
            return
        elif not self.probe:
            trail.problems.append(f"exactly {rows:,} records came, which may be a page: probe_pages=True asks for a second one")
            return
        probing = not linked
        while linked or (probing and page.records):
            number += 1
            page = yield Ask({"page": str(number)})
            if not trail.take(page):
                trail.short += [NOTHING_NEW.format(number)] if linked else []
                return
            linked = is_link(dig(page.body, "next"))
            trail.problems.append(f"page {number:,} brought records although the document shows no pages")

    def pages(self, total: int | None) -> int | None:
        return 1


@dataclass(frozen=True)
class StatusPasses:
    """A list read once per status word, because its records do not name theirs; each record is labelled by the pass it came in.

    With several words, or with "unknown", the list is also read without the filter: what came under no word, or under more than
    one, has the status "unknown".
    """

    words: tuple[str, ...]
    each: NumberedPages
    wire: str = "filter[statuses][]"
    paged: bool = True
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        asked = tuple(word for word in dict.fromkeys(self.words) if word != UNKNOWN)
        alone = asked == self.words and len(asked) == 1
        found: dict[str, Keyed] = {}
        for word in asked:
            try:
                found[word] = yield from self._pass(trail, {self.wire: word})
            except RequestFailed as error:
                if alone or error.status not in REJECTED:
                    raise
                trail.problems.append(f"the server rejected the status {word!r} ({error.status}): count by cancelled instead")
        everything = {} if alone else (yield from self._pass(trail, PLAIN))
        trail.problems += doubts(found)
        trail.take(labelled(found, everything))

    def _pass(self, trail: Trail, extra: Mapping[str, str]) -> Generator[Ask, Page, Keyed]:
        """One reading, kept apart: the same record may come in several."""
        apart = Trail()
        yield from self.each.reading(apart, extra)
        trail.problems += apart.problems
        trail.short += apart.short
        trail.drift += apart.drift
        trail.unchecked = trail.unchecked or apart.unchecked
        trail.duplicates += apart.duplicates
        keys: dict[int, Any] = {position: key for key, position in apart.order.items()}
        return {keys.get(position, (position, *extra.values())): record for position, record in enumerate(apart.fresh)}

    def pages(self, total: int | None) -> int | None:
        return None


def labelled(found: Mapping[str, Keyed], everything: Keyed) -> Page:
    """All records of the passes, each once, with the one status word under which it came."""
    records: Keyed = {}
    words: dict[Any, list[str]] = {}
    for word, some in found.items():
        for key, record in some.items():
            records.setdefault(key, record)
            words.setdefault(key, []).append(word)
    records = {**records, **{key: record for key, record in everything.items() if key not in records}}
    labels = {key: words[key][0] if len(words.get(key, ())) == 1 else UNKNOWN for key in records}
    marked = [{**record, "status": record.get("status") or labels[key]} for key, record in records.items()]
    return Page(None, marked, list(records))


def doubts(found: Mapping[str, Keyed]) -> list[str]:
    """What speaks against the labels: records that came under several words."""
    times = Counter(key for some in found.values() for key in some)
    if twice := sum(count > 1 for count in times.values()):
        return [f"{twice:,} enrolments came under several status words, so their status counts as unknown"]
    return []


def one_word(words: tuple[str, ...], statuses: Iterable[str]) -> list[str]:
    """The same for all lists that were read: a server that does not heed the filter gives every enrolment under the word asked for.

    words: those asked for. statuses: the labels. Says nothing where one word was asked for alone, since only its enrolments are read.
    """
    came = set(statuses)
    if len(words) < 2 or len(came) != 1 or not came <= set(words) - {UNKNOWN}:
        return []
    word = came.pop()
    return [f"every enrolment came under {word!r}: all have it, or the server ignores filter[statuses] (then count by cancelled)"]
