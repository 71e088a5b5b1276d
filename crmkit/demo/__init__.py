"""The bundled organisation: one population seen through the CRMs, served over real HTTP, with known truth.

    with crmkit.demo.start(people=500) as demo:
        peepl = demo.peepl()
        peepl.contacts()
        demo.truth["dirt"]

Same seed, same bytes; the clock stands at 15 June 2024, 12:00 in Brussels. It is written from the vendors'
documents, not from the client: what no document names is refused loudly and noted in demo.log.
"""

from __future__ import annotations

import atexit
import importlib
import shutil
import tempfile
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from crmkit.demo.clock import TODAY
from crmkit.demo.club import Club
from crmkit.demo.dialects import DIALECTS
from crmkit.demo.dials import Call, Dials, Gate
from crmkit.demo.server import Server
from crmkit.demo.truth import Truth

if TYPE_CHECKING:
    import crmkit

__all__ = ["Call", "Demo", "beeple", "missionhub", "onepagecrm", "peepl", "shared", "sheepcrm", "start"]


class Demo:
    """A running demo. Use it in a with statement or call stop(); what still runs stops when the program ends.

    urls: base URL by CRM, as the client wants it. credentials: keyword arguments of the client by CRM.
    truth: frames by name. log: a Call for every request seen. today: the day on which the clock stands.
    """

    today = TODAY

    def __init__(self, seed: int, people: int, dials: Dials) -> None:
        club = Club(seed, people)
        apps = {crm: dialect(club) for crm, dialect in DIALECTS.items()}
        self.log: list[Call] = []
        self.truth = Truth(club, apps.values())
        self.credentials = {crm: app.credentials() for crm, app in apps.items()}
        self._dials = dials
        self._cache = tempfile.mkdtemp(prefix="crmkit-demo-")
        self._gates = {crm: Gate(app, seed, dials, self.log) for crm, app in apps.items()}
        self._servers = {crm: Server(gate) for crm, gate in self._gates.items()}
        self.urls = {crm: f"http://127.0.0.1:{server.port}{apps[crm].base}" for crm, server in self._servers.items()}
        atexit.register(self.stop)
        self._recipe = f"crmkit.demo.start(seed={seed}, people={people})"
        self._repr = f"<crmkit.demo seed={seed} people={people} {' '.join(self.urls.values())}>"

    def __repr__(self) -> str:
        return self._repr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close all ports and remove the private cache; a second call does nothing."""
        servers, self._servers = self._servers, {}
        for server in servers.values():
            server.stop()
        shutil.rmtree(self._cache, ignore_errors=True)
        atexit.unregister(self.stop)

    def set(self, **dials: Any) -> None:
        """Turn dials while running: latency, rate_limit, faults (see Dials). Calls are counted anew."""
        self._dials = self._dials.turned(**dials)
        for gate in self._gates.values():
            gate.set(self._dials)

    def peepl(self, **kw: Any) -> crmkit.Peepl:
        """A connected client; keyword arguments override those of the demo."""
        client: crmkit.Peepl = self._client("peepl", "Peepl", kw)
        return client

    def beeple(self, **kw: Any) -> Any:
        """A connected client; keyword arguments override those of the demo."""
        return self._client("beeple", "Beeple", kw)

    def sheepcrm(self, **kw: Any) -> Any:
        """A connected client; keyword arguments override those of the demo."""
        return self._client("sheepcrm", "SheepCRM", kw)

    def missionhub(self, **kw: Any) -> Any:
        """A connected client; keyword arguments override those of the demo."""
        return self._client("missionhub", "MissionHub", kw)

    def onepagecrm(self, **kw: Any) -> Any:
        """A connected client; keyword arguments override those of the demo."""
        return self._client("onepagecrm", "OnePageCRM", kw)

    def _client(self, crm: str, name: str, kw: dict[str, Any]) -> Any:
        client = getattr(importlib.import_module("crmkit"), name)
        mine = {"base_url": self.urls[crm], "pace": None, "progress": False, "cache_dir": self._cache, **self.credentials[crm]}
        connected = client(**(mine | kw))
        connected._recipe = f"{self._recipe}.{crm}()"
        return connected


def start(seed: int = 1, people: int = 500, **dials: Any) -> Demo:
    """Start a demo; it serves as soon as this returns.

    seed: same seed, same bytes. people: true persons in the population, 0 to 50,000. dials: latency,
    rate_limit and faults, see Dials.
    """
    if not 0 <= people <= 50_000:
        raise ValueError("people takes a whole number from 0 to 50,000")
    return Demo(seed, people, Dials().turned(**dials))


_lock = Lock()
_shared: list[Demo] = []


def shared() -> Demo:
    """The demo that peepl() and its siblings use; started at first use, stopped when the program ends."""
    with _lock:
        if not _shared:
            _shared.append(start())
            _shared[0]._recipe = "crmkit.demo"
        return _shared[0]


def peepl(**kw: Any) -> crmkit.Peepl:
    """A Peepl client connected to the shared demo."""
    return shared().peepl(**kw)


def beeple(**kw: Any) -> Any:
    """A Beeple client connected to the shared demo."""
    return shared().beeple(**kw)


def sheepcrm(**kw: Any) -> Any:
    """A sheepCRM client connected to the shared demo."""
    return shared().sheepcrm(**kw)


def missionhub(**kw: Any) -> Any:
    """A MissionHub client connected to the shared demo."""
    return shared().missionhub(**kw)


def onepagecrm(**kw: Any) -> Any:
    """A OnePageCRM client connected to the shared demo."""
    return shared().onepagecrm(**kw)
