"""Peepl: the vendor's example answers, the list of operations, and the traps of the sheet's section 7."""

import json
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.endpoint import Fetcher
from crmkit.errors import IncompleteFetch, NotFound, ParameterError, ShapeError
from tests.serving import assert_holds, serving

HERE = Path(__file__).parent.parent
EXAMPLES = json.loads((HERE / "examples" / "peepl.json").read_text(encoding="utf-8"))
ROWS = {f"{row.method} {row.path}": row for row in crmkit.Peepl.rows().values()}
# Trap 7: windows of days are asked a day wider on either side.
ASKED_WIDER = {
    "/activities/start/{start_date}": "/activities/start/20160630/",
    "/activities/end/{end_date}": "/activities/end/20160801/",
    "/activities/{start_date}/{end_date}": "/activities/20160630/20160801/",
}
TREES = {"/groups", "/folders", "/folders/{folders_id}"}


def client(url, **options):
    return crmkit.Peepl(token="peepl-test-token", base_url=url, pace=None, **options)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_every_value_of_the_vendors_example_is_in_the_frame(example):
    row = ROWS[example["operation"]]
    path = ASKED_WIDER.get(row.path, example["path"])
    with serving({path: (example["status"], example["body"])}) as (url, _):
        frame = Fetcher(row, client(url))(*example["path_args"], **(example.get("request") or {}))
    body = example["body"]
    records = body["results"] if isinstance(body, dict) and "results" in body else body if isinstance(body, list) else [body]
    if row.path in TREES:
        records = flattened(records)
    assert_holds(frame, records)


def flattened(nodes):
    flat = []
    for node in nodes:
        flat.append({key: value for key, value in node.items() if key != "children"})
        flat += flattened(node.get("children") or [])
    return flat


def test_every_operation_of_the_sheet_is_a_row():
    lines = (HERE / "operations" / "peepl.txt").read_text(encoding="utf-8").splitlines()
    wanted = {tuple(line.split("\t")[:2]) for line in lines if line and not line.startswith("#")}
    frame = crmkit.Peepl(token="t").endpoints()
    assert set(zip(frame["method"], frame["path"], strict=True)) == wanted
    assert len(frame) == 47


def test_next_over_http_on_another_host_is_never_asked():
    """Traps 1 and 3: only limit and offset are used; ten a page, never the end because a page is short."""
    people = [{"id": number} for number in range(25)]

    def page(query):
        given = dict(query)
        start, size = int(given.get("offset", 0)), min(10, int(given.get("limit", 10)))
        more = start + size < len(people)
        link = f"http://api.peepl.io/v1/admin/contacts/?limit={size}&offset={start + size}" if more else None
        return 200, {"count": len(people), "next": link, "previous": None, "results": people[start : start + size]}

    with serving({"/contacts/": page}) as (url, log):
        frame = client(url, workers=1).contacts()
    assert frame["id"].tolist() == list(range(25))
    assert {path for _, path, _, _, _ in log} == {"/contacts/"}
    assert all(dict(query)["limit"] == "10" for _, _, query, _, _ in log)


def test_the_slash_stands_before_the_query():
    with serving({"/groups/": (200, [])}) as (url, log):
        client(url).groups()
    assert log[0][1] == "/groups/"


@pytest.mark.parametrize("status", [200, 201])
def test_any_success_code_is_a_success(status):
    with serving({"/contacts/1/addresses/": (status, [{"id": 3}])}) as (url, _):
        assert client(url).contact_addresses(1)["id"].tolist() == [3]


@pytest.mark.parametrize("body", [[{"id": 1}], {"count": 1, "next": None, "results": [{"id": 1}]}])
def test_lists_come_bare_or_in_an_envelope(body):
    """Trap 5: both shapes are accepted everywhere."""
    with serving({"/activities/": (200, body)}) as (url, _):
        assert client(url).activities()["id"].tolist() == [1]


def paged(total, make):
    """A page of ten as Peepl's own lists have it, for any query."""

    def answer(query):
        start = int(dict(query).get("offset", 0))
        stop = min(total, start + 10)
        link = f"http://api.peepl.io/?limit=10&offset={stop}" if stop < total else None
        return 200, {"count": total, "next": link, "previous": None, "results": [make(one) for one in range(start, stop)]}

    return answer


@pytest.mark.parametrize(("path", "name"), [("/activities/", "activities"), ("/news/", "news"), ("/pictures/", "pictures")])
def test_a_bare_list_that_comes_in_pages_is_read_to_its_end(path, name):
    """Trap 5: an array or a page envelope."""
    with serving({path: paged(25, lambda number: {"id": number})}) as (url, log):
        frame = getattr(client(url), name)()
    assert frame["id"].tolist() == list(range(25))
    assert crmkit.receipt(frame).declared_total == 25
    assert log[0][2] == [], "no document gives this list paging parameters"


