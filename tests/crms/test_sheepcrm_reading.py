"""sheepCRM: lists without totals, errors that may all mean a wrong key, and budgets."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit.crms.sheepcrm import SheepCRM
from crmkit.crms.sheepcrm_answers import calls_left, too_fast, until_reset
from crmkit.errors import AuthError, IncompleteFetch, NotFound, ParameterError, PermissionDenied, RateLimited, RequestFailed
from crmkit.pacing import Budget
from crmkit.paging import Trail, walk
from crmkit.uncounted import OneAnswer, Pages
from tests.serving import serving

SEGMENTS = "/segments/v2/example"
PERSON = "/example/person/7/"


def client(url="http://127.0.0.1:9", **options):
    return SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, **{"pace": None, **options})


def segments(count):
    return [{"uri": f"/example/segment/{number}/", "name": f"Segment {number}"} for number in range(count)]


def paged(records, cap=250, envelope="segments"):
    """A server that gives at most cap records a page, whatever was asked for, and no total."""

    def page(query):
        asked = dict(query)
        size, number = min(cap, int(asked["page_size"])), int(asked["page"])
        return 200, {envelope: records[(number - 1) * size : number * size]}

    return page


@pytest.mark.parametrize(
    ("count", "cap", "pages"), [(0, 250, 1), (3, 250, 2), (250, 250, 2), (251, 250, 2), (500, 250, 3), (120, 50, 4)]
)
def test_lists_are_complete_whatever_the_server_caps_a_page_at(count, cap, pages):
    """Trap 4 and section 2, rules 1 to 3: a short first page asks for page 2, a short one after a full one is the end."""
    with serving({SEGMENTS: paged(segments(count), cap)}) as (url, log):
        frame = client(url).segments()
    assert frame["uri"].tolist() == [one["uri"] for one in segments(count)]
    assert [dict(query) for _, _, query, _, _ in log] == [{"page": str(n), "page_size": "250"} for n in range(1, pages + 1)]
    proof = crmkit.receipt(frame)
    assert (proof.complete, proof.declared_total) == (None, None)
    assert any("no total" in line for line in proof.problems)


@pytest.mark.parametrize("fetcher", ["segments", "segments_all", "events", "segment_records", "segments_find", "events_in_state"])
def test_every_paged_list_is_read_so(fetcher):
    records = segments(130)
    answer = paged(records, 50, "bookings" if "events" in fetcher else "segments")
    calls = {"segment_records": (["s"], {}), "segments_find": ([], {"name": "segment"}), "events_in_state": (["past"], {})}
    args, words = calls.get(fetcher, ([], {}))
    paths = ("/all", "/find", "", "/segment/s/all")
    answers = {
        **{SEGMENTS + path: answer for path in paths},
        "/events/v2/example": answer,
        "/events/v2/example/bookings/past": answer,
    }
    with serving(answers) as (url, _):
        frame = getattr(client(url), fetcher)(*args, **words)
    assert frame["uri"].tolist() == [one["uri"] for one in records]


def test_a_server_that_ignores_the_page_ends_the_walk():
    """Rule 4: a few records are taken for the whole list, a full page is not."""
    few, full = segments(3), segments(250)
    with serving({SEGMENTS: (200, {"segments": few}), f"{SEGMENTS}/all": (200, {"segments": full})}) as (url, log):
        frame = client(url).segments()
        with pytest.raises(IncompleteFetch, match="holds the rest back") as caught:
            client(url).segments_all()
        partial = client(url).segments_all(allow_partial=True)
    assert len(frame) == 3
    assert any("ignore page" in line for line in crmkit.receipt(frame).problems)
    assert crmkit.receipt(frame).duplicates == 3
    assert len(caught.value.frame) == len(partial) == 250
    assert len(log) <= 6


def test_the_same_keyless_records_again_end_the_walk():
    with serving({f"{SEGMENTS}/segment/s/all": (200, [{"name": "a"}, {"name": "b"}])}) as (url, log):
        frame = client(url).segment_records("s")
    assert frame["name"].tolist() == ["a", "b"]
    assert len(log) == 2


def test_rows_that_moved_between_pages_are_dropped_and_counted():
    records = segments(300)

    def page(query):
        number = int(dict(query)["page"])
        return 200, {"segments": records[:250] if number == 1 else records[240:]}

    with serving({SEGMENTS: page}) as (url, _):
        proof = crmkit.receipt(client(url).segments())
    assert (proof.records, proof.duplicates) == (300, 10)
    assert any("10 records came twice" in line for line in proof.problems)


def test_a_list_without_end_raises(monkeypatch):
    """Rule 5."""
    monkeypatch.setattr(SheepCRM.rows()["segments"], "paging", Pages(size=250, ceiling=12))

    def page(query):
        return 200, {"segments": [{"uri": f"/example/segment/{dict(query)['page']}/"}]}

    with serving({SEGMENTS: page}) as (url, log), pytest.raises(IncompleteFetch, match="12 pages") as caught:
        client(url).segments()
    assert len(caught.value.frame) == len(log) == 12


@settings(max_examples=80)
@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 9))
def test_any_count_size_and_cap_come_out_complete(count, size, cap):
    everything = list(range(count))
    answer = paged(everything, cap)
    trail = Trail()
    pages = walk(
        Pages(size=size),
        lambda ask: answer([*ask.params.items()])[1]["segments"],
        lambda body: ([{"n": one} for one in body], body),
        trail,
    )
    assert [one["n"] for page in pages for one in page] == everything
    assert not trail.short


def test_a_list_in_one_answer_says_that_records_may_be_missing():
    """Trap 5 and rule 6: no second page can be asked for."""
    tasks = [{"uri": f"/example/task/{number}/"} for number in range(250)]
    with serving(
        {
            "/notifications/v2/example/tasks": (200, {"tasks": tasks}),
            "/notifications/v2/example": (200, {"notification": tasks[:2]}),
        }
    ) as (
        url,
        log,
    ):
        full, few = crmkit.receipt(client(url).tasks()), crmkit.receipt(client(url).notifications())
    assert dict(log[0][2]) == {"page_size": "250"}
    assert (full.complete, few.complete) == (None, None)
    assert any("there may be more" in line for line in full.problems)
    assert any("may be missing" in line for line in few.problems)


@pytest.mark.parametrize(("count", "complete"), [(2, True), (5, None), (1, None)])
def test_a_count_beside_a_list_is_compared_and_never_more(count, complete):
    """Rule 8 and trap 31."""
    body = {"contact_uri": PERSON, "count": count, "memberships": [{"uri": "/example/member/1/"}, {"uri": "/example/member/2/"}]}
    with serving({f"/api/v2{PERSON}membership/all": (200, body)}) as (url, _):
        proof = crmkit.receipt(client(url).memberships(PERSON))
    assert (proof.complete, proof.declared_total, proof.records) == (complete, count, 2)
    assert bool(proof.problems) == (complete is None)


def test_notifications_count_themselves_in_their_last_public_form():
    """Section 3: the envelope is a list with a total, at a path of its own."""
    body = {"notifications": [{"uri": "/example/journal/1/"}], "total": 1, "user_uri": PERSON}
    with serving({"/notifications/v2/example/notifications": (200, body)}) as (url, log):
        proof = crmkit.receipt(client(url).notifications())
    assert (proof.complete, proof.declared_total) == (True, 1)
    assert [path for _, path, _, _, _ in log] == ["/notifications/v2/example", "/notifications/v2/example/notifications"]


def test_errors_beside_fieldsets_are_said_but_not_quoted():
    with serving({f"{SEGMENTS}/fieldset": (200, {"errors": ["about Ada"], "fieldsets": [{"uri": "/f/1/"}]})}) as (url, _):
        proof = crmkit.receipt(client(url).fieldsets())
    assert any("lists 1 errors" in line for line in proof.problems)
    assert "Ada" not in repr(proof)


def test_segments_by_name_are_filtered_again():
    found = {
        "segments": [{"uri": "/s/1/", "name": "Big Donors"}, {"uri": "/s/2/", "name": "Friends"}, {"uri": "/s/3/", "name": None}]
    }

    def page(query):
        return 200, found if dict(query)["page"] == "1" else {"segments": []}

    with serving({f"{SEGMENTS}/find": page}) as (url, _):
        frame = client(url).segments_find(name="donor")
    assert frame["uri"].tolist() == ["/s/1/"]
    assert any("2 segments came whose name" in line for line in crmkit.receipt(frame).problems)


def test_events_in_a_state_are_a_keyword_away():
    """Traps 18 and 19."""
    with serving({"/events/v2/example/bookings/past": (200, {"bookings": []})}) as (url, log):
        frame = client(url).events(state="past")
    assert log[0][1] == "/events/v2/example/bookings/past"
    assert crmkit.receipt(frame).endpoint == "events_in_state"
    with pytest.raises(ParameterError, match="state"):
        client().events(state="yesterday")


@pytest.mark.parametrize(("status", "kind"), [(401, AuthError), (403, PermissionDenied), (404, NotFound)])
@pytest.mark.parametrize(
    "body", [{"description": "d", "error": "e", "type": "t"}, {"error": {"param": "x", "message": "m"}}, b"", b"<p>no</p>"]
)
def test_three_statuses_may_all_mean_a_wrong_key(status, kind, body):
    """Trap 3: whatever the error's body, the text names all three readings."""
    with serving({SEGMENTS: (status, body)}) as (url, _), pytest.raises(kind) as caught:
        client(url).segments()
    assert all(word in str(caught.value) for word in ("key", "right", "id", "401, 403 or 404"))


