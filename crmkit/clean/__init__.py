"""Clean once: find what is wrong, propose what is right, match people, and keep every correction as data.

    report = crmkit.clean.profile(df)          # what is wrong, by column and by record
    tidy = crmkit.clean.normalise(df)          # email.clean, email.reason, ... beside the old columns
    result = crmkit.clean.match(frames)        # who is who: pairs with reasons, clusters; crmkit.clean.review(result) asks
    fixes = crmkit.clean.corrections(before, after)    # what changed, a line per value
    plan = crmkit.clean.plan(client, fixes)            # every request that would be sent; nothing is sent
    plan.apply(confirm=plan.phrase)                    # with a client made with writable=True
    plan.undo()

Needs the extra clean: pip install "crmkit[clean]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.later import later

if TYPE_CHECKING:
    from crmkit.clean.changes import apply_corrections, conflicts, corrections
    from crmkit.clean.changes_files import load_corrections, save_corrections
    from crmkit.clean.matching import decisions, match, review
    from crmkit.clean.normal import normalise
    from crmkit.clean.profile_columns import profile
    from crmkit.clean.profile_towns import towns
    from crmkit.clean.write_plan import plan

HOMES = {
    "apply_corrections": "changes",
    "conflicts": "changes",
    "corrections": "changes",
    "decisions": "matching",
    "load_corrections": "changes_files",
    "match": "matching",
    "normalise": "normal",
    "plan": "write_plan",
    "profile": "profile_columns",
    "review": "matching",
    "save_corrections": "changes_files",
    "towns": "profile_towns",
}
__all__ = [
    "apply_corrections",
    "conflicts",
    "corrections",
    "decisions",
    "load_corrections",
    "match",
    "normalise",
    "plan",
    "profile",
    "review",
    "save_corrections",
    "towns",
]
__getattr__, __dir__ = later(__name__, HOMES)
