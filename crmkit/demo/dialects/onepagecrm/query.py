"""Query parameters: what each may be, and how lists are filtered, sorted and cut into pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

from crmkit.demo.clock import iso_day, local, local_day
from crmkit.demo.dialects.onepagecrm.ids import Json
from crmkit.demo.wsgi import Refused

Query = Mapping[str, str]
Predicate = Callable[[Json], bool]
Test = Callable[[str], Predicate]
LARGEST, USUAL = 100, 10
_LAST = date.max - timedelta(days=1)
REACH = 10_000  # Pages past this record come empty.
_DAYS = ("date", "close_date", "expected_close_date")
# What a parameter calls by another name than the record does; actions have done_at where deals have close_date.
_COLUMNS = {
    "updated_at": "modified_at",
    "call_time": "call_time_int",
    "meeting_time": "meeting_time_int",
}
PAGING = frozenset(("page", "per_page"))
SORTING = frozenset(("sort_by", "order"))
_CHANGED = ("modified_since", "unmodified_since")
DATING = frozenset(("date_filter", "since", "until", *_CHANGED))


class Invalid(Refused):
    """A parameter whose value the documents do not allow."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(400, f"{name} {reason}")
        self.errors = {name: reason}


@dataclass(frozen=True)
class Listing:
    """A list on its way out.

    plural, singular: the key of the list and the wrapper of a record, which bare records lack. place: where the
    page fields go: data, top, items (inside every item) or nowhere. size: for lists that ignore per_page.
    """

    plural: str
    singular: str | None
    entries: Sequence[Json]
    render: Callable[[Json], Json] | None = None
    place: str = "data"
    size: int | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)
    top: Mapping[str, Any] = field(default_factory=dict)


def flag(name: str, text: str) -> bool:
    """A boolean in lower case."""
    if text not in ("true", "false"):
        raise Invalid(name, "is true or false")
    return text == "true"


def whole(query: Query, name: str, otherwise: int, largest: int = 10**9) -> int:
    """A whole number from 1."""
    text = query.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 19) or not 1 <= int(text) <= largest:
        raise Invalid(name, f"is a whole number from 1 to {largest}")
    return int(text)


def one_of(name: str, text: str, allowed: Iterable[str]) -> str:
    """A value out of a list."""
    known = sorted(allowed)
    if text not in known:
        raise Invalid(name, f"is one of {', '.join(known)}")
    return text


def apart(query: Query, *names: str) -> None:
    """Refuse parameters that exclude each other."""
    given = [name for name in names if name in query]
    if len(given) > 1:
        raise Invalid(given[1], f"cannot go together with {given[0]}")


def filtered(entries: Iterable[Json], query: Query, tests: Mapping[str, Test]) -> list[Json]:
    """The entries that pass every test asked for."""
    checks = [test(query[name]) for name, test in tests.items() if name in query]
    return [each for each in entries if all(check(each) for check in checks)]


def dated(entries: list[Json], query: Query, fields: Sequence[str]) -> list[Json]:
    """The entries in a window of time, both ends included; a day is a day in Brussels."""
    asked = [name for name in _CHANGED if name in query]
    named = [name for name in ("date_filter", "since", "until") if name in query]
    if asked and named:
        raise Invalid(asked[0], f"cannot go together with {named[0]}")
    if asked:
        column, since, until = "modified_at", query.get("modified_since"), query.get("unmodified_since")
        names = _CHANGED
    elif named:
        if "date_filter" not in query or len(named) < 2:
            raise Invalid("date_filter", "goes together with since or until")
        column, since, until = one_of("date_filter", query["date_filter"], fields), query.get("since"), query.get("until")
        names = ("since", "until")
    else:
        return entries
    first, last = _bound(names[0], since, column in _DAYS), _bound(names[1], until, column in _DAYS, end=True)
    found = ((each, _comparable(each, column)) for each in entries)
    return [each for each, value in found if value is not None and first(value) <= 0 and last(value) >= 0]


