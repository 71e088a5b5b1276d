"""From corrections to requests: every correction is either part of a request or refused with the reason. Reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from crmkit.clean.write_desk import Target, read
from crmkit.clean.write_values import changed, is_old, same, value
from crmkit.errors import NotFound
from crmkit.progress import Progress, wanted
from crmkit.writing import CUSTOM_PREFIX, Place, Record, Unfit, Writing, defined

if TYPE_CHECKING:
    from crmkit.client import Client


class Line(NamedTuple):
    """One correction."""

    crm: str
    record: str
    id: str
    field: str
    old: Any
    new: Any
    reason: Any
    source: Any


@dataclass
class Request:
    """One request that would be sent: whose record, as it was read while planning, and the new values of its fields."""

    target: Target
    record: Record
    entry: Record
    changes: Record
    lines: list[Line]

    @property
    def stamp(self) -> Any:
        """What moves when anybody changes the record."""
        return self.record.get(self.target.writing.stamp)


@dataclass
class Sorted:
    """What became of the corrections."""

    requests: list[Request] = field(default_factory=list)
    refused: list[tuple[Line, str]] = field(default_factory=list)


def sort_out(client: Client, corrections: pd.DataFrame) -> Sorted:
    """Requests for what can be written, reasons for the rest. Each record that a request is for is read once."""
    result = Sorted()
    groups: dict[str, tuple[Target, list[tuple[Line, Place]]]] = {}
    for line in _unrepeated(client, corrections, result):
        try:
            target, place = _target(client, line)
        except Unfit as why:
            result.refused.append((line, str(why)))
        else:
            groups.setdefault(target.key, (target, []))[1].append((line, place))
    order = {id(writing): number for number, writing in enumerate(client.writings)}
    records: dict[str, Record | None] = {}
    progress = Progress(f"{client.crm} plan", wanted(client.progress), client.minutes_per_call)
    progress.expected = len(groups)
    try:
        for target, lines in sorted(groups.values(), key=lambda group: order[id(group[0].writing)]):
            _plan_one(client, target, lines, records, result)
            progress.page(1)
    finally:
        progress.close()
    return result


def _unrepeated(client: Client, corrections: pd.DataFrame, result: Sorted) -> list[Line]:
    """The corrections, each field once: what is said twice is said once, what is said in two ways is refused."""
    lines = [Line(*row) for row in corrections.itertuples(index=False)]
    wanted: dict[tuple[str, str, str], set[str]] = {}
    for line in lines:
        wanted.setdefault((line.record, line.id, line.field), set()).add(repr((line.old, line.new)))
    kept: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        name = (line.record, line.id, line.field)
        if len(wanted[name]) > 1:
            result.refused.append((line, "several corrections of this field contradict each other"))
        elif name in kept:
            result.refused.append((line, "the same correction is there twice; it is sent once"))
        else:
            kept[name] = line
    return list(kept.values())


def _target(client: Client, line: Line) -> tuple[Target, Place]:
    """The record that a correction is written to, and where in it."""
    if pd.isna(line.crm) or line.crm.lower() != client.crm.lower():
        raise Unfit(f"this correction is for {line.crm}, the client speaks to {client.crm}")
    if not client.writings:
        raise Unfit(f"nothing is written to {client.crm} yet")
    if pd.isna(line.id) or not line.id.strip() or line.id in (".", "..") or pd.isna(line.record) or pd.isna(line.field):
        raise Unfit("the correction does not say which record and field it is for")
    place = Place.of(line.field)
    writing = _writing(client, line.record, place)
    if pd.isna(line.new):
        raise Unfit('a missing value means nothing in a write; to empty a text field, correct it to ""')
    if not pd.isna(line.old) and line.old == line.new:
        raise Unfit("old and new are the same")
    if writing.part:
        writing.field(place.member or "")
        return Target(writing, line.id, place.key), Place(place.member or "")
    writing.field(place.root)
    return Target(writing, line.id), place


def _writing(client: Client, noun: str, place: Place) -> Writing:
    found = [writing for writing in client.writings if writing.noun == noun]
    if not found:
        raise Unfit(client.not_written.get(noun, f"{client.crm} lets crmkit write no {noun}"))
    is_entry = place.key is not None and place.root != CUSTOM_PREFIX
    part = next((writing for writing in found if is_entry and writing.part == place.root), None)
    whole = next((writing for writing in found if not writing.part), None)
    if part is None and whole is None:
        raise Unfit(client.not_written.get(noun, f"only entries of its lists can be written: {', '.join(w.part for w in found)}"))
    return part or whole  # type: ignore[return-value]


def _plan_one(
    client: Client, target: Target, lines: list[tuple[Line, Place]], records: dict[str, Record | None], result: Sorted
) -> None:
    """One request, or reasons why not."""
    path = target.read_path(client)
    if path not in records:
        try:
            records[path] = read(client, target)
        except NotFound:
            records[path] = None
    record = records[path]
    entry = None if record is None else target.writing.entry(record, target.part)
    if record is None or entry is None:
        result.refused += [(line, "there is no such record, or no such entry of it, any more") for line, _ in lines]
        return
    request = Request(target, record, entry, {}, [])
    for line, place in lines:
        try:
            _take(client, request, line, place)
            _unique(request, line, place, result)
        except Unfit as unfit:
            result.refused.append((line, str(unfit)))
        else:
            request.lines.append(line)
    why = _whole_rule(request)
    result.refused += [(line, why) for line in request.lines if why]
    if request.lines and not why:
        result.requests.append(request)


def _take(client: Client, request: Request, line: Line, place: Place) -> None:
    """Add a correction to a request, if the record still says what the correction starts from."""
    writing = request.target.writing
    one = writing.field(place.root)
    raw = request.entry.get(one.name)

    def definitions() -> Mapping[str, Record]:
        return _definitions(client, one.name, one.wrapper, raw or [])

    declared, now = value(one, raw, place, definitions)
    if not is_old(declared, now, line.old):
        has_new = is_old(declared, now, line.new)
        raise Unfit("the record already has the new value" if has_new else "the field has changed since it was fetched")
    so_far = request.changes.get(one.name, raw)
    if one.name in request.changes and not same(value(one, so_far, place, definitions)[1], now):
        raise Unfit("another correction of this record already changes this value; correct it in one way")
    new = changed(one, so_far, place, line.new, definitions)
    why = writing.check(request.record, request.entry, {**request.changes, one.name: new})
    if why:
        raise Unfit(why)
    request.changes[one.name] = new


def _definitions(client: Client, name: str, wrapper: str, raw: list[Record]) -> Mapping[str, Record]:
    """Custom fields by id: those that the account defines, from the cache where it has them."""
    listed = getattr(client, name)()
    known = {str(one["id"]): dict(one) for one in listed[["id", "name", "type", "choices"]].to_dict("records")}
    told = [item for item in raw if defined(item, wrapper) is not None]
    return {**{str(item[wrapper]["id"]): item[wrapper] for item in told}, **known}


def _unique(request: Request, line: Line, place: Place, result: Sorted) -> None:
    """No two requests of a plan give their records the same value of a field that must be unique."""
    one = request.target.writing.field(place.root)
    if not one.unique:
        return
    for other in result.requests:
        if other.target.writing is request.target.writing and str(other.changes.get(one.name)).casefold() == line.new.casefold():
            del request.changes[one.name]
            raise Unfit(f"{one.name} must be unique, and another record of this plan gets the same")


def _whole_rule(request: Request) -> str:
    """What a write of the record needs beside its changes."""
    missing = request.target.writing.missing(request.entry, request.changes)
    if not missing:
        return ""
    return f"every write must hold {', '.join(missing)}, which the record does not have; correct that too"
