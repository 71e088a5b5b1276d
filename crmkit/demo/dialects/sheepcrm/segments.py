"""Segments: what they are called, how they hang together, and which records they hold today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from crmkit.demo import programme
from crmkit.demo.clock import SEASONS, TODAY, season_of
from crmkit.demo.dialects.sheepcrm.ids import FOUNDED, Json, may, naive, oid, uri
from crmkit.demo.dialects.sheepcrm.office import Office
from crmkit.demo.guestlist import ATTENDED, NO_SHOW
from crmkit.demo.programme import DRAFT
from crmkit.demo.records import Record
from crmkit.demo.renewing import Term

DYNAMIC, STATIC, HYBRID, AUXILIARY = "dynamic", "static", "hybrid", "auxiliary"
LEUVEN = ("3000", "3001", "3010", "3012", "3018")
CONTEXTS = {"person": "crm", "organisation": "crm", "membership": "membership", "booking": "events"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment and its rule: in words for the truth, and as the vendor would store it."""

    number: int
    name: str
    kind: str
    resource: str
    rule: str
    parent: str | None = None
    active: bool = True
    system: bool = False
    mailing: bool = False
    stored: tuple[tuple[str, str, object], ...] = ()

    @property
    def uid(self) -> str:
        """The id."""
        return oid("segment", self.number, self.created)

    @property
    def created(self) -> datetime:
        """When it was made."""
        return FOUNDED + timedelta(days=41 * self.number, minutes=self.number)


_LIST = (
    Segment(1, "Alle personen", DYNAMIC, "person", "every record of a person", system=True),
    Segment(2, "Alle lidmaatschappen", DYNAMIC, "membership", "every term", system=True),
    Segment(3, "Leden", AUXILIARY, "membership", "only groups others"),
    Segment(
        4,
        "Lopende lidmaatschappen",
        DYNAMIC,
        "membership",
        "terms that run today and are not cancelled",
        "Leden",
        stored=(("start_date", "less_than_or_equals", "today"), ("end_date", "greater_than_or_equals", "today")),
    ),
    Segment(
        5,
        "Te hernieuwen",
        DYNAMIC,
        "membership",
        "terms that end within 90 days and are not followed",
        "Leden",
        stored=(("end_date", "less_than_or_equals", "today+90"), ("has_renewed", "equals", False)),
    ),
    Segment(
        6,
        "Vervallen",
        DYNAMIC,
        "membership",
        "terms that have ended, neither renewed nor followed",
        "Leden",
        stored=(("end_date", "less_than", "today"), ("has_renewed", "equals", False)),
    ),
    Segment(7, "Evenementen", AUXILIARY, "person", "only groups others"),
    Segment(8, "Bezoekers dit seizoen", DYNAMIC, "person", "recorded as attended at an event of this season", "Evenementen"),
    Segment(9, "Vaak niet opgedaagd", DYNAMIC, "person", "recorded as no-show at three events or more", "Evenementen"),
    Segment(10, "Lopers", HYBRID, "person", "attended a run or has a hand in athletics; two added, one taken out", "Evenementen"),
    Segment(11, "Acties uit het verleden", AUXILIARY, "person", "only groups others", "Evenementen", active=False),
    Segment(12, "Dijleloop 2023", STATIC, "person", "accepted the Dijleloop of 2023", "Acties uit het verleden"),
    Segment(13, "Kerstkaart 2022", STATIC, "person", "no list is left: empty", "Acties uit het verleden", active=False),
    Segment(
        14,
        "Nieuwsbrief",
        HYBRID,
        "person",
        "asked for the newsletter; two added, two taken out",
        mailing=True,
        stored=(("mailing_consent", "equals", True),),
    ),
    Segment(15, "Donateurs", DYNAMIC, "person", "role donor", stored=(("tags", "and_list", ["donor"]),)),
    Segment(16, "Jeugd", DYNAMIC, "person", "recorded birth date less than 18 years ago", stored=(("age", "less_than", 18),)),
    Segment(17, "Leuven-stad", DYNAMIC, "person", f"recorded postal code {', '.join(LEUVEN)}"),
    Segment(18, "Bestuur", STATIC, "person", "somebody of the board today"),
    Segment(19, "Komende evenementen", DYNAMIC, "booking", "events that begin after now, no drafts"),
    Segment(20, "Sponsors", DYNAMIC, "organisation", "companies that sponsor today"),
    Segment(21, "Verloren map", STATIC, "person", "the first five records; its parent does not exist", "Map van vroeger"),
)
_BY_NAME = {segment.name: segment for segment in _LIST}


