"""Reading and writing one record through a client: never from the cache, one request a record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmkit.cache import offline_mode
from crmkit.errors import ConfigError, ShapeError
from crmkit.transport import Call
from crmkit.writing import Record, Writing

if TYPE_CHECKING:
    from crmkit.client import Client


@dataclass(frozen=True)
class Target:
    """One record, or one entry of a list of it, that can be written by itself."""

    writing: Writing
    id: str
    part: str | None = None

    @property
    def key(self) -> str:
        """What a journal calls it."""
        return "/".join(part for part in (self.writing.noun, self.id, self.writing.part, self.part) if part)

    def read_path(self, client: Client) -> str:
        """Where it is read."""
        return client.wire_path(self.writing.read, {"id": self.id}, set())

    def write_path(self, client: Client) -> str:
        """Where it is written."""
        return client.wire_path(self.writing.write, {"id": self.id, "part": self.part or ""}, set())

    def query(self, entry: Record, sent: Record) -> list[tuple[str, str]]:
        """The query of its write."""
        if not self.writing.in_query:
            return list(self.writing.query)
        named = [(name, str(entry[member])) for name, member in self.writing.in_query.items()]
        return [*named, *((name, str(value)) for name, value in sent.items())]

    def body(self, entry: Record, sent: Record) -> Record | None:
        """The JSON body of its write; None where everything is in the query."""
        return None if self.writing.in_query else self.writing.body(entry, sent)


def read(client: Client, target: Target) -> Record:
    """The record as the server has it now. Raises the errors of a fetch, ShapeError where the answer is no record."""
    call = Call("GET", target.read_path(client), name=target.writing.noun, hints=client.hints)
    record = target.writing.record(client._transport.send(call, None, "", bool(offline_mode())).body)
    if not isinstance(record, dict):
        raise ShapeError("the answer is no record.", crm=client.crm, endpoint=target.writing.noun)
    return record


def send(client: Client, target: Target, entry: Record, sent: Record) -> Any:
    """Make the one request that writes; returns the body of the answer."""
    call = Call(
        "PUT",
        target.write_path(client),
        query=target.query(entry, sent),
        body=target.body(entry, sent),
        name=target.writing.noun,
        hints=client.hints,
        writes=True,
    )
    return client._transport.send(call, None, "", bool(offline_mode())).body


def mark(client: Client) -> str:
    """What tells in a journal to whom a write went: the same on every machine, and it gives no key away."""
    salt = secrets.token_hex(8)
    return f"{salt} {client._label(salt.encode())}"


def check_marks(client: Client, marks: Iterable[str]) -> None:
    """Raise ConfigError for writes that went to somebody else: ids of records mean other people there."""
    for salt, _, label in (one.partition(" ") for one in marks):
        if label != client._label(salt.encode()):
            raise ConfigError(
                "the journal holds writes to another account, or with another key; nothing was sent.",
                crm=client.crm,
                hint="give each account a journal of its own; if only the key is new, take account out of the journal's lines.",
            )


def can_write(client: Client) -> None:
    """Raise ConfigError for a client that only reads."""
    if not client.writings:
        raise ConfigError(f"nothing is written to {client.crm} yet; nothing was sent.", crm=client.crm)
    if not client.writable:
        raise ConfigError(
            "this client only reads; nothing was sent.",
            crm=client.crm,
            hint=f"plan with a client made for it: crmkit.{type(client).__name__}.from_env(writable=True).",
        )
