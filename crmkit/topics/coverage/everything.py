"""What holds for all teams, whichever of them a table is about: shifts, who is signed up, and who is in two places at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.arrays import Whole, each_of
from crmkit.topics.coverage.neutral import CONFIRMED
from crmkit.topics.coverage.overlap import beginning_in
from crmkit.topics.once import once


@dataclass(frozen=True)
class Everything:
    """Parts are worked out at first use. confirmed: whether only confirmed enrolments count as n."""

    enrolments: pd.DataFrame
    shifts: pd.DataFrame
    confirmed: bool

    @cached_property
    def work(self) -> pd.DataFrame:
        """All shifts with readable times, each once: team_id, shift, start, end, gross, break and net hours, place here."""
        told = self.shifts
        good = told[told["end"] > told["start"]].drop_duplicates(["team_id", "start", "end"]).reset_index(drop=True)
        gross = hours(good["end"] - good["start"])
        breaks = hours(good["break_duration"]).fillna(0.0).clip(lower=0.0)
        return good.assign(
            gross_hours=gross, break_hours=breaks, net_hours=(gross - breaks).clip(lower=0.0), work=range(len(good))
        )

    @cached_property
    def known(self) -> tuple[Whole, pd.Index[Any]]:
        """The team of each enrolment as a number, and the ids that the numbers stand for. Ids are compared as text only here."""
        code, ids = pd.factorize(self.enrolments["team_id"])
        return code, pd.Index(ids)

    @cached_property
    def taken(self) -> pd.DataFrame:
        """Enrolments that are not cancelled, one for each person in a team, a confirmed one if there is any.

        Further columns: confirmed (bool), person and group (numbers that stand for the collaborator and the team).
        """
        told = self.enrolments
        person = pd.factorize(told["collaborator_id"])[0]
        group = self.known[0]
        confirmed = (told["status"] == CONFIRMED).fillna(False).to_numpy(dtype=bool)
        place = np.flatnonzero(~told["cancelled"].fillna(False).to_numpy(dtype=bool) & (person >= 0) & (group >= 0))
        place = place[np.argsort(~confirmed[place], kind="stable")]
        again = pd.Series(person[place] * (len(self.known[1]) + 1) + group[place]).duplicated().to_numpy()
        kept = np.sort(place[~again])
        columns = {"confirmed": confirmed[kept], "person": person[kept], "group": group[kept]}
        return pd.DataFrame(told.iloc[kept]).reset_index(drop=True).assign(**columns)

    @cached_property
    def counting(self) -> pd.DataFrame:
        """Enrolments that count as n, in any team, one for each person in a team; columns as in taken."""
        return self.taken[self.taken["confirmed"]].reset_index(drop=True) if self.confirmed else self.taken

    @cached_property
    def clashes(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Counting enrolments at work in two teams at the same time, both sides line by line.

        Columns: place (in counting), work (place in work), team_id, start, end. Every pair of shifts is there once, the one that
        begins first on the first side.
        """
        counting, work = self.counting, self.work
        group = self.known[1].get_indexer(pd.Index(work["team_id"]))
        owner, shift = each_of(counting["group"].to_numpy(), group)
        person, team = counting["person"].to_numpy()[owner], group[shift]
        starts, ends = micros(work["start"])[shift], micros(work["end"])[shift]
        one, other = beginning_in(person, starts, ends, person, starts)
        # Those that begin together find each other both ways.
        single = (team[one] != team[other]) & ((starts[one] != starts[other]) | (team[one] < team[other]))
        return self._side(owner, shift, one[single]), self._side(owner, shift, other[single])

    def _side(self, owner: Any, shift: Any, which: Any) -> pd.DataFrame:
        columns = pd.DataFrame(self.work[["team_id", "start", "end"]].iloc[shift[which]]).reset_index(drop=True)
        return columns.assign(place=owner[which], work=shift[which])


@once
def everything(enrolments: pd.DataFrame, shifts: pd.DataFrame, confirmed: bool) -> Everything:
    """What holds for all teams of these frames."""
    return Everything(enrolments, shifts, confirmed)


def hours(spans: pd.Series[Any]) -> pd.Series[Any]:
    """Timedeltas as hours (float64)."""
    length: pd.Series[Any] = spans.dt.total_seconds()
    return length / 3600


def micros(moments: pd.Series[Any]) -> Whole:
    """Instants as whole microseconds since 1970."""
    found: Whole = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return found
