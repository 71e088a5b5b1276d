"""What is typed wrongly into a function of a topic is said at once: which word it was, what it takes, and what to type instead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from reprlib import repr as shortened
from typing import Any, ParamSpec, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.params import unknown_name

P = ParamSpec("P")
T = TypeVar("T")
Known: TypeAlias = tuple[str, tuple[str, ...]]
PLAIN = (str, int, float, type(None))  # what an error shows; of anything else, which may hold people, only the type


@dataclass(frozen=True)
class Kind:
    """What an annotation allows, in words; whether a value fits; and what may be typed."""

    words: str
    fits: Callable[[Any], bool]
    example: str


def _whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return _whole(value) or isinstance(value, float | np.floating)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _several(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | pd.DataFrame)


def _names(value: Any) -> bool:
    """A name or a number, or several of them."""
    if not _several(value):
        return _text(value) or _whole(value)
    return not isinstance(value, Collection) or all(_text(one) or _whole(one) for one in value)


def _dict_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(map(fits, value.values()))


# Annotation -> what it allows; beside it, " | None" allows None.
KINDS = {
    "int": Kind("a whole number, 0 or more", lambda value: _whole(value) and value >= 0, "10"),
    "float": Kind("a number", _number, "0.95"),
    "bool": Kind("True or False", lambda value: isinstance(value, bool | np.bool_), "True"),
    "str": Kind("a text", _text, "'...'"),
    "str | int": Kind("an id", lambda value: _text(value) or _whole(value), "'...'"),
    "Names": Kind("a text or a list of texts", lambda value: value is None or _names(value), "['...', '...']"),
    "Names | pd.DataFrame": Kind(
        "numbers, or a frame with the column id",
        lambda value: value is None or isinstance(value, pd.DataFrame) or _names(value),
        "[1, 2]",
    ),
    "AllOrSome": Kind("True for all, or a list of names", lambda value: isinstance(value, bool) or _names(value), "True"),
    "Iterable[str]": Kind("a list of texts", _several, "['...', '...']"),
    "Mapping[str, float]": Kind("a dict of numbers", _dict_of(_number), "{'...': 0.92}"),
    "Mapping[str, str]": Kind("a dict of texts", _dict_of(_text), "{'...': '...'}"),
    "Mapping[Any, str]": Kind("a dict of texts", _dict_of(_text), "{1: '...'}"),
}
# Parameters that are frames of load(): the topic that loads them, and columns by which they are known.
PARTS: dict[str, Known] = {
    "events": ("attendance", ("event_id", "kind", "ended")),
    "answers": ("attendance", ("event_id", "person_id", "guest")),
    "groups": ("attendance", ("group_id", "person_id", "start")),
    "tickets": ("attendance", ("event_id", "buyer_id", "quantity")),
    "stock": ("attendance", ("event_id", "product_id", "allocated")),
    "orders": ("attendance", ("event_id", "buyer_id", "paid")),
    "deals": ("pipelines", ("deal_id", "state", "currency")),
    "stages": ("pipelines", ("pipeline_id", "stage", "kind")),
}
FETCHES = {"before": "deals", "after": "deals"}
# Parameters that are tables of the topic: what makes them, and columns by which they are known; pictures look at theirs themselves.
MADE: dict[str, Known] = {
    "grouped": ("what by_group(by='season') returns", ("group_id", "group")),
    "persons": ("what by_person() returns", ("person_id", "invited", "lapsed")),
    "profiled": ("what profile() returns", ("attribute", "value", "at_least")),
}
# Topics whose tables take all frames of load(), and those that they cannot do without.
WHOLE = {
    "segments": ("segments", "members", "people"),
    "pipelines": ("deals", "stages"),
    "coverage": ("teams", "shifts", "enrolments"),
}


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """The function of a topic, which raises ParameterError for a value that its annotation does not allow, and for an unknown keyword.

    What is annotated otherwise (Any for days, a client) is left to the function itself.
    """
    topic = function.__module__.split(".")[2]
    known = signature(function).parameters
    takes_more = any(one.kind is Parameter.VAR_KEYWORD for one in known.values())

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            given: tuple[Any, ...] = tuple(map(_kept, args))
            words: dict[str, Any] = {name: _kept(value) for name, value in kwargs.items()}
            for name, value in (dict(zip(known, given, strict=False)) | words).items():
                if name in known:
                    _check(known[name], value, topic)
                elif not takes_more:
                    raise unknown_name(name, known, "it")
            return function(*given, **words)
        except ParameterError as error:
            if error.crm is None:  # of several functions of the topic the one that was called; a fetcher names itself
                error.endpoint = f"{topic}.{function.__name__}"
            raise

    return asked


def _kept(value: Any) -> Any:
    """A value that can be looked at twice: an iterator, which is empty after the first look, as a list."""
    return list(value) if isinstance(value, Iterator) else value


def _check(parameter: Parameter, value: Any, topic: str) -> None:
    name, annotation = parameter.name, str(parameter.annotation)
    if annotation in ("pd.DataFrame", "Frame"):
        _check_table(name, value)
    elif annotation == "Frames":
        all_of_load(name, value, topic)
    plain = annotation.removesuffix(" | None")
    if plain in KINDS and not KINDS[plain].fits(value) and (value is not None or plain == annotation):
        default = parameter.default
        example = KINDS[plain].example if default is None or default is Parameter.empty else repr(default)
        raise ParameterError(f"{name} takes {KINDS[plain].words}, not {_shown(value)}.", hint=f"such as {name}={example}.")


def _check_table(name: str, value: Any) -> None:
    part = FETCHES.get(name, name)
    if part in PARTS:
        topic, columns = PARTS[part]
        what, hint = f"the frame {part!r} of {topic}.load()", f"data = crmkit.{topic}.load(client); then data[{part!r}]."
    else:
        (what, columns), hint = MADE.get(part, ("a table of this topic", ())), None
    if not isinstance(value, pd.DataFrame) or not set(columns) <= set(value.columns):
        given = "a frame without its columns" if isinstance(value, pd.DataFrame) else _shown(value)
        raise ParameterError(f"{name} takes {what}, not {given}.", hint=hint)


def all_of_load(name: str, value: Any, topic: str) -> None:
    """Raises ParameterError for anything but all frames that load() of a topic returns, such as a client or a single frame."""
    if not isinstance(value, Mapping) or not all(isinstance(value.get(part), pd.DataFrame) for part in WHOLE[topic]):
        raise ParameterError(
            f"{name} takes the frames of {topic}.load(), not {_shown(value)}.",
            hint=f"data = crmkit.{topic}.load(client); then give data.",
        )


def _shown(value: Any) -> str:
    kind = type(value).__name__
    return shortened(value) if isinstance(value, PLAIN) else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
