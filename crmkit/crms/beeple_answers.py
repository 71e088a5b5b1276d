"""What Beeple's answers hold and how odd values in them are read: pure functions on decoded JSON."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from crmkit.errors import ShapeError
from crmkit.records import Pick, Record, at, only_list

FAILED = ("errors", "error")
NATIONAL = "national_identification_"
OTHER_NATIONAL = f"{NATIONAL}other"
OFFSET = re.compile(r"[Tt ].*([Zz]|[+-]\d\d(:?\d\d)?)$")


@lru_cache(maxsize=4096)
def true_key(key: str) -> str:
    """A key without the example value that the document glues to it: manager_id `1582` is manager_id."""
    return key.partition("`")[0].strip().rstrip(":,").strip()


@lru_cache(maxsize=4096)
def true_keys(keys: frozenset[str]) -> bool:
    """Whether all these keys are true ones; records of one kind share the answer."""
    return all(true_key(key) == key for key in keys)


def trued(value: Any) -> Any:
    """The JSON value with true keys, at any depth; a glued key whose true one is taken stays as it came."""
    return _renamed(value) if _is_glued(value) else value


def _is_glued(value: Any) -> bool:
    """Whether a key that is not true is anywhere inside; answers rarely have one, and are then left as they are."""
    level = [value]
    while level:
        objects = [one for one in level if type(one) is dict]
        if not true_keys(frozenset(chain.from_iterable(objects))):
            return True
        lists = [one for one in level if type(one) is list]
        inside = chain.from_iterable(chain(map(dict.values, objects), lists))
        level = [one for one in inside if type(one) is dict or type(one) is list]
    return False


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    if not isinstance(value, dict):
        return value
    clean = {key: _renamed(one) for key, one in value.items()}
    taken = Counter(map(true_key, clean))
    return {(true_key(key) if taken[true_key(key)] == 1 else key): one for key, one in clean.items()}


def many(name: str) -> Pick:
    """The list under a name."""
    found = at(name)

    def pick(body: Any) -> list[Record]:
        body = trued(body)
        if isinstance(body, dict) and name not in body and any(body.get(word) for word in FAILED):
            raise ShapeError(f"the server answered with errors instead of {name}.")
        return found(body)

    return pick


def single(body: Any) -> list[Record]:
    """The one object that is the whole answer."""
    body = trued(body)
    if not isinstance(body, dict):
        raise ShapeError("expected an object at the top of the answer.")
    if not body.keys() - set(FAILED):
        raise ShapeError("the server answered with errors instead of a record.")
    return [body]


def person(countries: Container[str]) -> Pick:
    """A collaborator; national numbers of other countries than these are kept together, so that none is shown unasked."""

    def pick(body: Any) -> list[Record]:
        (record,) = single(body)
        others = {key for key in record if key.startswith(NATIONAL) and key.removeprefix(NATIONAL) not in countries}
        rest = {key: value for key, value in record.items() if key not in others}
        return [{**rest, OTHER_NATIONAL: {key: record[key] for key in others}} if others else rest]

    return pick


def loosely(name: str) -> Pick:
    """The list of an answer that no document describes: under its name, else the only list, else one object."""
    named = at(name)

    def pick(body: Any) -> list[Record]:
        body = trued(body)
        if isinstance(body, dict) and name not in body:
            lists = [one for one in body.values() if isinstance(one, list)]
            return [] if not body or (lists and not any(lists)) else only_list(body)
        return named(body)

    return pick


def complaints(body: Any) -> list[str]:
    """What the server says is wrong inside an answer with status 200; how many records and which fields, never the texts."""
    found: list[Any] = []
    collect_errors(body, found)
    fields = sorted({str(field) for one in found if isinstance(one, dict) for field in one})
    about = f" about {', '.join(fields)}" if fields else ""
    return [f"{len(found):,} records carry errors of the server{about}; they are shown as they came"] if found else []


def collect_errors(value: Any, found: list[Any]) -> None:
    """All values of errors that say something, at any depth."""
    if isinstance(value, dict):
        for key in FAILED if true_keys(frozenset(value)) else [key for key in value if true_key(key) in FAILED]:
            if value.get(key):
                found.append(value[key])
        value = list(value.values())
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict | list):
            collect_errors(one, found)


def as_it_is(value: str) -> str:
    """Nothing to make regular; the column still keeps the original text beside it."""
    return value


def with_offset(value: str) -> str:
    """The text of a moment that says its offset; any other is marked, so that it is no moment: its zone would be a guess."""
    return value if OFFSET.search(value) else f"{value} without an offset"


def unquoted(value: str) -> str:
    """A text without the one pair of apostrophes that some answers put around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value


def day_part(value: str) -> str:
    """The day of a text that may be a day or a date with a time."""
    return value[:10]


def in_language(language: str, key: str) -> Callable[[Any], Any]:
    """Takes the text in one language out of a translation; the first one where a language comes twice."""
    return lambda found: next((words for code, words in translations(found, key) if code == language), None)


def translations(found: Any, key: str) -> Iterator[tuple[Any, Any]]:
    """The pairs (language, text) of a translation in any of its forms.

    {"0": {"language": "en", "name": "..."}}, the same as a list, one flat {"language", "name"}, or {"en": "..."}.
    """
    if isinstance(found, dict) and "language" in found:
        found = [found]
    if isinstance(found, dict) and not any(isinstance(one, dict) for one in found.values()):
        yield from found.items()
        return
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        if isinstance(one, dict):
            yield one.get("language"), one.get(key)


def yes_no(value: str) -> str | None:
    """A text that means yes or no; None for any other."""
    return value if value in ("true", "false") else None


def numeric(value: str) -> str | None:
    """A text that is a plain number; None for any other."""
    return value if value.strip().lstrip("-").replace(".", "", 1).isdecimal() else None
