"""Credentials: masked everywhere, revealed in one place (the authorisation of a request)."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Any, NoReturn

from crmkit.errors import ConfigError

MASK = "<secret>"


class Secret:
    """A credential that does not show itself: not in repr, str, format, vars, pickle or a traceback's locals."""

    __slots__ = ("reveal",)
    reveal: Callable[[], str]

    def __init__(self, value: str) -> None:
        # A closure, so that no attribute of the object holds the text.
        object.__setattr__(self, "reveal", lambda: value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret cannot be changed")

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(_bytes(self), _bytes(other))

    def __hash__(self) -> int:
        return hash(MASK)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a credential is never pickled; build the client again with from_env() where it is needed")

    def digest(self, salt: bytes) -> str:
        """A short keyed fingerprint that tells two credentials apart and gives neither away."""
        return hashlib.blake2b(_bytes(self), key=salt[:64], digest_size=8).hexdigest()


def _bytes(secret: Secret) -> bytes:
    return secret.reveal().encode()


def from_environment(name: str, crm: str) -> str:
    """The environment variable, or a ConfigError that names it.

    An empty or blank variable counts as missing.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigError(
            f"the environment variable {name} is not set.",
            crm=crm,
            hint=f"set {name} before starting Jupyter, or try it without an account: crmkit.demo.{crm.lower()}().",
        )
    return value


def prompt(crm: str, name: str) -> str:
    """Ask for a credential without echoing it or leaving it in the notebook."""
    import getpass

    return getpass.getpass(f"{crm} {name}: ").strip()
