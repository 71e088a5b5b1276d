"""Every fault that the demo plants is found, and what is right raises no alarm."""

import pandas as pd
import pytest

from crmkit.demo import names

from . import planted

TOWNS = pd.DataFrame([(town.postal_code, town.city) for town in names.TOWNS], columns=["postal_code", "city"])


def check(seeds):
    """A swapped day and month is a likely date; nothing in the record contradicts it, so it is only flagged as ambiguous."""
    lines = planted.table(seeds, towns=TOWNS)
    sums = lines.groupby("fault")[["planted", "found", "false"]].sum()
    print(sums)
    assert (sums["planted"] > 0).all()
    missed = lines[lines["planted"] != lines["found"]]
    assert missed.empty, missed
    alarms = sums.drop(index="birth_swapped")["false"]
    assert alarms.sum() <= 0.001 * sums["planted"].sum(), alarms
    return sums


def test_every_planted_fault_is_found():
    check(range(1, 4))


@pytest.mark.full
def test_every_planted_fault_is_found_on_twenty_seeds():
    check(range(1, 21))


def test_without_a_list_the_five_systems_together_show_most_wrong_towns():
    lines = planted.table([1, 2])
    wrong = lines[lines["fault"] == "wrong_town"][["planted", "found", "false"]].sum()
    assert wrong["found"] >= 0.7 * wrong["planted"]
    assert wrong["false"] == 0
