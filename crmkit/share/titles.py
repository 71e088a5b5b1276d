"""Names of people, mail addresses and phone numbers inside titles.

A title (of an event, a segment, a team, a deal's stage) is no person's, but may name one: "Farewell of ...". A title that does gets a
label instead. Known are the direct identifiers of all frames that are bundled, and what conceal= adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from crmkit.share.pseudonyms import as_texts

SHORTEST, LONGEST = 3, 8
WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"\S@\S|%40|://")
PHONE = re.compile(r"(?:\+|\b0)\d(?:[\s./()-]*\d){7,}")


class Known:
    """The texts that name somebody. A title is looked through by its words, whatever their case and what stands between them."""

    def __init__(self) -> None:
        self._phrases: set[tuple[str, ...]] = set()

    def add(self, values: Iterable[Any]) -> None:
        """Further names, mails, phones; those of one or two letters are no use and are left out."""
        for text in set(as_texts(values)):
            if len(text.strip()) >= SHORTEST and (words := _words(text)):
                self._phrases.add(words[:LONGEST])

    def named_in(self, text: str) -> bool:
        """Whether a text holds a mail or web address, a phone number, or one of the phrases as whole words."""
        if ADDRESS.search(text) or PHONE.search(text):
            return True
        words = _words(text)
        return any(
            words[start:end] in self._phrases
            for start in range(len(words))
            for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
        )

    def hits(self, values: pd.Series[Any]) -> pd.Series[Any]:
        """Which texts of a column name somebody, as bool."""
        found = {text: self.named_in(text) for text in values.dropna().unique()}
        return values.map(found).fillna(False).astype(bool)


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text.casefold()))
