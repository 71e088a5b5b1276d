"""What a vendor says about a list: counts and next links, read with distrust."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crmkit.records import MISSING, dig


def whole(value: Any) -> int | None:
    """A count from JSON: a whole number, also as text; anything else is None."""
    if isinstance(value, str):
        text = value.strip()
        # Long digits are no count, and turning them into a number is slow.
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def first_number(body: Any, paths: Sequence[str]) -> int | None:
    """The first of these dotted paths that holds a count."""
    return next((number for path in paths if (number := whole(dig(body, path))) is not None), None)


def is_link(link: Any) -> bool:
    """Whether what stands in a link's place is one; null, empty and missing are the end."""
    return link not in (None, "", MISSING)


def link_number(link: Any, name: str) -> int | None:
    """One number from a next link's query. The link is hostile input: nothing else of it is ever used."""
    if not isinstance(link, str):
        return None
    if not ("%" in link or "+" in link or "#" in link):  # splitting is enough, and many times faster
        pairs = (pair.partition("=") for pair in link.partition("?")[2].split("&"))
        values = [value for key, _, value in pairs if key == name and value]
    else:
        try:
            values = parse_qs(urlsplit(link).query).get(name, [])
        except ValueError:
            return None
    return whole(values[-1]) if values else None


def leads_elsewhere(link: Any, address: str) -> bool:
    """Whether a link names another host or path than the address asked; its scheme and a last slash do not count.

    A stand-in on this machine may name the host that it stands for.
    """
    return _elsewhere(str(link).partition("?")[0], address)


@lru_cache(64)
def _elsewhere(link: str, address: str) -> bool:
    try:
        there, here = urlsplit(link), urlsplit(address)
    except ValueError:
        return True
    if here.hostname in ("127.0.0.1", "localhost", "::1"):
        return False
    return (there.netloc, there.path.rstrip("/")) != (here.netloc, here.path.rstrip("/"))


def seconds(value: Any) -> int | None:
    """ISO 8601 text or Unix seconds, also as text, as whole seconds since 1970."""
    if isinstance(value, str) and value.isdigit():
        return whole(value)
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
