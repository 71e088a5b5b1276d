"""An error's text that comes with status 200 is no record: of no row of any system is it one, whatever the row's shape is."""

import pytest

import crmkit
from crmkit.errors import CrmkitError, ParameterError, ShapeError
from crmkit.records import recognised
from tests.faults import USER_ID
from tests.serving import serving

CLIENTS = {
    "peepl": lambda **more: crmkit.Peepl(token="t" * 20, **more),
    "beeple": lambda **more: crmkit.Beeple(token="t" * 20, **more),
    "sheepcrm": lambda **more: crmkit.SheepCRM(api_key="k" * 20, bucket="b", **more),
    "missionhub": lambda **more: crmkit.MissionHub(token="t" * 20, **more),
    "onepagecrm": lambda **more: crmkit.OnePageCRM(user_id=USER_ID, api_key="k" * 20, **more),
}
COMPLAINTS = {
    "an error": {"error": "no access"},
    "a status": {"status": 403, "message": "no access", "code": 12},
    "a stranger": {"trace": "5f1", "exception": "Denied", "reason": {"text": "no access"}},
}
# No sheet gives their fields, so a stranger cannot be told from a record; an error can.
UNDOCUMENTED = {
    "beeple": {"hour_registrations"},
    "sheepcrm": {
        *("contact_summary", "person_communications", "person_personal", "find_person", "search_person", "search_car"),
        *("membership", "membership_detail", "membership_type_extras", "provenance", "segment_records"),
        *("attendance_export", "orders_export", "orders_export_meta"),
    },
}


class Everywhere(dict):
    """Answers of serving(): the same at every path."""

    def get(self, path, default=None):
        return self["answer"]


@pytest.mark.parametrize("complaint", COMPLAINTS)
@pytest.mark.parametrize("system", CLIENTS)
def test_no_row_takes_an_error_for_a_record(system, complaint, no_waiting):
    taken, asked = [], 0
    with serving(Everywhere(answer=(200, COMPLAINTS[complaint]))) as (address, log):
        client = CLIENTS[system](base_url=address, pace=None)
        for name, row in client.rows().items():
            slots = [1 if one.kind in ("integer", "number") else USER_ID for one in row.own_slots(client.slots)]
            before = len(log)
            try:
                frame = getattr(client, name)(*slots)
            except ParameterError:  # needs more than its path
                continue
            except CrmkitError:
                asked += len(log) > before
                continue
            if complaint != "a stranger" or name not in UNDOCUMENTED.get(system, ()):
                taken.append((name, len(frame)))
    assert not taken
    assert asked >= {"missionhub": 4, "beeple": 15}.get(system, 30)


@pytest.mark.parametrize("system", CLIENTS)
def test_only_rows_that_no_sheet_describes_take_any_object(system):
    rows = CLIENTS[system](base_url="http://127.0.0.1:9").rows()
    assert {name for name, row in rows.items() if not row.fields} == UNDOCUMENTED.get(system, set())


def test_a_record_needs_one_field_of_its_own():
    """Not all of them: vendors leave out what is empty, and add what no sheet knows yet."""
    fields = frozenset({"id", "name"})
    records = [{"name": None, "new": 1}, {}, {"id": 7, "error": "none"}]
    assert recognised(records, fields) == records
    assert recognised([{"uid": "a"}], frozenset()) == [{"uid": "a"}]
    with pytest.raises(ShapeError, match="no documented field"):
        recognised([*records, {"new": 1}], fields)
    with pytest.raises(ShapeError, match="only an error's"):
        recognised([{"errors": ["no"]}], frozenset())
