"""What is really so, as frames: who is who, who is in which group, who came, which values are dirty and how.

Identifiers are text in every frame (a Peepl id 1021 is "1021"), days are datetime64[us], instants UTC. A frame
is built at first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from crmkit.demo.answers import ANSWER_RATES, EFFECTS
from crmkit.demo.calendar import Activity
from crmkit.demo.club import Club
from crmkit.demo.records import CRMS
from crmkit.demo.wsgi import App

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

# Columns and dtypes of every frame; the dialects fill those that differ by CRM.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "people": {
        "person_id": "string",
        "household_id": "string",
        "first_name": "string",
        "last_name": "string",
        "name": "string",
        "gender": "string",
        "birth_date": "day",
        "birth_place": "string",
        "language": "string",
        "mail": "string",
        "phone": "string",
        "street": "string",
        "postal_code": "string",
        "city": "string",
        "km_east": "float64",
        "km_north": "float64",
        "role": "string",
        "section": "string",
        "member_since": "day",
        "member_until": "day",
        "duties": "object",
        "parents": "object",
        "newsletter": "boolean",
        "never_comes": "boolean",
        "temper": "float64",
    },
    "identities": {
        "person_id": "string",
        "crm": "string",
        "record_id": "string",
        "kind": "string",
        "differs": "object",
    },
    "dirt": {
        "person_id": "string",
        "crm": "string",
        "record_id": "string",
        "field": "string",
        "fault": "string",
        "clean": "string",
        "dirty": "string",
        "path": "string",
    },
    "activities": {
        "number": "Int64",
        "kind": "string",
        "name": "string",
        "start": "instant",
        "end": "instant",
        "day": "day",
        "venue": "string",
        "outdoors": "boolean",
        "km_east": "float64",
        "km_north": "float64",
        "audience": "string",
        "temperature": "float64",
        "rain": "float64",
    },
    "weather": {"day": "day", "temperature": "float64", "rain": "float64"},
    "effects": {"effect": "string", "scale": "string", "value": "float64"},
    "groups": {
        "crm": "string",
        "group_id": "string",
        "parent_id": "string",
        "name": "string",
        "path": "string",
        "depth": "Int64",
        "members": "Int64",
        "members_below": "Int64",
    },
    "memberships": {
        "crm": "string",
        "position_id": "string",
        "person_id": "string",
        "object_type": "string",
        "record_id": "string",
        "group_id": "string",
        "function_id": "string",
        "function": "string",
        "combination_id": "string",
        "start": "day",
        "end": "day",
    },
    "segments": {
        "crm": "string",
        "object_type": "string",
        "segment_id": "string",
        "name": "string",
        "rule": "string",
        "record_id": "string",
    },
    "attendance": {
        "crm": "string",
        "event_id": "string",
        "number": "Int64",
        "person_id": "string",
        "record_id": "string",
        "status": "string",
        "came": "boolean",
        "bought": "Int64",
    },
    "companies": {
        "crm": "string", "company_id": "string", "organisation_id": "string", "name": "string", "sector": "string",
        "city": "string", "level": "string", "contacts": "Int64",
    },
    "contacts": {
        "crm": "string", "record_id": "string", "person_id": "string", "kind": "string", "company_id": "string",
        "owner_id": "string", "source_id": "string",
    },
    "deals": {
        "crm": "string", "deal_id": "string", "record_id": "string", "person_id": "string", "company_id": "string",
        "owner_id": "string", "seller": "string", "source": "string", "pipeline_id": "string",
        "sales_pipeline_id": "string", "opened": "day", "expected": "day", "closed": "day", "outcome": "string",
        "served_status": "string", "stage": "Int64", "sales_stage": "Int64", "amount": "float64", "months": "Int64",
        "cost": "float64", "total_amount": "float64", "chance": "float64", "reason": "string",
    },
    "deal_stages": {
        "crm": "string", "deal_id": "string", "pipeline_id": "string", "pipeline": "string", "kind": "string",
        "stage": "Int64", "entered": "day", "left": "day",
    },
    "follow_ups": {
        "crm": "string", "record_id": "string", "person_id": "string", "kind": "string", "organization_id": "string",
        "permission": "string", "status": "string", "archived": "day", "first": "boolean", "visit": "day",
        "channel": "string", "leader_id": "string", "delay": "Int64", "reached": "boolean",
    },
    "interactions": {
        "crm": "string", "interaction_id": "string", "record_id": "string", "person_id": "string", "type_id": "string",
        "timestamp": "instant", "initiators": "object",
    },
    "survey_answers": {
        "crm": "string", "survey_id": "string", "sheet_id": "string", "answer_id": "string", "record_id": "string",
        "person_id": "string", "question_id": "string", "question": "string", "value": "string", "completed": "instant",
        "updated": "instant", "latest": "boolean",
    },
    "coverage": {
        "crm": "string", "project_id": "string", "subproject_id": "string", "team_id": "string", "team": "string",
        "function_id": "string", "function": "string", "published": "boolean", "shift": "Int64", "start": "instant",
        "end": "instant", "day": "day", "weekday": "string", "hour": "Int64", "needed": "Int64", "confirmed": "Int64",
        "not_cancelled": "Int64", "gap": "Int64", "needed_hours": "float64", "confirmed_hours": "float64",
        "gap_hours": "float64", "chance": "float64",
    },
    "shifts": {
        "crm": "string", "team_id": "string", "shift": "Int64", "start": "instant", "end": "instant", "day": "day",
        "weekday": "string", "hour": "Int64", "gross_hours": "float64", "break_hours": "float64", "net_hours": "float64",
        "over_midnight": "boolean", "changes_clocks": "boolean",
    },
    "enrolments": {
        "crm": "string", "enrolment_id": "string", "record_id": "string", "person_id": "string", "project_id": "string",
        "team_id": "string", "status": "string", "cancelled": "boolean", "counts": "boolean", "orphan": "boolean",
        "came": "boolean", "arrived": "instant", "left": "instant", "late": "float64",
    },
    "double_bookings": {
        "crm": "string", "record_id": "string", "person_id": "string", "enrolment_id": "string", "team_id": "string",
        "other_enrolment_id": "string", "other_team_id": "string", "start": "instant", "end": "instant",
    },
    "availabilities": {
        "crm": "string", "availability_id": "string", "record_id": "string", "person_id": "string", "type_id": "string",
        "sense": "string", "period": "string", "approved": "boolean", "start": "instant", "end": "instant",
    },
}


class Truth(Mapping[str, "pd.DataFrame"]):
    """Frames by name. Each look-up gives a copy, so nobody can bend the truth of another."""

    def __init__(self, club: Club, apps: Iterable[App]) -> None:
        self._club = club
        self._apps = list(apps)
        self._frames: dict[str, pd.DataFrame] = {}
        self._common: dict[str, Callable[[], Iterator[Row]]] = {
            "people": self._people,
            "identities": self._identities,
            "dirt": self._dirt,
            "activities": self._activities,
            "weather": self._weather,
            "effects": self._effects,
        }

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in COLUMNS:
            raise KeyError(f"no truth is called {name!r}; there are {', '.join(COLUMNS)}")
        if name not in self._frames:
            self._frames[name] = _frame(list(self._rows(name)), COLUMNS[name])
        return self._frames[name].copy()

    def __iter__(self) -> Iterator[str]:
        return iter(COLUMNS)

    def __len__(self) -> int:
        return len(COLUMNS)

    def __repr__(self) -> str:
        return f"<truth: {', '.join(COLUMNS)}>"

    def _rows(self, name: str) -> Iterator[Row]:
        """What is the same in every CRM comes from the club, the rest from each dialect."""
        yield from self._common[name]() if name in self._common else ()
        for app in self._apps:
            yield from app.truth(name)

    def _people(self) -> Iterator[Row]:
        for each in self._club.people:
            yield {
                "person_id": each.person_id,
                "household_id": each.household_id,
                "first_name": each.first_name,
                "last_name": each.last_name,
                "name": each.name,
                "gender": each.gender,
                "birth_date": each.birth_date,
                "birth_place": each.birth_place,
                "language": each.language,
                "mail": each.mail,
                "phone": each.phone,
                "street": each.home.street,
                "postal_code": each.home.postal_code,
                "city": each.home.city,
                "km_east": each.home.east,
                "km_north": each.home.north,
                "role": each.role,
                "section": each.section,
                "member_since": each.since,
                "member_until": each.until,
                "duties": list(each.duties),
                "parents": list(each.parents),
                "newsletter": each.newsletter,
                "never_comes": each.never_comes,
                "temper": each.keenness,
            }

    def _identities(self) -> Iterator[Row]:
        for crm in CRMS:
            for record in self._club.records(crm):
                yield {
                    "person_id": record.person_id,
                    "crm": crm,
                    "record_id": record.record_id,
                    "kind": record.kind,
                    "differs": list(record.changed),
                }

    def _dirt(self) -> Iterator[Row]:
        """Every fault, with its path in the CRM's own answers; none for a fault of a whole record."""
        paths = {app.crm: app.paths for app in self._apps}
        for crm in CRMS:
            for fault in self._club.faults(crm):
                yield {**asdict(fault), "path": paths.get(crm, {}).get(fault.field)}

    def _activities(self) -> Iterator[Row]:
        return (self._activity(each) for each in self._club.activities)

    def _activity(self, each: Activity) -> Row:
        sky = self._club.weather[each.day]
        return {
            "number": each.number,
            "kind": each.kind,
            "name": each.name,
            "start": each.start,
            "end": each.end,
            "day": each.day,
            "venue": each.venue.name,
            "outdoors": each.venue.outdoors,
            "km_east": each.venue.east,
            "km_north": each.venue.north,
            "audience": each.audience.path if each.audience else None,
            "temperature": sky.temperature,
            "rain": sky.rain,
        }

    def _weather(self) -> Iterator[Row]:
        return (asdict(sky) for sky in self._club.weather.values())

    def _effects(self) -> Iterator[Row]:
        """The model behind the answers: log-odds of a yes, and chances to answer at all."""
        for effect, value in EFFECTS.items():
            yield {"effect": effect, "scale": "log-odds of yes", "value": value}
        for effect, value in ANSWER_RATES.items():
            yield {"effect": effect, "scale": "chance of an answer", "value": value}
        groups = {group.group_id: group.path for group in self._club.groups}
        for group_id, value in self._club.team_tastes.items():
            yield {"effect": f"team {groups[group_id]}", "scale": "log-odds of yes", "value": value}


def _frame(rows: list[Row], columns: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    series = {}
    for name, kind in columns.items():
        values = [row[name] for row in rows]
        if kind == "day":
            series[name] = pd.Series(pd.to_datetime(values), dtype="datetime64[us]")
        elif kind == "instant":
            series[name] = pd.Series(pd.to_datetime(values, utc=True), dtype="datetime64[us, UTC]")
        else:
            series[name] = pd.Series(values, dtype=kind)
    return pd.DataFrame(series)
