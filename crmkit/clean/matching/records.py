"""What is compared: everybody's names, dates, mails, phones and addresses in plain form, as arrays of codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.clean.matching import texts
from crmkit.clean.matching.fields import PLACE, Source
from crmkit.clean.matching.texts import Codes

SLOTS = 4
# A day that so many share, and so large a part of all, was put in by a form and not by a birth.
MANY, PART = 12, 0.01


@dataclass(frozen=True)
class Words:
    """Texts as codes, a line per record and a column per value it may have: -1 where there is none. words: the text of each code."""

    codes: Codes
    words: list[str]

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Words:
        codes, words = pd.factorize(pd.Series([value or None for value in values], dtype=object))
        return cls(codes.astype(np.int64), list(words))

    def mapped(self, change: Callable[[str], str | None]) -> Words:
        """Other words made of these, where several may become one."""
        inner = Words.of(change(word) for word in self.words)
        return Words(np.append(inner.codes, -1)[self.codes], inner.words)

    def slotted(self, record: pd.Series[Any], size: int) -> Words:
        """The same words with a line per record; record says to which each belongs. Beyond the fourth of a record they do not count."""
        lines = record.to_numpy(np.int64)
        slot = pd.Series(lines).groupby(lines).cumcount().to_numpy()
        fits = slot < SLOTS
        codes = np.full((size, int(slot[fits].max(initial=0)) + 1), -1, dtype=np.int64)
        codes[lines[fits], slot[fits]] = self.codes[fits]
        return Words(codes, self.words)

    def flags(self, true: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Whether something holds of each word; the last one, false, is for none."""
        return np.array([*map(true, self.words), False], dtype=np.bool_)


def runs(ordered: Codes) -> tuple[Codes, Codes]:
    """Where each run of equal codes begins in ordered codes, and how long it is."""
    starts = np.flatnonzero(np.append(True, np.diff(ordered) != 0)) if len(ordered) else np.empty(0, dtype=np.int64)
    return starts, np.diff(np.append(starts, len(ordered)))


@dataclass(frozen=True)
class Records:
    """All records, in the order of their systems and ids.

    first, last: names as plain words. birth: YYYYMMDD or -1. gender: 0 woman, 1 man, -1. generation: junior, senior. boxes: mailboxes
    (mails without the tag behind a plus). streets, postal_codes and cities run side by side. originals: the texts as the frames have them, for a reader's eyes.
    """

    systems: tuple[str, ...]
    system: Codes
    ids: list[str]
    first: Words
    last: Words
    gender: Codes
    generation: Words
    birth: Codes
    mails: Words
    boxes: Words
    phones: Words
    streets: Words
    postal_codes: Words
    cities: Words
    originals: Source

    def __len__(self) -> int:
        return len(self.ids)

    def keys(self) -> list[tuple[str, str]]:
        """System and id of every record."""
        return [(self.systems[system], number) for system, number in zip(self.system, self.ids, strict=True)]


def shown(records: Records, line: int) -> dict[str, str]:
    """What a record says, field by field, as the frames have it."""
    told = records.originals
    one = told.people.loc[line]
    names = [str(one[name]) for name in ("first_name", "infix", "last_name") if not pd.isna(one[name])]
    birth, title = one["birth_date"], one["gender"]
    whole = " ".join(names) or ("" if pd.isna(one["name"]) else str(one["name"]))
    return {
        "name": whole,
        "birth date": "" if pd.isna(birth) else str(birth)[:10],
        "gender": "" if pd.isna(title) else str(title),
        "mail": "; ".join(dict.fromkeys(_told(told.mails, line, "mail"))),
        "phone": "; ".join(dict.fromkeys(_told(told.phones, line, "phone"))),
        "address": "; ".join(" ".join(parts) for parts in zip(*(_told(told.places, line, name) for name in PLACE), strict=True)),
    }


def _told(table: pd.DataFrame, line: int, column: str) -> list[str]:
    return table.loc[table["record"] == line, column].fillna("").astype(str).tolist()


