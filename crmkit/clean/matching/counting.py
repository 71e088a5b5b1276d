"""What is counted once in all records, before any two are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crmkit.clean.matching.names import given_names
from crmkit.clean.matching.records import Records, Words, runs
from crmkit.clean.matching.texts import Codes, is_office
from crmkit.clean.matching.weights import Floats

# What strangers share is counted as if so many further records with a common spread of values had been seen.
SEEN_NAMES, SEEN_DAYS, OTHERS = 200.0, 5000.0, 200.0
# Names so often seen are names of their own: Lara is no slip for Lars.
COMMON = 3


@dataclass(frozen=True)
class Counted:
    """What is counted once in all records: how often values occur, which names are common, which mails and phones several people use."""

    first: Floats
    last: Floats
    initials: Floats
    births: dict[int, float]
    common: frozenset[str]
    box_users: Codes
    phone_users: Codes
    streets: Floats
    postal_codes: Floats
    offices: NDArray[np.bool_]
    box_digits: Codes
    box_locals: Codes
    box_lengths: Codes
    numbered: NDArray[np.bool_]
    street_names: Codes


def counted(records: Records) -> Counted:
    """Count the records."""
    common = _common(records)
    days, times = np.unique(records.birth[records.birth >= 0], return_counts=True)
    rate = (np.maximum(times - 1, 1) + SEEN_DAYS / 20000) / (len(records) + SEEN_DAYS)
    return Counted(
        first=_rates(records.first, 0.002),
        last=_rates(records.last, 0.0005),
        initials=_initials(records.first),
        births=dict(zip(days.tolist(), rate.tolist(), strict=True)),
        common=common,
        box_users=_users(records.boxes, records.first, common),
        phone_users=_users(records.phones, records.first, common),
        streets=_rates(records.streets, 0.0),
        postal_codes=_rates(records.postal_codes, 0.01),
        offices=records.boxes.flags(is_office),
        box_digits=Words.of(re.sub(r"\D", "", box) + "." for box in records.boxes.words).codes,
        box_locals=Words.of(box.partition("@")[0] for box in records.boxes.words).codes,
        box_lengths=np.array([len(box) for box in records.boxes.words], dtype=np.int64),
        numbered=records.streets.flags(lambda street: street[-1] != " "),
        street_names=records.streets.mapped(lambda street: street.rpartition(" ")[0]).codes,
    )


def _rates(words: Words, usual: float) -> Floats:
    """The share of records that have each word; the last entry, for none, is 1."""
    seen = words.codes[words.codes >= 0]
    counts = np.bincount(seen, minlength=len(words.words)).astype(np.float64)
    return np.append((np.maximum(counts - 1, 1) + SEEN_NAMES * usual) / (len(words.codes) + SEEN_NAMES), 1.0)


def _initials(first: Words) -> Floats:
    """The share of given names that begin with the same letter as each given name."""
    letters = first.mapped(lambda name: name[0])
    return np.append(_rates(letters, 0.04)[[letters.words.index(name[0]) for name in first.words]], 1.0)


def _common(records: Records) -> frozenset[str]:
    """Given names that go with several family names."""
    known = (records.first.codes >= 0) & (records.last.codes >= 0)
    pairs = np.unique(np.stack([records.first.codes[known], records.last.codes[known]]), axis=1)
    families = np.bincount(pairs[0], minlength=len(records.first.words))
    return frozenset(name.replace(" ", "") for name, count in zip(records.first.words, families, strict=True) if count >= COMMON)


def _users(values: Words, first: Words, common: frozenset[str]) -> Codes:
    """How many people, told apart by given names, use each mail or phone; the last entry, for none, is 1."""
    width = values.codes.shape[1]
    value, name = values.codes.reshape(-1), np.repeat(first.codes, width)
    known = (value >= 0) & (name >= 0)
    pairs = np.unique(np.stack([value[known], name[known]]), axis=1)
    users = np.ones(len(values.words) + 1, dtype=np.int64)
    for start, size in zip(*(part.tolist() for part in runs(pairs[0])), strict=True):
        if size > 1:
            users[pairs[0, start]] = _different([first.words[code] for code in pairs[1, start : start + size]], common)
    return users


def _different(names: list[str], common: frozenset[str]) -> int:
    """How many people a set of given names stands for at least; initials are taken for somebody already there."""
    apart: list[str] = []
    for name in sorted(names, key=len, reverse=True)[:20]:
        if all(given_names(name, other, common) == "different" for other in apart):
            apart.append(name)
    return max(len(apart), len(names) if len(names) > 20 else 0)
