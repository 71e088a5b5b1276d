"""Writing back over HTTP: what is sent is what was planned, nothing twice, nothing over somebody's change, all of it undone."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import requests

import crmkit
from crmkit import clean, demo
from crmkit.clean import write_run
from crmkit.clean.write_journal import Journal
from crmkit.endpoint import fetcher
from crmkit.errors import AuthError, ConfigError, CrmkitError, ParameterError, RequestFailed, ServerError, WriteStopped
from crmkit.transport import Call
from tests.serving import serving

from .writing import fixes, planned, sent

ROOT = Path(__file__).parents[2]
KINDS = {"peepl": "Peepl", "beeple": "Beeple", "sheepcrm": "SheepCRM", "missionhub": "MissionHub", "onepagecrm": "OnePageCRM"}


@pytest.fixture
def organisation():
    with demo.start(people=80) as running:
        yield running


@pytest.fixture(scope="module")
def lasting():
    """A demo for tests that leave it as it was."""
    with demo.start(people=60) as running:
        yield running


def whole_contacts(client, count):
    contacts = client.contacts().dropna(subset=["birth_date"])
    required = ["birth_place", "first_name", "last_name", "gender", "email", "preferred_language"]
    return contacts[(contacts[required] != "").all(axis=1)].head(count)


def renamed(client, count, ending="x"):
    return fixes(
        "Peepl",
        "contact",
        *((one.id, "first_name", one.first_name, one.first_name + ending) for one in whole_contacts(client, count).itertuples()),
    )


def raw(organisation, crm, path):
    """The bytes of an answer, straight from the demo, without the server's stamps of change."""
    client = getattr(organisation, crm)()
    answer = requests.get(organisation.urls[crm] + path, headers=dict(client.authorisation()), timeout=10)
    assert answer.ok
    return json.dumps(_unstamped(answer.json()), sort_keys=False).encode()


def _unstamped(value):
    if isinstance(value, dict):
        return {
            name: _unstamped(one) for name, one in value.items() if name not in ("last_modified", "modified_at", "last_updated")
        }
    return [_unstamped(one) for one in value] if isinstance(value, list) else value


def test_what_is_sent_is_what_was_planned_and_undo_brings_the_same_bytes_back(organisation):
    client = organisation.peepl(writable=True)
    contacts = whole_contacts(client, 4)
    found = [renamed(client, 3)]
    one = contacts.iloc[0]
    address, value = one["address"][0], next(each for each in one["custom_fields"] if "string_value" in each)
    found.append(fixes(
        "Peepl", "contact",
        (one["id"], f"address[{address['id']}].city", address["city"], "Gent"),
        (one["id"], f"address[{address['id']}].street2", "", "bus 3"),
        (one["id"], f"custom_fields[{value['id']}].string_value", value["string_value"], "+3216000000"),
    ))  # fmt: skip
    mailed = client.contacts().query("emails_secondary.str.len() > 0").iloc[0]
    mail = mailed["emails_secondary"][0]
    found.append(
        fixes("Peepl", "contact", (mailed["id"], f"emails_secondary[{mail['id']}].value", mail["value"], "n@example.org"))
    )
    firm = client.organisations().iloc[0]
    site = firm["address"][0]
    found.append(fixes("Peepl", "organisation", (firm["id"], f"address[{site['id']}].postal_code", site["postal_code"], "9000")))
    paths = [f"/contacts/{key}/" for key in {*contacts["id"], mailed["id"]}] + [f"/organisations/{firm['id']}/"]
    before = {path: raw(organisation, "peepl", path) for path in paths}

    plan = clean.plan(client, pd.concat(found))
    assert plan.refused.empty
    start = len(organisation.log)
    result = plan.apply(confirm=plan.phrase)
    assert set(result["outcome"]) == {"written"}
    assert sent(organisation.log, start) == planned(plan)
    assert client.contacts().set_index("id").loc[one["id"], "first_name"] == one["first_name"] + "x"
    assert {path: raw(organisation, "peepl", path) for path in paths} != before

    assert set(plan.undo()["outcome"]) == {"restored"}
    assert {path: raw(organisation, "peepl", path) for path in paths} == before
    assert client.contacts().set_index("id").loc[one["id"], "first_name"] == one["first_name"]


