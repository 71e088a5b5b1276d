"""Lists that come in one answer."""

from __future__ import annotations

from dataclasses import dataclass

from crmkit.paging.signals import whole
from crmkit.paging.trail import NO_TOTAL, Ask, Dialogue, Trail
from crmkit.records import dig


@dataclass(frozen=True)
class SinglePage:
    """One answer holds everything: [ {...}, {...} ] or {...}."""

    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask()
        trail.take(page)

    def pages(self, total: int | None) -> int | None:
        return 1


@dataclass(frozen=True)
class SizedPage:
    """One answer with a size but no way to ask for more: {"tasks": [...]} with page_size=7.

    A declared total is compared; without one completeness is unknown, and as many records as asked for may mean that there are more.
    """

    size: int
    size_name: str
    total: str = ""
    paged: bool = False
    keep_last: bool = False

    def steps(self, trail: Trail) -> Dialogue:
        page = yield Ask({self.size_name: str(self.size)})
        trail.take(page)
        total = whole(dig(page.body, self.total)) if self.total else None
        trail.declare(total)
        rows = len(page.records)
        if total is None:
            trail.unchecked = True
            trail.problems.append(uncounted(rows, self.size))
        elif rows < total:
            trail.short.append(f"{rows:,} of {total:,} declared records came, and there is no way to ask for the others")
        elif rows > total:
            trail.problems.append(f"{rows:,} records came although only {total:,} were declared")

    def pages(self, total: int | None) -> int | None:
        return 1


def uncounted(rows: int, size: int) -> str:
    """What is not certain about one answer without a total, when so many records were asked for."""
    return f"as many records came as were asked for ({size:,}): there may be more" if rows >= size else NO_TOTAL
