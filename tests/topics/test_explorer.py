"""client.explore(): any fetcher, its parameters as controls; the code gives the preview, and nothing is asked before it is wanted."""

import html
import random

import pandas as pd
import pytest
from ipywidgets.widgets import widget as ipywidget

from crmkit import demo
from crmkit.errors import CrmkitError, ParameterError
from crmkit.params import Param
from crmkit.topics import explorer, faces

CRMS = ["peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm"]


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=40) as running:
        yield running


@pytest.fixture
def one_demo(monkeypatch, organisation):
    """A program that starts the demo gets this test's."""
    monkeypatch.setattr(demo, "start", lambda **dials: organisation)


def run(code):
    space = {}
    exec(code, space)
    return space["frame"]


@pytest.mark.parametrize("crm", CRMS)
def test_nothing_is_asked_before_the_preview(organisation, crm):
    organisation.log.clear()
    shown = getattr(organisation, crm)().explore()
    for fetcher in shown.controls["fetcher"].options:
        shown.controls["fetcher"].value = fetcher
        face = shown.static()
        assert "Nothing is asked yet" in face
        assert "columns</summary>" in face or "1 column</summary>" in face
        assert html.escape(shown.code.strip()) in face
    assert organisation.log == []
    shown.close()


@pytest.mark.usefixtures("one_demo")
def test_the_preview_is_in_both_faces_and_its_code_gives_it(organisation):
    shown = organisation.peepl().explore()
    shown.controls["fetcher"].value = "contact"
    shown.controls["contact_id"].value = str(int(organisation.peepl().contacts(limit=1)["id"].iloc[0]))
    shown.controls["preview"].click()
    pd.testing.assert_frame_equal(run(shown.code), shown.frame)
    table = faces.table_html(shown.frame, "contact", explorer.telling(shown.frame))
    assert table in shown._table.value
    assert table in shown.static()
    assert "answers from" in shown._table.value
    assert "answers from" not in shown.static()
    assert shown._repr_mimebundle_()["text/plain"].startswith("contact\n")
    shown.controls["limit"].value = 3
    assert "Nothing is asked yet" in shown.static()
    shown.close()


def test_an_explorer_that_runs_again_leaves_one(organisation, monkeypatch):
    monkeypatch.setattr(explorer.Explorer, "_describe", lambda shown: "")  # makes no widgets, and takes the time
    client = organisation.onepagecrm()
    client.explore()
    once = len(ipywidget._instances)
    for _ in range(100):
        last = client.explore()
    assert len(ipywidget._instances) == once
    last.controls["fetcher"].value = "contacts"
    assert len(ipywidget._instances) > once
    last.controls["fetcher"].value = last.controls["fetcher"].options[0]
    assert len(ipywidget._instances) == once
    last.close()


def test_what_goes_wrong_is_said_in_place_of_the_table(organisation):
    shown = organisation.peepl().explore()
    shown.controls["fetcher"].value = "contact"
    shown.preview()
    assert "contact_id" in shown.static()
    assert "<strong>" in shown._table.value
    with pytest.raises(ParameterError):
        _ = shown.frame
    shown.close()


def test_lists_and_dicts_are_read_from_what_is_typed():
    several, one = Param("ids", "", several="comma"), Param("name", "")
    assert explorer.meant(several, "1, 2,3") == ["1", "2", "3"]
    assert explorer.meant(several, "1") == "1"
    assert explorer.meant(one, "Peeters, An") == "Peeters, An"
    assert explorer.meant(one, "7, 8", place=True) == ["7", "8"]
    assert explorer.meant(Param("fields", "", several="map"), '{"city": "Leuven"}') == {"city": "Leuven"}
    assert explorer.meant(Param("fields", "", several="map"), "city") == "city"
    assert explorer.meant(one, None) is None


def shuffle(shown, rng, places):
    """A random fetcher with a few random parameters."""
    shown.controls["fetcher"].value = rng.choice(shown.controls["fetcher"].options)
    shown.controls["limit"].value = rng.randint(1, 10)
    for name, control in shown._params.items():
        kind = type(control).__name__
        if name in shown._places and kind == "Text":
            control.value = rng.choice(places)
        elif rng.random() < 0.2 and kind == "Dropdown":
            control.value = rng.choice([value for _, value in control._options_full])
        elif rng.random() < 0.2 and kind == "SelectMultiple":
            control.value = tuple(rng.sample([value for _, value in control._options_full], 1))


def check_states(organisation, crm, count):
    """In every state the code gives the preview, or both are refused in the same way."""
    client = getattr(organisation, crm)()
    shown = client.explore()
    rng = random.Random(7)
    places = ["1", "2"]
    equal = 0
    for _ in range(count):
        shuffle(shown, rng, places)
        try:
            expected = shown.frame
        except CrmkitError as error:
            with pytest.raises(type(error)):
                run(shown.code)
            continue
        pd.testing.assert_frame_equal(run(shown.code), expected)
        equal += 1
        # Ids that came are places to go to next.
        found = [name for name in ("id", "uid") if name in expected]
        places += [str(one) for name in found for one in expected[name].dropna().head(2)]
    shown.close()
    return equal


@pytest.mark.usefixtures("one_demo")
@pytest.mark.parametrize("crm", CRMS)
def test_the_code_gives_the_preview_in_random_states(organisation, crm):
    assert check_states(organisation, crm, 15) > 1


@pytest.mark.full
@pytest.mark.usefixtures("one_demo")
@pytest.mark.parametrize("crm", CRMS)
def test_the_code_gives_the_preview_in_500_random_states(organisation, crm):
    assert check_states(organisation, crm, 500) > 100
