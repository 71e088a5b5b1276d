"""OnePageCRM: custom fields as typed columns, after the contract sheet, section 4 (custom fields) and trap 28."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.casts import as_text, cast
from crmkit.columns import Column
from crmkit.endpoint import Values

if TYPE_CHECKING:
    from crmkit.client import Client

KINDS = {"number": "number", "date": "day", "anniversary": "day", "multiple_choice": "items"}
DIVIDER = "section_divider"

Definition = dict[str, Any]


def as_columns(name: str, wrapper: str) -> Callable[[pd.DataFrame, Values, Client], pd.DataFrame]:
    """With custom_fields="columns": a column cf.<name> per definition behind the others, typed by the definition.

    name is the list of values in a record and the fetcher of the definitions; wrapper holds a definition beside its value. A field
    without a value is missing. Where two definitions share a name, both columns carry their id.
    """

    def refine(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
        if values.get("custom_fields") != "columns":
            return frame
        listed = [_entries(found, wrapper) for found in frame[name]]
        columns = _columns(_known(getattr(client, name)(), listed), frame)
        by_id = [{str(definition.get("id")): value for definition, value in entries} for entries in listed]
        return _beside(frame, {column: [one.get(key) for one in by_id] for key, column in columns.items()})

    return refine


def _entries(found: Any, wrapper: str) -> list[tuple[Definition, Any]]:
    """The definitions and values of one record."""
    entries = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [(one[wrapper], one.get("value")) for one in entries if isinstance(one.get(wrapper), dict)]


def _known(listed: pd.DataFrame, used: list[list[tuple[Definition, Any]]]) -> dict[str, Definition]:
    """The definitions by id, in the vendor's order; those that only records name come last."""
    ordered = listed.sort_values("position", kind="stable") if len(listed) else listed
    lines: Any = ordered[["id", "name", "type"]].to_dict("records")
    known: dict[str, Definition] = {str(one["id"]): one for one in lines}
    for definition, _ in (entry for entries in used for entry in entries):
        known.setdefault(str(definition.get("id")), definition)
    return {key: one for key, one in known.items() if one.get("type") != DIVIDER}


def _columns(definitions: dict[str, Definition], frame: pd.DataFrame) -> dict[str, Column]:
    """A column for each definition, by id."""
    names = Counter(str(one.get("name")) for one in definitions.values())
    columns = {}
    for key, one in definitions.items():
        name = f"cf.{one.get('name')}"
        unique = names[str(one.get("name"))] == 1 and name not in frame
        columns[key] = Column(name if unique else f"{name} [{key}]", "A custom field.", KINDS.get(str(one.get("type")), "text"))
    return columns


def _beside(frame: pd.DataFrame, columns: dict[Column, list[Any]]) -> pd.DataFrame:
    """The frame with the columns behind it; a value that does not fit its type is kept as text in <column>.raw, and counted."""
    typed: dict[str, Any] = {}
    misfits: dict[str, Any] = {}
    problems: list[str] = []
    for column, values in columns.items():
        if column.kind == "items":
            values = [[value] if isinstance(value, str) and value else value or None for value in values]
        typed[column.name], rejected = cast(column, values)
        if rejected:
            texts = [as_text(value) if row in rejected else None for row, value in enumerate(values)]
            misfits[f"{column.name}.raw"] = pd.array(texts, dtype="string")
            problems.append(f"{len(rejected):,} values of {column.name} do not fit its type and are kept in {column.name}.raw")
    wide = pd.concat([frame, pd.DataFrame({**typed, **misfits}, index=frame.index)], axis=1)
    wide.attrs["problems"] = [*frame.attrs.get("problems", []), *problems]
    return wide
