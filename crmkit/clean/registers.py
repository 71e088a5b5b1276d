"""Bank accounts and VAT numbers: numbers that carry their own check digits."""

from __future__ import annotations

from crmkit.clean.extra import library
from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict


def iban_reader(column: Column) -> Reader:
    """Bank accounts as IBAN without spaces.

    Changed: capitals, spaces and stops. In doubt: a wrong length or wrong check digits. Not looked at: whether the bank or the
    account exists; numbers of the time before IBAN.
    """
    iban, wrong = library("stdnum.iban"), library("stdnum.exceptions").ValidationError

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        try:
            clean = iban.validate(tidy.clean, check_country=False)
        except wrong:
            return after(tidy, Verdict(tidy.clean, doubt="no IBAN: length or check digits are wrong", kinds=("iban",)))
        return after(tidy, _written(tidy.clean, clean, "written without spaces and in capitals", "iban_notation"))

    return read


def vat_reader(column: Column) -> Reader:
    """VAT numbers of the EU and the United Kingdom, with their country and without stops.

    Changed: capitals, spaces, stops, a missing 0 of a Belgian number; the default region before a number that names no country and fits it. In
    doubt: a number that fits no country, or has wrong check digits. Not looked at: whether the number is registered.
    """
    vat, wrong = library("stdnum.eu.vat"), library("stdnum.exceptions").ValidationError
    british = library("stdnum.gb.vat")

    def valid(text: str) -> str | None:
        try:
            return f"GB{british.validate(text)}" if text.upper().startswith("GB") else str(vat.validate(text))
        except wrong:
            return None

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        clean, added = valid(tidy.clean), False
        if clean is None and not tidy.clean[:2].isalpha():
            clean, added = valid(column.region + tidy.clean), True
        if clean is None:
            return after(tidy, Verdict(tidy.clean, doubt="no VAT number: length or check digits are wrong", kinds=("vat",)))
        reason = f"{column.region} before the number" if added else "written without stops and spaces"
        return after(tidy, _written(tidy.clean, clean, reason, "vat_notation"))

    return read


def _written(text: str, clean: str, reason: str, kind: str) -> Verdict:
    return Verdict(clean) if clean == text else Verdict(clean, reason, kinds=(kind,))
