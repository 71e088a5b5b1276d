from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import crmkit.demo
from crmkit.cli import main
from crmkit.demo import Demo
from crmkit.report.pull import Pull, from_demo


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command line in an empty folder with a cache of its own and no credentials."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRMKIT_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("PEEPL_TOKEN", "PEEPL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def line(*words: str) -> Ran:
        capsys.readouterr()
        try:
            status = main(words)
        except SystemExit as left:
            status = int(str(left.code or 0))
        return Ran(status, *capsys.readouterr())

    return line


@pytest.fixture(scope="session")
def small_demo() -> Iterator[Demo]:
    with crmkit.demo.start(people=30) as running:
        yield running


@pytest.fixture(scope="session")
def pull(small_demo: Demo) -> Pull:
    return from_demo(small_demo)


@pytest.fixture
def as_account(small_demo: Demo, monkeypatch: pytest.MonkeyPatch, run: Run) -> str:
    """The environment of somebody whose Peepl is the small demo; returns the token."""
    token = small_demo.credentials["peepl"]["token"]
    monkeypatch.setenv("PEEPL_BASE_URL", small_demo.urls["peepl"])
    monkeypatch.setenv("PEEPL_TOKEN", token)
    return str(token)
