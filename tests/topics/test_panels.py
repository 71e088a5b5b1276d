"""The panels: the code says what the table says, both faces agree, nothing more than is shown is in the widget's state."""

import asyncio
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
from crmkit.topics import faces
from crmkit.topics import panel as panels
from crmkit.topics.loaded import Tables, written

EVIL = "<img src=x onerror=alert(1)>"
TOPICS = ["segments", "attendance", "pipelines", "coverage"]
LIVE = "application/vnd.jupyter.widget-view+json"
# Columns whose lines overlap, or that are no amounts at all.
NEVER_ADDED = {"people", "known", "unknown", "everybody", "rank", "hour", "shift", "stage", "months", "degree", "days_overdue"}
NEVER_ADDED |= {"collaborators_scanned", "members", "base_members", "hits", "streak", "longest_streak", "length_hours", "windows"}


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=150) as running:
        yield running


@pytest.fixture(scope="module")
def made(organisation):
    """The tables of each topic, loaded once."""
    ids = organisation.truth["segments"].query("crm == 'peepl'")["segment_id"].unique()[:4]
    wanted = {int(number): f"Segment {number}" for number in ids}
    return {
        "segments": crmkit.segments.load(organisation.peepl(), segments=wanted, groups=True),
        "attendance": crmkit.attendance.load(organisation.peepl()),
        "pipelines": crmkit.pipelines.load(organisation.onepagecrm(), today="2024-06-15"),
        "coverage": crmkit.coverage.load(organisation.beeple(), collaborators="list", start="2024-03-01", end="2024-08-31"),
    }


@pytest.fixture(params=TOPICS)
def topic(request):
    return request.param


@pytest.fixture
def panel(made, topic):
    shown = getattr(crmkit, topic).explore(made[topic])
    yield shown
    shown.close()


@pytest.fixture
def loaded_once(monkeypatch, made, organisation):
    """A program that connects to the demo and loads a topic gets this test's, so that 500 programs take no 500 loads."""
    monkeypatch.setattr(demo, "start", lambda **dials: organisation)
    for topic, tables in made.items():
        monkeypatch.setattr(getattr(crmkit, topic), "load", lambda client, tables=tables, **what: tables)


def run(code, **given):
    """The table that a piece of code leaves in frame, in a fresh namespace."""
    space = dict(given)
    exec(code, space)
    return space["frame"]


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


def check_states(panel, count):
    """The code in random states gives the panel's table; what a topic refuses, it refuses in both."""
    rng = random.Random(7)
    panel._draw = lambda: None  # the pictures are drawn in other tests
    refused = 0
    for _ in range(count):
        shuffle(panel, rng)
        try:
            expected = panel.frame
        except ParameterError:
            refused += 1
            with pytest.raises(ParameterError):
                run(panel.code)
        else:
            pd.testing.assert_frame_equal(run(panel.code), expected)
    assert refused < count / 10


@pytest.mark.usefixtures("loaded_once")
def test_the_code_gives_the_frame_in_random_states(panel):
    check_states(panel, 15)


@pytest.mark.full
@pytest.mark.usefixtures("loaded_once")
def test_the_code_gives_the_frame_in_500_random_states(panel):
    check_states(panel, 500)


@pytest.mark.parametrize("topic", ["segments", "pipelines"])
def test_the_whole_code_runs_in_a_fresh_namespace(panel):
    # The code starts a demo of its own, and loads from it.
    pd.testing.assert_frame_equal(run(panel.code), panel.frame)


def test_a_panel_over_a_client_loads_and_says_how(organisation):
    shown = crmkit.pipelines.explore(organisation.onepagecrm(), today=pd.Timestamp("2024-06-15"), sources=False)
    assert "crmkit.pipelines.load(client, today='2024-06-15T00:00:00', sources=False)" in shown.code
    pd.testing.assert_frame_equal(run(shown.code), shown.frame)
    shown.close()


def test_changed_tables_are_not_passed_off_as_loaded_ones(made, topic):
    tables = dict(made[topic])
    name = next(iter(tables))
    tables[name] = tables[name].head(20).copy()
    shown = getattr(crmkit, topic).explore(tables)
    assert "load(client" not in shown.code
    pd.testing.assert_frame_equal(run(shown.code, tables=tables), shown.frame)
    shown.close()


