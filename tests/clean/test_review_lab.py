"""The review panel in JupyterLab, in a real browser, with nothing but the keyboard."""

import json
import shutil

import nbformat
import pytest

from tests.browser.test_lab import Page, browser, lab, until

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="no browser: apt-get install chromium chromium-driver",
    ),
]
PANEL = ".jp-OutputArea-output .widget-vbox"
SOURCE = """\
import crmkit
from crmkit.clean.matching import match, review
demo = crmkit.demo.start(seed=2, people=300)
result = match({"peepl": demo.peepl().contacts(), "onepagecrm": demo.onepagecrm().contacts()}, error_rate=1e-6)
panel = review(result, "decisions.json")
panel"""


def test_tab_and_space_decide_pairs(tmp_path):
    from selenium.webdriver.common.keys import Keys

    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    cell = nbformat.v4.new_code_cell(SOURCE)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), tmp_path / "panel.ipynb")
    with lab(tmp_path) as address, browser(tmp_path) as driver:
        page = Page(driver, address)
        driver.get(f"{address}/lab/tree/panel.ipynb")
        until(lambda: page.all(".jp-Notebook-ExecutionIndicator[data-status=idle]"))
        until(lambda: [cell.click() or True for cell in page.all(".jp-Notebook .jp-CodeCell .cm-content") if cell.is_displayed()])
        driver.switch_to.active_element.send_keys(Keys.CONTROL, Keys.ENTER)
        [yes, *_] = until(lambda: page.all(f"{PANEL} button"))
        driver.execute_script("arguments[0].focus()", yes)
        for key in (Keys.SPACE, Keys.TAB, Keys.SPACE):
            driver.switch_to.active_element.send_keys(key)
        until(lambda: "2 of" in page.all(f"{PANEL} .widget-html-content")[0].text)
        kept = json.loads((tmp_path / "decisions.json").read_text())["decisions"]
        assert sorted(line["decision"] for line in kept) == ["no", "yes"]
        reached = set()
        for _ in range(6):
            driver.switch_to.active_element.send_keys(Keys.TAB)
            reached.add(driver.switch_to.active_element.get_attribute("placeholder") or driver.switch_to.active_element.text)
        assert {"Later", "Back", "kept in the file: no names"} <= reached
        assert page.console_errors() == []
        assert page.asked_elsewhere() == []
