"""The report of a profile: a frame of columns, a frame of findings, and a face that shows neither names nor mails."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit import display
from crmkit.receipts import Receipt

SHOWN = ("column", "kind", "dtype", "missing", "blank", "distinct", "patterns", "top", "findings", "remark")
NO_RECEIPT = "no receipt: whether these are all records is not known"


@dataclass(frozen=True, repr=False)
class Profile:
    """What clean.profile found.

    frame: a line per column. findings: a line per thing found: record, column, kind, level, value, why, suggestion (all string).
    records: lines of the frame that was looked at. receipt: of that frame, or None. today: the day that counted as today.
    """

    frame: pd.DataFrame
    findings: pd.DataFrame
    records: int
    receipt: Receipt | None
    today: pd.Timestamp

    @property
    def summary(self) -> pd.DataFrame:
        """Findings counted: kind, level, column (string), records (Int64), first (keys of the first three, string)."""
        parts = self.findings.groupby(["kind", "level", "column"], sort=False)["record"]
        lines = [(*names, len(keys), ", ".join(keys.head(3))) for names, keys in parts]
        table = pd.DataFrame(lines, columns=["kind", "level", "column", "records", "first"])
        table = table.astype({"records": "Int64"} | dict.fromkeys(("kind", "level", "column", "first"), "string"))
        rank = table["level"].map({"error": 0, "doubt": 1, "note": 2})
        order = (
            table.assign(rank=rank).sort_values(["rank", "records", "kind", "column"], ascending=[True, False, True, True]).index
        )
        return table.loc[order].reset_index(drop=True)

    @property
    def sentence(self) -> str:
        """How much was looked at, whether it is everything, and how much was found."""
        source = f"{self.receipt.crm}.{self.receipt.endpoint}, {self.receipt.verdict}" if self.receipt else NO_RECEIPT
        touched = self.findings["record"].nunique()
        return (
            f"{self.records:,} records, {len(self.frame)} columns ({source}): {len(self.findings):,} findings in {touched:,} "
            f"records; today is {self.today:%Y-%m-%d}."
        )

    @property
    def _warnings(self) -> list[str]:
        if self.receipt is None or self.receipt.complete is True:
            return []
        return [f"{self.receipt.verdict}: counts hold for what came, not for everything.", *self.receipt.problems]

    def __repr__(self) -> str:
        shown = self.summary.to_string(index=False) if len(self.findings) else "nothing found"
        return "\n".join([*self._warnings, self.sentence, shown])

    def _repr_html_(self) -> str:
        warnings = "".join(f'<p style="color:#b00020"><strong>{html.escape(line)}</strong></p>' for line in self._warnings)
        found = display.table(self.sentence, list(self.summary.columns), _cells(self.summary))
        columns = self.frame[list(SHOWN)]
        return f"{warnings}{found}{display.table('Columns', list(columns.columns), _cells(columns))}"


def _cells(table: pd.DataFrame) -> Any:
    return table.astype(object).where(table.notna(), "").itertuples(index=False)