def _bound(name: str, text: str | None, days: bool, end: bool = False) -> Callable[[Any], float]:
    """How far a bound lies after a value: of days for a field of days, otherwise of seconds."""
    if text is None:
        return lambda value: 0
    try:
        if text.isascii() and text.isdigit():
            moment = datetime.fromtimestamp(int(text), UTC)
            limit: Any = local_day(moment) if days else moment.timestamp()
        else:
            stated = iso_day(text)
            past = local(min(stated, _LAST) + timedelta(days=1)).timestamp() - 1e-3 if end else local(stated).timestamp()
            limit = stated if days else past
    except (ValueError, OverflowError, OSError):
        raise Invalid(name, "is YYYY-MM-DD or Unix seconds") from None
    return (lambda value: (limit - value).days) if days else (lambda value: limit - value)


def _comparable(entry: Json, column: str) -> Any:
    """A day as a date, everything else as Unix seconds; None where the record has none."""
    value = entry.get(_COLUMNS.get(column, column))
    if value is None and column == "close_date":
        value = entry.get("done_at")
    if value is None or value == "":
        return None
    if column in _DAYS:
        return date.fromisoformat(value)
    text = str(value)
    return float(text) if text.isdigit() else datetime.fromisoformat(text).timestamp()


def ordered(entries: list[Json], query: Query, fields: Sequence[str]) -> list[Json]:
    """In the order asked for, records without a value last; ties by id. As they come where nothing is asked."""
    down = one_of("order", query.get("order", "asc"), ("asc", "desc")) == "desc"
    if "sort_by" not in query:
        return entries[::-1] if down else entries
    column = one_of("sort_by", query["sort_by"], fields)
    return by_column(entries, column, down)


def by_column(entries: list[Json], column: str, down: bool) -> list[Json]:
    """Sorted by a column."""
    keyed = [(_sortable(each, column), each["id"], each) for each in entries]
    some = sorted((each for each in keyed if each[0] is not None), key=lambda each: each[1])
    some.sort(key=lambda each: each[0], reverse=down)
    return [each for *_, each in some] + [each for key, _, each in keyed if key is None]


def _sortable(entry: Json, column: str) -> Any:
    """Names without regard to case; a definition's age is in its id."""
    if column == "name" and "last_name" in entry:
        return entry["last_name"].casefold(), entry["first_name"].casefold()
    if column in ("created_at", "modified_at", "updated_at") and "created_at" not in entry:
        return entry["id"]
    value = entry.get(_COLUMNS.get(column, column))
    return value.casefold() if isinstance(value, str) else value


def page(listing: Listing, query: Query) -> tuple[Json, Json]:
    """One page: what goes into data, and what stands beside data."""
    number, size = whole(query, "page", 1), whole(query, "per_page", USUAL, LARGEST)
    size = listing.size or size
    count = len(listing.entries)
    start = (number - 1) * size
    chosen = listing.entries[start : min(start + size, max(start, REACH))]
    items = [listing.render(each) if listing.render else _wrapped(listing, each) for each in chosen]
    items = [_indexed(item, place) for place, item in enumerate(items, start + 1)]
    fields = {"total_count": count, "page": number, "per_page": size, "max_page": ceil(count / size)}
    data: Json = {**listing.beside, listing.plural: items}
    if listing.place == "items":
        data[listing.plural] = [{**item, **fields} for item in items]
    elif listing.place == "data":
        data |= fields
    return data, {**listing.top, **(fields if listing.place == "top" else {})}


def _wrapped(listing: Listing, entry: Json) -> Json:
    return {listing.singular: entry} if listing.singular else entry


def _indexed(item: Json, place: int) -> Json:
    """Calls and meetings tell their place in the answer."""
    kind = next((name for name in ("call", "meeting") if name in item), None)
    return {kind: {**item[kind], "index": place}} if kind else item
