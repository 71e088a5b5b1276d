"""Telephone numbers."""

from __future__ import annotations

import re
from typing import Any

from crmkit.clean.extra import library
from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict, sentence

REMARK = re.compile(r"\s*[(\[](?=[^)\]]*[^\W\d_])[^)\]]*[)\]]\s*$")
LABEL = re.compile(r"(?i)^\s*(?:tel|gsm|mob|mobile|telefoon|t|m)\s*[.:]+\s*")
LETTER = re.compile(r"[^\W\d_]")
EXTENSION = re.compile(r"(?i)\s*(?:ext\.?|x|tst\.?|poste|#)\s*\d{1,6}\s*$")


def reader(column: Column) -> Reader:
    """Telephone numbers in E.164 form (+32475123456).

    Changed: any way of writing one possible number; a number without country code is one of the default region; a remark in brackets
    behind it is left out. Only suggested: a plus before a number that is none of the region. In doubt: too long, too short, two
    numbers, letters; an extension, which E.164 does not hold. Not looked at: whether the number is handed out.
    """
    phones = library("phonenumbers")

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        return after(tidy, _read(phones, tidy.clean, column.region))

    return read


def _read(phones: Any, text: str, region: str) -> Verdict:
    bare, reasons = text, []
    for pattern, reason in ((REMARK, "the remark behind the number is left out"), (LABEL, "the label is left out")):
        cut = pattern.sub("", bare)
        if cut != bare:
            reasons.append(reason)
            bare = cut
    number, extension = EXTENSION.sub("", bare), EXTENSION.search(bare)
    if LETTER.search(number):
        return Verdict(text, doubt="letters in a telephone number", kinds=("phone_impossible",))
    written = _possible(phones, number, region)
    if written is None:
        return _impossible(phones, text, number, region)
    if written != bare:
        reasons.append(_how(number, written, str(phones.country_code_for_region(region))))
    doubt = f"the extension {extension[0].strip()} does not fit in E.164" if extension else ""
    return Verdict(written, sentence(reasons), doubt, kinds=("phone_notation",) if reasons or doubt else ())


def _possible(phones: Any, number: str, region: str) -> str | None:
    """The number in E.164 form, None where it cannot be one."""
    try:
        parsed = phones.parse(number, region)
    except phones.NumberParseException:
        return None
    if not phones.is_possible_number(parsed):
        return None
    return str(phones.format_number(parsed, phones.PhoneNumberFormat.E164))


def _impossible(phones: Any, text: str, number: str, region: str) -> Verdict:
    digits = re.sub(r"\D", "", number)
    other = _possible(phones, f"+{digits}", region) if len(digits) > 8 and not number.startswith(("+", "0")) else None
    doubt = "a country code without its plus?" if other else f"too long or too short for a number of {region} or abroad"
    return Verdict(text, doubt=doubt, suggestion=other, kinds=("phone_impossible",))


def _how(number: str, written: str, code: str) -> str:
    """In what the way of writing differed from E.164."""
    digits = re.sub(r"\D", "", number)
    if "(0)" in number or (number.startswith("+") and digits != written[1:]):
        return "the 0 behind the country code is left out"
    if number.startswith("+"):
        return "signs and spaces are left out"
    if digits == written[1:]:
        return "a plus before the country code"
    if digits.startswith("00"):
        return "a plus instead of 00"
    return f"+{code} for the 0" if digits.startswith("0") else f"+{code} before a number without 0"