def gathered(sources: Mapping[str, Source], region: str) -> Records:
    """One set of records of all sources. region: the country of phone numbers without a prefix, such as BE."""
    people = pd.concat([one.people for one in sources.values()], ignore_index=True)
    system: Codes = np.repeat(np.arange(len(sources)), [len(one.people) for one in sources.values()]).astype(np.int64)
    order = np.lexsort((people["id"].to_numpy(object), people["id"].str.len(), system))
    line = np.argsort(order)
    mails, phones, places = (_moved(sources, name, line) for name in ("mails", "phones", "places"))
    people = people.iloc[order].reset_index(drop=True)
    first, last = _names(people)
    size = len(people)
    addresses = Words.of(texts.distinct(mails["mail"], texts.mail)).slotted(mails["record"], size)
    streets, postal_codes, cities = (
        Words.of(texts.distinct(places[name], change)).slotted(places["record"], size)
        for name, change in zip(PLACE, (texts.street, texts.postal_code, texts.plain), strict=True)
    )
    return Records(
        systems=tuple(sources),
        system=system[order],
        ids=people["id"].tolist(),
        first=first,
        last=last,
        gender=_numbers(people["gender"], texts.gender),
        generation=_generations(people),
        birth=_births(people["birth_date"]),
        mails=addresses,
        boxes=addresses.mapped(texts.mailbox),
        phones=Words.of(texts.distinct(phones["phone"], texts.phone_reader(region))).slotted(phones["record"], size),
        streets=streets,
        postal_codes=postal_codes,
        cities=cities,
        originals=Source(people, mails, phones, places, ()),
    )


def _moved(sources: Mapping[str, Source], name: str, line: Codes) -> pd.DataFrame:
    """The mails, phones or addresses of all sources, with the line that their record now has."""
    tables, start = [], 0
    for one in sources.values():
        table: pd.DataFrame = getattr(one, name)
        tables.append(table.assign(record=line[table["record"].to_numpy(np.int64) + start]))
        start += len(one.people)
    return pd.concat(tables, ignore_index=True)


def _names(people: pd.DataFrame) -> tuple[Words, Words]:
    """Given and family names; where one field holds both, or the whole name is in a field of its own, they are taken apart."""
    columns = (people[name].fillna("").astype(str) for name in ("first_name", "infix", "last_name", "name"))
    codes, kinds = pd.factorize(pd.Series(list(zip(*columns, strict=True)), dtype=object))
    pairs = [_name(*kind) for kind in kinds]
    return Words.of(pairs[code][0] for code in codes), Words.of(pairs[code][1] for code in codes)


def _name(first: str, infix: str, last: str, whole: str) -> tuple[str, str]:
    if not first.strip() and not last.strip():
        first, last = _apart(whole)
    elif not last.strip() and " " in first.strip():
        first, last = _apart(first)
    elif "," in last:
        last, _, behind = last.partition(",")
        first = first if first.strip() else behind
    given, family = texts.given(first), texts.family(f"{infix} {last}")
    for joined in (f"{family} ", f" {family}"):  # the family name repeats the given name: Jan / Jan Peeters
        for word in (f"{given} ", f" {given}"):
            if (
                given
                and len(joined.strip()) > len(given)
                and (family.startswith(word) if word.endswith(" ") else family.endswith(word))
            ):
                return given, family.removeprefix(word).removesuffix(word)
    return given, family


def _apart(whole: str) -> tuple[str, str]:
    """Given and family name of a whole name: Peeters, Jan, or Jan Peeters."""
    last, comma, first = whole.partition(",")
    if comma:
        return first, last
    first, _, last = whole.strip().partition(" ")
    return first, last


def _generations(people: pd.DataFrame) -> Words:
    columns = (people[name].fillna("").astype(str) for name in ("first_name", "last_name", "name"))
    return Words.of(texts.distinct((" ".join(parts) for parts in zip(*columns, strict=True)), texts.generation))


def _numbers(column: pd.Series[Any], change: Callable[[Any], int]) -> Codes:
    return np.array([-1 if found is None else found for found in texts.distinct(column, change)], dtype=np.int64)


def _births(column: pd.Series[Any]) -> Codes:
    """Days as YYYYMMDD; one that very many share counts as none."""
    births = pd.Series(_numbers(column, texts.day))
    counts = births[births >= 0].value_counts()
    filled_in = counts.index[(counts > MANY) & (counts > PART * len(births))]
    return np.asarray(births.where(~births.isin(filled_in), -1), dtype=np.int64)
