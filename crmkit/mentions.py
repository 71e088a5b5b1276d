"""Which stored pages hold a text: looked for in the answers as they read, spreadsheets included, whatever the spelling."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

from crmkit.errors import ConfigError, ShapeError
from crmkit.room import PAGES_OF
from crmkit.store import unpacked

LARGEST = 500_000_000  # bytes of one spreadsheet unpacked; a larger one is not looked into
TAGS = re.compile(r"<[^<>]*>")
STORED = f"""SELECT w.endpoint, w.walk, w.generation, w.updated, r.value FROM walks w JOIN responses r ON {PAGES_OF}"""


@dataclass(frozen=True)
class Mention:
    """One page that holds the text, or that cannot be looked into."""

    endpoint: str
    walk: str
    generation: str
    at: float
    bytes: int


def spellings(text: str) -> set[str]:
    """How a page may spell a text: as it is, or with JSON's backslashes."""
    if not text.strip():
        raise ConfigError("an empty text is in every page.", hint="give a name, a mail address or a phone number.")
    return {folded(text), folded(json.dumps(text, ensure_ascii=False)[1:-1])}


def mentions(con: sqlite3.Connection, wanted: set[str]) -> list[Mention]:
    """The pages of a cache file with one of the texts in them, read one after the other."""
    return list(_found(con.execute(STORED), wanted))


def _found(lines: Iterator[Any], wanted: set[str]) -> Iterator[Mention]:
    for endpoint, walk, generation, updated, value in lines:
        try:
            page = unpacked(value)
        except ShapeError:
            yield Mention(endpoint, walk, generation, updated, len(value))
            continue
        texts = readable(page["body"])
        if texts is None or any(one in text for text in texts for one in wanted):
            yield Mention(endpoint, walk, generation, page["at"], len(value))


def readable(body: Any) -> list[str] | None:
    """The texts of an answer; None where they cannot be told: a picture, a spreadsheet that is damaged or too large."""
    if not isinstance(body, bytes):
        text = json.dumps(body, ensure_ascii=False)
        return [folded(text), folded(html.unescape(text))]
    if is_zipfile(BytesIO(body)):
        return _cells(body)
    try:
        return [folded(body.decode())]
    except UnicodeDecodeError:
        return None


def _cells(content: bytes) -> list[str] | None:
    """What the sheets of an xlsx file say, without their XML: a text whose parts are printed differently is one text again."""
    try:
        with ZipFile(BytesIO(content)) as book:
            if sum(one.file_size for one in book.infolist()) > LARGEST:
                return None
            parts = [book.read(one).decode("utf-8", "replace") for one in book.infolist()]
    except (BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return None
    return [folded(html.unescape(TAGS.sub("", part))) for part in parts] + [folded(html.unescape(part)) for part in parts]


def folded(text: str) -> str:
    """Without case, and with one spelling of accents."""
    return unicodedata.normalize("NFC", text.casefold())
