"""MissionHub's world: the truth is what the answers say, it is the same for the same seed, and it has a structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import requests

from crmkit.demo import Demo, start
from crmkit.demo.club import Club
from crmkit.demo.records import CRMS
from crmkit.demo.welcoming import everybody
from tests.seeds import some

from .missionhub_calling import ARCHIVED, WHOLE, Ask, caller, related, walk

FRAMES = ("identities", "dirt", "groups", "memberships", "segments", "follow_ups", "interactions", "survey_answers")
Included = dict[tuple[str, str], Any]


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


@pytest.fixture(scope="module")
def whole(ask: Ask) -> tuple[list[dict[str, Any]], Included]:
    return walk(ask, ("include", WHOLE), ARCHIVED)


def mine(demo: Demo, name: str) -> pd.DataFrame:
    return demo.truth[name].query("crm == 'missionhub'")


def bodies(demo: Demo) -> list[tuple[bytes, dict[str, str]]]:
    paths = (
        "/people?include=interactions,answer_sheets.answers",
        "/people/me",
        "/organizations",
        "/search?q=an",
        "/people?sort=x",
    )
    with requests.Session() as session:
        ask = caller(demo, session)
        return [(answer.content, dict(answer.headers)) for answer in map(ask, paths)]


def test_same_seed_same_bytes_and_another_seed_others() -> None:
    with start() as one, start() as same, start(seed=2) as other:
        assert bodies(one) == bodies(same)
        assert all(ours[0] != theirs[0] for ours, theirs in zip(bodies(one)[:2], bodies(other)[:2], strict=True))
        assert all(mine(one, name).equals(mine(same, name)) for name in FRAMES)


@pytest.mark.parametrize("people", [0, 1, 2, 37])
def test_a_club_of_any_size_answers(people: int) -> None:
    with start(people=people) as small, requests.Session() as session:
        ask = caller(small, session)
        found, _ = walk(ask, ("include", WHOLE), ARCHIVED)
        assert len(found) == mine(small, "identities")["record_id"].nunique()
        assert bool(found) is bool(people)
        assert ask("/people/me").json()["data"]["type"] == "person"
        assert ask("/filter_stats/survey?organization_id=5101&include_zeros=true").status_code == 200


@pytest.mark.parametrize("seed", range(1, 6))
def test_at_500_people_the_team_follows_150_at_least(seed: int) -> None:
    club = Club(seed, 500)
    assert len(everybody(club)) >= 180
    assert len([each for each in club.records("missionhub") if each.kind == "person"]) >= 140


def test_visitors_are_nobody_elses_and_numbers_are_unique(demo: Demo) -> None:
    identities = mine(demo, "identities")
    assert identities["record_id"].is_unique
    visitors = identities.query("kind == 'visitor'")
    assert len(visitors) == 50
    assert visitors["person_id"].isna().all()
    elsewhere = demo.truth["identities"].query("crm != 'missionhub'")["person_id"]
    assert identities["person_id"].isin(elsewhere.dropna()).sum() > 80
    assert set(demo.truth["identities"]["crm"]) == set(CRMS)


def test_everybody_in_the_truth_is_in_the_answers(demo: Demo, whole: tuple[list[dict[str, Any]], Included]) -> None:
    people, included = whole
    assert {person["id"] for person in people} == set(mine(demo, "identities")["record_id"])
    told = {
        (person["id"], str(part["attributes"]["organization_id"])): part["attributes"]["followup_status"]
        for person in people
        for part in related(person, "organizational_permissions", included)
    }
    truth = mine(demo, "follow_ups")
    assert {(r.record_id, r.organization_id): None if pd.isna(r.status) else r.status for r in truth.itertuples()} == told
    assert (truth.groupby("record_id").size() > 1).sum() > 10


def test_labels_groups_interactions_and_answers_are_the_truths(demo: Demo, whole: tuple[list[dict[str, Any]], Included]) -> None:
    people, included = whole
    labels = {(p["id"], str(x["attributes"]["label_id"])) for p in people for x in related(p, "organizational_labels", included)}
    truth = mine(demo, "segments").dropna(subset=["record_id"])
    assert labels == set(zip(truth["record_id"], truth["segment_id"], strict=True))
    assert mine(demo, "segments")["record_id"].isna().sum() == 1
    for name, column, kind in (
        ("memberships", "position_id", "group_membership"),
        ("interactions", "interaction_id", "interaction"),
        ("survey_answers", "answer_id", "answer"),
    ):
        assert set(mine(demo, name)[column]) == {number for of, number in included if of == kind}, name
    values = mine(demo, "survey_answers").set_index("answer_id")["value"]
    assert all(included["answer", number]["attributes"]["value"] == value for number, value in values.items())
    members = mine(demo, "memberships").groupby("group_id").size()
    assert members.to_dict() == mine(demo, "groups").set_index("group_id")["members"].to_dict()


def ends(record: dict[str, Any], path: str, included: Included) -> list[Any]:
    """The values at a path such as answer_sheets[].answers[].attributes.value, through linkage."""
    *steps, last = path.split("[].")
    found = [record]
    for step in steps:
        found = [part for each in found for part in related(each, step, included)]
    return [each["attributes"][last.removeprefix("attributes.")] for each in found]


def test_every_planted_fault_is_in_the_answers(demo: Demo, whole: tuple[list[dict[str, Any]], Included]) -> None:
    people, included = whole
    by_id = {person["id"]: person for person in people}
    dirt = mine(demo, "dirt")
    assert {"duplicate", "test_record", "date_typed", "upper_case", "mail_typo", "birth_swapped"} <= set(dirt["fault"])
    for fault in dirt.dropna(subset=["path"]).itertuples():
        if fault.fault == "date_typed":
            assert included["answer", fault.record_id]["attributes"]["value"] == fault.dirty
        else:
            assert fault.dirty in ends(by_id[fault.record_id], fault.path, included), fault


def test_ids_and_times_hold_their_traps(whole: tuple[list[dict[str, Any]], Included]) -> None:
    people, included = whole
    numbers = [person["attributes"]["fb_uid"] for person in people if person["attributes"]["fb_uid"]]
    assert max(numbers) > 2**53
    assert any(part["attributes"]["completed_at"] is None for (kind, _), part in included.items() if kind == "answer_sheet")
    assert any(not related(person, "email_addresses", included) or person["attributes"]["gender"] == "" for person in people)
    assert all(person["attributes"]["updated_at"] <= "2024-06-15T10:00:00Z" for person in people)
    times = [part["attributes"]["timestamp"] for (kind, _), part in included.items() if kind == "interaction"]
    assert max(times) <= "2024-06-15T10:00:00Z"
    assert any(
        len(part["relationships"]["initiators"]["data"]) == 2 for (kind, _), part in included.items() if kind == "interaction"
    )


def test_several_sheets_of_a_person_have_one_latest(demo: Demo) -> None:
    answers = mine(demo, "survey_answers")
    sheets = answers.drop_duplicates("sheet_id").groupby(["record_id", "survey_id"])
    assert (sheets.size() > 1).sum() > 10
    assert sheets["latest"].sum().max() == 1
    done = answers.dropna(subset=["completed"]).drop_duplicates("sheet_id")
    newest = done.sort_values(["completed", "updated"]).groupby(["record_id", "survey_id"])["sheet_id"].last()
    assert set(newest) == set(done.loc[done["latest"], "sheet_id"])
    last_in_list = answers.drop_duplicates("sheet_id").groupby(["record_id", "survey_id"])["sheet_id"].last()
    assert (last_in_list.reindex(newest.index) != newest).any()


@pytest.mark.parametrize("seed", some(3))
def test_the_following_has_the_structure_that_the_truth_declares(seed: int) -> None:
    """The slow leader waits longest and reaches fewest; who waited long is less content."""
    with start(seed=seed, people=3000) as demo:
        story = mine(demo, "follow_ups").query("first and reached.notna()")
        by_leader = story.groupby("leader_id").agg(
            delay=("delay", "median"), reached=("reached", "mean"), size=("reached", "size")
        )
        big = by_leader.query("size > 100")
        assert big["delay"].idxmax() == big["reached"].astype(float).idxmin()
        assert big["reached"].max() - big["reached"].min() > 0.2
        content = mine(demo, "survey_answers").query("question_id == '1211' and latest")
        joined = content.merge(story, on="record_id")
        soon = joined["delay"] <= 5
        happy = joined["value"].isin(["Tevreden", "Zeer tevreden"])
        assert happy[soon].mean() > happy[joined["delay"] > 12].mean() + 0.1
        labels = mine(demo, "segments").groupby("segment_id")["record_id"].apply(set)
        assert labels["2406"] & labels["2402"]
        effects = set(mine_effects(demo)["effect"])
        assert {"welcome: everybody", "welcome: channel Startdag", "three months: everybody"} <= effects


def mine_effects(demo: Demo) -> pd.DataFrame:
    effects = demo.truth["effects"]
    return effects[effects["effect"].str.startswith(("welcome", "three months"))]


def test_other_crms_do_not_depend_on_the_welcome_team() -> None:
    """Who is in MissionHub is drawn from a generator of its own."""
    before, after = Club(7, 120), Club(7, 120)
    everybody(after)
    for crm in CRMS:
        assert before.records(crm) == after.records(crm)
