"""How far coverage tables can be trusted: never further than the list of collaborators."""

from __future__ import annotations

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.receipts import ATTRS, Told
from crmkit.topics.checked import checked

LOWER_BOUND = "the list of collaborators may be incomplete: people are a lower bound, gaps an upper bound (ids_complete)"


def doubted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a receipt that says that collaborators may be missing."""
    plain = table.attrs.get(ATTRS)
    if not plain:
        return table
    complete = plain["complete"] if plain["complete"] is False else None
    others = [line for line in plain["problems"] if not line.endswith(LOWER_BOUND)]
    table.attrs[ATTRS] = Told({**plain, "complete": complete, "problems": [*others, LOWER_BOUND]})
    return table


@checked
def note(table: pd.DataFrame) -> str:
    """One sentence on how far a table of this topic can be trusted: whom it counts, and whether these are all.

    table: any table of crmkit.coverage (its last columns are read). Empty text for an empty table.
    Source: Beeple contract sheet, section 6.1 (limits to print with every result).
    """
    if "collaborators_scanned" not in table:
        raise ParameterError(
            "table is no table of crmkit.coverage.", hint="give what by_team() or another function of it returns."
        )
    if not len(table):
        return ""
    told = table.iloc[0]
    scanned, source = int(told["collaborators_scanned"]), str(told["status_source"])
    people = "collaborator was" if scanned == 1 else "collaborators were"
    counted = "confirmed enrolments count" if source == "confirmed" else "all enrolments that are not cancelled count"
    why = source.partition(": filter ")[2]
    reason = f" (the server {why} the status filter)" if why else ""
    bound = "" if bool(told["ids_complete"]) else ", perhaps not all there are: people are a lower bound, gaps an upper bound"
    return f"{scanned:,} {people} asked about{bound}; {counted}{reason}."
