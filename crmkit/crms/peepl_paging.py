"""How Peepl's lists go on: in pages, or bare as far as the document shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crmkit.paging import Ask, Dialogue, Offset, Trail, is_link, whole
from crmkit.records import dig

PAGES = Offset(size=10, total="count", next="next")
TREE_IN_PAGES = "this tree came as a page that says that there are more, and the document shows no way to read them"


@dataclass(frozen=True)
class Bare:
    """A list that the document shows bare: [ {...}, {...} ]. It may come as a page all the same; of several, all are read.

    The first request has no paging parameters, since none are documented. tree: its records are more than the entries that an offset
    counts, so of a tree in several pages the walk is not complete.
    """

    tree: bool = False
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        on_page = dig(page.body, "results")
        if not isinstance(on_page, list) or not says_more(page.body, len(on_page)):
            trail.take(page)
        elif self.tree:
            trail.take(page)
            trail.short.append(TREE_IN_PAGES)
        else:
            yield from PAGES.steps(trail)

    def pages(self, total: int | None) -> int | None:
        return 1


def says_more(body: Any, rows: int) -> bool:
    """Whether a page names a next one, or counts more records than it holds."""
    return is_link(dig(body, "next")) or (whole(dig(body, "count")) or 0) > rows
