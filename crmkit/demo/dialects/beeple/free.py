"""Availabilities as Beeple prints them: daily hours in days and times, and a span said to be in UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from crmkit.demo.availability import CAN, CANNOT, ILL, LAST_MINUTE, LEAVE, Availability
from crmkit.demo.clock import NOW, ZONE
from crmkit.demo.dialects.beeple.query import Ask
from crmkit.demo.dialects.beeple.register import Register
from crmkit.demo.wsgi import Refused

Json = dict[str, Any]
_EVIDENCE = "https://my.beeple.eu/evidences"


class Free:
    """When people can and cannot, through Beeple's eyes."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def listed(self, ask: Ask, number: str) -> Json:
        """Those that touch a period, both days included; a night counts for the day on which it begins."""
        first, last = ask.needed_day("start"), ask.needed_day("end")
        if last < first:
            raise Refused(400, "end lies before start")
        found = self._register.availabilities(number).values()
        shown = [each for each in found if each.first <= last and first <= (each.last or each.first)]
        return {"availabilities": [self._availability(each) for each in shown]}

    def one(self, number: str, which: int) -> Json:
        """An Availability."""
        return self._availability(self._register.availabilities(number)[which])

    def _availability(self, each: Availability) -> Json:
        rng = Random(f"{self._register.club.seed}:beeple:availability:{each.number}")
        manager = int(self._register.managers[0]) if self._register.managers else None
        paid = each.sort in (LEAVE, ILL)
        evidence = {"id": str(each.number % 9973), "filename": "Attest.pdf", "url": f"{_EVIDENCE}/{each.number}"}
        others = [number for number in each.series if number != each.number]
        found = {
            "id": each.number,
            "availability_type_id": each.sort.number,
            "starts_at": each.first.isoformat(),
            "ends_at": each.last.isoformat() if each.last else None,
            "whole_day": each.whole_day,
            "start_time": f"{each.start:%H:%M}",
            "end_time": f"{each.end or LAST_MINUTE:%H:%M}",
            "period": each.period,
            "payroll_code_id": 1 if paid else None,
            "duration_in_hours": _duration(each),
            "day_part_id": 2 if each.sort is CAN and each.start == time(18) else None,
            "remark_by_collaborator": each.remark or None,
            "is_approved": each.approved,
            "approved_by_id": manager if each.approved is not None else None,
            "admin_reject_reason": "Te veel verlof in die week" if each.approved is False else None,
            "payroll_approval_status": ("accepted" if each.approved else "unknown") if paid else "not_required",
            "payroll_reject_reason": None,
            "payroll_approved": bool(each.approved) if paid else None,
            "payroll_approved_by": "Sociaal secretariaat" if paid and each.approved else None,
            "payroll_approved_at": _approved(each, rng) if paid and each.approved else None,
            "is_locked": each.locked,
            "locked_by_id": manager if each.locked else None,
            "start_datetime": _said_to_be_utc(each.first, each.start),
            "end_datetime": _slipped_end(each),
            "pieces_of_evidence": [evidence] if each.evidence else [],
        }
        return found | ({"other_availabilities_in_same_repetition": others} if each.series else {})


def _duration(each: Availability) -> float | None:
    """Hours a day, only where somebody is not there."""
    if each.sort not in (CANNOT, LEAVE):
        return None
    start, end = next(each.intervals())
    return 24 if each.whole_day else (end.replace(tzinfo=None) - start.replace(tzinfo=None)) / timedelta(hours=1)


def _approved(each: Availability, rng: Random) -> str:
    moment = datetime.combine(each.first, time(6), ZONE) - timedelta(days=rng.randrange(3, 40))
    return min(moment, NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


def _said_to_be_utc(day: date, at: time) -> str:
    """The wall-clock time under the label of UTC, as the document's words have it."""
    return f"{day}T{at:%H:%M}:00.000+00:00"


def _slipped_end(each: Availability) -> str:
    """The end of the last day; a minute to midnight comes out as 23 minutes and 59 seconds past it, as documented."""
    day, at = each.last or each.first, each.end or LAST_MINUTE
    if at == LAST_MINUTE:
        return f"{day}T00:23:59.000+00:00"
    over = at <= each.start
    return _said_to_be_utc(day + timedelta(days=over), at)
