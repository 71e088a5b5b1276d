"""sheepCRM: segments and their records, whatever shape those have. sheepCRM sheet, section 6."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.segments.load import newest_day
from crmkit.topics.segments.neutral import MEMBERS, PEOPLE, SEGMENTS, assembled
from crmkit.topics.segments.terms import lacking, read_terms
from crmkit.topics.shapes import Names, one_of, typed, wanted

if TYPE_CHECKING:
    from crmkit.crms.sheepcrm import SheepCRM

FOLDER = "auxiliary"
# Where a record may name a contact, and under which names its attributes may stand: no document gives the records' fields.
CONTACT_IN = ("uri", "member", "person_ref", "contact_uri", "contact", "person")
NAMED = {
    "birth_date": ("date_of_birth", "birth_date", "dob"),
    "gender": ("gender", "sex"),
    "language": ("language", "preferred_language"),
    "city": ("city", "town", "locality", "address.city", "address.town", "primary_address.city"),
    "postal_code": ("postal_code", "postcode", "address.postal_code", "address.postcode", "primary_address.postal_code"),
    "country": ("country", "address.country", "primary_address.country"),
    "status": ("membership_record_status", "membership_status", "status"),
}


def read(
    client: SheepCRM,
    asked: Mapping[str, Any],
    today: pd.Timestamp | None,
    segments: Names = None,
    everybody: str | None = None,
    object_type: str = "person",
    memberships: str | None = None,
) -> dict[str, pd.DataFrame]:
    """The frames of load(). A record belongs to the contact whose URI it has or names; records of others are left out."""
    one_of(object_type, ("person", "organisation"), "object_type")
    listed = client.segments_all(**asked)
    sources = [listed]
    chosen = _chosen(listed, segments, object_type)
    whole = [] if everybody is None else [_one(listed, everybody)]
    if whole and not (chosen["uid"] == whole[0]).any():
        chosen = pd.concat([chosen, listed[listed["uid"] == whole[0]]])
    holding = chosen.loc[chosen["segment_type"] != FOLDER, "uid"]
    read_records = {uid: client.segment_records(uid, **asked) for uid in holding}
    counts = {uid: client.segment_count(uid, **asked) for uid in holding}
    sources += [*read_records.values(), *counts.values()]
    parts = [_members(uid, records, object_type) for uid, records in read_records.items()]
    members = pd.concat(parts or [typed({}, MEMBERS)], ignore_index=True).astype(MEMBERS)
    known = members if not whole else members[members["segment_id"] == f"segment {whole[0]}"]
    people = _people(known["person_id"].drop_duplicates(), list(read_records.values()), object_type)
    problems = [] if whole else ["everybody is whoever is in a segment that was read: no call lists all contacts"]
    more = {}
    if memberships is not None:
        terms = client.segment_records(_one(listed, memberships), **asked)
        sources.append(terms)
        people = _with_terms(people, terms, today or newest_day(*sources))
        more["terms"] = read_terms(terms)
        if missing := lacking(terms):
            problems.append(f"the memberships have no field {', '.join(missing)}: rights can hide fields")
    found = _segments(chosen, {uid: _size(count) for uid, count in counts.items()}, _parents(listed))
    return assembled(found, members, people, today=today or newest_day(*sources), sources=sources, problems=problems, **more)


def _one(listed: pd.DataFrame, wanted: str) -> str:
    """The uid of a segment that is given by uid or name."""
    hits = listed.loc[(listed["uid"] == wanted) | (listed["name"] == wanted), "uid"]
    if hits.empty:
        raise ParameterError(f"there is no segment {wanted!r}.", hint="client.segments_all() lists them.")
    return str(hits.iloc[0])


def _chosen(listed: pd.DataFrame, segments: Names, object_type: str) -> pd.DataFrame:
    """Those named; else those in use that hold records of this type, and all folders of them: auxiliary ones, which hold nothing."""
    if segments is not None:
        uids = [_one(listed, name) for name in wanted(segments)]
        return listed.set_index("uid", drop=False).loc[list(dict.fromkeys(uids))].reset_index(drop=True)
    fits = listed["resource_type"].isin([object_type, "contact"])
    return listed[fits & (listed["active"].fillna(True) | (listed["segment_type"] == FOLDER))].reset_index(drop=True)


def _parents(listed: pd.DataFrame) -> dict[str, str]:
    """The uid above each segment that has one, of all that are listed: those not in use hold branches together, too."""
    above = listed["parent_segment"].str.extract(r"([^/]+)/?$", expand=False)
    return {uid: one for uid, one in zip(listed["uid"], above, strict=True) if pd.notna(one)}


def _above(uid: str, parents: Mapping[str, str], there: Collection[str]) -> str | None:
    """The nearest segment above that is there; where none is, the one that is named."""
    way = [uid]
    while (at := parents.get(way[-1])) is not None and at not in way:
        if at in there:
            return at
        way.append(at)
    return parents.get(uid)


def _segments(chosen: pd.DataFrame, sizes: Mapping[str, int | None], parents: Mapping[str, str]) -> pd.DataFrame:
    """Their kind is segment, or folder for those that only group others; roll_up() gives folders the members of what is in them.

    Who stands below a segment that was not chosen, as one no longer in use, stands below the nearest one above it that was.
    """
    there = set(chosen["uid"])
    above = pd.Series([_above(uid, parents, there) for uid in chosen["uid"]], index=chosen.index, dtype="string")
    columns = {
        "segment_id": "segment " + chosen["uid"],
        "name": chosen["name"],
        "kind": ["folder" if kind == FOLDER else "segment" for kind in chosen["segment_type"]],
        "source_id": chosen["uid"],
        "parent_id": "segment " + above,
        "declared_size": pd.array([sizes.get(uid) for uid in chosen["uid"]], dtype="Int64"),
    }
    return typed(columns, SEGMENTS)


def _size(count: pd.DataFrame) -> int | None:
    """The vendor's own count; it may differ from the records (another moment, rights)."""
    numbers = [value for value in count.get("count", pd.Series(dtype="Int64")) if pd.notna(value)]
    return int(numbers[0]) if numbers else None


