"""sheepCRM, written from its API document of 2024 and the vendor's guides."""

from crmkit.demo.dialects.sheepcrm.app import SheepCRM

__all__ = ["SheepCRM"]
