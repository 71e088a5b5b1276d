"""Deal pipelines: what is open, what it may bring and when, how often and how fast deals are won, and what moved.

    data = crmkit.pipelines.load(crmkit.OnePageCRM.from_env())
    crmkit.pipelines.funnel(data["deals"], data["stages"])
    crmkit.pipelines.win_rate(data["deals"], by="owner", start="2024-01-01", end="2024-06-30")

load() reads OnePageCRM into neutral frames; together() puts several accounts beside each other. choose() and convert() make a smaller
frame of deals or one in a single currency, for every table:

open deals      funnel, forecast, overdue; delivery for what is sold and being delivered
closed deals    win_rate, deal_size, cycle_length, reasons
both            velocity, breakdown (per owner, source or pipeline), multi_month, oddities
two fetches     moved, stage_moves, bridge

Most have a picture, plot_funnel(table) and so on, which returns matplotlib Axes. Definitions: OnePageCRM sheet, section 5. The tables
are pure: nothing is fetched, and the day they count from is the argument today, or the day that load() wrote beside the receipt.
"""

from typing import TYPE_CHECKING

from crmkit.later import later
from crmkit.topics.pipelines.choose import choose, convert
from crmkit.topics.pipelines.closed import cycle_length, deal_size, reasons, win_rate
from crmkit.topics.pipelines.load import load, together
from crmkit.topics.pipelines.moves import bridge, moved, stage_moves
from crmkit.topics.pipelines.overview import breakdown, velocity
from crmkit.topics.pipelines.pending import delivery, forecast, funnel, multi_month, oddities, overdue

if TYPE_CHECKING:
    from crmkit.topics.pipelines.plots_closed import (
        plot_breakdown,
        plot_cycle_length,
        plot_reasons,
        plot_velocity,
        plot_win_rate,
    )
    from crmkit.topics.pipelines.plots_moves import plot_bridge, plot_stage_moves
    from crmkit.topics.pipelines.plots_pending import (
        plot_delivery,
        plot_forecast,
        plot_funnel,
        plot_multi_month,
        plot_overdue,
    )

# Imported when they are asked for: pictures need matplotlib, the panel ipywidgets too.
HOMES = {
    **dict.fromkeys(("plot_delivery", "plot_forecast", "plot_funnel", "plot_multi_month", "plot_overdue"), "plots_pending"),
    **dict.fromkeys(("plot_breakdown", "plot_cycle_length", "plot_reasons", "plot_velocity", "plot_win_rate"), "plots_closed"),
    **dict.fromkeys(("plot_bridge", "plot_stage_moves"), "plots_moves"),
    "explore": "panel",
}

__all__ = [
    "breakdown",
    "bridge",
    "choose",
    "convert",
    "cycle_length",
    "deal_size",
    "delivery",
    "explore",
    "forecast",
    "funnel",
    "load",
    "moved",
    "multi_month",
    "oddities",
    "overdue",
    "plot_breakdown",
    "plot_bridge",
    "plot_cycle_length",
    "plot_delivery",
    "plot_forecast",
    "plot_funnel",
    "plot_multi_month",
    "plot_overdue",
    "plot_reasons",
    "plot_stage_moves",
    "plot_velocity",
    "plot_win_rate",
    "reasons",
    "stage_moves",
    "together",
    "velocity",
    "win_rate",
]
__getattr__, __dir__ = later(__name__, HOMES)
