"""Postal codes, towns and countries."""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from crmkit.clean.extra import library
from crmkit.clean.names import WORD
from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict, words

BESIDE = "\x1f"  # between a postal code and the country of the same line
FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "BE": (re.compile(r"([1-9]\d{3})"), r"\1"),
    "NL": (re.compile(r"([1-9]\d{3})((?!SA|SD|SS)[A-Z]{2})"), r"\1 \2"),
    "GB": (re.compile(r"([A-Z]{1,2}\d[A-Z\d]?|GIR)(\d[A-Z]{2})"), r"\1 \2"),
    "IE": (re.compile(r"([A-Z]\d{2}|D6W)([A-Z\d]{4})"), r"\1 \2"),
}
SMALL = frozenset(words("aan bij de den der des du en het in la le les on op sous sur te ten ter upon van von am an der"))
LANGUAGES = ("nl", "fr", "de")
NAMED = {
    "uk": "GB", "u.k.": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "engeland": "GB",
    "great britain": "GB", "groot-brittannie": "GB", "grande-bretagne": "GB", "grossbritannien": "GB", "angleterre": "GB",
    "holland": "NL", "the netherlands": "NL", "nederland": "NL", "pays-bas": "NL", "niederlande": "NL", "die niederlande": "NL",
    "republic of ireland": "IE", "eire": "IE", "usa": "US", "u.s.a.": "US", "america": "US", "amerika": "US",
    "verenigde staten": "US", "etats-unis": "US", "deutschland": "DE", "belgie": "BE", "belgique": "BE", "belgien": "BE", "espana": "ES",
    "italia": "IT", "luxemburg": "LU", "luxembourg": "LU", "turkije": "TR", "turkey": "TR", "czech republic": "CZ",
    "tsjechie": "CZ", "russia": "RU", "rusland": "RU", "south korea": "KR", "zuid-korea": "KR", "vietnam": "VN", "iran": "IR",
    "b": "BE", "nl.": "NL", "d": "DE", "f": "FR",
}  # fmt: skip


def postal_reader(column: Column) -> Reader:
    """Postal codes, each in the form of its country: Belgium, the Netherlands, United Kingdom, Ireland.

    Changed: capitals, the space inside, a country before the code (B-3000), .0 of a spreadsheet. Only suggested: the code alone
    where a town stands behind it. In doubt: what has not the form of its country. Not looked at: other countries, whether the code
    exists; a country that the line does not name is the default region.
    """

    def read(text: str) -> Verdict:
        code, _, country = text.partition(BESIDE)
        tidy = tidied(code)
        if tidy.clean is None:
            return tidy
        return after(tidy, _postal(tidy.clean, alpha2(country) or column.region))

    return read


def _postal(text: str, country: str) -> Verdict:
    if country not in FORMS:
        return Verdict(text)
    bare = re.sub(rf"^(?:{country}|{country[0]})\s*-\s*(?=\d)", "", text.upper().removesuffix(".0"))
    form, written = FORMS[country]
    found = form.fullmatch(re.sub(r"[\s.\-]", "", bare))
    if found:
        clean = found.expand(written)
        return Verdict(
            clean, "" if clean == text else f"written as in {country}", kinds=() if clean == text else ("postal_notation",)
        )
    others = [
        other for other, (pattern, _) in FORMS.items() if other != country and pattern.fullmatch(re.sub(r"[\s.\-]", "", bare))
    ]
    ahead = re.match(r"([1-9]\d{3}(?: ?[A-Z]{2}(?![A-Z]))?)[\s,]+\D+$", bare) if country in ("BE", "NL") else None
    doubt = f"no postal code of {country}" + (f", but one of {' or '.join(others)}" if others else "")
    return Verdict(text, doubt=doubt, suggestion=ahead[1] if ahead else None, kinds=("postal_form",))


def city_reader(column: Column) -> Reader:
    """Towns.

    Changed: spaces, encoding, and the case of a town in capitals or small letters only; as others in the column spell it, else by rule
    (Stoke-on-Trent, 's-Gravenhage). Only suggested: the town alone where a postal code stands before it. Not looked at: whether
    the town exists, names in another language.
    """
    spelled: dict[str, Counter[str]] = {}
    for text, count in column.counts.items():
        clean = tidied(text).clean
        if clean and not clean.isupper() and not clean.islower():
            spelled.setdefault(clean.casefold(), Counter())[clean] += count

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        coded = re.match(r"(?:[A-Za-z]{1,2}-)?\d{4}(?: ?[A-Z]{2})?[\s,]+(\D{2,})$", tidy.clean)
        if coded:
            return after(
                tidy, Verdict(tidy.clean, doubt="a postal code before the town", suggestion=coded[1], kinds=("city_form",))
            )
        letters = "".join(sign for sign in tidy.clean if sign.isalpha())
        if len(letters) < 3 or not (letters.isupper() or letters.islower()):
            return tidy
        common = spelled.get(tidy.clean.casefold())
        better = common.most_common(1)[0][0] if common else _city(tidy.clean.lower())
        kind, reason = ("upper_case", "capitals only") if letters.isupper() else ("lower_case", "small letters only")
        return after(tidy, Verdict(better, reason, kinds=(kind,)) if better != tidy.clean else Verdict(better))

    return read


