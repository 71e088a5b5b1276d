"""Keep what a CRM said on a day, compare days, and give a report's data away without its people.

    crmkit.share.snapshot(frames, "2024-06-01", folder="days")     # dated, stored once by content
    crmkit.share.diff(crmkit.share.load("2024-06-01", folder="days"), frames)
    crmkit.share.bundle({"segments": loaded}, "report.crmkit.zip", key=key)
    crmkit.segments.load(crmkit.share.open("report.crmkit.zip"))   # as from an account

Snapshots hold real people and are for their owner only; forget() erases somebody from all days. Bundles hold pseudonyms; they are still personal data to whoever has the
key, or knows by heart who was where (see bundle). Needs the extra files: pip install "crmkit[files]".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.share.bundling import bundle
    from crmkit.share.changes import diff
    from crmkit.share.forgetting import forget
    from crmkit.share.opened import Bundle
    from crmkit.share.opened import open_bundle as open  # noqa: A004
    from crmkit.share.pseudonyms import new_key
    from crmkit.share.snapshots import days, load, snapshot

# No module may have the name of a function here: importing it would put the module in the function's place.
HOMES = {
    "Bundle": ("opened", "Bundle"),
    "bundle": ("bundling", "bundle"),
    "days": ("snapshots", "days"),
    "diff": ("changes", "diff"),
    "forget": ("forgetting", "forget"),
    "load": ("snapshots", "load"),
    "new_key": ("pseudonyms", "new_key"),
    "open": ("opened", "open_bundle"),
    "snapshot": ("snapshots", "snapshot"),
}
__all__ = ["Bundle", "bundle", "days", "diff", "forget", "load", "new_key", "open", "snapshot"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module crmkit.share has no attribute {name!r}")
    module, known_as = HOMES[name]
    found = globals()[name] = getattr(import_module(f"crmkit.share.{module}"), known_as)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
