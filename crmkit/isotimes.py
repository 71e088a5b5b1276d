"""Days and times in ISO form, read by arithmetic on the characters of a whole column at once.

This is for the usual case: texts of one length, every number in its range. Anything else is left to pandas, which knows more forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

DAY = "0000-00-00"
SECOND = f"{DAY}T00:00:00"
ZONELESS = (DAY, SECOND, f"{SECOND}.000", f"{SECOND}.000000")
IN_UTC = (f"{SECOND}Z", f"{SECOND}.000Z", f"{SECOND}.000000Z")
END = "\n"


def read(texts: Sequence[str], forms: Sequence[str]) -> Any:
    """The texts as datetime64[us], or None where they do not all have the same one of the forms.

    A sign after each text, found where the form puts it and nowhere else, shows that all have the form's length.
    """
    if not texts:
        return np.empty(0, "datetime64[us]")
    form = next((f"{one}{END}" for one in forms if len(one) == len(texts[0])), "")
    joined = END.join([*texts, ""])
    if not form or not joined.isascii() or len(joined) != len(texts) * len(form):
        return None
    rows = np.ascontiguousarray(np.frombuffer(joined.encode(), dtype=np.uint8).reshape(len(texts), len(form)).T)
    digits = rows[[sign == "0" for sign in form]] - ord("0")
    if digits.max() > 9 or not all(_is_throughout(sign, row) for sign, row in zip(form, rows, strict=True) if sign != "0"):
        return None
    return _moments(np.vstack([digits, np.zeros((20 - len(digits), len(texts)), dtype=np.uint8)]))


def _is_throughout(sign: str, row: Any) -> bool:
    """Whether a row of characters is this sign throughout; a space may stand for the T between day and time."""
    return bool(((row == ord(sign)) | ((sign == "T") & (row == ord(" ")))).all())


def _moments(digits: Any) -> Any:
    """Twenty rows of digits, year to microsecond, as moments; None where a number is out of its range."""
    century, year, month, day, hour, minute, second, *rest = (digits[::2] * 10 + digits[1::2]).astype(np.int64)
    months = ((century * 100 + year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months) & (century + year > 0)
    if not (real & (hour < 24) & (minute < 60) & (second < 60)).all():
        return None
    micros = (rest[0] * 100 + rest[1]) * 100 + rest[2]
    return days.astype("datetime64[us]") + (((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
