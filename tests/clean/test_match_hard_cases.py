"""Families, namesakes, marriages, typing slips, offices: pairs that a matcher gets wrong easily, each as people meet it."""

import pandas as pd
import pytest

from tests.clean.matching_people import HOME, asked, groups, joins, matched, person

FAMILY = {"mail": "peeters@example.org", "phone": "+32470123456", **HOME}


def test_brothers_who_share_everything_but_their_given_names_stay_two():
    result = matched(
        [person(1, "Tom", "Peeters", "2010-03-04", **FAMILY), person(2, "Bram", "Peeters", "2012-05-06", **FAMILY)],
        [person(7, "Tom", "Peeters", "2010-03-04", **FAMILY), person(8, "Bram", "Peeters", "2012-05-06", **FAMILY)],
    )
    assert groups(result) == {frozenset(("a 1", "b 7")), frozenset(("a 2", "b 8"))}


@pytest.mark.parametrize(
    ("one", "other"), [("Lotte", "Fien"), ("Lars", "Lara"), ("Jan", "Jana"), ("Noa", "Noah"), ("Emma", "Marie-Lou")]
)
def test_twins_stay_two(one, other):
    assert not joins(person(1, one, "Maes", "2011-01-02", **FAMILY), person(2, other, "Maes", "2011-01-02", **FAMILY))


def test_twins_stay_two_when_their_names_are_common_here():
    crowd = [
        person(10 + n, first, last)
        for n, (first, last) in enumerate((f, x) for f in ("Lien", "Lieve") for x in ("Aerts", "Cools", "Nijs"))
    ]
    twins = [person(1, "Lien", "Maes", "2011-01-02", **FAMILY), person(2, "Lieve", "Maes", "2011-01-02", **FAMILY)]
    assert not groups(matched([*crowd, *twins]))


def test_father_and_son_of_one_name_stay_two():
    father, son = person(1, "Jan", "Peeters", "1958-03-04", **FAMILY), person(2, "Jan", "Peeters", "1988-07-09", **FAMILY)
    assert not groups(matched([father, son]))
    assert not joins(father, son)


@pytest.mark.parametrize(("one", "other"), [("Peeters Jr.", "Peeters Sr."), ("Peeters jr", "Peeters"), ("Peeters", "Peeters II")])
def test_junior_and_senior_stay_two_without_birth_dates(one, other):
    assert not joins(person(1, "Jan", one, **FAMILY), person(2, "Jan", other, **FAMILY))


def test_a_record_without_birth_date_that_fits_father_and_son_is_asked_about():
    father, son = person(1, "Jan", "Peeters", "1958-03-04", **FAMILY), person(2, "Jan", "Peeters", "1988-07-09", **FAMILY)
    result = matched([father, son], [person(9, "Jan", "Peeters", **FAMILY)])
    assert not groups(result)
    assert asked(result) >= {frozenset(("a 1", "b 9")), frozenset(("a 2", "b 9"))}
    assert "fits another person" in result.explain(("a", 1), ("b", 9))["says"].iloc[-1]


def test_two_people_never_meet_through_a_third_record():
    """Transitive closure would make one of three: each of the two fits the record between them."""
    result = matched(
        [person(1, "Jan", "Peeters", "1958-03-04", "jan@example.org", "+32470000001")],
        [person(2, "Jan", "Peeters", None, "jan@example.org", "+32470000002")],
        [person(3, "Jan", "Peeters", "1988-07-09", None, "+32470000002", **HOME)],
    )
    assert all(not {"a 1", "c 3"} <= group for group in groups(result))


def test_couple_with_one_mail_stays_two():
    assert not joins(person(1, "Rita", "Claes", None, **FAMILY), person(2, "Herman", "Claes", None, **FAMILY))
    assert not joins(person(1, "Rita", "Claes", "1950-01-02", **FAMILY), person(2, "Herman", "Wouters", None, **FAMILY))


@pytest.mark.parametrize(
    "other",
    [
        person(2, "", "", None, "jan@example.org"),
        person(2, "", "Peeters", None, "jan@example.org"),
        person(2, "Els", "Nijs", None, "jan@example.org"),
    ],
)
def test_a_shared_mail_alone_joins_nobody(other):
    assert not joins(person(1, "Jan", "Peeters", "1980-02-03", "jan@example.org"), other)


def test_colleagues_at_an_office_mail_stay_two_and_their_namesake_too():
    office = {"mail": "info@bakkerij.example", "phone": "+3216123456"}
    assert not joins(person(1, "Koen", "Aerts", None, **office), person(2, "Bart", "Aerts", None, **office))
    assert not joins(
        person(1, "Koen", "Aerts", None, "info@bakkerij.example"), person(2, "Koen", "Aerts", None, "info@bakkerij.example")
    )


def test_a_name_alone_joins_nobody():
    assert not joins(person(1, "Goswin", "Uytterhoeven"), person(2, "Goswin", "Uytterhoeven"))


