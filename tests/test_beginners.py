"""What a beginner types wrongly: an error before anything is asked, which says what to type instead."""

import datetime

import numpy as np
import pandas as pd
import pytest

import crmkit
from crmkit.errors import NotFound, ParameterError, ShapeError

DAYS = [20240601, 20240601.0, np.int64(20240601), float("nan"), True]


@pytest.fixture(scope="module")
def peepl():
    return crmkit.demo.peepl()


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("call", ["search", "window", "between", "group"])
def test_a_number_is_no_day(peepl, call, day):
    """20240601 used to be read as seconds since 1970: everything came, as if it were newer than that day."""
    calls = {
        "search": lambda: peepl.contacts_search(operator="AND", last_modified=day),
        "window": lambda: peepl.activities(start=day),
        "between": lambda: peepl.activities_between("2024-01-01", day),
        "group": lambda: peepl.group_members(514, on=day),
    }
    with pytest.raises(ParameterError, match=r"takes date, Timestamp or ISO 8601 text.*2024-01-31|takes ids; one of the values is missing"):
        calls[call]()


@pytest.mark.parametrize("moment", [20240601, 19991231, float("inf"), 1e30])
def test_unix_seconds_that_look_like_a_day_or_are_none_are_refused(moment):
    with pytest.raises(ParameterError, match=r"Unix seconds.*2024-01-31"):
        crmkit.demo.onepagecrm().deals(date_filter="modified_at", since=moment)


def test_unix_seconds_are_still_taken_where_the_vendor_takes_them():
    onepage = crmkit.demo.onepagecrm()
    text = onepage.deals(modified_since="2024-03-01T00:00:00Z")
    number = onepage.deals(modified_since=1709251200)
    assert len(text) > 0
    assert text["id"].tolist() == number["id"].tolist()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), True, "x"])
def test_what_is_no_whole_number_is_refused(number):
    with pytest.raises(ParameterError, match="stage takes a whole number"):
        crmkit.demo.onepagecrm().deals(stage=number)


@pytest.mark.parametrize(
    "call",
    [
        lambda: crmkit.demo.peepl().activities(start="2024-12-01", end="2024-01-01"),
        lambda: crmkit.demo.peepl().activities_between(pd.Timestamp("2024-12-01", tz="UTC"), datetime.date(2024, 1, 1)),
        lambda: crmkit.demo.beeple().subprojects(1, period_start_at="2024-12-01", period_end_at="2024-01-01"),
        lambda: crmkit.demo.beeple().collaborator_enrolments(1, period_start_at="2024-12-01", period_end_at="2024-01-01"),
        lambda: crmkit.demo.beeple().availabilities(1, start="2024-12-01", end="2024-01-01"),
        lambda: crmkit.demo.sheepcrm().audit(from_="2024-12-01", to="2024-01-01"),
        lambda: crmkit.demo.onepagecrm().notes(date_filter="date", since="2024-12-01", until="2024-01-01"),
        lambda: crmkit.demo.onepagecrm().contacts(modified_since=1709251200, unmodified_since="2024-01-01"),
        lambda: crmkit.demo.missionhub().people(updated_at=["2024-12-01", "2024-01-01"]),
    ],
)
def test_a_window_that_ends_before_it_begins_is_no_empty_list(call):
    with pytest.raises(ParameterError, match=r"lies after .* Next: swap them"):
        call()


