"""The panel on deal pipelines: which questions it asks, with which controls."""

from __future__ import annotations

from typing import Any

from crmkit import pipelines
from crmkit.topics.panel import Control, Panel, View
from crmkit.topics.panels import END, MIN_N, START, Source, tables_of, texts

CHOOSE, WINDOW = ("pipelines", "owners", "sources"), ("start", "end")
DEALS, BOTH = ("deals",), ("deals", "stages")
GROUP = ("owner", "source", "sales_pipeline")
MONEY = ("total_amount", "weighted_total")
VIEWS = {
    "What is open, stage by stage?": View(
        pipelines.funnel,
        BOTH,
        CHOOSE,
        pipelines.plot_funnel,
        "Pending deals; a stage is the chance of winning in per cent.",
        ("pipeline", "stage", "label", "deals", "no_chance", *MONEY, "share", "currency"),
        ("deals", *MONEY),
    ),
    "What may come in, and when?": View(
        pipelines.forecast,
        DEALS,
        (*WINDOW, *CHOOSE),
        pipelines.plot_forecast,
        "Pending deals by the month in which they are expected; weighted: times their chance.",
        ("month", "deals", "overdue", "no_chance", "in_delivery", *MONEY, "weighted_margin", "currency"),
        ("deals", "overdue", "in_delivery", *MONEY),
    ),
    "How often do we win?": View(
        pipelines.win_rate,
        DEALS,
        ("by", *WINDOW, "min_n", *CHOOSE),
        pipelines.plot_win_rate,
        "Won among closed deals, by count and by value.",
        (*GROUP, "won", "lost", "closed", "undated", "rate", "value_won", "value_lost", "value_rate", "small", "currency"),
        ("won", "lost", "closed", "value_won", "value_lost"),
    ),
    "How long does it take?": View(
        pipelines.cycle_length,
        DEALS,
        ("by", *WINDOW, "min_n", *CHOOSE),
        pipelines.plot_cycle_length,
        "Days from the start to the close of won deals.",
        (*GROUP, "deals", "measured", "mean_days", "median_days", "negative_cycles", "missing_cycles", "small"),
        ("deals", "measured"),
    ),
    "How fast does money come in?": View(
        pipelines.velocity,
        DEALS,
        ("by", "min_n", *CHOOSE),
        pipelines.plot_velocity,
        "Pending deals × win rate × value of a won deal ÷ days to win it: money a day, by the last 365 days.",
        (*GROUP, "pending", "won", "lost", "rate", "average_won", "mean_days", "velocity", "reason", "small", "currency"),
        ("pending", "won", "lost"),
    ),
    "Who and what brings it?": View(
        pipelines.breakdown,
        DEALS,
        ("by", *WINDOW, "min_n", *CHOOSE),
        pipelines.plot_breakdown,
        "The main figures of open and closed deals per group.",
        (
            *GROUP,
            "pending",
            "overdue",
            "total_pending",
            "weighted_total",
            "won",
            "lost",
            "rate",
            "value_won",
            "small",
            "currency",
        ),
        ("pending", "overdue", "total_pending", "weighted_total", "won", "lost", "value_won"),
    ),
    "Why are deals lost?": View(
        pipelines.reasons,
        DEALS,
        (*WINDOW, "min_n", *CHOOSE),
        pipelines.plot_reasons,
        "Lost deals per reason.",
        ("reason_id", "reason", "lost", "share", "value_lost", "small", "currency"),
        ("lost", "value_lost"),
    ),
    "What is overdue?": View(
        pipelines.overdue,
        DEALS,
        CHOOSE,
        pipelines.plot_overdue,
        "Pending deals past their expected day.",
        ("name", "company", "owner", "pipeline", "stage", "expected", "days_overdue", *MONEY, "currency"),
        MONEY,
    ),
    "Which run for months?": View(
        pipelines.multi_month,
        DEALS,
        CHOOSE,
        pipelines.plot_multi_month,
        "Deals by how many months they run; amount is per month, total_amount of the whole contract.",
        ("state", "months", "multi_month", "deals", "amount", *MONEY, "share", "currency"),
        ("deals", "total_amount"),
    ),
}


def explore(source: Source, **what: Any) -> Panel:
    """A panel on deal pipelines: funnel, forecast, win rate, cycle length, velocity, overdue, breakdowns.

    source: a crmkit.OnePageCRM, or the tables of crmkit.pipelines.load(). what: keywords of load(), such as today=; for a client only.
    """
    data, recipe = tables_of("pipelines", source, pipelines.load, what)
    controls = {
        "by": Control("choice", "Per", ("owner", "source", "pipeline"), "owner"),
        "start": START,
        "end": END,
        "min_n": MIN_N,
        "pipelines": Control("several", "Pipelines (none: all)", texts(data["pipelines"]["pipeline"])),
        "owners": Control("several", "Owners (none: all)", texts(data["deals"]["owner"])),
        "sources": Control("several", "Sources (none: all)", texts(data["deals"]["source"])),
    }
    return Panel("pipelines", "Deal pipelines", data, recipe, VIEWS, controls)