def test_a_namesake_born_on_the_same_day_with_other_contacts_is_asked_about():
    one = person(1, "Goedele", "Claessens", "1973-10-31", "gc@example.org", "+32470000001", **HOME)
    other = person(
        2,
        "Goedele",
        "Claessens",
        "1973-10-31",
        "goedele@example.net",
        "+32470000002",
        street="Vaartkom 95",
        postal_code="3010",
        city="Leuven",
    )
    result = matched([one], [other])
    assert not groups(result)
    assert asked(result) == {frozenset(("a 1", "b 2"))}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jan", "Johan"), ("Bob", "Robert"), ("Liesbeth", "Elisabeth"), ("Jef", "Jozef"), ("Trien", "Katrien"), ("Bill", "William"),
     ("Hans", "Johannes"), ("Manu", "Emmanuel"), ("Lies", "Elisabeth"), ("Fons", "Alphonse"), ("JP", "Jean-Pierre"), ("Jean", "Jean-Pierre"),
     ("An", "Anne"), ("Sofie", "Sophie"), ("Stef", "Stéphane"), ("Anaïs", "Anais"), ("Zoë", "ZOE"), ("J.", "Jan"), ("T.", "Katrien")],
)  # fmt: skip
def test_forms_of_a_given_name_are_joined(one, other):
    shared = {"mail": "v@example.org", **HOME}
    assert joins(person(1, one, "Vermeulen", "1975-04-05", **shared), person(2, other, "Vermeulen", "1975-04-05", **shared))


@pytest.mark.parametrize(
    ("one", "other"), [("B.", "Katrien"), ("Johan", "Jozef"), ("Marie-Louise", "Marie-Claire"), ("Els", "Ellen")]
)
def test_given_names_that_only_look_alike_are_not_joined(one, other):
    shared = {"mail": "v@example.org", **HOME}
    assert not joins(person(1, one, "Vermeulen", "1975-04-05", **shared), person(2, other, "Vermeulen", "1975-04-05", **shared))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Van den Berghe", "Vandenberghe"), ("van den BERGHE", "Berghe"), ("De Smet", "Desmet"), ("D'Hondt", "Dhondt"), ("d’Hondt", "D Hondt"),
     ("Müller", "MÃ¼ller"), ("Özdemir", "Ozdemir"), ("El Amrani", "Elamrani"), ("Yılmaz", "Yilmaz"), ("Vandeputte", "Vandepute"),
     ("Cuypers", "Kuijpers"), ("Peeters-Janssens", "Peeters"), ("Peeters  ", "peeters"), ("O'Brien", "Obrien"), ("Dr. Peeters", "Peeters")],
)  # fmt: skip
def test_spellings_of_a_family_name_are_joined(one, other):
    assert joins(
        person(1, "Katleen", one, "1975-04-05", "k@example.org"), person(2, "Katleen", other, "1975-04-05", "k@example.org")
    )


def test_a_marriage_changes_the_family_name_and_not_the_person():
    assert joins(
        person(1, "Sofie", "Janssens", "1990-06-07", "sofie.j@example.org", "+32470111222"),
        person(2, "Sofie", "De Wilde", "1990-06-07", "sofie.dw@example.net", "+32470111222"),
    )


def test_another_family_name_without_a_birth_date_is_asked_about():
    result = matched([person(1, "An", "Maes", None, **FAMILY)], [person(2, "An", "Cools", None, **FAMILY)])
    assert not groups(result)
    assert asked(result) == {frozenset(("a 1", "b 2"))}


def test_sisters_in_law_of_one_given_name_stay_two():
    assert not joins(person(1, "An", "Maes", "1980-01-02", **FAMILY), person(2, "An", "Cools", "1983-05-06", **FAMILY))


@pytest.mark.parametrize(
    ("one", "other"),
    [(("Jan", "Peeters"), ("Peeters", "Jan")), (("Jan", "Peeters"), ("Jan", "Peeters, Jan")), (("Jan", "Peeters"), ("", "Peeters, Jan")),
     (("Jan", "Peeters"), ("Jan Peeters", "")), (("An Sofie", "Nijs"), ("An-Sofie", "Nijs"))],
)  # fmt: skip
def test_names_in_the_wrong_field_are_found(one, other):
    assert joins(person(1, *one, "1980-02-03", "x@example.org"), person(2, *other, "1980-02-03", "x@example.org"))


@pytest.mark.parametrize(
    ("birth", "same"),
    [
        ("1980-03-02", True),
        ("1980-02-04", True),
        ("2080-02-03", True),
        ("1880-02-03", True),
        ("1900-01-01", True),
        ("1981-07-19", False),
    ],
)
def test_slips_in_a_birth_date_are_no_contradiction_and_other_dates_are(birth, same):
    shared = {"mail": "jan@example.org", "phone": "+32470111222", **HOME}
    assert joins(person(1, "Jan", "Peeters", "1980-02-03", **shared), person(2, "Jan", "Peeters", birth, **shared)) == same


@pytest.mark.parametrize(
    "mail",
    [
        " Jan.Maes@Example.org",
        "mailto:jan.maes@example.org",
        "jan.maes+club@example.org",
        "jan.maes@exmaple.org",
        "jan.maes example.org",
    ],
)
def test_ways_of_writing_a_mail(mail):
    assert joins(
        person(1, "Jan", "Maes", None, "jan.maes@example.org", "+32470111222"),
        person(2, "Jan", "Maes", None, mail, "0470/11.12.22"),
    )


