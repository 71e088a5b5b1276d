"""Which pairs are worth comparing: those that share a mail, a phone, an address, a birth date or a name, in one of several ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmkit.clean.matching.records import Records, Words, runs
from crmkit.clean.matching.texts import Codes, bones, core, is_office, sound

# Larger groups say too little about who is who: their pairs are left to the other keys.
LARGEST = 60


def candidates(records: Records) -> tuple[Codes, Codes, pd.DataFrame]:
    """Pairs of records (the first before the second, each once), and how many came from each key and how many groups were too large."""
    found, told = [], []
    for name, codes in keys(records):
        pairs, groups, skipped = within(codes)
        found.append(pairs[0] * len(records) + pairs[1])
        told.append((name, groups, len(pairs[0]), skipped))
    both = np.sort(np.concatenate(found))
    both = both[np.append(True, np.diff(both) > 0)] if len(both) else both
    table = pd.DataFrame(told, columns=["key", "groups", "pairs", "groups_too_large"])
    return both // max(1, len(records)), both % max(1, len(records)), table.astype({"key": "string"})


def keys(records: Records) -> Iterator[tuple[str, Codes]]:
    """Every key with its codes; -1 is no key."""
    first, last = _given(records), records.last.mapped(lambda words: sound(core(words)))
    name, year = _unordered(first, last), np.where(records.birth >= 0, records.birth // 10000, -1)
    postal = records.postal_codes.codes[:, 0]
    heard = records.last.mapped(lambda words: bones(core(words)))
    initial = records.first.mapped(lambda words: words[0])
    yield "mail", records.boxes.mapped(lambda box: None if is_office(box) else box).codes
    yield "phone", records.phones.codes
    yield "address", _addresses(records)
    yield "birth date", records.birth
    yield "birth date and initial", joined(records.birth, initial.codes)
    yield "name", name
    yield "name and birth year", joined(name, year)
    yield "name and postal code", joined(name, postal)
    yield "sound of the family name and initial", joined(heard.codes, initial.codes)
    yield "sound of the family name and postal code", joined(heard.codes, postal)
    yield "mail of an office and initial", joined(records.boxes.codes[:, 0], initial.codes)


def joined(one: Codes, other: Codes) -> Codes:
    """Codes of two keys together; -1 where either is missing."""
    both = one * (int(other.max(initial=0)) + 1) + other
    return np.where((one >= 0) & (other >= 0), both, -1)


def _given(records: Records) -> Words:
    """Given names by how they sound; their nicknames are found by other keys."""
    return records.first.mapped(lambda words: sound(words))


def _unordered(first: Words, last: Words) -> Codes:
    """The name, whichever field holds which part."""
    words = Words.of([*first.words, *last.words])
    one = np.append(words.codes[: len(first.words)], -1)[first.codes]
    other = np.append(words.codes[len(first.words) :], -1)[last.codes]
    return joined(np.minimum(one, other), np.maximum(one, other))


def _addresses(records: Records) -> Codes:
    """Street with house number, and the postal code or the city: two keys for every address."""
    numbered = records.streets.flags(lambda street: street[-1] != " ")
    streets = np.where(numbered[records.streets.codes], records.streets.codes, -1)
    by_code, by_city = joined(streets, records.postal_codes.codes), joined(streets, records.cities.codes)
    shift = int(by_code.max(initial=-1)) + 1
    return np.concatenate([by_code, np.where(by_city >= 0, by_city + shift, -1)], axis=1)


def within(codes: Codes) -> tuple[tuple[Codes, Codes], int, int]:
    """All pairs of records that share a code; how many groups there are, and how many were too large."""
    width = 1 if codes.ndim == 1 else codes.shape[1]
    record = np.repeat(np.arange(len(codes), dtype=np.int64), width)
    flat = codes.reshape(-1)
    record, flat = record[flat >= 0], flat[flat >= 0]
    order = np.lexsort((record, flat))
    record, flat = record[order], flat[order]
    again = np.zeros(len(flat), dtype=bool)
    again[1:] = (flat[1:] == flat[:-1]) & (record[1:] == record[:-1])
    record, flat = record[~again], flat[~again]
    starts, sizes = runs(flat)
    left, right = in_groups(starts, sizes)
    return (record[left], record[right]), int((sizes > 1).sum()), int((sizes > LARGEST).sum())


def in_groups(starts: Codes, sizes: Codes) -> tuple[Codes, Codes]:
    """All pairs of places in runs that begin at starts and are so long; runs above the largest are left out."""
    left, right = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= LARGEST)]).tolist():
        group = starts[sizes == size][:, None] + np.arange(size)
        one, other = np.triu_indices(size, 1)
        left.append(group[:, one].reshape(-1))
        right.append(group[:, other].reshape(-1))
    return np.concatenate(left), np.concatenate(right)
