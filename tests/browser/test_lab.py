"""A panel in JupyterLab, in a real browser: run the notebook, change a control, see table and picture change, copy the code, use the keyboard.

It needs Debian's chromium and chromium-driver, and is skipped where they are not installed.
"""

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
SOURCE = """\
import crmkit
demo = crmkit.demo.start(seed=1, people=120)
panel = crmkit.pipelines.explore(demo.onepagecrm())
panel"""
PATIENCE = 90
QUESTION = "How often do we win?"
PANEL = ".jp-OutputArea-output .widget-vbox"
# Elements that the Tab key must reach, as a reader sees them.
REACHABLE = (
    """return [...document.querySelectorAll(arguments[0] + ' :is(select, input, textarea)')].filter(one => one.offsetParent)"""
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
        except (WebDriverException, OSError, ValueError) as error:
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
    """The notebook in the browser, as far as these tests look at it."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def run(self, name):
        """Open a notebook and run its only cell."""
        from selenium.webdriver.common.keys import Keys

        self.driver.get(f"{self.address}/lab/tree/{name}")
        until(lambda: self.all(".jp-Notebook-ExecutionIndicator[data-status=idle]"))
        until(self.enter)
        self.driver.switch_to.active_element.send_keys(Keys.CONTROL, Keys.ENTER)
        until(lambda: self.all(f"{PANEL} .widget-html-content svg"))

    def enter(self):
        """Put the cursor into the cell."""
        [cell] = (one for one in self.all(".jp-Notebook .jp-CodeCell .cm-content") if one.is_displayed())
        cell.click()
        return True

    def part(self, number):
        """What a part of the panel holds: 0 the words, 1 the table, 2 the picture."""
        return self.all(f"{PANEL} .widget-html-content")[number].get_attribute("innerHTML")

    def lines(self):
        """How many lines the panel says its table has."""
        return int(re.search(r"([\d,]+) lines;", self.part(0))[1].replace(",", ""))

    def ask(self, question):
        """Choose a question with the first control."""
        from selenium.webdriver.support.select import Select

        label = self.all(f"{PANEL} .widget-dropdown")[0]
        assert label.text.startswith("Question")
        Select(label.find_element("css selector", "select")).select_by_visible_text(question)

    def code(self):
        """The text under "Copy code", unfolded."""
        if not (found := self.all(f"{PANEL} textarea")) or not found[0].is_displayed():
            self.all(f"{PANEL} .jupyter-widget-Collapse-header")[0].click()
        shown = until(lambda: [one for one in self.all(f"{PANEL} textarea") if one.is_displayed()])
        return shown[0].get_attribute("value")

    def tabbed(self):
        """The controls that are there, and those which the Tab key reaches from the first."""
        from selenium.webdriver.common.keys import Keys

        wanted = self.driver.execute_script(REACHABLE, PANEL)
        self.driver.execute_script("arguments[0].focus()", wanted[0])
        reached = {wanted[0]}
        for _ in range(8 * len(wanted)):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            reached.add(self.driver.switch_to.active_element)
        return wanted, reached

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


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    cell = nbformat.v4.new_code_cell(SOURCE)
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), folder / "panel.ipynb")
    with lab(folder) as address, browser(folder) as driver:
        page = Page(driver, address)
        page.run("panel.ipynb")
        yield page
        driver.save_screenshot(str(folder / "panel.png"))


def test_a_control_changes_table_and_picture_and_the_code_gives_the_same(page):
    table, picture = page.part(1), page.part(2)
    page.ask(QUESTION)
    until(lambda: page.part(1) != table and page.part(2) != picture)
    assert "Won among closed deals" in page.part(0)
    assert "<table" in page.part(1)
    assert "<svg" in page.part(2)

    code = until(lambda: found if "win_rate" in (found := page.code()) else "")
    names = {}
    exec(code, names)
    assert len(names["frame"]) == page.lines() > 0


def test_the_tab_key_reaches_every_control(page):
    page.code()
    wanted, reached = page.tabbed()
    assert len(wanted) > 3
    assert set(wanted) <= reached


def test_the_page_asks_nobody_else_and_logs_no_error(page):
    assert page.asked_elsewhere() == []
    assert page.console_errors() == []