@pytest.mark.parametrize(
    "phone", ["0470/12.34.56", "0032470123456", "+32 (0)470 12 34 56", "470123456", "0470-123456 (na 18u)", "32470123456"]
)
def test_ways_of_writing_a_phone(phone):
    assert joins(
        person(1, "Jan", "Maes", "1980-02-03", None, "+32470123456"), person(2, "Jan", "Maes", "1980-02-03", None, phone)
    )
    assert (
        matched([person(1, "Jan", "Maes", None, None, "+32470123456")], [person(2, "Jan", "Maes", None, None, phone)])
        .explain(("a", 1), ("b", 2))
        .query("field == 'phone'")["says"]
        .item()
        == "the same phone"
    )


def test_numbered_mails_are_two_people():
    assert not joins(
        person(1, "Joke", "Schepers", None, "joke.schepers@example.org"),
        person(2, "Joke", "Schepers", None, "joke.schepers9@example.org"),
    )


@pytest.mark.parametrize(("first", "last"), [("Test", "Test"), ("Demo", "Gebruiker"), ("xxx", "xxx")])
def test_test_records_are_nobody(first, last):
    nobody = {"birth": "1900-01-01", "mail": "test@example.com", "phone": "0000000000"}
    result = matched([person(1, first, last, **nobody)], [person(2, first, last, **nobody)])
    assert not groups(result)
    assert not asked(result)


def test_a_day_that_a_form_filled_in_is_no_birth_date():
    people = [
        person(n, first, "Maes", "1985-05-05", f"{first}@example.org".lower())
        for n, first in enumerate(
            ("Jan", "Tom", "Els", "An", "Koen", "Rita", "Bart", "Ilse", "Luc", "Wim", "Stijn", "Nora", "Lars", "Emma")
        )
    ]
    result = matched(people, [person(99, "Jan", "Maes", "1970-12-01", "jan@example.org")])
    assert groups(result) == {frozenset(("a 0", "b 99"))}


def test_people_move_and_change_one_thing_at_a_time():
    assert joins(
        person(1, "Karim", "Benali", "1991-08-09", "karim@example.org", "+32470111222", **HOME),
        person(
            2,
            "Karim",
            "Benali",
            "1991-08-09",
            "karim@example.net",
            "+32470111222",
            street="Rue Haute 4",
            postal_code="1000",
            city="Brussel",
        ),
    )


def test_duplicates_within_a_system_and_across_are_one_person():
    jan = {"birth": "1980-02-03", "mail": "jan@example.org", "phone": "+32470111222"}
    result = matched([person(1, "Jan", "Maes", **jan), person(2, "J.", "Maes", **jan)], [person(3, "Johan", "Maes", **jan)])
    assert groups(result) == {frozenset(("a 1", "a 2", "b 3"))}
    assert result.clusters["person"].unique().tolist() == ["a 1"]


def test_nobody_and_one_person():
    empty = matched([], [])
    assert len(empty.pairs) == len(empty.clusters) == 0
    alone = matched([person(1, "Jan", "Maes")])
    assert alone.clusters.to_dict("records") == [{"person": "a 1", "system": "a", "id": "1"}]
    assert {str(dtype) for dtype in empty.clusters.dtypes} == {"string"}
    assert list(empty.pairs.columns) == list(matched([person(1)], [person(2)]).pairs.columns)


def test_a_whole_name_in_one_column():
    frames = {"list": pd.DataFrame({"nr": [1], "who": ["Jan Van den Berghe"], "mail": ["j@example.org"], "gsm": ["0470123456"]})}
    result = matched([person(1, "Jan", "Vandenberghe", None, "j@example.org", "+32470123456")])
    assert not groups(result)
    from crmkit.clean.matching import match

    frames["other"] = pd.DataFrame({"nr": [5], "who": ["Vandenberghe, Jan"], "mail": ["j@example.org"], "gsm": ["+32470123456"]})
    where = {"id": "nr", "name": "who", "mail": ["mail"], "phone": "gsm"}
    assert groups(match(frames, fields={"list": where, "other": where})) == {frozenset(("list 1", "other 5"))}


def test_an_initial_with_a_mail_that_spells_the_name_is_that_person():
    """A phone and an address that the whole family uses say little; a mail of one's own says who J. is."""
    family = [person(1, "Joris", "Nijs", "2013-04-03", **FAMILY), person(2, "Els", "Nijs", "1985-05-06", **FAMILY)]
    alone = {"phone": FAMILY["phone"], **HOME}
    assert groups(matched(family, [person(9, "J.", "Nijs", None, "nijs.joris7@example.net", **alone)])) == {
        frozenset(("a 1", "b 9"))
    }
    result = matched(family, [person(9, "J.", "Nijs", None, "nijs7@example.net", **alone)])
    assert asked(result) == {frozenset(("a 1", "b 9"))}
