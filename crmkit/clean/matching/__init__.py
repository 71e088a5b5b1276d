"""Matching people: match(), the decisions of a reader, and review(), the panel in which they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.clean.matching.decided import decisions
from crmkit.clean.matching.linking import match
from crmkit.clean.matching.result import Matches

if TYPE_CHECKING:
    from crmkit.clean.matching.panel import review

__all__ = ["Matches", "decisions", "match", "review"]


def __getattr__(name: str) -> Any:
    if name != "review":
        raise AttributeError(f"module crmkit.clean.matching has no attribute {name!r}")
    try:
        from crmkit.clean.matching.panel import review
    except ModuleNotFoundError as error:
        if error.name != "ipywidgets":
            raise
        from crmkit.errors import ConfigError

        raise ConfigError("the review panel needs ipywidgets.", hint='pip install "crmkit[notebooks]"') from error
    return review