def one_of_each(client):
    """Corrections of every kind of record that OnePageCRM writes, some fields each."""
    contacts = client.contacts(custom_fields="columns")
    contact = contacts[(contacts["phones"].str.len() > 0) & contacts["cf.Taal"].notna()].iloc[0]
    bare = contacts[contacts["address_list"].str.len() > 0].iloc[-1]
    companies = client.companies()
    company = companies[~(companies["syncing_status"] | companies["syncing_tags"])].iloc[0]
    deals = client.deals()
    deal = deals[(deals["status"] == "pending") & (deals["deal_fields"].str.len() > 0)].iloc[0]
    actions = client.actions()
    action = actions[~actions["externally_controlled"].fillna(False)].iloc[0]
    note, call, meeting = client.notes().iloc[0], client.calls().iloc[0], client.meetings().iloc[0]
    language = "English" if contact["cf.Taal"] != "English" else "Nederlands"
    owner = next(user for user in client.users()["id"] if user != deal["owner_id"])

    def lines(record, *found):
        return fixes("OnePageCRM", record, *found)

    return pd.concat([
        lines("contact",
            (contact["id"], "last_name", contact["last_name"], "Žižka"),
            (contact["id"], "phones[0].value", contact["phones"][0]["value"], "+3216000000"),
            (contact["id"], "cf.Taal", contact["cf.Taal"], language),
            (contact["id"], "starred", str(contact["starred"]).lower(), str(not contact["starred"]).lower()),
            (bare["id"], "address_list[0].city", bare["address_list"][0]["city"], "Gent"),
        ),
        lines("company", (company["id"], "name", company["name"], "Aaa"), (company["id"], "address.city", company["address.city"], "Gent")),
        lines("deal",
            (deal["id"], "name", deal["name"], "y" * 60),
            (deal["id"], "owner_id", deal["owner_id"], owner),
            (deal["id"], "expected_close_date", deal["expected_close_date"].strftime("%Y-%m-%d"), "2024-12-31"),
        ),
        lines("action", (action["id"], "text", action["text"], "Bel")),
        lines("note", (note["id"], "text", note["text"], "Kort"), (note["id"], "date", note["date"].strftime("%Y-%m-%d"), "2024-01-01")),
        lines("call", (call["id"], "via", call["via"], "jabber" if call["via"] != "jabber" else "phone")),
        lines("meeting", (meeting["id"], "place", meeting["place"], "Hier")),
    ])  # fmt: skip


def test_onepagecrm_there_and_back(organisation):
    client = organisation.onepagecrm(writable=True)
    paths = ["/contacts?team=true&per_page=100"] + [
        f"/{name}?per_page=100" for name in ("companies", "deals", "actions", "notes", "calls", "meetings")
    ]
    before = [raw(organisation, "onepagecrm", path) for path in paths]
    plan = clean.plan(client, one_of_each(client))
    assert plan.refused.empty, plan.refused
    start = len(organisation.log)
    assert set(plan.apply(confirm=plan.phrase)["outcome"]) == {"written"}
    assert sent(organisation.log, start) == planned(plan)
    assert all(query == {"partial": "true"} for _, _, query, _ in sent(organisation.log, start))
    changed = [raw(organisation, "onepagecrm", path) for path in paths]
    assert all(one != other for one, other in zip(before, changed, strict=True))
    assert set(plan.undo()["outcome"]) == {"restored"}
    assert [raw(organisation, "onepagecrm", path) for path in paths] == before


def test_an_address_that_goes_is_cleared_by_its_place(organisation):
    """The document: [{...}] keeps the second address, [{...}, {}] clears it."""
    client = organisation.onepagecrm(writable=True)
    contacts = client.contacts()
    contact = contacts[contacts["address_list"].str.len() == 1].iloc[0]
    one, path = contact["address_list"], f"/contacts/{contact['id']}"
    before = raw(organisation, "onepagecrm", path)
    two = [*one, {**one[0], "city": "Gent"}]
    plan = clean.plan(client, fixes("OnePageCRM", "contact", (contact["id"], "address_list", json.dumps(one), json.dumps(two))))
    plan.apply(confirm=plan.phrase)
    start = len(organisation.log)
    less = clean.plan(client, fixes("OnePageCRM", "contact", (contact["id"], "address_list", json.dumps(two), json.dumps(one))))
    assert planned(less)[0][3] == {"address_list": [*one, {}]}
    assert plan.undo()["outcome"].tolist() == ["restored"]
    assert sent(organisation.log, start)[0][3] == {"address_list": [*one, {}]}
    assert raw(organisation, "onepagecrm", path) == before


def test_a_custom_field_of_any_type_that_was_empty_is_emptied_again(organisation):
    client = organisation.onepagecrm(writable=True)
    contacts = client.contacts(custom_fields="columns")
    definitions = client.custom_fields().query("type != 'section_divider'")
    given = {"date": "2020-01-31", "anniversary": "2020-01-31", "number": "3"}
    tried = set()
    for one in definitions.itertuples():
        column = next(name for name in (f"cf.{one.name}", f"cf.{one.name} [{one.id}]") if name in contacts)
        empty = contacts[contacts[column].isna()]
        if empty.empty:
            continue
        key = empty.iloc[0]["id"]
        new = given.get(one.type) or ("x" if len(one.choices or []) == 0 else one.choices[0])
        before = raw(organisation, "onepagecrm", f"/contacts/{key}")
        plan = clean.plan(client, fixes("OnePageCRM", "contact", (key, column, None, new)))
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
        assert plan.undo()["outcome"].tolist() == ["restored"]
        assert raw(organisation, "onepagecrm", f"/contacts/{key}") == before
        tried.add(one.type)
    assert {"select_box", "multiple_choice", "date", "anniversary", "number", "single_line_text"} <= tried


