"""How a list is read to its end: frozen strategies, and walk(), which runs one of them. Knows no HTTP and no pandas.

A strategy is a value whose steps() is a small dialogue: it yields what to ask (an Ask) and is sent the page that came back (a Page).
It ends when the vendor's own signal says so, never because a page looks short. The trail keeps what was seen; a strategy calls
trail.take(page) for each page whose records belong to the result.
"""

from crmkit.paging.ground import Ground
from crmkit.paging.offset import Offset
from crmkit.paging.pages import PageNumber
from crmkit.paging.settling import HIDDEN, Settling
from crmkit.paging.signals import first_number, is_link, link_number, seconds, whole
from crmkit.paging.single import SinglePage, SizedPage, uncounted
from crmkit.paging.trail import Ask, Dialogue, Page, Paging, Trail, missing, twice
from crmkit.paging.walking import CEILING, walk

__all__ = [
    "CEILING",
    "HIDDEN",
    "Ask",
    "Dialogue",
    "Ground",
    "Offset",
    "Page",
    "PageNumber",
    "Paging",
    "Settling",
    "SinglePage",
    "SizedPage",
    "Trail",
    "first_number",
    "is_link",
    "link_number",
    "missing",
    "seconds",
    "twice",
    "uncounted",
    "walk",
    "whole",
]
