"""Receipts of frames that were made from several others: as incomplete as the worst of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from crmkit.receipts import ATTRS, Receipt, attach, from_dict, joined


def carried(table: pd.DataFrame, sources: Iterable[pd.DataFrame], *, problems: Iterable[str] = (), **facts: Any) -> pd.DataFrame:
    """The table with the joined receipt of its sources, further problems and plain facts; without a receipt where no source has one."""
    known = [source.attrs[ATTRS] for source in sources if source.attrs.get(ATTRS)]
    table.attrs = {}
    if not known:
        return table
    kept = {name: known[0][name] for name in ("today",) if name in known[0]}
    return attach(table, described([from_dict(one) for one in known], len(table), tuple(problems)), **{**kept, **facts})


def described(proofs: list[Receipt], records: int, problems: tuple[str, ...] = ()) -> Receipt:
    """One receipt for several: the worst verdict, all that is uncertain, pages and calls added up.

    records: lines of the table. Nothing declares how many lines a made table should have, so declared_total is None; params are
    kept where all agree.
    """
    proofs = list({repr(proof.to_dict()): proof for proof in proofs}.values())
    first = proofs[0]
    return joined(
        proofs,
        crm=first.crm,
        endpoint=_words(proof.endpoint for proof in proofs),
        params=first.params if len(proofs) == 1 else {},
        account=_words(proof.account for proof in proofs),
        records=records,
        drift=_lines(proofs, "drift"),
        unknown_fields=tuple(dict.fromkeys(name for proof in proofs for name in proof.unknown_fields)),
        rejected_values={name: count for proof in proofs for name, count in proof.rejected_values.items()},
        problems=(*_lines(proofs, "problems"), *problems),
    )


def _words(words: Iterable[str]) -> str:
    """Words in order, each once; joined receipts may hold several already."""
    return " + ".join(dict.fromkeys(part for word in words for part in word.split(" + ")))


def _lines(proofs: list[Receipt], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for proof in proofs for line in getattr(proof, name)))
