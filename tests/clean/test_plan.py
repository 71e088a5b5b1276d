"""Planning: what would be sent, and why everything else is refused; with the traps of the three sheets."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import crmkit
from crmkit import clean, demo
from crmkit.errors import ShapeError
from tests.serving import serving

from .writing import fixes, planned, sent, why


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=300) as running:
        yield running


@pytest.fixture(scope="module")
def peepl(organisation):
    return organisation.peepl()


@pytest.fixture(scope="module")
def sales(organisation):
    return organisation.onepagecrm()


@pytest.fixture(scope="module")
def sheep(organisation):
    return organisation.sheepcrm()


@pytest.fixture(scope="module")
def person(peepl):
    contacts = peepl.contacts()
    whole = contacts.dropna(subset=["birth_date"])
    return whole[(whole[["birth_place", "first_name", "last_name", "gender", "email"]] != "").all(axis=1)].iloc[0]


def one(client, record, key, field, old, new):
    return clean.plan(client, fixes(client.crm, record, (key, field, old, new)))


def refused(client, record, key, field, old, new):
    plan = one(client, record, key, field, old, new)
    assert plan.requests.empty
    return plan.refused["why"].item()


def test_planning_sends_nothing_that_writes(organisation, peepl, person):
    start = len(organisation.log)
    plan = one(peepl, "contact", person["id"], "first_name", person["first_name"], "Zoë")
    assert sent(organisation.log, start) == []
    assert len(plan.requests) == 1
    assert not plan.journal.exists()


def test_peepl_sends_the_full_required_set(peepl, person):
    plan = one(peepl, "contact", person["id"], "first_name", person["first_name"], "Zoë")
    [(method, path, query, body)] = planned(plan)
    assert (method, path, query) == ("PUT", f"/contacts/{person['id']}/", {})
    required = {"first_name", "last_name", "birth_date", "birth_place", "preferred_language", "gender", "email"}
    assert set(body) == required | {"uname"}
    assert body["first_name"] == "Zoë"
    assert body["birth_date"] == person["birth_date"].strftime("%Y-%m-%d")
    assert all(body[name] == person[name] for name in (required | {"uname"}) - {"first_name", "birth_date"})


def test_several_fields_of_a_record_are_one_request(peepl, person):
    found = fixes(
        "Peepl",
        "contact",
        (person["id"], "first_name", person["first_name"], "Zoë"),
        (person["id"], "last_name", person["last_name"], "Peeters"),
    )
    plan = clean.plan(peepl, found)
    assert len(plan.requests) == 1
    assert plan.fields[["field", "old", "new"]].values.tolist() == [
        ["first_name", person["first_name"], "Zoë"],
        ["last_name", person["last_name"], "Peeters"],
    ]
    assert plan.phrase == f"write 1 record to {peepl.account}"


def test_peepl_parts_have_their_own_put(peepl):
    contacts = peepl.contacts()
    for column, field, path, new in (
        ("address", "city", "addresses", "Gent"),
        ("emails_secondary", "value", "emailaddresses", "new@example.org"),
    ):
        found = contacts[contacts[column].str.len() > 0].iloc[0]
        entry = found[column][0]
        plan = one(peepl, "contact", found["id"], f"{column}[{entry['id']}].{field}", entry[field], new)
        [(_, sent_to, _, body)] = planned(plan)
        assert sent_to == f"/contacts/{found['id']}/{path}/{entry['id']}/"
        assert body == {**{name: value for name, value in entry.items() if name != "id"}, field: new}


def test_a_null_is_never_sent_back():
    """Of the sheet's fields any may be null: street2 goes as "" then, and what is not required is left out."""
    address = {
        "id": 4,
        "street1": "Markt 1",
        "street2": None,
        "city": "Gnt",
        "postal_code": "9000",
        "country": "BE",
        "address_type": 1,
    }
    mail = {"id": 3, "type": "home", "value": "a@example.org", "cc": None}
    record = {"id": 7, "uname": None, "email": "b@example.org", "address": [address], "emails_secondary": [mail]}
    record |= {
        "first_name": "Ada",
        "last_name": "B",
        "birth_date": "2000-01-01",
        "birth_place": "Gent",
        "preferred_language": "nl",
        "gender": "F",
    }
    with serving({"/contacts/7/": (200, record)}) as (url, _):
        client = crmkit.Peepl(token="t" * 20, base_url=url, pace=None, progress=False)
        lines = [
            ("first_name", "Ada", "Eva"),
            ("address[4].city", "Gnt", "Gent"),
            ("emails_secondary[3].value", mail["value"], "c@example.org"),
        ]
        bodies = [body for *_, body in planned(clean.plan(client, fixes("Peepl", "contact", *((7, *line) for line in lines))))]
    assert bodies[0].keys() == {"first_name", "last_name", "birth_date", "birth_place", "preferred_language", "gender", "email"}
    assert bodies[1] == {**{name: value for name, value in address.items() if name != "id"}, "street2": "", "city": "Gent"}
    assert bodies[2] == {"type": "home", "value": "c@example.org"}


