"""Two seasons of sponsorship deals with their true stage histories: who was asked for what, when, and how it ended.

The chance of a win is logistic in sponsoring.EFFECTS and the source's log-odds; the days a deal takes are spread
around the median of its source. The truth says both, and an analysis can be held against them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from crmkit.demo.clock import SEASONS, TODAY
from crmkit.demo.club import Club
from crmkit.demo.sponsoring import EFFECTS, Contact, Seller

PENDING, WON, LOST = "pending", "won", "lost"
SALES, DELIVERY = "sales", "delivery"
LOSER_TAKES = 1.25
REASONS = ("Te duur", "Sponsort een andere club", "Geen budget dit jaar", "Geen antwoord meer", "Andere timing")
_REASON_WEIGHTS = (30, 18, 24, 16, 12)
# How busy selling is by month: before the season and in the new year.
_BUSY = (0, 12, 8, 7, 6, 8, 6, 5, 10, 14, 11, 7, 6)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages by their number, which is the chance of winning in percent; a label may be missing."""

    number: int
    name: str
    kind: str
    stages: tuple[tuple[int, str | None], ...]


SEASON_PIPELINE = Pipeline(
    1,
    "Seizoenssponsoring",
    SALES,
    ((10, "Nieuw"), (25, "Kennismaking"), (40, "Voorstel"), (60, "Onderhandeling"), (90, "Contract")),
)
EVENT_PIPELINE = Pipeline(2, "Evenementen", SALES, ((15, "Nieuw"), (40, "Offerte"), (60, None), (80, "Mondeling akkoord")))
DELIVERY_PIPELINE = Pipeline(
    3, "Uitvoering", DELIVERY, ((20, "Logo ontvangen"), (40, "Drukproef"), (60, "Geplaatst"), (90, "Factuur"))
)
PIPELINES = (SEASON_PIPELINE, EVENT_PIPELINE, DELIVERY_PIPELINE)


@dataclass(frozen=True, slots=True)
class Product:
    """Something a sponsor can buy: euro price and cost a month for season products, once for event products."""

    number: int
    name: str
    description: str
    price: float
    cost: float
    group: str


