"""One request at a time for one page: threads of a process that want the same page wait for the one that asks, and read the cache."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

SLICE = 0.1

_lock = threading.Lock()
_flying: dict[Hashable, threading.Event] = {}


@contextmanager
def alone(page: Hashable, waiting: Callable[[float], None]) -> Iterator[None]:
    """Inside this block no other thread asks for the page; waiting is called several times a second until then, and may raise."""
    landed = threading.Event()
    while (other := _entered(page, landed)) is not landed:
        while not other.wait(SLICE):
            waiting(0.0)
    try:
        yield
    finally:
        with _lock:
            _flying.pop(page, None)
        landed.set()


def _entered(page: Hashable, landed: threading.Event) -> threading.Event:
    with _lock:
        return _flying.setdefault(page, landed)


def _forget() -> None:
    """After a fork: the threads that are asking belong to the parent."""
    global _lock
    _lock = threading.Lock()
    _flying.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