@pytest.mark.parametrize("more", [{"count": 3, "next": None}, {"next": "http://api.peepl.io/v1/admin/groups/?limit=10&offset=1"}])
def test_a_tree_that_says_that_there_is_more_is_not_complete(more):
    tree = [{"id": 1, "name": "Club", "children": [{"id": 2, "name": "Youth", "children": []}]}]
    with serving({"/groups/": (200, {**more, "results": tree})}) as (url, _):
        with pytest.raises(IncompleteFetch, match="this tree came as a page"):
            client(url).groups()
        assert client(url).groups(allow_partial=True)["id"].tolist() == [1, 2]
    with serving({"/groups/": (200, {"count": 1, "next": None, "results": tree})}) as (url, _):
        assert crmkit.receipt(client(url).groups()).complete


def test_activity_windows_are_asked_a_day_wider_and_filtered_again():
    """Traps 6, 7 and 16: yyyymmdd on the wire, Brussels days in the frame."""
    listed = [
        {"id": 1, "start_date": "2016-07-03T21:59:59Z", "end_date": "2016-07-03T21:59:59Z"},
        {"id": 2, "start_date": "2016-07-03T22:00:00Z", "end_date": "2016-07-04T21:59:59Z"},
        {"id": 3, "start_date": "2016-07-15T22:00:00Z", "end_date": None},
    ]
    answers = {
        "/activities/20160703/20160716/": (200, listed),
        "/activities/start/20160703/": (200, listed),
        "/activities/end/20160705/": (200, listed),
        "/activities/start/2016-07-03/": (200, listed),
    }
    with serving(answers) as (url, _):
        peepl = client(url)
        assert peepl.activities(start="2016-07-04", end="2016-07-15")["id"].tolist() == [2]
        assert peepl.activities(start="20160704")["id"].tolist() == [2, 3]
        assert peepl.activities(end=pd.Timestamp("2016-07-04"))["id"].tolist() == [1, 2]
        assert peepl.activities_since("2016-07-04", date_form="%Y-%m-%d")["id"].tolist() == [2, 3]


def test_activity_follows_the_type_of_the_list():
    """Traps 8 to 10: the word is the list's type; an announcement has none of its own."""
    answers = {
        "/activities/": (200, [{"id": 7, "type": "announcement"}, {"id": 8, "type": "internal"}]),
        "/activities/7/announcement/": (200, {"id": 7, "name": "News"}),
        "/activities/8/internal/": (200, {"id": 8, "type": "external"}),
    }
    with serving(answers) as (url, _):
        peepl = client(url)
        assert peepl.activity(7)["type"].tolist() == ["announcement"]
        assert peepl.activity(8)["type"].tolist() == ["external"]
        with pytest.raises(NotFound):
            peepl.activity(9)
        with pytest.raises(ParameterError):
            peepl.activity(8, type="match")


def test_combination_members_send_no_function_id():
    """Trap 11."""
    with serving({"/combinations/5/contacts/": (200, {"count": 0, "next": None, "results": []})}) as (url, log):
        frame = client(url).combination_members(5)
    assert set(dict(log[0][2])) == {"limit", "offset"}
    assert len(frame) == 0


def test_members_on_a_day():
    answers = {
        "/groups/5/organisations/20240131/": (200, {"count": 1, "next": None, "results": [{"id": 1, "vat_number": "BE0"}]})
    }
    with serving(answers) as (url, _):
        peepl = client(url)
        frame = peepl.group_members(5, "organisations", on="2024-01-31")
        assert frame["vat_number"].tolist() == ["BE0"]
        assert crmkit.receipt(frame).endpoint == "group_members_on"
        with pytest.raises(ParameterError, match="contacts"):
            peepl.group_members(5, "contact")


def test_attendance_labels_each_answer_and_reads_purchases():
    answers = {
        f"/activities/3/attendance/{status}/": (
            200,
            {
                "count": 1,
                "next": None,
                "results": [{"user_id": number, "name": "x", "purchases": [{"name": "2 x Soup"}, {"name": "?"}]}],
            },
        )
        for number, status in enumerate("ANU")
    }
    with serving(answers) as (url, _):
        frame = client(url).attendance(3)
        assert frame["status"].tolist() == ["U", "A", "N"]
        assert frame["activity_id"].tolist() == [3, 3, 3]
        bought = crmkit.child(frame, "purchases")
        assert bought["user_id"].tolist() == [2, 2, 0, 0, 1, 1]
        assert bought["quantity"].tolist()[:1] == [2]
        assert bought["quantity"].isna().tolist()[:2] == [False, True]
        assert bought["product"].tolist()[0] == "Soup"
        assert bought["name"].tolist()[1] == "?"
        bought = crmkit.child(client(url).attendance([3], ["A", "N"]), "purchases")
        assert bought.columns.tolist()[:4] == ["user_id", "position", "activity_id", "status"]
        nobody = client(url).attendance([3, 4], "A")
        assert nobody["activity_id"].tolist() == [3]
        assert "404" in " ".join(crmkit.receipt(nobody).problems)


