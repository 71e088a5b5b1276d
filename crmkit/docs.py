"""Docstrings generated from rows: plain text that reads well under Shift-Tab and cannot go stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING

from crmkit.columns import Column, visible

if TYPE_CHECKING:
    from crmkit.endpoint import Endpoint
    from crmkit.params import Param

WIDTH = 100


def docstring(row: Endpoint, places: Iterable[Param], params: Iterable[Param], common: Mapping[str, str]) -> str:
    """The documentation of one fetcher: what it gives, parameters, columns, paging, errors, source."""
    parts = [row.doc]
    if row.experimental:
        parts.append("Experimental: seen in public client code only, not in the vendor's document. It may answer NotFound.")
    parts += [_parameters(places, params, common), _columns(row)]
    parts.append("Paging\n    " + ("page by page to the vendor's own end, checked." if row.paging.paged else "one request."))
    parts.append(
        "Errors\n    ParameterError before anything is asked; AuthError, PermissionDenied, NotFound, RateLimited, ServerError,\n"
        "    NetworkError from the server; IncompleteFetch rather than a short frame; NotCached when offline."
    )
    parts.append(f"Source\n    {row.crm} contract sheet, {row.source}; {row.method} {row.path}")
    return "\n\n".join(parts)


def _item(head: str, text: str) -> str:
    return f"    {head}\n" + fill(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)


def _parameters(places: Iterable[Param], params: Iterable[Param], common: Mapping[str, str]) -> str:
    lines = []
    for param in places:
        default = "" if param.default is None else f", default {param.default!r}"
        several = "" if param.kind == "day" else ", or a list or Series of them"
        lines.append(_item(f"{param.name} : {param.described}{several}{default}", param.meaning))
    for param in params:
        lines.append(_item(f"{param.name} : {param.described}{', required' if param.required else ''}", param.meaning))
    for name, text in common.items():
        kind, _, meaning = text.partition(". ")
        lines.append(_item(f"{name} : {kind}", meaning))
    return "Parameters\n" + "\n".join(lines)


def _columns(row: Endpoint) -> str:
    shown = visible(row.columns, sensitive=True)
    if not shown:
        return "Columns\n    As the server sends them; no document gives their names."
    return "Columns\n" + "\n".join(_item(_column_head(one), _column_text(one)) for one in shown)


def _column_head(one: Column) -> str:
    unit = f", {one.unit}" if one.unit else ""
    zone = ", UTC" if one.kind in ("instant", "epoch") and not one.unit else ""
    return f"{one.name} : {one.dtype}{unit}{zone}"


def _column_text(one: Column) -> str:
    text = one.meaning
    if one.kind == "children":
        text += f" A list of records: crmkit.child(df, {one.name!r})."
    if one.opt_in:
        text += " Only with sensitive=True."
    if one.values:
        text += f" Known values: {', '.join(one.values)}."
    return text
