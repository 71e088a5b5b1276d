"""What an installation brings along is little, known, and freely licensed."""

import json
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.version import Version

from tests.guard.supply import GIVEN, floors, licence, table, tree

ROOT = Path(__file__).parent.parent.parent
FREE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Zlib|HPND|CC0|Unlicense", re.IGNORECASE)


def test_an_installation_without_extras_brings_at_most_25_packages_beyond_the_given_ones():
    beyond = tree("crmkit") - tree(*GIVEN) - {"crmkit"}
    assert len(beyond) <= 25, sorted(beyond)
    assert {"pyrate-limiter", "filelock"} <= beyond


def test_every_direct_requirement_has_a_floor_that_is_installed_at_least():
    found = floors()
    assert len(found) >= 8
    assert all(found.values())
    for name, floor in found.items():
        assert Version(distribution(name).version) >= Version(floor), name


def test_every_package_is_freely_licensed():
    stated = {name: licence(name) for name in tree("crmkit") - {"crmkit"}}
    assert {name: text for name, text in stated.items() if not FREE.search(text)} == {}


def test_what_crmkit_imports_it_requires():
    """Nothing is imported at the top of a module that comes only with another package."""
    own = {canonical.replace("-", "_"): canonical for canonical in tree("crmkit")}
    found = set()
    for path in (ROOT / "crmkit").rglob("*.py"):
        for match in re.finditer(r"^(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            found.add(match[1])
    outside = {name for name in found if name not in sys.stdlib_module_names and name != "crmkit"}
    direct = {name.replace("-", "_") for name in floors()} | {"numpy"}  # there is no pandas without it
    assert {name for name in outside - direct if name in own} == set()


def test_the_table_of_packages_can_be_printed():
    lines = list(table())
    assert any(line.startswith("| requests |") for line in lines)
    assert "packages in all" in lines[-1]


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"dependencies": [{"name": "requests", "version": "2", "vulns": []}]}, 0, "1 packages audited, none is known to be vulnerable"),
        ({"dependencies": [{"name": "requests", "skip_reason": "not found"}]}, 0, "not audited"),
        ({"dependencies": [{"name": "requests", "version": "2", "vulns": [{"id": "X-1"}]}]}, 1, "requests 2: X-1"),
        ({"dependencies": [{"name": "jupyterlab", "version": "2", "vulns": [{"id": "X-1"}]}]}, 0, "jupyterlab 2: X-1"),
        ("nothing", 0, "could not be reached"),
        (None, 0, "could not be reached"),
    ],
    ids=["clean", "skipped", "ours", "theirs", "no answer", "no program"],
)
def test_the_audit_of_ci(tmp_path, answer, status, said):
    program = tmp_path / "pip-audit"
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(answer)!r})\n" if answer is not None else "")
    program.chmod(0o700 if answer is not None else 0o600)
    done = subprocess.run([sys.executable, ".ci/audit.py", str(program)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said in done.stdout, done.stderr
    assert done.returncode == status
