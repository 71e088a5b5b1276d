"""The notebooks run from top to bottom and give, text for text, what is saved; and nothing is saved that a reader should not get.

After a change that is meant: python tests/notebooks/renew.py, and read the difference.
"""

import ast
import copy
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDGET = "application/vnd.jupyter.widget"
ADDRESS = re.compile(r"127\.0\.0\.1|localhost|0\.0\.0\.0")
HERE = "|".join(re.escape(f"{place}/") for place in (ROOT, Path.home(), tempfile.gettempdir()))
FOLDER = re.compile(rf"{HERE}|/home/\w|/Users/\w|/usr/\w|\b[A-Z]:\\\w")
MAGIC = re.compile(r"^\s*[%!]", re.MULTILINE)
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def texts(cell):
    """All that can be read in a cell: its source and its outputs, pictures apart."""
    yield cell.source
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (value for kind, value in output.get("data", {}).items() if kind.startswith("text/"))


def faults_of(cell):
    """What is wrong with a code cell."""
    if cell.execution_count is None:
        yield "was not executed"
    if MAGIC.search(cell.source):
        yield "holds a magic"
    for output in cell.outputs:
        if output.output_type == "error":
            yield "saved an error"
        if output.get("name") == "stderr":
            yield "saved warnings or progress"
        if any(kind.startswith(WIDGET) for kind in output.get("data", {})):
            yield "saved a live widget"


def faults(notebook):
    """What is wrong with a saved notebook, in words."""
    found = ["the metadata holds widget state"] if "widgets" in notebook.metadata else []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found += [f"cell {cell.execution_count} {fault}" for cell in code for fault in faults_of(cell)]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("the cells were not run once, from top to bottom")
    every = "\n".join(text for cell in notebook.cells for text in texts(cell))
    found += [f"holds a folder of one machine: {hit}" for hit in FOLDER.findall(every)]
    found += [f"holds an address: {hit}" for hit in ADDRESS.findall(every)]
    if (
        not code
        or MAGIC.search(code[-1].source)
        or not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code[-1].source)))
    ):
        found.append("the last cell asserts nothing")
    return found


@each
def test_what_is_saved_is_what_a_reader_should_get(path):
    assert faults(nbformat.read(path, as_version=4)) == []


@pytest.fixture(scope="module")
def ran(request, tmp_path_factory):
    """One run of the notebooks asked for, each in a kernel of its own: the cells of each, and what pytest printed."""
    wanted = [item.callspec.params["path"] for item in request.session.items if "ran" in getattr(item, "fixturenames", ())]
    place = tmp_path_factory.mktemp("notebooks")
    told = place / "told.xml"
    options = ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-q", "--junitxml", str(told)]
    words = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *map(str, wanted)],
        cwd=ROOT,
        env={**words, "PYTHONPATH": str(ROOT), "CRMKIT_CACHE_DIR": str(place / "cache")},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert told.exists(), run.stdout[-5000:] + run.stderr[-1000:]
    return list(ElementTree.parse(told).iter("testcase")), run.stdout + run.stderr


@each
def test_a_run_gives_the_saved_outputs(path, ran):
    cells, printed = ran
    mine = [cell for cell in cells if path.name in cell.get("classname", "")]
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert len(mine) == len(code), printed[-5000:]
    assert [text for cell in mine for text in cell.itertext()] == []


def good():
    cell = nbformat.v4.new_code_cell("assert 1 + 1 == 2", execution_count=1)
    return nbformat.v4.new_notebook(cells=[cell])


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", text=text, name=name)


SPOILED = {
    "was not executed": lambda cell: cell.update(execution_count=None),
    "holds a magic": lambda cell: cell.update(source="%matplotlib inline"),
    "saved an error": lambda cell: cell.outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])),
    "saved warnings": lambda cell: cell.outputs.append(stream("slow", "stderr")),
    "saved a live widget": lambda cell: cell.outputs.append(nbformat.v4.new_output("display_data", {f"{WIDGET}-view+json": {}})),
    "from top to bottom": lambda cell: cell.update(execution_count=7),
    "folder of one machine": lambda cell: cell.outputs.append(stream(f"kept in {ROOT}/notebooks")),
    "an address": lambda cell: cell.outputs.append(stream("http://127.0.0.1:8000/")),
    "asserts nothing": lambda cell: cell.update(source="1 + 1"),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_spoiled_notebook_is_refused(fault):
    notebook = good()
    assert faults(copy.deepcopy(notebook)) == []
    SPOILED[fault](notebook.cells[0])
    assert any(fault in one for one in faults(notebook))


def test_saved_widget_state_is_refused():
    notebook = good()
    notebook.metadata["widgets"] = {f"{WIDGET}-state+json": {}}
    assert faults(notebook) == ["the metadata holds widget state"]


def test_there_are_notebooks():
    assert NOTEBOOKS
