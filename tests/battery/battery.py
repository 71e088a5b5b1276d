"""One battery of tests that every CRM passes; a subclass says who it is and how its main list is asked."""

from __future__ import annotations

import pandas as pd
import pytest

import crmkit
from crmkit import errors
from crmkit.errors import CrmkitError
from tests.battery.systems import SYSTEMS, TOKEN
from tests.faults import FaultServer

OUTCOMES = (errors.IncompleteFetch, errors.ShapeError, errors.RequestFailed)


ROWS = 7  # a page, whatever is asked for: every system then has several


class Battery:
    """Inherited by one class per CRM, which names its dialect."""

    dialect = ""
    other_token = "another-token-of-the-tests"

    @property
    def system(self):
        return SYSTEMS[self.dialect]

    def client(self, url, cache_dir, token=TOKEN, **options):
        return self.system.client(url, cache_dir, token, **options)

    def fetch(self, client, **options):
        return self.system.fetch(client, **options)

    def ids(self, frame):
        return self.system.ids(frame)

    @pytest.fixture
    def server(self):
        with FaultServer(dialect=self.dialect, records=60, token=TOKEN, page_size=ROWS) as running:
            yield running

    @pytest.fixture
    def connected(self, server, tmp_path):
        return self.client(server.url, tmp_path / "cache")

    def wanted(self, server):
        return self.system.wanted(server.records)

    def test_a_quiet_list_comes_whole_and_in_order(self, server, connected):
        frame = self.fetch(connected)
        assert self.ids(frame) == self.wanted(server)
        proof = crmkit.receipt(frame)
        assert proof.complete in (True, None)
        assert proof.records == 60

    def test_the_second_call_comes_from_the_cache(self, server, connected):
        first = self.fetch(connected)
        asked = len(server.calls)
        second = self.fetch(connected)
        assert len(server.calls) == asked
        assert crmkit.receipt(second).calls == 0
        pd.testing.assert_frame_equal(first, second)

    def test_two_accounts_never_share(self, server, tmp_path):
        self.fetch(self.client(server.url, tmp_path / "cache"))
        other = self.client(server.url, tmp_path / "cache", token=self.other_token)
        with pytest.raises((errors.AuthError, errors.PermissionDenied, errors.NotFound)):
            self.fetch(other)
        with crmkit.offline(), pytest.raises(errors.NotCached):
            self.fetch(other)

    def test_limit(self, connected):
        frame = self.fetch(connected, limit=7)
        assert len(frame) == 7
        assert crmkit.receipt(frame).limited

    def test_an_empty_list_has_the_dtypes_of_a_full_one(self, server, connected):
        full = self.fetch(connected)
        server.records.clear()
        empty = self.fetch(connected, refresh=True)
        assert len(empty) == 0
        assert empty.dtypes.equals(full.dtypes[empty.columns])

    @pytest.mark.parametrize(
        ("status", "kind"),
        [(401, errors.AuthError), (403, errors.PermissionDenied), (404, errors.NotFound), (400, errors.RequestFailed)],
    )
    def test_refusals_are_named_and_not_kept(self, server, connected, status, kind):
        server.status = status
        with pytest.raises(kind) as caught:
            self.fetch(connected)
        assert caught.value.status == status
        assert caught.value.crm
        server.status = None
        assert len(self.fetch(connected)) == 60

    def test_a_429_is_waited_for(self, server, connected, no_waiting):
        server.throttle = {1: 429}
        server.retry_after = 2
        assert len(self.fetch(connected)) == 60
        assert sum(no_waiting) >= 1.9

    def test_its_own_way_of_saying_too_fast(self, server, connected, no_waiting):
        server.throttle = {1: True}
        assert len(self.fetch(connected)) == 60
        assert no_waiting

    def test_an_absurd_wait_is_an_error_at_once(self, server, connected, no_waiting):
        server.throttle, server.retry_after = 429, 999_999
        with pytest.raises(errors.RateLimited) as caught:
            self.fetch(connected)
        assert caught.value.retry_after > 100_000
        assert sum(no_waiting) < 1

    @pytest.mark.parametrize(
        "fault",
        [{"status": {1: 500}}, {"status": {1: 503}}, {"reset_at": {1: 0}}, {"half_body": {1: True}}, {"gzip_lies": {1: True}}],
        ids=["500", "503", "drop", "half", "gzip"],
    )
    def test_one_failure_is_tried_again(self, server, connected, fault, no_waiting):
        for name, value in fault.items():
            setattr(server, name, value)
        assert len(self.fetch(connected)) == 60

    @pytest.mark.parametrize("fault", ["not_json", "html_login", "empty_body"])
    def test_what_is_not_data_is_an_error(self, server, connected, fault, no_waiting):
        setattr(server, fault, True)
        with pytest.raises(CrmkitError):
            self.fetch(connected)

    @pytest.mark.parametrize(
        "fault",
        [
            {"page_size": 5},
            {"ignore_page": True},
            {"repeat_page": 2},
            {"loop_links": "self"},
            {"loop_links": "first"},
            {"foreign_next": True},
            {"next_missing_offset": True},
            {"early_end": 2},
            {"total": 7},
            {"total": -7},
            {"total": None},
            {"total": "moving"},
        ],
        ids=str,
    )
    def test_page_faults_give_everything_or_a_named_error(self, server, connected, fault, no_waiting):
        for name, value in fault.items():
            setattr(server, name, value)
        try:
            frame = self.fetch(connected)
        except OUTCOMES:
            return
        finally:
            assert server.strayed == []
        found = self.ids(frame)
        assert len(found) == len(set(found))
        if crmkit.receipt(frame).complete:
            assert found == self.wanted(server)
        else:
            assert crmkit.receipt(frame).problems