def test_peepl_custom_values_send_the_one_that_fits(peepl, person):
    entry = next(value for value in person["custom_fields"] if "string_value" in value)
    field = f"custom_fields[{entry['id']}]."
    [(_, path, _, body)] = planned(one(peepl, "contact", person["id"], f"{field}string_value", entry["string_value"], "+321"))
    assert path == f"/contacts/{person['id']}/customfieldvalues/{entry['id']}/"
    assert body == {"string_value": "+321"}
    assert "does not hold a int_value" in refused(peepl, "contact", person["id"], f"{field}int_value", None, "7")
    assert "stays with its field" in refused(peepl, "contact", person["id"], f"{field}custom_field", "3", "4")
    assert "any more" in refused(peepl, "contact", person["id"], "custom_fields[1].string_value", "a", "b")


@pytest.mark.parametrize(
    ("field", "old", "new", "reason"),
    [
        ("title", "Mr.", "Mrs.", "section 5.1 does not let"),
        ("age", "34", "35", "the server sets it"),
        ("permission_level", "can_login", "x", "does not let"),
        ("companies[1].name", "a", "b", "wrong body for company positions"),
        ("educations[1].education_name", "a", "b", "not in the safe set"),
        ("relatives", "[]", "[1]", "no document"),
        ("address", "[]", "[1]", "one by one"),
        ("nonsense", "a", "b", "not among the fields"),
        ("birth_date", "2000-01-01", "31/12/1999", "a day as YYYY-MM-DD"),
        ("birth_date", "2000-01-01", "", "cannot be blank"),
        ("first_name", "a", "  ", "cannot be blank"),
        ("first_name", "a", None, "a missing value means nothing"),
        ("first_name", "a", "a", "the same"),
        ("address[1].country", "BE", "Belgium", "does not have the form"),
        ("address[1].address_type", "4", "home", "whole number"),
        ("emails_secondary[1].type", "home", "private", "takes one of home, work"),
        ("emails_secondary[1].cc", "true", "yes", "true or false"),
        ("][", "a", "b", "names no field"),
    ],
)
def test_peepl_refusals(peepl, person, field, old, new, reason):
    key = person["id"]
    if "[1]" in field and field.split("[")[0] in ("address", "emails_secondary"):
        column = field.split("[")[0]
        contacts = peepl.contacts()
        holder = contacts[contacts[column].str.len() > 0].iloc[0]
        entry = holder[column][0]
        key, field = holder["id"], field.replace("[1]", f"[{entry['id']}]")
        old = {True: "true", False: "false"}.get(entry[field.split(".")[1]], str(entry[field.split(".")[1]]))
        old = old if old != new else None
    elif field in ("first_name", "birth_date") and old != new:
        old = person[field] if field == "first_name" else person[field].strftime("%Y-%m-%d")
    assert reason in refused(peepl, "contact", key, field, old, new)


@pytest.mark.parametrize(
    ("record", "reason"),
    [("organisation", "no write for an organisation itself"), ("news", "not in the safe set"), ("position", "no position")],
)
def test_kinds_of_record_that_are_not_written(peepl, record, reason):
    assert reason in refused(peepl, record, 41, "name", "a", "b")


def test_a_record_without_a_required_field_needs_that_corrected_too(peepl):
    contacts = peepl.contacts()
    blank = contacts[contacts["birth_date"].isna() & (contacts["birth_place"] != "")].iloc[0]
    old = blank["first_name"]
    assert "every write must hold birth_date" in refused(peepl, "contact", blank["id"], "first_name", old, "Zoë")
    both = fixes("Peepl", "contact", (blank["id"], "first_name", old, "Zoë"), (blank["id"], "birth_date", None, "1990-02-03"))
    [(_, _, _, body)] = planned(clean.plan(peepl, both))
    assert (body["first_name"], body["birth_date"]) == ("Zoë", "1990-02-03")


