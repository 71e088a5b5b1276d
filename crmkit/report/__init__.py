"""The report of crmkit demo: chapters of tables and pictures, printed in a terminal and written as one HTML file.

A chapter is made from what was pulled out of the systems and knows nothing of how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable

from crmkit.report import attendance, coverage, pipelines, segments
from crmkit.report.parts import Chapter, Picture, Table
from crmkit.report.pull import Pull, receipts

__all__ = ["CHAPTERS", "Chapter", "Picture", "Pull", "Table", "chapters", "receipts"]

CHAPTERS: tuple[Callable[[Pull], Chapter], ...] = (
    segments.chapter,
    attendance.chapter,
    pipelines.chapter,
    coverage.chapter,
)


def chapters(pull: Pull) -> list[Chapter]:
    """Every chapter of the report, in reading order."""
    return [chapter(pull) for chapter in CHAPTERS]
