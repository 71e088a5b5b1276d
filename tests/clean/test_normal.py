"""normalise: what it changes, what it leaves alone, and how its frame looks."""

import string
import sys

import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban

import crmkit
from crmkit import clean
from crmkit.clean.meaning import KINDS
from crmkit.clean.normal import READERS
from crmkit.clean.verdicts import Column
from crmkit.demo import names
from crmkit.demo.club import Club
from crmkit.demo.records import CRMS
from crmkit.errors import ConfigError, ParameterError
from tests.seeds import some

from . import planted


def read(kind, text, *beside, **choices):
    """The verdict on one text of a column that also holds others."""
    part = kind.removesuffix("_name") if kind.endswith("_name") else ""
    return READERS[kind](Column(dict.fromkeys([text, *beside], 1), part=part, **choices))(text)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("email", "An.Peeters@Example.ORG", "An.Peeters@example.org"),
        ("email", " mailto:an@example.org ", "an@example.org"),
        ("email", "an@example.org.", "an@example.org"),
        ("phone", "0440/12.34.56", "+32440123456"),
        ("phone", "0032440123456", "+32440123456"),
        ("phone", "+32 (0)440 123456", "+32440123456"),
        ("phone", "440123456", "+32440123456"),
        ("phone", "0440-123456 (na 18u)", "+32440123456"),
        ("phone", "tel: 016 20 30 40", "+3216203040"),
        ("last_name", "VAN DEN BROECK", "Van den Broeck"),
        ("last_name", "van 't veer", "Van 't Veer"),
        ("last_name", "D'HONDT", "D'Hondt"),
        ("last_name", "O'BRIEN", "O'Brien"),
        ("last_name", "mcdonald", "McDonald"),
        ("last_name", "VON DER LEYEN", "von der Leyen"),
        ("last_name", "DE LA CROIX", "de la Croix"),
        ("last_name", "PEETERS-DE SMET", "Peeters-De Smet"),
        ("last_name", "IJSERMANS", "IJsermans"),
        ("last_name", "GarcÃ­a", "García"),
        ("full_name", "JAN VAN DEN BROECK", "Jan Van den Broeck"),
        ("first_name", "JEAN-PIERRE", "Jean-Pierre"),
        ("first_name", " Jo\u00a0", "Jo"),
        ("postal_code", "b-3000", "3000"),
        ("postal_code", "3000.0", "3000"),
        ("postal_code", "1234ab\x1fNL", "1234 AB"),
        ("postal_code", "sw1a1aa\x1fUnited Kingdom", "SW1A 1AA"),
        ("postal_code", "a65 f4e2\x1fIE", "A65 F4E2"),
        ("city", "OUD-HEVERLEE", "Oud-Heverlee"),
        ("city", "'S-GRAVENHAGE", "'s-Gravenhage"),
        ("country", "België", "BE"),
        ("country", "Allemagne", "DE"),
        ("country", "Niederlande", "NL"),
        ("country", "IRL", "IE"),
        ("iban", "be68 5390 0754 7034", "BE68539007547034"),
        ("vat", "BE0403.019.261", "BE0403019261"),
        ("vat", "0403.019.261", "BE0403019261"),
        ("birth_date", "21/02/1990", "1990-02-21"),
        ("birth_date", "2/21/1990", "1990-02-21"),
        ("birth_date", "21 février 1990", "1990-02-21"),
        ("birth_date", "19900221", "1990-02-21"),
    ],
)
def test_what_is_changed(kind, text, expected):
    verdict = read(kind, text)
    assert str(verdict.clean) == expected
    assert verdict.reason
    assert verdict.kinds


def test_the_netherlands_write_their_particles_small():
    assert read("last_name", "VAN DEN BROEK", region="NL").clean == "van den Broek"


