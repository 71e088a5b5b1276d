"""What comes out shows CRM text as text: nothing runs, and nothing asks a server."""

import io
import re
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import display, exports
from crmkit.receipts import Receipt, attach

EVIL = [
    '<script>fetch("//evil.example.org")</script>', '<img src="https://evil.example.org/x.png" onerror=alert(1)>', '"><svg onload=alert(1)>',
    "</textarea><iframe src=//evil.example.org>", "<style>@import 'https://evil.example.org/a.css'</style>", "' onmouseover='alert(1)", "&lt;b&gt;", "$\\frac{1}{$", "{{7*7}}", "</td></tr></table><h1>",
]  # fmt: skip
FETCHING = {"src", "srcset", "href", "xlink:href", "data", "poster", "action", "formaction", "background", "style", "ping", "manifest", "cite", "codebase", "longdesc"}
OUTSIDE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)|@import|url\(\s*['\"]?(?!#|data:)", re.IGNORECASE)


class Look(HTMLParser):
    """Everything in a page that would run or be fetched."""

    def __init__(self):
        super().__init__()
        self.found, self.style = [], False

    def handle_starttag(self, tag, attrs):
        self.style = tag == "style"
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "meta") and ("charset", "utf-8") not in attrs and not harmless_meta(tag, dict(attrs)):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in FETCHING and tag != "a" and OUTSIDE.search(value or "")):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag):
        self.style = False

    def handle_data(self, data):
        if self.style and OUTSIDE.search(data):
            self.found.append(f"style {data[:80]}")


def harmless_meta(tag, attrs):
    return tag == "meta" and (attrs.get("name") in ("viewport", "description") or attrs.get("http-equiv") == "Content-Security-Policy")


def fetched(page):
    look = Look()
    look.feed(page)
    return look.found


@pytest.mark.parametrize("evil", [one for one in EVIL if "<" in one and "&" not in one])
def test_the_look_itself_finds_what_is_not_escaped(evil):
    assert fetched(f"<p>{evil}</p>") or "</t" in evil


@pytest.fixture
def evil_frame():
    frame = pd.DataFrame({"id": range(len(EVIL)), EVIL[0]: pd.Series(EVIL, dtype="string"), "list": [[{"a": one}] for one in EVIL]})
    return attach(frame, evil_proof())


def evil_proof(**more):
    return Receipt(EVIL[0], EVIL[1], {EVIL[2]: EVIL[0]}, EVIL[3], drift=(EVIL[4],), unknown_fields=tuple(EVIL), rejected_values={EVIL[5]: 1}, problems=tuple(EVIL), **more)


def test_reprs_escape(evil_frame):
    partial = attach(evil_frame.copy(), evil_proof(complete=False))
    pages = [
        evil_frame._repr_html_(), partial._repr_html_(), evil_proof()._repr_html_(), display.table(EVIL[0], EVIL, [EVIL]),
    ]  # fmt: skip
    assert type(partial).__name__ == "PartialFrame"
    for page in pages:
        assert fetched(page) == []
        assert "<script" not in page
        assert "<img" not in page


def test_clients_plans_and_checks_escape(server, connect):
    server.answer("/groups/", [{"id": 1, "name": EVIL[0]}])
    client = connect()
    for page in (client._repr_html_(), client.contacts.plan()._repr_html_(), client.check()._repr_html_(), client.groups()._repr_html_()):
        assert fetched(page) == []
        assert "<script" not in page


def test_the_panel_of_a_client_escapes(server, connect):
    for record in server.records:
        record["first_name"], record[EVIL[1]] = EVIL[0], EVIL[2]
    panel = connect().explore()
    panel.preview()
    pages = [panel._repr_mimebundle_()["text/html"], panel._table.value, panel._about.value]
    panel.close()
    assert EVIL[0] not in "".join(pages)
    assert "&lt;script&gt;" in panel._table.value
    assert [found for page in pages for found in fetched(page)] == []