def test_a_window_of_one_day_is_a_window():
    assert crmkit.receipt(crmkit.demo.onepagecrm().notes(date_filter="created_at", since="2024-03-01T10:00", until="2024-03-01")).complete


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda p: p.activities(start="soon"), r"^Peepl.activities: start takes date, Timestamp or ISO"),
        (lambda p: p.activities(start="2024-01-01", end="soon"), r"^Peepl.activities: end takes date, Timestamp or ISO"),
        (lambda p: p.activities.plan(end="soon"), r"^Peepl.activities: end takes date, Timestamp or ISO"),
        (lambda p: p.activities(start="2024-06-01", end="2024-01-01"), r"^Peepl.activities: start lies after end. Next: swap"),
        (lambda p: p.activities(start=["2024-06-01", "2024-07-01"]), r"^Peepl.activities: start takes one day"),
        (lambda p: p.activities(start="2024-06-01", strat=1), r"^Peepl.activities: activities has no parameter 'strat'."),
        (lambda p: p.group_members(514, on="soon"), r"^Peepl.group_members: on takes date, Timestamp or ISO"),
        (lambda p: p.group_members("x", on="2024-06-01"), r"^Peepl.group_members: group_id takes a whole number"),
    ],
)  # fmt: skip
def test_an_error_speaks_of_what_was_typed(peepl, call, said):
    """activities(start=...) asks activities_since(start_date), of which its user need not know."""
    with pytest.raises(ParameterError, match=said):
        call(peepl)


def test_several_windows_are_refused_before_they_are_asked(peepl):
    with pytest.raises(ParameterError, match="start_date takes one day"):
        peepl.activities_since(["2024-01-01", "2024-06-01"])


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_criterion_is_no_criterion(peepl, blank):
    with pytest.raises(ParameterError, match="at least one of"):
        peepl.contacts_search(operator="AND", city=blank)


def test_the_right_word_in_the_wrong_case_is_named(peepl):
    with pytest.raises(ParameterError, match="did you mean 'AND'"):
        peepl.contacts_search(operator="and", city="Gent")


@pytest.mark.parametrize("name", ["refresh", "allow_partial"])
def test_a_word_is_no_flag(peepl, name):
    with pytest.raises(ParameterError, match=f"{name} takes True or False"):
        peepl.contacts(**{name: "no"})


def test_an_activity_is_found_by_its_number_in_any_form(peepl):
    number = int(peepl.activities()["id"].iloc[0])
    whole = peepl.activity(number)
    for form in (str(number), float(number), [number], np.int64(number)):
        assert peepl.activity(form)["id"].tolist() == whole["id"].tolist()


def test_an_activity_that_is_not_one_is_said_so(peepl):
    with pytest.raises(ParameterError, match="takes one number"):
        peepl.activity([7402, 7403])
    with pytest.raises(ParameterError, match="type takes internal, external, sale"):
        peepl.activity(7402, type="match")
    with pytest.raises(NotFound):
        peepl.activity(1)


def test_a_fetcher_taken_for_its_frame_says_how_to_call_it(peepl):
    with pytest.raises(AttributeError, match=r"contacts is a fetcher; call it to get a DataFrame: contacts\(\)"):
        peepl.contacts.head()
    with pytest.raises(TypeError, match=r"contact\(contact_id\)"):
        peepl.contact["email"]
    with pytest.raises(TypeError, match="is a fetcher"):
        list(peepl.contacts)
    with pytest.raises(ShapeError, match="call the fetcher"):
        crmkit.receipt(peepl.contacts)


def test_a_list_that_is_not_there_is_called_a_list(peepl):
    with pytest.raises(ParameterError, match=r"contacts has no list 'adress'. Next: did you mean address"):
        crmkit.child(peepl.contacts(limit=1), "adress")


def test_a_key_without_its_name_is_refused_and_not_shown():
    with pytest.raises(ParameterError, match=r"by name. Next: OnePageCRM\(user_id=..., api_key=...\)") as caught:
        crmkit.OnePageCRM("0123456789abcdef", "very-secret-key")
    assert caught.traceback[-1].frame.f_locals.get("positional") is None
    assert "very-secret-key" not in str(caught.value)


def test_a_misspelt_name_of_the_module_is_corrected():
    with pytest.raises(AttributeError, match="Did you mean Peepl"):
        crmkit.Pepl  # noqa: B018


def test_no_positional_arguments_is_said_in_english(peepl):
    with pytest.raises(ParameterError, match="contacts takes no positional arguments"):
        peepl.contacts(10)


