"""Which towns have which postal codes, as far as several frames agree on it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from crmkit.clean.meaning import is_text, meanings
from crmkit.clean.normal import normalise, partner
from crmkit.clean.places import Towns
from crmkit.errors import ParameterError


def towns(frames: Iterable[pd.DataFrame], *, region: str = "BE") -> pd.DataFrame:
    """Towns with their postal codes, from the addresses of all systems together; a list for clean.profile(df, towns=...).

    Parameters
    frames: frames with a postal code beside a town, from any system. region: as for normalise.

    Returns a line per pair that occurs at least twice and in at least one in ten addresses of its postal code: postal_code, city
    (string), records (Int64). Codes and towns are normalised first. Not looked at: whether the pair exists; a slip made often enough
    is taken for true, so an official list is better where there is one.
    """
    parts = [part for frame in frames for part in _addresses(frame, region)]
    every = pd.concat(parts) if parts else pd.DataFrame({"postal_code": [], "city": []}, dtype="string")
    pairs = every.dropna().groupby(["postal_code", "city"]).size().rename("records").reset_index()
    of_code = pairs.groupby("postal_code")["records"].transform("sum")
    kept = pairs[(pairs["records"] >= 2) & (pairs["records"] * 10 >= of_code)]
    return kept.astype({"postal_code": "string", "city": "string", "records": "Int64"}).reset_index(drop=True)


def _addresses(frame: pd.DataFrame, region: str) -> Iterable[pd.DataFrame]:
    """Every pair of a postal code and a town column, normalised."""
    meant = meanings(frame)
    for code, meaning in meant.items():
        town = partner(code, "city", meant) if meaning.kind == "postal_code" and is_text(frame[code]) else None
        if town is not None:
            clean = normalise(frame, [code, town], region=region)
            yield pd.DataFrame({"postal_code": clean[f"{code}.clean"], "city": clean[f"{town}.clean"]})


def by_code(known: pd.DataFrame | None) -> Towns | None:
    """A list of towns for looking them up; one made by towns() is not complete."""
    if known is None:
        return None
    if not {"postal_code", "city"} <= set(known.columns):
        raise ParameterError("towns needs the columns postal_code and city.", hint="rename them, or use clean.towns(frames).")
    texts = known[["postal_code", "city"]].dropna().astype("string")
    found = {str(code): {str(name).casefold() for name in part} for code, part in texts.groupby("postal_code")["city"]}
    return Towns(found, complete="records" not in known.columns)
