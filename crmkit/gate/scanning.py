"""Looks for texts that must not get out, in whatever spelling: plain, other case, entities, percent signs, escapes, hex, base64.

Every text is unfolded into the spellings it may hide, a few layers deep. Known identifiers are then found by their first letters in one
pass, however many there are; mail addresses, phone numbers, account numbers and keys also where nobody knows them.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_plus

LONG = 7  # a known text this long is looked for inside words too; a shorter one only as a whole word
SHORT = 4
LAYERS = 3
WORD = re.compile(r"\w+")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
DIGITS = re.compile(r"\+?\d(?:[ ().\-/\u00a0]{0,2}\d){7,}")
NO_TEXT = re.compile(r"[^\t\n\r -~\u00a0-\u024f]")
TAG = re.compile(r"<[^<>]*>")
INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])

MAIL = re.compile(r"[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)
PHONE = re.compile(r"(?<![\w.])(?:\+|00)[1-9]\d(?:[ ().\-/]{0,2}\d){7,11}(?![\w])")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
KEYS = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bBearer\s+[\w.~+/-]{12,}|-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:sk|pk|ghp|gho|xox[abp])[-_][\w-]{16,}"
)


def folded(text: str) -> str:
    """Without case, and with one spelling of accents and widths."""
    return unicodedata.normalize("NFKC", text.translate(INVISIBLE)).casefold()


class Known:
    """Texts that must not appear, found in one pass over a text. Phone numbers are compared by their last nine digits.

    A single word of letters, such as a family name, is kept apart: White and Block are people, and words of every style sheet.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[tuple[str, ...]] = set()
        self.names: set[str] = set()
        self.starts: dict[str, list[str]] = defaultdict(list)
        self.phones: set[str] = set()
        for text in {one.strip() for one in texts}:
            self._add(text)

    def __len__(self) -> int:
        return len(self.words) + len(self.names) + sum(len(one) for one in self.starts.values()) + len(self.phones)

    def _add(self, text: str) -> None:
        digits = re.sub(r"\D", "", text)
        if len(digits) >= LONG and not re.search(r"[^\W\d_]", text):
            self.phones.add(digits[-9:])
            return
        plain = " ".join(folded(text).split())
        if plain.isalpha():
            self.names.update([plain] if len(plain) >= SHORT else [])
        elif len(plain) >= LONG:
            self.starts[plain[:LONG]].append(plain)
        elif len(bare := "".join(words := WORD.findall(plain))) >= SHORT and not bare.isdigit():
            self.words.add(tuple(words))

    def inside(self, text: str) -> bool:
        """Whether one of the texts is in this one."""
        plain = " ".join(folded(text).split())
        if self.starts and any(
            plain.startswith(one, at) for at in range(len(plain) - LONG + 1) for one in self.starts.get(plain[at : at + LONG], ())
        ):
            return True
        if self.words and self._worded(WORD.findall(plain)):
            return True
        return bool(self.phones) and any(self._phone(match[0]) for match in DIGITS.finditer(text))

    def named(self, text: str) -> bool:
        """Whether one of the single names is a word of this text."""
        return bool(self.names) and not self.names.isdisjoint(WORD.findall(folded(text)))

    def _worded(self, found: list[str]) -> bool:
        """Whether a short text, such as De Vos or O'Dea, is in these words; what stands between its own does not matter."""
        lengths = {len(one) for one in self.words}
        return any(tuple(found[at : at + length]) in self.words for length in lengths for at in range(len(found) - length + 1))

    def _phone(self, text: str) -> bool:
        digits = re.sub(r"\D", "", text)
        return any(digits[at : at + length] in self.phones for length in (8, 9) for at in range(len(digits) - length + 1))


def spellings(text: str, layers: int = LAYERS) -> Iterator[str]:
    """The text, and every text that is written in it in another way."""
    yield text
    if layers:
        for found in dict.fromkeys(one for one in _unfolded(text) if one != text):
            yield from spellings(found, layers - 1)


def _unfolded(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "<" in text:
        yield TAG.sub("", text)
    if "%" in text:
        yield unquote_plus(text)
    if "\\" in text:
        yield ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    yield "\n".join(_from_hex(text))
    yield "\n".join(_from_base64(text))


def _from_hex(text: str) -> Iterator[str]:
    for match in HEX.finditer(text):
        yield from readable(bytes.fromhex(match[0]))


def _from_base64(text: str) -> Iterator[str]:
    """What runs of base64 letters say, whatever letter they begin at."""
    for match in BASE64.finditer(text):
        run = match[0].replace("-", "+").replace("_", "/")
        for shift in range(4):
            part = run[shift:]
            try:
                yield from readable(base64.b64decode(part[: len(part) // 4 * 4] + _padded(part)))
            except binascii.Error:
                continue


def _padded(part: str) -> str:
    rest = part[len(part) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def readable(data: bytes) -> Iterator[str]:
    """The stretches of text in some bytes."""
    for encoding in ("utf-8", "utf-16-le"):
        for piece in NO_TEXT.split(data.decode(encoding, "replace")):
            if len(piece) >= SHORT:
                yield piece


def hits(
    text: str, people: Known, secrets: Known, allowed: frozenset[str] = frozenset(), read: str | None = None
) -> Iterator[tuple[str, str]]:
    """Reasons and words for what a text holds. allowed: mail addresses that the report shows on purpose. read: what of the text is read
    rather than obeyed (default: all), for names that are a word of a language.
    """
    found = False
    for one in spellings(text):
        for reason, what in _hits(one, people, secrets, allowed):
            found |= reason == "personal"
            yield reason, what
    if not found and any(people.named(one) for one in spellings(text if read is None else read)):
        yield "personal", "a name of the account's people. A word that is meant goes into allow=[...], or --allow."


def _hits(one: str, people: Known, secrets: Known, allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What one spelling holds."""
    if secrets.inside(one) or secrets.named(one):
        yield "secret", "a credential of this machine's environment."
    if KEYS.search(one):
        yield "secret", "what looks like a key or token."
    if people.inside(one):
        yield "personal", "an identifier of the account's people."
    if any(mail.casefold() not in allowed for mail in MAIL.findall(one)):
        yield "personal", "a mail address."
    if PHONE.search(one):
        yield "personal", "a phone number."
    if any(_is_iban(found[0]) for found in IBAN.finditer(one)):
        yield "personal", "a bank account number."


def _is_iban(text: str) -> bool:
    """Whether the check digits are right."""
    plain = text.replace(" ", "")
    turned = "".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4])
    return len(plain) >= 15 and int(turned) % 97 == 1
