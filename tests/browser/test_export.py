"""The notebooks as web pages, with scripts off: the panels' still faces show the numbers that their code gives.

The browser part needs Debian's chromium and chromium-driver, and is skipped where they are not installed.
"""

import html
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from crmkit.topics import faces

ROOT = Path(__file__).parents[2]
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
in_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver")
PANEL = "pre[style*='overflow-x']"
HEADS = re.compile("<th style[^>]*>(.*?)</th>")


def panels(notebook):
    """The saved HTML of the notebook's panels."""
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    pages = ["".join(one.get("data", {}).get("text/html", "")) for one in outputs]
    return [page for page in pages if "import crmkit" in page]


NOTEBOOKS = [
    path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if ".explore(" in path.read_text() and panels(nbformat.read(path, as_version=4))
]


def test_the_notebooks_that_explore_hold_a_panel():
    assert len(NOTEBOOKS) >= 6


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A browser that runs no scripts."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tmp_path_factory.mktemp("reader")
    for word in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-dev-shm-usage",
        f"user-data-dir={folder}",
        "window-size=1200,1600",
    ):
        options.add_argument(f"--{word}")
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def opened(reader, page, folder):
    """The text of a page as a reader without scripts sees it."""
    place = folder / "page.html"
    place.write_text(page)
    reader.get(place.as_uri())
    return reader.find_element("tag name", "body").text


@in_browser
def test_the_reader_runs_no_scripts(reader, tmp_path):
    page = "<body><p>still</p><script>document.body.textContent = 'moved'</script></body>"
    assert opened(reader, page, tmp_path) == "still"


@in_browser
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_page_without_scripts_shows_what_its_code_gives(reader, path, tmp_path):
    from nbconvert import HTMLExporter

    notebook = nbformat.read(path, as_version=4)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    seen = opened(reader, page, tmp_path)
    codes = [one.text for one in reader.find_elements("css selector", PANEL)]
    assert len(codes) == len(panels(notebook)) == 1
    if "Nothing is asked yet" in seen:
        return
    space = {}
    exec(codes[0], space)
    frame = space["frame"]
    lines, shown = re.search(r"\((?:the first \d+ of )?([\d,]+) lines?", seen), seen
    assert int(lines[1].replace(",", "")) == len(frame) > 0
    sums = re.search(r"Sums: (.*)\.$", shown, re.MULTILINE)
    told = dict(one.rsplit(" ", 1) for one in sums[1].split(", ")) if sums else {}
    assert told == {name: faces.amount(frame[name].sum()) for name in told}
    table = reader.find_elements("css selector", "caption ~ tbody")[-1]
    heads = [html.unescape(one.replace("<wbr>", "")) for one in HEADS.findall(panels(notebook)[0])]
    for line in faces.readable(frame, heads).head(3).itertuples(index=False):
        assert " ".join(word for word in line if word) in " ".join(table.text.split())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_saved_panel_holds_no_more_rows_than_it_shows(path):
    [page] = panels(nbformat.read(path, as_version=4))
    tables = re.findall(r"<caption.*?</table>", page, re.DOTALL)
    rows = [table.count("<tr>") - 1 for table in tables if "<caption style" in table and "Columns</caption>" not in table]
    assert all(count <= faces.LINES for count in rows)
    assert "Nothing is asked yet" in page or rows
