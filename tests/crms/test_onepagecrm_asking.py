"""OnePageCRM: parameters and their rules, filters by time, throttling, errors."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

import crmkit
from crmkit import demo
from crmkit.crms.onepagecrm import OnePageCRM
from crmkit.errors import AuthError, NotFound, ParameterError, PermissionDenied, RateLimited, RequestFailed, ServerError
from tests.crms.test_onepagecrm import client, enveloped, page
from tests.serving import serving


@pytest.mark.parametrize(
    ("fetcher", "values"),
    [
        ("contacts", {"company_id": "1", "tag": "a"}),
        ("contacts", {"tag": "a", "filter_id": "1"}),
        ("contacts", {"has_actions": True, "has_actions_for_me": False}),
        ("contacts", {"lead_source": "a", "lead_source_id": "b"}),
        ("contacts", {"not_linked_with": "1", "company_id": "2"}),
        ("contacts", {"custom_field_id": "1"}),
        ("contacts", {"custom_field_value": "1"}),
        ("action_stream", {"company_id": "1", "filter_id": "1"}),
        ("deals", {"contact_id": "1", "company_id": "2"}),
        ("deals", {"tag": "a", "filter_id": "1"}),
        ("actions", {"contact_id": "1", "company_id": "2"}),
        ("notes", {"contact_id": "1", "company_id": "2"}),
        ("calls", {"contact_id": "1", "company_id": "2"}),
        ("meetings", {"contact_id": "1", "company_id": "2"}),
        ("notes", {"since": "2024-01-01"}),
        ("notes", {"date_filter": "date"}),
        ("notes", {"date_filter": "date", "since": "2024-01-01", "modified_since": "2024-01-01"}),
        ("notes", {"date_filter": "date", "since": "2024-01-01", "unmodified_since": "2024-01-01"}),
        ("notes", {"date_filter": "date", "since": "soon"}),
        ("notes", {"modified_since": "soon"}),
        ("notes", {"modified_since": pd.NaT}),
        ("actions", {"date_filter": "close_date", "since": "2024-01-01"}),
        ("notes", {"date_filter": "2024-01-01", "since": "2024-01-01"}),
        ("companies", {"modified_since": "2024-01-01"}),
        ("companies", {"search": "x"}),
        ("deals", {"sort_by": "amount"}),
        ("deals", {"status": "open"}),
        ("deals", {"stage": "50"}),
        ("contacts", {"starred": "yes"}),
        ("contacts", {"page": 2}),
        ("contacts", {"sparse": True}),
        ("custom_fields", {"type": "number"}),
        ("predefined_item_groups", {"include_items": True}),
        ("deals", {"custom_fields": "pivot"}),
    ],
)
def test_what_the_vendor_does_not_take_is_refused_before_asking(fetcher, values):
    """Mutual exclusions of section 3; traps 18, 19, 21, 22, 30, 34 and 37."""
    with serving({}) as (url, log), pytest.raises(ParameterError):
        getattr(client(url), fetcher)(**values)
    assert log == []


def sent(log):
    own = ("sort_by", "order", "page", "per_page", "team")
    return [{name: value for name, value in query if name not in own} for _, _, query, _, _ in log]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"date_filter": "created_at", "since": "2024-01-01"}, {"date_filter": "created_at", "since": "1704067199"}),
        ({"date_filter": "created_at", "until": date(2024, 1, 1)}, {"date_filter": "created_at", "until": "1704153600"}),
        (
            {"date_filter": "modified_at", "since": datetime(2024, 1, 1, 1, tzinfo=UTC)},
            {"date_filter": "modified_at", "since": "1704070799"},
        ),
        (
            {"date_filter": "created_at", "until": pd.Timestamp("2024-01-01 01:00+01:00")},
            {"date_filter": "created_at", "until": "1704067201"},
        ),
        ({"date_filter": "created_at", "since": 1704067200}, {"date_filter": "created_at", "since": "1704067199"}),
        (
            {"date_filter": "close_date", "since": "2024-01-01", "until": pd.Timestamp("2024-01-31")},
            {"date_filter": "close_date", "since": "2023-12-31", "until": "2024-02-01"},
        ),
        ({"modified_since": "2024-01-01"}, {"modified_since": "1704067199"}),
        ({"modified_since": "1970-01-01"}, {"modified_since": "0"}),
        ({"date_filter": "created_at", "since": date(1900, 1, 1)}, {"date_filter": "created_at", "since": "0"}),
        ({"unmodified_since": "2024-01-01T00:00:00Z"}, {"unmodified_since": "1704067201"}),
        (
            {"include_history": True, "status": "closed", "stage": 50},
            {"include_history": "true", "status": "closed", "stage": "50"},
        ),
    ],
)
def test_filters_by_time_are_sent_as_what_they_are_and_wider(values, wanted):
    """Trap 23: Unix seconds for moments, a second wider; days for days, a day wider."""
    with serving({"/deals": (200, page("deals", []))}) as (url, log):
        frame = client(url).deals(**values)
    assert sent(log) == [wanted]
    given = values.get("since")
    assert crmkit.receipt(frame).params.get("since") == (given if isinstance(given, int) or given is None else str(given))


def test_the_bounds_hold_exactly_in_the_frame():
    """Trap 23: what the wider question brought too much is dropped again; a record without a time stays."""
    times = ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-01-31T23:59:59.500Z", "2024-02-01T00:00:00Z", None]
    notes = [
        {"note": {"id": str(number), "created_at": time, "modified_at": time, "date": time and time[:10]}}
        for number, time in enumerate(times)
    ]
    with serving({"/notes": (200, page("notes", notes))}) as (url, _):
        one = client(url)

        def ids(**values):
            return one.notes(**values)["id"].tolist()

        assert ids(date_filter="created_at", since="2024-01-01", until="2024-01-31") == ["1", "2", "4"]
        assert ids(date_filter="updated_at", since="2024-01-31T23:59:59") == ["2", "3", "4"]
        assert ids(date_filter="date", since="2024-01-01", until="2024-01-31") == ["1", "2", "4"]
        assert ids(modified_since="2024-02-01") == ["3", "4"]
        assert ids(unmodified_since="2024-01-01") == ["0", "1", "4"]


@pytest.mark.parametrize(
    ("fetcher", "path", "field", "name"),
    [("calls", "/calls", "call_time", "call_time_int"), ("meetings", "/meetings", "meeting_time", "meeting_time_int")],
)
def test_calls_and_meetings_by_their_own_time(fetcher, path, field, name):
    records = [{fetcher[:-1]: {"id": "1", name: 1704067199}}, {fetcher[:-1]: {"id": "2", name: "1704067200"}}]
    with serving({path: (200, page(fetcher, records))}) as (url, log):
        frame = getattr(client(url), fetcher)(date_filter=field, since="2024-01-01")
    assert frame["id"].tolist() == ["2"]
    assert sent(log) == [{"date_filter": field, "since": "1704067199"}]


def test_throttling_is_403_in_plain_text(no_waiting):
    """Trap 2: waits of 1, 2, 4 and 8 seconds, then RateLimited."""
    tries = []

    def answer(query):
        tries.append(query)
        return (403, b"Rate limit exceeded") if len(tries) < 5 else (200, enveloped([]))

    with serving({"/users": answer}, headers={"Content-Type": "text/plain"}) as (url, _):
        client(url).users()
        assert len(tries) == 5
        assert round(sum(no_waiting)) == 15
    with (
        serving({"/users": (403, b"slow down")}, headers={"Content-Type": "text/plain"}) as (url, log),
        pytest.raises(RateLimited),
    ):
        client(url).users()
    assert len(log) == 5


def test_429_is_throttling_too_and_names_its_own_wait(no_waiting):
    answers = [(429, {}), (200, enveloped([]))]
    with serving({"/users": lambda query: answers.pop(0)}, headers={"Retry-After": "3"}) as (url, _):
        client(url).users()
    assert round(sum(no_waiting)) == 3


def refusal(status, name, message="Jane Doe may not see this"):
    return {"status": status, "message": message, "error_name": name, "error_message": message, "errors": {"email": message}}


@pytest.mark.parametrize(
    ("status", "kind", "calls"),
    [
        (400, RequestFailed, 1),
        (401, AuthError, 1),
        (403, PermissionDenied, 1),
        (404, NotFound, 1),
        (409, RequestFailed, 1),
        (422, RequestFailed, 1),
        (500, ServerError, 6),
    ],
)
def test_errors_name_the_machine_key_and_no_free_text(status, kind, calls, no_waiting):
    """A 403 in JSON is a missing right and is never asked again."""
    with serving({"/users/7": (status, refusal(status, "resource_refused"))}) as (url, log), pytest.raises(kind) as failure:
        client(url).user("7")
    assert failure.value.status == status
    assert "(resource_refused)" in str(failure.value)
    assert "Jane" not in str(failure.value)
    assert len(log) == calls
    if status == 401:
        assert "/app/api" in str(failure.value)


@pytest.mark.parametrize("name", ["Jane Doe", "jane@example.org", 7, None, {"a": 1}, "x" * 9 + " y", "a_" * 40])
def test_only_a_plain_key_gets_into_an_error(name):
    with serving({"/users/7": (400, refusal(400, name))}) as (url, _), pytest.raises(RequestFailed) as failure:
        client(url).user("7")
    assert "(" not in failure.value.what


def test_the_key_is_checked_in_one_sentence():
    answers = {
        "/users": (200, enveloped([{"user": {"id": "1"}}])),
        "/contacts": (200, page("contacts", [])),
        "/companies": (403, refusal(403, "permission_denied")),
        "/deals": (200, page("deals", [])),
    }
    with serving(answers) as (url, _):
        verdict = client(url).check()
    assert verdict.frame["works"].tolist() == [True, True, False, True]


def test_the_budget_is_four_calls_a_second():
    one = OnePageCRM(user_id="u", api_key="k")
    assert [(budget.calls, budget.seconds) for budget in OnePageCRM.limits] == [(4, 1)]
    assert one.base_url == "https://app.onepagecrm.com/api/v3"
    assert "k" not in repr(one).split()


def test_a_bound_counts_to_the_millisecond_that_records_have():
    """The latest stamp of a frame as bound: its own record is not changed after it."""
    with demo.start(people=60) as organisation:
        client = organisation.onepagecrm()
        stamps = client.contacts()["modified_at"].sort_values()
        for bound in (stamps.iloc[30], stamps.max()):
            assert bound.microsecond
            assert len(client.contacts(unmodified_since=bound)) == (stamps <= bound).sum()
            assert len(client.contacts(modified_since=bound + pd.Timedelta(microseconds=1))) == (stamps > bound).sum()
