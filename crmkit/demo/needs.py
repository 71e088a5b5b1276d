"""Who is needed for what, when: functions, and the patterns of a week, a summer, an event and a day of camp."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Function:
    """What a team does; by_application says whether one applies for it rather than enrols at once."""

    number: int
    name: str
    description: str
    minimal_age: int = 16
    by_application: bool = False


BAR = Function(7, "Bar", "Tapt, schenkt en rekent af", 18)
KITCHEN = Function(8, "Keuken", "Kookt, bakt en schikt de borden")
SERVICE = Function(9, "Bediening", "Brengt borden en ruimt tafels af")
PARKING = Function(12, "Parking", "Wijst plaatsen aan, met hesje")
FIRST_AID = Function(13, "EHBO", "Verzorgt, met attest", 18, True)
REFEREE = Function(15, "Scheidsrechter", "Leidt wedstrijden", 16, True)
WELCOME = Function(16, "Onthaal", "Ontvangt en schrijft in")
TILL = Function(18, "Kassa", "Verkoopt bonnen en telt na", 18)
MARSHAL = Function(21, "Seingever", "Houdt het verkeer tegen", 18)
SET_UP = Function(22, "Opbouw", "Zet tenten, tafels en dranghekken")
CLEAN_UP = Function(23, "Afbraak", "Ruimt op en poetst")
GUIDE = Function(27, "Begeleiding", "Begeleidt kinderen")
FUNCTIONS = (BAR, KITCHEN, SERVICE, PARKING, FIRST_AID, REFEREE, WELCOME, TILL, MARSHAL, SET_UP, CLEAN_UP, GUIDE)

Span = tuple[float, float]  # Wall-clock hours from the midnight at which a day begins; 25 is 01:00 of the next.
# Function, spans, how many are needed, minutes of break.
Need = tuple[Function, tuple[Span, ...], int, int | None]

WEEK: tuple[tuple[int, Need], ...] = (
    (2, (BAR, ((17, 21),), 2, 0)),
    (4, (BAR, ((18.5, 24),), 2, 0)),
    (5, (KITCHEN, ((11.5, 14), (17, 20)), 2, 0)),
    (5, (BAR, ((12, 17),), 2, 15)),
    (5, (BAR, ((16.5, 20.5),), 3, 0)),
    (5, (BAR, ((20, 27),), 4, 30)),
    (6, (BAR, ((9.5, 14),), 2, 15)),
)
SUMMER: tuple[tuple[int, Need], ...] = (
    (4, (BAR, ((17, 23),), 2, 15)),
    (5, (BAR, ((15, 20),), 2, 15)),
    (5, (BAR, ((20, 26),), 3, 30)),
    (6, (BAR, ((14, 19),), 2, 15)),
)
_MEAL: tuple[Need, ...] = (
    (SET_UP, ((13, 16),), 3, 0),
    (KITCHEN, ((14, 23),), 5, 45),
    (TILL, ((16.5, 21.5),), 2, 0),
    (SERVICE, ((17.5, 23),), 8, 15),
    (BAR, ((17, 24),), 3, 30),
    (CLEAN_UP, ((22, 25),), 4, None),
)
SPORT: tuple[Need, ...] = (
    (SET_UP, ((7, 9),), 4, 0),
    (WELCOME, ((8, 12),), 3, 0),
    (WELCOME, ((12, 17),), 2, 15),
    (PARKING, ((8, 13),), 4, 15),
    (REFEREE, ((9, 13), (14, 18)), 6, 15),
    (FIRST_AID, ((8.5, 18),), 2, 45),
    (BAR, ((11, 18),), 3, 30),
    (KITCHEN, ((10, 15),), 3, 15),
    (CLEAN_UP, ((18, 20),), 3, 0),
)
EVENTS: dict[str, tuple[Need, ...]] = {
    "Startdag": (*SPORT[:2], SPORT[3], *SPORT[5:8], (CLEAN_UP, ((17, 19.5),), 4, None)),
    "Mosselfestijn": _MEAL,
    "Veldloop Dijlevallei": (*SPORT[:4], (MARSHAL, ((8.5, 13), (13, 16.5)), 8, 15), *SPORT[5:]),
    "Clubquiz": ((BAR, ((19, 25),), 3, 15), (SERVICE, ((19.5, 24),), 4, 0), (CLEAN_UP, ((24, 25.5),), 2, 0)),
    "Nacht van de Dijlevallei": (
        (SET_UP, ((14, 18),), 5, 15),
        (TILL, ((20.5, 25),), 3, 0),
        (PARKING, ((20, 23),), 3, 0),
        (BAR, ((21, 28),), 6, 30),
        (FIRST_AID, ((21, 28),), 2, 30),
        (CLEAN_UP, ((28, 30.5),), 4, 0),
    ),
    "Spaghettiavond": _MEAL,
    "Clubkampioenschap atletiek": SPORT,
    "Barbecue en ledenfeest": (*_MEAL, (PARKING, ((15, 19),), 3, 0)),
}
CAMP_DAY: tuple[Need, ...] = (
    (WELCOME, ((7.5, 9),), 2, 0),
    (GUIDE, ((8.5, 12.5),), 3, 0),
    (GUIDE, ((12.5, 16.5),), 3, 0),
    (KITCHEN, ((10.5, 14),), 1, 0),
    (FIRST_AID, ((9, 16),), 1, 30),
)