def test_a_mail_that_must_be_unique_is_given_once(peepl, person):
    other = peepl.contacts().dropna(subset=["birth_date"]).iloc[5]
    found = fixes(
        "Peepl",
        "contact",
        (person["id"], "email", person["email"], "same@example.org"),
        (other["id"], "email", other["email"], "Same@example.org"),
    )
    plan = clean.plan(peepl, found)
    assert len(plan.requests) == 1
    assert "must be unique" in why(plan)[0]


def test_what_has_changed_since_or_is_gone_is_refused(peepl, person):
    key = person["id"]
    assert "has changed since" in refused(peepl, "contact", key, "first_name", "Nobody", "Zoë")
    assert "already has the new value" in refused(peepl, "contact", key, "first_name", "Nobody", person["first_name"])
    assert "no such record" in refused(peepl, "contact", 1, "first_name", "a", "b")
    assert "does not say which" in refused(peepl, "contact", "..", "first_name", "a", "b")


def test_repeats_are_sent_once_and_contradictions_not_at_all(peepl, person):
    line = (person["id"], "first_name", person["first_name"], "Zoë")
    plan = clean.plan(peepl, fixes("Peepl", "contact", line, line))
    assert len(plan.requests) == 1
    assert "twice" in why(plan)[0]
    plan = clean.plan(peepl, fixes("Peepl", "contact", line, (*line[:3], "Zoe")))
    assert plan.requests.empty
    assert ["contradict" in text for text in why(plan)] == [True, True]


def test_corrections_for_others_are_refused(organisation, peepl, person):
    found = fixes("Beeple", "collaborator", (1, "name", "a", "b"))
    assert "for Beeple" in why(clean.plan(peepl, found))[0]
    for crm in ("beeple", "missionhub"):
        client = getattr(organisation, crm)()
        start = len(organisation.log)
        assert "nothing is written to" in why(clean.plan(client, fixes(client.crm, "person", (1, "name", "a", "b"))))[0]
        assert organisation.log[start:] == []
    with pytest.raises(ShapeError, match="no corrections"):
        clean.plan(peepl, pd.DataFrame({"a": [1]}))


def test_onepagecrm_sends_only_the_change_and_partial(sales):
    contact = sales.contacts().iloc[0]
    plan = one(sales, "contact", contact["id"], "job_title", contact["job_title"], "Baas")
    assert planned(plan) == [("PUT", f"/contacts/{contact['id']}", {"partial": "true"}, {"job_title": "Baas"})]


def test_onepagecrm_lists_are_sent_whole(sales):
    contacts = sales.contacts()
    contact = contacts[contacts["phones"].str.len() > 0].iloc[0]
    plan = one(sales, "contact", contact["id"], "phones[0].value", contact["phones"][0]["value"], "+3216000000")
    [(_, _, _, body)] = planned(plan)
    assert body == {"phones": [{**contact["phones"][0], "value": "+3216000000"}, *contact["phones"][1:]]}
    old = json.dumps(contact["tags"])
    [(_, _, _, body)] = planned(one(sales, "contact", contact["id"], "tags", old, '["VIP"]'))
    assert body == {"tags": ["VIP"]}


def test_a_value_that_two_corrections_name_in_two_ways_is_changed_once(sales):
    contacts = sales.contacts(custom_fields="columns")
    contact = contacts[contacts["phones"].str.len() > 0].iloc[0]
    first = contact["phones"][0]
    part = (contact["id"], "phones[0].value", first["value"], "+3216000000")
    whole = (contact["id"], "phones", json.dumps(contact["phones"]), json.dumps([{**first, "value": "+3216000001"}]))
    other = contacts[contacts["cf.Kinderen in de club"].notna()].iloc[0]
    known = str(int(other["cf.Kinderen in de club"]))
    place = [one["custom_field"]["name"] for one in other["custom_fields"]].index("Kinderen in de club")
    named = (other["id"], "cf.Kinderen in de club", known, "7")
    counted = (other["id"], f"custom_fields[{place}].value", known, "8")
    for lines in ((part, whole), (whole, part), (named, counted), (counted, named)):
        plan = clean.plan(sales, fixes("OnePageCRM", "contact", *lines))
        assert plan.fields["field"].tolist() == [lines[0][1]]
        assert plan.refused["field"].tolist() == [lines[1][1]]
        assert "another correction of this record" in why(plan)[0]
        assert planned(plan) == planned(clean.plan(sales, fixes("OnePageCRM", "contact", lines[0])))


