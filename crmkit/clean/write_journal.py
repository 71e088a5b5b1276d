"""What was about to be written and what became of it, on disk before each step: JSON lines, for their owner only.

A line is on the disk before the request it speaks of is sent. A line torn by a crash counts as never written, which is safe: an
announcement that is torn was never sent, and an end that is torn leaves the announcement, whose record is then read again.
"""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crmkit.errors import ConfigError
from crmkit.journals import Event, events
from crmkit.private import private_file

WRITE, DONE, UNDO = "write", "done", "undo"
ANNOUNCED = (WRITE, UNDO)


class Journal:
    """The journal of one plan. It holds old and new values of fields, so it is as private as the data; it holds no credential."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, event: str, key: str, **more: Any) -> None:
        """Put a line on the disk, and return when it is there."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"at": moment, "event": event, "key": key, **more}).encode() + b"\n"
        new = not self.path.exists()
        private_file(self.path)
        with self.path.open("r+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) and not self._ends_whole(file):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise OSError("the journal's disk is full")
            os.fsync(file.fileno())
        if new and os.name == "posix":
            self._keep_name()

    @staticmethod
    def _ends_whole(file: FileIO) -> bool:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

    def _keep_name(self) -> None:
        """The folder's entry of a new file goes to the disk too."""
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def events(self) -> list[Event]:
        """Every whole line, in order."""
        return list(events(self.path.read_bytes())) if self.path.exists() else []

    def states(self) -> dict[str, Event]:
        """The present state of each request by key: its last event, with what the last announcement of its write said."""
        states: dict[str, Event] = {}
        for event in self.events():
            before = states.pop(event["key"], {}) if event["event"] == WRITE else states.get(event["key"], {})
            states[event["key"]] = {**before, **event}
        return states

    def alone(self) -> AbstractContextManager[Any]:
        """Nobody else writes by this journal meanwhile; ConfigError where somebody does."""
        lock = FileLock(f"{self.path}.lock", timeout=0, mode=0o600)
        try:
            return lock.acquire()
        except Timeout:
            raise ConfigError(
                "another process is writing by this journal.", hint="wait until it has ended, then plan again."
            ) from None
