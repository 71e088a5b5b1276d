"""Somebody asks to be forgotten: out of every snapshot of a folder, on disk too."""

from __future__ import annotations

import html
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.mentions import folded, spellings
from crmkit.receipts import ATTRS
from crmkit.share.plain import flat
from crmkit.share.snapshots import clear_memory, days, load, opened, snapshot

ERASED = "(erased)"


def forget(text: str, *, folder: str | Path | None = None) -> int:
    """Erase every line that holds a text (a name, a mail address, an id) from all snapshots of a folder, ignoring case.

    text: looked for anywhere in a line, lists and records in its cells included; so give one that is nobody else's, and call it once
    for each way in which somebody is known: lines of members or answers hold the id alone. folder: as for snapshot().

    All days are written anew and the old files deleted. Receipts then say how many lines are gone, and that the frame cannot be vouched
    for any more (complete is None); the text goes from all receipts too. Returns how many lines went, over all days; where nothing holds
    the text, the folder stays as it is. crmkit.cache.forget() does the same for the cache, and bundles that were given away hold pseudonyms.
    """
    place, wanted, held, told = opened(folder), spellings(text), 0, False
    with tempfile.TemporaryDirectory(prefix=".forgetting-", dir=place.parent) as beside:
        new = Path(beside, "snapshots")
        for day in days(folder=place):
            kept: dict[str, Any] = {}
            for name, one in load(day, folder=place).items():
                several = one if isinstance(one, dict) else {"": one}
                left = {inner: _without(frame, wanted) for inner, frame in several.items()}
                held += sum(len(several[inner]) - len(left[inner]) for inner in left)
                told = told or any(several[inner].attrs.get(ATTRS) != left[inner].attrs.get(ATTRS) for inner in left)
                kept[name] = left if isinstance(one, dict) else left[""]
            snapshot(kept, day, folder=new)
        if held or told:
            place.rename(Path(beside, "old"))
            new.rename(place)
    clear_memory()
    return held


def _without(frame: pd.DataFrame, wanted: set[str]) -> pd.DataFrame:
    """The frame without the lines that hold one of the texts, its receipt saying so."""
    bare = flat(frame)
    lines = map("\n".join, bare.astype("string").fillna("").to_numpy(object).tolist())
    holds = [any(one in folded(text) or one in folded(html.unescape(text)) for one in wanted) for text in lines]
    left = frame.loc[[not one for one in holds]].reset_index(drop=True)
    left.attrs = dict(frame.attrs)
    facts = left.attrs.get(ATTRS)
    if facts and any(holds):
        gone = f"{sum(holds):,} lines were erased from this snapshot by crmkit.share.forget()"
        vouched = facts["complete"] if facts["complete"] is False else None
        facts = {**facts, "complete": vouched, "problems": [*facts["problems"], gone]}
    if facts:
        left.attrs[ATTRS] = _cleansed(facts, wanted)
    return left


def _cleansed(value: Any, wanted: set[str]) -> Any:
    """Facts of a receipt without the texts."""
    if isinstance(value, dict):
        return {name: _cleansed(one, wanted) for name, one in value.items()}
    if isinstance(value, list):
        return [_cleansed(one, wanted) for one in value]
    return ERASED if isinstance(value, str) and any(one in folded(value) for one in wanted) else value
