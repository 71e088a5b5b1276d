import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import crmkit
from crmkit import exports
from crmkit.demo import Demo
from crmkit.errors import ConfigError, ShapeError

BAD = ["=1+1", "+32 476", "-2", "@sum", "\t=1", "\r=1", "  =1", "＝1"]
GOOD = ["Jan", "a=b", "1-2", "", "'=1", 'Noël, "X"\nline', "é" * 40]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": pd.Series([1, 2**53 + 1, None], dtype="Int64"),
            "name": pd.Series(["Zoë", "=cmd()", None], dtype="string"),
            "rate": pd.Series([0.1, float("nan"), 1e-7], dtype="float64"),
            "open": pd.Series([True, None, False], dtype="boolean"),
            "born": pd.Series(["1850-02-03", "2001-12-31", None], dtype="datetime64[us]"),
            "at": pd.Series(["2024-07-01T10:00:00.000001Z", None, "2024-01-01T00:00:00Z"], dtype="datetime64[us, UTC]"),
            "took": pd.Series([pd.Timedelta("90min"), None, pd.Timedelta(0)], dtype="timedelta64[us]"),
            "tags": pd.Series([["a", "b"], [], None], dtype="object"),
            "rows": pd.Series([[{"x": 1}], [{"x": 2, "y": "é"}], []], dtype="object"),
            "odd": pd.Series([[1, "a"], [{}], {"k": None}], dtype="object"),
        }
    )


def test_csv_comes_back_typed(frame: pd.DataFrame, tmp_path: Path) -> None:
    exports.write(frame, tmp_path / "f.csv", raw_formulas=True)
    plain = ["id", "name", "rate", "open"]
    back = pd.read_csv(tmp_path / "f.csv", dtype=frame[plain].dtypes.to_dict())
    assert_frame_equal(back[plain], frame[plain])
    assert pd.to_datetime(back["at"].dropna(), format="ISO8601").tolist() == frame["at"].dropna().tolist()
    assert back["born"].tolist()[:2] == ["1850-02-03", "2001-12-31"]
    assert [json.loads(text) for text in back["rows"]] == frame["rows"].tolist()
    assert json.loads(back["tags"][0]) == ["a", "b"]
    assert pd.isna(back["tags"][2])
    assert json.loads(back["odd"][2]) == {"k": None}


def test_json_is_a_list_of_records_without_loss(frame: pd.DataFrame, tmp_path: Path) -> None:
    exports.write(frame, tmp_path / "f.json")
    first, second, third = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert list(first) == list(frame.columns)
    assert first["id"] == 1
    assert second["id"] == 2**53 + 1
    assert third["id"] is None
    assert (first["born"], third["born"]) == ("1850-02-03", None)
    assert first["at"] == "2024-07-01T10:00:00.000001Z"
    assert first["took"] == "P0DT1H30M0S"
    assert second["rate"] is None
    assert second["name"] == "=cmd()"
    assert [one["odd"] for one in (first, second, third)] == frame["odd"].tolist()


def test_an_empty_frame_is_an_empty_list(frame: pd.DataFrame, tmp_path: Path) -> None:
    exports.write(frame.head(0), tmp_path / "f.json")
    assert json.loads((tmp_path / "f.json").read_text()) == []


def test_parquet_keeps_dtypes_lists_and_the_receipt(small_demo: Demo, tmp_path: Path) -> None:
    contacts = small_demo.peepl().contacts()
    exports.write(contacts, tmp_path / "f.parquet")
    back = pd.read_parquet(tmp_path / "f.parquet")
    plain = [name for name in contacts if contacts[name].dtype != object]
    assert_frame_equal(back[plain], contacts[plain])
    assert crmkit.receipt(back) == crmkit.receipt(contacts)
    assert_frame_equal(crmkit.child(back, "address"), crmkit.child(contacts, "address"))


def test_parquet_holds_values_without_a_common_shape_as_json(frame: pd.DataFrame, tmp_path: Path) -> None:
    exports.write(frame, tmp_path / "f.parquet")
    back = pd.read_parquet(tmp_path / "f.parquet")
    assert [json.loads(text) for text in back["odd"]] == frame["odd"].tolist()
    assert back["tags"][0].tolist() == ["a", "b"]
    assert_frame_equal(back[list(frame)[:7]], frame[list(frame)[:7]])


