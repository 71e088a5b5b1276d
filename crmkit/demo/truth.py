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
from crmkit.demo.truth_columns import COLUMNS
from crmkit.demo.wsgi import App

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]


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
