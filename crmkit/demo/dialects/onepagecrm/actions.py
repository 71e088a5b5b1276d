"""What is to be done next and what was done: actions, the streams they make, and notifications."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random

from crmkit.demo.clock import NOW, TODAY, local, local_day
from crmkit.demo.dialects.onepagecrm.ids import Json, instant, oid, precise
from crmkit.demo.dialects.onepagecrm.reference import short_name, user_id
from crmkit.demo.dialects.onepagecrm.register import Register
from crmkit.demo.selling import PENDING
from crmkit.demo.sponsoring import Contact

NEXT = ("asap", "date", "date_time", "waiting")
QUEUED = ("queued", "queued_with_date")
STATUSES = (*NEXT, *QUEUED, "done")
NOTIFICATIONS = (
    "assigned_action", "action_with_time", "contact_assigned", "call", "meeting", "email", "link", "note",
)  # fmt: skip
_UNLISTED = ("email", "link")
_TEXTS = ("Bel over de sponsormap", "Mail het voorstel", "Vraag het logo", "Nodig uit op de thuismatch", "Stuur de factuur")
_URGENCY = {status: place for place, status in enumerate(STATUSES)}


def urgency(action: Json) -> tuple[int, str, str]:
    """The order of the stream: as soon as possible, dated, waiting, queued, done."""
    rank = 1 if action["status"] == "date_time" else _URGENCY[action["status"]]
    return rank, action["date"] or "", action["id"]


class Actions:
    """All actions of the account."""

    def __init__(self, register: Register) -> None:
        self._register = register

    @cached_property
    def by_id(self) -> dict[str, Json]:
        """Actions by id, in stream order."""
        rng, numbers = self._register.random("actions"), count(1)
        busy = {deal.contact.record.record_id for deal in self._register.deals.values() if deal.outcome == PENDING}
        found = [
            action
            for contact_id, contact in self._register.contacts.items()
            for action in self._of(rng, numbers, contact, contact_id in busy)
        ]
        return {each["id"]: each for each in sorted(found, key=urgency)}

    @cached_property
    def of(self) -> Mapping[str, list[Json]]:
        """Actions by contact, in stream order."""
        found: dict[str, list[Json]] = defaultdict(list)
        for action in self.by_id.values():
            found[action["contact_id"]].append(action)
        return found

    def next(self, contact_id: str) -> list[Json]:
        """The next actions of a contact, one for a user at most."""
        return [each for each in self.of.get(contact_id, ()) if each["status"] in NEXT]

    def queued(self, contact_id: str) -> list[Json]:
        """Actions that wait behind the next ones."""
        return [each for each in self.of.get(contact_id, ()) if each["status"] in QUEUED]

    def stream(self, user: str | None) -> list[str]:
        """Contact ids by urgency of the next action, of one user or of all."""
        nexts = (each for each in self.by_id.values() if each["status"] in NEXT)
        return list(dict.fromkeys(each["contact_id"] for each in nexts if user in (None, each["assignee_id"])))

    def _of(self, rng: Random, numbers: Iterator[int], contact: Contact, busy: bool) -> Iterator[Json]:
        mine = user_id(contact.seller)
        created = contact.record.created
        for _ in range(rng.choice((0, 0, 1, 2, 4))):
            made = created + (NOW - created) * rng.random()
            yield self._action(rng, next(numbers), contact, rng.choice((mine, mine, *self._register.seller)), "done", made)
        if rng.random() < (0.9 if busy else 0.12):
            status = rng.choices(NEXT, (15, 50, 20, 15))[0]
            yield self._action(rng, next(numbers), contact, mine, status, _lately(rng, created))
            other = rng.choice([each for each in self._register.seller if each != mine])
            if rng.random() < 0.2:
                yield self._action(rng, next(numbers), contact, other, rng.choice(NEXT), _lately(rng, created))
            for place in range(rng.choice((0, 0, 0, 1, 2))):
                yield self._action(rng, next(numbers), contact, mine, QUEUED[place], _lately(rng, created), place + 1)

    def _action(
        self, rng: Random, number: int, contact: Contact, assignee: str, status: str, made: datetime, place: int = 1
    ) -> Json:
        dated = status in ("date", "date_time", "queued_with_date", "done")
        planned = TODAY + timedelta(days=rng.randrange(-20, 45))
        done = min(NOW, made + timedelta(days=rng.randrange(12)))
        date = local_day(done) if status == "done" else planned
        found: Json = {
            "id": oid("action", number, made),
            "assignee_id": assignee,
            "contact_id": contact.record.record_id,
            "text": rng.choice(_TEXTS),
            "status": status,
            "date": date.isoformat() if dated else None,
            "position": place,
            "done": status == "done",
            "externally_controlled": number % 25 == 0,
            "created_at": precise(made),
            "modified_at": precise(done if status == "done" else made),
        }
        if status == "date_time":
            found["exact_time"] = int(local(planned, 10, 30).timestamp())
        if status == "done":
            found["done_at"] = local_day(done).isoformat()
        return found

    def notifications(self, caller: str) -> dict[str, Json]:
        """What a user was told, newest first, by id; the emails and links too, though the list leaves them out."""
        rng = self._register.random(f"notifications:{caller}")
        mine = [number for number, each in self._register.contacts.items() if user_id(each.seller) == caller]
        place = self._register.seller[caller].number * 1000
        found = [self._notification(rng, caller, place + n, rng.choice(mine)) for n in range(45)] if mine else []
        return {each["id"]: each for each in sorted(found, key=lambda each: str(each["created_at"]), reverse=True)}

    def listed(self, caller: str) -> list[Json]:
        """The newest hundred, without emails and links."""
        return [each for each in self.notifications(caller).values() if each["type"] not in _UNLISTED][:100]

    def _notification(self, rng: Random, caller: str, number: int, contact_id: str) -> Json:
        made = NOW - timedelta(minutes=rng.randrange(60 * 24 * 40))
        kind, by = rng.choice(NOTIFICATIONS), short_name(rng.choice(self._register.sellers))
        card = self._register.contacts[contact_id].record.card
        return {
            "id": oid("notification", number, made),
            "type": kind,
            "by": by,
            "read": rng.random() < 0.6,
            "user_id": caller,
            "contact_id": contact_id,
            "created_at": instant(made),
            "modified_at": instant(made),
            "mobile_data": {"title": f"{kind} ({by})", "body": f"{card['first_name']} {card['last_name']}", "action_type": kind},
        }


def _lately(rng: Random, created: datetime) -> datetime:
    return max(created, NOW - timedelta(days=rng.random() * 60))
