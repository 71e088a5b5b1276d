"""The club's open events of two seasons: dinners, runs, camps, tournaments, evenings and series, and some drafts.

What the calendar has open to all comes again here on the same day, at the same place; the rest is run from the
ticket desk alone. Times are wall-clock times of Brussels without a zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from crmkit.demo.calendar import CANTEEN, COURTS, EXTERNAL, FOREST, GROUND, HALL, Activity, Venue, Weather
from crmkit.demo.clock import NOW, SEASONS, TODAY, ZONE, season_of

DINNER, RUN, CAMP, TOURNAMENT, EVENING, TRAINING = "dinner", "run", "camp", "tournament", "evening", "training"
LIVE, CANCELLED, DRAFT = "live", "cancelled", "draft"
FULL, PART, NONE = "full", "part", "none"
EVERYBODY, ADULTS, CHILDREN, SUPPORTERS = "everybody", "adults", "children", "supporters"
WALL_NOW = NOW.replace(tzinfo=None)
ORDINARY_SIZE = 500  # People in the club for whom the stocks below are meant.


@dataclass(frozen=True, slots=True)
class Offer:
    """A type of ticket: price in cents, how many there are, how many heads one lets in, and for whom it is.

    whom: anybody, member, child or organisation.
    """

    name: str
    cents: int
    stock: int
    whom: str = "anybody"
    heads: int = 1
    currency: str = "gbp"


@dataclass(frozen=True, slots=True)
class Event:
    """An open event. capacity None: never set. taken: whether attendance was taken in full, in part or not at all."""

    number: int
    name: str
    kind: str
    audience: str
    start: datetime
    end: datetime
    venue: Venue
    offers: tuple[Offer, ...]
    capacity: int | None
    series: str | None
    state: str
    taken: str
    announced: datetime
    activity: Activity | None = None

    @property
    def day(self) -> date:
        """The day on which it begins."""
        return self.start.date()

    @property
    def has_ended(self) -> bool:
        """Whether it is over by the demo's clock."""
        return self.end < WALL_NOW

    @property
    def cents(self) -> int:
        """The cheapest price for one head."""
        return min((offer.cents // offer.heads for offer in self.offers), default=0)


@dataclass(frozen=True, slots=True)
class _Plan:
    """One line of the programme; day is on or after the given one, hours count from midnight."""

    name: str
    kind: str
    month: int
    day: int
    weekday: int
    begin: float
    finish: float
    venue: Venue
    audience: str
    capacity: int | None
    offers: tuple[Offer, ...]
    times: int = 1
    every: int = 7


# fmt: off
_CAMP = (Offer("Kampweek", 11000, 40, "child"), Offer("Kampweek leden", 9000, 40, "member"))
_PLANS = (
    _Plan(
        "Vriendendiner", DINNER, 10, 19, 4, 18.5, 23, CANTEEN, ADULTS, 120,
        (Offer("Diner", 4500, 90), Offer("Diner leden", 4000, 60, "member")),
    ),
    _Plan("Herfstkamp", CAMP, 10, 30, 0, 9, 112, HALL, CHILDREN, 60, _CAMP),
    _Plan("Lezing sportvoeding", EVENING, 11, 13, 1, 20, 22, CANTEEN, ADULTS, 0, (Offer("Gratis inkom", 0, 80),)),
    _Plan(
        "Sponsordiner", DINNER, 11, 20, 3, 19, 24, CANTEEN, SUPPORTERS, 110,
        (Offer("Couvert", 7500, 60), Offer("Tafel van acht", 56000, 12, "organisation", 8)),
    ),
    _Plan(
        "Kerstcross", RUN, 12, 16, 6, 10, 14, FOREST, EVERYBODY, None,
        (Offer("5 km", 600, 150), Offer("Kidsrun", 200, 80, "child")),
    ),
    _Plan("Kaas- en wijnavond", DINNER, 1, 25, 5, 18, 23, CANTEEN, ADULTS, 90, (Offer("Schotel", 2200, 45),)),
    _Plan(
        "Volleybaltornooi recreanten", TOURNAMENT, 2, 23, 6, 9, 18, HALL, ADULTS, 160,
        (Offer("Ploeg van zes", 4200, 30, heads=6),),
    ),
    _Plan(
        "Wijnproefavond", EVENING, 3, 12, 2, 20, 23, CANTEEN, ADULTS, 50,
        (Offer("Proeverij", 2500, 24), Offer("Proeverij (euro)", 2900, 20, currency="eur")),
    ),
    _Plan("Paaskamp", CAMP, 4, 1, 0, 9, 112, GROUND, CHILDREN, 60, _CAMP),
    _Plan(
        "Dijleloop", RUN, 4, 14, 6, 10, 15, GROUND, EVERYBODY, 400,
        (Offer("10 km", 1200, 200), Offer("5 km", 800, 200), Offer("Kidsrun", 200, 100, "child")),
    ),
    _Plan(
        "Padeltornooi voor bedrijven", TOURNAMENT, 6, 10, 5, 9, 18, COURTS, SUPPORTERS, 64,
        (Offer("Duo", 5000, 24, heads=2, currency="eur"), Offer("Bedrijfsploeg", 18000, 8, "organisation", 4, "eur")),
    ),
    _Plan("Avondjogging", RUN, 6, 17, 2, 19.5, 21.5, FOREST, EVERYBODY, None, (Offer("Deelname", 500, 200),)),
    _Plan("Petanquetornooi", TOURNAMENT, 8, 20, 5, 13, 19, GROUND, ADULTS, 60, (Offer("Doublet", 1000, 30, heads=2),)),
    _Plan("Kaartavond", EVENING, 10, 27, 4, 20, 23.5, CANTEEN, ADULTS, 60, (Offer("Inleg", 300, 60),), 3, 56),
    _Plan("Start to run", TRAINING, 3, 5, 1, 19, 20.5, GROUND, ADULTS, None, (Offer("Gratis", 0, 80),), 3, 14),
)
# fmt: on
_DRAFTS = ("Vriendendiner", "Herfstkamp", "Dijleloop", "Kaartavond")
# Those of the calendar: what they are, for whom, how many fit.
_SHARED: Mapping[str, tuple[str, str, int | None]] = {
    "Startdag": (TRAINING, EVERYBODY, None),
    "Mosselfestijn": (DINNER, EVERYBODY, 350),
    "Veldloop Dijlevallei": (RUN, EVERYBODY, 0),
    "Clubquiz": (EVENING, ADULTS, 160),
    "Sinterklaasfeest": (EVENING, EVERYBODY, 200),
    "Nieuwjaarsdrink": (EVENING, EVERYBODY, None),
    "Winterwandeling": (RUN, EVERYBODY, None),
    "Nacht van de Dijlevallei": (EVENING, ADULTS, 300),
    "Spaghettiavond": (DINNER, EVERYBODY, 250),
    "Open tennistornooi": (TOURNAMENT, EVERYBODY, 96),
    "Clubkampioenschap atletiek": (TOURNAMENT, EVERYBODY, 0),
    "Barbecue en ledenfeest": (DINNER, EVERYBODY, 300),
    "Sportkamp zomer": (CAMP, CHILDREN, 60),
}


def programme(seed: int, size: int, activities: Iterable[Activity], sky: Mapping[date, Weather]) -> list[Event]:
    """All events, numbered by the day on which they begin; the drafts come last."""
    rng = Random(f"{seed}:programme")
    found = [_shared(each) for each in activities if each.kind == EXTERNAL]
    found += [event for season in SEASONS for plan in _PLANS for event in _dated(plan, season)]
    found.sort(key=lambda event: (event.start, event.name))
    found = [_taken(rng, event) for event in _called_off(rng, found, sky)]
    found += [_draft(plan) for plan in _PLANS if plan.name in _DRAFTS]
    scale = max(1.0, size / ORDINARY_SIZE)
    return [_numbered(rng, number, event, scale) for number, event in enumerate(found, 1)]


def _shared(activity: Activity) -> Event:
    kind, audience, capacity = _SHARED[activity.name]
    start, end = (moment.astimezone(ZONE).replace(tzinfo=None) for moment in (activity.start, activity.end or activity.start))
    currency = "eur" if activity.venue is COURTS else "gbp"
    offers = tuple(
        Offer(each.name, each.cents, max(each.stock, 0) or 120, _whom(each.name), 5 if "ploeg" in each.name else 1, currency)
        for each in activity.products
    )
    blank = datetime.combine(activity.day, time())
    return Event(
        0, activity.name, kind, audience, start, end, activity.venue, offers, capacity, None, LIVE, NONE, blank, activity
    )


def _whom(product: str) -> str:
    return "child" if any(word in product.lower() for word in ("kind", "kids", "kamp")) else "anybody"


def _dated(plan: _Plan, season: int) -> Iterator[Event]:
    """A plan in a season, as often as it comes in series."""
    first = date(season + (plan.month < 9), plan.month, plan.day)
    first += timedelta(days=(plan.weekday - first.weekday()) % 7)
    series = f"{plan.name.lower().replace(' ', '-')}-{season}" if plan.times > 1 else None
    for place in range(plan.times):
        midnight = datetime.combine(first + timedelta(days=place * plan.every), time())
        start, end = midnight + timedelta(hours=plan.begin), midnight + timedelta(hours=plan.finish)
        yield Event(
            0,
            plan.name,
            plan.kind,
            plan.audience,
            start,
            end,
            plan.venue,
            plan.offers,
            plan.capacity,
            series,
            LIVE,
            NONE,
            midnight,
        )


def _draft(plan: _Plan) -> Event:
    """The next season's event of a plan, not announced to anybody yet; only the first of a series."""
    event = next(_dated(plan, season_of(TODAY) + 1))
    return replace(event, state=DRAFT, series=None, announced=WALL_NOW)


def _called_off(rng: Random, events: list[Event], sky: Mapping[date, Weather]) -> Iterator[Event]:
    """The wettest of our own outdoor events is off, one that drew too few, and one evening of a series."""
    own = [event for event in events if event.activity is None and event.has_ended]
    off = {id(max((event for event in own if event.venue.outdoors), key=lambda event: sky[event.day].rain))}
    off.add(id(rng.choice([event for event in own if event.kind in (DINNER, EVENING) and not event.series])))
    off.add(id(rng.choice([event for event in own if event.series])))
    return (replace(event, state=CANCELLED) if id(event) in off else event for event in events)


def _taken(rng: Random, event: Event) -> Event:
    """Nobody takes attendance at every third free event; at others that is rare. Some lists are left half done."""
    lot = rng.random()
    if event.state != LIVE or event.start > WALL_NOW:
        return event
    none, part = (0.34, 0.14) if event.cents == 0 else (0.08, 0.16)
    taken = NONE if lot < none else PART if lot < none + part or not event.has_ended else FULL
    return replace(event, taken=taken)


def _numbered(rng: Random, number: int, event: Event, scale: float) -> Event:
    """With its number, the moment at which it was announced, and room for a club of this size."""
    days = rng.randint(45, 80)
    minutes = timedelta(hours=rng.randint(9, 20), minutes=rng.randrange(60), seconds=rng.randrange(60))
    announced = datetime.combine(event.day - timedelta(days=days), time()) + minutes
    return replace(
        event,
        number=number,
        announced=min(announced, WALL_NOW - timedelta(days=3)),
        capacity=round(event.capacity * scale) if event.capacity else event.capacity,
        offers=tuple(replace(offer, stock=round(offer.stock * scale)) for offer in event.offers),
    )
