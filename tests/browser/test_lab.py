"""The panels in JupyterLab, in a real browser: run a notebook, change a control, see table and picture change, copy the code, use the keyboard.

It needs Debian's chromium and chromium-driver, and is skipped where they are not installed.
"""

import html
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver")

ROOT = Path(__file__).parents[2]
EVIL = "<img src=x onerror=alert(1)>"
SETUP = f"""\
import crmkit
demo = crmkit.demo.start(seed=1, people=60)
loaded = {{
    "segments": crmkit.segments.load(demo.peepl(), groups=True),
    "attendance": crmkit.attendance.load(demo.peepl()),
    "pipelines": crmkit.pipelines.load(demo.onepagecrm()),
    "coverage": crmkit.coverage.load(demo.beeple(), collaborators="list", availability=False, start="2024-05-01", end="2024-07-01"),
}}
NAMES = ["name", "label", "kind", "company", "owner", "source", "pipeline", "sales_pipeline", "project", "team", "function", "city"]

def marked(tables):
    "The same tables, with markup at the end of all names."
    return {{
        place: table.assign(**{{name: table[name] + " {EVIL}" for name in NAMES if name in table and table[name].dtype == "string"}})
        for place, table in tables.items()
    }}"""
TOPICS = {
    "segments": "What sets one apart from everybody?",
    "attendance": "By hour",
    "pipelines": "How often do we win?",
    "coverage": "How full is each group?",
}
CELLS = [
    SETUP,
    *(f'crmkit.{topic}.explore(loaded["{topic}"])' for topic in TOPICS),
    "demo.onepagecrm().explore()",
    *(f'crmkit.{topic}.explore(marked(loaded["{topic}"]))' for topic in TOPICS),
]
PLACES = {topic: place for place, topic in enumerate(TOPICS, start=1)} | {"explorer": 5}
MARKED = {topic: place for place, topic in enumerate(TOPICS, start=6)}
PATIENCE = 240
# Elements that the Tab key must reach, as a reader sees them.
REACHABLE = (
    """return [...arguments[0].querySelectorAll('select, input, textarea, button, summary')].filter(one => one.offsetParent)"""
)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(what, seconds=PATIENCE):
    """The first true answer of what(), asked again and again; what the page is not ready for counts as not yet."""
    from selenium.common.exceptions import WebDriverException

    end = time.monotonic() + seconds
    problem = None
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except (WebDriverException, OSError, ValueError, IndexError) as error:
            problem = error
        time.sleep(0.2)
    raise AssertionError(f"not seen within {seconds} s") from problem


def answers(address):
    with urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200


@contextmanager
def lab(folder):
    """JupyterLab over a folder, with settings of its own; yields its address."""
    port = free_port()
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    tracker = folder / "settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # all cells are in the page
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
    own |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    options += ["--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={folder}", "--ip=127.0.0.1"]
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **{name: str(folder / place) for name, place in own.items()}, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
            cwd=folder,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: answers(f"{address}/api"))
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


@contextmanager
def browser(folder):
    """Chromium without a window; it writes down what it asks for and what its console says."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    quiet = "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update"
    for word in (
        *quiet.split(),
        "disable-sync",
        "disable-dev-shm-usage",
        "window-size=1200,1400",
        f"user-data-dir={folder / 'profile'}",
    ):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The notebook in the browser."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address
        origin = {"origin": address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        driver.execute_cdp_cmd("Browser.grantPermissions", origin)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def press(self, *keys):
        """Send keys to what has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def run(self, name):
        """Open a notebook and run all its cells."""
        from selenium.webdriver.common.keys import Keys

        self.driver.get(f"{self.address}/lab/tree/{name}")
        until(lambda: self.all(".jp-Notebook-ExecutionIndicator[data-status=idle]"))
        until(lambda: self.all(".jp-Notebook .jp-CodeCell .cm-content")[0].click() or True)
        self.press(Keys.ESCAPE)
        self.press(Keys.CONTROL, "a")
        until(lambda: self.press(Keys.CONTROL, Keys.ENTER) or self.begun())
        until(self.through)

    def begun(self):
        """Whether the kernel has taken the cells; keys that come before it is there are lost."""
        time.sleep(1)
        return any(one.text != "[ ]:" for one in self.all(".jp-CodeCell .jp-InputPrompt"))

    def through(self):
        """Whether every cell is done; a cell that failed ends the wait."""
        failed = self.all(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']")
        assert not failed, failed[0].text
        return all(re.fullmatch(r"\[\d+\]:", one.text) for one in self.all(".jp-CodeCell .jp-InputPrompt")) and self.all(
            "svg[role=img]"
        )

    def panel(self, place):
        return Shown(self, self.all(".jp-Notebook .jp-CodeCell")[place])

    def copied(self):
        """What is on the clipboard."""
        return self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0], arguments[0])")

    def asked_elsewhere(self):
        """Requests of the page to anything but its own server."""
        messages = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        sent = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        sent += [one["params"]["url"] for one in messages if one["method"] == "Network.webSocketCreated"]
        assert any(url.startswith(self.address) for url in sent), "the log of requests is empty"
        # chrome: is the browser's own start page, out of the browser itself.
        own = (f"{self.address}/", f"{self.address}/".replace("http", "ws"), "data:", "blob:", "chrome:")
        return [url for url in sent if not url.startswith(own)]

    def console_errors(self):
        return [one["message"] for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]


