"""How the frames of fetchers are treated in a bundle: by the sensitivity that their rows declare, and by what their ids are ids of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

from crmkit.children import repeated_by
from crmkit.columns import Column
from crmkit.endpoint import Endpoint
from crmkit.errors import ConfigError, ShapeError
from crmkit.receipts import ATTRS, receipt
from crmkit.share.references import ID, PEOPLE, of_name
from crmkit.share.topic_columns import Treatments

BORN, POSTAL = re.compile(r"birth|dob"), re.compile(r"postal|postcode|zip")
CLASSES = {"sheepCRM": "SheepCRM"}
TEXTUAL = ("text", "id")
EXAMPLE = "{'email': 'direct', 'city': 'quasi', 'note': 'text', 'id': 'none'}"
DAYS = ("day", "day_dmy", "wall", "instant", "epoch")


def fetched(frame: pd.DataFrame, name: str) -> tuple[str, Treatments]:
    """The CRM of a fetcher's frame, or of a child of one, and column -> treatment. Raises ShapeError where no row declares it."""
    try:
        proof = receipt(frame)
        row = row_of(frame.attrs[ATTRS])
    except (ShapeError, ConfigError):
        raise ShapeError(
            f"nothing tells how sensitive the columns of {name} are: it is no frame of a fetcher, of child() or of a topic's load().",
            hint=f"bundle the frames it was made from, or say of each column what it is: sensitivity={{{name!r}: {EXAMPLE}}};"
            " what is not named is dropped.",
        ) from None
    columns, key, noun = row.columns, row.key[0] if row.key else "", row.record or row.name.rstrip("s")
    labels = {one.name for one in row.own_slots({})}
    beside = set(repeated_by(row).values())
    for step in frame.attrs[ATTRS].get("child", []):
        opened = next(one for one in columns if one.name == step)
        labels = {opened.key_as or f"{noun}_{key}", *beside}
        columns, key, noun = opened.children, opened.key, opened.record
    declared = {one.name: one for one in columns}
    return proof.crm, {str(one): _treatment(str(one), declared, noun, labels) for one in frame}


def row_of(facts: Mapping[str, Any]) -> Endpoint:
    """The row that a receipt names; the CRM's rows are known once its client is loaded. Raises ConfigError where there is none."""
    client_of(facts.get("crm", ""))
    return Endpoint.of(facts)


def client_of(crm: str) -> Any:
    """The client of a CRM as its receipts name it; None where there is none of that name."""
    return getattr(import_module("crmkit"), CLASSES.get(crm, crm), None)


def by_hand(frame: pd.DataFrame, told: Treatments) -> Treatments:
    """Column -> treatment for a frame whose sensitivities the caller names; what is not named is dropped."""
    return {
        str(name): _of(Column(str(name), "Named by hand.", _kind(frame[name]), sensitivity=told[str(name)]), "")  # type: ignore[arg-type]
        if str(name) in told
        else "unknown"
        for name in frame
    }


def _kind(values: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(values):
        return "wall"
    if pd.api.types.is_bool_dtype(values):
        return "flag"
    return "number" if pd.api.types.is_numeric_dtype(values) else "json" if values.dtype == object else "text"


def _treatment(name: str, declared: dict[str, Column], noun: str, labels: set[str]) -> str:
    """labels: columns that crmkit itself puts first: the parent's key in a child, the parameters of a call with a list."""
    if name in declared:
        return _of(declared[name], noun)
    if name in labels:
        return of_name(name, noun) if ID.fullmatch(name) else "keep"
    return "keep" if name == "position" else "unknown"


def _of(one: Column, noun: str) -> str:
    if one.kind in ("children", "json", "secret") or one.sensitivity == "text":
        return "nested" if one.kind == "children" else "drop"
    if one.sensitivity == "direct":
        return "name" if one.kind in TEXTUAL else "drop"
    if one.kind == "id" or ID.fullmatch(one.name) or one.name in PEOPLE:
        return of_name(one.name, noun) + ("s" if one.kind == "items" else "")
    # When a person's record was made, to the second, is as good as an id.
    own = noun in PEOPLE and one.kind in DAYS
    return _quasi(one) if own or one.sensitivity == "quasi" else _harmless(one)


def _quasi(one: Column) -> str:
    if BORN.search(one.name) and one.kind in DAYS:
        return "born"
    if one.kind in DAYS:
        return "shift"
    if one.kind in ("integer", "number", "money"):
        return "tens"
    if one.kind != "text":
        return "drop"
    return "postal" if POSTAL.search(one.name) else "category"


def _harmless(one: Column) -> str:
    return "title" if one.kind == "text" else "titles" if one.kind == "items" else "keep"
