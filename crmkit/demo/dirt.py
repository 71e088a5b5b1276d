"""Faults that people and spreadsheets put into records. Each takes a card and returns what it would become.

A card is what one CRM holds of one person, CRM-neutral: text by field name. A fault changes one field.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from crmkit.demo import names

Card = dict[str, str]
Change = tuple[str, str]  # field, dirty value


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault: where, which kind, what it was and what it became."""

    person_id: str | None
    crm: str
    record_id: str
    field: str
    fault: str
    clean: str
    dirty: str


def upper_case(card: Card, rng: Random) -> Change | None:
    """A name in capitals; one that stands in capitals rightly (JP) is left alone."""
    field = rng.choice(("first_name", "last_name"))
    return None if card[field].isupper() else (field, card[field].upper())


def lower_case(card: Card, rng: Random) -> Change:
    """A last name in small letters."""
    return "last_name", card["last_name"].lower()


def stray_space(card: Card, rng: Random) -> Change:
    """A blank before, after or around, or a hard space behind."""
    field = rng.choice(("first_name", "last_name", "city"))
    return field, rng.choice((" {}", "{} ", " {} ", "{}\u00a0")).format(card[field])


def double_space(card: Card, rng: Random) -> Change | None:
    """Two blanks where one belongs."""
    field = "last_name" if " " in card["last_name"] else "street"
    return field, card[field].replace(" ", "  ", 1)


def mojibake(card: Card, rng: Random) -> Change | None:
    """UTF-8 bytes read as the Windows code page, for a value with an accent."""
    for field in ("first_name", "last_name", "street"):
        if not card[field].isascii():
            return field, card[field].encode().decode("cp1252", errors="replace")
    return None


def phone_format(card: Card, rng: Random) -> Change | None:
    """The same number, written as nobody else writes it."""
    if not card["phone"].startswith("+32"):
        return None
    digits = card["phone"][3:]
    shapes = (
        f"0{digits[:3]}/{digits[3:5]}.{digits[5:7]}.{digits[7:]}",
        f"0032{digits}",
        f"+32 (0){digits[:3]} {digits[3:]}",
        digits,
        f"0{digits[:3]}-{digits[3:]} (na 18u)",
    )
    return "phone", rng.choice(shapes)


def mail_typo(card: Card, rng: Random) -> Change | None:
    """A mistyped provider."""
    local, _, domain = card["email"].partition("@")
    typo = names.PROVIDER_TYPOS.get(domain)
    return ("email", f"{local}@{typo}") if typo else None


def mail_shape(card: Card, rng: Random) -> Change:
    """No mail address any more, or one with something stuck to it."""
    return "email", rng.choice(("{}.", " {}", "mailto:{}")).format(card["email"].replace("@", rng.choice("@ ")))


def birth_swapped(card: Card, rng: Random) -> Change | None:
    """Day and month changed places."""
    year, month, day = card["birth_date"].split("-")
    return ("birth_date", f"{year}-{day}-{month}") if int(day) <= 12 and day != month else None


def birth_future(card: Card, rng: Random) -> Change:
    """A birth year to come."""
    year, rest = card["birth_date"][:4], card["birth_date"][4:]
    return "birth_date", f"20{30 + int(year) % 70:02d}{rest}".replace("-02-29", "-02-28")


def birth_ancient(card: Card, rng: Random) -> Change:
    """A birth year a century or two too early."""
    year, rest = card["birth_date"][:4], card["birth_date"][4:]
    return "birth_date", f"18{int(year) % 100:02d}{rest}".replace("-02-29", "-02-28")


def wrong_town(card: Card, rng: Random) -> Change:
    """A postal code that belongs to another town than the city of the same address."""
    others = [town.postal_code for town in names.TOWNS if town.postal_code != card["postal_code"]]
    return "postal_code", rng.choice(others)


def blank(card: Card, rng: Random) -> Change:
    """Empty to the eye, yet not null."""
    return rng.choice(("birth_place", "street", "city")), rng.choice(("", " ", "   ", "-", "?"))


def names_joined(card: Card, rng: Random) -> Change:
    """First and last name both in the field of the last name."""
    return "last_name", f"{card['last_name']}, {card['first_name']}"


# Share of the records of a CRM that get the fault; those that fit few cards come first.
FAULTS: tuple[tuple[Callable[[Card, Random], Change | None], float], ...] = (
    (mojibake, 0.015),
    (birth_swapped, 0.015),
    (double_space, 0.015),
    (mail_typo, 0.02),
    (mail_shape, 0.008),
    (birth_future, 0.006),
    (birth_ancient, 0.006),
    (names_joined, 0.006),
    (wrong_town, 0.02),
    (blank, 0.02),
    (upper_case, 0.025),
    (lower_case, 0.01),
    (stray_space, 0.025),
    (phone_format, 0.04),
)


def spoil(cards: list[Card], rng: Random, scale: float = 1.0) -> list[tuple[int, str, str, str, str]]:
    """Plant every kind of fault at least once while cards last, at most one on a card, and change the cards.

    Returns a tuple for each: place in the list, fault, field, clean value, dirty value.
    """
    waiting = list(range(len(cards)))
    rng.shuffle(waiting)
    planted = []
    for fault, share in FAULTS:
        wanted, passed = max(1, round(share * scale * len(cards))), []
        while waiting and wanted:
            place = waiting.pop()
            change = fault(cards[place], rng)
            if change is None:
                passed.append(place)
                continue
            field, dirty = change
            planted.append((place, fault.__name__, field, cards[place][field], dirty))
            cards[place][field] = dirty
            wanted -= 1
        waiting += passed
    return planted
