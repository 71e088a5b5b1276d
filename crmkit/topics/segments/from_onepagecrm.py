"""OnePageCRM: saved filters, tags, statuses and lead sources of contacts. OnePageCRM sheet, sections 3 and 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.receipts import receipt
from crmkit.topics.segments.load import newest_day
from crmkit.topics.segments.neutral import MEMBERS, PEOPLE, SEGMENTS, assembled, kinds_of
from crmkit.topics.shapes import Names, typed

if TYPE_CHECKING:
    from crmkit.crms.onepagecrm import OnePageCRM

OWN = {"owner": "string", "lead_source": "string", "company": "string", "deals": "Int64", "pending_deal": "boolean"}
CONTACTS = "contacts"


def read(
    client: OnePageCRM, asked: Mapping[str, Any], today: pd.Timestamp | None, kinds: Names = None
) -> dict[str, pd.DataFrame]:
    """The frames of load(). A contact without a tag, status or lead source is in no segment of that kind; one whose status or lead
    source is not in the account's list is in a segment called unknown.
    """
    wanted = kinds_of("OnePageCRM", kinds)
    everybody, users = client.contacts(**asked), client.users(**asked)
    sources = [everybody, users]
    parts = {"filter": _filters, "tag": _tags, "status": _statuses, "lead_source": _lead_sources}
    found = [read_kind(client, asked, everybody, sources) for kind, read_kind in parts.items() if kind in wanted]
    segments = pd.concat([part for part, _ in found] or [typed({}, SEGMENTS)], ignore_index=True).astype(SEGMENTS)
    members = pd.concat([part for _, part in found] or [typed({}, MEMBERS)], ignore_index=True).astype(MEMBERS)
    return assembled(segments, members, _people(everybody, users), today=today or newest_day(*sources), sources=sources)


def _segments(kind: str, ids: pd.Series[str], names: pd.Series[str], sizes: pd.Series[int] | None = None) -> pd.DataFrame:
    columns = {"segment_id": f"{kind} " + ids, "name": names, "kind": [kind] * len(ids), "source_id": ids}
    return typed(columns if sizes is None else {**columns, "declared_size": sizes}, SEGMENTS)


def _by(kind: str, everybody: pd.DataFrame, column: str) -> pd.DataFrame:
    """Members by a column of the contacts that holds one id, or a list of them."""
    lines = everybody[["id", column]].explode(column).dropna(subset=[column])
    columns = {"segment_id": f"{kind} " + lines[column].astype("string"), "person_id": lines["id"]}
    return typed({**columns, "object_type": [CONTACTS] * len(lines)}, MEMBERS)


Part = tuple[pd.DataFrame, pd.DataFrame]


def _tags(client: OnePageCRM, asked: Mapping[str, Any], everybody: pd.DataFrame, sources: list[pd.DataFrame]) -> Part:
    """Tags are those on contacts: no call lists them. A tag is its name."""
    members = _by("tag", everybody, "tags")
    names = members["segment_id"].drop_duplicates().str.removeprefix("tag ").sort_values()
    return _segments("tag", names, names), members


def _listed(kind: str, listed: pd.DataFrame, everybody: pd.DataFrame, column: str) -> Part:
    """Segments of a list that the account keeps; ids of contacts that are not in it are segments too, so that nobody vanishes."""
    strange = pd.Series(everybody[column].dropna().unique(), dtype="string")
    strange = strange[~strange.isin(listed["id"])]
    known = _segments(kind, listed["id"], listed["text"], listed["total_count"])
    unknown = _segments(kind, strange, f"unknown {kind.replace('_', ' ')} " + strange)
    return pd.concat([known, unknown], ignore_index=True), _by(kind, everybody, column)


def _statuses(client: OnePageCRM, asked: Mapping[str, Any], everybody: pd.DataFrame, sources: list[pd.DataFrame]) -> Part:
    listed = client.statuses(**asked)
    sources.append(listed)
    return _listed("status", listed, everybody, "status_id")


def _lead_sources(client: OnePageCRM, asked: Mapping[str, Any], everybody: pd.DataFrame, sources: list[pd.DataFrame]) -> Part:
    listed = client.lead_sources(**asked)
    sources.append(listed)
    return _listed("lead_source", listed, everybody, "lead_source_id")


def _filters(client: OnePageCRM, asked: Mapping[str, Any], everybody: pd.DataFrame, sources: list[pd.DataFrame]) -> Part:
    listed = client.filters(**asked)
    sources.append(listed)
    sizes, lines = [], [typed({}, MEMBERS)]
    for number in listed["id"]:
        inside = client.filtered_contacts(number, **asked)
        sources.append(inside)
        sizes.append(receipt(inside).declared_total)
        columns = {"segment_id": [f"filter {number}"] * len(inside), "person_id": inside["id"]}
        lines.append(typed({**columns, "object_type": [CONTACTS] * len(inside)}, MEMBERS))
    return _segments("filter", listed["id"], listed["name"], pd.Series(sizes, dtype="Int64")), pd.concat(lines, ignore_index=True)


def _people(everybody: pd.DataFrame, users: pd.DataFrame) -> pd.DataFrame:
    """Contacts; a place is that of the first address, an owner the user's name."""
    names = (users["first_name"].fillna("") + " " + users["last_name"].fillna("")).str.strip()
    columns = {
        "person_id": everybody["id"],
        "object_type": [CONTACTS] * len(everybody),
        "city": everybody["address.city"],
        "postal_code": everybody["address.zip_code"],
        "country": everybody["address.country_code"],
        "status": everybody["status"],
        "created": everybody["created_at"],
        "changed": everybody["modified_at"],
        "owner": everybody["owner_id"].map(dict(zip(users["id"], names, strict=True))),
        "lead_source": everybody["lead_source"],
        "company": everybody["company_name"],
        "deals": everybody["total_deals_count"],
        "pending_deal": everybody["pending_deal"],
    }
    return typed(columns, {**PEOPLE, **OWN})
