"""What query parameters may be: ids, words, flags, times, include paths, sparse fields, pages, and keys of order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime

from crmkit.demo.dialects.missionhub.documents import Fields, Tree
from crmkit.demo.dialects.missionhub.schema import ATTRIBUTES, RELATIONS, fields_of
from crmkit.demo.wsgi import Refused, Undocumented

Query = Mapping[str, str]
Lists = Mapping[str, list[str]]
USUAL = 25
LARGEST = 250  # No document names a maximum; a larger limit acts as this one, without a word.
ANSWERS = re.compile(r"filters\[answer_sheets\]\[answers\]\[(\d+)\]\[\]")
OPTIONS = re.compile(r"filters\[answer_sheets\]\[answers_options\]\[(\d+)\]")
FIELDS = re.compile(rf"fields\[({'|'.join(ATTRIBUTES)})\]")


class Invalid(Refused):
    """A parameter with a value that the document does not allow."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(400, f"{parameter} {reason}")
        self.parameter = parameter


def words(name: str, text: str, allowed: Collection[str]) -> frozenset[str]:
    """Values joined by commas, each out of a list; ids are allowed where the list has the word id."""
    found = frozenset(text.split(","))
    for word in found:
        if word not in allowed and not ("id" in allowed and _is_number(word)):
            raise Invalid(name, f"is a comma delimited list of {', '.join(sorted(allowed))}")
    return found


def ids(name: str, text: str) -> frozenset[str]:
    """Ids joined by commas."""
    return words(name, text, ("id",))


def numbers(name: str, text: str) -> frozenset[int]:
    """Ids joined by commas, as numbers."""
    return frozenset(map(int, ids(name, text)))


def flag(name: str, text: str) -> bool:
    """True or false, in lower case."""
    if text not in ("true", "false"):
        raise Invalid(name, "is true or false")
    return text == "true"


def moment(name: str, text: str) -> datetime:
    """A time in ISO 8601, with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or len(text) < 11:
        raise Invalid(name, "is a time in ISO 8601 with a zone")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Invalid(name, "lies outside the calendar") from None


def day(text: str) -> date | None:
    """The day of a date or a time in ISO 8601; None for any other text."""
    try:
        datetime.fromisoformat(text)
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def between(name: str, values: list[str]) -> tuple[datetime, datetime]:
    """Two times, the earlier one first."""
    if len(values) != 2:
        raise Invalid(name, "is given exactly twice")
    first, last = sorted(moment(name, each) for each in values)
    return first, last


def page(query: Query, largest: int = LARGEST) -> tuple[int, int]:
    """Offset and limit."""
    limit = _whole("page[limit]", query.get("page[limit]", str(USUAL)))
    return _whole("page[offset]", query.get("page[offset]", "0")), min(limit, largest)


def whole(query: Query, name: str, otherwise: int) -> int:
    """A whole number, 0 included."""
    return _whole(name, query.get(name, str(otherwise)))


def _whole(name: str, text: str) -> int:
    if not _is_number(text):
        raise Invalid(name, "is a whole number")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def include(query: Query, kind: str, otherwise: str) -> Tree:
    """The paths of include as a tree; otherwise is what comes where include is missing, which is not an empty one."""
    tree: Tree = {}
    for path in filter(None, query.get("include", otherwise).split(",")):
        at, branch = kind, tree
        for step in path.split("."):
            if step not in RELATIONS[at]:
                raise Invalid("include", f"has no relationship {step} at {at}: {path}")
            at, branch = RELATIONS[at][step], branch.setdefault(step, {})
    return tree


def fields(query: Query) -> Fields:
    """The fields asked for by type; an unknown one is loud, since the vendor says nothing of it."""
    found = {}
    for name, text in query.items():
        if match := FIELDS.fullmatch(name):
            kind = match[1]
            found[kind] = frozenset(filter(None, text.split(",")))
            unknown = sorted(found[kind] - fields_of(kind))
            if unknown:
                raise Undocumented([f"field {each} of {kind}" for each in unknown])
    return found


def order(query: Query, known: Collection[str], otherwise: str) -> list[tuple[str, bool]]:
    """Keys of order, each with whether it runs down."""
    keys = [(key.removeprefix("-"), key.startswith("-")) for key in query.get("sort", otherwise).split(",")]
    for key, _ in keys:
        if key not in known:
            raise Invalid("sort", f"is one of {', '.join(sorted(known))}")
    return keys
