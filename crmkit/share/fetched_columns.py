"""How the frames of fetchers are treated in a bundle: by the sensitivity that their rows declare, and by what their ids are ids of."""

from __future__ import annotations

import re
from importlib import import_module

import pandas as pd

from crmkit.columns import Column
from crmkit.endpoint import Endpoint
from crmkit.errors import ConfigError, ShapeError
from crmkit.receipts import ATTRS, receipt
from crmkit.share.topic_columns import Treatments

# What an id column is called, without _id: these are people (or what a contact may be) and get their pseudonym.
PEOPLE = frozenset(
    [
        "admin_contact",
        "approved_by",
        "assigned_to",
        "assignee",
        "author",
        "billing_contact",
        "buyer",
        "buyer_ref",
        "client",
        "collaborator",
        "contact",
        "created_by",
        "customer",
        "guest",
        "guest_ref",
        "last_modified_by",
        "leader",
        "locked_by",
        "manager",
        "member",
        "owner",
        "people",
        "person",
        "person_ref",
        "responsible_planning",
        "uploaded_by",
        "user",
        "volunteer",
        "receiver",
        "initiator",
        "linked_contact",
        "related_contact",
    ]
)
# These are things that a report may name. Any other id may lead to a person and gets a reference.
THINGS = frozenset(
    [
        "activity",
        "event",
        "group",
        "segment",
        "function",
        "combination",
        "team",
        "project",
        "subproject",
        "pipeline",
        "sales_pipeline",
        "label",
        "permission",
        "survey",
        "question",
        "status",
        "lead_source",
        "parent_segment",
        "series",
        "product",
        "department",
        "availability_type",
        "membership_type",
        "ticket_type",
        "category",
        "user_group",
        "reason_lost",
        "default_function",
        "day_part",
        "product_group",
    ]
)
ID = re.compile(r"(.*?)[._]?(?:ids?|uid|uri|euid|ref)")
BORN, POSTAL = re.compile(r"birth|dob"), re.compile(r"postal|postcode|zip")
CLASSES = {"sheepCRM": "SheepCRM"}
TEXTUAL = ("text", "id")
DAYS = ("day", "day_dmy", "wall", "instant", "epoch")


def fetched(frame: pd.DataFrame, name: str) -> tuple[str, Treatments]:
    """The CRM of a fetcher's frame, or of a child of one, and column -> treatment. Raises ShapeError where no row declares it."""
    try:
        proof = receipt(frame)
        row = row_of(proof.crm, proof.endpoint)
    except (ShapeError, ConfigError):
        raise ShapeError(
            f"nothing tells how sensitive the columns of {name} are: it is no frame of a fetcher, of child() or of a topic's load().",
            hint=f"bundle the frames it was made from, or say so: sensitivity={{{name!r}: {{column: 'none'}}}}.",
        ) from None
    columns, noun = row.columns, row.record or row.name.rstrip("s")
    for step in frame.attrs[ATTRS].get("child", []):
        opened = next(one for one in columns if one.name == step)
        columns, noun = opened.children, opened.record
    declared = {one.name: one for one in columns}
    labels = {f"{row.record}_{key}" for key in row.key}
    return proof.crm, {str(one): _treatment(str(one), declared, noun, labels) for one in frame}


def row_of(crm: str, endpoint: str) -> Endpoint:
    """The row that a receipt names; the CRM's rows are known once its client is loaded. Raises ConfigError where there is none."""
    getattr(import_module("crmkit"), CLASSES.get(crm, crm), None)
    return Endpoint.of(crm, endpoint)


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
    if name in declared:
        return _of(declared[name], noun)
    if name == "position":
        return "keep"
    return _id(name, noun) if name in labels or ID.fullmatch(name) else "unknown"


def _of(one: Column, noun: str) -> str:
    if one.kind in ("children", "json", "secret") or one.sensitivity == "text":
        return "nested" if one.kind == "children" else "drop"
    if one.sensitivity == "direct":
        return "name" if one.kind in TEXTUAL else "drop"
    if one.kind == "id" or ID.fullmatch(one.name) or one.name in PEOPLE:
        return _id(one.name, noun) + ("s" if one.kind == "items" else "")
    # When a person's record was made, to the second, is as good as an id.
    own = noun in PEOPLE and one.kind in DAYS
    return _quasi(one) if own or one.sensitivity == "quasi" else _harmless(one)


def _id(name: str, noun: str) -> str:
    found = ID.fullmatch(name)
    of = (found[1] if found else name).rpartition(".")[2] or noun
    return "person" if of in PEOPLE or name in PEOPLE else "keep" if of in THINGS else "ref"


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
