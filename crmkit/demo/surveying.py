"""What newcomers answered: two surveys, some filled in more than once, some never finished.

How content somebody is after three months is logistic in EFFECTS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from crmkit.demo.clock import NOW, SEASONS, TODAY, local_day
from crmkit.demo.club import Club
from crmkit.demo.welcoming import CHANNELS, WELCOME, FollowUp, Organization

# Log-odds of being content or very content after three months.
EFFECTS: Mapping[str, float] = {
    "everybody": 1.4,
    "day waited, up to 40": -0.08,
    "more than 8 km from the club": -0.6,
}
_LAUNCH = date(SEASONS[0], 9, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a survey."""

    question_id: int
    label: str
    column: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey of an organization."""

    survey_id: int
    title: str
    organization: Organization
    questions: tuple[Question, ...]


CHANNEL = Question(1201, "Hoe leerde je ons kennen?", "Kanaal")
SPORTS = Question(1202, "Welke sporten wil je proberen?", "Sporten")
FIRST_DAY = Question(1203, "Wanneer was je eerste bezoek?", "Eerste bezoek")
MAY_CALL = Question(1204, "Mogen we je opbellen?", "Opbellen")
REMARKS = Question(1205, "Vragen of opmerkingen", "Opmerkingen")
CONTENT = Question(1211, "Hoe tevreden ben je na drie maanden?", "Tevreden")
HELPING = Question(1212, "Wil je af en toe helpen?", "Helpen")
BETTER = Question(1213, "Wat kan beter?", "Verbeteren")
LAST_DAY = Question(1214, "Wanneer was je laatst bij ons?", "Laatste bezoek")
FIRST_VISIT = Survey(311, "Eerste bezoek", WELCOME, (CHANNEL, SPORTS, FIRST_DAY, MAY_CALL, REMARKS))
THREE_MONTHS = Survey(318, "Na drie maanden", WELCOME, (CONTENT, HELPING, BETTER, LAST_DAY))
SURVEYS = (FIRST_VISIT, THREE_MONTHS)
_SPORTS = ("Atletiek", "Volleybal", "Tennis", "Wandelen")
_REMARKS = (
    "Kan ik een maand gratis proberen?",
    "Misschien, als de uren passen",
    "Welke schoenen, en kan ik die huren?",
    "Is er parking, ook voor de bus?",
    "Mijn dochter, 9, wil ook komen",
    "Misschien pas na de examens",
)
_BETTER = (
    "Meer uitleg, liefst vooraf",
    "De douches",
    "Een vast aanspreekpunt",
    "Niets, doe zo voort",
    "Minder mails, meer bellen",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. clean is what should have been written, where somebody slipped."""

    question: Question
    value: str
    clean: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A survey filled in by somebody; completed is None where it was left half done."""

    survey: Survey
    started: datetime
    completed: datetime | None
    updated: datetime
    replies: tuple[Reply, ...]


def sheets(club: Club, story: FollowUp) -> tuple[Sheet, ...]:
    """The sheets of one person, by the time they were begun."""
    rng = club.random(f"missionhub:sheets:{story.record.record_id}")
    if story.person is None or not story.permissions or story.visit < _LAUNCH:
        return ()
    return (*_first_visit(rng, story), *_three_months(rng, story))


def _first_visit(rng: Random, story: FollowUp) -> list[Sheet]:
    """One, a second or a third one for some, who may answer otherwise; who starts over may end the older one last."""
    if rng.random() > 0.82:
        return []
    times = rng.choices((1, 2, 3), (80, 15, 5))[0]
    started, found = story.record.created + timedelta(minutes=rng.randint(1, 90)), []
    for place in range(times):
        replies = _first_replies(rng, story, place)
        late = timedelta(days=rng.randint(40, 90)) if place == 0 and times > 1 and rng.random() < 0.3 else timedelta()
        found.append(_sheet(rng, FIRST_VISIT, started, replies, late))
        started += timedelta(days=rng.randint(8, 50), minutes=rng.randrange(600))
    return [sheet for sheet in found if sheet.updated < NOW]


def _sheet(rng: Random, survey: Survey, started: datetime, replies: tuple[Reply, ...], late: timedelta) -> Sheet:
    """One in fourteen is left half done; one in seven is looked at again later."""
    finished = started + late + timedelta(minutes=rng.randint(1, 12), seconds=rng.randrange(60))
    if rng.random() < 0.07 and not late:
        return Sheet(survey, started, None, started, replies[: max(1, len(replies) // 2)])
    again = timedelta(days=rng.randint(1, 30)) if rng.random() < 0.14 else timedelta()
    return Sheet(survey, started, finished, finished + again, replies)


def _first_replies(rng: Random, story: FollowUp, place: int) -> tuple[Reply, ...]:
    channel = story.channel if rng.random() < (0.92 if place == 0 else 0.6) else rng.choice(CHANNELS)
    mine = story.person.section if story.person else None
    sports = {mine} if mine else set()
    sports |= set(rng.sample(_SPORTS, rng.choices((0, 1, 2), (45, 40, 15))[0] if mine else rng.randint(1, 3)))
    replies = [Reply(CHANNEL, channel.name)]
    replies += [Reply(SPORTS, sport) for sport in _SPORTS if sport in sports]
    replies += [_dated(rng, FIRST_DAY, story.visit), Reply(MAY_CALL, _yes(rng, (62, 20, 18), "Misschien"))]
    lot = rng.random()
    if lot < 0.45:
        replies.append(Reply(REMARKS, rng.choice(_REMARKS) if lot < 0.35 else ""))
    return tuple(replies)


def _three_months(rng: Random, story: FollowUp) -> list[Sheet]:
    """Asked of those who were reached, after a hundred days or so."""
    started = story.record.created + timedelta(days=rng.randint(95, 125), minutes=rng.randrange(500))
    if not story.reached or started > NOW - timedelta(days=2) or rng.random() > 0.68:
        return []
    content = rng.random() < _chance(story)
    best, worst = ("Zeer tevreden", "Tevreden"), ("Matig", "Niet tevreden")
    willing = (45, 35, 20) if content else (10, 75, 15)
    replies = [
        Reply(CONTENT, rng.choices(best if content else worst, (45, 55))[0]),
        Reply(HELPING, _yes(rng, willing, "Later")),
    ]
    if rng.random() < 0.5:
        replies.append(Reply(BETTER, rng.choice(_BETTER)))
    last = min(TODAY, local_day(started)) - timedelta(days=rng.randint(0, 14) if content else rng.randint(10, 80))
    replies.append(_dated(rng, LAST_DAY, max(last, story.visit)))
    sheet = _sheet(rng, THREE_MONTHS, started, tuple(replies), timedelta())
    return [sheet] if sheet.updated < NOW else []


def _chance(story: FollowUp) -> float:
    odds = EFFECTS["everybody"] + EFFECTS["day waited, up to 40"] * min(40, story.delay or 0)
    home = story.person.home if story.person else None
    if home and math.hypot(home.east, home.north) > 8:
        odds += EFFECTS["more than 8 km from the club"]
    return 1 / (1 + math.exp(-odds))


def _yes(rng: Random, weights: tuple[int, int, int], otherwise: str) -> str:
    """Ja, Nee or something in between; some do not look at their capitals."""
    word = rng.choices(("Ja", "Nee", otherwise), weights)[0]
    return rng.choices((word, word.lower(), word.upper()), (90, 7, 3))[0]


def _dated(rng: Random, question: Question, day: date) -> Reply:
    """A day as the form writes it, sometimes with a time of day; one in twenty-five was typed by hand."""
    lot = rng.random()
    if lot < 0.04:
        return Reply(question, day.strftime("%d/%m/%Y"), day.isoformat())
    return Reply(question, f"{day.isoformat()}T{rng.randint(8, 19):02d}:00:00Z" if lot < 0.2 else day.isoformat())


def latest(found: tuple[Sheet, ...], survey: Survey) -> Sheet | None:
    """Of several sheets the one completed last, ties by the last update; None where none was completed."""
    done = [sheet for sheet in found if sheet.survey is survey and sheet.completed]
    return max(done, key=lambda sheet: (sheet.completed, sheet.updated), default=None)
