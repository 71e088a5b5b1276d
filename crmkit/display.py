"""Escaped, byte-stable HTML for reprs: no random ids, no times, no paths, and it never asks a server."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

LEFT = ' style="text-align:left"'


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table; everything in it is text."""
    head = "".join(f"<th{LEFT}>{html.escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td{LEFT}>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption{LEFT}>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
