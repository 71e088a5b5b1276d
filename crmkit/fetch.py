"""The path of a fetch: row, parameters, walk, transport per page, records, one frame at the end, receipt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.ahead import Ahead, Job
from crmkit.cache import offline_mode
from crmkit.endpoint import Bound
from crmkit.errors import AuthError, CrmkitError, IncompleteFetch, NotFound, PermissionDenied, RequestFailed, ShapeError
from crmkit.frames import Builder
from crmkit.paging import Ask, Trail, walk
from crmkit.progress import Progress, wanted
from crmkit.receipts import Included, Receipt, attach, moment
from crmkit.records import Record, collector_paused, keys_of, recognised
from crmkit.store import Generation, unpacked
from crmkit.transport import Answer, Call

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
    trails: list[Trail] = field(default_factory=list)
    pages: int = 0
    calls: int = 0
    cached: int = 0
    times: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    over: bool = False
    asked: str = ""

    def run(self) -> pd.DataFrame:
        """The frame, complete; or an error that says what is missing and what is kept."""
        row = self.bound.row
        # Read here once: worker threads do not see the caller's offline() block.
        self.mode = offline_mode()
        if self.mode and self.bound.refresh:
            self.problems.append("refresh=True could not be done offline: these answers are those of the cache")
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
        row, read = self.bound.row, len(self.times)
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
        self._announce_first_pages(generations)
        for (call, labels), generation in zip(self.bound.calls, generations, strict=True):
            if self._enough():
                return
            try:
                self._walk_somewhere(call, labels, generation)
            except RequestFailed as error:
                if not (self.bound.allow_partial and self.pages > 1):
                    raise
                self.short.append(f"the fetch broke off: {error.what}")
                return

    def _walk_somewhere(self, call: Call, labels: dict[str, Any], generation: Generation | None) -> None:
        """The walk at the call's path, or at the next one that may hold it when the server knows no such path."""
        try:
            self._walk_one(call, labels, generation)
        except (NotFound, PermissionDenied) as error:
            if generation is not None and not self.mode:
                self.client._cache.end(generation, "bad")
            elsewhere = call.elsewhere() if isinstance(error, NotFound) else None
            if elsewhere is not None:
                self._walk_somewhere(elsewhere, labels, self._begin(elsewhere))
            else:
                self._refused(error)

    def _begin(self, call: Call) -> Generation | None:
        return self.client._cache.begin(
            call.walk_id,
            call.name,
            refresh=self.bound.refresh,
            fresh_for=None if self.mode == "stale" else self.client.fresh_for,
            offline=bool(self.mode),
        )

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
        trail = Trail(address=f"{self.client.base_url}{call.path}")
        self.trails.append(trail)
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

    def _read(self, row: Endpoint, body: Any) -> list[Record]:
        if row.remarks is not None:
            self.problems += row.remarks(body)
        if self.side is not None:
            self.side.see(body)
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
        self.pages += 1
        packed = generation.pages.pop(page, None) if generation else None
        if packed is not None:
            stored = unpacked(packed)
            self.cached += 1
            self.times.append(stored["at"])
            self.content_type = stored["type"]
            return stored["body"]
        answer = self.ahead.get(Job(self._with(call, ask), generation, page))
        self.cached += answer.cached
        self.calls += not answer.cached
        self.times.append(answer.at)
        self.content_type = answer.content_type
        return answer.body

    def _refused(self, error: NotFound | PermissionDenied) -> None:
        """Of one record asked for, a missing one is an error; of many, it is reported with what came."""
        if self.bound.row.experimental:
            self.problems.append(f"not offered here: the server answered {error.status} to an undocumented call")
        elif isinstance(error, PermissionDenied) or (len(self.bound.calls) == 1 and not self.bound.row.empty_on_404):
            raise error
        elif self.bound.row.empty_on_404:
            self.problems.append("the server has no such list here (404), which counts as an empty one")
        else:
            labels = self.bound.calls[len(self.trails) - 1][1]
            which = ", ".join(f"{one.name}={labels[one.name]!r}" for one in self.bound.row.own_slots(self.client.slots))
            self.short.append(f"{which} was answered 404, no such id: leave it out")

    def _finish(self) -> pd.DataFrame:
        bound = self.bound
        frame = self.builder.frame(self._superseded())
        if bound.row.refine is not None:
            frame = bound.row.refine(frame, bound.values, self.client)
            self.problems += frame.attrs.pop("problems", [])
        limited = any(trail.cut for trail in self.trails) or (bound.limit is not None and len(frame) > bound.limit)
        limited = limited or (len(self.trails) < len(bound.calls) and self._enough())
        if bound.limit is not None:
            frame = frame.head(bound.limit)
        proof = self._receipt(len(frame), limited)
        more = {"included": Included(self.side.frames())} if self.side else {}
        key = [*dict.fromkeys([*(one.name for one in bound.label_columns), *bound.row.key])] if bound.row.key else []
        frame = attach(frame, proof, key, sensitive=bound.sensitive, **more)
        if proof.complete is False and not limited and not bound.allow_partial:
            raise self._incomplete(frame, proof)
        return frame

    def _superseded(self) -> list[int]:
        gone, start = [], 0
        for trail in self.trails:
            gone += [start + position for position in trail.superseded]
            start += trail.taken
        return gone

    def _receipt(self, records: int, limited: bool) -> Receipt:
        short = [*self.short, *(line for trail in self.trails for line in trail.short)]
        unchecked = any(trail.unchecked for trail in self.trails)
        totals = [trail.totals[-1] for trail in self.trails if trail.totals]
        beside = self.side.problems() if self.side else []
        problems = [*short, *self.problems, *beside, *(line for trail in self.trails for line in trail.problems)]
        return Receipt(
            crm=self.bound.row.crm,
            endpoint=self.bound.row.name,
            params={name: _plain(value) for name, value in self.bound.values.items()},
            account=self.client.account,
            complete=False if short or limited else None if unchecked else True,
            limited=limited,
            records=records,
            declared_total=sum(totals) if totals else None,
            pages=self.pages,
            calls=self.calls,
            cached_pages=self.cached,
            duplicates=sum(trail.duplicates for trail in self.trails),
            drift=tuple(dict.fromkeys(line for trail in self.trails for line in trail.drift)),
            unknown_fields=tuple(self.builder.unknown_fields),
            rejected_values=self.builder.rejected_values,
            oldest=moment(min(self.times)) if self.times else None,
            newest=moment(max(self.times)) if self.times else None,
            problems=tuple(dict.fromkeys(problems)),
        )

    def _incomplete(self, frame: pd.DataFrame, proof: Receipt) -> IncompleteFetch:
        error = IncompleteFetch(
            f"the list is not complete: {'; '.join(proof.problems)}.",
            crm=proof.crm,
            endpoint=proof.endpoint,
            kept=f"{proof.records:,} records in error.frame, the proof in error.receipt.",
            hint="run it again (refresh=True), or pass allow_partial=True to work with what came.",
        )
        error.frame, error.receipt = frame, proof
        return error


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
