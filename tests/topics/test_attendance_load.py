"""crmkit.attendance.load: what each vendor sends becomes the same neutral frames."""

from __future__ import annotations

import pandas as pd
import pytest

import crmkit
from crmkit import attendance
from crmkit.errors import ParameterError
from crmkit.topics.attendance.neutral import FRAMES

from .attendance_accounts import PeeplAccount, SheepAccount

ACTIVITIES = [
    {"id": 1, "name": "Run", "type": "internal", "start_date": "2024-06-14T22:00:00Z", "end_date": "2024-06-15T09:00:00Z"},
    {"id": 2, "name": "Quiz", "type": "external", "start_date": "2024-01-10T19:00:00Z", "end_date": None},
    {"id": 3, "name": "News", "type": "announcement", "start_date": None, "end_date": None},
]
# The example of the vendor's document: five attendees of one list.
PRINTED = [
    {"name": f"Somebody {user}", "user_id": user, "purchases": [{"name": f"{pieces} x Inschrijving"}], "comments": ""}
    for user, pieces in ((1314, 1), (621, 1), (1388, 1), (1090, 2), (1704, 1))
]
LISTS = {(2, "A"): PRINTED, (2, "N"): [{"user_id": 7, "purchases": []}], (2, "U"): [{"user_id": 8}, {"user_id": 621}]}


def peepl(**more):
    return PeeplAccount({"activities": ACTIVITIES, "attendance": LISTS, **more})


def test_instants_become_days_and_hours_of_brussels():
    told = attendance.load(peepl())["events"].set_index("event_id")
    assert told["start"].tolist()[:2] == [pd.Timestamp("2024-06-15 00:00"), pd.Timestamp("2024-01-10 20:00")]
    assert told["start"].dtype == "datetime64[us]"
    there = attendance.load(peepl(), zone="America/New_York")["events"]
    assert there["start"][0] == pd.Timestamp("2024-06-14 18:00")


def test_what_has_ended_is_judged_by_the_newest_answer_or_by_now():
    assert attendance.load(peepl())["events"]["ended"].tolist() == [False, True, pd.NA]
    assert attendance.load(peepl(), now="2024-06-15 12:00")["events"]["ended"].tolist() == [True, True, pd.NA]
    assert attendance.load(peepl(), now="2024-06-15T08:59:00Z")["events"]["ended"].tolist()[0] is False
    assert attendance.load(peepl())["events"].attrs["crmkit"]["today"] == "2024-06-15"


def test_sign_ups_are_answers_and_never_presence():
    data = attendance.load(peepl())
    assert set(data["answers"]["status"]) == {"accepted", "declined", "invited"}
    assert not data["events"]["presence"].any()
    whole = attendance.rates(data["events"], data["answers"]).iloc[0]
    assert whole[["attended", "no_show", "recorded", "stale", "turnout", "no_show_rate"]].isna().all()


def test_who_stands_under_two_answers_counts_with_the_last_and_is_flagged():
    told = attendance.load(peepl())["answers"].set_index("person_id")
    assert told.loc["621", "status"] == "invited"
    assert told["repeated"].to_dict() == {
        "1314": False,
        "1388": False,
        "1090": False,
        "1704": False,
        "7": False,
        "8": False,
        "621": True,
    }
    assert any("two answers" in line for line in crmkit.receipt(told).problems)


def test_places_without_a_number_are_places_of_their_own():
    nameless = [{"name": "A guest", "user_id": None, "purchases": [{"name": "2 x Tea"}]}, {"name": "Another", "user_id": None}]
    lists = {(2, "A"): [*nameless, {"user_id": 5}], (2, "N"): [{"user_id": None}, {"user_id": 5}]}
    data = attendance.load(peepl(attendance=lists))
    told = data["answers"]
    assert told["status"].tolist() == ["accepted", "accepted", "declined", "declined"]
    assert told["repeated"].tolist() == [False, False, False, True]
    assert attendance.sold(data["events"], data["tickets"])["sold"].tolist() == [2]
    assert [line for line in crmkit.receipt(told).problems if line.startswith("1 answers were replaced")]


def test_the_printed_purchases_are_five_pieces_without_the_answer_that_was_replaced():
    data = attendance.load(peepl())
    assert attendance.sold(data["events"], data["tickets"])[
        ["event_id", "product", "lines", "buyers", "sold"]
    ].values.tolist() == [["2", "Inschrijving", 4, 4, 5.0]]


