"""The places where a credential could come to the surface; each gives everything that can be read there."""

import contextlib
import copy
import faulthandler
import http.client
import inspect
import io
import json
import logging
import pickle
import socket
import sys
import tempfile
import threading
import traceback
import warnings
import zipfile
from pathlib import Path

import pandas as pd

import crmkit
from crmkit import cli, exports
from crmkit.errors import CrmkitError
from tests.guard.planted import TOKEN, shown, stored
from tests.guard.systems import CLASSES, COMMANDS

SURFACES = {}
OURS = str(Path(crmkit.__file__).parent)
LOGGERS = ("", "urllib3", "urllib3.connectionpool", "urllib3.connection", "requests_cache", "pyrate_limiter", "filelock", "requests")


def surface(name):
    def keep(function):
        SURFACES[name] = function
        return function

    return keep


# Objects.


@surface("client: repr, str, format, dir, vars, members")
def _(w):
    yield shown(w.client())


@surface("client after a fetch, two levels of vars")
def _(w):
    client = w.client()
    w.fetch(client)
    yield shown(client)
    for value in vars(client).values():
        yield shown(value)


@surface("client: HTML repr, explanation of its class, signature, recipe")
def _(w):
    client = w.client()
    yield from (client._repr_html_(), inspect.getdoc(client), str(inspect.signature(type(client))), client.recipe)


@surface("transport, session, adapter, authorisation, reader, pacer, cache")
def _(w):
    client = w.client(pace=((100, 1),))
    w.fetch(client)
    transport = client._transport
    session = transport._session
    for thing in (transport, session, session.get_adapter(client.base_url), session.auth, session.headers, transport._reader, transport.pacer, transport.cache):
        yield shown(thing)


@surface("secret itself: shown, compared, hashed, formatted, in collections")
def _(w):
    secret = w.client()._credentials[w.secret_name]
    yield from (shown(secret), f"{secret:>60}", f"{[secret]} { {'a': secret} }", str(hash(secret)), secret.digest(b"salt"), json.dumps(secret, default=str))


@surface("fetchers: repr, doc, signature, columns")
def _(w):
    client = w.client()
    for name in type(client).rows():
        fetcher = getattr(client, name)
        yield from (repr(fetcher), inspect.getdoc(fetcher), str(inspect.signature(fetcher)))
    yield shown(fetcher)


@surface("copy")
def _(w):
    yield shown(copy.copy(w.client()))


@surface("deepcopy")
def _(w):
    client = w.client()
    w.fetch(client)
    yield shown(copy.deepcopy(client))


@surface("pickle, every protocol, of client, fetcher, transport, session")
def _(w):
    yield from pickled(w, pickle)


@surface("cloudpickle")
def _(w):
    import cloudpickle

    yield from pickled(w, cloudpickle)


def pickled(w, library):
    client = w.client()
    fetcher = getattr(client, COMMANDS[w.system][0])
    for thing in (client, fetcher, client._transport, client._transport._session, client._credentials, client.authorisation):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            try:
                yield library.dumps(thing, protocol)
            except Exception as refusal:
                yield repr(refusal)


@surface("client.endpoints()")
def _(w):
    yield w.client().endpoints().to_csv()


@surface("client.check(): text and HTML")
def _(w):
    found = w.client().check()
    yield from (repr(found), found._repr_html_(), found.frame.to_csv())


@surface("plan(): text, HTML, dict")
def _(w):
    client = w.client()
    arguments = COMMANDS[w.system][1:]
    found = getattr(client, COMMANDS[w.system][0]).plan(*arguments)
    yield from (str(found), found._repr_html_(), repr(found.to_dict()))


# Data that an answer echoes the credential into.


@surface("frame: repr, HTML, attrs, every cell")
def _(w):
    frame = w.fetch(refresh=True)
    yield from (repr(frame), frame._repr_html_(), repr(frame.attrs), frame.to_csv(), repr(frame.columns.tolist()))


