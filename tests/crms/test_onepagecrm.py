"""OnePageCRM: the vendor's example answers, the list of operations and of parameters, and each trap of the sheet's section 7 on reading."""

import json
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.crms.onepagecrm import OnePageCRM
from crmkit.errors import ParameterError, ShapeError
from tests.serving import assert_holds, serving

HERE = Path(__file__).parent.parent
EXAMPLES = json.loads((HERE / "examples" / "onepagecrm.json").read_text(encoding="utf-8"))
ROWS = {f"{row.method} {row.path}": name for name, row in OnePageCRM.rows().items()}
READ = [example for example in EXAMPLES if example["operation"] in ROWS]
PAGE_FIELDS = {"total_count", "page", "per_page", "max_page"}
CONTACT = "5aba31ea9007ba0f570c92d4"
DEAL = "5aaa9b059007ba08c9ebaf58"


def client(url, **options):
    return OnePageCRM(user_id="5f0000000000000000000001", api_key="onepagecrm-test-key", base_url=url, pace=None, **options)


def enveloped(data, **beside):
    return {"status": 0, "message": "OK", "timestamp": 1717243200, "data": data, **beside}


def page(name, records, number=1, size=100, total=None, last=1):
    """A page of a list, as the vendor sends it."""
    total = len(records) if total is None else total
    return enveloped({name: records, "total_count": total, "page": number, "per_page": size, "max_page": last})


def example_of(path):
    return next(example for example in EXAMPLES if example["path"] == path)["body"]


# What the sheet says a frame holds of an example: wrappers off, siblings beside, maps as lists, nested records as ids.


def expected(example):
    body, path = example["body"], example["operation"].split()[1]
    if path == "/bootstrap":
        return [expected_bootstrap(body)]
    data = body["data"]
    entries = data if isinstance(data, list) else listed_in(data)
    return [expected_record(entry) for entry in entries]


def listed_in(data):
    lists = [value for name, value in data.items() if isinstance(value, list) and name not in ("next_actions", "queued_actions")]
    paged = "max_page" in data or "items_left" in data
    return lists[0] if lists and (paged or len(data) == 1) else [data]


def expected_record(entry):
    record = dict(entry)
    for noun in WRAPPERS:
        if isinstance(record.get(noun), dict):
            inside = record.pop(noun)
            record = {**{name: value for name, value in record.items() if name != "filter"}, **inside}
            if noun == "linked_contact":
                inside = record.pop("contact")
                record = {**record, **inside}
            break
    return tidied(record)


WRAPPERS = (
    *("user", "status", "deal_field", "custom_field", "company_field", "predefined_action", "predefined_action_group"),
    *(
        "predefined_item",
        "predefined_item_group",
        "note",
        "call_result",
        "call",
        "meeting",
        "deal",
        "relationship_type",
        "country",
    ),
    *("action", "filter", "linked_contact", "contact", "company", "relationship", "notification", "pipeline"),
)


def tidied(record):
    gone = {"index", "image", "secretkey", *PAGE_FIELDS}
    record = {name: value for name, value in record.items() if name not in gone or name == "total_count"}
    if isinstance(record.get("url"), list):
        record["urls"] = record.pop("url")
    if isinstance(record.get("previous_pipeline_stages"), dict):
        map_ = record["previous_pipeline_stages"]
        record["previous_pipeline_stages"] = [{"pipeline_id": key, "stage": stage} for key, stage in map_.items()]
    for name, noun in {"contacts": "contact", "pending_deals": "deal"}.items():
        if isinstance(record.get(name), list):
            record[name] = [{"id": one[noun]["id"]} for one in record[name]]
    if isinstance(record.get("company"), dict):
        record["company"] = tidied(record["company"])
    return record


def expected_bootstrap(body):
    record = {
        name: value for name, value in {**body, **body["data"]}.items() if name not in ("status", "message", "timestamp", "data")
    }
    del record["auth_key"], record["contacts_count"]
    record["call_results"] = [{"key": key, "label": label} for key, label in record["call_results"].items()]
    record["lead_sources"], record["statuses"] = [record["lead_sources"]], [record["statuses"]]
    record["settings"] = {**record["settings"], "pipelines": [one["pipeline"] for one in record["settings"]["pipelines"]]}
    return record


