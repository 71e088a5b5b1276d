"""MissionHub: every filter of the people index really filters, and every key of order really orders.

What a filter should find is worked out from the records that an unfiltered walk brings along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import pytest
import requests

from crmkit.demo import start

from .missionhub_calling import ARCHIVED, WHOLE, Ask, caller, related, total, walk

SURVEY, CHANNEL, SPORTS, FIRST, CALL, REMARK = "311", "1201", "1202", "1203", "1204", "1205"
Pair = tuple[str, str]


class World(NamedTuple):
    """Everybody, archived people too, and everything included."""

    ask: Ask
    people: list[dict[str, Any]]
    included: dict[tuple[str, str], Any]

    def parts(self, person: dict[str, Any], name: str) -> list[dict[str, Any]]:
        return related(person, name, self.included)

    def active(self, person: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            p["attributes"] for p in self.parts(person, "organizational_permissions") if p["attributes"]["archive_date"] is None
        ]

    def where(self, holds: Callable[[dict[str, Any]], bool]) -> set[str]:
        """Ids of those not archived for whom something holds."""
        found = {person["id"] for person in self.people if self.active(person) and holds(person)}
        assert found, "a test that finds nobody proves nothing"
        return found

    def found(self, *pairs: Pair) -> set[str]:
        people, _ = walk(self.ask, ("include", ""), *pairs)
        numbers = [person["id"] for person in people]
        assert len(set(numbers)) == len(numbers) == total(self.ask, *pairs)
        return set(numbers)

    def sheets(self, person: dict[str, Any], survey: str = SURVEY) -> Iterator[dict[str, list[str]]]:
        """Answers in small letters by question, sheet by sheet."""
        for sheet in self.parts(person, "answer_sheets"):
            if sheet["relationships"]["survey"]["data"]["id"] == survey:
                found: dict[str, list[str]] = {}
                for answer in self.parts(sheet, "answers"):
                    number = str(answer["attributes"]["question_id"])
                    found.setdefault(number, []).append(answer["attributes"]["value"].casefold())
                yield found


@pytest.fixture(scope="module", params=[1, 2])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with start(seed=request.param) as demo, requests.Session() as session:
        ask = caller(demo, session)
        yield World(ask, *walk(ask, ("include", WHOLE), ARCHIVED))


def ids(person: dict[str, Any], name: str) -> set[str]:
    return {end["id"] for end in person["relationships"][name]["data"]}


def test_archived_people_are_away_unless_asked_for(world: World) -> None:
    present = world.where(lambda person: True)
    assert world.found() == world.found(("filters[include_archived]", "false")) == present
    assert present < world.found(ARCHIVED) == {person["id"] for person in world.people}


def test_organizations_scope_everything(world: World) -> None:
    for number in ("5101", "5107", "5112"):
        there = world.where(lambda p, n=number: any(str(each["organization_id"]) == n for each in world.active(p)))
        assert world.found(("organization_ids", number)) == world.found(("filters[organization_ids]", number)) == there
    both = world.found(("organization_ids", "5107,5112"))
    assert both == world.found(("organization_ids", "5107")) | world.found(("organization_ids", "5112"))
    assert world.found(("organization_ids", "5107"), ("filters[organization_ids]", "5112")) == set()
    assert world.found(("organization_ids", "1")) == set()


def test_ids_and_exclude_ids(world: World) -> None:
    three = [person["id"] for person in world.people if world.active(person)][:3]
    assert world.found(("filters[ids]", ",".join(three))) == set(three)
    assert world.found(("filters[exclude_ids]", ",".join(three))) == world.found() - set(three)


def test_name_and_mail(world: World) -> None:
    some = next(person for person in world.people if world.active(person) and world.parts(person, "email_addresses"))
    first, last = some["attributes"]["first_name"].split()[0], some["attributes"]["last_name"].split()[0]
    both = world.where(
        lambda p: all(word.casefold() in p["attributes"]["full_name"].casefold() for word in (first, last)),
    )
    assert some["id"] in world.found(("filters[name]", f"{last.upper()} {first.lower()}")) == both
    domain = "@gmail.example"
    mailed = world.where(lambda p: any(domain in e["attributes"]["email"] for e in world.parts(p, "email_addresses")))
    assert world.found(("filters[name]", domain)) == mailed


def test_assigned_to_and_the_reverse(world: World) -> None:
    def leaders(person: dict[str, Any]) -> set[str]:
        return {str(each["attributes"]["assigned_to_id"]) for each in world.parts(person, "reverse_contact_assignments")}

    me = world.ask("/people/me").json()["data"]["id"]
    other = sorted({leader for person in world.people for leader in leaders(person)} - {me})[0]
    tos = "filters[assigned_tos]"
    assert world.found((tos, "me")) == world.found((tos, me)) == world.where(lambda p: me in leaders(p))
    assert world.found((tos, f"me,{other}")) == world.where(lambda p: bool({me, other} & leaders(p)))
    assert world.found((tos, "assigned")) == world.where(lambda p: bool(leaders(p)))
    assert world.found((tos, "unassigned")) == world.where(lambda p: not leaders(p))
    assert world.found((tos, f"{me},unassigned")) == world.where(lambda p: me in leaders(p) or not leaders(p))
    follower = next(iter(world.found((tos, other))))
    assert world.found(("filters[assigned_contacts]", follower)) == {other}
    assert world.found(("filters[assigned_contacts]", "me")) == set()


def test_labels_groups_statuses_permissions_and_genders(world: World) -> None:
    def labels(person: dict[str, Any]) -> set[int]:
        return {each["attributes"]["label_id"] for each in world.parts(person, "organizational_labels")}

    def groups(person: dict[str, Any]) -> set[str]:
        return {each["relationships"]["group"]["data"]["id"] for each in world.parts(person, "group_memberships")}

    def statuses(person: dict[str, Any]) -> set[str | None]:
        return {each["followup_status"] for each in world.active(person)}

    def levels(person: dict[str, Any]) -> set[int]:
        return {each["permission_id"] for each in world.active(person)}

    assert world.found(("filters[label_ids]", "2403,2404")) == world.where(lambda p: bool({2403, 2404} & labels(p)))
    assert world.found(("filters[label_ids]", "2409")) == set()
    assert world.found(("filters[group_ids]", "3301,3311")) == world.where(lambda p: bool({"3301", "3311"} & groups(p)))
    for wanted in ("uncontacted", "completed,in_progress", "do_not_contact"):
        assert world.found(("filters[statuses]", wanted)) == world.where(
            lambda p, w=wanted: bool(set(w.split(",")) & statuses(p))
        )
    assert None in {status for person in world.people for status in statuses(person)}
    assert world.found(("filters[permissions]", "1,owner")) == world.where(lambda p: bool({1, 3} & levels(p)))
    assert world.found(("filters[permissions]", "user")) == world.where(lambda p: 4 in levels(p))
    for wanted in ("female", "male,female"):
        assert world.found(("filters[genders]", wanted)) == world.where(
            lambda p, w=wanted: p["attributes"]["gender"].casefold() in w.split(",")
        )
    assert world.found(("filters[genders]", "other")) == set()


def test_faculty_and_interactions(world: World) -> None:
    def kinds(person: dict[str, Any]) -> set[int]:
        return {each["attributes"]["interaction_type_id"] for each in world.parts(person, "interactions")}

    assert world.found(("filters[faculty]", "true")) == world.where(lambda p: p["attributes"]["faculty"])
    assert world.found(("filters[faculty]", "true,false")) == world.found()
    assert world.found(("filters[interaction_type_ids]", "9,11")) == world.where(lambda p: bool({9, 11} & kinds(p)))
    assert world.found(("filters[interaction_type_ids]", "4")) == set()


def test_updated_between_two_times_ends_included(world: World) -> None:
    times = sorted(person["attributes"]["updated_at"] for person in world.people if world.active(person))
    first, last = times[len(times) // 3], times[2 * len(times) // 3]
    name = "filters[updated_at][]"
    inside = world.where(lambda p: first <= p["attributes"]["updated_at"] <= last)
    assert world.found((name, first), (name, last)) == world.found((name, last), (name, first)) == inside
    local = datetime.fromisoformat(first).astimezone().isoformat()
    assert world.found((name, local), (name, last)) == inside
    begin, end = "0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00"
    assert world.ask("/people", (name, begin), (name, end)).status_code == 400


def answers(question: str, *values: str, option: str = "") -> list[Pair]:
    pairs = [("filters[answer_sheets][survey_ids]", SURVEY)]
    pairs += [(f"filters[answer_sheets][answers][{question}][]", value) for value in values]
    return pairs + ([(f"filters[answer_sheets][answers_options][{question}]", option)] if option else [])


def matching(world: World, holds: Callable[[dict[str, list[str]]], bool]) -> set[str]:
    return world.where(lambda person: any(holds(sheet) for sheet in world.sheets(person)))


def test_having_a_sheet(world: World) -> None:
    name = "filters[answer_sheets][survey_ids]"
    first, later = (world.where(lambda p, s=s: any(True for _ in world.sheets(p, s))) for s in ("311", "318"))
    assert world.found((name, "311")) == first
    assert world.found((name, "318")) == later
    assert world.found((name, "311,318")) == first | later


def test_equal_answers_whatever_the_case(world: World) -> None:
    either = matching(world, lambda s: bool({"ja", "nee"} & set(s.get(CALL, ()))))
    for option in ("", "any"):
        assert world.found(*answers(CALL, "JA", "nee", option=option)) == either
    both = matching(world, lambda s: {"tennis", "volleybal"} <= set(s.get(SPORTS, ())))
    assert world.found(*answers(SPORTS, "Tennis", "Volleybal", option="all")) == both
    assert both < world.found(*answers(SPORTS, "Tennis", "Volleybal"))
    comma = matching(world, lambda s: "misschien, als de uren passen" in s.get(REMARK, ()))
    assert world.found(*answers(REMARK, "Misschien, als de uren passen")) == comma
    assert world.found(*answers(REMARK, "misschien")) == set()


def test_answers_that_contain_and_that_do_not(world: World) -> None:
    some = matching(world, lambda s: any("misschien" in each for each in s.get(REMARK, ())))
    assert world.found(*answers(REMARK, "MISSCHIEN", option="contains")) == some
    others = matching(world, lambda s: REMARK in s and not any("misschien" in each for each in s[REMARK]))
    assert world.found(*answers(REMARK, "misschien", option="does_not_contain")) == others


@pytest.mark.parametrize("value", ["", "no_response"])
def test_missing_and_given_answers(world: World, value: str) -> None:
    missing = matching(world, lambda s: not any(s.get(REMARK, ())))
    given = matching(world, lambda s: any(s.get(REMARK, ())))
    assert world.found(*answers(REMARK, value, option="no_response")) == missing
    assert world.found(*answers(REMARK, value, option="any_response")) == given


def as_days(sheet: dict[str, list[str]]) -> list[date]:
    return [date.fromisoformat(each[:10]) for each in sheet.get(FIRST, ()) if each[4:5] == "-"]


def test_answers_read_as_dates(world: World) -> None:
    first, last = date(2023, 9, 1), date(2023, 12, 31)
    inside = matching(world, lambda s: any(first <= each <= last for each in as_days(s)))
    for pair in (("2023-12-31T00:00:00Z", "2023-09-01T16:00:00Z"), ("2023-09-01", "2023-12-31")):
        assert world.found(*answers(FIRST, *pair, option="date_range")) == inside
    wanted = next(each for person in world.people for s in world.sheets(person) for each in as_days(s) if world.active(person))
    on_day = matching(world, lambda s: wanted in as_days(s))
    assert world.found(*answers(FIRST, f"{wanted}T23:00:00Z", option="date")) == on_day


@pytest.mark.parametrize(("values", "option"), [
    (("2023-09-01",), "date_range"), (("2023-09-01", "2023-10-01", "2023-11-01"), "date_range"), (("soon",), "date"),
    (("Ja",), "exactly"),
])  # fmt: skip
def test_wrong_options_are_refused(world: World, values: tuple[str, ...], option: str) -> None:
    assert world.ask("/people", *answers(FIRST, *values, option=option)).status_code == 400


def test_two_questions_must_hold_on_one_sheet(world: World) -> None:
    pairs = answers(CALL, "ja") + answers(CHANNEL, "startdag", "Website")[1:]
    one_sheet = matching(world, lambda s: "ja" in s.get(CALL, ()) and bool({"startdag", "website"} & set(s.get(CHANNEL, ()))))
    assert world.found(*pairs) == one_sheet


def test_different_filters_all_hold(world: World) -> None:
    parts = [("filters[label_ids]", "2402"), ("filters[assigned_tos]", "assigned"), ("filters[genders]", "female")]
    assert world.found(*parts) == set.intersection(*(world.found(part) for part in parts)) != set()


def ordered(world: World, sort: str) -> list[dict[str, Any]]:
    people, _ = walk(world.ask, ("include", ""), ARCHIVED, ("sort", sort))
    assert len(people) == len(world.people)
    return people


def test_order_by_the_persons_own_fields(world: World) -> None:
    for key in ("first_name", "last_name", "gender"):
        values = [person["attributes"][key].casefold() for person in ordered(world, key)]
        assert values == sorted(values)
        assert [p["attributes"][key].casefold() for p in ordered(world, f"-{key}")] == values[::-1]
    pairs = [(p["attributes"]["gender"], p["attributes"]["last_name"].casefold()) for p in ordered(world, "gender,last_name")]
    assert pairs == sorted(pairs)


def test_order_by_status_and_by_sheets_with_the_empty_ones_last(world: World) -> None:
    by_id = {person["id"]: person for person in world.people}

    def times(person: dict[str, Any], field: str) -> list[str]:
        found = [sheet["attributes"][field] for sheet in world.parts(by_id[person["id"]], "answer_sheets")]
        return [each for each in found if each]

    for field in ("completed_at", "updated_at"):
        up = [min(times(p, field), default="z") for p in ordered(world, f"answer_sheets.{field}")]
        assert up == sorted(up)
        assert up[-1] == "z"
        down = [max(times(p, field), default="") for p in ordered(world, f"-answer_sheets.{field}")]
        assert down == sorted(down, reverse=True)
    people = ordered(world, "organizational_permissions.followup_status")
    found = [
        [each["attributes"]["followup_status"] or "z" for each in world.parts(by_id[p["id"]], "organizational_permissions")]
        for p in people
    ]
    assert [min(each) for each in found] == sorted(min(each) for each in found)


def test_statistics_count_what_the_filters_find(world: World) -> None:
    here = ("organization_ids", "5101")
    query = [("organization_id", "5101"), ("include_zeros", "true"), ("include_unassigned", "true")]
    stats = world.ask("/filter_stats/people", *query).json()["data"]["attributes"]
    for items, key, name in (
        ("labels", "label_id", "label_ids"), ("groups", "group_id", "group_ids"), ("assigned_tos", "person_id", "assigned_tos"),
        ("statuses", "followup_status", "statuses"), ("genders", "gender", "genders"),
    ):  # fmt: skip
        for item in stats[items]:
            assert item["count"] == total(world.ask, here, (f"filters[{name}]", item[key].lower())), (items, item)
    assert [item["count"] for item in stats["labels"] if item["label_id"] == "2409"] == [0]
    plain = world.ask("/filter_stats/people", ("organization_id", "5101")).json()["data"]["attributes"]
    assert all(item["count"] for name in plain for item in plain[name])


def test_survey_statistics_count_respondents(world: World) -> None:
    query = [("organization_id", "5101"), ("survey_id", SURVEY)]
    stats = world.ask("/filter_stats/survey", *query).json()["data"]["attributes"]
    for item in stats["questions"]:
        pairs = answers(item["question_id"], "any_response", option="any_response")
        assert item["count"] == total(world.ask, ("organization_ids", "5101"), *pairs) > 0
