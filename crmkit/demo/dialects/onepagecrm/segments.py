"""Saved filters, and how many contacts each status, source, tag and letter has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from string import ascii_lowercase

from crmkit.demo.dialects.onepagecrm.actions import Actions
from crmkit.demo.dialects.onepagecrm.contacts import Contacts
from crmkit.demo.dialects.onepagecrm.deals import Deals
from crmkit.demo.dialects.onepagecrm.ids import Json, oid
from crmkit.demo.dialects.onepagecrm.reference import SOURCE_IDS, STATUS_IDS, STATUSES
from crmkit.demo.dialects.onepagecrm.register import Register

Condition = tuple[str, str, str]


class Segments:
    """Who is in which saved filter, and the counters that come with the contacts."""

    def __init__(self, register: Register, contacts: Contacts, deals: Deals, actions: Actions) -> None:
        self._register, self._contacts, self._deals, self._actions = register, contacts, deals, actions
        self.members = lru_cache(maxsize=None)(self._members)
        self.sources = lru_cache(maxsize=None)(self._sources)
        self.statuses = lru_cache(maxsize=None)(self._statuses)
        self.tags = lru_cache(maxsize=None)(self._tags)
        self.counters = lru_cache(maxsize=None)(self._counters)

    def forget(self) -> None:
        """Count anew from now on: a record has changed."""
        for counted in (self.members, self.sources, self.statuses, self.tags, self.counters):
            counted.cache_clear()

    @cached_property
    def filters(self) -> dict[str, Json]:
        """Saved filters by id; the last matches nobody."""
        owner = next(iter(self._register.owner))
        defined: tuple[tuple[str, tuple[Condition, ...]], ...] = (
            ("Grote dossiers", (("deal_owner_id", "is", owner), ("deal_value", "greater", "1000"))),
            ("Sponsors", (("status_id", "is", STATUS_IDS["customer"]),)),
            ("Leuven-stad", (("city", "is", "Leuven"),)),
            ("VIP zonder actie", (("tag", "is", "VIP"), ("has_actions", "is", "false"))),
            ("Via een lid", (("lead_source_id", "is", SOURCE_IDS["Tip van een lid"]),)),
            ("Lopende dossiers", (("pending_deal", "is", "true"),)),
            ("Gala 2019", (("tag", "is", "Gala 2019"),)),
        )
        return {
            oid("filter", place): {
                "id": oid("filter", place),
                "name": name,
                "conditions": [list(condition) for condition in conditions],
            }
            for place, (name, conditions) in enumerate(defined, 1)
        }

    def _members(self, filter_id: str) -> list[Json]:
        """The contacts that meet all conditions of a filter, in the order of names."""
        conditions = self.filters[filter_id]["conditions"]
        return [each for each in self._contacts.by_id.values() if self._meets(each, conditions)]

    def _meets(self, contact: Json, conditions: Iterable[list[str]]) -> bool:
        """Conditions on deals must be met by one and the same deal."""
        on_deals = [each for each in conditions if each[0].startswith("deal_")]
        mine = [self._deals.by_id[each] for each in self._register.deals_of.get(contact["id"], ())]
        if on_deals and not any(all(_deal_meets(deal, each) for each in on_deals) for deal in mine):
            return False
        return all(self._contact_meets(contact, each) for each in conditions if each not in on_deals)

    def _contact_meets(self, contact: Json, condition: list[str]) -> bool:
        name, _, value = condition
        if name == "tag":
            return value in contact["tags"]
        if name == "city":
            return any(each["city"] == value for each in contact["address_list"])
        if name == "has_actions":
            return bool(self._actions.next(contact["id"])) == (value == "true")
        if name == "pending_deal":
            return bool(contact["pending_deal"]) == (value == "true")
        return bool(contact[name] == value)

    @cached_property
    def _streams(self) -> dict[str, frozenset[str]]:
        return {user: frozenset(self._actions.stream(user)) for user in self._register.owner}

    def _counted(self, caller: str, chosen: Callable[[Json], bool]) -> Json:
        """How many contacts: the caller's own, all, those in the caller's stream, and by owner."""
        found = [each for each in self._contacts.by_id.values() if chosen(each)]
        stream = self._streams[caller]
        owners = Counter(each["owner_id"] for each in found)
        return {
            "counts": owners[caller],
            "total_count": len(found),
            "action_stream_count": sum(each["id"] in stream for each in found),
            "team_counts": [{"user_id": owner, "counts": number} for owner, number in sorted(owners.items())],
        }

    def _sources(self, caller: str) -> list[Json]:
        """Lead sources by their text."""
        return [
            {"id": slug, "text": name, **self._counted(caller, _equal("lead_source_id", slug))}
            for name, slug in sorted(SOURCE_IDS.items())
        ]

    def _statuses(self, caller: str) -> list[Json]:
        """Statuses in their configured order."""
        return [
            {
                "id": STATUS_IDS[slug],
                "status": slug,
                "text": text,
                "description": description,
                "color": color,
                **self._counted(caller, _equal("status_id", STATUS_IDS[slug])),
            }
            for slug, text, description, color in STATUSES
        ]

    def _tags(self, caller: str) -> Json:
        """Tags by name; the system's own lack the count of the stream."""
        names = sorted({tag for each in self._contacts.by_id.values() for tag in each["tags"]})
        waiting = {each["contact_id"] for each in self._actions.by_id.values() if each["status"] == "waiting"}
        tags = [self._tag(caller, name, _tagged(name)) for name in names]
        system = [
            self._tag(caller, "starred", lambda each: bool(each["starred"])),
            self._tag(caller, "pendings", lambda each: bool(each["pending_deal"])),
            self._tag(caller, "waiting", lambda each: each["id"] in waiting),
        ]
        for each in system:
            del each["action_stream_count"]
        return {"tags": tags, "system_tags": system}

    def _tag(self, caller: str, name: str, chosen: Callable[[Json], bool]) -> Json:
        counted = self._counted(caller, chosen)
        del counted["team_counts"]
        return {"name": name, **counted}

    def _counters(self, caller: str) -> Json:
        """What stands at the top level beside data."""
        everybody = self._contacts.by_id.values()
        users = list(self._register.owner)
        return {
            "lead_sources": self.sources(caller),
            "statuses": [{"status": each} for each in self.statuses(caller)],
            "tags": self.tags(caller),
            "contacts_count": {
                "all": _letters(everybody),
                "users": [
                    {**_letters(each for each in everybody if each["owner_id"] == user), "user_id": user} for user in users
                ],
            },
            "team_stream": {
                "all": len(self._actions.stream(None)),
                "users": [{"user_id": user, "counts": len(self._actions.stream(user))} for user in users],
            },
        }


def _equal(name: str, value: str) -> Callable[[Json], bool]:
    return lambda each: bool(each[name] == value)


def _tagged(name: str) -> Callable[[Json], bool]:
    return lambda each: name in each["tags"]


def _deal_meets(deal: Json, condition: list[str]) -> bool:
    name, _, value = condition
    return bool(deal["owner_id"] == value if name == "deal_owner_id" else deal["total_amount"] > float(value))


def _letters(contacts: Iterable[Json]) -> Json:
    found = Counter(each["letter"] for each in contacts)
    return {**{sign: found[sign] for sign in ("1", *ascii_lowercase)}, "total_count": found.total()}
