"""Writing one record a request, forwards and back: read again, announce in the journal, send, verify, note; stop at a surprise."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.clean.write_desk import Target, mark, read, send
from crmkit.clean.write_journal import ANNOUNCED, DONE, UNDO, WRITE, Journal
from crmkit.clean.write_values import reverted, same
from crmkit.errors import (
    AuthError,
    CrmkitError,
    NetworkError,
    NotFound,
    PermissionDenied,
    RateLimited,
    RequestFailed,
    ServerError,
    ShapeError,
    WriteStopped,
)
from crmkit.journals import FORGOTTEN, UNDONE, UNWRITTEN, Event
from crmkit.writing import Record, Unfit, Writing

if TYPE_CHECKING:
    from crmkit.clean.write_checks import Request
    from crmkit.client import Client
    from crmkit.progress import Progress

ATTEMPTS = 3
WRITTEN, ALREADY, SKIPPED, RESTORED, LEFT, STOPPED = "written", "already written", "skipped", "restored", "left", "stopped"
CHANGED = "the record has changed since it was planned"
GONE = "there is no such record any more"
ERASED = "its old values were erased by cache.forget(); nobody can write them back"
HOLDS_NEITHER = "the record holds neither the old nor the new values"


class Surprise(Exception):
    """Something is not as it was planned; the text says what. sent: whether the write may have reached the server."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


class Refused(Surprise):
    """The server refused this one record's values, and nothing was written of them."""