def _city(text: str) -> str:
    def large(word: re.Match[str]) -> str:
        inner = word.start() > 0 and word[0] in SMALL
        return word[0] if inner or word[0].startswith(("'", "’")) else word[0][0].upper() + word[0][1:]

    return WORD.sub(large, text)


def country_reader(column: Column) -> Reader:
    """Countries as ISO 3166 codes of two letters.

    Changed: names in Dutch, French, German or English and codes of three letters become the code of two letters. Only suggested: the
    country whose name is nearly the same. In doubt: what is no country. Not looked at: whether the person lives there.
    """

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        code = alpha2(tidy.clean)
        if code == tidy.clean:
            return after(tidy, Verdict(code))
        if code:
            return after(tidy, Verdict(code, "ISO 3166 code", kinds=("country_notation",)))
        return after(tidy, Verdict(tidy.clean, doubt="no country", suggestion=_nearly(tidy.clean), kinds=("country_unknown",)))

    return read


def alpha2(text: str) -> str | None:
    """The code of two letters of a country by code or name, None where it is none."""
    text = text.strip()
    if not text:
        return None
    return countries().get(_folded(text))


def _nearly(text: str) -> str | None:
    found = library("rapidfuzz.process").extractOne(
        _folded(text), [name for name in countries() if len(name) > 3], score_cutoff=85
    )
    return countries()[found[0]] if found else None


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """Codes of two letters by folded code and name in four languages."""
    pycountry = library("pycountry")
    spoken = [gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language]) for language in LANGUAGES]
    found: dict[str, str] = {}
    for country in pycountry.countries:
        english = [getattr(country, name, "") for name in ("name", "common_name", "official_name")]
        told = [each.gettext(name) for each in spoken for name in english if name]
        for name in (country.alpha_2, country.alpha_3, *english, *told):
            found.setdefault(_folded(name), country.alpha_2)
    return {**found, **NAMED}


def _folded(name: str) -> str:
    """Small letters without accents, for looking names up."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip()


@dataclass(frozen=True)
class Towns:
    """Folded towns by postal code; complete where they are an official list."""

    of_code: Mapping[str, set[str]]
    complete: bool


def contradictions(codes: list[str | None], towns: list[str | None], known: Towns | None = None) -> dict[int, str]:
    """Lines whose postal code belongs to another town than theirs: position -> why.

    known: a list of towns, where there is one. With it a pair is wrong that the list has not, although it knows the code and, unless
    it is complete, the town. Without it the column itself is asked: the town must nearly always have another code and the code another
    town. Not found: towns and codes that occur too rarely, or that the list does not know.
    """
    pairs = [(code, town.casefold()) if code and town else None for code, town in zip(codes, towns, strict=True)]
    together, of_code, of_town = Counter(p for p in pairs if p), _by(pairs, 0), _by(pairs, 1)
    listed = set().union(*known.of_code.values()) if known else set()
    verdicts: dict[tuple[str, str], str] = {}
    for pair, count in together.items():
        code, town = pair
        if known is not None:
            if town not in known.of_code.get(code, {town}) and (known.complete or town in listed):
                verdicts[pair] = "the list of towns has another postal code for this town"
        elif _rare(count, of_code[code], town) and _rare(count, of_town[town], code):
            verdicts[pair] = "elsewhere in the column this town has another postal code, and this code another town"
    return {place: verdicts[pair] for place, pair in enumerate(pairs) if pair in verdicts}


def _by(pairs: list[tuple[str, str] | None], side: int) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for pair in pairs:
        if pair:
            found.setdefault(pair[side], Counter())[pair[1 - side]] += 1
    return found


def _rare(count: int, others: Counter[str], mine: str) -> bool:
    """Whether another partner is common and this one is not."""
    most = max((number for other, number in others.items() if other != mine), default=0)
    return most >= 2 * count and count <= max(1, sum(others.values()) // 10)
