"""requests-cache's SQLite table of answers, as a file that several threads, processes and forks share and that keeps no deleted byte."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests_cache.backends.sqlite import SQLiteDict


class Pages(SQLiteDict):
    """requests-cache's table of answers, one thread at a time.

    Deleted bytes are overwritten, a lock that cannot be had is an error and not a loop, and a forked process opens its own.
    """

    _process = 0

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._process != os.getpid():
                _inherited.append(self._connection)
                self._connection, self._process = None, os.getpid()
            new = self._connection is None
            with super().connection(commit) as con:
                if new:
                    con.execute("PRAGMA secure_delete=ON")
                    con.execute("PRAGMA trusted_schema=OFF")
                yield con

    @contextmanager
    def _acquire_sqlite_lock(self) -> Iterator[None]:
        con = self._connection
        assert con is not None
        con.execute("BEGIN IMMEDIATE")
        self._active_transaction = True
        try:
            yield
            con.commit()
        except BaseException:
            con.rollback()
            raise
        finally:
            self._active_transaction = False


_inherited: list[Any] = []  # connections of a parent process: never used, never closed
