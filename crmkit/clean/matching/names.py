"""How two names compare: the same, a nickname, an initial, a part, misspelt, or different."""

from __future__ import annotations

from collections.abc import Collection

from crmkit.clean.matching import nicknames
from crmkit.clean.matching.texts import core, sound
from crmkit.clean.matching.vocabulary import PARTICLES_ALONE

LONG = 4


def given_names(one: str, other: str, common: Collection[str] = ()) -> str:
    """How two given names compare. common: names that many have, which are names of their own and no misspellings of others."""
    a, b = one.replace(" ", ""), other.replace(" ", "")
    if a == b:
        return "same"
    if _is_initials(one, other) or _is_initials(other, one):
        return "initial"
    if nicknames.related(a, b) or _fits_a_form(a, b) or _fits_a_form(b, a):
        return "nickname"
    words, others = one.split(), other.split()
    if set(words) < set(others) or set(others) < set(words):
        return "part"
    if len(words) != len(others) and nicknames.related(words[0], others[0]):
        return "nickname"
    own = [nicknames.known(name) or name in common for name in (a, b)]
    if sound(a) == sound(b) and min(len(a), len(b)) >= LONG:
        return "misspelt"
    return "misspelt" if not all(own) and _is_close(a, b) else "different"


def family_names(one: str, other: str) -> str:
    """How two family names compare; spaces and accents do not count."""
    a, b = one.replace(" ", ""), other.replace(" ", "")
    if a == b:
        return "same"
    if core(one) == core(other):
        return "particles"
    if len(a) == 1 or len(b) == 1:
        return "initial" if a[0] == b[0] else "different"
    words, others = set(one.split()), set(other.split())
    if (words < others or others < words) and core(" ".join(words & others)) not in ("", *PARTICLES_ALONE):
        return "part"
    if (sound(a) == sound(b) or sound(core(one)) == sound(core(other))) and min(len(core(one)), len(core(other))) >= LONG:
        return "misspelt"
    return "misspelt" if _is_close(a, b) else "different"


def _is_initials(short: str, name: str) -> bool:
    """Whether a name is written as initials that fit another: J. or J.P. or JP for Jean-Pierre."""
    letters, words = short.replace(" ", ""), name.split()
    alone = all(len(word) == 1 for word in short.split())
    if alone and len(letters) <= len(words):
        return letters == "".join(word[0] for word in words)[: len(letters)]
    if alone:
        return letters.startswith("".join(word[0] for word in words))
    return len(letters) == len(words) > 1 and letters == "".join(word[0] for word in words)


def _fits_a_form(letter: str, name: str) -> bool:
    """Whether a single letter begins another form of a name: K. for Trien, who is Katrien."""
    return len(letter) == 1 and any(form[0] == letter for form in nicknames.forms(name))


def _is_close(a: str, b: str) -> bool:
    """One slip of the hand: a letter too many, too few, wrong, or two exchanged; two slips in a long name."""
    from rapidfuzz.distance import DamerauLevenshtein

    shorter = min(len(a), len(b))
    if shorter < LONG:
        return False
    return DamerauLevenshtein.distance(a, b, score_cutoff=2) <= (2 if shorter > 8 else 1)
