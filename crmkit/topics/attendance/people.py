"""Persons: how each answered, how long they came in a row, and who no longer does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.attendance.choose import RATED, choose, day_of, places, summed, with_rates
from crmkit.topics.attendance.neutral import ACCEPTED, ATTENDED, DECLINED, INVITED, MOMENT, NO_SHOW, OTHER
from crmkit.topics.checked import checked
from crmkit.topics.intervals import MIN_N
from crmkit.topics.lineage import carried
from crmkit.topics.shapes import Dtypes, Names, one_of, typed

MEASURES = ("signed_up", "attended")
# Of several places of one person at one event the first of these words counts.
RANKS = {word: rank for rank, word in enumerate((ATTENDED, NO_SHOW, ACCEPTED, DECLINED, INVITED, OTHER))}
BY_PERSON: Dtypes = {
    "person_id": "string",
    "invited": "Int64",
    "answered": "Int64",
    "signed_up": "Int64",
    "attended": "Int64",
    "no_show": "Int64",
    "recorded": "Int64",
    "chances": "Int64",
    "hits": "Int64",
    "first": MOMENT,
    "last": MOMENT,
    "streak": "Int64",
    "longest_streak": "Int64",
    "missed": "Int64",
    "lapsed": "boolean",
    **RATED,
}


@checked
def by_person(
    events: pd.DataFrame,
    answers: pd.DataFrame,
    *,
    measure: str = "signed_up",
    kinds: Names = None,
    names: Names = None,
    start: Any = None,
    end: Any = None,
    today: Any = None,
    lapsed_after: int = 5,
    lapsed_days: int = 60,
    level: float = 0.95,
    min_n: int = MIN_N,
) -> pd.DataFrame:
    """Every person on a list of an event that has ended: how they answered, streaks, first and last, and whether they lapsed.

    Parameters
    events, answers: frames of load(). measure: what a hit is: signed_up (said yes; all that Peepl knows) or attended (was recorded as
    present). kinds, names, start, end: which events, as for choose(). today: the day that lapsed counts to; by default that of load().
    lapsed_after, lapsed_days: see lapsed. level, min_n: as for rates().

    Returns a line per person, by person_id; no names
    invited (events; a person with several places at one counts once, with the place that says most: attended, no-show, accepted,
    declined, invited), answered, signed_up, attended, no_show, recorded; chances (invitations that say whether it is a hit: all for
    signed_up; for attended those at which the person is recorded, declined or never answered while somebody's presence was recorded),
    hits; first, last (datetime64[us], local days of the first and last hit); streak (hits in a row up to the latest chance),
    longest_streak, missed (chances in a row since the last hit, all where there is none); all counts Int64. lapsed (boolean): has a
    hit, and since then missed at least lapsed_after chances and lapsed_days days; missing for who never had a hit. The rates of
    rates() with intervals and marks, per person.

    Guests and people without a record are nobody here. Events are in order of their local start; cancelled ones and those to come are
    left out; somebody who is not invited misses nothing. Source: Peepl sheet ("per person"), sheepCRM sheet, section 6.
    """
    one_of(measure, MEASURES, "measure")
    chosen = choose(events, kinds=kinds, names=names, start=start, end=end, held=True)
    lines = places(chosen, answers, ["start", "day"], guests=False).dropna(subset=["person_id"])
    number, ids = pd.factorize(lines["person_id"])
    lines = _one_each(lines.assign(person_id=number))  # numbers sort and group many times faster than texts
    table = with_rates(summed(lines, ["person_id"]), level=level, min_n=min_n).set_index("person_id")
    table = table.join(_runs(lines[_is_chance(lines, measure)], measure))
    table[["chances", "hits", "streak", "longest_streak", "missed"]] = table[
        ["chances", "hits", "streak", "longest_streak", "missed"]
    ].fillna(0)
    if len(table):
        idle = (day_of(events, today) - table["last"]).dt.days
        gone = (table["missed"] >= lapsed_after) & (idle >= lapsed_days)
        table["lapsed"] = gone.astype("boolean").mask(table["hits"] == 0)
    table = table.reset_index()
    table["person_id"] = ids.take(table["person_id"].to_numpy())
    table = table.sort_values("person_id", ignore_index=True)
    return carried(typed({name: table[name] for name in BY_PERSON if name in table}, BY_PERSON), [events, answers])


def _one_each(lines: pd.DataFrame) -> pd.DataFrame:
    """One line per person and event, in order of the events."""
    ranked = lines.assign(rank=lines["status"].map(RANKS).fillna(len(RANKS)))
    once = ranked.sort_values(["rank", "event_id"], kind="stable").drop_duplicates(["event_id", "person_id"])
    return once.sort_values(["person_id", "start", "event_id"], kind="stable", ignore_index=True)


def _is_chance(lines: pd.DataFrame, measure: str) -> pd.Series[bool]:
    """Which lines say whether it is a hit: a yes at an event whose doors nobody watched does not say who came."""
    if measure == "signed_up":
        return pd.Series(True, index=lines.index)
    watched = lines.groupby("event_id")["recorded"].transform("sum") > 0
    return watched & (lines["accepted"] == 0)


def _runs(lines: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Per person: chances, hits, first, last, streak, longest_streak, missed. lines: in order of person and start."""
    hit = lines[measure] == 1
    person = lines["person_id"]
    place = lines.groupby("person_id").cumcount()
    chances = place.groupby(person).max() + 1
    last_hit = place.where(hit).groupby(person).max().fillna(-1)
    last_miss = place.where(~hit).groupby(person).max().fillna(-1)
    run = (~hit).astype("int64").groupby(person).cumsum()
    longest = hit.astype("int64").groupby([person, run]).sum().groupby(level=0).max()
    days = lines["day"].where(hit).groupby(person)
    return pd.DataFrame(
        {
            "chances": chances,
            "hits": hit.astype("int64").groupby(person).sum(),
            "first": days.min(),
            "last": days.max(),
            "streak": chances - 1 - last_miss,
            "longest_streak": longest,
            "missed": chances - 1 - last_hit,
        }
    )


HABITS = ("80 % or more", "half or more", "less than half", "answers, never yes", "never answers")
HABIT: Dtypes = {
    "habit": "string",
    "people": "Int64",
    "share": "float64",
    "invited": "Int64",
    "signed_up": "Int64",
    "lapsed": "Int64",
}


@checked
def habits(persons: pd.DataFrame, *, min_invited: int = 1) -> pd.DataFrame:
    """How many people answer in which way, without naming any.

    Parameters
    persons: what by_person() returns. min_invited: leave out people with fewer invitations, whose habit nobody knows.

    Returns five lines, from keen to silent: habit (string; by the share of invitations with a yes: 80 % or more, half or more, less
    than half; then those who answer but never yes, and those who never answer), people (Int64), share (float64, of all people in the
    table), invited and signed_up (Int64, sums), lapsed (Int64, how many of them lapsed). Empty without people. Source: by the counts
    of by_person(); the bands are of crmkit, no sheet defines them.
    """
    told = pd.DataFrame(persons[persons["invited"] >= min_invited])
    said = (told["signed_up"] / told["invited"]).astype("float64").to_numpy()
    never, silent = (told["signed_up"] == 0).to_numpy(bool), (told["answered"] == 0).to_numpy(bool)
    words = np.select([silent, never, said >= 0.8, said >= 0.5], [*HABITS[:2:-1], *HABITS[:2]], default=HABITS[2])
    numbers = told[["invited", "signed_up"]].assign(people=1, lapsed=told["lapsed"].fillna(False).astype("int64"))
    table = numbers.groupby(words).sum().reindex(HABITS, fill_value=0)
    table = table.rename_axis("habit").reset_index().assign(share=lambda found: found["people"] / max(len(told), 1))
    return carried(typed({name: table[name] for name in HABIT}, HABIT).head(len(HABITS) if len(told) else 0), [persons])
