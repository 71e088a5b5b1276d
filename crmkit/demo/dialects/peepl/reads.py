"""The 47 documented reads of Peepl: which path gives what. Paging and authorisation are the application's."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from crmkit.demo.answers import has_list
from crmkit.demo.calendar import KINDS
from crmkit.demo.clock import TODAY, iso_day
from crmkit.demo.club import Club
from crmkit.demo.dialects.peepl import persons
from crmkit.demo.dialects.peepl.activities import Activities
from crmkit.demo.dialects.peepl.content import Content
from crmkit.demo.dialects.peepl.register import CONTACTS, ORGANISATIONS, Register
from crmkit.demo.wsgi import Refused, Undocumented

_TYPES = "<any(contacts,organisations):what>"
_HOLDERS = f"/<any(groups,functions,combinations):kind>/<int:number>/{_TYPES}/"
_SEARCH_FIELDS = ("first_name", "last_name", "city", "email")


@dataclass(frozen=True)
class Listing:
    """A list to be paged: what is in it, and how one entry is printed."""

    entries: Sequence[Any]
    render: Callable[[Any], Any]


class Reads:
    """One method for one kind of answer; a KeyError or None means that there is no such record."""

    def __init__(self, club: Club) -> None:
        self.register = Register(club)
        self.activities = Activities(self.register)
        self.content = Content(club, self.activities.authors)
        self.search = lru_cache(maxsize=8)(self._search)

    def paged(self) -> dict[str, Callable[..., Listing]]:
        """Paths below the base that answer page by page."""
        return {
            "/contacts/": lambda: self._listing(CONTACTS, list(self.register.contacts)),
            "/contacts/segments/<int:segment>/": lambda segment: self._segment(CONTACTS, segment),
            "/organisations/": lambda: self._listing(ORGANISATIONS, list(self.register.organisations)),
            "/organisations/segments/<int:segment>/": lambda segment: self._segment(ORGANISATIONS, segment),
            _HOLDERS: self._holders,
            f"{_HOLDERS}<day:day>/": self._holders,
            "/activities/<int:number>/attendance/<any(A,N,U):status>/": self._attendance,
        }

    def whole(self) -> dict[str, Callable[..., object]]:
        """Paths below the base that answer with an object or with the whole list."""
        register, content, activities = self.register, self.content, self.activities
        return {
            "/contacts/<int:number>/": lambda number: persons.contact(register, number),
            "/contacts/<int:number>/positions/": lambda number: self._positions(CONTACTS, number),
            "/contacts/custom_fields/": lambda: persons.custom_fields(persons.CONTACT_FIELDS),
            "/organisations/<int:number>/": lambda number: persons.organisation(register, number),
            "/organisations/<int:number>/positions/": lambda number: self._positions(ORGANISATIONS, number),
            "/organisations/custom_fields/": lambda: persons.custom_fields(persons.ORGANISATION_FIELDS),
            "/groups/": lambda: [persons.group(root) for root in register.groups.values() if root.parent is None],
            "/combinations/": self._combinations,
            "/combinations/group/<int:group>/": self._combinations,
            "/combinations/function/<int:function>/": self._combinations,
            "/activities/": activities.listed,
            "/activities/start/<anyday:start>/": activities.listed,
            "/activities/end/<anyday:end>/": activities.listed,
            "/activities/<anyday:start>/<anyday:end>/": activities.listed,
            f"/activities/<int:number>/<any({','.join(KINDS)}):kind>/": self._activity,
            "/activities/<int:number>/attachments/": self._attachments,
            "/activities/<int:number>/products/": activities.products,
            "/activities/<int:number>/products/<int:product>/productprices/": activities.prices,
            "/news/": lambda: list(content.news.values()),
            "/news/<int:number>/": lambda number: content.news[number],
            "/news/<int:number>/attachments/": self._news_attachments,
            "/folders/": lambda: content.folders,
            "/folders/<int:number>/": content.folder,
            "/files/": lambda: list(content.files.values()),
            "/files/<int:number>/": lambda number: content.files[number],
            "/albums/": lambda: list(content.albums.values()),
            "/albums/<int:number>/": lambda number: content.albums[number],
            "/pictures/": lambda: list(content.pictures.values()),
            "/pictures/<int:number>/": lambda number: content.pictures[number],
        }

    def created(self) -> dict[str, Callable[..., object]]:
        """Paths whose answer is documented with status 201, although they only read."""
        return {
            "/contacts/<int:number>/addresses/": lambda number: persons.contact_addresses(self.register, number),
            "/organisations/<int:number>/addresses/": (lambda number: persons.organisation_addresses(self.register, number)),
        }

    def searched(self, body: bytes) -> Listing:
        """The contacts that a search body asks for."""
        try:
            wanted = json.loads(body)
        except ValueError:
            raise Refused(400, "JSON parse error") from None
        if not isinstance(wanted, dict) or not all(isinstance(value, str) for value in wanted.values()):
            raise Refused(400, "A search is an object of texts.")
        unknown = [f"search field {name}" for name in wanted if name not in ("operator", "last_modified", *_SEARCH_FIELDS)]
        if unknown:
            raise Undocumented(unknown)
        if wanted.get("operator") not in ("AND", "OR"):
            raise Refused(400, "operator is AND or OR.")
        if len(wanted) < 2:
            raise Refused(400, "At least one search parameter is required.")
        return self._listing(CONTACTS, self.search(tuple(sorted(wanted.items()))))

    def _search(self, wanted: tuple[tuple[str, str], ...]) -> list[int]:
        """Contact ids; names, city and mail match anywhere and in any case, days strictly after."""
        fields: Mapping[str, str] = dict(wanted)
        conditions = [(name, value.casefold()) for name, value in wanted if name in _SEARCH_FIELDS]
        try:
            after = iso_day(fields["last_modified"]) if "last_modified" in fields else None
        except ValueError:
            raise Refused(400, "last_modified is yyyy-mm-dd.") from None
        combine = all if fields["operator"] == "AND" else any
        found = []
        for number, record in self.register.contacts.items():
            card = self._card(number)
            tests = [value in card[name].casefold() for name, value in conditions]
            if after is not None:
                tests.append(self.register.edits.moment((CONTACTS, number), record.modified).date() > after)
            if combine(tests):
                found.append(number)
        return found

    def _card(self, number: int) -> Mapping[str, str]:
        """What a contact can be found by, as it is now: its basics, and the town of its first address."""
        register = self.register
        drawn = register.contacts[number].card
        first = register.edits.entries((CONTACTS, number), "address", [{"id": number * 2, "city": drawn["city"]}])[0]
        return {**drawn, **register.edits.basics((CONTACTS, number)), "city": first["city"]}

    def _listing(self, what: str, numbers: Sequence[int]) -> Listing:
        render = persons.contact if what == CONTACTS else persons.organisation
        return Listing(numbers, lambda number: render(self.register, number))

    def _segment(self, what: str, segment: int) -> Listing:
        return self._listing(what, self.register.segments[what, segment].members)

    def _holders(self, kind: str, number: int, what: str, day: date = TODAY) -> Listing:
        known: Mapping[str, Collection[int]] = {
            "groups": self.register.groups.keys(),
            "functions": self.register.functions.values(),
            "combinations": self.register.combination_ids,
        }
        if number not in known[kind]:
            raise KeyError(number)
        return self._listing(what, self.register.holders(kind, number, what, day))

    def _attendance(self, number: int, status: str) -> Listing:
        if not has_list(self.activities.by_id[number]):
            raise KeyError(number)
        entries = self.activities.attendees(number, status)
        return Listing(entries, lambda entry: self.activities.attendee(*entry))

    def _positions(self, what: str, number: int) -> object:
        known = self.register.contacts if what == CONTACTS else self.register.organisations
        if number not in known:
            raise KeyError(number)
        return [persons.position(holding) for holding in self.register.positions(what, number)]

    def _combinations(self, group: int | None = None, function: int | None = None) -> object:
        if group is not None and group not in self.register.groups:
            raise KeyError(group)
        if function is not None and function not in self.register.functions.values():
            raise KeyError(function)
        return [
            persons.combination(each)
            for each in self.register.combinations.values()
            if group in (None, each.group.group_id) and function in (None, each.function_id)
        ]

    def _activity(self, number: int, kind: str) -> object:
        return self.activities.detail(number) if self.activities.by_id[number].kind == kind else None

    def _attachments(self, number: int) -> object:
        return self.activities.attachments(number) if number in self.activities.by_id else None

    def _news_attachments(self, number: int) -> object:
        return self.content.news_attachments(number) if number in self.content.news else None
