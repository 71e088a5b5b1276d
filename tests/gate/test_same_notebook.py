"""One notebook file runs on an account (over HTTP, with the key of the environment), on the demo and on a bundle, unchanged."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import crmkit
from crmkit import gate
from crmkit.gate.numbers import stated as numbers_of
from tests.gate.conftest import KEY

REPORT = """
import os
from pathlib import Path
import crmkit
from crmkit import segments
from crmkit.gate import number

account = crmkit.Peepl.from_env if "PEEPL_TOKEN" in os.environ else crmkit.demo.peepl
source = crmkit.share.open(bundle) if bundle else account()
groups = segments.load(source, segments={52: "Players"})
number("players", segments.sizes(groups)["members"].sum())
number("in no group", len(segments.in_none(groups)))
number("people", len(groups["people"]))
panel = segments.explore(source, segments={52: "Players"})
number("in the panel", len(panel.frame))
panel
"""


def stated(path, **environment):
    """The numbers of a run in a kernel as JupyterLab would start it."""
    notebook = nbformat.read(path, as_version=4)
    world = {name: value for name, value in os.environ.items() if not name.startswith("PEEPL_")}
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(env={**world, "PYTHONPATH": str(Path(crmkit.__file__).parents[1]), **environment})
    return numbers_of(notebook)[0]


def test_the_same_file_runs_on_account_demo_and_bundle(tmp_path):
    path = tmp_path / "report.ipynb"
    cells = [new_code_cell('bundle = ""', metadata={"tags": ["parameters"]}), new_code_cell(REPORT)]
    nbformat.write(new_notebook(cells=cells), path)
    with crmkit.demo.start() as demo:  # what crmkit.demo.peepl() serves, under an address and a key of its own
        credentials = {"PEEPL_TOKEN": demo.credentials["peepl"]["token"], "PEEPL_BASE_URL": demo.urls["peepl"]}
        on_account = stated(path, **credentials, CRMKIT_CACHE_DIR=str(tmp_path / "account"))
        asked = sum(call.status == 200 for call in demo.log)
        groups = crmkit.segments.load(demo.peepl(), segments={52: "Players"})
    assert asked > 50  # the account was read over HTTP, page by page
    on_demo = stated(path, CRMKIT_CACHE_DIR=str(tmp_path / "demo"))
    crmkit.share.bundle({"groups": groups}, tmp_path / "club.crmkit.zip", key=KEY)
    on_bundle = gate.run(path, tmp_path / "club.crmkit.zip", known=[list(credentials.values())]).numbers["stated"]
    assert on_account == on_demo == on_bundle
    assert on_account["players"]["value"] == 124