@dataclass
class Run:
    """One pass over the requests of a plan. outcomes: a line per request; stamps: when our own writes last changed a record."""

    client: Client
    journal: Journal
    outcomes: list[tuple[str, str, str, str]] = field(default_factory=list)
    stamps: dict[str, Any] = field(default_factory=dict)
    progress: Progress | None = None

    @cached_property
    def account(self) -> str:
        """To whom it writes, as the journal has it."""
        return mark(self.client)

    def frame(self) -> pd.DataFrame:
        """The outcomes so far: record, id, outcome, reason (all string)."""
        return pd.DataFrame(self.outcomes, columns=["record", "id", "outcome", "reason"], dtype="string")

    def note(self, target: Target, outcome: str, reason: str = "") -> None:
        """Add a line to the outcomes."""
        writing = target.writing
        if self.progress is not None:
            self.progress.page(1)
        self.outcomes.append((writing.noun, f"{target.id}/{target.part}" if target.part else target.id, outcome, reason))

    def write(self, request: Request, state: Event | None) -> None:
        """Write one record, unless it was written before or has changed since."""
        target, path = request.target, request.target.read_path(self.client)
        record, entry = self._now(target)
        if entry is None:
            self.note(target, SKIPPED, GONE)
            return
        if state and state["event"] == DONE and holds(target.writing, entry, request.changes):
            self.stamps[path] = state.get("stamp")
            self.note(target, ALREADY)
            return
        if state and state["event"] == WRITE and holds(target.writing, entry, state["new"]):
            self._done(target, DONE, record, entry)
            if holds(target.writing, entry, request.changes):
                self.note(target, WRITTEN, "found written: the run before this one was cut off after the request")
                return
        if self._has_changed(request, record, entry, own=bool(state and state["event"] == WRITE)):
            self.note(target, SKIPPED, CHANGED)
            return
        writing = target.writing
        if why := writing.check(record, entry, request.changes):
            self.note(target, SKIPPED, f"{CHANGED}: {why}")
            return
        now, earlier = writing.state(entry), standing(writing, entry, state)
        old = {**{name: now[name] for name in request.changes}, **earlier.get("old", {})}
        new = {**earlier.get("new", {}), **request.changes}
        self._carry_out(target, record, entry, request.changes, WRITE, earlier, old=old, new=new)
        self.note(target, WRITTEN)

    def undo(self, target: Target, state: Event) -> None:
        """Write the old values of one record back, unless somebody has changed them since."""
        if state["event"] == FORGOTTEN:
            self.note(target, SKIPPED, ERASED)
            return
        record, entry = self._now(target)
        if entry is None:
            self.note(target, SKIPPED, GONE)
            return
        sent, left = _back(target.writing, state["old"], state["new"])
        if not sent:
            self.note(target, LEFT, "; ".join(left))
        elif holds(target.writing, entry, sent):
            self._done(target, UNDONE, record, entry)
            self.note(target, RESTORED, "; ".join(["it held the old values already", *left]))
        elif not all(holds_either(target.writing, entry, name, state) for name in state["new"]):
            self.note(target, SKIPPED, "the record has changed since it was written")
        elif why := target.writing.check(record, entry, sent):
            self.note(target, SKIPPED, f"the record has changed since it was written: {why}")
        else:
            try:
                self._carry_out(target, record, entry, sent, UNDO, {})
            except Refused as refusal:  # it must not keep the others from being taken back
                self.note(target, LEFT, str(refusal))
            else:
                self.note(target, RESTORED, "; ".join(left))

    def settle(self, target: Target, state: Event) -> None:
        """An announced write whose end is unknown: note what became of it, so that it can be undone."""
        record, entry = self._now(target)
        if entry is not None and holds(target.writing, entry, state["new"]):
            self._done(target, DONE, record, entry)

    def _now(self, target: Target) -> tuple[Record, Record | None]:
        try:
            record = read(self.client, target)
        except NotFound:
            return {}, None
        return record, target.writing.entry(record, target.part)

    def _has_changed(self, request: Request, record: Record, entry: Record, *, own: bool) -> bool:
        """Whether anybody else changed the record since it was planned. own: an earlier run may have been the one that did."""
        writing = request.target.writing
        stamp = self.stamps.get(request.target.read_path(self.client), request.stamp)
        moved = bool(writing.stamp) and record.get(writing.stamp) != stamp
        return (moved and not own) or bool(differing(writing, writing.state(request.entry), writing.state(entry)))

    def _carry_out(
        self, target: Target, record: Record, entry: Record, sent: Record, event: str, earlier: Event, **announced: Record
    ) -> None:
        """Announce, send, verify, note. A surprise stops the run; what it may have left is in the journal, as is what stood earlier."""
        writing = target.writing
        self.journal.append(
            event,
            target.key,
            record=writing.noun,
            id=target.id,
            list=writing.part,
            entry=target.part,
            account=self.account,
            method="PUT",
            path=target.write_path(self.client),
            query=target.query(entry, sent),
            body=target.body(entry, sent),
            **announced,
        )
        try:
            record, after = self._sent(target, entry, sent)
            self._verify(target, entry, after, sent)
        except Surprise as surprise:
            if not surprise.sent:
                is_undoable = earlier or event == UNDO
                self.journal.append(DONE if is_undoable else UNWRITTEN, target.key, why=str(surprise), **earlier)
            if event == WRITE or not isinstance(surprise, Refused):
                self.note(target, STOPPED, str(surprise))
            raise
        self._done(target, DONE if event == WRITE else UNDONE, record, after)

    def _sent(self, target: Target, entry: Record, sent: Record) -> tuple[Record, Record]:
        """Record and entry after the write. After a lost answer the record is read before anything is sent again.

        A write whose answer was lost may still be taken later, whatever the next attempts are told.
        """
        lost = False
        for _ in range(ATTEMPTS):
            try:
                body = send(self.client, target, entry, sent)
            except RateLimited as error:
                raise Surprise(error.what, sent=lost) from None
            except (NetworkError, ServerError, ShapeError):
                lost = True
                record, now = self._after(target)
                if holds(target.writing, now, sent):
                    return record, now
                if differing(target.writing, target.writing.state(entry), target.writing.state(now)):
                    raise Surprise(f"the answer was lost, and {HOLDS_NEITHER}", sent=True) from None
            except (AuthError, PermissionDenied) as error:
                raise Surprise(error.what, sent=lost) from None
            except RequestFailed as error:
                raise (Surprise(error.what, sent=True) if lost else Refused(error.what, sent=False)) from None
            else:
                return self._answered(target, entry, sent, body)
        raise Surprise("the server did not take the write, also when it was asked again", sent=True)

    def _answered(self, target: Target, entry: Record, sent: Record, body: Any) -> tuple[Record, Record]:
        """What the answer shows, and where that is not enough the record read again."""
        shown = target.writing.answer(body, entry)
        if shown is not None:
            told = {name: value for name, value in sent.items() if name in shown}
            if not holds(target.writing, shown, told):
                raise Surprise("the answer does not hold what was sent", sent=True)
        if shown is None or target.writing.rereads:
            return self._after(target)
        return shown, shown

    def _after(self, target: Target) -> tuple[Record, Record]:
        try:
            record, entry = self._now(target)
        except CrmkitError as error:
            raise Surprise(f"after the write the record could not be read: {error.what}", sent=True) from None
        if entry is None:
            raise Surprise("after the write there is no such record any more", sent=True)
        return record, entry

    def _verify(self, target: Target, before: Record, after: Record, sent: Record) -> None:
        writing = target.writing
        if not holds(writing, after, sent):
            raise Surprise("the record does not hold what was sent", sent=True)
        others = [name for name in differing(writing, writing.state(before), writing.state(after)) if name not in sent]
        if others:
            raise Surprise(f"the write also changed {', '.join(others)}", sent=True)

    def _done(self, target: Target, event: str, record: Record, entry: Record) -> None:
        stamp = record.get(target.writing.stamp) if target.writing.stamp else None
        self.stamps[target.read_path(self.client)] = stamp
        self.journal.append(event, target.key, stamp=stamp)


