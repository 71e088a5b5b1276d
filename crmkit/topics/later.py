"""What a topic's package imports only when it is asked for: its pictures, which need matplotlib, and its panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def later(package: str, pictures: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """The __getattr__ of a topic's package. pictures: module below the package -> the plot functions in it."""
    topic = package.rpartition(".")[2]
    place = {name: f"{package}.{module}" for module, names in pictures.items() for name in names}

    def attribute(name: str) -> Any:
        if name == "explore":
            return import_module(f"{package}.panel").explore
        if name in place:
            return getattr(import_module(place[name]), name)
        raise AttributeError(f"module crmkit.{topic} has no attribute {name!r}")

    return attribute
