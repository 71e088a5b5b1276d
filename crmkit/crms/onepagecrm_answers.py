"""OnePageCRM: from an answer to its records, after the contract sheet, sections 1 to 4 and its traps 5 to 8, 17, 29 and 39."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from crmkit.answers import may_name
from crmkit.columns import visible
from crmkit.crms.onepagecrm_columns import FILTER
from crmkit.errors import ShapeError
from crmkit.frames import Builder
from crmkit.records import Pick, Record, at, joined, without_wrapper

PAGE_FIELDS = {"total_count", "page", "per_page", "max_page"}


def data(body: Any) -> Any:
    """What the envelope holds; its status is 0 in a success, whatever the HTTP status says."""
    if not isinstance(body, dict):
        return body
    status = body.get("status", 0)
    if isinstance(status, int) and status != 0:
        raise ShapeError("the answer is an error in the form of a success.", retryable=True, hint="run the same call again.")
    return body.get("data", body)


def merged(entry: Record, wrapper: str) -> Record:
    """A record without its wrapper, with what stands beside it; a record that is not wrapped stays as it is."""
    if not isinstance(entry.get(wrapper), dict):
        return entry
    if not PAGE_FIELDS.isdisjoint(entry):
        entry = {name: value for name, value in entry.items() if name not in PAGE_FIELDS}
    return without_wrapper(entry, wrapper)


def same(record: Record) -> Record:
    """The record as it is."""
    return record


def many(name: str, wrapper: str = "", tidied: Callable[[Record], Record] = same) -> Pick:
    """A list: data.<name>[].<wrapper>, or data[].<wrapper> where data is the list itself."""
    listed = at(name)

    def pick(body: Any) -> list[Record]:
        return [tidied(merged(entry, wrapper)) for entry in listed(data(body))]

    return pick


def single(wrapper: str = "", tidied: Callable[[Record], Record] = same) -> Pick:
    """One record: data.<wrapper>, or data itself."""

    def pick(body: Any) -> list[Record]:
        found = data(body)
        if not isinstance(found, dict):
            raise ShapeError("expected an object in data.")
        return [tidied(merged(found, wrapper))]

    return pick


def each(value: Any, change: Callable[[Record], Any]) -> Any:
    """The list with each of its records changed; anything else as it is."""
    return [change(one) if isinstance(one, dict) else one for one in value] if isinstance(value, list) else value


def changed(record: Record, changes: Mapping[str, Callable[[Any], Any]]) -> Record:
    """A copy of the record with some of its members changed, where it has them."""
    copied = dict(record)
    for name, change in changes.items():
        if name in copied:
            copied[name] = change(copied[name])
    return copied


def deal(record: Record) -> Record:
    """A deal with the map of its earlier stages as a list, and the full contacts that fields adds."""
    return changed(record, {"previous_pipeline_stages": stages, "contacts": lambda found: each(found, contact)})


def stages(found: Any) -> Any:
    """Pipeline id -> stage as records: the keys are data."""
    return [{"pipeline_id": key, "stage": stage} for key, stage in found.items()] if isinstance(found, dict) else found


def company(record: Any) -> Any:
    """A company with ids in place of the full contacts and deals inside it."""
    return changed(record, OF_COMPANY) if isinstance(record, dict) else record


def _ids_of(found: Any, word: str) -> Any:
    return each(found, id_only(word))


OF_COMPANY = {"contacts": partial(_ids_of, word="contact"), "pending_deals": partial(_ids_of, word="deal")}


def id_only(wrapper: str) -> Callable[[Record], Record]:
    """What is kept of a full record inside another."""
    return lambda entry: {"id": merged(entry, wrapper).get("id")}


def contact(record: Record) -> Record:
    """A contact, wherever it stands: urls under its older name too, no empty addresses, a lean company beside it."""
    tidy = changed(record, OF_CONTACT)
    if isinstance(tidy.get("url"), list) and "urls" not in tidy:
        tidy["urls"] = tidy.pop("url")
    return tidy


def linked_contact(entry: Record) -> Record:
    """A linked contact is wrapped once more than others."""
    return contact(merged(entry, "contact"))


def filled(addresses: Any) -> Any:
    """Addresses without those whose every line is empty."""
    if not isinstance(addresses, list):
        return addresses
    return [one for one in addresses if not isinstance(one, dict) or any(one.values())]


OF_CONTACT: dict[str, Callable[[Any], Any]] = {
    "address_list": filled,
    "company": company,
    "deals": lambda found: each(found, deal),
}


def bootstrap(body: Any) -> list[Record]:
    """The account as one record: wrappers off wherever they are, single objects as lists of one, the map of outcomes as a list."""
    inside = data(body)
    if not isinstance(inside, dict):
        raise ShapeError("expected an object in data.")
    beside = ("lead_sources", "statuses", "tags", "contacts_count", "team_stream")
    record = joined({name: body[name] for name in beside if name in body}, inside)
    if isinstance(record.get("user"), dict):
        record["user"] = merged(record["user"], "user")
    if isinstance(record.get("settings"), dict):
        record["settings"] = changed(record["settings"], {"pipelines": lambda found: bare(found, "pipeline")})
    return [changed(record, {"call_results": outcomes, **{name: _bare(word) for name, word in WRAPPED.items()}})]


WRAPPED = {
    "team": "user",
    "custom_fields": "custom_field",
    "company_fields": "company_field",
    "deal_fields": "deal_field",
    "filters": "filter",
    "predefined_actions": "predefined_action",
    "lead_sources": "lead_source",
    "statuses": "status",
}


def _bare(wrapper: str) -> Callable[[Any], Any]:
    return lambda found: bare(found, wrapper)


def bare(found: Any, wrapper: str) -> Any:
    """A list of records without their wrappers; a single one as a list of one."""
    return each([found] if isinstance(found, dict) else found, lambda entry: merged(entry, wrapper))


def outcomes(found: Any) -> Any:
    """Outcomes of calls as records of key and label, from the map or from the older list."""
    if isinstance(found, dict):
        return [{"key": key, "label": label} for key, label in found.items()]
    if not isinstance(found, list):
        return found
    return [outcome(merged(one, "call_result") if isinstance(one, dict) else one) for one in found]


def outcome(one: Any) -> Record:
    """One outcome as key and label."""
    if not isinstance(one, dict):
        return {"key": one, "label": None}
    renamed = {"result": "key", "text": "label"}
    return {str(renamed.get(name, name)): value for name, value in one.items()}


class FilterBeside:
    """The saved filters that answers name beside the contacts they find, a line each: included(df)["filter"]."""

    def __init__(self) -> None:
        self._found: dict[Any, Record] = {}

    def see(self, body: Any, again: bool = False) -> None:
        inside = data(body)
        found = inside.get("filter") if isinstance(inside, dict) else None
        if isinstance(found, dict):
            self._found[str(found.get("id"))] = found

    def frames(self) -> dict[str, pd.DataFrame]:
        builder = Builder(visible(FILTER, sensitive=False))
        builder.add(list(self._found.values()))
        return {"filter": builder.frame()}

    def problems(self) -> list[str]:
        return []


def hoisted(body: Any, _: bytes) -> Any:
    """An answer whose page fields stand inside each item, with them in data, where others have them."""
    inside = body.get("data") if isinstance(body, dict) else None
    if not isinstance(inside, dict) or inside.keys() & PAGE_FIELDS:
        return body
    items: list[Any] = next((one for one in inside.values() if isinstance(one, list) and one and isinstance(one[0], dict)), [{}])
    found = {name: value for name, value in items[0].items() if name in PAGE_FIELDS}
    return {**body, "data": {**inside, **found}} if found else body


def unsigned(body: Any, content: bytes) -> Any:
    """The answer with the signatures cut off the addresses of attachments: they open files to anybody who holds them."""
    return _cut(body) if may_name(content, "url_expires_at") and _signs(body) else body


def _signs(body: Any) -> bool:
    """Whether a record with a signed address is anywhere inside."""
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("url_expires_at"):
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_cut(one) for one in value]
    if not isinstance(value, dict):
        return value
    inside = {name: _cut(one) for name, one in value.items()}
    if not inside.get("url_expires_at"):
        return inside
    thumbnail = inside.get("thumbnail")
    return {
        **changed(inside, {"url": without_query}),
        **({"thumbnail": changed(thumbnail, {"url": without_query})} if isinstance(thumbnail, dict) else {}),
    }


def without_query(url: Any) -> Any:
    """An address as far as its query."""
    if not isinstance(url, str):
        return url
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return None


def odd_stages(body: Any) -> list[str]:
    """What a receipt says about pending deals whose stage is no chance of winning."""
    inside = data(body)
    found = inside.get("deals", [inside]) if isinstance(inside, dict) else inside
    deals = [merged(entry, "deal") for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    odd = any(one.get("status") == "pending" and not _is_chance(one.get("stage")) for one in deals)
    return ["some pending deals have no stage between 1 and 99; it is kept as it came"] if odd else []


def _is_chance(stage: Any) -> bool:
    return isinstance(stage, int) and not isinstance(stage, bool) and 0 < stage < 100
