"""Beeple's truth is what its answers say when they are read as the sheet of definitions says, and has structure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import requests

from crmkit.demo import Demo, start
from tests.seeds import some

from .beeple_calling import PERIOD, Ask, caller, enrolments, leaves, people, teams

ZONE = ZoneInfo("Europe/Brussels")


@pytest.fixture(scope="module")
def ask(demo: Demo) -> Iterator[Ask]:
    with requests.Session() as session:
        yield caller(demo, session)


def spans(team: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    return [
        (
            datetime.fromisoformat(each["start_datetime"]).astimezone(UTC),
            datetime.fromisoformat(each["end_datetime"]).astimezone(UTC),
        )
        for each in team["shifts_attributes"]
    ]


@pytest.mark.parametrize("seed", some(3))
def test_coverage_and_double_bookings_come_out_of_the_answers(seed: int) -> None:
    """Counted anew from lists of teams and from confirmed enrolments, collaborator by collaborator."""
    with start(seed=seed, people=150) as demo, requests.Session() as session:
        ask = caller(demo, session)
        confirmed: dict[str, set[str]] = {}
        standing: dict[str, set[str]] = {}
        double = set()
        for number in people(ask):
            sure = enrolments(ask, number, page_items=500, **{"filter[statuses][]": "confirmed"})
            counting = [each for each in sure if not each["cancelled"]]
            for each in counting:
                confirmed.setdefault(each["team"]["id"], set()).add(number)
            for each in enrolments(ask, number, page_items=500):
                if not each["cancelled"]:
                    standing.setdefault(each["team"]["id"], set()).add(number)
            for one, other in combinations(counting, 2):
                if any(a < d and c < b for a, b in spans(one["team"]) for c, d in spans(other["team"])):
                    double.add((one["id"], other["id"]))
        counted = {}
        for project, part, team in teams(ask):
            for place, (begin, end) in enumerate(spans(team)) or [(None, (None, None))]:
                row = (project, part, team["volunteers_needed"], begin, end)
                counted[team["id"], place] = (
                    *row,
                    len(confirmed.get(team["id"], ())),
                    len(standing.get(team["id"], ())),
                    max(0, team["volunteers_needed"] - len(confirmed.get(team["id"], ()))),
                )
        coverage = demo.truth["coverage"]
        told = {
            (row.team_id, row.shift): (
                row.project_id,
                None if pd.isna(row.subproject_id) else row.subproject_id,
                *(row.needed, row.start, row.end, row.confirmed, row.not_cancelled, row.gap),
            )
            for row in coverage.dropna(subset="shift").itertuples()
        }
        assert told == counted
        shiftless = {team["id"] for _, _, team in teams(ask) if not team["shifts_attributes"]}
        assert set(coverage[coverage["shift"].isna()]["team_id"]) == shiftless
        bookings = demo.truth["double_bookings"]
        assert set(zip(bookings["enrolment_id"], bookings["other_enrolment_id"], strict=True)) == double
        assert len(double) > 3
        assert (bookings["start"] < bookings["end"]).all()


def test_shifts_cross_midnight_and_every_change_of_clocks(demo: Demo) -> None:
    shifts = demo.truth["shifts"]
    assert 150 < shifts["over_midnight"].sum() < 400
    changing = shifts[shifts["changes_clocks"]]
    assert set(changing["day"].dt.strftime("%Y-%m-%d")) == {"2022-10-29", "2023-03-25", "2023-10-28", "2024-03-30"}
    assert set(changing[changing["hour"] == 20]["gross_hours"]) == {8.0, 6.0}
    assert demo.truth["coverage"].groupby("team_id")["shift"].nunique().max() == 5
    assert shifts["break_hours"].isna().any()


def test_coverage_has_the_structure_that_the_effects_say(demo: Demo) -> None:
    first = demo.truth["coverage"].query("shift.isna() or shift == 0")
    expected = (first["needed"] * first["chance"]).sum()
    spread = (first["needed"] * first["chance"] * (1 - first["chance"])).sum() ** 0.5
    assert abs(first["confirmed"].sum() - expected) < 5 * spread
    late = first.query("function == 'Bar' and weekday == 'Saturday' and hour == 20")
    early = first.query("function == 'Bar' and weekday == 'Saturday' and hour < 17")
    assert late["confirmed"].sum() / late["needed"].sum() + 0.25 < early["confirmed"].sum() / early["needed"].sum()
    assert {0, 2} <= set(first["needed"])
    assert not first["published"].all()
    assert "shifts: function Bar" in set(demo.truth["effects"]["effect"])


def test_checking_in_is_what_the_answers_say(demo: Demo, ask: Ask) -> None:
    truth = demo.truth["enrolments"].set_index("enrolment_id")
    seen = 0
    for number in people(ask)[:30]:
        for each in enrolments(ask, number, page_items=500):
            row, blip = truth.loc[each["id"]], each["blip"]
            for name, moment in (("arrived", blip["in_at"]), ("left", blip["out_at"])):
                said = datetime.fromisoformat(moment).replace(tzinfo=ZONE) if moment else None
                assert said is None if pd.isna(row[name]) else said == row[name]
                seen += said is not None
            assert each["blip_management"] or blip["in_at"] is None
            assert each["cancelled"] == row["cancelled"]
    assert seen > 100
    held = truth[truth["came"].notna()]
    assert 0.8 < held["came"].mean() < 0.99
    assert (truth["arrived"].notna() & truth["left"].isna()).sum() > 20
    assert (truth["left"] < truth["arrived"]).any() or (truth["left"] - truth["arrived"] > pd.Timedelta(hours=24)).any()
    assert truth["late"].max() > 10


def test_availabilities_are_daily_intervals(demo: Demo, ask: Ask) -> None:
    """Whole days run to the next midnight, an end before the start to the next day; 23:59 is 23:59."""
    truth = demo.truth["availabilities"]
    told = {key: list(zip(rows["start"], rows["end"], strict=True)) for key, rows in truth.groupby("availability_id")}
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    periods, forms = set(), set()
    for number in people(ask):
        for each in ask(f"/collaborators/{number}/availabilities2", query=PERIOD).json()["availabilities"]:
            assert ask(f"/collaborators/{number}/availabilities2/{each['id']}").json() == each or len(found) > 50
            begin, end = time.fromisoformat(each["start_time"]), time.fromisoformat(each["end_time"])
            first = datetime.fromisoformat(each["starts_at"])
            days = (datetime.fromisoformat(each["ends_at"] or each["starts_at"]) - first).days + 1
            rows = []
            for day in (first.date() + timedelta(days=later) for later in range(days)):
                last = time() if each["whole_day"] else end
                over = timedelta(days=last <= begin)
                rows.append((datetime.combine(day, begin, ZONE), datetime.combine(day + over, last, ZONE)))
            found[str(each["id"])] = rows
            periods.add(each["period"])
            forms.add((each["whole_day"], each["end_time"] == "23:59", end < begin, each["is_approved"]))
    assert periods == {"single_date", "repeat_daily", "repeat_weekly", "repeat_monthly"}
    assert {(True, True, False, None), (False, True, False, True), (False, False, True, True)} <= forms
    for key, rows in found.items():
        assert [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in rows] == told[key]
    assert set(truth["sense"]) == {"available", "unavailable", ""}


def test_both_birth_dates_are_of_the_same_day(demo: Demo, ask: Ask) -> None:
    checked = 0
    for number in people(ask)[:40]:
        alone = ask(f"/collaborators/{number}").json()
        rows = enrolments(ask, number)
        if rows and alone["birth_date"]:
            assert rows[0]["collaborator"]["birth_date"] == "-".join(reversed(alone["birth_date"].split("/")))
            assert rows[0]["collaborator"]["id"] == int(number)
            checked += 1
    assert checked > 20


def test_every_planted_fault_is_served_at_its_path(demo: Demo, ask: Ask) -> None:
    faults = demo.truth["dirt"].query("crm == 'beeple'")
    placed = faults[faults["path"].notna() & (faults["fault"] != "test_record")]
    assert len(placed) > 12
    for fault in placed.itertuples():
        served = dict(leaves(ask(f"/collaborators/{fault.record_id}").json()))[fault.path]
        if fault.field == "birth_date":
            served = "-".join(reversed(served.split("/")))
        assert served == fault.dirty
    assert sorted(demo.truth["identities"].query("crm == 'beeple'")["record_id"]) == sorted(people(ask))


def test_numbers_are_well_formed_and_nobodys(ask: Ask) -> None:
    seen = set()
    for number in people(ask):
        record = ask(f"/collaborators/{number}").json()
        moved = record["iban"][4:] + "1114" + record["iban"][2:4]
        assert int(moved) % 97 == 1
        assert int(record["iban"][4:14]) % 97 in (int(record["iban"][14:]), int(record["iban"][14:]) % 97)
        assert record["iban"][4:7] == "999"
        if belgian := record["national_identification_be"]:
            digits = belgian.replace(".", "").replace("-", "")
            assert digits[6:9] in ("000", "999")
            assert int(digits[9:]) in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)
            seen.add("be")
        if dutch := record["national_identification_nl"]:
            weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
            assert sum(int(digit) * weight for digit, weight in zip(dutch, weights, strict=True)) % 11 == 0
            seen.add("nl")
        if german := record["national_identification_de"]:
            assert (len(german), german[0]) == (11, "0")
            seen.add("de")
    assert seen == {"be", "nl", "de"}


def test_same_seed_same_bytes(demo: Demo, ask: Ask) -> None:
    with start() as other, requests.Session() as session:
        again = caller(other, session)
        paths = ["/projects", "/projects/41/subprojects", "/projects/53/teams", "/collaborators/worked_hours", "/collaborators"]
        paths += [f"/collaborators/{number}{part}" for number in people(ask)[:5] for part in ("", "/enrolments")]
        for path in paths:
            assert again(path).content == ask(path).content
