"""What may stand in a query, read strictly: days, numbers, words; pages and the links between them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from crmkit.demo.wsgi import Refused, Undocumented

PAGE_ITEMS = 25
PERIOD = ("filter[period_start_at]", "filter[period_end_at]")
FUNCTIONS, STATUSES = "filter[functions][]", "filter[statuses][]"
HOURS_PERIOD = ("filter[period][period_start_at]", "filter[period][period_end_at]")
HOURS_STATUS = "filter[status]"
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})( \d{2}:\d{2}:\d{2} UTC)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}")
# The document's next link lies on another host, has a language in its path and names another collaborator.
_ELSEWHERE = "http://127.0.0.1/api/v1/en/admin"
_OTHER_ID = "311206967"


@dataclass(frozen=True)
class Ask:
    """What was asked for: path below the base, the values of every parameter, the body, the most a page may hold."""

    path: str
    lists: Mapping[str, list[str]]
    body: bytes = b""
    page_cap: int | None = None

    def day(self, name: str) -> date | None:
        """A day, None where it is not given; the date-time form of the system's own links is read too."""
        return _day(name, self.lists[name][0]) if name in self.lists else None

    def needed_day(self, name: str) -> date:
        """A day that must be given."""
        found = self.day(name)
        if found is None:
            raise Refused(400, f"{name} is missing")
        return found

    def number(self, name: str, default: int) -> int:
        """A whole number from 1 on."""
        given = self.lists.get(name, [str(default)])[0]
        if not _NUMBER.fullmatch(given) or int(given) < 1:
            raise Refused(400, f"{name} is invalid")
        return int(given)

    def words(self, name: str, known: Sequence[str]) -> list[str]:
        """Values of a list, each of which must be a known word."""
        given = self.lists.get(name, [])
        if unknown := sorted(set(given) - set(known)):
            raise Undocumented([f"value {word} of {name}" for word in unknown])
        return given

    def ids(self, name: str) -> list[str]:
        """Values of a list, each of which must be a number."""
        given = self.lists.get(name, [])
        if not all(map(_NUMBER.fullmatch, given)):
            raise Refused(400, f"{name} is invalid")
        return given


def filter_in_body(ask: Ask) -> Ask:
    """The same request with the filter of its body, which the document has there, as query parameters."""
    if not ask.body:
        return ask
    try:
        content = json.loads(ask.body)
    except ValueError:
        raise Refused(400, "the body is no JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("filter", {}), dict):
        raise Undocumented(["body that is no object with a filter"])
    given: dict[str, Any] = content.get("filter", {})
    unknown = [f"body key {key}" for key in content if key != "filter"]
    unknown += [f"body key filter.{key}" for key in given if f"filter[{key}]" not in PERIOD]
    unknown += [f"query parameter {name} beside a body" for name in PERIOD if name in ask.lists]
    unknown += [f"body value filter.{key}" for key, value in given.items() if not isinstance(value, str)]
    if unknown:
        raise Undocumented(unknown)
    lists = {**ask.lists, **{f"filter[{key}]": [value] for key, value in given.items()}}
    return Ask(ask.path, lists, b"", ask.page_cap)


@dataclass(frozen=True)
class Page:
    """Where a page begins and ends in a list, and the links to its neighbours."""

    first: int
    last: int
    before: str | None
    after: str | None


def page(ask: Ask, found: Sequence[object], *, sized: bool = False) -> Page:
    """The page asked for; sized where the caller may choose its size. A page after the last is empty."""
    size = ask.number("page_items", PAGE_ITEMS) if sized else PAGE_ITEMS
    if ask.page_cap is not None:
        size = min(size, ask.page_cap)
    number = ask.number("page", 1)
    first = (number - 1) * size

    def link(to: int) -> str:
        return _link(ask, {"page": [str(to)]} | ({"page_items": [str(size)]} if sized else {}))

    before = link(number - 1) if number > 1 else None
    return Page(first, first + size, before, link(number + 1) if first + size < len(found) else None)


def _link(ask: Ask, paging: Mapping[str, list[str]]) -> str:
    """As the document prints one: the first day has become a date-time, the names are in order."""
    lists = {**ask.lists, **paging}
    if PERIOD[0] in lists:
        lists[PERIOD[0]] = [f"{lists[PERIOD[0]][0][:10]} 00:00:00 UTC"]
    path = re.sub(r"\d+", _OTHER_ID, ask.path)
    return f"{_ELSEWHERE}{path}?{urlencode(sorted(lists.items()), doseq=True)}"


def _day(name: str, text: str) -> date:
    match = _DAY.fullmatch(text)
    try:
        return datetime.strptime(match[1] if match else "", "%Y-%m-%d").date()
    except ValueError:
        raise Refused(400, f"{name} is invalid") from None
