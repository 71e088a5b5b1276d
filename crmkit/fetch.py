"""The path of a fetch: row, parameters, walk, transport per page, records, one frame at the end, receipt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit import typed
from crmkit.ahead import Ahead, Job
from crmkit.cache import offline_mode
from crmkit.endpoint import Bound
from crmkit.errors import AuthError, CrmkitError, IncompleteFetch, NotFound, PermissionDenied, RequestFailed, ShapeError
from crmkit.frames import Builder
from crmkit.paging import Ask, Trail, walk
from crmkit.progress import Progress, wanted
from crmkit.receipts import Included, attach
from crmkit.records import Record, collector_paused, keys_of, recognised
from crmkit.store import Generation, unpacked
from crmkit.tally import Tally, incomplete
from crmkit.transport import Answer, Call
from crmkit.typed import Typed

if TYPE_CHECKING:
    from crmkit.client import Client
    from crmkit.endpoint import Endpoint

MANY = 300  # records whose columns are taken at once
AGAIN = "run the same call again; if the error stays, the server answers otherwise than its vendor documents."


@dataclass
class Fetch:
    """One call of a fetcher on its way to a frame."""

    client: Client
    bound: Bound
    tally: Tally = field(default_factory=Tally)
    over: bool = False
    unasked: bool = False
    asked: str = ""
    again: bool = False
    reading: Generation | None = None
    kept: Typed | None = None

    def run(self) -> pd.DataFrame:
        """The frame, complete; or an error that says what is missing and what is kept."""
        row = self.bound.row
        # Read here once: worker threads do not see the caller's offline() block.
        self.mode = offline_mode()
        if self.mode and self.bound.refresh:
            self.tally.problems.append("refresh=True could not be done offline: these answers are those of the cache")
        self.side = row.side() if row.side else None
        columns = (*self.bound.label_columns, *row.columns)
        self.builder = Builder(_labels_first(columns, self.bound), sensitive=self.bound.sensitive)
        self.progress = Progress(f"{row.crm} {row.name}", wanted(self.client.progress), self.client.minutes_per_call)
        try:
            with collector_paused(), Ahead(self._send, self.client.workers) as self.ahead:
                self._walk_all()
        except CrmkitError as error:
            self._explain(error)
            raise
        finally:
            self.over = True
            self.progress.close()
        return self._finish()

    def _explain(self, error: CrmkitError) -> None:
        """Complete an error that ends the fetch: where it was, what is kept, what to do."""
        row, read = self.bound.row, len(self.tally.times)
        error.crm, error.endpoint = error.crm or row.crm, error.endpoint or row.name
        if isinstance(error, AuthError) and read:
            error.kept = f"the pages before this one ({read:,} read) are in the cache of this key."
            error.hint = f"{error.hint or ''} A new key begins anew; allow_partial=True with the old one gives what came.".strip()
        elif read and error.kept is None:
            error.kept = f"the pages before this one ({read:,} read) are in the cache."
        error.hint = error.hint or AGAIN

    def _waiting(self, seconds: float) -> None:
        """Say why nothing moves; after Ctrl-C or an error, end the waits of the pages that nobody wants any more."""
        if self.over:
            raise CancelledError
        self.progress.waiting(seconds)

    def _send(self, job: Job, came: Callable[[Answer], None]) -> Answer:
        return self.client._transport.send(job.call, job.generation, job.page, bool(self.mode), self._waiting, came)

    def _walk_all(self) -> None:
        generations = [self._begin(call) for call, _ in self.bound.calls]
        if self._made_before(generations[0] if generations else None):
            return
        self._announce_first_pages(generations)
        for (call, labels), generation in zip(self.bound.calls, generations, strict=True):
            if self._enough():
                self.unasked = True
                return
            try:
                self._walk_somewhere(call, labels, generation)
            except RequestFailed as error:
                if not (self.bound.allow_partial and self.tally.pages):
                    raise
                self.tally.short.append(f"the fetch broke off: {error.what}")
                return

    def _walk_somewhere(self, call: Call, labels: dict[str, Any], generation: Generation | None) -> None:
        """The walk at the call's path, or at the next one that may hold it when the server knows no such path."""
        before = self.tally.pages
        try:
            self._walk_one(call, labels, generation)
        except (NotFound, PermissionDenied) as error:
            if self.bound.row.is_empty_on(error) and self.tally.pages > before:
                raise  # a list that began is there: refused on its way, it broke off
            if generation is not None and not self.mode:
                self.client._cache.end(generation, "bad")
            elsewhere = call.elsewhere() if isinstance(error, NotFound) else None
            if elsewhere is not None:
                self._walk_somewhere(elsewhere, labels, self._begin(elsewhere))
            else:
                self._refused(error, labels)

    def _begin(self, call: Call) -> Generation | None:
        return self.client._cache.begin(
            call.walk_id,
            call.name,
            refresh=self.bound.refresh,
            fresh_for=None if self.mode == "stale" else self.client.fresh_for,
            offline=bool(self.mode),
            typed=self._one_list,
        )

    @property
    def _one_list(self) -> bool:
        """Whether all of one walk is wanted, so that its typed columns can be kept for the next time.

        Not of rows written elsewhere: whether they still are the same is not known (typed.maker).
        """
        ours = type(self.client).__module__.startswith("crmkit.")
        return ours and len(self.bound.calls) == 1 and self.bound.limit is None

    def _made_by(self) -> str:
        return typed.maker(self.bound.row.crm, self.bound.row.name, self.bound.sensitive, self.bound.values)

    def _made_before(self, generation: Generation | None) -> bool:
        """Take what was kept when a frame was made of this reading before; where there is nothing to be taken, its pages are read."""
        if generation is None or not generation.typed:
            return False
        try:
            self.kept = typed.read(generation.typed, self._made_by())
        except typed.Unkept:
            self.client._cache.load(generation)
            return False
        self.tally.take(self.kept.tally)
        return True

    def _keep_typed(self, frame: pd.DataFrame) -> None:
        """Keep the columns of a long list, before they are refined: when it comes whole out of the cache, or after many calls."""
        long = self._one_list and len(frame) >= typed.LONG and not self.kept
        if not long or self.mode or self.reading is None or self.reading.state != "done":
            return
        if not self.tally.one_whole_walk or (self.tally.calls and (self.tally.calls < typed.MANY_CALLS or self.tally.drifted)):
            return
        with suppress(typed.Unkept), collector_paused():
            kept = Typed.of(frame, self.builder, self.side, self.tally.of_whole_walk())
            self.client._cache.keep_typed(self.reading, list(kept.pieces(self._made_by())), self.tally.pages)

    def _announce_first_pages(self, generations: list[Generation | None]) -> None:
        if len(self.bound.calls) < 2:
            return
        first = next(self.bound.paging.steps(Trail()))
        for (call, _), generation in zip(self.bound.calls, generations, strict=True):
            self._announce(call, generation, [first])

    def _announce(self, call: Call, generation: Generation | None, asks: list[Ask], *, first: bool = False) -> None:
        if self._asks_nothing(generation):
            return
        known = generation.pages if generation else {}
        named = [(ask.page_id, ask) for ask in asks]
        jobs = [Job(self._with(call, ask), generation, page) for page, ask in named if page not in known]
        self.ahead.announce(jobs, first=first)

    def _asks_nothing(self, generation: Generation | None) -> bool:
        """Whether there is nothing to ask ahead: offline, or where the reading is whole."""
        return bool(self.mode) or (generation is not None and generation.state == "done")

    def _with(self, call: Call, ask: Ask) -> Call:
        return self.client.with_page(call, ask.params, ask.path)

    def _enough(self) -> bool:
        return self.bound.limit is not None and self.builder.rows >= self.bound.limit

    def _walk_one(self, call: Call, labels: dict[str, Any], generation: Generation | None) -> None:
        row, limit = self.bound.row, self.bound.limit
        self.reading = generation
        trail = Trail(address=f"{self.client.base_url}{call.path}")
        self.tally.trails.append(trail)
        left = None if limit is None else limit - self.builder.rows

        def get(ask: Ask) -> Any:
            return self._page(call, generation, ask)

        def read(body: Any) -> tuple[list[Record], list[Any]]:
            records = self._read(row, body)
            self.progress.page(len(records))
            return records, keys_of(records, row.key)

        def next_is(ask: Ask) -> None:
            self._look_ahead(call, generation, trail, left)
            if self._asks_nothing(generation):
                return
            page = ask.page_id
            if generation is None or page not in generation.pages:
                self.ahead.begin(Job(self._with(call, ask), generation, page))

        state, held = "bad", list[Record]()
        try:
            try:
                for batch in walk(self.bound.paging, get, read, trail, left, next_is):
                    held += batch
                    if len(held) >= MANY:
                        self.builder.add(held, labels)
                        held = []
            finally:
                self.builder.add(held, labels)
                self.ahead.settle()
            state = "paused" if trail.cut else "bad" if trail.short else "done"
        except ShapeError as error:
            # The pages before this one stay good, unless they are a finished list, which never gets newer pages.
            state = "bad" if generation is not None and generation.state == "done" else "open"
            if state == "open" and generation is not None and error.status is None and not self.mode:
                self.client._cache.drop_page(generation, self.asked)
            if not self.bound.allow_partial:
                raise
            trail.short.append(error.what)
        except IncompleteFetch as error:
            trail.short.append(error.what)
        except (CrmkitError, KeyboardInterrupt):
            state = "open"
            raise
        finally:
            self.ahead.forget(generation)
            if generation is not None and state != "open" and not self.mode:
                self.client._cache.end(generation, state)
                generation.state = state

    def _read(self, row: Endpoint, body: Any) -> list[Record]:
        if row.remarks is not None:
            self.tally.problems += row.remarks(body)
        if self.side is not None:
            self.side.see(body, self.again)
        if row.read_file is not None:
            return row.read_file(body, self.content_type)
        return recognised(row.pick(body), row.fields)

    def _look_ahead(self, call: Call, generation: Generation | None, trail: Trail, left: int | None) -> None:
        if not trail.ahead:
            return
        asks, trail.ahead = trail.ahead, []
        self.progress.expected = self.progress.pages + len(asks)
        if left is not None:
            needed = self.bound.paging.pages(left) or 1
            asks = asks[: max(0, needed - 1)]
        self.ahead.forget(generation)
        self._announce(call, generation, asks, first=True)

    def _page(self, call: Call, generation: Generation | None, ask: Ask) -> Any:
        """One page's body: from this reading's stored pages, else from the server."""
        page = self.asked = ask.page_id
        self.again = ask.second
        packed = generation.pages.pop(page, None) if generation else None
        if packed is not None:
            stored = unpacked(packed)
            self.tally.came(stored["at"], cached=True)
            self.content_type = stored["type"]
            return stored["body"]
        try:
            answer = self.ahead.get(Job(self._with(call, ask), generation, page))
        except RequestFailed as error:
            self.tally.calls += error.status is not None  # a refusal is an answer to a call, too
            raise
        self.tally.came(answer.at, cached=answer.cached)
        self.content_type = answer.content_type
        return answer.body

    def _refused(self, error: NotFound | PermissionDenied, labels: dict[str, Any]) -> None:
        """Of one record asked for, a missing one is an error; of many, it is reported with what came."""
        if self.bound.row.experimental:
            self.tally.problems.append(f"not offered here: the server answered {error.status} to an undocumented call")
        elif self.bound.row.is_empty_on(error):
            self.tally.problems.append("the server has no such list here (404), which counts as an empty one")
        elif isinstance(error, PermissionDenied) or len(self.bound.calls) == 1:
            raise error
        else:
            which = ", ".join(f"{one.name}={labels[one.name]!r}" for one in self.bound.row.own_slots(self.client.slots))
            self.tally.short.append(f"{which} was answered 404, no such id: leave it out")

    def _finish(self) -> pd.DataFrame:
        bound = self.bound
        made, side = self.kept or self.builder, self.side and (self.kept or self.side)
        frame = made.frame(self.tally.superseded())
        self._keep_typed(frame)
        if bound.row.refine is not None:
            frame = bound.row.refine(frame, bound.values, self.client)
            self.tally.problems += frame.attrs.pop("problems", [])
        limited = self._is_sample(len(frame))
        frame = frame if bound.limit is None else frame.head(bound.limit)
        proof = self.tally.receipt(
            side.problems() if side else [],
            limited=limited,
            crm=bound.row.crm,
            endpoint=bound.row.name,
            params={name: _plain(value) for name, value in bound.values.items()},
            account=self.client.account,
            records=len(frame),
            unknown_fields=tuple(made.unknown_fields),
            rejected_values=made.rejected_values,
        )
        more: dict[str, Any] = {"included": Included(side.frames())} if side else {}
        more |= {"subclass": bound.row.subclass} if bound.row.subclass else {}
        key = [*dict.fromkeys([*(one.name for one in bound.label_columns), *bound.row.key])] if bound.row.key else []
        frame = attach(frame, proof, key, sensitive=bound.sensitive, **more)
        if proof.complete is False and not limited and not bound.allow_partial:
            raise incomplete(frame, proof)
        return frame

    def _is_sample(self, records: int) -> bool:
        """Whether the limit left something out, or not asked for."""
        limit, cut = self.bound.limit, any(trail.cut for trail in self.tally.trails)
        return cut or self.unasked or (limit is not None and records > limit)


def _labels_first(columns: tuple[Any, ...], bound: Bound) -> tuple[Any, ...]:
    """A path parameter given as a list is the first column, also where the row declares it itself."""
    asked = {one.from_call for one in bound.label_columns}
    several = {name for name, value in bound.values.items() if isinstance(value, list | tuple | pd.Series | pd.Index)}
    first = [one for one in columns if one.from_call in asked | several and one.from_call]
    return (*first, *(one for one in columns if one not in first))


def _plain(value: Any) -> Any:
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, pd.Series | pd.Index):
        value = value.tolist()
    if isinstance(value, list | tuple | set | frozenset | range):
        return [_plain(one) for one in value]
    return str(value)