def holds(writing: Writing, entry: Record, wanted: Record) -> bool:
    """Whether an entry has these values."""
    now = writing.state(entry)
    return all(same(_comparable(writing, name, value), now.get(name)) for name, value in wanted.items())


def standing(writing: Writing, entry: Record, state: Event | None) -> Event:
    """What earlier writes by this journal changed and the record still holds, as old and new: undo takes it back too."""
    if state is None or state["event"] not in (DONE, *ANNOUNCED):
        return {}
    new = {name: value for name, value in state["new"].items() if holds(writing, entry, {name: value})}
    return {"old": {name: state["old"].get(name) for name in new}, "new": new} if new else {}


def holds_either(writing: Writing, entry: Record, name: str, state: Event) -> bool:
    """Whether a field is as it was before our write or after it."""
    return any(holds(writing, entry, {name: state[which].get(name)}) for which in ("old", "new"))


def _comparable(writing: Writing, name: str, value: Any) -> Any:
    """A value as it is sent, in the form in which it is read back: custom fields that were emptied are gone."""
    return writing.state({name: value})[name]


def differing(writing: Writing, one: Record, other: Record) -> list[str]:
    """The fields in which two states of a record differ."""
    return [each.name for each in writing.fields if not same(one[each.name], other[each.name])]


def _back(writing: Writing, old: Record, new: Record) -> tuple[Record, list[str]]:
    """What brings the old values back, and reasons for those that cannot be brought back."""
    sent: Record = {}
    left = []
    for name, value in new.items():
        try:
            sent[name] = reverted(writing.field(name), old.get(name), value)
        except Unfit as why:
            left.append(f"{name}: {why}")
    return sent, left


def stopped(client: Client, run: Run, surprise: Exception, journal: Journal) -> WriteStopped:
    """The error that ends a run."""
    done = sum(outcome in (WRITTEN, RESTORED) for _, _, outcome, _ in run.outcomes)
    error = WriteStopped(
        f"stopped at a surprise: {str(surprise).rstrip('.')}. {done:,} records were written before it.",
        crm=client.crm,
        kept=f"error.result says what became of each; the old values are in the journal {journal.path.name}.",
        hint="look at the record; then plan again and apply() what is left, or undo().",
    )
    error.result = run.frame()
    return error
