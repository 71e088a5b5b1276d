"""What a fetch counts on its way, and the receipt that comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crmkit.errors import IncompleteFetch
from crmkit.paging import Trail
from crmkit.receipts import Receipt, moment

TOLD = ("totals", "duplicates", "drift", "problems", "unchecked")  # of a whole walk's trail, in the receipt


@dataclass
class Tally:
    """The trails of the walks so far, and the pages that came: asked now or cached, and when (times).

    calls: answers asked for now, of refusals too; problems: what is not certain; short: why records must be missing.
    """

    trails: list[Trail] = field(default_factory=list)
    pages: int = 0
    calls: int = 0
    cached: int = 0
    times: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    def came(self, at: float, *, cached: bool) -> None:
        """One more answer."""
        self.pages += 1
        self.cached += cached
        self.calls += not cached
        self.times.append(at)

    def superseded(self) -> list[int]:
        """Positions in the frame of records that came again and stand further on."""
        gone, start = [], 0
        for trail in self.trails:
            gone += [start + position for position in trail.superseded]
            start += trail.taken
        return gone

    @property
    def one_whole_walk(self) -> bool:
        """Whether this was one walk to its end."""
        return len(self.trails) == 1 and not (self.short or self.trails[0].short or self.trails[0].cut)

    @property
    def drifted(self) -> bool:
        """Whether the list changed while it was read: its stored pages may tell less of that."""
        return any(trail.drift or trail.duplicates or trail.superseded for trail in self.trails)

    def of_whole_walk(self) -> dict[str, Any]:
        """The tally of one finished walk as plain values; take() counts it again, with every page from the cache."""
        (trail,) = self.trails
        told = {name: getattr(trail, name) for name in TOLD}
        return {"pages": self.pages, "times": [min(self.times), max(self.times)], "problems": self.problems, "trail": told}

    def take(self, told: dict[str, Any]) -> None:
        """Add what of_whole_walk() told."""
        self.trails.append(Trail(**told["trail"]))
        self.pages += told["pages"]
        self.cached += told["pages"]
        self.times += told["times"]
        self.problems += told["problems"]

    def receipt(self, beside: list[str], *, limited: bool, **facts: Any) -> Receipt:
        """The proof. beside: sentences on the tables beside the frame; facts: the receipt's fields that were not counted here."""
        short = [*self.short, *(line for trail in self.trails for line in trail.short)]
        unchecked = any(trail.unchecked for trail in self.trails)
        totals = [trail.totals[-1] for trail in self.trails if trail.totals]
        problems = [*short, *self.problems, *beside, *(line for trail in self.trails for line in trail.problems)]
        return Receipt(
            complete=False if short or limited else None if unchecked else True,
            limited=limited,
            declared_total=sum(totals) if totals else None,
            pages=self.pages,
            calls=self.calls,
            cached_pages=self.cached,
            duplicates=sum(trail.duplicates for trail in self.trails),
            drift=tuple(dict.fromkeys(line for trail in self.trails for line in trail.drift)),
            oldest=moment(min(self.times)) if self.times else None,
            newest=moment(max(self.times)) if self.times else None,
            problems=tuple(dict.fromkeys(problems)),
            **facts,
        )


def incomplete(frame: pd.DataFrame, proof: Receipt) -> IncompleteFetch:
    """The error of a list that is not whole, with what came."""
    error = IncompleteFetch(
        f"the list is not complete: {'; '.join(proof.problems)}.",
        crm=proof.crm,
        endpoint=proof.endpoint,
        kept=f"{proof.records:,} records in error.frame, the proof in error.receipt.",
        hint="run it again (refresh=True), or pass allow_partial=True to work with what came.",
    )
    error.frame, error.receipt = frame, proof
    return error
