"""Several pages in flight at once, handed out in the order they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

from crmkit.store import Generation
from crmkit.transport import Answer, Call


@dataclass(frozen=True)
class Job:
    """One page to fetch: the call, its reading in the cache, and its page id there."""

    call: Call
    generation: Generation | None
    page: str

    @property
    def key(self) -> tuple[int, str]:
        return id(self.generation), self.page


class Ahead:
    """Fetches jobs; those that were announced are begun before they are asked for, never more than workers at once.

    send is also given what it calls with the answer as soon as that may be read, before it is stored.
    """

    def __init__(self, send: Callable[[Job, Callable[[Answer], None]], Answer], workers: int) -> None:
        self._send = send
        self._workers = workers
        self._queue: OrderedDict[tuple[int, str], Job] = OrderedDict()
        self._flying: dict[tuple[int, str], tuple[Future[Answer], Future[None]]] = {}
        self._storing: list[Future[None]] = []
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            # Pages already on their way still reach the cache; nobody waits for them.
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def announce(self, jobs: Iterable[Job], *, first: bool = False) -> None:
        """These will probably be asked for, in this order; first puts them before what was announced earlier."""
        if self._workers < 2:
            return
        for job in reversed(list(jobs)) if first else jobs:
            self._queue.setdefault(job.key, job)
            if first:
                self._queue.move_to_end(job.key, last=False)

    def forget(self, generation: Generation | None) -> None:
        """What was announced of this reading is not wanted any more; what is in flight lands in the cache and holds no place."""
        self._queue = OrderedDict((key, job) for key, job in self._queue.items() if job.generation is not generation)
        for key in [key for key in self._flying if key[0] == id(generation)]:
            self._flying.pop(key)[0].cancel()

    def begin(self, job: Job) -> None:
        """This one will be asked for next."""
        if job.key not in self._flying:
            self._queue.pop(job.key, None)
            self._flying[job.key] = self._start(job)
        # So many go as there are workers; as many more wait for a place, so that none is free while an answer is read.
        while self._queue and len(self._flying) < 2 * self._workers:
            key, following = self._queue.popitem(last=False)
            if key not in self._flying:
                self._flying[key] = self._start(following)

    def get(self, job: Job) -> Answer:
        """The answer to one job; waits for it if it is in flight."""
        if not (self._queue or self._flying):
            return self._send(job, lambda answer: None)
        self.begin(job)
        answer, stored = self._flying.pop(job.key)
        found = answer.result()
        self._storing = [*(one for one in self._storing if not one.done()), stored]
        return found

    def settle(self) -> None:
        """Wait until what get() has given is stored."""
        while self._storing:
            self._storing.pop().result()

    def _start(self, job: Job) -> tuple[Future[Answer], Future[None]]:
        if self._pool is None:
            # One more than may be on their way: it stores what came.
            self._pool = ThreadPoolExecutor(self._workers + 1, thread_name_prefix="crmkit")
        answer: Future[Answer] = Future()
        return answer, self._pool.submit(self._fly, job, answer)

    def _fly(self, job: Job, answer: Future[Answer]) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        try:
            found = self._send(job, answer.set_result)
        except BaseException as error:
            if answer.done():
                raise
            answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(found)
