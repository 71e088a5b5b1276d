"""A bundle answers the calls that its frames were fetched with, whatever the fetcher fills in, and no others; what was looked up stays at home."""

import pandas as pd
import pytest

import crmkit
from crmkit import share
from crmkit.errors import NotCached, ParameterError
from crmkit.receipts import ATTRS
from crmkit.share.proofs import WITHHELD, _value
from crmkit.share.references import ID
from crmkit.share.titles import Known
from tests.share.conftest import KEY

CALLS = [
    ("peepl", "contacts", (), {}),
    ("peepl", "activities", (), {"start": "2024-01-01"}),
    ("peepl", "activities", (), {"start": pd.Timestamp("2024-02-01"), "end": "2024-03-01"}),
    ("peepl", "groups", (), {}),
    ("onepagecrm", "contacts", (), {}),
    ("onepagecrm", "deals", (), {"status": "won"}),
    ("missionhub", "people", (), {}),
    ("missionhub", "people", (), {"genders": ["male"]}),
    ("sheepcrm", "events", (), {"state": "past"}),
    ("beeple", "projects", (), {}),
]
SYSTEM = {"peepl": "Peepl", "onepagecrm": "OnePageCRM", "missionhub": "MissionHub", "sheepcrm": "SheepCRM", "beeple": "Beeple"}
# Words of the systems, not of people: a text that may be given here is kept, so that the call can be made again.
OF_THE_SYSTEM = {"status", "statuses", "zone", "resource", "resource_type", "terminology", "include", "sort", "fields", "lead_source"}


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    with crmkit.demo.start(people=15) as demo:
        frames = {f"f{number}": getattr(getattr(demo, crm)(), name)(*args, **words) for number, (crm, name, args, words) in enumerate(CALLS)}
        group = int(frames["f3"]["id"].iloc[0])
        frames["members"] = demo.peepl().group_members(group, on="2024-01-01")
        three = demo.peepl().contacts(limit=3)
    return share.bundle(frames, folder / "x.crmkit.zip", key=KEY), frames, group, three


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_the_same_call_gives_the_frame(number, replay):
    bundle, frames, *_ = replay
    crm, name, args, words = CALLS[number]
    found = getattr(getattr(bundle, crm)(), name)(*args, **words, refresh=True)
    assert len(found) == len(frames[f"f{number}"]) > 0
    pd.testing.assert_frame_equal(found, bundle.frames[f"f{number}"])


def test_a_call_with_an_id_of_a_thing_gives_the_frame(replay):
    bundle, frames, group, _ = replay
    assert len(bundle.peepl().group_members(group, on="2024-01-01")) == len(frames["members"])
    with pytest.raises(NotCached, match="with other parameters"):
        bundle.peepl().group_members(group + 1, on="2024-01-01")
    with pytest.raises(NotCached, match="with other parameters"):  # of a list the frame has the group's number as a column
        bundle.peepl().group_members([group], on="2024-01-01")


@pytest.mark.parametrize(
    ("crm", "name", "words"),
    [
        ("onepagecrm", "contacts", {"starred": True}),
        ("onepagecrm", "contacts", {"team": False}),
        ("missionhub", "people", {"genders": ["female"]}),
        ("sheepcrm", "events", {"state": "future"}),
        ("peepl", "contacts", {"limit": 3}),
    ],
)
def test_another_call_gives_none(crm, name, words, replay):
    with pytest.raises(NotCached, match="with other parameters"):
        getattr(getattr(replay[0], crm)(), name)(**words)


def test_a_wrong_word_is_said(replay):
    with pytest.raises(ParameterError, match="did you mean limit"):
        replay[0].peepl().contacts(limt=3)


def test_a_sample_and_a_part_are_not_the_whole(replay, tmp_path):
    _, frames, _, three = replay
    sample = share.bundle({"contacts": three}, tmp_path / "sample.crmkit.zip", key=KEY)
    assert len(sample.peepl().contacts(limit=3)) == 3
    with pytest.raises(NotCached, match=r"a sample, contacts\(limit=3\), of Peepl"):
        sample.peepl().contacts()
    part = share.bundle({"contacts": frames["f0"].head(7)}, tmp_path / "part.crmkit.zip", key=KEY)
    with pytest.raises(NotCached, match="only a part of contacts of Peepl"):
        part.peepl().contacts()
    assert f"7 of {len(frames['f0'])} lines of this table are in the bundle" in crmkit.receipt(part.frames["contacts"]).problems


def test_what_was_looked_up_stays_at_home(replay, tmp_path):
    """Of somebody found by a part of the name, the town and the day of birth, the receipt said all of it, exactly."""
    frame = replay[1]["f0"].head(1)
    sought = {"last_name": "Claes", "search": "Claes", "q": "Clae", "date_of_birth": "1984-05-12", "postal_code": "9000", "city": "Gent", "assigned_tos": ["12"]}
    frame.attrs[ATTRS] = {**frame.attrs[ATTRS], "params": {**sought, "operator": "and", "last_modified": "2024-01-01"}}
    told = crmkit.receipt(share.bundle({"contacts": frame}, tmp_path / "x.crmkit.zip", key=KEY).frames["contacts"]).params
    assert told == {**dict.fromkeys(sought, WITHHELD), "operator": "and", "last_modified": "2024-01-01"}


@pytest.mark.parametrize("crm", SYSTEM.values())
def test_no_free_text_of_any_row_is_told(crm):
    for row in getattr(crmkit, crm).rows().values():
        for param in (*row.own_slots({}), *row.params, *(one for variant in row.variants for one in variant.params)):
            if param.kind == "text" and not param.choices and param.name not in OF_THE_SYSTEM and not ID.fullmatch(param.name):
                assert _value(param.name, "Claes", Known()) == WITHHELD, f"{row.name}: {param.name}"
            if param.kind == "day" and "birth" in param.name:
                assert _value(param.name, "1984-05-12", Known()) == WITHHELD