@pytest.mark.parametrize(
    ("call", "permission"),
    [
        (lambda sheep: sheep.orders("e"), "booking.orders"),
        (lambda sheep: sheep.person_orders("p"), "contact.orders"),
        (lambda sheep: sheep.order("person", "p", "e"), "event.order"),
        (lambda sheep: sheep.contact_summary(PERSON), "person.summary"),
    ],
)
def test_a_missing_right_is_named(call, permission):
    """Trap 27."""
    forbidden = {path: (403, {}) for path in ("/events/v2/example/booking/e/orders", "/events/v2/example/person/p/orders")}
    forbidden |= {"/events/v2/example/person/p/order/e": (403, {}), f"/api/v2{PERSON}summary": (403, {})}
    with serving(forbidden) as (url, _), pytest.raises(PermissionDenied) as caught:
        call(client(url))
    assert permission in str(caught.value)
    assert "wrong key" in str(caught.value)


def test_404_on_a_call_that_left_the_documents_says_that_it_is_gone():
    """Trap 2."""
    with serving({}) as (url, _):
        for call in (client(url).tasks, client(url).notifications, lambda: client(url).task("t")):
            with pytest.raises(NotFound, match="gone") as caught:
                call()
            assert "wrong key" in str(caught.value)


def test_several_matches_are_an_error_unless_the_first_is_taken():
    """Trap 26."""
    with (
        serving({"/search/v2/example/person": (409, {"error": "several"})}) as (url, log),
        pytest.raises(RequestFailed, match="several"),
    ):
        client(url).search_person(last_name="Smith")
    assert log[0][2] == [("last_name", "Smith")]


