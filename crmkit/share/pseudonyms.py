"""Keyed pseudonyms: who has the key can make them again, who has not learns nothing from them.

HMAC-SHA256 of what is replaced, cut to 50 bits. Without the key a list of all phone numbers or of all members is of no use: each of
them fits every label under some key, and keys of 32 random bytes cannot be tried.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import pandas as pd

from crmkit.errors import ParameterError, ShapeError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 10
SHORTEST_KEY = 16
MOST_DAYS = 182
PERSON, REFERENCE = "Person", "Ref"


def new_key() -> bytes:
    """A key of 32 random bytes for bundle(). Keep it where snapshots are kept, never beside a bundle: whoever has it can ask a bundle
    about anybody. The same key gives the same pseudonyms again; with another key two bundles cannot be joined.
    """
    return secrets.token_bytes(32)


class Pseudonyms:
    """Labels under one key.

    people: who is one person in several systems: a frame with the columns person, system, id (such as clusters of
    crmkit.clean.match), or None. A shared mail address alone makes nobody the same.
    """

    def __init__(self, key: bytes, people: pd.DataFrame | None = None) -> None:
        if not isinstance(key, bytes) or len(key) < SHORTEST_KEY or len(set(key)) < SHORTEST_KEY // 2:
            raise ParameterError("the key takes at least 16 random bytes.", hint="key = crmkit.share.new_key(), and keep it.")
        self._key = key
        self._same = {} if people is None else _same(people)
        self._codes: dict[str, tuple[str, ...]] = {}

    def label(self, kind: str, *parts: str) -> str:
        """The label of one thing: Ref-7Q2F8K3M9A."""
        digest = self._digest(kind, *parts)
        code = "".join(ALPHABET[digest >> (251 - 5 * place) & 31] for place in range(LETTERS))
        if self._codes.setdefault(code, (kind, *parts)) != (kind, *parts):
            raise ShapeError("two labels of this bundle would be the same.", hint="take another key: crmkit.share.new_key().")
        return f"{kind}-{code}"

    def person(self, system: str, identifier: str) -> str:
        """The label of a person, the same in all systems where the person is known to be the same."""
        return self.label(PERSON, *self._same.get((system.casefold(), identifier), (system.casefold(), identifier)))

    def days(self, system: str, identifier: str) -> int:
        """By how many days the dates of a person are shifted: -182 to 182, never 0."""
        whom = self._same.get((system.casefold(), identifier), (system.casefold(), identifier))
        found = self._digest("days", *whom) % (2 * MOST_DAYS) - MOST_DAYS
        return found if found < 0 else found + 1

    def column(self, values: pd.Series[Any], kind: str, system: str) -> pd.Series[Any]:
        """A column of ids or texts as labels; what is missing stays missing."""
        one = self.person if kind == PERSON else lambda *parts: self.label(kind, *parts)
        return replaced(values, lambda text: one(system.casefold(), text))

    def _digest(self, *parts: str) -> int:
        """256 bits of the parts; JSON keeps them apart."""
        return int.from_bytes(hmac.digest(self._key, json.dumps(parts).encode(), sha256))


def _same(people: pd.DataFrame) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every (system, id) of a person with the first of them, by which all are labelled."""
    missing = {"person", "system", "id"} - set(people)
    if missing:
        raise ParameterError(f"people lacks the column {', '.join(sorted(missing))}.", hint="it takes person, system, id.")
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    known = people[["person", "system", "id"]].dropna()
    for _, lines in known.groupby("person", sort=False):
        mine = sorted(zip(lines["system"].astype("string").str.casefold(), lines["id"].astype("string"), strict=True))
        for one in mine:
            if found.setdefault(one, mine[0]) != mine[0]:
                raise ParameterError("people gives one record to two persons.", hint="every system and id belongs to one person.")
    return found


def replaced(values: pd.Series[Any], new: Callable[[str], str]) -> pd.Series[Any]:
    """A column as texts, each replaced by its new one, for which it is looked at once; what is missing stays missing."""
    texts = values.astype("string").tolist()
    made = {text: new(text) for text in set(texts) if isinstance(text, str)}
    return pd.Series([made.get(text) for text in texts], index=values.index, name=values.name, dtype="string")


def as_texts(values: Iterable[Any]) -> list[str]:
    """Values as text, without what is missing."""
    return [str(one) for one in values if isinstance(one, str) or pd.notna(one)]
