"""A list on a server, in memory: it is asked with page parameters, gives bodies, and lies as told. It knows nothing of crmkit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

NOTHING = object()
Record = dict[str, Any]


def people(count: int, first: int = 1) -> list[Record]:
    return [{"id": number, "name": f"Person {number}"} for number in range(first, first + count)]


class Change(NamedTuple):
    """A record put in or taken out at a place of the list, just before a call is answered."""

    before_call: int
    kind: str
    place: int


def changes(seed: int, size: int, calls: int, inserts: int, deletes: int) -> list[Change]:
    """Inserts and deletes spread over the calls of a walk."""
    chance = random.Random(seed)
    kinds = ["insert"] * inserts + ["delete"] * deletes
    return [Change(chance.randint(2, max(2, calls)), kind, chance.randrange(max(1, size))) for kind in kinds]


@dataclass(kw_only=True)
class Listing:
    """The list.

    form: "offset" (count and a next link), "bare offset" (count, no link) or "pages" (page number, last page, count). default and
    largest: page sizes. told: a number to add to the total, None, a text, "moving" or NOTHING (left out). reachable: the server
    ends after so many records whatever the total says. links: "honest", "self", "first", "foreign", "bare" or "junk".
    ignores_place: every page is the first one. repeats: call number -> the call gives the first page instead. empty_from: calls
    from this one on give no records. shuffles: a new order for every call. to_come: changes still to be made.
    """

    records: list[Record]
    form: str = "offset"
    default: int = 10
    largest: int = 10
    told: Any = 0
    reachable: int | None = None
    links: str = "honest"
    ignores_place: bool = False
    repeats: frozenset[int] = frozenset()
    empty_from: int | None = None
    shuffles: bool = False
    to_come: list[Change] = field(default_factory=list)
    calls: int = 0
    made: int = 1_000_000

    def __post_init__(self) -> None:
        self.original = list(self.records)
        self.records = list(self.records)

    @property
    def survivors(self) -> list[Record]:
        """Those who were there from the first call to the last, in the order of the list."""
        return [record for record in self.records if record["id"] < 1_000_000]

    def get(self, params: Mapping[str, str]) -> dict[str, Any]:
        self.calls += 1
        self._change()
        records = self.records
        if self.shuffles:
            records = random.Random(self.calls).sample(records, len(records))
        size = min(self.largest, int(params.get("size", self.default)))
        start = self._start(params, size)
        page = records[: self.reachable][start : start + size]
        if self.empty_from is not None and self.calls >= self.empty_from:
            page = []
        return self._pages_body(page, start, size) if self.form == "pages" else self._offset_body(page, start, size)

    def _start(self, params: Mapping[str, str], size: int) -> int:
        if self.ignores_place or self.calls in self.repeats:
            return 0
        return (int(params.get("page", 1)) - 1) * size if self.form == "pages" else int(params.get("offset", 0))

    def _change(self) -> None:
        due = [change for change in self.to_come if change.before_call <= self.calls]
        self.to_come = [change for change in self.to_come if change.before_call > self.calls]
        for change in due:
            if change.kind == "insert":
                self.made += 1
                self.records.insert(change.place % (len(self.records) + 1), people(1, self.made)[0])
            elif self.records:
                self.records.pop(change.place % len(self.records))

    def _total(self) -> Any:
        if self.told == "moving":
            return len(self.records) + self.calls
        return max(0, len(self.records) + self.told) if isinstance(self.told, int) else self.told

    def _offset_body(self, page: list[Record], start: int, size: int) -> dict[str, Any]:
        more = start + size < len(self.records[: self.reachable])
        body = {"count": self._total(), "next": self._link(start, size, more), "results": page}
        hidden = {name for name, value in body.items() if value is NOTHING}
        return {name: value for name, value in body.items() if name not in hidden}

    def _link(self, start: int, size: int, more: bool) -> Any:
        if self.form == "bare offset":
            return NOTHING
        here = "http://api.example.org/people/?size"
        lies = {
            "self": f"{here}={size}&offset={start}",
            "first": f"{here}={size}&offset=0",
            "foreign": f"https://elsewhere.example.net/?size=10&offset={start + size}" if more else None,
            "bare": f"{here}={size}" if more else None,
            "junk": "http://[" if more else None,
        }
        return lies.get(self.links, f"{here}={size}&offset={start + size}" if more else None)

    def _pages_body(self, page: list[Record], start: int, size: int) -> dict[str, Any]:
        total = self._total()
        told = {"per_page": size, "max_page": -(-len(self.records) // size)}
        return {"results": page, **told, **({} if total is NOTHING else {"count": total})}


@dataclass
class Outcome:
    """What a walk gave."""

    records: list[Record]
    trail: Any
    asks: list[Any]
    error: Exception | None = None

    @property
    def alarmed(self) -> bool:
        """Whether the walk says that it is not complete."""
        return bool(self.trail.short) or self.error is not None

    @property
    def ids(self) -> list[Any]:
        return [record.get("id") for record in self.records]


def naive(listing: Listing, size: int = 10) -> list[Any]:
    """Page after page until one is empty: no overlap, no totals, no guards."""
    ids: list[Any] = []
    for place in range(10_000):
        page = listing.get({"size": str(size), "offset": str(place * size), "page": str(place + 1)})["results"]
        if not page:
            break
        ids += [record["id"] for record in page]
    return ids


def without_ids(records: Iterable[Record], gone: Iterable[int], *, null: bool) -> list[Record]:
    """The records, those at these places with a null id or none at all."""
    places = set(gone)
    return [
        ({**record, "id": None} if null else {"name": record["name"]}) if place in places else record
        for place, record in enumerate(records)
    ]


def fresh(listing: Listing) -> Listing:
    """The same list before anybody asked."""
    return replace(listing, records=listing.original, to_come=list(listing.to_come), calls=0)
