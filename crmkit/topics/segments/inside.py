"""Who is in which segment, as pairs of numbers: what counting needs grows with memberships, not with people times segments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmkit.topics.arrays import Whole, distinct, each_of, numbered
from crmkit.topics.once import once
from crmkit.topics.segments.neutral import Frames

AT_ONCE = 1_000_000  # pairs of segments that are counted at once


@dataclass(frozen=True)
class Inside:
    """Memberships: line[k] of the frame people is in segment[k]. Each pair once, in the order of the lines.

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
        """Of these segments only, numbered in this order; -1 stands for a segment without members."""
        number = np.full(self.segments, -1)
        there = np.flatnonzero(segments >= 0)
        number[segments[there]] = there
        segment = number[self.segment]
        kept = np.flatnonzero(segment >= 0)
        return Inside(self.line[kept], segment[kept], self.people, len(segments))

    @property
    def both(self) -> Whole:
        """How many people are in both of every two segments, as a square; their sizes are its diagonal."""
        number = self.segments
        end = np.cumsum(np.bincount(self.line, minlength=self.people))[self.line]
        found = np.zeros(number**2, dtype=np.int64)
        pairs: list[Whole] = []
        first, apart = np.arange(len(self.line)), 0
        while len(first):
            apart += 1
            first = first[first + apart < end[first]]  # those whose person has another segment, so far behind in the row
            pairs.append(self.segment[first] * number + self.segment[first + apart])
            if not len(first) or sum(map(len, pairs)) > AT_ONCE:
                found += np.bincount(np.concatenate(pairs), minlength=number**2)
                pairs = []
        square = found.reshape(number, number)
        return square + square.T + np.diag(self.sizes)

    @property
    def sets(self) -> tuple[Whole, Whole, Whole]:
        """Which exact sets of segments people are in: the segments of all sets in a row, how many each set has, and how many people.

        The largest set first, of the same size those of fewer segments.
        """
        degree = np.bincount(self.line, minlength=self.people)
        begin = np.cumsum(degree) - degree
        base = self.segments + 1
        # Numbered from the last segment, so that sets of one size and degree come in the order of their numbers; 0 stands for none.
        number = np.append(self.segments - np.sort(self.line * base + self.segment) % base, 0)
        rank = np.zeros(self.people, dtype=np.int64)
        # As many numbers at once as one whole number holds, behind the rank of those before them.
        step = max(int((62 - np.log2(self.people + 1)) / np.log2(max(base, 2))), 1)
        for place in range(0, int(degree.max(initial=0)), step):
            more = np.flatnonzero(degree > place)
            key = rank[more]
            for one in range(place, place + step):
                key = key * base + number[np.where(degree[more] > one, begin[more] + one, -1)]
            rank[more] = np.unique(key, return_inverse=True)[1]
        _, anybody, count = np.unique(degree * (self.people + 1) + rank, return_index=True, return_counts=True)
        order = np.lexsort((degree[anybody], -count))
        anybody = anybody[order]
        many = degree[anybody]
        at = np.repeat(begin[anybody] - np.cumsum(many) + many, many) + np.arange(many.sum())
        return self.segments - number[at], many, count[order]


def inside(frames: Frames, ids: Iterable[str]) -> Inside:
    """Who of the frame people is in which of these segments."""
    wanted = list(dict.fromkeys(ids))
    people, person, segment, known = _numbered(frames["people"], frames["members"])
    place = known.get_indexer(pd.Index(wanted, dtype="string"))
    number = np.full(len(known) + 1, -1)  # the last for members of no known segment
    number[place[place >= 0]] = np.flatnonzero(place >= 0)
    return _paired(people, person, number[segment], len(wanted))


def inside_most(frames: Frames, ids: Iterable[str]) -> Inside:
    """As inside(), for all segments or many of them: in a panel, who is where at all is worked out once."""
    known = _numbered(frames["people"], frames["members"])[-1]
    place = known.get_indexer(pd.Index(list(dict.fromkeys(ids)), dtype="string"))
    return _everything(frames["people"], frames["members"]).some(place)


@once
def _everything(people: pd.DataFrame, members: pd.DataFrame) -> Inside:
    """Who is in which of all segments that have members."""
    line, person, segment, known = _numbered(people, members)
    return _paired(line, person, segment, len(known))


def _paired(people: Whole, person: Whole, segment: Whole, segments: int) -> Inside:
    """Memberships of numbered persons in numbered segments; -1 for persons and segments that do not count."""
    there = (segment >= 0) & (person >= 0)
    width = max(segments, 1)
    pairs = distinct(person[there] * width + segment[there])
    pair, line = each_of(pairs // width, people)
    order = np.argsort(line, kind="stable")  # a person has one line; in frames made by hand perhaps more
    return Inside(line[order], (pairs % width)[pair[order]], len(people), segments)


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
