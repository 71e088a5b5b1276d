"""walk(): run a strategy to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from crmkit.errors import CrmkitError, IncompleteFetch
from crmkit.paging.trail import Ask, Dialogue, Page, Paging, Trail
from crmkit.records import Record

CEILING = 100_000
Read = Callable[[Any], tuple[list[Record], list[Any]]]


def walk(
    paging: Paging,
    get: Callable[[Ask], Any],
    read: Read,
    trail: Trail,
    limit: int | None = None,
    next_is: Callable[[Ask], None] = lambda ask: None,
) -> Iterator[list[Record]]:
    """Run a strategy to its end and yield the new records page by page.

    get fetches one page's body; read gives its records and their keys. What was found out on the way is in the trail. With a
    limit the walk stops once so many records came. next_is hears what is asked next before the records of this page are handed out.
    Raises IncompleteFetch where a list has no end.
    """
    trail.keep_last = paging.keep_last
    dialogue = paging.steps(trail)
    ask: Ask | None = next(dialogue)
    for _ in range(CEILING):
        if ask is None:
            return
        ask = _answered(dialogue, ask, get, read)
        enough = limit is not None and trail.records >= limit
        if ask is not None and not enough:
            next_is(ask)
        if trail.fresh:
            batch, trail.fresh = trail.fresh, []
            yield batch
        if enough:
            trail.cut = ask is not None
            return
    if ask is not None:
        raise IncompleteFetch(f"the list did not end within {CEILING:,} pages.")


def _answered(dialogue: Dialogue, ask: Ask, get: Callable[[Ask], Any], read: Read) -> Ask | None:
    """What the strategy asks next once it has this answer, or None at its end; it may take an error as an answer too."""
    try:
        try:
            body = get(ask)
        except CrmkitError as error:
            return dialogue.throw(error)
        return dialogue.send(Page(body, *read(body)))
    except StopIteration:
        return None
