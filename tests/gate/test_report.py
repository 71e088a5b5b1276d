"""A clean notebook passes, gives the same numbers every time, and its page is what a reader, a screen reader and verify need."""

import json
import re
from itertools import pairwise

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell

import crmkit
from crmkit import gate
from crmkit.cli import main
from crmkit.gate.numbers import PRINTED
from crmkit.gate.page import page as written
from crmkit.gate.scanning import Known, hits
from crmkit.receipts import PartialFrame, Receipt
from tests.gate.conftest import KEY, clean

SECRET_WORD = "not for readers"


@pytest.fixture(scope="module")
def passed(club, tmp_path_factory):
    """The clean notebook, written as a report; with a parameter that readers may not see."""
    folder = tmp_path_factory.mktemp("report")
    notebook = clean()
    notebook.cells[1].source += "\nword = ''"
    nbformat.write(notebook, folder / "report.ipynb")
    given = {"word": SECRET_WORD, "least": 4}
    report = gate.run(
        folder / "report.ipynb", club.place, folder / "report.html", known=[club.contacts], parameters=given, day="2024-06-15"
    )
    return report, folder, given


def page(passed):
    return BeautifulSoup(passed[0].html, "html.parser")


def test_numbers_are_those_of_the_account(passed, club):
    assert passed[0].numbers["stated"] == {"contacts": {"value": len(club.contacts)}}
    assert passed[0].numbers["printed"]["cell 3"] == ["4"]
    assert json.loads((passed[1] / "numbers.json").read_text(encoding="utf-8")) == passed[0].numbers


def test_the_report_runs_again_with_the_same_numbers(passed, club):
    assert gate.verify(passed[1] / "report.html", club.place, parameters=passed[2]) == passed[0].numbers


@pytest.mark.full
def test_twenty_runs_give_the_same_numbers(passed, club):
    for _ in range(20):
        report = gate.run(passed[1] / "report.ipynb", club.place, known=[club.contacts], parameters=passed[2], day="2024-06-15")
        assert (report.numbers, report.html) == (passed[0].numbers, passed[0].html)


def test_nothing_given_and_nobody_stays_in_what_is_written(passed, club):
    written = passed[0].html + json.dumps(passed[0].numbers)
    people = Known([*club.contacts["email"].dropna(), *(club.contacts["first_name"] + " " + club.contacts["last_name"])])
    assert len(people) > 20
    assert list(hits(written, people, Known([SECRET_WORD]))) == []
    assert str(passed[1]) not in written


def test_nothing_is_loaded_and_nothing_runs(passed):
    found = page(passed)
    assert [one["type"] for one in found.find_all("script")] == ["application/json"]
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", passed[0].html)
    assert "default-src 'none'" in found.find("meta", {"http-equiv": True})["content"]


