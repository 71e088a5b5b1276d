"""A token that can be nothing else, and a search for every way it may have been written down."""

import base64
import inspect
import json
import sqlite3
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

TOKEN = "Planted/7Qx+Geheim=Zz9~kW"


def forms(token=TOKEN):
    """The token as bytes: plain, for URLs, in JSON, hexadecimal, UTF-16, and in base64 at each of the three alignments."""
    raw = token.encode()
    texts = {
        token,
        quote(token, safe=""),
        quote(token, safe="").lower(),
        quote_plus(token),
        json.dumps(token)[1:-1].replace("/", "\\/"),
        raw.hex(),
        raw.decode().encode("utf-16-le").decode("latin-1"),
    }
    found = {text.encode("latin-1") for text in texts}
    for shift in range(3):
        for table in (b"+/", b"-_"):
            coded = base64.b64encode(b"x" * shift + raw, altchars=table)
            # Without the first and last characters, which also depend on what stands around.
            found.add(coded[4 if shift else 0 : -4])
    return found


def hits(data, token=TOKEN):
    """Which forms of the token are in the data, whatever the case."""
    data = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    lowered = data.lower()
    return [form for form in folded(token) if form in lowered]


@cache
def folded(token):
    return [form.lower() for form in forms(token)]


def stored(folder):
    """Everything under a folder as (name, bytes): the files as they are, and every stored value unpacked."""
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
            if path.suffix in (".sqlite", ".pace"):
                yield from ((f"{path.name} {table}", value) for table, value in values(path))


def values(path):
    """Every cell of an SQLite file, unpacked as far as it goes: zlib, base64 inside."""
    con = sqlite3.connect(path)
    try:
        for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            for row in con.execute(f'SELECT * FROM "{table}"').fetchall():
                for cell in row:
                    yield from ((table, layer) for layer in layers(cell))
    finally:
        con.close()


def layers(cell):
    data = cell if isinstance(cell, bytes) else str(cell).encode()
    yield data
    with suppress(zlib.error):
        opened = zlib.decompress(data)
        yield opened
        with suppress(ValueError):
            body = json.loads(opened).get("body")
            if isinstance(body, str):
                yield base64.b64decode(body)


def in_files(folder, token=TOKEN):
    """The files and values with the token in them; the folder must not be empty."""
    everything = list(stored(folder))
    assert everything
    return [name for name, data in everything if hits(data, token)]


def shown(thing):
    """All that Python readily tells about an object, as one text."""
    texts = [repr(thing), str(thing), f"{thing}", f"{thing!r:>80}", repr(dir(thing))]
    if hasattr(thing, "__dict__"):
        texts.append(repr(vars(thing)))
    for name, value in inspect.getmembers(thing):
        texts.append(f"{name}={value!r}")
        if not callable(value) and hasattr(value, "__dict__"):
            texts.append(repr(vars(value)))
    return "\n".join(texts)