@pytest.mark.parametrize("example", READ, ids=lambda example: example["operation"])
def test_every_value_of_the_vendors_example_is_in_the_frame(example):
    with serving({example["path"]: (example["status"], example["body"])}) as (url, log):
        fetch = getattr(client(url), ROWS[example["operation"]])
        frame = fetch(*example["path_args"])
        again = fetch(*example["path_args"])
    assert_holds(frame, expected(example))
    assert crmkit.receipt(frame).unknown_fields == ()
    assert crmkit.receipt(frame).rejected_values == {}
    assert frame.equals(again)
    assert len([call for call in log if call[1] == example["path"]]) == 1


def test_columns_of_an_empty_frame_equal_those_of_a_full_one():
    full = example_of("/deals")
    with serving({"/deals": (200, page("deals", [])), "/contacts/1/deals": (200, full)}) as (url, _):
        empty, some = client(url).deals(), client(url).contact_deals("1")
    assert len(empty) == 0
    shared = [name for name in empty if name != "contacts"]
    assert list(some) == shared
    assert empty[shared].dtypes.equals(some.dtypes)
    assert crmkit.receipt(empty).complete is True


def test_every_operation_of_the_sheet_is_a_row_or_left_out_with_a_reason():
    lines = (HERE / "operations" / "onepagecrm.txt").read_text(encoding="utf-8").splitlines()
    wanted = {tuple(line.split("\t")[:2]) for line in lines if line and not line.startswith("#")}
    left_out = {tuple(operation.split()) for operation in OnePageCRM.left_out}
    endpoints = OnePageCRM(user_id="u", api_key="k").endpoints()
    rows = set(zip(endpoints["method"], endpoints["path"], strict=True))
    assert rows | left_out == wanted
    assert not rows & left_out
    assert len(endpoints) == 67
    assert left_out == {("GET", "/attachments/s3_form")}


def test_every_parameter_of_the_sheet_is_a_keyword():
    """Trap 37: nothing else is; page fields are crmkit's own business."""
    lines = (HERE / "operations" / "onepagecrm_params.txt").read_text(encoding="utf-8").splitlines()
    wanted = {path: set(names.split(",")) for path, names in (line.split("\t") for line in lines if not line.startswith("#"))}
    for name, row in OnePageCRM.rows().items():
        keywords = {param.wire or param.name for param in row.params if not param.local}
        assert keywords == wanted.get(row.path, set()) - {"page", "per_page"}, name


def test_basic_login_and_accept_and_nothing_else():
    with serving({"/countries": (200, example_of("/countries"))}) as (url, log):
        client(url).countries()
    headers = log[0][3]
    assert headers["Authorization"] == "Basic NWYwMDAwMDAwMDAwMDAwMDAwMDAwMDAxOm9uZXBhZ2Vjcm0tdGVzdC1rZXk="
    assert headers["Accept"] == "application/json"
    assert log[0][2] == []


def test_full_reads_are_sorted_by_creation_and_the_callers_own_sort_wins():
    with serving({"/contacts": (200, page("contacts", [])), "/notes": (200, page("notes", []))}) as (url, log):
        client(url).contacts()
        client(url).notes(sort_by="date", order="desc")
    usual = {"team": "true", "sort_by": "created_at", "order": "asc", "page": "1", "per_page": "100"}
    assert dict(log[0][2]) == usual
    assert dict(log[1][2]) == {"sort_by": "date", "order": "desc", "page": "1", "per_page": "100"}


def test_contacts_of_the_whole_account_unless_said_otherwise():
    """Trap 1, and booleans in lower case."""
    with serving({"/contacts": (200, page("contacts", []))}) as (url, log):
        client(url).contacts(team=False, starred=True)
        client(url).contacts(owner_id="u1")
    assert (dict(log[0][2])["team"], dict(log[0][2])["starred"]) == ("false", "true")
    assert (dict(log[1][2])["team"], dict(log[1][2])["owner_id"]) == ("true", "u1")


def test_repeats_across_pages_keep_the_last():
    pages = {
        "1": page("notes", [{"note": {"id": "a", "text": "old"}}, {"note": {"id": "b"}}], 1, 2, 3, 2),
        "2": page("notes", [{"note": {"id": "a", "text": "new"}}, {"note": {"id": "c"}}], 2, 2, 3, 2),
    }
    with serving({"/notes": lambda query: (200, pages[dict(query)["page"]])}) as (url, _):
        frame = client(url, workers=1).notes()
    assert frame["id"].tolist() == ["b", "a", "c"]
    assert frame["text"].tolist()[1] == "new"
    assert crmkit.receipt(frame).duplicates == 1


