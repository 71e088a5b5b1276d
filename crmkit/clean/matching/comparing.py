"""On which level every field of a pair compares, worked out once for each distinct pair of values."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from crmkit.clean.matching.counting import OTHERS, Counted
from crmkit.clean.matching.names import family_names, given_names
from crmkit.clean.matching.records import Records, Words
from crmkit.clean.matching.texts import Codes, missing
from crmkit.clean.matching.weights import NUMBER, Compared, Floats

Levels = NDArray[np.int8]
CLOSE = 2
LONG = 4


def compare(records: Records, known: Counted, left: Codes, right: Codes) -> Compared:
    """Levels and chances of pairs: left and right are lines of the records."""
    parts = {
        **_names(records, known, left, right),
        "birth_date": _births(records.birth, known, left, right),
        "gender": _plain("gender", records.gender, left, right),
        "generation": _generations(records.generation.codes, left, right),
        "mail": _mails(records, known, left, right),
        "phone": _phones(records, known, left, right),
        "address": _addresses(records, known, left, right),
    }
    _spell(records, known, left, right, *parts["first_name"], parts["mail"][0])
    return Compared({field: part[0] for field, part in parts.items()}, {field: part[1] for field, part in parts.items()})


def _spell(records: Records, known: Counted, left: Codes, right: Codes, given: Levels, chance: Floats, mail: Levels) -> None:
    """Where one has but an initial, and a mail of its own that spells the other's given name, write that down: J. with jan.maes@."""
    number, words = NUMBER["first_name"], records.first.words
    unlike = np.equal(given, number["initial"]) & np.equal(mail, NUMBER["mail"]["different"])
    for line in np.flatnonzero(unlike).tolist():
        pair = sorted((int(left[line]), int(right[line])), key=lambda one: len(words[records.first.codes[one]]))
        name = words[records.first.codes[pair[1]]].replace(" ", "")
        boxes = [box for box in records.boxes.codes[pair[0]].tolist() if box >= 0 and known.box_users[box] == 1]
        if any(_spells(records.boxes.words[box].partition("@")[0], name) for box in boxes):
            given[line], chance[line] = number["spelt"], known.first[records.first.codes[pair[1]]]


def _spells(local: str, name: str) -> bool:
    return name in re.split("[^a-z]+", local) or (len(name) > LONG and name in local)