def test_loaded_tables_know_their_call_until_one_is_exchanged():
    frame = pd.DataFrame({"n": [1]})
    tables = Tables({"a": frame}, "data = ...")
    assert tables.recipe == "data = ..."
    tables["a"] = frame.copy()
    assert tables.recipe is None
    tables["a"] = frame
    assert tables.recipe == "data = ..."
    tables["b"] = frame
    assert tables.recipe is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (pd.Timestamp("2024-06-15"), "'2024-06-15T00:00:00'"),
        (date(2024, 6, 15), "'2024-06-15'"),
        (pd.Series([1, 2]), "[1, 2]"),
        ({41: "a'b"}, '{41: "a\'b"}'),
        ((True, None, 0.5), "[True, None, 0.5]"),
        (pd.Series([7])[0], "7"),
    ],
)
def test_keywords_are_written_as_python_without_imports(value, text):
    assert written(value) == text


@pytest.mark.parametrize("value", [object(), b"bytes", pd.DataFrame({"n": [1]})])
def test_what_has_no_plain_words_is_not_written(value):
    with pytest.raises(TypeError):
        written(value)


def test_words_for_loading_are_refused_for_loaded_tables(made, topic):
    with pytest.raises(ParameterError, match="today: such words are for loading"):
        getattr(crmkit, topic).explore(made[topic], today="2024-06-15")


@pytest.fixture(scope="module")
def drawn(made):
    """Every question of every topic, drawn once: (topic, question) -> what was shown, and the state that a notebook would save."""
    found = {}
    for topic in TOPICS:
        panel = getattr(crmkit, topic).explore(made[topic])
        for question in panel.controls["view"].options:
            panel.controls["view"].value = question
            found[topic, question] = {
                "view": panel.view,
                "frame": panel.frame,
                "code": panel.code,
                "live": [one.value for one in (panel._about, panel._table, panel._picture)],
                "bundle": panel._repr_mimebundle_(),
                "state": json.dumps([one.get_state() for one in panel.children], default=str),
            }
        panel.close()
    return found


def test_every_question_has_a_table_and_both_faces_agree(drawn):
    for (_, question), shown in drawn.items():
        about, table, picture = shown["live"]
        face, view = shown["bundle"]["text/html"], shown["view"]
        assert table in face
        assert picture in face
        counts = f"{faces.counted(len(shown['frame']), 'line')}. {faces.totals(shown['frame'], view.adds)}".strip()
        for said in (about, face, shown["bundle"]["text/plain"]):
            assert counts in html.unescape(said)
        assert question in html.unescape(table)
        assert shown["code"].strip() in html.unescape(face)
        assert ('<svg role="img" aria-label=' in face) == (view.plot is not None)
        assert LIVE in shown["bundle"]


def test_every_choice_of_a_panel_gives_a_table(panel):
    panel._draw = lambda: None
    for question in panel.controls["view"].options:
        panel.controls["view"].value = question
        for name in {"every", "by"} & set(panel.view.takes):
            for choice in panel.controls[name].options:
                panel.controls[name].value = choice
                assert isinstance(panel.frame, pd.DataFrame)


def test_only_what_adds_up_is_added(drawn):
    for shown in drawn.values():
        view, frame = shown["view"], shown["frame"]
        apart = view.function is crmkit.segments.intersections  # there everybody is in one line
        assert not NEVER_ADDED - ({"people"} if apart else set()) & set(view.adds)
        assert not [name for name in view.adds if name.endswith("id")]
        assert set(view.adds) <= set(frame.columns)
        for name in view.adds:
            if frame[name].notna().any():
                assert f"{name} {faces.amount(frame[name].sum())}" in html.unescape(shown["live"][0])


