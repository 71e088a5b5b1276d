"""The README's tables are generated from the rows; its code is run on the demo; its commands and links are checked.

To renew the tables after a row changed: python tests/test_readme.py
To renew the picture too: python tests/test_readme.py pictures
"""

import ast
import re
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from packaging.requirements import Requirement

import crmkit
from crmkit.cli import main
from crmkit.report import chapters
from crmkit.report.pull import from_demo

README = Path(__file__).parent.parent / "README.md"
OPERATIONS = Path(__file__).parent / "operations"
PICTURES = README.parent / ".readme" / "pictures.png"
TOLD = re.compile(r"# → (.*)$")
CLIENTS = ("Peepl", "Beeple", "SheepCRM", "MissionHub", "OnePageCRM")
PROJECT = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LICENCES = ("Apache", "BSD", "MIT", "MPL")
EXTRAS = {
    "notebooks": "panels, pictures, JupyterLab, `crmkit demo`; reports, with files",
    "clean": "`crmkit.clean`",
    "files": "Parquet and Excel, snapshots and bundles",
    "fleet": "`crmkit.fleet` on a Dask cluster",
    "test": "everything, and what tests and checks need",
    "dev": "the same as test",
}
USES = {
    "requests": "HTTP",
    "urllib3": "connections",
    "requests-cache": "the cache",
    "pandas": "the frames",
    "pyrate-limiter": "the vendors' limits",
    "filelock": "one budget for all processes",
    "tqdm": "progress",
    "platformdirs": "where the cache is",
    "msgspec": "JSON",
    "werkzeug": "the demo's server",
}


def fetcher_table(kind):
    """One system's fetchers as a Markdown table."""
    slots = {"bucket": ""} if kind is getattr(crmkit, "SheepCRM", None) else {}
    lines = ["| fetcher | gives | operation |", "| --- | --- | --- |"]
    for name, row in kind.rows().items():
        words = [param.name for param in row.own_slots(slots)] + [f"{param.name}=" for param in row.params]
        shown = ", ".join(words[:6]) + (", …" if len(words) > 6 else "")
        mark = " *(experimental)*" if row.experimental else ""
        lines.append(f"| `{name}({shown})` | {row.doc}{mark} | {row.method} `{row.path}` |")
    return "\n".join(lines)


def credential_table(kinds):
    """Keyword arguments and environment variables of every client."""
    lines = ["| system | keyword argument | environment variable | what it is |", "| --- | --- | --- | --- |"]
    for kind in kinds:
        prefix = kind.crm.upper()
        for one in kind.credentials:
            need = "" if one.required else " (optional)"
            lines.append(f"| {kind.crm} | `{one.name}`{need} | `{prefix}_{one.name.upper()}` | {one.meaning} |")
        base = kind.default_base_url or "none: every customer has its own"
        lines.append(f"| {kind.crm} | `base_url` | `{prefix}_BASE_URL` | default: {base} |")
    return "\n".join(lines)


def left_out_table():
    """The documented reads that are no fetchers, with the reason; from the lists written by hand."""
    lines = ["| system | operation | why it is left out |", "| --- | --- | --- |"]
    for kind in (getattr(crmkit, name) for name in CLIENTS):
        text = (OPERATIONS / f"{kind.crm.lower()}.txt").read_text(encoding="utf-8")
        for line in text.partition("# left out\n")[2].splitlines():
            method, path, reason = line.split("\t")
            lines.append(f"| {kind.crm} | {method} `{path}` | {reason} |")
        for operation, reason in getattr(kind, "left_out", {}).items():
            method, path = operation.split()
            lines.append(f"| {kind.crm} | {method} `{path}` | {reason} |")
    return "\n".join(lines)


def packages(requirements):
    """Names without versions; crmkit's own extras in the form of code."""
    found = [Requirement(one) for one in requirements]
    own = [f"`{extra}`" for one in found if one.name == "crmkit" for extra in sorted(one.extras)]
    return own + [one.name for one in found if one.name != "crmkit"]


def extras_table():
    """What each extra is for, and the packages it asks for."""
    lines = ["| extra | for | packages |", "| --- | --- | --- |"]
    for extra, wanted in PROJECT["optional-dependencies"].items():
        lines.append(f"| `{extra}` | {EXTRAS[extra]} | {', '.join(packages(wanted))} |")
    return "\n".join(lines)


def licence(package):
    """The family of a package's licence: a notation that changes from version to version changes nothing here."""
    told = metadata(package)
    classifiers = [one for one in told.get_all("Classifier", []) if one.startswith("License")]
    text = told.get("License-Expression") or " ".join(classifiers) or told.get("License", "").partition("\n")[0]
    found = [family for family in LICENCES if family in text]
    assert found, f"{package}: {text}"
    return " and ".join(found)


def dependencies_table():
    """The packages that crmkit itself asks for, without any extra."""
    direct = packages(PROJECT["dependencies"])
    lines = [f"{len(direct)} packages are needed at run time, besides those that they need themselves:", ""]
    lines += ["| package | for | licence |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| {name} | {USES[name]} | {licence(name)} |" for name in direct])