def test_search_words_have_a_name(peepl):
    with pytest.raises(ParameterError, match=r"search takes no positional arguments. Next: give others by name: q=..."):
        crmkit.demo.sheepcrm().search("Peeters")
    with pytest.raises(ParameterError, match="search needs q"):
        crmkit.demo.missionhub().search()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: crmkit.pipelines.win_rate(crmkit.demo.onepagecrm().deals(limit=3)), "'deals' of pipelines.load"),
        (lambda: crmkit.pipelines.funnel({"deals": 1}, None), "'deals' of pipelines.load"),
        (lambda: crmkit.pipelines.choose(pd.DataFrame()), "'deals' of pipelines.load"),
        (lambda: crmkit.attendance.by_weekday(crmkit.demo.peepl().activities(limit=3), None), "'events' of attendance.load"),
        (lambda: crmkit.segments.sizes(crmkit.demo.peepl()), "frames of segments.load"),
        (lambda: crmkit.coverage.summary(crmkit.demo.beeple().projects()), "frames of coverage.load"),
    ],
)
def test_a_table_says_what_it_works_on(call, said):
    with pytest.raises(ParameterError, match=rf"{said}.* Next: data = crmkit"):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: crmkit.attendance.load(crmkit.demo.peepl(), start="2024-06-01", end="2024-01-01"),
        lambda: crmkit.coverage.load(crmkit.demo.beeple(), collaborators="list", start="2024-06-01", end="2024-01-01"),
    ],
)
def test_a_topic_is_not_loaded_for_a_window_in_the_wrong_order(call):
    with pytest.raises(ParameterError, match="start lies after end"):
        call()


def test_a_word_is_no_list_of_collaborators():
    with pytest.raises(ParameterError, match="takes numbers, or 'list'"):
        crmkit.coverage.load(crmkit.demo.beeple(), collaborators="all")


def test_segments_of_peepl_are_numbers(peepl):
    with pytest.raises(ParameterError, match=r"segments=\{41: 'Parents'\}"):
        crmkit.segments.load(peepl, segments={"Parents": 41})
    assert crmkit.segments.load(peepl, segments=41)["segments"]["source_id"].tolist() == ["41"]


def test_a_check_that_reaches_nobody_does_not_blame_the_key(no_waiting):
    away = crmkit.Peepl(token="some-test-key", base_url="http://127.0.0.1:9", pace=None)
    assert "the server cannot be reached, so nothing is known of the key" in away.check().sentence
    demo = crmkit.demo.shared().urls["peepl"]
    wrong = crmkit.Peepl(token=crmkit.demo.shared().credentials["peepl"]["token"], base_url=f"{demo}/elsewhere", pace=None)
    assert "check base_url" in wrong.check().sentence
    assert "the key does not work here" in crmkit.Peepl(token="some-test-key", base_url=demo, pace=None).check().sentence


def test_a_plan_reads_well(peepl):
    assert str(peepl.groups.plan(refresh=True)).endswith("1 call, 0 of them in the cache; 1 to ask.")
    peepl.groups()
    assert str(peepl.groups.plan()).endswith("1 call, 1 of them in the cache; nothing to ask.")
    assert "is not known beforehand; 1 page is in the cache" in str(crmkit.demo.sheepcrm().segments.plan())


@pytest.mark.parametrize("function", ["profile", "normalise"])
def test_cleaning_takes_a_frame(peepl, function):
    work = getattr(crmkit.clean, function)
    for given in (peepl, peepl.contacts, "contacts"):
        with pytest.raises(ParameterError, match=rf"{function}\(\) takes one DataFrame.*client.contacts\(\)"):
            work(given)
    with pytest.raises(ParameterError, match=r"one at a time"):
        work({"contacts": peepl.contacts(limit=2)})


def test_the_explorer_begins_where_it_is_told(peepl):
    assert peepl.explore("group_members").controls["fetcher"].value == "group_members"
    with pytest.raises(ParameterError, match="did you mean contacts"):
        peepl.explore("contcts")


def test_of_many_ids_the_unknown_one_is_named():
    sheep = crmkit.demo.sheepcrm()
    known = sheep.events_in_state("past")["uid"].iloc[0]
    with pytest.raises(crmkit.errors.IncompleteFetch, match=r"uid='0{24}' was answered 404.*leave it out") as caught:
        sheep.event_summary([known, "0" * 24])
    assert len(caught.value.frame) == 1
