"""Losses and leaks that fuzzing found, each as one small case."""

import json
from dataclasses import replace

import pandas as pd
import pytest

import crmkit
from crmkit import exports
from crmkit.columns import children, ident, instant, integer, nested, number, secret, text, wall
from crmkit.columns import json as json_column
from crmkit.frames import Builder
from crmkit.jsonapi import Kind, lifted
from crmkit.records import at, decoded, tree
from tests.guard.lost import lost


def framed(columns, records, **options):
    builder = Builder(columns, **options)
    builder.add(records)
    return builder.frame()


def test_a_field_called_raw_does_not_hide_a_rejected_value():
    frame = framed([integer("size", "Size.")], [{"size": "large", "size.raw": "x"}, {"size": 1, "size.raw": "y"}])
    assert frame["size.raw"].tolist()[0] == "large"
    assert frame["size.raw [2]"].tolist() == ["x", "y"]


def test_an_object_column_of_nothing_but_texts_stays_one():
    frame = framed([json_column("extra", "Anything.")], [{"extra": "a", "odd": "b"}])
    assert str(frame["extra"].dtype) == "object"
    assert framed([json_column("extra", "Anything.")], []).dtypes.equals(frame[["extra"]].dtypes)


@pytest.mark.parametrize("body", [{"\ud800": "\ud800x"}, {"id": "\ud800"}, {"a": {"\udfff": [{"\ud800": 1}]}}, {"email": "\udc00"}])
def test_half_a_surrogate_pair_becomes_its_escape_everywhere(body, tmp_path):
    columns = crmkit.Peepl.rows()["contacts"].columns
    records = [decoded(json.dumps(body).encode())]
    frame = framed(columns, records)
    assert lost(records, frame, columns) == []
    repr(frame).encode()
    for ending in ("json", "csv", "parquet", "xlsx"):
        exports.write(frame, tmp_path / f"f.{ending}")
    assert "\\u" in json.dumps(records, ensure_ascii=False)


def test_a_half_pair_comes_the_same_from_server_and_cache(server, connect):
    server.answer("/contacts/1/", b'{"id": 1, "first_name": "a\\ud800", "\\udfff": 2}')
    first, second = connect().contact(1), connect().contact(1)
    assert first["first_name"][0] == "a\\ud800"
    assert first.equals(second)
    assert crmkit.receipt(second).calls == 0


def test_half_pairs_in_bytes_become_escapes_too(server, connect):
    """CESU-8, which some databases call UTF-8: every character beyond the first 65,536 is two halves of three bytes each."""
    face = b"\xed\xa0\xbd\xed\xb8\x80"
    server.answer("/contacts/1/", b'{"id": 1, "first_name": "a%b", "custom_fields": {"%b": ["%b"]}}' % (face, face[:3], face))
    first, second = connect().contact(1), connect().contact(1)
    assert first["first_name"][0] == "a\N{GRINNING FACE}"
    assert "\\ud83d" in repr(first.to_dict())
    repr(first.to_dict()).encode()
    assert first.equals(second)


def test_what_stands_beside_a_wrapper_is_kept():
    body = {"deals": [{"deal": {"id": 1}, "owner": "Jan"}, {"deal": {"id": 2}, "id": 9}, {"deal": {"id": 3}, "id": 3}]}
    assert at("deals", "deal")(body) == [{"id": 1, "owner": "Jan"}, {"id": 2, "id [beside deal]": 9}, {"id": 3}]


def test_what_differs_beside_a_wrapper_comes_in_the_servers_order():
    names = [f"field {number}" for number in range(8)]
    (record,) = at("deals", "deal")({"deals": [{"deal": dict.fromkeys(names, 1), **dict.fromkeys(names, 2)}]})
    assert [name for name in record if "beside" in name] == [f"{name} [beside deal]" for name in names]


def test_a_tree_keeps_the_servers_own_path_and_depth():
    (node,) = tree("results", "children", "parent")({"results": [{"id": 1, "name": "Club", "path": "/c", "depth": 4}]})
    assert (node["path"], node["path [from the server]"], node["depth"], node["depth [from the server]"]) == ("Club", "/c", 0, 4)


def test_an_attribute_called_id_is_kept_beside_the_id():
    assert lifted({"id": "7", "attributes": {"id": 99, "name": "A"}}, Kind("person")) == {"id": "7", "name": "A", "attributes.id": 99}


PEOPLE = children(
    "people",
    "People.",
    (
        integer("id", "Id."),
        secret("key", "Key."),
        text("iban", "Account.", opt_in=True),
        *nested("bank", (text("name", "Bank."), text("iban", "Account.", opt_in=True))),
        children("cards", "Cards.", (ident("id", "Id."), secret("pin", "Pin."))),
    ),
)
ODD = {"id": 1, "key": "K", "iban": "I", "bank": {"name": "B", "iban": "I"}, "cards": [{"id": "c", "pin": "P"}]}


@pytest.mark.parametrize("shape", [[ODD], ODD, [[ODD]], [{**ODD, "bank": [ODD["bank"]], "cards": ODD["cards"][0]}]], ids=["list", "object", "twice", "odd"])
def test_secret_and_opt_in_fields_stay_out_in_whatever_shape_they_come(shape):
    shown = framed([PEOPLE], [{"people": shape}]).to_json()
    assert '"B"' in shown.replace('\\"', '"')
    assert not {"K", "I", "P"} & set(shown.replace("\\", "").replace("{", '"').split('"'))
    if shape == [ODD]:
        opened = framed([replace(PEOPLE, kind="children")], [{"people": shape}], sensitive=True)["people"][0]
        assert opened[0]["iban"] == opened[0]["bank"]["iban"] == "I"
        assert "key" not in opened[0]


@pytest.mark.parametrize("shape", [{"iban": "I", "name": "B"}, [{"iban": "I", "name": "B"}], [[{"iban": "I", "name": "B"}]]], ids=["object", "list", "twice"])
def test_a_declared_object_that_comes_as_a_list_shows_no_opt_in_field(shape):
    columns = nested("bank", (text("name", "Bank."), text("iban", "Account.", opt_in=True)))
    shown = framed(columns, [{"bank": shape}]).to_json()
    assert "B" in shown
    assert '"I"' not in shown


def test_a_value_nested_deeper_than_parquet_can_hold_is_written_as_text(server, connect, tmp_path):
    deep = '{"a":' * 600 + "1" + "}" * 600
    server.answer("/contacts/1/", f'{{"id": 1, "odd": [{deep}]}}'.encode())
    frame = connect().contact(1)
    exports.write(frame, tmp_path / "f.parquet")
    assert json.loads(pd.read_parquet(tmp_path / "f.parquet")["odd"][0]) == frame["odd"][0]


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (instant, "2024-01-01T10:00:00.123456789Z"),
        (instant, "2024-01-01T10:00:00.0000001+02:00"),
        (wall, "2024-01-01 10:00:00.123456001"),
        (number, "1e400"),
        (number, "-1E999"),
    ],
)
def test_what_a_dtype_cannot_hold_exactly_is_kept_as_text(make, value):
    frame = framed([make("a", "A.")], [{"a": value}, {"a": None}])
    assert frame["a"].isna().all()
    assert frame["a.raw"][0] == value


@pytest.mark.parametrize(("make", "value"), [(instant, "2024-01-01T10:00:00.123456000Z"), (wall, "2024-01-01T10:00:00.1000000"), (number, "1e308")])
def test_what_it_can_hold_is_no_text(make, value):
    frame = framed([make("a", "A.")], [{"a": value}])
    assert list(frame) == ["a"]
    assert frame["a"].notna().all()