def sections():
    """Name of each generated part -> its text."""
    kinds = [getattr(crmkit, name) for name in CLIENTS]
    return {
        "credentials": credential_table(kinds),
        "left out": left_out_table(),
        "extras": extras_table(),
        "dependencies": dependencies_table(),
        **{f"fetchers {kind.crm}": fetcher_table(kind) for kind in kinds},
    }


def renewed(text):
    for name, table in sections().items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.S)
        assert pattern.search(text), f"README.md lacks the part {name}"
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text, count=1)
    return text


def test_the_tables_of_the_readme_are_those_of_the_rows():
    text = README.read_text(encoding="utf-8")
    assert renewed(text) == text, "run: python tests/test_readme.py"


def test_the_two_commands_are_there():
    text = README.read_text(encoding="utf-8")
    assert 'pip install -e ".[notebooks]" && crmkit demo' in text
    assert 'pip install -e ".[test]" && pytest' in text


def test_files_that_the_readme_names_exist():
    text = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", text):
        assert (README.parent / target).exists(), target


def test_links_within_the_readme_lead_somewhere():
    text = README.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^##+ (.+)$", text, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_every_notebook_and_every_promise_is_named():
    text = README.read_text(encoding="utf-8")
    files = [*README.parent.glob("notebooks/*.ipynb"), *Path(__file__).parent.glob("promise/test_*.py")]
    assert len(files) > 9
    assert [file.name for file in files if file.stem not in text] == []
    for command in re.findall(r"`(?:pytest|python) (?:--full )?(tests/\S+\.py)`", text):
        assert (README.parent / command).exists(), command


def test_the_number_of_surfaces_is_that_of_the_test():
    from tests.guard.surfaces import SURFACES

    assert f"| {len(SURFACES)} surfaces × five systems" in README.read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.S | re.M)


@pytest.fixture
def account(monkeypatch, demo):
    """The environment of somebody whose five accounts are those of the demo."""
    for crm, keywords in demo.credentials.items():
        for name, value in {"base_url": demo.urls[crm], **keywords}.items():
            monkeypatch.setenv(f"{crm.upper()}_{name.upper()}", value)


@pytest.fixture
def demo(monkeypatch):
    """A shared demo of this test's own: the README writes to it."""
    monkeypatch.setattr("crmkit.demo._shared", [])
    with crmkit.demo.shared() as running:
        yield running


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder that the README's reader works in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_report():
    """The notebook and the bundle of the chapter on sharing, as its reader makes them."""
    [bundling] = [block for block in blocks("python") if "share.bundle(" in block]
    exec(bundling, {"crmkit": crmkit})
    [parameters] = [block for block in blocks("python") if block == 'bundle = ""\n']
    [rest] = [block for block in blocks("python") if "gate.number(" in block]
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(rest)]
    nbformat.write(new_notebook(cells=cells), "report.ipynb")


@pytest.mark.usefixtures("demo", "account", "place")
def test_the_python_of_the_readme_runs_and_gives_what_it_says(capsys, monkeypatch):
    names = {}
    told = 0
    for block in blocks("python"):
        if "gate.number(" in block:
            monkeypatch.delenv("PEEPL_TOKEN")  # a report on an account keeps to its limit: minutes; tests/gate runs one
        lines = block.splitlines()
        for statement in ast.parse(block).body:
            promised = TOLD.search(lines[statement.end_lineno - 1])
            code = ast.unparse(statement)
            if promised:
                assert str(eval(code, names)) == promised[1], code
                told += 1
            else:
                exec(code, names)
    assert told > 12
    out = capsys.readouterr().out
    assert "Peepl: the key works" in out
    assert "nothing to ask" not in out  # a plan of what is in the cache already shows no reader what a plan is


def test_what_depends_on_the_day_is_asked_for_the_demo_s_day():
    calls = [call for block in blocks("python") for call in re.findall(r"(?:attendance|pipelines)\.(?:load|explore)\(.*", block)]
    assert len(calls) > 2
    assert [call for call in calls if not re.search(r"(?:today|now)=today\b", call)] == []
    assert f'\ntoday = "{crmkit.demo.Demo.today}"' in README.read_text(encoding="utf-8")


@pytest.mark.usefixtures("account")
def test_the_shell_commands_of_the_readme_run(place, capsys):
    write_report()
    lines = [line.split() for block in blocks("sh") for line in block.splitlines() if line.startswith("crmkit ")]
    assert len(lines) > 3
    for line in lines:
        assert main(line[1:]) == 0, (line, capsys.readouterr().err)
    assert {file.name for file in place.iterdir()} > {"contacts.csv", "signups.json", "report.html", "numbers.json"}


def draw():
    """The picture of the README: those of the report, side by side."""
    from matplotlib.figure import Figure

    told = chapters(from_demo(crmkit.demo.shared()))
    figure = Figure(figsize=(14, 9), layout="constrained")
    for ax, chapter in zip(figure.subplots(2, 2).flat, told, strict=True):
        chapter.picture.draw(ax)
    PICTURES.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURES, dpi=80, metadata={"Software": None})


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    if sys.argv[1:] == ["pictures"]:
        draw()
    sys.stdout.write("README.md renewed\n")
