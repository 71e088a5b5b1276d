"""Keep what a CRM said on a day, compare days, and give a report's data away without its people.

    crmkit.share.snapshot(frames, "2024-06-01", folder="days")     # dated, stored once by content
    crmkit.share.diff(crmkit.share.load("2024-06-01", folder="days"), frames)
    crmkit.share.bundle({"segments": loaded}, "report.crmkit.zip", key=key)
    crmkit.segments.load(crmkit.share.open("report.crmkit.zip"))   # as from an account

Snapshots hold real people and are for their owner only; forget() erases somebody from all days. Bundles hold pseudonyms; they are still personal data to whoever has the
key, or knows by heart who was where (see bundle). Needs the extra files: pip install "crmkit[files]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.later import later

if TYPE_CHECKING:
    from crmkit.share.bundling import bundle
    from crmkit.share.changes import diff
    from crmkit.share.forgetting import forget
    from crmkit.share.opened import Bundle
    from crmkit.share.opened import open_bundle as open  # noqa: A004
    from crmkit.share.pseudonyms import new_key
    from crmkit.share.snapshots import days, load, snapshot

HOMES = {
    "Bundle": "opened",
    "bundle": "bundling",
    "days": "snapshots",
    "diff": "changes",
    "forget": "forgetting",
    "load": "snapshots",
    "new_key": "pseudonyms",
    "open": "opened:open_bundle",
    "snapshot": "snapshots",
}
__all__ = ["Bundle", "bundle", "days", "diff", "forget", "load", "new_key", "open", "snapshot"]
__getattr__, __dir__ = later(__name__, HOMES)
