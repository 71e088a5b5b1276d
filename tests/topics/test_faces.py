"""What a panel's table says: few columns, rates with intervals, sums of what adds up, everything as text."""

import html
import re

import pandas as pd

from crmkit.topics import faces

EVIL = "<img src=x onerror=alert(1)>"


def cells(shown):
    return [html.unescape(one) for one in re.findall(r"<td[^>]*>(.*?)</td>", shown)]


def test_text_from_a_crm_stays_text():
    frame = pd.DataFrame(
        {EVIL: pd.array([EVIL], dtype="string"), "list": [[EVIL]], "n": pd.array([1], dtype="Int64")}, index=[EVIL]
    )
    shown = faces.table_html(frame, EVIL)
    assert "<img" not in shown + faces.code_html(EVIL) + faces.paragraphs([EVIL])
    assert shown.count("&lt;img") == 5


def test_values_are_written_for_readers():
    frame = pd.DataFrame(
        {
            "share": [0.5, None],
            "share_low": [0.25, None],
            "share_high": [0.75, None],
            "amount": [1234.5, 3.0],
            "whole": [1200.0, 7.0],
            "day": pd.to_datetime(["2024-06-15", None]),
            "at": pd.to_datetime(["2024-06-15 08:30", "2024-06-15 00:00"], utc=True),
            "small": pd.array([True, None], dtype="boolean"),
            "n": pd.array([12345, None], dtype="Int64"),
            "names": [["a", "b"], [{"id": 1}, {"id": 2}]],
        }
    )
    shown = faces.table_html(frame, "", ("share", "amount", "whole", "day", "at", "small", "n", "names"))
    first = ["50.0 % (25 to 75)", "1,234.50", "1,200", "2024-06-15", "2024-06-15 08:30", "yes", "12,345", "a, b"]
    assert cells(shown) == [*first, "", "3.00", "7", "", "2024-06-15 00:00", "", "", "2 records"]
    assert "at (UTC)" in shown
    assert "(2 lines)" in shown


def test_ids_and_years_are_not_counts():
    frame = pd.DataFrame({"id": [7401], "deal_id": [7401], "season": [2023], "n": [7401]}).astype("Int64")
    assert cells(faces.table_html(frame, "")) == ["7401", "7401", "2023", "7,401"]


def test_a_table_says_what_it_leaves_out():
    frame = pd.DataFrame({f"c{place}": range(20) for place in range(15)}).assign(nothing=None)
    shown = faces.table_html(frame, "Many")
    assert f"(the first {faces.LINES} of 20 lines; 4 further columns in .frame)" in shown
    assert shown.count("<th ") == faces.COLUMNS
    assert "(1 line; 15 further columns in .frame)" in faces.table_html(frame.head(1), "One", ("c0",))


def test_a_matrix_shows_the_names_of_its_lines():
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 3]}, index=pd.Index(["a", "b"], name="segment"))
    assert cells(faces.table_html(frame, ""))[0] == "a"


def test_an_empty_table_shows_its_columns():
    frame = pd.DataFrame({"name": pd.array([], dtype="string"), "n": pd.array([], dtype="Int64")})
    shown = faces.table_html(frame, "None")
    assert shown.count("<th ") == 2
    assert "(0 lines)" in shown
    assert faces.totals(frame, ("n",)) == ""


def test_sums_are_of_the_columns_named_and_skip_what_nobody_knows():
    frame = pd.DataFrame(
        {"n": pd.array([1, 2], dtype="Int64"), "amount": [1.5, None], "seen": pd.array([None, None], dtype="Int64")}
    )
    assert faces.totals(frame, ("n", "amount", "seen", "absent")) == "Sums: n 3, amount 1.50."
