"""What a call of a fetcher asks, as its receipt tells it: by its row, with the defaults that the row fills in, without a client."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crmkit.client import Client
from crmkit.endpoint import Endpoint, Fetcher
from crmkit.share.fetched_columns import client_of
from crmkit.topics.replay import plain


def asked(crm: str, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[str, dict[str, str], int | None]:
    """The row that a call of a fetcher asks, its parameters as text, and its limit.

    Raises ParameterError for arguments that the fetcher does not take. What is no row (crmkit's own merged calls) stays as it was typed.
    """
    kind: type[Client] = client_of(crm)
    row = kind.rows().get(name)
    if row is None:
        return name, as_texts(kwargs), None
    bound = Fetcher(row, _nowhere(kind)).bind(*args, **kwargs)
    return bound.row.name, told(crm, bound.row.name, bound.values), bound.limit


def told(crm: str, name: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of a call as text. An id and a list of one are two: only of a list the frame has a column that tells it."""
    row: Endpoint | None = client_of(crm).rows().get(name)
    slots = row.own_slots({}) if row else ()
    several = {f"{one.name} of several": True for one in slots if isinstance(params.get(one.name), list)}
    return as_texts({**params, **several})


def as_texts(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters that say something, as text."""
    texts = {str(name): _one_way(plain(value)) for name, value in params.items() if value is not None and value is not False}
    return {name: text for name, text in texts.items() if text}


def _one_way(text: str) -> str:
    """A moment as ISO 8601 writes it, whatever it was given as; other texts as they are."""
    return re.sub(r"^(\d{4}-\d\d-\d\d) (?=\d\d:)", r"\1T", text).removesuffix("T00:00:00")


def _nowhere(kind: type[Client]) -> Client:
    """A client of this kind that is connected to nothing: it has rows, and no credential."""
    own = {"slots": {"bucket": "bundled"}, "organization_id": None, "__init__": lambda self: None}
    made: Client = type(kind.__name__, (kind,), own)()
    return made
