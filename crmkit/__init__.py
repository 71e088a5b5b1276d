"""crmkit: complete, typed DataFrames from Peepl, Beeple, sheepCRM, MissionHub and OnePageCRM."""

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

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

# Loaded at first use, so that crmkit --help need not wait for pandas. No name here may be that of another module: importing
# crmkit.receipt would set the attribute of that name to the module.
HOMES = {
    **{name: f"crms.{name.lower()}" for name in ("Beeple", "MissionHub", "OnePageCRM", "Peepl", "SheepCRM")},
    "child": "children",
    "included": "receipts",
    "offline": "cache",
    "receipt": "receipts",
}


def __getattr__(name: str) -> Any:
    if name in ("cache", "clean", "demo", "errors", "fleet", "gate", "share"):
        return import_module(f"crmkit.{name}")
    if name in TOPICS:
        return import_module(f"crmkit.topics.{name}")
    if name not in HOMES:
        near = [] if name.startswith("_") else get_close_matches(name, __all__, n=1)
        raise AttributeError(f"module crmkit has no attribute {name!r}." + (f" Did you mean {near[0]}?" if near else ""))
    found = globals()[name] = getattr(import_module(f"crmkit.{HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
