"""How the neutral frames of the topics are treated in a bundle, column by column; a column that is not named here is dropped.

What the measures count on is kept: who is in which segment, who answered what, amounts and days of deals, shifts and enrolments, each
with a pseudonym. What describes a person is banded. Names of segments, events, teams and pipelines are titles: kept, unless they hold
a name, a mail address or a phone number of somebody.
"""

from __future__ import annotations

from collections.abc import Mapping

Treatments = Mapping[str, str]


def _each(treatment: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), treatment)


SEGMENTS = {
    "segments": {**_each("segment", "segment_id parent_id source_id"), **_each("keep", "kind declared_size"), "name": "title"},
    "members": {"segment_id": "segment", "person_id": "person", "object_type": "keep"},
    "people": {
        "person_id": "person",
        "object_type": "keep",
        "birth_date": "born",
        "postal_code": "postal",
        "owner": "name",
        "company": "company",
        **_each("category", "gender language city country status campus major year_in_school student_status lead_source"),
        **_each("year", "member_since created changed"),
        **_each("keep", "active faculty answer_sheets deals pending_deal invitations sign_ups"),
    },
    "history": {"segment_id": "segment", "person_id": "person", **_each("keep", "object_type start end")},
    "terms": {
        "term_id": "ref",
        "person_id": "person",
        "linked": "persons",
        **_each("thing", "plan next_plan"),
        **_each("title", "plan_type status period"),
        **_each("keep", "start end cancelled dated renewed amount currency paid"),
    },
}
ATTENDANCE = {
    "events": {
        **_each("thing", "event_id series_id"),
        **_each("keep", "crm start end capacity cancelled ended presence"),
        **_each("title", "name kind"),
    },
    "answers": {"person_id": "person", "answer": "title", "event_id": "thing", **_each("keep", "status guest repeated")},
    "groups": {"group_id": "thing", "group": "title", "person_id": "person", **_each("keep", "start end")},
    "tickets": {
        **_each("thing", "event_id product_id"),
        **_each("keep", "quantity heads amount currency"),
        "buyer_id": "person",
        "product": "title",
    },
    "stock": {
        **_each("thing", "event_id product_id"),
        **_each("keep", "price currency total allocated reserved available"),
        "product": "title",
    },
    "orders": {"event_id": "thing", "buyer_id": "person", **_each("keep", "currency total paid outstanding fully_paid")},
}
PIPELINES = {
    "deals": {
        "deal_id": "ref",
        "name": "deal",
        "contact_id": "person",
        "company": "company",
        "owner_id": "person",
        "owner": "name",
        **_each("title", "source pipeline sales_pipeline label"),
        **_each("thing", "source_id pipeline_id sales_pipeline_id reason_id"),
        **_each("keep", "kind status state stage sales_stage opened created expected closed"),
        **_each("keep", "amount months total_amount cost total_cost margin total_margin chance weighted_amount weighted_total"),
        **_each("keep", "currency oddities"),
    },
    "stages": {"pipeline_id": "thing", **_each("keep", "kind stage"), **_each("title", "pipeline label")},
    "pipelines": {"pipeline_id": "thing", **_each("keep", "kind default"), "pipeline": "title"},
    "owners": {"owner_id": "person", "owner": "name"},
    "contacts": {"contact_id": "person", "source_id": "thing", "source": "title"},
    "account": _each("keep", "currency currency_symbol time_zone today"),
}
COVERAGE = {
    "projects": {"project_id": "thing", **_each("keep", "first_day last_day published split"), "project": "title"},
    "teams": {
        **_each("thing", "team_id project_id subproject_id function_id"),
        **_each("keep", "needed published by_application listed"),
        **_each("title", "team project subproject function"),
    },
    "shifts": {"team_id": "thing", **_each("keep", "shift start end break_duration")},
    "enrolments": {
        "enrolment_id": "ref",
        "collaborator_id": "person",
        "team_id": "thing",
        **_each("keep", "status cancelled checks_in arrived left"),
    },
    "collaborators": {"collaborator_id": "person", "name": "name", "blocked": "keep"},
    "availability": {
        "collaborator_id": "person",
        "availability_id": "ref",
        "type_id": "thing",
        **_each("keep", "day start end whole_day approved"),
    },
    "differences": {"team_id": "thing", **_each("keep", "what listed embedded")},
    "scan": _each("keep", "collaborators_scanned ids_complete status_source fetched_at zone all_projects first_day last_day"),
}
TOPICS: Mapping[str, Mapping[str, Treatments]] = {
    "segments": SEGMENTS,
    "attendance": ATTENDANCE,
    "pipelines": PIPELINES,
    "coverage": COVERAGE,
}
SYSTEMS = {"coverage": "Beeple", "pipelines": "OnePageCRM"}
# The column that names each line's owner, whose name stands in this one.
OWN_NAMES = {"owner": "owner_id", "name": "collaborator_id"}


# What load() gives only where it was asked for.
ON_REQUEST = {"terms"}


def topic_of(names: set[str]) -> str | None:
    """The topic whose load() gives frames of these names, for frames that lost their mark."""
    return next((topic for topic, frames in TOPICS.items() if names | ON_REQUEST == set(frames) | ON_REQUEST), None)
