"""A server in a process of its own that answers with pages made beforehand, each after a pause.

A thread for each connection, because the timers of asyncio are up to a millisecond late.

/slow/... waits, /fast/... does not. Peepl's contacts (limit, offset) and OnePageCRM's companies (per_page, page).
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

LATENCY = 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def answered(connection, lists):
    """One connection: a request, a pause, an answer; then the next."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen = b""
    with connection, suppress(ConnectionError):
        while came := connection.recv(65536):
            seen += came
            if b"\r\n\r\n" not in seen:
                continue
            until = time.monotonic() + LATENCY
            head, _, seen = seen.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            content = lists(target)
            if target.startswith("/slow/"):
                time.sleep(max(0.0, until - time.monotonic()))
            connection.sendall(HEAD % len(content) + content)


class Lists:
    """Finds the page that a request asks for; pages are rendered once."""

    def __init__(self, records):
        from material import COMPANIES, PEEPL, grown

        self._people = grown(PEEPL, records)
        self._companies = grown(COMPANIES, records)
        self._made = {}

    def __call__(self, target):
        parts = urlsplit(target)
        asked = parse_qs(parts.query)
        if "offset" in asked:
            source, place, number = "people", int(asked["offset"][0]), int(parts.path.split("/")[2])
        else:
            source, place, number = "companies", int(asked["page"][0]), int(parts.path.split("/")[2])
        if (source, place, number) not in self._made:
            self._made[source, place, number] = self._page(source, place, number)
        return self._made[source, place, number]

    def _page(self, source, place, count):
        from material import COMPANIES, PEEPL, body

        if source == "people":
            return body(PEEPL, self._people[place : min(place + 10, count)], place, count).encode()
        start = (place - 1) * 100
        return body(COMPANIES, self._companies[start : min(start + 100, count)], start, count).encode()


@contextmanager
def serving(records: int) -> Iterator[str]:
    """The address of a server with so many records, for as long as it is needed."""
    process = subprocess.Popen([sys.executable, __file__, str(records)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{json.loads(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def main(records: int) -> None:
    lists = Lists(records)
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(server.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=answered, args=(server.accept()[0], lists), daemon=True).start()


if __name__ == "__main__":
    import measure  # noqa: F401 - finds the tests

    main(int(sys.argv[1]))
