"""Every test starts from a clean world: no credentials, a cache folder of its own, no real waiting, no progress bars."""

import gc
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import crmkit

# Modules are compiled once, not in each of the hundred processes of a run, also where the environment keeps no bytecode.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Notebooks are checked by jsonschema, whose check of international addresses nobody asks for; its grammars take seconds to import.
sys.modules.setdefault("rfc3987_syntax", None)

# No test fails for its time: a busy machine is no bug.
settings.register_profile("full", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("short", settings.get_profile("full"), max_examples=40)


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="also run the issue-size repetitions (minutes)")


MEMORY, ROOM = Path("/dev/shm"), 2**30  # a run leaves about 100 MB
LONG = ("tests/notebooks/", "tests/browser/", "tests/cli/")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))  # what takes longest starts first: no worker waits at the end
    if config.getoption("--full"):
        return
    skip = pytest.mark.skip(reason="issue-size repetition: run with --full")
    for item in items:
        if "full" in item.keywords:
            item.add_marker(skip)


TOGETHER = "tests/share/"  # loads every topic once for the session, which takes five seconds


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file's tests go to one worker, and those of a folder whose fixtures are dear: nothing is made again in each worker."""
    from xdist.scheduler import LoadFileScheduling

    class ByPlace(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return TOGETHER if nodeid.startswith(TOGETHER) else super()._split_scope(nodeid)

    return ByPlace(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_configure(config):
    """Garbage is collected less often than by default, as libraries and tests are a large heap; folders of tests are in memory."""
    gc.set_threshold(20_000, 20, 50)
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("TMPDIR", str(MEMORY))
        tempfile.tempdir = None
    settings.load_profile("full" if config.getoption("--full") else "short")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """What fixtures of a module or a session fetch is not kept among the pages of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMKIT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def clean_world(monkeypatch, tmp_path):
    for name in list(os.environ):
        if name.startswith(("CRMKIT_", "PEEPL_", "BEEPLE_", "SHEEPCRM_", "MISSIONHUB_", "ONEPAGECRM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CRMKIT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("CI", "true")
    yield
    crmkit.cache.close()


@pytest.fixture
def no_waiting(monkeypatch):
    """Pauses between retries cost nothing; the list collects them."""
    pauses = []
    clock = {"now": 0.0}
    real = time.monotonic

    def sleep(seconds):
        pauses.append(seconds)
        clock["now"] += seconds

    monkeypatch.setattr("crmkit.transport.time.sleep", sleep)
    monkeypatch.setattr("crmkit.transport.time.monotonic", lambda: real() + clock["now"])
    return pauses
