"""Names of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from crmkit.clean.text import after, tidied
from crmkit.clean.verdicts import Column, Reader, Verdict, sentence, words

DUTCH = frozenset(words("van de den der het 't ter ten te in op aan bij onder over uit voor vande vanden vander"))
FRENCH = frozenset(words("de du des la"))
OTHERS = frozenset(words("von zu zum zur vom und del della di da do dos das e y"))
PARTICLES = DUTCH | FRENCH | OTHERS
SUFFIXES = frozenset(words("jr sr ii iii iv phd md msc ir ing"))
WORD = re.compile(r"[^\W\d_]+(?:['’´`][^\W\d_]+)*|[^\w\s]?['’´`][^\W\d_]+", re.UNICODE)
VOWEL = re.compile(r"[aeiouyáàâäãåæéèêëíìîïıóòôöõøœúùûüýÿ]", re.IGNORECASE)


def reader(column: Column) -> Reader:
    """Names of people: first, last or full ones.

    Changed: spaces, encoding, and the case of a name in capitals or small letters only; as others in the column spell it, else by
    rule: particles (van der, de la, von) small, in Belgium the first one of a Dutch last name large (Van den Broeck); D', L', O',
    Mc, IJ and double names. Only suggested: the case of two capitals (An or initials?), a last name without the first name behind its comma.
    Not looked at: a name with large and small letters, initials, scripts without case, spelling.
    """
    known = _spellings(column.counts)

    def read(text: str) -> Verdict:
        tidy = tidied(text, words=False)
        if tidy.clean is None:
            return tidy
        cased = _case(tidy.clean, known, column)
        return after(tidy, _joined(cased) if column.part == "last" else cased)

    return read


def _case(name: str, known: Mapping[str, str], column: Column) -> Verdict:
    letters = "".join(sign for sign in name if sign.isalpha())
    capitals = letters.isupper()
    if not (capitals or letters.islower()) or not _is_word(name):
        return Verdict(name)
    better = known.get(name.casefold()) or cased(name, column.part, column.region)
    kind, reason = ("upper_case", "capitals only") if capitals else ("lower_case", "small letters only")
    if better == name:
        return Verdict(name)
    if capitals and len(letters) <= 2:
        return Verdict(name, doubt="capitals only: a name or initials?", suggestion=better, kinds=(kind,))
    return Verdict(better, reason, kinds=(kind,))


def _is_word(name: str) -> bool:
    """Whether it is made of letters, and any part is a word rather than an initial: two letters or more, a vowel among them."""
    if not all(sign.isalpha() or sign in " -'’´`.," for sign in name):
        return False
    return any(len(word) > 1 and VOWEL.search(word) for word in re.findall(r"[^\W\d_]+", name))


def _spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """How names are spelled by those who use large and small letters; the most common spelling of each."""
    found: dict[str, Counter[str]] = {}
    for text, count in counts.items():
        clean = tidied(text, words=False).clean
        if clean and not clean.isupper() and not clean.islower():
            for folded in {clean.casefold(), clean.upper().casefold()}:
                found.setdefault(folded, Counter())[clean] += count
    return {folded: max(spelled, key=lambda each: (spelled[each], each)) for folded, spelled in found.items()}


def cased(name: str, part: str, region: str) -> str:
    """A name in large and small letters by rule; part is first, last or full, region decides on the first particle."""
    parts = name.casefold().replace("ß", "ss").split(" ") if name.isupper() else name.lower().split(" ")
    leading = 0 if part == "last" else 1 if part == "full" else -1
    done = []
    for place, word in enumerate(parts):
        bare, last = word.strip(","), place == len(parts) - 1
        if part != "first" and bare in PARTICLES and not last and (part == "last" or place):
            large = region == "BE" and place == leading and bare in DUTCH | {"du"} and parts[place + 1] != "la"
            done.append(_large(word) if large else word)
        else:
            done.append("-".join(_word(piece, region) for piece in word.split("-")))
    return " ".join(done)


def _word(word: str, region: str) -> str:
    """One word with its capitals: d'Hondt, O'Brien, McDonald, IJsbrand."""
    head, sign, rest = _apostrophe(word)
    if sign and head in ("", "s", "t") and rest in ("t", "s", "n"):
        return word
    if sign and len(head) == 1 and rest:
        small = head == "d" and region in ("NL", "FR")
        return f"{head if small else head.upper()}{sign}{_large(rest)}"
    if word.startswith("mc") and len(word) > 4:
        return f"Mc{_large(word[2:])}"
    if word.startswith("ij") and region in ("BE", "NL"):
        return f"IJ{word[2:]}"
    return _large(word)


def _apostrophe(word: str) -> tuple[str, str, str]:
    found = re.search(r"['’´`]", word)
    return (word[: found.start()], found[0], word[found.end() :]) if found else (word, "", "")


def _large(word: str) -> str:
    """The first letter as a capital; a sign before it stays."""
    place = next((place for place, sign in enumerate(word) if sign.isalpha()), 0)
    return word[:place] + word[place : place + 1].upper() + word[place + 1 :]


def _joined(verdict: Verdict) -> Verdict:
    """A last name with the first name behind its comma."""
    last, comma, first = (part.strip() for part in str(verdict.clean).partition(","))
    if not comma or not last or not first or first.casefold().strip(".") in SUFFIXES:
        return verdict
    doubt = sentence((verdict.doubt, "a comma: last and first name in one field"))
    return verdict._replace(doubt=doubt, suggestion=last, kinds=(*verdict.kinds, "names_joined"))
