"""Peepl, written from its admin API document, version 1.0."""

from crmkit.demo.dialects.peepl.app import Peepl

__all__ = ["Peepl"]
