"""A small plan with everything that coverage is careful about; all figures in the tests were worked out by hand from it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmkit import coverage

HALF = "00:30:00"


def team(team_id: str, needed: int | None, function: str = "Bar", project: str = "p1", **more: Any) -> dict[str, Any]:
    names = {
        "team": f"team {team_id}",
        "function_id": f"f-{function}",
        "function": function,
        "project_id": project,
        "project": f"project {project}",
    }
    return {"team_id": team_id, "needed": needed, "published": True, "listed": True, **names, **more}


def shift(team_id: str, start: str, end: str, pause: str | None = None, place: int = 0) -> dict[str, Any]:
    return {"team_id": team_id, "shift": place, "start": start, "end": end, "break_duration": pause}


def signed(enrolment_id: int, who: str, team_id: str, **more: Any) -> dict[str, Any]:
    usual = {"status": "confirmed", "cancelled": False, "checks_in": True}
    return {"enrolment_id": str(enrolment_id), "collaborator_id": who, "team_id": team_id, **usual, **more}


def plan() -> dict[str, pd.DataFrame]:
    """Team 1: one short of three. 2: a surplus. 3: two shifts, over midnight. 4: nobody. 5: no need told. 6: no shift. 9: not listed."""
    return coverage.frames(
        teams=[
            team("1", 3),
            team("2", 1, "Kitchen"),
            team("3", 2, "Bar", "p2"),
            team("4", 2, "Kitchen", "p2", published=False),
            team("5", None, "Door", "p2"),
            team("6", 2, "Door"),
            team("9", 4, "Bar", None, listed=False),
        ],
        shifts=[
            shift("1", "2024-06-01T08:00Z", "2024-06-01T12:00Z", HALF),
            shift("2", "2024-06-01T12:00Z", "2024-06-01T16:00Z"),
            shift("3", "2024-06-01T20:00Z", "2024-06-02T02:00Z", "01:00:00"),
            shift("3", "2024-06-02T20:00Z", "2024-06-03T02:00Z", "01:00:00", 1),
            shift("4", "2024-06-01T11:00Z", "2024-06-01T13:00Z"),
            shift("5", "2024-06-01T08:00Z", "2024-06-01T09:00Z"),
            shift("9", "2024-06-01T09:00Z", "2024-06-01T10:00Z"),
        ],
        enrolments=[
            signed(11, "a", "1", arrived="2024-06-01T08:05Z", left="2024-06-01T12:10Z"),
            signed(12, "b", "1"),
            signed(13, "c", "1", cancelled=True),
            signed(14, "d", "1", status="unknown"),
            signed(15, "a", "1"),
            signed(21, "a", "2", arrived="2024-06-01T12:10Z", left="2024-06-01T11:00Z"),
            signed(22, "c", "2", cancelled=None),
            signed(31, "b", "3", arrived="2024-06-02T19:50Z", left="2024-06-03T01:00Z"),
            signed(32, "e", "4", status="unknown"),
            signed(51, "e", "5", checks_in=False),
            signed(91, "b", "9"),
        ],
    )


def worked_example(*enrolments: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """The sheet's own values: five needed on 1 April 2017 from 9 to 18 o'clock in Brussels, half an hour's break."""
    times = shift("27", "2017-04-01T09:00:00.000+02:00", "2017-04-01T18:00:00.000+02:00", HALF)
    return coverage.frames(teams=[team("27", 5)], shifts=[times], enrolments=list(enrolments))
