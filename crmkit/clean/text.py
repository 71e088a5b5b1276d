"""What is wrong with any text, whatever it means: blanks, stray spaces, letters read in the wrong encoding."""

from __future__ import annotations

import re
import unicodedata

from crmkit.clean.extra import library
from crmkit.clean.verdicts import Column, Reader, Verdict, sentence

BLANK = re.compile(r"[\s\u200b\ufeff\u2060?.\-–—_/]*")
# None is a town and Nan a province, but nobody writes them without a capital.
NOTHING = re.compile(r"(?i:n\.?v\.?t\.?|n/a|onbekend|inconnu|unbekannt|unknown)|null|none|nan|NULL|NONE|NAN")
PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")  # printable ASCII with single spaces: nothing to tidy
UNSEEN = re.compile("[\u200b\u2060\ufeff\u00ad\x00-\x08\x0e-\x1f\x7f]")
SPACES = re.compile(r"\s+")
LOST = "\ufffd"


def mended(text: str) -> str:
    """The text with letters put right that were read in the wrong encoding; as it was where there are none."""
    fixed: str = library("ftfy").fix_encoding(text)
    if fixed == text and "Ã" in text:  # which hardly stands before a sign in any language
        try:
            fixed = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return text
    return fixed


def tidied(text: str, *, words: bool = True) -> Verdict:
    """Spaces and encoding put right.

    Changed: spaces before, behind and doubled, hard and invisible spaces, mojibake that can be undone, accents typed as two
    signs. A text that says nothing ("", "-", "?", "n.v.t.", "unknown") becomes None; with words=False
    only signs say nothing, since Nan and Null are names. In doubt: letters that were lost. Not looked
    at: spelling, meaning.
    """
    if BLANK.fullmatch(text) or (words and NOTHING.fullmatch(text.strip())):
        return Verdict(None, "blank", kinds=("blank",))
    if PLAIN.fullmatch(text):
        return Verdict(text)
    reasons, kinds = [], []
    clean = text
    if not text.isascii():
        clean = mended(text)
        if clean != text:
            reasons.append("letters in the wrong encoding")
            kinds.append("mojibake")
    seen = UNSEEN.sub("", clean)
    whole = SPACES.sub(" ", seen).strip()
    if whole != clean:
        reasons.append(_spaces(clean, seen))
        kinds.append("spaces")
    composed = unicodedata.normalize("NFC", whole)
    if composed != whole:
        reasons.append("accents as one sign")
        kinds.append("accents")
    if BLANK.fullmatch(composed):
        return Verdict(None, "blank", kinds=("blank",))
    doubt = "letters were lost in a wrong encoding" if LOST in composed else ""
    kinds += ["mojibake"] if doubt else []
    once = Verdict(composed, sentence(reasons), doubt, None, tuple(kinds))
    if composed == text:
        return once
    again = tidied(composed, words=words)  # what lay under the first layer
    return after(once._replace(doubt=""), again) if again.reason else once


def _spaces(text: str, seen: str) -> str:
    """Where the spaces were."""
    places = [
        word
        for word, there in (
            ("before", seen != seen.lstrip()),
            ("behind", seen != seen.rstrip()),
            ("doubled or odd inside", SPACES.sub(" ", seen.strip()) != seen.strip()),
            ("invisible", seen != text),
        )
        if there
    ]
    return f"spaces {' and '.join(places)}"


def after(first: Verdict, then: Verdict) -> Verdict:
    """Two verdicts on one text, the second on what the first left of it, as one."""
    return then._replace(
        reason=sentence((first.reason, then.reason)),
        doubt=sentence((first.doubt, then.doubt)),
        kinds=(*first.kinds, *then.kinds),
    )


def reader(column: Column) -> Reader:
    """Any text: see tidied."""
    return tidied