@pytest.mark.parametrize(
    ("form", "size"), [("in data", 100), ("in data", 50), ("in items", 100), ("in items", 50), ("nowhere", 100)]
)
def test_page_fields_are_found_wherever_they_stand(form, size):
    """Trap 7: also inside each item. Where there are none, a page shorter than a hundred is the last one."""
    every = [{"deal_field": {"id": str(number), "name": f"F{number}"}} for number in range(120)]

    def answer(query):
        number = int(dict(query)["page"])
        told = {"total_count": 120, "page": number, "per_page": size, "max_page": -(-120 // size)}
        shown = every[(number - 1) * size : number * size]
        items = [{**one, **told} for one in shown] if form == "in items" else shown
        return 200, enveloped({"deal_fields": items, **(told if form == "in data" else {})})

    with serving({"/deal_fields": answer}) as (url, _):
        frame = client(url).deal_fields()
    assert frame["id"].tolist() == [str(number) for number in range(120)]
    assert crmkit.receipt(frame).unknown_fields == ()
    assert crmkit.receipt(frame).complete is (None if form == "nowhere" else True)


@pytest.mark.parametrize("at_top", [True, False])
def test_lists_that_declare_no_page_are_asked_on_only_when_they_say_so(at_top):
    """Traps 8 and 9."""

    def answer(query):
        number = int(dict(query).get("page", 1))
        told = {"total_count": 3, "page": number, "per_page": 2, "max_page": 2}
        pins = [{"id": f"{number}{place}"} for place in range(2 if number == 1 else 1)]
        body = enveloped({"pinned_attachments": pins}, **told) if at_top else enveloped({"pinned_attachments": pins, **told})
        return 200, body

    with serving({"/contacts/1/pinned_attachments": answer, "/pipelines": (200, example_of("/pipelines"))}) as (url, log):
        frame = client(url).contact_pinned_attachments("1")
        client(url).pipelines()
    assert frame["id"].tolist() == ["10", "11", "20"]
    assert [query for _, _, query, _, _ in log] == [[], [("page", "2")], []]
    assert crmkit.receipt(frame).declared_total == 3


def test_filters_serve_25_a_page_whatever_is_asked():
    """Trap 10; the filter itself comes beside."""

    def answer(query):
        number = int(dict(query).get("page", 1))
        found = [{"contact": {"id": str(place)}} for place in range((number - 1) * 25, min(60, number * 25))]
        told = {"total_count": 60, "page": number, "per_page": 25, "max_page": 3}
        return 200, enveloped(
            {"contacts": found, "filter": {"id": "f", "name": "North", "conditions": [["tag", "is", "north"]]}, **told}
        )

    with serving({"/contacts/filters/f": answer, "/filters/f": answer}) as (url, log):
        frame, same = client(url).filtered_contacts("f"), client(url).filter_contacts("f")
    assert len(frame) == len(same) == 60
    assert len(log) == 6
    assert crmkit.included(frame)["filter"]["conditions"].tolist() == [[["tag", "is", "north"]]]


@pytest.mark.parametrize(("items", "paged", "calls"), [(9, False, 1), (10, False, 2), (25, True, 3), (120, False, 1)])
def test_the_catalogue_is_asked_on_only_when_ten_items_came(items, paged, calls):
    every = [{"predefined_item": {"id": str(number)}} for number in range(items)]

    def answer(query):
        given = dict(query)
        start = (int(given.get("page", 1)) - 1) * 10 if paged else 0
        return 200, enveloped({"predefined_items": every[start : start + 10] if paged else every})

    with serving({"/predefined_items": answer}) as (url, log):
        frame = client(url).predefined_items()
    assert frame["id"].tolist() == [str(number) for number in range(items)]
    assert len(log) == calls
    assert log[0][2] == []
    assert crmkit.receipt(frame).complete is None


def test_records_come_wrapped_or_bare():
    """Trap 5."""
    answers = {
        "/users": (200, enveloped([{"id": "1"}, {"user": {"id": "2"}}])),
        "/statuses": (200, enveloped([{"id": "3", "status": "lead"}, {"status": {"id": "4", "status": "prospect"}}])),
        "/statuses/3": (200, enveloped({"id": "3", "status": "lead"})),
        "/notes/5": (200, enveloped({"id": "5"})),
    }
    with serving(answers) as (url, _):
        one = client(url)
        assert one.users()["id"].tolist() == ["1", "2"]
        assert one.statuses()["status"].tolist() == ["lead", "prospect"]
        assert one.status("3")["id"].tolist() == ["3"]
        assert one.note("5")["id"].tolist() == ["5"]


def test_siblings_of_a_contact_open_as_tables():
    """Trap 6: what stands beside the record is not lost, and absent ones are missing."""
    entry = example_of("/contacts")["data"]["contacts"][0]
    body = page("contacts", [entry, {"contact": {"id": "lonely"}}])
    with serving({"/contacts": (200, body)}) as (url, _):
        frame = client(url).contacts()
    actions = crmkit.child(frame, "next_actions")
    assert actions["parent_contact_id"].tolist() == [CONTACT]
    assert actions["exact_time"].tolist() == [pd.Timestamp("2018-05-16T12:00:00Z")]
    assert frame["next_action.text"].isna().tolist() == [False, True]
    assert frame["company.name"].tolist()[0] == "Crockett & Tubbs Security"
    assert crmkit.child(frame, "company.company_fields")["value"].tolist() == ["Large"]


def test_nested_records_are_ids_and_not_copies():
    """Trap 29."""
    with serving({"/companies": (200, example_of("/companies"))}) as (url, _):
        frame = client(url).companies()
    assert frame["contacts"].tolist() == [[{"id": CONTACT}]]
    deals = crmkit.child(frame, "pending_deals")
    assert list(deals) == ["company_id", "position", "id"]
    assert deals["id"].tolist() == [DEAL]
    assert "image" not in frame


def test_added_records_are_bare_and_full():
    added = {
        "deals": [{"id": "d", "previous_pipeline_stages": {"p": 40}}],
        "calls": [{"id": "c", "call_time_int": "1525273653", "index": 3}],
    }
    body = page("contacts", [{"contact": {"id": "1"}, **added}])
    with serving({"/contacts": (200, body)}) as (url, log):
        frame = client(url).contacts(fields=["deals(all)", "calls(all)"])
        with pytest.raises(ParameterError, match="fields"):
            client(url).contacts(fields="deals")
    assert dict(log[0][2])["fields"] == "deals(all),calls(all)"
    deals, calls = crmkit.child(frame, "deals"), crmkit.child(frame, "calls")
    assert crmkit.child(deals, "previous_pipeline_stages")[["deal_id", "pipeline_id", "stage"]].values.tolist() == [
        ["d", "p", 40]
    ]
    assert calls["call_time_int"].tolist() == [pd.Timestamp("2018-05-02T15:07:33Z")]
    assert "index" not in calls


def test_urls_under_either_name_and_first_values():
    old = {
        "id": "1",
        "url": [{"type": "blog", "value": "https://old.example"}],
        "phones": [{"type": "work", "value": "1"}, {"value": "2"}],
    }
    new = {"id": "2", "urls": [{"type": "website", "value": "https://new.example"}], "emails": [], "address_list": None}
    empty = {"address": "", "city": "", "state": "", "zip_code": "", "country_code": ""}
    third = {"id": "3", "address_list": [empty, {"city": "Gent", "zip_code": "9000", "type": "home"}]}
    with serving({"/contacts": (200, page("contacts", [{"contact": one} for one in (old, new, third)]))}) as (url, _):
        frame = client(url).contacts()
    assert frame["url"].tolist()[:2] == ["https://old.example", "https://new.example"]
    assert crmkit.child(frame, "urls")["type"].tolist() == ["blog", "website"]
    assert frame["phone"].isna().tolist() == [False, True, True]
    assert frame["phone"].tolist()[0] == "1"
    assert frame["email"].isna().all()
    assert frame["address.city"].tolist()[2] == "Gent"
    assert crmkit.child(frame, "address_list")["zip_code"].tolist() == ["9000"]


def test_bootstrap_accepts_both_forms():
    """Trap 17: wrapped or bare, a map or a list, one object or a list of them."""
    body = example_of("/bootstrap")
    data = body["data"]
    wrapped = {
        **body,
        "lead_sources": [body["lead_sources"]],
        "statuses": [{"status": body["statuses"]}],
        "contacts_count": {"all": body["contacts_count"]["all"][0], "users": []},
        "data": {
            **data,
            "user": {"user": data["user"]},
            "team": [{"user": one} for one in data["team"]],
            "custom_fields": [{"custom_field": one} for one in data["custom_fields"]],
            "filters": [{"filter": one} for one in data["filters"]],
            "call_results": [{"call_result": {"result": "interested", "text": "Interested"}}],
        },
    }
    frames = []
    for form in (body, wrapped):
        with serving({"/bootstrap": (200, form)}) as (url, _):
            frames.append(client(url, expire_after=0).bootstrap())
    bare, other = frames
    for name in (
        "team",
        "custom_fields",
        "filters",
        "lead_sources",
        "statuses",
        "tags.tags",
        "settings.pipelines",
        "team_stream.users",
    ):
        left, right = crmkit.child(bare, name), crmkit.child(other, name)
        pd.testing.assert_frame_equal(left, right)
        assert len(left) == 1
    assert other["user.first_name"].tolist() == ["Jane"]
    assert crmkit.child(other, "call_results")[["key", "label"]].values.tolist() == [["interested", "Interested"]]
    assert crmkit.child(bare, "call_results")["key"].tolist() == data["call_results_order"]
    assert crmkit.child(crmkit.child(bare, "settings.pipelines"), "stages")["stage"].tolist() == [80]
    assert "contacts_count" not in bare
    assert len(bare) == len(other) == 1


def test_keys_and_signatures_are_in_no_frame_and_in_no_cache(tmp_path):
    """Trap 39 and section 1: auth_key, secretkey, signed addresses."""
    note = example_of("/notes")
    signed = "https://files.example/mario.jpg?X-Amz-Signature=abcdef0123"
    file = {**note["data"]["notes"][0]["note"]["attachments"][0], "url": signed, "thumbnail": {"url": signed}}
    link = {"id": "g", "url": "https://drive.example/open?id=7", "storage_provider": "google_drive"}
    note["data"]["notes"][0]["note"]["attachments"] = [file, link]
    company = example_of("/companies")
    company["data"]["companies"][0]["company"]["pending_deals"][0]["deal"]["attachments"] = [file]
    answers = {
        "/bootstrap": (200, example_of("/bootstrap")),
        "/webhooks": (200, example_of("/webhooks")),
        "/webhooks/1": (200, example_of("/webhooks/5417f8291da41712270G0042")),
        "/notes": (200, note),
        "/companies": (200, company),
    }
    with serving(answers) as (url, _):
        one = client(url, cache_dir=tmp_path)
        frames = [one.bootstrap(), one.webhooks(), one.webhook("1"), one.notes(), one.companies()]
    crmkit.cache.close()
    attachments = crmkit.child(frames[3], "attachments")
    assert attachments["url"].tolist() == ["https://files.example/mario.jpg", "https://drive.example/open?id=7"]
    assert attachments["thumbnail.url"].tolist()[0] == "https://files.example/mario.jpg"
    shown = "".join(frame.to_csv() + str(frame.columns.tolist()) for frame in [*frames, attachments])
    stored = b"".join(file.read_bytes() for file in Path(tmp_path).rglob("*") if file.is_file())
    assert b"hook_url" in stored or len(stored) > 1000
    for word in ("example-secret", "secretkey", "auth_key", "abcdef0123"):
        assert word not in shown
        assert word.encode() not in stored


def test_times_are_each_what_they_are():
    """Section 1: instants with and without milliseconds, days without a zone, Unix seconds also as text; a word is kept."""
    actions = [
        {"id": "1", "date": "2018-05-16", "exact_time": 1526472000, "created_at": "2018-05-16T11:52:09.123Z"},
        {"id": "2", "date": "asap", "exact_time": "", "created_at": "2018-05-16T11:52:09Z", "done_at": ""},
    ]
    with serving({"/actions": (200, page("actions", [{"action": one} for one in actions]))}) as (url, _):
        frame = client(url).actions()
    assert frame["date"].tolist()[0] == pd.Timestamp("2018-05-16")
    assert frame["date"].isna().tolist() == [False, True]
    assert frame["date.raw"].tolist()[1] == "asap"
    assert frame["exact_time"].tolist()[0] == pd.Timestamp("2018-05-16T12:00:00Z")
    assert frame["exact_time"].isna().tolist() == [False, True]
    assert frame["created_at"].tolist() == [pd.Timestamp("2018-05-16T11:52:09.123Z"), pd.Timestamp("2018-05-16T11:52:09Z")]
    assert str(frame["created_at"].dtype) == "datetime64[us, UTC]"
    assert str(frame["date"].dtype) == "datetime64[us]"


def test_empty_texts_are_no_ids_but_stay_texts():
    with serving({"/notes": (200, example_of("/notes"))}) as (url, _):
        frame = client(url).notes()
    assert frame["linked_deal_id"].isna().all()
    assert frame["linked_deal_name"].tolist() == [""]


def test_status_is_four_things():
    """Trap 13, and 35: an envelope whose status is not 0 is no success."""
    refused = {"status": 500, "message": "Something went wrong", "error_name": "oops"}
    with serving({"/users": (200, refused), "/notes/1": (200, {**refused, "data": {}})}) as (url, _):
        with pytest.raises(ShapeError) as failure:
            client(url).users()
        with pytest.raises(ShapeError):
            client(url).note("1")
    assert "wrong" not in str(failure.value)


def test_ids_are_text_and_never_checked():
    """Traps 14, 15 and 32."""
    with serving(
        {
            "/lead_sources/email_web": (200, enveloped({"id": "email_web"})),
            "/users/5abg": (200, enveloped({"user": {"id": "5abg"}})),
        }
    ) as (url, _):
        assert client(url).lead_source("email_web")["id"].tolist() == ["email_web"]
        assert client(url).user("5abg")["id"].tolist() == ["5abg"]


def test_unknown_keys_pass_through():
    """Traps 27 and 30."""
    deal = {"id": "1", "last_stage": 80, "owner": {"id": "u", "role": "boss"}}
    with serving({"/deals": (200, page("deals", [{"deal": deal, "related_notes": [{"id": "n"}]}]))}) as (url, _):
        frame = client(url).deals()
    assert frame["last_stage"].tolist() == [80]
    assert frame["owner.role"].tolist() == ["boss"]
    assert frame["related_notes"].tolist() == [[{"id": "n"}]]
    assert set(crmkit.receipt(frame).unknown_fields) == {"last_stage", "owner.role", "related_notes"}


def test_odd_stages_are_kept_and_said():
    """Trap 25; for deals that are not pending the stage means nothing."""
    deals = [{"id": "1", "status": "pending", "stage": 100}, {"id": "2", "status": "won", "stage": 0}]
    with serving(
        {"/deals": (200, page("deals", [{"deal": one} for one in deals])), "/deals/2": (200, enveloped({"deal": deals[1]}))}
    ) as (url, _):
        frame, won = client(url).deals(), client(url).deal("2")
    assert frame["stage"].tolist() == [100, 0]
    assert "between 1 and 99" in " ".join(crmkit.receipt(frame).problems)
    assert crmkit.receipt(won).problems == ()


def test_the_deals_of_the_worked_example_keep_what_a_pipeline_needs():
    """Section 5: amounts are numbers whatever JSON makes of them, missing days stay missing, status decides."""
    table = [
        ("A", "pending", 200, 6, 25, "2024-05-01", "2024-05-31", None),
        ("B", "won", 500, 1, 90, "2024-03-01", "2024-03-20", "2024-03-11"),
        ("C", "lost", 500, 1, 40, "2024-03-01", "2024-04-01", "2024-04-20"),
        ("D", "won", 0, 1, 75, "2024-04-01", "2024-04-30", "2024-04-21"),
    ]
    names = ("id", "status", "amount", "months", "stage", "date", "expected_close_date", "close_date")
    deals = [{**dict(zip(names, line, strict=True)), "total_amount": line[2] * line[3], "pipeline_id": "p"} for line in table]
    with serving({"/deals": (200, page("deals", [{"deal": one} for one in deals]))}) as (url, _):
        frame = client(url).deals()
    assert frame["total_amount"].tolist() == [1200.0, 500.0, 500.0, 0.0]
    assert (frame["amount"] * frame["stage"] / 100).tolist()[0] == 50.0
    assert frame["close_date"].isna().tolist() == [True, False, False, False]
    days = (frame["close_date"] - frame["date"]).dt.days
    assert days[frame["status"] == "won"].tolist() == [10, 20]
    assert str(frame["amount"].dtype) == "float64"
    assert str(frame["stage"].dtype) == "Int64"
    for name in ("sales_pipeline_id", "margin", "total_cost", "owner.name", "reason_lost_id", "has_deal_items"):
        assert name in frame
