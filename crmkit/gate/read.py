"""What of code and markup is read by people: not the words that Python and browsers obey."""

from __future__ import annotations

import io
import tokenize
from typing import Any

from bs4 import BeautifulSoup

OBEYED = ("style", "class", "scope", "role", "align", "valign", "type", "charset")
READ = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))


def of_code(source: str) -> str:
    """The texts and comments of Python; all of what is none."""
    try:
        return "\n".join(one.string for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type in READ)
    except (tokenize.TokenError, SyntaxError):
        return source


def of_markup(text: str) -> str:
    """The text of HTML or SVG, comments and attributes too, without names of tags and styles."""
    soup = BeautifulSoup(text, "html.parser")
    for one in soup.find_all("style"):
        one.decompose()
    values = [str(value) for tag in soup.find_all(True) for name, value in tag.attrs.items() if name not in OBEYED]
    return "\n".join([*soup.find_all(string=True), *values])


def of_state(value: Any) -> str:
    """The texts in plain JSON values, without the names of fields and what fields beginning with _ say."""
    if isinstance(value, dict):
        return "\n".join(of_state(one) for name, one in value.items() if not str(name).startswith("_"))
    if isinstance(value, list):
        return "\n".join(of_state(one) for one in value)
    return of_markup(value) if isinstance(value, str) and "<" in value else str(value)
