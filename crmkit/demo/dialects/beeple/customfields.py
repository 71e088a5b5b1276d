"""Custom fields of projects, one of each type, and what teams hold in them."""

from __future__ import annotations

from typing import Any

from crmkit.demo.clock import ZONE, local
from crmkit.demo.needs import GUIDE, PARKING
from crmkit.demo.planning import Project, Team

Json = dict[str, Any]
VEST, GROUP = "123", "131"


def definitions(project: Project) -> list[Json]:
    """The definitions of a project; only what Sport and Evenementen plan has any."""
    if project.department == "Sport":
        return [_number(), _list(), _range(project)]
    return [_flag()] if project.department == "Evenementen" else []


def values(team: Team) -> list[Json]:
    """What a team holds; text whatever the type."""
    found = {PARKING: [(VEST, "geel")], GUIDE: [(GROUP, str(6 + team.number % 5))]}.get(team.function, [])
    return [{"planning_custom_field_id": number, "value": value} for number, value in found]


def _definition(number: int, kind: str, name: str, **own: Any) -> Json:
    empty = dict.fromkeys(
        (
            *("numeric_minimal_value", "numeric_maximal_value", "datetime_range_start", "datetime_range_end"),
            *("date_range_start", "date_range_end", "time_range_start", "time_range_end"),
        )
    )
    return {
        "tenant_planning_custom_field_group_id": number,
        "property_type": kind,
        "level": "happening",
        "name_i18n_attributes": {"0": {"language": "nl", "name": name}},
        "description_i18n_attributes": {"0": {"language": "nl", "description": f"{name}, in te vullen per team"}},
        "use_as_filter": kind == "list",
        "required": False,
        "visible_for_volunteer": True,
        "numeric_whole_number": kind == "numeric",
        **empty,
        "numeric_unit_i18n": {},
        "list_options_attributes": {},
        "template_name": f"PLANNING_{number}",
        "sort_order": number,
        **own,
    }


def _flag() -> Json:
    return _definition(1, "boolean", "Kledij voorzien")


def _number() -> Json:
    unit = {"0": {"language": "nl", "numeric_unit": "kinderen"}, "1": {"language": "en", "numeric_unit": "children"}}
    own = {"numeric_minimal_value": "0", "numeric_maximal_value": "24", "numeric_unit_i18n": unit}
    return _definition(2, "numeric", "Grootte van de groep", **own)


def _list() -> Json:
    words = (("binnen", "Binnen", "Inside"), ("buiten", "Buiten", "Outside"))
    options = {
        str(place): {
            "slug": slug,
            "title_i18n_attributes": {"0": {"language": "nl", "title": dutch}, "1": {"language": "en", "title": english}},
        }
        for place, (slug, dutch, english) in enumerate(words)
    }
    return _definition(3, "list", "Waar", list_options_attributes={"0": options})


def _range(project: Project) -> Json:
    first = local(project.first, 9).astimezone(ZONE).isoformat(timespec="milliseconds")
    last = local(project.last, 17).astimezone(ZONE).isoformat(timespec="milliseconds")
    return _definition(
        4,
        "datetime",
        "Materiaal terug",
        datetime_range_start=first,
        datetime_range_end=last,
        date_range_start=project.first.isoformat(),
        date_range_end=project.last.isoformat(),
        time_range_start="09:00",
        time_range_end="17:00",
    )
