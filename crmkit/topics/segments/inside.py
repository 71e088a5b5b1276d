"""Who is in which segment, as pairs of numbers: what counting needs grows with memberships, not with people times segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import pandas as pd

from crmkit.topics.arrays import Whole, distinct, each_of, numbered
from crmkit.topics.once import once
from crmkit.topics.segments.neutral import Frames


@dataclass(frozen=True)
class Inside:
    """Memberships: line[k] of the frame people is in segment[k]. Each pair once, by line.

    people, segments: how many there are. Segments are numbered in the order asked for.
    """

    line: Whole
    segment: Whole
    people: int
    segments: int

    @property
    def sizes(self) -> Whole:
        """How many people are in each segment."""
        return np.bincount(self.segment, minlength=self.segments)

    @property
    def anywhere(self) -> np.ndarray:
        """Which people are in any of the segments."""
        return np.bincount(self.line, minlength=self.people) > 0

    @property
    def flags(self) -> np.ndarray:
        """A line per person, a boolean column per segment; for a few segments."""
        found = np.zeros((self.people, self.segments), dtype=bool)
        found[self.line, self.segment] = True
        return found

    def some(self, segments: Whole) -> Inside:
        """Of these segments only, numbered in this order."""
        number = np.full(self.segments, -1)
        number[segments] = np.arange(len(segments))
        segment = number[self.segment]
        width = max(len(segments), 1)
        pairs = distinct((self.line * width + segment)[segment >= 0])
        return Inside(pairs // width, pairs % width, self.people, len(segments))

    @property
    def both(self) -> Whole:
        """How many people are in both of every two segments, as a square; their sizes are its diagonal."""
        found = np.zeros((self.segments, self.segments), dtype=np.int64)
        count = np.bincount(self.line, minlength=self.people)
        begin = np.cumsum(count) - count
        members = np.split(self.line[np.argsort(self.segment, kind="stable")], np.cumsum(self.sizes)[:-1])
        for one, mine in enumerate(members[: self.segments]):
            many = count[mine]
            at = np.repeat(begin[mine] - np.cumsum(many) + many, many) + np.arange(many.sum())
            found[one] = np.bincount(self.segment[at], minlength=self.segments)
        return found

    @property
    def sets(self) -> tuple[Whole, Whole, Whole]:
        """Which exact sets of segments people are in: the segments of all sets in a row, how many each set has, and how many people.

        The largest set first, of the same size those of fewer segments.
        """
        ends = np.cumsum([0, *np.bincount(self.line, minlength=self.people)]).tolist()
        # Numbered from the last segment, so that sets of one size and degree come in the order of their tuples.
        numbers = (self.segments - self.segment).tolist()
        found = Counter(tuple(numbers[begin:end]) for begin, end in pairwise(ends))
        sets = sorted(found)
        counts = np.array([found[one] for one in sets], dtype=np.int64)
        degrees = np.array([len(one) for one in sets], dtype=np.int64)
        order = np.lexsort((degrees, -counts))
        row = np.fromiter(chain.from_iterable(sets[place] for place in order.tolist()), dtype=np.int64)
        return self.segments - row, degrees[order], counts[order]


def inside(frames: Frames, ids: Iterable[str]) -> Inside:
    """Who of the frame people is in which of these segments."""
    wanted = list(dict.fromkeys(ids))
    people, person, segment, known = _numbered(frames["people"], frames["members"])
    place = known.get_indexer(pd.Index(wanted, dtype="string"))
    number = np.full(len(known) + 1, -1)  # the last for members of no known segment
    number[place[place >= 0]] = np.flatnonzero(place >= 0)
    asked = number[segment]
    there = (asked >= 0) & (person >= 0)
    width = max(len(wanted), 1)
    pairs = distinct(person[there] * width + asked[there])
    pair, line = each_of(pairs // width, people)
    order = np.argsort(line, kind="stable")  # a person has one line; in frames made by hand perhaps more
    return Inside(line[order], (pairs % width)[pair[order]], len(people), len(wanted))


@once
def _numbered(people: pd.DataFrame, members: pd.DataFrame) -> tuple[Whole, Whole, Whole, pd.Index]:
    """People, and the persons and segments of members, as numbers; the ids of the segments by their number."""
    segment, known = pd.factorize(members["segment_id"])
    return *numbered(people["person_id"], members["person_id"]), segment, pd.Index(known, dtype="string")


def membership(frames: Frames, ids: Iterable[str]) -> pd.DataFrame:
    """Who is where: a line per person of the frame people, a boolean column per segment id; for a few segments."""
    wanted = list(dict.fromkeys(ids))
    people = pd.Index(frames["people"]["person_id"], name="person_id")
    return pd.DataFrame(inside(frames, wanted).flags, index=people, columns=wanted)
