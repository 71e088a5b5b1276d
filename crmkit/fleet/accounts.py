"""Where an account's client comes from: made here, or made on the machine that fetches, so that no credential travels."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from threading import Event
from typing import Any, Protocol

from crmkit.calls import Call, is_loopback
from crmkit.client import PREFIX, Client
from crmkit.errors import ConfigError, CrmkitError, ParameterError
from crmkit.params import unknown_name
from crmkit.secrets import Secret

KINDS = ("Peepl", "Beeple", "SheepCRM", "MissionHub", "OnePageCRM")
Read = Callable[[], Mapping[str, str]]


class Source(Protocol):
    """What a client comes from."""

    kind: type[Client]

    def client(self) -> Client:
        """The client, to be used here."""
        ...


class Account:
    """How to make a client, without its credential: that is read where the account is fetched, here or on a worker.

    Parameters
    crm: "Peepl", "Beeple", "SheepCRM", "MissionHub" or "OnePageCRM", or the class. prefix: the credential is in environment variables
    with this in front: prefix="NORTH" reads NORTH_PEEPL_TOKEN (and NORTH_PEEPL_BASE_URL, where it is set); without one, PEEPL_TOKEN.
    read: or a function that needs no argument and returns the client's keyword arguments, say {"token": ...}, out of a vault; it
    travels to the workers, so it must look the credential up and not hold it. options: further keyword arguments of the client:
    base_url, cache_dir, expire_after, pace, workers.

    .client() makes the client here, to try it: Account("Peepl", prefix="NORTH").client().check(). Raises ParameterError for a
    credential or an unknown name among the options; client() raises ConfigError where the credential cannot be found.
    """

    def __init__(self, crm: str | type[Client], *, prefix: str = "", read: Read | None = None, **options: Any) -> None:
        self.kind = _kind(crm)
        if error := _wrong(self.kind, prefix, read, options):
            del prefix, read  # what was wrong may be a credential, and a traceback shows what is here
            options.clear()
            raise error
        self._prefix, self._read, self._options = prefix, read, {"progress": False, **options}

    def client(self) -> Client:
        """The client, made here."""
        complete = partial(self.kind._from_environment, self._prefix) if self._read is None else self._look_up
        return self.kind._made(complete, dict(self._options))

    def _look_up(self, options: dict[str, Any]) -> None:
        try:
            found = dict(self._read()) if self._read else {}
        except Exception as error:
            failure = type(error).__name__
        else:
            secret = {one.name for one in self.kind.credentials if one.secret}
            options |= {
                name: Secret(value) if name in secret and isinstance(value, str) else value for name, value in found.items()
            }
            return
        raise ConfigError(f"the account's credential could not be looked up: read() raised {failure}.", crm=self.kind.crm)

    def __repr__(self) -> str:
        told = "read=..." if self._read else f"prefix={self._prefix!r}"
        return f"Account({self.kind.__name__!r}, {told})"


class InHand:
    """A client that exists already. It is used as it is; only one of a server on this machine, as the demo's are, can travel."""

    def __init__(self, client: Client) -> None:
        self.kind, self._client = type(client), client

    def client(self) -> Client:
        """The client itself."""
        return self._client

    @property
    def travels(self) -> bool:
        """Whether its credential is one for a server on this machine, which is no secret."""
        return is_loopback(self._client.base_url)

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.travels:
            raise TypeError("a credential is never pickled; declare the account with crmkit.fleet.Account")
        client = self._client
        known = {one.name: client.reveal(one.name) for one in client.credentials if client._credentials[one.name] is not None}
        options = {
            "base_url": client.base_url,
            "cache_dir": str(client._folder),
            "expire_after": client.fresh_for,
            "pace": tuple((one.calls, one.seconds) for one in client.budgets) or None,
            "workers": client.workers,
            "progress": False,
        }
        return _made_again, (type(client).__name__, {**options, **known})

    def __repr__(self) -> str:
        return f"<{self.kind.__name__} in hand>"


def _made_again(kind: str, given: dict[str, Any]) -> InHand:
    return InHand(_kind(kind)(**given))


def source_of(name: str, given: Any) -> Source:
    """What was given for an account. Raises ParameterError where it is neither a client nor an Account."""
    if isinstance(given, Account):
        return given
    if isinstance(given, Client):
        return InHand(given)
    raise ParameterError(
        f"gather() takes a client or an Account for each name; {name} is a {type(given).__name__}.",
        hint='crmkit.fleet.Account("Peepl", prefix="NORTH").',
    )


def _kind(crm: str | type[Client]) -> type[Client]:
    asked = crm.__name__ if isinstance(crm, type) else str(crm)
    known = {one.lower(): one for one in KINDS}
    if asked.lower() not in known:
        raise ParameterError(f"there is no CRM called {asked!r}.", hint=unknown_name(asked, KINDS, "Account").hint)
    kind: type[Client] = getattr(import_module("crmkit"), known[asked.lower()])
    return kind


def _wrong(kind: type[Client], prefix: Any, read: Any, options: Mapping[str, Any]) -> CrmkitError | None:
    """What is wrong with a declaration; what may be a credential must not get as far as to travel."""
    credentials = {one.name: one.secret for one in kind.credentials}
    known = {*kind._options(), *(name for name, secret in credentials.items() if not secret), "prefix", "read"}
    for name in options:
        if credentials.get(name):
            return ParameterError(
                f"an Account holds no credential, and {name} is one.",
                hint="set it in the environment and name its prefix, or give read=, a function that looks it up.",
            )
        if name not in known:
            return unknown_name(name, known, "Account")
    if read is not None and not callable(read):
        return ParameterError("read= takes a function that looks the credential up.", hint='read=lambda: {"token": ...}.')
    if prefix and read:
        return ParameterError("an account's credential is found by prefix or read, not by both.", hint="leave one out.")
    if prefix and not (isinstance(prefix, str) and PREFIX.fullmatch(prefix)):
        return ConfigError("prefix takes capitals, digits and _, such as NORTH for NORTH_PEEPL_TOKEN.", crm=kind.crm)
    return None


def quietly(client: Client, stop: Event) -> Client:
    """The client without a progress bar of its own, which asks for no further page once stop is set."""
    quiet = copy.copy(client)
    quiet.progress = False
    vars(quiet)["_transport"] = _Stoppable(client._transport, stop)
    return quiet


class _Stoppable:
    """A transport that ends like Ctrl-C does once stop is set: what was read stays in the cache."""

    def __init__(self, transport: Any, stop: Event) -> None:
        self._transport, self._stop = transport, stop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def send(
        self,
        call: Call,
        generation: Any,
        page: str,
        offline: bool = False,
        waiting: Callable[[float], None] | None = None,
        *more: Any,
    ) -> Any:
        inner = waiting or self._transport.waiting

        def pausing(seconds: float) -> None:
            self._unless_stopped()
            inner(seconds)

        self._unless_stopped()
        return self._transport.send(call, generation, page, offline, pausing, *more)

    def _unless_stopped(self) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt
