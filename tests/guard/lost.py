"""Which values of a record a frame has lost: an oracle that shares nothing with crmkit's casts."""

import json
import math
import re
from datetime import UTC, datetime, timedelta
from functools import cache

import pandas as pd


def lost(records, frame, columns):
    """(line, place, value) of each value that cannot be found in its line under its name; the list is empty in a sound frame.

    Looked at are the columns of the value's own dotted name, those declared for its place, what stands beside them (.raw, [2]), and
    cells above it that hold a whole object or list. Nothing (null, blank texts, empty objects) needs no place; secret and opt-in
    fields have none.
    """
    names = list(frame.columns)
    hidden = {one.path for one in columns if one.kind == "secret" or one.opt_in}
    inner = {name for one in columns for name in hidden_inside(one)} | {path[-1] for path in hidden if len(path) > 1}
    declared = {}
    for one in columns:
        declared.setdefault(one.path, []).append(one.name)
    cells = {name: frame[name].tolist() for name in names}
    where = cache(lambda place: list(candidates(place, names, declared)))  # every record has the same places
    found = []
    for line, record in enumerate(records):
        for place, value in leaves(record, ()):
            if nothing(value) or any(place[: len(path)] == path for path in hidden):
                continue
            if not any(holds(cells[name][line], value, inner) for name in where(place)):
                found.append((line, place, value))
    return found


def hidden_inside(column):
    for one in column.children:
        if one.kind == "secret" or one.opt_in:
            yield one.path[-1]
        yield from hidden_inside(one)


def leaves(value, place):
    if isinstance(value, dict) and value:
        for key, inside in value.items():
            yield from leaves(inside, (*place, key))
    else:
        yield place, value


def nothing(value):
    return value is None or value == {} or value == [] or (isinstance(value, str) and not value.strip())


def candidates(place, names, declared):
    dotted = ".".join(place)
    own = {name for length in range(len(place), 0, -1) for name in declared.get(place[:length], ())}
    own |= {f"{name}.raw" for name in own} | {dotted, f"{dotted}.raw"}
    for name in names:
        stem = re.sub(r"( \[\d+\]|\.raw)$", "", name)
        if name in own or stem == dotted or dotted.startswith((f"{name}.", f"{stem}.")):
            yield name


def holds(cell, value, inner=()):
    """Whether a cell says this JSON value."""
    if isinstance(cell, dict | list):
        return same(cell, value, inner) or any(same(one, value, inner) for one in parts(cell))
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return False
    if isinstance(cell, bool):
        return value is cell or (isinstance(value, str) and value.strip().lower() == str(cell).lower())
    if isinstance(cell, pd.Timestamp):
        return holds_time(cell, value)
    if isinstance(cell, pd.Timedelta):
        return isinstance(value, str) and clock(value) == cell
    if isinstance(cell, str):
        return cell == value or says(cell, value, inner)
    return holds_number(cell, value)


def says(cell, value, inner):
    """A text that is the JSON of the value, or of something that it is a part of."""
    try:
        found = json.loads(cell)
    except ValueError:
        return False
    return (not isinstance(value, str) and same(found, value, inner)) or (isinstance(found, dict | list) and holds(found, value, inner))


def same(one, other, inner):
    return plain(one, inner) == plain(other, inner)


def plain(value, inner):
    """A text that two JSON values share only if they are the same; without the members that are hidden."""
    return json.dumps(without(value, inner), sort_keys=True)


def without(value, inner):
    if isinstance(value, dict):
        return {key: without(one, inner) for key, one in value.items() if key not in inner}
    return [without(one, inner) for one in value] if isinstance(value, list) else value


def parts(cell):
    for one in cell.values() if isinstance(cell, dict) else cell:
        yield one
        if isinstance(one, dict | list):
            yield from parts(one)


def holds_number(cell, value):
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    if isinstance(value, float) and math.isnan(value):
        return math.isnan(cell)
    try:
        return cell == (value if not isinstance(value, str) else int(value) if isinstance(cell, int) else float(value))
    except ValueError:
        return False


def holds_time(cell, value):
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float) or re.fullmatch(r"\s*-?\d{1,20}\s*", value or ""):
        return int(cell.timestamp()) == int(value)
    moment = cell.to_pydatetime()
    for form in ("%d/%m/%Y", None):
        try:
            read = datetime.strptime(value, form) if form else iso(value)
        except ValueError:
            continue
        if read.tzinfo is None and moment.tzinfo is not None:
            read = read.replace(tzinfo=UTC)
        if (read == moment) if (read.tzinfo is None) == (moment.tzinfo is None) else (read.replace(tzinfo=None) == moment):
            return True
    return False


def iso(text):
    """ISO 8601 text as far as microseconds; more digits are another moment unless they are zeros."""
    whole = re.sub(r"([.,]\d{6})0+(?!\d)", r"\1", text)
    if re.search(r"[.,]\d{7,}", whole):
        raise ValueError
    return datetime.fromisoformat(whole)


def clock(text):
    match = re.fullmatch(r"\s*([+-]?)(\d+):(\d\d)(?::(\d\d))?\s*", text)
    if not match:
        return None
    span = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -span if match[1] == "-" else span
