"""profile: what it looks for, how it shows it, and what it keeps to itself."""

import pandas as pd
import pytest

import crmkit
from crmkit import clean
from crmkit.demo import Demo
from crmkit.errors import ParameterError, ShapeError

TODAY = "2024-06-15"


@pytest.fixture(scope="module")
def demo():
    with crmkit.demo.start(seed=1, people=500) as running:
        yield running


def kinds(report, column):
    """Finding kinds of a column by record."""
    part = report.findings[report.findings["column"] == column]
    return dict(zip(part["record"], part["kind"], strict=True))


def frame(**columns):
    return pd.DataFrame({"id": [str(n) for n in range(len(next(iter(columns.values()))))], **columns})


def test_a_line_per_column_counts_what_is_there():
    cities = ["Gent", "Gent ", "GENT", "-", None, "Luik", "GarcÃ­a"]
    report = clean.profile(frame(city=pd.Series(cities, dtype="string")), today=TODAY)
    line = report.frame.set_index("column").loc["city"]
    assert line[["kind", "sensitivity", "n", "missing", "blank", "distinct"]].tolist() == ["city", "quasi", 7, 1, 1, 6]
    assert line[["spaces", "upper_case", "mojibake"]].tolist() == [1, 1, 1]
    assert kinds(report, "city") == {"1": "spaces", "2": "upper_case", "3": "blank", "6": "mojibake"}
    assert "Aa (4)" not in line["patterns"]
    assert "Aa (2)" in line["patterns"]


def test_birth_dates_that_cannot_be():
    days = pd.to_datetime(["2024-06-15", "2024-06-16", "1899-12-31", "1900-01-01", "1913-01-01", "1980-05-07", None])
    report = clean.profile(frame(birth_date=days), today=TODAY)
    assert kinds(report, "birth_date") == {"1": "impossible", "2": "impossible", "3": "placeholder", "4": "placeholder"}
    assert report.frame.set_index("column").loc["birth_date", "ambiguous"] == 1
    typed = clean.profile(frame(birth_date=days.strftime("%d/%m/%Y")), today=TODAY)
    assert {"1", "2"} <= {record for record, kind in kinds(typed, "birth_date").items() if kind == "impossible"}


def test_an_end_before_its_start_and_an_age_that_does_not_fit():
    start, end = pd.to_datetime(["2024-01-01", "2024-01-02", None]), pd.to_datetime(["2024-01-01", "2024-01-01", "2024-01-01"])
    assert kinds(clean.profile(frame(start_date=start, end_date=end)), "end_date") == {"1": "end_before_start"}
    births = pd.to_datetime(["1980-06-15", "1980-06-16", "1980-06-16"])
    people = frame(birth_date=births, age=pd.array([44, 43, 44], dtype="Int64"))
    report = clean.profile(people, today=TODAY)
    assert kinds(report, "age") == {"2": "age_differs"}
    assert report.findings["level"].tolist() == ["note"]


def test_outliers_are_few_and_ids_are_none():
    values = [float(n) for n in range(30)]
    report = clean.profile(pd.DataFrame({"id": range(31), "amount": [*values, 900.0], "team_id": [*range(30), 9_000]}))
    assert kinds(report, "amount") == {"30": "outlier"}
    assert set(report.findings["column"]) == {"amount"}


def test_test_records_need_a_name_that_is_nothing_else():
    people = frame(
        first_name=["Test", "Test", "Demo", "An", "xxx", "Bar"], last_name=["Test", "Peeters", "Gebruiker", "Demo", "xxx", "User"]
    )
    report = clean.profile(people)
    assert {r for r, kind in kinds(report, "last_name").items() if kind == "test_record"} == {"0", "2", "4"}


def test_a_notation_that_all_share_is_a_remark_and_no_finding():
    report = clean.profile(frame(mobile=[f"3244012345{n}" for n in range(9)] + ["0440/12.34.59"]))
    assert report.findings["record"].tolist() == []
    assert "plus before the country code" in report.frame.set_index("column").loc["mobile", "remark"]


