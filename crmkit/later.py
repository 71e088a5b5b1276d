"""Names of a package that are loaded when they are first used, so that importing it costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any


def later(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The __getattr__ and __dir__ of a package.

    homes: name -> the module below the package that has it; "module:other" where it is called otherwise there, and "module:" for the
    module itself. No module may have the name of a function here: importing it would put the module in the function's place. What is
    shown, and meant by a slip, are the names in the package's __all__, those that it has at once included.
    """

    def attribute(name: str) -> Any:
        if name not in homes:
            near = [] if name.startswith("_") else get_close_matches(name, names(), n=1)
            raise AttributeError(f"module {package} has no attribute {name!r}." + (f" Did you mean {near[0]}?" if near else ""))
        module, colon, other = homes[name].partition(":")
        home = import_module(f"{package}.{module}")
        found = home if colon and not other else getattr(home, other or name)
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted(sys.modules[package].__all__)

    return attribute, names