def test_excel_has_the_values_and_the_receipt(frame: pd.DataFrame, small_demo: Demo, tmp_path: Path) -> None:
    exports.write(frame.assign(id=frame["id"] % 1000), tmp_path / "f.xlsx")
    back = pd.read_excel(tmp_path / "f.xlsx", dtype={"id": "Int64", "name": "string", "open": "boolean"})
    assert back["name"].tolist()[:2] == ["Zoë", "=cmd()"]
    assert back["open"].tolist()[:1] == [True]
    assert back["at"][2] == pd.Timestamp("2024-01-01")
    assert str(back["born"][0]).startswith("1850-02-03")
    assert json.loads(back["rows"][1]) == [{"x": 2, "y": "é"}]
    exports.write(small_demo.peepl().groups(), tmp_path / "g.xlsx")
    proof = pd.read_excel(tmp_path / "g.xlsx", sheet_name="receipt").set_index("what")["value"]
    assert proof["endpoint"] == "groups"
    assert proof["complete"] == "True"


def written(frame: pd.DataFrame, path: Path, **options: Any) -> Any:
    exports.write(frame, path, force=True, **options)
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype="string", keep_default_na=False)
    return openpyxl.load_workbook(path)["data"]


@pytest.mark.parametrize("text", BAD)
def test_no_text_or_head_runs_as_a_formula(text: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({text: pd.Series([text, "Jan"], dtype="string")})
    csv = written(frame, tmp_path / "f.csv")
    shown = "'\r'=1" if text == "\r=1" else f"'{text}"  # a line break begins a cell of its own
    assert csv.columns.tolist() == [shown]
    assert csv.iloc[0, 0] == shown
    sheet = written(frame, tmp_path / "f.xlsx")
    assert [[cell.data_type for cell in row] for row in sheet.iter_rows()] == [["s"]] * 3


def test_raw_formulas_are_left_alone(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["=1+1"], dtype="string")})
    assert written(frame, tmp_path / "f.csv", raw_formulas=True)["a"].tolist() == ["=1+1"]
    assert written(frame, tmp_path / "f.xlsx", raw_formulas=True)["A2"].data_type == "f"


@given(texts=st.lists(st.one_of(st.sampled_from(BAD + GOOD), st.text()), min_size=1, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_texts_are_kept_or_quoted(texts: list[str], tmp_path: Path) -> None:
    texts = [text.replace("\x00", "") for text in texts]
    frame = pd.DataFrame({"n": range(len(texts)), "a": pd.Series(texts, dtype="string")})
    back = written(frame, tmp_path / "f.csv")["a"].tolist()
    for text, found in zip(texts, back, strict=True):
        assert found.replace("'", "") == text.replace("'", "")
        assert not found.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_text_columns_that_are_no_string_columns_are_made_harmless(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["=1", 2, ["=3"]], dtype="object")})
    assert written(frame, tmp_path / "f.csv")["a"].tolist() == ["'=1", "2", '["=3"]']


def test_numbers_keep_their_minus(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series([-1, 2], dtype="Int64"), "b": [-0.5, 1.0]})
    assert written(frame, tmp_path / "f.csv").to_numpy().tolist() == [["-1", "-0.5"], ["2", "1.0"]]


def test_control_characters_do_not_break_a_workbook(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["a\x00b\x1fc\nd"], dtype="string")})
    assert written(frame, tmp_path / "f.xlsx")["A2"].value == "a\ufffdb\ufffdc\nd"


def test_what_excel_cannot_hold_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["x" * 32_768], dtype="string")})
    with pytest.raises(ShapeError, match="a text of a is longer"):
        exports.write(frame, tmp_path / "f.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_text("old")
    with pytest.raises(ShapeError):
        exports.write(pd.DataFrame({"a": pd.Series(["x" * 40_000], dtype="string")}), tmp_path / "f.xlsx", force=True)
    assert (tmp_path / "f.xlsx").read_text() == "old"


@pytest.mark.parametrize("ending", [".parquet", ".xlsx"])
def test_a_missing_package_is_named(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"crmkit\[files\]"):
        exports.checked(tmp_path / f"f{ending}")
    exports.checked(tmp_path / "f.csv")


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "f.csv").mkdir()
    with pytest.raises(ConfigError, match="exists"):
        exports.checked(tmp_path / "f.csv", force=True)
