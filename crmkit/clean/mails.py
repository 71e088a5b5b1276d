"""E-mail addresses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from crmkit.clean.extra import library
from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict, sentence, words

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PLAIN = re.compile(rf"(?=.{{3,254}}$)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z][a-z]{{1,62}}")
WRAPPED = re.compile(r"(?i)^\s*(?:mailto:\s*)?<?\s*|\s*>?[\s.,;:>]*$")
# The names before the first dot of providers that many people use; what looks like a slip in one of them is suggested.
PROVIDERS = words(
    "gmail googlemail hotmail outlook live msn yahoo icloud me proton protonmail gmx aol telenet skynet proximus pandora scarlet "
    "belgacom voo kpnmail ziggo hetnet xs4all planet home upcmail casema chello quicknet orange wanadoo laposte free sfr web freenet "
    "btinternet virginmedia talktalk ntlworld eircom ymail mail inbox hey fastmail zoho yandex posteo mailbox tiscali online"
)
# Those of them from which a word or a firm of its own is hardly one letter away.
UNLIKE = [
    each for each in PROVIDERS if len(each) >= 5 and each not in words("planet online orange inbox chello pandora scarlet casema")
]
_LIKE = {"con": "com", "cmo": "com", "comm": "com", "vom": "com", "ocm": "com", "nk": "nl"}


def reader(column: Column) -> Reader:
    """E-mail addresses.

    Changed: spaces, what is stuck to the address (mailto:, brackets, a stop behind it), capitals in the domain. Only suggested: a
    domain that looks like a slip of a well-known provider or of a domain much more common in the column; a blank, comma or
    double stop where a sign belongs. In doubt: what is no address by its syntax. Not looked at: whether the domain exists,
    capitals before the @, tags (+name).
    """
    domains = _domains(column.counts)
    near: dict[str, str | None] = {}

    def read(text: str) -> Verdict:
        tidy = tidied(text)
        if tidy.clean is None:
            return tidy
        address, reasons = _bare(tidy.clean)
        if PLAIN.fullmatch(address) is None:
            problem = _problem(address)
            if problem:
                doubt = f"no e-mail address: {problem}"
                return after(tidy, Verdict(address, sentence(reasons), doubt, _guess(address), ("mail_shape",)))
        local, _, domain = address.rpartition("@")
        if domain not in near:
            near[domain] = _near(domain, domains)
        kinds: tuple[str, ...] = ("mail_notation",) if reasons else ()
        if near[domain] is None:
            return after(tidy, Verdict(address, sentence(reasons), kinds=kinds))
        doubt = f"{domain} may be a slip of {near[domain]}"
        return after(tidy, Verdict(address, sentence(reasons), doubt, f"{local}@{near[domain]}", (*kinds, "mail_typo")))

    return read


def _bare(text: str) -> tuple[str, list[str]]:
    """The address alone, its domain in small letters, and what was done for that."""
    reasons = []
    bare = WRAPPED.sub("", text)
    if bare != text and bare:
        reasons.append("what was stuck to the address is left out")
    local, sign, domain = (bare or text).rpartition("@")
    if domain != domain.lower() and sign:
        reasons.append("domain in small letters")
        domain = domain.lower()
    return local + sign + domain, reasons


def _problem(address: str) -> str:
    """Why this is no e-mail address, "" where it is one."""
    validator = library("email_validator")
    try:
        validator.validate_email(address, check_deliverability=False, allow_smtputf8=True)
    except validator.EmailNotValidError:
        count = address.count("@")
        if count != 1:
            return "no @" if count == 0 else "more than one @"
        local, _, domain = address.partition("@")
        if "." not in domain:
            return "the domain has no dot"
        return "signs that do not belong there, or stops in a row" if local and domain else "a part is missing"
    return ""


def _guess(address: str) -> str | None:
    """What may have been meant, where one small change makes an address of it."""
    guesses = [address.replace("..", "."), address.replace(",", "."), address.replace(" ", ""), address.replace(".@", "@")]
    if "@" not in address and address.count(" ") == 1:
        guesses = [address.replace(" ", "@")]
    return next((guess for guess in guesses if guess != address and PLAIN.fullmatch(guess)), None)


def _domains(counts: Mapping[str, int]) -> Counter[str]:
    """How often each domain occurs in the column."""
    found: Counter[str] = Counter()
    for text, count in counts.items():
        _, sign, domain = text.rpartition("@")
        if sign:
            found[domain.strip(" .,;>").lower()] += count
    return found


def _near(domain: str, domains: Counter[str]) -> str | None:
    """The domain of which this one looks like a slip."""
    label, _, rest = domain.partition(".")
    if label not in PROVIDERS and len(label) >= 4 and not any(sign.isdigit() for sign in label):
        provider = _one_slip(label, UNLIKE)
        if provider and domains[domain] * 3 <= max(domains[f"{provider}.{rest}"], 3):
            return f"{provider}.{rest}"
    if label in PROVIDERS and rest in _LIKE:
        return f"{label}.{_LIKE[rest]}"
    common = [each for each, count in domains.items() if count >= max(10, 10 * domains[domain])]
    return _one_slip(domain, [each for each in common if _digits(each) == _digits(domain)]) if label not in PROVIDERS else None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _one_slip(word: str, others: Iterable[str]) -> str | None:
    """The word from which this one differs by a letter too many, too few, wrong or swapped; None where it is not just one."""
    distance = library("rapidfuzz.distance").OSA.distance
    found = [each for each in others if abs(len(each) - len(word)) <= 1 and distance(word, each, score_cutoff=1) == 1]
    return found[0] if len(found) == 1 else None