def test_the_page_can_be_read_without_seeing_it(passed):
    found = page(passed)
    assert found.html["lang"] == "en"
    levels = [int(one.name[1]) for one in found.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [one["alt"] for one in found.find_all("img")] == ["Contacts"]
    ids = [one["id"] for one in found.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = [one["href"][1:] for one in found.nav.find_all("a")]
    assert links[-1] == "provenance"
    assert set(links) <= set(ids)
    assert all(one.get("scope") for one in found.find_all("th"))
    assert all(not one.has_attr("open") for one in found.find_all("details"))


def test_the_foot_says_where_it_comes_from(passed, club):
    foot = page(passed).footer.get_text(" ")
    for word in (club.bundle.digest, "2024-06-15", "Peepl.contacts", "complete", f"crmkit {crmkit.share.open(club.place).versions['crmkit']}"):
        assert word in foot
    assert "least, word (values are not in the report)" in foot


@pytest.fixture
def no_kernel(monkeypatch):
    def started(*_, **__):
        raise AssertionError("a kernel was started")

    monkeypatch.setattr("crmkit.gate.executing.execute", started)


@pytest.mark.usefixtures("no_kernel")
def test_verify_refuses_another_bundle_and_another_notebook(passed, club, tmp_path):
    other = tmp_path / "other.crmkit.zip"
    crmkit.share.bundle({"contacts": club.contacts.head(20)}, other, key=KEY)
    with pytest.raises(gate.Rejected, match="not the one that the numbers are of"):
        gate.verify(passed[1] / "report.html", other)
    notebook = clean()
    nbformat.write(notebook, tmp_path / "report.ipynb")
    with pytest.raises(gate.Rejected, match="the notebook is not the one"):
        gate.verify(tmp_path / "report.ipynb", club.place, numbers=passed[1] / "numbers.json")


def test_verify_finds_edited_numbers(passed, club, monkeypatch, tmp_path):
    """The run is not repeated here: what it gives is known."""
    monkeypatch.setattr("crmkit.gate.passing._passed", lambda *_: passed[0])
    count, text = passed[0].numbers["stated"]["contacts"]["value"], passed[0].html
    for old, new in ((f"contacts: {count}<", f"contacts: {count + 1}<"), (f'"value": {count}', f'"value": {count + 1}')):
        assert text.count(old) == 1
        (tmp_path / "edited.html").write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(gate.Rejected) as caught:
            gate.verify(tmp_path / "edited.html", club.place)
        assert {one.reason for one in caught.value.faults} == {"numbers"}
    edited = {**passed[0].numbers, "stated": {"contacts": {"value": 1}}}
    (tmp_path / "numbers.json").write_text(json.dumps(edited), encoding="utf-8")
    with pytest.raises(gate.Rejected, match="contacts: numbers"):
        gate.verify(passed[1] / "report.ipynb", club.place, numbers=tmp_path / "numbers.json")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "none.ipynb", "--bundle", "none.zip", "-o", "x.html"], "no notebook none.ipynb"),
        (["verify", "none.html", "--bundle", "none.zip"], "no bundle none.zip"),
        (["run", "none.ipynb", "--bundle", "none.zip", "-o", "x.html", "-p", "least"], "-p takes name=value"),
        (["run", "none.ipynb", "--bundle", "none.zip", "-o", "x.html", "--date", "soon"], "--date takes a day"),
        (["run", "none.ipynb", "--bundl", "none.zip", "-o", "x.html", "--bundle", "b", "--dat", "1"], "--dat"),
    ],
)
def test_a_wrong_line_is_a_sentence(words, sentence, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["report", *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.usefixtures("no_kernel")
def test_a_rejected_report_is_status_1_and_names_its_reason(club, write, capsys, tmp_path):
    notebook = clean()
    notebook.cells.append(new_code_cell("!true"))
    path = str(write(notebook))
    assert main(["report", "run", path, "--bundle", str(club.place), "-o", str(tmp_path / "x.html")]) == 1
    assert "cell 8: magic" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


@pytest.mark.usefixtures("no_kernel")
def test_an_unknown_parameter_is_named(club, write):
    with pytest.raises(crmkit.errors.ConfigError, match="no parameter leest"):
        gate.run(write(clean()), club.place, parameters={"leest": 3})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], None])
def test_a_number_is_one_finite_value(value):
    with pytest.raises(crmkit.errors.ParameterError):
        gate.number("odd", value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("12 of 1,097 (34%)", ["12", "1,097", "34%"]), ("-0.5 and 1e-3", ["-0.5", "1e-3"]), ("Q4 v2 x1", []), ("2024-06-15", ["2024", "06", "15"])],
)
def test_printed_numbers(text, numbers):
    assert PRINTED.findall(text) == numbers


def test_remarks_on_what_is_not_certain_do_not_run_into_each_other():
    remarks = ("2 of 3 declared records came", "page 2 brought nothing new")
    proof = Receipt("Peepl", "contacts", complete=False, records=2, problems=remarks)
    assert "2 of 3 declared records came; page 2 brought nothing new" in written(clean(), {}, {"contacts": proof}, {}, "report")
    partial = PartialFrame({"id": [1, 2]})
    partial.attrs["crmkit"] = proof.to_dict()
    shown = "INCOMPLETE: records are missing or suspected to be missing; 2 of 3 declared records came; page 2 brought nothing new."
    assert repr(partial).startswith(f"{shown}\n")
    assert shown in partial._repr_html_()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<h1>How many people", "<h1>How many of 99 people"),
        ('<p class="lead">Counted on', '<p class="lead">Counted 99 times on'),
        ('<td style="text-align:left">30</td>', '<td style="text-align:left">31</td>'),
    ],
)
def test_verify_reads_the_head_and_the_foot_too(old, new, passed, club, monkeypatch, tmp_path):
    """A number edited in the title, the lead or the table of receipts was no difference."""
    text = passed[0].html
    assert old in text
    monkeypatch.setattr("crmkit.gate.passing._passed", lambda *_: passed[0])
    (tmp_path / "edited.html").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(gate.Rejected, match="other numbers than its notebook gives"):
        gate.verify(tmp_path / "edited.html", club.place)


def test_a_renamed_report_is_the_same(club, tmp_path, write):
    """Where the notebook has no heading, its file's name is the title."""
    notebook = clean()
    notebook.cells[0].source = "Counted on a bundle."
    gate.run(write(notebook), club.place, tmp_path / "report.html")
    renamed = (tmp_path / "report.html").rename(tmp_path / "report-2.html")
    assert gate.verify(renamed, club.place)["stated"]["contacts"]["value"] == len(club.contacts)
