"""The one write that is taken: the status of a person on the list of an event, given in the query."""

from __future__ import annotations

from crmkit.demo.clock import ZONE, later
from crmkit.demo.dialects.sheepcrm.asking import Query, Wrong
from crmkit.demo.dialects.sheepcrm.attending import Attending
from crmkit.demo.dialects.sheepcrm.ids import Json, uri
from crmkit.demo.dialects.sheepcrm.office import Office, label, name_of
from crmkit.demo.guestlist import ACCEPTED, ATTENDED, DECLINED, INVITED, NO_SHOW, Seat

STATUSES = (INVITED, ACCEPTED, DECLINED, ATTENDED, NO_SHOW)
PARAMETERS = ("person_uri", "status")


class Marking:
    """Writes down who came. Every line of the person on the list is touched; a person without one is not found."""

    def __init__(self, office: Office, attending: Attending) -> None:
        self._office, self._attending = office, attending
        self._count = 0

    def mark(self, query: Query, uid: str) -> Json:
        """The lines after the change."""
        person = query.text("person_uri")
        status = query.text("status")
        if status not in STATUSES:
            raise Wrong("status", f"Must be one of: {', '.join(STATUSES)}.")
        seats = [
            seat
            for seat in self._office.sheet(uid).seats
            if seat.record is not None and uri("person", seat.record.record_id) == person
        ]
        if not seats:
            raise KeyError(person)
        self._count += 1
        for seat in seats:
            seat.served = status
            seat.changed = later(self._count).astimezone(ZONE).replace(tzinfo=None)
        return {
            "attendance": [self._line(uid, seat) for seat in seats],
            "booking_ref": uri("booking", uid),
            "person_ref": person,
            "status": status,
        }

    def _line(self, uid: str, seat: Seat) -> Json:
        """References are objects here, and texts in the list."""
        session, event = self._attending.session(uid, seat), self._office.events[uid]
        assert seat.record is not None
        return {
            "attendance": {
                "attendee_email": session["attendee_email"],
                "attendee_name": session["attendee_name"],
                "booking_ref": {"display_value": label(event), "ref": uri("booking", uid)},
                "guest": session["guest"],
                "legacy_uid": "",
                "person_ref": {"display_value": name_of(seat.record), "ref": session["person_ref"]},
                "status": session["status"],
                "ticket_ref": session["ticket_ref"],
            },
            "uri": session["uri"],
        }
