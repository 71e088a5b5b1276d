"""crmkit: complete, typed DataFrames from Peepl, Beeple, sheepCRM, MissionHub and OnePageCRM."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmkit import cache
from crmkit.cache import offline
from crmkit.children import child
from crmkit.crms.peepl import Peepl
from crmkit.receipt import included, receipt

if TYPE_CHECKING:
    from crmkit import demo as demo

__all__ = ["Peepl", "cache", "child", "demo", "included", "offline", "receipt"]


def __getattr__(name: str) -> Any:
    if name == "demo":
        return import_module("crmkit.demo")
    raise AttributeError(f"module crmkit has no attribute {name!r}")
