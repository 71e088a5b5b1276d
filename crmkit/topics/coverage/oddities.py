"""What in the frames of shift coverage cannot be taken at its word, and how it was taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from crmkit.topics.arrays import among
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import Frames, chosen
from crmkit.topics.coverage.everything import hours
from crmkit.topics.coverage.people import BACKWARDS, LONGEST, NO_ARRIVAL, TOO_LONG
from crmkit.topics.coverage.shapes import TEXT

Detail = Callable[[pd.DataFrame], "pd.Series[Any]"]

MEANINGS: Mapping[str, str] = {
    "unreadable times": "a shift without readable times is left out",
    "end not after start": "a shift that ends before it begins is left out",
    "same times twice": "two shifts of a team at the same times count once",
    "no break": "a missing break is taken as none",
    "odd break": "a break below zero is taken as none, one longer than its shift leaves no hours",
    "no shifts": "a team without shifts has no person-hours",
    "no need": "a team without a number of people needed has no gap and no coverage",
    "cancelled unknown": "an enrolment that does not say whether it was cancelled counts as not cancelled",
    "enrolled twice": "several enrolments of a person in a team count once",
    BACKWARDS: "no hours are counted as worked",
    TOO_LONG: "no hours are counted as worked",
    NO_ARRIVAL: "counts as absent",
    "differs": "a team looks otherwise inside an enrolment; the list wins",
}


@checked
def oddities(frames: Frames) -> pd.DataFrame:
    """What is odd in the data, a line per case, and how it was taken.

    Columns: odd, taken (string: what was done about it), team_id, enrolment_id, collaborator_id, detail (string, missing where they
    do not apply). Only teams that are listed, for what is odd about teams and shifts; enrolments that are not cancelled.
    Time zone: none, moments in detail are UTC. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(frames)
    teams, shifts = some.teams, frames["shifts"]
    shifts = shifts[among(shifts["team_id"], teams["team_id"])]
    readable = shifts["start"].notna() & shifts["end"].notna()
    good = readable & (shifts["end"] > shifts["start"])
    pause, gross = hours(shifts["break_duration"]), hours(shifts["end"] - shifts["start"])
    told = frames["enrolments"]
    open_ = told[~told["cancelled"].fillna(False)]
    stay = hours(open_["left"] - open_["arrived"])
    found = [
        _cases("unreadable times", shifts[~readable]),
        _cases("end not after start", shifts[readable & ~good], _times),
        _cases("same times twice", shifts[good & shifts.duplicated(["team_id", "start", "end"])], _times),
        _cases("no break", shifts[good & pause.isna()], _times),
        _cases("odd break", shifts[good & ((pause < 0) | (pause > gross))], lambda lines: _length(pause, lines)),
        _cases("no shifts", teams[~among(teams["team_id"], shifts["team_id"])], _name),
        _cases("no need", teams[teams["needed"].isna()], _name),
        _cases("cancelled unknown", told[told["cancelled"].isna()]),
        _cases("enrolled twice", open_[open_.duplicated(["collaborator_id", "team_id", "status"])]),
        _cases(BACKWARDS, open_[stay < 0], lambda lines: _length(stay, lines)),
        _cases(TOO_LONG, open_[stay > LONGEST], lambda lines: _length(stay, lines)),
        _cases(NO_ARRIVAL, open_[open_["arrived"].isna() & open_["left"].notna()]),
        _differing(frames.get("differences")),
    ]
    table = pd.concat(found, ignore_index=True).astype(TEXT)
    return some.finished(table, "oddities", "differences")


def _cases(odd: str, lines: pd.DataFrame, detail: Detail | None = None) -> pd.DataFrame:
    ids = {name: lines.get(name) for name in ("team_id", "enrolment_id", "collaborator_id")}
    words = None if detail is None else detail(lines)
    return pd.DataFrame({"odd": odd, "taken": MEANINGS[odd], **ids, "detail": words}, index=lines.index, dtype=TEXT)


def _times(shifts: pd.DataFrame) -> pd.Series[Any]:
    return shifts["start"].astype(TEXT) + " to " + shifts["end"].astype(TEXT)


def _name(teams: pd.DataFrame) -> pd.Series[Any]:
    return teams["team"]


def _length(spans: pd.Series[Any], lines: pd.DataFrame) -> pd.Series[Any]:
    return spans.reindex(lines.index).round(2).astype(TEXT) + " hours"


def _differing(told: pd.DataFrame | None) -> pd.DataFrame:
    if told is None:
        return _cases("differs", pd.DataFrame({"team_id": []}))

    def detail(lines: pd.DataFrame) -> pd.Series[Any]:
        return lines["what"] + ": " + lines["listed"].fillna("none") + " listed, " + lines["embedded"].fillna("none") + " inside"

    return _cases("differs", told, detail)
