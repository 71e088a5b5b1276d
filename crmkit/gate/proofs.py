"""The bundle of a report before anything runs: whether it is the one meant, unchanged, complete and young enough."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ConfigError, CrmkitError
from crmkit.gate.cells import Notebook
from crmkit.gate.faults import Fault, Rejected
from crmkit.receipts import ATTRS, Receipt, receipt

if TYPE_CHECKING:
    from crmkit.share import Bundle


def opened_bundle(path: Path) -> Bundle:
    """The bundle; Rejected where it was changed."""
    from crmkit import share

    if not path.is_file():
        raise ConfigError(f"there is no bundle {path.name}.", hint="crmkit.share.bundle() makes one.")
    try:
        return share.open(path)
    except CrmkitError as error:
        raise Rejected([Fault("bundle", path.name, error.what)]) from None


def pinned(read: Notebook, opened: Bundle, name: str) -> list[Fault]:
    """A notebook may say which bundle it is for: metadata crmkit, bundle, the digest."""
    meant = read.metadata.get("crmkit", {}).get("bundle")
    return [Fault("bundle", name, "the notebook is for another one.")] if meant not in (None, opened.digest) else []


def receipts_of(opened: Bundle, max_age: int | None, day: date | str | None) -> tuple[dict[str, Receipt], list[Fault]]:
    """The receipts in the bundle, and what is wrong with them. A vendor that declares nothing to check against is no fault."""
    found: dict[str, Receipt] = {}
    faults = []
    for name, frame in _flat(opened.frames):
        if not frame.attrs.get(ATTRS):
            continue
        found[name] = proof = receipt(frame)
        if proof.complete is False or proof.limited:
            faults.append(Fault("incomplete", name, f"{proof.crm}.{proof.endpoint} is {proof.verdict}."))
        if max_age is not None and _age(proof, day) > timedelta(days=max_age):
            faults.append(Fault("old", name, f"older than {max_age} days."))
    if not found:
        faults.append(Fault("incomplete", opened.path.name, "no table in it has a receipt."))
    return found, faults


def _flat(frames: Mapping[str, Any]) -> list[tuple[str, pd.DataFrame]]:
    found = []
    for name, one in frames.items():
        found += [(f"{name}.{inner}", frame) for inner, frame in one.items()] if isinstance(one, Mapping) else [(name, one)]
    return found


def _age(proof: Receipt, day: date | str | None) -> timedelta:
    """How old the oldest answer is on a day; without end where nobody knows."""
    if not proof.oldest:
        return timedelta.max
    at = pd.Timestamp(day) if day else pd.Timestamp.now("UTC").tz_localize(None)
    return (at - pd.Timestamp(proof.oldest).tz_localize(None)).to_pytimedelta()
