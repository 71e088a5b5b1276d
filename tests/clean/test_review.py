"""The review panel: answers, progress, the file behind it, and what it shows with and without a kernel."""

import pandas as pd
import pytest

from crmkit.clean.matching import decisions, review
from crmkit.errors import ConfigError, ParameterError
from tests.clean.matching_people import HOME, groups, matched, person

FAMILY = {"mail": "maes@example.org", "phone": "+32470111222", **HOME}
FATHER, SON = person(1, "Jan <b>", "Maes", "1958-03-04", **FAMILY), person(2, "Jan <b>", "Maes", "1988-07-09", **FAMILY)
UNSURE = [person(9, "Jan <b>", "Maes", **FAMILY), person(8, "Els", "Nijs", "1970-01-02", None, "+32470999888")]
ELS = person(3, "Els", "Claes", None, "els@example.org", "+32470999888")


@pytest.fixture
def result():
    return matched([FATHER, SON, ELS], UNSURE)


@pytest.fixture
def panel(result, tmp_path):
    panel = review(result, tmp_path / "decisions.json")
    yield panel
    panel.close()


def test_it_asks_about_every_pair_for_review_the_surest_first(panel, result):
    wanted = result.pairs[result.pairs["decision"] == "review"].reset_index(drop=True)
    assert len(wanted) >= 2
    pd.testing.assert_frame_equal(panel.frame, wanted)
    assert panel.frame["probability"].is_monotonic_decreasing


def test_yes_and_no_are_kept_at_once_and_the_next_pair_comes(panel, tmp_path):
    first = panel.pair
    panel.controls["note"].value = " asked at the desk "
    panel.controls["yes"].click()
    second = panel.pair
    assert second != first
    panel.controls["no"].click()
    kept = decisions(tmp_path / "decisions.json")
    assert sorted(kept["decision"]) == ["no", "yes"]
    assert kept.set_index("decision").loc["yes", "note"] == "asked at the desk"
    assert kept["date"].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert panel.controls["note"].value == ""
    pd.testing.assert_frame_equal(
        kept, panel.decisions.sort_values(["system_a", "id_a", "system_b", "id_b"]).reset_index(drop=True)
    )


def test_later_puts_a_pair_at_the_end_and_saves_nothing(panel, tmp_path):
    first, many = panel.pair, len(panel.frame)
    panel.controls["later"].click()
    assert panel.pair != first
    assert len(panel.frame) == many
    assert not (tmp_path / "decisions.json").exists()
    assert "1 put off" in panel.static()
    for _ in range(many - 1):
        panel.controls["later"].click()
    assert panel.pair == first


def test_back_takes_an_answer_up_again_and_the_last_answer_counts(panel):
    first = panel.pair
    assert panel.controls["back"].disabled
    panel.controls["yes"].click()
    panel.controls["back"].click()
    assert panel.pair == first
    panel.controls["no"].click()
    assert panel.decisions["decision"].tolist() == ["no"]


def test_work_goes_on_where_it_stopped(panel, result, tmp_path):
    done = panel.pair
    panel.controls["no"].click()
    again = review(result, tmp_path / "decisions.json")
    assert done not in [again.pair]
    assert len(again.frame) == len(panel.frame)
    assert again._bar.value == 1
    again.close()


def test_the_answers_decide_the_next_match(panel, tmp_path):
    while panel.pair:
        panel.controls["yes" if panel.pair == (("a", "1"), ("b", "9")) else "no"].click()
    assert panel.controls["yes"].disabled
    assert "Nothing is left" in panel._pair.value
    again = matched([FATHER, SON, ELS], UNSURE, decisions=tmp_path / "decisions.json")
    assert groups(again) == {frozenset(("a 1", "b 9"))}
    assert review(again, tmp_path / "decisions.json").pair is None
    assert "decisions.json" in panel.code


def test_both_records_stand_side_by_side_and_are_escaped(panel):
    shown = panel._pair.value
    assert shown.count("Jan &lt;b&gt; Maes") == 2
    assert "<b>" not in shown
    assert "the same given name" in shown
    assert "Kerkstraat 12 3000 Leuven" in shown


def test_the_face_without_a_kernel_counts_and_explains_but_names_nobody(panel):
    bundle = panel._repr_mimebundle_()
    assert "Pairs to decide" in bundle["text/html"]
    assert "the same family name" in bundle["text/html"]
    assert "a 1" in bundle["text/html"]
    for secret in ("Jan", "Maes", "maes@", "0470", "1958", "Kerk"):
        assert secret not in bundle["text/html"] + bundle["text/plain"]


def test_names_do_not_reach_the_file(panel, tmp_path):
    panel.controls["yes"].click()
    text = (tmp_path / "decisions.json").read_text()
    assert "Jan" not in text
    assert "Maes" not in text


def test_closing_leaves_no_widget_behind(result, tmp_path):
    from ipywidgets.widgets import widget

    before = set(widget._instances)
    review(result, tmp_path / "decisions.csv").close()
    assert set(widget._instances) <= before


@pytest.mark.parametrize("path", ["decisions.txt", "decisions"])
def test_a_file_of_another_kind_is_refused_before_work_begins(result, path):
    with pytest.raises(ConfigError, match="json"):
        review(result, path)


def test_chosen_pairs_only(result, tmp_path):
    panel = review(result, tmp_path / "d.json", pairs=result.pairs.head(1))
    assert len(panel.frame) == 1
    with pytest.raises(ParameterError):
        result.shown(("a", "nobody"))
    panel.close()
