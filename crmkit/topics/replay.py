"""What the load() of every topic does beside loading: frames remember how they were loaded, the tables know the Python that makes them
again, and a bundle gives them in the place of an account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeAlias

import numpy as np
import pandas as pd

from crmkit.receipts import ATTRS, Told
from crmkit.topics.checked import checked
from crmkit.topics.loaded import Tables, recipe

LOADED = "loaded"
# Not part of what was asked: how it was fetched, and ids of people, which a bundle replaces.
UNASKED = ("client", "refresh", "allow_partial", "collaborators")
Frames: TypeAlias = dict[str, pd.DataFrame]
P = ParamSpec("P")


def loads(topic: str) -> Callable[[Callable[P, Frames]], Callable[P, Frames]]:
    """The load() of a topic, which also takes what crmkit.share.open() returns, and gives Tables."""

    def around(load: Callable[P, Frames]) -> Callable[P, Frames]:
        known = signature(load)

        @wraps(load)
        def loading(*args: P.args, **kwargs: P.kwargs) -> Frames:
            bound = known.bind(*args, **kwargs)
            source = bound.arguments["client"]
            bound.apply_defaults()
            asked = plain_arguments(bound.arguments)
            if hasattr(source, "replayed"):
                frames: Frames = source.replayed(topic, asked)
            else:
                frames = remembered(load(*args, **kwargs), topic, str(getattr(source, "crm", "")), asked)
            what = {name: value for name, value in kwargs.items() if name != "client"}
            return Tables(frames, recipe(topic, source, what))

        return checked(loading)

    return around


def plain_arguments(given: Mapping[str, Any]) -> dict[str, str]:
    """The arguments of a load() that decide what it gives, as text; what is None or False counts as not given."""
    flat = {**{name: value for name, value in given.items() if name != "what"}, **given.get("what", {})}
    return {name: plain(value) for name, value in sorted(flat.items()) if name not in UNASKED and not _is_nothing(value)}


def remembered(frames: Frames, topic: str, crm: str, asked: Mapping[str, str]) -> Frames:
    """The frames, those with a receipt marked with topic, CRM and arguments."""
    for frame in frames.values():
        if frame.attrs.get(ATTRS):
            loaded = {"topic": topic, "crm": crm, "arguments": dict(asked)}
            frame.attrs[ATTRS] = Told({**frame.attrs[ATTRS], LOADED: loaded})
    return frames


def _is_nothing(value: Any) -> bool:
    return value is None or value is False


def plain(value: Any) -> str:
    """Days as ISO 8601 text, collections as their values, anything else as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple | set | frozenset | range | pd.Series | pd.Index | np.ndarray):
        return ", ".join(plain(one) for one in (sorted(value) if isinstance(value, set | frozenset) else value))
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).removesuffix("T00:00:00")
    return str(value)
