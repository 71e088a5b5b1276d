"""What is looked for across the columns of one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from crmkit.clean import places
from crmkit.clean.meaning import Meaning
from crmkit.clean.normal import partner
from crmkit.clean.profile_checks import Finding
from crmkit.clean.verdicts import words

ENDS: Mapping[str, tuple[str, ...]] = {
    "start": ("end", "stop"), "begin": ("end",), "since": ("until",), "from": ("until", "to", "till"), "opened": ("closed",),
    "open": ("close",), "arrived": ("left",), "entered": ("left",), "valid_from": ("valid_until",), "date": ("close_date",),
    "created_on": ("last_modified",), "created_at": ("modified_at", "updated_at"),
}  # fmt: skip
TEST = frozenset(words(
    "test tester testen testje testpersoon testgebruiker testuser demo dummy fake foo bar xxx xx xxxx asdf qwerty gebruiker user "
    "voorbeeld example exemple beispiel proef sample abc aaa zzz utilisateur benutzer contact persoon person"
))  # fmt: skip
SURE = TEST - frozenset(words("bar user contact persoon person gebruiker abc"))


def ends_before_starts(frame: pd.DataFrame) -> Iterator[Finding]:
    """Lines whose end lies before their start, for columns that are named as a pair."""
    for start, end in _pairs(frame):
        wrong = frame[end] < frame[start]
        for line in wrong.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
            yield Finding(int(line), end, "end_before_start", f"{end} lies before {start}")


def _pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    times = [name for name in frame.columns if isinstance(name, str) and frame[name].dtype.kind == "M"]
    for name in times:
        for start, ends in ENDS.items():
            changed = {re.sub(rf"(?<![a-z]){start}(?![a-z])", end, name) for end in ends}
            for end in changed & set(times) - {name}:
                if frame[end].dtype == frame[name].dtype:
                    yield name, end


def ages(frame: pd.DataFrame, birth: str, days: pd.Series[Any], today: pd.Timestamp) -> Iterator[Finding]:
    """Ages that do not follow from the birth date; only said, since either may be older than the other."""
    name = f"{birth.rpartition('.')[0]}.age".lstrip(".")
    if name not in frame or frame[name].dtype.kind not in "if":
        return
    had = (days.dt.month < today.month) | ((days.dt.month == today.month) & (days.dt.day <= today.day))
    expected = today.year - days.dt.year - (~had).astype(int)
    wrong = (frame[name] - expected).abs() >= 1
    for line in wrong.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
        yield Finding(int(line), name, "age_differs", f"{birth} gives {expected.iloc[line]:.0f} years")


def national_numbers(birth: str, days: pd.Series[Any], name: str, numbers: pd.Series[Any]) -> Iterator[Finding]:
    """Birth dates that the Belgian national number of the same line contradicts; it begins with year, month and day."""
    digits = numbers.astype("string").str.replace(r"\D", "", regex=True)
    told = digits.where(digits.str.len() == 11).str[:6]
    wrong = told.notna() & days.notna() & (told != days.dt.strftime("%y%m%d"))
    for line in wrong.to_numpy(dtype=bool, na_value=False).nonzero()[0]:
        swapped = told.iloc[line] == days.iloc[line].strftime("%y%d%m")
        yield Finding(
            int(line), birth, "national_number", f"{name} has {'day and month the other way round' if swapped else 'another day'}"
        )


def towns(
    frame: pd.DataFrame, meant: Mapping[str, Meaning], clean: Mapping[str, list[Any]], known: places.Towns | None
) -> Iterator[Finding]:
    """Postal codes of another town than the town beside them."""
    for name, meaning in meant.items():
        town = partner(name, "city", meant) if meaning.kind == "postal_code" else None
        if town is not None and town in clean and name in clean:
            for line, why in places.contradictions(clean[name], clean[town], known).items():
                yield Finding(line, name, "wrong_town", why)


def tests(frame: pd.DataFrame, meant: Mapping[str, Meaning]) -> Iterator[Finding]:
    """Records that somebody made to try the system out: every word of the name is one of test, demo, xxx, dummy and the like."""
    named = [one.name for one in meant.values() if one.kind in ("first_name", "last_name", "full_name")]
    if not named:
        return
    parts: list[Any] = [frame[name].fillna("") for name in named]
    texts = parts[0].str.cat(parts[1:], sep=" ")
    codes, distinct = pd.factorize(texts)
    test = [_is_test(str(text)) for text in distinct]
    column = next((name for name in named if meant[name].kind == "last_name"), named[0])
    for line, code in enumerate(codes):
        if code >= 0 and test[code]:
            yield Finding(line, column, "test_record", "the name is one that testers use")


def _is_test(name: str) -> bool:
    said = set(re.findall(r"[^\W\d_]+", name.casefold()))
    return bool(said) and said <= TEST and bool(said & SURE)


def oddities(frame: pd.DataFrame) -> Iterator[Finding]:
    """What the topic pipelines has already noted on the deals it loaded."""
    if not {"deal_id", "oddities"} <= set(frame.columns):
        return
    from crmkit.topics.pipelines.deals import ODDITIES

    for line, names in enumerate(frame["oddities"].tolist()):
        for name in names if isinstance(names, list) else []:
            yield Finding(line, "oddities", str(name), ODDITIES.get(str(name), ""))
