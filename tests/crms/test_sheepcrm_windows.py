"""The audit of a whole sheepCRM client: windows of time that are halved until every answer is whole."""

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit.crms.sheepcrm import SheepCRM
from crmkit.errors import IncompleteFetch, NetworkError, NotFound, ParameterError, RequestFailed, ServerError
from crmkit.paging import Trail, walk
from crmkit.windows import MOMENT, TimeWindows, took_too_long
from tests.serving import serving

NEW, OLD = "/audit/v2/example/audit", "/api/v2/example/audit"


def client(url, **options):
    return SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None, **options)


def entry(number, moment):
    return {"uri": f"/example/person/{number}/", "date": moment.strftime(MOMENT), "message": "changed", "clean_diff": []}


def answering(entries, now, ends=(True, True), slow=timedelta.max):
    """The server's side: entries of a window, cut off at limit; 504 where the window is too long for it."""
    moments = [(datetime.strptime(one["date"], MOMENT), one) for one in entries]

    def answer(query):
        asked = dict(query)
        start = datetime.strptime(asked["from"], MOMENT) if "from" in asked else now - timedelta(days=1)
        end = datetime.strptime(asked["to"], MOMENT) if "to" in asked else now
        if end - start > slow:
            return 504, {"message": "Endpoint request timed out"}
        found = [one for at, one in moments if start < at < end or (at == start and ends[0]) or (at == end and ends[1])]
        return 200, {"results": found[: int(asked["limit"])]}

    return answer


BEGIN = datetime(2026, 3, 1)


def three_months(count=1500):
    """Entries over three months, with a burst of 900 within one second."""
    spread = [entry(number, BEGIN + timedelta(hours=number * 3.6)) for number in range(count - 900)]
    burst = [entry(number, BEGIN + timedelta(days=40, milliseconds=number)) for number in range(900)]
    return spread + burst


def test_a_window_cut_off_at_its_limit_is_asked_in_halves():
    """Section 2, rule 7: whatever the server does at its ends, every entry comes, and none comes twice."""
    entries = three_months()
    now = BEGIN + timedelta(days=90)
    for ends in ((True, True), (True, False), (False, True), (False, False)):
        with serving({NEW: answering(entries, now, ends)}) as (url, log):
            frame = client(url, expire_after=0).audit(from_="2026-02-28", to="2026-06-01")
        assert sorted(frame["uri"] + frame["date"].astype(str)) == sorted(
            pd.Series([one["uri"] for one in entries]) + pd.to_datetime([one["date"] for one in entries]).astype(str)
        )
        assert all(dict(query)["limit"] == "250" and "skip" not in dict(query) for _, _, query, _, _ in log)
    assert crmkit.receipt(frame).complete is None
    assert crmkit.receipt(frame).duplicates == 0


def test_a_window_that_takes_too_long_is_asked_in_halves(no_waiting):
    entries = [entry(number, BEGIN + timedelta(days=number)) for number in range(60)]
    with serving({NEW: answering(entries, BEGIN, slow=timedelta(days=20))}) as (url, _):
        frame = client(url).audit(from_=BEGIN, to="2026-05-01")
    assert frame["uri"].tolist() == [one["uri"] for one in entries]


def test_a_server_that_always_fails_is_not_asked_for_ever(no_waiting):
    with serving({NEW: (504, {})}) as (url, log), pytest.raises(ServerError):
        client(url).audit(from_=BEGIN, to="2026-05-01")
    assert len({tuple(query) for _, _, query, _, _ in log}) < 12


def test_only_lateness_makes_a_window_smaller():
    assert took_too_long(NetworkError("no answer in time."))
    assert not took_too_long(NetworkError("the connection failed."))
    assert [took_too_long(ServerError("", status=status)) for status in (500, 502, 503, 504)] == [False, True, True, True]
    assert not took_too_long(NotFound("", status=404))
    assert took_too_long(RequestFailed("", status=408))


def test_a_late_answer_is_recognised_over_http(monkeypatch, no_waiting):
    """The transport's own words for a read timeout are the ones that are looked for."""
    import threading

    late = threading.Event()
    entries = [entry(number, BEGIN + timedelta(days=number)) for number in range(40)]
    inner = answering(entries, BEGIN)

    def answer(query):
        asked = dict(query)
        if "from" not in asked or "to" not in asked or asked["to"] > asked["from"].replace("2026-03", "2026-04"):
            late.wait(0.6)
        return inner(query)

    monkeypatch.setattr(SheepCRM, "timeout", 0.15)
    monkeypatch.setattr("crmkit.transport.QUICK", ())
    with serving({NEW: answer}) as (url, _):
        frame = client(url).audit(from_=BEGIN, to="2026-04-20")
        late.set()
    assert frame["uri"].tolist() == [one["uri"] for one in entries]


