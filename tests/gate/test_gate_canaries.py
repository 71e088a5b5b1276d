"""A notebook that shows all that a bundle holds shows nobody: the bundle was made of frames with a canary in every field."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import crmkit
from crmkit import gate
from crmkit.gate import executing
from tests.gate.conftest import KEY
from tests.share.every_field import CANARIES, TEXTS, frames_of, traces

ALL = """
import crmkit
from crmkit.gate import number

found = crmkit.share.open(bundle)
print(found)
for name, frame in found.frames.items():
    print(name, frame.to_csv(), frame.attrs["crmkit"], crmkit.receipt(frame))
    number(name, len(frame))
"""
SHOWN = "found.treatment", "found.anonymity", "found.frames['contacts']", "crmkit.receipt(found.frames['contacts'])"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The executed notebook, the page and the numbers."""
    folder, kept = tmp_path_factory.mktemp("canaries"), []
    every = frames_of("peepl", every=False) | frames_of("sheepcrm", every=False)
    frames = {"contacts": next(frame for name, frame in every.items() if name.endswith("_contacts"))}
    frames |= {name: frame for name, frame in every.items() if len(frame.columns) > 3}
    crmkit.share.bundle(frames, folder / "all.crmkit.zip", key=KEY)
    cells = [new_code_cell('bundle = ""', metadata={"tags": ["parameters"]}), *(new_code_cell(one) for one in (ALL, *SHOWN))]
    nbformat.write(new_notebook(cells=cells), folder / "all.ipynb")

    def run(notebook, *given, **more):
        faults = executing_execute(notebook, *given, **more)
        kept.append(nbformat.writes(notebook))
        return faults

    executing_execute, executing.execute = executing.execute, run
    try:
        report = gate.run(folder / "all.ipynb", folder / "all.crmkit.zip", folder / "all.html", known=[TEXTS])
    finally:
        executing.execute = executing_execute
    return {"notebook": kept[0], "page": report.html, "numbers.json": (folder / "numbers.json").read_text(encoding="utf-8")}


@pytest.mark.parametrize("what", ["notebook", "page", "numbers.json"])
def test_nothing_of_anybody_is_in_what_comes_out(what, shown):
    assert len(shown[what]) > 1000
    assert "contacts" in shown[what]
    assert traces(shown[what].encode().lower(), CANARIES) == []
    if what != "numbers.json":
        assert json.dumps(shown[what]).count("Person-") > 100
