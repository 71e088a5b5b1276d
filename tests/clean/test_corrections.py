"""Corrections as data: made from two frames, kept in files, applied to a newer fetch, conflicts told."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import clean, demo
from crmkit.clean.changes import COLUMNS, CorrectionWarning
from crmkit.errors import ConfigError, ParameterError, ShapeError


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=60) as running:
        yield running


@pytest.fixture(scope="module")
def contacts(organisation):
    return organisation.peepl().contacts()


def fixed(frame, column, values):
    changed = frame.copy()
    changed.loc[changed.index[: len(values)], column] = values
    return changed


def test_a_line_per_changed_value(contacts):
    after = fixed(fixed(contacts, "first_name", ["Zoë", "Ann"]), "birth_date", [pd.Timestamp("1999-12-31")])
    found = clean.corrections(contacts, after, reason="typed wrong", source="review")
    assert list(found.columns) == list(COLUMNS)
    assert set(found.dtypes.astype(str)) == {"string"}
    first = contacts.iloc[0]
    assert found[["crm", "record", "reason", "source"]].drop_duplicates().values.tolist() == [
        ["Peepl", "contact", "typed wrong", "review"]
    ]
    lines = {(one.id, one.field): (one.old, one.new) for one in found.itertuples()}
    assert lines[str(first["id"]), "first_name"] == (first["first_name"], "Zoë")
    assert lines[str(first["id"]), "birth_date"] == (first["birth_date"].strftime("%Y-%m-%d"), "1999-12-31")
    assert len(lines) == 3


def test_order_and_absent_records_do_not_matter(contacts):
    after = fixed(contacts, "first_name", ["Zoë", "Ann"])
    shuffled = after.head(7).sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        clean.corrections(contacts, after).sort_values("id", ignore_index=True),
        clean.corrections(contacts, shuffled).sort_values("id", ignore_index=True),
    )


def test_missing_and_empty_are_told_apart(contacts):
    after = fixed(contacts, "title", pd.array(["", pd.NA], dtype="string"))
    before = fixed(contacts, "title", pd.array([pd.NA, ""], dtype="string"))
    found = clean.corrections(before, after)
    assert [(pd.isna(one.old), pd.isna(one.new)) for one in found.itertuples()] == [(True, False), (False, True)]


def test_columns_of_normalise_are_the_new_values(contacts):
    tidy = contacts.copy()
    tidy["first_name.clean"] = tidy["first_name"].str.upper()
    tidy["first_name.reason"] = pd.array(["capitals"] * len(tidy), dtype="string")
    tidy["last_name.clean"] = pd.array([pd.NA] * len(tidy), dtype="string")
    found = clean.corrections(tidy)
    assert set(found["field"]) == {"first_name"}
    assert set(found["reason"]) == {"capitals"}
    assert (found["new"] == found["old"].str.upper()).all()


def test_entries_of_lists_are_named_by_id_or_position(organisation, contacts):
    addresses = crmkit.child(contacts, "address")
    after = addresses.copy()
    after.loc[0, "city"] = "Gent"
    found = clean.corrections(addresses, after).iloc[0]
    assert (found["record"], found["id"]) == ("contact", str(addresses.loc[0, "contact_id"]))
    assert found["field"] == f"address[{addresses.loc[0, 'id']}].city"

    phones = crmkit.child(organisation.onepagecrm().contacts(), "phones")
    after = phones.copy()
    after.loc[0, "value"] = "+3216000000"
    found = clean.corrections(phones, after).iloc[0]
    assert (found["record"], found["field"], found["new"]) == ("contact", "phones[0].value", "+3216000000")

    for asked in (311, [311, 312]):
        listed = organisation.peepl().contact_addresses(asked)
        after = listed.copy()
        after.loc[0, "city"] = "Gent"
        found = clean.corrections(listed, after).iloc[0]
        assert (found["record"], found["id"]) == ("contact", "311")
        assert found["field"] == f"address[{listed.loc[0, 'id']}].city"


def test_organisations_in_a_list_of_members_are_not_taken_for_contacts(organisation):
    peepl = organisation.peepl()
    for group in peepl.groups()["id"]:
        members = peepl.group_members(int(group), "organisations")
        if len(members):
            break
    found = clean.corrections(members, fixed(members, "email", ["x@example.org"]))
    assert found["record"].tolist() == ["organisation"]


def test_a_frame_without_receipt_says_whose_records_it_holds(contacts):
    bare = pd.DataFrame(contacts.to_dict("list"))
    after = fixed(bare, "first_name", ["Zoë"])
    with pytest.raises(ParameterError, match="receipt"):
        clean.corrections(bare, after)
    found = clean.corrections(bare, after, crm="Peepl", record="contact", key="id")
    assert found[["record", "field", "new"]].values.tolist() == [["contact", "first_name", "Zoë"]]


def test_repeats_and_strangers_are_errors(contacts):
    with pytest.raises(ShapeError, match="more than once"):
        clean.corrections(contacts, pd.concat([contacts, contacts.head(1)]).pipe(lambda one: crm_like(one, contacts)))
    stranger = contacts.copy()
    stranger.loc[0, "id"] = 999_999
    with pytest.raises(ShapeError, match="1 records of after"):
        clean.corrections(contacts, stranger)


def crm_like(frame, other):
    frame.attrs = other.attrs
    return frame


def test_applied_to_the_same_frame_they_give_the_other(contacts):
    after = fixed(fixed(contacts, "first_name", ["Zoë", ""]), "birth_date", [pd.Timestamp("1999-12-31"), pd.NaT])
    found = clean.corrections(contacts, after)
    again = clean.apply_corrections(contacts, found)
    pd.testing.assert_frame_equal(again, after)
    assert crmkit.receipt(again).account == crmkit.receipt(contacts).account
    pd.testing.assert_frame_equal(clean.apply_corrections(again, found), after)


def test_lists_and_children_come_back_too(organisation):
    contacts = organisation.onepagecrm().contacts()
    after = contacts.copy()
    after.at[0, "tags"] = ["VIP", "Nieuw"]
    found = clean.corrections(contacts, after)
    assert json.loads(found.loc[0, "new"]) == ["VIP", "Nieuw"]
    assert clean.apply_corrections(contacts, found).at[0, "tags"] == ["VIP", "Nieuw"]
    phones = crmkit.child(contacts, "phones")
    fixed_phones = fixed(phones, "value", ["1", "2"])
    both = pd.concat([found, clean.corrections(phones, fixed_phones)])
    pd.testing.assert_frame_equal(clean.apply_corrections(phones, both), fixed_phones)
    pd.testing.assert_frame_equal(clean.apply_corrections(contacts, both), clean.apply_corrections(contacts, found))


def test_conflicts_are_told_and_not_applied(contacts):
    found = clean.corrections(contacts, fixed(contacts, "first_name", ["Zoë", "Ann", "Bo"]))
    newer = fixed(contacts, "first_name", ["Changed"]).drop(index=contacts.index[1])
    told = clean.conflicts(newer, found)
    assert told[["conflict", "now"]].fillna("").values.tolist() == [["changed", "Changed"], ["no such record", ""]]
    with pytest.warns(CorrectionWarning, match="2 of 3"):
        applied = clean.apply_corrections(newer, found)
    assert applied["first_name"].head(2).tolist() == ["Changed", "Bo"]
    assert clean.conflicts(contacts, found).empty


def test_a_value_that_does_not_fit_its_column_is_an_error(contacts):
    found = clean.corrections(contacts, fixed(contacts, "birth_date", [pd.Timestamp("1999-12-31")]))
    found["new"] = "soon"
    with pytest.raises(ShapeError, match="birth_date"):
        clean.apply_corrections(contacts, found)


TEXTS = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(["", "'", "''", "=1+1", "+32 470 00 00 00", "NA", "null", "007", "1e5", "a\r\nb", "\r"])
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(*[TEXTS] * 8), max_size=6), ending=st.sampled_from([".csv", ".json", ".parquet"]))
def test_files_give_back_what_went_in(tmp_path, rows, ending):
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype("string")
    path = tmp_path / f"fixes{ending}"
    clean.save_corrections(frame, path, force=True)
    pd.testing.assert_frame_equal(clean.load_corrections(path), frame)


def test_csv_holds_no_formula_and_can_be_edited(tmp_path, contacts):
    found = clean.corrections(contacts, fixed(contacts, "first_name", ["=cmd()", "Ann"]))
    path = tmp_path / "fixes.csv"
    clean.save_corrections(found, path)
    assert "'=cmd()" in path.read_text()
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[2]]))
    assert clean.load_corrections(path)["new"].tolist() == ["Ann"]


def test_files_that_are_none(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ShapeError, match="no corrections"):
        clean.load_corrections(tmp_path / "other.csv")
    with pytest.raises(ConfigError, match="no file"):
        clean.load_corrections(tmp_path / "gone.csv")
    with pytest.raises(ConfigError, match="format"):
        clean.load_corrections(tmp_path / "fixes.txt")


def test_kept_corrections_on_a_fresh_fetch_give_the_same(tmp_path, organisation, contacts):
    after = fixed(contacts, "first_name", ["Zoë", "Ann"])
    clean.save_corrections(clean.corrections(contacts, after), tmp_path / "fixes.parquet")
    fresh = organisation.peepl().contacts(refresh=True)
    pd.testing.assert_frame_equal(clean.apply_corrections(fresh, clean.load_corrections(tmp_path / "fixes.parquet")), after)