def test_without_moments_the_vendors_own_window_is_asked_and_its_ends_stay_open(monkeypatch):
    now = datetime(2026, 6, 1, 12)
    entries = [entry(number, now - timedelta(seconds=80 * number + 1)) for number in range(1000)]
    with serving({NEW: answering(entries, now)}) as (url, log):
        paging = TimeWindows(size=250, clock=lambda: datetime(2026, 6, 1))
        monkeypatch.setattr(SheepCRM.rows()["audit"], "paging_for", lambda values: paging)
        frame = client(url).audit()
    assert log[0][2] == [("limit", "250")]
    assert sorted(frame["uri"]) == sorted(one["uri"] for one in entries)
    asked = [dict(query) for _, _, query, _, _ in log]
    assert min(one["from"] for one in asked if "from" in one) > "2026-05-29"
    assert any("from" not in one and "to" in one for one in asked)
    assert any("from" in one and "to" not in one for one in asked)


def test_the_second_call_is_answered_from_the_cache():
    entries = three_months(1200)
    with serving({NEW: answering(entries, BEGIN)}) as (url, log):
        sheep = client(url)
        first = sheep.audit(from_="2026-02-28", to="2026-06-01")
        asked = len(log)
        pd.testing.assert_frame_equal(sheep.audit(from_="2026-02-28", to="2026-06-01"), first)
    assert len(log) == asked


def test_more_than_a_limit_in_one_moment_is_said_so():
    same = [entry(number, BEGIN) for number in range(300)]
    with serving({NEW: answering(same, BEGIN)}) as (url, _), pytest.raises(IncompleteFetch, match="no window is small enough"):
        client(url).audit(from_="2026-02-28", to="2026-03-02")


def test_the_old_path_is_asked_when_the_new_one_is_unknown():
    """Trap 1."""
    with serving({OLD: (200, {"results": [entry(1, BEGIN)]})}) as (url, log):
        assert len(client(url).audit()) == 1
    assert [path for _, path, _, _, _ in log] == [NEW, OLD]


@pytest.mark.parametrize("body", [[{"message": "a"}], {"entries": [{"message": "a"}]}, ["a"], {"results": ["a"]}])
def test_the_shape_of_the_answer_is_not_known(body):
    with serving({NEW: (200, body)}) as (url, _):
        assert client(url).audit(format="list")["message"].tolist() == ["a"]


def test_moments_are_sent_without_a_zone():
    with serving({NEW: (200, [])}) as (url, log):
        assert client(url).audit(from_=pd.Timestamp("2026-03-01 09:30"), to="2026-03-02", resource="person").empty
    assert dict(log[0][2]) == {
        "from": "2026-03-01T09:30:00.000000",
        "to": "2026-03-02T00:00:00.000000",
        "resource": "person",
        "limit": "250",
    }
    with pytest.raises(ParameterError, match="without a zone"):
        client("http://127.0.0.1:9").audit(from_="2026-03-01T09:30:00Z")


def undated(entries, now):
    """The server's side of texts without a moment."""

    def answer(query):
        status, body = answering(entries, now)(query)
        return status, {"results": [one["message"] for one in body["results"]]}

    return answer


def test_texts_without_a_moment_are_not_taken_for_repeats():
    """600 changes that read like two: what is told only by its words comes as often as the server has it."""
    entries = [{**entry(1, BEGIN + timedelta(minutes=n, seconds=1)), "message": "ab"[n % 2]} for n in range(600)]
    with serving({NEW: undated(entries, BEGIN)}) as (url, _):
        frame = client(url).audit(from_="2026-02-28", to="2026-03-03", format="list")
    assert frame["message"].value_counts().to_dict() == {"a": 300, "b": 300}
    assert any("without a moment" in line for line in crmkit.receipt(frame).problems)