def test_sheepcrm_there_and_back(organisation):
    client = organisation.sheepcrm(writable=True)
    for uid in client.events_in_state("past")["uid"]:
        rows = client.attendance(uid)
        alone = rows[rows["person_ref"].notna() & ~rows["person_ref"].duplicated(keep=False)]
        alone = alone[alone["status"].isin(["invited", "accepted", "declined"])].head(3)
        if len(alone) == 3:
            break
    after = rows.copy()
    after.loc[alone.index, "status"] = ["attended", "no-show", "attended"]
    found = clean.corrections(rows, after)
    path = f"/events/v2/example/booking/{uid}/attendance"
    before = raw(organisation, "sheepcrm", path)
    exported = client.attendance_export(uid)["Status"].value_counts()
    plan = clean.plan(client, found)
    start = len(organisation.log)
    assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"] * 3
    assert sent(organisation.log, start) == planned(plan)
    pd.testing.assert_series_equal(client.attendance(uid)["status"], after["status"])
    assert client.attendance_export(uid)["Status"].value_counts()["attended"] == exported.get("attended", 0) + 2
    assert plan.undo()["outcome"].tolist() == ["restored"] * 3
    assert raw(organisation, "sheepcrm", path) == before


EVENT = "/events/v2/example/booking/7/attendance"
MARKED = {"uri": "/example/session/1/", "person_ref": "/example/person/1/", "status": "invited"}


def marking(answer=lambda line: {"attendance": [{"uri": line["uri"], "attendance": line}]}):
    """An event with one line, and a client that writes to it: the lines, what was sent, the answers to serve."""
    lines, statuses = [dict(MARKED)], []

    def serve(query):
        asked = dict(query)
        if "status" not in asked:
            return 200, {"sessions": lines}
        statuses.append(asked["status"])
        for line in lines:
            line["status"] = asked["status"] if line["person_ref"] == asked["person_uri"] else line["status"]
        return 200, answer(lines[0])

    return lines, statuses, {EVENT: serve}


def marked(url):
    client = crmkit.SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None, writable=True)
    return clean.plan(client, fixes("sheepCRM", "booking", (7, f"sessions[{MARKED['uri']}].status", "invited", "attended")))


def test_sheepcrm_does_not_write_once_a_person_has_a_second_line():
    """The call names the person, so it would touch both; what was clear when it was planned must be so when it is sent."""
    lines, statuses, answers = marking()
    with serving(answers) as (url, _):
        plan = marked(url)
        lines.append({**MARKED, "uri": "/example/session/2/"})
        result = plan.apply(confirm=plan.phrase)
        assert (result["outcome"].tolist(), statuses) == (["skipped"], [])
        assert "several lines" in result["reason"].item()
        lines.pop()
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
        lines.append({**MARKED, "uri": "/example/session/2/"})
        result = plan.undo()
    assert (result["outcome"].tolist(), statuses) == (["skipped"], ["attended"])
    assert "several lines" in result["reason"].item()


@pytest.mark.parametrize("attendance", [["x"], [{"uri": MARKED["uri"], "attendance": None}], [{"uri": MARKED["uri"], "attendance": []}]])
def test_sheepcrm_stops_at_an_answer_of_another_shape(attendance):
    _, _, answers = marking(lambda line: {"attendance": attendance})
    with serving(answers) as (url, _):
        plan = marked(url)
        with pytest.raises(WriteStopped, match="does not hold what was sent"):
            plan.apply(confirm=plan.phrase)


@contextmanager
def shown_by(read, company):
    """A company whose PUT keeps the members that a body leaves out, and shows it as read() has it; and every body that came."""
    bodies = []

    def answer(query):
        method, _, _, _, body = log[-1]
        if method == "PUT":
            given = json.loads(body)
            bodies.append(given)
            address = {**(company["address"] or {}), **given.pop("address", {})}
            company.update({**given, "address": address}, modified_at=f"2024-01-01T00:00:{len(bodies):02d}Z")
        return 200, {"status": 0, "data": {"company": read(company)}}

    answers = {"/companies/c1": answer}
    with serving(answers) as (url, log):
        yield crmkit.OnePageCRM(base_url=url, user_id="u" * 24, api_key="key", writable=True, pace=None, progress=False), bodies


def company(address):
    return {"id": "c1", "name": "A", "address": address, "company_fields": [], "modified_at": "2024-01-01T00:00:00Z"}


def as_it_is(found):
    return found


def emptied_as_null(found):
    return {**found, "address": {name: value or None for name, value in (found["address"] or {}).items()}}


@pytest.mark.parametrize("read", [as_it_is, emptied_as_null])
@pytest.mark.parametrize(
    ("address", "field", "old", "new"),
    [
        ({"city": "Gnt", "state": "OV"}, "address.state", "OV", ""),  # a line that is emptied may be shown as null
        ({"city": "Gent"}, "address.state", None, "OV"),  # a line that is left out may stay
        (None, "address.city", None, "Gent"),
    ],
)
def test_lines_of_an_address_go_and_come_back(read, address, field, old, new):
    held = company(address)
    with shown_by(read, held) as (client, bodies):
        plan = clean.plan(client, fixes("OnePageCRM", "company", ("c1", field, old, new)))
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
        assert plan.undo()["outcome"].tolist() == ["restored"]
    assert len(bodies) == 2
    assert {name: value for name, value in held["address"].items() if value} == (address or {})


