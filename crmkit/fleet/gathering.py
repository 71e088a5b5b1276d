"""gather(): the same call for many accounts, in threads here or as tasks on a Dask cluster."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib import import_module
from pathlib import Path
from threading import BoundedSemaphore, Event
from typing import Any
from uuid import uuid4

import pandas as pd

from crmkit import TOPICS
from crmkit.errors import ConfigError, ParameterError
from crmkit.fleet import dataset
from crmkit.fleet.accounts import InHand, Source, source_of
from crmkit.fleet.jobs import LOAD, Job, Outcome
from crmkit.params import unknown_name
from crmkit.progress import wanted
from crmkit.receipts import Receipt
from crmkit.topics.replay import plain

AT_ONCE = 64  # per process: most of the time each waits for its own budget, and each holds about ten files open
DTYPES = {"name": "string", "ok": "bool", "records": "Int64", "complete": "boolean", "error": "string", "message": "string"}
HOW = ("refresh", "allow_partial")  # how it was fetched is not what was asked
_room = BoundedSemaphore(AT_ONCE)


class Gathered(pd.DataFrame):
    """What became of each account, a line each in the order given; .frames holds what was fetched, by name.

    name (string), ok (bool: fetched, and written where to= was given), records (Int64: lines that came), complete (boolean: as on the
    receipt), error (string: the error's class), message (string: what happened and what to do), receipt (object: a Receipt, or None
    where nothing came). .frames: name -> DataFrame (of a topic's load(), a dict of them) of the accounts that are ok; with to=,
    read when asked for.
    """

    _metadata = ["frames"]  # noqa: RUF012 - pandas' own way to declare an attribute
    frames: Mapping[str, Any]

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame  # a part of it is a plain table

    def __repr__(self) -> str:
        return repr(self._in_words())

    def _repr_html_(self) -> str | None:
        shown: str | None = self._in_words()._repr_html_()  # type: ignore[operator]
        return shown

    def _in_words(self) -> pd.DataFrame:
        """As it is shown: of a receipt the verdict, since a cell would cut the rest."""
        shown = pd.DataFrame(self)
        return shown.assign(receipt=shown["receipt"].map(_verdict)) if "receipt" in shown else shown


def _verdict(receipt: Receipt | None) -> str | None:
    return None if receipt is None else receipt.verdict


def gather(
    clients: Mapping[str, Any], what: str, /, *args: Any, client: Any = None, to: str | Path | None = None, **kwargs: Any
) -> Gathered:
    """Fetch the same of many accounts, each with its own budget; one that fails is a line of the result and hurts no other.

    Parameters
    clients: name -> client or crmkit.fleet.Account. what: the name of a fetcher ("contacts") or of a topic's load() ("segments.load",
    "attendance.load", "pipelines.load", "coverage.load"). args, kwargs: those of the fetcher or load(). to: a folder for a Parquet
    dataset, account=NAME/part.parquet (of a topic, one in a folder per table), the same columns in every part, receipts in the schema
    metadata; with it no frame is kept in memory, and crmkit.fleet.open(to) gives each account's frame back. Where a fetcher has a to of
    its own (sheepCRM's audit), the folder is given as a pathlib.Path, and anything else is the fetcher's. A part that is there
    already is replaced once its account was fetched; those of other accounts stay. It holds real people: folders 0700, files 0600, and
    crmkit.cache.forget() does not reach it.
    client: a distributed.Client (extra fleet): the accounts are fetched by the workers of its cluster, each by one worker at a time;
    those of a worker that dies are tried again elsewhere, from the pages in the cache where workers share one. Workers need the same
    crmkit, and see the folder to= under the same path. Credentials do not travel: declare accounts as Account, whose
    credential is read on the worker; a client at hand is taken only if its server is on this machine, as the demo's are.

    Up to 64 accounts at a time, in threads of this process or of each worker. Pages are cached as always: after Ctrl-C or a crash
    the same call goes on where it was (on a cluster, Ctrl-C lets the accounts under way finish). Returns a table with a line per
    account; see Gathered. Raises ParameterError for a name or argument that no account can be asked, ConfigError where to= or client=
    cannot be used: before anything is asked.
    """
    sources = _sources(clients)
    _checked_call(sources, what)
    if to is not None and not isinstance(to, Path) and _has_a_to(sources, what):
        kwargs, to = {**kwargs, "to": to}, None
    place = None if to is None else _folder(to)
    crms = sorted({source.kind.crm for source in sources.values()})
    asked = {**{str(number): one for number, one in enumerate(args)}, **kwargs}
    call = {
        "what": what,
        "crm": "" if what.endswith(LOAD) else " ".join(crms),
        "asked": {name: plain(one) for name, one in asked.items() if name not in HOW and one is not None},
    }
    if place is not None:
        _checked_dataset(list(sources), crms, place, call)
    jobs = [Job(name, source, what, args, kwargs, call, place) for name, source in sources.items()]
    coming = _in_threads(jobs) if client is None else _on_cluster(jobs, client)
    try:
        outcomes = {one.name: one for one in _shown(coming, len(jobs), what)}
    finally:  # wherever Ctrl-C fell, nothing is asked any more, and the dataset is whole
        coming.close()
        if place is not None:
            dataset.level(place)
    in_order = [outcomes[job.name] for job in jobs]
    could_ask = [one for one in in_order if one.error != "ConfigError"]
    if could_ask and all(one.error == "ParameterError" for one in could_ask):
        raise ParameterError(f"{could_ask[0].message}")
    return _gathered(in_order, place)


def _sources(clients: Any) -> dict[str, Source]:
    if not isinstance(clients, Mapping):
        raise ParameterError(
            f"gather() takes a dict from name to client, not a {type(clients).__name__}.",
            hint='gather({"north": client}, "contacts").',
        )
    sources = {str(name): source_of(str(name), given) for name, given in clients.items()}
    if len(sources) < len(clients):
        raise ParameterError("two names are the same as text.", hint="give each account a name of its own.")
    return sources


def _has_a_to(sources: Mapping[str, Source], what: str) -> bool:
    """Whether the fetcher has a parameter of that name: to= is then the fetcher's, unless it is a Path."""
    rows = [source.kind.rows().get(what) for source in sources.values()]
    return any(param.name == "to" for row in rows if row for param in row.params)


def _folder(to: Any) -> Path:
    if not isinstance(to, str | Path) or not str(to).strip():
        raise ParameterError("to= takes a folder.", hint='to="contacts".')
    return Path(to).expanduser().absolute()


def _checked_call(sources: Mapping[str, Source], what: Any) -> None:
    if not isinstance(what, str):
        raise ParameterError(
            "gather() takes the name of a fetcher or of a topic's load() as a text.", hint='"contacts", or "segments.load".'
        )
    loads = [f"{topic}{LOAD}" for topic in TOPICS]
    known = {name for source in sources.values() for name in (*source.kind.rows(), *source.kind.conveniences)}
    if sources and what not in known and what not in loads:
        error = unknown_name(what, [*known, *loads], "gather")
        raise ParameterError(f"there is nothing called {what!r} to gather.", hint=error.hint)


def _checked_dataset(names: list[str], crms: list[str], place: Path, call: Mapping[str, Any]) -> None:
    dataset.needs_pyarrow()
    dataset.checked_names(names)
    if len(crms) > 1 and call["crm"]:
        raise ParameterError(
            f"the columns of {' and '.join(crms)} differ, and a dataset has the same in every part.",
            hint="gather each system into a folder of its own, or a topic, whose tables name no CRM.",
        )
    dataset.checked_folder(place, call)


def _in_threads(jobs: list[Job]) -> Generator[Outcome, None, None]:
    stop = Event()
    with ThreadPoolExecutor(min(AT_ONCE, len(jobs)) or 1, thread_name_prefix="crmkit-fleet") as pool:
        futures = [pool.submit(job.run, stop) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _on_cluster(jobs: list[Job], client: Any) -> Generator[Outcome, None, None]:
    distributed = _distributed(client)
    for job in jobs:
        if isinstance(job.source, InHand) and not job.source.travels:
            raise ConfigError(
                f"the credential of {job.name} would travel to the cluster.",
                hint='declare it: crmkit.fleet.Account("Peepl", prefix="NORTH") is read on the worker.',
            )
    # Keys stand on the dashboard and in logs: they name the account and nothing that was asked.
    futures = {client.submit(on_worker, job, key=f"crmkit-fleet-{job.name}-{uuid4().hex[:8]}", pure=False): job for job in jobs}
    try:
        for future in distributed.as_completed(futures):
            yield _came(futures[future], future)
            future.release()
    finally:
        client.cancel([future for future in futures if not future.done()])


def on_worker(job: Job) -> Outcome:
    """A job as a Dask task: it leaves its thread to the next account, since it mostly waits for its own budget."""
    with _room:
        import_module("distributed").secede()
        return job.run()


def _came(job: Job, future: Any) -> Outcome:
    """What a task gave; of one that did not come back, because its workers died or could not read it, a line that says so."""
    try:
        outcome: Outcome = future.result()
    except Exception as error:
        told = f"no worker could finish this account. Next: look at the workers' logs, then gather again.{job.kept}"
        return Outcome(job.name, error=type(error).__name__, message=told)
    return outcome


def _distributed(client: Any) -> Any:
    try:
        import distributed
    except ImportError:
        raise ConfigError("client= needs Dask.", hint='pip install "crmkit[fleet]", or leave it out to use threads.') from None
    if not isinstance(client, distributed.Client) or client.asynchronous:
        raise ParameterError(
            "client= takes a distributed.Client that is not asynchronous.", hint="see Dask's distributed.Client."
        )
    return distributed


def _shown(outcomes: Iterator[Outcome], number: int, what: str) -> Iterator[Outcome]:
    from tqdm.auto import tqdm

    with tqdm(outcomes, desc=what, total=number, unit=" accounts", leave=False, disable=not wanted("auto")) as bar:
        yield from bar


def _gathered(outcomes: list[Outcome], place: Path | None) -> Gathered:
    lines = [[getattr(one, name) for name in (*DTYPES, "receipt")] for one in outcomes]
    table = Gathered(pd.DataFrame(lines, columns=[*DTYPES, "receipt"], dtype=object).astype(DTYPES))
    good = {one.name: one.frame for one in outcomes if one.ok}
    table.frames = good if place is None else dataset.Opened(place, list(good)) if good else {}
    return table
