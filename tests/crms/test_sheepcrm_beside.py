"""sheepCRM: what stands beside a list, and odd shapes inside its records, lose no value and break no fetch."""

import pytest

import crmkit
from crmkit.crms.sheepcrm import SheepCRM
from crmkit.crms.sheepcrm_answers import Events
from crmkit.crms.sheepcrm_columns import EVENT, ORDER_COUNTS
from tests.serving import serving

EVENTS = "/events/v2/example"
BUYER = "/example/person/1/"


def fetched(path, body, name, *args):
    with serving({path: (200, body)}) as (url, _):
        return getattr(SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None), name)(*args)


@pytest.mark.parametrize(
    ("path", "name", "args", "listed", "member"),
    [
        (f"{EVENTS}/booking/e/attendance", "attendance", ["e"], "sessions", "booking_uri"),
        (f"{EVENTS}/booking/e/tickets/all", "tickets", ["e"], "tickets", "booking_uri"),
        (f"{EVENTS}/person/p/orders", "person_orders", ["p"], "orders", "contact_uri"),
        ("/api/v2/example/person/7/membership/all", "memberships", ["/example/person/7/"], "memberships", "contact_uri"),
        (f"{EVENTS}/person/p/order/e/questions", "order_questions", ["person", "p", "e"], "responses", "buyer_uri"),
    ],
)
def test_a_records_own_field_is_kept_beside_the_envelopes(path, name, args, listed, member):
    records = [{"uri": "/example/x/1/", member: "/own/1/"}, {"uri": "/example/x/2/", member: "/beside/1/"}]
    frame = fetched(path, {member: "/beside/1/", listed: records}, name, *args)
    assert frame[member].tolist() == ["/beside/1/", "/beside/1/"]
    assert frame[f"{member} [in the record]"].dropna().tolist() == ["/own/1/"]
    assert f"{member} [in the record]" in crmkit.receipt(frame).unknown_fields


def test_an_orders_own_fields_are_kept_beside_those_made_of_the_answer():
    own = {"buyer_uri": "/x/", "booking_uri": "/y/", "order_totals": 7, "order_total": {"gbp": {"currency": "eur", "total": 3}}}
    frame = fetched(f"{EVENTS}/booking/e/orders", {"booking_uri": "/b/", "buyers": {BUYER: own}}, "orders", "e")
    line = frame.iloc[0]
    assert (line["buyer_uri"], line["booking_uri"]) == (BUYER, "/b/")
    assert [line[f"{name} [in the record]"] for name in ("buyer_uri", "booking_uri", "order_totals")] == ["/x/", "/y/", 7]
    totals = crmkit.child(frame, "order_totals").iloc[0]
    assert (totals["currency"], totals["currency [in the record]"]) == ("gbp", "eur")


def test_sums_of_several_events_say_which_event_they_are_of():
    answers = {
        f"{EVENTS}/booking/{uid}/orders": (200, {"buyers": {BUYER: {"buyer": BUYER, "order_total": {"gbp": {"total": total}}}}})
        for uid, total in (("e", 3), ("f", 4))
    }
    with serving(answers) as (url, _):
        frame = SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None).orders(["e", "f"])
    totals = crmkit.child(frame, "order_totals")
    assert totals[["buyer_uri", "position", "booking_uid", "total"]].values.tolist() == [[BUYER, 0, "e", 3], [BUYER, 0, "f", 4]]


def test_a_sum_that_is_no_object_is_kept_where_it_came():
    order = {"buyer": BUYER, "order_total": {"gbp": 12.5, "eur": {"total": 3}, "usd": None}}
    frame = fetched(f"{EVENTS}/booking/e/orders", {"buyers": {BUYER: order}}, "orders", "e")
    assert frame["order_total"][0] == order["order_total"]
    assert crmkit.child(frame, "order_totals")["currency"].tolist() == ["eur"]


def test_sections_and_questions_of_an_odd_shape_are_kept_as_they_came():
    sections = ["x", {"title": "A", "questions": {"a": 1}}, {"title": "B", "questions": ["q"]}, {"title": "C", "questions": None}]
    body = {"responses": [{"uri": "/r/1/", "response": {"sections": sections}}]}
    frame = fetched(f"{EVENTS}/person/p/order/e/questions", body, "order_questions", "person", "p", "e")
    assert frame["response.sections"][0] == sections


def test_a_reference_with_a_label_is_the_uri_and_the_label_stays():
    """Trap 15: text when read, an object when written; both are accepted."""
    sessions = [{"uri": "/a/1/", "person_ref": {"display_value": "J. Doe", "ref": "/p/1/"}}, {"uri": "/a/2/", "person_ref": "/p/2/"}]
    frame = fetched(f"{EVENTS}/booking/e/attendance", {"sessions": sessions}, "attendance", "e")
    assert frame["person_ref"].tolist() == ["/p/1/", "/p/2/"]
    assert frame["person_ref.display_value"].dropna().tolist() == ["J. Doe"]
    assert not crmkit.receipt(frame).rejected_values


def test_events_beside_answers_that_do_not_name_them_are_all_kept():
    events = Events(EVENT, ORDER_COUNTS)
    for number in (1, 2):
        events.see({"booking": {"uri": f"/example/booking/{number}/"}, "number_of_orders": number})
    assert events.frames()["events"]["uri"].tolist() == ["/example/booking/1/", "/example/booking/2/"]
    assert events.frames()["counts"]["number_of_orders"].tolist() == [1, 2]