def test_a_record_changed_in_between_is_skipped(organisation):
    client = organisation.peepl(writable=True)
    people = whole_contacts(client, 3)
    plan = clean.plan(client, renamed(client, 3))
    other = clean.plan(
        client, fixes("Peepl", "contact", (people.iloc[1]["id"], "last_name", people.iloc[1]["last_name"], "Else"))
    )
    other.apply(confirm=other.phrase)
    start = len(organisation.log)
    result = plan.apply(confirm=plan.phrase)
    assert result["outcome"].tolist() == ["written", "skipped", "written"]
    assert result["reason"].tolist()[1] == "the record has changed since it was planned"
    assert len(sent(organisation.log, start)) == 2
    stays = client.contact(int(people.iloc[1]["id"])).iloc[0]
    assert (stays["first_name"], stays["last_name"]) == (people.iloc[1]["first_name"], "Else")


def test_what_somebody_took_back_can_be_corrected_again(organisation):
    client = organisation.peepl(writable=True)
    found = renamed(client, 1)
    plan = clean.plan(client, found)
    plan.apply(confirm=plan.phrase)
    back = clean.plan(client, found.assign(old=found["new"], new=found["old"]))
    back.apply(confirm=back.phrase)
    assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["skipped"]
    again = clean.plan(client, found)
    assert again.apply(confirm=again.phrase)["outcome"].tolist() == ["written"]
    assert again.undo()["outcome"].tolist() == ["restored"]


def test_undo_leaves_what_somebody_changed_after_the_write(organisation):
    client = organisation.peepl(writable=True)
    people = whole_contacts(client, 2)
    plan = clean.plan(client, renamed(client, 2))
    plan.apply(confirm=plan.phrase)
    first = people.iloc[0]
    other = clean.plan(client, fixes("Peepl", "contact", (first["id"], "first_name", first["first_name"] + "x", "Later")))
    other.apply(confirm=other.phrase)
    assert plan.undo()["outcome"].tolist() == ["restored", "skipped"]
    assert client.contact(int(first["id"]))["first_name"].item() == "Later"


def test_undo_keeps_what_others_changed_in_the_same_record(organisation):
    client = organisation.peepl(writable=True)
    person = whole_contacts(client, 1).iloc[0]
    plan = clean.plan(client, renamed(client, 1))
    plan.apply(confirm=plan.phrase)
    other = clean.plan(client, fixes("Peepl", "contact", (person["id"], "birth_place", person["birth_place"], "Gent")))
    other.apply(confirm=other.phrase)
    plan.undo()
    now = client.contact(int(person["id"])).iloc[0]
    assert (now["first_name"], now["birth_place"]) == (person["first_name"], "Gent")


def test_one_journal_of_two_plans_takes_both_back(organisation, tmp_path):
    client = organisation.peepl(writable=True)
    person = whole_contacts(client, 1).iloc[0]
    path = f"/contacts/{person['id']}/"
    before = raw(organisation, "peepl", path)
    for field, old, new in (
        ("first_name", person["first_name"], "Ada"),
        ("last_name", person["last_name"], "Else"),
        ("first_name", "Ada", "Eva"),
    ):
        plan = clean.plan(client, fixes("Peepl", "contact", (person["id"], field, old, new)), journal=tmp_path / "one.jsonl")
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
    assert plan.undo()["outcome"].tolist() == ["restored"]
    assert raw(organisation, "peepl", path) == before
    assert plan.undo().empty


def test_a_journal_must_have_a_place_for_a_file(lasting, tmp_path):
    found = fixes("Peepl", "contact", (1, "first_name", "a", "b"))
    for place, reason in ((tmp_path, "is a folder"), (tmp_path / "none" / "one.jsonl", "no folder for the journal")):
        with pytest.raises(ConfigError, match=reason):
            clean.plan(lasting.peepl(), found, journal=place)


def test_a_journal_is_of_one_account(organisation, tmp_path):
    """The same id is somebody else there: undo would write one account's people into the other's."""
    mine = organisation.peepl(writable=True)
    person = whole_contacts(mine, 1).iloc[0]
    found = fixes("Peepl", "contact", (person["id"], "first_name", person["first_name"], "Ada"))
    plan = clean.plan(mine, found, journal=tmp_path / "one.jsonl")
    plan.apply(confirm=plan.phrase)
    with demo.start(people=80) as other:  # the same people, as in a copy for tests
        theirs = other.peepl(writable=True)
        strange = clean.plan(theirs, found, journal=tmp_path / "one.jsonl")
        start = len(other.log)
        for act in (lambda: strange.apply(confirm=strange.phrase), strange.undo):
            with pytest.raises(ConfigError, match="another account"):
                act()
        assert other.log[start:] == []
    again = organisation.peepl(writable=True, cache_dir=tmp_path / "elsewhere")  # as on another machine
    assert clean.plan(again, found, journal=tmp_path / "one.jsonl").undo()["outcome"].tolist() == ["restored"]


