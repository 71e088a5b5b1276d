"""Arbitrary JSON for the main rows of the five systems: no error but a named one, and no value lost."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit.errors import CrmkitError, ShapeError
from crmkit.frames import Builder
from crmkit.records import decoded
from tests.guard.lost import lost

MAIN = {
    "Peepl": ("contacts", "organisations", "groups", "activities", "attendance"),
    "Beeple": ("projects", "collaborator", "collaborator_enrolments", "project_teams"),
    "SheepCRM": ("segments", "events", "attendance", "memberships"),
    "MissionHub": ("people", "organizations", "me"),
    "OnePageCRM": ("contacts", "deals", "companies", "actions"),
}
ROWS = [(crm, kind.rows()[name]) for crm, names in MAIN.items() for kind in [getattr(crmkit, crm)] for name in names]
WORDS = (
    "", " ", "0", "-1", "007", "1.5", "1e5", "1e400", "nan", "true", "FALSE", "yes", "2024-02-29", "2023-02-29", "2024-01-01T10:00:00Z",
    "2024-01-01T10:00:00.123456789Z", "2024-01-01 10:00", "2024-01-01T10:00:00+02:00", "2024", "2024-W01-1", "31/12/2024", "32/01/2024", "0000-00-00",
    "99999-01-01", "0001-01-01", "25:00", "-1:30", "01:30:15", "1,234.50", "EUR 5", "=1+1", "\x00", "\u2028", "é", "e\u0301", "\ud800", "x\udfffy",
    "9007199254740993", "18446744073709551616", "٣", "１２", " 12 ", "1_000", "<script>", "[]", "{}", "null", "null ", "-0", "+5", "00:00",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 7, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 0.1, 1.0, -0.0, 1e308, 5e-324, 1700000000, 1700000000.5,
    float("nan"), float("inf"), float("-inf"), -62135596800, 253402300800, True, False,
)  # fmt: skip
PLAIN = st.one_of(st.none(), st.sampled_from(NUMBERS), st.sampled_from(WORDS), st.text(max_size=6))


def segments(columns):
    """All names that stand in the places of a row's columns, children included, and odd ones beside them."""
    names = set()
    for one in columns:
        names |= {*one.path, one.name, f"{one.name}.raw"} | segments(one.children)
    return names


def values(keys):
    return st.recursive(
        PLAIN, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(keys, inside, max_size=4), max_leaves=8
    )


def bodies(row):
    keys = st.sampled_from([*sorted(segments(row.columns)), "id", "a", "a.b", "b", "", ".", "attributes", "relationships", "data", "\ud800", "x [2]"])
    records = st.lists(st.dictionaries(keys, values(keys), max_size=8), max_size=4)
    wrapped = records.map(lambda found: enveloped(row, found))
    return st.one_of(wrapped, wrapped, records, values(keys))


def enveloped(row, found):
    """The records in the first of the systems' envelopes out of which the row reads as many."""
    noun, plural = row.record or "record", row.name
    forms = [
        {"data": [{"id": 1, "type": noun, "attributes": one} for one in found]},
        {"status": 0, "data": {plural: [{noun: one, "beside": 1} for one in found], "total_count": len(found)}},
        dict.fromkeys(("results", "segments", "bookings", plural, plural.rpartition("_")[2]), found),
        {"data": found},
        found,
    ]
    return next((form for form in forms if reads(row, form, len(found))), found[0] if found else {})


def reads(row, form, count):
    try:
        return len(row.pick(form)) == count
    except CrmkitError:
        return False


def framed(row, body):
    """The records that a row picks from a body as it comes over the wire, and their frame."""
    records = row.pick(decoded(json.dumps(body).encode()))
    builder = Builder(row.columns)
    builder.add(records[: len(records) // 2])
    builder.add(records[len(records) // 2 :])
    return records, builder.frame()


def check(row, body):
    try:
        records, frame = framed(row, body)
    except ShapeError:
        return False
    assert len(frame) == len(records)
    declared = {one.name: one for one in Builder(row.columns).columns}
    for name, one in declared.items():
        assert str(frame[name].dtype) == one.dtype
    assert lost(records, frame, row.columns) == []
    json.dumps(frame.columns.tolist()).encode()
    return True


def fuzzed(row, cases):
    """How many arbitrary bodies a row framed, and how many it refused."""
    seen = {"framed": 0, "refused": 0}

    @settings(suppress_health_check=[*HealthCheck], database=None, max_examples=cases)
    @given(bodies(row))
    def run(body):
        seen["framed" if check(row, body) else "refused"] += 1

    run()
    return seen


def all_fuzzed(crm, cases):
    """The sums over the main rows of a system: framed, refused."""
    rows = [row for name, row in ROWS if name == crm]
    seen = [fuzzed(row, -(-cases // len(rows))) for row in rows]
    return tuple(sum(one[word] for one in seen) for word in ("framed", "refused"))


@pytest.mark.parametrize("crm", MAIN)
def test_arbitrary_json_is_framed_without_loss_or_refused(crm):
    framed, _ = all_fuzzed(crm, 80)
    assert framed >= 5  # chance decides; none would mean that nothing was tried


SHAPES = ([], {}, [None], ["a"], [1, "a"], {"a": 1}, [{"a": 1}], [[1]], {"": {"b": [2]}}, [{"id": "x"}, 3])


@pytest.mark.parametrize("crm", ["Peepl", "Beeple", "SheepCRM", "MissionHub", "OnePageCRM"])
def test_every_odd_value_in_every_column_of_every_row(crm):
    """Each field by itself, with each value, in one frame per row."""
    for name, row in getattr(crmkit, crm).rows().items():
        odd = decoded(json.dumps([*WORDS, *NUMBERS, *SHAPES]).encode())
        places = {one.path for one in row.columns if not one.from_call}
        records = [nested_at(place, value) for place in sorted(places) for value in odd]
        builder = Builder(row.columns)
        builder.add(records)
        assert lost(records, builder.frame(), row.columns) == [], name


def nested_at(place, value):
    return {place[0]: nested_at(place[1:], value) if len(place) > 1 else value}


@pytest.mark.full
@pytest.mark.parametrize("crm", MAIN)
def test_a_hundred_thousand_cases(crm, capsys):
    framed, refused = all_fuzzed(crm, 20_000)
    with capsys.disabled():
        print(f"\n{crm}: {framed:,} framed, {refused:,} refused with ShapeError")
    assert framed + refused >= 20_000
