"""What is looked for in one column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from crmkit.clean.text import tidied
from crmkit.clean.verdicts import Verdict, words

# error: wrong as it stands; doubt: somebody should look; note: a fact, wrong or not.
LEVELS: Mapping[str, str] = {
    **dict.fromkeys(
        words("spaces mojibake upper_case lower_case mail_shape phone_impossible impossible iban vat no_day test_record"), "error"
    ),
    **dict.fromkeys(words("end_before_start national_number"), "error"),
    **dict.fromkeys(
        words("mail_typo names_joined postal_form city_form country_unknown unknown_value wrong_town placeholder"), "doubt"
    ),
}
FIRST_BIRTH = pd.Timestamp("1900-01-01")
OLDEST = 110
RUN = re.compile(r"(.)\1+")


class Finding(NamedTuple):
    """Something found: in which line (position), column, of which kind, why, and what may have been meant."""

    line: int
    column: str
    kind: str
    why: str
    suggestion: str | None = None

    @property
    def level(self) -> str:
        """error, doubt or note."""
        return LEVELS.get(self.kind, "note")


class _Classes(dict[int, str]):
    """The class of every sign, looked up once: str.translate asks for signs by their number."""

    def __missing__(self, number: int) -> str:
        sign = chr(number)
        kind = "9" if sign.isdigit() else "A" if sign.isupper() else "a" if sign.isalpha() else "␣" if sign.isspace() else sign
        return self.setdefault(number, kind)


CLASSES = _Classes()


def pattern(text: str) -> str:
    """The class of a text: letters as A or a, digits as 9, spaces as ␣, runs of one sign once."""
    return RUN.sub(r"\1", text.translate(CLASSES))


def commonest(counts: Mapping[str, int], least: int = 2, most: int = 3) -> str:
    """The most common texts with how often they occur; those that occur less than least times are left out."""
    ranked = sorted(((text, count) for text, count in counts.items() if count >= least), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{_short(text)} ({count:,})" for text, count in ranked[:most])


def _short(text: str) -> str:
    whole = text if text.strip() else f"'{text}'"
    return whole if len(whole) <= 40 else f"{whole[:39]}…"


def patterns(counts: Mapping[str, int]) -> dict[str, int]:
    """How often each class of texts occurs."""
    found: Counter[str] = Counter()
    for text, count in counts.items():
        found[pattern(text[:80])] += count
    return dict(found)


def said(column: str, verdicts: Sequence[Verdict | None]) -> tuple[list[Finding], Counter[str], str]:
    """The findings of a text column, how often each kind occurs, and a remark on what nearly all values have in common.

    A notation that most filled values share is the way of the system, no finding; nor are blanks where hardly anything is filled in.
    """
    counts = Counter(kind for each in verdicts if each for kind in set(each.kinds))
    filled = sum(1 for each in verdicts if each and each.clean is not None)
    usual = {kind for kind, count in counts.items() if LEVELS.get(kind, "note") == "note" and count > filled / 2}
    found = [
        Finding(line, column, kind, each.doubt or each.reason, each.suggestion or (_new(each) if each.reason else None))
        for line, each in enumerate(verdicts)
        if each
        for kind in dict.fromkeys(each.kinds)
        if kind not in usual
    ]
    reasons = Counter(each.reason for each in verdicts if each and usual & set(each.kinds) and each.reason)
    remark = f"most values: {reasons.most_common(1)[0][0]}" if reasons else ""
    return found, counts, remark


def _new(verdict: Verdict) -> str | None:
    return None if verdict.clean is None else str(verdict.clean)


def unknown_values(name: str, column: pd.Series[Any], known: Iterable[str]) -> Iterator[Finding]:
    """Values that the declaration of the column does not name."""
    odd = column.notna() & ~column.isin(list(known)) & (column.str.strip() != "")
    for line in odd.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
        yield Finding(int(line), name, "unknown_value", "the vendor's documents do not name this value")


def births(name: str, days: pd.Series[Any], today: pd.Timestamp) -> Iterator[Finding]:
    """Birth dates that cannot be: in the future, before 1900; 1 January 1900 and more than 110 years are doubted."""
    oldest = today - pd.DateOffset(years=OLDEST)
    for kind, wrong, why in (
        ("impossible", days > today, "a birth date in the future"),
        ("impossible", days < FIRST_BIRTH, "a birth date before 1900"),
        ("placeholder", days == FIRST_BIRTH, "1 January 1900 stands for unknown in many systems"),
        ("placeholder", (days > FIRST_BIRTH) & (days < oldest), f"more than {OLDEST} years ago"),
    ):
        for line in wrong.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
            yield Finding(int(line), name, kind, why)


def outliers(name: str, column: pd.Series[Any]) -> Iterator[Finding]:
    """Numbers more than three quartile ranges away from the middle half.

    Only among twenty values or more, and only where they are few: one in twenty far away is a long tail, no slip.
    """
    values = column.dropna()
    if len(values) < 20:
        return
    low, high = values.quantile(0.25), values.quantile(0.75)
    reach = 3 * (high - low)
    if not reach:
        return
    far = (column < low - reach) | (column > high + reach)
    if far.sum() > len(values) / 20:
        return
    for line in far.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
        yield Finding(int(line), name, "outlier", "far from the middle half of the column")


def plain(column: pd.Series[Any]) -> list[Verdict | None]:
    """What is wrong with texts of which nothing is known; those of several lines are somebody's own layout."""
    codes, distinct = pd.factorize(column)
    verdicts: list[Verdict | None] = [Verdict(text) if "\n" in text else tidied(text) for text in map(str, distinct)]
    return [verdicts[code] if code >= 0 else None for code in codes]
