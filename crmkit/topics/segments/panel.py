"""The panel on segments: which questions it asks, with which controls."""

from __future__ import annotations

from typing import Any

from crmkit import segments
from crmkit.errors import ParameterError
from crmkit.topics.panel import Control, Panel, View
from crmkit.topics.panels import Source, labelled, tables_of, texts

PROFILE = ("attribute", "value", "members", "known", "share", "base_share", "difference", "at_least", "ratio", "small")
VIEWS = {
    "How large is each?": View(
        segments.sizes,
        (),
        ("segments", "kinds", "min_n"),
        segments.plot_sizes,
        "People per segment; somebody may be in several, so sizes do not add up.",
        ("name", "kind", "members", "share", "declared_size", "small"),
    ),
    "How do they overlap?": View(
        segments.overlap,
        (),
        ("segments", "kinds"),
        segments.plot_overlap,
        "People in both segments; the diagonal is the size.",
    ),
    "Which combinations occur?": View(
        segments.intersections,
        (),
        ("segments", "kinds"),
        segments.plot_intersections,
        "People in exactly these segments and in no other of those chosen.",
        ("label", "degree", "people", "share", "small"),
        ("people",),
    ),
    "What sets one apart from everybody?": View(
        segments.profile,
        (),
        ("segment",),
        segments.plot_profile,
        "Shares inside a segment against everybody, with 95 % intervals.",
        PROFILE,
    ),
    "How do two compare?": View(
        segments.compare,
        (),
        ("segment", "other"),
        segments.plot_profile,
        "Shares inside one segment against another, with 95 % intervals.",
        PROFILE,
    ),
    "Who is in none?": View(
        segments.in_none,
        (),
        ("kinds",),
        None,
        "People who are in none of these segments.",
        ("person_id", "birth_date", "gender", "language", "city", "member_since", "active", "status", "created"),
    ),
}


def explore(source: Source, **what: Any) -> Panel:
    """A panel on segments: sizes, overlap, intersections, a segment's profile, two compared, contacts in none.

    source: a client (Peepl, SheepCRM, MissionHub, OnePageCRM), or the tables of crmkit.segments.load(). what: keywords of load(),
    such as segments={41: "Parents"} for Peepl, whose API lists no segments; for a client only.
    """
    data, recipe = tables_of("segments", source, segments.load, what)
    choices = labelled(data["segments"]["segment_id"], data["segments"]["name"])
    if not choices:
        raise ParameterError(
            "there are no segments in these tables.", hint="Peepl needs segments={number: name}, or groups=True."
        )
    sizes = data["members"]["segment_id"].value_counts()
    largest = sorted((one for _, one in choices), key=lambda one: -sizes.get(one, 0))  # the first question is about people
    controls = {
        "segment": Control("choice", "Segment", choices, largest[0]),
        "other": Control("choice", "Compared with", choices, largest[min(1, len(largest) - 1)]),
        "min_n": Control("whole", "At least so many members", least=0, most=10**6, value=0),
        "segments": Control("several", "Segments (none: all)", choices),
        "kinds": Control("several", "Kinds (none: all)", texts(data["segments"]["kind"])),
    }
    return Panel("segments", "Segments", data, recipe, VIEWS, controls)
