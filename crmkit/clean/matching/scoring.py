"""Pairs with their scores, and what forbids joining a pair whatever its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.clean.matching.comparing import compare
from crmkit.clean.matching.counting import Counted
from crmkit.clean.matching.records import Records
from crmkit.clean.matching.texts import Codes
from crmkit.clean.matching.weights import FIELDS, NUMBER, TABLE, Floats, before, weights

PIECE = 250_000
AGREE = {"mail": ("same", "shared", "mailbox", "misspelt"), "phone": ("same", "shared"), "address": ("same",)}
DIFFER = {"mail": ("different",), "phone": ("different",), "address": ("different", "street", "postal code")}
NEAR = ("exchanged", "slip", "same day")
APART = ("first_name", "birth_date", "generation")


@dataclass(frozen=True)
class Pairs:
    """Pairs of records by line, with levels, weights against the likelier alternative, and the score in bits. household: which one that is."""

    left: Codes
    right: Codes
    levels: dict[str, NDArray[np.int8]]
    weights: dict[str, Floats]
    start: Floats
    score: Floats
    household: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.left)

    def taken(self, lines: Codes) -> Pairs:
        """Some of the pairs."""
        return Pairs(
            self.left[lines],
            self.right[lines],
            {field: self.levels[field][lines] for field in FIELDS},
            {field: self.weights[field][lines] for field in FIELDS},
            self.start[lines],
            self.score[lines],
            self.household[lines],
        )

    def at(self, field: str, *names: str) -> NDArray[np.bool_]:
        """Where a field is on one of these levels."""
        return np.isin(self.levels[field], [NUMBER[field][name] for name in names])

    @property
    def against(self) -> NDArray[np.object_]:
        """What forbids joining each pair without asking, in words; empty where nothing does.

        A name alone joins nobody. With the same birth date one contact (mail, phone, address) that agrees is enough, or none that are
        known to differ twice; with a birth date that is missing or only nearly the same no more may differ than agree.
        """
        agree = np.sum([self.at(field, *names) for field, names in AGREE.items()], axis=0)
        differ = np.sum([self.at(field, *names) for field, names in DIFFER.items()], axis=0)
        dated, near = self.at("birth_date", "same"), self.at("birth_date", *NEAR)
        said = np.full(len(self), "", dtype=object)
        said[~dated & ((agree < differ) | (near & (agree == differ)))] = "of mail, phone and address more differ than agree"
        said[~dated & ~near & (agree == 0)] = "nothing but the name agrees"
        said[dated & (agree == 0) & (differ > 1)] = "the name and birth date agree, mail, phone and address do not"
        said[self.at("last_name", "different") & ~dated] = "different family names, and no birth date that agrees"
        said[self.at("first_name", "unknown")] = "a given name is missing"
        said[self.at("generation", "one only") & ~dated] = TABLE["generation"]["one only"].words
        for field in APART:
            said[self.at(field, "different")] = TABLE[field]["different"].words
        return said


def people_in(records: Records) -> int:
    """About how many people there may be: as many as the largest system has records."""
    return int(np.bincount(records.system).max(initial=1))


def scored(records: Records, known: Counted, left: Codes, right: Codes, least: float) -> Pairs:
    """The pairs that score at least so many bits; worked through piece by piece, so that memory stays small."""
    starts = range(0, max(1, len(left)), PIECE)
    return joined([_piece(records, known, left[start : start + PIECE], right[start : start + PIECE], least) for start in starts])


def joined(pieces: Sequence[Pairs]) -> Pairs:
    """Several sets of pairs as one."""
    return Pairs(
        np.concatenate([one.left for one in pieces]),
        np.concatenate([one.right for one in pieces]),
        {field: np.concatenate([one.levels[field] for one in pieces]) for field in FIELDS},
        {field: np.concatenate([one.weights[field] for one in pieces]) for field in FIELDS},
        np.concatenate([one.start for one in pieces]),
        np.concatenate([one.score for one in pieces]),
        np.concatenate([one.household for one in pieces]),
    )


def _piece(records: Records, known: Counted, left: Codes, right: Codes, least: float) -> Pairs:
    compared = compare(records, known, left, right)
    starts = before(people_in(records), records.system[left] == records.system[right])
    said = {field: weights(compared, field) for field in FIELDS}
    sums = [start + sum(said[field][case] for field in FIELDS) for case, start in enumerate(starts)]
    household = sums[1] < sums[0]
    score = np.minimum(*sums)
    chosen = {field: np.where(household, said[field][1], said[field][0]) for field in FIELDS}
    start = np.where(household, starts[1], starts[0])
    whole = Pairs(left, right, dict(compared.levels), chosen, start, score, household)
    return whole.taken(np.flatnonzero(score >= least))
