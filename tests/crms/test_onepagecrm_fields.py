"""OnePageCRM: custom fields, as a child table and as typed columns."""

import pandas as pd
import pytest

import crmkit
from tests.crms.test_onepagecrm import client, enveloped, page
from tests.serving import serving

SHIRT = {"id": "f1", "name": "Shirt", "type": "select_box", "position": 3, "choices": ["S", "M"]}
SIZE = {"id": "f2", "name": "Size", "type": "number", "position": 1}
SINCE = {"id": "f3", "name": "Since", "type": "date", "position": 2}
LANGUAGES = {"id": "f4", "name": "Languages", "type": "multiple_choice", "position": 5}
TWIN = {"id": "f5", "name": "Shirt", "type": "single_line_text", "position": 4}
BREAK = {"id": "f6", "name": "More", "type": "section_divider", "position": 0}
BIRTHDAY = {"id": "f7", "name": "Birthday", "type": "anniversary", "position": 6, "reminder_days": 3}
LISTED = [SHIRT, SIZE, SINCE, LANGUAGES, TWIN, BREAK]


def answers(records, name="contacts", noun="contact", field="custom_field"):
    entries = [{noun: record} for record in records]
    definitions = [{field: one} for one in LISTED]
    return {
        f"/{name}": (200, page(name, entries)),
        f"/{name}/1": (200, enveloped(entries[0] if entries else {noun: {"id": "1"}})),
        f"/{field}s": (200, page(f"{field}s", definitions)),
    }


def having(number, *values, field="custom_field"):
    return {"id": str(number), f"{field}s": [{field: definition, "value": value} for definition, value in values]}


PEOPLE = [
    having(1, (SHIRT, "M"), (SIZE, 42), (SINCE, "2024-02-29"), (LANGUAGES, ["nl", "fr"]), (BIRTHDAY, "1980-05-01")),
    having(2, (SIZE, "42.5"), (LANGUAGES, "nl"), (TWIN, "blue"), (SINCE, "")),
    having(3, (SIZE, "large"), (SINCE, "soon")),
    {"id": "4"},
]
COLUMNS = ["cf.Size", "cf.Since", "cf.Shirt [f1]", "cf.Shirt [f5]", "cf.Languages", "cf.Birthday"]


def test_custom_fields_are_a_table_by_default():
    with serving(answers(PEOPLE)) as (url, log):
        frame = client(url).contacts()
    table = crmkit.child(frame, "custom_fields")
    assert table["contact_id"].tolist() == ["1"] * 5 + ["2"] * 4 + ["3"] * 2
    assert table["custom_field.name"].tolist()[:3] == ["Shirt", "Size", "Since"]
    assert table["value"].tolist()[1:4] == [42, "2024-02-29", ["nl", "fr"]]
    assert not [name for name in frame if name.startswith("cf.")]
    assert [call[1] for call in log] == ["/contacts"]


def test_custom_fields_as_columns_are_typed_by_their_definitions():
    """Trap 28: two fields of one name carry their id; dividers have no values; a missing value is missing."""
    with serving(answers(PEOPLE)) as (url, log):
        frame = client(url).contacts(custom_fields="columns")
    assert [name for name in frame if name.startswith("cf.")] == [*COLUMNS, "cf.Size.raw", "cf.Since.raw"]
    assert [str(frame[name].dtype) for name in COLUMNS] == [
        "float64",
        "datetime64[us]",
        "string",
        "string",
        "object",
        "datetime64[us]",
    ]
    assert frame["cf.Size"].tolist()[:2] == [42.0, 42.5]
    assert frame["cf.Size"].isna().tolist() == [False, False, True, True]
    assert frame["cf.Size.raw"].tolist()[2] == "large"
    assert frame["cf.Since"].tolist()[0] == pd.Timestamp("2024-02-29")
    assert frame["cf.Shirt [f1]"].isna().tolist() == [False, True, True, True]
    assert frame["cf.Shirt [f5]"].tolist()[1] == "blue"
    assert frame["cf.Languages"].tolist() == [["nl", "fr"], ["nl"], None, None]
    assert frame["cf.Birthday"].tolist()[0] == pd.Timestamp("1980-05-01")
    said = " ".join(crmkit.receipt(frame).problems)
    assert "1 values of cf.Size" in said
    assert crmkit.receipt(frame).complete is True
    assert [call[1] for call in log] == ["/contacts", "/custom_fields"]
    assert "custom_fields" not in dict(log[0][2])


def test_columns_are_the_same_for_nobody():
    with serving(answers([])) as (url, _):
        frame = client(url).contacts(custom_fields="columns")
    assert [name for name in frame if name.startswith("cf.")] == COLUMNS[:-1]
    assert [str(frame[name].dtype) for name in COLUMNS[:3]] == ["float64", "datetime64[us]", "string"]
    assert len(frame) == 0


@pytest.mark.parametrize(
    ("name", "noun", "field"),
    [("contacts", "contact", "custom_field"), ("companies", "company", "company_field"), ("deals", "deal", "deal_field")],
)
@pytest.mark.parametrize("one", [True, False])
def test_every_kind_of_record_has_its_own_definitions(name, noun, field, one):
    record = having(1, (SIZE, 7), field=field)
    with serving(answers([record], name, noun, field)) as (url, log):
        asking = client(url)
        frame = getattr(asking, noun)("1", custom_fields="columns") if one else getattr(asking, name)(custom_fields="columns")
    assert frame["cf.Size"].tolist() == [7.0]
    assert log[-1][1] == f"/{field}s"
