"""One small demo, one bundle of it and one clean notebook, for all tests of the gate."""

from typing import NamedTuple

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import crmkit
from crmkit.receipts import ATTRS

KEY = bytes(range(7, 39))
QUESTION = "# How many people does the club know?\n\nCounted on a bundle, so nobody is named.\n\n## The count\n"
PARAMETERS = 'bundle = "none"\nleast = 3'
COUNT = (
    "import crmkit\nfrom crmkit.gate import number\n\npeople = crmkit.share.open(bundle).peepl().contacts()\n"
    'number("contacts", len(people))\nprint(len(people) >= least, "at least", least)'
)
TABLE = 'people.groupby("gender", dropna=False).size().to_frame("people")'
PICTURE = (
    "import matplotlib.pyplot as plt\n\nfigure, ax = plt.subplots(figsize=(3, 2))\nax.bar([0, 1], [len(people), least])\n"
    'ax.set_title("Contacts")\nplt.close(figure)\nfigure'
)
CHECK = "assert len(people) > least"


class Club(NamedTuple):
    """The demo's frames, and the bundle made of them."""

    contacts: pd.DataFrame
    bundle: object
    place: object


@pytest.fixture(scope="session")
def club(tmp_path_factory):
    folder = tmp_path_factory.mktemp("club")
    with crmkit.demo.start(people=30) as demo:
        contacts = demo.peepl().contacts()
    path = folder / "club.crmkit.zip"
    return Club(contacts, crmkit.share.bundle({"contacts": contacts}, path, key=KEY), path)


@pytest.fixture
def made(tmp_path, club):
    """Makes a bundle whose receipt says something else."""

    def make(**told):
        frame = club.contacts.copy()
        frame.attrs[ATTRS] = {**frame.attrs[ATTRS], **told}
        path = tmp_path / "other.crmkit.zip"
        crmkit.share.bundle({"contacts": frame}, path, key=KEY)
        return path

    return make


def clean():
    """A notebook that passes, without saved outputs."""
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    code = [new_code_cell(one) for one in (COUNT, TABLE, PICTURE, CHECK)]
    cells = [new_markdown_cell(QUESTION), parameters, code[0], new_markdown_cell("## By gender"), *code[1:]]
    notebook = new_notebook(cells=cells)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


@pytest.fixture
def write(tmp_path):
    """Writes a notebook and returns its path."""

    def save(notebook, name="report.ipynb"):
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    return save
