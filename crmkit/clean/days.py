"""Days that somebody typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict

ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
YEAR_FIRST = re.compile(r"(\d{4})[/.\s-](\d{1,2})[/.\s-](\d{1,2})|(\d{4})(\d\d)(\d\d)")
YEAR_LAST = re.compile(r"(\d{1,2})\s*[/.\s-]\s*(\d{1,2})\s*[/.\s-]\s*(\d{4}|\d\d)")
WORDS = re.compile(r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})(?:er|e|st|nd|rd|th|\.)?[\s-]+(?:of |de )?([^\W\d_]+)\.?,?[\s-]+(\d{4})")
MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
MONTHS = (
    ("jan", "janv", "jän"), ("feb", "fév", "fev", "febr"), ("maa", "mrt", "mar", "mär"), ("apr", "avr"), ("mei", "mai", "may"),
    ("jun", "juin"), ("jul", "juil"), ("aug", "aoû", "aou"), ("sep",), ("okt", "oct"), ("nov",), ("dec", "déc", "dez"),
)  # fmt: skip


def reader(column: Column) -> Reader:
    """Days as datetime64[us].

    Changed: 2024-04-03, 20240403, 3/4/2024, 3.4.2024, 4/13/2024, 3 april 2024 (Dutch, French, German, English) become days. 03/04/2024 is
    read as the clear days of the column are, else as day_first says, and is marked as ambiguous.
    In doubt: what is no day, or has a year of two digits; it becomes missing. Not looked at: times of day, which are left out, and whether the day is likely.
    """
    day_first, why = order(column.counts, column.day_first)

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        return tidy if tidy.clean is None else after(tidy, _read(tidy.clean, day_first, why))

    return read


def order(texts: Iterable[str], day_first: bool = True) -> tuple[bool, str]:
    """Whether the day comes first where the year is last, and how that is known."""
    votes: Counter[bool] = Counter()
    for text in texts:
        found = YEAR_LAST.fullmatch(text.strip())
        if found and (int(found[1]) > 12) != (int(found[2]) > 12):
            votes[int(found[1]) > 12] += 1
    if len(votes) == 1:
        return next(iter(votes)), "as the clear days of the column are"
    return (
        day_first,
        "day_first says so; the column tells nothing" if not votes else "day_first says so; the column has both orders",
    )


def _read(text: str, day_first: bool, why: str) -> Verdict:
    if found := ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
        return _day(text, year, month, day, "")
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups() if part)
        return _day(text, year, month, day, "read as year, month, day")
    if found := YEAR_LAST.fullmatch(text):
        return _year_last(text, int(found[1]), int(found[2]), found[3], day_first, why)
    if found := WORDS.fullmatch(text):
        return _day(text, int(found[3]), _month(found[2]), int(found[1]), "month by its name", clear=True)
    if found := MONTH_FIRST.fullmatch(text):
        return _day(text, int(found[3]), _month(found[1]), int(found[2]), "month by its name", clear=True)
    return Verdict(None, doubt="no day", kinds=("no_day",))


def _year_last(text: str, one: int, two: int, year: str, day_first: bool, why: str) -> Verdict:
    swappable = one <= 12 and two <= 12 and one != two
    day, month = (one, two) if one > 12 or (two <= 12 and day_first) else (two, one)
    form = "day, month, year" if (day, month) == (one, two) else "month, day, year"
    if len(year) == 2:
        return Verdict(None, doubt="a year of two digits", kinds=("no_day",))
    verdict = _day(text, int(year), month, day, f"read as {form}" + (f": {why}" if swappable else ""))
    return verdict._replace(doubt="day and month could change places") if swappable and "both" in why else verdict


def _day(text: str, year: int, month: int, day: int, reason: str, *, clear: bool = False) -> Verdict:
    try:
        found = date(year, month, day)
    except ValueError:
        return Verdict(None, doubt="no such day", kinds=("no_day",))
    kinds = ("day_notation",) if reason else ()
    return Verdict(found, reason, kinds=kinds, ambiguous=not clear and day <= 12 and day != month)


def _month(word: str) -> int:
    """The number of a month by its name in four languages, 0 where it is none."""
    name = word.lower()
    return next((number for number, starts in enumerate(MONTHS, 1) if name.startswith(starts)), 0)
