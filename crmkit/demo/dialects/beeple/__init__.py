"""Beeple, written from its data management API document and from what public client code shows beside it."""

from crmkit.demo.dialects.beeple.app import Beeple

__all__ = ["Beeple"]