def test_onepagecrm_custom_fields_are_all_sent(sales):
    contacts = sales.contacts(custom_fields="columns")
    contact = contacts[contacts["cf.Taal"].notna() & (contacts["custom_fields"].str.len() > 2)].iloc[0]
    new = "English" if contact["cf.Taal"] != "English" else "Nederlands"
    [(_, _, _, body)] = planned(one(sales, "contact", contact["id"], "cf.Taal", contact["cf.Taal"], new))
    values = {entry["custom_field"]["id"]: entry["value"] for entry in body["custom_fields"]}
    was = {entry["custom_field"]["id"]: entry["value"] for entry in contact["custom_fields"]}
    changed = {key for key in was if values[key] != was[key]}
    assert values.keys() == was.keys()
    assert [values[key] for key in changed] == [new]
    key = contact["id"]
    assert "takes one of" in refused(sales, "contact", key, "cf.Taal", contact["cf.Taal"], "Klingon")
    assert "several custom fields" in refused(sales, "contact", key, "cf.Interesses", None, "Tennis")
    assert "no such custom field" in refused(sales, "contact", key, "cf.Nope", None, "x")


def test_onepagecrm_dotted_objects_are_sent_whole(sales):
    companies = sales.companies()
    company = companies[~(companies["syncing_status"] | companies["syncing_tags"])].iloc[0]
    [(_, _, _, body)] = planned(one(sales, "company", company["id"], "address.city", company["address.city"], "Gent"))
    assert set(body) == {"address"}
    assert body["address"]["city"] == "Gent"
    assert body["address"]["address"] == company["address.address"]


@pytest.mark.parametrize(
    ("field", "new", "reason"),
    [
        ("first_name", "x" * 26, "25 characters at most"),
        ("last_name", "x" * 26, "25 characters at most"),
        ("title", "Dr", "takes one of Mr, Mrs, Ms"),
        ("email", "a@example.org", "correct emails[0].value"),
        ("address.city", "Gent", "correct address_list[0].city"),
        ("starred", "maybe", "true or false"),
        ("company_name", "Acme", "delete the company"),
        ("company_id", "5" * 24, "delete the company"),
        ("status", "Prospect", "follows status_id"),
        ("modified_at", "2024-01-01", "the server sets it"),
        ("phones[0].type", "skype", "takes one of work"),
        ("phones[9].value", "1", "no entry 9"),
        ("tags", "VIP", "a list, as JSON"),
        ("address_list", '[{"city":"A"},{"city":"B"},{"city":"C"}]', "2 entries at most"),
        ("address_list[0].planet", "Mars", "no member planet"),
    ],
)
def test_onepagecrm_refusals_of_contacts(sales, field, new, reason):
    contacts = sales.contacts()
    contact = contacts[(contacts["phones"].str.len() > 0) & (contacts["address_list"].str.len() > 0)].iloc[0]
    old = {"phones[0].type": contact["phones"][0]["type"], "starred": str(contact["starred"]).lower()}.get(field)
    if field in ("tags", "address_list"):
        old = json.dumps(contact[field])
    if old is None and field in contacts:
        old = contact[field] if isinstance(contact[field], str) else None
    assert reason in refused(sales, "contact", contact["id"], field, old, new)


def test_onepagecrm_refusals_of_deals(sales):
    deals = sales.deals()
    deal = deals[deals["status"] == "pending"].iloc[0]
    key = deal["id"]
    assert "60 characters" in refused(sales, "deal", key, "name", deal["name"], "x" * 61)
    assert "close_date too" in refused(sales, "deal", key, "status", "pending", "won")
    assert "server computes" in refused(sales, "deal", key, "total_amount", "1", "2")
    assert "another contact" in refused(sales, "deal", key, "contact_id", "1", "2")
    assert "1 to 99" in refused(sales, "deal", key, "stage", str(deal["stage"]), "100")
    no_day = deals[(deals["status"] == "pending") & deals["close_date"].isna()].iloc[0]
    assert "pending deal has no close_date" in refused(sales, "deal", no_day["id"], "close_date", None, "2024-01-01")
    items = deals[deals["has_deal_items"]].iloc[0]
    assert "sum of its items" in refused(sales, "deal", items["id"], "amount", str(items["amount"]), "5")
    assert "replaces them" in refused(sales, "deal", items["id"], "deal_items", "[]", "[1]")


