"""What a caller may ask with: numbers, flags, times and lists of words out of the query, or an error that names them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from crmkit.demo.wsgi import Refused

_FLAGS = {"true": True, "false": False}


class Wrong(Refused):
    """A parameter that is missing or cannot be read."""

    def __init__(self, param: str, message: str) -> None:
        super().__init__(400, f"{param}: {message}")
        self.param, self.message = param, message


class Query:
    """The query of one request, checked as it is read."""

    def __init__(self, first: Mapping[str, str], lists: Mapping[str, list[str]]) -> None:
        self.first, self._lists = first, lists

    def text(self, name: str) -> str:
        """A text that must be there."""
        if not self.first.get(name, "").strip():
            raise Wrong(name, "Missing data for required field.")
        return self.first[name]

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        """A whole number that is not too small."""
        given = self.first.get(name, str(default))
        if not (given.isascii() and given.isdigit() and len(given) < 19) or int(given) < least:
            raise Wrong(name, f"Not a valid number; it must be {least} or more.")
        return int(given)

    def flag(self, name: str) -> bool:
        """True or false, false where nothing is said."""
        given = self.first.get(name, "false").lower()
        if given not in _FLAGS:
            raise Wrong(name, "Not a valid boolean.")
        return _FLAGS[given]

    def moment(self, name: str, default: datetime) -> datetime:
        """A time without a zone."""
        given = self.first.get(name)
        if given is None:
            return default
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            found = None
        if found is None or found.tzinfo or "T" not in given:
            raise Wrong(name, "Not a date in the format YYYY-MM-DDTHH:MM:SS.mmmmmm.")
        return found

    def one_of(self, name: str, known: Collection[str], default: str) -> str:
        """One of the words that there are."""
        given = self.first.get(name, default)
        if given not in known:
            raise Wrong(name, f"Must be one of: {', '.join(known)}.")
        return given

    def some_of(self, name: str, known: Collection[str], default: str) -> list[str]:
        """Words out of those that there are, repeated or with commas, each once."""
        given = [word for text in self._lists.get(name, [default]) for word in text.split(",")]
        if unknown := [word for word in given if word not in known]:
            raise Wrong(name, f"Unknown: {', '.join(unknown)}; must be among: {', '.join(sorted(known))}.")
        return list(dict.fromkeys(given))
