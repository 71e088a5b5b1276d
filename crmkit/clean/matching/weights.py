"""How much each agreement and disagreement says: the table of chances, after Fellegi and Sunter, with families as a case of their own.

A pair may be the same person, two people of one household, or two strangers. Every field compares on one of a few levels, and each
level has a chance in each of the three cases. A field's weight is the binary logarithm of its chance for the same person over its
chance in the likelier of the two other cases; the score is the sum of the weights and of the odds before anything is compared, in bits.
Members of a household share family name, address, mail and phone, so these say little against them, and a given name and a birth date
much: that is why nobody is joined through a shared mail alone.

The chances for the same person and for a household are judgement, fixed here for everybody to read, and not learnt from any data;
what strangers have in common is counted in the data at hand, value by value: a rare name says more than a common one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Level:
    """How a field may compare: its chance for the same person, in a household, for strangers (None: counted), and in words."""

    same: float
    household: float
    strangers: float | None
    words: str


UNKNOWN = Level(1, 1, 1, "")
TABLE: Mapping[str, Mapping[str, Level]] = {
    "first_name": {
        "unknown": UNKNOWN,
        "same": Level(0.86, 0.004, None, "the same given name"),
        "nickname": Level(0.08, 0.003, None, "given names that are forms of one name"),
        "initial": Level(0.95, 0.08, None, "an initial that fits the given name"),
        "spelt": Level(0.6, 0.005, None, "an initial, and a mail of its own that spells the given name"),
        "part": Level(0.03, 0.006, None, "one given name is part of the other"),
        "misspelt": Level(0.03, 0.01, 0.003, "given names that differ by a slip"),
        "exchanged": Level(0.4, 0.002, None, "given and family name exchanged"),
        "different": Level(0.005, 0.97, 1, "different given names"),
    },
    "last_name": {
        "unknown": UNKNOWN,
        "same": Level(0.92, 0.7, None, "the same family name"),
        "particles": Level(0.03, 0.02, None, "the same family name but for its particles"),
        "initial": Level(0.95, 0.75, None, "an initial that fits the family name"),
        "part": Level(0.03, 0.1, None, "one family name is part of the other"),
        "misspelt": Level(0.03, 0.015, 0.003, "family names that differ by a slip"),
        "exchanged": Level(0.4, 0.2, None, ""),
        "different": Level(0.03, 0.28, 1, "different family names"),
    },
    "birth_date": {
        "unknown": UNKNOWN,
        "same": Level(0.93, 0.012, None, "the same birth date"),
        "exchanged": Level(0.02, 0.0005, 0.0001, "birth dates with day and month exchanged"),
        "slip": Level(0.02, 0.003, 0.002, "birth dates that differ in one digit"),
        "same day": Level(0.9, 0.006, 0.003, "the same day and month, one year impossible"),
        "impossible": Level(0.1, 1, 1, "one birth year impossible, another day"),
        "different": Level(0.005, 0.98, 1, "different birth dates"),
    },
    "gender": {
        "unknown": UNKNOWN,
        "same": Level(0.985, 0.48, 0.5, "the same gender"),
        "different": Level(0.015, 0.52, 0.5, "different genders"),
    },
    "generation": {
        "unknown": UNKNOWN,
        "same": Level(0.9, 0.1, 0.3, "the same sign of generation"),
        "one only": Level(0.2, 0.9, 0.5, "junior or senior on one side only"),
        "different": Level(0.01, 0.9, 0.5, "different signs of generation"),
    },
    "mail": {
        "unknown": UNKNOWN,
        "same": Level(0.6, 0.12, None, "the same mail"),
        "shared": Level(0.6, 0.6, None, "the same mail, which others use too"),
        "mailbox": Level(0.05, 0.2, None, "the same mailbox, with another tag"),
        "misspelt": Level(0.03, 0.005, 0.0002, "mails that differ by a slip"),
        "office": Level(1, 1, 1, "the same mail of an office, which says nothing"),
        "different": Level(0.35, 0.5, 1, "different mails"),
    },
    "phone": {
        "unknown": UNKNOWN,
        "same": Level(0.7, 0.12, None, "the same phone"),
        "shared": Level(0.7, 0.7, None, "the same phone, which others use too"),
        "different": Level(0.3, 0.5, 1, "different phones"),
    },
    "address": {
        "unknown": UNKNOWN,
        "same": Level(0.75, 0.85, None, "the same address"),
        "street": Level(0.03, 0.01, 0.003, "the same street"),
        "postal code": Level(0.07, 0.05, None, "the same postal code"),
        "different": Level(0.2, 0.1, 1, "different addresses"),
    },
}
FIELDS = tuple(TABLE)
NUMBER = {field: {name: place for place, name in enumerate(levels)} for field, levels in TABLE.items()}

# Odds before anything is compared, in bits, beside one in the number of people for strangers: of the same person in another system
# against another member of the household, and within one system, where a second record is a mistake and a household is not.
ACROSS, WITHIN = -1.0, -2.5
RARE_WITHIN = -4.0


@dataclass(frozen=True)
class Compared:
    """Pairs field by field: the number of the level, and the chance that strangers agree on this value."""

    levels: Mapping[str, NDArray[np.int8]]
    chances: Mapping[str, Floats]


def weights(compared: Compared, field: str) -> tuple[Floats, Floats]:
    """The weights of a field for every pair, in bits: against two strangers, and against two people of one household."""
    rows = list(TABLE[field].values())
    level, chance = compared.levels[field], compared.chances[field]
    same = np.log2([one.same for one in rows])
    household = np.log2([one.household for one in rows])
    counted = np.array([one.strangers is None for one in rows])[level]
    fixed = np.log2([1.0 if one.strangers is None else one.strangers for one in rows])[level]
    strangers = np.where(counted, np.log2(np.where(counted, np.minimum(chance, 1.0), 1.0)), fixed)
    return same[level] - strangers, same[level] - household[level]


def before(people: int, same_system: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The odds before anything is compared, in bits: against two strangers, and against two people of one household."""
    strangers = -np.log2(people + 200.0) + np.where(same_system, RARE_WITHIN, 0.0)
    return strangers, np.where(same_system, WITHIN, ACROSS)


def probability(score: Floats) -> Floats:
    """The chance of being the same person that a score in bits stands for."""
    return np.asarray(1 / (1 + np.exp2(-np.clip(score, -60, 60))), dtype=np.float64)
