"""What an analyst sees of a row: signature, docstring, columns, plan, errors, receipts; on the demo over real HTTP."""

import json
import subprocess
import sys
from datetime import date

import pandas as pd
import pytest

import crmkit
from crmkit import demo
from crmkit.columns import children, integer, text
from crmkit.endpoint import Endpoint
from crmkit.errors import IncompleteFetch, NotCached, NotFound, ParameterError, ShapeError
from tests.serving import serving


@pytest.fixture(scope="module")
def organisation():
    with demo.start(people=120) as running:
        yield running


@pytest.fixture
def peepl(organisation, tmp_path):
    return organisation.peepl(cache_dir=tmp_path / "cache")


def test_a_frame_is_plain_typed_and_complete(peepl):
    frame = peepl.contacts()
    proof = crmkit.receipt(frame)
    assert type(frame) is pd.DataFrame
    assert proof.complete is True
    assert proof.records == proof.declared_total == len(frame)
    assert frame["id"].is_unique
    declared = crmkit.Peepl.contacts.columns
    assert frame.columns.tolist()[: len(declared)] == [one.name for one in declared]
    assert [str(frame[one.name].dtype) for one in declared] == [one.dtype for one in declared]


def test_the_second_call_asks_nothing(peepl):
    first = peepl.contacts()
    again = peepl.contacts()
    proof = crmkit.receipt(again)
    assert (proof.calls, proof.cached_pages) == (0, proof.pages)
    pd.testing.assert_frame_equal(first, again)


def test_refresh_asks_again(peepl):
    asked = crmkit.receipt(peepl.contacts()).calls
    assert crmkit.receipt(peepl.contacts(refresh=True)).calls == asked


def test_a_sample_says_that_it_is_one_and_asks_no_more_than_it_needs(peepl):
    frame = peepl.contacts(limit=12)
    proof = crmkit.receipt(frame)
    assert len(frame) == 12
    assert proof.limited
    assert proof.complete is False
    assert proof.calls == 2
    whole = peepl.contacts()
    assert crmkit.receipt(whole).cached_pages == 2
    pd.testing.assert_frame_equal(whole.head(12), frame, check_flags=False)


def test_a_limit_above_the_number_of_records_is_no_sample(peepl):
    frame = peepl.groups(limit=10_000)
    assert not crmkit.receipt(frame).limited


def test_a_list_of_ids_gives_one_frame_with_the_id_first(peepl):
    ids = peepl.contacts(limit=3)["id"]
    frame = peepl.contact_addresses(ids)
    assert frame.columns[0] == "contact_id"
    assert set(frame["contact_id"]) == set(ids)
    assert str(frame["contact_id"].dtype) == "Int64"
    assert crmkit.receipt(frame).params["contact_id"] == ids.tolist()


def test_a_missing_id_among_many_is_never_swallowed(peepl):
    known = int(peepl.contacts(limit=1)["id"].iloc[0])
    with pytest.raises(IncompleteFetch) as caught:
        peepl.contact([known, 99_999_999])
    assert caught.value.frame["id"].tolist() == [known]
    assert caught.value.receipt.complete is False
    assert (caught.value.receipt.calls, caught.value.receipt.pages) == (2, 1)
    partial = peepl.contact([known, 99_999_999], allow_partial=True)
    assert "INCOMPLETE" in repr(partial)
    assert "INCOMPLETE" in partial._repr_html_()
    assert "INCOMPLETE" in repr(partial[partial["id"] > 0])
    with pytest.raises(NotFound, match="404"):
        peepl.contact(99_999_999)


def test_an_empty_list_has_the_whole_schema(tmp_path):
    with serving({"/contacts/": (200, {"count": 0, "next": None, "results": []})}) as (url, _):
        empty = crmkit.Peepl(token="t", base_url=url, pace=None).contacts()
    full = demo.peepl().contacts()
    assert crmkit.receipt(empty).complete
    assert empty.dtypes.to_dict() == full[empty.columns.tolist()].dtypes.to_dict()
    assert crmkit.child(empty, "companies").dtypes.to_dict() == crmkit.child(full, "companies").dtypes.to_dict()


