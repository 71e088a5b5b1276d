"""OnePageCRM, written from its API v3 document and the vendor's newest changes to it."""

from crmkit.demo.dialects.onepagecrm.app import OnePageCRM

__all__ = ["OnePageCRM"]
