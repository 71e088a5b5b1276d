"""The libraries of the extra clean, imported at first use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from crmkit.errors import ConfigError


def library(name: str) -> Any:
    """A module of the extra clean; ConfigError names the extra where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != name.split(".")[0]:
            raise
    raise ConfigError(f"cleaning needs {name.split('.')[0]}.", hint='pip install "crmkit[clean]"')