class Segments:
    """Segments by uid, and their records by URI."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.by_uid = {segment.uid: segment for segment in _LIST}
        self._members: dict[str, list[str]] = {}

    def shown(self, segment: Segment) -> Json:
        """A segment as lists have it."""
        fixed = self.members(segment) if segment.kind == STATIC else self._by_hand(segment)[0]
        return {
            "active": segment.active,
            "created": naive(segment.created),
            "description": segment.rule,
            "display_value": segment.name,
            "last_updated": naive(segment.created + timedelta(days=3)),
            "legacy_uid": str(9000 + segment.number),
            "mailchimp_sync": segment.mailing,
            "name": segment.name,
            "parent_segment": _parent(segment),
            "record_state": "active",
            "resource_type": segment.resource,
            "rules": {"rules": [{"field": f, "operator": o, "value": v} for f, o, v in segment.stored]} if segment.stored else {},
            "segment_type": segment.kind,
            "system_segment": segment.system,
            "tags": ["systeem"] if segment.system else [],
            "uid": segment.uid,
            "uri": uri("segment", segment.uid),
            "uris_exclude": self._by_hand(segment)[1],
            "uris_include": fixed,
            "user_interface": may("crm", "segment", write=not segment.system),
            "view_context": [CONTEXTS[segment.resource]],
        }

    def members(self, segment: Segment) -> list[str]:
        """The ids of the records that a segment holds today; an auxiliary one holds nothing."""
        if segment.uid not in self._members:
            self._members[segment.uid] = self._found(segment)
        return self._members[segment.uid]

    def _found(self, segment: Segment) -> list[str]:
        office = self._office
        if segment.kind == AUXILIARY:
            return []
        if segment.resource == "membership":
            return [uid for uid, term in office.terms.items() if self._has_term(segment, term)]
        if segment.resource == "booking":
            return [uid for uid, event in office.events.items() if event.state != DRAFT and event.start > programme.WALL_NOW]
        if segment.resource == "organisation":
            return [uid for uid, firm in office.organisations.items() if firm.level and not firm.until]
        found = [uid for uid, record in office.records.items() if self._holds[segment.number](record)]
        include, exclude = self._by_hand(segment)
        return [uid for uid in [*found, *(each.split("/")[3] for each in include)] if uri("person", uid) not in exclude]

    @staticmethod
    def _has_term(segment: Segment, term: Term) -> bool:
        match segment.name:
            case "Lopende lidmaatschappen":
                return term.start <= TODAY <= term.end and not term.cancelled
            case "Te hernieuwen":
                soon = TODAY <= term.end <= TODAY + timedelta(days=90)
                return soon and not term.follower and not term.cancelled
            case "Vervallen":
                return term.end < TODAY and not term.renewed and not term.follower
        return True

    @cached_property
    def _holds(self) -> Mapping[int, Callable[[Record], bool]]:
        """Whether a segment of persons holds a record, before what was done by hand."""
        board = {p.holder for p in self._office.club.positions if p.covers(TODAY) and p.group.name in ("Bestuur", "Kernbestuur")}
        first = set(list(self._office.records)[:5])
        return {
            1: lambda record: True,
            8: lambda record: self._counts[ATTENDED].get(record.record_id, 0) > 0,
            9: lambda record: self._counts[NO_SHOW].get(record.record_id, 0) >= 3,
            10: lambda record: record.record_id in self._runners or _section(record) == "Atletiek",
            12: lambda record: record.record_id in self._accepted,
            13: lambda record: False,
            14: lambda record: bool(record.person and record.person.newsletter),
            15: lambda record: bool(record.person and record.person.role == "donor"),
            16: lambda record: _is_minor(record.card["birth_date"]),
            17: lambda record: record.card["postal_code"] in LEUVEN,
            18: lambda record: record.person_id in board and record.kind == "person",
            21: lambda record: record.record_id in first,
        }

    @cached_property
    def _counts(self) -> Mapping[str, Mapping[str, int]]:
        """How often a record is written down as attended this season, and as no-show ever."""
        found: dict[str, dict[str, int]] = {ATTENDED: {}, NO_SHOW: {}}
        for uid, event in self._office.events.items():
            counted = (NO_SHOW, ATTENDED) if season_of(event.day) == SEASONS[-1] else (NO_SHOW,)
            for seat in self._office.sheet(uid).seats:
                if seat.record and seat.served in counted:
                    counts = found[seat.served]
                    counts[seat.record.record_id] = counts.get(seat.record.record_id, 0) + 1
        return found

    @cached_property
    def _runners(self) -> set[str]:
        return set(self._on_lists(lambda event: event.kind == programme.RUN, (ATTENDED,)))

    @cached_property
    def _accepted(self) -> set[str]:
        return set(
            self._on_lists(lambda event: event.name == "Dijleloop" and event.day.year == 2023, (ATTENDED, NO_SHOW, "accepted"))
        )

    def _on_lists(self, of: Callable[[programme.Event], bool], words: tuple[str, ...]) -> Iterator[str]:
        for uid, event in self._office.events.items():
            for seat in self._office.sheet(uid).seats if of(event) else ():
                if seat.record and seat.served in words:
                    yield seat.record.record_id

    def _by_hand(self, segment: Segment) -> tuple[list[str], list[str]]:
        """What was added to a hybrid segment and taken out of it."""
        if segment.kind != HYBRID:
            return [], []
        holds, records = self._holds[segment.number], self._office.records
        by_rule = [uid for uid, record in records.items() if holds(record)]
        others = [uid for uid, record in records.items() if not holds(record)]
        taken = 1 if segment.name == "Lopers" else 2
        return [uri("person", uid) for uid in others[3:5]], [uri("person", uid) for uid in by_rule[4 : 4 + taken]]


def _parent(segment: Segment) -> str | None:
    """The URI of the parent, also of one that does not exist any more."""
    if segment.parent is None:
        return None
    found = _BY_NAME.get(segment.parent)
    return uri("segment", found.uid if found else oid("segment", 999))


def _section(record: Record) -> str | None:
    return record.person.section if record.person else None


def _is_minor(birth_date: str) -> bool:
    """As the recorded date says, whether it is true or not."""
    return bool(birth_date) and f"{TODAY.year - 18}-{TODAY:%m-%d}" < birth_date
