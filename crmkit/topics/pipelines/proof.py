"""Receipts of tables that were made from several frames: as incomplete as the worst of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmkit.receipts import ATTRS, Receipt, attach, from_dict, joined

DAY, ZONE = "today", "time_zone"


def carry(table: pd.DataFrame, *sources: pd.DataFrame) -> pd.DataFrame:
    """The table with the receipt of what it was made from; sources that have none (made by hand) vouch for nothing.

    The day and zone of load() travel along where all sources agree on them.
    """
    known = [source.attrs[ATTRS] for source in sources if source.attrs.get(ATTRS)]
    if not known:
        return table
    more = {name: known[0].get(name) for name in (DAY, ZONE) if len({facts.get(name) for facts in known}) == 1}
    return attach(
        table, described([from_dict(facts) for facts in known]), **{name: value for name, value in more.items() if value}
    )


def stamped(table: pd.DataFrame, **facts: Any) -> pd.DataFrame:
    """The table with further plain facts beside its receipt, if it has one."""
    if table.attrs.get(ATTRS):
        table.attrs[ATTRS] = {**table.attrs[ATTRS], **facts}
    return table


def described(proofs: list[Receipt]) -> Receipt:
    """One receipt for several: the worst verdict, all problems with the endpoint they come from, calls and pages added up.

    records, declared_total, params and account are those of the first.
    """
    first, *others = proofs
    if all(other == first for other in others):
        return first
    return joined(
        proofs,
        crm=first.crm,
        endpoint=" + ".join(dict.fromkeys(proof.endpoint for proof in proofs)),
        params=first.params,
        account=" + ".join(dict.fromkeys(proof.account for proof in proofs)),
        records=first.records,
        declared_total=first.declared_total,
        drift=_lines(proofs, "drift"),
        unknown_fields=_lines(proofs, "unknown_fields"),
        rejected_values={f"{proof.endpoint}.{name}": n for proof in proofs for name, n in proof.rejected_values.items()},
        problems=_lines(proofs, "problems"),
    )


def _lines(proofs: list[Receipt], name: str) -> tuple[str, ...]:
    """What the receipts say under a name, each line with its endpoint, once."""
    return tuple(dict.fromkeys(f"{proof.endpoint}: {line}" for proof in proofs for line in getattr(proof, name)))