class Shown:
    """One panel in the page."""

    def __init__(self, page, cell):
        self.page, self.driver, self.cell = page, page.driver, cell

    def find(self, selector):
        return self.cell.find_elements("css selector", selector)

    def part(self, number):
        """What a part of the panel holds: 0 the words, 1 the table, 2 the picture (of a topic), last the code."""
        return self.find(".widget-html-content")[number].get_attribute("innerHTML")

    def lines(self):
        """How many lines the panel says its table has."""
        return int(re.search(r"([\d,]+) lines?\.", self.part(0))[1].replace(",", ""))

    def choose(self, number, text):
        """Choose a text in the number-th menu."""
        from selenium.webdriver.support.select import Select

        Select(self.find(".widget-dropdown select")[number]).select_by_visible_text(text)

    def code(self):
        return self.find("pre")[-1].get_attribute("textContent")

    def copy_code(self):
        """Press the copy button with the keyboard alone; what is on the clipboard then."""
        from selenium.webdriver.common.keys import Keys

        self.driver.execute_script("arguments[0].focus()", self.find("button")[-1])
        self.page.press(Keys.ENTER)
        return self.page.copied()

    def tabbed(self):
        """The controls that are there, and those which the Tab key reaches from the first."""
        from selenium.webdriver.common.keys import Keys

        wanted = self.driver.execute_script(REACHABLE, self.cell.find_element("css selector", ".jp-Cell-outputWrapper"))
        self.driver.execute_script("arguments[0].focus()", wanted[0])
        reached = {wanted[0]}
        for _ in range(4 * len(wanted)):
            self.page.press(Keys.TAB)
            reached.add(self.driver.switch_to.active_element)
            if set(wanted) <= reached:
                break
        return wanted, reached


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "panels.ipynb")
    with lab(folder) as address, browser(folder) as driver:
        page = Page(driver, address)
        page.run("panels.ipynb")
        yield page


@pytest.mark.parametrize("topic", TOPICS)
def test_a_control_changes_table_and_picture_and_the_copied_code_gives_the_same(page, topic):
    panel = page.panel(PLACES[topic])
    table, picture = panel.part(1), panel.part(2)
    panel.choose(0, TOPICS[topic])
    until(lambda: panel.part(1) != table and panel.part(2) != picture)
    assert TOPICS[topic] in html.unescape(panel.part(1))
    assert "<svg" in panel.part(2)

    code = panel.copy_code()
    assert code.strip() == panel.code().strip()
    names = {}
    exec(code, names)
    assert len(names["frame"]) == panel.lines() > 0


def test_the_explorer_previews_and_its_copied_code_gives_the_same(page):
    from selenium.webdriver.common.keys import Keys

    panel = page.panel(PLACES["explorer"])
    panel.choose(0, "statuses")
    until(lambda: "client.statuses(" in panel.code())
    page.driver.execute_script("arguments[0].focus()", panel.find("button")[0])
    page.press(Keys.ENTER)
    until(lambda: "<svg" not in panel.part(1) and "<tbody>" in panel.part(1))
    names = {}
    exec(panel.copy_code(), names)
    assert f"({len(names['frame'])} lines" in panel.part(1)


@pytest.mark.parametrize("place", PLACES)
def test_the_tab_key_reaches_every_control(page, place):
    wanted, reached = page.panel(PLACES[place]).tabbed()
    assert len(wanted) >= 3
    assert set(wanted) <= reached


@pytest.mark.parametrize("topic", TOPICS)
def test_markup_in_names_is_text_in_the_page(page, topic):
    panel = page.panel(MARKED[topic])
    for question in [one.text for one in panel.find(".widget-dropdown select")[0].find_elements("css selector", "option")]:
        panel.choose(0, question)
        until(lambda question=question: f": {question} (" in html.unescape(panel.part(1)))
        assert panel.find("img") == []
    assert EVIL in panel.cell.text


def test_the_page_asks_nobody_else_and_logs_no_error(page):
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        page.driver.switch_to.alert  # noqa: B018 - looking is asking
    assert page.asked_elsewhere() == []
    assert page.console_errors() == []