def test_onepagecrm_refusals_of_the_rest(sales):
    companies = sales.companies()
    synced = companies[companies["syncing_status"] | companies["syncing_tags"]].iloc[0]
    assert "touches all its contacts" in refused(sales, "company", synced["id"], "phone", synced["phone"], "1")
    actions = sales.actions()
    free = actions[~actions["externally_controlled"].fillna(False)]
    action = free[free["status"] == "asap"].iloc[0]
    assert "140 characters" in refused(sales, "action", action["id"], "text", action["text"], "x" * 141)
    assert "other actions" in refused(sales, "action", action["id"], "status", "asap", "waiting")
    assert "date of its own" in refused(sales, "action", action["id"], "date", None, "2024-07-01")
    assert "exact time" in refused(sales, "action", action["id"], "exact_time", None, "2024-07-01T10:00:00Z")
    note = sales.notes().iloc[0]
    assert "notifications" in refused(sales, "note", note["id"], "user_ids_to_notify", None, "[1]")
    assert "reference data" in refused(sales, "status", "x", "text", "a", "b")


def test_onepagecrm_times_go_as_unix_seconds(sales):
    call = sales.calls().iloc[0]
    moment = call["call_time_int"]
    new = (moment + pd.Timedelta(hours=1)).isoformat()
    [(_, _, _, body)] = planned(one(sales, "call", call["id"], "call_time_int", moment.isoformat(), new))
    assert body == {"call_time_int": int(moment.timestamp()) + 3600}
    assert "with its zone" in refused(sales, "call", call["id"], "call_time_int", moment.isoformat(), "2024-01-01T10:00")


def event_with(sheep, test):
    for uid in sheep.events_in_state("past")["uid"]:
        rows = sheep.attendance(uid)
        found = rows[test(rows)]
        if len(found):
            return uid, found.iloc[0]
    raise AssertionError("the demo has no such line")


def test_sheepcrm_sends_person_and_status_in_the_query(sheep):
    uid, row = event_with(sheep, lambda rows: rows["person_ref"].notna() & ~rows["person_ref"].duplicated(keep=False))
    new = "attended" if row["status"] != "attended" else "no-show"
    plan = one(sheep, "booking", uid, f"sessions[{row['uri']}].status", row["status"], new)
    query = {"person_uri": row["person_ref"], "status": new}
    assert planned(plan) == [("PUT", f"/events/v2/example/booking/{uid}/attendance", query, None)]
    field = f"sessions[{row['uri']}]"
    assert "takes one of invited" in refused(sheep, "booking", uid, f"{field}.status", row["status"], "withdrawn")
    assert "only the status" in refused(sheep, "booking", uid, f"{field}.attendee_name", "a", "b")
    assert "only the status" in refused(sheep, "person", "x", "first_name", "a", "b")


def test_sheepcrm_refuses_guests_and_double_lines(sheep):
    uid, guest = event_with(sheep, lambda rows: rows["person_ref"].isna())
    new = "attended" if guest["status"] != "attended" else "no-show"
    assert "a guest" in refused(sheep, "booking", uid, f"sessions[{guest['uri']}].status", guest["status"], new)
    uid, twice = event_with(sheep, lambda rows: rows["person_ref"].notna() & rows["person_ref"].duplicated(keep=False))
    new = "attended" if twice["status"] != "attended" else "no-show"
    assert "several lines" in refused(sheep, "booking", uid, f"sessions[{twice['uri']}].status", twice["status"], new)


def test_faces_are_escaped(peepl, person):
    plan = one(peepl, "contact", person["id"], "first_name", person["first_name"], "<script>alert(1)</script>")
    assert "<script>" not in plan._repr_html_()
    assert "&lt;script&gt;" in plan._repr_html_()
    assert plan.phrase in repr(plan)
    assert peepl._credentials["token"].reveal() not in repr(plan) + plan._repr_html_()
