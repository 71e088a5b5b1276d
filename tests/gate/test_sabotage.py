"""Sabotaged notebooks and bundles: each is rejected, for the reason that it deserves.

Most are rejected before any kernel starts: what is saved in a notebook is looked at with the same eyes as what comes out of a run. One test
shows that a run's own outputs are looked at too, and those that show only in a run have one each.
"""

import base64
import copy
import hashlib
import re
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

from crmkit import gate
from crmkit.errors import ParameterError
from crmkit.gate.outputs import STATE, VIEW
from crmkit.gate.passing import _unseen
from tests.gate.conftest import clean

MAIL = "lieve.claessens@example.org"
TOKEN = "tok-4f9a1c77d2e8"  # invented; stands in the environment of the test
COUNTED = 2  # the cell that counts, among the code cells the second


def saved():
    """The clean notebook as if it had been run and saved: counts and harmless outputs."""
    notebook = clean()
    for number, cell in enumerate((one for one in notebook.cells if one.cell_type == "code"), 1):
        cell.execution_count = number
    return notebook


def source(text):
    return lambda notebook: notebook.cells[COUNTED].update(source=text)


def shows(**data):
    """Adds an output to the cell that counts: keywords are kinds with _ for /."""
    bundle = {kind.replace("_", "/", 1).replace("_", "-"): value for kind, value in data.items()}
    return lambda notebook: notebook.cells[COUNTED].outputs.append(new_output("display_data", bundle))


def prints(text, name="stdout"):
    return lambda notebook: notebook.cells[COUNTED].outputs.append(new_output("stream", text=text, name=name))


def tagged(*tags):
    return lambda notebook: notebook.cells[COUNTED].metadata.update(tags=list(tags))


def b64(text):
    return base64.b64encode(text.encode()).decode()


def widget(html, static):
    def spoil(notebook):
        view = {VIEW: {"model_id": "a", "version_major": 2, "version_minor": 0}, "text/html": static}
        state = {
            "a": {"model_name": "VBoxModel", "model_module": "@jupyter-widgets/controls", "state": {"children": ["IPY_MODEL_b"]}},
            "b": {"model_name": "HTMLModel", "model_module": "@jupyter-widgets/controls", "state": {"value": html}},
        }
        notebook.cells[COUNTED].outputs.append(new_output("display_data", view))
        notebook.metadata["widgets"] = {STATE: {"state": state, "version_major": 2, "version_minor": 0}}

    return spoil


def rows(count):
    return f"<table>{'<tr><td>1</td></tr>' * count}</table>"


def counts(*numbers):
    def spoil(notebook):
        for cell, number in zip((one for one in notebook.cells if one.cell_type == "code"), numbers, strict=False):
            cell.execution_count = number

    return spoil


