"""sheepCRM: what can be written. Of the contract sheet's section 5 only an attendee's status; the change travels in the query."""

from __future__ import annotations

from typing import Any

from crmkit.writing import Field, Record, Writing

STATUSES = ("invited", "accepted", "declined", "attended", "no-show")


def one_line(record: Record, entry: Record, changes: Record) -> str:
    """The call names the person and not the line, so it must be clear which line it touches."""
    person = entry.get("person_ref")
    if not person:
        return "this line has no person of its own (a guest), and the call names a person"
    lines = [one for one in record["sessions"] if one.get("person_ref") == person]
    return "this person has several lines of the event, and the call would touch them all" if len(lines) > 1 else ""


def touched(body: Any, entry: Record) -> Record | None:
    """The one line that the answer shows, with references as texts; anything else is a surprise, shown as no status."""
    lines = body.get("attendance") if isinstance(body, dict) else None
    line = lines[0] if isinstance(lines, list) and len(lines) == 1 else None
    written = line.get("attendance") if isinstance(line, dict) and line.get("uri") == entry["uri"] else None
    return {"status": written.get("status") if isinstance(written, dict) else None}


WRITINGS = (
    Writing(
        "booking",
        "/events/v2/{bucket}/booking/{id}/attendance",
        "/events/v2/{bucket}/booking/{id}/attendance",
        (Field("status", values=STATUSES, blank=False),),
        "sheepCRM sheet, section 5",
        part="sessions",
        part_key="uri",
        in_query={"person_uri": "person_ref"},
        refused=dict.fromkeys(("attendee_name", "attendee_email", "ticket"), "only the status of an attendee can be written"),
        check=one_line,
        answer=touched,
        rereads=True,
    ),
)
NOT_WRITTEN = {
    "person": "sheepCRM persons are not written yet, only the status of an attendee (sheepCRM sheet, section 5)",
    "membership": "memberships are not written",
}
