"""What buyers and attendees answered to the questions of an order."""

from __future__ import annotations

from random import Random

from crmkit.demo import programme
from crmkit.demo.dialects.sheepcrm.ids import Json, oid, uri
from crmkit.demo.dialects.sheepcrm.office import Office, label, name_of
from crmkit.demo.guestlist import Seat
from crmkit.demo.programme import Event
from crmkit.demo.ticketing import Order

# Number, field, label, form type, options with their weights, whether it must be answered.
Question = tuple[int, str, str, str, tuple[tuple[str, int], ...], bool]
_HEARD: Question = (
    1,
    "hoe_gehoord",
    "Hoe hoorde je van ons?",
    "select",
    (("Vrienden", 5), ("Nieuwsbrief", 3), ("Sociale media", 3), ("Affiche", 1), ("", 2)),
    False,
)
_DIET: Question = (
    2,
    "dieet",
    "Dieetwensen",
    "select",
    (("Geen", 8), ("Vegetarisch", 3), ("Veganistisch", 1), ("Halal", 1)),
    True,
)
_SHIRT: Question = (3, "shirt", "Maat T-shirt", "select", (("S", 2), ("M", 4), ("L", 4), ("XL", 2)), True)
_CARE: Question = (4, "medisch", "Medische info", "textarea", (("", 7), ("Notenallergie", 1), ("Astma", 1)), False)
_OF_ATTENDEES = {programme.DINNER: _DIET, programme.RUN: _SHIRT, programme.CAMP: _CARE}


class Questions:
    """Answers to the questions of orders."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def of(self, uid: str, order: Order) -> Json:
        """The buyer's answers, and one response for every attendee where there is something to ask."""
        event, buyer = self._office.events[uid], self._office.buyer_uri(order.buyer)
        seats = [seat for line in order.lines for seat in line.seats]
        asked = _OF_ATTENDEES.get(event.kind)
        responses = [self._response(event, name_of(order.buyer), buyer, "buyer", _HEARD, seats[0].number)]
        if asked:
            responses += [self._of_seat(event, seat, asked) for seat in seats]
        return {
            "booking_uri": uri("booking", uid),
            "booking_display_value": label(event),
            "buyer_uri": buyer,
            "responses": responses,
        }

    def _of_seat(self, event: Event, seat: Seat, asked: Question) -> Json:
        who = uri("person", seat.record.record_id) if seat.record else None
        return self._response(event, seat.name, who, "attendee", asked, seat.number)

    def _response(self, event: Event, name: str, who: str | None, role: str, asked: Question, number: int) -> Json:
        place, field, text, form_type, options, required = asked
        rng = self._office.club.random(f"sheepcrm:answer:{event.number}:{number}:{role}")
        answer = _answer(rng, options)
        question, section = uri("question", oid("question", place)), uri("section", oid("section", place))
        simple = {"answer": answer, "form_type": form_type, "marks_available": 0, "question": text}
        simple |= {"required": required, "uri": question}
        return {
            "contact_display_value": name,
            "contact_uri": who,
            "response": {
                "flat": {field: answer},
                "sections": [_section(section, role, _question(question, asked, answer))],
                "simple": [simple],
            },
            "role": role,
            "uri": uri("form_response", oid("form_response", event.number << 17 | number << 1 | (role == "buyer"))),
        }


def _answer(rng: Random, options: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([text for text, _ in options], [weight for _, weight in options])[0]


def _section(section: str, role: str, question: Json) -> Json:
    return {
        "feedback_on": False,
        "internal_comments_on": False,
        "intro": "",
        "marks": 0,
        "questions": [question],
        "ref": f"s-{role}",
        "scoring": False,
        "section_uri": section,
        "subtitle": "",
        "title": "Over jou" if role == "attendee" else "Over je bestelling",
    }


def _question(question: str, asked: Question, answer: str) -> Json:
    _, field, text, form_type, options, required = asked
    return {
        "answer": answer,
        "choices_url": "",
        "core_field": False,
        "core_field_update_policy": "underwrite",
        "disabled": False,
        "field": form_type,
        "formType": form_type,
        "form_type": form_type,
        "fully_qualified_field": f"form.{field}",
        "helper_text": "",
        "label": text,
        "marks_available": 0,
        "max_word_limit": 50 if form_type == "textarea" else 0,
        "min_word_limit": 0,
        "options": [option for option, _ in options if option] if form_type == "select" else [],
        "original_field": field,
        "question_uri": question,
        "required": required,
        "visibility": "applicant",
    }
