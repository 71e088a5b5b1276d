"""Who is one person: pairs are joined from the surest down, and never so that a person would contradict itself.

Joining whatever is linked (transitive closure) makes one slip swallow a family. Here two groups are joined only when no two of their
records have birth dates, given names or signs of generation that exclude each other, and nobody said no to any two of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crmkit.clean.matching.blocking import in_groups
from crmkit.clean.matching.comparing import birth_levels, exchanged, name_levels, today
from crmkit.clean.matching.names import given_names
from crmkit.clean.matching.records import Records, runs
from crmkit.clean.matching.scoring import Pairs
from crmkit.clean.matching.texts import Codes
from crmkit.clean.matching.weights import NUMBER

# A record that fits two different people about equally well (within so many bits, 1 to 8 in odds) is left to the reader.
MARGIN = 3.0


@dataclass
class _Group:
    members: list[int]
    births: set[int]
    names: set[tuple[int, int]]
    generations: set[int]
    strangers: set[int] = field(default_factory=set)


class Joining:
    """Groups of records while they grow."""

    def __init__(self, records: Records, common: frozenset[str], apart: Iterable[tuple[int, int]]) -> None:
        self._records = records
        self._groups: dict[int, _Group] = {}
        for one, other in apart:
            self.group(one).strangers.add(other)
            self.group(other).strangers.add(one)
        given, family, latest = records.first.words, records.last.words, today()

        @cache
        def names_differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
            if given_names(given[one[0]], given[other[0]], common) != "different":
                return False
            crossed = [(given[a], family[b]) for (a, _), (_, b) in ((one, other), (other, one)) if b >= 0]
            return len(crossed) < 2 or any(name.replace(" ", "") != last.replace(" ", "") for name, last in crossed)

        @cache
        def births_differ(one: int, other: int) -> bool:
            level = birth_levels(np.array([one]), np.array([other]), latest)[0]
            return bool(level == NUMBER["birth_date"]["different"])

        self._tests = (
            ("births", births_differ, "birth dates"),
            ("names", names_differ, "given names"),
            ("generations", lambda one, other: True, "signs of generation"),
        )

    def group(self, line: int) -> _Group:
        """The group of a record; in the beginning its own."""
        if line not in self._groups:
            told = self._records
            birth, first, last, generation = (
                int(codes[line]) for codes in (told.birth, told.first.codes, told.last.codes, told.generation.codes)
            )
            names = {(first, last)} if first >= 0 else set()
            self._groups[line] = _Group([line], {birth} - {-1}, names, {generation} - {-1})
        return self._groups[line]

    def forbidden(self, one: int, other: int) -> str:
        """Why the groups of two records must not become one; empty where they may."""
        a, b = self.group(one), self.group(other)
        if a is b:
            return ""
        if not a.strangers.isdisjoint(b.members):
            return "somebody said no to two of these records"
        for name, differ, words in self._tests:
            mine, theirs = getattr(a, name), getattr(b, name)
            if any(differ(x, y) for x in mine - theirs for y in theirs - mine):
                return f"would join different {words} through a third record"
        return ""

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        a, b = self.group(one), self.group(other)
        if a is b:
            return
        if len(a.members) < len(b.members):
            a, b = b, a
        a.members += b.members
        for name in ("births", "names", "generations", "strangers"):
            getattr(a, name).update(getattr(b, name))
        for line in b.members:
            self._groups[line] = a

    def heads(self) -> Codes:
        """For every record the first record of its group."""
        heads = np.arange(len(self._records), dtype=np.int64)
        for line, group in self._groups.items():
            heads[line] = min(group.members)
        return heads


def rivalled(
    records: Records, pairs: Pairs, chosen: NDArray[np.bool_], common: frozenset[str], apart: set[tuple[int, int]]
) -> NDArray[np.bool_]:
    """Which of the chosen pairs have a rival: the record fits another as well, and those two cannot be one person."""
    lines = np.flatnonzero(chosen)
    record = np.concatenate([pairs.left[lines], pairs.right[lines]])
    partner = np.concatenate([pairs.right[lines], pairs.left[lines]])
    pair = np.concatenate([lines, lines])
    order = np.argsort(record, kind="stable")
    record, partner, pair = record[order], partner[order], pair[order]
    one, other = in_groups(*runs(record))
    scores = pairs.score[pair]
    near = np.abs(scores[one] - scores[other]) < MARGIN
    one, other = one[near], other[near]
    clash = _clash(records, partner[one], partner[other], common)
    if apart:
        said = [(min(a, b), max(a, b)) in apart for a, b in zip(partner[one].tolist(), partner[other].tolist(), strict=True)]
        clash |= np.array(said, dtype=np.bool_)
    found = np.zeros(len(pairs), dtype=np.bool_)
    found[pair[one[clash]]] = found[pair[other[clash]]] = True
    return found


def _clash(records: Records, left: Codes, right: Codes, common: frozenset[str]) -> NDArray[np.bool_]:
    births = birth_levels(records.birth[left], records.birth[right], today()) == NUMBER["birth_date"]["different"]
    first = records.first
    names = name_levels("first_name", first, first.codes[left], first.codes[right], lambda a, b: given_names(a, b, common))
    codes = records.generation.codes
    generations = (codes[left] >= 0) & (codes[right] >= 0) & (codes[left] != codes[right])
    differ = np.equal(names, NUMBER["first_name"]["different"]) & ~exchanged(records, left, right)
    return np.asarray(births | differ | generations, dtype=np.bool_)
