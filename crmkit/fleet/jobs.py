"""One account's share of a gathering: fetch, write, and say what became of it. It never raises, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Any

import pandas as pd

from crmkit.cache import offline, offline_mode
from crmkit.client import Client
from crmkit.errors import CrmkitError, IncompleteFetch, ParameterError
from crmkit.fleet import dataset
from crmkit.fleet.accounts import Source, quietly
from crmkit.receipts import Receipt, holds, receipt
from crmkit.topics.lineage import described

LOAD = ".load"


@dataclass
class Outcome:
    """What became of one account: a line of the result, and the frame where it was not written to a folder."""

    name: str
    ok: bool = False
    error: str | None = None
    message: str | None = None
    records: int | None = None
    complete: bool | None = None
    receipt: Receipt | None = None
    frame: dataset.Fetched | None = field(default=None, repr=False)


@dataclass
class Job:
    """One account's fetch; what it asks for stays out of its repr, which Dask shows and logs."""

    name: str
    source: Source = field(repr=False)
    what: str
    args: tuple[Any, ...] = field(repr=False)
    kwargs: Mapping[str, Any] = field(repr=False)
    call: Mapping[str, Any] = field(repr=False)
    to: Path | None = field(repr=False)
    mode: str = field(
        default_factory=offline_mode, repr=False
    )  # other threads and machines do not see the caller's offline() block

    def run(self, stop: Event | None = None) -> Outcome:
        """Fetch the account, and write its part where one was asked for."""
        outcome = Outcome(self.name)
        try:
            fetched = self._fetched(stop or Event())
            _describe(outcome, fetched)
            if self.to is None:
                outcome.frame = fetched
            else:
                dataset.write(self.to, self.name, fetched, self.call)
            outcome.ok = True
        except IncompleteFetch as error:
            _describe(outcome, error.frame)
            self._failed(outcome, error, str(error))
        except CrmkitError as error:
            self._failed(outcome, error, str(error))
        except OSError as error:
            why = error.strerror or "the system gives no reason"
            self._failed(outcome, error, f"a file could not be written: {why}. Next: see to it, then gather again.")
        except Exception as error:
            # Its words may hold anything, a person's name or a key; those of crmkit's own errors never do.
            self._failed(outcome, error, "an error that crmkit did not expect. Next: fetch this account alone to see it.")
        return outcome

    def _fetched(self, stop: Event) -> dataset.Fetched:
        client = quietly(self.source.client(), stop)
        try:
            with offline(stale=self.mode == "stale") if self.mode else nullcontext():
                fetched: dataset.Fetched = called(client, self.what)(*self.args, **self.kwargs)
            return fetched
        finally:
            client._transport.close()

    def _failed(self, outcome: Outcome, error: Exception, message: str) -> None:
        outcome.error, outcome.message = type(error).__name__, f"{message}{self.kept}"

    @property
    def kept(self) -> str:
        """A sentence on the part of an earlier run, which a failure leaves where it is."""
        there = self.to is not None and dataset.has(self.to, self.name)
        return " The part that an earlier run wrote is still there." if there else ""


def called(client: Client, what: str) -> Callable[..., Any]:
    """What gather() was asked to call: a fetcher of the client, or a topic's load() with the client."""
    if what.endswith(LOAD):
        topic = import_module(f"crmkit.topics.{what.removesuffix(LOAD)}")

        def load(*args: Any, **kwargs: Any) -> Any:
            return topic.load(client, *args, **kwargs)

        return load
    found: Callable[..., Any] | None = getattr(client, what, None)
    if found is None:
        raise ParameterError(f"{client.crm} has no {what}.", hint="gather from each system what it has.")
    return found


def _describe(outcome: Outcome, fetched: Any) -> None:
    frames = list(fetched.values()) if isinstance(fetched, dict) else [fetched]
    frames = [frame for frame in frames if isinstance(frame, pd.DataFrame)]
    outcome.records = sum(map(len, frames))
    proofs = [receipt(frame) for frame in frames if holds(frame)]
    if proofs:
        outcome.receipt = proofs[0] if len(frames) == 1 else described(proofs, outcome.records)
        outcome.complete = outcome.receipt.complete
