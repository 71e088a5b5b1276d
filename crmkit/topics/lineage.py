"""Receipts of tables that were made from other frames: as incomplete as the worst of them, and no call counted twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from crmkit.receipts import ATTRS, Receipt, attach, from_dict, joined

PLUS = " + "
# Plain facts that load() writes beside the receipt: they travel on where all sources agree.
FACTS = ("today", "zone")


def carried(
    table: pd.DataFrame,
    sources: Iterable[pd.DataFrame],
    *,
    endpoint: str = "",
    params: Mapping[str, Any] | None = None,
    problems: Iterable[str] = (),
    **facts: Any,
) -> pd.DataFrame:
    """The table with the receipts of its sources as one; without a receipt where no source has one.

    table: loses what attrs it has. sources: those without a receipt (made by hand) vouch for nothing. endpoint, params: what the
    table is called and was asked with, if not by its sources. problems: further ones. facts: plain values to be written beside it.
    """
    known = [source.attrs[ATTRS] for source in sources if source.attrs.get(ATTRS)]
    table.attrs = {}
    if not known:
        return table
    agreed = {name: known[0].get(name) for name in FACTS if len({one.get(name) for one in known}) == 1}
    proof = described([from_dict(one) for one in known], len(table), endpoint, params, tuple(problems))
    return attach(table, proof, **{name: value for name, value in {**agreed, **facts}.items() if value is not None})


def described(
    proofs: list[Receipt],
    records: int,
    endpoint: str = "",
    params: Mapping[str, Any] | None = None,
    problems: tuple[str, ...] = (),
) -> Receipt:
    """One receipt for several: the worst verdict, all that is uncertain, pages and calls added up.

    records: lines of the table. Nothing declares how many lines a made table should have, so declared_total is None.
    """
    several = list({repr({**one.to_dict(), "records": 0, "declared_total": None}): one for one in proofs}.values())
    counted = [one for one in several if not any(_covers(more, one) for more in several if more is not one)]
    return joined(
        counted,
        crm=_together(one.crm for one in counted),
        endpoint=endpoint or _together(one.endpoint for one in counted),
        params=dict(several[0].params if params is None and len(several) == 1 else params or {}),
        account=_together(one.account for one in counted),
        records=records,
        drift=_lines(several, "drift"),
        unknown_fields=tuple(dict.fromkeys(name for one in several for name in one.unknown_fields)),
        rejected_values={name: count for one in several for name, count in one.rejected_values.items()},
        problems=(*_lines(several, "problems"), *problems),
    )


def _covers(more: Receipt, one: Receipt) -> bool:
    """Whether all that is behind a receipt is behind another too, which is no surer."""
    worst = (False, None, True)
    inside = set(one.endpoint.split(PLUS)) < set(more.endpoint.split(PLUS)) and one.account == more.account
    return inside and worst.index(more.complete) <= worst.index(one.complete) and more.limited >= one.limited


def _together(words: Iterable[str]) -> str:
    """Words in order, each once; joined receipts may hold several already."""
    return PLUS.join(dict.fromkeys(part for word in words for part in word.split(PLUS)))


def _lines(proofs: list[Receipt], name: str) -> tuple[str, ...]:
    """What the receipts say under a name, each line once; of one endpoint among several, with the endpoint."""
    said: dict[str, list[str]] = {}
    for one in proofs:
        for line in dict.fromkeys(getattr(one, name)):
            said.setdefault(line, []).append(one.endpoint)
    alone = len({one.endpoint for one in proofs}) == 1
    plain = [alone or len(places) > 1 or PLUS in places[0] for places in said.values()]
    return tuple(line if bare else f"{places[0]}: {line}" for bare, (line, places) in zip(plain, said.items(), strict=True))
