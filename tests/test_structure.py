"""The house: its import graph, its public names, and what an import may cost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import crmkit

ROOT = Path(__file__).parent.parent


def test_the_import_graph_is_kept():
    """The contracts stand in pyproject.toml under [tool.importlinter]."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_public_names():
    assert set(crmkit.__all__) >= {
        "Peepl",
        "Beeple",
        "SheepCRM",
        "MissionHub",
        "OnePageCRM",
        "cache",
        "child",
        "demo",
        "offline",
        "receipt",
    }
    for name in crmkit.__all__:
        assert getattr(crmkit, name) is not None


def test_names_that_are_loaded_late_are_shown_and_found():
    topics = [getattr(crmkit, name) for name in crmkit.TOPICS]
    for package in (crmkit, crmkit.clean, crmkit.fleet, crmkit.gate, crmkit.share, *topics):
        assert dir(package) == sorted(package.__all__)
        for name in package.__all__:
            assert getattr(package, name) is vars(package)[name]
    with pytest.raises(AttributeError, match=r"^module crmkit\.share has no attribute 'snapsot'\. Did you mean snapshot\?$"):
        crmkit.share.snapsot  # noqa: B018
    with pytest.raises(AttributeError, match=r"^module crmkit\.topics\.attendance has no attribute 'by_wekday'\. Did you mean by_weekday\?$"):
        crmkit.attendance.by_wekday  # noqa: B018
    with pytest.raises(AttributeError, match=r"'__wrapped__'\.$"):
        crmkit.__wrapped__  # noqa: B018
    words = "import sys, crmkit.clean, crmkit.fleet, crmkit.gate, crmkit.share; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "requests", "pyarrow", "distributed"} & set(loaded)


def test_every_row_is_documented_and_speaks_plainly():
    for kind in (crmkit.Peepl, crmkit.Beeple, crmkit.SheepCRM, crmkit.MissionHub, crmkit.OnePageCRM):
        for name, row in kind.rows().items():
            assert row.doc.endswith("."), (kind.crm, name)
            assert "section" in row.source, (kind.crm, name)
            names = [one.name for one in row.columns]
            assert len(names) == len(set(names)), (kind.crm, name)
            for one in (*row.params, *row.path_params):
                assert one.meaning.endswith("."), (kind.crm, name, one.name)
            for one in row.columns:
                assert one.meaning.endswith("."), (kind.crm, name, one.name)


def test_days_are_written_by_codes_that_every_system_knows():
    """A minus in a code for strftime, as for a day without a leading 0, ends it with a ValueError on Windows."""
    found = [path.name for path in (ROOT / "crmkit").rglob("*.py") if re.search(r"%-[a-zA-Z]", path.read_text("utf-8"))]
    assert found == []


def test_nothing_committed_names_a_machine():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    words = ["/" + "work/", "/" + "root/", "simple" + "-index"]
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".ipynb", ".txt", ".json", ".cfg"} and path.exists():
            text = path.read_text(encoding="utf-8")
            assert not any(word in text for word in words), name