def name_levels(field: str, words: Words, left: Codes, right: Codes, compare_two: Callable[[str, str], str]) -> Levels:
    """Levels of pairs of names, given by code; each pair of names is compared once."""
    number, size = NUMBER[field], len(words.words) + 1
    low, high = np.minimum(left, right), np.maximum(left, right)
    pairs, place = np.unique((low + 1) * size + high + 1, return_inverse=True)
    levels = np.zeros(len(pairs), dtype=np.int8)
    for line, (one, other) in enumerate(zip((pairs // size - 1).tolist(), (pairs % size - 1).tolist(), strict=True)):
        if one >= 0:
            levels[line] = number["same"] if one == other else number[compare_two(words.words[one], words.words[other])]
    return levels[place]


def _names(records: Records, known: Counted, left: Codes, right: Codes) -> dict[str, tuple[Levels, Floats]]:
    first, last = records.first, records.last
    given = name_levels("first_name", first, first.codes[left], first.codes[right], lambda a, b: given_names(a, b, known.common))
    family = name_levels("last_name", last, last.codes[left], last.codes[right], family_names)
    crossed = exchanged(records, left, right) & (given == NUMBER["first_name"]["different"])
    given = np.where(crossed, np.int8(NUMBER["first_name"]["exchanged"]), given)
    family = np.where(crossed, np.int8(NUMBER["last_name"]["exchanged"]), family)
    rates = known.first[first.codes[left]], known.first[first.codes[right]]
    one_name = np.isin(given, [NUMBER["first_name"]["same"], NUMBER["first_name"]["exchanged"]])
    chance = np.where(one_name, rates[0], rates[0] + rates[1])
    initial = np.maximum(known.initials[first.codes[left]], known.initials[first.codes[right]])
    chance = np.where(given == NUMBER["first_name"]["initial"], initial, chance)
    families = known.last[last.codes[left]], known.last[last.codes[right]]
    one_family = np.isin(family, [NUMBER["last_name"]["same"], NUMBER["last_name"]["exchanged"]])
    chances = np.where(one_family, families[0], families[0] + families[1])
    chances = np.where(family == NUMBER["last_name"]["initial"], 0.1, chances)
    return {"first_name": (given, chance), "last_name": (family, chances)}


def exchanged(records: Records, left: Codes, right: Codes) -> NDArray[np.bool_]:
    """Whether one's given name is the other's family name, and the other way round."""
    words = Words.of(
        [*(word.replace(" ", "") for word in records.first.words), *(word.replace(" ", "") for word in records.last.words)]
    )
    first = np.append(words.codes[: len(records.first.words)], -1)[records.first.codes]
    last = np.append(words.codes[len(records.first.words) :], -1)[records.last.codes]
    crossed = (first[left] == last[right]) & (last[left] == first[right]) & (first[left] >= 0) & (last[left] >= 0)
    return np.asarray(crossed & (first[left] != first[right]), dtype=np.bool_)


def birth_levels(one: Codes, other: Codes, latest: int) -> Levels:
    """Levels of pairs of birth dates, as YYYYMMDD; years before 1900 and days after latest cannot be."""
    number = NUMBER["birth_date"]
    days = one % 10000, other % 10000
    impossible = [(each < 19000000) | (each > latest) for each in (one, other)]
    turned = (one // 10000 == other // 10000) & (days[0] // 100 == days[1] % 100) & (days[0] % 100 == days[1] // 100)
    return np.select(
        [(one < 0) | (other < 0), one == other, impossible[0] | impossible[1], turned, _one_slip(one, other)],
        [
            0,
            number["same"],
            np.where(days[0] == days[1], number["same day"], number["impossible"]),
            number["exchanged"],
            number["slip"],
        ],
        number["different"],
    ).astype(np.int8)


def _one_slip(one: Codes, other: Codes) -> NDArray[np.bool_]:
    """Whether two dates differ in one digit, or in two neighbours that changed places."""
    ten = 10 ** np.arange(7, -1, -1)
    digits = [(each[:, None] // ten) % 10 for each in (one, other)]
    differ = digits[0] != digits[1]
    count = differ.sum(axis=1)
    swapped = differ[:, :-1] & differ[:, 1:] & (digits[0][:, :-1] == digits[1][:, 1:]) & (digits[0][:, 1:] == digits[1][:, :-1])
    return np.asarray((count == 1) | ((count == 2) & swapped.any(axis=1)), dtype=np.bool_)


def today() -> int:
    """Today as YYYYMMDD."""
    return int(np.datetime64("today").astype(str).replace("-", ""))


def _births(birth: Codes, known: Counted, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    one, other = birth[left], birth[right]
    days, place = np.unique(one, return_inverse=True)
    rates = np.array([known.births.get(day, 1.0) for day in days.tolist()])
    return birth_levels(one, other, today()), rates[place]


def _plain(field: str, codes: Codes, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    one, other = codes[left], codes[right]
    levels = np.where((one < 0) | (other < 0), 0, np.where(one == other, NUMBER[field]["same"], NUMBER[field]["different"]))
    return levels.astype(np.int8), np.ones(len(left))


def _generations(codes: Codes, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    one, other = codes[left], codes[right]
    number = NUMBER["generation"]
    single = np.where((one < 0) & (other < 0), 0, number["one only"])
    levels = np.where((one < 0) | (other < 0), single, np.where(one == other, number["same"], number["different"]))
    return levels.astype(np.int8), np.ones(len(left))


def _common_value(codes: Codes, left: Codes, right: Codes) -> Codes:
    """A value that both records of a pair have, or -1."""
    found = np.full(len(left), -1, dtype=np.int64)
    for one in range(codes.shape[1]):
        mine = codes[left, one]
        for other in range(codes.shape[1]):
            found = np.where((mine >= 0) & (mine == codes[right, other]), mine, found)
    return found


def _have(codes: Codes, left: Codes, right: Codes) -> NDArray[np.bool_]:
    filled = np.asarray((codes >= 0).any(axis=1))
    return np.asarray(filled[left] & filled[right], dtype=np.bool_)


def _mails(records: Records, known: Counted, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    number = NUMBER["mail"]
    mail = _common_value(records.mails.codes, left, right)
    box = _common_value(records.boxes.codes, left, right)
    users = known.box_users[box]
    levels: Levels = np.select(
        [~_have(records.mails.codes, left, right), known.offices[box], (mail >= 0) & (users > 1), mail >= 0, box >= 0],
        [0, number["office"], number["shared"], number["same"], number["mailbox"]],
        number["different"],
    ).astype(np.int8)
    open_ = np.flatnonzero(np.equal(levels, number["different"]))
    levels[open_[np.flatnonzero(_close_mails(records.boxes, known, left[open_], right[open_]))]] = number["misspelt"]
    return levels, users / (len(records) + OTHERS)


def _close_mails(boxes: Words, known: Counted, left: Codes, right: Codes) -> NDArray[np.bool_]:
    """Whether the first mails of pairs differ by one slip, or in the domain by two; other digits are no slip: jan.maes9@ is another."""
    try:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist
    except ImportError as error:
        raise missing("rapidfuzz") from error
    words, size = np.array(boxes.words, dtype=object), len(boxes.words) + 1
    pairs, place = np.unique(boxes.codes[left, 0] * size + boxes.codes[right, 0], return_inverse=True)
    one, other = pairs // size, pairs % size
    close = np.zeros(len(pairs), dtype=np.bool_)
    if len(pairs):
        digits, local, lengths = known.box_digits, known.box_locals, known.box_lengths
        near = np.flatnonzero((digits[one] == digits[other]) & (np.abs(lengths[one] - lengths[other]) <= CLOSE))
        distances = cpdist(words[one[near]], words[other[near]], scorer=OSA.distance, score_cutoff=CLOSE)
        close[near] = np.asarray(distances) <= np.where(local[one[near]] == local[other[near]], CLOSE, 1)
    return close[place]


def _phones(records: Records, known: Counted, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    number = NUMBER["phone"]
    phone = _common_value(records.phones.codes, left, right)
    users = known.phone_users[phone]
    levels = np.select(
        [~_have(records.phones.codes, left, right), (phone >= 0) & (users > 1), phone >= 0],
        [0, number["shared"], number["same"]],
        number["different"],
    )
    return levels.astype(np.int8), users / (len(records) + OTHERS)


def _addresses(records: Records, known: Counted, left: Codes, right: Codes) -> tuple[Levels, Floats]:
    """The best of the addresses that two records have; a street counts with its town, known by postal code or by city."""
    number = NUMBER["address"]
    streets, codes, cities = records.streets.codes, records.postal_codes.codes, records.cities.codes
    names = known.street_names
    have = _have(streets, left, right)
    levels = np.where(have | _have(codes, left, right), number["different"], 0).astype(np.int8)
    chance = np.ones(len(left))
    for one in range(streets.shape[1]):
        for other in range(streets.shape[1]):
            a, b = streets[left, one], streets[right, other]
            same_code = (codes[left, one] >= 0) & (codes[left, one] == codes[right, other])
            same_town = same_code | ((cities[left, one] >= 0) & (cities[left, one] == cities[right, other]))
            same_street = (names[left, one] >= 0) & (names[left, one] == names[right, other]) & same_town
            steps = (
                ("postal code", same_code, known.postal_codes[codes[left, one]]),
                ("street", same_street, chance),
                ("same", same_street & (a == b) & known.numbered[a], known.streets[a]),
            )
            for name, holds, rate in steps:
                better = holds & (levels > number[name])
                levels, chance = np.where(better, np.int8(number[name]), levels), np.where(better, rate, chance)
    return levels.astype(np.int8), chance
