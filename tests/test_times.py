"""Times of one form are read by arithmetic: what comes out, and what does not fit, is what pandas says of each text by itself."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmkit import isotimes
from crmkit.casts import cast
from crmkit.columns import Column

DIGITS = st.text("0123456789", min_size=26, max_size=26)
LIKELY = st.datetimes().map(lambda moment: f"{moment:%Y%m%d%H%M%S%f}".rjust(20, "0") + "000000")
FORMS = {"instant": isotimes.IN_UTC, "wall": isotimes.ZONELESS, "day": (isotimes.DAY,)}


def filled(form: str, digits: str) -> str:
    following = iter(digits)
    return "".join(next(following) if sign == "0" else sign for sign in form)


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, list[str | None]]:
    kind = draw(st.sampled_from(sorted(FORMS)))
    form = draw(st.sampled_from(FORMS[kind]))
    texts: list[str | None] = [filled(form, digits) for digits in draw(st.lists(LIKELY, min_size=1, max_size=4))]
    odd = draw(st.lists(st.one_of(st.none(), DIGITS.map(lambda digits: filled(form, digits)), st.text(max_size=12)), max_size=2))
    return kind, draw(st.permutations(texts + odd))


@given(columns())
@example(("day", ["2024-02-29", None, "2023-02-28"]))
@example(("day", ["2023-02-29", "2024-00-01", "0000-01-01"]))
@example(("day", ["2024-01-0", "12024-01-01"]))
@example(("wall", ["2024-01-01 10:00:00", "2024-01-01T23:59:59"]))
@example(("wall", ["2024-01-01T24:00:00", "2024-01-01T10:00:60"]))
@example(("instant", ["2024-01-01T10:00:00.123456Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00.000001Z"]))
def test_arithmetic_says_what_pandas_says(found: tuple[str, list[str | None]]) -> None:
    kind, texts = found
    column = Column("at", "When.", kind)
    array, rejected = cast(column, texts)
    with patch.object(isotimes, "read", lambda texts, forms: None):
        slow, also = cast(column, texts)
    assert array.equals(slow)
    assert array.dtype == slow.dtype == column.dtype
    assert rejected == also


@pytest.mark.parametrize("form", [*isotimes.IN_UTC, *isotimes.ZONELESS])
def test_usual_forms_need_no_pandas(form: str) -> None:
    texts = [filled(form, "20240229235958123456"), filled(form, "19000101000000000001")]
    assert isotimes.read(texts, [form]) is not None
    assert isotimes.read([*texts, f"{texts[0]} "], [form]) is None
