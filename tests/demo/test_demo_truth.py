"""The truth is what the answers say, planted faults included, and it is the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import requests

from crmkit.demo import Demo, start
from crmkit.demo.truth import COLUMNS

from .calling import Get, caller, walk

SAMPLE = (
    "/contacts/?offset=40",
    "/groups/",
    "/activities/",
    "/activities/7450/attendance/A/",
    "/news/",
    "/folders/",
    "/organisations/",
    "/combinations/",
    "/pictures/",
    "/contacts/segments/47/",
)


def answers(demo: Demo, paths: tuple[str, ...] = SAMPLE) -> Iterator[tuple[int, bytes, dict[str, str]]]:
    with requests.Session() as session:
        get = caller(demo, session)
        for path in paths:
            answer = get(path)
            yield answer.status_code, answer.content, dict(answer.headers)


def test_same_seed_same_bytes_on_any_port(demo: Demo) -> None:
    with start() as other:
        assert other.urls != demo.urls
        assert list(answers(other)) == list(answers(demo))
        assert all(other.truth[name].equals(demo.truth[name]) for name in demo.truth)


def test_another_seed_other_bytes(demo: Demo) -> None:
    with start(seed=2) as other:
        assert all(ours[1] != theirs[1] for ours, theirs in zip(answers(other), answers(demo), strict=True))


@pytest.mark.parametrize("people", [0, 1, 2, 37])
def test_a_club_of_any_size_answers(people: int) -> None:
    paths = (
        "/contacts/",
        "/groups/",
        "/activities/",
        "/activities/7440/attendance/U/",
        "/activities/7440/internal/",
        "/organisations/",
        "/news/",
        "/contacts/segments/52/",
    )
    with start(people=people) as small:
        found = list(answers(small, paths))
        assert [status for status, _, _ in found] == [200] * len(paths)
        for name, columns in COLUMNS.items():
            assert list(small.truth[name].columns) == list(columns)
        assert len(small.truth["people"]) == people


def test_dtypes_do_not_depend_on_the_size(demo: Demo) -> None:
    with start(people=0) as empty:
        for name in demo.truth:
            assert empty.truth[name].dtypes.to_dict() == demo.truth[name].dtypes.to_dict()


def test_the_truth_cannot_be_bent(demo: Demo) -> None:
    bent = demo.truth["people"]
    bent["mail"] = ""
    assert (demo.truth["people"]["mail"] != "").all()
    with pytest.raises(KeyError, match="no truth is called 'persons'"):
        demo.truth["persons"]


def test_answers_add_up_to_those_invited(demo: Demo, get: Get) -> None:
    expected = demo.truth["attendance"].groupby(["event_id", "status"]).size()
    for event_id in (7401, 7433, 7470, 7482, 7555):
        for status in "ANU":
            counted = get(f"/activities/{event_id}/attendance/{status}/", limit=1).json()["count"]
            assert counted == expected.get((str(event_id), status), 0)


def test_a_sign_up_list_is_the_truths(demo: Demo, get: Get) -> None:
    truth = demo.truth["attendance"].query("event_id == '7470'")
    for status in "ANU":
        found = [str(attendee["user_id"]) for attendee in walk(get, f"/activities/7470/attendance/{status}/")]
        assert found == truth.loc[truth["status"] == status, "record_id"].tolist()
    tickets = [
        int(purchase["name"].split(" x ")[0])
        for attendee in walk(get, "/activities/7470/attendance/A/")
        for purchase in attendee["purchases"]
    ]
    assert sum(tickets) == truth["bought"].sum() > 0


def test_who_is_invited_to_a_team_event_was_in_the_team_that_day(demo: Demo, get: Get) -> None:
    event = demo.truth["activities"].query("kind == 'internal'").iloc[30]
    team = demo.truth["groups"].query("path == @event.audience and members > 0")["group_id"].tolist()
    invited = set(demo.truth["attendance"].query("number == @event.number")["record_id"])
    day = event["day"].strftime("%Y%m%d")
    there = [{str(record["id"]) for record in walk(get, f"/groups/{group}/contacts/{day}/")} for group in team]
    assert invited in there


def cell(record: dict[str, Any], path: str) -> list[Any]:
    """The values at a path such as address[].city."""
    found: list[Any] = [record]
    for step in path.split("."):
        name, many = step.removesuffix("[]"), step.endswith("[]")
        found = [each.get(name) for each in found]
        found = [inner for each in found for inner in each] if many else found
    return found


def test_every_planted_fault_is_in_the_answers(demo: Demo, get: Get) -> None:
    dirt = demo.truth["dirt"].query("crm == 'peepl'")
    records = {str(record["id"]): record for record in walk(get, "/contacts/")}
    assert dirt["fault"].nunique() == 16
    for fault in dirt.dropna(subset=["path"]).itertuples():
        assert fault.dirty in cell(records[fault.record_id], fault.path), fault
        assert fault.dirty != fault.clean


def test_other_values_are_clean(demo: Demo, get: Get) -> None:
    """A record without fault, duplicate or variant says what is true."""
    truth = demo.truth
    people = truth["people"].set_index("person_id")
    dirty = set(truth["dirt"].query("crm == 'peepl'")["record_id"])
    clean = truth["identities"].query("crm == 'peepl' and kind == 'person'").set_index("record_id")["person_id"]
    for record in walk(get, "/contacts/"):
        if str(record["id"]) in clean and str(record["id"]) not in dirty:
            person = people.loc[clean[str(record["id"])]]
            assert record["birth_date"] == person["birth_date"].strftime("%Y-%m-%d")
            assert record["address"][0]["postal_code"] == person["postal_code"]
            assert (record["first_name"], record["last_name"]) == (person["first_name"], person["last_name"])
            assert record["age"] == (20240615 - int(person["birth_date"].strftime("%Y%m%d"))) // 10000


def test_mail_addresses_are_unique_and_reserved(get: Get) -> None:
    mails = [record["email"] for record in walk(get, "/contacts/")]
    assert len(set(mails)) == len(mails)
    assert all(mail.rstrip(".").endswith((".example", "example.com", "example.net", "example.org")) for mail in mails)


def test_a_duplicate_is_one_person_twice(demo: Demo) -> None:
    identities = demo.truth["identities"].query("crm == 'peepl'")
    twice = identities[identities["person_id"].duplicated(keep=False)].dropna(subset=["person_id"])
    planted = demo.truth["dirt"].query("crm == 'peepl' and fault == 'duplicate'")
    assert set(twice.query("kind == 'duplicate'")["record_id"]) == set(planted["record_id"])
    assert len(twice) == 2 * len(planted) > 0
    assert identities.query("kind == 'test'")["person_id"].isna().all()


def test_segments_are_the_truths_and_one_is_empty(demo: Demo, get: Get) -> None:
    sizes = demo.truth["segments"].query("crm == 'peepl'").groupby(["object_type", "segment_id"])["record_id"].count()
    for (what, number), size in sizes.items():
        assert get(f"/{what}/segments/{number}/", limit=1).json()["count"] == size
    assert (sizes == 0).sum() == 2
    assert ("contacts", "41") in sizes.index
    assert ("organisations", "41") in sizes.index


def test_groups_form_a_tree_with_namesakes_next_to_each_other(demo: Demo, get: Get) -> None:
    flat: list[dict[str, Any]] = []

    def climb(nodes: list[dict[str, Any]], parent: int | None) -> None:
        for node in nodes:
            assert node["parent_id"] == parent
            flat.append(node)
            climb(node["children"], node["id"])

    climb(get("/groups/").json(), None)
    assert {str(node["id"]) for node in flat} == set(demo.truth["groups"].query("crm == 'peepl'")["group_id"])
    namesakes = pd.DataFrame(flat).groupby(["parent_id", "name"]).size()
    assert namesakes.max() == 2


def test_positions_are_the_memberships(demo: Demo, get: Get) -> None:
    memberships = demo.truth["memberships"]
    assert memberships["end"].notna().any()
    for what in ("contacts", "organisations"):
        busiest = memberships.query("object_type == @what")["record_id"].value_counts().index[0]
        told = get(f"/{what}/{busiest}/positions/").json()
        mine = memberships.query("object_type == @what and record_id == @busiest")
        assert {str(position["id"]) for position in told} == set(mine["position_id"])


def test_every_crm_has_its_people_and_its_faults(demo: Demo) -> None:
    identities, dirt = demo.truth["identities"], demo.truth["dirt"]
    crms = {"peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm"}
    assert set(identities["crm"]) == set(dirt["crm"]) == crms
    across = identities.dropna(subset=["person_id"]).groupby("person_id")["crm"].nunique()
    assert (across >= 3).any()
    assert not identities.duplicated(["crm", "record_id"]).any()


def test_times_hold_local_midnights_and_a_night_of_clock_change(demo: Demo) -> None:
    activities = demo.truth["activities"]
    local = activities["start"].dt.tz_convert("Europe/Brussels")
    assert ((local.dt.hour == 0) & (activities["start"].dt.hour == 22)).any()
    assert ((local.dt.hour == 0) & (activities["start"].dt.hour == 23)).any()
    changed = local.map(lambda time: time.utcoffset()) != activities["end"].dt.tz_convert("Europe/Brussels").map(
        lambda time: time.utcoffset() if time is not pd.NaT else None
    )
    assert "Nacht van de Dijlevallei" in set(activities.loc[changed, "name"])
    assert activities["end"].isna().any()
    assert len(activities) == 200


def test_the_answers_have_the_structure_that_the_truth_declares(demo: Demo) -> None:
    attendance = demo.truth["attendance"].merge(demo.truth["activities"], on="number")
    answered = attendance.query("status != 'U'").assign(yes=lambda frame: frame["status"] == "A")
    team = answered[answered["audience"].str.endswith("Dames 1", na=False)].sort_values("start")
    half = len(team) // 2
    assert team["yes"].head(half).mean() > team["yes"].tail(half).mean() + 0.1
    never = set(demo.truth["people"].query("never_comes")["person_id"])
    assert not answered[answered["person_id"].isin(never)]["yes"].any()
    assert attendance.loc[attendance["came"], "status"].eq("A").mean() > 0.7