@pytest.mark.parametrize("end", ["refused", "cut off"])
def test_a_second_write_that_failed_leaves_the_first_to_undo(organisation, tmp_path, monkeypatch, end):
    client = organisation.peepl(writable=True)
    person = whole_contacts(client, 1).iloc[0]
    path = f"/contacts/{person['id']}/"
    before = raw(organisation, "peepl", path)

    def planned_for(field, new):
        return clean.plan(
            client, fixes("Peepl", "contact", (person["id"], field, person[field], new)), journal=tmp_path / "one.jsonl"
        )

    first = planned_for("first_name", "Ada")
    first.apply(confirm=first.phrase)
    second = planned_for("last_name", "Else")

    def fails(*args):
        raise RequestFailed("the server answered 409.", crm="Peepl") if end == "refused" else Crash

    with monkeypatch.context() as patched:
        patched.setattr(write_run, "send", fails)
        with pytest.raises(WriteStopped if end == "refused" else Crash):
            second.apply(confirm=second.phrase)
    assert second.undo()["outcome"].tolist() == ["restored"]
    assert raw(organisation, "peepl", path) == before


def test_a_write_that_was_cut_off_is_not_taken_for_the_next_plans_write(organisation, tmp_path, monkeypatch):
    client = organisation.peepl(writable=True)
    person = whole_contacts(client, 1).iloc[0]

    def planned_for(field, new):
        return clean.plan(
            client, fixes("Peepl", "contact", (person["id"], field, person[field], new)), journal=tmp_path / "one.jsonl"
        )

    first = planned_for("first_name", "Ada")
    real = write_run.send

    def cut(*args):
        real(*args)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(write_run, "send", cut)
        with pytest.raises(Crash):
            first.apply(confirm=first.phrase)
    second = planned_for("last_name", "Else")
    assert second.apply(confirm=second.phrase)["outcome"].tolist() == ["written"]
    now = client.contact(int(person["id"])).iloc[0]
    assert (now["first_name"], now["last_name"]) == ("Ada", "Else")
    assert second.undo()["outcome"].tolist() == ["restored"]
    now = client.contact(int(person["id"])).iloc[0]
    assert (now["first_name"], now["last_name"]) == (person["first_name"], person["last_name"])


KILLED = """
import sys
import crmkit
from crmkit import clean
client = crmkit.Peepl(token=sys.argv[2], base_url=sys.argv[1], pace=None, progress=False, cache_dir=sys.argv[3], writable=True)
plan = clean.plan(client, clean.load_corrections(sys.argv[4]), journal=sys.argv[5])
plan.apply(confirm=plan.phrase)
"""


@pytest.mark.parametrize("writes", [pytest.param(1, marks=pytest.mark.full), 3, pytest.param(5, marks=pytest.mark.full)])
def test_kill_nine_in_the_middle_and_nothing_is_written_twice(organisation, tmp_path, writes):
    client = organisation.peepl(writable=True, cache_dir=tmp_path / "cache")
    found = renamed(client, 6)
    people = found["id"].tolist()
    before = {key: raw(organisation, "peepl", f"/contacts/{key}/") for key in people}
    clean.save_corrections(found, tmp_path / "fixes.json")
    organisation.set(latency=0.05)
    start = len(organisation.log)
    arguments = [
        organisation.urls["peepl"],
        client._credentials["token"].reveal(),
        tmp_path / "cache",
        tmp_path / "fixes.json",
        tmp_path / "journal.jsonl",
    ]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, *map(str, arguments)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    deadline = time.monotonic() + 60
    while len(sent(organisation.log, start)) < writes:
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    time.sleep(0.2)
    organisation.set(latency=0)
    assert writes <= len(sent(organisation.log, start)) < 6

    plan = clean.plan(client, found, journal=tmp_path / "journal.jsonl")
    plan.apply(confirm=plan.phrase)
    written = [path for _, path, _, _ in sent(organisation.log, start)]
    assert sorted(written) == sorted(f"/contacts/{key}/" for key in people)
    assert set(plan.undo()["outcome"]) == {"restored"}
    assert {key: raw(organisation, "peepl", f"/contacts/{key}/") for key in people} == before


class Crash(BaseException):
    """A process that ends here and now."""