class Answer:
    def __init__(self, status, **headers):
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def test_the_rate_headers_are_understood_in_any_of_their_places():
    window = "40, 400;window=60, 1000;window=3600"
    assert calls_left(Answer(200, x_rate_limit_remaining="0").headers) == 0
    assert calls_left(Answer(200, x_rate_limit_limit=window).headers) == 40
    assert calls_left(Answer(200, x_rate_limit_remaining=window, x_rate_limit_limit="400").headers) == 40
    spent = Answer(403, x_rate_limit_remaining="0", x_rate_limit_limit="400, 400;window=60", x_rate_limit_reset="9")
    assert (calls_left(spent.headers), too_fast(spent)) == (0, True)
    assert calls_left(Answer(200, x_rate_limit_limit="400").headers) is None
    assert until_reset(Answer(429, x_rate_limit_reset="17")) == 17
    assert until_reset(Answer(429, x_rate_limit_reset=window, Retry_After="5")) == 5
    assert until_reset(Answer(429)) is None


@pytest.mark.parametrize(
    ("answer", "throttled"),
    [
        (Answer(429), True),
        (Answer(403, x_rate_limit_reset="9", x_rate_limit_remaining="0"), True),
        (Answer(400, x_rate_limit_reset="9"), True),
        (Answer(404, x_rate_limit_reset="9", x_rate_limit_remaining="12"), False),
        (Answer(403), False),
        (Answer(200, x_rate_limit_reset="9", x_rate_limit_remaining="0"), False),
        (Answer(500, x_rate_limit_reset="9"), False),
    ],
)
def test_a_throttled_answer_is_told_from_an_ordinary_refusal(answer, throttled):
    assert too_fast(answer) is throttled


