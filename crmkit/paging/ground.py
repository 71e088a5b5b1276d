"""What one reading of a list has covered, and whether the next page joins it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crmkit.paging.trail import Page
from crmkit.records import Record


@dataclass
class Ground:
    """The records of one reading, up to the one that is furthest down the list.

    Everybody before that record who was in the list throughout has been read. This stays true as long as every further page joins:
    it holds that record, or begins with one that was read. keys: those read. last: key of the furthest record that has one; at: its
    position when it was read. tail: the records without a key behind it. count: distinct records. copies, in a second reading: the
    records by key, to see whether repeats are the same.
    """

    copies: dict[Any, Record] | None = None
    keys: set[Any] = field(default_factory=set)
    last: Any = None
    at: int = 0
    tail: list[Record] = field(default_factory=list)
    count: int = 0
    repeats: int = 0
    unlike: int = 0

    def met(self, page: Page) -> int | None:
        """How many records at the head of the page were read before; None when the page does not join."""
        keys, records = page.keys, page.records
        if self.last is not None and self.last in keys:
            head = keys.index(self.last) + 1
        elif self.begins(page):
            return self.known(page)
        elif self.tail and records and records[0] == self.tail[-1]:
            return 1
        else:
            # Where no record has a key there is nothing to join by.
            return 0 if self.last is None else None
        for record in self.tail:
            if head < len(keys) and keys[head] is None and records[head] == record:
                head += 1
        return head

    def known(self, page: Page) -> int:
        """How many records there are up to the last one that was read before."""
        return max((place for place, key in enumerate(page.keys, 1) if key in self.keys), default=0)

    def begins(self, page: Page) -> bool:
        """Whether the first record that has a key was read before."""
        return next((key for key in page.keys if key is not None), None) in self.keys

    def shift(self, page: Page, offset: int) -> int:
        """How far the furthest record has moved down (up: below 0) since it was read; 0 when it is not on the page."""
        return offset + page.keys.index(self.last) - self.at if self.last is not None and self.last in page.keys else 0

    def add(self, page: Page, head: int, offset: int = 0) -> int:
        """Cover the page, whose first head records were read before; returns how many of the others are new."""
        self.keys.update(key for key in page.keys[:head] if key is not None)
        new = self._cover(page.keys[head:], page.records[head:])
        self.count += new
        if new or (self.last is not None and self.last in page.keys):
            self._stand(page, offset, moved=new > 0)
        return new

    def _cover(self, keys: list[Any], records: list[Record]) -> int:
        """Note these records; returns how many of them are new."""
        if self.copies is None and None not in keys:
            before = len(self.keys)
            self.keys.update(keys)
            new = len(self.keys) - before
            self.repeats += len(keys) - new
            return new
        new = 0
        for key, record in zip(keys, records, strict=True):
            if key is not None and key in self.keys:
                self.repeats += 1
                self.unlike += self.copies is not None and self.copies.get(key, record) != record
                continue
            new += 1
            if key is not None:
                self.keys.add(key)
                if self.copies is not None:
                    self.copies[key] = record
        return new

    def _stand(self, page: Page, offset: int, *, moved: bool) -> None:
        """Note where the furthest record is."""
        if not moved:
            self.at = offset + page.keys.index(self.last)
            return
        end = len(page.keys) - 1
        while end >= 0 and page.keys[end] is None:
            end -= 1
        if end >= 0:
            self.last, self.at = page.keys[end], offset + end
        self.tail = page.records[end + 1 :]
