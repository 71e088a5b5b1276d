"""A loopback server for fixed answers, and a check that a frame holds every value of a JSON answer."""

import json
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import pandas as pd

import crmkit


@contextmanager
def serving(answers, headers=None):
    """Serve {path: (status, body)} as JSON (bytes are sent as they are) for any query; yields the address and the log of requests.

    An unknown path is a 404. The log holds (method, path, query pairs, headers, body).
    """
    log = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self):
            parts = urlsplit(self.path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = parse_qsl(parts.query, keep_blank_values=True)
            log.append((self.command, unquote(parts.path), query, dict(self.headers), sent))
            found = answers.get(unquote(parts.path), (404, {"detail": "Not found."}))
            status, body = found(query) if callable(found) else found
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            extra = {"Content-Type": "application/json", **(headers or {})}
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names fixed by http.server

        def log_message(self, *args):
            pass

        def handle(self):
            with suppress(ConnectionError):  # a client may hang up at any time
                super().handle()

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", log
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def assert_holds(frame, records, ignore=()):
    """Each leaf of each record is in the frame under its dotted name, in its dtype; lists also open as child frames."""
    assert len(frame) == len(records)
    for row, record in enumerate(records):
        for name, value in leaves(record):
            if name.split(".")[0] in ignore or name in ignore:
                continue
            assert name in frame.columns, name
            assert_cell(frame[name].iloc[row], value, name)
    for name in {key for record in records for key, value in record.items() if is_table(value)}:
        if name in ignore:
            continue
        table = crmkit.child(frame, name)
        inner = [one for record in records for one in record.get(name) or []]
        assert_holds(table, inner)


def is_table(value):
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def leaves(record, prefix=""):
    """Dotted names and values of one record; lists are leaves."""
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def assert_cell(cell, value, name):
    """A typed cell holds the JSON value: nothing more, nothing less."""
    if value is None or value == "":
        assert cell is None or pd.isna(cell) or cell == "", name
    elif isinstance(cell, pd.Timestamp):
        expected = pd.Timestamp(value, unit="s") if isinstance(value, int) else read_time(value)
        assert cell.tz_localize(None) == expected, (name, cell, value)
    elif isinstance(cell, pd.Timedelta):
        hours, minutes = str(value).split(":")[:2]
        assert cell == pd.Timedelta(hours=int(hours), minutes=int(minutes)), name
    elif isinstance(value, bool) or isinstance(cell, list | dict):
        assert cell == value, (name, cell, value)
    elif isinstance(value, str) and not isinstance(cell, str):
        assert float(cell) == float(value), (name, cell, value)
    elif isinstance(cell, str):
        assert cell == str(value), (name, cell, value)
    else:
        assert cell == value, (name, cell, value)


def read_time(text):
    if len(text) == 10 and text[2] == "/":
        return pd.to_datetime(text, format="%d/%m/%Y")
    stamp = pd.Timestamp(text)
    return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
