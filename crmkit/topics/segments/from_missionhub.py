"""MissionHub: labels, follow-up statuses and survey answers of the people of one organization. MissionHub sheet, section 6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.receipts import included
from crmkit.topics.segments.load import newest_day
from crmkit.topics.segments.neutral import MEMBERS, PEOPLE, SEGMENTS, assembled, kinds_of
from crmkit.topics.shapes import Names, typed, wanted

if TYPE_CHECKING:
    from crmkit.crms.missionhub import MissionHub

# What is asked for beside people, by kind of segment; the others need no more.
INCLUDES = {
    "label": ("organizational_labels",),
    "survey": ("answer_sheets.survey",),
    "answer": ("answer_sheets.answers.question", "answer_sheets.survey"),
    "group": ("group_memberships",),
    "assigned": ("reverse_contact_assignments",),
    "interaction": ("interactions",),
}
USUAL = ("label", "status", "survey", "answer")
PERMISSIONS = {"1": "team: admin", "2": "contacts", "3": "team: owner", "4": "team: user"}
NO_STATUS = "no status"
OWN = {
    "campus": "string",
    "major": "string",
    "year_in_school": "string",
    "student_status": "string",
    "faculty": "boolean",
    "answer_sheets": "Int64",
}
Part = tuple[pd.DataFrame, pd.DataFrame]


def read(
    client: MissionHub,
    asked: Mapping[str, Any],
    today: pd.Timestamp | None,
    organization: str | int | None = None,
    kinds: Names = None,
    answers: Names = None,
    most_answers: int = 12,
    include_archived: bool = False,
) -> dict[str, pd.DataFrame]:
    """The frames of load(). Everybody is the base population: who has a permission of the organization that is not archived."""
    chosen = kinds_of("MissionHub", kinds, USUAL)
    place = str(organization or client.organization_id or "")
    if not place:
        raise ParameterError(
            "segments are those of one organization.", hint="pass organization=, or give the client an organization_id."
        )
    beside_people = ["organizational_permissions", "addresses", *(path for kind in chosen for path in INCLUDES.get(kind, ()))]
    more = {"include_archived": True} if include_archived else {}
    everybody = client.people(organization_ids=place, include=list(dict.fromkeys(beside_people)), **more, **asked)
    names = client.organizations(ids=place, include=["labels", "groups"], **asked)
    beside = {"labels": included(names)["label"], "groups": included(names)["group"], **included(everybody)}
    base = _base(beside, place, include_archived)
    sheets, aside = _latest_sheets(beside, base)
    parts: dict[str, Callable[[], Part]] = {
        "label": lambda: _linked("label", beside, place),
        "status": lambda: _statuses(base),
        "survey": lambda: _surveys(beside, sheets),
        "answer": lambda: _answers(beside, sheets, answers, most_answers),
        "group": lambda: _linked("group", beside, place),
        "permission": lambda: _permissions(base),
        "assigned": lambda: _assigned(beside, base, place),
        "interaction": lambda: _linked("interaction", beside, place),
    }
    found = [parts[kind]() for kind in chosen]
    segments = pd.concat([part for part, _ in found] or [typed({}, SEGMENTS)], ignore_index=True).astype(SEGMENTS)
    members = pd.concat([part for _, part in found] or [typed({}, MEMBERS)], ignore_index=True).astype(MEMBERS)
    members = members[members["person_id"].isin(base["person_id"])]
    problems = [f"{aside:,} older answer sheets of the same person and survey were set aside"] if aside else []
    people = _people(everybody, beside, base, sheets if {"survey", "answer"} & set(chosen) else None)
    sources = [everybody, names]
    return assembled(segments, members, people, today=today or newest_day(*sources), sources=sources, problems=problems)


def _either(table: pd.DataFrame, name: str) -> pd.Series[str]:
    """An id from the attribute, else from the relationship; both as text."""
    found = pd.Series(pd.NA, index=table.index, dtype="string")
    for column in (f"{name}_id", f"{name}_rel_id"):
        if column in table:
            found = found.fillna(table[column])
    return found


def _of_people(beside: Mapping[str, pd.DataFrame], relationship: str, kind: str) -> pd.DataFrame:
    """The included records of a kind, each with the person_id of the person who links to it."""
    empty = pd.DataFrame({"person_id": pd.Series(dtype="string"), f"{kind}_id": pd.Series(dtype="string")})
    links = beside.get(f"people__{relationship}", empty)
    table = beside[kind].drop(columns="person_id", errors="ignore")
    return links[["person_id", f"{kind}_id"]].merge(table, left_on=f"{kind}_id", right_on="id", suffixes=("", "_own"))


def _base(beside: Mapping[str, pd.DataFrame], place: str, include_archived: bool) -> pd.DataFrame:
    """person_id, followup_status, permission_id, archived of the organization; a line per person."""
    held = _of_people(beside, "organizational_permissions", "organizational_permission")
    held = held[_either(held, "organization") == place]
    held = held.assign(archived=held["archive_date"].notna())
    if not include_archived:
        held = held[~held["archived"]]
    return held.sort_values("archived", kind="stable").drop_duplicates("person_id", ignore_index=True)


def _segments(kind: str, ids: Iterable[Any], names: Iterable[Any]) -> pd.DataFrame:
    numbers = pd.Series(list(ids), dtype="string")
    columns = {"segment_id": f"{kind} " + numbers, "name": list(names), "kind": [kind] * len(numbers), "source_id": numbers}
    return typed(columns, SEGMENTS)


def _members(kind: str, ids: pd.Series[str], people: pd.Series[str]) -> pd.DataFrame:
    there = ids.notna()
    columns = {"segment_id": f"{kind} " + ids[there].astype("string"), "person_id": people[there]}
    return typed({**columns, "object_type": ["person"] * int(there.sum())}, MEMBERS)


def _statuses(base: pd.DataFrame) -> Part:
    """People without a status are a group of their own, not the uncontacted ones."""
    status = base["followup_status"].where(base["followup_status"] != "").fillna(NO_STATUS)
    known = status.value_counts().index
    return _segments("status", known, [str(one).replace("_", " ") for one in known]), _members(
        "status", status, base["person_id"]
    )


def _permissions(base: pd.DataFrame) -> Part:
    members = _members("permission", base["permission_id"], base["person_id"])
    return _segments("permission", PERMISSIONS, PERMISSIONS.values()), members


# Kind of segment -> relationship of the person, type of what it leads to, and what that names.
LINKS = {
    "label": ("organizational_labels", "organizational_label", "label"),
    "group": ("group_memberships", "group_membership", "group"),
    "assigned": ("reverse_contact_assignments", "contact_assignment", "assigned_to"),
    "interaction": ("interactions", "interaction", "interaction_type"),
}


def _held(kind: str, beside: Mapping[str, pd.DataFrame], place: str) -> pd.DataFrame:
    """What people have of a kind, in the organization where the record names one; of interactions those that they received."""
    relationship, table, _ = LINKS[kind]
    held = _of_people(beside, relationship, table)
    received = _either(held, "receiver").fillna(held["person_id"]) == held["person_id"]
    return held[received & (_either(held, "organization").fillna(place) == place)]


def _linked(kind: str, beside: Mapping[str, pd.DataFrame], place: str) -> Part:
    """Labels and groups of the organization, those of nobody included; types of interaction, by number, that occur."""
    held = _held(kind, beside, place)
    ids = _either(held, LINKS[kind][2])
    named = beside.get(f"{kind}s", pd.DataFrame({"id": [], "name": []}))
    if kind == "group" and len(named):  # a membership names no organization, so it is one of its groups or another's
        ids = ids.where(ids.isin(named["id"]))
    known = dict(zip(named["id"], named["name"], strict=True))
    known |= {one: f"{kind} {one}" for one in ids.dropna().unique() if one not in known}
    return _segments(kind, known, known.values()), _members(kind, ids, held["person_id"])


def _assigned(beside: Mapping[str, pd.DataFrame], base: pd.DataFrame, place: str) -> Part:
    """Who is looked after by somebody, and who is not."""
    looked_after = base["person_id"].isin(_held("assigned", beside, place)["person_id"])
    words = looked_after.map({True: "assigned", False: "unassigned"}).astype("string")
    both = ["assigned", "unassigned"]
    return _segments("assigned", both, both), _members("assigned", words, base["person_id"])


def _latest_sheets(beside: Mapping[str, pd.DataFrame], base: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """One sheet per person and survey: the one completed last, then changed last; and how many were set aside."""
    held = _of_people(beside, "answer_sheets", "answer_sheet")
    held = held[held["person_id"].isin(base["person_id"])].assign(survey=lambda found: _either(found, "survey"))
    held = held.sort_values(["completed_at", "updated_at"], na_position="first", kind="stable")
    latest = held.drop_duplicates(["person_id", "survey"], keep="last", ignore_index=True)
    return latest, len(held) - len(latest)


def _surveys(beside: Mapping[str, pd.DataFrame], sheets: pd.DataFrame) -> Part:
    """Who has a sheet of a survey, completed or not."""
    surveys = beside["survey"]
    return _segments("survey", surveys["id"], surveys["title"]), _members("survey", sheets["survey"], sheets["person_id"])


def _answers(beside: Mapping[str, pd.DataFrame], sheets: pd.DataFrame, questions: Names, most_answers: int) -> Part:
    """A segment per question and answer, the case of letters aside; empty text is no answer. Several answers count each.

    Of questions that are not named, those with few different answers, each given by two people or more on average: free text and
    dates make no segments.
    """
    links = beside["answer_sheet__answers"]
    given = links[["answer_sheet_id", "answer_id"]].merge(beside["answer"], left_on="answer_id", right_on="id")
    given = given.assign(question=_either(given, "question"), value=given["value"].str.strip())
    given = given[given["value"].fillna("") != ""].merge(sheets[["answer_sheet_id", "person_id"]], on="answer_sheet_id")
    given["folded"] = given["value"].str.casefold()
    if questions is None:
        by_question = given.groupby("question")
        different, people = by_question["folded"].transform("nunique"), by_question["person_id"].transform("nunique")
        given = given[(different <= most_answers) & (2 * different <= people)]
    else:
        given = given[given["question"].isin(wanted(questions))]
    ids = given["question"] + "=" + given["folded"]
    spelling = given.groupby(ids)["value"].agg(lambda values: values.mode().iloc[0])
    asked = beside["question"]
    titles = dict(zip(asked["id"], asked["column_title"].fillna(asked["label"]), strict=True))
    names = [
        f"{titles.get(one.partition('=')[0], 'question ' + one.partition('=')[0])}: {spelling[one]}" for one in spelling.index
    ]
    return _segments("answer", spelling.index, names), _members("answer", ids, given["person_id"])


def _people(
    everybody: pd.DataFrame, beside: Mapping[str, pd.DataFrame], base: pd.DataFrame, sheets: pd.DataFrame | None
) -> pd.DataFrame:
    """The base population; a place is that of the first address, active means not archived. No faith, no answers, no comments."""
    known = everybody.merge(base[["person_id", "followup_status", "archived"]], left_on="id", right_on="person_id")
    places = _of_people(beside, "addresses", "address").drop_duplicates("person_id")
    known = known.merge(places[["person_id", "city", "zip", "country"]], on="person_id", how="left")
    columns: dict[str, Any] = {name: known[name] for name in ("person_id", "birth_date", "city", "country", *list(OWN)[:-1])}
    columns |= {
        "object_type": ["person"] * len(known),
        "gender": known["gender"].str.strip().str.capitalize().where(known["gender"].str.strip() != ""),
        "postal_code": known["zip"],
        "active": ~known["archived"],
        "status": known["followup_status"],
        "created": known["created_at"],
        "changed": known["updated_at"],
    }
    if sheets is not None:
        columns["answer_sheets"] = sheets["person_id"].value_counts().reindex(known["person_id"], fill_value=0).array
    return typed(columns, {**PEOPLE, **OWN})
