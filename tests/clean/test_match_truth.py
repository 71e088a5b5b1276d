"""The matcher against the demo's truth, over HTTP, and decisions applied to a fresh fetch."""

import pandas as pd
import pytest

from crmkit.clean.matching import match
from tests.clean.matching_truth import compared, organisation, precision, recall
from tests.seeds import some


@pytest.mark.parametrize("seed", some(20))
def test_duplicates_and_people_across_systems_are_found(seed):
    with organisation(seed, 500) as (frames, truth):
        result = match(frames)
    counts = compared(result, truth)
    assert counts["mixed"] == 0
    assert {kind: precision(counts[kind]) for kind in ("within", "across")} == {"within": 1.0, "across": 1.0}
    assert recall(counts["within"]) >= 0.9
    assert recall(counts["across"]) >= 0.98
    assert not result.problems


def test_decisions_applied_to_a_fresh_fetch_give_the_same_result(tmp_path):
    """The reader knows better: yes where there was doubt, no where there was none. The same demo is then fetched anew, in another order."""
    file = tmp_path / "decisions.csv"
    with organisation(6, 200) as (frames, truth):
        first = match(frames, error_rate=1e-5)
        doubtful, sure = (first.pairs[first.pairs["decision"] == word] for word in ("review", "match"))
        table = pd.concat([doubtful.head(20), sure.head(3)])[["system_a", "id_a", "system_b", "id_b"]]
        table.assign(decision=["yes"] * 20 + ["no"] * 3, date="2024-06-15", note="").to_csv(file, index=False)
        decided = match(frames, decisions=file, error_rate=1e-5)
    with organisation(6, 200) as (frames, _):
        shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
        again = match(shuffled, decisions=file, error_rate=1e-5)
    pd.testing.assert_frame_equal(decided.clusters, again.clusters)
    pd.testing.assert_frame_equal(decided.pairs, again.pairs)
    assert recall(compared(again, truth)["across"]) != recall(compared(first, truth)["across"])
    person = again.clusters.set_index(["system", "id"])["person"]
    together = [person[a, b] == person[c, d] for a, b, c, d in table.itertuples(index=False)]
    assert together == [True] * 20 + [False] * 3


def test_mail_phone_and_address_of_every_system_are_read():
    with organisation(1, 120) as (frames, _):
        result = match(frames)
    records = result._records
    systems = pd.Series([records.systems[number] for number in records.system])
    for values in (records.mails, records.phones, records.streets, records.postal_codes):
        filled = pd.Series((values.codes >= 0).any(axis=1)).groupby(systems).mean()
        assert (filled > 0.75).all(), filled
    for codes in (records.gender, records.first.codes, records.last.codes):
        assert (pd.Series(codes >= 0).groupby(systems).mean() > 0.75).all()
    births = pd.Series(records.birth >= 0).groupby(systems).mean()
    assert (births.drop("onepagecrm") > 0.75).all()
    assert births["onepagecrm"] > 0.2, "a custom field that not everybody has"


def test_missionhub_without_included_mails_says_how_to_fetch_them():
    import crmkit

    with crmkit.demo.start(seed=1, people=60) as demo:
        result = match({"missionhub": demo.missionhub().people()})
    assert any('include=["email_addresses"' in line for line in result.problems)


def test_frames_out_of_a_parquet_file_match_the_same(tmp_path):
    from crmkit.exports import write

    with organisation(1, 150) as (frames, _):
        frames = {name: frames[name] for name in ("peepl", "beeple", "onepagecrm")}
        fresh = match(frames)
        for name, frame in frames.items():
            write(frame, tmp_path / f"{name}.parquet")
    kept = match({name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in frames})
    pd.testing.assert_frame_equal(fresh.pairs, kept.pairs)
    pd.testing.assert_frame_equal(fresh.clusters, kept.clusters)
