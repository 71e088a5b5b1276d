"""crmkit: complete, typed DataFrames from Peepl, Beeple, sheepCRM, MissionHub and OnePageCRM."""

from typing import TYPE_CHECKING

from crmkit.later import later

if TYPE_CHECKING:
    from crmkit import cache as cache
    from crmkit import clean as clean
    from crmkit import demo as demo
    from crmkit import errors as errors
    from crmkit import fleet as fleet
    from crmkit import gate as gate
    from crmkit import share as share
    from crmkit.cache import offline
    from crmkit.children import child
    from crmkit.crms.beeple import Beeple
    from crmkit.crms.missionhub import MissionHub
    from crmkit.crms.onepagecrm import OnePageCRM
    from crmkit.crms.peepl import Peepl
    from crmkit.crms.sheepcrm import SheepCRM
    from crmkit.receipts import included, receipt
    from crmkit.topics import attendance as attendance
    from crmkit.topics import coverage as coverage
    from crmkit.topics import pipelines as pipelines
    from crmkit.topics import segments as segments

TOPICS = ("attendance", "coverage", "pipelines", "segments")
__all__ = [
    "Beeple",
    "MissionHub",
    "OnePageCRM",
    "Peepl",
    "SheepCRM",
    "attendance",
    "cache",
    "child",
    "clean",
    "coverage",
    "demo",
    "errors",
    "fleet",
    "gate",
    "included",
    "offline",
    "pipelines",
    "receipt",
    "segments",
    "share",
]

# Loaded at first use, so that crmkit --help need not wait for pandas.
HOMES = {
    **{name: f"crms.{name.lower()}" for name in ("Beeple", "MissionHub", "OnePageCRM", "Peepl", "SheepCRM")},
    **{name: f"{name}:" for name in ("cache", "clean", "demo", "errors", "fleet", "gate", "share")},
    **{name: f"topics.{name}:" for name in TOPICS},
    "child": "children",
    "included": "receipts",
    "offline": "cache",
    "receipt": "receipts",
}
__getattr__, __dir__ = later(__name__, HOMES)