def test_every_declared_column_is_in_one_of_the_tables_of_its_topic(drawn):
    for topic in TOPICS:
        mine = [shown for (where, _), shown in drawn.items() if where == topic]
        declared = {name for shown in mine for name in shown["view"].shows}
        # Groups that another choice of "Per" brings.
        declared -= {"source", "sales_pipeline", "season", "week", "weekday", "project", "rank"}
        assert declared <= {name for shown in mine for name in shown["frame"].columns}


def test_the_state_holds_no_more_rows_than_are_shown(drawn):
    for shown in drawn.values():
        lines = min(len(shown["frame"]), faces.LINES)
        assert re.findall(r"<tbody>(.*?)</tbody>", shown["live"][1], re.DOTALL)[0].count("<tr>") == lines
        assert shown["state"].count("<tr>") == lines + 1
        assert shown["bundle"]["text/html"].count("<tr>") == lines + 1


def check_runs(made, topic, count):
    explore = getattr(crmkit, topic).explore
    explore(made[topic])
    once = len(ipywidget._instances)
    for _ in range(count):
        last = explore(made[topic])
    assert len(ipywidget._instances) == once
    last.close()


def test_a_cell_that_runs_again_leaves_one_panel(made, topic, monkeypatch):
    monkeypatch.setattr(panels.Panel, "_draw", lambda panel: None)  # drawing makes no widgets, and takes the time
    check_runs(made, topic, 100)


def test_a_closed_panel_leaves_nothing(made, topic, monkeypatch):
    monkeypatch.setattr(panels.Panel, "_draw", lambda panel: None)
    before = set(ipywidget._instances)
    getattr(crmkit, topic).explore(made[topic]).close()
    assert set(ipywidget._instances) <= before


def test_quick_changes_are_one_drawing_and_a_shown_panel_waits_for_none(made):
    shown = crmkit.pipelines.explore(made["pipelines"])
    drawn = []
    draw = shown._draw
    shown._draw = lambda: drawn.append(shown.controls["view"].value) or draw()
    first, second, third = shown.controls["view"].options[:3]

    async def change():
        shown.controls["view"].value = second
        shown.controls["view"].value = third
        assert drawn == []
        await asyncio.sleep(panels.PAUSE * 2)
        assert drawn == [third]
        # A cell that sets a control and ends with the panel shows what it has set.
        shown.controls["view"].value = first
        assert first in html.unescape(shown._repr_mimebundle_()["text/html"])
        await asyncio.sleep(panels.PAUSE * 2)
        assert drawn == [third, first]
        shown.controls["view"].value = second
        shown.close()
        await asyncio.sleep(panels.PAUSE * 2)
        assert drawn == [third, first]

    asyncio.run(change())


def marked(tables):
    """The same tables, with markup at the end of every text that is no id and no word of crmkit's own."""
    kept = re.compile(r"(^|_)ids?$|^crm$|^state$|^status|^zone$|^attribute$|^currency")
    texts = {
        place: [name for name in table if table[name].dtype == "string" and not kept.search(name)]
        for place, table in tables.items()
    }
    return {place: table.assign(**{name: table[name] + " " + EVIL for name in texts[place]}) for place, table in tables.items()}


def test_markup_in_any_name_is_text_in_every_question(made, topic):
    shown = getattr(crmkit, topic).explore(marked(made[topic]))
    seen = 0
    for question in shown.controls["view"].options:
        shown.controls["view"].value = question
        for face in (shown.static(), *(one.value for one in shown.children if hasattr(one, "value"))):
            assert "<img" not in face
            seen += face.count("&lt;img")
    assert seen > 20
    shown.close()


def test_markup_in_an_error_a_filter_and_the_code_is_text(made):
    shown = crmkit.pipelines.explore(marked(made["pipelines"]))
    owner = shown.controls["owners"].options[0]
    shown.controls["owners"].value = (owner,)
    assert EVIL in shown.code
    assert "<img" not in shown.static() + shown._about.value + shown._copy.value
    assert "<img" not in faces.problem(ValueError(EVIL))
    shown.close()


def test_explore_refuses_what_is_neither_a_client_nor_tables(topic):
    for wrong in ("tables", {}, None):
        with pytest.raises(ParameterError, match="explore takes a client"):
            getattr(crmkit, topic).explore(wrong)
