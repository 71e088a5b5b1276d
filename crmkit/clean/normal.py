"""Normalised values as new columns beside the old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmkit.clean import days, mails, names, phones, places, registers, text
from crmkit.clean.meaning import MADE, Meaning, a_frame, is_text, meanings
from crmkit.clean.verdicts import Column, Reader, Verdict, counted, judged
from crmkit.errors import ParameterError
from crmkit.params import unknown_name

READERS: Mapping[str, Callable[[Column], Reader]] = {
    "email": mails.reader,
    "phone": phones.reader,
    "first_name": names.reader,
    "last_name": names.reader,
    "full_name": names.reader,
    "birth_date": days.reader,
    "day": days.reader,
    "postal_code": places.postal_reader,
    "city": places.city_reader,
    "country": places.country_reader,
    "iban": registers.iban_reader,
    "vat": registers.vat_reader,
    "text": text.reader,
}
DAYS = ("birth_date", "day")


def normalise(
    df: pd.DataFrame,
    columns: Iterable[str] | None = None,
    *,
    kinds: Mapping[str, str | None] | None = None,
    region: str = "BE",
    day_first: bool = True,
) -> pd.DataFrame:
    """Normalised values as new columns beside the old ones; nothing that was there is changed.

    Parameters
    df: any DataFrame; where a fetcher made it, its declared columns say which are mails, phones and so on.
    columns: only these; by default all that have a kind.
    kinds: column -> kind, where the frame does not tell: email, phone, first_name, last_name, full_name, birth_date, day, postal_code,
        city, country, iban, vat, text; None leaves a column out.
    region: country (ISO 3166, two letters) of phones, postal codes and VAT numbers that name none; also decides on Van or van.
    day_first: how 03/04/2024 is read where the column itself does not tell.

    Returns the frame with its index, order and receipt, and beside a column such as email:
    email.clean: the value as it should read; equal to email where nothing is wrong, missing where it says nothing (string; days datetime64[us]).
    email.reason: why it was changed; missing where it was not (string).
    email.doubt: what looks wrong and was not changed (string).
    email.suggestion: what may have been meant, to be decided by somebody (string).
    birth_date.ambiguous: day and month could change places (boolean; only beside days).

    Changed: spaces, wrong encoding, blanks (to missing), notation of mails, phones, postal codes, countries, IBAN and VAT numbers,
    names and towns in capitals or small letters only, days in any order. Only suggested: mail domains with a typing slip,
    first names in the field of the last name, the case of two capitals. Not looked at: numbers, flags, instants, lists (open them with
    crmkit.child), free text; whether an address, number or account exists. See the readers of crmkit.clean for each kind.
    Calling it again replaces its columns by the same ones. Each distinct value is read once.

    Raises ParameterError for a column or kind that does not exist, ConfigError where the extra clean is not installed.
    """
    checked_region(region)
    frame = a_frame(df, "normalise")
    frame = frame[[name for name in frame.columns if not (isinstance(name, str) and MADE.fullmatch(name))]]
    meant = meanings(frame, kinds)
    wanted = list(meant) if columns is None else list(columns)
    for name in wanted:
        if name not in frame.columns:
            raise unknown_name(name, map(str, frame.columns), "normalise")
    done = {
        name: beside(frame, meant[name], meant, region=region, day_first=day_first)
        for name in wanted
        if name in meant and meant[name].kind in READERS
    }
    made = {made: column for name in done for made, column in done[name].items()}
    order = [each for name in frame.columns for each in (name, *done.get(name, ()))]
    return frame.assign(**made)[order]


def checked_region(region: str) -> None:
    """Raise ParameterError where region is no ISO 3166 code of two letters."""
    if not isinstance(region, str) or places.alpha2(region) != region:
        raise ParameterError("region takes a country code of two letters.", hint='for instance region="BE".')


def verdicts(
    frame: pd.DataFrame, meaning: Meaning, meant: Mapping[str, Meaning], *, region: str, day_first: bool
) -> list[Verdict | None]:
    """What the reader of its kind says about every line of a text column."""
    texts = frame[meaning.name]
    part = meaning.kind.removesuffix("_name") if meaning.kind.endswith("_name") else ""
    column = Column(counted(texts), region, day_first, part)
    if meaning.kind == "postal_code":
        texts = texts + places.BESIDE + _countries(frame, meaning, meant)
    return judged(texts, READERS[meaning.kind](column))


def _countries(frame: pd.DataFrame, postal: Meaning, meant: Mapping[str, Meaning]) -> Any:
    """The country of every line, "" where none is named: the country column of the same address."""
    name = partner(postal.name, "country", meant)
    return frame[name].fillna("") if name else ""


def partner(name: str, kind: str, meant: Mapping[str, Meaning]) -> str | None:
    """The column of a kind that belongs to the same nested object as a column."""
    prefix = name.rpartition(".")[0]
    return next((other.name for other in meant.values() if other.kind == kind and other.name.rpartition(".")[0] == prefix), None)


def beside(frame: pd.DataFrame, meaning: Meaning, meant: Mapping[str, Meaning], **choices: Any) -> dict[str, pd.Series[Any]]:
    """The new columns of one column, by name."""
    old = frame[meaning.name]
    if not is_text(old):
        return _typed(old)
    said = verdicts(frame, meaning, meant, **choices)
    dtype = "datetime64[us]" if meaning.kind in DAYS else "string"
    made = {
        "clean": pd.Series([each.clean if each else None for each in said], old.index, dtype=dtype),
        "reason": _texts([each.reason if each else "" for each in said], old.index),
        "doubt": _texts([each.doubt if each else "" for each in said], old.index),
        "suggestion": _texts([each.suggestion if each else None for each in said], old.index),
    }
    if meaning.kind in DAYS:
        made["ambiguous"] = pd.Series([each.ambiguous if each else None for each in said], old.index, dtype="boolean")
    return {f"{meaning.name}.{end}": column for end, column in made.items()}


def _typed(old: pd.Series[Any]) -> dict[str, pd.Series[Any]]:
    """A column of days that are read already: they stay, and it is said which are ambiguous."""
    nothing = _texts([None] * len(old), old.index)
    swappable = ((old.dt.day <= 12) & (old.dt.day != old.dt.month)).astype("boolean").mask(old.isna())
    made = {"clean": old, "reason": nothing, "doubt": nothing, "suggestion": nothing, "ambiguous": swappable}
    return {f"{old.name}.{end}": column for end, column in made.items()}


def _texts(values: list[str | None], index: Any) -> pd.Series[Any]:
    return pd.Series(np.array([value or None for value in values], dtype=object), index, dtype="string")
