"""Whole answers: what is sent instead of, or around, a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from .dials import Dials

if TYPE_CHECKING:
    from .dialects import Dialect

LOGIN = "<!doctype html><html><title>Log in</title><form method=post><input name=password></form></html>"


@dataclass
class Answer:
    """payload is JSON to be, or text or bytes as they are; records are the parts that dials may spoil."""

    status: int
    payload: Any
    headers: dict[str, str] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)


def error(dialect: Dialect, status: int, text: str) -> Answer:
    return Answer(status, dialect.error(status, text))


def login_page() -> Answer:
    return Answer(200, LOGIN, {"Content-Type": "text/html; charset=utf-8"})


def redirect(location: str) -> Answer:
    return Answer(302, "", {"Location": location, "Content-Type": "text/html"})


def refusal(dialect: Dialect, faults: Dials, wait: float) -> Answer:
    """Too many calls: in the system's own way, or with the status that the dial names."""
    if not faults.throttle or faults.throttle is True:
        answer = dialect.throttled(wait)
    else:
        answer = error(dialect, faults.throttle, "Request was throttled.")
    return with_retry_after(answer, faults)


def with_retry_after(answer: Answer, faults: Dials) -> Answer:
    if faults.retry_after is not None:
        answer.headers["Retry-After"] = retry_after(faults.retry_after)
    return answer


def retry_after(value: float | str | timedelta) -> str:
    """The header's text; a timedelta becomes the HTTP date that far from now."""
    if isinstance(value, timedelta):
        return format_datetime(datetime.now(UTC) + value, usegmt=True)
    return str(value)