BEFORE = {
    "an unknown magic": ("unknown magic", source("%sqlfetch contacts\nprint(1)")),
    "an unknown cell magic": ("unknown magic", source("%%sqlfetch\nraise ValueError")),
    "a cell magic that hides errors": ("magic", source("%%capture\n1 / 0")),
    "a magic that changes the environment": ("magic", source("%env CRMKIT_OFFLINE=0")),
    "a shell escape": ("magic", source("!curl example.org")),
    "a shell escape kept in a name": ("magic", source("found = !ls")),
    "a magic called as a function": ("magic", source("get_ipython().run_line_magic('run', 'other.py')")),
    "a tag that lets errors pass": ("error allowed", tagged("raises-exception")),
    "a tag that skips the cell": ("error allowed", tagged("skip-execution")),
    "errors allowed everywhere": ("error allowed", lambda notebook: notebook.metadata.update(execution={"allow_errors": True})),
    "a cell of parameters that goes on": ("parameters", lambda notebook: notebook.cells[1].update(source='bundle = ""\nprint(bundle)')),
    "a cell of parameters that uses them": ("parameters", lambda notebook: notebook.cells[1].update(source='bundle = ""\nfile = bundle')),
    "a cell that is no Python": ("error", source("for in people")),
    "an unrun cell": ("unrun cell", lambda notebook: notebook.cells[COUNTED].update(execution_count=None)),
    "cells run out of order": ("order", counts(1, 3, 2, 4, 5)),
    "cells run twice": ("order", counts(1, 2, 3, 4, 9)),
    "the text of a caught error": ("error", prints("Traceback (most recent call last):\n  ...\nValueError: no\n")),
    "a caught error in a sentence": ("error", prints("ValueError: no such column\n", "stderr")),
    "a mail address": ("personal", prints(f"written to {MAIL}")),
    "a mail address in an attribute": ("personal", shows(text_html=f'<span data-to="{MAIL}">1</span>')),
    "a mail address in a comment": ("personal", shows(text_html=f"<p>1</p><!-- {MAIL} -->")),
    "a mail address in entities": ("personal", shows(text_html="".join(f"&#{ord(one)};" for one in MAIL))),
    "a mail address between tags": ("personal", shows(text_html=MAIL.replace("@", "<b>@</b>"))),
    "a mail address in base64": ("personal", prints(b64(MAIL))),
    "a mail address in base64, shifted": ("personal", prints(b64("x" + MAIL))),
    "a mail address in percent signs": ("personal", prints(quote(MAIL, safe="").replace("l", "%6C"))),
    "a mail address in hex": ("personal", prints(MAIL.encode().hex())),
    "a mail address in a cell's metadata": ("personal", lambda notebook: notebook.cells[3].metadata.update(by=MAIL)),
    "a mail address in the text": ("personal", lambda notebook: notebook.cells.append(new_markdown_cell(f"By {MAIL}"))),
    "a phone number": ("personal", prints("call +32 475 12 34 56")),
    "an account number": ("personal", prints("BE68 5390 0754 7034")),
    "a token": ("secret", prints("Bearer abcdefghijklmnopqrst")),
    "this machine's credential": ("secret", prints(f"asked with {TOKEN}")),
    "this machine's credential in base64": ("secret", shows(text_html=f'<i title="{b64(TOKEN)}">1</i>')),
    "a folder of this machine": ("path", prints("read from /home/ann/club.csv")),
    "a folder of a Windows machine": ("path", prints(r"read from C:\Users\ann\club.csv")),
    "a script": ("script", shows(text_html="<script>fetch('/x')</script>")),
    "a script in an attribute": ("script", shows(text_html='<img src="data:image/png;base64,AA==" onerror="x()">')),
    "a script behind a link": ("script", shows(text_html='<a href="javascript:x()">more</a>')),
    "an output of JavaScript": ("script", shows(application_javascript="alert(1)")),
    "a picture from elsewhere": ("outside", shows(text_html='<img src="https://example.org/dot.png">')),
    "a picture from elsewhere, in the text": ("outside", lambda n: n.cells.append(new_markdown_cell("![](https://example.org/a.png)"))),
    "a style from elsewhere": ("outside", shows(text_html="<style>@import url(https://example.org/a.css)</style>")),
    "a page inside the page": ("outside", shows(text_html='<iframe srcdoc="x"></iframe>')),
    "rows that are not shown, in a widget": ("hidden rows", widget(rows(50), rows(5))),
    "an invisible table": ("hidden rows", shows(text_html=f'<div style="display: none">{rows(9)}</div>')),
    "a kind of output that is not shown": ("hidden rows", shows(**{"application_vnd.example": "rows"})),
}


@pytest.fixture
def credential(monkeypatch):
    monkeypatch.setenv("PEEPL_TOKEN", TOKEN)


@pytest.fixture
def no_kernel(monkeypatch):
    def started(*_, **__):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("crmkit.gate.executing.execute", started)


@pytest.mark.usefixtures("credential", "no_kernel")
@pytest.mark.parametrize("sabotage", BEFORE)
def test_a_sabotaged_notebook_is_rejected_before_it_runs(sabotage, club, write):
    reason, spoil = BEFORE[sabotage]
    notebook = saved()
    spoil(notebook)
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place)
    assert reason in {one.reason for one in caught.value.faults}, caught.value
    assert MAIL not in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.usefixtures("credential", "no_kernel")
def test_the_unspoiled_notebook_is_let_through_to_its_run(club, write):
    with pytest.raises(AssertionError, match="a kernel was started"):
        gate.run(write(saved()), club.place)


def person_of(club):
    """Name, mail and phone of somebody in the account."""
    one = club.contacts.dropna(subset=["email"]).iloc[0]
    return [f"{one.first_name} {one.last_name}", one.email, one.last_name]


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("write_as", [str, str.upper, b64, lambda text: quote(text, safe=""), lambda text: text.encode().hex()])
@pytest.mark.parametrize("which", [0, 1])
def test_people_of_the_account_are_found_in_any_spelling(which, write_as, club, write):
    notebook = saved()
    shows(text_html=f'<p title="{write_as(person_of(club)[which])}">1</p>')(notebook)
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place, known=[club.contacts])
    assert {one.reason for one in caught.value.faults} == {"personal"}