def test_names_that_are_wrong_are_answered_with_the_right_one(peepl):
    with pytest.raises(ParameterError, match="limit"):
        peepl.contacts(limt=3)
    with pytest.raises(AttributeError, match="Did you mean contacts"):
        peepl.contcts  # noqa: B018 - the look-up itself is what fails
    with pytest.raises(ParameterError, match="last_name"):
        peepl.contacts_search(operator="AND", lastname="x")
    with pytest.raises(ParameterError, match="contact_id"):
        peepl.contact()
    with pytest.raises(ParameterError, match="positional"):
        peepl.contacts(7)
    with pytest.raises(ParameterError):
        peepl.contact(True)
    with pytest.raises(ParameterError):
        peepl.contacts(limit=0)
    with pytest.raises(ParameterError, match="companies"):
        crmkit.child(peepl.contacts(limit=1), "company")
    with pytest.raises(ParameterError, match="token"):
        crmkit.Peepl(tokn="x")


def test_plan_tells_the_cost_and_its_probe_is_not_lost(peepl, organisation):
    before = len(organisation.log)
    planned = peepl.contacts.plan()
    assert len(organisation.log) == before + 1
    assert planned.cached == 1
    asked = crmkit.receipt(peepl.contacts()).calls
    assert planned.to_ask == asked
    assert planned.calls == asked + 1
    after = peepl.contacts.plan()
    assert (after.to_ask, after.cached) == (0, planned.calls)
    assert peepl.contacts.plan(refresh=True).to_ask == planned.calls
    assert peepl.attendance.plan([1, 2], probe=False).calls is None
    paced = organisation.peepl(cache_dir=peepl._cache_dir, pace=((10, 60),))
    assert str(paced.groups.plan()).endswith("1 to ask.")
    long = paced.contact.plan(list(range(1, 32)))
    assert long.minutes == 3.0
    assert str(long).endswith("31 to ask, at least 3.0 minutes at the rate limit.")


def test_columns_and_docstring_come_from_the_row(peepl):
    columns = peepl.contacts.columns
    assert columns.columns.tolist() == ["column", "dtype", "unit", "sensitivity", "meaning"]
    assert set(columns["sensitivity"]) <= {"direct", "quasi", "text", "none"}
    text = peepl.contacts.__doc__
    for part in ("Parameters", "Columns", "Paging", "Errors", "Source", "birth_date : datetime64[us]"):
        assert part in text
    assert ":class:" not in text
    assert "`" not in text


def test_endpoints_is_one_line_per_operation(peepl):
    frame = peepl.endpoints()
    assert frame.columns.tolist() == ["name", "method", "path", "path_params", "params", "paged", "doc"]
    line = frame.set_index("name").loc["group_members"]
    assert line["path_params"] == ["group_id", "ot"]
    assert bool(line["paged"])
    assert frame.set_index("name").loc["contacts_search", "params"][0] == "operator"


def test_check_says_whether_the_key_works(peepl, organisation, tmp_path):
    good = peepl.check()
    assert "works" in good.sentence
    assert good.frame["works"].all()
    bad = organisation.peepl(token="wrong", cache_dir=tmp_path / "other").check()
    assert "does not work" in bad.sentence
    assert not bad.frame["works"].any()
    assert "wrong" not in repr(bad).split("missing,")[0]


def test_the_html_of_a_client_lists_its_fetchers_and_stays_the_same(peepl):
    first = peepl._repr_html_()
    assert "contacts_search" in first
    assert first == peepl._repr_html_()
    assert "127.0.0.1" not in first


def test_receipts_survive_filters_copies_and_parquet(peepl, tmp_path):
    frame = peepl.contacts()
    kept = frame[frame["id"] > 3].copy()
    assert crmkit.receipt(kept) == crmkit.receipt(frame)
    frame.to_parquet(tmp_path / "contacts.parquet")
    back = pd.read_parquet(tmp_path / "contacts.parquet")
    assert crmkit.receipt(back) == crmkit.receipt(frame)
    assert len(crmkit.child(back, "address")) == len(crmkit.child(frame, "address"))
    direct, returned = (crmkit.child(crmkit.child(one, "companies"), "address") for one in (frame, back))
    pd.testing.assert_frame_equal(direct, returned)
    assert len(direct)
    with pytest.raises(ShapeError, match="receipt"):
        crmkit.receipt(frame.merge(pd.DataFrame({"id": [1]})).groupby("id").size().to_frame())
    assert json.dumps(crmkit.receipt(frame).to_dict())


