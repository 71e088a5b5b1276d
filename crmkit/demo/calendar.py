"""Two seasons of the club: weather, venues, activities; with midnights and nights of clock changes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from random import Random

from crmkit.demo.clock import SEASONS, local
from crmkit.demo.structure import Group, Team

KINDS = ("internal", "external", "sale", "announcement", "session")
INTERNAL, EXTERNAL, SALE, ANNOUNCEMENT, SESSION = KINDS


@dataclass(frozen=True, slots=True)
class Venue:
    """A place; east and north are kilometres from the club's ground."""

    venue_id: int
    name: str
    east: float
    north: float
    outdoors: bool


@dataclass(frozen=True, slots=True)
class Product:
    """Something to sign up for or to buy; price in cents."""

    name: str
    cents: int
    cents_absent: int = 0
    stock: int = -1
    max_per_member: int = 1


@dataclass(frozen=True, slots=True)
class Weather:
    """A day's mean temperature in degrees Celsius and rain in millimetres."""

    day: date
    temperature: float
    rain: float


@dataclass(frozen=True, slots=True)
class Activity:
    """Something in the calendar. audience None means every member; instants are UTC."""

    number: int
    kind: str
    name: str
    description: str
    day: date
    start: datetime
    end: datetime | None
    venue: Venue
    audience: Group | None
    products: tuple[Product, ...]


HALL = Venue(131, "Sporthal De Meander", 0.0, 0.0, False)
GROUND = Venue(132, "Atletiekpiste Dijlevallei", 0.3, 0.2, True)
COURTS = Venue(137, "Tennispark Bruul", 1.2, -0.6, True)
CANTEEN = Venue(140, "Clubhuis Dijlevallei", 0.0, 0.1, False)
AWAY = (
    Venue(151, "Sporthal Demervallei, Aarschot", 9.2, 12.0, False),
    Venue(152, "Atletiekpiste De Kluis, Diest", 24.7, 12.1, True),
    Venue(153, "Tennisclub Hageland, Tienen", 16.6, -8.1, True),
)
FOREST = Venue(160, "Meerdaalwoud, parking De Warande", -0.8, -6.4, True)
SIGN_UP = (Product("Inschrijving", 0, max_per_member=4),)
_HOME = {"Atletiek": GROUND, "Volleybal": HALL, "Tennis": COURTS, "Wandelen": FOREST}
_AWAY = {"Atletiek": AWAY[1], "Volleybal": AWAY[0], "Tennis": AWAY[2], "Wandelen": FOREST}

# Name, month, day, hours from midnight of start and end, venue, products.
_OPEN: tuple[tuple[str, int, int, float, float, Venue, tuple[Product, ...]], ...] = (
    ("Startdag", 9, 17, 10, 17, GROUND, SIGN_UP),
    (
        "Mosselfestijn",
        10,
        8,
        18,
        23,
        CANTEEN,
        (
            Product("Mosselen met friet", 2400, max_per_member=8),
            Product("Stoofvlees met friet", 1900, max_per_member=8),
            Product("Vegetarische lasagne", 1700, max_per_member=8),
            Product("Kindermenu", 900, max_per_member=6),
        ),
    ),
    (
        "Veldloop Dijlevallei",
        11,
        5,
        9,
        16,
        FOREST,
        (Product("Inschrijving", 500), Product("Inschrijving kids", 200)),
    ),
    ("Clubquiz", 11, 25, 20, 24, CANTEEN, (Product("Inschrijving ploeg", 2500, stock=40),)),
    (
        "Sinterklaasfeest",
        12,
        3,
        14,
        17,
        CANTEEN,
        (Product("Geschenkpakket", 800, max_per_member=4, stock=150),),
    ),
    ("Nieuwjaarsdrink", 1, 14, 11, 14, CANTEEN, SIGN_UP),
    ("Winterwandeling", 2, 4, 13, 17, FOREST, SIGN_UP),
    (
        "Nacht van de Dijlevallei",
        3,
        25,
        21,
        28,
        CANTEEN,
        (Product("Inkom", 1000, stock=300, max_per_member=4),),
    ),
    (
        "Spaghettiavond",
        4,
        22,
        17,
        22,
        CANTEEN,
        (Product("Spaghetti", 1400, max_per_member=8), Product("Spaghetti veggie", 1400, max_per_member=8)),
    ),
    ("Open tennistornooi", 5, 13, 9, 42, COURTS, (Product("Enkel", 1500), Product("Dubbel", 2000))),
    ("Clubkampioenschap atletiek", 6, 3, 9, 18, GROUND, (Product("Inschrijving", 300),)),
    (
        "Barbecue en ledenfeest",
        6,
        24,
        16,
        24,
        GROUND,
        (
            Product("Barbecue volwassene", 2200, max_per_member=6),
            Product("Barbecue kind", 1100, max_per_member=6),
        ),
    ),
    (
        "Sportkamp zomer",
        7,
        3,
        9,
        112,
        GROUND,
        (Product("Kampweek", 14500, 2000, stock=60, max_per_member=3),),
    ),
)
_SALES: tuple[tuple[str, int, int, int, tuple[Product, ...]], ...] = (
    (
        "Wafelverkoop",
        10,
        15,
        15,
        (Product("Doos wafels", 700, max_per_member=-1), Product("Doos frangipanes", 800, max_per_member=-1)),
    ),
    (
        "Clubkledij",
        9,
        10,
        30,
        (Product("Trainingsvest", 4500, max_per_member=-1), Product("T-shirt", 1800, max_per_member=-1)),
    ),
    ("Kerstrozen", 12, 1, 14, (Product("Kerstroos", 900, stock=200, max_per_member=-1),)),
    ("Paaseitjes", 3, 15, 14, (Product("Doosje paaseitjes", 650, max_per_member=-1),)),
)
_NEWS = (
    ("Start van het seizoen", 9, 1),
    ("Herfstvakantie: geen training", 10, 30),
    ("Algemene vergadering", 12, 15),
    ("Kerstvakantie: zaal gesloten", 12, 24),
    ("Hernieuwing lidmaatschap", 5, 15),
    ("Medische attesten", 9, 20),
    ("Zomerstop", 6, 30),
)