# Family names that are words of style sheets, of HTML, of Python and of what Jupyter writes about itself.
WORDS = ["White", "Block", "Head", "Body", "Style", "Table", "Small", "Text", "Import", "Print", "People", "Code", "Name", "Python", "Right"]
READ = {
    "printed": prints("Dr. Claessens called"),
    "in a table": shows(text_html="<table><tr><td>CLAESSENS</td></tr></table>"),
    "in an attribute": shows(text_html='<p title="claessens">1</p>'),
    "in a comment of the page": shows(text_html="<p>1</p><!-- Claessens -->"),
    "in base64": prints(b64("Lieve Claessens ")),
    "in a text of the code": source("chosen = 'Claessens'"),
    "in a comment of the code": source("chosen = 1  # Claessens"),
    "in the words": lambda notebook: notebook.cells.append(new_markdown_cell("Thanks to Claessens.")),
    "in a widget": widget("<p>Claessens</p>", "<p>1</p>"),
}


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("where", READ)
def test_a_family_name_is_found_where_it_is_read(where, club, write):
    notebook = saved()
    READ[where](notebook)
    with pytest.raises(gate.Rejected, match=r"a name of the account's people. A word that is meant goes into allow="):
        gate.run(write(notebook), club.place, known=[["Claessens", "Peeters"]])
    with pytest.raises(AssertionError, match="a kernel was started"):
        gate.run(write(notebook), club.place, known=[["Claessens", "Peeters"]], allow=["claessens"])


@pytest.mark.usefixtures("no_kernel")
def test_a_family_name_that_is_a_word_of_the_page_is_no_alarm(club, write):
    """Nor is the title of a group that somebody is called like, once it is allowed."""
    notebook = saved()
    shows(text_html='<style>td {color: white; display: block}</style><table class="small"><tr><td style="text-align: right">1</td></tr></table>')(notebook)
    notebook.cells[COUNTED].source = "import pandas\npeople = pandas.DataFrame({'n': [1]})\nprint(people.head())"
    named = [word for word in WORDS if word != "People"]
    with pytest.raises(AssertionError, match="a kernel was started"):
        gate.run(write(notebook), club.place, known=[named, ["People"]], allow="People")
    with pytest.raises(gate.Rejected, match="cell 1: personal"):
        gate.run(write(notebook), club.place, known=[named, ["People"]])


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize(
    ("reason", "told"),
    [("incomplete", {"complete": False}), ("incomplete", {"limited": True}), ("old", {"oldest": "2024-01-01 00:00:00"}), ("old", {"oldest": None})],
)
def test_a_receipt_that_is_no_proof_is_rejected(reason, told, made, write):
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(clean()), made(**told), max_age=30)
    assert {one.reason for one in caught.value.faults} == {reason}


@pytest.mark.usefixtures("no_kernel")
def test_a_bundle_that_was_changed_is_rejected(club, write, tmp_path):
    path = tmp_path / "changed.crmkit.zip"
    with zipfile.ZipFile(club.place) as old, zipfile.ZipFile(path, "w") as new:
        for one in old.infolist():
            new.writestr(one, old.read(one).replace(b"true", b"True") if one.filename == "receipts.json" else old.read(one))
        new.writestr("more.json", "{}")
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(clean()), path)
    assert {one.reason for one in caught.value.faults} == {"bundle"}


@pytest.mark.usefixtures("no_kernel")
def test_a_bundle_that_is_not_the_one_meant_is_rejected(club, write):
    notebook = clean()
    notebook.metadata["crmkit"] = {"bundle": hashlib.sha256(b"another").hexdigest()}
    with pytest.raises(gate.Rejected, match="for another one"):
        gate.run(write(notebook), club.place)


# What shows in a run only, all in one: each cell is a sabotage of its own, and none hides another.
IN_A_RUN = {
    "network": "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError:\n    pass",
    "program": "import subprocess\ntry:\n    subprocess.run(['true'])\nexcept OSError:\n    pass",
    "path": "import os\nprint(os.getcwd())",
    "error": "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
    "parameter": "print('for', word)",
    "personal": "print('lieve.claessens' + chr(64) + 'example.org')",
    "numbers": "number('contacts', 1)",
    "script": "from IPython.display import HTML\nHTML('<scr' + 'ipt>1</script>')",
    "outside": "HTML('<img src=\"htt' + 'ps://example.org/x\">')",
    "hidden rows": "import ipywidgets\nipywidgets.HTML('<table>' + '<tr><td>1</td></tr>' * 30 + '</table>')",
}


