"""From Beeple's answers to neutral frames: the vendor's own example, and every way in which a server may surprise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import crmkit
from crmkit import coverage
from crmkit.errors import IncompleteFetch, ParameterError
from tests.serving import serving

API = "/api/v1/admin"
EXAMPLES = json.loads((Path(__file__).parent.parent / "examples" / "beeple.json").read_text(encoding="utf-8"))
BODIES = {one["operation"].partition(" ")[2]: one["body"] for one in EXAMPLES}
Json = dict[str, Any]
Query = list[tuple[str, str]]


def team(
    number: str, needed: int = 2, start: str = "2024-06-01T10:00:00.000+02:00", end: str = "2024-06-01T14:00:00.000+02:00"
) -> Json:
    times = {"start_datetime": start, "end_datetime": end, "break_duration": "00:30"}
    return {
        **BODIES["/projects/{project_id}/teams"]["teams"][0],
        "id": number,
        "name": f"team {number}",
        "volunteers_needed": needed,
        "shifts_attributes": [times],
        "errors": [],
    }


def enrolment(number: str, where: Json, **more: Any) -> Json:
    usual = {"cancelled": False, "blip": {"in_at": "2024-06-01T09:55:00", "in_by": None, "out_at": None, "out_by": None}}
    return {**BODIES["/collaborators/{id}/enrolments"]["enrolments"][0], "id": number, "team": where, **usual, **more}


def project(number: str, name: str, **more: Any) -> Json:
    usual = {"start_date": "2024-06-01", "end_date": "2024-06-30", "subprojects_enabled": False, "errors": []}
    return {**BODIES["/projects"]["projects"][0], "id": number, "name": name, **usual, **more}


def listing(*found: Json, heeds: bool = True, confirmed: tuple[str, ...] = ()) -> Callable[[Query], tuple[int, Json]]:
    """Enrolments whose status filter is heeded or not."""

    def answer(query: Query) -> tuple[int, Json]:
        words = [value for name, value in query if name == "filter[statuses][]"]
        shown = [one for one in found if not words or not heeds or one["id"] in confirmed]
        return 200, {"id": "7", "enrolments": shown, "count": len(shown), "previous": None, "next": None}

    return answer


def world(**more: Any) -> Json:
    """Project 1 has team 10 and shares team 20 with its subproject 5; person 7 is confirmed in 10, invited to 20, confirmed in hidden 90."""
    subproject = {**BODIES["/projects/{project_id}/subprojects"]["subprojects"][0], "id": "5", "name": "part", "project_id": "1"}
    subproject |= {"start_date": "2024-06-01", "end_date": "2024-06-02"}
    found = [enrolment("100", team("10")), enrolment("101", team("20", 3)), enrolment("102", team("90"))]
    said = {
        **BODIES["/collaborators/{collaborator_id}/availabilities2"]["availabilities"][0],
        "id": 3,
        "starts_at": "2024-06-01",
        "ends_at": "2024-06-01",
    }
    return {
        f"{API}/projects": (
            200,
            {
                "projects": [
                    project("1", "one", subprojects_enabled=True),
                    project("2", "two", start_date="2025-01-01", end_date="2025-01-02"),
                ]
            },
        ),
        f"{API}/projects/1/subprojects": (200, {"subprojects": [subproject], "next": None, "prev": None}),
        f"{API}/projects/1/teams": (200, {"teams": [team("10"), team("20")]}),
        f"{API}/projects/2/teams": (
            200,
            {"teams": [team("30", start="2025-01-01T10:00:00.000+01:00", end="2025-01-01T14:00:00.000+01:00")]},
        ),
        f"{API}/subprojects/5/teams": lambda query: (200, {"teams": [] if ("page", "2") in query else [team("20")]}),
        f"{API}/collaborators/7/enrolments": listing(*found, confirmed=("100", "102")),
        f"{API}/collaborators/7/availabilities2": (200, {"availabilities": [said]}),
        f"{API}/collaborators": (
            200,
            {"collaborators": [{"id": 7, "name": "Anna", "department_ids": [1], "blocked": False, "blocked_at": None}]},
        ),
        **more,
    }


@contextmanager
def connected(answers: Json) -> Iterator[tuple[crmkit.Beeple, list[Any]]]:
    with serving(answers) as (url, log):
        yield crmkit.Beeple(token="beeple-test-token", base_url=url, pace=None), log


def loaded(answers: Json, **options: Any) -> dict[str, pd.DataFrame]:
    with connected(answers) as (client, _):
        return coverage.load(client, **{"collaborators": [7], **options})


def test_the_vendors_example_is_the_worked_example() -> None:
    answers = {
        f"{API}/projects": (200, {"projects": [{**BODIES["/projects"]["projects"][0], "subprojects_enabled": False}]}),
        f"{API}/projects/7/teams": (200, BODIES["/projects/{project_id}/teams"]),
        f"{API}/collaborators/7/enrolments": (200, BODIES["/collaborators/{id}/enrolments"]),
        f"{API}/collaborators/7/availabilities2": (200, BODIES["/collaborators/{collaborator_id}/availabilities2"]),
    }
    frames = loaded(answers)
    found = coverage.by_shift(frames).iloc[0]
    assert (found["needed"], found["n"], found["gap"], found["coverage"]) == (5, 0, 5, 0.0)
    assert (found["gross_hours"], found["net_hours"], found["needed_hours"], found["gap_hours"]) == (9.0, 8.5, 42.5, 42.5)
    window = coverage.by_window(frames, ["2017-04-01 12:00", "2017-04-01 14:00"])
    assert window["needed_hours"].tolist() == pytest.approx([9.444], abs=0.0005)
    assert frames["differences"].empty


def test_frames_are_neutral_and_typed() -> None:
    frames = loaded(world())
    empty = coverage.frames()
    assert frames.keys() == empty.keys()
    for name, frame in frames.items():
        assert frame.dtypes.to_dict() == empty[name].dtypes.to_dict(), name
        assert isinstance(crmkit.receipt(frame), crmkit.receipts.Receipt)
    teams = frames["teams"].set_index("team_id")
    assert teams["listed"].to_dict() == {"20": True, "10": True, "30": True, "90": False}
    assert (teams.loc["20", "subproject"], teams.loc["20", "project"], teams.loc["10", "subproject_id"]) == ("part", "one", pd.NA)
    assert frames["enrolments"]["status"].tolist() == ["confirmed", "confirmed", "unknown"]
    assert frames["enrolments"]["arrived"].iloc[0] == pd.Timestamp("2024-06-01T07:55Z")
    assert frames["collaborators"]["name"].tolist() == ["John Doe"]
    assert frames["availability"]["start"].tolist() == [pd.Timestamp("2024-05-31T22:00Z")]


def test_orphans_and_differences() -> None:
    frames = loaded(world())
    assert coverage.orphan_enrolments(frames)["enrolment_id"].tolist() == ["102"]
    assert coverage.double_bookings(frames)[["team_id", "other_team_id"]].to_numpy().tolist() == [["10", "90"]]
    assert frames["differences"].to_numpy().tolist() == [["20", "needed", "2", "3"]]
    assert coverage.by_team(frames).set_index("team_id")["needed"].to_dict() == {"10": 2, "20": 2, "30": 2}


def test_nothing_is_surer_than_the_list_of_people() -> None:
    frames = loaded(world())
    table = coverage.by_team(frames)
    proof = crmkit.receipt(table)
    assert (proof.endpoint, proof.complete) == ("coverage.by_team", None)
    assert any("lower bound" in problem for problem in proof.problems)
    assert set(table["collaborators_scanned"]) == {1}
    assert not table["ids_complete"].any()
    assert table["fetched_at"].notna().all()
    claimed = coverage.by_team(loaded(world(), ids_complete=True))
    assert claimed["ids_complete"].all()
    assert not any("lower bound" in problem for problem in crmkit.receipt(claimed).problems)


def test_with_a_moment_the_tables_do_not_depend_on_when_they_were_made() -> None:
    for now, moment in (("2024-06-15", "2024-06-14T22:00Z"), ("2024-06-15T12:00+02:00", "2024-06-15T10:00Z")):
        frames = loaded(world(), now=now)
        assert coverage.by_team(frames)["fetched_at"].unique().tolist() == [pd.Timestamp(moment)]
    late = loaded(world(), now="2000-01-01")
    assert coverage.worked(late).empty


def test_calls_behind_several_frames_are_counted_once() -> None:
    with connected(world()) as (client, log):
        frames = coverage.load(client, collaborators=[7])
        table = coverage.candidates(frames, {1: "available"})
    assert crmkit.receipt(table).calls == len(log)


@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("gaps", {"by": "people", "top": 3, "projects": ["1", "2"], "start": "2024-01-01"}),
        ("by_window", {"every": ["2024-06-01 10:00", "2024-06-01 12:00"], "count": "not_cancelled"}),
        ("candidates", {"types": {"1": "unavailable"}, "per_gap": 2, "published": True}),
        ("presence", {"by": ["weekday"], "now": "2024-07-01", "level": 0.9}),
    ],
)
def test_a_receipt_holds_the_call_in_plain_values(name: str, keywords: Json) -> None:
    frames = loaded(world())
    table = getattr(coverage, name)(frames, **keywords)
    told = json.loads(json.dumps(dict(crmkit.receipt(table).params)))
    assert keywords.items() <= told.items()
    pd.testing.assert_frame_equal(getattr(coverage, name)(frames, **told), table)


@pytest.mark.parametrize(
    ("answer", "source", "n"),
    [
        (listing(enrolment("100", team("10")), confirmed=("100",)), "not_cancelled: filter ignored", 1),
        (listing(enrolment("100", team("10")), enrolment("101", team("20")), heeds=False), "not_cancelled: filter ignored", 2),
        (listing(enrolment("100", team("10")), enrolment("101", team("20")), confirmed=("101",)), "confirmed", 1),
        (
            lambda query: (
                (422, {})
                if any(name == "filter[statuses][]" for name, _ in query)
                else listing(enrolment("100", team("10")))(query)
            ),
            "not_cancelled: filter rejected",
            1,
        ),
        (listing(), "confirmed", 0),
    ],
    ids=["all confirmed", "ignored", "heeded", "rejected", "nothing"],
)
def test_a_status_filter_that_is_not_heeded_is_noticed(answer: Any, source: str, n: int) -> None:
    frames = loaded(world(**{f"{API}/collaborators/7/enrolments": answer}))
    table = coverage.by_team(frames)
    assert set(table["status_source"]) == {source}
    assert table["n"].sum() == n


def test_a_period_leaves_out_what_was_not_asked() -> None:
    with connected(world()) as (client, log):
        frames = coverage.load(client, collaborators=[7], start="2024-06-01", end="2024-06-30")
        asked = [path for _, path, *_ in log]
    assert f"{API}/projects/2/teams" not in asked
    assert set(frames["teams"]["team_id"]) == {"10", "20", "90"}
    later = loaded(world(), start="2024-06-02", end="2024-06-30")
    assert later["shifts"].empty
    assert later["teams"].empty


def test_some_projects_only() -> None:
    frames = loaded(world(), projects=[2])
    assert frames["teams"]["team_id"].tolist() == ["30", "10", "90", "20"]
    assert coverage.by_team(frames)["team_id"].tolist() == ["30"]
    assert not frames["scan"]["all_projects"].any()
    with pytest.raises(ParameterError, match="no project 9"):
        loaded(world(), projects=["9"])


def test_people_from_a_list_a_frame_or_nobody() -> None:
    with connected(world()) as (client, _):
        listed = coverage.load(client, collaborators="list")
        framed = coverage.load(client, collaborators=pd.DataFrame({"id": ["7", "7"], "name": ["Bea", "Bea"]}))
        nobody = coverage.load(client, collaborators=[])
        with pytest.raises(ParameterError, match="collaborators is missing"):
            coverage.load(client)
        with pytest.raises(ParameterError, match="collaborator_id"):
            coverage.load(client, collaborators=pd.DataFrame({"number": [7]}))
    assert listed["collaborators"].to_numpy().tolist() == [["7", "Anna", False]]
    assert framed["collaborators"]["name"].tolist() == ["Bea"]
    assert nobody["enrolments"].empty
    table = coverage.by_team(nobody)
    assert table["n"].sum() == 0
    assert set(table["collaborators_scanned"]) == {0}


def test_somebody_whom_the_site_does_not_know_makes_it_incomplete() -> None:
    with connected(world()) as (client, _):
        with pytest.raises(IncompleteFetch):
            coverage.load(client, collaborators=[7, 8], availability=False)
        frames = coverage.load(client, collaborators=[7, 8], availability=False, allow_partial=True)
    table = coverage.by_team(frames)
    assert crmkit.receipt(table).complete is False
    assert repr(table).startswith("INCOMPLETE")


def test_another_system_is_refused() -> None:
    with pytest.raises(ParameterError, match="Beeple"):
        coverage.load(crmkit.Peepl(token="peepl-test-token"), collaborators=[7])