@pytest.mark.parametrize(
    ("kind", "text", "suggestion"),
    [
        ("email", "an@gmial.example", "an@gmail.example"),
        ("email", "an@telent.be", "an@telenet.be"),
        ("email", "an@gmail.con", "an@gmail.com"),
        ("email", "an.peeters example.org", "an.peeters@example.org"),
        ("email", "an@gmail,com", "an@gmail.com"),
        ("email", "an@@x", None),
        ("phone", "31612345678", "+31612345678"),
        ("phone", "12345678901234567", None),
        ("phone", "vraag Jan", None),
        ("last_name", "Peeters, An", "Peeters"),
        ("first_name", "AN", "An"),
        ("postal_code", "3000 Leuven", "3000"),
        ("postal_code", "30000", None),
        ("city", "3000 Leuven", "Leuven"),
        ("country", "Belgum", "BE"),
        ("iban", "BE68539007547035", None),
        ("vat", "BE0403.019.262", None),
    ],
)
def test_what_is_only_suggested(kind, text, suggestion):
    verdict = read(kind, text)
    assert verdict.clean == text
    assert not verdict.reason
    assert verdict.doubt
    assert verdict.suggestion == suggestion


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("first_name", name) for name in ("JP", "J.", "J.P.", "DeShawn", "Jan-Pieter", "Ng", "Nan", "李")),
        *(
            ("last_name", name)
            for name in ("MacDonald", "van der Berg", "Van der Berg", "d'Udekem", "LeBlanc", "Null", "Peeters, Jr.", "Özdemir")
        ),
        ("email", "ann@ymail.com"),
        ("email", "bericht@mail.com"),
        ("email", "x+y@bücher.example"),
        ("city", "Gent"),
        ("city", "Stoke-on-Trent"),
        ("postal_code", "99999\x1fFR"),
    ],
)
def test_what_is_left_alone(kind, text):
    verdict = read(kind, text)
    assert verdict.clean == text.partition("\x1f")[0]
    assert not verdict.doubt


def test_a_column_tells_how_it_writes_names_and_in_which_order_it_writes_days():
    assert read("last_name", "YILMAZ", "Yılmaz").clean == "Yılmaz"
    assert read("last_name", "DE SMET", "de Smet").clean == "de Smet"
    month_first = read("day", "03/04/2024", "04/25/2024")
    assert (str(month_first.clean), month_first.ambiguous) == ("2024-03-04", True)
    assert "clear days" in month_first.reason
    both = read("day", "03/04/2024", "04/25/2024", "25/04/2024")
    assert (str(both.clean), bool(both.doubt)) == ("2024-04-03", True)
    assert str(read("day", "03/04/2024", day_first=False).clean) == "2024-03-04"


@pytest.mark.parametrize("text", ["", " ", "-", "?", "\u00a0", "n.v.t.", "unknown"])
def test_what_says_nothing_becomes_missing(text):
    frame = clean.normalise(pd.DataFrame({"city": [text]}, dtype="string"))
    assert frame["city.clean"].isna().all()
    assert frame["city.reason"].tolist() == ["blank"]


def made_by_hypothesis():
    """Correct values of every kind."""
    letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
    word = letters.map(str.capitalize)
    known = st.sampled_from([*names.LAST_NAMES, *names.NICKNAMES.values(), "van der Linden", "de la Tour", "von Braun", "McKay"])
    local = st.text(string.ascii_letters + string.digits + "_+-", min_size=1, max_size=12)
    domain = st.builds("{}.{}".format, letters, st.sampled_from(["be", "nl", "example", "co.uk", "com"]))
    example = st.sampled_from(["BE", "NL", "FR", "DE", "GB", "IE", "US", "IT"]).map(phonenumbers.example_number)
    account = st.text(string.digits, min_size=12, max_size=12).map(
        lambda digits: f"BE{iban.calc_check_digits('BE00' + digits)}{digits}"
    )
    stem = st.integers(2_000_000, 19_999_999)
    return {
        "email": st.builds("{}@{}".format, local, domain),
        "phone": example.map(lambda number: phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)),
        "first_name": st.one_of(word, st.builds("{}-{}".format, word, word), known),
        "last_name": st.one_of(word, known, st.builds("{} {}".format, word, word)),
        "postal_code": st.integers(1000, 9999).map(str),
        "city": st.one_of(word, st.sampled_from([town.city for town in names.TOWNS])),
        "country": st.sampled_from(["BE", "NL", "FR", "DE", "GB", "IE", "LU"]),
        "iban": account,
        "vat": stem.map(lambda number: f"BE{number:08d}{97 - number % 97:02d}"),
        "birth_date": st.dates().map(str),
    }