def test_what_shows_in_a_run_only_is_rejected(club, write):
    notebook = clean()
    notebook.cells[1].source += "\nword = 'public'"
    notebook.cells += [new_code_cell(one) for one in IN_A_RUN.values()]
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place, parameters={"word": "quite private"})
    assert {one.reason for one in caught.value.faults} == set(IN_A_RUN), caught.value


def test_the_readme_counts_what_is_here():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"(\d+) sabotage", readme) == [str(len(BEFORE) + len(IN_A_RUN))]


def test_saved_outputs_that_a_run_does_not_give_are_stale(club, write, tmp_path):
    notebook = saved()
    prints("contacts: 99\n")(notebook)
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place, tmp_path / "report.html")
    assert {one.reason for one in caught.value.faults} == {"stale output"}
    assert [one.name for one in tmp_path.iterdir()] == ["report.ipynb"]


def test_a_fault_is_said_without_its_text():
    with pytest.raises(gate.Rejected) as caught:
        raise gate.Rejected([gate.Fault("personal", "cell 3")])
    assert str(copy.copy(caught.value)) == str(caught.value)
    assert "cell 3: personal" in str(caught.value)


SILENT = "get_ipython().showtraceback = lambda *_, **__: None\nraise ValueError"


def test_an_error_that_the_kernel_does_not_show_is_rejected(club, write):
    """No cell after it runs: an empty report would pass."""
    notebook = clean()
    notebook.cells.insert(2, new_code_cell(SILENT))
    with pytest.raises(gate.Rejected, match="cell 3: error: ValueError"):
        gate.run(write(notebook), club.place)


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("value", [float("inf"), date(2024, 6, 1), pd.Timestamp("2024-06-01"), [{"day": date(2024, 6, 1)}], np.int64(3)])
def test_a_parameter_that_cannot_be_written_into_a_cell_is_refused(value, club, write):
    """The cell that gives it would end in an error, is taken out again, and no other cell runs: a report without numbers passed."""
    with pytest.raises(ParameterError, match="the parameter least is no plain value"):
        gate.run(write(clean()), club.place, parameters={"least": value})


MADE_OF_PARTS = "import matplotlib.pyplot as plt\nwho = 'lieve.claessens' + chr(64) + 'example.org'\nfigure, ax = plt.subplots()\n"
DRAWN = {
    "at a tick": "ax.barh([who], [1])",
    "in the title": "ax.set_title(who)",
    "in the legend": "ax.plot([1, 2], label=who)\nax.legend()",
    "beside a point": "ax.annotate('by ' + who.replace('.cl', '.\\ncl'), (0, 0))\nax.text(0, 0, who)",
}


def test_people_drawn_in_a_picture_are_found(club, write):
    """The page shows dots, which no scan of its text looks into."""
    notebook = clean()
    notebook.cells += [new_code_cell(f"{MADE_OF_PARTS}{one}\n{last}") for one in DRAWN.values() for last in ("plt.show()", "plt.close(figure)\nfigure")]
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place)
    assert {one.where.partition(",")[0] for one in caught.value.faults} == {f"cell {number}" for number in range(8, 16)}
    assert {one.reason for one in caught.value.faults} == {"personal"}


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("mimetype", ["text/html", "text/markdown", ""])
@pytest.mark.parametrize(("reason", "text"), [("script", "<script>1</script>"), ("outside", '<meta http-equiv="refresh" content="0;url=https://example.org">')])
def test_a_raw_cell_is_looked_at_as_the_page_shows_it(mimetype, reason, text, club, write):
    notebook = saved()
    notebook.cells.append(new_raw_cell(text, metadata={"raw_mimetype": mimetype} if mimetype else {}))
    with pytest.raises(gate.Rejected) as caught:
        gate.run(write(notebook), club.place)
    assert {one.reason for one in caught.value.faults} == {reason}


@pytest.mark.usefixtures("no_kernel")
def test_a_pasted_picture_is_a_fault_with_a_name(club, write):
    notebook = saved()
    notebook.cells[0].attachments = {"members.png": {"image/png": b64("x")}}
    notebook.cells[0].source += "\n![members](attachment:members.png)"
    with pytest.raises(gate.Rejected, match="cell 1: outside: a picture that was pasted into the text"):
        gate.run(write(notebook), club.place)


def test_values_in_lists_of_parameters_are_looked_for():
    notebook = clean()
    notebook.cells[1].source += "\nnames = ['Public']"
    given = {"names": ["public", "quite private", {"deep": ("too private",)}, "2024-06-01"], "word": "private"}
    assert _unseen(given, notebook) == ("private", "quite private", "too private")