def test_a_list_inside_records_of_several_calls_says_which_call_each_line_is_of():
    answers = {
        f"/activities/{number}/attendance/A/": (
            200,
            {"count": 1, "next": None, "results": [{"user_id": 7, "purchases": [{"name": f"{number} x Soup"}, {"name": "Bread"}]}]},
        )
        for number in (3, 4)
    }
    with serving(answers) as (url, _):
        both, alone = client(url).attendance([3, 4], "A"), client(url).attendance(3, "A")
    bought = crmkit.child(both, "purchases")
    assert bought[["user_id", "position", "activity_id", "name"]].values.tolist() == [
        [7, 0, 3, "3 x Soup"],
        [7, 1, 3, "Bread"],
        [7, 0, 4, "4 x Soup"],
        [7, 1, 4, "Bread"],
    ]
    assert bought["activity_id"].dtype == "Int64"
    assert crmkit.child(both.iloc[:0], "purchases").dtypes.equals(bought.dtypes)
    assert crmkit.child(alone, "purchases").columns.tolist() == ["user_id", "position", "name", "quantity", "product"]
    gone = both.assign(purchases=[both["purchases"][0], both["purchases"][0]])
    gone.attrs = both.attrs
    changes = crmkit.share.diff({"bought": bought}, {"bought": crmkit.child(gone, "purchases")})
    assert changes[["who", "field", "old"]].values.tolist() == [["7 4 0", "name", "4 x Soup"], ["7 4 0", "quantity", "4"]]


def test_a_sign_up_list_that_breaks_off_with_a_404_is_not_an_empty_one():
    """Section 6: a 404 means "no list"; of a list that has begun it means that the rest did not come."""
    whole = paged(25, lambda number: {"user_id": number})
    answers = {"/activities/7/attendance/A/": lambda query: (404, {}) if dict(query)["offset"] != "0" else whole(query)}
    with serving(answers) as (url, _):
        with pytest.raises(NotFound, match="1 read"):
            client(url).attendance(7)
        proof = crmkit.receipt(client(url).attendance(7, allow_partial=True))
    assert proof.complete is False
    assert proof.records == 10


def test_a_plan_of_sign_up_lists_counts_an_activity_that_has_none():
    """Section 6: an announcement has no list, which is no error; neither is it one beforehand."""
    lists = {f"/activities/8/attendance/{word}/": paged(12, lambda number: {"user_id": number}) for word in "ANU"}
    with serving(lists) as (url, log):
        planned = client(url).attendance.plan([7, 8])
        assert len(log) == 6, "the first page of each list"
        frame = client(url).attendance([7, 8], refresh=True)
    assert (planned.calls, planned.records) == (3 + 3 * 2, 36)
    assert len(frame) == 36
    assert len(log) == 6 + planned.calls


def test_who_stands_under_two_answers_is_said():
    """Section 6: flag it; several people without a number are not one person."""
    lists = {"A": [1, 2, None, None], "N": [2, None], "U": [3]}
    answers = {
        f"/activities/{event}/attendance/{word}/": (200, {"count": len(users), "next": None, "results": [{"user_id": one} for one in users]})
        for event in (7, 8)
        for word, users in lists.items()
    }
    with serving(answers) as (url, _):
        both, one = client(url).attendance([7, 8]), client(url).attendance([7, 8], "A")
    assert len(both) == 14
    assert crmkit.receipt(both).problems[0].startswith("2 sign-ups came under more than one answer")
    assert crmkit.receipt(one).problems == ()


@pytest.mark.parametrize("answered", ["A", "N"])
def test_who_answers_while_the_lists_are_read_is_in_two_of_them_and_not_in_none(answered):
    """The list of those without an answer was read last, when they were no longer in it."""
    lists = {"A": [1], "N": [2], "U": [3, 9]}

    def under(word):
        def answer(query):
            users = list(lists[word])
            if 9 in lists["U"]:
                lists["U"].remove(9)
                lists[answered].append(9)
            return 200, {"count": len(users), "next": None, "results": [{"user_id": one} for one in users]}

        return answer

    with serving({f"/activities/7/attendance/{word}/": under(word) for word in lists}) as (url, _):
        frame = client(url, workers=1).attendance(7)
    assert frame.loc[frame["user_id"] == 9, "status"].tolist() == ["U", answered]
    assert crmkit.receipt(frame).problems[0].startswith("1 sign-ups came under more than one answer")