SEASON, EVENT, NO_GROUP = "Seizoen", "Evenement", ""
PRODUCTS = (
    Product(1, "Reclamebord piste", "Bord van drie meter langs de piste", 45.0, 12.5, SEASON),
    Product(2, "Truitjes jeugd", "Logo op de truitjes van een jeugdploeg", 110.0, 62.0, SEASON),
    Product(3, "Truitjes eerste ploeg", "Logo op borst of rug", 180.0, 70.0, SEASON),
    Product(4, "Advertentie clubblad", "Halve pagina, vier nummers", 24.95, 9.0, SEASON),
    Product(5, "Logo op de website", "Met link, op elke pagina", 20.0, 0.0, SEASON),
    Product(6, "Schermreclame kantine", "Tien seconden, elk kwartier", 30.0, 4.5, SEASON),
    Product(7, "Minibusje", "Logo op het busje van de club", 150.0, 95.0, SEASON),
    Product(8, "Wedstrijdballen", "Levering in natura, aan kostprijs", 35.0, 41.0, SEASON),
    Product(9, "Naam van het tornooi", "Open tennistornooi krijgt de naam van de sponsor", 1800.0, 420.0, EVENT),
    Product(10, "Startnummers veldloop", "Logo op alle startnummers", 650.0, 210.0, EVENT),
    Product(11, "Tafel mosselfestijn", "Acht plaatsen, met vermelding", 320.0, 190.0, EVENT),
    Product(12, "Spandoek jeugddag", "Een dag, twee meter", 125.0, 35.0, EVENT),
    Product(13, "Vaatje bij de clubquiz", "Eerste vaatje voor rekening van de sponsor", 160.0, 118.5, EVENT),
    Product(14, "Maatwerk", "Wat nergens anders past", 250.0, 0.0, NO_GROUP),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that a deal was in, from one day until another; left None while it still is."""

    pipeline: Pipeline
    stage: int
    entered: date
    left: date | None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal as it truly was. amount and cost are euro a month, steps in order, sales before delivery."""

    number: int
    contact: Contact
    seller: Seller
    pipeline: Pipeline
    items: tuple[tuple[Product, int, float], ...]
    amount: float
    cost: float
    months: int
    opened: date
    expected: date | None
    closed: date | None
    outcome: str
    chance: float
    reason: str | None
    steps: tuple[Step, ...]

    @property
    def total(self) -> float:
        """Euro over all months."""
        return round(self.amount * self.months, 2)

    @property
    def sales_stage(self) -> int:
        """The last stage in the sales pipeline."""
        return next(step.stage for step in reversed(self.steps) if step.pipeline.kind == SALES)

    @property
    def last_day(self) -> date:
        """The day on which anything last happened."""
        return max(day for step in self.steps for day in (step.entered, step.left) if day)


def deals(club: Club, contacts: Sequence[Contact]) -> list[Deal]:
    """Every deal in the order of opening, about as many as there are contact persons at firms."""
    rng = club.random("selling")
    buyers = [each for each in contacts if each.firm and each.record.kind != "duplicate"]
    days = sorted(_opening_days(rng, round(1.15 * len(buyers))))
    bought: dict[int, date] = {}
    found = []
    for number, day in enumerate(days, 1):
        known = [each for each in rng.choices(buyers, k=3) if each.record.created.date() <= day]
        colleague = rng.choice(buyers).seller
        deal = _deal(rng, number, known[0] if known else rng.choice(buyers), colleague, day, bought)
        found.append(deal)
        firm = deal.contact.firm
        if firm and deal.outcome == WON and deal.closed:
            bought[firm.number] = min(deal.closed, bought.get(firm.number, deal.closed))
    return found


def _opening_days(rng: Random, count: int) -> list[date]:
    first = date(SEASONS[0], 9, 1)
    days = [first + timedelta(days=ahead) for ahead in range((TODAY - first).days)]
    return rng.choices(days, [_BUSY[day.month] for day in days], k=count)


def _deal(rng: Random, number: int, contact: Contact, colleague: Seller, opened: date, bought: Mapping[int, date]) -> Deal:
    """One in ten is handled by a colleague of the contact's own seller."""
    assert contact.firm is not None
    pipeline = SEASON_PIPELINE if rng.random() < 0.7 else EVENT_PIPELINE
    items, amount, cost, months = _order(rng, pipeline)
    before = bought.get(contact.firm.number)
    seller = colleague if rng.random() < 0.1 else contact.seller
    odds = EFFECTS["everybody"] + seller.log_odds + contact.source.log_odds
    odds += EFFECTS["firm bought before"] if before and before <= opened else 0.0
    odds += EFFECTS["total amount, per thousand"] * amount * months / 1000
    chance = 1 / (1 + math.exp(-odds))
    won = rng.random() < chance
    length = max(1, round(contact.source.days * (1 if won else LOSER_TAKES) * math.exp(rng.gauss(0, 0.45))))
    forgotten = rng.random() < 0.11
    ends = opened + timedelta(days=length)
    outcome = PENDING if forgotten or ends > TODAY else WON if won else LOST
    return Deal(
        number=number,
        contact=contact,
        seller=seller,
        pipeline=pipeline,
        items=items,
        amount=amount,
        cost=cost,
        months=months,
        opened=opened,
        expected=_expected(rng, contact.source.days, opened, outcome),
        closed=None if outcome == PENDING else ends,
        outcome=outcome,
        chance=round(chance, 4),
        reason=rng.choices(REASONS, _REASON_WEIGHTS)[0] if outcome == LOST else None,
        steps=_steps(rng, pipeline, opened, length, outcome),
    )


def _order(rng: Random, pipeline: Pipeline) -> tuple[tuple[tuple[Product, int, float], ...], float, float, int]:
    """Items (empty where nobody listed them), amount and cost a month, months."""
    season = pipeline is SEASON_PIPELINE
    choice = [each for each in PRODUCTS if each.group == (SEASON if season else EVENT)]
    months = rng.choices((1, 6, 10, 12, 24), (10, 15, 45, 20, 10))[0] if season else 1
    picked = rng.sample(choice, rng.choice((1, 1, 2, 3)))
    items = tuple((each, rng.choice((1, 1, 1, 2, 3)), round(each.price * rng.choice((1, 1, 1, 0.9)), 2)) for each in picked)
    amount = round(sum(quantity * price for _, quantity, price in items), 2)
    cost = round(sum(quantity * each.cost for each, quantity, _ in items), 2)
    if rng.random() < 0.45:
        return items, amount, cost, months
    if rng.random() < 0.04:
        return (), 0.0, 0.0, months
    return (), float(max(25, round(amount / 25) * 25)), cost if rng.random() < 0.7 else 0.0, months


def _expected(rng: Random, days: float, opened: date, outcome: str) -> date | None:
    """What the seller guessed; for most pending deals corrected since, for the others possibly long past."""
    guess = opened + timedelta(days=max(1, round(days * math.exp(rng.gauss(0.05, 0.4)))))
    lot, ahead = rng.random(), rng.randrange(3, 150)
    if outcome == PENDING and guess < TODAY and lot < 0.5:
        return TODAY + timedelta(days=ahead)
    return None if lot > 0.96 else guess


def _steps(rng: Random, pipeline: Pipeline, opened: date, length: int, outcome: str) -> tuple[Step, ...]:
    """Through the stages of a sales pipeline; a won deal goes through all, and on to delivery in most cases."""
    stages = [stage for stage, _ in pipeline.stages]
    cuts = sorted(rng.random() for _ in stages[1:])
    days = [opened] + [opened + timedelta(days=round(length * cut)) for cut in cuts]
    end: date | None = opened + timedelta(days=length)
    delivered = rng.random() < 0.6
    if outcome == LOST:
        reached = rng.choices(range(1, len(stages) + 1), [6, 8, 7, 4, 2][: len(stages)])[0]
        stages, days = stages[:reached], days[:reached]
    elif outcome == PENDING:
        reached = max(1, sum(day <= TODAY for day in days))
        if end and end <= TODAY:  # forgotten on the way
            reached = rng.randint(1, len(stages))
        stages, days, end = stages[:reached], days[:reached], None
    steps = _walk(pipeline, stages, days, end)
    return steps + _delivery(rng, end) if outcome == WON and end and delivered else steps


def _delivery(rng: Random, won: date) -> tuple[Step, ...]:
    stages, days = [], []
    day = won
    for stage, _ in DELIVERY_PIPELINE.stages:
        if day > TODAY:
            break
        stages.append(stage)
        days.append(day)
        day += timedelta(days=rng.randrange(5, 50))
    return _walk(DELIVERY_PIPELINE, stages, days, None)


def _walk(pipeline: Pipeline, stages: Sequence[int], days: Sequence[date], end: date | None) -> tuple[Step, ...]:
    lefts = [*days[1:], end]
    return tuple(Step(pipeline, *each) for each in zip(stages, days, lefts, strict=True))
