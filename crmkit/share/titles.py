"""Names of people, mail addresses and phone numbers inside titles.

A title (of an event, a segment, a team, a deal's stage) is no person's, but may name one: "Farewell of ...". A title that does gets a
label instead. Known are the direct identifiers of all frames that are bundled, and what conceal= adds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from crmkit.share.pseudonyms import as_texts

SHORTEST, LONGEST = 3, 8
WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"\S@\S|%40|://")
PHONE = re.compile(r"(?:\+|\b0)\d(?:[\s./()-]*\d){7,}")


class Known:
    """The texts that name somebody. A title is looked through by its words, whatever their case, accents and what stands between them."""

    def __init__(self) -> None:
        self._phrases: set[tuple[str, ...]] = set()

    def add(self, values: Iterable[Any]) -> None:
        """Further names, mails, phones; those of one or two letters are no use and are left out."""
        for text in set(as_texts(values)):
            if len(text.strip()) >= SHORTEST and (words := _words(text)):
                self._phrases.add(words[:LONGEST])

    def named_in(self, text: str, least: int = 1) -> bool:
        """Whether a text holds a mail or web address, a phone number, or one of the phrases of at least so many words, as whole words."""
        if ADDRESS.search(text) or PHONE.search(text):
            return True
        words = _words(text)
        return any(
            words[start:end] in self._phrases
            for start in range(len(words))
            for end in range(start + least, min(start + LONGEST, len(words)) + 1)
        )

    def hits(self, values: pd.Series[Any], least: int = 1) -> pd.Series[Any]:
        """Which texts of a column name somebody, as bool."""
        return flagged(values, lambda text: self.named_in(text, least))


def flagged(values: pd.Series[Any], test: Callable[[str], bool]) -> pd.Series[Any]:
    """Which texts of a column pass a test, as bool."""
    passed = {text for text in values.dropna().unique() if test(text)}
    return values.isin(passed)


def _words(text: str) -> tuple[str, ...]:
    """The words, however their accents are written, or left out, and without signs that nobody sees."""
    bare = (one for one in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(one) not in ("Mn", "Cf"))
    return tuple(WORD.findall("".join(bare)))
