"""The socket side: threads, keep-alive, and plain HTTP beside TLS on one port."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from .calls import Call
from .dials import Dials
from .wire import send

TLS_HANDSHAKE = b"\x16"  # the first byte of every TLS connection, and of no HTTP request


class Reply(Protocol):
    """An answer ready to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    faults: Dials


class Responder(Protocol):
    """What the listener needs of the server behind it."""

    def respond(self, call: Call) -> Reply: ...

    def pause(self, seconds: float) -> None: ...


class Listener(ThreadingHTTPServer):
    """Accepts on a free port of the loopback address and knows its open connections."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, responder: Responder, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.responder = responder
        self.tls = tls
        self.open: set[socket.socket] = set()
        self.crashes: list[BaseException] = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.005,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Closes the port and every connection, so that no thread stays behind."""
        self.shutdown()
        self.server_close()
        self.thread.join()
        for connection in list(self.open):
            with suppress(OSError):  # closed by the other side meanwhile
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no matter; a mistake in the server is kept, to be raised at the end."""
        crash = sys.exc_info()[1]
        if crash is not None and not isinstance(crash, OSError):
            self.crashes.append(crash)


class Handler(BaseHTTPRequestHandler):
    """Reads calls from one connection and sends what the responder says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def setup(self) -> None:
        tls = self.server.tls
        if tls and self.request.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
            self.request = tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def answer(self) -> None:
        call = self.read_call()
        reply = self.server.responder.respond(call)
        keep = send(self.connection, reply.status, reply.headers, reply.body, reply.faults, self.server.responder.pause)
        self.close_connection = self.close_connection or not keep

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 (names that http.server asks for)

    def read_call(self) -> Call:
        parts = urlsplit(self.path)
        return Call(
            method=self.command,
            path=parts.path,
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            at=time.monotonic(),
            scheme="https" if isinstance(self.connection, ssl.SSLSocket) else "http",
            target=self.path,
        )

    def log_message(self, *_: Any, **__: Any) -> None:
        """Silent: the calls are kept, see FaultServer.calls."""