@surface("receipt: repr, HTML, dict")
def _(w):
    proof = crmkit.receipt(w.fetch())
    yield from (repr(proof), proof._repr_html_(), repr(proof.to_dict()), pickle.dumps(proof))


@surface("CSV and JSON files")
def _(w):
    yield from written(w, "csv")
    yield from written(w, "json")


@surface("Parquet file and its metadata")
def _(w):
    import pyarrow.parquet

    (content,) = written(w, "parquet")
    yield content
    yield repr(pyarrow.parquet.read_schema(io.BytesIO(content)).metadata)


@surface("Excel file, unpacked, properties too")
def _(w):
    (content,) = written(w, "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        yield from (book.read(name) for name in book.namelist())


def written(w, ending):
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / f"f.{ending}"
        exports.write(w.fetch(), file)
        yield file.read_bytes()


# Files.


@surface("cache files while open: database, journal, shared memory, every value unpacked")
def _(w):
    w.fetch(refresh=True)
    yield from (data for _, data in stored(w.folder))


@surface("cache files after closing")
def _(w):
    w.fetch(refresh=True)
    crmkit.cache.close()
    yield from (data for _, data in stored(w.folder))


@surface("free pages after clear and forget")
def _(w):
    w.fetch(refresh=True)
    crmkit.cache.forget("removed by crmkit")
    crmkit.cache.clear()
    w.fetch()
    yield from (data for _, data in stored(w.folder))


@surface("salt, pacing file, its journal and lock")
def _(w):
    w.fetch(w.client(pace=((100, 1),)), refresh=True)
    files = [path for path in Path(w.folder).iterdir() if ".sqlite" not in path.name]
    assert {path.name.partition(".")[2] for path in files} >= {"", "pace", "pace.lock"}
    yield from (path.read_bytes() for path in files)


@surface("names of files and the account label")
def _(w):
    client = w.client()
    w.fetch(client)
    yield from (client.account, *(path.name for path in Path(w.folder).iterdir()))


@surface("cache.info() and cache.about()")
def _(w):
    w.fetch()
    yield from (crmkit.cache.info().to_csv(), crmkit.cache.about("e").to_csv(), str(crmkit.cache.path))


# What is said while it happens.


@contextlib.contextmanager
def listening():
    """Every log record of everybody, as text with its arguments and exception."""
    heard = []
    handler = logging.Handler()
    form = logging.Formatter("%(name)s %(message)s")
    handler.emit = lambda record: heard.extend([form.format(record), repr(record.args), repr(vars(record))])
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    logging.getLogger().addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@surface("every logger at DEBUG during a fetch")
def _(w):
    with listening() as heard:
        w.fetch(w.client(pace=((100, 1),)), refresh=True)
        w.fetch()
    assert len(heard) > 10
    yield from heard


@surface("every logger at DEBUG during failures")
def _(w):
    with listening() as heard:
        w.errors.clear()
        failures(w)
    yield from heard


@surface("http.client's debuglevel on the console")
def _(w):
    before, http.client.HTTPConnection.debuglevel = http.client.HTTPConnection.debuglevel, 1
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            w.fetch(refresh=True)
    finally:
        http.client.HTTPConnection.debuglevel = before
    yield said.getvalue() + "."


@surface("a header that cannot be parsed and echoes the credential")
def _(w):
    with listening() as heard, broken_header() as address, contextlib.suppress(CrmkitError):
        w.fetch(w.client(base_url=address))
    assert heard
    yield from heard


@contextlib.contextmanager
def broken_header():
    """A server whose headers are none."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Echo {TOKEN}\r\n Cookie={TOKEN}\r\n\r\n{{}}".encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@surface("warnings")
def _(w):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = w.client()
        with client._cache.responses.connection() as con:
            con.execute("PRAGMA max_page_count = 1")
        w.fetch(client, refresh=True)
        w.fetch(w.client(cache_dir=__file__))
    assert told
    yield from (f"{one.message} {one.filename} {one.source}" for one in told)
    crmkit.cache.close()


@surface("progress bar")
def _(w):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        w.fetch(w.client(progress=True), refresh=True)
    yield said.getvalue() + "."


@surface("what the server sees: nothing but the one header")
def _(w):
    start = len(w.server.calls)
    w.fetch(refresh=True)
    for call in w.server.calls[start:]:
        carrying = {name for name, value in call.headers.items() if name in ("authorization", "token")}
        assert len(carrying) == 1
        yield repr((call.method, call.target, {name: value for name, value in call.headers.items() if name not in carrying}, getattr(call, "body", b"")))


@surface("redirects: what another host sees, and the error")
def _(w):
    for where in ("other", "http", "same", "loop"):
        w.server.redirect = where
        yield from told(caught(w.fetch, refresh=True))
    w.server.redirect = None
    assert w.server.strayed == []


@surface("cookies: kept or sent back")
def _(w):
    client = w.client()
    w.fetch(client, refresh=True)
    yield repr(client._transport._session.cookies)
    yield repr([call.headers.get("cookie") for call in w.server.calls])


# Errors.


def caught(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except BaseException as error:
        return error
    raise AssertionError("no error")


FAULTS = (
    {"status": 401}, {"status": 403}, {"status": 404}, {"status": 418}, {"status": 500}, {"throttle": 429, "retry_after": 999_999},
    {"reset_at": 0}, {"half_body": True}, {"gzip_lies": True}, {"html_login": True}, {"not_json": True}, {"error_in_200": True}, {"redirect": "other"},
)  # fmt: skip


def failures(w):
    """One error of each kind, as it leaves crmkit; made once for each system."""
    return w.errors or w.errors.extend(_failures(w)) or w.errors


def _failures(w):
    found = []
    for fault in FAULTS:
        for name, value in fault.items():
            setattr(w.server, name, value)
        with contextlib.suppress(AssertionError):  # an error inside a 200 may be an empty list to a system
            found.append(caught(w.fetch, refresh=True))
        for name in fault:
            setattr(w.server, name, None if name in ("status", "throttle", "retry_after", "redirect", "reset_at") else False)
    found.append(caught(w.fetch, w.client(base_url="http://127.0.0.1:9")))
    assert len(found) >= len(FAULTS)
    return found


def told(error):
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)), shown(error))


def ours(error):
    """The traceback from crmkit's first frame on: what a test knows is no secret."""
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(OURS):
        trace = trace.tb_next
    assert trace is not None
    return trace


@surface("errors: text, arguments, fields, members")
def _(w):
    for error in failures(w):
        yield from told(error)


@surface("errors: causes, contexts, notes")
def _(w):
    for error in failures(w):
        assert error.__cause__ is None
        assert error.__context__ is None
        yield repr(getattr(error, "__notes__", ""))


@surface("errors: pickled, and back from another process")
def _(w):
    for error in failures(w):
        yield pickle.dumps(error)
        yield repr(pickle.loads(pickle.dumps(error)))


@surface("tracebacks with all local variables")
def _(w):
    for error in failures(w):
        yield "".join(traceback.TracebackException(type(error), error, ours(error), capture_locals=True).format())


@surface("rich's tracebacks with local variables")
def _(w):
    from rich.console import Console
    from rich.traceback import Traceback

    colourless(w)
    for error in failures(w)[::7]:
        console = Console(file=io.StringIO(), width=1000)  # wide: a token that a line break cuts in two is not found
        console.print(Traceback.from_exception(type(error), error, ours(error), width=1000, show_locals=True, locals_max_length=8, locals_max_string=None, max_frames=8))
        yield console.file.getvalue()


def colourless(w):
    """rich looks for no colours, which a file does not get: the same text in a fifth of the time."""
    from rich.highlighter import ReprHighlighter
    from rich.traceback import Traceback

    w.monkeypatch.setattr(ReprHighlighter, "highlight", lambda *_: None)
    w.monkeypatch.setattr(Traceback, "_guess_lexer", lambda *_: "text")


@surface("IPython's verbose tracebacks, as after %xmode Verbose and in %debug")
def _(w):
    from IPython.core.ultratb import VerboseTB

    for error in failures(w)[:4]:
        yield VerboseTB(theme_name="nocolor").text(type(error), error, ours(error))


@surface("an error nobody catches in a thread")
def _(w):
    heard, before = [], threading.excepthook
    w.server.status = 401
    threading.excepthook = lambda told: heard.append("".join(traceback.TracebackException(told.exc_type, told.exc_value, ours(told.exc_value), capture_locals=True).format()))
    try:
        thread = threading.Thread(target=w.fetch, kwargs={"refresh": True})
        thread.start()
        thread.join()
    finally:
        threading.excepthook, w.server.status = before, None
    assert heard
    yield from heard


@surface("faulthandler in the middle of a call")
def _(w):
    with tempfile.TemporaryFile() as file:
        w.server.latency = 0.3
        thread = threading.Thread(target=w.fetch, kwargs={"limit": 1, "refresh": True})
        thread.start()
        thread.join(0.15)
        faulthandler.dump_traceback(file)
        thread.join()
        w.server.latency = 0
        file.seek(0)
        yield file.read()


@surface("Ctrl-C in the middle of a call, with local variables")
def _(w):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before, http.client.HTTPConnection.getresponse = http.client.HTTPConnection.getresponse, interrupted
    try:
        error = caught(w.fetch, refresh=True)
    finally:
        http.client.HTTPConnection.getresponse = before
    yield "".join(traceback.TracebackException(type(error), error, ours(error), capture_locals=True).format())


def with_locals(error):
    yield from told(error)
    yield "".join(traceback.TracebackException(type(error), error, ours(error), capture_locals=True).format())


@surface("constructor: a misspelt argument, a wrong type, line breaks, a dash from a text editor")
def _(w):
    kind = CLASSES[w.system]
    good = w.arguments()
    for changed in ({"tokn": TOKEN}, {w.secret_name: TOKEN.encode()}, {w.secret_name: f"{TOKEN}\n{TOKEN}"}, {"workers": TOKEN}, {"pace": TOKEN}, {"expire_after": TOKEN}, {"progress": TOKEN}):
        yield from with_locals(caught(kind, **{**good, **changed}))
    yield from with_locals(caught(w.fetch, w.client(token=TOKEN + "\u2013")))


ADDRESSES = (f"https://someone:{TOKEN}@example.org", f"https://example.org/?token={TOKEN}", f"https://example.org/#{TOKEN}", f"http://{TOKEN}.example.org", f"https://[{TOKEN}", f"ftp://{TOKEN}")


@surface("base URL with a user name, a query, a fragment")
def _(w):
    for address in ADDRESSES:
        with contextlib.suppress(AssertionError):
            yield from with_locals(caught(CLASSES[w.system], **{**w.arguments(), "base_url": address}))


@surface("from_env: a base URL with a password, a missing variable beside a good one")
def _(w):
    for address in ADDRESSES[:4]:
        with w.monkeypatch.context() as patch:
            w.environment(patch, base_url=address)
            with contextlib.suppress(AssertionError):
                yield from with_locals(caught(CLASSES[w.system].from_env))
    with w.monkeypatch.context() as patch:
        w.environment(patch)
        yield from with_locals(caught(CLASSES[w.system].from_env, workers=-1))
        yield shown(CLASSES[w.system].from_env())


@surface("from_prompt: what is typed, and its errors")
def _(w):
    said = io.StringIO()
    rest = {name: value for name, value in w.arguments().items() if name != w.secret_name}
    with w.monkeypatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        patch.setattr("getpass.getpass", lambda text: said.write(text) and TOKEN)
        yield shown(CLASSES[w.system].from_prompt(**rest))
        yield from with_locals(caught(CLASSES[w.system].from_prompt, **{**rest, "workers": 0}))
    yield said.getvalue()


@surface("proxy with a password in the environment")
def _(w):
    with w.monkeypatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.setenv(name, f"http://someone:{TOKEN}@127.0.0.1:9")
        client = w.client(base_url="https://127.0.0.1:9")
        with listening() as heard:
            error = caught(w.fetch, client)
        yield from with_locals(error)
        yield from (shown(client), shown(client._transport), *heard)


# The command line, notebooks.


def commanded(w, *words):
    said = io.StringIO()
    with w.monkeypatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        w.environment(patch)
        with contextlib.suppress(SystemExit):
            cli.main(words)
    return said.getvalue()


@surface("command line: fetch, plan, list, cache")
def _(w):
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "f.csv"
        yield commanded(w, "fetch", w.system, *COMMANDS[w.system], "-o", str(file))
        yield file.read_bytes()
    yield commanded(w, "plan", w.system, *COMMANDS[w.system])
    yield from (commanded(w, "list"), commanded(w, "list", w.system), commanded(w, "cache", "info"), commanded(w, "cache", "about", "e"))


@surface("command line: errors of the server")
def _(w):
    for status in (401, 403, 500):
        w.server.status = status
        yield commanded(w, "fetch", w.system, *COMMANDS[w.system], "--refresh", "-o", "never.csv")
    w.server.status = None


@surface("command line: a credential typed as an option or an argument")
def _(w):
    call = ["fetch", w.system, *COMMANDS[w.system], "-o", "never.csv"]
    for name in (w.secret_name, w.secret_name.replace("_", "-"), "password", "key"):
        for words in ([*call, f"--{name}", TOKEN], [*call, f"--{name}={TOKEN}"], [f"--{name}", TOKEN, *call], [f"--{name}={TOKEN}", *call], [*call, f"{name}={TOKEN}"]):
            said = commanded(w, *words)
            assert said
            yield said
    for words in ([f"--limit={TOKEN}"], ["--limit", TOKEN]):
        yield commanded(w, *call, *words)


@surface("panel over all fetchers: widget states, output, code")
def _(w):
    import ipywidgets

    client = w.client()
    panel = client.explore()
    panel.preview()
    yield from (repr(panel.code), repr(panel._repr_mimebundle_()))
    for one in list(ipywidgets.widgets.widget._instances.values()):
        yield repr(one.get_state())
    panel.close()


@surface("messages to the browser while a panel is made and used")
def _(w):
    import comm

    sent, make = [], comm.create_comm

    def create(*args, **kwargs):
        made = make(*args, **kwargs)
        sent.append(repr((args, kwargs)))
        made.publish_msg = lambda *args, **kwargs: sent.append(repr((args, kwargs)))
        return made

    comm.create_comm = create
    try:
        panel = w.client().explore()
        panel.preview()
        panel.close()
    finally:
        comm.create_comm = make
    yield from (*sent, ".")


@surface("what a notebook keeps: outputs of client, frame, receipt, plan, check, error")
def _(w):
    from IPython.core.formatters import DisplayFormatter

    client = w.client()
    frame = w.fetch(client)
    for thing in (client, frame, crmkit.receipt(frame), client.check(), client.endpoints(), getattr(client, COMMANDS[w.system][0])):
        yield repr(DisplayFormatter().format(thing))


@surface("offline: NotCached and its traceback")
def _(w):
    with crmkit.offline():
        yield from with_locals(caught(w.fetch, w.client(token="never-asked-" + TOKEN)))


@surface("pandas options and environment do not carry it")
def _(w):
    w.fetch()
    yield from (repr(pd.options.display), repr(sys.argv))
