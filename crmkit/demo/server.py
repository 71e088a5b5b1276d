"""WSGI applications over real HTTP/1.1 with keep-alive, on 127.0.0.1, quietly."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread, current_thread
from typing import Any
from urllib.parse import unquote_to_bytes

from crmkit.demo.dials import TRUNCATE, Dropped

Application = Callable[..., Iterable[bytes]]


class Server:
    """One application on a port of its own, running from construction until stop()."""

    def __init__(self, application: Application) -> None:
        self._http = _Http(application)
        self.port = int(self._http.server_address[1])
        self._thread = Thread(target=self._listen, daemon=True, name=f"demo-{self.port}")
        self._thread.start()

    def _listen(self) -> None:
        while not self._http.leaving:
            self._http.handle_request()

    def stop(self) -> None:
        """Close the port and every open connection, and wait until the threads have ended."""
        self._http.leaving = True
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()  # wakes the thread, which would notice a little later
        self._thread.join()
        self._http.server_close()
        for connection, thread in list(self._http.open.items()):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(2)


class _Http(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    timeout = 1.0  # seconds until a look around, should no call come
    leaving = False

    def __init__(self, application: Application) -> None:
        self.application = application
        self.open: dict[socket.socket, Thread] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        """Nobody is served who comes while the port closes."""
        return not self.leaving

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news; anything else is a fault of the demo and must be seen."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def setup(self) -> None:
        super().setup()
        self.server.open[self.connection] = current_thread()

    def finish(self) -> None:
        self.server.open.pop(self.connection, None)
        super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The demo keeps a log of its own and writes nothing to stderr."""

    def _serve(self) -> None:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        environ = self._environ()
        head = bytearray()

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
            lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""]
            head[:] = "\r\n".join(lines).encode("latin-1")
            return head.extend

        try:
            body = b"".join(self.server.application(environ, start_response))
        except Dropped:
            self.close_connection = True
            return
        if environ.get(TRUNCATE):
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(bytes(head) + (b"" if self.command == "HEAD" else body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.rfile.read(length)),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        return environ
