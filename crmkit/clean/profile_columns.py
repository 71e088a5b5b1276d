"""Profile of a frame: a line per column, and everything that looks wrong, record by record."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from crmkit.clean import profile_checks as checks
from crmkit.clean import profile_rows as rows
from crmkit.clean.meaning import Meaning, a_frame, is_text, key_of, meanings, proof_of
from crmkit.clean.normal import DAYS, READERS, checked_region, verdicts
from crmkit.clean.places import Towns
from crmkit.clean.profile_checks import Finding
from crmkit.clean.profile_report import Profile
from crmkit.clean.profile_towns import by_code
from crmkit.clean.verdicts import Verdict, counted
from crmkit.errors import ParameterError, ShapeError
from crmkit.receipts import ATTRS

COLUMNS = {
    **dict.fromkeys(("column", "kind", "dtype", "sensitivity"), "string"),
    **dict.fromkeys(("n", "missing", "blank", "distinct"), "Int64"),
    **dict.fromkeys(("top", "patterns"), "string"),
    **dict.fromkeys(("spaces", "mojibake", "upper_case", "lower_case", "impossible", "outlier", "unknown_value"), "Int64"),
    **dict.fromkeys(("ambiguous", "findings"), "Int64"),
    "remark": "string",
}
FINDINGS = dict.fromkeys(("record", "column", "kind", "level", "value", "why", "suggestion"), "string")
COUNTED = ("spaces", "mojibake", "upper_case", "lower_case", "impossible", "outlier", "unknown_value")
# How many records must share a value for it to be shown, by how personal the column is.
SHOWN_FROM = {"none": 2, "quasi": 5, "direct": sys.maxsize, "text": sys.maxsize}


def profile(
    df: pd.DataFrame,
    *,
    kinds: Mapping[str, str | None] | None = None,
    key: str | None = None,
    region: str = "BE",
    day_first: bool = True,
    today: Any = None,
    towns: pd.DataFrame | None = None,
    show_values: bool = False,
) -> Profile:
    """What is wrong in a frame, by column and by record. Nothing is changed.

    Parameters
    df: any DataFrame; where a fetcher made it, its declared columns say which are mails, days, values from a list, and how personal.
    kinds, region, day_first: as for normalise.
    key: the column that says which record a line is; by default the declared one, else id, uid or the like, else the index.
    today: the day that counts as today (date, Timestamp or ISO text); by default the computer's.
    towns: a list of towns with the columns postal_code and city, official or from clean.towns, for checking addresses; without one
        the frame is compared with itself, which finds less.
    show_values: show the most common values of all columns. By default none of those that identify people or hold free text, and of
        those that do so together with others (birth date, town) only values that five records share.

    Returns a report; it shows itself as tables without personal values, and has
    frame: column, kind, dtype, sensitivity; n, missing (null), blank (says nothing, yet not null), distinct; top (most common values), patterns
        (classes of texts: Aa9 with runs once); how many have spaces, mojibake, upper_case, lower_case, are impossible, an
        outlier, an unknown_value, ambiguous (days whose day and month could change places), findings in all; remark.
    findings: record (key as text), column, kind, level, value (as text, personal), why, suggestion. Levels: error (wrong as it
        stands), doubt (somebody should look), note (a fact: blank, notation, outlier, age_differs).
    receipt: that of df, and a warning where df is not known to be complete.

    Looked for: blank values, spaces, mojibake, names and towns in capitals or small letters, what normalise would change or doubts, values
    that no document names, birth dates in the future or before 1900, an end before its start, outliers (three quartile ranges),
    an age or a Belgian national number against the birth date, a postal code against its town, test records.
    Not looked at: lists (open them with crmkit.child), duplicates (see match), whether a likely value is true: a birth
    date whose day and month changed places is only found where another column contradicts it, and counted as ambiguous elsewhere.

    Raises ParameterError for a column or kind that does not exist, ConfigError where the extra clean is not installed.
    """
    checked_region(region)
    if not a_frame(df, "profile").columns.is_unique:
        raise ShapeError("two columns have the same name.", hint="rename one of them.")
    day = _today(today)
    meant = meanings(df, kinds)
    made = [_Column(df, meaning, meant, day, region=region, day_first=day_first) for meaning in meant.values()]
    found = [finding for one in made for finding in one.findings]
    found += _across(df, meant, made, day, by_code(towns))
    findings = _findings(df, key_of(df) if key is None else _checked_key(df, key), found)
    totals = Counter(one.column for one in found)
    lines = [one.line(totals[one.meaning.name], show_values) for one in made]
    return Profile(_framed(lines, COLUMNS), findings, len(df), proof_of(df), day)


class _Column:
    """One column looked at: its findings, and its clean values for what is looked for across columns."""

    def __init__(
        self, frame: pd.DataFrame, meaning: Meaning, meant: Mapping[str, Meaning], today: pd.Timestamp, **choices: Any
    ) -> None:
        self.meaning, self.column = meaning, frame[meaning.name]
        self.text = is_text(self.column)
        self.counts: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.remark = ""
        self.said: list[Verdict | None] = []
        if self.text:
            self.said = verdicts(frame, meaning, meant, **choices) if meaning.kind in READERS else checks.plain(self.column)
            self.findings, self.counts, self.remark = checks.said(meaning.name, self.said)
            self.findings = self._without_usual_blanks()
        self.findings += self._typed_findings(today)
        self.counts.update(each.kind for each in self.findings if each.kind not in self.counts)

    @property
    def clean(self) -> list[Any]:
        """The clean values of a text column."""
        return [each.clean if each else None for each in self.said]

    @property
    def days(self) -> pd.Series[Any]:
        """The column as days."""
        return pd.Series(self.clean, self.column.index, dtype="datetime64[us]") if self.text else self.column

    def _without_usual_blanks(self) -> list[Finding]:
        """Blanks are findings where at least half of what is not null is filled in."""
        present = sum(1 for each in self.said if each)
        keep = self.counts["blank"] <= present / 2
        return [each for each in self.findings if keep or each.kind != "blank"]

    def _typed_findings(self, today: pd.Timestamp) -> Iterator[Finding]:
        name = self.meaning.name
        if self.meaning.values and self.text:
            yield from checks.unknown_values(name, self.column, self.meaning.values)
        if self.meaning.kind == "birth_date":
            yield from checks.births(name, self.days, today)
        elif self.column.dtype.kind in "iuf" and not name.endswith(("id", "_uid", "position")) and self.meaning.counts:
            yield from checks.outliers(name, self.column.astype("Float64"))

    def line(self, findings: int, show_values: bool) -> dict[str, Any]:
        """The line of the report on this column."""
        column, meaning = self.column, self.meaning
        plain = column.dtype != object or self.text
        counts = counted(column.astype("string")) if plain else {}
        least = 2 if show_values else SHOWN_FROM[meaning.sensitivity]
        ambiguous = None
        if meaning.kind in DAYS:
            days = self.days
            swappable = (days.dt.day <= 12) & (days.dt.day != days.dt.month)
            ambiguous = sum(1 for each in self.said if each and each.ambiguous) if self.text else int(swappable.sum())
        return {
            "column": meaning.name,
            "kind": meaning.kind,
            "dtype": str(column.dtype),
            "sensitivity": meaning.sensitivity,
            "n": len(column),
            "missing": int(column.isna().sum()),
            "blank": self.counts["blank"],
            "distinct": len(counts) if plain else None,
            "top": checks.commonest(counts, least),
            "patterns": checks.commonest(checks.patterns(counts), 1) if self.text else "",
            **{kind: self.counts[kind] for kind in COUNTED},
            "ambiguous": ambiguous,
            "findings": findings,
            "remark": self.remark if plain else "a list: open it with crmkit.child",
        }


def _across(
    df: pd.DataFrame, meant: Mapping[str, Meaning], made: list[_Column], today: pd.Timestamp, known: Towns | None
) -> Iterator[Finding]:
    """What is found across columns."""
    yield from rows.ends_before_starts(df)
    yield from rows.oddities(df)
    yield from rows.tests(df, meant)
    clean = {one.meaning.name: one.clean for one in made if one.meaning.kind in ("postal_code", "city")}
    yield from rows.towns(df, meant, clean, known)
    for birth in (one for one in made if one.meaning.kind == "birth_date"):
        yield from rows.ages(df, birth.meaning.name, birth.days, today)
        for number in (one for one in made if one.meaning.kind == "national_be"):
            yield from rows.national_numbers(birth.meaning.name, birth.days, number.meaning.name, number.column)


def _findings(df: pd.DataFrame, key: str | None, found: list[Finding]) -> pd.DataFrame:
    """The findings as a frame, with the receipt of what was looked at."""
    keys = (df.index.to_series() if key is None else df[key]).astype("string").tolist()
    values = {name: df[name].astype("string").tolist() for name in {one.column for one in found}}
    lines = [
        (keys[one.line], one.column, one.kind, one.level, values[one.column][one.line], one.why, one.suggestion) for one in found
    ]
    frame = pd.DataFrame(lines, columns=list(FINDINGS)).astype(FINDINGS)
    if ATTRS in df.attrs:
        frame.attrs[ATTRS] = df.attrs[ATTRS]
    return frame


def _framed(lines: list[dict[str, Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(dtypes)).astype(dtypes)


def _checked_key(df: pd.DataFrame, key: str) -> str:
    if key not in df.columns:
        raise ParameterError(f"profile: there is no column {key!r}.", hint="key names the column that tells records apart.")
    return key


def _today(given: Any) -> pd.Timestamp:
    day = pd.Timestamp.today() if given is None else pd.Timestamp(given)
    return day.tz_localize(None).normalize().as_unit("us")
