"""Segments: how large they are, how they overlap, who is in them, and how that changes.

    data = crmkit.segments.load(crmkit.demo.peepl(), segments={41: "Ouders", 52: "Spelers"}, groups=True)
    crmkit.segments.sizes(data)

Of sheepCRM's memberships: active, lapsed, retention, fees. Of MissionHub's follow-up: contacted.

load() reads Peepl (segments by number, groups, combinations, functions), sheepCRM (segments), MissionHub (labels, statuses, survey
answers) or OnePageCRM (filters, tags, statuses, lead sources) into a dict of neutral frames. The tables take that dict whole, since
its frames belong together; the plots take a table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.later import later
from crmkit.topics.segments.followup import contacted
from crmkit.topics.segments.history import moved, movers, on_day, over_time, roll_up, tree
from crmkit.topics.segments.load import load
from crmkit.topics.segments.memberships import active, fees, lapsed, retention
from crmkit.topics.segments.profiles import averages, compare, profile, standing_out
from crmkit.topics.segments.tables import (
    combine,
    in_none,
    intersections,
    members_of,
    overlap,
    pairs,
    sizes,
    with_none,
    with_segment,
)

if TYPE_CHECKING:
    from crmkit.topics.segments.plots import plot_intersections, plot_overlap, plot_profile, plot_sizes
    from crmkit.topics.segments.plots_change import plot_moved, plot_over_time
    from crmkit.topics.segments.plots_terms import plot_retention

# Imported when they are asked for: pictures need matplotlib, the panel ipywidgets too.
HOMES = {
    **dict.fromkeys(("plot_intersections", "plot_overlap", "plot_profile", "plot_sizes"), "plots"),
    **dict.fromkeys(("plot_moved", "plot_over_time"), "plots_change"),
    "plot_retention": "plots_terms",
    "explore": "panel",
}

__all__ = [
    "active",
    "averages",
    "combine",
    "compare",
    "contacted",
    "explore",
    "fees",
    "in_none",
    "intersections",
    "lapsed",
    "load",
    "members_of",
    "moved",
    "movers",
    "on_day",
    "over_time",
    "overlap",
    "pairs",
    "plot_intersections",
    "plot_moved",
    "plot_over_time",
    "plot_overlap",
    "plot_profile",
    "plot_retention",
    "plot_sizes",
    "profile",
    "retention",
    "roll_up",
    "sizes",
    "standing_out",
    "tree",
    "with_none",
    "with_segment",
]
__getattr__, __dir__ = later(__name__, HOMES)
