"""How a plan of writes shows itself: the same in a console and, escaped, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pandas as pd

from crmkit import display

if TYPE_CHECKING:
    from crmkit.clean.write_plan import WritePlan

SHOWN = 30
HEADS = ("method", "path", "field", "old", "new")


def query(pairs: list[tuple[str, str]]) -> str:
    """A query as it is sent."""
    return urlencode(pairs, quote_via=quote, safe="")


def headline(plan: WritePlan) -> str:
    """The plan in a sentence."""
    fields, refused = len(plan.fields), len(plan.refused)
    text = (
        f"{len(plan.requests):,} requests would change {fields:,} fields of {plan.account}; {refused:,} corrections are refused"
    )
    return f"{text}. To write: plan.apply(confirm={plan.phrase!r})"


def _lines(plan: WritePlan) -> list[tuple[str, ...]]:
    """A line per field; values in quotes, or nobody would see the space that goes."""
    shown = plan.fields[list(HEADS)].head(SHOWN).itertuples(index=False)
    return [(*line[:3], *("<NA>" if pd.isna(value) else repr(value) for value in line[3:])) for line in shown]


def _more(plan: WritePlan) -> list[str]:
    """What the table does not show."""
    hidden = len(plan.fields) - SHOWN
    said = [f"... and {hidden:,} more fields: plan.fields"] if hidden > 0 else []
    reasons = plan.refused["why"].value_counts()
    return said + [f"refused, {count:,}: {why}" for why, count in reasons.items()]


def as_text(plan: WritePlan) -> str:
    """For a console."""
    lines = [f"  {method} {path}  {field}: {old} -> {new}" for method, path, field, old, new in _lines(plan)]
    return "\n".join([headline(plan), *lines, *(f"  {line}" for line in _more(plan))])


def as_html(plan: WritePlan) -> str:
    """For a notebook; everything in it is text."""
    table = display.table(headline(plan), HEADS, _lines(plan))
    notes = _more(plan)
    return table + (display.table("What is not shown above", ("note",), [(line,) for line in notes]) if notes else "")