@pytest.mark.parametrize("words", [None, "changed"], ids=["different", "alike"])
def test_changes_of_one_record_within_a_second_are_all_there(words):
    """Moments may be printed without their fractions; an entry is known by what changed, windows end at whole seconds."""
    moments = [BEGIN + timedelta(milliseconds=40 * number) for number in range(900)]
    entries = [{**entry(1, moment), "message": words or f"change {n}"} for n, moment in enumerate(moments)]

    def printed(query):
        status, body = answering(entries, BEGIN)(query)
        return status, {"results": [{**one, "date": one["date"].partition(".")[0]} for one in body["results"]]}

    with serving({NEW: printed}) as (url, _):
        frame = client(url).audit(from_="2026-02-28", to="2026-03-02")
    wanted = pd.Series([pd.Timestamp(one["date"]).floor("s") for one in entries]).value_counts()
    assert frame["date"].value_counts().to_dict() == wanted.to_dict()
    assert frame["entry"].is_unique


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("cap", [20, 100, 249])
def test_a_limit_that_the_server_lowers_in_silence_is_noticed(cap, newest_first):
    entries = [entry(number, BEGIN + timedelta(hours=number)) for number in range(600)]
    inner = answering(entries[::-1] if newest_first else entries, BEGIN)

    def capped(query):
        status, body = inner(query)
        return status, {"results": body["results"][:cap]}

    with serving({NEW: capped}) as (url, _):
        frame = client(url).audit(from_="2026-02-28", to="2026-06-01")
    assert (len(frame), frame["date"].nunique()) == (600, 600)
    assert any(f"{cap} records at most" in line for line in crmkit.receipt(frame).problems)


def test_a_limit_that_the_server_keeps_costs_two_calls_to_know():
    entries = [entry(number, BEGIN + timedelta(hours=number)) for number in range(120)]
    with serving({NEW: answering(entries, BEGIN)}) as (url, log):
        frame = client(url).audit(from_="2026-02-28", to="2026-06-01")
        assert len(client(url).audit(from_="2026-02-28", to="2026-06-01", limit=5)) == 5
    assert (len(frame), frame["uri"].nunique()) == (120, 120)
    assert len(log) == 3
    assert not any("at most" in line for line in crmkit.receipt(frame).problems)


def test_two_changes_in_one_moment_are_two_lines():
    twice = [{**entry(1, BEGIN), "message": text, "clean_diff": [{"field": text, "verb": "add"}]} for text in ("a", "b")]
    with serving({NEW: (200, {"results": twice})}) as (url, _):
        frame = client(url).audit()
    assert frame["message"].tolist() == ["a", "b"]
    changes = crmkit.child(frame, "clean_diff")
    assert changes["entry"].tolist() == frame["entry"].tolist()
    assert changes["field"].tolist() == ["a", "b"]


def test_the_audit_of_one_record_names_what_belongs_to_it():
    path = "/audit/v2/example/person/7/audit"
    body = {"results": [entry(7, BEGIN)], "count": 3, "uri": "/example/person/7/", "related_uris": ["/example/member/1/"]}
    with serving({path: (200, body)}) as (url, log):
        frame = client(url).record_audit("person", 7, since_days=30)
    assert dict(log[0][2]) == {"since_days": "30", "limit": "250"}
    assert frame["record_uri"].tolist() == ["/example/person/7/"]
    assert frame["related_uris"].tolist() == [["/example/member/1/"]]
    proof = crmkit.receipt(frame)
    assert (proof.complete, proof.declared_total) == (None, 3)
    assert "the vendor counts 3 records, 1 came" in proof.problems


def test_a_bare_day_as_the_end_is_its_first_moment_and_an_empty_window_is_said():
    with pytest.raises(ParameterError, match=r"no time between from_ and to: a bare date .* Next: give the next day"):
        client("http://127.0.0.1:9").audit(from_="2026-03-01T10:00", to="2026-03-01")
    with serving({NEW: (200, {"results": []})}) as (url, _):
        day = client(url).audit(from_="2026-03-01", to="2026-03-01")
        two = client(url).audit(from_="2026-03-01", to="2026-03-02")
    assert "both ends are one moment" in " ".join(crmkit.receipt(day).problems)
    assert "both ends" not in " ".join(crmkit.receipt(two).problems)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 86_400_000), max_size=120), st.integers(2, 9))
def test_any_entries_come_out_whole_and_once(milliseconds, size):
    moments = sorted(BEGIN + timedelta(milliseconds=one) for one in milliseconds)
    crowded = any(b - a <= timedelta(milliseconds=20) for a, b in zip(moments, moments[size - 1 :], strict=False))
    entries = [{"n": number, "date": moment.strftime(MOMENT)} for number, moment in enumerate(moments)]
    server = answering(entries, BEGIN)
    paging = TimeWindows(size=size, start=BEGIN - timedelta(days=1), end=BEGIN + timedelta(days=2))
    whole = {"from": paging.start.strftime(MOMENT), "to": paging.end.strftime(MOMENT)}
    trail = Trail()
    pages = walk(
        paging,
        lambda ask: server([*{**whole, **ask.params}.items()])[1]["results"],
        lambda body: (body, [one["n"] for one in body]),
        trail,
    )
    found = [one["n"] for page in pages for one in page]
    assert len(set(found)) == len(found)
    assert crowded or (sorted(found) == list(range(len(entries))) and not trail.short)
