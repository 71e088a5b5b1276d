"""Activities, their products and their sign-up lists as Peepl prints them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from crmkit.demo.answers import UNKNOWN, Answer
from crmkit.demo.calendar import ANNOUNCEMENT, SESSION, Activity, Product
from crmkit.demo.clock import local, stamp
from crmkit.demo.dialects.peepl.persons import MEDIA, uuid
from crmkit.demo.dialects.peepl.register import CONTACTS, Register

Json = dict[str, Any]
_PLACEHOLDER = "http://dev.peepl.be:8000/static/images/icons/placeholder_U_small.png"
_FIRST = 7400


def activity_id(activity: Activity) -> int:
    """The id under which Peepl knows an activity."""
    return _FIRST + activity.number


class Activities:
    """The calendar through Peepl's eyes."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self.answers = lru_cache(maxsize=64)(self._answers)
        self.attendees = lru_cache(maxsize=192)(self._attendees)
        self._club = register.club
        self.by_id = {activity_id(activity): activity for activity in self._club.activities}
        staff = [p.person_id for p in self._club.people if p.duties] or [p.person_id for p in self._club.people]
        known = [register.main_record[person_id] for person_id in staff if person_id in register.main_record]
        self.authors: list[int | None] = [*known[:5]] or [None]

    def listed(self, start: date | None = None, end: date | None = None) -> list[Json]:
        """Activities that start on or after a day and end before another, days of Brussels."""
        first = local(start) if start else None
        last = local(end) if end else None
        return [
            self._entry(number, activity)
            for number, activity in self.by_id.items()
            if (first is None or activity.start >= first) and (last is None or _end(activity) < last)
        ]

    def _entry(self, number: int, activity: Activity) -> Json:
        return {
            "id": number,
            "name": activity.name,
            "type": activity.kind,
            "description": activity.description,
            "start_date": stamp(activity.start),
            "end_date": stamp(activity.end) if activity.end else None,
        }

    def detail(self, number: int) -> Json:
        """An ActivityDetail; which fields it has depends on its type, and an announcement does not name it."""
        activity = self.by_id[number]
        rng = self._club.random(f"peepl:activity:{number}")
        found = self._entry(number, activity)
        session = activity.kind == SESSION
        found |= {
            "location": None if session else "" if activity.kind == ANNOUNCEMENT else activity.venue.name,
            "session_location_id": activity.venue.venue_id if session else None,
            "author_id": None if session else rng.choice(self.authors),
            "cover_picture": f"{MEDIA}/activity_cover/{uuid(rng)}.jpg" if rng.random() < 0.2 else None,
            "is_public": activity.audience is None,
            "attachments": self.attachments(number),
        }
        if activity.kind in (ANNOUNCEMENT, SESSION):
            found["notification_date"] = None
        else:
            found["product_groups"] = [self._product_group(number, activity)]
        if activity.kind in ("internal", "external"):
            found["signup_start_date"] = stamp(local(activity.day - timedelta(days=28), 8))
            found["signup_deadline"] = stamp(local(activity.day - timedelta(days=rng.choice((1, 2, 7)))))
        if activity.kind == ANNOUNCEMENT:
            del found["type"]
        return found

    def _product_group(self, number: int, activity: Activity) -> Json:
        name = "Producten" if activity.kind == "sale" else "Inschrijvingen"
        return {
            "id": number - 6600,
            "name": name,
            "description": name,
            "display_order": 1,
            "activity_id": number,
            "pick_one": activity.name == "Open tennistornooi",
            "products": self.products(number),
        }

    def products(self, number: int) -> list[Json]:
        """Products of an activity, with the ids of their prices."""
        activity = self.by_id[number]
        return [
            {
                "id": product_id,
                "name": product.name,
                "stock": product.stock,
                "max_per_member": product.max_per_member,
                "is_visible": True,
                "product_prices": [price["id"] for price in self._prices(product_id, product)],
            }
            for product_id, product in self._product_ids(activity)
        ]

    def prices(self, number: int, product: int) -> list[Json]:
        """Prices of one product of an activity."""
        return self._prices(product, dict(self._product_ids(self.by_id[number]))[product])

    def _product_ids(self, activity: Activity) -> list[tuple[int, Product]]:
        return [(activity.number * 10 + place, product) for place, product in enumerate(activity.products)]

    def _prices(self, product_id: int, product: Product) -> list[Json]:
        """A price for everybody and, for what costs more than ten euro, a lower one for helpers."""
        groups = {group.name: group.group_id for group in self._club.groups}
        asked = [("Iedereen", product.cents)]
        if product.cents > 1000:
            asked.append(("Vrijwilligers", product.cents - 500))
        return [
            {
                "id": product_id * 2 + place,
                "price": _money(cents),
                "price_not_attending": _money(product.cents_absent),
                "product": product_id,
                "user_group": groups[name],
            }
            for place, (name, cents) in enumerate(asked)
        ]

    def attachments(self, number: int) -> list[Json]:
        """Every sixth activity has one or two files."""
        rng = self._club.random(f"peepl:attachments:{number}")
        files = ("Reglement.pdf", "Plan parking.jpg", "Deelnemerslijst.xlsx") if number % 6 == 0 else ()
        return [
            {
                "id": number * 3 + place,
                "name": name,
                "filesize": rng.randrange(8_000, 4_000_000),
                "file": f"{MEDIA}/activity_attachments/{number}/{uuid(rng)}/{name.replace(' ', '%20')}",
                "activity_id": number,
            }
            for place, name in enumerate(files[: rng.randint(1, 2)])
        ]

    def _answers(self, number: int) -> list[tuple[int, str, Answer]]:
        """Contact id, status and answer of every record on the sign-up list.

        A duplicate who was there by the day is on the list too, and never answers.
        """
        activity = self.by_id[number]
        found = []
        for answer in self._club.answers(activity):
            person_id = answer.person.person_id
            found.append((self._register.main_record[person_id], answer.status, answer))
            twin = self._register.twins.get(person_id)
            if twin and self._is_invited(twin[0], activity):
                found.append((twin[0], UNKNOWN, answer))
        return found

    def _is_invited(self, twin: int, activity: Activity) -> bool:
        if activity.audience:
            group_id = activity.audience.group_id
            return twin in self._register.holders("groups", group_id, CONTACTS, activity.day)
        return self._register.contacts[twin].created.date() <= activity.day

    def _attendees(self, number: int, status: str) -> list[tuple[int, Answer]]:
        return [(user_id, answer) for user_id, given, answer in self.answers(number) if given == status]

    def is_original(self, user_id: int) -> bool:
        """Whether a contact is the one its person uses, and no duplicate."""
        return self._register.contacts[user_id].kind == "person"

    def attendee(self, user_id: int, answer: Answer) -> Json:
        """One Attendee; purchases and remark only on the record that answered."""
        card = {**self._register.contacts[user_id].card, **self._register.edits.basics((CONTACTS, user_id))}
        spoke = self.is_original(user_id)
        purchases = [{"name": f"{quantity} x {name}"} for quantity, name in answer.bought] if spoke else []
        return {
            "name": f"{card['first_name']} {card['last_name']}",
            "user_id": user_id,
            "purchases": purchases,
            "photo_url": _PLACEHOLDER,
            "comments": answer.remark if spoke else "",
        }


def _end(activity: Activity) -> datetime:
    return activity.end or activity.start


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
