"""OnePageCRM past its first 10,000 records: the cascade, and windows of time. Most tests let paging end at 300 instead."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

import crmkit
from crmkit.crms import onepagecrm
from crmkit.errors import IncompleteFetch
from tests.crms.test_onepagecrm import client, enveloped
from tests.faults import USER_ID, FaultServer
from tests.serving import serving

REACH = 300
STAMP = 1717243200
FOREIGN = "https://app.onepagecrm.example/api/v3/contacts/cascade/"


@pytest.fixture(autouse=True)
def nearer(monkeypatch):
    windows = replace(onepagecrm.WINDOWS, listing=replace(onepagecrm.PAGES, reach=REACH))
    monkeypatch.setattr(onepagecrm, "WINDOWS", windows)


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Vendor:
    """A list of the vendor's that pages to REACH records: filters by time, sorts, counts all, and keeps its calls.

    lap: how far inside its bounds a filter by time begins (0: they belong to it). dates: whether it knows such a filter.
    """

    def __init__(self, records, *, name="deals", lap=0, dates=True, sorts=True, reach=REACH, size=100):
        self.records, self.name, self.lap, self.dates, self.sorts = records, name, lap, dates, sorts
        self.reach, self.size, self.calls = reach, size, []

    def __call__(self, query):
        given = dict(query)
        self.calls.append(given)
        assert not ({"date_filter", "modified_since"} <= given.keys())
        found = [one for one in self.records if self.holds(one, given)]
        if self.sorts:
            key = given.get("sort_by", "id")
            found.sort(key=lambda one: (one[key], one["id"]), reverse=given.get("order") == "desc")
        number, size = int(given["page"]), min(self.size, int(given["per_page"]))
        shown = found[: self.reach][(number - 1) * size : number * size]
        wrapped = [{self.name[:-1]: one} for one in shown]
        told = {"total_count": len(found), "page": number, "per_page": size, "max_page": -(-len(found) // size)}
        return 200, {**enveloped({self.name: wrapped, **told}), "timestamp": STAMP}

    def holds(self, record, given):
        if given.get("status", record.get("status")) != record.get("status"):
            return False
        if not self.dates:
            return True
        name, low, high = given.get("date_filter"), given.get("since"), given.get("until")
        if "modified_since" in given or "unmodified_since" in given:
            name, low, high = "modified_at", given.get("modified_since"), given.get("unmodified_since")
        if name is None:
            return True
        at = record[name] if len(record[name]) == 10 else datetime.fromisoformat(record[name]).timestamp()
        low, high = (bound if bound is None or len(record[name]) == 10 else int(bound) for bound in (low, high))
        if self.lap:
            return (low is None or at > low) and (high is None or at < high)
        return (low is None or at >= low) and (high is None or at <= high)


def deals(count, *, step=86_400, start=1_500_000_000):
    return [
        {
            "id": f"{number:05}",
            "created_at": iso(start + number * step),
            "modified_at": iso(STAMP - number * step),
            "close_date": iso(start + number * 3_600)[:10],
            "status": "won" if number % 2 else "pending",
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("lap", [0, 1])
@pytest.mark.parametrize("count", [300, 301, 600, 1_000])
def test_lists_are_read_on_in_windows_of_creation(count, lap):
    """Whether the bounds of a window belong to it is not known: both come out complete and distinct."""
    vendor = Vendor(deals(count), lap=lap)
    with serving({"/deals": vendor}) as (url, _):
        frame = client(url).deals()
    proof = crmkit.receipt(frame)
    assert sorted(frame["id"]) == [f"{number:05}" for number in range(count)]
    assert (proof.complete, proof.declared_total) == (True, count)
    assert any("windows" in line for line in proof.problems) == (count > REACH)
    assert max(int(call["page"]) for call in vendor.calls) <= 3
    windows = [call for call in vendor.calls if "date_filter" in call]
    assert bool(windows) == (count > REACH)
    assert all(call["date_filter"] == "created_at" and int(call["since"]) > 1_500_000_000 for call in windows)
    assert len(vendor.calls) < 3 * (count / 100 + 3)


@pytest.mark.parametrize(
    ("values", "wanted", "field"),
    [
        ({"sort_by": "modified_at", "order": "desc"}, 1_000, "created_at"),
        ({"status": "won"}, 500, "created_at"),
        ({"date_filter": "close_date", "since": "2017-07-20"}, 858, "close_date"),
        ({"date_filter": "created_at", "until": iso(1_500_000_000 + 700 * 86_400)}, 701, "created_at"),
        ({"modified_since": iso(STAMP - 800 * 86_400)}, 801, "modified_at"),
    ],
)
@pytest.mark.parametrize("lap", [0, 1])
def test_a_call_that_filters_is_cut_along_its_own_date(values, wanted, field, lap):
    vendor = Vendor(deals(1_000), lap=lap)
    with serving({"/deals": vendor}) as (url, _):
        frame = client(url).deals(**values)
    assert frame["id"].is_unique
    assert len(frame) == wanted
    assert crmkit.receipt(frame).complete is True
    assert {call["date_filter"] for call in vendor.calls if "date_filter" in call} == {field}
    if "status" in values:
        assert all(call["status"] == "won" for call in vendor.calls)


def test_a_server_that_does_not_sort_is_cut_as_well():
    records = deals(1_000)
    vendor = Vendor(records[500:] + records[:500], sorts=False)
    with serving({"/deals": vendor}) as (url, _):
        frame = client(url).deals()
    assert sorted(frame["id"]) == [record["id"] for record in records]


def test_a_server_that_does_not_filter_by_date_is_no_endless_loop():
    vendor = Vendor(deals(700), dates=False)
    with serving({"/deals": vendor}) as (url, _), pytest.raises(IncompleteFetch) as failure:
        client(url).deals()
    assert len(failure.value.frame) == REACH
    assert failure.value.receipt.declared_total == 700
    assert len(vendor.calls) < 100


def test_more_records_than_paging_reaches_in_one_second_are_said():
    vendor = Vendor(deals(700, step=0))
    with serving({"/deals": vendor}) as (url, _), pytest.raises(IncompleteFetch, match="no window of time") as failure:
        client(url).deals()
    assert len(failure.value.frame) == REACH
    assert len(vendor.calls) < 300


def test_a_server_with_smaller_pages_reaches_as_far():
    vendor = Vendor(deals(280), size=50)
    with serving({"/deals": vendor}) as (url, _):
        frame = client(url).deals()
    assert len(frame) == 280
    assert not any("date_filter" in call for call in vendor.calls)


def test_windows_come_from_the_cache_as_they_went_in():
    vendor = Vendor(deals(1_000))
    with serving({"/deals": vendor}) as (url, _):
        one = client(url)
        frame = one.deals()
        asked = len(vendor.calls)
        with crmkit.offline():
            again = one.deals()
    assert frame.equals(again)
    assert len(vendor.calls) == asked
    assert crmkit.receipt(again).calls == 0


def test_a_sample_of_a_long_list_does_not_read_windows():
    vendor = Vendor(deals(1_000))
    with serving({"/deals": vendor}) as (url, _):
        frame = client(url, workers=1).deals(limit=150)
    assert (len(frame), len(vendor.calls)) == (150, 2)
    assert crmkit.receipt(frame).limited is True


def contacts(count):
    return [
        {"id": f"{number:024x}", "last_name": f"N{number * 7 % count:05}", "created_at": iso(1_500_000_000 + number * 3_600)}
        for number in range(count)
    ]


class Account(Vendor):
    """Contacts with their cascade, which begins at a place in the order of names. gone: an id that the cascade does not know."""

    def __init__(self, records, *, begins=0, gone=(), stuck=False, **more):
        super().__init__(records, name="contacts", **more)
        self.begins, self.gone, self.stuck, self.batches = begins, set(gone), stuck, []
        self.by_name = sorted(records, key=lambda one: one["last_name"])

    def answers(self):
        paths = {f"/contacts/cascade/{one['id']}": self.after(place) for place, one in enumerate(self.by_name, 1)}
        return {"/contacts": self, "/contacts/cascade": self.after(self.begins), **paths}

    def after(self, start):
        def batch(query):
            self.batches.append((start, query))
            if start and self.by_name[start - 1]["id"] in self.gone:
                return 404, {"status": 404, "error_name": "not_found"}
            found = self.by_name[0 if self.stuck else start :][:100]
            left = len(self.by_name) - start - len(found)
            entries = [{"contact": one} for one in found]
            return 200, enveloped(
                {"contacts": entries, "items_left": left, "next_set_url": f"{FOREIGN}{found[-1]['id'] if found else ''}"}
            )

        return batch


@pytest.mark.parametrize("begins", [0, 300])
def test_contacts_go_on_with_the_cascade(begins):
    """Trap 12: no parameter and no foreign link is sent; where it begins is left open, so what it lacks comes by windows."""
    vendor = Account(contacts(720), begins=begins)
    with serving(vendor.answers()) as (url, log):
        one = client(url)
        frame = one.contacts()
        with crmkit.offline():
            again = one.contacts()
    assert sorted(frame["id"]) == [record["id"] for record in contacts(720)]
    proof = crmkit.receipt(frame)
    assert (proof.complete, proof.declared_total, proof.records) == (True, 720, 720)
    assert frame.equals(again)
    assert vendor.batches
    assert all(query == [] for _, query in vendor.batches)
    assert any("date_filter" in call for call in vendor.calls) == (begins > 0)
    assert {urlsplit(path).path for _, path, *_ in log} <= set(vendor.answers())


def test_filtered_contacts_and_added_records_do_not_use_the_cascade():
    """It takes no parameters, so it would bring others, or without what was asked beside them."""
    vendor = Account(contacts(720))
    with serving(vendor.answers()) as (url, _):
        one = client(url)
        assert len(one.contacts(starred=True)) == 720
        assert len(one.contacts(fields="deals(all)")) == 720
        assert len(one.contacts(team=False)) == 720
    assert vendor.batches == []


def test_short_lists_do_not_ask_the_cascade():
    vendor = Account(contacts(300))
    with serving(vendor.answers()) as (url, _):
        assert len(client(url).contacts()) == 300
    assert vendor.batches == []


def test_a_contact_that_goes_away_under_the_cascade_is_stepped_over():
    everybody = contacts(720)
    last = sorted(everybody, key=lambda one: one["last_name"])[299]["id"]
    vendor = Account(everybody, gone=[last])
    with serving(vendor.answers()) as (url, _):
        frame = client(url).contacts()
    assert len(frame) == 720
    assert any("went away" in line for line in crmkit.receipt(frame).drift)


def test_a_cascade_that_stands_still_ends():
    vendor = Account(contacts(720), stuck=True)
    with serving(vendor.answers()) as (url, _):
        frame = client(url).contacts()
    assert len(frame) == 720
    assert len(vendor.batches) == 2


def test_no_cascade_at_all():
    vendor = Account(contacts(720))
    with serving({"/contacts": vendor}) as (url, _):
        frame = client(url).contacts()
    assert len(frame) == 720
    assert any("cascade of contacts" in line for line in crmkit.receipt(frame).drift)


def test_a_batch_of_its_own_says_what_is_left():
    vendor = Account(contacts(150))
    with serving(vendor.answers()) as (url, _):
        first = client(url).contacts_cascade()
        second = client(url).contacts_cascade_after(first["id"].iloc[-1])
    assert (len(first), len(second)) == (100, 50)
    assert crmkit.receipt(first).complete is None
    assert "50 contacts come after it" in " ".join(crmkit.receipt(first).problems)
    assert crmkit.receipt(second).complete is True


def test_the_plan_counts_the_cascade():
    vendor = Account(contacts(720))
    with serving(vendor.answers()) as (url, _):
        assert client(url).contacts.plan().calls == 3 + 8
    with serving({"/contacts": Account(contacts(250))}) as (url, _):
        assert client(url).contacts.plan().calls == 3


def test_25_000_contacts_come_out_complete_and_distinct(monkeypatch):
    listing = replace(onepagecrm.PAGES, reach=10_000)
    monkeypatch.setattr(onepagecrm, "WINDOWS", replace(onepagecrm.WINDOWS, listing=listing))
    vendor = Account(contacts(25_000), reach=10_000)
    with serving(vendor.answers()) as (url, _):
        frame = client(url).contacts()
    assert frame["id"].nunique() == len(frame) == 25_000
    assert crmkit.receipt(frame).complete is True
    assert (len(vendor.calls), len(vendor.batches)) == (100, 250)


def test_no_credential_goes_where_the_foreign_link_leads():
    with FaultServer("onepagecrm", records=720, cap=REACH) as server:
        one = onepagecrm.OnePageCRM(user_id=USER_ID, api_key=server.token, base_url=server.url, pace=None)
        frame = one.contacts()
        assert server.strayed == []
    assert frame["id"].nunique() == len(frame) == 720
