"""Links to other pages, true and false."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from .calls import Call
from .dialects import Dialect
from .dials import Dials
from .listing import Page


def linked(page: Page, call: Call, dialect: Dialect, faults: Dials, origin: str, foreign: str) -> Page:
    """The page with its links. A dialect that has none ignores them, unless a dial makes it lie."""
    origin = origin.replace("https:", "http:") if dialect.plain_links else origin
    host = foreign if faults.foreign_next else origin
    lying = faults.foreign_next or faults.next_missing_offset or faults.loop_links
    position = goal(page, dialect, faults)
    wanted = position is not None and (lying or dialect.links)
    back = page.previous
    return replace(
        page,
        next_link=link(host, call, dialect, page.size, position, faults) if wanted else None,
        previous_link=None if back is None else link(origin, call, dialect, page.size, back, Dials()),
    )


def goal(page: Page, dialect: Dialect, faults: Dials) -> int | None:
    """The position that the next link leads to."""
    if faults.loop_links == "first":
        return dialect.first_position
    return page.position if faults.loop_links else page.following


def link(origin: str, call: Call, dialect: Dialect, size: int, position: int | None, faults: Dials) -> str:
    paging = (dialect.size_name, dialect.position_name)
    query = [pair for pair in call.query if pair[0] not in paging]
    query.append((dialect.size_name, str(size)))
    if not faults.next_missing_offset:
        query.append((dialect.position_name, str(position)))
    return f"{origin}{dialect.link_path(call.path)}?{urlencode(query)}"