def weather(seed: int) -> dict[date, Weather]:
    """The weather of every day of both seasons: warm in July, wettest in winter, with spells."""
    rng = Random(f"{seed}:weather")
    found, mood = {}, 0.0
    day = date(SEASONS[0], 9, 1)
    while day < date(SEASONS[-1] + 1, 9, 1):
        mood = 0.75 * mood + rng.gauss(0, 1.6)
        warmth = 10.8 - 7.6 * math.cos(2 * math.pi * (day.timetuple().tm_yday - 20) / 365.25)
        wet = rng.random() < 0.42 - 0.02 * mood - 0.008 * (warmth - 10)
        rain = round(rng.expovariate(1 / 5.5), 1) if wet else 0.0
        found[day] = Weather(day, round(warmth + mood, 1), rain)
        day += timedelta(days=1)
    return found


def schedule(seed: int, groups: list[Group]) -> list[Activity]:
    """All activities of both seasons, numbered in the order in which somebody typed them in."""
    planner = _Planner(Random(f"{seed}:calendar"))
    for season in SEASONS:
        planner.plan(season, groups)
    return planner.activities


class _Planner:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.activities: list[Activity] = []

    def plan(self, season: int, groups: list[Group]) -> None:
        for group in groups:
            if group.team:
                self._matches(season, group, group.team)
            if group.team and group.name in ("Kidstennis", "Jeugd"):
                self._lessons(season, group)
        for name, month, day, begin, finish, venue, products in _OPEN:
            weekend = _next(5, _in_season(season, month, day))
            self._add(EXTERNAL, name, weekend, begin, finish, venue, None, products)
        for name, month, day, days, products in _SALES:
            self._add(SALE, name, _in_season(season, month, day), 0, 24 * days, CANTEEN, None, products)
        for name, month, day in _NEWS:
            self._add(ANNOUNCEMENT, name, _in_season(season, month, day), 0, 0, CANTEEN, None, ())

    def _matches(self, season: int, group: Group, team: Team) -> None:
        """Four a season: matches, one in three away, for teams that compete; trainings for the others."""
        for month in (10, 12, 3, 5):
            day = _next(team.weekday, _in_season(season, month, self._rng.randint(1, 27)))
            away = team.competition and self._rng.random() < 0.34
            venue = (_AWAY if away else _HOME)[team.section]
            title = f"{'Wedstrijd' if team.competition else 'Training'} {group.name}{' (uit)' if away else ''}"
            begin = self._rng.choice((9.5, 10, 14, 15.5) if team.weekday > 4 else (17.5, 18.5, 19, 20.25))
            finish = None if self._rng.random() < 0.08 else begin + self._rng.choice((1.5, 2, 3))
            self._add(INTERNAL, title, day, begin, finish, venue, group, SIGN_UP)

    def _lessons(self, season: int, group: Group) -> None:
        for month in (10, 11, 2, 3, 4, 6):
            day = _next(2, _in_season(season, month, 5))
            self._add(SESSION, f"Tennisles {group.name}", day, 14, 15, COURTS, group, ())

    def _add(
        self,
        kind: str,
        name: str,
        day: date,
        begin: float,
        finish: float | None,
        venue: Venue,
        audience: Group | None,
        products: tuple[Product, ...],
    ) -> None:
        """Begin and finish are wall-clock hours from the day's midnight in Brussels; 25 is 01:00."""
        whom = audience.path if audience else "alle leden"
        text = f"<p>{escape(name)} voor {escape(whom)}.</p>"
        end = None if finish is None else _at(day, finish)
        number = len(self.activities) + 1
        self.activities.append(Activity(number, kind, name, text, day, _at(day, begin), end, venue, audience, products))


def _at(day: date, hours: float) -> datetime:
    days, rest = divmod(hours, 24)
    return local(day + timedelta(days=int(days)), int(rest), round(rest % 1 * 60))


def _in_season(season: int, month: int, day: int) -> date:
    """Day and month of a season; July is the end of it."""
    return date(season + (month < 9), month, day)


def _next(weekday: int, day: date) -> date:
    """The first such weekday (0 = Monday) on or after a day."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)
