"""Disk: bytes of the cache file, its journal emptied, against the bodies raw and zlib'd one by one."""

from __future__ import annotations

import sqlite3
import zlib
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import requests
from cold import fetcher
from measure import Row, at_most, folder, say
from serve import serving

import crmkit

PAGES = {"people": 1_200, "companies": 200}  # over 10,000 records each: their typed columns are kept, too


def rows(options: Namespace) -> list[Row]:
    found = []
    with serving(20_000) as server:
        for kind, pages in PAGES.items():
            with folder() as place:
                fetch, records = fetcher(f"{server}/fast", kind, pages, place, 8)
                fetch()
                size = on_disk(place)
                fetch()
                later = on_disk(place)
            bodies = [body(f"{server}/fast/{records}/{kind}", kind, page) for page in range(pages)]
            raw, packed = sum(map(len, bodies)), sum(len(zlib.compress(one)) for one in bodies)
            each = f"{size / pages:,.0f} B a page / {packed / pages:,.0f}; raw {raw / pages:,.0f}"
            what = f"disk, pages of {10 if kind == 'people' else 100}: file / zlib'd bodies"
            found.append(at_most(what, size / packed, 1.3, each))
            found.append(at_most(f"{what}, after the second fetch", later / packed, 1.3, f"{later / pages:,.0f} B a page"))
            say(f"{found[-2].line()}\n{found[-1].line()}")
    return found


def on_disk(place: str) -> int:
    """Bytes of the account's file, its journal emptied."""
    crmkit.cache.close()
    file = next(Path(place).glob("*.sqlite"))
    with closing(sqlite3.connect(file)) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return file.stat().st_size


def body(address: str, kind: str, page: int) -> bytes:
    query = f"/?limit=10&offset={9 * page}" if kind == "people" else f"?per_page=100&page={page + 1}"
    return requests.get(address + query, timeout=60).content
