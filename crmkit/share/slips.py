"""What bundle() refuses before it makes anything: slips of the pen that would give somebody away, or join nobody."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ConfigError, ParameterError
from crmkit.receipts import ATTRS
from crmkit.share.pseudonyms import as_texts

if TYPE_CHECKING:
    from crmkit.share.bundling import Part

ENDING = ".crmkit.zip"


def place_for(path: str | Path, force: bool) -> Path:
    """Where the file goes. Raises ConfigError where it cannot, or there is one already."""
    place = Path(path)
    if not place.name.endswith(ENDING):
        raise ParameterError(f"a bundle's name ends with {ENDING}.")
    if not place.absolute().parent.is_dir():
        raise ConfigError("there is no such folder to write the bundle to.", hint="make it, or choose another place.")
    if place.exists() and not force:
        raise ConfigError(f"{place.name} exists already.", hint="choose another name, or replace it with force=True.")
    return place


def all_there(parts: list[Part], leave_out: set[str], sensitivity: Mapping[str, Any]) -> None:
    """A slip of the pen must not give away what was meant to be left out."""
    columns = {one for part in parts for name in map(str, part.frame) for one in (name, f"{part.name}.{name}")}
    for name in sorted(map(str, leave_out)):
        if name not in columns:
            near = get_close_matches(name, columns, n=1)
            hint = f"did you mean {near[0]}?" if near else 'give "column" or "frame.column".'
            raise ParameterError(f"there is no column {name!r} to leave out.", hint=hint)
    if strange := set(sensitivity) - {part.name for part in parts if not part.topic}:
        raise ParameterError(
            f"sensitivity= tells of {min(strange)!r}, which is no frame of this bundle that a topic does not know already.",
            hint="give it the frame's name.",
        )


def one_account_each(parts: list[Part]) -> None:
    """Two accounts of one CRM may give one id to two people."""
    found: dict[str, set[str]] = {}
    for part in parts:
        label = str((part.frame.attrs.get(ATTRS) or {}).get("account", ""))
        found.setdefault(part.crm, set()).update(one for one in label.split(" + ") if one)
    several = sorted(crm for crm, accounts in found.items() if len(accounts) > 1)
    if several:
        raise ParameterError(
            f"these frames come from several accounts of {several[0]}, whose ids may meet.", hint="bundle each account."
        )


def right_k(k: Any) -> None:
    """k is a number of people."""
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or k < 1):
        raise ParameterError("k takes a whole number from 1 on.", hint="k=5, or leave it out and read .anonymity of the bundle.")


def meets(people: pd.DataFrame | None, parts: list[Part]) -> None:
    """Other names of systems, or ids written otherwise, would make everybody somebody else in every system, in silence."""
    if people is None or people.empty:
        return
    given = zip(people["system"].astype("string").str.casefold(), people["id"].astype("string"), strict=True)
    there = {
        (part.crm.casefold(), one)
        for part in parts
        for name, treatment in part.treatments.items()
        if treatment == "person" and name in part.frame
        for one in as_texts(part.frame[name].astype("string").unique())
    }
    if there and there.isdisjoint(given):
        crms = " and ".join(sorted({part.crm for part in parts if part.crm}))
        raise ParameterError(
            "nobody in people is in these frames.",
            hint=f"system takes the name of the CRM, here {crms or 'an empty text'}, and id its ids as they stand in the frames.",
        )
