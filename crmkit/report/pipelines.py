"""Deals: what is open and what it may bring, and how often deals are won. Definitions are those of crmkit.pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull
from crmkit.topics import pipelines

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEFINITIONS = {
    "open deal": "Pending, and not in a delivery pipeline.",
    "stage": "The chance in per cent that a stage of a sales pipeline stands for.",
    "total amount": "The amount a month times the months of the contract.",
    "weighted total": "Total amount × stage / 100.",
    "overdue": "Expected to close before today, and still open.",
    "in delivery": "Sold and being delivered: in no sum of money.",
    "win rate": "Won / (won + lost), in all years; low and high are the ends of its 95 % interval.",
}
STAGE = ["pipeline", "stage", "label", "deals", "total_amount", "weighted_total", "share"]
MONTH = ["month", "deals", "overdue", "in_delivery", "total_amount", "weighted_total"]
WON = ["sales_pipeline", "won", "lost", "rate", "rate_low", "rate_high", "value_won", "value_lost", "value_rate", "small"]


def chapter(pull: Pull) -> Chapter:
    """The pipelines chapter, from OnePageCRM."""
    frames = pull.others["onepagecrm"].topic
    deals = frames["deals"]
    stages, months = pipelines.funnel(deals, frames["stages"]), pipelines.forecast(deals)
    won = pipelines.win_rate(deals, by="pipeline")
    currency = ", ".join(deals["currency"].dropna().unique()) or "the account's currency"
    by_month = months[MONTH].assign(month=months["month"].dt.strftime("%B %Y").fillna("no date"))
    return Chapter(
        "Pipelines",
        "What open sponsoring deals may bring and when, and how many are won, from OnePageCRM.",
        tuple(_findings(stages, months, won, currency)),
        (
            Table(
                "Open deals by stage", stages[STAGE], f"Money in {currency}; share is of the pipeline's open deals.", ("share",)
            ),
            Table("What they may bring, by month", by_month, "Month of the day on which a deal is expected to close."),
            Table("Won and lost", won[WON], "", ("rate", "rate_low", "rate_high", "value_rate"), few="closed deals"),
        ),
        tuple(_pictures(stages, months, currency)),
        DEFINITIONS,
    )


def _findings(stages: pd.DataFrame, months: pd.DataFrame, won: pd.DataFrame, currency: str) -> Iterator[str]:
    if len(stages):
        yield (
            f"{stages['deals'].sum():,} open deals are worth {stages['total_amount'].sum():,.0f} {currency} in total, "
            f"{stages['weighted_total'].sum():,.0f} weighted by stage; {months['overdue'].sum():,} are overdue."
        )
    for line in won[~won["small"]].to_dict("records"):
        yield (
            f"{line['sales_pipeline']}: {per_cent(line['rate'])} of {line['closed']:,} closed deals were won, "
            f"{per_cent(line['value_rate'])} of their value."
        )


def _pictures(stages: pd.DataFrame, months: pd.DataFrame, currency: str) -> Iterator[Picture]:
    def forecast(figure: Figure) -> None:
        pipelines.plot_forecast(months, ax=figure.subplots())

    def funnel(figure: Figure) -> None:
        pipelines.plot_funnel(stages, ax=figure.subplots())

    best = months.dropna(subset="month").sort_values("weighted_total").tail(1).to_dict("records")
    most = "".join(f" The strongest month is {one['month']:%B %Y} with {one['weighted_total']:,.0f}." for one in best)
    yield Picture(
        "What open deals may bring, in the month in which they are expected to close.",
        f"Bars by month: weighted value of open deals in {currency}, before their unweighted value.{most} "
        "The same figures as the table by month.",
        forecast,
    )
    listed = "; ".join(f"{part['deals'].sum():,} in {name}" for name, part in stages.groupby("pipeline"))
    yield Picture(
        "Where open deals stand in each sales pipeline, and what they are worth there.",
        f"Bars by stage of each pipeline: total and weighted value in {currency}. Open deals: {listed or 'none'}. "
        "The same figures as the table by stage.",
        funnel,
    )