def test_it_shows_neither_names_nor_mails_and_escapes_the_rest():
    people = frame(last_name=["Peeters"] * 5 + ["<b>x"] * 5, remark=["vertrouwelijk"] * 10, uid=["<script>"] * 10)
    people["city"] = pd.Series(["Hamont"] * 4 + ["Gent"] * 6, dtype="string")
    report = clean.profile(people, kinds={"remark": None}, key="uid")
    shown = report._repr_html_() + repr(report) + report.frame.to_string()
    assert "Peeters" not in shown
    assert "Hamont (4)" not in shown
    assert "Gent (6)" in shown
    assert "<script>" not in report._repr_html_()
    assert "Peeters (5)" in clean.profile(people, show_values=True).frame.to_string()


def test_what_is_incomplete_says_so(demo: Demo):
    sample = clean.profile(demo.peepl().contacts(limit=20), today=TODAY)
    assert sample.receipt is not None
    assert "a sample of 20" in sample.sentence
    assert crmkit.receipt(sample.findings).limited
    whole = demo.peepl().contacts()
    whole.attrs["crmkit"] = {**whole.attrs["crmkit"], "complete": False, "problems": ["3 of 459 are missing"]}
    report = clean.profile(whole, today=TODAY)
    assert report._repr_html_().startswith('<p style="color:#b00020"><strong>INCOMPLETE')
    assert "3 of 459 are missing" in repr(report)


def test_the_declaration_of_a_fetcher_tells_what_columns_mean(demo: Demo):
    contacts = demo.onepagecrm().contacts()
    for name, kind in (("emails", "email"), ("phones", "phone")):
        table = crmkit.child(contacts, name)
        line = clean.profile(table, today=TODAY).frame.set_index("column").loc["value"]
        assert (line["kind"], line["sensitivity"]) == (kind, "direct")
    listed = clean.profile(demo.beeple().collaborator_list(), today=TODAY).frame.set_index("column")
    assert listed.loc["name", "kind"] == "full_name"
    organisations = clean.profile(demo.peepl().organisations(), today=TODAY)
    assert set(kinds(organisations, "type").values()) <= {"unknown_value"}
    assert kinds(organisations, "vat_number") == {} or set(kinds(organisations, "vat_number").values()) == {"blank"}


def test_a_national_number_shows_a_day_and_month_that_changed_places(demo: Demo):
    beeple = demo.beeple()
    people = beeple.collaborator(beeple.collaborator_list()["id"], sensitive=True)
    report = clean.profile(people, today=TODAY)
    dirt = demo.truth["dirt"].query("crm == 'beeple' and field == 'birth_date'")
    shown = report.findings.query("kind == 'national_number'")
    known = people.dropna(subset=["national_identification_be"])["id"]
    assert set(shown["record"]) <= set(dirt["record_id"])
    swapped = set(dirt.query("fault == 'birth_swapped'")["record_id"]) & set(known)
    assert swapped
    assert swapped <= set(shown[shown["why"].str.contains("other way round")]["record"])


def test_the_faults_of_deals_and_of_typed_answers_are_found(demo: Demo):
    dirt = demo.truth["dirt"]
    deals = crmkit.pipelines.load(demo.onepagecrm())["deals"]
    found = clean.profile(deals, today=TODAY).findings
    planted = dirt[dirt["field"].str.startswith("deal.")]
    assert len(planted) >= 6
    for fault in planted.itertuples():
        assert set(found.loc[found["kind"] == fault.fault, "record"]) == {fault.record_id}
    raw = clean.profile(demo.onepagecrm().deals(), today=TODAY).findings
    closed = planted[planted["fault"] == "closed_before_opened"]["record_id"].tolist()
    assert raw.loc[raw["kind"] == "end_before_start", "record"].tolist() == closed
    typed = dirt[dirt["fault"] == "date_typed"]
    days = clean.normalise(typed, ["dirty"], kinds={"dirty": "day"})
    assert days["dirty.clean"].dt.strftime("%Y-%m-%d").tolist() == typed["clean"].tolist()
    assert days["dirty.reason"].notna().all()


def test_what_cannot_be_is_said():
    people = frame(city=["Gent"])
    with pytest.raises(ParameterError, match="there is no column"):
        clean.profile(people, key="number")
    with pytest.raises(ParameterError, match="postal_code and city"):
        clean.profile(people, towns=people)
    with pytest.raises(ShapeError, match="same name"):
        clean.profile(pd.concat([people, people], axis=1))


def test_nothing_is_a_report_too():
    report = clean.profile(pd.DataFrame({"email": pd.Series([], dtype="string")}), today=TODAY)
    assert len(report.findings) == 0
    assert "nothing found" in repr(report)
    assert report._repr_html_()
