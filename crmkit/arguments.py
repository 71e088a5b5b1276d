"""Words of a command line as arguments of a fetcher: path parameters in order, then name=value; a repeated name is a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crmkit.errors import ParameterError

if TYPE_CHECKING:
    from crmkit.endpoint import Endpoint
    from crmkit.params import Param

NAMED = re.compile(r"([A-Za-z_]\w*)(?:\.([^=]+))?=(.*)", re.DOTALL)
OPTIONS = ("limit", "refresh", "allow_partial", "sensitive")
FLAGS = {"true": True, "false": False}


def arguments(row: Endpoint, slots: Mapping[str, str], words: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments for the fetcher of a row; slots are the path parameters that the client fills itself.

    Each value is read as its parameter wants it: whole number, number, true or false, JSON, or text. A parameter that takes a dict
    is written name.key=value. Raises ParameterError for a common argument that has an option of its own (limit=5: --limit 5).
    """
    order = row.own_slots(slots)
    named = (*order, *row.params, *(param for variant in row.variants for param in variant.params))
    known = {param.name: param for param in named}
    args = [_value(word, order[at] if at < len(order) else None) for at, word in enumerate(_positional(words))]
    given: dict[str, list[Any]] = {}
    maps: dict[str, dict[str, Any]] = {}
    for name, key, text in _named(words):
        if name in OPTIONS and name not in known:
            raise ParameterError(f"{name} is an option of the command.", hint=f"write --{name.replace('_', '-')}.")
        value = _value(text, known.get(name))
        if key is None:
            given.setdefault(name, []).append(value)
        else:
            maps.setdefault(name, {})[key] = value
    return args, {**{name: values if len(values) > 1 else values[0] for name, values in given.items()}, **maps}


def _positional(words: Iterable[str]) -> Iterable[str]:
    return (word for word in words if not NAMED.fullmatch(word))


def _named(words: Iterable[str]) -> Iterable[tuple[str, str | None, str]]:
    found = (NAMED.fullmatch(word) for word in words)
    return ((match[1], match[2], match[3]) for match in found if match)


def _value(text: str, param: Param | None) -> Any:
    """The text as the parameter's kind; where it does not fit it stays text, and the fetcher says what it takes."""
    kind = param.kind if param else "text"
    if kind == "flag":
        return FLAGS.get(text.lower(), text)
    with suppress(ValueError):
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind == "json":
            return json.loads(text)
    return text
