import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import crmkit
from crmkit import cli
from crmkit.errors import IncompleteFetch
from crmkit.receipts import Receipt, attach
from tests.cli.conftest import Run

PACKAGE = Path(crmkit.__file__).parent
HELP_ALONE = """
import sys, types
package = types.ModuleType("crmkit")
package.__path__ = [sys.argv[1]]
sys.modules["crmkit"] = package
from crmkit.cli import main
try:
    main(["--help"])
except SystemExit as left:
    assert left.code == 0
heavy = {"pandas", "numpy", "requests", "requests_cache", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""


def crmkit_process(*words: str, **more: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-m", "crmkit", *words], env=environment, text=True, **streams, **more)


def test_help_needs_nothing_heavy() -> None:
    ran = subprocess.run([sys.executable, "-c", HELP_ALONE, str(PACKAGE)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    for word in ("demo", "fetch", "plan", "list", "cache"):
        assert f"\n    {word} " in ran.stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["demo"],
        ["fetch"],
        ["plan"],
        ["list"],
        ["cache"],
        *(["cache", one] for one in ("info", "clear", "about", "forget", "path")),
    ],
)
def test_help_is_no_error_and_fits_a_terminal(run: Run, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = run(*words, "--help")
    assert ran.status == 0
    assert max(len(line) for line in ran.out.splitlines()) <= 80


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "one of the commands"),
        (["fetsh"], "Did you mean fetch?"),
        (["list", "peepl", "more"], "takes no 'more'"),
        (["demo", "--pepl", "3"], "Did you mean --people?"),
        (["cache", "forgt", "x"], "forget"),
        (["fetch", "peepl", "contacts"], "are required: -o"),
        (["fetch", "peepl"], "are required: ENDPOINT, -o"),
        (["fetch", "peepl", "contacts", "--demo", "-o", "x.csv", "--limit", "0"], "from 1 on"),
        (["fetch", "peepl", "contacts", "--demo", "-o", "x.csv", "--limt", "3"], "Did you mean --limit?"),
        (["fetch", "pepl", "contacts", "-o", "x.csv"], "Did you mean peepl?"),
        (["fetch", "peepl", "contatcs", "-o", "x.csv"], "Did you mean contacts?"),
        (["fetch", "peepl", "contacts", "--demo", "citty=x", "-o", "x.csv"], "no parameter 'citty'"),
        (["fetch", "peepl", "contact", "--demo", "-o", "x.csv"], "needs contact_id"),
        (["fetch", "peepl", "contacts", "limit=3", "--demo", "-o", "x.csv"], "--limit"),
        (["fetch", "peepl", "contacts", "--demo", "--sensitive", "-o", "x.csv"], "no parameter 'sensitive'"),
        (["demo", "--people", "50001"], "50000"),
        (["demo", "--port-file", "x"], "--serve"),
        (["demo", "-o", "report.txt"], "end the name with .html"),
        (["demo", "-o", "nowhere/r.html"], "no folder nowhere"),
        (["demo", "-o", "folder.html"], "cannot be written"),
        (["fetch", "peepl", "contacts", "-o", "x.csv"], "PEEPL_TOKEN is not set. Next: set it in this shell"),
        (["fetch", "beeple", "projects", "-o", "x.csv"], "--demo"),
        (["fetch", "peepl", "contacts", "-o", "x.doc"], ".csv, .parquet, .xlsx, .json"),
        (["fetch", "peepl", "contacts", "-o", "x"], "format"),
        (["fetch", "peepl", "contacts", "-o", "nowhere/x.csv"], "no folder nowhere"),
        (["cache", "clear", "pepl"], "Did you mean peepl?"),
        (["list", "pepl"], "Did you mean peepl?"),
    ],
)
def test_a_wrong_line_is_status_2_and_says_why(run: Run, words: list[str], sentence: str) -> None:
    Path("folder.html").mkdir()
    ran = run(*words)
    assert ran.status == 2
    assert sentence in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not Path("x.csv").exists()


def test_a_refused_token_stays_secret(run: Run, as_account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEEPL_TOKEN", "wrong-but-secret-4711")
    ran = run("fetch", "peepl", "contacts", "-o", "x.csv")
    assert ran.status == 1
    assert "401" in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert "4711" not in ran.out + ran.err


def test_an_unknown_record_is_status_1(run: Run, as_account: str) -> None:
    ran = run("fetch", "peepl", "contact", "999999", "-o", "x.csv")
    assert ran.status == 1
    assert "404" in ran.err
    assert not Path("x.csv").exists()


@pytest.mark.parametrize("name", ["c.csv", "c.parquet", "c.xlsx", "c.json", "C.CSV"])
def test_fetch_writes_each_format_and_prints_the_receipt(run: Run, as_account: str, name: str) -> None:
    ran = run("fetch", "peepl", "contacts", "--limit", "12", "-o", name)
    assert ran.status == 0, ran.err
    assert ran.out == ""
    assert "Receipt: Peepl.contacts, a sample of 12" in ran.err
    assert f"Wrote 12 records to {name}." in ran.err
    assert as_account not in ran.err
    readers: dict[str, Any] = {
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
        ".xlsx": pd.read_excel,
        ".json": pd.read_json,
    }
    back = readers[Path(name).suffix.lower()](name)
    contacts = crmkit.Peepl.from_env().contacts(limit=12)
    assert back["id"].tolist() == contacts["id"].tolist()
    assert list(back.columns) == list(contacts.columns)
    assert as_account.encode() not in Path(name).read_bytes()


def test_arguments_may_stand_on_both_sides_of_options(run: Run, as_account: str) -> None:
    ran = run("fetch", "peepl", "attendance", "7401", "-o", "a.json", "status=A", "status=N")
    assert ran.status == 0, ran.err
    assert {one["status"] for one in json.loads(Path("a.json").read_text())} <= {"A", "N"}
    assert "status=['A', 'N']" in ran.err


def test_an_existing_file_is_kept_unless_forced(run: Run, as_account: str) -> None:
    Path("c.csv").write_text("mine")
    refused = run("fetch", "peepl", "contacts", "--limit", "1", "-o", "c.csv")
    assert refused.status == 2
    assert "--force" in refused.err
    assert Path("c.csv").read_text() == "mine"
    assert run("fetch", "peepl", "contacts", "--limit", "1", "-o", "c.csv", "--force").status == 0
    assert Path("c.csv").read_text() != "mine"


@pytest.mark.parametrize("name", ["c.doc", "c", "nowhere/c.csv", "locked/c.csv"])
def test_what_cannot_be_written_is_said_before_anything_is_asked(
    run: Run, as_account: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("locked").mkdir()
    may = os.access
    monkeypatch.setattr("crmkit.exports.os.access", lambda path, mode: "locked" not in str(path) and may(path, mode))
    monkeypatch.setattr(cli, "_call", lambda options: pytest.fail("asked"))
    ran = run("fetch", "peepl", "contacts", "-o", name)
    assert ran.status == 2
    assert ran.err.startswith("crmkit: ")


def test_an_incomplete_table_is_not_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    error = IncompleteFetch("the list is not complete: 3 of 9.", crm="Peepl", endpoint="contacts")
    error.receipt = Receipt("Peepl", "contacts", complete=False, records=3, declared_total=9)
    frame = attach(pd.DataFrame({"id": [1, 2, 3]}), error.receipt)

    def contacts(*, allow_partial: bool = False) -> pd.DataFrame:
        if allow_partial:
            return frame
        raise error

    monkeypatch.setattr(cli, "_demo_client", lambda crm: SimpleNamespace(slots={}, contacts=contacts))
    ran = run("fetch", "peepl", "contacts", "--demo", "-o", "x.csv")
    assert ran.status == 1
    assert "INCOMPLETE" in ran.err
    assert "--allow-partial" in ran.err
    assert not Path("x.csv").exists()
    assert run("fetch", "peepl", "contacts", "--demo", "-o", "x.csv", "--allow-partial").status == 0
    assert pd.read_csv("x.csv")["id"].tolist() == [1, 2, 3]


def test_ctrl_c_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_list", interrupted)
    ran = run("list")
    assert ran.status == 130
    assert ran.err.startswith("crmkit: stopped.")


def test_plan_says_what_a_fetch_costs(run: Run, as_account: str) -> None:
    ran = run("plan", "peepl", "contacts")
    assert ran.status == 0
    total = crmkit.receipt(crmkit.Peepl.from_env().contacts(limit=1)).declared_total
    assert f"Peepl.contacts: {total} records, " in ran.out
    assert "not known before" in run("plan", "peepl", "organisations", "--no-probe").out


def test_list_names_systems_variables_and_endpoints(run: Run) -> None:
    assert "PEEPL_TOKEN, PEEPL_BASE_URL (optional)" in run("list").out
    lines = run("list", "peepl").out.splitlines()
    assert len(lines) == 2 + len(crmkit.Peepl.rows())
    assert any(line.split()[:4] == ["group_members", "GROUP_ID", "OT", "on="] for line in lines)


def test_the_cache_can_be_seen_searched_and_emptied(run: Run, as_account: str, tmp_path: Path) -> None:
    assert run("cache", "path").out.strip() == str(tmp_path / "cache")
    run("fetch", "peepl", "contacts", "--limit", "10", "-o", "c.json")
    name = json.loads(Path("c.json").read_text())[0]["uname"]
    assert "contacts" in run("cache", "info").out
    assert "contacts" in run("cache", "about", name).out
    assert "No page holds this text." in run("cache", "about", "nobody-is-called-this").out
    assert run("cache", "forget", name).out.startswith("Erased ")
    assert "No page holds this text." in run("cache", "about", name).out
    assert run("cache", "clear", "peepl").out.startswith("Deleted ")
    assert "The cache is empty." in run("cache", "info").out
    assert run("cache", "about", " ").status == 2


def test_a_reader_that_leaves_early_is_no_traceback() -> None:
    with crmkit_process("list", "peepl") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_serve_prints_lines_that_work_in_another_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ports.json"
    with crmkit_process("demo", "--serve", "--people", "20", "--port-file", str(file)) as process:
        try:
            assert process.stdout is not None
            lines = []
            while not (lines and lines[-1].startswith("Without pace=None")):
                lines.append(process.stdout.readline())
            pasted = "".join(line for line in lines if line.startswith("export "))
            shell = subprocess.run(
                ["sh", "-c", f"{pasted}env"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
            )
            for name, _, value in (line.partition("=") for line in shell.stdout.splitlines()):
                monkeypatch.setenv(name, value)
            for kind in ("Peepl", "Beeple", "SheepCRM", "MissionHub", "OnePageCRM"):
                assert getattr(crmkit, kind).from_env(pace=None, cache_dir=tmp_path / "cache").check()
            reach = json.loads(file.read_text())["peepl"]
            assert f"export PEEPL_TOKEN={reach['token']}\n" in pasted
            assert f"export PEEPL_BASE_URL={reach['base_url']}\n" in pasted
        finally:
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "stopped" in out
    assert not file.exists()