def test_purchases_stay_with_the_list_they_stand_in():
    one = {"user_id": 5, "purchases": [{"name": "3 x Tea"}, {"name": "some cake"}]}
    lists = {(2, "A"): [one], (1, "A"): [{"user_id": 5, "purchases": [{"name": "1 x Tea"}]}]}
    data = attendance.load(peepl(attendance=lists))
    told = attendance.sold(data["events"], data["tickets"], held=None).set_index(["event_id", "product"])
    assert told["sold"].to_dict() == {("2", "Tea"): 3, ("2", "some cake"): 0, ("1", "Tea"): 1}
    assert told["unreadable"].to_dict() == {("2", "Tea"): 0, ("2", "some cake"): 1, ("1", "Tea"): 0}


def test_a_period_and_kinds_limit_which_lists_are_read():
    account = peepl()
    data = attendance.load(account, start="2024-01-01", end="2024-01-10")
    assert data["events"]["event_id"].tolist() == ["2"]
    assert next(places for name, places, _ in account.asked if name == "attendance") == ([2],)
    assert attendance.load(peepl(), kinds="internal")["events"]["event_id"].tolist() == ["1"]
    with pytest.raises(ParameterError, match=r"no kind of event 'intern'.* did you mean 'internal'"):
        attendance.load(peepl(), kinds=["intern"])
    with pytest.raises(ParameterError, match=r"no kind of event 'party'.* there are .*session"):
        attendance.load(peepl(), kinds=["internal", "party"])
    assert attendance.load(peepl(), kinds=["session"])["events"].empty


GROUPS = [
    {"id": 10, "name": "Club", "path": "Club"},
    {"id": 11, "name": "Team", "path": "Club / Team"},
    {"id": 12, "name": "Team", "path": "Club / Team"},
]
POSITIONS = {(7,): [{"id": 1, "user_id": 7, "combination_id": 100, "start_date": "2023-09-01", "end_date": "2024-01-10"}]}


def grouped(contacts):
    pairs = [{"id": 100, "group": 11, "function": 1, "short_description": "Team / Player"}]
    return peepl(contacts=[{"id": one} for one in contacts], groups=GROUPS, combinations=pairs, contact_positions=POSITIONS)


def test_positions_are_groups_with_days_and_twins_get_their_number():
    data = attendance.load(grouped([7, 8]), groups=True)
    assert data["groups"].values.tolist() == [["11", "Team (11)", "7", pd.Timestamp("2023-09-01"), pd.Timestamp("2024-01-10")]]
    told = attendance.by_group(data["events"], data["answers"], data["groups"])
    assert told[["group_id", "invited", "signed_up"]].values.tolist() == [["11", 1, 0]]
    assert any("5 of 7 people on lists are no contacts" in line for line in crmkit.receipt(data["answers"]).problems)


def test_numbers_that_are_no_contacts_are_a_warning():
    with pytest.warns(UserWarning, match="no user_id"):
        attendance.load(grouped([1]), groups=True)


BOOKINGS = [
    {
        "uid": "e1",
        "title": "Dinner",
        "category": "Food",
        "series_id": "s",
        "start_datetime": "2024-06-01T18:00:00",
        "end_datetime": "2024-06-01T22:00:00",
        "capacity": 4,
        "cancelled": False,
    },
    {"uid": "e2", "title": None, "display_value": "Walk", "booking_type": "open", "start_datetime": "2024-06-20T10:00:00.500000"},
]
SESSIONS = {
    ("e1",): [
        {"uri": "/x/session/1/", "person_ref": "/x/person/1/", "status": " Attended", "record_state": "active", "guest": False},
        {"uri": "/x/session/2/", "person_ref": "/x/person/1/", "status": "no-show", "record_state": "archived", "guest": False},
        {"uri": "/x/session/3/", "person_ref": "", "status": "waitlist", "record_state": "active", "guest": True},
        {"uri": "/x/session/4/", "person_ref": "/x/person/2/", "status": None, "record_state": "active"},
    ]
}
SALES = {
    ("e1",): [{"uri": "t1", "ticket_type": "k", "ticket_type_display": "Menu", "quantity": 2, "amount": 30, "currency": "gbp"}]
}
TYPES = {
    ("e1",): [
        {
            "uri": "k",
            "name": "Menu",
            "amount": "15.00",
            "currency": "gbp",
            "total": 5,
            "allocated": 2,
            "reserved": 1,
            "available": 2,
        }
    ]
}
SUMS = [
    {"currency": "gbp", "total": 30, "paid": 20, "outstanding": 10, "fully_paid": False},
    {"currency": "eur", "total": 5, "paid": 5},
]
ORDERS = {
    ("e1",): [
        {"buyer_uri": "b1", "order_totals": SUMS},
        {"buyer_uri": "b2", "order_totals": []},
        {"buyer_uri": "b3", "order_totals": SUMS[:1]},
    ]
}


