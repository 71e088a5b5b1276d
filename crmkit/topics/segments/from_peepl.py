"""Peepl: segments by number, groups, combinations and functions; positions are the history. Peepl sheet, section 6."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.children import child
from crmkit.errors import ParameterError
from crmkit.params import listed
from crmkit.receipts import receipt
from crmkit.topics.segments.load import newest_day
from crmkit.topics.segments.neutral import HISTORY, MEMBERS, PEOPLE, SEGMENTS, assembled
from crmkit.topics.shapes import AllOrSome, as_day, typed, wanted

if TYPE_CHECKING:
    from crmkit.crms.peepl import Peepl

ZONE = "Europe/Brussels"
YEAR = pd.Timedelta(days=365)
SINGULAR = {"groups": "group", "combinations": "combination", "functions": "function"}


def read(
    client: Peepl,
    asked: Mapping[str, Any],
    today: pd.Timestamp | None,
    segments: Iterable[int] | Mapping[int, str] | None = None,
    groups: AllOrSome | None = None,
    combinations: AllOrSome | None = None,
    functions: AllOrSome | None = None,
    object_type: str = "contacts",
    on: Any = None,
    history: bool = False,
    activity: bool = False,
) -> dict[str, pd.DataFrame]:
    """The frames of load()."""
    if object_type not in ("contacts", "organisations"):
        raise ParameterError("object_type is contacts or organisations.")
    then = None if on is None else as_day(on, "on")
    found_segments = [_numbered(segments)]
    if segments is None and not (groups or combinations or functions):
        groups = True
    everybody = getattr(client, object_type)(**asked)
    sources = [everybody]
    tables = _tables(client, asked, groups, combinations, functions, sources)
    for many, some in (("groups", groups), ("combinations", combinations), ("functions", functions)):
        found_segments.append(_chosen(SINGULAR[many], tables[many], some))
    found = pd.concat(found_segments, ignore_index=True).astype(SEGMENTS)
    members = _members(client, asked, found, object_type, on, sources)
    day = today or newest_day(*sources)
    people = _people(everybody, object_type)
    past, problems = None, []
    if history:
        positions = _positions(client, asked, everybody, object_type, sources)
        past = _history(positions, tables["all_combinations"], found, object_type)
        people = _with_terms(people, positions, day)
    if activity:
        people = people.join(_answers(client, asked, day, sources), on="person_id")
        people = people.astype({"invitations": "Int64", "sign_ups": "Int64"}).fillna({"invitations": 0, "sign_ups": 0})
    if then is not None:
        problems.append(f"groups, combinations and functions as on {then:%Y-%m-%d}; segments as now")
    return assembled(found, members, people, past, today=day, sources=sources, problems=problems)


def _numbered(segments: Iterable[int] | Mapping[int, str] | None) -> pd.DataFrame:
    names = segments if isinstance(segments, Mapping) else {number: f"segment {number}" for number in listed(segments or [])}
    if not all(str(number).isdecimal() for number in names):
        raise ParameterError("segments takes numbers, as on the Peepl screen.", hint="give names as segments={41: 'Parents'}.")
    numbers = [str(int(number)) for number in names]
    return typed(
        {
            "segment_id": [f"segment {number}" for number in numbers],
            "name": list(names.values()),
            "kind": ["segment"] * len(numbers),
            "source_id": numbers,
        },
        SEGMENTS,
    )


def _tables(
    client: Peepl, asked: Mapping[str, Any], groups: Any, combinations: Any, functions: Any, sources: list[pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """All groups, combinations and functions that have a name, as segments; combinations as they came, for the history."""
    tree = client.groups(**asked)
    pairs = client.combinations(**asked)
    sources += [tree, pairs]
    described = pairs["short_description"]
    duties = pairs.assign(name=described.str.replace(r"^.* / ", "", regex=True)).drop_duplicates("function_id")
    return {
        "groups": _named("group", tree["id"], tree["name"], tree["parent_id"]),
        "combinations": _named("combination", pairs["id"], described),
        "functions": _named("function", duties["function_id"], duties["name"]),
        "all_combinations": pairs,
    }


def _named(kind: str, numbers: pd.Series[int], names: pd.Series[str], parents: pd.Series[int] | None = None) -> pd.DataFrame:
    ids = numbers.astype("string")
    columns = {"segment_id": f"{kind} " + ids, "name": names, "kind": [kind] * len(ids), "source_id": ids}
    if parents is not None:
        columns["parent_id"] = f"{kind} " + parents.astype("string")
    return typed(columns, SEGMENTS)


def _chosen(kind: str, known: pd.DataFrame, asked: AllOrSome | None) -> pd.DataFrame:
    """Those that were asked for. Raises ParameterError for a number that is not listed."""
    if asked is None or isinstance(asked, bool):
        return known if asked else known.head(0)
    numbers = wanted(asked)
    if strange := set(numbers) - set(known["source_id"]):
        raise ParameterError(
            f"there is no {kind} {sorted(strange)[0]}.", hint="groups() and combinations() of the client list them."
        )
    return known[known["source_id"].isin(numbers)]


def _members(
    client: Peepl, asked: Mapping[str, Any], found: pd.DataFrame, object_type: str, on: Any, sources: list[pd.DataFrame]
) -> pd.DataFrame:
    """Who is in each segment; declared_size of the segments is filled on the way."""
    calls: dict[str, Callable[..., pd.DataFrame]] = {
        "segment": client.segment_contacts if object_type == "contacts" else client.segment_organisations,
        "group": client.group_members,
        "combination": client.combination_members,
        "function": client.function_members,
    }
    lines = []
    for place, kind, number in zip(found.index, found["kind"], found["source_id"], strict=True):
        more = {} if kind == "segment" else {"ot": object_type} | ({} if on is None else {"on": on})
        inside = calls[kind](int(number), **more, **asked)
        sources.append(inside)
        found.loc[place, "declared_size"] = receipt(inside).declared_total
        lines.append(pd.DataFrame({"person_id": inside["id"].astype("string"), "segment_id": found.loc[place, "segment_id"]}))
    members = pd.concat(lines, ignore_index=True) if lines else typed({}, MEMBERS)
    return typed({**members, "object_type": [object_type] * len(members)}, MEMBERS)


def _people(everybody: pd.DataFrame, object_type: str) -> pd.DataFrame:
    """Contacts or organisations; a place is that of the first address."""
    places = child(everybody, "address")
    key = places.columns[0]
    places = everybody[["id"]].merge(
        places.drop_duplicates(key), left_on="id", right_on=key, how="left", suffixes=("", "_address")
    )
    columns = {
        "person_id": everybody["id"].astype("string"),
        "object_type": [object_type] * len(everybody),
        "language": everybody["preferred_language"],
        **{name: places[name] for name in ("city", "postal_code", "country")},
        "created": everybody["created_on"],
        "changed": everybody["last_modified"],
    }
    columns |= {name: everybody[name] for name in ("birth_date", "gender") if name in everybody}
    return typed(columns, PEOPLE)


def _positions(
    client: Peepl, asked: Mapping[str, Any], everybody: pd.DataFrame, object_type: str, sources: list[pd.DataFrame]
) -> pd.DataFrame:
    fetch = client.contact_positions if object_type == "contacts" else client.organisation_positions
    label = "contact_id" if object_type == "contacts" else "organisation_id"
    if everybody.empty:
        return typed(
            {}, {"person_id": "string", "combination_id": "Int64", "start_date": HISTORY["start"], "end_date": HISTORY["end"]}
        )
    found = fetch(everybody["id"].tolist(), **asked)
    sources.append(found)
    return pd.DataFrame(found).assign(person_id=found[label].astype("string"))


def _history(positions: pd.DataFrame, pairs: pd.DataFrame, found: pd.DataFrame, object_type: str) -> pd.DataFrame:
    """A position counts in its combination, in its group and in its function, as far as these are among the segments."""
    held = positions.merge(
        pairs[["id", "group_id", "function_id"]], left_on="combination_id", right_on="id", suffixes=("", "_pair")
    )
    parts = [
        held.assign(segment_id=f"{kind} " + held[f"{kind}_id"].astype("string"), start=held["start_date"], end=held["end_date"])
        for kind in SINGULAR.values()
    ]
    every = pd.concat(parts, ignore_index=True)
    every = every[every["segment_id"].isin(found["segment_id"])]
    return typed({**every[["segment_id", "person_id", "start", "end"]], "object_type": [object_type] * len(every)}, HISTORY)


def _with_terms(people: pd.DataFrame, positions: pd.DataFrame, day: pd.Timestamp | None) -> pd.DataFrame:
    """member_since: first day of the first position. active: has a position on the day; the last day counts."""
    since = positions.groupby("person_id")["start_date"].min()
    people["member_since"] = since.reindex(people["person_id"]).array.astype(PEOPLE["member_since"])
    if day is not None:
        runs = (positions["start_date"] <= day) & (positions["end_date"].isna() | (positions["end_date"] >= day))
        people["active"] = people["person_id"].isin(positions.loc[runs, "person_id"]).astype("boolean")
    return people


def _answers(client: Peepl, asked: Mapping[str, Any], day: pd.Timestamp | None, sources: list[pd.DataFrame]) -> pd.DataFrame:
    """Per contact: invitations to activities of the 365 days before the day, and sign_ups among them (the answer yes, not presence)."""
    activities = client.activities(**asked)
    sources.append(activities)
    starts = activities["start_date"].dt.tz_convert(ZONE).dt.tz_localize(None)
    until = day or pd.Timestamp.max
    held = activities.loc[(starts < until) & (starts >= until - YEAR), "id"]
    if held.empty:
        return pd.DataFrame({"invitations": [], "sign_ups": []}, index=pd.Index([], dtype="string", name="person_id"))
    answers = client.attendance(held.tolist(), **asked)
    sources.append(answers)
    answers = pd.DataFrame(answers).drop_duplicates(["activity_id", "user_id"], keep="last")
    by_person = answers.assign(sign_ups=answers["status"] == "A").groupby(answers["user_id"].astype("string"))
    return by_person.agg(invitations=("activity_id", "size"), sign_ups=("sign_ups", "sum"))
