"""Frames in, frames out: weights that add up, words, decisions, errors; and no personal data where none belongs."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.clean.matching import decisions, match
from crmkit.clean.matching.comparing import birth_levels
from crmkit.clean.matching.decided import save
from crmkit.clean.matching.names import family_names, given_names
from crmkit.clean.matching.weights import FIELDS, NUMBER, TABLE
from crmkit.errors import ConfigError, ParameterError, ShapeError
from tests.clean.matching_people import HOME, asked, groups, matched, person

JAN = {"birth": "1980-02-03", "mail": "jan.maes@example.org", "phone": "+32470111222"}
ONE = [person(1, "Jan", "Maes", **JAN, **HOME), person(2, "Els", "Maes", "1981-05-06", "els@example.org", "+32470333444", **HOME)]
OTHER = [person(7, "Johan", "Maes", **JAN), person(8, "E.", "Maes", None, "els@example.net", "+32470333444", **HOME)]
YES = {"system_a": "a", "id_a": "2", "system_b": "b", "id_b": "8", "decision": "yes", "date": "2024-06-15", "note": ""}


def test_the_score_is_the_sum_of_its_weights():
    table = matched(ONE, OTHER).pairs
    assert len(table) >= 2
    sums = table["before"] + sum(table[f"{field}_weight"] for field in FIELDS)
    np.testing.assert_allclose(sums, table["score"])
    np.testing.assert_allclose(table["probability"], 1 / (1 + 2 ** -table["score"]))
    assert table["score"].is_monotonic_decreasing


def test_explain_says_the_same_as_the_pair_and_works_for_any_two():
    result = matched(ONE, OTHER)
    said = result.explain(("b", 7), ("a", "1")).set_index("field")
    line = result.pairs.iloc[0]
    assert said.loc["first_name", "says"] == line["first_name"] == "given names that are forms of one name"
    assert said.loc["score", "weight"] == line["score"] == pytest.approx(said["weight"].iloc[:-1].sum())
    assert said.loc["score", "says"].startswith("match: the chance of one person is")
    far = result.explain(("a", 1), ("a", 2)).set_index("field")
    assert far.loc["score", "says"].startswith("no match")
    assert far.loc["first_name", "says"] == "different given names"


def test_pairs_and_clusters_hold_no_personal_data():
    result = matched(ONE, OTHER)
    told = result.pairs.to_csv() + result.clusters.to_csv() + repr(result) + result._repr_html_()
    for secret in ("Jan", "Maes", "jan.maes", "470111222", "1980", "Kerkstraat"):
        assert secret.lower() not in told.lower()


def test_a_lower_error_rate_asks_more():
    loose, strict = matched(ONE, OTHER, error_rate=0.2), matched(ONE, OTHER, error_rate=1e-9)
    assert groups(loose)
    assert not groups(strict)
    assert strict.threshold > loose.threshold
    assert asked(strict) >= asked(loose)


def test_every_level_is_a_chance():
    for levels in TABLE.values():
        for level in levels.values():
            assert 0 < level.same <= 1
            assert 0 < level.household <= 1
            assert level.strangers is None or 0 < level.strangers <= 1


WORDS = ["jan", "johan", "jozef", "jo", "j", "els", "elisabeth", "lies", "an", "anne marie", "lars", "lara", "kristof", "kristov"]
FAMILIES = ["peeters", "van den berghe", "vandenberghe", "de smet", "desmet", "maes", "maas", "peeters janssens", "p"]


@given(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(FAMILIES), st.sampled_from(FAMILIES))
def test_comparing_names_does_not_depend_on_the_order(a, b, c, d):
    assert given_names(a, b) == given_names(b, a)
    assert family_names(c, d) == family_names(d, c)
    assert given_names(a, b) in NUMBER["first_name"]
    assert family_names(c, d) in NUMBER["last_name"]


@given(st.dates(), st.dates())
def test_comparing_birth_dates_does_not_depend_on_the_order(one, other):
    a, b = (np.array([each.year * 10000 + each.month * 100 + each.day]) for each in (one, other))
    level = birth_levels(a, b, 20240615)
    assert level == birth_levels(b, a, 20240615)
    assert (level == NUMBER["birth_date"]["same"]) == (one == other)


PEOPLE = st.lists(
    st.builds(
        person,
        st.just(0),
        st.sampled_from(["Jan", "Johan", "Jo", "Jozef", "J.", "Els", "Lies", ""]),
        st.sampled_from(["Maes", "Peeters"]),
        st.sampled_from([None, "1980-02-03", "1980-03-02", "2008-07-09", "1900-01-01"]),
        st.sampled_from([None, "maes@example.org", "jan@example.org"]),
        st.sampled_from([None, "+32470111222", "+32470333444"]),
    ),
    max_size=9,
)


@settings(max_examples=25)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_no_cluster_contradicts_itself_and_order_changes_nothing(people, random):
    people = [{**one, "id": number} for number, one in enumerate(people)]
    result = matched(people)
    for _, cluster in result.clusters.groupby("person"):
        members = [people[int(number)] for number in cluster["id"]]
        for one in members:
            for other in members:
                assert not {one["birth_date"], other["birth_date"]} >= {"1980-02-03", "2008-07-09"}
                names = {one["first_name"], other["first_name"]}
                assert not any(
                    names >= clash
                    for clash in ({"Jan", "Jozef"}, {"Johan", "Jozef"}, {"Jan", "Els"}, {"J.", "Els"}, {"Lies", "Jo"})
                )
                if one is not other:
                    assert "" not in names
    shuffled = random.sample(people, len(people))
    pd.testing.assert_frame_equal(matched(shuffled).clusters, result.clusters)


def test_a_yes_joins_and_a_no_keeps_apart_whatever_the_score():
    assert frozenset(("a 2", "b 8")) in groups(matched(ONE, OTHER, decisions=pd.DataFrame([YES])))
    no = {**YES, "id_a": "1", "id_b": "7", "decision": "no"}
    result = matched(ONE, OTHER, decisions=pd.DataFrame([no]))
    assert frozenset(("a 1", "b 7")) not in groups(result)
    assert result.pairs.query("id_a == '1' and id_b == '7'")[["decision", "source"]].to_numpy().tolist() == [
        ["different", "reader"]
    ]


def test_a_no_holds_for_the_whole_person():
    """Two records that are the same as a third, of which somebody said that they are two people: nothing joins them round the back."""
    three = [person(number, "Jan", "Maes", **JAN) for number in (1, 2, 3)]
    no = pd.DataFrame([{"system_a": "a", "id_a": "1", "system_b": "a", "id_b": "2", "decision": "no"}])
    assert all(not {"a 1", "a 2"} <= group for group in groups(matched(three, decisions=no)))


def test_a_yes_that_a_no_forbids_is_not_applied_and_said():
    three = [person(number, name, "Maes") for number, name in enumerate(("Jan", "Els", "Koen"), 1)]
    said = [("1", "2", "yes"), ("2", "3", "yes"), ("1", "3", "no")]
    table = pd.DataFrame([{"system_a": "a", "id_a": a, "system_b": "a", "id_b": b, "decision": word} for a, b, word in said])
    result = matched(three, decisions=table)
    assert len(groups(result)) == 1
    assert any("a no forbids it" in line for line in result.problems)


def test_decisions_on_records_that_are_gone_wait():
    result = matched(ONE, OTHER, decisions=pd.DataFrame([{**YES, "id_b": "999"}]))
    assert any("1 decisions name records that are not in these frames" in line for line in result.problems)


@pytest.mark.parametrize("name", ["decisions.json", "decisions.csv"])
def test_decisions_go_through_a_file(tmp_path, name):
    file = tmp_path / name
    assert decisions(file).empty
    table = decisions(pd.DataFrame([YES, {**YES, "id_a": "5", "note": 'komt "niet" meer; é'}, {**YES, "decision": "NO "}]))
    assert table["decision"].tolist() == ["yes", "no"], "of two answers on a pair the last one counts"
    save(table, file)
    kept = decisions(file)
    pd.testing.assert_frame_equal(kept, table.sort_values(["system_a", "id_a", "system_b", "id_b"]).reset_index(drop=True))
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"decisions": 3}', '{"decisions": [{"system_a": "a"}]}', '{"decisions": [{"system_a": "a", "id_a": "1", "system_b": "b", "id_b": "2", "decision": "perhaps"}]}', '{"decisions": [{"system_a": "a", "id_a": "1", "system_b": "a", "id_b": "1", "decision": "yes"}]}'])  # fmt: skip
def test_a_broken_file_of_decisions_is_refused(tmp_path, text):
    file = tmp_path / "decisions.json"
    file.write_text(text)
    with pytest.raises(ShapeError):
        decisions(file)


def test_numbers_stay_text_in_a_csv(tmp_path):
    file = tmp_path / "decisions.csv"
    file.write_text("system_a,id_a,system_b,id_b,decision\na,007,b,NA,no\n")
    assert decisions(file).iloc[0][["id_a", "id_b"]].tolist() == ["007", "NA"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: match({}), ParameterError, "takes frames by the name of their system"),
        (lambda: match({"a": [1]}), ParameterError, "is no DataFrame"),
        (lambda: match({"a": pd.DataFrame({"id": [1]})}), ParameterError, "fields="),
        (
            lambda: match({"a": pd.DataFrame({"id": [1]})}, fields={"a": {"id": "id", "name": "who"}}),
            ParameterError,
            "no column 'who'",
        ),
        (lambda: match({"a": pd.DataFrame({"id": [1]})}, fields={"a": {"id": "id"}}), ParameterError, "needs an id and a name"),
        (lambda: match({"a": pd.DataFrame({"id": [1]})}, fields={"a": {"idd": "id"}}), ParameterError, "no field 'idd'"),
        (lambda: match({"a": pd.DataFrame({"id": [1]})}, fields={"b": {"id": "id"}}), ParameterError, "no frame 'b'"),
        (lambda: matched([person(None, "Jan")]), ParameterError, "have no id"),
        (lambda: matched([person(1, "Jan")], error_rate=0), ParameterError, "between 0 and 0.5"),
        (lambda: matched([person(1, "Jan")], region="Belgium"), ConfigError, "no country code"),
        (lambda: matched([person(1, "Jan")], decisions="notes.txt"), ConfigError, ".json or .csv"),
        (lambda: matched(ONE).explain(("a", 1), ("a", 99)), ParameterError, "no record '99'"),
        (lambda: matched(ONE).explain(("a", 1), ("a", 1)), ParameterError, "not with itself"),
        (lambda: matched(ONE).explain("a 1", ("a", 1)), ParameterError, "system and id"),
    ],
)
def test_errors_say_what_to_do(call, error, words):
    with pytest.raises(error, match=r".*" + words.replace(".", r"\.").replace("(", r"\(")):
        call()


def test_a_record_that_is_listed_twice_counts_once():
    result = matched([ONE[0], ONE[0]])
    assert len(result.clusters) == 1
    assert any("repeat a record" in line for line in result.problems)


def test_matching_does_not_touch_the_frames():
    frame = pd.DataFrame(ONE)
    frame.attrs["mine"] = {"kept": True}
    before = frame.copy(deep=True)
    match({"a": frame}, fields={"a": {"id": "id", "first_name": "first_name", "last_name": "last_name"}})
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == before.attrs


def test_decision_files_hold_nothing_but_ids(tmp_path):
    file = tmp_path / "decisions.json"
    save(decisions(pd.DataFrame([YES])), file)
    [line] = json.loads(file.read_text())["decisions"]
    assert set(line) == {"system_a", "id_a", "system_b", "id_b", "decision", "date", "note"}


def test_gaps_in_a_table_out_of_a_spreadsheet_are_no_values():
    """NaN is nobody's street, and numbers that pandas made floats of are read as they were typed."""
    gaps = {
        "id": [1.0, 2.0],
        "last": ["Maes", "Nijs"],
        "first": ["Jan", np.nan],
        "gsm": [470111222.0, np.nan],
        "street": [np.nan, np.nan],
    }
    frame = pd.DataFrame({**gaps, "city": [np.nan, np.nan], "mail": ["jan@example.org", np.nan]})
    where = {
        "id": "id",
        "first_name": "first",
        "last_name": "last",
        "phone": "gsm",
        "street": "street",
        "city": "city",
        "mail": "mail",
    }
    result = match({"a": frame, "b": frame.assign(mail=np.nan)}, fields={"a": where, "b": where})
    said = result.explain(("a", 1), ("b", 1)).set_index("field")["says"]
    assert said["phone"] == "the same phone"
    assert said["address"] == said["mail"] == "not known on both sides"
    assert set(result.clusters["id"]) == {"1", "2"}
    assert any("b: no mail address" in line for line in result.problems)
