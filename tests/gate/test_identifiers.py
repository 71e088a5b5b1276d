"""What is known of the account's people: from every kind of table that somebody gives, or an error; never nothing in silence."""

import json

import pandas as pd
import pytest

import crmkit
from crmkit import exports, gate
from crmkit.errors import ConfigError, ParameterError
from crmkit.gate.identifiers import of_files, texts
from crmkit.gate.scanning import Known
from tests.gate.test_sabotage import saved, shows

NAME, MAIL, PHONE = "Lieve Claessens", "lieve@example.org", "0471 22 33 44"
HEAD, LINE = ["full_name", "email", "phone"], [NAME, MAIL, PHONE]


def test_names_in_a_topics_tables_are_known():
    with crmkit.demo.start(people=15) as demo:
        shifts = crmkit.coverage.load(demo.beeple(), start="2024-01-01", end="2024-02-28", collaborators="list", availability=False)
        deals = crmkit.pipelines.load(demo.onepagecrm())
    for tables, named in ((shifts, shifts["collaborators"]["name"]), (deals, deals["owners"]["owner"])):
        assert len(named) > 1
        assert set(named) <= set(texts([tables]))
    assert set(shifts["collaborators"]["name"]) == set(texts([shifts["collaborators"]]))


def test_a_fetched_table_beside_a_topics_tables_keeps_its_own_declarations():
    with crmkit.demo.start(people=15) as demo:
        deals = crmkit.pipelines.load(demo.onepagecrm())["deals"]
        contacts = demo.peepl().contacts()
    assert set(texts([contacts])) <= set(texts([{"deals": deals, "contacts": contacts}]))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_tables_of_any_spreadsheet_are_read(separator, encoding, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("\n".join(separator.join(one) for one in (HEAD, LINE, ["Zoë Peeters", "", ""])), encoding=encoding)
    assert set(of_files([path])) == {*LINE, "Zoë Peeters"}


def test_a_phone_number_in_json_stays_a_text(tmp_path):
    path = tmp_path / "people.json"
    path.write_text(json.dumps([{"phone": "0471223344"}, {"phone": "+32471223355"}]), encoding="utf-8")
    assert list(of_files([path])) == ["0471223344", "+32471223355"]


def test_what_fetch_writes_is_known_in_every_format(club, tmp_path):
    named = set(club.contacts["email"].dropna()) | set(club.contacts["last_name"])
    for ending in ("csv", "json", "parquet"):
        exports.write(club.contacts, tmp_path / f"contacts.{ending}")
        assert named <= set(of_files([tmp_path / f"contacts.{ending}"]))


@pytest.mark.parametrize(
    ("name", "data"), [("a.csv", b"naam,tel\nLieve,1\n"), ("a.csv", b""), ("a.json", b"{"), ("a.parquet", b"x"), ("a.xlsx", b"x")]
)
def test_a_file_that_tells_nothing_is_refused(name, data, tmp_path):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=name) as caught:
        list(of_files([tmp_path / name]))
    assert "Lieve" not in str(caught.value)


def test_a_table_that_tells_nothing_is_refused():
    with pytest.raises(ParameterError, match="no column of a table is known to identify anybody"):
        list(texts([pd.DataFrame({"naam": [NAME]})]))


@pytest.mark.parametrize("known", [pd.DataFrame([LINE], columns=HEAD), {"people": pd.DataFrame([LINE], columns=HEAD)}, NAME, pd.Series([NAME])])
def test_one_source_need_not_be_a_list(known, club, write):
    notebook = saved()
    shows(text_html=f"<p>{NAME}</p>")(notebook)
    with pytest.raises(gate.Rejected, match="an identifier of the account's people"):
        gate.run(write(notebook), club.place, known=known)


@pytest.mark.parametrize("name", ["De Vos", "An Bos", "O'Dea", "D’Hoe", "Le-Roy", "x_42"])
def test_a_short_name_of_several_words_is_found(name):
    known = Known([name])
    assert all(known.inside(text) for text in (f"Familie {name.upper()}!", name, f"<td>{name}</td>", f"({name}, 3)"))
    assert not any(known.inside(text) for text in (f"{name}se", f"a{name}", name[:-1], "Vos De", "Bos, An", "x 42 y"))


@pytest.mark.parametrize("name", ["----", "...", "  ?  ", ""])
def test_a_name_without_a_letter_is_no_alarm(name):
    assert not Known([name]).inside("30 contacts ---- in ... 4 groups?")


@pytest.mark.parametrize("name", ["12-14", "3.50", "(an)", "n/a.", "x---", "2 - 4"])
def test_scraps_and_numbers_are_no_names(name):
    """Taken apart into words they are found everywhere: a house number 12-14 in every table with 12 and 14 side by side."""
    assert not Known([name]).inside("12, 14 and 3, 50 of an x; n.a.; from 2 to 4, 2, 4")
