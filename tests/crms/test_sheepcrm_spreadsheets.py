"""Spreadsheets as frames: sheepCRM's two exports."""

import builtins
import sys
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

import crmkit
from crmkit.crms.sheepcrm import SheepCRM
from crmkit.errors import ConfigError, ShapeError
from crmkit.spreadsheets import XLSX, sheet_records
from tests.serving import serving

ATTENDANCE = "/events/v2/example/booking/e1/attendance/export"


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets:
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def client(url):
    return SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None)


def exported(content, **more):
    with serving({ATTENDANCE: (200, content)}, {"Content-Type": XLSX}) as (url, log):
        return client(url).attendance_export("e1", **more), log


def test_headers_are_columns_and_cells_keep_their_types():
    lines = [
        ["Name", "Places", "Paid", "Amount", "Booked", "Born", "Note"],
        ["Ada Example", 2, True, 12.5, datetime(2026, 3, 1, 9, 30), date(1990, 1, 2), None],
        ["Ben Example", None, False, 3.0, None, None, None],
    ]
    frame, log = exported(workbook(("Attendees", lines)), fieldset=["core", "profile"])
    assert frame["Name"].tolist() == ["Ada Example", "Ben Example"]
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "booking_uid": "string",
        "Name": "string",
        "Places": "Int64",
        "Paid": "boolean",
        "Amount": "float64",
        "Booked": "datetime64[us]",
        "Born": "datetime64[us]",
        "Note": "string",
    }
    assert frame["Booked"].iloc[0] == pd.Timestamp("2026-03-01 09:30")
    assert frame["booking_uid"].tolist() == ["e1", "e1"]
    assert log[0][2] == [("fieldset", "core"), ("fieldset", "profile")]
    assert log[0][3]["Accept"] == XLSX
    assert crmkit.receipt(frame).complete is None


def test_orders_come_by_the_same_way_and_from_the_cache():
    content = workbook(("Orders", [["Buyer"], ["Ada Example"]]))
    with serving({"/events/v2/example/booking/e1/orders/export": (200, content)}, {"Content-Type": XLSX}) as (url, log):
        sheep = client(url)
        pd.testing.assert_frame_equal(sheep.orders_export("e1"), sheep.orders_export("e1"))
    assert len(log) == 1


def test_nothing_is_computed():
    frame, _ = exported(workbook(("S", [["name", "a", "b"], ["Ada", "=1+1", '=HYPERLINK("http://x.example")']])))
    assert frame["a"].isna().all()
    assert frame["b"].isna().all()


def test_repeated_and_missing_headers_get_names_of_their_own():
    frame, _ = exported(workbook(("S", [[], ["a", "a", None], [1, 2, 3, 4], [None, None, None]])))
    assert frame.columns.tolist() == ["booking_uid", "a", "a [2]", "column 3", "column 4"]
    assert frame.iloc[0].tolist() == ["e1", 1, 2, 3, 4]
    assert len(frame) == 1


def test_several_sheets_with_lines_name_themselves():
    content = workbook(("One", [["a"], [1]]), ("Empty", []), ("Two", [["b"], [2]]))
    assert sheet_records(content) == [{"sheet": "One", "a": 1}, {"sheet": "Two", "b": 2}]


def test_a_sheet_without_lines_is_an_empty_frame():
    frame, _ = exported(workbook(("S", [["a", "b"]])))
    assert frame.empty
    assert frame.columns.tolist() == ["booking_uid"]


def test_a_size_that_the_file_claims_is_not_believed():
    import zipfile

    content = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook(("S", [["a", "b"], [1, 2]])))) as book, zipfile.ZipFile(content, "w") as lying:
        for name in book.namelist():
            lying.writestr(name, book.read(name).replace(b'ref="A1:B2"', b'ref="A1"'))
    assert sheet_records(content.getvalue()) == [{"a": 1, "b": 2}]


@pytest.mark.parametrize("content", [b"<html>log in</html>", b"", b'{"error": "x"}', workbook(("S", [["a"], [1]]))[:-200]])
def test_what_is_no_spreadsheet_is_said_so(content):
    with pytest.raises(ShapeError, match="spreadsheet"):
        sheet_records(content)


def test_a_zip_of_something_else_is_said_so():
    import zipfile

    content = BytesIO()
    with zipfile.ZipFile(content, "w") as other:
        other.writestr("readme.txt", "hello")
    with pytest.raises(ShapeError, match="spreadsheet"):
        sheet_records(content.getvalue())


def test_without_openpyxl_a_plain_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ConfigError, match=r"crmkit\[files\]"):
        sheet_records(workbook_made_before)


workbook_made_before = workbook(("S", [["a"], [1]]))


def test_openpyxl_is_not_imported_before_it_is_needed():
    assert "openpyxl" not in vars(sys.modules["crmkit.spreadsheets"])
    assert "openpyxl" not in vars(builtins)