def test_unknown_shapes_stay_whole():
    """Trap 12: relatives and custom_fields have no documented shape."""
    contact = {"id": 1, "relatives": [{"who": 2}], "custom_fields": [{"field": "shirt", "value": "M"}]}
    with serving({"/contacts/1/": (200, contact)}) as (url, _):
        frame = client(url).contact(1)
    assert frame["custom_fields"].iloc[0] == contact["custom_fields"]
    assert frame["relatives"].iloc[0] == contact["relatives"]


def test_groups_are_one_line_each_keyed_by_id():
    """Trap 22: sibling groups share a name."""
    tree = [
        {
            "id": 1,
            "name": "Club",
            "parent_id": None,
            "children": [{"id": n, "name": "U21", "parent_id": 1, "children": []} for n in (882, 860)],
        }
    ]
    with serving({"/groups/": (200, tree)}) as (url, _):
        frame = client(url).groups()
    assert frame["id"].tolist() == [1, 882, 860]
    assert frame["path"].tolist() == ["Club", "Club / U21", "Club / U21"]
    assert frame["path_ids"].tolist() == [[1], [1, 882], [1, 860]]
    assert frame["depth"].tolist() == [0, 1, 1]
    assert frame["is_leaf"].tolist() == [False, True, True]
    assert frame["n_children"].tolist() == [2, 0, 0]


def test_prices_are_numbers_beside_their_text():
    """Trap 18."""
    prices = [{"id": 1, "price": "12.50", "price_not_attending": "free"}]
    with serving({"/activities/1/products/2/productprices/": (200, prices)}) as (url, _):
        frame = client(url).product_prices(1, 2)
    assert frame["price"].tolist() == [12.5]
    assert frame["price.raw"].tolist() == ["12.50"]
    assert frame["price_not_attending.raw"].tolist() == ["free"]
    assert crmkit.receipt(frame).rejected_values == {"price_not_attending": 1}


def test_search_is_a_post_that_pages_with_the_same_body():
    found = {"count": 1, "next": None, "results": [{"id": 4}]}
    with serving({"/contacts/search/": (201, found)}) as (url, log):
        peepl = client(url)
        frame = peepl.contacts_search(operator="AND", last_modified="2024-05-01")
        again = peepl.contacts_search(operator="AND", last_modified="2024-05-01")
        with pytest.raises(ParameterError, match="at least one"):
            peepl.contacts_search(operator="AND")
        with pytest.raises(ParameterError, match="operator"):
            peepl.contacts_search(last_modified="2024-05-01")
    assert frame.equals(again)
    assert len(log) == 1
    method, _, query, _, body = log[0]
    assert method == "POST"
    assert dict(query) == {"limit": "10", "offset": "0"}
    assert json.loads(body) == {"operator": "AND", "last_modified": "2024-05-01"}


@pytest.mark.parametrize("several", [["An", "Bo"], [], ("An",), {"An"}, pd.Series(["An", "Bo"]), pd.Index(["An"]), {"An": "Bo"}])
def test_a_search_takes_one_value_of_each(several):
    """It sent the first value of a list and dropped the others."""
    with serving({}) as (url, log):
        with pytest.raises(ParameterError, match="first_name takes text"):
            client(url).contacts_search(operator="OR", first_name=several)
        with pytest.raises(ParameterError, match="last_modified takes date"):
            client(url).contacts_search(operator="OR", last_modified=pd.Series(["2024-05-01"]))
    assert log == []


def test_a_page_without_results_is_no_page(no_waiting):
    """An error text with status 200 is neither a record nor the end of a list."""
    with serving({"/contacts/": (200, {"detail": "Sorry"})}) as (url, log), pytest.raises(ShapeError, match="results"):
        client(url).contacts()
    assert len(log) == 1


def test_a_group_that_names_another_parent_is_said():
    """Section 6: each child's parent_id is compared with the group it stands under."""
    below = [{"id": 2, "name": "U12", "parent_id": 1}, {"id": 3, "name": "U14", "parent_id": 9}, {"id": 4, "name": "U16"}]
    with serving({"/groups/": (200, [{"id": 1, "name": "Club", "parent_id": None, "children": below}])}) as (url, _):
        frame = client(url).groups()
    assert frame["parent_id"].tolist()[1:] == [1, 9, 1]
    assert frame["path_ids"].tolist()[2] == [1, 3]
    assert [line for line in crmkit.receipt(frame).problems if line.startswith("1 groups name another parent_id")]
