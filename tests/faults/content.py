"""Faults in what an answer says: spoilt records, and bodies that are not what they should be."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from .dialects import Dialect
from .dials import Dials

Record = dict[str, Any]

BIG_ID = 2**53
MEGABYTE = 10**6
BAD_TEXT = "text that no UTF-8 has"  # replaced below by bytes that no encoder makes
BAD_BYTES = b"caf\xe9 \xff\xfe\x80"
DEEP_MARK = "as deep as the dial says"


DIALS = (
    "big_ids",
    "duplicate_ids",
    "key_collision",
    "nan_literals",
    "invalid_utf8",
    "big_record",
    "deep_nesting",
    "objects_for_lists",
    "null_objects",
    "missing_ids",
)


def spoilt(records: list[Record], dialect: Dialect, faults: Dials) -> list[Record]:
    """The records with the record dials applied: copies, if any of these dials is on."""
    if not any(getattr(faults, name) not in (None, False) for name in DIALS):
        return records
    records = copy.deepcopy(records)
    spoil(records, dialect, faults)
    return records


def spoil(records: list[Record], dialect: Dialect, faults: Dials) -> None:
    """Applies the record dials in place."""
    for record in chosen(records, faults.big_ids):
        enlarge_id(record, dialect)
    for record in chosen(records, faults.duplicate_ids):
        record[dialect.id_name] = records[0].get(dialect.id_name)
    for record in chosen(records, faults.key_collision):
        dialect.fields(record).update({"a": {"b": 1}, "a.b": 2})
    for record in chosen(records, faults.nan_literals):
        dialect.fields(record).update(not_a=float("nan"), more=float("inf"), less=float("-inf"))
    for record in chosen(records, faults.invalid_utf8):
        dialect.fields(record)[dialect.text_name] = BAD_TEXT
    for record in records[:1]:
        swell(dialect.fields(record), dialect, faults)
    for record in chosen(records, faults.objects_for_lists):
        record.update({name: lists_to_objects(value) for name, value in record.items()})
    for record in chosen(records, faults.null_objects):
        record.update({name: objects_to_null(value) for name, value in record.items()})
    lose_ids(records, dialect, faults)


def chosen(records: list[Record], which: Any) -> Iterator[Record]:
    """All records for True, the one at this place for a number."""
    if which is True:
        yield from records
    elif which is not None and which is not False and which < len(records):
        yield records[which]


def enlarge_id(record: Record, dialect: Dialect) -> None:
    record[dialect.id_name] = dialect.renumbered(record[dialect.id_name], BIG_ID)


def lose_ids(records: list[Record], dialect: Dialect, faults: Dials) -> None:
    if faults.missing_ids == "null":
        for record in records:
            record[dialect.id_name] = None
    else:
        for record in chosen(records, faults.missing_ids):
            record.pop(dialect.id_name, None)


def swell(fields: Record, dialect: Dialect, faults: Dials) -> None:
    """A text of many bytes, and the mark where the nesting goes."""
    if faults.big_record:
        fields[dialect.text_name] = "x" * (10 * MEGABYTE if faults.big_record is True else faults.big_record)
    if faults.deep_nesting:
        fields["deep"] = DEEP_MARK


def objects_to_null(value: Any) -> Any:
    if isinstance(value, dict):
        return None
    return [objects_to_null(item) for item in value] if isinstance(value, list) else value


def lists_to_objects(value: Any) -> Any:
    if isinstance(value, list):
        return {str(place): lists_to_objects(item) for place, item in enumerate(value)}
    if isinstance(value, dict):
        return {name: lists_to_objects(item) for name, item in value.items()}
    return value


def encode(payload: Any, faults: Dials, credential: str) -> bytes:
    """The body as bytes. Text and bytes are taken as they are."""
    if faults.empty_body:
        return b""
    if faults.not_json:
        return b"<<< this is not JSON >>>"
    if faults.echo_credential:
        payload = echoed(payload, credential)
    if isinstance(payload, str):
        return payload.encode()
    if isinstance(payload, bytes):
        return payload
    body = json.dumps(payload, ensure_ascii=False).encode()
    body = body.replace(BAD_TEXT.encode(), BAD_BYTES)
    return body.replace(json.dumps(DEEP_MARK).encode(), nested(faults.deep_nesting))


def echoed(payload: Any, credential: str) -> Any:
    if isinstance(payload, dict):
        return {**payload, "echo": credential}
    if isinstance(payload, str):
        return f"{payload} {credential}"
    return payload


def nested(depth: Any) -> bytes:
    levels = 100_000 if depth is True else depth or 0
    return b'{"deep":' * levels + b"1" + b"}" * levels
