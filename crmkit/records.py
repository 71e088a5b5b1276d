"""From one answer to its records: pure functions on decoded JSON, no pandas.

A row says where its records are with a Pick: a function from the answer's body to a list of records. The makers below cover what
the five systems do; each raises ShapeError naming the place, never the data.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from crmkit.errors import ShapeError

Record = dict[str, Any]
Pick = Callable[[Any], list[Record]]
MISSING = object()
DERIVED = ("depth", "path", "path_ids", "is_leaf", "n_children")
HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")  # by its number, or in bytes that only look like UTF-8
OWN = " [from the server]"
# What an error's own object is made of.
COMPLAINT = frozenset(
    {"code", "detail", "details", "error", "error_description", "errors", "message", "reason", "status", "success"}
)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Decoding millions of small objects is 2.5 to 4 times faster while the cyclic collector does not scan them.

    At the end what was made counts as long-lived, so that the collector does not begin with a scan of all of it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()


def decoded(content: bytes) -> Any:
    """JSON text as Python values, exactly: whole numbers of any size, and NaN and Infinity where a server writes them.

    msgspec is two to three times faster than the standard library and refuses what is not strictly JSON; that is read again by
    the standard library, which is more lenient. Raises ValueError for what neither can read.
    """
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError):
        found = json.loads(content)
        return speakable(found) if HALF_PAIR.search(content) else found


def speakable(value: Any) -> Any:
    """The JSON value with half surrogate pairs, which no encoding can hold, as the six characters of its number.

    Two halves that stand together are one character.
    """
    if isinstance(value, str):
        whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return whole.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {speakable(key): speakable(inner) for key, inner in value.items()}
    return [speakable(inner) for inner in value] if isinstance(value, list) else value


def dig(body: Any, path: str) -> Any:
    """The value at a dotted path, or MISSING; an empty path is the body itself."""
    for key in path.split(".") if path else ():
        if not isinstance(body, dict) or key not in body:
            return MISSING
        body = body[key]
    return body


def _checked(found: Any, place: str) -> list[Record]:
    if not isinstance(found, list):
        raise ShapeError(f"expected a list at {place}, found {_kind(found)}.")
    for record in found:
        if not isinstance(record, dict):
            raise ShapeError(f"expected objects in the list at {place}, found {_kind(record)}.")
    return found


def _kind(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    names = {dict: "an object", list: "a list", str: "a text", bool: "a flag", type(None): "null"}
    return names.get(type(value), "a number")


def at(path: str, each: str = "") -> Pick:
    """A list at a dotted path; each names the key that wraps every record, taken off where it is there.

    A bare list instead of the envelope is the whole answer; an object or null where the list should be is one record or none.
    """
    place = path or "the top of the answer"

    def pick(body: Any) -> list[Record]:
        found = body if isinstance(body, list) else dig(body, path)
        if found is None:
            return []
        return unwrapped(_checked([found] if isinstance(found, dict) else found, place), each)

    return pick


def keys_of(records: list[Record], names: tuple[str, ...]) -> list[Any]:
    """The key of each record; None where a part of it is missing."""
    if len(names) == 1 and "." not in names[0]:
        name = names[0]
        found = [record.get(name) for record in records]
        if {list, dict}.isdisjoint(map(type, found)):
            return found
        return [json.dumps(value) if isinstance(value, list | dict) else value for value in found]
    keys = []
    for record in records:
        parts = tuple(dig(record, name) for name in names)
        keys.append(None if not names or any(part is None or not isinstance(part, str | int) for part in parts) else parts)
    return keys


def recognised(records: list[Record], fields: frozenset[str]) -> list[Record]:
    """The records, none of which is a stranger: an error's text that came with status 200 is no record.

    fields: the names at the top of such a record, as documented; none where no document gives them.
    """
    for record in records:
        if record and (record.keys() <= COMPLAINT or (fields and fields.isdisjoint(record))):
            raise ShapeError(
                "an object came that is none of these records: it has no documented field of theirs, or only an error's.",
                hint="the server refused with status 200, or the base URL is not that of the API: run the same call again.",
            )
    return records


def unwrapped(records: list[Record], each: str) -> list[Record]:
    """The records without the key that wraps each of them; a record without that key, or with a plain value there, stays.

    What stands beside the wrapper is kept; where the record has another value of that name, as "<name> [beside <wrapper>]".
    """
    return [without_wrapper(record, each) for record in records] if each else records


def without_wrapper(record: Record, wrapper: str) -> Record:
    """One record without its wrapper, what stands beside it first."""
    inside = record.get(wrapper)
    if not isinstance(inside, dict):
        return record
    if len(record) == 1:
        return inside
    beside = {name: value for name, value in record.items() if name != wrapper}
    if beside.keys().isdisjoint(inside.keys()):
        return {**beside, **inside}
    differing = {f"{name} [beside {wrapper}]": beside[name] for name in beside if name in inside and beside[name] != inside[name]}
    return {**beside, **inside, **differing}


def one(path: str = "") -> Pick:
    """A single object at a dotted path; where it is missing, the body itself (an unwrapped answer)."""

    def pick(body: Any) -> list[Record]:
        found = dig(body, path)
        record = body if found is MISSING or not isinstance(found, dict) else found
        return _checked([record], path or "the top of the answer")

    return pick


def page_or_list(path: str) -> Pick:
    """The parser rule of systems that use both forms: an envelope with a list, a bare list, or one object."""
    listed = at(path)

    def pick(body: Any) -> list[Record]:
        if isinstance(body, dict) and dig(body, path) is MISSING:
            return [body]
        return listed(body)

    return pick


def keyed(path: str, key: str) -> Pick:
    """A dict whose keys are data: each value is a record, its key added under the given name."""

    def pick(body: Any) -> list[Record]:
        found = dig(body, path)
        if found is None or found == []:
            return []
        if not isinstance(found, dict):
            raise ShapeError(f"expected an object keyed by data at {path}, found {_kind(found)}.")
        return _checked([_with(key, name, record) for name, record in found.items()], path)

    return pick


def _with(key: str, name: str, record: Any) -> Any:
    return joined(record, {key: name}) if isinstance(record, dict) else record


def joined(record: Record, facts: Record) -> Record:
    """A record with facts from elsewhere in its answer; what it has itself under such a name, and otherwise, is kept beside."""
    own = {f"{name} [in the record]": record[name] for name in facts if name in record and record[name] != facts[name]}
    return {**record, **facts, **own}


def tree(path: str, nest: str, parent: str) -> Pick:
    """A recursive list flattened depth first.

    Each record gains parent (where it has none), depth, path ("Club / Youth / U12"), path_ids, is_leaf and n_children, and loses
    the nested list. A field of the server with one of these names is kept as "<name> [from the server]".
    """
    listed = page_or_list(path)

    def flatten(nodes: list[Record], above: Record | None) -> Iterator[Record]:
        for node in _checked(nodes, nest):
            below = node.get(nest) or []
            flat = {f"{key}{OWN}" if key in DERIVED else key: value for key, value in node.items() if key != nest}
            if above is not None and flat.get(parent) is None:
                flat[parent] = above.get("id")
            flat["depth"] = above["depth"] + 1 if above else 0
            flat["path"] = f"{above['path']} / {node.get('name')}" if above else node.get("name")
            flat["path_ids"] = [*(above["path_ids"] if above else []), node.get("id")]
            flat["is_leaf"] = not below
            flat["n_children"] = len(below)
            yield flat
            yield from flatten(below, flat)

    return lambda body: list(flatten(listed(body), None))


def only_list(body: Any) -> list[Record]:
    """Records of an answer whose shape no sheet gives: a list, an object with exactly one list of objects, or one object."""
    if isinstance(body, list):
        return _checked(body, "the top of the answer")
    if not isinstance(body, dict):
        raise ShapeError(f"expected a list or an object, found {_kind(body)}.")
    lists = [key for key, value in body.items() if isinstance(value, list) and value and all(isinstance(v, dict) for v in value)]
    if len(lists) > 1:
        raise ShapeError(f"the answer holds several lists: {', '.join(sorted(lists))}.")
    return body[lists[0]] if lists else [body]
