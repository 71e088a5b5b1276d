"""The live list: how it changes while somebody reads it, and what a page of it is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .dials import MISSING, OFF, Dials

if TYPE_CHECKING:
    from .dialects import Dialect
    from .server import FaultServer

Record = dict[str, Any]
Kind = Literal["insert", "delete", "move"]


class Drift(NamedTuple):
    """One change of the list, made just before a call is answered.

    position is taken modulo the length of the list at that moment, so that any number is a place.
    A moved record goes to the front, or with a pair (from, to) to the second place.
    """

    before_call: int
    kind: Kind
    position: int | tuple[int, int]


def drift_plan(seed: int, size: int, inserts: int, deletes: int, *, moves: int = 0, page: int = 10) -> list[Drift]:
    """A reproducible list of changes spread over a walk of size records, page records a call.

    All of them fall between the first call and the last one that such a walk needs.
    """
    chance = random.Random(seed)
    last = max(2, -(-size // page))
    kinds: list[Kind] = []
    kinds += ["insert"] * inserts
    kinds += ["delete"] * deletes
    kinds += ["move"] * moves
    return sorted(Drift(chance.randint(2, last), kind, chance.randrange(max(1, size))) for kind in kinds)


def survivors(server: FaultServer) -> set[Any]:
    """The ids that were in the list from the start (or the last reset) until now."""
    return server.first_ids & {server.dialect.id_of(record) for record in server.records}


def apply(change: Drift, records: list[Record], newcomer: Record) -> None:
    """Changes the list in place; an empty list only takes inserts."""
    source, goal = change.position if isinstance(change.position, tuple) else (change.position, 0)
    if change.kind == "insert":
        records.insert(source % (len(records) + 1), newcomer)
    elif records:
        moved = records.pop(source % len(records))
        if change.kind == "move":
            records.insert(goal % (len(records) + 1), moved)


@dataclass(frozen=True)
class Page:
    """What one call gets to see. Positions are offsets or page numbers, as the dialect counts."""

    path: str
    records: list[Record]
    size: int
    position: int
    following: int | None
    previous: int | None
    total: Any
    last: int
    call: int = 0
    next_link: str | None = None
    previous_link: str | None = None


def cut(
    records: list[Record], path: str, query: dict[str, str], dialect: Dialect, faults: Dials, number: int, cap: int | None
) -> Page:
    """The page that this query asks for, as far as the dials allow."""
    size = page_size(query, dialect, faults)
    start = start_of(query, size, dialect, faults)
    honest = records[:cap]
    reachable = honest if faults.early_end is None else honest[: faults.early_end * size]
    return Page(
        call=number,
        path=path,
        records=reachable[start : start + size],
        size=size,
        position=dialect.position_of(start, size),
        following=dialect.position_of(start + size, size) if start + size < len(reachable) else None,
        previous=dialect.position_of(max(0, start - size), size) if start > 0 else None,
        total=told(len(records), faults.total, number),
        last=-(-len(honest) // size) if size else 0,
    )


def page_size(query: dict[str, str], dialect: Dialect, faults: Dials) -> int:
    """The size asked for, or the dialect's default, cut to what dialect and dial allow."""
    asked = whole(query.get(dialect.size_name), dialect.default_size)
    if asked < 0 or (asked == 0 and not dialect.zero_counts):
        asked = dialect.default_size
    return smallest(asked, dialect.largest_size, faults.page_size)


def start_of(query: dict[str, str], size: int, dialect: Dialect, faults: Dials) -> int:
    """The index of the first record to serve."""
    if faults.ignore_page:
        return 0
    start = dialect.index_of(whole(query.get(dialect.position_name), dialect.first_position), size)
    if faults.repeat_page is not None:
        start = min(start, (faults.repeat_page - 1) * size)
    return start


def told(truth: int, lie: Any, number: int) -> Any:
    """The total that is declared."""
    if lie is OFF:
        return truth
    if lie == "moving":
        return truth + number
    if lie == "missing":
        return MISSING
    return truth + lie if isinstance(lie, int) else lie


def whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.lstrip("-").isdecimal() else default


def smallest(first: int, *others: int | None) -> int:
    return min([first, *(other for other in others if other is not None)])
