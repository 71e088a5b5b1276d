"""Every row of every system on the demo: it fetches, and with every parameter it sends nothing that no sheet allows."""

import pandas as pd
import pytest

import crmkit
from crmkit import demo, typed
from crmkit.endpoint import fetcher
from crmkit.errors import CrmkitError

KINDS = {"peepl": "Peepl", "beeple": "Beeple", "sheepcrm": "SheepCRM", "missionhub": "MissionHub", "onepagecrm": "OnePageCRM"}
ROWS = [(crm, name) for crm, kind in KINDS.items() for name in getattr(crmkit, kind).rows()]


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=80) as running:
        yield running


@pytest.fixture(scope="module")
def clients(organisation):
    return {crm: getattr(organisation, crm)(workers=1) for crm in KINDS}


def sample(param):
    """A value of the declared kind; whether the server likes it does not matter here, only whether it knows the name."""
    simple = {
        "integer": 1,
        "number": 1,
        "flag": True,
        "day": "2024-05-01",
        "instant": "2024-05-01",
        "moment": "2024-05-01",
        "json": {},
    }
    value = param.choices[0] if param.choices else simple.get(param.kind, "x")
    if param.several == "map":
        key = "person" if param.name == "fields" else "1"
        return {key: [value] if param.inner != "no" else value}
    return [value] * (param.exactly or 1) if param.several != "no" else value


def place(param):
    return sample(param) if param.choices or param.kind != "id" else "1"


@pytest.mark.parametrize(("crm", "name"), ROWS, ids=lambda value: str(value))
def test_each_parameter_is_one_that_the_system_knows(crm, name, clients, organisation):
    client = clients[crm]
    row = type(client).rows()[name]
    places = [place(param) for param in row.own_slots(client.slots)]
    required = {param.name: sample(param) for param in row.params if param.required}
    tries = [required] + [{**required, param.name: sample(param)} for param in row.params if not param.required]
    start = len(organisation.log)
    for words in tries:
        try:
            fetcher(row, client)(*places, **words, limit=1, refresh=True)
        except CrmkitError:
            continue
    new = organisation.log[start:]
    if row.experimental or crm == "sheepcrm":
        new = [call for call in new if call.status != 404]
    # "value x of ..." is about this test's made-up values; everything else is a name, a header or a path that no sheet has.
    said = [note for call in new for note in call.undocumented if not note.startswith(("value ", "field "))]
    assert said == []


NEED_A_WORD = ("find_person", "search_car", "search_person", "filter_stats_people")


def needs_nothing(crm, name):
    row = getattr(crmkit, KINDS[crm]).rows()[name]
    return not row.own_slots({"bucket": ""}) and not any(param.required for param in row.params) and name not in NEED_A_WORD


@pytest.mark.parametrize(("crm", "name"), [one for one in ROWS if needs_nothing(*one)], ids=lambda value: str(value))
def test_a_list_kept_typed_is_the_list_of_its_pages(crm, name, clients, monkeypatch):
    monkeypatch.setattr(typed, "LONG", 0)
    words = {"sensitive": True} if type(clients[crm]).rows()[name].has_sensitive else {}
    first, second, third = (getattr(clients[crm], name)(**words) for _ in range(3))
    pd.testing.assert_frame_equal(first, third)
    assert repr(first.to_dict("list")) == repr(third.to_dict("list"))
    assert crmkit.receipt(second) == crmkit.receipt(third)
    beside = [one.attrs["crmkit"].get("included") for one in (first, third)]
    tables = [one.frames if one else {} for one in beside]
    assert list(tables[0]) == list(tables[1])
    for table in tables[0]:
        pd.testing.assert_frame_equal(tables[0][table], tables[1][table])


def test_sensitive_columns_enter_no_frame_that_did_not_ask_for_them(clients, monkeypatch):
    monkeypatch.setattr(typed, "LONG", 0)
    one = clients["beeple"].collaborator_list()["id"].iloc[0]
    for sensitive in (True, True, True, False, False, False, True):
        assert ("iban" in clients["beeple"].collaborator(one, sensitive=sensitive)) is sensitive
