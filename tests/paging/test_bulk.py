"""What a trail and a ground take all at once is what they would take record by record; links split are links parsed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from crmkit.paging import Ground, Page, Trail, link_number, whole

KEYS = st.one_of(st.integers(0, 6), st.none())
RECORDS = st.lists(st.tuples(KEYS, st.integers(0, 1)), max_size=5)
PIECES = st.text("ab&=?%+#/.019 -", max_size=12)


class OneByOne(Trail):
    """A trail that takes every page record by record."""

    def _known_head(self, keys: list[Any]) -> int | None:
        return None


def page(found: list[tuple[Any, int]]) -> Page:
    return Page(None, [{"id": key, "value": value} for key, value in found], [key for key, _ in found])


@given(st.lists(st.tuples(RECORDS, st.integers(0, 2), st.booleans()), max_size=6), st.booleans())
def test_pages_taken_at_once_are_pages_taken_record_by_record(pages: list[Any], keep_last: bool) -> None:
    fast, slow = Trail(keep_last=keep_last), OneByOne(keep_last=keep_last)
    for found, expected, renew in pages:
        assert fast.take(page(found), expected, renew=renew) == slow.take(page(found), expected, renew=renew)
        assert vars(fast) == vars(slow)


@given(st.lists(st.tuples(RECORDS, st.integers(0, 5)), max_size=6))
def test_ground_covered_at_once_is_ground_covered_record_by_record(pages: list[Any]) -> None:
    fast, slow = Ground(), Ground(copies={})
    for found, head in pages:
        assert fast.add(page(found), head) == slow.add(page(found), head)
        slow_state, fast_state = vars(slow), vars(fast)
        assert all(slow_state[name] == fast_state[name] for name in fast_state if name not in ("copies", "unlike"))


@given(st.lists(st.one_of(st.just("a=17"), st.just("a"), PIECES), max_size=5))
def test_a_number_split_from_a_link_is_the_one_that_parsing_gives(pieces: list[str]) -> None:
    link = "http://there/x?" + "&".join(pieces)
    values = parse_qs(urlsplit(link).query).get("a", [])
    assert link_number(link, "a") == (whole(values[-1]) if values else None)