def test_a_topics_panel_escapes_what_people_wrote(server):
    from crmkit import segments
    from crmkit.demo import start

    with start(people=40) as demo:
        data = segments.load(demo.sheepcrm(progress=False))
    for frame in data.values():
        for name in frame:
            if isinstance(frame[name].dtype, pd.StringDtype) and not name.endswith("_id") and len(frame) and name in ("name", "segment", "description"):
                frame[name] = [f"{EVIL[number % len(EVIL)]} {number}" for number in range(len(frame))]
    panel = segments.explore(data)
    try:
        for question in panel.controls["view"].options:
            panel.controls["view"].value = question
            page = panel.static()
            assert fetched(page) == []
            assert "<script>" not in page
    finally:
        panel.close()


def test_the_report_asks_no_server(tmp_path):
    from crmkit.report import run

    run.report(1, 60, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(page) > 10_000
    assert fetched(page) == []
    assert [one for one in re.findall(r"url\(([^)]*)\)", page) if not one.strip("'\"").startswith(("#", "data:"))] == []


# Formulas.

RUNS = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫]")
STARTS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", "\r=", "\n=", " =", "\u00a0=", "\ufeff=", "\u200b=", "\x00=", "\u3000＝", "\t", "\r"]
TAILS = ["1+1", "HYPERLINK(\"https://evil.example.org\")", "cmd|' /C calc'!A0", "SUM(A1:A9)", ""]


def as_csv(text, **options):
    frame = pd.DataFrame({"n": pd.Series([1], dtype="Int64"), "a": pd.Series([text], dtype="string")})
    handle = io.BytesIO()
    exports.WRITERS[".csv"](frame, handle, options.get("raw", False))
    return handle.getvalue().decode()


def pieces(content):
    """The cells that a spreadsheet may make of a CSV file, wherever it splits."""
    for line in re.split(r"[\r\n]+", content):
        yield from (cell.strip('"') for cell in line.split(";"))
    for row in pd.read_csv(io.StringIO(content), dtype="string", keep_default_na=False, header=None).itertuples(index=False):
        yield from row


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", "x;", "x; ", "x\n", "x\r\n", 'x";"', "x;\ufeff"])
def test_no_piece_of_a_csv_runs(start, before):
    for tail in TAILS:
        text = before + start + tail
        content = as_csv(text)
        found = list(pieces(content))
        assert not any(RUNS.match(one) for one in found), (text, found)
        assert content.count("'") > text.count("'") or not RUNS.match(start)


@given(st.text(alphabet="=+-@;\r\n\t \"',a1＝\ufeff", max_size=12))
@example('";=1')
@settings(max_examples=150)
def test_no_text_runs(text):
    assert not any(RUNS.match(one) for one in pieces(as_csv(text)))


@pytest.mark.parametrize("text", ["Jan", "a=b", "1-2", "x;y", "a; b\nc", "2024-01-01", "jan@example.org", "3 + 4", "a;b=c"])
def test_harmless_texts_stay_as_they_are(text):
    assert pd.read_csv(io.StringIO(as_csv(text)), dtype="string")["a"][0] == text


def test_asked_not_to_nothing_is_changed():
    assert pd.read_csv(io.StringIO(as_csv("x;=1", raw=True)))["a"][0] == "x;=1"


@pytest.mark.parametrize("text", [start + "1" for start in STARTS] + ["#REF!", "#N/A", "#NAME?"])
def test_excel_holds_texts_as_texts(text, tmp_path):
    frame = pd.DataFrame({"a": pd.Series([text], dtype="string"), "n": pd.Series([-5], dtype="Int64"), "x": [-0.5]})
    exports.write(frame, tmp_path / "f.xlsx")
    cell, number, share = openpyxl.load_workbook(tmp_path / "f.xlsx")["data"][2]
    assert cell.data_type == "s"
    assert bool(cell.quotePrefix) is bool(RUNS.match(cell.value) or text[0] in "\t\r\n")
    assert (number.value, share.value, number.data_type) == (-5, -0.5, "n")


def test_a_workbook_says_nothing_about_its_writer(tmp_path):
    exports.write(pd.DataFrame({"a": [1]}), tmp_path / "f.xlsx")
    about = openpyxl.load_workbook(tmp_path / "f.xlsx").properties
    assert about.creator == "openpyxl"
    assert about.lastModifiedBy is None
    assert crmkit.exports is exports
