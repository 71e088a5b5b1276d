"""Invented frames of the four topics at any size, as load() would give them: a mark on each what day it is, nothing fetched.

What grows with the size: people, events, deals, shifts, enrolments, and with them segments and groups (one in 500 people), teams and
collaborators. What does not: kinds, the two levels of groups, owners, pipelines, functions, the years that
all lies in.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmkit import coverage
from crmkit.receipts import Receipt, attach
from crmkit.topics.attendance.neutral import FRAMES as ATTENDANCE
from crmkit.topics.pipelines import deals as pipelines
from crmkit.topics.segments import neutral as segments
from crmkit.topics.segments.followup import STATUSES
from crmkit.topics.segments.terms import TERMS
from crmkit.topics.shapes import Dtypes, typed

Frames = dict[str, pd.DataFrame]
TODAY = "2024-06-15"
FIRST = np.datetime64("2021-01-01", "us")
DAYS = 1200  # up to 15 April 2024
HOUR = np.timedelta64(1, "h")
DAY = np.timedelta64(1, "D")


def marked(columns: dict[str, object], dtypes: Dtypes) -> pd.DataFrame:
    frame = typed(columns, dtypes)
    proof = Receipt("Invented", "made", complete=True, account="benchmark", records=len(frame), pages=1, calls=1)
    return attach(frame, proof, today=TODAY)


def named(prefix: str, numbers: np.ndarray) -> pd.Series:
    """Numbers as texts: p17."""
    return pd.Series(prefix, index=range(len(numbers)), dtype="string") + pd.Series(numbers).astype("string")


def some(rng: np.random.Generator, words: list[str | None], size: int) -> pd.Series:
    return pd.Series(pd.array(words, dtype="string").take(rng.integers(0, len(words), size)))


def days(rng: np.random.Generator, size: int, first: np.datetime64 = FIRST, span: int = DAYS) -> np.ndarray:
    return first + rng.integers(0, span, size) * DAY


def gaps(rng: np.random.Generator, values: np.ndarray, share: float = 0.1) -> np.ndarray:
    """Times of which some are missing."""
    return np.where(rng.random(len(values)) < share, np.datetime64("NaT", "us"), values)


def of_segments(contacts: int) -> Frames:
    """So many contacts, each in about four segments; groups with a past."""
    rng = np.random.default_rng(1)
    number = max(20, contacts // 500)
    ids = np.arange(number)
    who = np.repeat(np.arange(contacts), rng.integers(0, 9, contacts))
    where = (rng.random(len(who)) ** 2 * number).astype(int)
    pair = np.unique(who * number + where)
    who, where = pair // number, pair % number
    people = {
        "person_id": named("p", np.arange(contacts)),
        "object_type": pd.Series("contacts", index=range(contacts)),
        "birth_date": gaps(rng, days(rng, contacts, np.datetime64("1935-01-01", "us"), 31_000)),
        "gender": some(rng, ["F", "M", "X", None], contacts),
        "language": some(rng, ["nl", "nl", "fr", "en", None], contacts),
        "city": named("Town ", (rng.random(contacts) ** 3 * 300).astype(int)),
        "member_since": gaps(rng, days(rng, contacts)),
        "active": rng.random(contacts) < 0.8,
        "created": days(rng, contacts),
    }
    lines = {
        "segment_id": named("s", ids),
        "name": named("Segment ", ids),
        "kind": pd.Series(np.where(ids % 3, "group", "label")),
        "source_id": named("", ids),
        "parent_id": named("s", ids % 5).mask(ids < 5),
    }
    members = {"segment_id": named("s", where), "person_id": named("p", who)}
    past = np.flatnonzero(where % 3)
    began = days(rng, len(past))
    history = {
        "segment_id": named("s", where[past]),
        "person_id": named("p", who[past]),
        "start": began,
        "end": gaps(rng, began + rng.integers(1, 900, len(past)) * DAY, 0.5),
    }
    return {
        "segments": marked(lines, segments.SEGMENTS),
        "members": marked(members, segments.MEMBERS),
        "people": marked(people, segments.PEOPLE),
        "history": marked(history, segments.HISTORY),
    }


def followed_up(people: pd.DataFrame) -> pd.DataFrame:
    """The people with a follow-up status each, as MissionHub has it, or none."""
    status = some(np.random.default_rng(6), [*STATUSES, None], len(people))
    return attach(people.assign(status=status), Receipt("MissionHub", "made", complete=True, records=len(people)), today=TODAY)


def of_terms(number: int) -> pd.DataFrame:
    """So many memberships of a year, four of each member on average, of eight plans."""
    rng = np.random.default_rng(7)
    start, plans = days(rng, number), [f"plan {one}" for one in range(8)]
    ends = start + 364 * DAY
    terms = {
        "term_id": named("t", np.arange(number)),
        "person_id": named("p", rng.integers(0, max(number // 4, 1), number)),
        "plan": some(rng, plans, number),
        "next_plan": some(rng, [*plans, None], number),
        "status": some(rng, ["active", "lapsed", "cancelled"], number),
        "start": start,
        "end": gaps(rng, ends, 0.02),
        "cancelled": gaps(rng, ends - 60 * DAY, 0.95),
        "dated": np.ones(number, dtype=bool),
        "renewed": rng.random(number) < 0.6,
        "amount": rng.integers(10, 200, number).astype("float64"),
        "currency": some(rng, ["gbp", "eur"], number),
        "period": some(rng, ["annual"], number),
        "paid": rng.random(number) < 0.9,
        "linked": pd.Series([[f"p{one}"] if one % 5 == 0 else [] for one in range(number)], dtype=object),
    }
    return marked(terms, TERMS)


def of_attendance(answers: int) -> Frames:
    """So many places on the lists of a hundredth as many events."""
    rng = np.random.default_rng(2)
    events, people = max(20, answers // 100), max(50, answers // 50)
    number = np.arange(events)
    start = days(rng, events) + rng.integers(8, 22, events) * HOUR
    listed = {
        "event_id": named("e", number),
        "crm": pd.Series("sheepCRM", index=number),
        "name": named("Event ", number),
        "kind": some(rng, ["training", "match", "party", "meeting"], events),
        "series_id": named("r", number // 20),
        "start": start,
        "end": start + 2 * HOUR,
        "capacity": rng.integers(0, 3, events) * 80.0,
        "cancelled": rng.random(events) < 0.03,
        "ended": np.ones(events, dtype=bool),
        "presence": rng.random(events) < 0.9,
    }
    where, who = rng.integers(0, events, answers), rng.integers(0, people, answers)
    guest = rng.random(answers) < 0.02
    words = ["invited", "invited", "accepted", "declined", "attended", "attended", "no-show"]
    status = some(rng, words, answers)
    told = {
        "event_id": named("e", where),
        "person_id": named("p", who).mask(guest),
        "status": status,
        "answer": status,
        "guest": guest,
        "repeated": np.zeros(answers, dtype=bool),
    }
    groups = max(10, people // 500)
    held = np.repeat(np.arange(people), rng.integers(0, 4, people))
    began = days(rng, len(held))
    inside = rng.integers(0, groups, len(held))
    terms = {
        "group_id": named("g", inside),
        "group": named("Group ", inside),
        "person_id": named("p", held),
        "start": gaps(rng, began),
        "end": gaps(rng, began + 400 * DAY, 0.5),
    }
    bought, types = answers // 5, events * 2
    tickets = {
        "event_id": named("e", rng.integers(0, events, bought)),
        "buyer_id": named("p", rng.integers(0, people, bought)),
        "product": some(rng, ["Adult", "Child", "Shirt"], bought),
        "quantity": rng.integers(1, 4, bought).astype("float64"),
        "amount": rng.integers(5, 50, bought).astype("float64"),
        "currency": pd.Series("gbp", index=range(bought)),
    }
    left = rng.integers(0, 100, (3, types)).astype("float64")
    stock = {
        "event_id": named("e", np.arange(types) % events),
        "product": some(rng, ["Adult", "Child"], types),
        "total": left.sum(axis=0),
        **dict(zip(("allocated", "reserved", "available"), left, strict=True)),
    }
    paid = rng.integers(0, 50, bought).astype("float64")
    orders = {
        "event_id": named("e", rng.integers(0, events, bought)),
        "currency": pd.Series("gbp", index=range(bought)),
        "total": paid + 10,
        "paid": paid,
        "outstanding": np.full(bought, 10.0),
        "fully_paid": np.zeros(bought, dtype=bool),
    }
    columns = {"events": listed, "answers": told, "groups": terms, "tickets": tickets, "stock": stock, "orders": orders}
    return {name: marked(columns[name], dtypes) for name, dtypes in ATTENDANCE.items()}


def of_pipelines(deals: int, seed: int = 3) -> Frames:
    """So many deals in four sales pipelines and one of delivery, of 40 owners."""
    rng = np.random.default_rng(seed)
    place, owner, source = (rng.integers(0, most, deals) for most in (5, 40, 12))
    status = some(rng, ["pending", "won", "lost"], deals)
    stage = rng.integers(1, 10, deals) * 10
    delivered, pending = place == 4, (status == "pending").to_numpy()
    began = days(rng, deals)
    amount, months = rng.integers(1, 200, deals) * 50.0, np.where(rng.random(deals) < 0.7, 1, rng.integers(2, 37, deals))
    chance = np.where(pending & ~delivered, stage / 100, np.nan)
    names = np.array(["sales"] * 4 + ["delivery"])
    columns = {
        "deal_id": named("d", np.arange(deals)),
        "name": named("Deal ", np.arange(deals)),
        "contact_id": named("c", np.arange(deals)),
        "owner_id": named("u", owner),
        "owner": named("Owner ", owner),
        "source_id": named("o", source),
        "source": named("Source ", source),
        "pipeline_id": named("l", place),
        "pipeline": named("Pipeline ", place),
        "kind": pd.Series(names[place]),
        "sales_pipeline_id": named("l", place % 4),
        "sales_pipeline": named("Pipeline ", place % 4),
        "status": status,
        "state": status.mask(pending & delivered, "in delivery"),
        "stage": stage,
        "label": named("Stage ", stage),
        "sales_stage": stage,
        "opened": began,
        "created": began,
        "expected": gaps(rng, began + rng.integers(10, 200, deals) * DAY),
        "closed": np.where(pending, np.datetime64("NaT", "us"), began + rng.integers(1, 300, deals) * DAY),
        "amount": amount,
        "months": months,
        "total_amount": amount * months,
        "cost": amount / 2,
        "total_cost": amount * months / 2,
        "margin": amount / 2,
        "total_margin": amount * months / 2,
        "chance": chance,
        "weighted_amount": amount * chance,
        "weighted_total": amount * months * chance,
        "reason_id": named("r", rng.integers(0, 8, deals)).mask((status != "lost").to_numpy()),
        "currency": pd.Series("EUR", index=range(deals)),
        "oddities": [["no_months"] if odd else [] for odd in rng.random(deals) < 0.05],
    }
    at, step = np.repeat(np.arange(5), 9), np.tile(np.arange(1, 10) * 10, 5)
    stages = {
        "pipeline_id": named("l", at),
        "pipeline": named("Pipeline ", at),
        "kind": pd.Series(names[at]),
        "stage": step,
        "label": named("Stage ", step),
    }
    known = {"pipeline_id": named("l", np.arange(5)), "pipeline": named("Pipeline ", np.arange(5)), "kind": pd.Series(names)}
    return {
        "deals": marked(columns, pipelines.DEAL),
        "stages": marked(stages, pipelines.STAGE),
        "pipelines": marked({**known, "default": np.arange(5) == 0}, pipelines.PIPELINE),
    }


def of_coverage(enrolments: int) -> Frames:
    """So many enrolments in a tenth as many shifts, of a fifteenth as many teams, by a fiftieth as many collaborators."""
    rng = np.random.default_rng(4)
    shifts, teams, people = enrolments // 10, max(10, enrolments // 15), max(20, enrolments // 50)
    team, function, project = np.arange(teams), rng.integers(0, 12, teams), np.arange(teams) // 40
    columns = {
        "team_id": named("", team),
        "team": named("Team ", team),
        "project_id": named("p", project),
        "project": named("Project ", project),
        "function_id": named("f", function),
        "function": named("Function ", function),
        "needed": rng.integers(5, 25, teams),
        "published": rng.random(teams) < 0.9,
        "listed": np.ones(teams, dtype=bool),
    }
    of_team = np.sort(rng.integers(0, teams, shifts))
    # Teams of one project work in the same weeks.
    start = FIRST + (project[of_team] * 7919 % DAYS + rng.integers(0, 7, shifts)) * DAY + rng.integers(6, 20, shifts) * HOUR
    worked = {
        "team_id": named("", of_team),
        "shift": np.zeros(shifts, dtype=int),
        "start": start,
        "end": start + rng.integers(2, 9, shifts) * HOUR,
        "break_duration": np.full(shifts, np.timedelta64(30, "m").astype("timedelta64[us]")),
    }
    where, who = rng.integers(0, teams, enrolments), rng.integers(0, people, enrolments)
    first = pd.Series(start).groupby(of_team).min().reindex(where).to_numpy().astype("datetime64[us]")
    arrived = gaps(rng, first + rng.integers(-20, 40, enrolments) * np.timedelta64(1, "m"))
    signed = {
        "enrolment_id": named("", np.arange(enrolments)),
        "collaborator_id": named("c", who),
        "team_id": named("", where),
        "status": some(rng, ["confirmed", "confirmed", "confirmed", "unknown"], enrolments),
        "cancelled": rng.random(enrolments) < 0.1,
        "checks_in": np.ones(enrolments, dtype=bool),
        "arrived": arrived,
        "left": arrived + 4 * HOUR,
    }
    asked = people * 4
    day = days(rng, asked)
    said = {
        "collaborator_id": named("c", rng.integers(0, people, asked)),
        "availability_id": named("", np.arange(asked)),
        "type_id": some(rng, ["1", "3"], asked),
        "day": day,
        "start": day + 8 * HOUR,
        "end": day + 18 * HOUR,
        "whole_day": np.zeros(asked, dtype=bool),
        "approved": rng.random(asked) < 0.8,
    }
    frames = coverage.frames(
        projects={"project_id": named("p", np.unique(project)), "project": named("Project ", np.unique(project))},
        teams=columns,
        shifts=worked,
        enrolments=signed,
        collaborators={"collaborator_id": named("c", np.arange(people)), "blocked": np.zeros(people, dtype=bool)},
        availability=said,
        scan=[{"collaborators_scanned": people, "ids_complete": True, "status_source": "confirmed", "zone": "Europe/Brussels"}],
    )
    return {name: marked(frame, dict(frame.dtypes)) for name, frame in frames.items()}


MAKERS: dict[str, tuple[Callable[[int], Frames], int]] = {
    "segments": (of_segments, 100_000),
    "attendance": (of_attendance, 1_000_000),
    "pipelines": (of_pipelines, 100_000),
    "coverage": (of_coverage, 1_000_000),
}
