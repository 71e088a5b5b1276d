"""What else one would use, each reading the same 200 pages to a frame. Runs as a script, also under another Python.

PYTHON peers.py NAME URL PAGES WORKERS ROUNDS     prints the seconds of each round as JSON; [] where the library is missing
"""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time

RECORDS = {"people": ("results",), "companies": ("data", "companies")}


def urls(url, pages):
    if "people" in url:
        return [f"{url}/?limit=10&offset={10 * page}" for page in range(pages)]
    return [f"{url}?per_page=100&page={page + 1}" for page in range(pages)]


def records(url, body):
    if "people" in url:
        return body["results"]
    return [one["company"] for one in body["data"]["companies"]]


def frame(url, bodies):
    import pandas as pd

    return pd.json_normalize([record for body in bodies for record in records(url, body)])


def requests_one_by_one(url, pages, workers):
    import requests

    with requests.Session() as session:
        return frame(url, [session.get(one, timeout=60).json() for one in urls(url, pages)])


def cached_session(url, pages, workers):
    from requests_cache import CachedSession

    place = tempfile.mkdtemp()
    try:
        with CachedSession(f"{place}/cache", backend="sqlite") as session:
            return frame(url, [session.get(one, timeout=60).json() for one in urls(url, pages)])
    finally:
        shutil.rmtree(place)


def httpx_async(url, pages, workers):
    import httpx

    async def all_of_them():
        gate = asyncio.Semaphore(workers)
        async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=workers)) as client:

            async def get(one):
                async with gate:
                    return (await client.get(one)).json()

            return await asyncio.gather(*map(get, urls(url, pages)))

    return frame(url, asyncio.run(all_of_them()))


def dlt_rest_client(url, pages, workers):
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import OffsetPaginator, PageNumberPaginator

    base, path = url.rsplit("/", 1)
    client = RESTClient(base)
    if path == "people":
        paginator = OffsetPaginator(10, total_path="count", maximum_offset=10 * pages)
        found = client.paginate(path + "/", paginator=paginator, data_selector="results")
        bodies = [{"results": list(page)} for page in found]
    else:
        paginator = PageNumberPaginator(base_page=1, total_path="data.max_page", maximum_page=pages + 1)
        found = client.paginate(path, params={"per_page": 100}, paginator=paginator, data_selector="data.companies")
        bodies = [{"data": {"companies": list(page)}} for page in found]
    if len(bodies) != pages:
        raise SystemExit(f"dlt read {len(bodies)} pages instead of {pages}")
    return frame(url, bodies)


PEERS = {one.__name__: one for one in (requests_one_by_one, cached_session, httpx_async, dlt_rest_client)}
NAMES = {
    "requests_one_by_one": "requests one by one + json_normalize",
    "cached_session": "CachedSession + json_normalize",
    "httpx_async": "httpx async + json_normalize",
    "dlt_rest_client": "dlt RESTClient + json_normalize",
}


def timed(pythons: list[str], name: str, url: str, pages: int, workers: int, rounds: int) -> list[float]:
    """The seconds of each round in a process of its own, by the first Python that has the library; [] where none has."""
    for python in pythons:
        asked = [python, __file__, name, url, str(pages), str(workers), str(rounds)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        if found := json.loads(done.stdout.splitlines()[-1]):
            return found
    return []


def main(name, url, pages, workers, rounds):
    peer = PEERS[name]
    times = []
    try:
        peer(url.replace("/slow/", "/fast/"), pages, workers)  # imports, and the server's pages
    except ImportError:
        return times
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        peer(url, pages, workers)
        times.append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))))
