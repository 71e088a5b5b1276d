"""Matching people: match(), the decisions of a reader, and the panel in which they are made."""
from crmkit.clean.matching.decided import decisions
from crmkit.clean.matching.linking import match
from crmkit.clean.matching.result import Matches

__all__ = ["Matches", "decisions", "match"]
