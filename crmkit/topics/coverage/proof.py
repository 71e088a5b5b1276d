"""Receipts of coverage tables: as incomplete as the worst frame behind them, and never surer than the list of collaborators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from crmkit.receipts import ATTRS, Receipt, attach, from_dict, joined

PLUS = " + "
LOWER_BOUND = "the list of collaborators may be incomplete: people are a lower bound, gaps an upper bound (ids_complete)"


def with_proof(
    table: pd.DataFrame, sources: Iterable[pd.DataFrame], endpoint: str = "", params: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """The table with the receipts of its sources as one; sources without any (made by hand) vouch for nothing."""
    known = [from_dict(one.attrs[ATTRS]) for one in sources if one.attrs.get(ATTRS)]
    # What is behind two frames is counted once: teams and shifts come from the same answers.
    several = {(frozenset(one.endpoint.split(PLUS)), one.account): one for one in known}
    proofs = [one for (parts, account), one in several.items() if not any(parts < more for more, of in several if of == account)]
    return attach(table, described(proofs, len(table), endpoint, params or {})) if proofs else table


def doubted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a receipt that says that collaborators may be missing."""
    plain = table.attrs.get(ATTRS)
    if not plain:
        return table
    complete = plain["complete"] if plain["complete"] is False else None
    table.attrs[ATTRS] = {**plain, "complete": complete, "problems": list(dict.fromkeys([*plain["problems"], LOWER_BOUND]))}
    return table


def described(proofs: list[Receipt], records: int, endpoint: str, params: Mapping[str, Any]) -> Receipt:
    """One receipt for several: the worst verdict, all problems, calls and pages added up."""
    rejected: dict[str, int] = {}
    for one in proofs:
        rejected |= one.rejected_values
    return joined(
        proofs,
        crm=_together(one.crm for one in proofs),
        endpoint=endpoint or _together(one.endpoint for one in proofs),
        params=dict(params),
        account=_together(one.account for one in proofs),
        records=records,
        drift=_lines(one.drift for one in proofs),
        unknown_fields=_lines(one.unknown_fields for one in proofs),
        rejected_values=rejected,
        problems=_lines(one.problems for one in proofs),
    )


def _together(texts: Iterable[str]) -> str:
    return PLUS.join(dict.fromkeys(part for text in texts for part in text.split(PLUS)))


def _lines(several: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for lines in several for line in lines))


def note(table: pd.DataFrame) -> str:
    """One sentence on how far a table of this topic can be trusted: whom it counts, and whether these are all.

    table: any table of crmkit.coverage (its last columns are read). Empty text for an empty table.
    """
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