def test_children_carry_their_parents_key(peepl):
    frame = peepl.contacts()
    companies = crmkit.child(frame, "companies")
    assert companies.columns[0] == "contact_id"
    assert len(companies) == frame["companies"].map(len).sum()
    places = crmkit.child(companies, "address")
    assert places.columns[0] == "company_id"


def test_a_subclass_with_a_row_of_its_own_leaves_the_parents_frames_alone(peepl, organisation, tmp_path):
    frame = peepl.contacts()

    class Ours(crmkit.Peepl):
        contacts = Endpoint(
            "/contacts",
            "Contacts, with what we keep of them.",
            (integer("id", "Number."), children("emails_secondary", "Mails.", (text("mail", "Mail.", source="email"),))),
            "our own",
            paging=type(peepl).contacts.paging,
            pick=type(peepl).contacts.pick,
            record="member",
        )

    before = crmkit.child(frame, "companies")
    assert before.columns[0] == "contact_id"
    assert crmkit.child(frame, "companies").equals(before)
    ours = Ours(**organisation.credentials["peepl"], base_url=organisation.urls["peepl"], pace=None, cache_dir=tmp_path)
    theirs = ours.contacts()
    assert crmkit.child(theirs, "emails_secondary").columns.tolist()[:3] == ["member_id", "position", "mail"]
    theirs.to_parquet(tmp_path / "theirs.parquet")
    back = pd.read_parquet(tmp_path / "theirs.parquet")
    assert "mail" in crmkit.child(back, "emails_secondary")
    assert crmkit.child(ours.organisations(), "address").columns[0] == "organisation_id"


def test_offline_answers_from_the_cache_only(peepl, organisation):
    kept = peepl.groups()
    asked = len(organisation.log)
    with crmkit.offline():
        pd.testing.assert_frame_equal(peepl.groups(), kept)
        with pytest.raises(NotCached, match="online"):
            peepl.combinations()
    assert len(organisation.log) == asked


def test_stale_answers_only_when_asked_for(organisation, tmp_path):
    peepl = organisation.peepl(cache_dir=tmp_path / "stale", expire_after=0)
    peepl.groups()
    with crmkit.offline(), pytest.raises(NotCached):
        peepl.groups()
    with crmkit.offline(stale=True):
        assert len(peepl.groups())


def test_tab_completes_fetchers_and_keywords(tmp_path):
    """In a shell of its own: IPython's completer looks at live objects."""
    code = """
import json, crmkit
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.Completer.use_jedi = True
shell.user_ns["peepl"] = crmkit.Peepl(token="t")
def complete(line):
    with provisionalcompleter():
        return [found.text for found in shell.Completer.completions(line, len(line))]
print(json.dumps({line: complete(line) for line in ("peepl.", "peepl.contacts(", "peepl.contacts_search(la", "peepl.contacts.")}))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    shown = json.loads(found.stdout.splitlines()[-1])
    assert {"contacts", "contact", "attendance", "endpoints", "check"} <= set(shown["peepl."])
    assert {"limit=", "refresh=", "allow_partial="} <= set(shown["peepl.contacts("])
    assert {"last_name=", "last_modified="} <= set(shown["peepl.contacts_search(la"])
    assert {"plan", "columns"} <= set(shown["peepl.contacts."])


@pytest.mark.parametrize("day", ["0001-01-01", date.max, "9999-12-31T23:59:59Z", pd.Timestamp("9999-12-31")])
def test_a_day_at_either_end_of_the_calendar_is_refused_before_asking(day):
    """It cannot be widened by a day; it was an OverflowError, or a year of fewer than four digits in the request."""
    with serving({}) as (url, log):
        peepl = crmkit.Peepl(token="0123456789", base_url=url, pace=None, progress=False)
        missionhub = crmkit.MissionHub(token="0123456789", base_url=url, pace=None, progress=False)
        onepagecrm = crmkit.OnePageCRM(user_id="u" * 24, api_key="0123456789", base_url=url, pace=None, progress=False)
        for ask in (
            lambda: peepl.activities(start=day),
            lambda: peepl.contacts_search(operator="AND", last_modified=day),
            lambda: missionhub.people(updated_at=[day, "2024-01-01"]),
            lambda: onepagecrm.deals(date_filter="close_date", until=day),
            lambda: onepagecrm.contacts(modified_since=day),
        ):
            with pytest.raises(ParameterError, match=r"1000 to 9998.*leave out"):
                ask()
        assert log == []