def sheep(**more):
    records = {"events": BOOKINGS, "attendance": SESSIONS, "tickets": SALES, "ticket_types": TYPES, "orders": ORDERS}
    return SheepAccount(records | more)


def test_sheepcrm_lists_keep_every_row_and_say_what_is_odd():
    data = attendance.load(sheep(), now="2024-06-15")
    told = data["answers"]
    assert told["status"].tolist() == ["attended", "no-show", "other", "other"]
    assert told["answer"].tolist() == [" Attended", "no-show", "waitlist", pd.NA]
    assert told["repeated"].tolist() == [True, True, False, False]
    assert told["person_id"].tolist() == ["/x/person/1/", "/x/person/1/", pd.NA, "/x/person/2/"]
    problems = " ".join(crmkit.receipt(told).problems)
    for words in ("2 states (active, archived)", "waitlist 1", "1 events stand for a series"):
        assert words in problems
    assert data["events"][["name", "kind", "ended"]].values.tolist() == [["Dinner", "Food", True], ["Walk", "open", False]]


def test_sheepcrm_tickets_stock_and_orders():
    data = attendance.load(sheep(), now="2024-06-15", orders=True)
    sold = attendance.sold(data["events"], data["tickets"]).iloc[0]
    assert (sold["product"], sold["sold"], sold["amount"]) == ("Menu", 2, 30)
    assert pd.isna(sold["heads"])
    stock = attendance.stock_use(data["events"], data["stock"]).iloc[0]
    assert (stock["sold_out_share"], stock["adds_up"], stock["price"]) == (0.4, True, 15)
    told = attendance.payments(data["events"], data["tickets"], data["orders"]).set_index("currency")
    assert told[["orders", "unpaid", "total", "outstanding"]].loc["gbp"].tolist() == [2, 2, 60, 20]
    assert told.loc["gbp", "difference"] == -30
    assert told.loc["eur", "unpaid"] == 1  # nobody said that it is paid


def test_tickets_in_a_currency_without_an_order_are_a_line_and_a_difference():
    data = attendance.load(sheep(), now="2024-06-15", orders=True)
    sold = data["tickets"].iloc[:1]
    free = sold.assign(currency=pd.array([pd.NA], dtype="string"), amount=0.0)
    tickets = pd.concat([sold.assign(currency=pd.array(["usd"], dtype="string"), amount=7.5), free, sold.assign(amount=float("nan"))])
    told = attendance.payments(data["events"], tickets, data["orders"]).set_index("currency")
    assert sorted(told.index) == ["eur", "gbp", "usd"]
    line = told.loc["usd"]
    assert line[["orders", "unpaid", "total", "paid", "outstanding", "tickets_amount", "difference"]].tolist() == [0, 0, 0, 0, 0, 7.5, 7.5]
    assert pd.isna(line["paid_share"])
    assert told["tickets_amount"].sum() == tickets["amount"].sum()


def test_each_call_is_asked_for_or_left_out():
    account = sheep()
    attendance.load(account, tickets=False, events=["e9"])
    assert [name for name, *_ in account.asked] == ["event_summary", "attendance"]
    account = sheep()
    data = attendance.load(account, refresh=True)
    assert [name for name, *_ in account.asked] == ["events", "attendance", "tickets", "ticket_types"]
    assert all(keywords["refresh"] for _, _, keywords in account.asked)
    assert data["orders"].empty


@pytest.mark.parametrize("account", [PeeplAccount({}), SheepAccount({})], ids=["Peepl", "sheepCRM"])
def test_an_empty_account_gives_empty_typed_frames(account):
    for name, table in attendance.load(account).items():
        assert table.empty
        assert {column: str(dtype) for column, dtype in table.dtypes.items()} == FRAMES[name]
        assert crmkit.receipt(table).complete


def test_tables_are_as_incomplete_as_the_worst_fetch():
    account = PeeplAccount({"activities": ACTIVITIES, "attendance": LISTS}, incomplete=["attendance"])
    data = attendance.load(account, allow_partial=True)
    assert crmkit.receipt(data["events"]).complete
    table = attendance.by_weekday(data["events"], data["answers"])
    assert crmkit.receipt(table).complete is False
    assert "INCOMPLETE" in repr(table)


def test_other_clients_and_words_are_refused():
    with pytest.raises(ParameterError, match="Peepl and sheepCRM"):
        attendance.load(object())
    with pytest.raises(ParameterError, match="groups"):
        attendance.load(peepl(), group=True)
