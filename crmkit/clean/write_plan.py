"""Writing corrections back: every request is shown before one is sent, and each can be taken back.

plan = clean.plan(client, fixes)      # reads each record, sends nothing that writes
plan.requests, plan.fields, plan.refused
plan.apply(confirm=plan.phrase)       # needs a client made with writable=True
plan.undo()
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.clean import write_face
from crmkit.clean.changes import COLUMNS, checked
from crmkit.clean.write_checks import Request, Sorted, sort_out
from crmkit.clean.write_desk import Target, can_write, check_marks
from crmkit.clean.write_journal import ANNOUNCED, DONE, WRITE, Journal
from crmkit.clean.write_run import Run, Surprise, stopped
from crmkit.clean.write_stale import drop_stale
from crmkit.errors import ConfigError, CrmkitError, ParameterError
from crmkit.journals import FOLDER, FORGOTTEN, Event
from crmkit.private import private_folder
from crmkit.progress import Progress, wanted

if TYPE_CHECKING:
    from crmkit.client import Client

REQUESTS = ("record", "id", "method", "path", "query", "body", "fields")
FIELDS = ("record", "id", "method", "path", "field", "old", "new", "reason")
READS_PER_WRITE = 3


def plan(client: Client, corrections: pd.DataFrame, *, journal: str | os.PathLike[str] | None = None) -> WritePlan:
    """What writing these corrections back would send; nothing that writes is sent.

    Parameters
    client: a client of Peepl, OnePageCRM or sheepCRM; it need not be writable to plan. corrections: as clean.corrections() makes them.
    journal: a file for what is written and what was there before, of one account; by default one in the client's cache folder, named
    after the account and the corrections, so that the same corrections always find it again.

    Each record is read once, not from the cache. Returns a WritePlan: a request for what can be written, in .refused the reason for
    everything else. Source: Peepl sheet section 5, OnePageCRM sheet section 6, sheepCRM sheet section 5. Raises ShapeError for what
    are no corrections, and the errors of a fetch.
    """
    lines = checked(corrections)
    return WritePlan(client, sort_out(client, lines), Journal(_journal_path(client, lines, journal)))


def _journal_path(client: Client, lines: pd.DataFrame, given: str | os.PathLike[str] | None) -> Path:
    if given is not None:
        path = Path(given)
        if not path.absolute().parent.is_dir():
            raise ConfigError(f"there is no folder for the journal {path.name}.", hint="make it, or choose another place.")
        if path.is_dir():
            raise ConfigError(f"the journal {path.name} is a folder.", hint="name a file in it.")
        return path
    ordered = lines.sort_values(["record", "id", "field", "old", "new"]).drop(columns=["reason", "source"])
    digest = hashlib.blake2b(ordered.to_json(orient="values").encode(), digest_size=8).hexdigest()
    return private_folder(client._folder / FOLDER) / f"{client.account}-{digest}.jsonl"


class WritePlan:
    """What would be sent, and what is refused.

    requests: a line per request: record, id, method, path, query (text), body (a dict, or None), fields (how many change). fields: a
    line per change: record, id, method, path, field, old, new, reason. refused: the corrections that are not sent, with why. phrase:
    what apply() must be given to write. account: who is written to. journal: the file that remembers old values. minutes: how long
    apply() takes at the rate limit, at least.
    """

    def __init__(self, client: Client, sorted_out: Sorted, journal: Journal) -> None:
        self._client, self._requests, self._refused, self._journal = client, sorted_out.requests, sorted_out.refused, journal

    @property
    def account(self) -> str:
        """The label of the account that is written to."""
        return self._client.account

    @property
    def phrase(self) -> str:
        """What confirm must say."""
        count = len(self._requests)
        return f"write {count:,} {'record' if count == 1 else 'records'} to {self.account}"

    @property
    def journal(self) -> Path:
        """The file that old values are kept in."""
        return self._journal.path

    @property
    def minutes(self) -> float:
        """Minutes that apply() takes at the rate limit, at least."""
        return round(len(self._requests) * READS_PER_WRITE * self._client.minutes_per_call, 2)

    @property
    def requests(self) -> pd.DataFrame:
        """A line per request: record, id, method, path, query (string), body (object), fields (Int64)."""
        lines = [
            (*self._where(one), write_face.query(self._query(one)), self._body(one), len(one.lines)) for one in self._requests
        ]
        kinds = {**dict.fromkeys(REQUESTS, "string"), "body": "object", "fields": "Int64"}
        return pd.DataFrame(lines, columns=list(REQUESTS)).astype(kinds)

    @property
    def fields(self) -> pd.DataFrame:
        """A line per change: record, id, method, path, field, old, new, reason (all string)."""
        lines = [(*self._where(one), line.field, line.old, line.new, line.reason) for one in self._requests for line in one.lines]
        return pd.DataFrame(lines, columns=list(FIELDS)).astype("string")

    @property
    def refused(self) -> pd.DataFrame:
        """The corrections that are not sent, and why (all string)."""
        lines = [(*line, why) for line, why in self._refused]
        return pd.DataFrame(lines, columns=[*COLUMNS, "why"]).astype("string")

    def _where(self, one: Request) -> tuple[str, str, str, str]:
        target = one.target
        name = f"{target.id}/{target.part}" if target.part else target.id
        return target.writing.noun, name, "PUT", target.write_path(self._client)

    def _query(self, one: Request) -> list[tuple[str, str]]:
        return one.target.query(one.entry, one.changes)

    def _body(self, one: Request) -> Any:
        return one.target.body(one.entry, one.changes)

    def apply(self, confirm: str) -> pd.DataFrame:
        """Write: one record a request, each read again just before, journalled, verified; records that changed are skipped.

        Parameters
        confirm: .phrase, typed or passed.

        Returns a DataFrame, a line per request: record, id, outcome (written, already written, skipped), reason. Applied again,
        after an error or in a new process with a plan of the same corrections, it goes on where it stopped and writes nothing
        twice. Raises ParameterError for another phrase, ConfigError for a client that only reads, WriteStopped at the first
        surprise, and the errors of a fetch where a record cannot be read; nothing of the record at hand is written then.
        """
        can_write(self._client)
        if confirm != self.phrase:
            raise ParameterError("confirm does not say what this plan shows; nothing was sent.", hint=f'confirm="{self.phrase}"')
        with self._journal.alone():
            states = self._states()
            mine = {one.target.key for one in self._requests}
            unsettled = [event for key, event in states.items() if event["event"] == WRITE and key not in mine]
            with self._running([*(one.target for one in self._requests), *map(self._target, unsettled)]) as run:
                for event in unsettled:
                    run.settle(self._target(event), event)
                for one in self._requests:
                    run.write(one, states.get(one.target.key))
        return run.frame()

    def undo(self) -> pd.DataFrame:
        """Write the journalled old values back, the last write first; records that somebody changed since are skipped.

        Returns a DataFrame as apply() does; outcomes are restored, skipped, and left where the field was empty and the API has
        no way to empty it again, or where the server refuses the old values. What cache.forget() has erased cannot be undone and
        is skipped. Raises as apply() does, but not at such a refusal: the others are still taken back.
        """
        can_write(self._client)
        with self._journal.alone():
            events = [event for event in self._states().values() if event["event"] in (DONE, *ANNOUNCED, FORGOTTEN)]
            with self._running([self._target(event) for event in events]) as run:
                for event in reversed(events):
                    run.undo(self._target(event), event)
        return run.frame()

    def _states(self) -> dict[str, Event]:
        """What the journal says of each write, all of which went to this account."""
        states = self._journal.states()
        check_marks(self._client, {event["account"] for event in states.values() if event.get("account")})
        return states

    def _target(self, event: Event) -> Target:
        """The record that a journal's line is about."""
        for writing in self._client.writings:
            if (writing.noun, writing.part) == (event["record"], event["list"]):
                return Target(writing, event["id"], event["entry"])
        raise ConfigError("the journal speaks of a kind of record that is not written here.")

    @contextmanager
    def _running(self, targets: list[Target]) -> Iterator[Run]:
        """A run, around which the cache forgets the records that it may change."""
        progress = Progress(
            f"{self._client.crm} writes", wanted(self._client.progress), READS_PER_WRITE * self._client.minutes_per_call
        )
        progress.expected = len(targets)
        run = Run(self._client, self._journal, progress=progress)
        nouns = {noun for target in targets for noun in (target.writing.noun, *target.writing.shown_in)}
        ids = {part for target in targets for part in (target.id, target.part) if part}
        drop_stale(self._client, nouns, ids)
        failure: CrmkitError | None = None
        try:
            yield run
        except Surprise as surprise:
            failure = stopped(self._client, run, surprise, self._journal)
        finally:
            progress.close()
            drop_stale(self._client, nouns, ids)
        if failure is not None:
            failure.__context__ = None
            raise failure

    def __repr__(self) -> str:
        return write_face.as_text(self)

    def _repr_html_(self) -> str:
        return write_face.as_html(self)
