"""The panels: the code says what the table says, both faces agree, nothing more than is shown is in the widget's state."""

import html
import json
import random
import re
from datetime import date, timedelta

import pandas as pd
import pytest
from ipywidgets.widgets import widget as ipywidget

import crmkit
from crmkit import demo
from crmkit.errors import ParameterError
from crmkit.topics import panel as panels

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=150) as running:
        yield running


@pytest.fixture(scope="module")
def made(organisation):
    """The tables of each topic, loaded once."""
    peepl = organisation.peepl()
    ids = organisation.truth["segments"].query("crm == 'peepl'")["segment_id"].unique()[:4]
    wanted = {int(number): f"Segment {number}" for number in ids}
    return {
        "segments": (peepl, {"segments": wanted, "groups": True}),
        "attendance": (peepl, {}),
        "pipelines": (organisation.onepagecrm(), {"today": "2024-06-15"}),
        "coverage": (organisation.beeple(), {"collaborators": "list"}),
    }


@pytest.fixture(params=["segments", "attendance", "pipelines", "coverage"])
def topic(request):
    return request.param


@pytest.fixture
def panel(made, topic):
    client, what = made[topic]
    shown = getattr(crmkit, topic).explore(client, **what)
    yield shown
    shown.close()


def shuffle(panel, rng):
    """Every control at a random allowed value."""
    for control in panel.controls.values():
        kind = type(control).__name__
        if kind == "Dropdown":
            control.value = rng.choice([value for _, value in control._options_full])
        elif kind == "SelectMultiple":
            values = [value for _, value in control._options_full]
            control.value = tuple(rng.sample(values, rng.randint(0, min(3, len(values)))))
        elif kind == "DatePicker":
            control.value = rng.choice((None, date(2022, 9, 1) + timedelta(days=rng.randint(0, 650))))
        elif kind == "BoundedIntText":
            control.value = rng.randint(control.min, 40)


def states(panel, count):
    rng = random.Random(7)
    panel._draw = lambda: None  # the pictures are drawn in other tests
    seen = 0
    while seen < count:
        shuffle(panel, rng)
        seen += 1
        yield


def run(code, client, data):
    """The code, in a fresh namespace; its client is this test's demo and the tables come from its cache."""
    space = {}
    for line in code.splitlines():
        if line.startswith("client = "):
            space["client"] = client
        elif line.startswith("data = "):
            space["data"] = data
        else:
            exec(line, space)
    return space["frame"]


def check_states(panel, made, topic, count):
    client, _ = made[topic]
    for _ in states(panel, count):
        try:
            expected = panel.frame
        except ParameterError:
            with pytest.raises(ParameterError):
                run(panel.code, client, panel._data)
            continue
        pd.testing.assert_frame_equal(run(panel.code, client, panel._data), expected)


def test_the_code_gives_the_frame_in_random_states(panel, made, topic):
    check_states(panel, made, topic, 25)


@pytest.mark.full
def test_the_code_gives_the_frame_in_500_random_states(panel, made, topic):
    check_states(panel, made, topic, 500)


def test_the_whole_code_runs_in_a_fresh_namespace(panel):
    space = {}
    exec(panel.code, space)
    # The code starts a demo of its own, so only the moment of fetching differs.
    pd.testing.assert_frame_equal(*(frame.drop(columns="fetched_at", errors="ignore") for frame in (space["frame"], panel.frame)))


def test_every_question_has_a_table_and_both_faces_agree(panel):
    for question in panel.controls["view"].options:
        panel.controls["view"].value = question
        bundle = panel._repr_mimebundle_()
        face = bundle["text/html"]
        assert panel._table.value in face
        for shown in (panel._about.value, face):
            assert panels.totals(panel.frame) in html.unescape(shown)
        assert f"{len(panel.frame):,} lines" in face
        if panel.view.plot is not None:
            assert '<svg role="img" aria-label=' in face
        assert panels.LIVE in bundle
        assert bundle["text/plain"].startswith(panel._title)


def test_the_state_holds_no_more_rows_than_are_shown(panel):
    for question in panel.controls["view"].options:
        panel.controls["view"].value = question
        tables = re.findall(r"<tbody>(.*?)</tbody>", panel._table.value, re.DOTALL)
        assert tables[0].count("<tr>") == min(len(panel.frame), panels.SHOWN)
        state = json.dumps(panel._table.get_state(["value"]))
        assert state.count("<tr>") <= panels.SHOWN + 1


def test_a_cell_that_runs_again_leaves_one_panel(made, topic):
    client, what = made[topic]
    source = getattr(crmkit, topic).load(client, **what)
    explore = getattr(crmkit, topic).explore
    explore(source)
    once = len(ipywidget._instances)
    for _ in range(10):
        last = explore(source)
    assert len(ipywidget._instances) == once
    last.close()


def test_text_from_a_crm_stays_text():
    frame = pd.DataFrame({"name": pd.array([EVIL], dtype="string"), "n": pd.array([1], dtype="Int64")})
    shown = panels.table_html(frame, EVIL)
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_explore_refuses_what_is_neither_a_client_nor_tables(topic):
    with pytest.raises(ParameterError, match="explore takes a client"):
        getattr(crmkit, topic).explore("tables")


def test_the_explorer_previews_any_fetcher(organisation):
    shown = organisation.peepl().explore()
    shown.controls["fetcher"].value = "contact"
    number = int(organisation.peepl().contacts(limit=1)["id"].iloc[0])
    shown.controls["contact_id"].value = str(number)
    space = {}
    exec(shown.code, space)
    pd.testing.assert_frame_equal(space["frame"], shown.frame)
    assert "Columns" in shown.static()
    shown.close()