@pytest.mark.parametrize("step", range(1, 9))
def test_a_crash_at_any_step_is_resumed_by_the_same_plan_or_a_new_one(lasting, monkeypatch, step):
    """Steps are the journal's lines and the requests, each cut off just after it happened."""
    client = lasting.peepl(writable=True)
    found = renamed(client, 3)
    plan = clean.plan(client, found)
    count = {"left": step}

    def counted(work):
        def wrapped(*args, **kwargs):
            result = work(*args, **kwargs)
            count["left"] -= 1
            if count["left"] == 0:
                raise Crash
            return result

        return wrapped

    start = len(lasting.log)
    with monkeypatch.context() as patched:
        patched.setattr("crmkit.clean.write_run.send", counted(__import__("crmkit.clean.write_desk", fromlist=["send"]).send))
        patched.setattr(Journal, "append", counted(Journal.append))
        with pytest.raises(Crash):
            plan.apply(confirm=plan.phrase)
    again = plan if step % 2 else clean.plan(client, found)
    again.apply(confirm=again.phrase)
    assert sorted(path for _, path, _, _ in sent(lasting.log, start)) == sorted(f"/contacts/{key}/" for key in found["id"])
    assert len(again.undo()) == 3
    assert client.contacts().set_index("id").loc[found["id"].astype(int), "first_name"].tolist() == found["old"].tolist()


@pytest.mark.parametrize(("kind", "puts"), [("truncated", 1), ("drop", 2), ("500", 2)])
def test_after_a_lost_answer_the_record_is_read_before_anything_is_sent_again(organisation, no_waiting, kind, puts):
    client = organisation.peepl(writable=True)
    found = renamed(client, 1)
    plan = clean.plan(client, found)
    organisation.set(faults={kind: [2]})  # call 1 reads again, call 2 writes
    start = len(organisation.log)
    assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
    calls = [call.method for call in organisation.log[start:]]
    assert calls.count("PUT") == puts
    assert all(calls[place + 1] == "GET" for place, method in enumerate(calls) if method == "PUT")
    organisation.set(faults={})
    assert client.contact(int(found["id"][0]))["first_name"].item() == found["new"][0]


def test_a_throttled_write_is_sent_again_by_the_servers_word(organisation, no_waiting):
    client = organisation.peepl(writable=True)
    plan = clean.plan(client, renamed(client, 1))
    organisation.set(faults={"429": [2]})
    assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
    assert no_waiting


def test_a_server_that_never_takes_it_ends_the_run(organisation, no_waiting):
    client = organisation.peepl(writable=True)
    plan = clean.plan(client, renamed(client, 2))
    organisation.set(faults={"500": [2, 4, 6]})
    with pytest.raises(WriteStopped, match="did not take the write") as caught:
        plan.apply(confirm=plan.phrase)
    assert caught.value.result["outcome"].tolist() == ["stopped"]
    organisation.set(faults={})
    assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written", "written"]


@pytest.mark.parametrize("answers", [("500", "500", "500"), ("500", "409")])
def test_a_lost_write_that_is_taken_after_the_run_has_stopped_can_be_undone(organisation, no_waiting, monkeypatch, answers):
    """The answer to the first attempt is lost, and the server takes it only when nobody asks any more."""
    client = organisation.peepl(writable=True)
    found = renamed(client, 1)
    plan = clean.plan(client, found)
    real, calls = write_run.send, []

    def late(*args):
        calls.append(args)
        kind = ServerError if answers[len(calls) - 1] == "500" else RequestFailed
        raise kind(f"the server answered {answers[len(calls) - 1]}.", crm="Peepl")

    monkeypatch.setattr(write_run, "send", late)
    with pytest.raises(WriteStopped):
        plan.apply(confirm=plan.phrase)
    assert len(calls) == len(answers)
    monkeypatch.setattr(write_run, "send", real)
    real(*calls[0])
    assert plan.undo()["outcome"].tolist() == ["restored"]
    assert client.contact(int(found["id"][0]))["first_name"].item() == found["old"][0]


def test_it_stops_at_the_first_refusal_of_the_server(organisation):
    client = organisation.peepl(writable=True)
    people = whole_contacts(client, 3)
    taken = people.iloc[2]["email"]
    found = pd.concat(
        [
            renamed(client, 1),
            fixes(
                "Peepl",
                "contact",
                (people.iloc[1]["id"], "email", people.iloc[1]["email"], taken),
                (people.iloc[2]["id"], "first_name", people.iloc[2]["first_name"], "Zoë"),
            ),
        ]
    )
    plan = clean.plan(client, found)
    start = len(organisation.log)
    with pytest.raises(WriteStopped, match="400") as caught:
        plan.apply(confirm=plan.phrase)
    assert caught.value.result["outcome"].tolist() == ["written", "stopped"]
    assert len(sent(organisation.log, start)) == 2
    assert taken not in str(caught.value)
    assert plan.undo()["outcome"].tolist() == ["restored"]


@pytest.mark.parametrize("error", [RequestFailed, AuthError])
def test_a_record_whose_old_values_are_refused_does_not_keep_the_others_from_undo(organisation, monkeypatch, error):
    client = organisation.peepl(writable=True)
    found = renamed(client, 3)
    plan = clean.plan(client, found)
    plan.apply(confirm=plan.phrase)
    real, refused = write_run.send, plan.requests["id"].tolist()[1]

    def send(client, target, *more):
        if target.id == refused:
            raise error("the server answered 409.", crm="Peepl")
        return real(client, target, *more)

    with monkeypatch.context() as patched:
        patched.setattr(write_run, "send", send)
        if error is AuthError:
            with pytest.raises(WriteStopped) as caught:
                plan.undo()
            assert caught.value.result["outcome"].tolist() == ["restored", "stopped"]
            return
        result = plan.undo()
    assert result["outcome"].tolist() == ["restored", "left", "restored"]
    assert result["reason"].tolist()[1] == "the server answered 409."
    assert plan.undo()["outcome"].tolist() == ["restored"]


