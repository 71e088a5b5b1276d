"""Labels that the welcome team sticks on people, and the groups in which newcomers meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from crmkit.demo.clock import TODAY, local_day
from crmkit.demo.club import Club
from crmkit.demo.surveying import HELPING, THREE_MONTHS, Sheet, latest
from crmkit.demo.welcoming import CHANNELS, COACHING, CONTACT, STUDENTS, WELCOME, FollowUp, Organization


@dataclass(frozen=True, slots=True)
class Label:
    """A label of an organization. rule: when it belongs; kept: the share of those on whom somebody stuck it."""

    label_id: int
    name: str
    organization: Organization
    rule: str
    kept: float = 1.0


STUDENT = Label(2401, "Student", STUDENTS, "18 to 25 years old today, with a permission in the students' organization")
RECENT = Label(2402, "Nieuwkomer 2023-2024", WELCOME, "first visit on or after 1 September 2023")
FOREIGN = Label(2403, "Anderstalig", WELCOME, "language is not Dutch; stuck on nine in ten of them", 0.9)
OPEN_DAY = Label(2404, "Startdag", WELCOME, "came through the open day")
FAMILY = Label(2405, "Gezin", WELCOME, "another person of the household is known here too; stuck on four in five", 0.8)
HELPER = Label(2406, "Wil helpen", WELCOME, "said yes to helping in the latest sheet; stuck on three in four", 0.75)
BUDDY = Label(2407, "Heeft een buddy", WELCOME, "was coached at least once")
OLD_LIST = Label(2409, "Lijst 2019", WELCOME, "no rule is left: empty")
LABELS = (STUDENT, RECENT, FOREIGN, OPEN_DAY, FAMILY, HELPER, BUDDY, OLD_LIST)


@dataclass(frozen=True, slots=True)
class Circle:
    """A group of newcomers, or of those who welcome them; first and last visit of those it was made for."""

    group_id: int
    name: str
    organization: Organization
    span: tuple[date, date] | None = None


TEAM = Circle(3301, "Onthaalteam", WELCOME)
RUNNERS = Circle(3306, "Studentenloop woensdag", STUDENTS)
INTRODUCTIONS = (
    Circle(3311, "Introgroep najaar 2022", WELCOME, (date(2022, 9, 1), date(2023, 1, 31))),
    Circle(3312, "Introgroep voorjaar 2023", WELCOME, (date(2023, 2, 1), date(2023, 8, 31))),
    Circle(3313, "Introgroep najaar 2023", WELCOME, (date(2023, 9, 1), date(2024, 1, 31))),
    Circle(3314, "Introgroep voorjaar 2024", WELCOME, (date(2024, 2, 1), date(2024, 8, 31))),
)
CIRCLES = (TEAM, RUNNERS, *INTRODUCTIONS)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Somebody's place in a group; since when no answer of MissionHub tells."""

    circle: Circle
    role: str
    since: date


def households(stories: list[FollowUp]) -> Mapping[str, int]:
    """How many different persons of a household are known."""
    return Counter(home for home, _ in {(each.person.household_id, each.person.person_id) for each in stories if each.person})


def labels(club: Club, story: FollowUp, sheets: tuple[Sheet, ...], homes: Mapping[str, int]) -> tuple[Label, ...]:
    """The labels that stick on somebody."""
    rng = club.random(f"missionhub:labels:{story.record.record_id}")
    belonging = dict(_belonging(story, sheets, homes))
    return tuple(label for label in LABELS if belonging.get(label) and rng.random() < label.kept)


def _belonging(story: FollowUp, sheets: tuple[Sheet, ...], homes: Mapping[str, int]) -> Iterator[tuple[Label, bool]]:
    """Which rules hold; a label belongs to people of its own organization only."""
    person = story.person
    if person is None:
        return
    known = {permission.organization for permission in story.permissions if permission.level == CONTACT}
    last = latest(sheets, THREE_MONTHS)
    helps = any(reply.question == HELPING and reply.value.casefold() == "ja" for reply in last.replies) if last else False
    for label, holds in (
        (STUDENT, 18 <= person.age_on(TODAY) <= 25),
        (RECENT, story.visit >= date(2023, 9, 1)),
        (FOREIGN, person.language != "nl"),
        (OPEN_DAY, story.channel is CHANNELS[1]),
        (FAMILY, homes[person.household_id] > 1),
        (HELPER, helps),
        (BUDDY, any(each.kind == COACHING for each in story.interactions)),
    ):
        yield label, holds and label.organization in known


def belongings(club: Club, story: FollowUp) -> tuple[Belonging, ...]:
    """The groups of somebody: the team in its own, newcomers whom it reached in that of their half-year."""
    rng = club.random(f"missionhub:groups:{story.record.record_id}")
    begun = local_day(story.record.created)
    if any(permission.level != CONTACT for permission in story.permissions):
        leading = rng.choice((*INTRODUCTIONS, RUNNERS))
        return Belonging(TEAM, "member", begun), Belonging(leading, "leader", max(begun, date(2022, 9, 1)))
    found = []
    joins, runs, since = rng.random() < 0.55, rng.random() < 0.4, begun + timedelta(days=rng.randint(3, 30))
    for circle in INTRODUCTIONS if story.reached and joins and since < TODAY else ():
        if circle.span and circle.span[0] <= story.visit <= circle.span[1]:
            found.append(Belonging(circle, "member", since))
    if runs and since < TODAY and any(each.organization is STUDENTS for each in story.permissions):
        found.append(Belonging(RUNNERS, "member", since))
    return tuple(found)
