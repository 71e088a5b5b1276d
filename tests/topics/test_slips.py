"""What a beginner types wrongly into a function of a topic: every function and every keyword, with values of the wrong kind."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import crmkit
from crmkit import attendance, coverage, pipelines, segments
from crmkit.errors import CrmkitError, ParameterError
from crmkit.receipts import Receipt, attach
from crmkit.topics.attendance.neutral import FRAMES
from crmkit.topics.checked import KINDS
from crmkit.topics.pipelines.deals import DEAL, STAGE
from crmkit.topics.shapes import typed
from tests.topics import coverage_fixture, segments_fixture, terms_by_hand

DAY = "2024-06-15"
WRONG = ("x", 3, [1], None, object(), True, 2.5, {}, pd.DataFrame({"a": [1]}))
LEFT = ("Any", "Measure", "pd.DataFrame", "Frame", "Frames", "Held", "dict[str, pd.DataFrame]")  # checked otherwise, or by the function
TOPICS = (segments, attendance, pipelines, coverage)
EVERY = [
    pytest.param(topic, name, id=f"{topic.__name__.rpartition('.')[2]}-{name}")
    for topic in TOPICS
    for name in topic.__all__
    if name not in ("load", "explore") and not name.startswith("plot_")
]
AWAY = {"base_url": "http://127.0.0.1:9", "pace": None}  # nobody listens there
CLIENTS = {
    "Peepl": {"token": "some-test-key"},
    "Beeple": {"token": "some-test-key"},
    "SheepCRM": {"api_key": "some-test-key", "bucket": "example"},
    "MissionHub": {"token": "some-test-key", "organization_id": "1"},
    "OnePageCRM": {"user_id": "0123456789abcdef01234567", "api_key": "some-test-key"},
}
READERS = {
    attendance: {"Peepl": "from_peepl", "SheepCRM": "from_sheepcrm"},
    segments: {name: f"from_{name.lower()}" for name in ("Peepl", "SheepCRM", "MissionHub", "OnePageCRM")},
    pipelines: {"OnePageCRM": ""},
    coverage: {"Beeple": ""},
}


def one_line(dtypes, **values):
    """A frame of a topic with one line, which knows its day."""
    return attach(typed({name: [value] for name, value in values.items()}, dtypes, 1), Receipt("Peepl", "x", records=1), today=DAY)


def made():
    """What stands for each parameter without a default, by name; for a function that takes others, under the function."""
    s = segments_fixture.frames(records=1, newest=DAY)
    event = {"event_id": "1", "crm": "sheepCRM", "kind": "walk", "start": DAY, "cancelled": False, "ended": True, "presence": True}
    a = {name: one_line(dtypes, event_id="1", person_id="1") for name, dtypes in FRAMES.items()}
    a |= {"events": one_line(FRAMES["events"], **event), "groups": one_line(FRAMES["groups"], group_id="1", group="one", person_id="1")}
    pair = a["events"], a["answers"]
    deal = one_line(DEAL, deal_id="1", state="pending", kind="sales", pipeline_id="1", stage=50, currency="EUR", oddities=[])
    c = coverage_fixture.plan()
    fee = {"amount": 1.0, "currency": "gbp", "period": "annual", "paid": True}
    member = terms_by_hand.frame([terms_by_hand.record("1", "2024-01-01", "2024-05-31", **fee)])
    hub = {name: attach(one.copy(), Receipt("MissionHub", "people", records=1, newest=DAY)) for name, one in s.items()}
    return {
        segments: {
            **dict.fromkeys(("frames", "before", "after"), s),
            **dict.fromkeys(("segment", "other"), "A"),
            "name": "new", "segment_id": "x", "day": DAY, "people": ["1"],
            "profiled": segments.profile(s, "A", today=DAY),
            "terms": attach(member, Receipt("sheepCRM", "memberships", records=1, newest=DAY)),
            segments.contacted: {"frames": hub},
        },
        attendance: {
            **a,
            "frames": s,
            "grouped": attendance.by_group(*pair, a["groups"], by="season"),
            "persons": attendance.by_person(*pair),
        },
        pipelines: {
            **dict.fromkeys(("deals", "before", "after"), deal),
            "stages": one_line(STAGE, pipeline_id="1", kind="sales", stage=50),
            "currency": "EUR", "rates": {},
        },
        coverage: {"frames": c, "types": {1: "available"}, "table": coverage.gaps(c)},
    }


@pytest.fixture(scope="module")
def given():
    return made()


@pytest.fixture(scope="module")
def taken(request):
    """Values that some function of a topic took for a keyword: others are spared them, unless there is time."""
    return set() if not request.config.getoption("--full") else None


def parameters(function):
    return [one for one in inspect.signature(function).parameters.values() if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_what_is_typed_wrongly_is_a_clear_error(given, taken, topic, name):
    """Whatever it is, it is taken or refused by an error of crmkit, which says what was wrong."""
    function = getattr(topic, name)
    own = given[topic] | given[topic].get(function, {})
    known = {one.name: own[one.name] for one in parameters(function) if one.name in own}
    if name != "together":
        assert function(**known) is not None
    for one in parameters(function):
        for place, value in enumerate(WRONG):
            case = (topic, one.name, place)
            if taken is not None and case in taken:
                continue
            try:
                function(**{**known, one.name: value})
            except CrmkitError as error:
                said = str(error)
            else:
                if taken is not None:
                    taken.add(case)
                continue
            assert one.name.rstrip("s") in said or "there is no" in said, said
            assert len(said) < 500, said


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_every_annotation_says_what_is_allowed(topic, name):
    for one in parameters(getattr(topic, name)):
        assert str(one.annotation).removesuffix(" | None") in (*KINDS, *LEFT), one


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_a_misspelt_keyword_is_named(given, topic, name):
    function = getattr(topic, name)
    known = {one.name: given[topic][one.name] for one in parameters(function) if one.default is one.empty}
    with pytest.raises(TypeError, match="strat"):
        function(**known, strat=DAY)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_picture_says_what_it_takes(topic):
    for name in topic.__all__:
        if not name.startswith("plot_"):
            continue
        function, table = getattr(topic, name), pd.DataFrame({"a": [1]})
        first, *others = parameters(function)
        for value in ("x", None, object(), table):
            with pytest.raises(ParameterError, match=rf"{name}: ({first.name} takes a table|the frame lacks)"):
                function(value)
        for one in others:
            if one.name != "ax":
                with pytest.raises(ParameterError, match=rf"{name}: {one.name} takes"):
                    function(table, **{one.name: object()})


@pytest.mark.parametrize(("topic", "crm"), [(topic, crm) for topic, readers in READERS.items() for crm in readers])
def test_what_load_is_told_wrongly_is_said_before_anything_is_asked(topic, crm):
    words = [one.name for one in parameters(topic.load) if one.name != "client"]
    if reader := READERS[topic][crm]:
        read = import_module(f"{topic.__name__}.{reader}").read
        words += [one.name for one in parameters(read) if one.name not in ("client", "asked", "period", "today")]
    client = getattr(crmkit, crm)(**CLIENTS[crm], **AWAY)
    for word in words:
        given = {"collaborators": [1], word: object()} if topic is coverage else {word: object()}
        with pytest.raises(ParameterError, match=word):
            topic.load(client, **given)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda p: pipelines.reasons(p, names="x"), r"pipelines.reasons: names takes a dict of texts, not 'x'. Next: such as names="),
        (lambda p: pipelines.velocity(p, days="x"), r"days takes a whole number, 0 or more, not 'x'. Next: such as days=365"),
        (lambda p: pipelines.velocity(p, days=-1), r"days takes a whole number, 0 or more, not -1"),
        (lambda p: pipelines.win_rate(p, ownrs="x"), r"pipelines.win_rate: it has no parameter 'ownrs'. Next: did you mean owners"),
        (lambda p: pipelines.convert(pd.DataFrame(), "EUR", {}), r"deals takes the frame 'deals' of pipelines.load\(\), not a frame without its"),
        (lambda p: pipelines.together(), r"together\(\) takes the frames of pipelines.load\(\), not None"),
        (lambda p: pipelines.convert(p, "EUR", {"USD": "0.9"}), r"rates takes a dict of numbers, not a dict"),
        (lambda p: coverage.frames(tems=[]), r"has no frame 'tems'. Next: did you mean teams"),
        (lambda p: coverage.frames(teams=[1]), r"teams is no table.*list of dicts, with team_id \(string\)"),
        (lambda p: coverage.frames(teams={"needed": ["Peeters"]}), r"teams is no table"),
        (lambda p: attendance.load(crmkit.Peepl(**CLIENTS["Peepl"]), zone="Gent"), r"zone takes a name such as 'Europe/Brussels'"),
        (lambda p: segments.load(crmkit.Peepl(**CLIENTS["Peepl"]), history="no"), r"segments.load: history takes True or False, not 'no'"),
    ],
)  # fmt: skip
def test_the_error_says_what_to_type(given, call, said):
    with pytest.raises(ParameterError, match=said) as caught:
        call(given[pipelines]["deals"])
    assert "Peeters" not in str(caught.value)


def test_a_value_that_may_hold_people_is_not_shown(given):
    """A text is what was typed; of a frame, a list or a dict only the type is said."""
    with pytest.raises(ParameterError, match="level takes a number, not a dict") as caught:
        pipelines.win_rate(given[pipelines]["deals"], level={"names": ["Jan Peeters"]})
    assert "Peeters" not in str(caught.value)


def test_the_function_that_was_called_names_itself(given):
    with pytest.raises(ParameterError, match=r"^attendance.by_weekday: it has no parameter 'kindz'. Next: did you mean kinds"):
        attendance.by_weekday(given[attendance]["events"], given[attendance]["answers"], kindz="walk")


def test_what_fits_is_taken(given):
    """Names may be a column, a tuple, the keys of a dict, an iterator, one number; flags and numbers may be numpy's."""
    frames, deals = given[coverage]["frames"], given[pipelines]["deals"]
    teams = frames["teams"]["team_id"].head(2)
    for some in (teams, tuple(teams), dict.fromkeys(teams).keys(), iter(teams), [1, 2], teams.to_numpy()):
        assert coverage.by_team(frames, teams=some)["team_id"].tolist() == ["1", "2"]
    assert len(coverage.by_team(frames, teams=1)) == 1
    assert len(coverage.gaps(frames, published=np.bool_(True), top=np.int64(2))) == 2
    assert len(pipelines.win_rate(deals, level=np.float32(0.9))) == 1
    assert pipelines.moved(deals, deals, changes=[]).empty


def test_names_may_be_gone_through_only_once(given):
    """An iterator was empty after the first look at it, so nothing fitted, and the table was without lines and without a word."""
    frames, s, a = given[coverage]["frames"], given[segments]["frames"], given[attendance]
    deals = given[pipelines]["deals"].assign(owner_id="u1", owner="Ann").astype(DEAL)
    for call, names in (
        (lambda some: coverage.by_team(frames, functions=some), ["Bar"]),
        (lambda some: coverage.presence(frames, functions=some), ["Bar"]),
        (lambda some: segments.sizes(s, kinds=some), ["s"]),
        (lambda some: attendance.choose(a["events"], kinds=some), a["events"]["kind"].dropna().unique().tolist()),
        (lambda some: pipelines.bridge(deals.head(0), deals, owners=some), ["Ann"]),
    ):
        expected = call(names)
        assert len(expected)
        pd.testing.assert_frame_equal(call(iter(names)), expected)
        pd.testing.assert_frame_equal(call(one for one in names), expected)