def test_it_stops_when_the_record_does_not_hold_what_was_sent(organisation, monkeypatch):
    """A deal's long name is cut by the server without an error; here the check of its length is taken away."""
    from dataclasses import replace

    client = organisation.onepagecrm(writable=True)
    deal = next(writing for writing in client.writings if writing.noun == "deal")
    careless = replace(deal, fields=tuple(replace(one, longest=None) if one.name == "name" else one for one in deal.fields))
    monkeypatch.setattr(type(client), "writings", (careless,))
    row = client.deals().iloc[0]
    plan = clean.plan(client, fixes("OnePageCRM", "deal", (row["id"], "name", row["name"], "x" * 61)))
    with pytest.raises(WriteStopped, match="does not hold what was sent"):
        plan.apply(confirm=plan.phrase)
    assert client.deal(row["id"])["name"].item() == "x" * 60


def test_it_stops_when_other_fields_change_along(organisation, monkeypatch):
    """Without uname the server makes a new one; here it is left out on purpose."""
    from dataclasses import replace

    client = organisation.peepl(writable=True)
    contact = next(writing for writing in client.writings if writing.noun == "contact" and not writing.part)
    careless = replace(contact, fields=tuple(replace(one, along=False) for one in contact.fields))
    monkeypatch.setattr(type(client), "writings", (careless,))
    plan = clean.plan(client, renamed(client, 1, "ella"))
    with pytest.raises(WriteStopped, match="also changed uname"):
        plan.apply(confirm=plan.phrase)


def test_confirm_must_say_what_the_plan_shows(lasting):
    client = lasting.peepl(writable=True)
    plan = clean.plan(client, renamed(client, 2))
    start = len(lasting.log)
    for given in ("", "yes", plan.phrase.replace("2", "3"), plan.phrase + " "):
        with pytest.raises(ParameterError, match="nothing was sent"):
            plan.apply(confirm=given)
    assert plan.phrase == f"write 2 records to {client.account}"
    assert lasting.log[start:] == []


def test_a_reading_client_plans_and_cannot_apply_or_undo(lasting):
    client = lasting.peepl()
    plan = clean.plan(client, renamed(client, 1))
    start = len(lasting.log)
    for act in (lambda: plan.apply(confirm=plan.phrase), plan.undo):
        with pytest.raises(ConfigError, match="only reads"):
            act()
    assert lasting.log[start:] == []


def test_what_was_empty_and_cannot_be_emptied_again_is_left(organisation):
    client = organisation.onepagecrm(writable=True)
    deals = client.deals()
    deal = deals[(deals["status"] != "pending") & deals["close_date"].isna()].iloc[0]
    plan = clean.plan(
        client,
        fixes("OnePageCRM", "deal", (deal["id"], "close_date", None, "2024-03-01"), (deal["id"], "text", deal["text"], "nieuw")),
    )
    plan.apply(confirm=plan.phrase)
    result = plan.undo()
    assert result["outcome"].tolist() == ["restored"]
    assert "close_date: the field was empty" in result["reason"].item()
    assert client.deal(deal["id"])["text"].item() == deal["text"]


def test_the_journal_is_private_and_holds_no_credential(organisation):
    client = organisation.peepl(writable=True)
    plan = clean.plan(client, renamed(client, 2))
    plan.apply(confirm=plan.phrase)
    assert stat.S_IMODE(plan.journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(plan.journal.parent.stat().st_mode) == 0o700
    text = plan.journal.read_text()
    assert client._credentials["token"].reveal() not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in lines] == ["write", "done"] * 2
    assert lines[0]["old"] == {"first_name": plan.fields["old"][0]}


def test_a_torn_line_is_as_if_it_was_never_written(lasting):
    client = lasting.peepl(writable=True)
    found = renamed(client, 1)
    plan = clean.plan(client, found)
    plan.apply(confirm=plan.phrase)
    whole = plan.journal.read_bytes()
    plan.journal.write_bytes(whole[:-20])  # the end of the write was torn
    start = len(lasting.log)
    again = clean.plan(client, found)
    again.apply(confirm=again.phrase)
    assert sent(lasting.log, start) == []
    assert again.undo()["outcome"].tolist() == ["restored"]


def test_two_processes_do_not_write_by_one_journal(lasting):
    client = lasting.peepl(writable=True)
    plan = clean.plan(client, renamed(client, 1))
    started, over = threading.Event(), threading.Event()

    def hold():
        with Journal(plan.journal).alone():
            started.set()
            over.wait(10)

    other = threading.Thread(target=hold)
    other.start()
    started.wait(10)
    try:
        with pytest.raises(ConfigError, match="another process"):
            plan.apply(confirm=plan.phrase)
    finally:
        over.set()
        other.join()


