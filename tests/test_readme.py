"""The README's tables are generated from the rows; its code is run on the demo; its commands and links are checked.

To renew the tables after a row changed: python tests/test_readme.py
To renew the picture too: python tests/test_readme.py pictures
"""

import ast
import re
import sys
from pathlib import Path

import pytest

import crmkit
from crmkit.cli import main
from crmkit.report import chapters
from crmkit.report.pull import from_demo

README = Path(__file__).parent.parent / "README.md"
OPERATIONS = Path(__file__).parent / "operations"
PICTURES = README.parent / ".readme" / "pictures.png"
TOLD = re.compile(r"# → (.*)$")
CLIENTS = ("Peepl", "Beeple", "SheepCRM", "MissionHub", "OnePageCRM")


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


def sections():
    """Name of each generated part -> its text."""
    kinds = [getattr(crmkit, name) for name in CLIENTS]
    return {
        "credentials": credential_table(kinds),
        "left out": left_out_table(),
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


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.S | re.M)


@pytest.fixture
def account(monkeypatch):
    """The environment of somebody whose five accounts are those of the demo."""
    demo = crmkit.demo.shared()
    for crm, keywords in demo.credentials.items():
        for name, value in {"base_url": demo.urls[crm], **keywords}.items():
            monkeypatch.setenv(f"{crm.upper()}_{name.upper()}", value)


@pytest.mark.usefixtures("account")
def test_the_python_of_the_readme_runs_and_gives_what_it_says(capsys):
    names = {}
    told = 0
    for block in blocks("python"):
        lines = block.splitlines()
        for statement in ast.parse(block).body:
            promised = TOLD.search(lines[statement.end_lineno - 1])
            code = ast.unparse(statement)
            if promised:
                assert str(eval(code, names)) == promised[1], code
                told += 1
            else:
                exec(code, names)
    assert told > 4
    assert "Peepl: the key works" in capsys.readouterr().out


@pytest.mark.usefixtures("account")
def test_the_shell_commands_of_the_readme_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [line.split() for block in blocks("sh") for line in block.splitlines() if line.startswith("crmkit ")]
    assert len(lines) > 3
    for line in lines:
        assert main(line[1:]) == 0, (line, capsys.readouterr().err)
    assert {file.name for file in tmp_path.iterdir()} > {"contacts.csv", "signups.json"}


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