@pytest.mark.parametrize("status", [429, 403])
def test_a_throttled_call_waits_as_long_as_the_server_says(no_waiting, status):
    answers = iter([(status, {}), (status, {}), (200, {"segments": []})])
    headers = {"x-rate-limit-reset": "17", "x-rate-limit-remaining": "0", "x-rate-limit-limit": "400"}
    with serving({SEGMENTS: lambda query: next(answers)}, headers) as (url, log):
        assert client(url).segments().empty
    assert len(log) == 3
    assert sum(no_waiting) == pytest.approx(34, abs=1)


def test_a_wait_longer_than_a_minute_is_left_to_the_caller(no_waiting):
    with serving({SEGMENTS: (429, {})}, {"x-rate-limit-reset": "1800"}) as (url, log), pytest.raises(RateLimited) as caught:
        client(url).segments()
    assert caught.value.retry_after == 1800
    assert (len(log), no_waiting) == (1, [])


def test_the_last_call_of_a_budget_holds_the_next_one_back(monkeypatch):
    held = []
    monkeypatch.setattr("crmkit.pacing.Pacer.hold", lambda pacer, seconds: held.append(seconds))
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "12"}
    with serving({SEGMENTS: (200, {"segments": []})}, headers) as (url, _):
        client(url).segments()
    with serving({SEGMENTS: (200, {"segments": []})}, {**headers, "x-rate-limit-remaining": "3"}) as (url, _):
        client(url).segments()
    assert held == [12]


def test_both_budgets_hold_and_nothing_runs_in_parallel():
    sheep = client(pace="vendor")
    assert sheep.budgets == (Budget(400, 60), Budget(1000, 3600))
    assert sheep.workers == 1


def test_a_plan_of_one_call_per_person_is_refused_when_it_does_not_fit_an_hour(tmp_path):
    people = [f"/example/person/{number}/" for number in range(901)]
    with pytest.raises(ParameterError, match="1,000 an hour"):
        client(pace="vendor").memberships(people)
    with serving({}) as (url, log), pytest.raises(IncompleteFetch):
        client(url, cache_dir=tmp_path).memberships(people)
    assert len(log) == 901


def test_a_frame_of_many_events_keeps_each_ones_facts_apart():
    def attendance(uid):
        event = {"uri": f"/example/booking/{uid}/", "title": uid}
        return 200, {"booking": event, "booking_uri": event["uri"], "sessions": [{"uri": f"/example/session/{uid}/"}]}

    with serving({f"/events/v2/example/booking/{uid}/attendance": attendance(uid) for uid in "ab"}) as (url, _):
        frame = client(url).attendance(pd.Series(["a", "b"]))
    assert frame["booking_uri"].tolist() == ["/example/booking/a/", "/example/booking/b/"]
    assert crmkit.included(frame)["events"]["title"].tolist() == ["a", "b"]


def test_a_count_is_read_under_any_of_its_names():
    trail = Trail()
    list(walk(OneAnswer(count=("count", "total")), lambda ask: {"total": "2"}, lambda body: ([{}, {}], [None, None]), trail))
    assert (trail.totals, trail.unchecked, trail.problems) == ([2], False, [])


def test_what_a_fetch_will_cost_is_said_as_far_as_it_can_be_known():
    with serving({SEGMENTS: paged(segments(260)), "/audit/v2/example/audit": (200, [])}) as (url, _):
        sheep = client(url)
        assert sheep.segments.plan().calls is None
        assert sheep.audit.plan().calls == 1
        assert sheep.tickets.plan(["a", "b", "c"]).calls == 3


def test_check_reads_three_lists():
    answers = {SEGMENTS: paged(segments(2)), "/events/v2/example": (403, {}), f"{SEGMENTS}/fieldset": (200, {"fieldsets": []})}
    with serving(answers) as (url, _):
        report = client(url).check()
    assert report.frame["works"].tolist() == [True, False, True]
    assert "sheep-test-key" not in repr(report)


def test_offline_every_list_comes_from_the_cache():
    with serving({SEGMENTS: paged(segments(120), 50)}) as (url, log):
        sheep = client(url)
        first = sheep.segments()
        asked = len(log)
        with crmkit.offline():
            pd.testing.assert_frame_equal(sheep.segments(), first)
    assert len(log) == asked == 4