def test_lists_that_may_gain_a_record_are_asked_again_and_others_stay(organisation):
    client = organisation.peepl(writable=True)
    person = whole_contacts(client, 1).iloc[0]
    assert client.contacts_search(operator="AND", first_name="Quirijn").empty
    client.albums()
    client.group_members(int(client.groups()["id"].iloc[0]))
    plan = clean.plan(client, fixes("Peepl", "contact", (person["id"], "first_name", person["first_name"], "Quirijn")))
    plan.apply(confirm=plan.phrase)
    assert client.contacts_search(operator="AND", first_name="Quirijn")["id"].tolist() == [person["id"]]
    assert crmkit.receipt(client.contacts()).cached_pages == 0
    assert "albums" in crmkit.cache.info()["endpoint"].tolist()


def test_what_shows_a_company_or_a_tag_without_an_id_is_asked_again(organisation):
    client = organisation.onepagecrm(writable=True)
    companies, deals = client.companies(), client.deals()
    free = companies[~(companies["syncing_status"] | companies["syncing_tags"])]
    company = free[free["name"].isin(deals["contact_info.company"])].iloc[0]
    contact = client.contacts().iloc[0]
    client.bootstrap()
    for found in (
        fixes("OnePageCRM", "company", (company["id"], "name", company["name"], "Zzz")),
        fixes("OnePageCRM", "contact", (contact["id"], "tags", json.dumps(contact["tags"]), '["Zzz"]')),
    ):
        plan = clean.plan(client, found)
        assert plan.apply(confirm=plan.phrase)["outcome"].tolist() == ["written"]
        for fetch in (client.deals, client.bootstrap):
            pd.testing.assert_frame_equal(fetch(), fetch(refresh=True))
    assert "Zzz" in set(client.deals()["contact_info.company"])


def sample(param):
    simple = {
        "integer": 1,
        "number": 1,
        "flag": True,
        "day": "2024-05-01",
        "instant": "2024-05-01",
        "moment": "2024-05-01",
        "json": {},
    }
    value = param.choices[0] if param.choices else simple.get(param.kind, "1")
    return [value] if param.several != "no" and param.several != "map" else value


@pytest.mark.parametrize("crm", KINDS)
def test_no_public_name_of_a_reading_client_sends_anything_but_reads(lasting, crm):
    client = getattr(lasting, crm)(workers=1)
    start = len(lasting.log)
    tried = []
    for name in dir(client):
        if name in ("from_env", "from_prompt", "explore"):
            continue
        found = getattr(client, name)
        tried.append(name)
        if name in type(client).rows():
            row = type(client).rows()[name]
            places = [sample(param) for param in row.own_slots(client.slots)]
            words = {param.name: sample(param) for param in row.params if param.required}
            act = lambda row=row, places=places, words=words: fetcher(row, client)(*places, **words, limit=1)  # noqa: E731
        elif callable(found):
            act = found if name in ("check", "endpoints") else lambda found=found: found(1)
        else:
            continue
        try:
            act()
        except (CrmkitError, TypeError):
            continue
    calls = lasting.log[start:]
    assert {call.method for call in calls} <= {"GET", "POST"}
    assert {call.path for call in calls if call.method == "POST"} <= {"/contacts/search/"}
    assert len(tried) >= len(type(client).rows())


@pytest.mark.parametrize("crm", KINDS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_transport_of_a_reading_client_refuses_every_other_method(lasting, crm, method):
    client = getattr(lasting, crm)()
    start = len(lasting.log)
    for writes in (True, False):
        with pytest.raises(ConfigError, match="only reads"):
            client._transport.send(Call(method, "/contacts/1/", writes=writes), None, "")
    assert lasting.log[start:] == []


def test_a_writing_client_sends_only_what_is_declared_a_write(lasting):
    client = lasting.peepl(writable=True)
    start = len(lasting.log)
    with pytest.raises(ConfigError):
        client._transport.send(Call("DELETE", "/contacts/1/"), None, "")
    assert lasting.log[start:] == []


def test_writable_is_a_keyword_of_three_clients_and_cannot_be_changed(lasting, monkeypatch):
    for crm in ("beeple", "missionhub"):
        with pytest.raises(ConfigError, match="nothing is written to this system"):
            getattr(lasting, crm)(writable=True)
        plan = clean.plan(getattr(lasting, crm)(), fixes(KINDS[crm], "person", (1, "first_name", "a", "b")))
        assert plan.requests.empty
        assert plan.refused["why"].str.contains("nothing is written").all()
        with pytest.raises(ConfigError, match="nothing is written") as error:
            plan.apply(confirm=plan.phrase)
        assert "writable=True" not in str(error.value)
    client = lasting.peepl()
    with pytest.raises(AttributeError):
        client.writable = True
    with pytest.raises(ConfigError, match="True or False"):
        lasting.peepl(writable="yes")
    monkeypatch.setenv("PEEPL_TOKEN", "0123456789")
    assert not crmkit.Peepl.from_env().writable
    assert crmkit.Peepl.from_env(writable=True).writable