def _contacts(records: pd.DataFrame, object_type: str) -> pd.Series[str]:
    """The URI of the contact of each record: the first column that names one of this type."""
    found = pd.Series(pd.NA, index=records.index, dtype="string")
    for name in CONTACT_IN:
        if name in records:
            uris = records[name].map(lambda value: value if isinstance(value, str) else None).astype("string")
            found = found.fillna(uris.where(uris.str.split("/").str[2] == object_type))
    return found


def _members(uid: str, records: pd.DataFrame, object_type: str) -> pd.DataFrame:
    contacts = _contacts(records, object_type).dropna()
    columns = {"segment_id": [f"segment {uid}"] * len(contacts), "person_id": contacts}
    return typed({**columns, "object_type": [object_type] * len(contacts)}, MEMBERS)


def _people(uris: pd.Series[str], read_records: list[pd.DataFrame], object_type: str) -> pd.DataFrame:
    """What the records that are contacts say about them; the first record that has a value wins."""
    found = typed({"person_id": uris, "object_type": [object_type] * len(uris)}, PEOPLE)
    for records in read_records:
        own = (
            records[_is_contact(records, object_type)].drop_duplicates("uri").set_index("uri")
            if "uri" in records
            else records.head(0)
        )
        for column, names in NAMED.items():
            name = next((name for name in names if name in own), None)
            if name is not None and len(own):
                found[column] = found[column].fillna(
                    _cast(own[name].reindex(found["person_id"]).reset_index(drop=True), PEOPLE[column])
                )
    return found


def _is_contact(records: pd.DataFrame, object_type: str) -> pd.Series[bool]:
    return (records["uri"].astype("string").str.split("/").str[2] == object_type).fillna(False)


def _cast(values: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    """Values of an undeclared column as text, or as days; what is no day is missing."""
    if dtype == "string":
        return values.map(lambda value: str(value) if isinstance(value, str | int) else None).astype("string")
    texts = values.map(lambda value: value[:10] if isinstance(value, str) else value)
    days: pd.Series[Any] = pd.to_datetime(texts, format="ISO8601", errors="coerce").astype(dtype)
    return days


def _with_terms(people: pd.DataFrame, terms: pd.DataFrame, today: pd.Timestamp | None) -> pd.DataFrame:
    """member_since: first start_date of a membership. active: one covers the day and is not cancelled before it."""
    held = pd.DataFrame({"person_id": _contacts(terms.drop(columns="uri", errors="ignore"), "person")})
    for name in ("start_date", "end_date", "cancellation_date"):
        held[name] = _cast(terms[name] if name in terms else pd.Series(None, index=terms.index), PEOPLE["member_since"])
    since = held.groupby("person_id")["start_date"].min()
    people["member_since"] = since.reindex(people["person_id"]).array.astype(PEOPLE["member_since"])
    if today is not None:
        runs = (held["start_date"] <= today) & ~(held["end_date"] < today) & ~(held["cancellation_date"] < today)
        people["active"] = people["person_id"].isin(held.loc[runs, "person_id"]).astype("boolean")
    return people
