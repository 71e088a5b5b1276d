"""The Binder image's lock is whole: every package at one version with hashes, for the Python of runtime.txt, from no named registry."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

sys.path.insert(0, str(Path(__file__).parents[2] / "binder"))
import renew

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ]+)((?: --hash=sha256:[0-9a-f]{64})+)")


def lines(lock):
    joined = lock.replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def pins(lock):
    """Version by package; AssertionError for a line that is no pin with hashes."""
    found = {}
    for line in lines(lock):
        match = PIN.fullmatch(line)
        assert match, f"no pin with hashes: {line[:60]}"
        assert match["name"] not in found, f"pinned twice: {match['name']}"
        found[match["name"]] = match["version"]
    return found


def missing(lock, wanted):
    """Requirements that the lock does not satisfy."""
    held = pins(lock)
    needs = [Requirement(one) for one in wanted]
    return [str(one) for one in needs if not one.specifier.contains(held.get(one.name.lower(), "0"), prereleases=True)]


def test_every_line_is_a_pin_with_hashes():
    assert len(pins(LOCK)) > 60


def test_the_lock_satisfies_what_pyproject_declares():
    assert missing(LOCK, renew.wanted(ROOT / "pyproject.toml")) == []


def test_the_python_is_one_that_crmkit_runs_on():
    python = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip()
    assert re.fullmatch(r"python-3\.\d+", python)
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert SpecifierSet(declared).contains(python.removeprefix("python-"))


@pytest.mark.parametrize("file", ["requirements.txt", "runtime.txt", "postBuild"])
def test_no_registry_is_named(file):
    text = (ROOT / "binder" / file).read_text(encoding="utf-8")
    assert not re.search(r"https?://|file://|--(extra-)?index-url|--find-links|-i ", text)


def test_post_build_is_a_program_and_adds_no_package():
    post_build = ROOT / "binder" / "postBuild"
    assert post_build.stat().st_mode & 0o111
    installs = [line for line in post_build.read_text(encoding="utf-8").splitlines() if "pip install" in line]
    assert installs
    assert all("--no-deps" in line and "--no-index" in line for line in installs)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lock: lock.replace("--hash=sha256:", "--hash=md5:", 1),
        lambda lock: lock.replace("==", ">=", 1),
        lambda lock: lock + "leftpad==1.0\n",
        lambda lock: lock + "crmkit @ https://example.org/crmkit.zip\n",
    ],
)
def test_a_spoiled_lock_is_noticed(spoil):
    with pytest.raises(AssertionError):
        pins(spoil(LOCK))


def test_a_lock_behind_its_floors_is_noticed():
    assert missing(re.sub(r"pandas==\S+", "pandas==2.3.0", LOCK), ["pandas>=3.0"]) == ["pandas>=3.0"]
