"""The demo's clock, which stands still, and the sports year."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
NOW = datetime(2024, 6, 15, 12, 0, tzinfo=ZONE)
TODAY = NOW.date()
SEASONS = (2022, 2023)


def season_of(day: date) -> int:
    """The year in which the season of a day began; a season runs from 1 September to 31 August."""
    return day.year if day.month >= 9 else day.year - 1


def local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """A wall-clock time in Brussels as an instant in UTC; the calendar's first day begins with the calendar."""
    try:
        return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def iso_day(text: str) -> date:
    """A day as YYYY-MM-DD; ValueError for any other form, of which Python reads some."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError("no day as YYYY-MM-DD")
    return date.fromisoformat(text)


def local_day(instant: datetime) -> date:
    """The day in Brussels on which an instant falls."""
    return instant.astimezone(ZONE).date()


def stamp(instant: datetime) -> str:
    """ISO 8601 in UTC with Z, microseconds only when there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def later(changes: int) -> datetime:
    """When a change was made that is the n-th since the start: the clock stands still, so each takes a second of its own."""
    return NOW.astimezone(UTC) + timedelta(seconds=changes)
