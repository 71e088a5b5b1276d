"""The pictures of shift coverage: drawn on what is given, labelled, marked where they rest on little, and without traces."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmkit import coverage
from crmkit.errors import ParameterError
from crmkit.receipts import Receipt, attach

from .coverage_fixture import plan, signed, team

PLOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "plot_gaps": ("gaps", {}),
    "plot_groups": ("by_group", {"by": "function"}),
    "plot_presence": ("presence", {"now": "2024-06-04"}),
    "plot_steps": ("steps", {}),
    "plot_week": ("week_pattern", {}),
    "plot_windows": ("by_window", {"every": "hour"}),
    "plot_worked": ("worked", {"now": "2024-06-04"}),
}


def table(name: str, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    function, keywords = PLOTS[name]
    found: pd.DataFrame = getattr(coverage, function)(frames, **keywords)
    return found


def texts(ax: Any) -> str:
    shown = [ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel(), *(one.get_text() for one in ax.texts)]
    return "\n".join([*shown, *(tick.get_text() for tick in ax.get_yticklabels())])


def drawn(ax: Any) -> bytes:
    file = io.BytesIO()
    ax.figure.savefig(file, format="png", dpi=50)
    return file.getvalue()


@pytest.mark.parametrize("name", PLOTS)
def test_a_picture_has_title_labels_and_n(name: str) -> None:
    frame = table(name, plan())
    kept = frame.copy()
    ax = getattr(coverage, name)(frame)
    assert len(drawn(ax)) > 2000
    assert ax.get_title(loc="left")
    assert "n = " in ax.get_xlabel() or name == "plot_gaps"
    assert "5 collaborators asked about, perhaps not all" in ax.get_xlabel()
    pd.testing.assert_frame_equal(frame, kept)


@pytest.mark.parametrize("name", PLOTS)
def test_an_axes_of_ones_own_is_used(name: str) -> None:
    mine = Figure().add_subplot()
    assert getattr(coverage, name)(table(name, plan()), ax=mine) is mine


@pytest.mark.parametrize("name", PLOTS)
def test_nothing_to_draw_says_so(name: str) -> None:
    ax = getattr(coverage, name)(table(name, coverage.frames()))
    assert any(word in texts(ax) for word in ("no shifts", "no team lacks", "no check-ins"))
    drawn(ax)


@pytest.mark.parametrize("name", PLOTS)
def test_another_table_is_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=r"\(\) returns"):
        getattr(coverage, name)(pd.DataFrame({"a": [1]}))


@pytest.mark.parametrize("name", PLOTS)
def test_an_incomplete_table_is_marked(name: str) -> None:
    frame = attach(table(name, plan()), Receipt("Beeple", "coverage", complete=False, problems=("one is missing",)))
    assert "INCOMPLETE" in texts(getattr(coverage, name)(frame))


def test_names_are_text() -> None:
    frames = coverage.frames(teams=[team("1", 3, team="$x^2$ <img src=x onerror=alert(1)>")], enrolments=[signed(1, "a", "1")])
    ax = coverage.plot_gaps(coverage.gaps(frames))
    assert "$x^2$ <img" in texts(ax)
    drawn(ax)


def test_a_complete_list_of_people_is_said() -> None:
    frames = plan()
    scan = {"collaborators_scanned": 5, "ids_complete": True, "status_source": "confirmed", "zone": "Europe/Brussels"}
    label = coverage.plot_gaps(coverage.gaps(coverage.frames(**{**frames, "scan": [scan]}))).get_xlabel()
    assert "all 5 collaborators" in label
    assert "upper bounds" not in label


def test_small_groups_are_marked() -> None:
    assert "Bar * (5)" in texts(coverage.plot_groups(coverage.by_group(plan())))
    assert "Bar (5)" in texts(coverage.plot_groups(coverage.by_group(plan(), min_n=1)))


def test_many_windows_are_drawn_too() -> None:
    frames = plan()
    months = coverage.by_window(frames, "day", start="2024-01-01", end="2024-12-31")
    assert "366 days" in coverage.plot_windows(months).get_xlabel()
    assert "per week" in texts(coverage.plot_windows(coverage.by_window(frames, "week")))


def test_tables_need_no_matplotlib_and_leave_no_pyplot() -> None:
    code = (
        "import sys, crmkit; crmkit.coverage.summary(crmkit.coverage.frames()); assert 'matplotlib' not in sys.modules;"
        "crmkit.coverage.plot_gaps(crmkit.coverage.gaps(crmkit.coverage.frames())); assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
