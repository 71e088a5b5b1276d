"""Deals: what is open and what it may bring, and how often deals are won (OnePageCRM). Definitions are those of crmkit.pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull
from crmkit.topics import pipelines

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFINITIONS = {
    "open deal": "Pending, and not in a delivery pipeline.",
    "stage": "The chance in per cent that a stage of a sales pipeline stands for.",
    "total": "The amount a month times the months of the contract.",
    "weighted": "Total × stage / 100.",
    "overdue": "Expected to close before today, and still open.",
    "win rate": "Won / closed (won or lost), in all years; low and high are the ends of its 95 % interval.",
    "value rate": "Value won / value closed.",
}
STAGE = ["pipeline", "stage", "label", "deals", "total_amount", "weighted_total"]
MONTH = ["month", "deals", "overdue", "total_amount", "weighted_total"]
WON = ["sales_pipeline", "closed", "won", "lost", "rate", "rate_low", "rate_high", "value_rate", "small"]
SHORT = {
    "total_amount": "total",
    "weighted_total": "weighted",
    "rate": "win_rate",
    "rate_low": "low",
    "rate_high": "high",
    "sales_pipeline": "pipeline",
}


def chapter(pull: Pull) -> Chapter:
    """The pipelines chapter."""
    frames = pull.systems["onepagecrm"].topics["pipelines"]
    deals = frames["deals"]
    stages, months = pipelines.funnel(deals, frames["stages"]), pipelines.forecast(deals)
    won = pipelines.win_rate(deals, by="pipeline")
    currency = ", ".join(deals["currency"].dropna().unique()) or "no currency"
    by_month = months[MONTH].assign(month=months["month"].dt.strftime("%B %Y").fillna("no date"))
    return Chapter(
        "Pipelines",
        "What may open sponsoring deals bring, and when? How many are won?",
        _finding(months, currency, pull.today),
        Picture(_alt(months, currency), lambda ax: _draw(months, ax)),
        (
            Table("Open deals by stage (OnePageCRM)", _whole(stages[STAGE]), f"Money in {currency}."),
            Table(
                "What open deals may bring, by month (OnePageCRM)",
                _whole(by_month[by_month["deals"] > 0]),
                f"Month in which a deal is expected to close; money in {currency}.",
            ),
            Table(
                "Won and lost (OnePageCRM)",
                won[WON].rename(columns=SHORT),
                shares=("win_rate", "low", "high", "value_rate"),
                few="closed deals",
            ),
        ),
        DEFINITIONS,
    )


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Without cents."""
    return table.assign(**{name: table[name].round().astype("Int64") for name in ("total_amount", "weighted_total")}).rename(
        columns=SHORT
    )


def _draw(months: pd.DataFrame, ax: Axes) -> None:
    pipelines.plot_forecast(months, ax=ax)


def _finding(months: pd.DataFrame, currency: str, today: pd.Timestamp) -> str:
    count = int(months["deals"].sum())
    if not count:
        return "No deal is open (n = 0)."
    total, weighted = months["total_amount"].sum(), months["weighted_total"].sum()
    ahead = months[months["month"] >= today.replace(day=1)].sort_values("weighted_total")
    most = "".join(
        f" The month that may bring most is {one['month']:%B %Y}: {one['weighted_total']:,.0f} weighted, from {one['deals']:,} of them."
        for one in ahead.tail(1).to_dict("records")
    )
    return (
        f"{count:,} open deals are worth {total:,.0f} {currency} in full and {weighted:,.0f} ({per_cent(weighted / total)}) weighted by "
        f"stage; {months['overdue'].sum():,} of the {count:,} are overdue.{most}"
    )


def _alt(months: pd.DataFrame, currency: str) -> str:
    dated = months[months["deals"] > 0].dropna(subset="month").to_dict("records")
    listed = "; ".join(f"{one['month']:%B %Y} {one['weighted_total']:,.0f}" for one in dated)
    return f"Bars by month: the weighted value in {currency} of open deals, before their unweighted value. Weighted: {listed or 'none'}."