@settings(max_examples=20)
@given(st.data())
def test_a_correct_value_is_never_changed(data):
    values = {kind: data.draw(st.lists(made, min_size=3, max_size=3), label=kind) for kind, made in made_by_hypothesis().items()}
    before = pd.DataFrame(values, dtype="string")
    after = clean.normalise(before, kinds={kind: kind for kind in values})
    assert_unchanged(before, after)


def assert_unchanged(before, after):
    for name in before:
        assert after[f"{name}.reason"].isna().all(), after.loc[after[f"{name}.reason"].notna(), [name, f"{name}.reason"]]
        made = after[f"{name}.clean"]
        texts = made.dt.strftime("%Y-%m-%d").str.zfill(10) if made.dtype.kind == "M" else made
        assert texts.astype("string").tolist() == before[name].tolist(), name


@pytest.mark.parametrize("seed", some(3))
def test_the_clean_people_of_the_demo_stay_as_they_are(seed):
    club = Club(seed, 500)
    for crm in CRMS:
        faulty = {fault.record_id for fault in club.faults(crm)}
        frame = planted.cards(club, crm)
        frame = frame[~frame["record_id"].isin(faulty)].drop(columns="record_id")
        assert len(frame)
        after = clean.normalise(frame)
        assert_unchanged(frame, after)
        assert after.filter(like=".doubt").isna().all(axis=None)


@settings(max_examples=60)
@given(st.sampled_from(sorted(READERS)), st.text(max_size=25) | st.text("0123456789+-/. ABCabc@é", max_size=20))
def test_cleaning_twice_changes_nothing_more(kind, text):
    once = read(kind, text)
    if once.clean is not None:
        again = read(kind, str(once.clean))
        assert again.clean == once.clean, (once, again)


def test_the_frame_keeps_its_index_columns_and_receipt():
    with crmkit.demo.start(seed=2, people=60) as demo:
        contacts = demo.peepl().contacts().iloc[5:25]
    after = clean.normalise(contacts)
    assert after.index.equals(contacts.index)
    assert [name for name in after if name in contacts] == list(contacts)
    assert crmkit.receipt(after) == crmkit.receipt(contacts)
    place = list(after).index("email")
    assert list(after)[place : place + 5] == ["email", "email.clean", "email.reason", "email.doubt", "email.suggestion"]
    assert after["birth_date.ambiguous"].dtype == "boolean"
    pd.testing.assert_frame_equal(clean.normalise(after), after)
    for name in contacts:
        pd.testing.assert_series_equal(after[name], contacts[name])
    pd.testing.assert_frame_equal(clean.normalise(contacts.iloc[:0]), after.iloc[:0], check_index_type=False)


def test_what_cannot_be_is_said():
    frame = pd.DataFrame({"email": ["an@example.org"]})
    with pytest.raises(ParameterError, match="email"):
        clean.normalise(frame, ["emial"])
    with pytest.raises(ParameterError, match="no kind of column"):
        clean.normalise(frame, kinds={"email": "mail"})
    with pytest.raises(ParameterError, match="region"):
        clean.normalise(frame, region="Belgium")
    assert set(READERS) <= set(KINDS)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ConfigError, match=r'pip install "crmkit\[clean\]"'):
        clean.normalise(pd.DataFrame({"phone": ["016203040"]}))
