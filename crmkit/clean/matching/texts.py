"""Plain forms of what people type: every distinct value is worked out once, so that a hundred thousand records cost little."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.clean.matching import vocabulary
from crmkit.clean.matching.vocabulary import GENERATIONS, HONORIFICS, PARTICLES
from crmkit.errors import ConfigError

Codes = NDArray[np.int64]
BROKEN = re.compile("[ÃÂÄÅâ][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122ºƒ]")


def distinct(values: Iterable[Any], change: Callable[[Any], Any]) -> list[Any]:
    """change() of every value, worked out once per distinct value; nothing stays None."""
    values = values.to_numpy(object) if isinstance(values, pd.Series) else list(values)
    codes, kinds = pd.factorize(pd.Series(values, dtype=object))
    changed = [*(change(kind) for kind in kinds), None]
    return [changed[code] for code in codes]


def mended(text: str) -> str:
    """A text whose accents went through the wrong code page, put right where that is possible."""
    if not BROKEN.search(text):
        return text
    return str(_ftfy()(text))


@lru_cache(maxsize=1)
def _ftfy() -> Callable[[str], str]:
    try:
        from ftfy import fix_text
    except ImportError as error:
        raise missing("ftfy") from error
    return fix_text


def missing(package: str) -> ConfigError:
    """The error that names the extra."""
    return ConfigError(f"matching people needs {package}.", hint='pip install "crmkit[clean]"')


def plain(text: str) -> str:
    """Small ASCII letters, digits and single spaces; ij and y are one letter, as they are in names."""
    flat = unicodedata.normalize(
        "NFKD", mended(text).casefold().replace("ø", "o").replace("ł", "l").replace("đ", "d").replace("ı", "i")
    )
    flat = "".join(sign if sign.isalnum() else "" if unicodedata.combining(sign) or sign in "'’`´" else " " for sign in flat)
    return " ".join("".join(sign for sign in flat if sign.isascii()).split())


def given(text: str) -> str:
    """A given name: plain, without titles and signs of a generation; empty where nobody is meant."""
    words = [word for word in plain(text).split() if word not in HONORIFICS and word not in GENERATIONS and not word.isdigit()]
    return "" if all(word in vocabulary.FILLERS for word in words) else " ".join(words)


def family(text: str) -> str:
    """A family name: plain words without titles and signs of a generation; empty where nobody is meant."""
    return given(text.replace("'", " ").replace("’", " "))


@lru_cache(maxsize=1 << 17)
def core(words: str) -> str:
    """A family name without particles: van den berghe is berghe. One that is nothing but particles stays whole."""
    return "".join(word for word in words.split() if word not in PARTICLES) or words.replace(" ", "")


def generation(text: str) -> str | None:
    """Junior, senior and the like, where the name says so."""
    return next((GENERATIONS[word] for word in reversed(plain(text).split()) if word in GENERATIONS), None)


@lru_cache(maxsize=1 << 17)
def sound(name: str) -> str:
    """How a name sounds, roughly and for Dutch, French, German and English alike; vowels are kept."""
    for pattern, other in _SOUNDS:
        name = pattern.sub(other, name)
    return name


_SOUNDS = [(re.compile(pattern), other) for pattern, other in (
    (r" ", ""), (r"ij|y|ie|ey|ei", "i"), (r"ph", "f"), (r"th|dt", "t"), (r"ck|q|c(?=[aoulrktn]|$)|ch|x", "k"), (r"c|z", "s"), (r"sk", "s"),
    (r"v|w", "f"), (r"ae", "a"), (r"oe", "u"), (r"gh", "g"), (r"(?<=.)h", ""), (r"(.)\1+", r"\1"),
)]  # fmt: skip


def bones(name: str) -> str:
    """The consonants of how a family name sounds: what mistyped names still share, for finding them."""
    heard = sound(name)
    return heard[:1] + re.sub("[aeiou]", "", heard[1:]).replace("d", "t").rstrip("s")


def mail(text: str) -> str | None:
    """A mail address in small letters, without what got stuck to it. None where there is no address."""
    found = text.strip().casefold().removeprefix("mailto:").strip(" .;,<>\u00a0")
    if "@" not in found and found.count(" ") == 1:
        found = found.replace(" ", "@")
    local, at, domain = found.rpartition("@")
    return found if local and at and "." in domain and " " not in found else None


def mailbox(mail: str) -> str:
    """Where a mail address ends up: without the tag behind a plus, and without Gmail's dots."""
    local, _, domain = mail.rpartition("@")
    box = local.partition("+")[0] or local
    return f"{box.replace('.', '')}@gmail.com" if domain in ("gmail.com", "googlemail.com") else f"{box}@{domain}"


def is_office(mailbox: str) -> bool:
    """Whether a mailbox belongs to an office rather than to somebody: info@, secretariaat@."""
    return re.split(r"[.\d_-]", mailbox.partition("@")[0])[0] in vocabulary.OFFICES


def phone_reader(region: str) -> Callable[[str], str | None]:
    """Reads phone numbers to E.164; region: two letters of the country whose numbers are written without a prefix."""
    try:
        import phonenumbers
    except ImportError as error:
        raise missing("phonenumbers") from error
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ConfigError(f"region {region!r} is no country code of two capital letters.", hint='for Belgium: region="BE".')

    def parsed(text: str) -> str | None:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None
        possible = phonenumbers.is_possible_number(number)
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if possible else None

    def read(text: str) -> str | None:
        if re.fullmatch(r"\+[1-9]\d{9,13}", text):
            return text if len(set(text[5:])) > 1 else None
        tidy = re.sub(r"\(0\)|\([^)]*[^\W\d_][^)]*\)|[^\W\d_].*$", " ", text.strip())
        digits = re.sub(r"\D", "", tidy)
        if len(set(digits[2:])) < 3 or len(digits) < 6:
            return None
        return parsed(tidy) or parsed(f"+{digits.removeprefix('00')}") or digits

    return read


def street(text: str) -> str | None:
    """Street and house number in one way of writing; boxes and floors are left out. None where there is no street."""
    found = re.fullmatch(r"(.*?[^\W\d].*?)[\s,]*(\d+)\s*([a-z]?)\b.*", mended(text).casefold().strip())
    name, number = (found[1], found[2] + found[3]) if found else (text, "")
    words = [vocabulary.STREETS.get(word, word) for word in re.sub(r"str\.(?=\s|,|$)", "straat", name).replace(".", " ").split()]
    letters = plain(" ".join(words)).replace(" ", "")
    return f"{letters} {number}" if letters else None


def postal_code(text: str) -> str:
    """A postal code as capitals and digits."""
    return plain(text).replace(" ", "")


def day(value: Any) -> int:
    """A day as the number YYYYMMDD, -1 where there is none or it stands for none; text is ISO 8601, or day before month."""
    if isinstance(value, str):
        if found := re.match(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})", value):
            number = int(found[1]) * 10000 + int(found[2]) * 100 + int(found[3])
        elif found := re.match(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", value):
            number = int(found[3]) * 10000 + int(found[2]) * 100 + int(found[1])
        else:
            return -1
    elif value is None or pd.isna(value):
        return -1
    else:
        number = value.year * 10000 + value.month * 100 + value.day
    return -1 if number in vocabulary.NO_DAYS else number


def gender(value: Any) -> int:
    """0 for a woman, 1 for a man, -1 where it is not said; titles count too, in four languages."""
    word = value.strip(" .").casefold() if isinstance(value, str) else ""
    return 0 if word in vocabulary.WOMEN else 1 if word in vocabulary.MEN else -1
